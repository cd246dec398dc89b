"""Codebooks as tables: the cells of .xlsx and .csv files, and writing a workbook that a person owns."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import codebook_columns, paper, spreadsheets
from auditkit.cells import FONT, LONGEST, put, writable
from auditkit.codebook_columns import cell_text, first_headers
from auditkit.errors import AuditkitError
from auditkit.files import refuse_utf_16, save_book

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Cells = dict[str, str]
Rows = list[tuple[str, Cells]]
THEMES, SUGGESTED = "Themes", "Suggested"
SPARE_ROWS = 200  # below the last theme, with the drop-down list
WIDTHS = {"id": 6, "label": 22, "definition": 48, "parent": 14, "status": 12, "set_by": 10, "expects": 14}
WIDE, NARROW = 44, 20  # of a column of texts, and of one that is empty
ONE_LINE = 20  # points up to which a row is one line high
UNREADABLE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, SyntaxError, EOFError)


def read_csv(path: Path, columns: Collection[str], needed: str, told: list[str] | None = None) -> Rows:
    """Where and what of each row of a CSV in UTF-8; commas, semicolons or tabs between the cells.

    ``told`` gets how the columns were read.
    """
    data = path.read_bytes()
    refuse_utf_16(data, path.name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise AuditkitError(
            f"{path.name}, line {row}: the letters are not in UTF-8",
            'Save it from Excel as "CSV UTF-8 (comma delimited)".',
        ) from None
    lines = text.splitlines()
    first = next((line for line in lines if needed in line.casefold()), next(filter(str.strip, lines), ""))
    comma = max(",;\t", key=first.count)
    try:
        table = list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True), start=1))
    except csv.Error as error:
        raise AuditkitError(
            f"{path.name} is no CSV table: {error}", "Open it in Excel and save it again as CSV UTF-8."
        ) from None
    rows = _rows(table, path.name, columns, needed, told)
    found = codebook_columns.find(table, columns, needed)
    assert found is not None
    for number, cells in table[found.row :]:
        if any(cell.strip() for cell in cells[len(found.headers) :]):
            raise AuditkitError(
                f"{path.name}, row {number}: there are more cells than columns",
                'Put a text that holds a comma between double quotes ("...").',
            )
    return rows


def read_xlsx(path: Path, columns: Collection[str], needed: str, told: list[str] | None = None) -> tuple[Rows, Rows]:
    """Rows of the sheet with the themes, and of "Suggested". ``told`` gets which it was and how it was read."""
    workbook = _open(path, data_only=True)
    sheet = _themes_sheet(workbook, path.name, columns, needed)
    said: list[str] = []
    themes = _rows(_table(sheet), f"{path.name}, sheet {sheet.title}", columns, needed, said)
    if told is not None:
        told += [f"Of the sheets {sheet.title} is read.", *said] if len(_own_sheets(workbook)) > 1 else said
    if SUGGESTED not in workbook.sheetnames:
        return themes, []
    return themes, _rows(_table(workbook[SUGGESTED]), f"{path.name}, sheet {SUGGESTED}", columns, needed)


def write_xlsx(
    path: Path,
    themes: Sequence[Cells],
    suggested: Sequence[Cells],
    columns: Sequence[str],
    choices: Mapping[str, Sequence[str]],
    last: Callable[[], None],
) -> None:
    """Write the sheets "Themes" and "Suggested" into a new workbook, or into the one that is there."""
    workbook = _open(path, rich_text=True) if path.exists() else _new_workbook()
    _fill(_themes_sheet(workbook, path.name, columns, "label"), themes, columns, choices["themes"], path.name)
    place = workbook.sheetnames.index(SUGGESTED) if SUGGESTED in workbook.sheetnames else 1
    if SUGGESTED in workbook.sheetnames:
        del workbook[SUGGESTED]
    _fill(workbook.create_sheet(SUGGESTED, place), suggested, columns, choices["suggested"], path.name)
    save_book(workbook, path, last)


def _rows(
    table: codebook_columns.Table, place: str, columns: Collection[str], needed: str, told: list[str] | None = None
) -> Rows:
    """Where, and cells by column, of the rows below the header that hold something in a known place."""
    head = first_headers(table)
    if not head:
        raise AuditkitError(f"{place} is empty", f"Write a header with the column {needed}, then one theme a row.")
    found = codebook_columns.find(table, columns, needed)
    if found is None:
        top = next(number for number, cells in table if any(map(cell_text, cells)))
        raise AuditkitError(f'{place}, row {top}: there is no column "{needed}", only {head}', _fix(needed))
    codebook_columns.refuse_twins(found, f"{place}, row {found.row}", columns)
    if told is not None:
        told += found.told()
    sheet = place.partition(", ")[2]
    rows = []
    for number, cells in table:
        texts = {
            name: cell_text(cells[position]) if position < len(cells) else "" for name, position in found.at.items()
        }
        if found.usual and texts.get("parent", "").casefold() == texts["label"].casefold():
            texts["parent"] = ""
        if number > found.row and any(texts.values()):
            rows.append((f"{sheet + ', ' if sheet else ''}row {number}", texts))
    return rows


def _fix(needed: str) -> str:
    return f'Call the column with the names of the themes "{needed}".'


def _open(path: Path, **options: bool) -> Workbook:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    spreadsheets.refuse_vast(path)
    try:
        workbook = load_workbook(path, **options)
    except PermissionError:
        raise AuditkitError(f"{path} cannot be opened", "Close it in other programs.") from None
    except (*UNREADABLE, InvalidFileException):
        raise AuditkitError(
            f"{path.name} cannot be read: it is no xlsx file, is damaged, or has a password",
            "Open it in Excel, take off any password, and save it again as .xlsx.",
        ) from None
    return workbook


def _table(sheet: Worksheet) -> list[tuple[int, tuple[Any, ...]]]:
    return list(enumerate(_filled_rows(sheet), start=1))


def _own_sheets(workbook: Workbook) -> list[Worksheet]:
    """The sheets with cells that can hold the themes, that of this name first."""
    sheets = [sheet for sheet in workbook.worksheets if sheet.title != SUGGESTED]
    return sorted(sheets, key=lambda sheet: sheet.title.casefold() != THEMES.casefold())


def _themes_sheet(workbook: Workbook, name: str, columns: Collection[str], needed: str) -> Worksheet:
    """The sheet "Themes" if it has the column that is ``needed``, else the first that has, under a usual name at last.

    The only one whatever it has. Raises AuditkitError where there is none.
    """
    sheets = _own_sheets(workbook)
    if not sheets:
        raise AuditkitError(f'{name} has no sheet "{THEMES}"', f'Put the themes into a sheet "{THEMES}".')
    found = [(sheet, codebook_columns.find(_table(sheet), columns, needed)) for sheet in sheets]
    for usual in (False, True):
        for sheet, held in found:
            if held is not None and held.usual == usual:
                return sheet
    filled = [(sheet.title, first_headers(_table(sheet))) for sheet in sheets]
    if len([head for _, head in filled if head]) > 1:
        raise AuditkitError(
            f'{name}: no sheet has a column "{needed}"',
            _fix(needed),
            details=[f"sheet {title}: {head or 'empty'}" for title, head in filled],
        )
    return next((sheet for sheet, (_, head) in zip(sheets, filled, strict=True) if head), sheets[0])


def _new_workbook() -> Workbook:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.worksheets[0].title = THEMES
    return workbook


def _fill(sheet: Worksheet, rows: Sequence[Cells], columns: Sequence[str], statuses: Sequence[str], name: str) -> None:
    """Put rows into a sheet: in place where their id or label stands there, the others below.

    Touches only cells whose text differs. Rows that are in the sheet and not in ``rows`` are removed.
    """
    top, at = _columns_of(sheet, rows, columns)
    for merged in [part for part in sheet.merged_cells.ranges if part.max_row > top]:
        sheet.unmerge_cells(merged.coord)
    by_id = {row["id"].casefold(): row for row in rows if row["id"]}
    by_label = {row["label"].casefold(): row for row in rows}
    placed: dict[int, int] = {}
    last = top
    for number in range(_extent(sheet)[0], top, -1):
        texts = {column: cell_text(sheet.cell(number, position).value) for column, position in at.items()}
        if not any(texts.values()):
            continue
        label = " ".join(texts["label"].split()).casefold()
        row = by_id.get(texts["id"].casefold()) if texts.get("id") else by_label.get(label)
        if row is None or id(row) in placed:
            sheet.delete_rows(number)
            placed = {key: place - 1 for key, place in placed.items()}
            last -= last > top
        else:
            placed[id(row)] = number
            last = max(last, number)
    model = last
    for row in rows:
        number = placed.get(id(row), 0)
        if not number:
            last += 1
            number = last
        for column, position in at.items():
            cell = sheet.cell(number, position)
            if id(row) not in placed:
                _dress(cell, sheet.cell(model, position) if model > top else None)
            _put(cell, row[column], f"{name}, sheet {sheet.title}, row {number}, {column}")
    if "status" in at:
        _offer(sheet, at["status"], top + 1, last + SPARE_ROWS, statuses)
    _fit_rows(sheet, top, last)
    if not paper.is_laid_out(sheet):
        sheet.print_title_rows = f"{top}:{top}"
        paper.print_across(sheet, paper.A3, 1)


def _columns_of(sheet: Worksheet, rows: Sequence[Cells], columns: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Row of the header and position of each known column, adding what is missing and has something in it."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    found = codebook_columns.find(_table(sheet), columns, "label")
    fresh = found is None
    headers = found.headers if found else ()
    top = found.row if found else 1
    at = {column: position + 1 for column, position in found.at.items()} if found else {}
    width = max((place for place, header in enumerate(headers, start=1) if header), default=0)
    for column in columns:
        if column in at or not (fresh or column == "status" or any(row[column] for row in rows)):
            continue
        width += 1
        at[column] = width
        cell: Any = sheet.cell(top, width, column)
        cell.font = Font(name=FONT, bold=True)
        cell.fill = PatternFill("solid", fgColor="E7E6E6")
        cell.alignment = Alignment(vertical="top")
        filled = any(row[column] for row in rows)
        sheet.column_dimensions[get_column_letter(width)].width = WIDTHS.get(column, WIDE if filled else NARROW)
    if fresh:
        sheet.freeze_panes = f"{get_column_letter(at['label'] + 1)}{top + 1}"
    return top, at


def _fit_rows(sheet: Any, top: int, last: int) -> None:
    """Rows as high as their texts; one that a person has given a height stays, which no number of lines has."""
    widths = paper.column_widths(sheet)
    for number, row in enumerate(sheet.iter_rows(min_row=top + 1, max_row=last), start=top + 1):
        height = sheet.row_dimensions[number].height
        if height is None or height <= ONE_LINE or height % paper.LINE_HEIGHT == 0:
            sheet.row_dimensions[number].height = paper.height_of(paper.lines_of(row, widths))


def _dress(cell: Any, model: Any) -> None:
    """Give a new cell the look of the one above, or wrapped text from the top, with a line below."""
    from copy import copy

    from openpyxl.styles import Alignment, Border, Side

    if model is not None and model.has_style:
        cell._style = copy(model._style)
    else:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = Border(bottom=Side(style="hair", color="A6A6A6"))


def _put(cell: Any, text: str, place: str) -> None:
    """Set a cell's text, never as a formula, and only where it differs from what is there."""
    if len(text) > LONGEST:
        raise AuditkitError(
            f"{place}: {len(text):,} characters do not fit into one cell", f"Keep it below {LONGEST:,}."
        )
    text = writable(text)
    old = [line.strip() for line in cell_text(cell.value).splitlines() if line.strip()]
    if old == [line.strip() for line in text.splitlines() if line.strip()] and cell.data_type != "f":
        return
    put(cell, text or None)


def _offer(sheet: Worksheet, column: int, first: int, last: int, choices: Sequence[str]) -> None:
    """A drop-down list in the cells of a column, in place of an earlier one of ours."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    formula = f'"{",".join(choices)}"'
    others = [rule for rule in sheet.data_validations.dataValidation if rule.formula1 != formula]
    sheet.data_validations.dataValidation = others
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
    rule.error = f"Choose one of: {', '.join(choices)}"
    letter = get_column_letter(column)
    rule.add(f"{letter}{first}:{letter}{last}")
    sheet.add_data_validation(rule)


def _extent(sheet: Any) -> tuple[int, int]:
    """The last row and the last column in which something stands; blanks and looks are nothing."""
    used = [at for at, cell in sheet._cells.items() if cell.value is not None and str(cell.value).strip()]
    return max((row for row, _ in used), default=0), max((column for _, column in used), default=0)


def _filled_rows(sheet: Any) -> list[tuple[Any, ...]]:
    """The values of all rows down to the last that holds something, as wide as the widest."""
    last, wide = _extent(sheet)
    return list(sheet.iter_rows(max_row=last, max_col=wide, values_only=True)) if last else []
