"""A codebook to begin with: one theme worked out, and what each column is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auditkit import codebook, entry_sheets
from auditkit.codebook import Codebook, Theme
from auditkit.errors import AuditkitError
from auditkit.files import save_book

WORKED = Theme(
    id="T01",
    label="Handovers (an example: delete this row)",
    definition="Whether what one shift knows reaches the next: handing over in person, notes, lists, who calls whom.",
    include="Handovers between shifts, wards and teams; handover sheets; being called back for something left unsaid.",
    exclude="News that did not get passed on by day: Communication.",
    statements_good=(
        "The handover is short and I know what matters.",
        "Whoever goes home tells me what is still open.",
        "We hand over at the bedside, both teams together.",
    ),
    statements_poor=(
        "I find out in the middle of the night what nobody told me.",
        "The handover sheet is never filled in.",
        "Everybody hands over in another way.",
    ),
    status="retired",
)
"""Retired, so that a row that was left there by mistake is not coded."""

READ_ME = (
    (
        "What this is",
        (
            "One theme a row, on the sheet Themes. Answers are compared with what stands here: the closer its "
            "sentences are to what people write, the better answers are coded.",
            "Take it over with: auditkit codebook import FILE. Or name it when you begin: auditkit analyse ANSWERS "
            "--codebook FILE.",
        ),
    ),
    (
        "Columns",
        (
            "id: leave it empty. auditkit gives T01, T02, ... and never gives an id twice. Do not change one.",
            'label: the name, short, each one once, without ";" and not "none". Only this column must be filled.',
            "definition: one or two sentences on what the theme is. It counts when answers are coded.",
            "include, exclude: for people who code: what belongs to it, and what belongs to which other theme instead.",
            "statements_good: whole sentences, one a line (Alt and Enter in a cell), as people write them where it "
            '"works well".',
            'statements_poor: the same where it is a "problem". About twelve a side; with fewer than six, results are '
            "poor.",
            "statements: sentences that are neither, for themes without sides.",
            "expects: questions under which the theme is likely, one a line, as they stand in your spreadsheet.",
            "parent: the theme above this one, by id or label. Two levels at most.",
            "status: accepted (coded), suggested or retired (not coded). An empty cell is accepted.",
        ),
    ),
    (
        "Whose sentences",
        (
            "Write them yourself. A codebook is shown to others, so no sentence of a respondent may stand here, not "
            "even without the name.",
        ),
    ),
)


def new(path: Path, *, shipped: bool) -> Codebook:
    """Write a codebook with one worked theme, or with the shipped ones; as a workbook, explained on its own sheet.

    Raises AuditkitError where a file is there, or for another kind of file.
    """
    if path.exists():
        raise AuditkitError(f"{path} is there already.", "Name another file, or move it away.")
    default = codebook.default()
    book = default if shipped else Codebook((WORKED,), default.junk, path.stem)
    codebook.write(path, book)
    if path.suffix.casefold() == ".xlsx":
        _explain(path)
    return book


def _explain(path: Path) -> None:
    import openpyxl

    workbook: Any = openpyxl.load_workbook(path)
    entry_sheets.explain(workbook.create_sheet("Read me"), READ_ME)
    del workbook["Suggested"]
    save_book(workbook, path)
