"""The answers of an audit, found by what a review sheet says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from auditkit.review_files import spaced

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.blind_ids import BlindId

WHOLE = re.compile(r"\.0+$")  # what spreadsheets add to a whole number

Found = tuple["CodedRound", str, str]
"""Round, key and stored text of an answer."""


class SheetAnswers:
    """Found by their blind id, else by round, respondent and text; by less where a spreadsheet changed the rest."""

    BY = (
        ("round", "row", "respondent", "question", "text"),
        ("round", "respondent", "question", "text"),
        ("round", "row", "question", "text"),
        ("row", "question", "text"),
    )

    def __init__(self, rounds: Sequence[CodedRound], blind_id: BlindId) -> None:
        self._by_id: dict[str, Found] = {}
        self._by: dict[tuple[str, ...], dict[tuple[str, ...], list[Found]]] = {}
        columns = ["answer", "round", "row", "respondent", "question", "text"]
        for coded in rounds:
            for answer, *place in coded.responses.answers[columns].itertuples(index=False):
                row = dict(zip(columns[1:], map(str, place), strict=True))
                self._by_id[blind_id(answer)] = (coded, answer, row["text"])
                for names in self.BY:
                    index = self._by.setdefault(names, {})
                    index.setdefault(_key(row, names), []).append((coded, answer, row["text"]))

    def find(self, row: Mapping[str, str]) -> Found | str:
        """The answer in a row of the sheet; else why there is none."""
        if row.get("id", "").strip():
            known = self._by_id.get(row["id"].strip().upper())
            if known is None:
                return "no answer of this audit has this id"
            if "text" in row and spaced(row["text"]) != spaced(known[2]):
                return "the text was changed in the sheet; put it back, or empty the row"
            return known
        several = False
        for names in self.BY:
            found = self._by.get(names, {}).get(_key(row, names), []) if all(name in row for name in names) else []
            if len(found) == 1:
                return found[0]
            several = several or len(found) > 1
        if several:
            return "several answers say this, and no column tells which is meant"
        return "this answer is not in the audit, or its text was changed"


def _key(row: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(WHOLE.sub("", row[name].strip()) if name == "row" else spaced(row[name]) for name in names)
