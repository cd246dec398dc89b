"""Reading a spreadsheet of answers: one ``Responses`` a round, and everything that was odd about it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import answer_sheets, entries, identity, layouts, people, rounds, spellings, values
from auditkit.columns import MAY_BE_CONSENT, Column, Overrides, Tables
from auditkit.entries import Entry
from auditkit.errors import AuditkitError
from auditkit.grids import Problem
from auditkit.items import Items
from auditkit.people import Person
from auditkit.sheets import Sheet

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.answer_sheets import Reading
    from auditkit.config import Config
    from auditkit.keyfile import KeyFile
    from auditkit.register import Register

__all__ = ["Column", "Overrides", "Responses", "read"]

PLACE = ["round", "file", "sheet", "row"]
PERSON = ["respondent", "pair", "role"]
ANSWERS = [*PLACE, "answer", *PERSON, "item", "question", "occurrence", "text"]
RATINGS = [*PLACE, *PERSON, "item", "scale", "rating", "scored"]
FACTS = [*PLACE, *PERSON, "item", "value"]
PEOPLE = [*PLACE, *PERSON, "service", "identity", "sponsor", "date", *values.CONSENTS]
PROBLEMS = [*PLACE, "column", "severity", "found", "taken_as", "fix"]
KEY = ["respondent", "original"]

_KINDS = {"row": "int64", "occurrence": "int64", "rating": "float64", "scored": "float64", "value": "float64"}
_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Source:
    """A sheet that was read: its layout by name and as it is printed, what it was recognised by, its rows."""

    file: str
    sheet: str
    layout: str
    title: str
    because: str
    rows: int


@dataclass(frozen=True, eq=False)
class Responses:
    """One round. Frames are tidy, sorted by pair, respondent and item or question; missing text is "".

    ``order``: the first date (ISO) or "". ``linked``: False where nothing says who is who across rounds.
    answers: round, file, sheet, row, answer (key), respondent, pair, role, item, question, occurrence, text.
    ratings: round, file, sheet, row, respondent, pair, role, item, scale, rating (as answered), scored
    (reversed items turned). facts: the same with value (OUTLOOK: worsen −1, stay 0, improve 1).
    people: one row a respondent and pair: round, file, sheet, row, respondent, pair, role, service, identity
    (by what the respondent is known: respondent, email, self_code, pair+role, none), sponsor, date,
    consent_quote, consent_pair_ratings, consent_pair_words.
    problems: round, file, sheet, row (0: the whole sheet), column, severity (error, warning, note), found,
    taken_as, fix; never an open answer's words. What concerns the whole file stands in its first round.
    ``key``: code and name of whoever was named in the file, in memory only; None where nobody was.
    ``scale``: lowest and highest rating, where the file's are others than the settings say; else None.
    ``other``: items answered on another scale than that. ``sources``: the sheets, and whose export each is.
    ``withdrawn``: codes, folded, of people whose row was left out because they withdrew or said no; "" for one who
    cannot be told from others.
    """

    round: str
    order: str
    answers: pd.DataFrame
    ratings: pd.DataFrame
    facts: pd.DataFrame
    people: pd.DataFrame
    problems: pd.DataFrame
    columns: tuple[Column, ...]
    linked: bool
    key: pd.DataFrame | None = None
    scale: tuple[int, int] | None = None
    other: dict[str, tuple[float, float]] = dataclasses.field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    withdrawn: frozenset[str] = frozenset()

    @property
    def layout(self) -> str:
        """The layouts that were recognised, by name."""
        return ", ".join(dict.fromkeys(source.layout for source in self.sources))


def read(
    files: Path | Sequence[Path],
    config: Config,
    *,
    codes: Callable[[str], str],
    reading: Reading | None = None,
    overrides: Overrides | None = None,
    register: Register | None = None,
    key: KeyFile | None = None,
    round_name: str | None = None,
    refuse: bool = True,
) -> list[Responses]:
    """The rounds of a file, or of several files that belong together, in order of their dates, else names.

    ``codes`` gives the code of a name or e-mail, the same for the same name in every round; it is asked only
    where a column holds names. ``reading`` and ``overrides`` name a sheet, a layout, a header row and columns
    by hand; ``round_name`` names the round, or chooses one of several. ``register``: pairs and roles of people
    whose sheet does not say them, found by the codes of ``key``. ``refuse`` False: a person's contradicting rows
    are a problem among others.

    Raises AuditkitError only where nothing can be analysed: no readable file, no such sheet or column, no
    rows, neither open answers nor ratings, two contradicting rows of one person. All else is in ``problems``.
    """
    paths = [files] if isinstance(files, Path) else list(files)
    named = ", ".join(path.name for path in paths)
    tables, problems = answer_sheets.read(paths, config, reading, overrides or Overrides())
    found = understand(tables, config, codes, register, key)
    problems += found.problems
    rows = rounds.chosen(found.rows, round_name, named)
    if not rows:
        raise AuditkitError(
            f"{named}: no row may be analysed: none has consent, or all are withdrawn",
            "Check the columns that were taken for consent and withdrawal.",
            details=[f'"{c.header}" = {c.role}' for _, cs in tables for c in cs if c.role[:7] in _CONSENT],
        )
    placed = {entry.where: entry.round for entry in found.rows}
    for where, name in list(placed.items()):
        placed.setdefault((*where[:2], 0), name)
    problems += identity.settle_respondents(rows, found.named, long=found.long)
    problems += _absent({c.role for _, columns in tables for c in columns}, register)
    by_round: dict[str, list[Entry]] = defaultdict(list)
    for entry in rows:
        by_round[entry.round].append(entry)
    dates = {name: min((e.date for e in held if e.date), default="") for name, held in by_round.items()}
    names, notes = rounds.in_order(dates)
    problems += [*notes, *rounds.changed_roles(by_round, names), *_near(rows, config)]
    sources = tuple(_source(sheet) for sheet, _ in tables)
    result = []
    for name in names:
        members, notes = people.join_rows(by_round[name], named, long=found.long, refuse=refuse)
        notes += people.look_at_pairs(members)
        notes += [p for p in problems if placed.get((p.file, p.sheet, p.row), names[0]) == name]
        one = _responses(name, dates[name], members, notes, _columns(tables, by_round[name]), found.key, paths[0].name)
        one = dataclasses.replace(one, scale=found.items.changed, other=found.items.other, sources=sources)
        result.append(dataclasses.replace(one, withdrawn=found.gone))
    return result


@dataclass(frozen=True)
class Understood:
    """The rows of all sheets, each in its round; ``named``: file and sheet of the tables that say who answered;
    ``gone``: as ``entries.read_entries`` says."""

    rows: list[Entry]
    items: Items
    key: dict[str, str]
    problems: list[Problem]
    named: frozenset[tuple[str, str]]
    long: bool
    gone: frozenset[str]


def understand(
    tables: Tables,
    config: Config,
    codes: Callable[[str], str],
    register: Register | None = None,
    key_file: KeyFile | None = None,
) -> Understood:
    """Every row that may be analysed, with its round, pair and person as far as the sheets say them."""
    roles = {column.role for _, columns in tables for column in columns}
    long = "question" in roles
    named = frozenset((s.file, s.name) for s, columns in tables if any(c.role in entries.KINDS for c in columns))
    tables, key, problems = identity.replace_names(tables, codes)
    units = identity.sheets_as_codes(tables, codes)
    key |= {code: name for name, code in units.items()}
    items = Items(tables, config)
    parts, gone = [], set[str]()
    for table, columns in tables:
        if long and named:
            table, notes = _without_copies(table)
            problems += notes
        found, notes = entries.read_entries(table, columns, config, items, gone)
        problems += [*_weighed(table, columns), *notes, *_overlooked_consents(table, columns)]
        has_column = any(column.role == "round" for column in columns)
        parts.append(rounds.Part(table.file, table.name, found, has_column, units.get(table.name, "")))
    problems += items.problems()  # what the answers say of the scale is known now
    everyone = [entry for part in parts for entry in part.entries]
    if register is not None:
        problems += [*register.problems, *register.place(everyone, key_file)]
    if not long:
        problems = identity.carry(everyone, problems)
    for part in parts:
        part.entries[:] = [entry for entry in part.entries if not entry.blank]
    problems += rounds.settle(parts)
    rows = [entry for part in parts for entry in part.entries]
    problems += identity.one_spelling(rows, "round") + identity.one_spelling(rows, "respondent")
    return Understood(rows, items, key, problems, named, long, frozenset(gone))


_CONSENT = ("consent", "withdra")


def _source(sheet: Sheet) -> Source:
    layout = sheet.layout
    return Source(sheet.file, sheet.name, layout.name, layouts.title(layout.name), layout.because, len(sheet.rows))


def _columns(tables: Tables, rows: Sequence[Entry]) -> tuple[Column, ...]:
    """The columns of the sheets that these rows come from, each header once."""
    places = {entry.where[:2] for entry in rows}
    found: dict[str, Column] = {}
    for sheet, columns in tables:
        if (sheet.file, sheet.name) in places:
            for column in columns:
                found.setdefault(column.header, column)
    return tuple(found.values())


def _near(rows: Sequence[Entry], config: Config) -> list[Problem]:
    """Names of pairs and services that may be the same but for a typing mistake: offered, never joined."""
    problems = []
    for part, decided in (("pair", config.pairs), ("service", config.services)):
        counts = Counter(code for entry in rows if (code := getattr(entry, part)))
        for near in spellings.near(counts, decided):
            found, taken = f"{part} {near.a} beside {near.b}", "kept apart, as two"
            fix = f"The same? Then write {near.line} under [{part}s] in audit.toml."
            problems.append(Problem("", "", 0, "", "warning", found, taken, fix))
    return problems


def _without_copies(sheet: Sheet) -> tuple[Sheet, list[Problem]]:
    """A sheet of one answer a row without rows that repeat another one cell by cell."""
    first: dict[tuple[str, ...], int] = {}
    problems, kept = [], []
    for number, row in zip(sheet.numbers, sheet.rows, strict=True):
        if row in first:
            found = f"the same row as {first[row]}"
            problems.append(Problem(sheet.file, sheet.name, number, "", "warning", found, "one kept", ""))
        else:
            first[row] = number
            kept.append((number, row))
    numbers, rows = zip(*kept, strict=True) if kept else ((), ())
    return dataclasses.replace(sheet, numbers=numbers, rows=rows), problems


def _weighed(table: Sheet, columns: Sequence[Column]) -> list[Problem]:
    """What was odd in the cells of a sheet; in a column that is not read it is a note."""
    unread = {column.header for column in columns if column.role == "ignore"}
    return [
        dataclasses.replace(one, severity="note", fix="") if one.row and one.column in unread else one
        for one in table.problems
    ]


def _overlooked_consents(table: Sheet, columns: Sequence[Column]) -> list[Problem]:
    fix = 'Say which under [columns] in audit.toml, as in "HEADER" = "consent_analysis".'
    return [
        Problem(table.file, table.name, 0, column.header, "warning", "yes or no, and may be a consent", "not read", fix)
        for column in columns
        if column.reason == MAY_BE_CONSENT
    ]


def _absent(roles: set[str], register: Register | None) -> list[Problem]:
    taken = {
        "pair": ("analysed without pairs", "--pair-column names one."),
        "role": ("roles unknown", "--role-column names one."),
        "consent_analysis": ("every row analysed", ""),
    }
    if register is not None:
        taken |= dict.fromkeys(("pair", "role"), ("taken from the roster", ""))
    return [
        Problem("", "", 0, "", "note", f"no {role} column", how, fix)
        for role, (how, fix) in taken.items()
        if role not in roles
    ]


def _responses(
    name: str,
    order: str,
    people: Sequence[Person],
    problems: Sequence[Problem],
    columns: tuple[Column, ...],
    key: dict[str, str],
    file: str,
) -> Responses:
    answers: list[tuple[object, ...]] = []
    ratings: list[tuple[object, ...]] = []
    facts: list[tuple[object, ...]] = []
    members: list[tuple[object, ...]] = []
    for person in people:
        who = (person.respondent, person.pair, person.role)
        seen: Counter[str] = Counter()
        for item, question, text, where in person.answers:
            seen[question] += 1
            occurrence = seen[question]
            answer = answer_key(name, person.pair, person.respondent, question, occurrence)
            answers.append((name, *where, answer, *who, item, question, occurrence, text))
        for *rating, where in person.ratings:
            ratings.append((name, *where, *who, *rating))
        for fact, value, where in person.facts:
            facts.append((name, *where, *who, fact, value))
        consents = [person.consents[kind] for kind in values.CONSENTS]
        about = (person.service, person.identity, person.sponsor, person.date)
        members.append((name, *person.where, *who, *about, *consents))
    listed = sorted(
        problems, key=lambda p: (p.file, p.sheet, p.row, p.column, _SEVERITIES.index(p.severity), p.found, p.taken_as)
    )
    found = [(name, p.file or file, p.sheet, p.row, p.column, p.severity, p.found, p.taken_as, p.fix) for p in listed]
    in_round = {code for person in people for code in (person.respondent, person.pair)}
    named = [(code, original) for code, original in sorted(key.items()) if code in in_round]
    return Responses(
        round=name,
        order=order,
        answers=_frame(answers, ANSWERS),
        ratings=_frame(ratings, RATINGS),
        facts=_frame(facts, FACTS),
        people=_frame(members, PEOPLE),
        problems=_frame(found, PROBLEMS),
        columns=columns,
        linked=any(person.identity != "none" for person in people),
        key=_frame(named, KEY) if named else None,
    )


def answer_key(name: str, pair: str, respondent: str, question: str, occurrence: int) -> str:
    """What an answer is called inside the audit; ``occurrence`` counts a person's answers to one question."""
    parts = (name, pair, respondent, question, str(occurrence))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _frame(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=columns)
    kinds = {column: "bool" if column == "sponsor" else _KINDS.get(column, "str") for column in columns}
    return frame.astype(kinds)
