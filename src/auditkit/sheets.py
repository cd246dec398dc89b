"""The cells of a spreadsheet as text: where the header is, what is hidden, merged or broken."""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.errors import AuditkitError
from auditkit.values import plain

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

CELLS = 5_000_000
"""A sheet that declares more cells than this is refused before it is read: it is a stray cell."""

UNPACKED_BYTES = 1_000_000_000
ERRORS = frozenset("#N/A #REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! #FORMULA".split())
UNCOMPUTED = "#FORMULA"
"""Stands for a formula whose result was never stored, in what is listed."""

Recognise = Callable[[str], bool]
"""Whether a text is the header of a column that auditkit knows: tells the header row from titles."""


@dataclass(frozen=True)
class Problem:
    """Something in the file that a person should know. ``row`` 0 is the whole sheet."""

    sheet: str
    row: int
    column: str
    severity: str
    found: str
    taken_as: str
    fix: str


@dataclass(frozen=True)
class Sheet:
    """One table of text. Row ``i`` has number ``numbers[i]`` (xlsx: Excel's; csv: the record, header 1)."""

    file: str
    name: str
    headers: tuple[str, ...]
    numbers: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]
    hidden: bool = False

    def values(self, column: int) -> list[str]:
        """The cells of a column that are not blank, in the order of the sheet."""
        return [row[column] for row in self.rows if row[column]]


def read_sheets(path: Path, recognise: Recognise) -> list[Sheet]:
    """Every table of an .xlsx, .xlsm, .csv or .tsv file.

    Raises AuditkitError where the file is missing (near names offered), a folder, empty, no workbook,
    binary, absurdly large, or of another kind. Problems of single cells are listed in the sheets.
    """
    if path.is_dir():
        raise AuditkitError(f"{path} is a folder, not a spreadsheet", "Name the file inside it.")
    if not path.exists():
        near = difflib.get_close_matches(path.name, _names(path.parent), n=3)
        fix = f"Did you mean {' or '.join(near)}?" if near else "Check the name and the folder."
        raise AuditkitError(f"{path} does not exist", fix)
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".xlsm", ".csv", ".tsv"):
        raise AuditkitError(
            f"{path.name} is not a kind of file that can be read ({kind or 'no ending'})",
            "Save it as .xlsx or .csv (in Excel: File, Save as).",
        )
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise AuditkitError(
            f"{path.name} cannot be read: {error.strerror}", "Close it in other programs, check your rights."
        ) from None
    if not start:
        raise AuditkitError(f"{path.name} is empty (0 bytes)", "Export or save the answers again.")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise AuditkitError(
            f"{path.name} is an old .xls workbook or protected by a password",
            "Open it in Excel and save it as .xlsx without a password.",
        )
    workbook = kind in (".xlsx", ".xlsm")
    if start.startswith(b"PK") and not workbook:
        raise AuditkitError(f"{path.name} is a workbook with the ending {kind}", "Rename it to .xlsx.")
    return _read_workbook(path, recognise) if workbook else [_read_csv(path, recognise)]


def clean(text: str) -> str:
    """A text without control characters, with plain newlines, without blanks at its ends."""
    if not text.isprintable():
        text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
        text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]", "", text)
    return text.strip(" \t\n\u00a0\u200b\u2060\ufeff")


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.is_file()) if folder.is_dir() else []


def _read_csv(path: Path, recognise: Recognise) -> Sheet:
    text, encoding = _decode(path)
    problems = []
    if encoding == "cp1252":
        problems.append(Problem("", 0, "", "note", "not UTF-8", "read as Windows-1252", ""))
    if found := re.match(r"sep=(.)\r?\n", text):
        delimiter, text = found[1], text[found.end() :]
    else:
        delimiter = _delimiter(text)
    csv.field_size_limit(50_000_000)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        problems.append(
            Problem("", 0, "", "warning", "quotation marks that do not match", "read as they are", "Check rows.")
        )
    cells = [[clean(cell) for cell in record] for record in records if record]
    if not any(any(record) for record in cells):
        raise AuditkitError(f"{path.name} holds no text", "Export or save the answers again.")
    header = _header_row(cells, recognise)
    numbered = [(number, record) for number, record in enumerate(cells[header:], start=1)]
    return _table(path.name, "", numbered, header, problems)


def _decode(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in data:
        encodings = []
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise AuditkitError(
        f"{path.name} is not text (no UTF-8, no Windows-1252)", "Export the answers as CSV UTF-8, or .xlsx."
    )


def _delimiter(text: str) -> str:
    """The separator that gives the widest table over the first 200 records, most of them equally wide."""
    best, best_score = ",", 0.0
    for delimiter in (",", ";", "\t"):
        reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
        try:
            widths = [len(record) for record, _ in zip(reader, range(200), strict=False) if record]
        except csv.Error:
            continue
        if not widths:
            continue
        width, times = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))
        if width > 1 and width * times / len(widths) > best_score:
            best, best_score = delimiter, width * times / len(widths)
    return best


def _read_workbook(path: Path, recognise: Recognise) -> list[Sheet]:
    import warnings

    import openpyxl

    broken = AuditkitError(
        f"{path.name} is no Excel workbook, or a broken one", "Open it in Excel and save it again as .xlsx."
    )
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            formulas = unpacked <= UNPACKED_BYTES and any(re.search(rb"<f[ >/]", archive.read(part)) for part in parts)
    except (zipfile.BadZipFile, OSError):
        raise broken from None
    if unpacked > UNPACKED_BYTES:
        raise AuditkitError(
            f"{path.name} unpacks to {unpacked // 1_000_000} MB", "Keep only the sheet with the answers."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of what it does not keep: formats, validation lists
        try:
            declared = openpyxl.load_workbook(path, read_only=True, data_only=True)
            sizes = [(ws.title, ws.max_row or 0, ws.max_column or 0) for ws in declared.worksheets]
            declared.close()
            _check_sizes(path.name, sizes)
            book = openpyxl.load_workbook(path, data_only=True)
            written = openpyxl.load_workbook(path) if formulas else book
        except AuditkitError:
            raise
        except Exception:
            raise broken from None
    _check_sizes(path.name, [(ws.title, ws.max_row, ws.max_column) for ws in book.worksheets])
    pairs = zip(book.worksheets, written.worksheets, strict=True)
    read = (_read_worksheet(path.name, ws, formulas, recognise) for ws, formulas in pairs)
    return [sheet for sheet in read if sheet is not None]


def _check_sizes(file: str, sizes: Iterable[tuple[str, int, int]]) -> None:
    for title, rows, columns in sizes:
        if rows * columns > CELLS:
            raise AuditkitError(
                f"{file}, sheet {title}: {rows:,} rows x {columns:,} columns are in use, so a cell far from"
                " the answers must hold something",
                "Delete the empty rows below and the empty columns beside the answers, save, and try again.",
            )


def _read_worksheet(file: str, ws: Worksheet, written: Worksheet, recognise: Recognise) -> Sheet | None:
    """A worksheet; ``written`` is the same with formulas where ``ws`` has their results."""
    name = plain(str(ws.title))
    problems: list[Problem] = []
    cells: list[list[str]] = []
    for row in ws.iter_rows(min_row=1, values_only=True):
        cells.append([_text(value) for value in row])
    rows: Any = written.iter_rows() if written is not ws else ()
    for cell in (cell for row in rows for cell in row):
        if cell.data_type == "f" and not cells[cell.row - 1][cell.column - 1]:
            cells[cell.row - 1][cell.column - 1] = UNCOMPUTED
    if not any(any(row) for row in cells):
        return None
    header = _header_row(cells, recognise)
    for area in sorted(ws.merged_cells.ranges, key=lambda area: (area.min_row, area.min_col)):
        top, bottom, column = area.min_row - 1, area.max_row - 1, area.min_col - 1
        if header < top < bottom and cells[top][column]:
            for below in range(top + 1, min(bottom + 1, len(cells))):
                cells[below][column] = cells[top][column]
            problems.append(
                Problem(name, area.min_row, cells[header][column], "note", "a merged cell", "read in each row", "")
            )
    last = len(cells)
    hidden = sorted(n for n, d in ws.row_dimensions.items() if d.hidden and header + 1 < n <= last)
    hidden = [number for number in hidden if any(cells[number - 1])]
    if hidden:
        problems.append(_note(name, f"{_some('hidden row', hidden)}", "read as the others"))
    columns = sorted(letter for letter, d in ws.column_dimensions.items() if d.hidden)
    if columns:
        problems.append(_note(name, f"{_some('hidden column', columns)}", "read as the others"))
    numbered = [(number, row) for number, row in enumerate(cells, start=1) if number > header]
    return _table(file, name, numbered, header, problems, hidden=ws.sheet_state != "visible")


def _text(value: Any) -> str:
    import datetime

    if value is None:
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


def _header_row(cells: Sequence[Sequence[str]], recognise: Recognise) -> int:
    """The index of the header: the row with most headers that are known, else the first one that is wide."""
    top = [(index, [text for text in row if text]) for index, row in enumerate(cells[:60])]
    top = [(index, texts) for index, texts in top if texts]
    if not top:
        return next(index for index, row in enumerate(cells) if any(row))
    known = {index: sum(recognise(text) for text in texts) for index, texts in top}
    best = max(known, key=lambda index: (known[index], -index))
    if known[best] >= 2:
        return best
    width = max(len(texts) for _, texts in top)
    return next(index for index, texts in top if 2 * len(texts) >= width)


def _table(
    file: str,
    name: str,
    numbered: Sequence[tuple[int, Sequence[str]]],
    above: int,
    problems: list[Problem],
    *,
    hidden: bool = False,
) -> Sheet:
    """A sheet from its header row and what follows; ``above`` counts the rows before the header."""
    if above:
        problems.append(_note(name, f"{above} row{'s' * (above > 1)} above the header", "not read"))
    first, body = numbered[0][1], numbered[1:]
    width = len(first)
    headers = [plain(text) for text in first]
    used = [c for c in range(width) if headers[c] or any(len(row) > c and row[c] for _, row in body)]
    taken: Counter[str] = Counter()
    names: list[str] = []
    for column in used:
        header = headers[column]
        if not header:
            header = f"column {_letters(column)}"
            problems.append(Problem(name, 0, header, "warning", "no header", f"called {header}", "Name it."))
        taken[header] += 1
        if taken[header] > 1:
            header = f"{header} ({taken[header]})"
            problems.append(Problem(name, 0, header, "note", "a header used before", f"called {header}", ""))
        names.append(header)
    numbers, rows = [], []
    for number, row in body:
        if not any(row):
            continue
        if plain(row[0]) == headers[0] and list(map(plain, row)) == headers:
            problems.append(Problem(name, number, "", "note", "the header again", "not read", ""))
            continue
        if any(row[width:]):
            problems.append(
                Problem(
                    name,
                    number,
                    "",
                    "error",
                    f"{len(row)} cells where the header has {width}",
                    f"the first {width} read",
                    "Put answers that hold the separator into quotation marks.",
                )
            )
        texts = [row[column] if column < len(row) else "" for column in used]
        for position, text in enumerate(texts):
            if text in ERRORS:
                fix = "Correct the formula, open the file in Excel and save it."
                problems.append(Problem(name, number, names[position], "error", text, "blank", fix))
                texts[position] = ""
        numbers.append(number)
        rows.append(tuple(texts))
    return Sheet(file, name, tuple(names), tuple(numbers), tuple(rows), tuple(problems), hidden)


def _note(sheet: str, found: str, taken_as: str) -> Problem:
    return Problem(sheet, 0, "", "note", found, taken_as, "")


def _some(noun: str, values: Sequence[object]) -> str:
    shown = ", ".join(map(str, values[:8])) + (", …" if len(values) > 8 else "")
    return f"{len(values)} {noun}{'' if len(values) == 1 else 's'} ({shown})"


def _letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
