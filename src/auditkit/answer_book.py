"""answers.xlsx: the sheet into which paper forms are typed, one row a person and round."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from auditkit import entry_sheets
from auditkit.cells import FONT, put
from auditkit.entry_sheets import Field
from auditkit.files import save_book
from auditkit.forms import Question, columns
from auditkit.paper import A3, A4, print_across
from auditkit.person_codes import Seat
from auditkit.questionnaire import NOT_READ
from auditkit.workbook import LINE

SHEET = "Answers"
SPARE = 20
PAGES = 3  # side by side; on fewer the print is too small to read
_WIDTHS = {
    **{"respondent_id": 17, "pair_id": 10, "service_id": 13, "role": 17, "round": 11, "answered_on": 15},
    **{"MEETLEN": 12, "OVERALL": 12, "OUTLOOK": 13},
}
_ASKED = {"both": "each round", "repeat": "repeat round only", "staff": "staff"}


def write(path: Path, questions: Sequence[Question], places: Sequence[Seat], *, staff: bool = False) -> None:
    """Write the workbook for partners or for staff; ``places`` are entered as rows of the first round."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.worksheets[0]
    sheet.title = SHEET
    asked = columns(questions, staff=staff)
    fields = [_field(question) for question in asked]
    known = [{"respondent_id": p.code, "pair_id": p.pair, "role": p.role, "round": "baseline"} for p in places]
    rows = [[row.get(question.code, "") for question in asked] for row in known]
    frozen = 2 if staff else 5
    entry_sheets.fill(sheet, fields, rows, spare=SPARE, frozen=frozen)
    print_across(sheet, A3, PAGES)
    _questions(book.create_sheet("Questions"), [q for q in asked if q.kind not in ("about", "consent")])
    entry_sheets.explain(book.create_sheet("Read me"), _STAFF if staff else _PARTNERS)
    book.properties.creator = "auditkit"
    save_book(book, path)


def _field(question: Question) -> Field:
    width = _WIDTHS.get(question.code, max(11, len(question.code) + 3))
    message = question.text if question.kind in ("about", "consent") else f"{question.text}{_meaning(question)}"
    kind = "date" if question.code == "answered_on" else "number" if question.kind == "fact" else "text"
    if question.kind == "open":
        return Field(question.code, 45, message, wrap=True)
    return Field(
        question.code,
        width,
        message,
        question.cells,
        kind=kind,
        limit=question.limit,
        strict=question.kind != "fact",
        centred=question.kind in ("rating", "fact"),
    )


def _meaning(question: Question) -> str:
    """What the lowest and the highest number stand for."""
    if question.kind != "rating":
        return ""
    return f"\n1 = {question.options[0]}, 5 = {question.options[-2]}.".replace("1 = 1 (lowest)", "1 = lowest").replace(
        "5 = 5 (highest)", "5 = highest"
    )


def _questions(sheet: Any, questions: Sequence[Question]) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    put(sheet.cell(1, 1), NOT_READ)
    sheet.cell(1, 1).font = Font(name=FONT, italic=True, color=entry_sheets.GREY)
    line = Side(style="thin", color=LINE)
    entry_sheets.header(sheet, 3, ("code", "wording", "scale", "reversed", "kind", "asked", "answers"))
    for row, question in enumerate(questions, start=4):
        turned = ("yes" if question.reversed else "no") if question.kind == "rating" else ""
        answers = ", ".join(question.cells) or ("a whole number" if question.kind == "fact" else "in words")
        cells = (question.code, question.text, question.scale, turned, question.kind, _ASKED[question.asked], answers)
        for place, value in enumerate(cells, start=1):
            cell = sheet.cell(row, place)
            put(cell, value or None)
            cell.border = Border(bottom=line)
            cell.alignment = Alignment(wrap_text=place in (2, 3, 7), vertical="top")
    for letter, width in zip("ABCDEFG", (13, 80, 24, 10, 9, 18, 34), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "B4"
    sheet.sheet_view.showGridLines = False
    sheet.print_title_rows = "3:3"
    print_across(sheet, A4, 1)


_TYPING = (
    "Type one row for each form that came back. Choose a cell: its question is shown beside it, and where there is a "
    "list, a click on the arrow opens it.",
    "Leave a cell empty where nothing was ticked. An empty consent counts as no; without a yes in consent_analysis "
    "the row is not analysed.",
    'Ratings are typed as ticked, 1 (the first box) to 5 (the last), or "cannot say". Do not turn any round: auditkit '
    "does it.",
    "Type open answers as they were written. Do not correct them. If a name stands in one, type [name] for it.",
    "Leave the headers as they are. Columns that you do not need may stay empty. The sheet Questions says what each "
    "code asks.",
)
_NEXT = ("auditkit check answers.xlsx shows how the file is understood. auditkit analyse answers.xlsx analyses it.",)
_PARTNERS: tuple[tuple[str, Sequence[str]], ...] = (
    ("Typing in the forms", _TYPING),
    (
        "Codes and rounds",
        (
            "respondent_id and pair_id are the codes of codes.csv. The same person has the same code in every round. "
            "Who has which code stands in roster.xlsx only. No name and no e-mail address belongs into this file.",
            "One row is one person in one round. For the repeat round, add rows below with the same codes and with "
            "repeat in the column round. Delete the rows of people who did not answer.",
        ),
    ),
    ("Then", _NEXT),
)
_STAFF: tuple[tuple[str, Sequence[str]], ...] = (
    ("Typing in the forms", _TYPING),
    (
        "Services and rounds",
        (
            "Staff have no codes: nobody can tell whose form a row is. Type the service only where the form names it. "
            "Every row needs the round, baseline or repeat, and staff in the column role.",
        ),
    ),
    ("Then", tuple(text.replace("answers.xlsx", "answers-staff.xlsx") for text in _NEXT)),
)
