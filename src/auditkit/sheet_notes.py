"""Memo, quote, paraphrase and "not for quotation" of a row, put together with what was noted before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from auditkit.review_files import NOTES, spaced

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.blind_ids import BlindId

AWAY = "-"  # typed into a cell: takes away what was noted
FIELDS = {name: name.replace(" ", "_") for name in NOTES}
"""Column of the sheet to field of a note."""

Note = Mapping[str, Any]
"""memo, quote, paraphrase, not_for_quotation (0 or 1); one that is held also has coder and at."""


def as_shown(notes: pd.DataFrame, blind_id: BlindId) -> dict[str, dict[str, str]]:
    """What stands of notes in a sheet: an answer's blind id to the cells of ``NOTES``."""
    return {blind_id(note["answer"]): cells_of(note) for note in notes.to_dict("records")}


def cells_of(note: Note) -> dict[str, str]:
    """A note as it stands in a sheet, by column."""
    cells = {column: note[field] for column, field in FIELDS.items()}
    return cells | {"not for quotation": "x" if note["not_for_quotation"] else ""}


def without(row: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """A row of a sheet without the notes that it was handed out with."""
    return {name: value for name, value in row.items() if not value or spaced(value) != spaced(shown.get(name, ""))}


def mark(cell: str) -> str:
    """By what it is seen that somebody has changed a cell."""
    return hashlib.sha256(spaced(cell).encode()).hexdigest()[:8]


def joined(
    said: Note, row: Mapping[str, str], held: Note | None, coder: str, shown: Mapping[str, str] | None
) -> dict[str, Any] | None:
    """The note of an answer after a row was taken over; None where it stays as it is.

    ``said``: fields that the row says something about. ``shown``: marks of the cells as the sheet was handed out, by
    column; None where the sheet does not tell, as a csv. A cell that nobody touched changes nothing. One that was
    emptied takes the field away. Where somebody else has noted something since, a memo is joined to theirs, their
    words are kept in the memo, and "not for quotation" holds if either says so.
    """
    before = dict.fromkeys(FIELDS.values(), "") | {"not_for_quotation": 0, "coder": coder} | dict(held or {})
    now = cells_of(before)
    is_others = before["coder"] != coder
    after: dict[str, Any] = {}
    also: list[str] = []
    for column, field in FIELDS.items():
        old, new = before[field], said.get(field)
        handed_out = None if shown is None or column not in row else shown.get(column, mark(""))
        noted_since = is_others and (handed_out is None or mark(now[column]) != handed_out)
        if handed_out is not None and mark(row[column]) == handed_out:
            new = old
        elif new is None:
            new = old if handed_out is None or noted_since else type(old)()
        elif noted_since and field == "not_for_quotation":
            new = max(old, new)
        elif noted_since and old and new and str(new) in str(old).splitlines():
            new = old
        elif noted_since and old and new != old:
            also.append(str(old) if field == "memo" else f"{column}, {before['coder']}: {old}")
        after[field] = new
    after["memo"] = "\n".join([*also, after["memo"]]).strip()
    if after == {field: before[field] for field in FIELDS.values()}:
        return None
    return after | {"coder": f"{before['coder']}, {coder}" if also else coder}
