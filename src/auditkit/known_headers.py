"""The headers that people and survey tools write, and what each one means: data/headers.csv, and patterns."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from auditkit.values import fold

PERSONAL = {
    "names": "names",
    "full names": "names",
    "phone numbers": "phone numbers",
    "IP addresses": "IP addresses",
    "birth dates": "birth dates",
    "places": "places",
    "staff numbers": "staff numbers",
    "personality types": "personality types",
}
"""Meanings that keep a column out of everything, and what such a column holds."""

WORDED = 10_000
"""The place of a meaning that only the words of a header give."""

NAMES_OF_COLUMNS = frozenset(
    ("field name", "variable field name", "variable", "variable name", "column name", "question name", "item name")
)
WORDINGS_OF_COLUMNS = frozenset(
    "label,field label,field type,variable label,question label,question text,full question text,question wording"
    ",wording,description,text,info".split(",")
)
"""Headers of a list of questions (codebook, data dictionary): it has one of these and one of the names."""

_FILLERS = frozenset(
    "your the of or and a what which is are in on my name code number no id do you i we work with for to belong"
    " please select choose enter current main describes based at type role here this audit lead together run"
    " manage share part have has one both she he they where place".split()
)
_WORDS = {
    "respondent": frozenset(("respondent", "participant")),
    "pair": frozenset("pair dyad partnership ward team group unit service department locality".split()),
    "round": frozenset("round wave timepoint".split()),
}
_OTHERS = frozenset("partner partners colleague colleagues counterpart other others line his her their".split())
_ROLE = frozenset("role job title position profession".split())
_SELF_CODE = re.compile(
    r"self.?generated|memorable (code|word)|make up a code|create (a|your) (own )?code"
    r"|\b(mother|father|parent|maiden|birth|house|street|pet)\b.{0,60}\b(letters?|initials?|digits?|number)\b"
    r"|\b(letters?|initials?|digits?)\b.{0,60}\b(mother|father|maiden|birth|born|street|phone|mobile)\b"
    r"|persönlichen code|buchstaben.{0,60}(mutter|vaters|geburtsort)"
)
_MAY_QUOTE = re.compile(r"\bquot(e|ed|es|ation|ations)\b|\bmy words\b.{0,40}\bus(ed|e)\b")
_ANALYSE = re.compile(
    r"\banaly[sz]e|\banalysis\b|\b(consent|agree)\b.{0,40}\b(take part|taking part|participat|study|audit|survey)\b"
)
_USE = re.compile(
    r"\b(consent|permission|agree|happy|willing|may we|can we)\b.{0,40}\b(my|your)\b.{0,20}"
    r"\b(answers|responses|data)\b.{0,40}\b(used|use|processed)\b|\bwilling to (take part|participate)\b"
)
_BEYOND = re.compile(r"\b(public\w*|publici\w*|market\w*|press|promot\w*|train\w*|teach\w*)\b")
_TO_PARTNER = re.compile(
    r"\b(share|shared|show|shown|see|seen)\b.{0,60}\bpartner\b|\bpartner\b.{0,40}\b(see|seen|shown|read)\b"
)
_REFUSAL = re.compile(
    r"\b(?:do not|don['’]?t|not) (?:\w+ )?(?:consent|agree|wish|want|give)\b|\bopt(?:ing|ed)?[ -]?out\b"
    r"|\bi (?:object|refuse|decline)\b"
)
_PERMISSION = re.compile(
    r"\b(consent|permission|agree|agreement|may we|can we|happy (for|to)|willing|i understand|i confirm|data sharing)\b"
)
_NUMBERED = re.compile(r"\s*(?:q(?:uestion)?\s*)?\d+(?:\.\d+)*[a-z]?\s*[.):]\s*(?=.*[^\W\d_]{2})", re.IGNORECASE)
_MARKED = re.compile(r"\s*(?:\((?:required|optional|\d+|[^()]*=[^()]*)\)|\*)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """What a header means; ``place``: the lower, the better the header says it."""

    meaning: str
    confidence: str
    place: int


@cache
def table() -> dict[str, Known]:
    """Header in small letters to what it means, as in data/headers.csv."""
    path = Path(__file__).with_name("data") / "headers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, Known] = {}
    for place, row in enumerate(rows):
        found.setdefault(fold(row["header"]), Known(row["meaning"], row["confidence"], place))
    return found


def meaning(header: str) -> Known | None:
    """What a header means by its exact words, or by the known words that are all it holds."""
    name = fold(header)
    if name not in table():
        name = fold(_MARKED.sub("", _NUMBERED.sub("", header, count=1)))
    if name in table():
        return table()[name]
    words = set(name.split())
    if not words or len(words) > 14:
        return None
    if words & _ROLE and words - _ROLE <= _FILLERS | _WORDS["pair"] | {"best"}:
        return Known("role", "likely", WORDED)
    words -= _FILLERS
    return next((Known(role, "likely", WORDED) for role, known in _WORDS.items() if words and words <= known), None)


def is_of_another(header: str) -> bool:
    """Whether a header speaks of somebody beside the person who answers."""
    return bool(set(fold(header).split()) & _OTHERS)


def asks_for_own_code(header: str) -> bool:
    """Whether a header asks for a code that respondents make from what only they know."""
    return bool(_SELF_CODE.search(header.casefold()))


def consent(header: str) -> str:
    """Which leave a sentence asks for: a consent role, "withdrawn" where yes refuses the analysis, "?" where it may
    be one, "" where it is none."""
    text = " ".join(header.casefold().split())
    if _REFUSAL.search(text):
        return "withdrawn" if _ANALYSE.search(text) or _USE.search(text) else "?"
    if _TO_PARTNER.search(text):
        if re.search(r"\b(words?|answers?|comments?|written)\b", text):
            return "consent_pair_words"
        return "consent_pair_ratings" if re.search(r"\b(ratings?|scores?|numbers?)\b", text) else "?"
    if _MAY_QUOTE.search(text):
        return "consent_quote"
    if _ANALYSE.search(text) or (_USE.search(text) and not _BEYOND.search(text)):
        return "consent_analysis"
    return "?" if _PERMISSION.search(text) else ""
