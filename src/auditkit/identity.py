"""Who a row is from: codes in place of names and e-mails, and people that the file does not name."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from typing import TYPE_CHECKING

from auditkit import values
from auditkit.entries import KINDS
from auditkit.grids import Problem
from auditkit.sheets import Sheet
from auditkit.wording import counted

if TYPE_CHECKING:
    from auditkit.columns import Column, Tables
    from auditkit.entries import Entry, Where

ALWAYS = ("email",)
"""Roles whose values become codes whatever they look like."""


def replace_names(tables: Tables, codes: Callable[[str], str]) -> tuple[Tables, dict[str, str], list[Problem]]:
    """Tables with codes in place of e-mails, and of respondents and pairs that look like names.

    Also gives the key (code to name as written) and a note for each kind of column that was replaced.
    """
    key: dict[str, str] = {}
    notes = []
    for role in (*KINDS, "pair"):
        held = [(sheet, index) for sheet, columns in tables for index, c in enumerate(columns) if c.role == role]
        originals = {values.plain(cell) for sheet, index in held for cell in sheet.values(index)}
        kind = values.identifying(originals, "pair" if role == "pair" else "respondent")
        if role in ALWAYS and originals:
            kind = kind or "e-mail addresses"
        if not kind:  # some among codes: an e-mail address, a name with a title
            originals = {one for one in originals if values.identifying([one], "pair")}
            kind = values.identifying(originals, "pair")
        if not kind:
            continue
        new = {original: codes(original.casefold()) for original in sorted(originals)}
        if role == "pair":
            new = {original: values.pair_code(code) for original, code in new.items()}
        for original, code in new.items():
            key.setdefault(code, original)
        tables = [(_with_codes(sheet, columns, role, new), columns) for sheet, columns in tables]
        sheet, index = held[0]
        taken = "replaced by codes; the key is kept apart"
        header = sheet.headers[index]
        notes.append(Problem(sheet.file, sheet.name, 0, header, "note", f"looks like {kind}", taken, ""))
    return tables, key, notes


def sheets_as_codes(tables: Tables, codes: Callable[[str], str]) -> dict[str, str]:
    """Names of sheets that name people, to the codes by which pairs are called that are sheets of their own."""
    names = {sheet.name for sheet, _ in tables if sheet.name}
    if not values.identifying(names, "pair"):
        return {}
    return {name: values.pair_code(codes(name.casefold())) for name in sorted(names)}


def _with_codes(sheet: Sheet, columns: Sequence[Column], role: str, codes: dict[str, str]) -> Sheet:
    places = {index for index, column in enumerate(columns) if column.role == role}
    if not places:
        return sheet
    rows = tuple(
        tuple(codes.get(values.plain(cell), cell) if index in places else cell for index, cell in enumerate(row))
        for row in sheet.rows
    )
    return dataclasses.replace(sheet, rows=rows)


def settle_respondents(entries: Sequence[Entry], named: Set[tuple[str, str]], *, long: bool) -> list[Problem]:
    """Fill in respondents that the rows do not name, and by what each one is known.

    ``named``: file and sheet of the tables with a column that says who answered; there, an empty cell is an
    error. In the others pair and role name a person where both are given and unique in every round
    ("ward-3-doctor"); else every row is a person of its own, named by a hash of its content, and rounds
    cannot be linked (identity "none").
    """
    nameless = [entry for entry in entries if not entry.respondent and entry.where[:2] in named]
    _by_content(nameless)
    fix = "Write the respondent's code into the cell."
    taken = "a person of its own, not linked to the other round"
    problems = [Problem(*entry.where, "", "error", "no respondent", taken, fix) for entry in nameless]
    others = [entry for entry in entries if entry.where[:2] not in named]
    return problems + (_without_column(others, alone=not named, long=long) if others else [])


def _without_column(entries: Sequence[Entry], *, alone: bool, long: bool) -> list[Problem]:
    """Name the people of tables that do not; ``alone``: there are no other tables."""
    seats: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
    for entry in entries:
        asked = _asked(entry) if long else ()
        seats[entry.round if entry.pair and entry.role else "", entry.pair, entry.role, *asked].append(entry)
    sure = [held[0] for (_, pair, role, *_), held in seats.items() if len(held) == 1 and pair and role]
    known = set(map(id, sure))
    doubtful = [entry for entry in entries if id(entry) not in known]
    places = [("", "")] if alone else sorted({entry.where[:2] for entry in entries})
    if 2 * len(sure) < len(entries):
        _by_content(entries)
        taken = "each row is a person; rounds are compared unlinked"
        return [Problem(*place, 0, "", "note", "no respondent column", taken, "") for place in places]
    for entry in sure:
        entry.respondent, entry.identity = f"{entry.pair}-{entry.role}", "pair+role"
    _by_content(doubtful)
    taken = "pair and role name the person in every round"
    problems = [Problem(*place, 0, "", "note", "no respondent column", taken, "") for place in places]
    for (_, pair, role, *_), held in seats.items():
        if pair and role and len(held) > 1:
            rows = " and ".join(str(entry.where[2]) for entry in held)
            found, taken = f"{pair}: the {role} answers in rows {rows}", "people of their own, not linked"
            fix = "Delete the row that does not count, or add a column with a code for each person."
            problems.append(Problem(*held[-1].where, "", "warning", found, taken, fix))
    nameless = [entry for entry in doubtful if not (entry.pair and entry.role)]
    if nameless:
        found = f"{counted(len(nameless), 'row')} without pair or role, and no respondent column"
        problems.append(Problem(*nameless[0].where[:2], 0, "", "warning", found, "not linked to the other round", ""))
    return problems


def _asked(entry: Entry) -> list[str]:
    """What a row of one answer answers."""
    return [
        *(question for _, question, _ in entry.answers),
        *(r[0] for r in entry.ratings),
        *(f[0] for f in entry.facts),
    ]


def _by_content(entries: Iterable[Entry]) -> None:
    """Name each entry by eight hex digits over its content; the same content again gets -2, -3, …"""
    alike: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        parts = [entry.pair, entry.role]
        parts += [f"{question}\x1e{text}" for _, question, text in sorted(entry.answers)]
        parts += [f"{item}\x1e{rating:g}" for item, _, rating, _ in sorted(entry.ratings)]
        parts += [f"{item}\x1e{value:g}" for item, value in sorted(entry.facts)]
        digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:8]
        alike[entry.round, digest].append(entry)
    for (_, digest), same in alike.items():
        same.sort(key=lambda entry: (entry.date, entry.service, sorted(entry.consents.items()), entry.where))
        for number, entry in enumerate(same, start=1):
            entry.respondent = f"R-{digest}" if number == 1 else f"R-{digest}-{number}"
            entry.identity = "none"


def carry(entries: Sequence[Entry], problems: Sequence[Problem]) -> list[Problem]:
    """Give rows that name a person but no pair or role those of the person's other rows, where there is only one.

    Pair and role are often asked once, at the first event. Returns the problems that are left, and a note.
    """
    settled: set[tuple[str, str, int, str]] = set()
    carried: set[Where] = set()
    for part, found in (("pair", "no pair"), ("role", "no role")):
        known: dict[str, set[str]] = defaultdict(set)
        for entry in entries:
            if entry.respondent and getattr(entry, part):
                known[values.fold(entry.respondent)].add(getattr(entry, part))
        for entry in entries:
            held = known.get(values.fold(entry.respondent), set())
            if entry.respondent and not getattr(entry, part) and len(held) == 1:
                setattr(entry, part, next(iter(held)))
                settled.add((*entry.where, found))
                carried.add(entry.where)
    left = [p for p in problems if (p.file, p.sheet, p.row, p.found) not in settled]
    if carried:
        many = f"{counted(len(carried), 'row')} without a pair or role of a person who has them elsewhere"
        left.append(Problem("", "", 0, "", "note", many, "taken from there", ""))
    return left


def one_spelling(entries: Sequence[Entry], part: str) -> list[Problem]:
    """Give rounds or respondents that differ only in case, blanks or dashes their most frequent spelling."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        spellings[values.fold(getattr(entry, part))][getattr(entry, part)] += 1
    usual = {
        spelling: min(found, key=lambda text: (-found[text], text))
        for found in spellings.values()
        for spelling in found
    }
    for entry in entries:
        setattr(entry, part, usual[getattr(entry, part)])
    return [
        Problem("", "", 0, "", "note", f"{part} '{spelling}'", kept, "")
        for spelling, kept in sorted(usual.items())
        if spelling != kept
    ]
