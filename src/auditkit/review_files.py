"""Reading a filled review sheet, .xlsx or .csv, however a spreadsheet program has left it."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditkit import used_cells
from auditkit.codebook import plain
from auditkit.errors import AuditkitError
from auditkit.files import refuse_utf_16

COLUMNS = ("round", "row", "respondent", "question", "text", "suggested", "themes")
"""The review sheet as CSV. ``themes`` is to be filled: labels with "; " between them, or ``none``."""

BOOK = (
    *("id", "question", "text", "suggested", "why", "ok", "themes", "second theme", "third theme", "pole"),
    *("words", "memo", "quote", "paraphrase", "not for quotation"),
)
"""The review sheet as a workbook, blind to who wrote an answer, and when."""

AGREED = "agreed on"
"""What ``themes`` is called in the sheet of what two coders set differently."""

LABELS, ABOUT = "Labels", "About"  # its sheets that hold no decision
SEPARATOR = ";"  # between two labels

NEEDED = ("round", "respondent", "question", "text", "themes")
NEEDED_WITH_ID = ("id", "themes")
LONGEST_FIELD = 10_000_000  # characters of a cell in CSV
LISTED = 20  # merged cells that are named


@dataclass(frozen=True)
class Filled:
    """A filled sheet. ``rows``: cells by column, with ``place``, where the row stands; ``about``: what the sheet
    says of itself, lower-case names, empty in CSV."""

    rows: tuple[dict[str, str], ...]
    about: dict[str, str]


@dataclass(frozen=True)
class _Table:
    name: str
    header: list[str]
    rows: list[tuple[str, list[str]]]
    of_a_book: bool = False

    def missing(self) -> list[str]:
        blind = "id" in self.header or (self.of_a_book and "round" not in self.header)
        return [name for name in (NEEDED_WITH_ID if blind else NEEDED) if name not in self.header]


def read(path: Path, written_by: str = "review export") -> Filled:
    """The rows of a filled review sheet; any order, further columns ignored. ``written_by``: the command that did.

    Raises AuditkitError where the file cannot be read, a column is missing, or cells are merged.
    """
    if not path.is_file():
        raise AuditkitError(f"There is no file {path}.", f"auditkit {written_by} writes one.")
    tables, about = _xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else ([_csv(path)], {})
    fitting = [table for table in tables if not table.missing()]
    if not fitting:
        best = min(tables, key=lambda table: len(table.missing()))
        raise AuditkitError(
            f"{path.name}: no column {', '.join(best.missing())}.",
            f"Keep the header of the sheet that {written_by} wrote.",
        )
    return Filled(tuple(row for table in fitting for row in _rows(table)), about)


def decided_in(path: Path) -> int:
    """How many rows of a sheet hold a decision; 0 where the file is no such sheet."""
    try:
        rows = read(path).rows
    except AuditkitError:
        return 0
    return sum(any(row.get(name, "").strip() for name in ("themes", "ok", "second theme", "memo")) for row in rows)


def as_read(text: str) -> str:
    """A text as it comes back from a spreadsheet: line ends and unwritable characters aside."""
    from auditkit.cells import writable

    return writable(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def spaced(text: str) -> str:
    """A text as it is compared: spaces, line ends and the way accents are written aside."""
    return " ".join(unicodedata.normalize("NFC", as_read(text)).split())


def _rows(table: _Table) -> list[dict[str, str]]:
    return [
        dict.fromkeys(table.header, "")
        | {name: as_read(value) for name, value in zip(table.header, row, strict=False)}
        | {"place": place}
        for place, row in table.rows
        if any(value.strip() for value in row)
    ]


def _csv(path: Path) -> _Table:
    data = path.read_bytes()
    refuse_utf_16(data, path.name)
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        csv.field_size_limit(LONGEST_FIELD)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise AuditkitError(f"{path.name} cannot be read as CSV: {error}.", "Save it again as CSV.") from None
    header = _header(rows[0]) if rows else []
    return _Table(path.name, header, [(f"line {number}", row) for number, row in enumerate(rows[1:], start=2)])


def _xlsx(path: Path) -> tuple[list[_Table], dict[str, str]]:
    import warnings

    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, data_only=True)
            merged = [(sheet.title, str(cells)) for sheet in book.worksheets for cells in sheet.merged_cells.ranges]
    except Exception:
        raise AuditkitError(f"{path.name} cannot be read as a workbook.", "Save it again as .xlsx.") from None
    sheets = {sheet.title: used_cells.rows(sheet, path.name) for sheet in book.worksheets}
    if merged:
        raise AuditkitError(
            f"{path.name}: cells are merged, so that it is not clear which answer they belong to.",
            "Split them (Home, Merge & Center), fill each row, and apply the file again.",
            details=[f"{name}, {cells}" for name, cells in merged[:LISTED]],
        )
    about = {plain(str(row[0])): str(row[1]) for row in sheets.pop(ABOUT, []) if len(row) > 1 and row[0] and row[1]}
    tables = [_table(name, rows) for name, rows in sheets.items() if name != LABELS or len(sheets) == 1]
    return tables or [_Table(path.name, [], [], of_a_book=True)], about


def _table(name: str, rows: Sequence[Sequence[Any]]) -> _Table:
    filled = [["" if cell is None else str(cell) for cell in row] for row in rows]
    header = _header(filled[0]) if filled else []
    places = [(f"{name}, row {number}", row) for number, row in enumerate(filled[1:], start=2)]
    return _Table(name, header, places, of_a_book=True)


def _header(cells: Sequence[str]) -> list[str]:
    names = [plain(cell) for cell in cells]
    return names if "themes" in names else ["themes" if name == AGREED else name for name in names]
