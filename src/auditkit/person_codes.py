"""Codes for the people of an audit: random, so that they say nothing, and far enough apart for a typing mistake."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from auditkit.errors import AuditkitError
from auditkit.keyfile import random_code

PARTNERS = ("doctor", "manager")
HEADER = ("code", "pair", "role")
MOST_PAIRS = 500


@dataclass(frozen=True)
class Seat:
    """A person to be named: the code, the pair and the role that the code stands for."""

    code: str
    pair: str
    role: str


def draw(pairs: int) -> tuple[Seat, ...]:
    """Two places a pair. Raises AuditkitError for a number of pairs that is not 1 to 500."""
    if not 1 <= pairs <= MOST_PAIRS:
        raise AuditkitError(f"{pairs} pairs cannot be prepared", f"Give a number from 1 to {MOST_PAIRS}.")
    width = max(2, len(str(pairs)))
    taken: list[str] = []
    places = []
    for number in range(1, pairs + 1):
        for role in PARTNERS:
            taken.append(_code(taken))
            places.append(Seat(taken[-1], f"P-{number:0{width}}", role))
    return tuple(places)


def text(places: Collection[Seat]) -> str:
    """codes.csv."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerows([HEADER, *((place.code, place.pair, place.role) for place in places)])
    return lines.getvalue()


def read(path: Path) -> tuple[Seat, ...]:
    """The places of codes.csv. Raises AuditkitError where it is another file."""
    try:
        header, *rows = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
        if tuple(header) == HEADER:
            return tuple(Seat(*row) for row in rows if any(row))
    except (OSError, ValueError, TypeError, csv.Error):
        pass
    raise AuditkitError(f"{path} holds no codes of auditkit", "Move it away, or choose another folder.")


def apart(one: str, other: str) -> int:
    """In how many places two codes of one length differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def _code(taken: Collection[str]) -> str:
    """A new code, two signs from every other. A digit is always in it, so that it is never a word."""
    while True:
        code = random_code()
        if any(sign.isdigit() for sign in code) and all(apart(code, other) > 1 for other in taken):
            return code
