"""What each column of a sheet means: its role, how sure that is, why, and a sample that gives nothing away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit import contents, known_headers, scales, values
from auditkit.column import Column as Column
from auditkit.column import as_dict as as_dict
from auditkit.column import find as find
from auditkit.column import toml_lines as toml_lines
from auditkit.contents import Cells
from auditkit.contests import BY_RESPONSE as BY_RESPONSE
from auditkit.contests import MAY_BE_CONSENT as MAY_BE_CONSENT
from auditkit.contests import Decision, Draft, settle
from auditkit.hints import PERSONAL, RESPONSE_ID
from auditkit.known_headers import WORDED
from auditkit.questionnaire import item, match_column, match_item
from auditkit.scales import AnswerScale
from auditkit.sheets import Sheet
from auditkit.values import fold

if TYPE_CHECKING:
    from auditkit.config import Config
    from auditkit.layouts import Heading

Tables = list[tuple[Sheet, tuple[Column, ...]]]
"""Sheets with their columns."""

EMPTY = "empty"
TELLS_NOBODY_APART = "tells nobody apart"
PASSING = frozenset((MAY_BE_CONSENT, BY_RESPONSE, EMPTY, TELLS_NOBODY_APART, *contents.ONE_ANSWER))
"""Reasons that say something of one file only: what was decided so must not bind the next."""


@dataclass(frozen=True)
class Overrides:
    """Columns named on the command line, by header."""

    respondent: str | None = None
    pair: str | None = None
    role: str | None = None
    round: str | None = None
    question: str | None = None
    text: tuple[str, ...] = ()


def recognised(text: str) -> bool:
    """Whether a cell's text is a header that is known by name: used to find the header row."""
    is_value = values.yes_no(text) in ("yes", "no")
    name = fold(text)
    known = name in known_headers.table() or name in known_headers.NAMES_OF_COLUMNS or match_item(text) is not None
    return known and not is_value


def decide(sheet: Sheet, config: Config, overrides: Overrides) -> tuple[Column, ...]:
    """The role of every column of a sheet, in the sheet's order.

    Command line before ``[columns]`` of audit.toml, before what the tool's layout says, before known headers,
    before the questionnaire, before the values. Raises AuditkitError for a header on the command line that the
    sheet does not have.
    """
    return _Decider(sheet, config, overrides).columns()


class _Decider:
    def __init__(self, sheet: Sheet, config: Config, overrides: Overrides) -> None:
        self.sheet, self.config = sheet, config
        rows = [row for row in sheet.rows if len(row) - row.count("") > 1] or sheet.rows
        self.cells = [Cells([row[index] for row in rows if row[index]]) for index in range(len(sheet.headers))]
        self.draft = Draft(sheet, config, self.cells)
        self.draft.by_hand = {**self._configured(), **self._overridden(overrides)}
        for index in range(len(sheet.headers)):
            self.draft.decided[index] = self.draft.by_hand.get(index) or self._automatic(index)
        settle(self.draft, texts_named=bool(overrides.text))

    def columns(self) -> tuple[Column, ...]:
        found = []
        for index, heading in enumerate(self.sheet.headings):
            role, confidence, reason = self.draft.decided[index]
            scale = self.draft.scales.get(index) if role == "rating" else None
            samples = contents.samples(self.cells[index], role, scale)
            found.append(Column(heading.header, role, confidence, reason, samples, heading.stem, scale))
        return tuple(found)

    def _configured(self) -> dict[int, Decision]:
        wanted = {fold(header): role for header, role in self.config.columns.items()}
        found: dict[int, Decision] = {}
        for index, heading in enumerate(self.sheet.headings):
            role = wanted.get(fold(heading.header)) or wanted.get(fold(heading.code) or "-")
            if role:
                found[index] = (role, "sure", "audit.toml")
                if role == "rating":
                    self._rated(index)
        return found

    def _overridden(self, overrides: Overrides) -> dict[int, Decision]:
        headers, found = self.sheet.headers, {}
        for role in ("respondent", "pair", "role", "round", "question"):
            wanted = getattr(overrides, role)
            if wanted is not None:
                found[headers.index(find(headers, wanted, f"--{role}-column"))] = (role, "sure", "command line")
        for wanted in overrides.text:
            found[headers.index(find(headers, wanted, "--text-column"))] = ("open", "sure", "command line")
        return found

    def _automatic(self, index: int) -> Decision:
        heading, cells = self.sheet.headings[index], self.cells[index]
        if not cells.all:
            return "ignore", "sure", EMPTY
        if heading.role:
            role = "ignore" if heading.role == "personal" else heading.role
            if role == "respondent" and not contents.tells_apart(cells):
                return "ignore", "sure", TELLS_NOBODY_APART
            if role == "rating" or (role == "open" and cells.numeric):
                return self._by_content(index)
            return role, "sure", heading.reason or "the tool's own column"
        if contents.says_withdrawn(cells) and not known_headers.consent(heading.header):
            return "withdrawn", "likely", "says who withdrew"
        if RESPONSE_ID in heading.reason:
            return "ignore", "likely", heading.reason
        known = known_headers.meaning(heading.header) or (known_headers.meaning(heading.code) if heading.code else None)
        if known is not None:
            self.draft.ranks[index] = known.place
            decision = self._known(known, heading, cells)
            if decision is not None:
                return decision
        shipped = self._of_questionnaire(index)
        if shipped is not None:
            return shipped
        return self._leave(index) or self._by_content(index)

    def _known(self, known: known_headers.Known, heading: Heading, cells: Cells) -> Decision | None:
        """What a known header means, as far as its values agree."""
        meaning, sure = known.meaning, known.confidence
        if meaning == "full names" and contents.tells_apart(cells):
            return "respondent", "likely", "names: replaced by codes"
        if meaning in known_headers.PERSONAL:
            if meaning == "places" and not cells.numeric:
                return None
            return "ignore", "sure", f"{PERSONAL}: {known_headers.PERSONAL[meaning]}"
        if meaning in ("demographic", "technical"):
            if cells.length >= 4 and cells.different > 2:
                return None
            what = "about the person" if meaning == "demographic" else "kept by the tool"
            return "ignore", "likely", f"{what}, no answer"
        if meaning == "text":
            return ("open", sure, "header") if not cells.numeric and not contents.is_choice(cells) else None
        if meaning == "response id":
            return "ignore", "likely", RESPONSE_ID
        if meaning == "email":
            is_mail = values.identifying(cells.all, "") == "e-mail addresses"
            return ("email", "sure", "e-mail addresses") if is_mail else ("ignore", "sure", "no e-mail addresses")
        if meaning == "self code":
            return "self_code", sure, "a code of their own making"
        if meaning == "respondent":
            if not contents.tells_apart(cells) or (contents.is_running(cells) and fold(heading.header) in _RUNNING):
                running = contents.is_running(cells)
                return "ignore", "sure", "a running number, not a person" if running else TELLS_NOBODY_APART
            return "respondent", sure, "header"
        couples = meaning == "pair" and values.identifying(cells.distinct, "pair") == "names"
        if meaning in ("pair", "service", "role", "round") and cells.length > _HEADER_WORDS and not couples:
            return None
        if meaning == "round" and contents.tells_the_time(cells):
            return "ignore", "likely", "times of a day"
        worded = () if cells.numeric or meaning not in ("pair", "service") else cells.distinct
        scale = None if contents.is_no_rating(cells) else scales.recognise(worded, self.config.ratings)
        in_grid = len(heading.stem.split()) >= _GRID_WORDS and (contents.rated(cells) or bool(self._rated_by(heading)))
        if in_grid or (scale is not None and not scale.name.startswith("numbers")):
            return None
        if meaning in ("pair", "role", "service") and contents.rated(cells) and (sure != "sure" or heading.stem):
            return None
        if meaning == "pair" and known.place >= WORDED and cells.different > 0.8 * len(cells.all) > 3:
            return None
        if meaning == "round" and sure != "sure" and not contents.names_rounds(cells):
            return None
        return meaning, sure, "header"

    def _rated_by(self, heading: Heading) -> AnswerScale | None:
        """The answer scale of a row of a grid, whatever the row is called."""
        return self.draft.scale(self.sheet.headings.index(heading))

    def _of_questionnaire(self, index: int) -> Decision | None:
        heading, cells = self.sheet.headings[index], self.cells[index]
        names = {fold(text) for text in (heading.header, heading.code) if text}
        scaled = {fold(item) for parts in self.config.scales.values() for item in parts}
        own = {fold(text) for pair in self.config.questions.items() for text in pair}
        if names & scaled or names & {fold(item) for item in self.config.ratings.reversed}:
            self._rated(index)
            return "rating", "sure", "item of a scale in audit.toml"
        code = match_item(heading.header)
        shipped = item(code) if code else None
        kind = shipped.kind if shipped else ""
        if kind == "rating":
            self._rated(index)
        is_other = kind == "open" and fold(heading.header) == fold(code or "") and self.draft.scale(index) is not None
        if kind and not is_other and not (kind == "open" and cells.numeric):
            return kind, "sure", f"questionnaire {code}"
        if names & own and not cells.numeric and self.draft.scale(index) is None:
            return "open", "sure", "question in audit.toml"
        return None

    def _leave(self, index: int) -> Decision | None:
        """A question for leave: to analyse, to quote, to show to the partner."""
        header, cells = self.sheet.headings[index].header, self.cells[index]
        ours = match_column(header)
        if ours in values.CONSENTS or ours == "consent_analysis":
            return ours, "sure", "asks for leave, as our forms do"
        asked = known_headers.consent(header)
        if not asked or (cells.numeric and not contents.may_be_coded_leave(cells)):
            return None
        if asked == "withdrawn":
            return (asked, "likely", "asks whether to leave the answers out") if contents.is_yes_or_no(cells) else None
        if asked != "?" and contents.says_leave(cells, asked):
            return asked, "likely", "asks for leave"
        if asked == "consent_analysis" and contents.mostly_says_leave(cells) and self.draft.scale(index) is None:
            return asked, "doubtful", "asks for leave, not all answers are understood"
        coded = asked != "?" and cells.numeric
        return ("ignore", "doubtful", MAY_BE_CONSENT) if coded or contents.is_yes_or_no(cells) else None

    def _by_content(self, index: int) -> Decision:
        heading, cells = self.sheet.headings[index], self.cells[index]
        if values.personality_types(cells.distinct):
            return "ignore", "sure", "personality types: kept out of outputs"
        kind = values.identifying(cells.distinct, "")
        if kind:
            if kind == "e-mail addresses" and known_headers.is_of_another(heading.header):
                return "ignore", "sure", f"{PERSONAL}: somebody else's {kind}"
            return ("email", "likely", kind) if kind == "e-mail addresses" else ("ignore", "sure", f"looks like {kind}")
        if known_headers.asks_for_own_code(heading.header):
            if cells.signs < 3:
                return "ignore", "likely", "a part of a code of their own making"
            return "self_code", "likely", "a code of their own making"
        if contents.is_about_person(heading.header) and cells.length < 6:
            return "ignore", "likely", "about the person, no answer"
        if contents.is_derived(heading.header):
            return "ignore", "likely", "a code or a count, no answer"
        if contents.is_ranked(f"{heading.stem} {heading.header}") and cells.numeric:
            return "ignore", "likely", "ranks, no ratings"
        if len(cells.counts) == 1 and set(fold(heading.header).split()) & contents.RATING_WORDS:
            own = scales.by_settings(self.config.ratings)
            if isinstance(own.read(cells.distinct[0]), float):
                self.draft.scales[index] = own
                return "rating", "doubtful", "the header names a rating"
        scale = None if contents.is_no_rating(cells) else self.draft.scale(index)
        if scale is not None:
            self.draft.scales[index] = scale
            return "rating", scale.confidence, scale.reason
        if contents.holds_dates(cells):
            return "date", "likely", "dates"
        if cells.numeric:
            if contents.asks_for_number(heading.header):
                return "fact", "doubtful", "a number of times"
            reason = "one number in every row" if len(cells.counts) == 1 else contents.NO_RATINGS
            return "ignore", "likely", reason
        return contents.words(heading.header, cells)

    def _rated(self, index: int) -> None:
        """A column known to hold ratings: on the scale that its values show, else on the audit's own."""
        found, settings = self.draft.scale(index), self.config.ratings
        shipped = match_item(self.sheet.headings[index].header) is not None
        if found is None or (shipped and (found.low, found.high) != (settings.low, settings.high)):
            found = scales.by_settings(settings)  # of our own items the scale is known: other numbers are errors
        self.draft.scales[index] = found


_RUNNING = frozenset(("id", "code", "unique id", "user id", "user", "respondent id", "no", "number"))
_GRID_WORDS = 3  # of a question over several columns
_HEADER_WORDS = 4
"""A column whose header only speaks of a pair or role is one where its values are as short as a name."""
