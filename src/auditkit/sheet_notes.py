"""Memo, quote, paraphrase and "not for quotation" of a row, put together with what was noted before."""

from __future__ import annotations

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
    shown = {}
    for note in notes.to_dict("records"):
        cells = {column: note[field] for column, field in FIELDS.items()}
        shown[blind_id(note["answer"])] = cells | {"not for quotation": "x" if note["not_for_quotation"] else ""}
    return shown


def without(row: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """A row of a sheet without the notes that it was handed out with."""
    return {name: value for name, value in row.items() if not value or spaced(value) != spaced(shown.get(name, ""))}


def joined(said: Note, row: Mapping[str, str], held: Note | None, coder: str, handed_out: str) -> dict[str, Any] | None:
    """The note of an answer after a row was taken over; None where it stays as it is.

    ``said``: fields that the row says something about. A field that it leaves empty stays, unless the sheet showed
    it, so that somebody must have emptied it. What somebody else noted and the sheet did not show is kept in the
    memo where both say something; "not for quotation" holds if either says so.
    """
    before = dict.fromkeys(FIELDS.values(), "") | {"not_for_quotation": 0} | dict(held or {})
    was_shown = held is not None and bool(handed_out) and held["at"] <= handed_out
    is_others = held is not None and not was_shown and held["coder"] != coder
    after: dict[str, Any] = {}
    also: list[str] = []
    for column, field in FIELDS.items():
        old, new = before[field], said.get(field)
        if new is None:
            new = type(old)() if was_shown and column in row else old
        elif old and new and old != new and is_others:
            also.append(str(old) if field == "memo" else f"{column}, {before['coder']}: {old}")
        elif field == "not_for_quotation" and is_others:
            new = max(old, new)
        after[field] = new
    after["memo"] = "\n".join([*also, after["memo"]]).strip()
    return None if after == {field: before[field] for field in FIELDS.values()} else after
