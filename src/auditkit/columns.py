"""What each column of a sheet means: its role, how sure that is, why, and a sample that gives nothing away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit import contents, known_headers, scales, values
from auditkit.column import Column as Column
from auditkit.column import as_dict as as_dict
from auditkit.column import find as find
from auditkit.column import toml_lines as toml_lines
from auditkit.contents import Cells
from auditkit.hints import RESPONSE_ID
from auditkit.known_headers import WORDED
from auditkit.questionnaire import items, match_item
from auditkit.scales import AnswerScale
from auditkit.sheets import Sheet
from auditkit.values import fold

if TYPE_CHECKING:
    from auditkit.config import Config
    from auditkit.layouts import Heading

MAY_BE_CONSENT = "may be a consent: not read"
EMPTY = "empty"
PASSING = frozenset((MAY_BE_CONSENT, EMPTY))
"""Reasons that say something of one file only: what was decided so must not bind the next."""

ONE_EACH = (
    "respondent email self_code pair service role round date question consent_analysis consent_quote"
    " consent_pair_ratings consent_pair_words withdrawn".split()
)
"""Roles that one column only can have."""

LEAST_OWN = 0.3
"""Of a code that names people, at least this part of the cells must differ: three rounds in one sheet."""

LEAST_ALIKE = 0.6
"""The part of a shared question's items that must be ratings for all of them to be."""


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
    return not is_value and (fold(text) in known_headers.table() or match_item(text) is not None)


def decide(sheet: Sheet, config: Config, overrides: Overrides) -> tuple[Column, ...]:
    """The role of every column of a sheet, in the sheet's order.

    Command line before ``[columns]`` of audit.toml, before what the tool's layout says, before known headers,
    before the questionnaire, before the values. Raises AuditkitError for a header on the command line that the
    sheet does not have.
    """
    return _Decider(sheet, config, overrides).columns()


Decision = tuple[str, str, str]
"""Role, confidence, reason."""


class _Decider:
    def __init__(self, sheet: Sheet, config: Config, overrides: Overrides) -> None:
        self.sheet, self.config = sheet, config
        rows = [row for row in sheet.rows if len(row) - row.count("") > 1] or sheet.rows
        self.cells = [Cells([row[index] for row in rows if row[index]]) for index in range(len(sheet.headers))]
        self.scales: dict[int, AnswerScale] = {}
        self.ranks: dict[int, int] = {}
        self.by_hand = {**self._configured(), **self._overridden(overrides)}
        self.decided: dict[int, Decision] = {}
        for index in range(len(sheet.headers)):
            self.decided[index] = self.by_hand.get(index) or self._automatic(index)
        self._repeated()
        self._one_each()
        self._one_identity()
        self._alike()
        self._same_words()
        self._long(overrides)
        if not self._of("role"):
            self._take_first("role", self._holds_roles, "names of roles")
        if not (self._of("respondent") or self._of("email") or self._of("self_code")):
            self._take_first("respondent", self._holds_codes, "different codes")
            self._response_id()

    def columns(self) -> tuple[Column, ...]:
        found = []
        for index, heading in enumerate(self.sheet.headings):
            role, confidence, reason = self.decided[index]
            scale = self.scales.get(index) if role == "rating" else None
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
                return "ignore", "sure", "tells nobody apart"
            if role == "rating" or (role == "open" and cells.numeric):
                return self._by_content(index)
            return role, "sure", heading.reason or "the tool's own column"
        if RESPONSE_ID in heading.reason:
            return "ignore", "likely", heading.reason
        known = known_headers.meaning(heading.header) or (known_headers.meaning(heading.code) if heading.code else None)
        if known is not None:
            self.ranks[index] = known.place
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
            return "ignore", "sure", f"may identify people: {known_headers.PERSONAL[meaning]}"
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
                return "ignore", "sure", "a running number, not a person" if running else "tells nobody apart"
            return "respondent", sure, "header"
        if meaning in ("pair", "service", "role", "round") and cells.length > _HEADER_WORDS:
            return None
        if meaning == "round" and contents.tells_the_time(cells):
            return "ignore", "likely", "times of a day"
        worded = () if cells.numeric or meaning not in ("pair", "service") else cells.distinct
        scale = None if contents.is_no_rating(cells) else scales.recognise(worded, self.config.ratings)
        if (scale is not None and not scale.name.startswith("numbers")) or (
            meaning in ("pair", "role", "service") and contents.rated(cells)
        ):
            return None
        if meaning == "pair" and known.place >= WORDED and cells.different > 0.8 * len(cells.all) > 3:
            return None
        if meaning == "round" and sure != "sure" and not contents.names_rounds(cells):
            return None
        return meaning, sure, "header"

    def _of_questionnaire(self, index: int) -> Decision | None:
        heading, cells = self.sheet.headings[index], self.cells[index]
        names = {fold(text) for text in (heading.header, heading.code) if text}
        scaled = {fold(item) for parts in self.config.scales.values() for item in parts}
        own = {fold(text) for pair in self.config.questions.items() for text in pair}
        if names & scaled or names & {fold(item) for item in self.config.ratings.reversed}:
            self._rated(index)
            return "rating", "sure", "item of a scale in audit.toml"
        code = match_item(heading.header)
        kind = next((item.kind for item in items() if item.code == code), "")
        if kind == "rating":
            self._rated(index)
        is_other = kind == "open" and fold(heading.header) == fold(code or "") and self._scale(index) is not None
        if kind and not is_other and not (kind == "open" and cells.numeric):
            return kind, "sure", f"questionnaire {code}"
        if names & own and not cells.numeric and self._scale(index) is None:
            return "open", "sure", "question in audit.toml"
        return None

    def _leave(self, index: int) -> Decision | None:
        """A question for leave: to analyse, to quote, to show to the partner."""
        header, cells = self.sheet.headings[index].header, self.cells[index]
        asked = known_headers.consent(header)
        if not asked or (cells.numeric and not contents.may_be_coded_leave(cells)):
            return None
        if asked != "?" and contents.says_leave(cells, asked):
            return asked, "likely", "asks for leave"
        coded = asked != "?" and cells.numeric
        return ("ignore", "doubtful", MAY_BE_CONSENT) if coded or contents.is_yes_or_no(cells) else None

    def _by_content(self, index: int) -> Decision:
        heading, cells = self.sheet.headings[index], self.cells[index]
        if values.personality_types(cells.distinct):
            return "ignore", "sure", "personality types: kept out of outputs"
        kind = values.identifying(cells.distinct, "")
        if kind:
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
        scale = None if contents.is_no_rating(cells) else self._scale(index)
        if scale is not None:
            self.scales[index] = scale
            return "rating", scale.confidence, scale.reason
        if cells.numeric:
            if contents.asks_for_number(heading.header):
                return "fact", "doubtful", "a number of times"
            return "ignore", "likely", "numbers that are no ratings"
        return contents.words(heading.header, cells)

    def _scale(self, index: int) -> AnswerScale | None:
        heading = self.sheet.headings[index]
        asked, labels = f"{heading.stem} {heading.header}".strip(), self.sheet.labels.get(heading.header)
        return scales.recognise(self.cells[index].all, self.config.ratings, header=asked, labels=labels)

    def _rated(self, index: int) -> None:
        """A column known to hold ratings: on the scale that its values show, else on the audit's own."""
        found, settings = self._scale(index), self.config.ratings
        shipped = match_item(self.sheet.headings[index].header) is not None
        if found is None or (shipped and (found.low, found.high) != (settings.low, settings.high)):
            found = scales.by_settings(settings)  # of our own items the scale is known: other numbers are errors
        self.scales[index] = found

    def _of(self, role: str) -> list[int]:
        return [index for index, (found, _, _) in self.decided.items() if found == role]

    def _rank(self, index: int) -> tuple[int, int, int]:
        """The better column first: named by hand, said by the tool, the better header, further left."""
        source = {"command line": 0, "audit.toml": 1}.get(self.by_hand[index][2], 2) if index in self.by_hand else 3
        return source, self.ranks.get(index, -1 if self.sheet.headings[index].role else 99_999), index

    def _one_each(self) -> None:
        for role in ONE_EACH:
            named = sorted(self._of(role), key=self._rank)
            for index in named[1:]:
                kept = self.sheet.headers[named[0]]
                words = set(fold(self.sheet.headers[index]).split())
                other = "service" if role == "pair" and words & _SERVICE and not self._of("service") else "ignore"
                personal = "may identify people; " if role in ("respondent", "email") else ""
                one = (other, "likely", f'{personal}{role} is read from "{kept}"')
                self.decided[index] = ("ignore", "doubtful", MAY_BE_CONSENT) if "consent" in role else one

    def _one_identity(self) -> None:
        """Of columns that say who answered, the best stays: a code, an e-mail, a code of their own, a name."""
        found = [index for role in ("respondent", "email", "self_code") for index in self._of(role)]
        if len(found) < 2:
            return
        is_named = {index: self.decided[index][2].startswith("names") for index in found}
        kept = min(found, key=lambda index: (index not in self.by_hand, is_named[index], found.index(index)))
        header = self.sheet.headers[kept]
        for index in found:
            if index != kept and index not in self.by_hand:
                personal = "may identify people; " if self.decided[index][0] != "self_code" else ""
                self.decided[index] = ("ignore", "likely", f'{personal}the person is read from "{header}"')

    def _repeated(self) -> None:
        """A code that comes again and again names no person, but what people belong to."""
        if self._of("question"):
            return
        for index in (i for role in ("respondent", "email", "self_code") for i in self._of(role)):
            cells = self.cells[index]
            if index not in self.by_hand and len(cells.all) > 5 and len(cells.counts) < LEAST_OWN * len(cells.all):
                self.decided[index] = ("ignore", "likely", "comes too often to name one person")

    def _same_words(self) -> None:
        """A column of nothing but the words of another column's answer scale holds ratings too."""
        worded = {s.name: s for i, s in self.scales.items() if self.decided[i][0] == "rating" and s.points}
        for index, (role, _, _) in list(self.decided.items()):
            cells = self.cells[index]
            if role not in ("open", "ignore") or index in self.by_hand or contents.is_no_rating(cells):
                continue
            for scale in worded.values():
                understood = (isinstance(scale.read(cell), float) or values.cannot_say(cell) for cell in cells.distinct)
                if len(cells.counts) > 1 and not cells.numeric and all(understood):
                    self.scales[index] = scale
                    self.decided[index] = ("rating", "likely", "the words of the other ratings")
                    break

    def _alike(self) -> None:
        """Items of one shared question: where most are ratings on one scale, all are."""
        stems = Counter(heading.stem for heading in self.sheet.headings if heading.stem)
        for stem, times in stems.items():
            members = [index for index, heading in enumerate(self.sheet.headings) if heading.stem == stem]
            rated = [index for index in members if self.decided[index][0] == "rating"]
            if times < 3 or len(rated) < LEAST_ALIKE * times:
                continue
            pooled = scales.recognise([c for i in rated for c in self.cells[i].all], self.config.ratings, header=stem)
            if pooled is None:
                continue
            for index in (i for i in members if i not in self.by_hand):
                if index in rated and self.scales[index].name == pooled.name:
                    self.scales[index] = pooled
                    self.decided[index] = ("rating", pooled.confidence, pooled.reason)
                elif self.decided[index][0] == "ignore" and self.cells[index].all:
                    answered = [pooled.read(cell) for cell in self.cells[index].distinct]
                    if 2 * sum(isinstance(one, float) for one in answered) >= len(answered):
                        self.scales[index] = pooled
                        self.decided[index] = ("rating", "likely", "as the other items of its question")

    def _long(self, overrides: Overrides) -> None:
        """With a question column, one text column holds the answers; the other texts are about them."""
        if overrides.text:
            self._demote([i for i in self._of("open") if self.decided[i][2] != "command line"], "--text-column")
        question = next(iter(self._of("question")), None)
        if question is None:
            return
        texts = self._of("open")
        if not texts:
            self.decided[question] = ("ignore", "likely", "no column holds the answers to it")
            return
        if not any(index in self.by_hand for index in texts):
            named = sorted((i for i in texts if i in self.ranks), key=lambda i: self.ranks[i])
            kept = named[0] if named else max(texts, key=lambda i: (sum(map(len, self.cells[i].all)), -i))
            reason = f'answers are in "{self.sheet.headers[kept]}"'
            self._demote([index for index in texts if index != kept], reason)
        for index in self._of("rating"):
            words = set(fold(self.sheet.headers[index]).split())
            if index not in self.by_hand and not words & contents.RATING_WORDS and self.decided[index][1] != "sure":
                reason = "one answer a row, and the header names no rating"
                self.decided[index] = ("ignore", "likely", reason)

    def _demote(self, indexes: Sequence[int], reason: str) -> None:
        for index in indexes:
            self.decided[index] = ("ignore", "likely", reason)

    def _response_id(self) -> None:
        """The number of the response says who answered where nothing better does, in this file only."""
        named = [index for role in ("pair", "role", "round", "question") for index in self._of(role)]
        seats = {tuple(fold(row[index]) for index in named) for row in self.sheet.rows}
        if self._of("respondent") or (self._of("pair") and self._of("role") and len(seats) == len(self.sheet.rows)):
            return
        for index, (_, _, reason) in list(self.decided.items()):
            cells = self.cells[index]
            if RESPONSE_ID in reason and contents.tells_apart(cells) and not contents.is_running(cells):
                self.decided[index] = ("respondent", "doubtful", f"{RESPONSE_ID}; nothing better is there")
                return

    def _take_first(self, role: str, suits: Callable[[int], bool], reason: str) -> None:
        for index, (found, _, why) in self.decided.items():
            if found == "ignore" and why in contents.OPEN_TO_IT and suits(index) and index not in self.by_hand:
                self.decided[index] = (role, "likely", reason)
                return

    def _holds_codes(self, index: int) -> bool:
        return contents.holds_codes(self.sheet.headers[index], self.cells[index])

    def _holds_roles(self, index: int) -> bool:
        cells = self.cells[index].distinct
        known = [role for cell in cells if (role := values.role(cell, self.config.roles)[0])]
        return len(set(known)) >= 2 and len(known) >= 0.8 * len(cells)


_RUNNING = frozenset(("id", "code", "unique id", "user id", "user", "respondent id", "no", "number"))
_SERVICE = frozenset("service department site locality directorate division".split())
_HEADER_WORDS = 4
"""A column whose header only speaks of a pair or role is one where its values are as short as a name."""
