"""What the benchmarks share: agreement of codings with human ones, and tables in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

FIGURES = ("top1", "micro_f1", "macro_f1", "kappa", "map", "codes", "true_codes")


def figures(truth: np.ndarray, coded: np.ndarray, score: np.ndarray) -> dict[str, float]:
    """Agreement of codings (n, t booleans) and scores (n, t) with the truth (n, t booleans).

    top1: share of answers with a theme whose best-scored theme is right. kappa: Cohen's over all cells.
    map: mean over themes of average precision. codes, true_codes: codes an answer.
    """
    from sklearn.metrics import average_precision_score, cohen_kappa_score, f1_score

    some = truth.any(1)
    best = score.argmax(1)
    themes = np.flatnonzero(truth.any(0))
    return {
        "top1": float(truth[np.arange(len(truth)), best][some].mean()),
        "micro_f1": float(f1_score(truth, coded, average="micro", zero_division=0)),
        "macro_f1": float(f1_score(truth, coded, average="macro", zero_division=0)),
        "kappa": float(cohen_kappa_score(truth.ravel(), coded.ravel())),
        "map": float(np.mean([average_precision_score(truth[:, t], score[:, t]) for t in themes])),
        "codes": float(coded.sum(1).mean()),
        "true_codes": float(truth.sum(1).mean()),
    }


def line(name: str, values: Mapping[str, float]) -> tuple[str, ...]:
    """A row of a table headed by a name and ``FIGURES``."""
    return (name, *(f"{values[key]:.3f}" for key in FIGURES))


def mean(several: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([values[key] for values in several])) for key in several[0]}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with columns of even width."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(3, *(len(cells[column]) for cells in lines)) for column in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, cells, widths)) + " |" for cells in lines)


def met(reached: bool) -> str:
    return "met" if reached else "NOT MET"
