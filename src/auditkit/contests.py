"""The columns of one sheet weighed against one another: one for each role, one for the person, shared scales."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditkit import contents, scales, values
from auditkit.contents import Cells
from auditkit.hints import PERSONAL, RESPONSE_ID
from auditkit.questionnaire import match_item, staff_items
from auditkit.scales import AnswerScale
from auditkit.sheets import Sheet
from auditkit.values import fold

if TYPE_CHECKING:
    from auditkit.config import Config

MAY_BE_CONSENT = "may be a consent: not read"

BY_RESPONSE = f"{RESPONSE_ID}; nothing better is there"

ONE_EACH = (
    "respondent email self_code pair service role round date question consent_analysis consent_quote"
    " consent_pair_ratings consent_pair_words withdrawn".split()
)
"""Roles that one column only can have."""

LEAST_OWN = 0.3
"""Of a code that names people, at least this part of the cells must differ: three rounds in one sheet."""

FEW = 3

LEAST_ALIKE = 0.6
"""The part of a shared question's items that must be ratings for all of them to be."""

Decision = tuple[str, str, str]
"""Role, confidence, reason."""


@dataclass
class Draft:
    """What is thought of the columns so far, by their index.

    ``by_hand``: decided on the command line or in audit.toml. ``ranks``: how well a header names its role, the
    lower, the better.
    """

    sheet: Sheet
    config: Config
    cells: list[Cells]
    by_hand: dict[int, Decision] = field(default_factory=dict)
    decided: dict[int, Decision] = field(default_factory=dict)
    scales: dict[int, AnswerScale] = field(default_factory=dict)
    ranks: dict[int, int] = field(default_factory=dict)

    def of(self, role: str) -> list[int]:
        """The columns that have a role."""
        return [index for index, (found, _, _) in self.decided.items() if found == role]

    def rank(self, index: int) -> tuple[int, int, int]:
        """The better column first: named by hand, said by the tool, the better header, further left."""
        source = {"command line": 0, "audit.toml": 1}.get(self.by_hand[index][2], 2) if index in self.by_hand else 3
        return source, self.ranks.get(index, -1 if self.sheet.headings[index].role else 99_999), index

    def scale(self, index: int) -> AnswerScale | None:
        """The answer scale that the values of a column show."""
        heading = self.sheet.headings[index]
        labels = self.sheet.labels.get(heading.header)
        return scales.recognise(
            self.cells[index].all, self.config.ratings, header=self.sheet.asked(index), labels=labels
        )


def settle(draft: Draft, *, texts_named: bool) -> None:
    """Decide between columns that claim the same, and where one column is understood by the others.

    ``texts_named``: the command line says which columns hold the answers.
    """
    _repeated(draft)
    _one_each(draft)
    _one_identity(draft)
    _alike(draft)
    _same_words(draft)
    _one_answer(draft)
    _staff(draft)
    _long(draft, texts_named=texts_named)
    if not draft.of("role"):
        _take_first(draft, "role", _holds_roles, "names of roles")
    if not (draft.of("respondent") or draft.of("email") or draft.of("self_code")):
        _take_first(draft, "respondent", _holds_codes, "different codes")
        _response_id(draft)


def _one_each(draft: Draft) -> None:
    for role in ONE_EACH:
        named = sorted(draft.of(role), key=draft.rank)
        for index in named[1:]:
            kept = draft.sheet.headers[named[0]]
            words = set(fold(draft.sheet.headers[index]).split())
            other = "service" if role == "pair" and words & _SERVICE and not draft.of("service") else "ignore"
            personal = f"{PERSONAL}; " if role in ("respondent", "email") else ""
            one = (other, "likely", f'{personal}{role} is read from "{kept}"')
            draft.decided[index] = ("ignore", "doubtful", MAY_BE_CONSENT) if "consent" in role else one


def _one_identity(draft: Draft) -> None:
    """Of columns that say who answered, the best stays: a code, an e-mail, a code of their own, a name."""
    found = [index for role in ("respondent", "email", "self_code") for index in draft.of(role)]
    if len(found) < 2:
        return
    is_named = {index: draft.decided[index][2].startswith("names") for index in found}
    kept = min(found, key=lambda index: (index not in draft.by_hand, is_named[index], found.index(index)))
    header = draft.sheet.headers[kept]
    for index in found:
        if index != kept and index not in draft.by_hand:
            personal = f"{PERSONAL}; " if draft.decided[index][0] != "self_code" else ""
            draft.decided[index] = ("ignore", "likely", f'{personal}the person is read from "{header}"')


def _repeated(draft: Draft) -> None:
    """A code that comes again and again names no person, but what people belong to."""
    if draft.of("question"):
        return
    for index in (i for role in ("respondent", "email", "self_code") for i in draft.of(role)):
        cells = draft.cells[index]
        if index not in draft.by_hand and len(cells.all) > 5 and len(cells.counts) < LEAST_OWN * len(cells.all):
            draft.decided[index] = ("ignore", "likely", "comes too often to name one person")


def _same_words(draft: Draft) -> None:
    """A column of nothing but the words of another column's answer scale holds ratings too."""
    worded = {s.name: s for i, s in draft.scales.items() if draft.decided[i][0] == "rating" and s.points}
    for index, (role, _, _) in list(draft.decided.items()):
        cells = draft.cells[index]
        if role not in ("open", "ignore") or index in draft.by_hand or contents.is_no_rating(cells):
            continue
        for scale in worded.values():
            understood = (isinstance(scale.read(cell), float) or values.cannot_say(cell) for cell in cells.distinct)
            if len(cells.counts) > 1 and not cells.numeric and all(understood):
                draft.scales[index] = scale
                draft.decided[index] = ("rating", "likely", "the words of the other ratings")
                break


def _one_answer(draft: Draft) -> None:
    """A column that alone says too little is a rating too where it stands among alike ratings."""
    times = Counter(draft.scales[index].name for index in draft.of("rating"))
    order = sorted(draft.decided)
    for beside, index in itertools.chain(itertools.pairwise(order), itertools.pairwise(order[::-1])):
        cells, reason = draft.cells[index], draft.decided[index][2]
        if not contents.says_too_little(cells, reason) or draft.decided[beside][0] != "rating":
            continue
        scale, alike = draft.scales[beside], _family(draft, index) == _family(draft, beside)
        fits = all(isinstance(scale.read(cell), float) for cell in cells.distinct)
        if alike and fits and times[scale.name] >= FEW:
            draft.scales[index] = scale
            draft.decided[index] = ("rating", "likely", "its values fit the ratings beside it")


def _family(draft: Draft, index: int) -> str:
    """A header without its numbers; all sentences are of one family."""
    header = fold(draft.sheet.headers[index])
    return "a sentence" if len(header.split()) >= FEW else re.sub(r"\d+", "", header)


def _alike(draft: Draft) -> None:
    """Items of one shared question: where most are ratings on one scale, all are."""
    stems = Counter(heading.stem for heading in draft.sheet.headings if heading.stem)
    for stem, times in stems.items():
        members = [index for index, heading in enumerate(draft.sheet.headings) if heading.stem == stem]
        rated = [index for index in members if draft.decided[index][0] == "rating"]
        if times < 3 or len(rated) < LEAST_ALIKE * times:
            continue
        pooled = scales.recognise([c for i in rated for c in draft.cells[i].all], draft.config.ratings, header=stem)
        if pooled is None:
            continue
        for index in (i for i in members if i not in draft.by_hand):
            if index in rated and draft.scales[index].name == pooled.name:
                draft.scales[index] = pooled
                draft.decided[index] = ("rating", pooled.confidence, pooled.reason)
            elif draft.decided[index][0] == "ignore" and draft.cells[index].all:
                answered = [pooled.read(cell) for cell in draft.cells[index].distinct]
                if 2 * sum(isinstance(one, float) for one in answered) >= len(answered):
                    draft.scales[index] = pooled
                    draft.decided[index] = ("rating", "likely", "as the other items of its question")


def _staff(draft: Draft) -> None:
    """On the staff form the service is no pair."""
    codes = {match_item(header) for header in draft.sheet.headers} - {None}
    if not codes & {item.code for item in staff_items()} or draft.of("service"):
        return
    for index in draft.of("pair"):
        if index not in draft.by_hand and set(fold(draft.sheet.headers[index]).split()) & _SERVICE:
            draft.decided[index] = ("service", "sure", "the staff form asks for the service")


def _long(draft: Draft, *, texts_named: bool) -> None:
    """With a question column, one text column holds the answers; the other texts are about them."""
    if texts_named:
        _demote(draft, [i for i in draft.of("open") if draft.decided[i][2] != "command line"], "--text-column")
    question = next(iter(draft.of("question")), None)
    if question is None:
        return
    texts = draft.of("open")
    if not texts:
        draft.decided[question] = ("ignore", "likely", "no column holds the answers to it")
        return
    if not any(index in draft.by_hand for index in texts):
        named = sorted((i for i in texts if i in draft.ranks), key=lambda i: draft.ranks[i])
        kept = named[0] if named else max(texts, key=lambda i: (sum(map(len, draft.cells[i].all)), -i))
        reason = f'answers are in "{draft.sheet.headers[kept]}"'
        _demote(draft, [index for index in texts if index != kept], reason)
    for index in draft.of("rating"):
        words = set(fold(draft.sheet.headers[index]).split())
        if index not in draft.by_hand and not words & contents.RATING_WORDS and draft.decided[index][1] != "sure":
            _demote(draft, [index], "one answer a row, and the header names no rating")


def _demote(draft: Draft, indexes: Sequence[int], reason: str) -> None:
    for index in indexes:
        draft.decided[index] = ("ignore", "likely", reason)


def _response_id(draft: Draft) -> None:
    """The number of the response says who answered where nothing better does, in this file only."""
    named = [index for role in ("pair", "role", "round", "question") for index in draft.of(role)]
    seats = {tuple(fold(row[index]) for index in named) for row in draft.sheet.rows}
    alone = len(seats) == len(draft.sheet.rows)
    if draft.of("respondent") or (draft.of("pair") and draft.of("role") and alone):
        return
    for index, (_, _, reason) in list(draft.decided.items()):
        cells = draft.cells[index]
        if RESPONSE_ID in reason and contents.tells_apart(cells) and not contents.is_running(cells):
            draft.decided[index] = ("respondent", "doubtful", BY_RESPONSE)
            return


def _take_first(draft: Draft, role: str, suits: Callable[[Draft, int], bool], reason: str) -> None:
    for index, (found, _, why) in draft.decided.items():
        if found == "ignore" and why in contents.OPEN_TO_IT and suits(draft, index) and index not in draft.by_hand:
            draft.decided[index] = (role, "likely", reason)
            return


def _holds_codes(draft: Draft, index: int) -> bool:
    return contents.holds_codes(draft.sheet.headers[index], draft.cells[index])


def _holds_roles(draft: Draft, index: int) -> bool:
    cells = draft.cells[index].distinct
    known = [role for cell in cells if (role := values.role(cell, draft.config.roles)[0])]
    return len(set(known)) >= 2 and len(known) >= 0.8 * len(cells)


_SERVICE = frozenset("service department site locality directorate division".split())
