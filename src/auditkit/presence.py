"""Which person names which theme, and as what: the questions both rounds asked, and the words written."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

POLES = {"good": ("good", "mixed"), "poor": ("poor", "mixed"), "any": ("good", "poor", "mixed", "")}
"""Poles of the comparison, and the poles of codings that each counts."""

VALUES = ["kind", "measure", "pole", "pair", "respondent", "value"]


def common_answers(
    before: pd.DataFrame, after: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, str, str]]]:
    """The non-empty answers to questions that both rounds answered, and the questions left out.

    ``before`` and ``after``: ``answers`` frames. Questions are the same where their words are, whatever the
    spaces and capitals. The third part lists (kind, measure, reason) with kind "question".
    """
    from auditkit.roster import natural

    sides = []
    for frame in (before, after):
        kept = frame[(frame.text.str.strip() != "") & (frame.pair != "")]
        sides.append(kept.assign(asked=[_asked(*row) for row in zip(kept.question, kept["item"], strict=True)]))
    old, new = (set(side.asked) for side in sides)
    names = {
        asked: question or item
        for side in reversed(sides)
        for asked, question, item in zip(side.asked, side.question, side["item"], strict=True)
    }
    lost = [
        ("question", names[asked], f"answered in the {'first' if asked in old else 'second'} round only")
        for asked in natural(old ^ new)
    ]
    first, second = (side[side.asked.isin(old & new)] for side in sides)
    return first, second, lost


def values(answers: pd.DataFrame, codings: pd.DataFrame, themes: Iterable[str]) -> pd.DataFrame:
    """One row a person, theme and pole (good, poor, any), with the columns of ``VALUES``; kind is "theme".

    ``value`` is 1.0 where any of the person's ``answers`` carries the theme with that pole, else 0.0; a mixed
    coding counts as good and as poor. People are those with at least one of ``answers``; repeated mentions
    count once. ``codings``: answer, theme, pole, coded (rows with ``coded`` False are no codings).
    """
    import pandas as pd

    ids = list(themes)
    people = answers[["pair", "respondent"]].drop_duplicates().sort_values(["pair", "respondent"])
    coded = codings[codings.coded.astype(bool)][["answer", "theme", "pole"]]
    named = answers[["answer", "pair", "respondent"]].merge(coded, on="answer")
    parts = []
    for pole, counted in POLES.items():
        said = named[named.pole.isin(counted)][["pair", "respondent", "theme"]].drop_duplicates()
        every = people.merge(pd.DataFrame({"theme": ids}, dtype=object), how="cross")
        every = every.merge(said.assign(value=1.0), how="left", on=["pair", "respondent", "theme"])
        every["value"] = every["value"].fillna(0.0).astype(float)
        parts.append(every.rename(columns={"theme": "measure"}).assign(kind="theme", pole=pole)[VALUES])
    return pd.concat(parts, ignore_index=True)


def words(answers: pd.DataFrame) -> tuple[float, int]:
    """Median words an answer (NaN where there is none), and the number of answers."""
    counts = [len(text.split()) for text in answers.text]
    return (statistics.median(counts) if counts else float("nan")), len(counts)


def _asked(question: str, item: str) -> str:
    return " ".join((question or item).split()).casefold()
