"""People across rounds: who is who by code, who is offered for a decision, and the sheet to decide in."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from auditkit.errors import AuditkitError
from auditkit.roster import natural, natural_key
from auditkit.spellings import near_code, squeeze

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.keyfile import KeyFile

NOBODY = "nobody"
"""In [people] of audit.toml: this code is no earlier person's."""

PAIR_AND_ROLE = "same pair and role, another code"
NOT_COMPARED = ("none", "pair+role")
"""Kinds of identity whose codes are made from the row: they are equal or they say nothing."""

Rounds = Sequence[tuple[str, "pd.DataFrame"]]
"""Name and people of each round, the earliest first."""


@dataclass(frozen=True)
class NearPerson:
    """Two codes that may be one person's; never linked without a decision.

    ``before`` of an earlier round, ``after`` of a later one; ``pair`` and ``role`` of the later row.
    ``likeness``: 0 to 1; 0 where the codes themselves say nothing (same pair and role).
    """

    before: str
    after: str
    pair: str
    role: str
    why: str
    likeness: float

    @property
    def line(self) -> str:
        """The line of audit.toml that links them, below [people]."""
        return f'"{self.after}" = "{self.before}"'


@dataclass(frozen=True)
class Linking:
    """``mapping``: code in a later round to the same person's earliest code; ``near``: what a person decides;
    ``notes``: sentences about codes that are the same but for their signs, or that could not be told apart."""

    mapping: dict[str, str]
    near: tuple[NearPerson, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    code: str
    pair: str
    role: str
    identity: str


def link(
    rounds: Rounds,
    decisions: Mapping[str, str],
    *,
    linked: bool = True,
    key: KeyFile | None = None,
    known: Collection[str] = (),
) -> Linking:
    """Who is the same person in two or more rounds. Nobody is linked by guess.

    ``rounds``: frames of people (respondent, pair, role, identity; a row a person and pair). ``decisions``:
    [people] of audit.toml, later code = earlier code or "nobody". ``linked`` False: the codes restart in each
    round, nothing is linked or offered. ``key``: offers people whose names or e-mail addresses are near, and
    joins codes that the roster says are one person's. ``known``: codes of other rounds of the audit.

    Linked: codes that are equal but for case, blanks, dashes and punctuation, what the roster knows, and what
    was decided. Raises AuditkitError for a decision about an unknown code or one that contradicts another.
    """
    if not linked:
        return Linking({}, (), ("The codes begin again in each round: nobody is linked.",) if len(rounds) > 1 else ())
    people = _People(rounds)
    decided = people.decide(decisions, known)
    refused = {code for code, earlier in decided.items() if earlier == NOBODY}
    notes = people.join_alike(key.same() if key else {}, refused)
    people.check(decisions)
    mapping = {code: root for code in people.codes if (root := people.root(code)) != code}
    return Linking(mapping, _near(people, decided, key), tuple(notes))


def apply(frame: pd.DataFrame, mapping: Mapping[str, str]) -> pd.DataFrame:
    """The frame with each ``respondent`` under the earliest code; a copy where anything changes."""
    if not frame["respondent"].isin(list(mapping)).any():
        return frame
    return frame.assign(respondent=frame["respondent"].map(lambda code: mapping.get(code, code)).astype("str"))


class _People:
    """The codes of all rounds, in groups of one person each."""

    def __init__(self, rounds: Rounds) -> None:
        self.names = [name for name, _ in rounds]
        self.rows: list[list[_Row]] = [_rows(frame) for _, frame in rounds]
        self.places: dict[str, set[tuple[int, str]]] = defaultdict(set)  # code to (round, pair)
        for number, rows in enumerate(self.rows):
            for row in rows:
                self.places[row.code].add((number, row.pair))
        self.first = {code: min(place[0] for place in places) for code, places in self.places.items()}
        self.codes = sorted(self.places, key=lambda code: (self.first[code], natural_key(code)))
        self.group = {code: {code} for code in self.codes}

    def root(self, code: str) -> str:
        """The person's code in the earliest round."""
        return min(self.group[code], key=lambda one: (self.first[one], natural_key(one)))

    def rounds_of(self, code: str) -> set[int]:
        return {number for one in self.group[code] for number, _ in self.places[one]}

    def join(self, one: str, other: str) -> None:
        joined = self.group[one] | self.group[other]
        for code in joined:
            self.group[code] = joined

    def decide(self, decisions: Mapping[str, str], known: Collection[str]) -> dict[str, str]:
        """Join what was decided; gives the codes that are decided, and what stands beside them.

        A code may be spelled otherwise than in the round, where no other code there is spelled just so.
        """
        spelled: dict[str, list[str]] = defaultdict(list)
        for code in self.codes:
            spelled[squeeze(code)].append(code)
        elsewhere = {squeeze(code) for code in known}
        decided: dict[str, str] = {}
        for later, earlier in decisions.items():
            sides = [[code] if code in self.group else spelled.get(squeeze(code), []) for code in (later, earlier)]
            for code, found in zip((later, earlier), sides, strict=True):
                if not found and squeeze(code) not in elsewhere and code != NOBODY:
                    raise _error(later, earlier, f'no round has the code "{code}"', "Correct the code, or delete it.")
            after, before = sides
            decided |= dict.fromkeys(after, earlier)
            if earlier == NOBODY or not after or not before:
                continue
            if self.first[before[0]] >= self.first[after[0]]:
                found_in = self.names[self.first[after[0]]]
                fix = "Write the code of the later round first, then = and the earlier one."
                raise _error(later, earlier, f'"{later}" is in {found_in} already, no later than "{earlier}"', fix)
            for code in after:
                self.join(code, before[0])
        return decided

    def join_alike(self, same: Mapping[str, str], refused: Collection[str]) -> list[str]:
        """Join codes that are one but for their signs, or that the roster names; notes on both."""
        alike: dict[str, list[str]] = defaultdict(list)
        for code in self.codes:
            if code not in refused:
                alike[squeeze(code)].append(code)
        notes = []
        for codes in (group for word, group in sorted(alike.items()) if word and len(group) > 1):
            shown = " and ".join(f'"{code}"' for code in codes)
            if self._joined(codes):
                notes.append(f"{shown} differ in case, blanks or signs only: the same person.")
            else:
                notes.append(
                    f"{shown} differ in case, blanks or signs only, and are two people of one round: not linked."
                )
        for old, new in sorted(same.items()):
            if old in self.group and new in self.group and not {old, new} & {*refused}:
                if self._joined([old, new]):
                    notes.append(f'"{old}" and "{new}" are one person by the roster.')
                else:
                    notes.append(
                        f'"{old}" and "{new}" are one person by the roster, but both in one round: not linked.'
                    )
        return notes

    def _joined(self, codes: Sequence[str]) -> bool:
        """Join codes unless two of them are in one round."""
        groups = {id(self.group[code]): self.rounds_of(code) for code in codes}
        if max(Counter(number for rounds in groups.values() for number in rounds).values()) > 1:
            return False
        for code in codes[1:]:
            self.join(codes[0], code)
        return True

    def check(self, decisions: Mapping[str, str]) -> None:
        """Raise AuditkitError where decisions make one person of two who are in one pair and round."""
        for code in self.codes:
            for one, other in combinations(natural(self.group[code]), 2):
                both = self.places[one] & self.places[other]
                if not both:
                    continue
                number, pair = min(both)
                said = {squeeze(late): (late, early) for late, early in decisions.items()}
                later, earlier = said.get(squeeze(other)) or said.get(squeeze(one)) or (other, one)
                found = f'"{one}" and "{other}" are two people of {pair or "no pair"} in {self.names[number]}'
                raise _error(later, earlier, found, f'Keep the line that is right, or write "{later}" = "{NOBODY}".')


def _rows(frame: pd.DataFrame) -> list[_Row]:
    columns = [frame[name].astype(str) for name in ("respondent", "pair", "role", "identity")]
    return sorted(
        {_Row(*cells) for cells in zip(*columns, strict=True)}, key=lambda row: (row.pair, row.code, row.role)
    )


def _error(later: str, earlier: str, found: str, fix: str) -> AuditkitError:
    return AuditkitError(f'audit.toml, [people], "{later}" = "{earlier}": {found}', fix)


def _near(people: _People, decided: Collection[str], key: KeyFile | None) -> tuple[NearPerson, ...]:
    found: dict[tuple[str, str], NearPerson] = {}
    for late in range(1, len(people.rows)):
        new = [
            row
            for row in people.rows[late]
            if min(people.rounds_of(row.code)) == late and row.identity != "none" and row.code not in decided
        ]
        for early in reversed(range(late)):
            old = [
                row for row in people.rows[early] if late not in people.rounds_of(row.code) and row.identity != "none"
            ]
            for near in (*_by_key(old, new, key), *_by_code(old, new), *_by_place(people, early, late, old, new)):
                if not people.rounds_of(near.before) & people.rounds_of(near.after):
                    found.setdefault((people.root(near.before), near.after), near)
    return tuple(
        sorted(found.values(), key=lambda n: (natural_key(n.pair), natural_key(n.after), -n.likeness, n.before))
    )


def _by_key(old: Sequence[_Row], new: Sequence[_Row], key: KeyFile | None) -> Iterable[NearPerson]:
    """People whose names or e-mail addresses are near, by the key."""
    if key is None:
        return
    rows = {row.code: row for row in reversed(new)}
    for near in key.near({row.code for row in old}, rows.keys()):
        yield _offer(near.before, rows[near.after], near.why, near.likeness)


def _by_code(old: Sequence[_Row], new: Sequence[_Row]) -> Iterable[NearPerson]:
    """Codes that people made up or typed: near ones of the same pair, else the only near one elsewhere."""
    for row in new:
        if row.identity in (*NOT_COMPARED, "email"):
            continue
        alike = []
        for other in old:
            compared = other.identity == row.identity and not _other_role(row, other) and not _running(row, other)
            if compared and (near := near_code(other.code, row.code)):
                alike.append((other, near))
        here = [(other, near) for other, near in alike if other.pair == row.pair]
        elsewhere = alike if len({other.code for other, _ in alike}) == 1 else []
        for other, (likeness, why) in here or elsewhere:
            yield _offer(other.code, row, why if other.pair == row.pair else f"{why}, in another pair", likeness)


def _by_place(people: _People, early: int, late: int, old: Sequence[_Row], new: Sequence[_Row]) -> Iterable[NearPerson]:
    """The only one of a pair and role in both rounds, where the rounds name people in different ways."""
    matched = any(late in people.rounds_of(row.code) for row in people.rows[early] if row.identity != "none")
    places = [Counter((row.pair, row.role) for row in people.rows[number]) for number in (early, late)]
    before = {(row.pair, row.role): row for row in old}
    for row in new:
        place = row.pair, row.role
        other = before.get(place)
        alone = all(place) and all(count[place] == 1 for count in places)
        if other and alone and (other.identity != row.identity or not matched):
            yield _offer(other.code, row, PAIR_AND_ROLE, 0.0)


def _offer(before: str, row: _Row, why: str, likeness: float) -> NearPerson:
    return NearPerson(before, row.code, row.pair, row.role, why, likeness)


def _other_role(one: _Row, other: _Row) -> bool:
    return bool(one.role and other.role and one.role != other.role)


def _running(one: _Row, other: _Row) -> bool:
    """Whether two codes that people did not make up differ in a number: P-01 and P-02 are two people."""
    if one.identity == "self_code":
        return False
    numbers = [[int(number) for number in re.findall(r"\d+", row.code)] for row in (one, other)]
    letters = [re.sub(r"\d+", "0", squeeze(row.code)) for row in (one, other)]
    return letters[0] == letters[1] and numbers[0] != numbers[1]
