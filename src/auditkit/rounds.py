"""Which round a row belongs to: by its column, its sheet, its date, or its file."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import values
from auditkit.errors import AuditkitError
from auditkit.grids import Problem
from auditkit.values import fold

if TYPE_CHECKING:
    from auditkit.entries import Entry

SAME_PEOPLE = 0.3
"""Sheets that share this part of the smaller one's people are rounds, not services."""

LEAST_GAP = 60  # days without an answer between two rounds that only their dates tell apart


@dataclass(frozen=True)
class Part:
    """The rows of one sheet of one file. ``has_column``: the sheet has a column for the round. ``unit``: the sheet's
    name as that of a pair, a code where it names people."""

    file: str
    sheet: str
    entries: list[Entry]
    has_column: bool
    unit: str = ""


def settle(parts: Sequence[Part]) -> list[Problem]:
    """Name the round of every row, and the pair where each sheet or file is one of its own.

    A column decides, then sheets that are named like rounds or hold the same people, then dates with a long
    gap between two answers of the same people, then the file's name. Rows that could belong to several rounds
    are left out and listed.
    """
    fallback = _name_of([part.file for part in parts])
    problems: list[Problem] = []
    for part in parts:
        if part.has_column:
            problems += _by_column(part, _own_name(part, fallback, alone=len(parts) == 1))
    others = [part for part in parts if not part.has_column]
    if len(others) == 1:
        problems += _alone(others[0], _own_name(others[0], fallback, alone=len(parts) == 1))
    elif others:
        problems += _several(others, fallback)
    return problems


def chosen(entries: list[Entry], wanted: str | None, file: str) -> list[Entry]:
    """The rows of the round that is asked for by name; one round alone takes that name."""
    names = sorted({entry.round for entry in entries}, key=values.round_key)
    if wanted is None or not names:
        return entries
    if len(names) == 1:
        for entry in entries:
            entry.round = wanted
        return entries
    found = [entry for entry in entries if fold(entry.round) == fold(wanted)]
    if not found:
        raise AuditkitError(
            f'--round "{wanted}": {file} holds the rounds ' + ", ".join(f'"{name}"' for name in names),
            "Name one of them, or leave --round out to read them all.",
        )
    return found


def in_order(dates: dict[str, str]) -> tuple[list[str], list[Problem]]:
    """The names of rounds by their first dates, else by their names; a warning where the two contradict."""
    by_date = all(dates.values()) and len(set(dates.values())) == len(dates)
    names = sorted(dates, key=lambda name: (dates[name] if by_date else "", values.round_key(name), name))
    by_name = sorted(names, key=lambda name: (values.round_key(name), name))
    if names == by_name or values.round_key(names[0])[0] == values.round_key(by_name[0])[0]:
        return names, []
    found = f'"{names[0]}" is dated before "{names[1]}" ({dates[names[0]]}, {dates[names[1]]})'
    taken, fix = "the dates decide the order", "Check dates and rounds."
    return names, [Problem("", "", 0, "", "warning", found, taken, fix)]


def changed_roles(rounds: dict[str, list[Entry]], names: Sequence[str]) -> list[Problem]:
    """A warning for each person who has two roles, in one round or over several."""
    known: dict[tuple[str, str], dict[str, Entry]] = defaultdict(dict)
    for name in names:
        for entry in sorted(rounds[name], key=lambda entry: entry.where):
            if entry.role:
                known[entry.pair, entry.respondent].setdefault(entry.role, entry)
    problems = []
    for _, roles in sorted(known.items()):
        if len(roles) > 1:
            first, *_, last = roles.values()
            found = f"another role than in {'another row' if first.round == last.round else 'the earlier round'}"
            problems.append(Problem(*last.where, "", "warning", found, "as written", ""))
    return problems


def _name_of(files: Sequence[str]) -> str:
    """The file's name, or what the names of several files have in common at their start."""
    stems = list(dict.fromkeys(Path(file).stem for file in files))
    if len(stems) == 1:
        return stems[0]
    common = "".join(letters[0] for letters in _while_equal(zip(*stems, strict=False))).rstrip(" -_.([0123456789")
    return common if len(common) >= 3 else stems[0]


def _while_equal(columns: zip[tuple[str, ...]]) -> list[tuple[str, ...]]:
    equal = []
    for letters in columns:
        if len(set(letters)) > 1:
            break
        equal.append(letters)
    return equal


def _own_name(part: Part, fallback: str, *, alone: bool) -> str:
    """The sheet's name where it names a round or tells two sheets apart, else the file's: two exports whose
    only sheet is "Answers" are two rounds."""
    return part.sheet if part.sheet and (not alone or values.names_a_round(part.sheet)) else fallback


def _by_column(part: Part, fallback: str) -> list[Problem]:
    entries = part.entries
    named = {fold(entry.round) for entry in entries} - {""}
    if len(named) > 1:
        fix = "Write the round into the cell."
        problems = [
            Problem(*entry.where, "", "error", "no round", "row left out", fix) for entry in entries if not entry.round
        ]
        entries[:] = [entry for entry in entries if entry.round]
        return problems
    name = next((entry.round for entry in entries if entry.round), fallback)
    for entry in entries:
        entry.round = name
    if named or not entries:
        return []
    return [Problem(part.file, part.sheet, 0, "", "note", "no round in its column", name, "")]


def _alone(part: Part, name: str) -> list[Problem]:
    dated = _by_dates(part)
    if dated:
        return dated
    for entry in part.entries:
        entry.round = name
    return []


def _several(parts: Sequence[Part], fallback: str) -> list[Problem]:
    """Sheets or files without a column for the round: rounds, roles, or services of one round."""
    if (told := _roles(parts, fallback)) is not None:
        return told
    named = all(values.names_a_round(part.sheet) for part in parts) and len({p.sheet for p in parts}) == len(parts)
    if named or (len({part.file for part in parts}) == 1 and _same_people(parts)):
        for part in parts:
            for entry in part.entries:
                entry.round = part.sheet or Path(part.file).stem
        return []
    sheets_tell = len({part.sheet for part in parts}) == len(parts)
    problems = []
    for part in parts:
        unit = part.unit or (part.sheet if sheets_tell else Path(part.file).stem)
        without = [entry for entry in part.entries if not entry.pair]
        for entry in part.entries:
            entry.round = fallback
        if without and len(without) == len(part.entries):
            for entry in without:
                entry.pair = values.pair_code(unit)
            found = "no pair column, and other people than in the other sheets"
            taken = f"the pair or service is {values.pair_code(unit)}"
            problems.append(Problem(part.file, part.sheet, 0, "", "note", found, taken, "--pair-column names one."))
    return problems


def _roles(parts: Sequence[Part], fallback: str) -> list[Problem] | None:
    """One round where sheets or files are named by the roles of the people in them, and no column says them."""
    known = [values.role(part.sheet, {})[0] or values.role(Path(part.file).stem, {})[0] for part in parts]
    if not all(known) or len(set(known)) < len(known) or any(entry.role for part in parts for entry in part.entries):
        return None
    problems = []
    for part, role in zip(parts, known, strict=True):
        for entry in part.entries:
            entry.role, entry.round = role, fallback
        problems.append(Problem(part.file, part.sheet, 0, "", "note", "no role column", f"everybody is a {role}", ""))
    return problems


def _same_people(parts: Sequence[Part]) -> bool:
    """Whether sheets hold the same people: by respondent, else by pair and role; unknown counts as the same."""
    sides = [{_who(entry) for entry in part.entries} - {""} for part in parts]
    if not all(sides):
        return not any(entry.pair == "" for part in parts for entry in part.entries)
    first, *others = sides
    return all(len(first & other) >= SAME_PEOPLE * min(len(first), len(other)) for other in others)


def _by_dates(part: Part) -> list[Problem]:
    """Rounds told apart by dates alone: the same people answered on both sides of the longest gap."""
    dated = sorted((entry for entry in part.entries if entry.date), key=lambda entry: entry.date)
    people = Counter(_who(entry) for entry in part.entries)
    twice = [who for who, times in people.items() if who and times == 2]
    if len(dated) < len(part.entries) or len(twice) < SAME_PEOPLE * len(people) or len(twice) < 2:
        return []
    days = [datetime.date.fromisoformat(entry.date) for entry in dated]
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    place = max(range(len(gaps)), key=lambda index: gaps[index])
    if gaps[place] < LEAST_GAP or 2 * gaps[place] < (days[-1] - days[0]).days:
        return []
    sides = dated[: place + 1], dated[place + 1 :]
    if any(max(Counter(filter(None, map(_who, side))).values(), default=0) > 1 for side in sides):
        return []
    names = [side[0].date[:7] for side in sides]
    for side, name in zip(sides, names, strict=True):
        for entry in side:
            entry.round = name
    found = f"the same people twice, {gaps[place]} days apart"
    fix = "If that is wrong, write the round into a column of its own."
    return [Problem(part.file, part.sheet, 0, "", "warning", found, f"two rounds: {' and '.join(names)}", fix)]


def _who(entry: Entry) -> str:
    return entry.respondent or (f"{entry.pair} {entry.role}" if entry.pair and entry.role else "")
