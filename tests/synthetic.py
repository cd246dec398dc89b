"""Rounds of a made-up audit, read from rows and coded with what is known to be in them, without the encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from auditkit import codebook, comparison, pack, render, responses, simulate
from auditkit.analysis import CODINGS, SUGGESTED, CodedRound
from auditkit.config import Config
from auditkit.pack_fields import Pack
from auditkit.source import Source

MADE = pack.Made("auditkit 0.1.0", "2026-02-20")
ITEMS = [item.code for item in simulate.items() if item.kind == "rating" and item.scale]


@cache
def _audit(pairs: int, seed: int) -> simulate.SimulatedAudit:
    return simulate.generate(simulate.Settings(pairs=pairs, seed=seed))


def rows_of(pairs: int = 8, seed: int = 32) -> pd.DataFrame:
    """One row a person and round, as in the spreadsheet; whole pairs, but for what the generator plants."""
    return _audit(pairs, seed).rows.copy()


def truth_of(pairs: int = 8, seed: int = 32) -> pd.DataFrame:
    return _audit(pairs, seed).truth


def coded(
    rows: pd.DataFrame, truth: pd.DataFrame, folder: Path, *, codes: Callable[[str], str] = str
) -> list[CodedRound]:
    """The rounds in ``rows``, their answers coded as ``truth`` says."""
    path = folder / "rows.csv"
    rows.to_csv(path, index=False)
    found = responses.read(path, Config(), codes=codes)
    return [_coded(one, truth) for one in found]


def _coded(one: responses.Responses, truth: pd.DataFrame) -> CodedRound:
    answers = one.answers[["answer", "round", "pair", "respondent", "item"]]
    known = truth[~truth["theme"].isin(["none", "off"])].rename(columns={"question": "item"})
    rows = answers.merge(known, on=["round", "pair", "respondent", "item"])
    rows = rows.assign(
        excerpt="",
        score=0.9,
        coded=True,
        coder="machine",
        decision="suggested",
        nearest="",
        matched="",
        changed_text=False,
    )
    empty = {
        "excerpts": "excerpt answer start end text",
        "scores": "answer theme score cold",
        "excerpt_scores": "excerpt theme score",
        "tone": "answer tone",
        "remainder": "answer theme label fit",
        "queue": "answer place",
        "suggested": " ".join(SUGGESTED),
        "cohesion": "theme cohesion strength",
    }
    tables = {name: pd.DataFrame(columns=columns.split()) for name, columns in empty.items()}
    codings = rows[CODINGS].astype({"coded": bool, "changed_text": bool})
    return CodedRound(responses=one, codebook=codebook.default(), codings=codings, **tables)


def reviewed(one: CodedRound) -> CodedRound:
    """The round with every answer read by a person."""
    codings = one.codings.assign(coder="A", decision="confirmed")
    return replace(one, codings=codings, read=frozenset(one.responses.answers["answer"]))


def source_of(rounds: Sequence[CodedRound], config: Config | None = None, issued: Sequence[Source] = ()) -> Source:
    config = config or Config()
    compared = None
    if len(rounds) == 2:
        compared = comparison.compare(rounds[0], rounds[1], codebook.default(), config)
    return Source(tuple(rounds), compared, config, tuple(issued))


def show(one: Pack) -> str:
    """The HTML of a pack."""
    template = f"pair_level{one.level}.html" if one.audience == "pair" else f"{one.audience}.html"
    return render.render(template, {"pack": one}, user_templates=None)


def change(rows: pd.DataFrame, pair: str, role: str, name: str, **cells: Any) -> pd.DataFrame:
    """The rows with cells of one person in one round changed."""
    chosen = (rows["pair_id"] == pair) & (rows["role"] == role) & (rows["round"] == name)
    assert chosen.sum() == 1
    return rows.assign(**{column: rows[column].astype(object).mask(chosen, value) for column, value in cells.items()})


def without(rows: pd.DataFrame, pair: str, role: str, *names: str) -> pd.DataFrame:
    """The rows without one person in some rounds."""
    return rows[~((rows["pair_id"] == pair) & (rows["role"] == role) & rows["round"].isin(names))]
