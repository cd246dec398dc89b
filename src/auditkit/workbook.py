"""Workbooks for the analyst: one round, a comparison, any table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.cells import FONT, put
from auditkit.files import save_book
from auditkit.paper import A4, fit_rows, print_across

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from auditkit.analysis import CodedRound
    from auditkit.comparison import Comparison

DRAFT = "DRAFT: suggested by software, not yet reviewed"
WIDE = {
    **{"text": 70, "statement": 50, "nearest": 50, "found": 40, "taken_as": 40, "fix": 70, "question": 40},
    **{"why": 44, "what happened": 60, "note": 36, "remark": 34},
    **{"definition": 50, "include": 40, "exclude": 40},
    **{"first": 30, "second": 30, "differ on": 26, "decided since": 26, "agreed on": 30},
}
WIDEST, NARROWEST = 32, 9
ID = 17  # the width of twelve capital letters
HEAD, PALE, LINE = "0F4C81", "DCEBF7", "C3CED6"


def analysis(path: Path, rounds: Sequence[CodedRound], tables: Mapping[str, pd.DataFrame]) -> None:
    """Write analysis.xlsx: summary, themes, codings with evidence, remainder, suggested, problems.

    ``tables``: themes, codings, remainder, suggested, ratings, problems of these rounds.
    """
    lines: list[tuple[str, Any]] = []
    for coded in rounds:
        people = coded.responses.people
        answers = len(coded.responses.answers)
        lines += [
            ("Round", coded.round),
            ("People", len(people)),
            ("Pairs", people.loc[people["pair"] != "", "pair"].nunique()),
            ("Open answers", answers),
            ("Excerpts", len(coded.excerpts)),
            ("Codes set", int(coded.codings["coded"].sum())),
            ("Answers reviewed", f"{coded.reviewed} of {answers}"),
            ("Expected agreement with a careful person", coded.agreement_words),
            ("Suggested themes", coded.topics_note or len(coded.suggested)),
            ("Codebook", coded.codebook.fingerprint()),
            ("", ""),
        ]
    draft = not all(coded.is_reviewed for coded in rounds)
    write(path, lines, tables, draft=draft)


def comparison(path: Path, compared: Comparison, tables: Mapping[str, pd.DataFrame], *, draft: bool) -> None:
    """Write comparison.xlsx: summary, comparison, pairs, exceptions, people, what could not be compared."""
    states = compared.pairs["state"].value_counts().to_dict()
    lines: list[tuple[str, Any]] = [
        ("Rounds", f"{compared.before} to {compared.after}"),
        ("Design", compared.design),
        *((f"Pairs: {state}", count) for state, count in sorted(states.items())),
        *(("Note", note) for note in compared.notes),
        ("", "Two moments, no comparison group: this shows what changed between the rounds, not why."),
    ]
    write(path, lines, tables, draft=draft)


def table(path: Path, name: str, frame: pd.DataFrame) -> None:
    """Write one table as a workbook of one sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    fill(_first(book), name, frame)
    save(book, path)


def write(
    path: Path,
    lines: Sequence[tuple[str, Any]],
    tables: Mapping[str, pd.DataFrame],
    *,
    draft: bool,
    finish: Callable[[Workbook], None] = lambda book: None,
) -> None:
    """Write a workbook: a summary of ``lines``, then a sheet a table, by its name; ``finish`` adds to it."""
    import openpyxl
    from openpyxl.styles import Alignment, Font

    book = openpyxl.Workbook()
    first = _first(book)
    first.title = "Summary"
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 42, 90
    if draft:
        lines = [("", DRAFT), *lines]
    for row, (name, value) in enumerate(lines, start=1):
        put(first.cell(row, 1), name)
        put(first.cell(row, 2), value)
        first.cell(row, 1).font = Font(name=FONT, bold=True)
        first.cell(row, 1).alignment = Alignment(vertical="top")
        first.cell(row, 2).alignment = Alignment(wrap_text=True, horizontal="left", vertical="top")
    if draft:
        first.cell(1, 2).font = Font(name=FONT, bold=True, color="AD440B")
    for name, frame in tables.items():
        fill(book.create_sheet(), name.capitalize(), frame)
    fit_rows(first)
    print_across(first, A4, 1)
    finish(book)
    save(book, path)


def fill(sheet: Worksheet, name: str, frame: pd.DataFrame) -> None:
    """A table with a header that stays in view and on every page, filters, widths and heights by what it holds.
    Text after a number is set in, since that stands at its right edge."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    sheet.title = name[:31]
    sheet.freeze_panes = "A2"
    is_wide: list[bool] = []
    numbers = [frame[header].dtype.kind in "if" for header in frame.columns]
    apart = [after and not number for after, number in zip([False, *numbers], numbers, strict=False)]
    for column, header in enumerate(frame.columns, start=1):
        cell = sheet.cell(1, column)
        put(cell, str(header))
        cell.font = Font(name=FONT, bold=True, color="FFFFFF")
        cell.alignment = Alignment(
            vertical="center", horizontal="right" if numbers[column - 1] else "left", indent=int(apart[column - 1])
        )
        cell.fill = PatternFill("solid", fgColor=HEAD)
        cell.border = Border(bottom=Side(style="thin", color=LINE))
        longest = max((len(str(value)) for value in frame[header].head(200)), default=0)
        width = WIDE.get(str(header), min(max(longest, len(str(header)) + 2) + 2, WIDEST))
        sheet.column_dimensions[get_column_letter(column)].width = max(width, ID if header == "id" else NARROWEST)
        is_wide.append(str(header) in WIDE or longest + 2 > WIDEST)
    looks = [
        Alignment(wrap_text=wide, vertical="top", horizontal="left" if far else None, indent=int(far))
        for wide, far in zip(is_wide, apart, strict=True)
    ]
    for row, values in enumerate(frame.itertuples(index=False), start=2):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            put(cell, value)
            cell.alignment = looks[column - 1]
    sheet.sheet_view.showGridLines = False
    sheet.print_title_rows = "1:1"
    print_across(sheet, A4, 1)
    if len(frame):
        sheet.auto_filter.ref = sheet.dimensions
    fit_rows(sheet)


def _first(book: Workbook) -> Worksheet:
    sheet: Worksheet = book.worksheets[0]
    return sheet


def save(book: Any, path: Path) -> None:
    """Save a workbook, whole or not at all, with no author but auditkit."""
    book.properties.creator = "auditkit"
    save_book(book, path)
