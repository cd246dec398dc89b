"""The shipped questionnaire: own wording, CC0; not a validated scale."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SCALES = {
    "communication": "Communication",
    "trust": "Trust",
    "knowing": "Knowing each other",
    "goals": "Shared goals",
    "roles": "Role clarity",
    "decisions": "Joint decisions",
    "disagreement": "Disagreement",
    "support": "Support from the top",
}
"""Scales and how they are printed; each is the mean of three items, the third reversed."""

PRIMARIES = {
    "communication": ("communication",),
    "relationship": ("trust", "knowing"),
    "working together": ("decisions", "disagreement", "roles"),
}
"""The main questions and the scales that each joins."""

PRIMARY_LABELS = {
    "communication": "Communication",
    "relationship": "Relationship",
    "working together": "Working together",
}

LINKS = {
    "T01": "trust",
    "T02": "communication",
    "T03": "goals",
    "T04": "knowing",
    "T05": "roles",
    "T06": "decisions",
    "T07": "MEET",
    "T08": "disagreement",
    "T10": "support",
}
"""Shipped themes and the scale (or fact) about the same thing; T09, T11 and T12 have none."""

POLARITY = {"Q1": "good", "Q2": "poor"}
"""Open questions that ask for one side: what works well, or what is a problem."""


@dataclass(frozen=True)
class Item:
    """One question. ``kind`` is rating, fact or open; ``scale`` is empty where the item stands alone.

    Ratings run from 1 to 5; a ``reversed`` one is turned when scored. ``repeat_only``: not asked at first.
    """

    code: str
    text: str
    scale: str
    reversed: bool
    kind: str
    repeat_only: bool


@cache
def items() -> tuple[Item, ...]:
    """Every question, in the order of the form."""
    path = Path(__file__).with_name("data") / "questionnaire.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Item(
                row["code"],
                row["text"],
                row["scale"],
                row["reversed"] == "yes",
                row["kind"],
                row["repeat_only"] == "yes",
            )
            for row in csv.DictReader(file)
        )


def question_text(code: str) -> str | None:
    """The wording of a question by its code, in any case; None for a code that is not ours."""
    return next((item.text for item in items() if item.code.casefold() == code.strip().casefold()), None)


def match_item(header: str) -> str | None:
    """Code of the question that a header names: by code, by wording, or by both ("Q2. What gets ...?").

    Case, blanks, punctuation and a "(r)" do not count. None where the header is not ours.
    """
    return _known().get(_fold(header))


def polarity(question: str) -> str | None:
    """ "good" or "poor" for a question that asks for one side, "" for our others, None for a foreign one.

    ``question`` is the code or the wording of an open question.
    """
    code = match_item(question)
    if code is None or code not in _open():
        return None
    return POLARITY.get(code, "")


@cache
def _open() -> frozenset[str]:
    return frozenset(item.code for item in items() if item.kind == "open")


@cache
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for item in items():
        code, text = _fold(item.code), _fold(item.text)
        known |= {code: item.code, text: item.code, f"{code} {text}": item.code}
    return known


def _fold(text: str) -> str:
    plain = re.sub(r"['\u2019\u2018`]", "", re.sub(r"\(\s*r\s*\)", " ", text.casefold()))
    return " ".join(re.findall(r"\w+", plain))
