"""How a sheet looks on paper, and rows as high as what stands in them."""

from __future__ import annotations

import textwrap
from typing import Any

A3, A4 = 8, 9  # as Excel numbers the sizes of paper
LINE_HEIGHT = 15  # points
LETTERS = 1.1  # of running text that take the width of one digit, which widths are counted in
HIGHEST = 409  # points that Excel allows a row
USUAL_WIDTH = 13.0  # of a column that has none of its own


def print_across(sheet: Any, paper: int, pages: int) -> None:
    """Landscape, so many pages wide and as many long as it takes, with page numbers."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.header = 0.6, 0.3
    margins.bottom, margins.footer = 0.8, 0.3  # inches; between them stands the footer
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "Page &P of &N"


def is_laid_out(sheet: Any) -> bool:
    """Whether somebody has said how the sheet is to be printed."""
    fitted = sheet.sheet_properties.pageSetUpPr
    return sheet.page_setup.orientation is not None or bool(fitted and fitted.fitToPage)


def fit_rows(sheet: Any, last: int | None = None) -> None:
    """Rows as high as their wrapped texts need, for programs that do not see to that when they open a file; ``last``:
    the last row that is looked at."""
    widths = column_widths(sheet)
    for number, row in enumerate(sheet.iter_rows(max_row=last), start=1):
        lines = lines_of(row, widths)
        if lines > 1 or number in sheet.row_dimensions:
            sheet.row_dimensions[number].height = height_of(lines) if lines > 1 else None


def height_of(lines: int) -> int:
    """Points that so many lines take."""
    return min(LINE_HEIGHT * lines, HIGHEST)


def lines_of(row: Any, widths: dict[int, float]) -> int:
    """Lines that the highest wrapped text of a row takes, 1 at least."""
    most = 1
    for cell in row:
        if isinstance(cell.value, str) and cell.alignment.wrap_text:
            letters = max(int(widths.get(cell.column, USUAL_WIDTH) * LETTERS), 1)
            most = max(most, sum(_lines(line, letters) for line in cell.value.splitlines()))
    return most


def _lines(line: str, letters: int) -> int:
    return 1 if len(line) <= letters else len(textwrap.wrap(line, letters))


def column_widths(sheet: Any) -> dict[int, float]:
    """Widths in characters by column, from 1, also of columns that a program has stored as one range."""
    from openpyxl.utils import column_index_from_string

    widths: dict[int, float] = {}
    for letter, column in sheet.column_dimensions.items():
        first = column.min or column_index_from_string(letter)
        last = min(column.max or first, sheet.max_column)
        widths |= dict.fromkeys(range(first, last + 1), column.width)
    return widths
