"""Numbers with their words: "5 - Strongly agree" in a cell, "1 = never, 5 = always" in a header."""

from __future__ import annotations

import re
from collections.abc import Mapping

from auditkit.texts import fold, plain

_LONGEST_ANSWER = 200  # characters: a longer text is no point of a scale
_LONGEST_HEADER = 1000

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_FIRST = re.compile(r"\(?(-?\d+)(?:[.,]0)?\)?(\s*[-:.=(),]+\s*|\s+)(\D*[^\W\d_]\D*)")
_LAST = re.compile(r"(\D*[^\W\d_]\D*?)\s*[-:=([]\s*(\d+)\s*[)\]]?")
_OUT_OF = re.compile(r"(\d+)\s*(?:/|out of|of)\s*(\d+)")
_STARS = re.compile("[★⭐🌟]+[☆✩]*\ufe0f?|[☆✩]+")

_PAIR = re.compile(r"(?<![\w.])(-?\d{1,3})\s*(?:=|:|\bis\b|\bmeans\b|\bbeing\b|[-–])\s*([^\W\d_][^\d,;()\[\]=]*)")
_PAIR_PAREN = re.compile(r"(?<![\w.])(-?\d{1,3})\s*\(([^()\d]+)\)")
_PAREN_PAIR = re.compile(r"([^\d,;:()]+?)\s*\(\s*(-?\d{1,3})\s*\)")
_UNITS = r"(?:weeks?|months?|years?|yrs?|days?|hours?|hrs?|minutes?|mins?|times?|people|persons?|meetings?|staff|beds?)"
_RANGE = re.compile(r"(?<![\w./-])([01])\s*(?:-|to|through|and)\s*(\d{1,3})(?![\w/-])" rf"(?!\s*(?:\w+\s)?{_UNITS}\b)")
_RATED_OUT_OF = re.compile(r"\bout of (5|7|10|100)\b|(?<=[\s(])/(5|7|10)\b")
_PERCENT = re.compile(r"%|\bper ?cent(?:age)?\b|\b0\s*(?:-|to)\s*100\b")


def split(text: str) -> tuple[float | None, str, bool]:
    """(number, folded words, whether only a space parts them) of a plain casefolded cell.

    (None, words, False) where there is no number; (4.0, "", False) for "4", "4,0", "★★★★☆".
    """
    if len(text) > _LONGEST_ANSWER:
        return None, fold(text), False
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", ".")), "", False
    if _STARS.fullmatch(text):
        return float(sum(sign in "★⭐🌟" for sign in text)), "", False
    if found := _FIRST.fullmatch(text):
        return float(found[1]), fold(found[3]), not found[2].strip()
    if found := _LAST.fullmatch(text):
        return float(found[2]), fold(found[1]), False
    return None, fold(text), False


def out_of(text: str) -> tuple[float, float] | None:
    """(4, 5) of "4/5" and "4 out of 5"."""
    found = _OUT_OF.fullmatch(text[:_LONGEST_ANSWER])
    return (float(found[1]), float(found[2])) if found else None


def legend(header: str) -> dict[float, str]:
    """What a header says of its numbers: {1: "not at all", 10: "completely"}, words folded."""
    text = plain(header)[:_LONGEST_HEADER].casefold()
    pairs: dict[float, str] = {}
    for number, words in (*_PAIR.findall(text), *_PAIR_PAREN.findall(text)):
        words = re.split(r"\s(?:to|and|through|-)\s*$|[.?!]|\bwhere\b", words)[0]
        pairs.setdefault(float(number), fold(words))
    for words, number in _PAREN_PAIR.findall(text):
        words = re.split(r"\b(?:from|to|between|where|and|is|scale)\b|-", words)[-1]
        pairs.setdefault(float(number), fold(words))
    return {number: words for number, words in pairs.items() if words and len(words.split()) <= 6}


def span(header: str) -> tuple[float, float] | None:
    """The lowest and highest number that a header names: "(1-7)", "from 0 to 10", "out of 5"."""
    text = plain(header)[:_LONGEST_HEADER].casefold()
    for low, high in _RANGE.findall(text):
        if int(high) in (3, 4, 5, 6, 7, 8, 9, 10, 11, 100):
            return float(low), float(high)
    if found := _RATED_OUT_OF.search(text):
        high = float(found[1] or found[2])
        return (0.0 if high >= 10 else 1.0), high
    return None


def percent(header: str) -> bool:
    """Whether a header speaks of per cent."""
    return bool(_PERCENT.search(plain(header)[:_LONGEST_HEADER].casefold()))


def coded(labels: Mapping[str, str]) -> dict[float, str]:
    """Value labels by their code, folded, without the code where a label repeats it ("1 = never")."""
    found: dict[float, str] = {}
    for code, label in labels.items():
        number, words, _ = split(plain(code))
        _, text, _ = split(plain(label).casefold().rstrip("."))
        if number is not None and not words and text:
            found[number] = text
    return found
