"""agreement.xlsx: how far two coders agree, and where they write down what they agree on in their talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import paper, review_book, workbook
from auditkit.review_files import AGREED

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook

DISAGREEMENTS = "Disagreements"
WIDTHS = {
    "theme": 38,
    "remark": 30,
    "set instead": 26,
    "guidance": 13,
    "draw": 7,
    "first coder": 10,
    "second coder": 10,
}
QUESTION = 26  # the first column of what they set differently
NUMBER = 10  # the width of a column of numbers
SHORT_NUMBER = "0.00"
PROMPT = (
    "What you agree on in your talk: labels with ; between them, or none. A label may carry its pole: Trust (problem). "
    "Empty: no decision yet."
)


def write(
    path: Path, lines: Sequence[tuple[str, Any]], tables: Mapping[str, pd.DataFrame], labels: Sequence[str]
) -> None:
    """Write agreement.xlsx: summary, and the tables by the names of their sheets; ``labels`` are offered where
    something is to be filled."""

    def finish(book: Workbook) -> None:
        for name, frame in tables.items():
            sheet: Any = book[name.capitalize()]
            if name in ("themes", "software"):
                _narrow(sheet, frame)
            if sheet.title == DISAGREEMENTS and len(frame):
                review_book.add_labels(book, labels)
                column = list(frame.columns).index(AGREED) + 1
                sheet.column_dimensions["A"].width = QUESTION
                paper.print_across(sheet, paper.A3, 1)
                review_book.open_column(sheet, column, len(frame), "themes", len(labels) + 1, (AGREED, PROMPT))
            paper.fit_rows(sheet)

    workbook.write(path, lines, tables, draft=False, finish=finish)


def _narrow(sheet: Any, frame: pd.DataFrame) -> None:
    """Headers on two lines over narrow columns of numbers with two digits, so that the figures are large on paper."""
    for number, header in enumerate(frame.columns, start=1):
        cell = sheet.cell(1, number)
        numbers = frame[header].dtype.kind in "if"
        width = WIDTHS.get(header, NUMBER if numbers else None)
        if width is not None:
            sheet.column_dimensions[cell.column_letter].width = width
        look = copy(cell.alignment)
        look.wrap_text = True
        cell.alignment = look
        if frame[header].dtype.kind == "f":
            for row in range(2, len(frame) + 2):
                sheet.cell(row, number).number_format = SHORT_NUMBER
    paper.print_across(sheet, paper.A3, 1)
