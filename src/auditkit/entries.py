"""The rows of a sheet, understood: who answered, in which pair and round, and what."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditkit import contents, dates, spellings, values
from auditkit.columns import BY_RESPONSE, Column
from auditkit.grids import Problem
from auditkit.hints import PERSONAL
from auditkit.items import Item, Items
from auditkit.sheets import Sheet

if TYPE_CHECKING:
    from auditkit.config import Config

Where = tuple[str, str, int]
"""File, sheet and row."""

KINDS = ("respondent", "email", "self_code")
"""Roles of columns that say who answered, the better first. Of a row, the first that is filled counts."""

WHO = frozenset((*KINDS, "pair", "service", "role", "round"))
"""Roles of columns that are filled before anybody has answered."""

_NO_WORDS = re.compile(r"-(?:9{1,4}|[678]{2})(?:\.0)?")
UNCLEAR_DATES = "dates that could be day first or month first"


@dataclass
class Entry:
    """One row. ``respondent`` and ``round`` may be "" until they are settled over all rows.

    ``identity``: by what the respondent is known over rounds: respondent, email, self_code, pair+role or none.
    ``blank``: it says who, and nothing else, as a row that waits for its answers.
    answers: (item, question, text); ratings: (item, scale, rating, scored); facts: (item, value).
    """

    where: Where
    respondent: str = ""
    identity: str = "none"
    pair: str = ""
    service: str = ""
    role: str = ""
    sponsor: bool = False
    round: str = ""
    date: str = ""
    consents: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    ratings: list[tuple[str, str, float, float]] = field(default_factory=list)
    facts: list[tuple[str, float]] = field(default_factory=list)
    blank: bool = False


def read_entries(
    sheet: Sheet, columns: Sequence[Column], config: Config, items: Items, gone: set[str] | None = None
) -> tuple[list[Entry], list[Problem]]:
    """Every row that may be analysed, blank ones too, and what was wrong with cells.

    Left out and listed: rows without consent to analysis, withdrawn ones, remarks of a single cell.
    Pair and service codes are already in one spelling; respondents are as written. To ``gone`` are added the codes,
    folded, of those who withdrew or said no to analysis; "" for one whom the sheet does not tell from others.
    """
    reader = _Reader(sheet, columns, config, items)
    entries = [
        entry
        for number, row in zip(sheet.numbers, sheet.rows, strict=True)
        if (entry := reader.entry(number, row)) is not None
    ]
    if gone is not None:
        gone |= reader.gone
    return entries, reader.problems + reader.summary()


class _Reader:
    def __init__(self, sheet: Sheet, columns: Sequence[Column], config: Config, items: Items) -> None:
        self.sheet, self.config = sheet, config
        self.problems: list[Problem] = []
        self.gone: set[str] = set()
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.spellings: dict[str, dict[str, Counter[str]]] = {
            "pair": defaultdict(Counter),
            "service": defaultdict(Counter),
        }
        self.roles: dict[str, tuple[str, bool]] = {}
        self.places = {
            column.role: (index, column.header)
            for index, column in enumerate(columns)
            if column.role not in ("open", "rating", "fact", "ignore")
        }
        given = {kind: sheet.values(index) for kind, (index, _) in self.places.items() if kind.startswith("consent")}
        self.ticked = {kind for kind, cells in given.items() if contents.is_ticked(cells)}
        self.uncoded = {kind for kind, cells in given.items() if set(map(values.whole, cells)) in ({"1", "2"}, {"2"})}
        left = self.places.get("withdrawn")
        self.speaks_of_withdrawing = left is not None and any(map(values.withdrawn, sheet.values(left[0])))
        self.passing = {column.role for column in columns if column.reason == BY_RESPONSE}
        self.asked = [
            (index, column.header, item)
            for index, column in enumerate(columns)
            if (item := items.of_column(sheet, index, column)) is not None
        ]
        self.says_who = [column.role in WHO or PERSONAL in column.reason for column in columns]
        self.by_question: Mapping[str, Item] = items.of_questions(sheet, columns)
        date = self.places.get("date")
        days = sheet.values(date[0]) if date else []
        order = dates.order(days) if date else "day"
        self.month_first = order == "month"
        if date is not None and dates.mixed(days):
            found, fix = "dates with the day first and with the month first", "Write the dates as 2025-01-31."
            self.problems.append(self._problem(0, date[1], "warning", found, "day first where it can be", fix))
        if order == "unclear" and date is not None:
            taken = "day first, as in 31/01/2025"
            fix = "If that is wrong, write the dates as 2025-01-31."
            self.problems.append(
                self._problem(0, date[1], "note", f"{dates.unclear(days)} {UNCLEAR_DATES}", taken, fix)
            )
        self.cache: dict[tuple[str, str], float | str] = {}

    def entry(self, number: int, row: Sequence[str]) -> Entry | None:
        entry = Entry((self.sheet.file, self.sheet.name, number))
        entry.blank = not any(cell for cell, who in zip(row, self.says_who, strict=True) if not who)
        if self._left_out(number, row, blank=entry.blank):
            return None
        before = len(self.problems)
        for kind in KINDS:
            entry.respondent = values.person(self._cell(row, kind))
            if entry.respondent:
                entry.identity = "none" if kind in self.passing else kind
                break
        entry.round = values.whole(self._cell(row, "round"))
        self._unit(entry, row)
        self._role(entry, row)
        self._date(entry, row)
        if entry.blank:
            self.counts["", "nothing but who answers", "left out"] += 1
            del self.problems[before:]
            return entry
        self._consents(entry, row)
        asked = self._cell(row, "question") if "question" in self.places else None
        for index, header, item in self.asked:
            text = row[index]
            if asked is not None and item.kind == "open" and text:
                if not asked:
                    fix = "Write the question into the cell."
                    column = self.places["question"][1]
                    self._add(number, column, "warning", "no question", "an answer to no question", fix)
                item = self.by_question.get(asked, item)
            self._answer(entry, number, header, item, text)
        return entry

    def summary(self) -> list[Problem]:
        """What concerns the sheet as a whole: how often what was met, and which spellings were made one."""
        notes = [
            self._problem(0, header, "note", f"{_count(times, 'row')} with {found}", taken)
            for (header, found, taken), times in sorted(self.counts.items())
        ]
        for part, found in self.spellings.items():
            header = self.places[part][1] if part in self.places else ""
            tidied = 0
            for code, written in sorted(found.items()):
                if len(written) > 1:
                    notes += [
                        self._problem(0, header, "note", f"'{spelling}'", code)
                        for spelling in sorted(written)
                        if spelling != code
                    ]
                else:
                    tidied += code not in written
            if tidied:
                many = _count(tidied, f"{part} code")
                notes.append(self._problem(0, header, "note", many, "written in small letters with dashes"))
        role_header = self.places["role"][1] if "role" in self.places else ""
        for text, (role, _) in sorted(self.roles.items()):
            if role and values.fold(text) != values.fold(role):
                known = values.is_harmless(text) or values.fold(text) in map(values.fold, self.config.roles)
                shown = f"'{values.plain(text)}'" if known else values.shape(text)
                notes.append(self._problem(0, role_header, "note", shown, role))
        return list(dict.fromkeys(notes))

    def _left_out(self, number: int, row: Sequence[str], *, blank: bool) -> bool:
        if sum(map(bool, row)) == 1 and len(row) >= 4:
            filled = next(index for index, cell in enumerate(row) if cell)
            if filled not in {index for index, *_ in self.asked}:
                self._add(number, "", "note", "one cell only", "a remark, left out", "")
                return True
        if self._has_withdrawn(self._cell(row, "withdrawn")):
            self._add(number, self.places["withdrawn"][1], "note", "withdrawn", "row left out", "")
            self.gone |= self._codes(row)
            return True
        if blank or "consent_analysis" not in self.places:
            return False
        index, header = self.places["consent_analysis"]
        consent = self._consent(row[index], "consent_analysis")
        if consent == "no":
            self.counts[header, "no consent to analysis", "left out"] += 1
            self.gone |= self._codes(row)
        elif consent != "yes":
            found = "no answer" if consent == "" else values.shape(row[index])
            fix = "Ask for consent, then write yes or no."
            if "consent_analysis" in self.uncoded:
                found, fix = (
                    "1 or 2, and nothing says which is yes",
                    'Write yes or no, or "(1=yes, 2=no)" in the header.',
                )
            self._add(number, header, "error", found, "row left out", fix)
        return consent != "yes"

    def _codes(self, row: Sequence[str]) -> set[str]:
        """By which codes, folded, the person of a row that is left out may have been known; "" for any that tells
        nobody apart."""
        said = next(filter(None, (values.person(self._cell(row, kind)) for kind in KINDS)), "")
        if said:
            return {values.fold(said)}
        pair = values.pair_code(self._cell(row, "pair"))
        pair = values.pair_code(spellings.decided(pair, self.config.pairs)) if pair else ""
        role = values.role(self._cell(row, "role"), self.config.roles)[0]
        return {"", *([values.fold(f"{pair}-{role}")] if pair and role else [])}

    def _has_withdrawn(self, text: str) -> bool:
        """Whether a cell of the column for withdrawal says so; other words than no and the like do, too."""
        if not text or text == "-" or values.yes_no(text) == "no":
            return False
        return values.withdrawn(text) or not self.speaks_of_withdrawing

    def _consent(self, text: str, kind: str) -> str:
        if kind in self.uncoded:
            return "?"
        return values.consent("yes" if kind in self.ticked and text else text, kind)

    def _unit(self, entry: Entry, row: Sequence[str]) -> None:
        """The pair and the service, in one spelling, and as the analyst decided."""
        for part, decided in (("pair", self.config.pairs), ("service", self.config.services)):
            if part not in self.places:
                continue
            index, header = self.places[part]
            code = values.pair_code(row[index])
            if code:
                self.spellings[part][code][row[index]] += 1
            elif part == "pair":
                fix = "Write the pair's code into the cell."
                self._add(entry.where[2], header, "error", "no pair", "analysed without a pair", fix)
            setattr(entry, part, values.pair_code(spellings.decided(code, decided)) if code and decided else code)

    def _role(self, entry: Entry, row: Sequence[str]) -> None:
        if "role" not in self.places:
            return
        index, header = self.places["role"]
        text = row[index]
        if text not in self.roles:
            self.roles[text] = values.role(text, self.config.roles)
        entry.role, entry.sponsor = self.roles[text]
        if not entry.role:
            found = values.shape(text) if text else "no role"
            fix = "Write doctor, manager, staff, sponsor_doctor or sponsor_manager, or name it under [roles]."
            near = values.near_role(text, self.config.roles) if text else ""
            if near:
                fix = f'Near "{near}". If that is meant, write so, or name it under [roles] in audit.toml.'
            self._add(entry.where[2], header, "error", found, "role unknown", fix)

    def _date(self, entry: Entry, row: Sequence[str]) -> None:
        if "date" not in self.places:
            return
        index, header = self.places["date"]
        date = dates.date(row[index], month_first=self.month_first)
        if date is None:
            found, fix = values.shape(row[index]), "Write the date as 2025-01-31."
            self._add(entry.where[2], header, "warning", found, "no date", fix)
        entry.date = date or ""

    def _consents(self, entry: Entry, row: Sequence[str]) -> None:
        for kind, levels in values.CONSENTS.items():
            text = self._cell(row, kind)
            consent = self._consent(text, kind)
            if consent not in levels:
                header, fix = self.places[kind][1], f"Write {', '.join(levels[:-1])} or {levels[-1]}."
                self._add(entry.where[2], header, "error", values.shape(text), levels[0], fix)
                consent = levels[0]
            entry.consents[kind] = consent

    def _answer(self, entry: Entry, number: int, header: str, item: Item, text: str) -> None:
        if item.kind == "open":
            if _NO_WORDS.fullmatch(text):
                self.counts[header, "a code for no answer, as -99", "missing"] += 1
            elif text:
                entry.answers.append((item.name, item.question, text))
            return
        if (item.name, text) not in self.cache:
            self.cache[item.name, text] = item.read(text)
        read = self.cache[item.name, text]
        if not isinstance(read, float):
            self._missing(number, header, text, read, item.kind)
        elif item.kind == "rating":
            entry.ratings.append((item.name, item.scale, read, item.scored(read)))
        else:
            entry.facts.append((item.name, read))

    def _missing(self, number: int, header: str, text: str, read: str, kind: str) -> None:
        if read == values.CANNOT_SAY:
            self.counts[header, '"cannot say" or "not applicable"', "missing"] += 1
        elif read != values.BLANK:
            need = "a rating" if kind == "rating" else "a number"
            fix = f"Write {need}, or words with a number under [ratings.words] in audit.toml."
            if kind == "fact":
                fix = f"Write {read.removeprefix('not ')}." if read.startswith("not worsen") else "Write a number."
            if read.startswith("outside"):
                fix = "Correct the cell, or set low and high under [ratings] in audit.toml."
            self._add(number, header, "error", f"{values.shape(text)}: {read}", "left out", fix)

    def _cell(self, row: Sequence[str], role: str) -> str:
        return row[self.places[role][0]] if role in self.places else ""

    def _problem(self, row: int, column: str, severity: str, found: str, taken_as: str, fix: str = "") -> Problem:
        return Problem(self.sheet.file, self.sheet.name, row, column, severity, found, taken_as, fix)

    def _add(self, row: int, column: str, severity: str, found: str, taken_as: str, fix: str) -> None:
        self.problems.append(self._problem(row, column, severity, found, taken_as, fix))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
