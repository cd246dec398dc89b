"""Measures of codings against human ones, shared by the benchmarks."""

from __future__ import annotations

import numpy as np


def figures(truth: np.ndarray, coded: np.ndarray, score: np.ndarray) -> dict[str, float]:
    """Agreement of codings (n, t booleans) and scores (n, t) with the truth (n, t booleans).

    top1: share of answers with a theme whose best-scored theme is right. kappa: Cohen's over all cells.
    map: mean over themes of average precision.
    """
    from sklearn.metrics import average_precision_score, cohen_kappa_score, f1_score

    some = truth.any(1)
    best = score.argmax(1)
    return {
        "top1": float(truth[np.arange(len(truth)), best][some].mean()),
        "micro_f1": float(f1_score(truth, coded, average="micro", zero_division=0)),
        "macro_f1": float(f1_score(truth, coded, average="macro", zero_division=0)),
        "kappa": float(cohen_kappa_score(truth.ravel(), coded.ravel())),
        "map": float(
            np.mean(
                [average_precision_score(truth[:, t], score[:, t]) for t in range(truth.shape[1]) if truth[:, t].any()]
            )
        ),
        "precision": float(truth[coded].mean()) if coded.any() else 0.0,
        "codes_an_answer": float(coded.sum(1).mean()),
        "true_codes_an_answer": float(truth.sum(1).mean()),
    }


def row(name: str, values: dict[str, float]) -> str:
    """One line of a table of figures."""
    return f"{name:<34}" + "".join(f"{values[key]:>10.3f}" for key in values)


def header(values: dict[str, float]) -> str:
    return f"{'':<34}" + "".join(f"{key[:9]:>10}" for key in values)
