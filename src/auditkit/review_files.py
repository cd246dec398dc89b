"""Reading a filled review sheet, a workbook or .csv, however a spreadsheet program has left it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from auditkit import spreadsheets
from auditkit.cells import writable
from auditkit.codebook import plain
from auditkit.errors import AuditkitError
from auditkit.grid import clean
from auditkit.grids import Grid, at, letters, read_grids

COLUMNS = ("round", "row", "respondent", "question", "text", "suggested", "themes")
"""The review sheet as CSV. ``themes`` is to be filled: labels with "; " between them, or ``none``."""

NOTES = ("memo", "quote", "paraphrase", "not for quotation")

BOOK = (
    *("id", "question", "text", "suggested", "ok", "themes", "second theme", "third theme", "pole", "why", "words"),
    *NOTES,
)
"""The review sheet as a workbook, blind to who wrote an answer, and when."""

AGREED = "agreed on"
"""What ``themes`` is called in the sheet of what two coders set differently."""

TOLD = frozenset(
    (
        *("id", "round", "row", "respondent", "question", "text", "suggested", "why", "place"),
        *("first", "second", "differ on", "decided since", "first coder", "second coder"),
    )
)
"""Columns that say something; whatever stands in another was typed."""

REVIEW, PARTS = "Review", "Excerpts"
LABELS, ABOUT, NOTED = "Labels", "About", "Noted"  # sheets that hold no decision
SEPARATOR = ";"  # between two labels

NEEDED = ("round", "respondent", "question", "text", "themes")
NEEDED_WITH_ID = ("id", "themes")
SEARCHED = 20  # rows in which the header is looked for
LISTED = 20  # cells that are named


@dataclass(frozen=True)
class Filled:
    """A filled sheet. ``rows``: cells by column, with ``place``, where the row stands; ``about``: what the sheet
    says of itself, lower-case names, empty in CSV. ``noted``: marks of the notes that it was handed out with, by id and
    column; None where it does not tell."""

    rows: tuple[dict[str, str], ...]
    about: dict[str, str]
    noted: dict[str, dict[str, str]] | None = None


@dataclass(frozen=True)
class _Table:
    """A sheet with the row of it that is its header, from 0."""

    grid: Grid
    top: int
    header: list[str]

    @property
    def missing(self) -> list[str]:
        blind = "id" in self.header or (self.grid.kind != "csv" and "round" not in self.header)
        return [name for name in (NEEDED_WITH_ID if blind else NEEDED) if name not in self.header]

    def place(self, row: int) -> str:
        return f"line {row + 1}" if self.grid.kind == "csv" else f"{self.grid.sheet}, row {row + 1}"

    def rows(self) -> list[dict[str, str]]:
        named = [(column, name) for column, name in enumerate(self.header) if name]
        return [
            {name: at(cells, column) for column, name in named} | {"place": self.place(number)}
            for number, cells in enumerate(self.grid.rows[self.top + 1 :], start=self.top + 1)
            if any(cells)
        ]


def read(path: Path, written_by: str = "review export") -> Filled:
    """The rows of a filled review sheet; any order, further columns ignored, a title above the header left aside.
    ``written_by``: the command that wrote it.

    Raises AuditkitError where the file cannot be read, a column is missing or stands there twice, cells are merged,
    or a cell that counts holds a formula without a result.
    """
    if not path.is_file():
        raise AuditkitError(f"There is no file {path}.", f"auditkit {written_by} writes one.")
    spreadsheets.refuse_vast(path)
    sheets = read_grids(path)
    told = {plain(at(row, 0)): at(row, 1) for grid in sheets if grid.sheet == ABOUT for row in grid.rows}
    marks = [row for grid in sheets if grid.sheet == NOTED for row in grid.rows]
    tables = [_table(grid) for grid in sheets if grid.sheet not in (ABOUT, LABELS, NOTED)]
    fitting = [table for table in tables if not table.missing]
    lost = [table for table in tables if table.missing and table.grid.sheet == REVIEW]
    if lost or not any(table.grid.sheet != PARTS for table in fitting):
        best = min(lost or [table for table in tables if table.missing], key=lambda table: len(table.missing))
        where = f"{path.name}, sheet {best.grid.sheet}" if best.grid.sheet else path.name
        raise AuditkitError(
            f"{where}: no column {', '.join(best.missing)}.",
            f"Keep the header of the sheet that {written_by} wrote.",
        )
    for table in fitting:
        _refuse_unclear(path, table)
    return Filled(
        tuple(row for table in fitting for row in table.rows()),
        {name: value for name, value in told.items() if name and value},
        {row[0]: dict(zip(marks[0][1:], row[1:], strict=False)) for row in marks[1:]} if marks else None,
    )


def typed(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """The rows in which somebody typed something."""
    return [row for row in rows if any(value for name, value in row.items() if name not in TOLD)]


def spaced(text: str) -> str:
    """A text as it is compared: spaces, line ends and the way accents are written aside."""
    return " ".join(unicodedata.normalize("NFC", clean(writable(text))).split())


def _table(grid: Grid) -> _Table:
    """The sheet under the row that holds most of the columns that are needed."""
    headers = [_header(row) for row in grid.rows[:SEARCHED]] or [[]]
    tables = [_Table(grid, top, header) for top, header in enumerate(headers)]
    return min(tables, key=lambda table: (len(table.missing), table.top))


def _header(cells: Iterable[str]) -> list[str]:
    names = [plain(cell) for cell in cells]
    return names if "themes" in names else ["themes" if name == AGREED else name for name in names]


def _refuse_unclear(path: Path, table: _Table) -> None:
    grid, sheet = table.grid, f"{table.grid.sheet}, " if table.grid.sheet else ""
    merged = [area for area in grid.merged if area[2] >= table.top]
    if merged:
        raise AuditkitError(
            f"{path.name}: cells are merged, so that it is not clear which answer they belong to.",
            "Split them (Home, Merge & Center), fill each row, and apply the file again.",
            details=[
                f"{sheet}{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"
                for top, left, bottom, right in merged[:LISTED]
            ],
        )
    known = {*NEEDED, *BOOK}
    twice = sorted({name for name in table.header if name in known and table.header.count(name) > 1})
    if twice:
        raise AuditkitError(
            f"{path.name}: {sheet}column {', '.join(twice)} stands there twice.", "Delete or rename one of the two."
        )
    broken = [
        f"{sheet}{letters(column)}{row + 1} ({at(table.header, column)})"
        for row, column in sorted(grid.broken)
        if row > table.top and at(table.header, column) in known
    ]
    if broken:
        raise AuditkitError(
            f"{path.name}: {len(broken)} cells hold an error, or a formula that was never computed.",
            "Type what is meant, or save the file once in Excel or LibreOffice, and apply it again.",
            details=broken[:LISTED],
        )
