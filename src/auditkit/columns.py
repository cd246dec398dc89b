"""What each column of a sheet means, decided from its header and its values."""

from __future__ import annotations

import difflib
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit import values
from auditkit.errors import AuditkitError
from auditkit.questionnaire import items, match_item
from auditkit.sheets import Sheet
from auditkit.values import fold

if TYPE_CHECKING:
    from auditkit.config import Config


@dataclass(frozen=True)
class Column:
    """A column's role, why it has it, and a sample that shows the kind of value and never the value."""

    header: str
    role: str
    reason: str
    sample: str


@dataclass(frozen=True)
class Overrides:
    """Columns named on the command line, by header."""

    respondent: str | None = None
    pair: str | None = None
    role: str | None = None
    round: str | None = None
    question: str | None = None
    text: tuple[str, ...] = ()


_SYNONYMS = {
    "respondent": "respondent id|respondent|respondent code|respondentid|participant id|participant"
    "|participant code|person id|person|staff id|staff code|employee id|your code|personal code|code name|user id"
    "|user|id|code"
    "|unique id|email address|email|e mail|your email|full name|name|your name",
    "pair": "pair id|pair|pair code|pair name|dyad id|dyad|partnership|group|ward|team|unit|service id"
    "|service|department|site|locality|group id|ward id|team id|ward name|team name|service name",
    "role": "role|your role|role in pair|role in the pair|job|job title|position|job role|what is your role"
    "|profession|staff group",
    "round": "round|audit round|survey round|wave|timepoint|time point|phase|round name|survey wave|period",
    "date": "answered on|date|date answered|completed on|date completed|completed|completion time|completion date"
    "|date of completion|end date|enddate|recorded date"
    "|recordeddate|timestamp|submitted|submitted on|submission date|date submitted|start time|start date"
    "|startdate",
    "question": "question|question text|prompt|question asked",
    "consent_analysis": "consent analysis|consent|consent to analysis|i consent|may be analysed|consent given"
    "|consent to take part|i agree to take part|i consent to take part|do you consent to take part",
    "consent_quote": "consent quote|consent quotes|consent quotation|may be quoted",
    "consent_pair_ratings": "consent pair ratings",
    "consent_pair_words": "consent pair words",
    "withdrawn": "withdrawn on|withdrawn|withdrawal|withdrawal date|date withdrawn",
}
_SINGLE = {
    header: (role, place) for role, headers in _SYNONYMS.items() for place, header in enumerate(headers.split("|"))
}
_WORDS = {
    "respondent": frozenset(("respondent", "participant")),
    "pair": frozenset("pair dyad partnership ward team group unit service department".split()),
    "role": frozenset("role job title position profession".split()),
    "round": frozenset("round wave timepoint".split()),
}
_FILLERS = frozenset(
    "your the of or and a what which is are in on my name code number no id do you i we work with for to belong"
    " please select choose enter current main best describes".split()
)
_HEADER_WORDS = 4
"""A column whose header only speaks of a pair or role is one where its values are as short as a name."""
_CONSENT = re.compile(r"\b(consent|permission|agree|may we|can we|happy for)\b")
MAY_BE_CONSENT = "may be a consent: not read"
EMPTY = "empty"
PASSING = frozenset((MAY_BE_CONSENT, EMPTY))
"""Reasons that say something of one file only: what was decided so must not bind the next."""
_SERVICE = frozenset(("service id", "service", "department", "site", "locality", "service name"))
_RUNNING = frozenset(("id", "code", "unique id", "user id", "user", "respondent id"))
_TEXT = (
    "text|answer text|comment|comments|answer|answers|response|responses|free text|verbatim|reply|feedback"
    "|open answer|comment text|response text"
).split("|")
_PERSONAL = frozenset(
    "name|full name|first name|last name|surname|forename|your name|email|e mail|email address|your email"
    "|recipient email|recipientemail|recipientlastname|recipientfirstname|emailaddress|phone|telephone|mobile"
    "|phone number|ip|ip address|ipaddress|latitude|longitude|locationlatitude|locationlongitude"
    "|date of birth|dob|address|postcode|staff number|payroll number|nhs number|signature".split("|")
)
_DERIVED = frozenset(
    "label labels sentiment code codes coder coding theme themes category categories tag tags topic topics"
    " cluster flag usable count number no nr age gender sex ethnicity year month grade band hours status"
    " progress finished duration language index total version collector custom assigned possible longitude"
    " latitude location import".split()
)
_RATING_WORDS = frozenset("rating rate score likert scale satisfaction".split())
_INVITES = re.compile(r"\b(comments?|describe|explain|tell us|free text|feedback|any other|suggestions?)\b")


def recognised(header: str) -> bool:
    """Whether a cell's text is a header that is known by name: used to find the header row."""
    name = fold(header)
    return name in _SINGLE or name in _TEXT or name in _PERSONAL or match_item(header) is not None


def decide(sheet: Sheet, config: Config, overrides: Overrides) -> tuple[Column, ...]:
    """The role of every column of a sheet, in the sheet's order.

    Command line before ``[columns]`` of audit.toml, before known headers, before the questionnaire, before
    the values. A role that one column only can have goes to the first in that order; the others say so.
    Raises AuditkitError for a header on the command line that the sheet does not have.
    """
    rows = [row for row in sheet.rows if sum(map(bool, row)) > 1] or sheet.rows
    cells = {header: [row[index] for row in rows if row[index]] for index, header in enumerate(sheet.headers)}
    set_by_hand = {**_configured(sheet.headers, config), **_overridden(sheet.headers, overrides)}
    roles = {header: _automatic(header, cells[header], config) for header in sheet.headers}
    roles.update(set_by_hand)
    _one_each(roles, set_by_hand)
    _long_layout(roles, set_by_hand, cells)
    if overrides.text:
        _demote(roles, "open", [h for h, (_, why) in roles.items() if why != "command line"], "--text-column")
    if not any(role == "respondent" for role, _ in roles.values()):
        _respondent_by_content(roles, cells)
    if not any(role == "role" for role, _ in roles.values()):
        _role_by_content(roles, cells, config)
    return tuple(Column(header, *roles[header], _sample(cells[header])) for header in sheet.headers)


def find(headers: Sequence[str], wanted: str, option: str) -> str:
    """The header that an option means, whatever its case and spaces; AuditkitError with near ones if none."""
    for header in headers:
        if fold(header) == fold(wanted):
            return header
    names = {fold(header): header for header in headers}
    near = [names[name] for name in difflib.get_close_matches(fold(wanted), list(names), n=3, cutoff=0.5)]
    raise AuditkitError(
        f'{option}: there is no column "{wanted}"',
        "Did you mean " + " or ".join(f'"{name}"' for name in near) + "?" if near else "Use a header of the sheet.",
        details=["columns: " + ", ".join(f'"{header[:40]}"' for header in headers[:20])],
    )


Roles = dict[str, tuple[str, str]]


def _configured(headers: Sequence[str], config: Config) -> Roles:
    wanted = {fold(header): role for header, role in config.columns.items()}
    return {header: (wanted[fold(header)], "audit.toml") for header in headers if fold(header) in wanted}


def _overridden(headers: Sequence[str], overrides: Overrides) -> Roles:
    roles: Roles = {}
    for role in ("respondent", "pair", "role", "round", "question"):
        wanted = getattr(overrides, role)
        if wanted is not None:
            roles[find(headers, wanted, f"--{role}-column")] = (role, "command line")
    for wanted in overrides.text:
        roles[find(headers, wanted, "--text-column")] = ("open", "command line")
    return roles


def _automatic(header: str, cells: Sequence[str], config: Config) -> tuple[str, str]:
    name = fold(header)
    if not cells:
        return "ignore", EMPTY
    single = _SINGLE.get(name) or _worded(name, cells) or _consent(name, cells)
    if single and single[0] == "respondent" and not _tells_people_apart(name, cells):
        return "ignore", "a running number, not a person" if _running(cells) else "tells nobody apart"
    if single:
        return single[0], "header"
    if name in _PERSONAL:
        return "ignore", "may identify people"
    scaled = {fold(item) for items in config.scales.values() for item in items}
    if name in scaled or name in {fold(item) for item in config.ratings.reversed}:
        return "rating", "item of a scale in audit.toml"
    code = match_item(header)
    kind = next((item.kind for item in items() if item.code == code), "")
    if kind and not (kind == "open" and _numeric(cells)):
        return kind, f"questionnaire {code}"
    if name in _TEXT and not _numeric(cells):
        return "open", "header"
    return _by_content(header, cells, config)


def _worded(name: str, cells: Sequence[str]) -> tuple[str, int] | None:
    """The role that a header of several known words names, such as "Ward / team", after all exact ones."""
    words = set(name.split()) - _FILLERS
    if not words or statistics.median(len(cell.split()) for cell in cells) > _HEADER_WORDS:
        return None
    return next(((role, 999) for role, known in _WORDS.items() if words <= known), None)


def _consent(name: str, cells: Sequence[str]) -> tuple[str, int] | None:
    """A question for leave to analyse, answered with yes or no: leave that was refused must never be overlooked."""
    if not _yes_or_no(cells) or not re.search(r"\banaly[sz]e|\banalysis\b", name):
        return None
    return "consent_analysis", 999


def _yes_or_no(cells: Sequence[str]) -> bool:
    return all(values.yes_no(cell) in ("yes", "no") for cell in cells) and not _numeric(cells)


def _by_content(header: str, cells: Sequence[str], config: Config) -> tuple[str, str]:
    kind = values.identifying(cells, "")
    if kind:
        return "ignore", f"looks like {kind}"
    if _yes_or_no(cells) and _CONSENT.search(fold(header)):
        return "ignore", MAY_BE_CONSENT
    words = fold(header).split()
    derived = len(words) <= 3 and (
        bool(set(words) & _DERIVED) or words[-1:] == ["id"] or words[:1] in (["n"], ["not"], ["is"], ["has"])
    )
    if derived:
        return "ignore", "a code or a count, no answer"
    rated = _ratings(cells, config)
    if rated:
        return "rating", rated
    if _numeric(cells):
        return "ignore", "numbers that are no ratings"
    different = len({fold(cell) for cell in cells})
    length = statistics.median(len(cell.split()) for cell in cells)
    invites = bool(_INVITES.search(header.casefold()))
    asks = invites or "?" in header
    if different >= 0.5 * len(cells) and (length >= 4 or (asks and length >= 2)):
        return "open", "different texts"
    if invites and length >= 4 and different > 2:
        return "open", "header asks for words"
    worded = sum(any(letter.isdigit() for letter in cell) for cell in cells) < 0.5 * len(cells)
    if asks and worded and len(cells) >= 3 and different >= 0.8 * len(cells):
        return "open", "header asks for words"
    if different == 1 and len(cells) > 1:
        return "ignore", "the same in every row"
    return "ignore", "few different values: a choice" if different < 0.5 * len(cells) else "short values"


def _ratings(cells: Sequence[str], config: Config) -> str:
    """Why the values are ratings, or "". Four in five must be, on the audit's scale or a usual longer one."""
    ratings = config.ratings
    for low, high in dict.fromkeys(((ratings.low, ratings.high), (1, 5), (1, 7), (0, 10))):
        read = [values.rating(cell, low, high, ratings.words) for cell in cells]
        numbers = [value for value in read if isinstance(value, float)]
        answered = [value for value in read if value not in (values.BLANK, values.CANNOT_SAY)]
        if not numbers or len(numbers) < 0.8 * len(answered):
            continue
        if set(numbers) <= {0.0, 1.0} or (len(set(numbers)) == 1 and len(cells) > 3):
            return ""
        if all(re.fullmatch(r"\d+(\.0)?", cell) for cell in cells) and _running(cells) and len(cells) > 2:
            return ""
        names = {fold(cell).rstrip("0123456789 ") for cell in cells}
        if len(names) == 1 and names.isdisjoint(_RATING_WORDS | {""}):
            return ""  # "ward-1", "ward-2": one name with a number, no points of a scale
        return f"values {low:g} to {high:g}"
    return ""


def _numeric(cells: Sequence[str]) -> bool:
    numbers = sum(bool(re.fullmatch(r"[-+]?\d+([.,]\d+)?%?", cell)) for cell in cells)
    return numbers >= 0.8 * len(cells)


def _running(cells: Sequence[str]) -> bool:
    """1, 2, 3 … without a gap or repeat: a count of rows, which starts again in the next export."""
    numbers = [int(text) for cell in cells if (text := values.whole(cell)).isdecimal()]
    if len(numbers) < len(cells) or len(set(numbers)) < len(numbers):
        return False
    return min(numbers) in (0, 1) and max(numbers) - min(numbers) + 1 == len(numbers)


def _tells_people_apart(name: str, cells: Sequence[str]) -> bool:
    different = len(set(cells))
    if name == "respondent id" or name not in _RUNNING:
        return different > 1 or len(cells) <= 2
    return not _running(cells) and different > 1


def _one_each(roles: Roles, by_hand: Mapping[str, tuple[str, str]]) -> None:
    """Leave one column for each role that only one can have: named by hand first, then the better header."""
    for role in _SYNONYMS:
        named = [header for header, (found, _) in roles.items() if found == role]
        if len(named) < 2:
            continue
        kept = min(named, key=lambda header: _rank(header, by_hand))
        for header in named:
            if header != kept:
                other = "service" if role == "pair" and fold(header) in _SERVICE else "ignore"
                if other == "service" and any(found == "service" for found, _ in roles.values()):
                    other = "ignore"
                personal = "may identify people; " if fold(header) in _PERSONAL else ""
                roles[header] = (other, f'{personal}{role} is read from "{kept}"')


def _rank(header: str, by_hand: Mapping[str, tuple[str, str]]) -> tuple[int, int]:
    source = {"command line": 0, "audit.toml": 1}.get(by_hand[header][1], 2) if header in by_hand else 2
    return source, _SINGLE.get(fold(header), ("", 999))[1]


def _long_layout(roles: Roles, by_hand: Mapping[str, tuple[str, str]], cells: Mapping[str, Sequence[str]]) -> None:
    """With a question column, one text column holds the answers; the other texts are about them."""
    question = next((header for header, (role, _) in roles.items() if role == "question"), None)
    if question is None:
        return
    texts = [header for header, (role, _) in roles.items() if role == "open"]
    if not texts:
        roles[question] = ("ignore", "no column holds the answers to it")
        return
    if not any(header in by_hand for header in texts):
        named = [header for name in _TEXT for header in texts if fold(header) == name]
        kept = named[0] if named else max(texts, key=lambda h: (sum(map(len, cells[h])), h))
        _demote(roles, "open", [header for header in texts if header != kept], f'answers are in "{kept}"')
    for header, (role, reason) in list(roles.items()):
        worded = set(fold(header).split()) & _RATING_WORDS
        if role == "rating" and reason.startswith("values ") and not worded:
            roles[header] = ("ignore", "one answer a row, and the header names no rating")


def _demote(roles: Roles, role: str, headers: Sequence[str], reason: str) -> None:
    for header in headers:
        if roles[header][0] == role:
            roles[header] = ("ignore", reason)


def _respondent_by_content(roles: Roles, cells: Mapping[str, Sequence[str]]) -> None:
    code = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[\w-]{3,20}|[A-Z]{1,4}-[A-Z\d]{2,12}")

    def suits(header: str) -> bool:
        own = cells[header]
        named = fold(header).split()[-1:] in (["id"], ["code"], ["ref"], ["reference"], ["no"])
        other = set(fold(header).split()) & {
            "comment",
            "answer",
            "response",
            "question",
            "row",
            "collector",
            "responseid",
        }
        codes = sum(bool(code.fullmatch(cell)) for cell in own) >= 0.9 * len(own)
        return bool(own) and not other and codes and len(set(own)) >= (0.3 if named else 0.5) * len(own)

    _take_first(roles, "respondent", suits, "different codes")


def _role_by_content(roles: Roles, cells: Mapping[str, Sequence[str]], config: Config) -> None:
    def suits(header: str) -> bool:
        found = [values.role(cell, config.roles)[0] for cell in cells[header]]
        known = [role for role in found if role]
        return len(set(known)) >= 2 and len(known) >= 0.8 * len(found)

    _take_first(roles, "role", suits, "names of roles")


def _take_first(roles: Roles, role: str, suits: Callable[[str], bool], reason: str) -> None:
    open_to_it = ("a code or a count, no answer", "short values", "few different values: a choice")
    for header, (found, why) in roles.items():
        if found == "ignore" and why in open_to_it and suits(header):
            roles[header] = (role, reason)
            return


def _sample(cells: Sequence[str]) -> str:
    """The kind of values, never one of them: "text, 34 words", "numbers 1 to 5", "5 different values"."""
    if not cells:
        return "empty"
    if _numeric(cells):
        found = [re.fullmatch(r"[-+]?\d+([.,]\d+)?", cell) for cell in cells]
        numbers = [float(match[0].replace(",", ".")) for match in found if match]
        if numbers and len(set(numbers)) > 1:
            return f"numbers {min(numbers):g} to {max(numbers):g}"
    length = round(statistics.median(len(cell.split()) for cell in cells))
    different = len(set(cells))
    if length >= 4 and different > 1:
        return f"text, {length} words"
    return f"{different} different value{'' if different == 1 else 's'}"
