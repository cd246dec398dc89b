"""Which sheets of which files hold the answers, and what their columns mean."""

from __future__ import annotations

import difflib
import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.columns import Overrides, decide, recognised
from auditkit.errors import AuditkitError
from auditkit.grids import Problem
from auditkit.known_headers import NAMES_OF_COLUMNS, WORDINGS_OF_COLUMNS
from auditkit.questionnaire import match_item
from auditkit.sheets import Sheet, read_sheets
from auditkit.unfold import unfold
from auditkit.values import fold

if TYPE_CHECKING:
    from auditkit.columns import Column, Tables
    from auditkit.config import Config

TURNED = 3  # questions down the first column

Table = tuple[Sheet, "tuple[Column, ...]"]


@dataclass(frozen=True)
class Reading:
    """What a person says about a file: its sheet, its layout, the row (Excel's number) of its header."""

    sheet: str | None = None
    layout: str | None = None
    header_row: int | None = None


def expand(names: Sequence[Path]) -> list[Path]:
    """Files in the order named, patterns such as ``*.csv`` filled in by name; each file once.

    Raises AuditkitError for a pattern that no file fits, and for a file named twice.
    """
    found: list[Path] = []
    for name in names:
        is_pattern = glob.has_magic(str(name)) and not name.exists()
        fitting = [Path(path) for path in sorted(glob.glob(str(name)))] if is_pattern else [name]
        if not fitting:
            raise AuditkitError(f"No file fits {name}", "Check the pattern and the folder.")
        for path in fitting:
            if any(path.resolve() == other.resolve() for other in found):
                if is_pattern:
                    continue
                raise AuditkitError(f"{path} is named twice", "Name each file once.")
            found.append(path)
    return found


def read(
    paths: Sequence[Path], config: Config, reading: Reading | None, overrides: Overrides
) -> tuple[Tables, list[Problem]]:
    """The sheets that hold answers, with their columns, over all files; what was not read is noted.

    Raises AuditkitError where a file cannot be read, or holds no answers.
    """
    tables: Tables = []
    problems: list[Problem] = []
    for path in paths:
        found, notes = _of_file(path, config, reading or Reading(), overrides)
        tables += found
        problems += notes
    return tables, problems


def _of_file(path: Path, config: Config, reading: Reading, overrides: Overrides) -> tuple[Tables, list[Problem]]:
    """The sheet that holds the answers, and others with the same questions (other rounds, other services)."""
    sheets = read_sheets(
        path,
        recognised,
        layout=reading.layout,
        header_row=reading.header_row,
        unfinished=config.reading.unfinished == "read",
    )
    sheets = [unfold(sheet) for sheet in sheets]
    if not sheets:
        raise AuditkitError(f"{path.name} holds no text in any sheet", "Export or save the answers again.")
    if reading.sheet is not None:
        sheets = [_named(path.name, sheets, reading.sheet)]
    visible = [sheet for sheet in sheets if not sheet.hidden] or sheets
    tables: Tables = []
    failure: AuditkitError | None = None
    for sheet in visible:
        try:
            tables.append((sheet, decide(sheet, config, overrides)))
        except AuditkitError as error:
            failure = failure or error
    if not tables and failure:
        raise failure
    answered = [_answered(table) for table in tables]
    place = max(range(len(tables)), key=lambda index: (_about_people(tables[index]), answered[index]))
    best, columns = tables[place]
    where = path.name + (f", sheet {best.name}" if best.name else "")
    if _is_turned(best):
        raise AuditkitError(
            f"{where}: the questions run down the first column, and the people across",
            "Turn the sheet: copy it, then Paste special, Transpose. One row is one person.",
        )
    if not overrides.text and _lists_questions(tables[place]):
        raise AuditkitError(
            f"{where}: a list of questions, as in a codebook or data dictionary, and no answers",
            'Export the answers. Are these answers? Name their column with --text-column "HEADER".',
        )
    if not answered[place] and _is_form(best, columns):
        raise AuditkitError(f"{where}: no answers yet", "Type or paste them in, then run it again.")
    if not best.rows:
        fix = "Export the answers again, with the rows. Is another row the header? --header-row ROW says which."
        raise AuditkitError(f"{where}: no rows below the header", fix)
    if not answered[place]:
        raise AuditkitError(
            f"{where}: no column holds open answers or ratings",
            'Name one with --text-column "HEADER", or under [columns] in audit.toml.',
            details=[f'"{c.header[:60]}": {c.role} ({c.reason})' for c in columns[:20]],
        )
    questions = _questions((best, columns))
    chosen = [t for t, cells in zip(tables, answered, strict=True) if cells and _alike(_questions(t), questions)]
    names = {sheet.name for sheet, _ in chosen}
    problems = [_not_read(sheet) for sheet in sheets if sheet.name not in names]
    return chosen, problems


def _not_read(sheet: Sheet) -> Problem:
    found = "a hidden sheet" if sheet.hidden else "a sheet without these questions"
    return Problem(sheet.file, sheet.name, 0, "", "note", found, "not read", f'--sheet "{sheet.name}" reads it.')


def _named(file: str, sheets: Sequence[Sheet], wanted: str) -> Sheet:
    names = [sheet.name for sheet in sheets if sheet.name]
    for sheet in sheets:
        if sheet.name and fold(sheet.name) == fold(wanted):
            return sheet
    if not names:
        raise AuditkitError(f'--sheet "{wanted}": {file} has no sheets', "Leave --sheet out.")
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.4)
    fix = f'Did you mean "{near[0]}"?' if near else "Its sheets: " + ", ".join(f'"{name}"' for name in names)
    raise AuditkitError(f'--sheet: {file} has no sheet "{wanted}"', fix)


def _questions(table: Table) -> set[str]:
    return {fold(column.header) for column in table[1] if column.role in ("open", "rating", "fact")}


def _alike(questions: set[str], others: set[str]) -> bool:
    return 2 * len(questions & others) >= min(len(questions), len(others))


def _about_people(table: Table) -> int:
    """How much speaks for rows of people, up to 3: a list of the questions holds texts too, and nobody's ratings."""
    roles = {"respondent", "email", "self_code", "pair", "role", "round", "date", "consent_analysis", "rating"}
    return min(3, sum(column.role in roles for column in table[1]))


def _is_form(sheet: Sheet, columns: Sequence[Column]) -> bool:
    """Whether a sheet without answers asks what the questionnaire or audit.toml asks."""
    asked = any(c.reason == "audit.toml" and c.role in ("open", "rating") for c in columns)
    return asked or any(map(match_item, sheet.headers))


def _is_turned(sheet: Sheet) -> bool:
    """Whether the first column holds what headers say, and the headers do not."""
    down = [row[0] for row in sheet.rows if row[0]]
    known = sum(map(recognised, down))
    return known >= TURNED and known == len(set(down)) and not any(map(recognised, sheet.headers[1:]))


def _lists_questions(table: Table) -> bool:
    """Whether a table describes the columns of another one, and nobody's answers."""
    names = {fold(header) for header in table[0].headers}
    return bool(names & NAMES_OF_COLUMNS and names & WORDINGS_OF_COLUMNS) and not _about_people(table)


def _answered(table: Table) -> int:
    """How many cells of a table hold open answers or ratings."""
    sheet, columns = table
    places = [index for index, column in enumerate(columns) if column.role in ("open", "rating")]
    return sum(len(sheet.values(index)) for index in places)
