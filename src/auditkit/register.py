"""The roster: pairs, people, roles and services as the facilitator knows them. In memory only, never stored."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import dates, values
from auditkit.errors import AuditkitError
from auditkit.grids import Grid, Problem, read_grids
from auditkit.roster import natural_key
from auditkit.spellings import TITLES, person_key
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
    other: column
    for column, others in {
        "code": "respondent/respondent code/respondent id/participant/participant id/person/id",
        "name": "full name/respondent name/participant name",
        "first name": "forename/given name/christian name/first",
        "surname": "last name/family name/last",
        "e-mail": "e mail/email/mail/e mail address/email address/work email/work e mail",
        "pair": "pair id/pair code/pair name/partnership/group/ward/team",
        "role": "job title/position/post/profession",
        "start": "start date/from/since/joined/in post since",
        "end": "end date/to/until/left",
        "nicknames": "nickname/known as/alias/aliases/preferred name",
        "service": "service id/service code/department/directorate",
    }.items()
    for other in others.split("/")
}
_NAMED = ("first name", "surname")
_HEADER_ROWS = 30  # the header is looked for in as many rows
_UNKNOWN, _AMBIGUOUS = "a respondent whom the roster does not place", "a respondent with several places in the roster"
_SUMMED = 6  # rows that cannot be placed, from which on they are counted


_Post = tuple[str, str]  # pair and role


@dataclass(frozen=True)
class Place:
    """A person's place in a pair, from ``start`` to ``end`` (ISO dates, "" where open), in ``row`` of the roster.

    ``name``, ``email`` and ``nicknames`` are never printed, also not by ``repr``.
    """

    row: int
    code: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    nicknames: tuple[str, ...] = field(repr=False)
    pair: str
    role: str
    sponsor: bool
    start: str
    end: str

    @property
    def names(self) -> tuple[str, ...]:
        """Everything by which the person may answer."""
        return tuple(name for name in (self.name, self.email, *self.nicknames) if name)

    def held(self, date: str) -> bool:
        """Whether the person was in the pair on that day; True where either is unknown."""
        return not date or ((not self.start or self.start <= date) and (not self.end or date <= self.end))


@dataclass(frozen=True, order=True)
class Missing:
    """Somebody who has not answered: pair and role, no name."""

    pair: str
    role: str


@dataclass(frozen=True, order=True)
class Turnout:
    """How many people of a role were asked, and how many of them have answered."""

    role: str
    invited: int
    answered: int


@dataclass(frozen=True)
class Register:
    """A roster that was read. ``services``: pair to its service. ``expected``: service to how many staff.
    ``words``: what must never appear. ``problems``: with row and column, never a name."""

    people: tuple[Place, ...]
    services: Mapping[str, str]
    expected: Mapping[str, int]
    words: tuple[str, ...] = field(repr=False)
    problems: tuple[Problem, ...]

    def codes(self, key: KeyFile) -> None:
        """Let the key give each person the roster's own code for every spelling of name and e-mail."""
        key.know(
            [
                (next((place.code for place in places if place.code), ""), {n for place in places for n in place.names})
                for places in _persons(self.people)
            ]
        )

    def place(self, entries: Sequence[Entry], key: KeyFile | None = None) -> list[Problem]:
        """Fill in pair, role, service and sponsor where a row does not say them; what could not be placed.

        By the respondent's code, on the day of the answer. The sheet wins over the roster, with a warning.
        """
        known: dict[str, list[Place]] = defaultdict(list)
        for codes, places in self._codes_of_people(key):
            for code in codes:
                known[code] += places
        problems: list[Problem] = []
        nowhere: dict[str, list[Entry]] = {_UNKNOWN: [], _AMBIGUOUS: []}
        for entry in (entry for entry in entries if entry.role != "staff"):
            found = [person for person in known.get(fold(entry.respondent), []) if person.held(entry.date)]
            if entry.pair:
                found = [person for person in found if person.pair == entry.pair] or found
            if len(found) != 1:
                if not (entry.pair and entry.role):
                    nowhere[_AMBIGUOUS if found else _UNKNOWN].append(entry)
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
        return problems + [one for found, rows in nowhere.items() for one in _not_placed(found, rows)]

    def missing(self, people: pd.DataFrame, date: str, key: KeyFile | None = None) -> tuple[Missing, ...]:
        """Who has not answered, by pair and role, among those who were in a pair on that day. Sponsors last.

        ``people``: pair, role, respondent of a round. For the facilitator only. An answer of that pair and role
        under a code that the roster does not know counts for one of its people.
        """
        gone = [Missing(*place) for place, (asked, came) in self._came(people, date, key) for _ in range(asked - came)]
        return tuple(sorted(gone, key=lambda one: (one.role.startswith("sponsor"), natural_key(one.pair), one.role)))

    def turnout(self, people: pd.DataFrame, date: str, key: KeyFile | None = None) -> tuple[Turnout, ...]:
        """How many of each role were asked and have answered, as ``missing`` counts them."""
        asked, answered = Counter[str](), Counter[str]()
        for (_, role), (invited, came) in self._came(people, date, key):
            asked[role] += invited
            answered[role] += came
        return tuple(Turnout(role, asked[role], answered[role]) for role in sorted(asked))

    def _came(self, people: pd.DataFrame, date: str, key: KeyFile | None) -> list[tuple[_Post, tuple[int, int]]]:
        """(pair, role) to how many were in it on that day, and how many of those have answered."""
        answered: dict[str, set[str]] = defaultdict(set)
        rows = list(zip(people["respondent"], people["pair"], people["role"], strict=True))
        for code, pair, _ in rows:
            answered[fold(code)].add(pair)
        came: dict[Place, bool] = {}
        known = set()
        for codes, places in self._codes_of_people(key):
            known |= codes
            pairs = {pair for code in codes for pair in answered.get(code, ())}
            own = pairs & {place.pair for place in places}
            came |= {place: place.pair in own if own else bool(pairs) for place in places}
        strangers = Counter((pair, role) for code, pair, role in rows if fold(code) not in known)
        asked: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in self.people:
            if place.pair and place.held(date):
                asked[place.pair, place.role].append(place)
        return [
            (post, (len(places), min(len(places), sum(came[place] for place in places) + strangers[post])))
            for post, places in sorted(asked.items())
        ]

    def _codes_of_people(self, key: KeyFile | None) -> Iterable[tuple[set[str], list[Place]]]:
        """Under which codes, folded, each person may have answered: the roster's own, else those of the key."""
        for places in _persons(self.people):
            codes = {fold(place.code) for place in places} - {""}
            if not codes and key is not None:
                codes = {fold(key.known(name)) for place in places for name in place.names} - {""}
            yield codes, places

    def deny_words(self) -> frozenset[str]:
        """Names, nicknames, the first part of e-mail addresses, and words that must never appear."""
        names = [name for person in self.people for name in (person.name, *person.nicknames)]
        local = [person.email.partition("@")[0] for person in self.people]
        found = {values.plain(text).casefold() for text in (*names, *local, *self.words)}
        found |= {part for name in names for part in (person_key(name), *person_key(name).split())}
        found |= {part.strip(".,;()").casefold() for name in names for part in name.split()} - TITLES
        return frozenset(word for word in found if len(word) > 1)


def read(path: Path, roles: Mapping[str, str] | None = None) -> Register:
    """Read roster.xlsx, or any sheet with the columns name, e-mail or code, pair and role.

    ``roles``: [roles] of audit.toml. Raises AuditkitError where no person can be read.
    """
    tables = {}
    for grid in read_grids(path):
        rows = _rows(grid)
        if not rows:
            continue
        name, headers = fold(grid.sheet), set(rows[0][1])
        people = "pair" in headers and headers & {"role", "name", "e-mail", "surname"}
        kind = name if name in SHEETS else "people" if people else ""
        if kind and kind not in tables:
            tables[kind] = (grid.sheet, rows)
    problems: list[Problem] = []
    sheet, rows = tables.get("people", ("", []))
    reader = _Reader(path.name, sheet, rows, roles or {}, problems)
    people_read = [person for number, row in rows if (person := reader.person(number, row))]
    if not people_read:
        raise AuditkitError(
            f"{path.name} names no people",
            "A roster needs a sheet People with the columns code or name, pair and role.",
        )
    sheet, rows = tables.get("pairs", ("", []))
    reader = _Reader(path.name, sheet, rows, {}, problems)
    named = [(values.pair_code(row["pair"]), number, row) for number, row in rows if row.get("pair")]
    pairs = {pair: reader.days(number, row) for pair, number, row in named}
    services = {pair: values.pair_code(row.get("service", "")) for pair, _, row in named}
    expected = {
        values.pair_code(row["service"]): int(row["expected"])
        for _, row in tables.get("services", ("", []))[1]
        if row.get("service") and row.get("expected", "").isdecimal()
    }
    words = tuple(row["word"] for _, row in tables.get("words", ("", []))[1] if row.get("word"))
    problems += _odd(path.name, tables["people"][0], people_read, pairs if "pairs" in tables else None)
    problems.sort(key=lambda one: (one.sheet, one.row, one.column, one.found))
    people_read = [_within(person, *pairs.get(person.pair, ("", ""))) for person in people_read]
    return Register(tuple(people_read), services, expected, words, tuple(problems))


_Rows = list[tuple[int, dict[str, str]]]


def _rows(grid: Grid) -> _Rows:
    """(row, column to cell) of each filled row below the header: the first row with two known columns."""
    known = {*_NAMED, *(column for columns in SHEETS.values() for column in columns)}
    headers: list[str] = []
    found = []
    for number, cells in enumerate(grid.rows, start=1):
        if not headers and number <= _HEADER_ROWS:
            named = [_OTHER.get(fold(cell), fold(cell)) for cell in cells]
            if len(known & set(named)) >= 2:
                headers = named
        elif headers and any(cells):
            cells = [*cells, *[""] * (len(headers) - len(cells))]
            found.append((number, {name: cell for name, cell in zip(headers, cells, strict=False) if name in known}))
    return found


class _Reader:
    """Cells of one sheet of the roster, and what was odd about them."""

    def __init__(self, file: str, sheet: str, rows: _Rows, roles: Mapping[str, str], problems: list[Problem]) -> None:
        self.file, self.sheet, self.roles, self.problems = file, sheet, roles, problems
        self.month_first = dates.order(row.get(part, "") for _, row in rows for part in ("start", "end")) == "month"

    def person(self, number: int, row: Mapping[str, str]) -> Place | None:
        name = values.plain(row.get("name", "") or " ".join(row.get(part, "") for part in _NAMED))
        email, code = row.get("e-mail", "").strip(), values.whole(row.get("code", ""))
        if not (name or email or code):
            return None
        text = row.get("role", "")
        role, sponsor = values.role(text, self.roles)
        sponsor = sponsor or values.yes_no(row.get("sponsor", "")) == "yes"
        if sponsor and role in ("doctor", "manager"):
            role = f"sponsor_{role}"
        if not role:
            near = values.near_role(text, self.roles) if text else ""
            fix = f'Near "{near}"?' if near else "Write doctor, manager, staff, sponsor_doctor or sponsor_manager."
            self._odd(number, "role", "an unknown role" if text else "no role", "role unknown", fix)
        pair = values.pair_code(row.get("pair", ""))
        if not pair:
            self._odd(number, "pair", "no pair", "in no pair", "Write the pair's code into the cell.", "warning")
        nicknames = [values.plain(name) for name in re.split("[;,]", row.get("nicknames", ""))]
        start, end = self.days(number, row)
        known = tuple(dict.fromkeys(name for name in nicknames if name))
        return Place(number, code, name, email, known, pair, role, sponsor, start, end)

    def days(self, number: int, row: Mapping[str, str]) -> tuple[str, str]:
        """Start and end of a row as ISO dates, "" where open."""
        days = []
        for part in ("start", "end"):
            day = dates.date(row.get(part, ""), month_first=self.month_first)
            if day is None:
                self._odd(number, part, "no date", "open", "Write the date as 2025-01-31.")
            days.append(day or "")
        if all(days) and days[1] < days[0]:
            self._odd(number, "end", "an end before the start", "as written", "Check both dates.")
        return days[0], days[1]

    def _odd(self, row: int, column: str, found: str, taken: str, fix: str, severity: str = "error") -> None:
        self.problems.append(Problem(self.file, self.sheet, row, column, severity, found, taken, fix))


def _within(person: Place, start: str, end: str) -> Place:
    """The person's place, no longer than the pair existed."""
    ends = [day for day in (person.end, end) if day]
    return dataclasses.replace(person, start=max(person.start, start), end=min(ends, default=""))


def _persons(people: Sequence[Place]) -> list[list[Place]]:
    """The places of each person: one code or one e-mail and no two names; a name alone where only one bears it."""
    found: list[list[Place]] = []
    for place in sorted(people, key=lambda one: not (one.code or one.email)):
        name, by_name = person_key(place.name), not (place.code or place.email)
        same = [
            places
            for places in found
            if name in ("", *(person_key(one.name) for one in places))
            and (
                by_name
                or any(place.code and fold(place.code) == fold(one.code) for one in places)
                or any(place.email and place.email.casefold() == one.email.casefold() for one in places)
            )
        ]
        if len(same) == 1:
            same[0].append(place)
        else:
            found.append([place])
    return found


def _odd(
    file: str, sheet: str, people: Sequence[Place], pairs: Mapping[str, tuple[str, str]] | None
) -> Iterable[Problem]:
    """Codes, e-mails and people that stand twice, pairs of one or of two doctors, pairs that Pairs lacks."""

    def at(row: int, column: str, found: str, fix: str, severity: str = "warning") -> Problem:
        return Problem(file, sheet, row, column, severity, found, "as written", fix)

    first: dict[tuple[str, ...], Place] = {}
    for person in people:
        name = person_key(person.name)
        told = False
        for column, text in (("code", fold(person.code)), ("e-mail", person.email.casefold()), ("name", name)):
            other = first.setdefault((column, text), person) if text else person
            beside = first.setdefault((column, text, person.pair), person) if text else person
            if name and other.name and person_key(other.name) != name:
                fix = f"Give each person a {column} of their own."
                yield at(person.row, column, f"the {column} of another person, in row {other.row}", fix, "error")
            elif beside is not person and _together(person, beside) and not told:
                found, told = f"the same {column} as in row {beside.row}", True
                yield at(person.row, column, found, "Delete one of the rows, or write start and end.")
        if pairs is not None and person.pair and person.pair not in pairs:
            yield at(person.row, "pair", f"pair {person.pair}, which the sheet Pairs lacks", "Add it there.")
    members: dict[str, list[Place]] = defaultdict(list)
    for person in people:
        if person.pair:
            members[person.pair].append(person)
    for pair, places in sorted(members.items(), key=lambda item: natural_key(item[0])):
        for role in ("doctor", "manager"):
            alike = [place for place in places if place.role.removeprefix("sponsor_") == role]
            both = (pair for pair in combinations(alike, 2) if _together(*pair) and len(_persons(pair)) == 2)
            rows = next(((one.row, other.row) for one, other in both), None)
            if rows:
                found = f"{pair}: two {role}s at a time, rows {rows[0]} and {rows[1]}"
                yield at(rows[1], "role", found, "Check roles, or write the day on which one of them left.")
        if len(_persons(places)) == 1:
            yield at(places[0].row, "pair", f"{pair}: one person", "Add the partner.")


def _together(one: Place, other: Place) -> bool:
    """Whether two places overlap in time."""
    return not any(a.end and b.start and a.end < b.start for a, b in ((one, other), (other, one)))


def _not_placed(found: str, entries: Sequence[Entry]) -> list[Problem]:
    fix = "Write the pair into the sheet, or code, start and end into the roster."
    if len(entries) > _SUMMED:
        file, sheet, _ = entries[0].where
        found = f"{len(entries)} rows: {found}"
        return [Problem(file, sheet, 0, "", "warning", found, "not placed", fix)]
    return [Problem(*entry.where, "", "warning", found, "not placed", fix) for entry in entries]
