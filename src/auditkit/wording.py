"""Numbers and dates as they stand in print: typographic minus, ranges in words, whole per cents."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"
NOTHING = "–"


def plain(value: float | None, digits: int = 1) -> str:
    """A number with a typographic minus, halves rounded away from zero; an en dash for None."""
    if value is None or value != value:
        return NOTHING
    number = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{abs(number):,}" if number >= 0 else f"{MINUS}{abs(number):,}"


def signed(value: float | None, digits: int = 1) -> str:
    """As ``plain`` with a plus before what is above zero once rounded: "+0.8", "0.0", "−0.1"."""
    text = plain(value, digits)
    is_zero = not any(digit in text for digit in "123456789")
    return text if is_zero or text.startswith(MINUS) else f"+{text}"


def between(ends: Sequence[float | None], digits: int = 1) -> str:
    """A range in words: "0.4 to 1.2"; an en dash where an end is missing."""
    low, high = (plain(end, digits) for end in ends)
    return NOTHING if NOTHING in (low, high) else f"{low} to {high}"


def percent(share: float | None) -> str:
    """A share from 0 to 1 as a whole per cent: "63%"."""
    return NOTHING if share is None or share != share else f"{plain(share * 100, 0)}%"


def arrow(values: Sequence[float | None], digits: int = 1) -> str:
    """Values in the order of the rounds, as they stand in charts: "2.7 → 3.5"."""
    return " → ".join(plain(value, digits) for value in values)


def day(iso: str) -> str:
    """An ISO date written out: "3 February 2025"; text that is no date stays as it is."""
    try:
        date = datetime.date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    return f"{date.day} {date:%B %Y}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 pair", "10 pairs"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def placed(file: str, sheet: str, row: int, column: str) -> str:
    """Where something stands: "Form1, row 12, column role"; what is empty or 0 is left out."""
    parts = [file, f"sheet {sheet}" if sheet else "", f"row {row}" if row else "", f"column {column}" if column else ""]
    return ", ".join(part for part in parts if part)
