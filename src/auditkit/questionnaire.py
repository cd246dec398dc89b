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

STAFF_SCALES = {
    f"staff {scale}": f"{SCALES[scale]}, as staff see it"
    for scale in ("communication", "trust", "goals", "roles", "decisions", "support")
}
"""Scales of the staff form: names of their own, so that staff's ratings never join those of the partners."""

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

POLARITY = {"Q1": "good", "Q2": "poor", "SQ1": "good", "SQ2": "poor"}
"""Open questions that ask for one side: what works well, or what is a problem."""

ABOUT = {
    "respondent": "Your code",
    "pair": "Your pair",
    "service": "Your service",
    "role": "Your role",
    "date": "Date",
    "consent_analysis": "May we analyse your answers?",
    "consent_quote": "May we quote what you write in reports?",
    "consent_pair_ratings": "May your partner see your ratings?",
    "consent_pair_words": "May your partner see what you write?",
}
"""What the forms ask beside the items: role of a column and its wording, which is the header that comes back."""

NOT_READ = "This sheet is for people. auditkit does not read it."
"""The first cell of every sheet of ours that explains: such a sheet holds no answers."""


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
    """Every question to the two partners, in the order of the form."""
    return _read("questionnaire.csv")


@cache
def staff_items() -> tuple[Item, ...]:
    """Every question to the staff of a service, in the order of the form.

    A code is an S before the code of the partners' item about the same thing. It has no hyphen, which SPSS,
    REDCap and LimeSurvey do not allow in a name ("S-COM1" is matched all the same), and is no code of theirs.
    """
    return _read("staff_questionnaire.csv")


def item(code: str) -> Item | None:
    """A question of either form by its code, in any case; None for a code that is not ours."""
    return _by_code().get(code.strip().casefold())


def _read(name: str) -> tuple[Item, ...]:
    path = Path(__file__).with_name("data") / name
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
    found = item(code)
    return found.text if found else None


def match_item(header: str) -> str | None:
    """Code of the question that a header names: by code, by wording, or by both ("Q2. What gets ...?").

    Case, blanks, punctuation and a "(r)" do not count. The wording may stand in brackets behind the question
    of a grid ("How much do you agree? [We avoid difficult subjects.]"), a number may stand before it, a range
    ("(1-5)") or a mark behind it, a shared question and a dash or colon between them. None where it is not ours.
    """
    code = _known().get(_fold(header))
    if code is None and (row := _ROW_OF_GRID.fullmatch(header.strip())):
        code = _wordings().get(_fold(row[1]))
    if code is None:
        bare = _BEHIND.sub("", _NUMBER.sub("", header.strip()))
        parts = (bare, *(bare.partition(sign)[2] for sign in (" - ", " – ", "? ", ": ", ":")))
        code = next((found for part in parts if (found := _wordings().get(_fold(part)))), None)
    return code


def match_column(header: str) -> str | None:
    """Role of the column ("respondent", "consent_quote", ...) that a header of our forms names beside the items.

    By the role's own name or by the wording of the forms; None where the header is neither.
    """
    return _about().get(_fold(header.replace("_", " ")))


def polarity(question: str) -> str | None:
    """ "good" or "poor" for a question that asks for one side, "" for our others, None for a foreign one.

    ``question`` is the code or the wording of an open question.
    """
    code = match_item(question)
    if code is None or code not in _open():
        return None
    return POLARITY.get(code, "")


@cache
def _by_code() -> dict[str, Item]:
    return {item.code.casefold(): item for item in (*items(), *staff_items())}


@cache
def _open() -> frozenset[str]:
    return frozenset(item.code for item in _by_code().values() if item.kind == "open")


@cache
def _wordings() -> dict[str, str]:
    return {_fold(item.text): item.code for item in _by_code().values()}


@cache
def _known() -> dict[str, str]:
    known = dict(_wordings())
    for item in _by_code().values():
        codes = {_fold(item.code)}
        if item in staff_items():
            codes |= {f"s {_fold(item.code[1:])}", f"s_{_fold(item.code[1:])}"}
        for code in codes:
            known |= {code: item.code, f"{code} {_fold(item.text)}": item.code}
    return known


@cache
def _about() -> dict[str, str]:
    names = {_fold(role.replace("_", " ")): role for role in ABOUT}
    return names | {_fold(wording): role for role, wording in ABOUT.items()}


_NUMBER = re.compile(r"^\s*(?:q(?:uestion)?\s*)?\d+(?:\.\d+)*[a-z]?\s*(?:[.):]|\s)\s*", re.IGNORECASE)
_BEHIND = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|\*)\s*$")
_ROW_OF_GRID = re.compile(r".*\[([^\[\]]+)\]", re.DOTALL)


def _fold(text: str) -> str:
    plain = re.sub(r"['\u2019\u2018`]", "", re.sub(r"\(\s*r\s*\)", " ", text.casefold()))
    return " ".join(re.findall(r"\w+", plain))
