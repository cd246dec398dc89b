"""The cells of one sheet as text, whatever file they come from, and what was odd about them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CELLS = 20_000_000
"""A sheet that needs more cells than this is refused before it is read: a stray cell far from the answers."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
ENDS = " \t\n\u00a0\u200b\u2060\ufeff"
"""Blanks of every kind, taken off both ends of a cell."""


@dataclass(frozen=True)
class Problem:
    """Something in a file that a person should know. ``row`` 0 is the whole sheet, ``file`` "" all files.

    ``severity``: error, warning or note. ``found`` never holds an open answer's words.
    """

    file: str
    sheet: str
    row: int
    column: str
    severity: str
    found: str
    taken_as: str
    fix: str


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of one sheet. ``rows[i]`` is Excel's row i + 1 (csv: the record; data files: row 0 holds names).

    Text is clean, "" where blank; rows may differ in width. ``kind``: xlsx, xls, ods, csv, sav or parquet.
    Indexes count from 0: ``hidden_rows``, ``hidden_columns``, ``merged`` (top, left, bottom, right, inclusive),
    ``broken`` (row and column to an error such as "#N/A", or "#FORMULA" where a result was never stored; the
    cell itself is ""), ``labels`` (column to code and value label) and ``questions`` (column to its wording).
    """

    file: str
    sheet: str
    kind: str
    rows: list[list[str]]
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    broken: Mapping[tuple[int, int], str] = field(default_factory=dict)
    labels: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    questions: Mapping[int, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def clean(text: str) -> str:
    """A text without control characters, with plain newlines, without blanks at its ends."""
    if not text.isprintable():
        text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
        text = _CONTROLS.sub("", text)
    return text.strip(ENDS)


def as_text(value: object) -> str:
    """A cell that a reader hands over as a number, a date or the like, as text; "" for nothing."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    return clean(str(value))


def at(row: Sequence[str], place: int) -> str:
    """The cell of a row at an index, "" beside its ends."""
    return row[place] if 0 <= place < len(row) else ""


def letters(place: int) -> str:
    """The letters that Excel shows above a column; ``place`` counts from 0."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
