"""Reading a spreadsheet of answers: one ``Responses`` a round, and everything that was odd about it."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import values
from auditkit.columns import MAY_BE_CONSENT, Column, Overrides, decide, recognised
from auditkit.entries import Bounds, Entry, Tables, Where, bounds, read_entries, replace_names
from auditkit.errors import AuditkitError
from auditkit.people import Person, join_rows, look_at_pairs, settle_respondents
from auditkit.sheets import Problem, Sheet, read_sheets
from auditkit.values import fold

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.config import Config

__all__ = ["Column", "Overrides", "Responses", "read"]

PLACE = ["round", "file", "sheet", "row"]
PERSON = ["respondent", "pair", "role"]
ANSWERS = [*PLACE, "answer", *PERSON, "item", "question", "occurrence", "text"]
RATINGS = [*PLACE, *PERSON, "item", "scale", "rating", "scored"]
FACTS = [*PLACE, *PERSON, "item", "value"]
PEOPLE = [*PLACE, *PERSON, "sponsor", "date", *values.CONSENTS]
PROBLEMS = [*PLACE, "column", "severity", "found", "taken_as", "fix"]
KEY = ["respondent", "original"]

_KINDS = {"row": "int64", "occurrence": "int64", "rating": "float64", "scored": "float64", "value": "float64"}
_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, eq=False)
class Responses:
    """One round. Frames are tidy, sorted by pair, respondent and item or question; missing text is "".

    ``order``: the first date (ISO) or "". ``linked``: False where nothing says who is who across rounds.
    answers: round, file, sheet, row, answer (key), respondent, pair, role, item, question, occurrence, text.
    ratings: round, file, sheet, row, respondent, pair, role, item, scale, rating (as answered), scored
    (reversed items turned). facts: the same with value (OUTLOOK: worsen −1, stay 0, improve 1).
    people: one row a respondent and pair: round, file, sheet, row, respondent, pair, role, sponsor, date,
    consent_quote, consent_pair_ratings, consent_pair_words.
    problems: round, file, sheet, row (0: the whole sheet), column, severity (error, warning, note), found,
    taken_as, fix; never an open answer's words. What concerns the whole file stands in its first round.
    ``key``: code and name of whoever was named in the file, in memory only; None where nobody was.
    ``scale``: lowest and highest rating, where the file's go beyond what the settings say; else None.
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


def read(
    path: Path,
    config: Config,
    *,
    codes: Callable[[str], str],
    sheet: str | None = None,
    round_name: str | None = None,
    overrides: Overrides | None = None,
) -> list[Responses]:
    """The rounds of an .xlsx or .csv file, in order of their dates, else of their names.

    ``codes`` gives the code of a name or e-mail, the same for the same name in every round; it is asked only
    where the respondent or pair column holds names. ``sheet`` and ``overrides`` name a sheet and columns by
    hand; ``round_name`` names the round, or chooses one of several.

    Raises AuditkitError only where nothing can be analysed: no readable file, no such sheet or column, no
    rows, neither open answers nor ratings, two contradicting rows of one person. All else is in ``problems``.
    """
    tables, problems = _answer_sheets(path, config, sheet, overrides or Overrides())
    long = any(column.role == "question" for _, columns in tables for column in columns)
    roles = {column.role for _, columns in tables for column in columns}
    tables, key, notes = replace_names(tables, codes)
    problems += notes
    limits, notes = bounds(tables, config)
    problems += notes
    columns_of: dict[str, tuple[Column, ...]] = {}
    entries: list[Entry] = []
    for table, columns in tables:
        if long and "respondent" in roles:
            table, notes = _without_copies(table)
            problems += notes
        found, notes = read_entries(table, columns, config, limits)
        problems += [*table.problems, *notes, *_overlooked_consents(table, columns)]
        fallback = _round_of_sheet(path, table, alone=len(tables) == 1)
        problems += _settle_rounds(found, fallback, has_column=any(c.role == "round" for c in columns))
        columns_of |= {entry.round: columns for entry in found}
        entries += found
    problems += _one_spelling(entries, "round") + _one_spelling(entries, "respondent")
    placed = {entry.where: entry for entry in entries}
    entries = _of_round(entries, round_name, path)
    if not entries:
        raise AuditkitError(
            f"{path.name}: no row may be analysed: none has consent, or all are withdrawn",
            "Check the columns that were taken for consent and withdrawal.",
            details=[f'"{c.header}" = {c.role}' for _, cs in tables for c in cs if c.role[:7] in _CONSENT],
        )
    linked, notes = settle_respondents(entries, has_column="respondent" in roles, long=long)
    problems += notes
    problems += _absent(roles)
    rounds: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        rounds[entry.round].append(entry)
    dates = {name: min((e.date for e in rows if e.date), default="") for name, rows in rounds.items()}
    names = _ordered(dates)
    problems += _order_problems(names, dates)
    problems += _changed_roles(rounds, names)
    result = []
    for name in names:
        people, notes = join_rows(rounds[name], path.name, long=long)
        notes += look_at_pairs(people)
        for problem in problems:
            source = placed.get((problem.sheet, problem.row))
            if (source.round if source else names[0]) == name:
                notes.append(problem)
        columns = columns_of.get(name, tables[0][1])
        result.append(_responses(path.name, name, dates[name], people, notes, columns, linked, key))
    if limits == Bounds(config.ratings.low, config.ratings.high):
        return result
    return [dataclasses.replace(one, scale=(int(limits.low), int(limits.high))) for one in result]


_CONSENT = ("consent", "withdra")


def _answer_sheets(
    path: Path, config: Config, wanted: str | None, overrides: Overrides
) -> tuple[Tables, list[Problem]]:
    """The sheet that holds the answers, and others with the same questions (other rounds); the rest noted."""
    sheets = read_sheets(path, recognised)
    if not sheets:
        raise AuditkitError(f"{path.name} holds no text in any sheet", "Export or save the answers again.")
    if wanted is not None:
        sheets = [_named(path.name, sheets, wanted)]
    visible = [sheet for sheet in sheets if not sheet.hidden] or sheets
    tables: Tables = []
    failure: AuditkitError | None = None
    for sheet in visible:
        try:
            tables.append((sheet, decide(sheet, config, overrides)))
        except AuditkitError as error:
            failure = failure or error
    if not tables and failure:
        raise failure
    tables.sort(key=_answered, reverse=True)
    best, columns = tables[0]
    where = path.name + (f", sheet {best.name}" if best.name else "")
    if not best.rows:
        raise AuditkitError(f"{where}: no rows below the header", "Export the answers again, with the rows.")
    if not _answered(tables[0]):
        raise AuditkitError(
            f"{where}: no column holds open answers or ratings",
            'Name one with --text-column "HEADER", or under [columns] in audit.toml.',
            details=[f'"{c.header[:60]}": {c.role} ({c.reason})' for c in columns[:20]],
        )
    questions = _questions(tables[0])
    chosen = [
        table
        for table in tables
        if _answered(table) and 2 * len(_questions(table) & questions) >= min(len(questions), len(_questions(table)))
    ]
    names = {sheet.name for sheet, _ in chosen}
    problems = []
    for sheet in sheets:
        if sheet.name not in names:
            found = "a hidden sheet" if sheet.hidden else "a sheet without these questions"
            fix = f'--sheet "{sheet.name}" reads it.'
            problems.append(Problem(sheet.name, 0, "", "note", found, "not read", fix))
    order = [sheet.name for sheet in sheets]
    return sorted(chosen, key=lambda table: order.index(table[0].name)), problems


def _named(file: str, sheets: Sequence[Sheet], wanted: str) -> Sheet:
    names = [sheet.name for sheet in sheets if sheet.name]
    for sheet in sheets:
        if sheet.name and fold(sheet.name) == fold(wanted):
            return sheet
    if not names:
        raise AuditkitError(f'--sheet "{wanted}": {file} has no sheets', "Leave --sheet out.")
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.4)
    fix = f'Did you mean "{near[0]}"?' if near else "Its sheets: " + ", ".join(f'"{name}"' for name in names)
    raise AuditkitError(f'--sheet: {file} has no sheet "{wanted}"', fix)


def _questions(table: tuple[Sheet, tuple[Column, ...]]) -> set[str]:
    return {fold(column.header) for column in table[1] if column.role in ("open", "rating", "fact")}


def _answered(table: tuple[Sheet, tuple[Column, ...]]) -> int:
    """How many cells of a table hold open answers or ratings."""
    sheet, columns = table
    places = [index for index, column in enumerate(columns) if column.role in ("open", "rating")]
    return sum(len(sheet.values(index)) for index in places)


def _without_copies(sheet: Sheet) -> tuple[Sheet, list[Problem]]:
    """A sheet of one answer a row without rows that repeat another one cell by cell."""
    first: dict[tuple[str, ...], int] = {}
    problems, kept = [], []
    for number, row in zip(sheet.numbers, sheet.rows, strict=True):
        if row in first:
            found = f"the same row as {first[row]}"
            problems.append(Problem(sheet.name, number, "", "warning", found, "one kept", ""))
        else:
            first[row] = number
            kept.append((number, row))
    numbers, rows = zip(*kept, strict=True) if kept else ((), ())
    return dataclasses.replace(sheet, numbers=numbers, rows=rows), problems


def _round_of_sheet(path: Path, sheet: Sheet, *, alone: bool) -> str:
    """The sheet's name where it names a round or tells two sheets apart, else the file's: two exports whose
    only sheet is "Answers" are two rounds."""
    return sheet.name if sheet.name and (not alone or values.names_a_round(sheet.name)) else path.stem


def _settle_rounds(entries: list[Entry], fallback: str, *, has_column: bool) -> list[Problem]:
    """Name the round of entries that have none; where several rounds are possible, leave those out."""
    named = {fold(entry.round) for entry in entries} - {""}
    problems: list[Problem] = []
    if len(named) > 1:
        fix = "Write the round into the cell."
        problems = [
            Problem(*entry.where, "", "error", "no round", "row left out", fix) for entry in entries if not entry.round
        ]
        entries[:] = [entry for entry in entries if entry.round]
    elif named:
        fallback = next(entry.round for entry in entries if entry.round)
    for entry in entries:
        entry.round = entry.round or fallback
    if has_column and not named and entries:
        problems.append(Problem(entries[0].where[0], 0, "", "note", "no round in its column", fallback, ""))
    return problems


def _one_spelling(entries: Sequence[Entry], part: str) -> list[Problem]:
    """Give rounds or respondents that differ only in case, spaces or dashes their most frequent spelling."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        spellings[fold(getattr(entry, part))][getattr(entry, part)] += 1
    usual = {
        spelling: min(found, key=lambda text: (-found[text], text))
        for found in spellings.values()
        for spelling in found
    }
    for entry in entries:
        setattr(entry, part, usual[getattr(entry, part)])
    return [
        Problem("", 0, "", "note", f"{part} '{spelling}'", kept, "")
        for spelling, kept in sorted(usual.items())
        if spelling != kept
    ]


def _of_round(entries: list[Entry], wanted: str | None, path: Path) -> list[Entry]:
    rounds = sorted({entry.round for entry in entries}, key=values.round_key)
    if wanted is None or not rounds:
        return entries
    if len(rounds) == 1:
        for entry in entries:
            entry.round = wanted
        return entries
    chosen = [entry for entry in entries if fold(entry.round) == fold(wanted)]
    if not chosen:
        raise AuditkitError(
            f'--round "{wanted}": {path.name} holds the rounds ' + ", ".join(f'"{name}"' for name in rounds),
            "Name one of them, or leave --round out to read them all.",
        )
    return chosen


def _ordered(dates: dict[str, str]) -> list[str]:
    by_date = all(dates.values()) and len(set(dates.values())) == len(dates)
    return sorted(dates, key=lambda name: (dates[name] if by_date else "", values.round_key(name), name))


def _order_problems(names: list[str], dates: dict[str, str]) -> list[Problem]:
    by_name = sorted(names, key=lambda name: (values.round_key(name), name))
    if names == by_name or values.round_key(names[0])[0] == values.round_key(by_name[0])[0]:
        return []
    found = f'"{names[0]}" is dated before "{names[1]}" ({dates[names[0]]}, {dates[names[1]]})'
    return [Problem("", 0, "", "warning", found, "the dates decide the order", "Check dates and rounds.")]


def _changed_roles(rounds: dict[str, list[Entry]], names: list[str]) -> list[Problem]:
    known: dict[tuple[str, str], dict[str, Where]] = defaultdict(dict)
    for name in names:
        for entry in sorted(rounds[name], key=lambda entry: entry.where):
            if entry.role:
                known[entry.pair, entry.respondent].setdefault(entry.role, entry.where)
    return [
        Problem(
            *list(roles.values())[-1],
            "",
            "warning",
            "another role than in the earlier round",
            "as written",
            "",
        )
        for _, roles in sorted(known.items())
        if len(roles) > 1
    ]


def _overlooked_consents(table: Sheet, columns: Sequence[Column]) -> list[Problem]:
    fix = 'Say which under [columns] in audit.toml, as in "HEADER" = "consent_analysis".'
    return [
        Problem(table.name, 0, column.header, "warning", "yes or no, and may be a consent", "not read", fix)
        for column in columns
        if column.reason == MAY_BE_CONSENT
    ]


def _absent(roles: set[str]) -> list[Problem]:
    taken = {
        "pair": ("note", "analysed without pairs", "--pair-column names one."),
        "role": ("note", "roles unknown", "--role-column names one."),
        "consent_analysis": ("note", "every row analysed", ""),
    }
    return [
        Problem("", 0, "", severity, f"no {role} column", how, fix)
        for role, (severity, how, fix) in taken.items()
        if role not in roles
    ]


def _responses(
    file: str,
    name: str,
    order: str,
    people: Sequence[Person],
    problems: Sequence[Problem],
    columns: tuple[Column, ...],
    linked: bool,
    key: dict[str, str],
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
            identity = (name, person.pair, person.respondent, question, str(occurrence))
            answer = hashlib.sha256("\x1f".join(identity).encode()).hexdigest()[:16]
            answers.append((name, file, *where, answer, *who, item, question, occurrence, text))
        for *rating, where in person.ratings:
            ratings.append((name, file, *where, *who, *rating))
        for fact, value, where in person.facts:
            facts.append((name, file, *where, *who, fact, value))
        consents = [person.consents[kind] for kind in values.CONSENTS]
        members.append((name, file, *person.where, *who, person.sponsor, person.date, *consents))
    listed = sorted(
        problems, key=lambda p: (p.sheet, p.row, p.column, _SEVERITIES.index(p.severity), p.found, p.taken_as)
    )
    found = [(name, file, p.sheet, p.row, p.column, p.severity, p.found, p.taken_as, p.fix) for p in listed]
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
        linked=linked,
        key=_frame(named, KEY) if named else None,
    )


def _frame(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=columns)
    kinds = {column: "bool" if column == "sponsor" else _KINDS.get(column, "str") for column in columns}
    return frame.astype(kinds)
