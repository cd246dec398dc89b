"""Sheets that people fill in or read: header, widths, lists to choose from, how they are printed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditkit.cells import FONT, put
from auditkit.paper import A4, print_across
from auditkit.questionnaire import NOT_READ
from auditkit.workbook import HEAD, LINE

if TYPE_CHECKING:
    from openpyxl.styles import Border
    from openpyxl.worksheet.worksheet import Worksheet

GREY = "5A6670"
LAST_ROW = 2000
"""Lists and limits hold down to this row."""

ROW_HEIGHT = 18
TITLE, MESSAGE = 32, 255  # signs that Excel shows at most of the heading and the text of a message


@dataclass(frozen=True)
class Field:
    """A column to fill in. ``message`` is shown beside a chosen cell.

    ``choices``: words to choose from; ``source``: the cells they stand in, such as "Pairs!$A$2:$A$99".
    ``kind``: text, date or number (whole, 0 to ``limit``, 0 for none). ``strict``: nothing else can be typed.
    """

    header: str
    width: float
    message: str = ""
    choices: tuple[str, ...] = ()
    source: str = ""
    kind: str = "text"
    limit: int = 0
    strict: bool = True
    wrap: bool = False
    centred: bool = False


def fill(
    sheet: Worksheet, fields: Sequence[Field], rows: Sequence[Sequence[str]], *, spare: int, frozen: int = 1
) -> None:
    """A header, rows (as many cells as there are fields), and ``spare`` empty rows ruled like them.

    The header and the first ``frozen`` columns stay in view and are repeated on every printed page.
    """
    from openpyxl.styles import Alignment, Border, Side
    from openpyxl.utils import get_column_letter

    line = Side(style="thin", color=LINE)
    ruled = Border(left=line, right=line, top=line, bottom=line)
    header(sheet, 1, [field.header for field in fields], ruled)
    last = 1 + len(rows) + spare
    for place, field in enumerate(fields, start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = field.width
        for number in range(2, last + 1):
            cell = sheet.cell(number, place)
            values = rows[number - 2] if number - 2 < len(rows) else ()
            if place <= len(values) and values[place - 1]:
                put(cell, values[place - 1])
            cell.border = ruled
            cell.alignment = Alignment(
                wrap_text=field.wrap, vertical="top", horizontal="center" if field.centred else "left"
            )
            if field.kind == "date":
                cell.number_format = "yyyy-mm-dd"
        _guard(sheet, field, f"{letter}2:{letter}{LAST_ROW}")
    for number in range(2, last + 1):
        if not any(field.wrap for field in fields):
            sheet.row_dimensions[number].height = ROW_HEIGHT
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}2"
    sheet.sheet_view.showGridLines = False
    sheet.print_area = f"A1:{get_column_letter(len(fields))}{last}"
    sheet.print_title_rows = "1:1"
    sheet.print_title_cols = f"A:{get_column_letter(frozen)}"
    print_across(sheet, A4, 1)


def header(sheet: Worksheet, row: int, names: Sequence[str], ruled: Border | None = None) -> None:
    """White names on blue."""
    from openpyxl.styles import Alignment, Font, PatternFill

    for place, name in enumerate(names, start=1):
        cell: Any = sheet.cell(row, place)
        put(cell, name)
        cell.font = Font(name=FONT, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=HEAD)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        if ruled is not None:
            cell.border = ruled
    sheet.row_dimensions[row].height = 32


def explain(sheet: Worksheet, parts: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Headings with paragraphs below, on a sheet whose first cell says that it is not read."""
    from openpyxl.styles import Alignment, Font

    sheet.column_dimensions["A"].width = 88
    sheet.sheet_view.showGridLines = False
    put(sheet.cell(1, 1), NOT_READ)
    sheet.cell(1, 1).font = Font(name=FONT, italic=True, color=GREY)
    row = 1
    for heading, paragraphs in parts:
        row += 2
        put(sheet.cell(row, 1), heading)
        sheet.cell(row, 1).font = Font(name=FONT, bold=True, size=13, color=HEAD)
        for text in paragraphs:
            row += 1
            put(sheet.cell(row, 1), text)
            sheet.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
            sheet.row_dimensions[row].height = 15.5 * len(textwrap.wrap(text, 98)) + 2
    print_across(sheet, A4, 1)
    sheet.page_setup.orientation = "portrait"


def _guard(sheet: Worksheet, field: Field, cells: str) -> None:
    """What can be typed into these cells, and the message beside them."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(allow_blank=True, errorStyle="stop" if field.strict else "warning")
    if field.choices or field.source:
        rule.type, rule.formula1 = "list", field.source or f'"{",".join(field.choices)}"'
        rule.error = "Please choose from the list, or leave the cell empty."
    elif field.kind == "date":
        rule.type, rule.operator, rule.formula1, rule.formula2 = "date", "between", "DATE(2000,1,1)", "DATE(2100,1,1)"
        rule.error = "Please type a date, such as 2026-01-14."
    elif field.kind == "number":
        rule.type, rule.formula1 = "whole", "0"
        rule.operator = "between" if field.limit else "greaterThanOrEqual"
        rule.formula2 = str(field.limit) if field.limit else None
        upto = f" from 0 to {field.limit}" if field.limit else ", 0 or more"
        rule.error = f"Please type a whole number{upto}, or leave the cell empty."
    elif not field.message:
        return
    rule.showErrorMessage = rule.type is not None
    rule.errorTitle = field.header[:TITLE]
    if field.message:
        rule.showInputMessage = True
        rule.promptTitle, rule.prompt = field.header[:TITLE], textwrap.shorten(field.message, MESSAGE, placeholder=" …")
    rule.add(cells)
    sheet.add_data_validation(rule)
