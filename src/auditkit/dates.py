"""Dates in any usual spelling: serial numbers, ISO, day or month first as the column shows, names of months."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from auditkit.texts import plain

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""A date outside these years is a typing mistake, a birthday or no date."""

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
"""The first three letters of the English months."""

_OTHER_MONTHS = {
    word: month
    for month, words in enumerate(
        (
            "jän januar janvier janv enero ene gennaio januari",
            "februar février févr fevrier fév febrero febbraio februari",
            "märz mär maerz mrz mars marzo maart mrt",
            "avril avr abril abr aprile",
            "mai mayo maggio mei",
            "juni juin junio giugno",
            "juli juillet juil julio luglio",
            "août aout agosto ago augustus",
            "sept septembre septiembre settembre",
            "okt oktober octobre octubre ottobre",
            "novembre noviembre",
            "dez dezember déc décembre decembre dic diciembre dicembre",
        ),
        start=1,
    )
    for word in words.split()
}
_CLOCK = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?"
_ZONE = r"(?:z|utc|gmt|[a-z]{2,4}t|[+-]\d{2}:?\d{2})?(?: ?\([^)]*\))?"
_TIME = rf"(?:[ ,t]+(?:at )?{_CLOCK}\s*{_ZONE})?"
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[, ]+)?"
_NUMERIC = re.compile(_DAY + r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4}|\d{2})" + _TIME)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:t\d{4,6}z?)?")
_DAY_MONTH = re.compile(
    _DAY + r"(\d{1,2})(?:st|nd|rd|th|er|\.)?[ -]*(?:of |de )?([^\W\d_]{3,12})\.?(?: de )?[ ,'-]*(\d{4}|\d{2})" + _TIME
)
_MONTH_DAY = re.compile(_DAY + r"([^\W\d_]{3,12})\.?[ -](\d{1,2})(?:st|nd|rd|th)?[ ,-]+(\d{4}|\d{2})" + _TIME)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")


def order(texts: Iterable[str]) -> str:
    """Whether a column's numeric dates have the "day" or the "month" first; "unclear" where nothing decides.

    A number over 12 decides. Where both orders occur, the one met more often, and ``mixed`` is true.
    """
    days, months, either = _evidence(texts)
    if days or months:
        return "day" if days >= months else "month"
    return "unclear" if either else "day"


def mixed(texts: Iterable[str]) -> bool:
    """Whether some numeric dates of a column can only be day first, and others only month first."""
    days, months, _ = _evidence(texts)
    return bool(days and months)


def unclear(texts: Iterable[str]) -> int:
    """How many dates of a column would be another day if the other number were the month."""
    return _evidence(texts)[2]


def date(text: str, *, month_first: bool = False, from_1904: bool = False) -> str | None:
    """An ISO date, "" for blank, None for text that is no date or a day outside 1990 to 2100.

    14/01/2025 is day first unless said. Whole numbers of five digits are Excel's days since 1900, or since
    1904 where said. Times are dropped, also behind a zone: the day is that of the clock as written.
    """
    text = plain(text).casefold()
    if not text or text == "-":
        return ""
    if found := _SERIAL.fullmatch(text):
        start = datetime.date(1904, 1, 1) if from_1904 else datetime.date(1899, 12, 30)
        return _plausible(start + datetime.timedelta(days=int(found[1])))
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = found.groups()
    elif found := _NUMERIC.fullmatch(text):
        day, month, year = found.groups()
        day, month = (month, day) if month_first else (day, month)
    elif found := _DAY_MONTH.fullmatch(text):
        day, month, year = found.groups()
    elif found := _MONTH_DAY.fullmatch(text):
        month, day, year = found.groups()
    else:
        return None
    number = int(month) if month.isdecimal() else _month(month)
    try:
        return _plausible(datetime.date(int(year) + (2000 if len(year) == 2 else 0), number, int(day)))
    except ValueError:
        return None


def _month(word: str) -> int:
    """1 to 12 of the name of a month, 0 of any other word."""
    if word in _OTHER_MONTHS:
        return _OTHER_MONTHS[word]
    full = "january february march april may june july august september october november december".split()
    return next((place for place, name in enumerate(full, start=1) if name.startswith(word)), 0)


def _plausible(day: datetime.date) -> str | None:
    return day.isoformat() if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _evidence(texts: Iterable[str]) -> tuple[int, int, int]:
    """How many numeric dates can only be day first, only month first, and either (two different days)."""
    days = months = either = 0
    for text in texts:
        found = _NUMERIC.fullmatch(plain(text).casefold())
        if not found:
            continue
        first, second = int(found[1]), int(found[2])
        if 12 < first <= 31 and 1 <= second <= 12:
            days += 1
        elif 12 < second <= 31 and 1 <= first <= 12:
            months += 1
        elif first != second and 1 <= first <= 12 and 1 <= second <= 12:
            either += 1
    return days, months, either
