"""people.xlsx: who is in which round, and who may be the same person under two codes: a person decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import workbook
from auditkit.errors import AuditkitError
from auditkit.files import save_book
from auditkit.grids import at, read_grids
from auditkit.linking import NOBODY, Linking, Rounds
from auditkit.roster import natural_key
from auditkit.values import fold, yes_no
from auditkit.wording import counted

if TYPE_CHECKING:
    import pandas as pd

DECIDE = ("pair", "role", "earlier code", "later code", "why", "likeness", "same person?")
EVERYBODY = ("pair", "role", "code", "state", "rounds")
PAIRS = {
    **{"pair": "pair", "state": "state", "n_before": "people before", "n_after": "people after"},
    **{"matched": "the same people", "detail": "what happened"},
}


def write(path: Path, linking: Linking, rounds: Rounds, pairs: pd.DataFrame) -> None:
    """Write the sheets "To decide", "Everybody" and "Pairs". Codes only: no names, no answers.

    ``pairs``: as in a comparison. Decisions that stand in the file and are not taken over yet are kept.
    """
    import openpyxl
    import pandas as pd
    from openpyxl.worksheet.datavalidation import DataValidation

    before = read(path) if path.exists() else {}
    book = openpyxl.Workbook()
    rows = [
        (one.pair, one.role, one.before, one.after, one.why, one.likeness or None, _said(before, one.before, one.after))
        for one in linking.near
    ]
    decide = book.worksheets[0]
    workbook.fill(decide, "To decide", pd.DataFrame(rows, columns=DECIDE, dtype=object))
    if rows:
        asked = DataValidation(type="list", formula1='"yes,no"', allow_blank=True)
        decide.add_data_validation(asked)
        asked.add(f"G2:G{len(rows) + 1}")
    workbook.fill(book.create_sheet(), "Everybody", pd.DataFrame(_everybody(linking, rounds), columns=EVERYBODY))
    workbook.fill(book.create_sheet(), "Pairs", pairs[list(PAIRS)].rename(columns=PAIRS))
    save_book(book, path)


def read(path: Path) -> dict[str, str]:
    """What was decided: later code to earlier code, or to "nobody" where they are two people.

    Sorting, added columns and deleted rows do no harm. Raises AuditkitError, with every cell that is neither yes
    nor no, where the sheet cannot be understood.
    """
    decided: dict[str, str] = {}
    refused: dict[str, set[bool]] = {}
    wrong = []
    for grid in read_grids(path):
        if fold(grid.sheet) != "to decide" or not grid.rows:
            continue
        places = {fold(cell): index for index, cell in enumerate(grid.rows[0])}
        missing = [name for name in ("earlier code", "later code", "same person") if name not in places]
        if missing:
            raise AuditkitError(
                f"{path.name}, sheet {grid.sheet}: there is no column {' or '.join(missing)}",
                "Put the header back, or delete the file: auditkit compare writes it again.",
            )
        for number, row in enumerate(grid.rows[1:], start=2):
            earlier, later, said = (at(row, places[n]) for n in ("earlier code", "later code", "same person"))
            answer = yes_no(said)
            refused.setdefault(later, set()).add(answer == "no")
            if not said:
                continue
            if answer not in ("yes", "no") or not earlier or not later:
                wrong.append(f"row {number}, column same person?: neither yes nor no")
            elif answer == "yes":
                if decided.get(later, earlier) != earlier:
                    wrong.append(f"row {number}, column same person?: {later} is already {decided[later]}")
                decided[later] = earlier
    if wrong:
        raise AuditkitError(
            f"{path.name}: {counted(len(wrong), 'decision')} cannot be used",
            "Write yes or no, one earlier code for each later one, and save the file.",
            details=wrong,
        )
    nobody = [later for later, answers in refused.items() if answers == {True}]
    return {**dict.fromkeys(nobody, NOBODY), **decided}


def _said(decided: Mapping[str, str], earlier: str, later: str) -> str:
    if later not in decided:
        return ""
    return "yes" if decided[later] == earlier else "no"


def _everybody(linking: Linking, rounds: Rounds) -> list[tuple[Any, ...]]:
    """One row a person and pair: in which rounds, and so matched, joined or left."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    roles: dict[tuple[str, str], str] = {}
    for name, people in rounds:
        for row in people.itertuples():
            key = (row.pair, linking.mapping.get(row.respondent, row.respondent))
            found[key].append(name)
            roles[key] = row.role or roles.get(key, "")
    names = [name for name, _ in rounds]
    listed = []
    for (pair, code), held in sorted(found.items(), key=lambda item: tuple(map(natural_key, item[0]))):
        state = "matched" if len(set(held)) > 1 else "left" if held[0] != names[-1] else "joined"
        listed.append((pair, roles[pair, code], code, state, ", ".join(dict.fromkeys(held))))
    return listed
