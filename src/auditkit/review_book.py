"""review.xlsx: the sheet in which answers are decided, blind to who wrote them and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import paper, sheet_notes, workbook
from auditkit.cells import FONT, put
from auditkit.review_files import ABOUT, LABELS, NOTED, NOTES, PARTS, REVIEW

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

SHOWN = ("id", "question", "text", "suggested", "why")
"""The columns that say something; all others are there to be filled."""
EXCERPTS = ("id", "words", "themes", "pole")
CODEBOOK = "Codebook"
SHEETS, SECOND_SHEETS = (REVIEW, PARTS, NOTED, LABELS, ABOUT), (REVIEW, CODEBOOK, LABELS, ABOUT)
MARK = "x"
CHOICES = {"ok": [MARK], "pole": ["works well", "problem", "both"], "quote": [MARK], "not for quotation": [MARK]}
PROMPTS = {
    "ok": "x: the suggestion is right, all of it. Then nothing else is needed.",
    "themes": "What the answer is about, in place of the suggestion. none: no theme. Several: with ; between them, "
    "or in the next two columns. The beginning of a label will do.",
    "pole": "For all themes of this row; empty: as suggested.",
    "words": "The words of the answer that the themes stand in, copied from it; empty: as suggested.",
    "memo": "A note for yourself.",
    "quote": "x, or the words of the answer: could be quoted. Nothing is quoted without consent.",
    "paraphrase": "How it could be quoted so that nobody knows who said it.",
    "not for quotation": "x: never to be quoted.",
}
WIDTHS = {
    **{"id": 17, "question": 24, "text": 60, "suggested": 28, "ok": 5, "themes": 26, "second theme": 20},
    **{"third theme": 20, "pole": 11, "why": 44, "words": 22, "memo": 22, "quote": 16, "paraphrase": 22},
    "not for quotation": 11,
}
"""From id to pole in sight on a screen of 1920 dots; the first five and themes on one of 1366."""
SPARE = 200  # rows for excerpts
INPUT = "FFF8E1"
HELP = (
    "Each row is one answer; those that teach the software most stand first. Stop whenever you like.",
    "ok = x takes the suggestion as it is. Else choose or type the themes; none where there is no theme.",
    "A label may carry its pole: Trust (problem), Trust (works well), Trust (both).",
    "An empty row is no decision. You may sort, hide, delete rows and add columns of your own.",
    "To code a part of an answer by itself, put its id and the words into the sheet Excerpts.",
    "Who wrote an answer, in which round and in which pair, is left out so that it does not colour the reading.",
    "Locked cells have no password; unlock them if you must. A text that was changed here is not taken over.",
)

SECOND_HELP = (
    "Each row is one answer. Choose or type its themes; none where there is no theme. Empty: not coded.",
    "Several themes: with ; between them, or in the next two columns. The sheet Codebook says what they mean.",
    "pole: for all themes of the row. A label may carry its own: Trust (problem), Trust (works well), Trust (both).",
    "Code alone, without a word to the first coder: only then does it tell how far the codebook carries.",
    "Who wrote an answer, in which round and in which pair, is left out, and so is what the first coder set.",
    "You may sort, hide, delete rows and add columns of your own. Leave id and text as they are.",
)


def write(
    path: Path,
    frame: pd.DataFrame,
    labels: Sequence[str],
    about: Mapping[str, str],
    codebook: pd.DataFrame | None = None,
) -> None:
    """Write the sheet: ``frame`` has the columns ``review_files.BOOK``, or some of them; ``labels`` are offered.

    ``about``: what the sheet says of itself (audit, codebook, when it was handed out). ``codebook``: what the labels
    mean, for a second coder, who codes whole answers and sees no suggestion.
    """
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.worksheets[0]
    workbook.fill(sheet, REVIEW, frame)
    if codebook is None:
        parts: Any = book.create_sheet(PARTS)
        workbook.fill(parts, PARTS, frame.iloc[:0].reindex(columns=list(EXCERPTS)))
        _open_for_typing(parts, list(EXCERPTS), SPARE, len(labels) + 1)
        _remember_notes(book.create_sheet(NOTED), frame)
    else:
        meanings: Any = book.create_sheet(CODEBOOK)
        workbook.fill(meanings, CODEBOOK, codebook)
        paper.fit_rows(meanings)
    add_labels(book, labels)
    _open_for_typing(sheet, list(frame.columns), len(frame), len(labels) + 1)
    _tell(book.create_sheet(ABOUT), about, HELP if codebook is None else SECOND_HELP)
    workbook.save(book, path)


def _remember_notes(sheet: Any, frame: pd.DataFrame) -> None:
    """Out of sight: by what it is seen which notes somebody has changed."""
    sheet.sheet_state = "hidden"
    for row in (("id", *NOTES), *(_marks(row) for row in frame.to_dict("records") if any(row[name] for name in NOTES))):
        sheet.append(list(row))


def _marks(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["id"], *(sheet_notes.mark(row[name]) for name in NOTES))


def add_labels(book: Any, labels: Sequence[str]) -> None:
    """The sheet that the lists of labels are taken from, with ``none`` at its end."""
    known = book.create_sheet(LABELS)
    for row, label in enumerate([*labels, "none"], start=1):
        put(known.cell(row, 1), label)
    known.column_dimensions["A"].width = 60
    known.protection.sheet = True
    paper.print_across(known, paper.A4, 1)


def open_column(sheet: Any, column: int, rows: int, what: str, labels: int, prompt: tuple[str, str]) -> None:
    """Make a column of another sheet one to type into, as in the review sheet: yellow, with the list of ``what``."""
    from openpyxl.styles import Alignment, PatternFill
    from openpyxl.utils import get_column_letter

    for row in range(2, rows + 2):
        cell = sheet.cell(row, column)
        cell.fill = PatternFill("solid", fgColor=INPUT)
        cell.border = _box()
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    letter = get_column_letter(column)
    _offer(sheet, f"{letter}2:{letter}{rows + 1}", what, labels, prompt)


def _box() -> Any:
    from openpyxl.styles import Border, Side

    thin = Side(style="thin", color=workbook.LINE)
    return Border(left=thin, right=thin, top=thin, bottom=thin)


def _open_for_typing(sheet: Worksheet, columns: Sequence[str], rows: int, labels: int) -> None:
    from openpyxl.styles import Alignment, PatternFill, Protection
    from openpyxl.utils import get_column_letter

    top = Alignment(wrap_text=True, vertical="top")
    box = _box()
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = WIDTHS.get(column, 20)
        sheet.cell(1, number).alignment = Alignment(wrap_text=True, vertical="center")
        typed = column not in SHOWN or sheet.title == PARTS
        for row in range(2, rows + 2):
            cell = sheet.cell(row, number)
            cell.alignment = top
            cell.border = box
            if typed:
                cell.protection = Protection(locked=False)
                cell.fill = PatternFill("solid", fgColor=INPUT)
        if typed and rows:
            _offer(sheet, f"{letter}2:{letter}{rows + 1}", column, labels)
    paper.fit_rows(sheet)
    if sheet.title == REVIEW and "ok" in columns:
        paper.print_across(sheet, paper.A3, 1)
    sheet.freeze_panes = f"{get_column_letter(min(4, len(columns)))}2" if sheet.title == REVIEW else "A2"
    sheet.protection.sheet = True
    for allowed in ("sort", "autoFilter", "formatColumns", "formatRows", "formatCells", "insertRows", "insertColumns"):
        setattr(sheet.protection, allowed, False)  # False: not forbidden
    sheet.protection.deleteRows = sheet.protection.deleteColumns = False


def _offer(sheet: Worksheet, cells: str, column: str, labels: int, prompt: tuple[str, str] | None = None) -> None:
    """Drop-down list and prompt; anything else may be typed all the same, since several labels can be."""
    from openpyxl.worksheet.datavalidation import DataValidation

    formula = None
    if column in ("themes", "second theme", "third theme"):
        formula = f"{LABELS}!$A$1:$A${labels}"
    elif column in CHOICES:
        formula = '"' + ",".join(CHOICES[column]) + '"'
    if formula is None and column not in PROMPTS:
        return
    rule = DataValidation(type="list" if formula else None, formula1=formula, allow_blank=True)
    rule.showErrorMessage = False
    if prompt or column in PROMPTS:
        rule.promptTitle, rule.prompt = prompt or (column, PROMPTS[column])
        rule.showInputMessage = True
    sheet.add_data_validation(rule)
    rule.add(cells)


def _tell(sheet: Any, about: Mapping[str, str], told: Sequence[str]) -> None:
    from openpyxl.styles import Alignment, Font

    for row, (name, value) in enumerate(about.items(), start=1):
        put(sheet.cell(row, 1), name)
        put(sheet.cell(row, 2), value)
    for row, line in enumerate(told, start=len(about) + 2):
        put(sheet.cell(row, 2), line)
    for cells in sheet.iter_rows():
        cells[0].font = Font(name=FONT, bold=True)
        cells[0].alignment = Alignment(wrap_text=True, vertical="top")
        cells[1].alignment = Alignment(wrap_text=True, horizontal="left", vertical="top")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 100
    paper.fit_rows(sheet)
    paper.print_across(sheet, paper.A4, 1)
    sheet.protection.sheet = True
