"""Which columns of a table are those of a codebook: by their own names, else by those that frameworks usually have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from auditkit.errors import AuditkitError

TITLE_ROWS = 10  # the header is looked for in as many rows
LABEL = "label"
USUAL = {
    LABEL: "sub_category subcategory sub_theme subtheme theme code name".split(),
    "parent": "category main_theme group theme".split(),
    "definition": "description meaning".split(),
}
"""Column to what it is called elsewhere, the likest first; tried only where no column is called label."""

Table = Sequence[tuple[int, Sequence[object]]]
"""Rows with their numbers."""


@dataclass(frozen=True)
class Columns:
    """A header: its row, its cells, and the position of each column that is known; ``usual`` where by usual names."""

    row: int
    headers: tuple[str, ...]
    at: dict[str, int]
    usual: bool = False

    def told(self) -> list[str]:
        """What was read as what under another name, and what was not read."""
        renamed = [
            f"{self.headers[position]} {'read ' if number == 0 else ''}as {column}"
            for number, (column, position) in enumerate(
                (column, position)
                for column, position in sorted(self.at.items(), key=lambda each: (each[0] != LABEL, each[1]))
                if plain_name(self.headers[position]) != column
            )
        ]
        left = [name for position, name in enumerate(self.headers) if name and position not in self.at.values()]
        return [*([f"{', '.join(renamed)}."] if renamed else []), *([f"{', '.join(left)}: not read."] if left else [])]


def plain_name(header: str) -> str:
    """A header without case, blanks and punctuation: "Statements (good)" is statements_good."""
    return re.sub(r"[\W_]+", "_", header.casefold()).strip("_")


def cell_text(value: object) -> str:
    """A cell as a person reads it: no carriage returns, 7 and not 7.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def find(table: Table, columns: Collection[str], needed: str) -> Columns | None:
    """The header of a table, None where no row among the first is one.

    That is the first row with the column ``needed``; for a codebook without the column label, the first with a
    column that is usually called otherwise, beside others or above one column alone.
    """
    filled = _filled(table)
    for number, headers in filled:
        names = [plain_name(header) for header in headers]
        if needed in names:
            return Columns(number, headers, {name: names.index(name) for name in names if name in columns})
    for number, headers in filled if needed == LABEL else []:
        at = _usual([plain_name(header) for header in headers], columns)
        if LABEL in at and (sum(map(bool, headers)) > 1 or all(sum(map(bool, cells)) == 1 for _, cells in filled)):
            return Columns(number, headers, at, usual=True)
    return None


def refuse_twins(found: Columns, place: str, columns: Collection[str]) -> None:
    """Raise AuditkitError where two columns have one known name."""
    names = [plain_name(header) for header in found.headers]
    for position, name in enumerate(names):
        if (name in columns or position in found.at.values()) and name in names[:position]:
            raise AuditkitError(
                f'{place}: two columns are called "{found.headers[position]}"', "Rename or remove one of them."
            )


def first_headers(table: Table) -> str:
    """The cells of the first row that holds something, for a message."""
    filled = _filled(table)
    return ", ".join(filter(None, filled[0][1])) if filled else ""


def _usual(names: Sequence[str], columns: Collection[str]) -> dict[str, int]:
    """Positions of columns by their own names and by usual ones."""
    at = {name: names.index(name) for name in names if name in columns}
    label = _first(names, USUAL[LABEL], at.values())
    if label is None:
        return {}
    at[LABEL] = label
    described = [f"{names[label]}_{word}" for word in ("definition", *USUAL["definition"])]
    for column, wanted in (("parent", USUAL["parent"]), ("definition", [*described, *USUAL["definition"]])):
        if column not in at and (position := _first(names, wanted, at.values())) is not None:
            at[column] = position
    return at


def _first(names: Sequence[str], wanted: Iterable[str], taken: Collection[int]) -> int | None:
    return next((names.index(name) for name in wanted if name in names and names.index(name) not in taken), None)


def _filled(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    """The first rows that hold something, as texts."""
    rows = ((number, tuple(map(cell_text, cells))) for number, cells in table)
    found = []
    for number, cells in rows:
        if any(cells):
            found.append((number, cells))
        if len(found) == TITLE_ROWS:
            break
    return found
