"""The rows of a sheet, understood: who answered, in which pair and round, and what."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from auditkit import questionnaire, values
from auditkit.columns import Column
from auditkit.sheets import Problem, Sheet

if TYPE_CHECKING:
    from auditkit.config import Config

Where = tuple[str, int]
"""Sheet and row."""

Tables = list[tuple[Sheet, tuple[Column, ...]]]

ALL_RATINGS = "all ratings"
"""The scale, and so the main question, of items that neither audit.toml nor the questionnaire knows."""


@dataclass
class Entry:
    """One row. ``respondent`` and ``round`` may be "" until they are settled over the whole file.

    answers: (item, question, text); ratings: (item, scale, rating, scored); facts: (item, value).
    """

    where: Where
    respondent: str = ""
    pair: str = ""
    role: str = ""
    sponsor: bool = False
    round: str = ""
    date: str = ""
    consents: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    ratings: list[tuple[str, str, float, float]] = field(default_factory=list)
    facts: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Bounds:
    """The lowest and highest rating of a file."""

    low: float
    high: float


def bounds(tables: Tables, config: Config) -> tuple[Bounds, list[Problem]]:
    """The answer scale: as in audit.toml, or a longer usual one where most rating columns go beyond it.

    A column goes beyond where more than a tenth of its numbers do; fewer than three such cells are errors.
    What audit.toml says is never changed, nor the scale of the questionnaire.
    """
    settings = config.ratings
    own = Bounds(settings.low, settings.high)
    if {"low", "high"} & settings.model_fields_set:
        return own, []
    columns: dict[str, list[float]] = defaultdict(list)
    for sheet, roles in tables:
        for index, column in enumerate(roles):
            if column.role == "rating":
                if questionnaire.match_item(column.header):
                    return own, []
                read = (values.rating(cell, -1e9, 1e9, settings.words) for cell in sheet.values(index))
                columns[column.header] += [number for number in read if isinstance(number, float)]
    outside = {
        header: sum(not own.low <= number <= own.high for number in numbers) for header, numbers in columns.items()
    }
    beyond = [columns[header] for header, times in outside.items() if times > 0.1 * len(columns[header])]
    if 2 * len(beyond) <= sum(bool(numbers) for numbers in columns.values()) or sum(outside.values()) < 3:
        return own, []
    for low, high in ((1.0, 7.0), (0.0, 10.0)):
        if all(low <= number <= high for numbers in beyond for number in numbers):
            found = f"most ratings lie within {low:g} to {high:g}, not {own.low:g} to {own.high:g}"
            fix = "If that is wrong, change low and high under [ratings] in audit.toml."
            taken = f"ratings from {low:g} to {high:g}"
            return Bounds(low, high), [Problem("", 0, "", "warning", found, taken, fix)]
    return own, []


def read_entries(
    sheet: Sheet, columns: Sequence[Column], config: Config, limits: Bounds
) -> tuple[list[Entry], list[Problem]]:
    """Every row that may be analysed, and what was wrong with cells.

    Left out and listed: rows without consent to analysis, withdrawn ones, remarks of a single cell.
    Pair codes are already in one spelling; respondents are as written.
    """
    reader = _Reader(sheet, columns, config, limits)
    entries = [
        entry
        for number, row in zip(sheet.numbers, sheet.rows, strict=True)
        if (entry := reader.entry(number, row)) is not None
    ]
    return entries, reader.problems + reader.summary()


class _Reader:
    def __init__(self, sheet: Sheet, columns: Sequence[Column], config: Config, limits: Bounds) -> None:
        self.sheet, self.config, self.limits = sheet, config, limits
        self.problems: list[Problem] = []
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.spellings: dict[str, Counter[str]] = defaultdict(Counter)
        self.roles: dict[str, str] = {}
        self.places = {
            column.role: (index, column.header)
            for index, column in enumerate(columns)
            if column.role not in ("open", "rating", "fact", "ignore")
        }
        self.open = self._of(columns, "open")
        self.rating = [(index, header, *self._item(header)) for index, header in self._of(columns, "rating")]
        self.fact = [
            (index, header, questionnaire.match_item(header) or header) for index, header in self._of(columns, "fact")
        ]
        self.questions = {header: _question(header) for _, header in self.open}
        date = self.places.get("date")
        self.month_first = date is not None and values.month_first(sheet.values(date[0]))

    def entry(self, number: int, row: Sequence[str]) -> Entry | None:
        entry = Entry((self.sheet.name, number))
        if self._left_out(number, row):
            return None
        entry.respondent = values.whole(self._cell(row, "respondent"))
        entry.round = values.whole(self._cell(row, "round"))
        self._pair(entry, row)
        self._role(entry, row)
        self._date(entry, row)
        self._consents(entry, row)
        self._answers(entry, row)
        for index, header, item, scale, turned in self.rating:
            limits = self.limits
            read = values.rating(row[index], limits.low, limits.high, self.config.ratings.words)
            if isinstance(read, float):
                scored = limits.low + limits.high - read if turned else read
                entry.ratings.append((item, scale, read, scored))
            else:
                self._missing(number, header, row[index], read, "a rating, or words with a number under")
        for index, header, item in self.fact:
            amount = values.fact(row[index], item)
            if isinstance(amount, float):
                entry.facts.append((item, amount))
            else:
                self._missing(number, header, row[index], amount, "a number, or words with a number under")
        return entry

    def summary(self) -> list[Problem]:
        """What concerns the sheet as a whole: how often what was met, and which spellings were made one."""
        notes = [
            self._problem(0, header, "note", f"{_count(times, 'row')} with {found}", taken)
            for (header, found, taken), times in sorted(self.counts.items())
        ]
        header = self.places["pair"][1] if "pair" in self.places else ""
        tidied = 0
        for code, spellings in sorted(self.spellings.items()):
            if len(spellings) > 1:
                notes += [
                    self._problem(0, header, "note", f"'{spelling}'", code)
                    for spelling in sorted(spellings)
                    if spelling != code
                ]
            else:
                tidied += code not in spellings
        if tidied:
            notes.append(
                self._problem(0, header, "note", _count(tidied, "pair code"), "written in small letters with dashes")
            )
        foreign = [header for _, header, _, scale, _ in self.rating if scale == ALL_RATINGS]
        if foreign:
            found = f"{_count(len(foreign), 'rating column')} that no scale names"
            fix = "Name scales under [scales] in audit.toml."
            notes.append(self._problem(0, "", "note", found, f'one scale, "{ALL_RATINGS}"', fix))
        role_header = self.places["role"][1] if "role" in self.places else ""
        for spelling, role in sorted(self.roles.items()):
            notes.append(self._problem(0, role_header, "note", f"'{spelling}'", role))
        return notes

    def _left_out(self, number: int, row: Sequence[str]) -> bool:
        filled = [index for index, cell in enumerate(row) if cell]
        answered = {index for index, *_ in (*self.open, *self.rating, *self.fact)}
        if len(filled) == 1 and len(row) >= 4 and filled[0] not in answered:
            self._add(number, "", "note", "one cell only", "a remark, left out", "")
            return True
        withdrawn = self._cell(row, "withdrawn")
        if withdrawn and values.yes_no(withdrawn) != "no" and withdrawn != "-":
            self._add(number, self.places["withdrawn"][1], "note", "withdrawn", "row left out", "")
            return True
        if "consent_analysis" not in self.places:
            return False
        index, header = self.places["consent_analysis"]
        consent = values.consent(row[index], "consent_analysis")
        if consent == "no":
            self.counts[header, "no consent to analysis", "left out"] += 1
        elif consent != "yes":
            found = "no answer" if consent == "" else values.shape(row[index])
            self._add(number, header, "error", found, "row left out", "Ask for consent, then write yes or no.")
        return consent != "yes"

    def _pair(self, entry: Entry, row: Sequence[str]) -> None:
        if "pair" not in self.places:
            return
        index, header = self.places["pair"]
        entry.pair = values.pair_code(row[index])
        if entry.pair:
            self.spellings[entry.pair][row[index]] += 1
        else:
            fix = "Write the pair's code into the cell."
            self._add(entry.where[1], header, "error", "no pair", "analysed without a pair", fix)

    def _role(self, entry: Entry, row: Sequence[str]) -> None:
        if "role" not in self.places:
            return
        index, header = self.places["role"]
        text = row[index]
        entry.role, entry.sponsor = values.role(text, self.config.roles)
        if not entry.role:
            found = values.shape(text) if text else "no role"
            fix = "Write doctor, manager, staff, sponsor_doctor or sponsor_manager, or name it under [roles]."
            self._add(entry.where[1], header, "error", found, "role unknown", fix)
        elif values.fold(text) != values.fold(entry.role):
            self.roles[values.plain(text)] = entry.role

    def _date(self, entry: Entry, row: Sequence[str]) -> None:
        if "date" not in self.places:
            return
        index, header = self.places["date"]
        date = values.date(row[index], month_first=self.month_first)
        if date is None:
            found, fix = values.shape(row[index]), "Write the date as 2025-01-31."
            self._add(entry.where[1], header, "warning", found, "no date", fix)
        entry.date = date or ""

    def _consents(self, entry: Entry, row: Sequence[str]) -> None:
        for kind, levels in values.CONSENTS.items():
            text = self._cell(row, kind)
            consent = values.consent(text, kind)
            if consent not in levels:
                header, fix = self.places[kind][1], f"Write {', '.join(levels[:-1])} or {levels[-1]}."
                self._add(entry.where[1], header, "error", values.shape(text), levels[0], fix)
                consent = levels[0]
            entry.consents[kind] = consent

    def _answers(self, entry: Entry, row: Sequence[str]) -> None:
        asked = self._cell(row, "question") if "question" in self.places else None
        for index, header in self.open:
            if not row[index]:
                continue
            item, question = self.questions[header] if asked is None else _question(asked)
            if asked == "":
                found, fix = "no question", "Write the question into the cell."
                column = self.places["question"][1]
                self._add(entry.where[1], column, "warning", found, "an answer to no question", fix)
            entry.answers.append((item, question, row[index]))

    def _missing(self, number: int, header: str, text: str, read: float | str, need: str) -> None:
        if read == values.CANNOT_SAY:
            self.counts[header, '"cannot say" or "not applicable"', "missing"] += 1
        elif read != values.BLANK:
            fix = f"Write {need} [ratings.words] in audit.toml."
            if str(read).startswith("outside"):
                fix = "Correct the cell, or set low and high under [ratings] in audit.toml."
            self._add(number, header, "error", f"{values.shape(text)}: {read}", "left out", fix)

    def _item(self, header: str) -> tuple[str, str, bool]:
        """(item, scale, reversed) of a rating column; items that nobody knows share one scale."""
        code = questionnaire.match_item(header)
        item = code or header
        names = {values.fold(item), values.fold(header)}
        turned = bool(names & {values.fold(name) for name in self.config.ratings.reversed})
        for scale, members in self.config.scales.items():
            if names & {values.fold(member) for member in members}:
                return item, scale, turned or _known(code)[1]
        if code is None:
            return item, ALL_RATINGS, turned
        scale, known_turned = _known(code)
        return item, scale, turned or known_turned

    def _of(self, columns: Iterable[Column], role: str) -> list[tuple[int, str]]:
        return [(index, column.header) for index, column in enumerate(columns) if column.role == role]

    def _cell(self, row: Sequence[str], role: str) -> str:
        return row[self.places[role][0]] if role in self.places else ""

    def _problem(self, row: int, column: str, severity: str, found: str, taken_as: str, fix: str = "") -> Problem:
        return Problem(self.sheet.name, row, column, severity, found, taken_as, fix)

    def _add(self, row: int, column: str, severity: str, found: str, taken_as: str, fix: str) -> None:
        self.problems.append(self._problem(row, column, severity, found, taken_as, fix))


def replace_names(tables: Tables, codes: Callable[[str], str]) -> tuple[Tables, dict[str, str], list[Problem]]:
    """Tables with codes in place of respondents and pairs that look like names or e-mails.

    Also gives the key (code to name as written) and a note for each column that was replaced.
    """
    key: dict[str, str] = {}
    notes = []
    for role in ("respondent", "pair"):
        originals = {
            values.plain(cell)
            for sheet, columns in tables
            for index, column in enumerate(columns)
            if column.role == role
            for cell in sheet.values(index)
        }
        kind = values.identifying(originals, role)
        if not kind:
            continue
        new = {original: codes(original.casefold()) for original in sorted(originals)}
        if role == "pair":
            new = {original: values.pair_code(code) for original, code in new.items()}
        for original, code in new.items():
            key.setdefault(code, original)
        tables = [(_with_codes(sheet, columns, role, new), columns) for sheet, columns in tables]
        header = next(c.header for _, columns in tables for c in columns if c.role == role)
        taken = "replaced by codes; the key is kept apart"
        notes.append(Problem(tables[0][0].name, 0, header, "note", f"looks like {kind}", taken, ""))
    return tables, key, notes


def _with_codes(sheet: Sheet, columns: Sequence[Column], role: str, codes: dict[str, str]) -> Sheet:
    places = {index for index, column in enumerate(columns) if column.role == role}
    rows = tuple(
        tuple(codes[values.plain(cell)] if index in places and cell else cell for index, cell in enumerate(row))
        for row in sheet.rows
    )
    return dataclasses.replace(sheet, rows=rows)


@lru_cache(maxsize=1024)
def _question(text: str) -> tuple[str, str]:
    """(item, question) of a header or question cell; an unknown question is its own item."""
    code = questionnaire.match_item(text) if text else None
    asked = questionnaire.question_text(code) if code else None
    text = values.plain(text)
    return code or text, asked or text


def _known(code: str | None) -> tuple[str, bool]:
    """(scale, reversed) of an item of the questionnaire."""
    for item in questionnaire.items():
        if item.code == code:
            return item.scale, item.reversed
    return "", False


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
