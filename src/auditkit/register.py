"""The roster: pairs, people, roles and services as the facilitator knows them. In memory only, never stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import dates, values
from auditkit.errors import AuditkitError
from auditkit.grids import Grid, Problem, read_grids
from auditkit.values import fold

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.entries import Entry
    from auditkit.keyfile import KeyFile

SHEETS = {
    "people": "code name e-mail pair role sponsor start end nicknames".split(),
    "pairs": "pair service start end".split(),
    "services": "service name expected".split(),
    "words": "word kind".split(),
}
"""Sheets of a roster and their columns, as they stand in the template."""

_OTHER = {
    "email": "e-mail", "e mail": "e-mail", "email address": "e-mail", "mail": "e-mail", "full name": "name",
    "respondent": "code", "respondent id": "code", "id": "code", "pair id": "pair", "ward": "pair", "team": "pair",
    "job title": "role", "position": "role", "from": "start", "to": "end", "until": "end", "nickname": "nicknames",
    "known as": "nicknames", "service id": "service", "department": "service",
}  # fmt: skip
_SUMMED = 6  # rows that cannot be placed, from which on they are counted


@dataclass(frozen=True)
class Place:
    """A person's place in a pair, from ``start`` to ``end`` (ISO dates, "" where open)."""

    code: str
    names: tuple[str, ...]
    pair: str
    role: str
    sponsor: bool
    start: str
    end: str

    def held(self, date: str) -> bool:
        """Whether the person was in the pair on that day; True where either is unknown."""
        return not date or ((not self.start or self.start <= date) and (not self.end or date <= self.end))


@dataclass(frozen=True, order=True)
class Missing:
    """Somebody who has not answered: pair and role, no name."""

    pair: str
    role: str


@dataclass(frozen=True)
class Register:
    """A roster that was read. ``services``: pair to its service. ``expected``: service to how many staff.
    ``words``: what must never appear. ``problems``: with row and column, never a name."""

    people: tuple[Place, ...]
    services: Mapping[str, str]
    expected: Mapping[str, int]
    words: tuple[str, ...]
    problems: tuple[Problem, ...]

    def codes(self, key: KeyFile) -> None:
        """Let the key give each person the roster's own code for every spelling of name and e-mail."""
        spelled: dict[str, set[str]] = defaultdict(set)
        for number, person in enumerate(self.people):
            spelled[person.code or f"\0{number}"] |= set(person.names)
        key.know([("" if code.startswith("\0") else code, names) for code, names in spelled.items()])

    def place(self, entries: Sequence[Entry], key: KeyFile | None = None) -> list[Problem]:
        """Fill in pair, role, service and sponsor where a row does not say them; what could not be placed.

        By the respondent's code, on the day of the answer. The sheet wins over the roster, with a warning.
        """
        known: dict[str, list[Place]] = defaultdict(list)
        for person in self.people:
            codes = {person.code} if person.code else {key.known(name) for name in person.names} if key else set()
            for code in codes - {""}:
                known[fold(code)].append(person)
        problems: list[Problem] = []
        nowhere: list[Entry] = []
        for entry in entries:
            found = [person for person in known.get(fold(entry.respondent), []) if person.held(entry.date)]
            if entry.pair:
                found = [person for person in found if person.pair == entry.pair] or found
            if len(found) != 1:
                if not (entry.pair and entry.role):
                    nowhere.append(entry)
                continue
            person = found[0]
            for part in ("pair", "role"):
                own, said = getattr(entry, part), getattr(person, part)
                if own and said and own != said:
                    taken = f"{own}, as in the sheet"
                    found_odd = f"another {part} than in the roster"
                    problems.append(Problem(*entry.where, "", "warning", found_odd, taken, "Correct one of them."))
            entry.pair = entry.pair or person.pair
            entry.role = entry.role or person.role
            entry.sponsor = entry.sponsor or person.sponsor
            entry.service = entry.service or self.services.get(entry.pair, "")
        return problems + _not_placed(nowhere)

    def missing(self, people: pd.DataFrame, date: str) -> tuple[Missing, ...]:
        """Who has not answered, by pair and role, among those who were in a pair on that day.

        ``people``: pair, role, respondent of a round. For the facilitator only.
        """
        answered = {fold(code) for code in people["respondent"]}
        roles = Counter(zip(people["pair"], people["role"], strict=True))
        expected = [person for person in self.people if person.pair and person.held(date)]
        gone = []
        for (pair, role), places in sorted(_grouped(expected).items()):
            by_code = sum(fold(person.code) in answered for person in places if person.code)
            came = max(by_code, roles[pair, role])
            gone += [Missing(pair, role)] * max(0, len(places) - came)
        return tuple(gone)

    def deny_words(self) -> frozenset[str]:
        """Names, nicknames, the first part of e-mail addresses, and words that must never appear."""
        parts = {part for person in self.people for name in person.names for part in (name, *name.split())}
        parts = {part.partition("@")[0] for part in parts}
        return frozenset(word.casefold() for word in {*parts, *self.words} if len(word) > 1)


def read(path: Path) -> Register:
    """Read roster.xlsx, or any sheet with the columns name or code, pair and role.

    Raises AuditkitError where no person can be read.
    """
    tables = {}
    for grid in read_grids(path):
        rows = _rows(grid)
        if not rows:
            continue
        name = fold(grid.sheet)
        kind = name if name in SHEETS else "people" if {"pair", "role"} <= set(rows[0][1]) else ""
        if kind and kind not in tables:
            tables[kind] = (grid.sheet, rows)
    problems: list[Problem] = []
    sheet, rows = tables.get("people", ("", []))
    people = [_person(path.name, sheet, number, row, problems) for number, row in rows]
    people = [person for person in people if person.names or person.code]
    if not people:
        raise AuditkitError(
            f"{path.name} names no people",
            "A roster needs a sheet People with the columns code or name, pair and role.",
        )
    services = {
        values.pair_code(row["pair"]): values.pair_code(row.get("service", ""))
        for _, row in tables.get("pairs", ("", []))[1]
        if row.get("pair")
    }
    expected = {
        values.pair_code(row["service"]): int(row["expected"])
        for _, row in tables.get("services", ("", []))[1]
        if row.get("service") and row.get("expected", "").isdecimal()
    }
    words = tuple(row["word"] for _, row in tables.get("words", ("", []))[1] if row.get("word"))
    numbers = [number for number, row in rows if row.get("name") or row.get("code") or row.get("e-mail")]
    problems += _odd(path.name, sheet, people, numbers, services if "pairs" in tables else None)
    return Register(tuple(people), services, expected, words, tuple(problems))


def _rows(grid: Grid) -> list[tuple[int, dict[str, str]]]:
    """(row, column to cell) of each filled row below the header: the first row with two known columns."""
    known = {column for columns in SHEETS.values() for column in columns}
    headers: list[str] = []
    found = []
    for number, cells in enumerate(grid.rows, start=1):
        if not headers:
            named = [_OTHER.get(fold(cell), "e-mail" if fold(cell) == "e mail" else fold(cell)) for cell in cells]
            if len(known & set(named)) >= 2:
                headers = named
        elif any(cells):
            found.append((number, {name: cell for name, cell in zip(headers, cells, strict=False) if name in known}))
    return found


def _person(file: str, sheet: str, number: int, row: Mapping[str, str], problems: list[Problem]) -> Place:
    def odd(column: str, found: str, taken: str, fix: str, severity: str = "error") -> None:
        problems.append(Problem(file, sheet, number, column, severity, found, taken, fix))

    text = row.get("role", "")
    role, sponsor = values.role(text, {})
    sponsor = sponsor or values.yes_no(row.get("sponsor", "")) == "yes"
    if sponsor and role in ("doctor", "manager"):
        role = f"sponsor_{role}"
    if not role:
        near = values.near_role(text, {}) if text else ""
        odd("role", "no role" if not text else "an unknown role", "role unknown", f'Near "{near}"?' if near else "")
    days = {}
    for part in ("start", "end"):
        day = dates.date(row.get(part, ""))
        if day is None:
            odd(part, "no date", "open", "Write the date as 2025-01-31.", "warning")
        days[part] = day or ""
    if days["start"] and days["end"] and days["end"] < days["start"]:
        odd("end", "an end before the start", "as written", "Check both dates.")
    names = [row.get("name", ""), row.get("e-mail", ""), *row.get("nicknames", "").replace(",", ";").split(";")]
    return Place(
        values.whole(row.get("code", "")),
        tuple(dict.fromkeys(values.plain(name) for name in names if name.strip())),
        values.pair_code(row.get("pair", "")),
        role,
        sponsor,
        days["start"],
        days["end"],
    )


def _odd(
    file: str, sheet: str, people: Sequence[Place], rows: Sequence[int], pairs: Mapping[str, str] | None
) -> Iterable[Problem]:
    """Codes and people that stand twice, pairs of one or of two doctors, pairs that the sheet Pairs lacks."""

    def at(place: int, column: str, found: str, fix: str) -> Problem:
        return Problem(file, sheet, rows[place], column, "warning", found, "as written", fix)

    for column, kind in (("code", lambda person: [fold(person.code)]), ("name", _spelled)):
        first: dict[tuple[str, str], int] = {}
        for place, person in enumerate(people):
            for text in kind(person):
                if text and (text, person.pair) in first:
                    found = f"the same {column} as in row {rows[first[text, person.pair]]}"
                    yield at(place, column, found, "Delete one of the rows.")
                first.setdefault((text, person.pair), place)
    if pairs is not None:
        for place, person in enumerate(people):
            if person.pair and person.pair not in pairs:
                yield at(place, "pair", f"pair {person.pair}, which the sheet Pairs lacks", "Add it there.")
    present = [person for person in people if person.pair and not person.end]
    for pair, places in sorted(_by_pair(present).items()):
        roles = Counter(person.role.removeprefix("sponsor_") for person in places)
        for role in ("doctor", "manager"):
            if roles[role] > 1:
                fix = "Check roles, or write the day on which one of them left."
                yield Problem(file, sheet, 0, "role", "warning", f"{pair}: {roles[role]} {role}s", "as written", fix)
        if len(places) == 1:
            yield Problem(file, sheet, 0, "pair", "warning", f"{pair}: one person", "as written", "Add the partner.")


def _spelled(person: Place) -> list[str]:
    return [fold(name) for name in person.names]


def _by_pair(people: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for person in people:
        found[person.pair].append(person)
    return found


def _grouped(people: Iterable[Place]) -> dict[tuple[str, str], list[Place]]:
    found: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for person in people:
        found[person.pair, person.role].append(person)
    return found


def _not_placed(entries: Sequence[Entry]) -> list[Problem]:
    found, fix = "a respondent whom the roster does not place", "Add the code or e-mail to the roster."
    if len(entries) > _SUMMED:
        file, sheet, _ = entries[0].where
        many = f"{len(entries)} respondents whom the roster does not place"
        return [Problem(file, sheet, 0, "", "warning", many, "no pair", fix)]
    return [Problem(*entry.where, "", "warning", found, "no pair", fix) for entry in entries]
