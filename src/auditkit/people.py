"""Who answered: people told apart in the rows of a round, rows of one person joined, pairs looked at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from auditkit import values
from auditkit.entries import Entry, Where
from auditkit.errors import AuditkitError
from auditkit.grids import Problem

MANY = 6
"""More groups than this get one note together."""


@dataclass
class Person:
    """One respondent of one pair in one round. Each answer and number keeps the row it comes from."""

    where: Where
    respondent: str
    pair: str
    identity: str = "none"
    service: str = ""
    role: str = ""
    sponsor: bool = False
    date: str = ""
    consents: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, str, str, Where]] = field(default_factory=list)
    ratings: list[tuple[str, str, float, float, Where]] = field(default_factory=list)
    facts: list[tuple[str, float, Where]] = field(default_factory=list)


def join_rows(
    entries: Sequence[Entry], file: str, *, long: bool, refuse: bool = True
) -> tuple[list[Person], list[Problem]]:
    """One Person for each pair and respondent of a round, sorted by both.

    ``long``: one answer a row, so several rows of a person are usual and several answers to a question are
    all kept. Otherwise rows of one person are joined with a warning. Raises AuditkitError, naming the rows,
    where they contradict each other; with ``refuse`` False that is a problem among others.
    """
    grouped: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.pair, entry.respondent].append(entry)
    people, problems, contradictions = [], [], []
    for (pair, respondent), rows in sorted(grouped.items()):
        rows.sort(key=lambda entry: entry.where)
        differing = _differing(rows, long=long)
        if differing and not long:
            contradictions.append(f"{_rows(rows)}: {', '.join(sorted(differing))}")
            found = f"the same person twice, with different answers ({contradictions[-1]})"
            fix = "Delete the row that does not count, or give the people different codes."
            problems.append(Problem(*rows[-1].where, "", "error", found, "refused by analyse", fix))
            people.append(_person(pair, respondent, rows, differing, long=long))
            continue
        for header in sorted(differing):
            fix = "Give the person the same value in every row."
            problems.append(
                Problem(*rows[0].where, header, "error", "values that differ between rows", "left out", fix)
            )
        if len(rows) > 1 and not long:
            same = all(_content(row) == _content(rows[0]) for row in rows)
            taken = "one kept" if same else "joined: they do not contradict each other"
            problems += [
                Problem(*row.where, "", "warning", f"the same person as in row {rows[0].where[2]}", taken, "")
                for row in rows[1:]
            ]
        people.append(_person(pair, respondent, rows, differing, long=long))
    if contradictions and refuse:
        raise AuditkitError(
            f'{file}, round "{entries[0].round}": the same person answered twice, with different answers',
            "Delete the rows that do not count, or give the people different codes. Two rounds? Use auditkit compare.",
            details=contradictions,
        )
    return people, problems


def _content(row: Entry) -> tuple[object, ...]:
    return row.role, sorted(row.answers), sorted(row.ratings), sorted(row.facts)


def _differing(rows: Sequence[Entry], *, long: bool) -> set[str]:
    """The items, or "role", for which rows of one person give different values."""
    if len(rows) == 1:
        return set()
    given: dict[str, set[object]] = defaultdict(set)
    for row in rows:
        if row.role:
            given["role"].add(row.role)
        for item, _, rating, _ in row.ratings:
            given[item].add(rating)
        for item, value in row.facts:
            given[item].add(value)
        for item, _, text in () if long else row.answers:
            given[item].add(text)
    return {name for name, found in given.items() if len(found) > 1}


def _person(pair: str, respondent: str, rows: list[Entry], differing: set[str], *, long: bool) -> Person:
    roles = sorted({row.role for row in rows} - {""})
    person = Person(rows[0].where, respondent, pair, rows[0].identity)
    person.service = next((row.service for row in rows if row.service), "")
    person.role = roles[0] if len(roles) == 1 else ""
    person.sponsor = any(row.sponsor for row in rows)
    person.date = min((row.date for row in rows if row.date), default="")
    for kind, levels in values.CONSENTS.items():
        person.consents[kind] = min((row.consents[kind] for row in rows), key=levels.index)
    answers = [(item, question, text, row.where) for row in rows for item, question, text in row.answers]
    if not long:
        answers = list({answer[:3]: answer for answer in reversed(answers)}.values())
    person.answers = sorted(answers, key=lambda answer: (answer[1], answer[2], answer[3]))
    ratings = {r[0]: (*r, row.where) for row in reversed(rows) for r in row.ratings if r[0] not in differing}
    person.ratings = [ratings[item] for item in sorted(ratings)]
    facts = {f[0]: (*f, row.where) for row in reversed(rows) for f in row.facts if f[0] not in differing}
    person.facts = [facts[item] for item in sorted(facts)]
    return person


def look_at_pairs(people: Sequence[Person]) -> list[Problem]:
    """Notes on groups of three or more, warnings of pairs with two doctors or two managers, notes on people
    in several pairs, warnings of rows without any answer."""
    problems = []
    pairs: dict[str, list[Person]] = defaultdict(list)
    groups: dict[str, list[Person]] = {}
    memberships: dict[str, list[str]] = defaultdict(list)
    silent: list[Person] = []
    for person in people:
        pairs[person.pair].append(person)
        memberships[person.respondent].append(person.pair)
        if not (person.answers or person.ratings or person.facts):
            silent.append(person)
    found = "a row without any answer"
    if len(silent) > MANY:
        where = silent[0].where
        problems.append(Problem(*where[:2], 0, "", "warning", f"{len(silent)} rows without any answer", "kept", ""))
    else:
        problems += [Problem(*person.where, "", "warning", found, "kept", "") for person in silent]
    for pair, members in sorted(pairs.items()):
        if not pair:
            continue
        members.sort(key=lambda person: person.where)
        if len(members) > 2:
            groups[pair] = members
            continue
        roles = Counter(person.role.removeprefix("sponsor_") for person in members)
        for role in ("doctor", "manager"):
            if roles[role] == 2:
                rows = " and ".join(str(person.where[2]) for person in members)
                found = f"{pair}: two {role}s (rows {rows})"
                problems.append(
                    Problem(*members[0].where, "", "warning", found, "analysed as it is", "Check roles and codes.")
                )
    problems += _groups(groups)
    for respondent, held in sorted(memberships.items()):
        if len(held) > 1:
            found = f"{respondent}: in {len(held)} pairs ({', '.join(pair or 'none named' for pair in held)})"
            taken = "one person, counted once; the pairs stay apart"
            problems.append(Problem("", "", 0, "", "note", found, taken, ""))
    return problems


def _groups(groups: Mapping[str, Sequence[Person]]) -> list[Problem]:
    """A note on each group; where there are many, one with all their names."""
    taken = "group of {}: analysed as a group"
    if len(groups) <= MANY:
        return [
            Problem(*members[0].where, "", "note", f"{pair}: {len(members)} people", taken.format(len(members)), "")
            for pair, members in groups.items()
        ]
    sizes = [len(members) for members in groups.values()]
    found = f"{len(groups)} groups of {min(sizes)} to {max(sizes)} people: {', '.join(groups)}"
    return [Problem(*next(iter(groups.values()))[0].where[:2], 0, "", "note", found, "analysed as groups", "")]


def _rows(rows: Sequence[Entry]) -> str:
    """The places of rows: their numbers, by sheet and file where there are several."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        places[row.where[:2]].append(str(row.where[2]))
    several = len({file for file, _ in places}) > 1
    parts: list[str] = []
    for (file, sheet), numbers in places.items():
        place = [file] * several + [f"sheet {sheet}"] * bool(sheet)
        parts.append(", ".join([*place, f"row{'s' * (len(numbers) > 1)} {_listed(numbers)}"]))
    return " and ".join(parts)


def _listed(numbers: Sequence[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
