"""What packs are made from, and who stands behind each of their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from auditkit import disclosure
from auditkit.disclosure import Release
from auditkit.pack_fields import Fact

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.comparison import Comparison
    from auditkit.config import Config
    from auditkit.scores import Measure

People = frozenset[tuple[str, str]]
"""Pair and respondent of each."""


@dataclass(frozen=True, eq=False)
class Source:
    """One round, or two with their comparison.

    ``issued``: the sources of final packs that were made of these rounds in other company: their figures are
    out, so that none of this source's may differ from them by a few people. ``declined_since``: pairs in which
    somebody did not agree to share ratings in a later round.
    """

    rounds: Sequence[CodedRound]
    comparison: Comparison | None
    config: Config
    issued: tuple[Source, ...] = ()
    declined_since: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(coded.round for coded in self.rounds)

    @property
    def is_linked(self) -> bool:
        """Two rounds of the same people."""
        return self.comparison is not None and self.comparison.design == "linked"

    @property
    def counts_pairs(self) -> bool:
        """Whether every pair weighs the same in an average; else, unlinked, every person does."""
        return self.comparison is None or self.is_linked

    @cached_property
    def people(self) -> tuple[People, ...]:
        """Who is counted, per round; never anybody of a sponsors' pair.

        With two linked rounds the same people in both: those of complete pairs, and of groups those who
        answered both times. Unlinked, everybody of a group that answered both times.
        """
        answered = [_answered(coded) for coded in self.rounds]
        if self.comparison is None:
            return tuple(answered)
        kept = self.comparison.pairs[~self.comparison.pairs["sponsor"]]
        if self.is_linked:
            pairs = set(kept["pair"][kept["state"].isin(["complete", "group"]) & (kept["matched"] >= 2)])
            people = self.comparison.people
            matched = people[(people["state"] == "matched") & people["pair"].isin(pairs)]
            return (frozenset(zip(matched["pair"], matched["respondent"], strict=True)),) * 2
        groups = set(kept["pair"][kept["state"] == "unlinked"])
        return tuple(frozenset(place for place in people if place[0] in groups) for people in answered)

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """The scales, main questions first, in the order of the questionnaire where it is ours."""
        from auditkit import scores
        from auditkit.questionnaire import SCALES

        first, last = self.rounds[0].responses.ratings, self.rounds[-1].responses.ratings
        found = [measure for measure in scores.measures(first, last, self.config)[0] if measure.kind == "scale"]
        order = list(SCALES)
        own = sorted(
            (measure for measure in found if not measure.primary),
            key=lambda measure: order.index(measure.id) if measure.id in order else len(order),
        )
        return (*(measure for measure in found if measure.primary), *own)

    def parts(self, measure: Measure) -> tuple[Measure, ...]:
        """The scales that a main question joins; none where it is a scale itself."""
        inside = set(measure.items)
        return tuple(other for other in self.measures if set(other.items) < inside)

    @cached_property
    def scales(self) -> tuple[Measure, ...]:
        """The measures without the main questions that only join others."""
        return tuple(measure for measure in self.measures if not self.parts(measure))

    @cached_property
    def scores(self) -> tuple[pd.DataFrame, ...]:
        """Everybody's mean on each scale, per round: measure, pair, respondent, value, role."""
        from auditkit import scores

        found = []
        for coded in self.rounds:
            frame = scores.values(coded.responses.ratings, "scored", self.measures)
            roles = coded.responses.people[["pair", "respondent", "role"]].drop_duplicates(["pair", "respondent"])
            found.append(frame.merge(roles, on=["pair", "respondent"], how="left"))
        return tuple(found)

    def behind(self, measure: str, place: int) -> People:
        """Who stands behind the figures of a scale in a round (0, 1): those of pairs in which two have a score
        (in both rounds, if there are two), as the comparison counts them."""
        return self._behind.get((measure, place), frozenset())

    @cached_property
    def _behind(self) -> dict[tuple[str, int], People]:
        found: dict[tuple[str, int], People] = {}
        for measure in self.measures:
            sets = []
            for frame, people in zip(self.scores, self.people, strict=True):
                rows = frame[frame["measure"] == measure.id]
                sets.append(people & frozenset(zip(rows["pair"], rows["respondent"], strict=True)))
            if self.is_linked:
                sets = [sets[0] & sets[1]] * 2
            whole = [{pair for pair, number in sizes(one).items() if number >= 2} for one in sets]
            pairs = set.intersection(*whole)
            for place, one in enumerate(sets):
                found[measure.id, place] = frozenset(who for who in one if who[0] in pairs)
        return found

    @cached_property
    def answers(self) -> tuple[pd.DataFrame, ...]:
        """The written answers that count, per round: with words, and of two rounds to questions of both."""
        from auditkit import presence

        frames = [coded.responses.answers for coded in self.rounds]
        first, last, _ = presence.common_answers(frames[0], frames[-1])
        sides = [first, last][: len(frames)]
        sides = [of_people(side, people) for side, people in zip(sides, self.people, strict=True)]
        if self.comparison is not None:
            key = ["pair", "respondent"] if self.is_linked else ["pair"]
            both = sides[0][key].drop_duplicates().merge(sides[1][key].drop_duplicates())
            sides = [side.merge(both, on=key) for side in sides]
        return tuple(sides)

    def heard(self, place: int) -> People:
        """Who stands behind the figures on written answers in a round."""
        side = self.answers[place]
        return frozenset(zip(side["pair"], side["respondent"], strict=True))

    def release(self, people: People, *, comments: bool = False) -> Release:
        """Whether a figure about these people may be shown. A person in two pairs counts once."""
        largest = max(sizes(people).values(), default=0)
        return disclosure.release(
            respondents(people), pair_count(people), self.config.thresholds, largest=largest, comments=comments
        )

    def hides(self, place: int, behind: Callable[[Source, int], People]) -> bool:
        """Whether an issued pack shows the same figure of a round for a few people more or fewer."""
        mine, k = behind(self, place), self.config.thresholds.k_numbers
        for other in self.issued:
            if self.names[place] in other.names:
                theirs = behind(other, other.names.index(self.names[place]))
                if other.release(theirs).allowed and disclosure.differs_by_few(mine, theirs, k):
                    return True
        return False

    @cached_property
    def unit(self) -> str:
        """What the programme consists of: "pair", or "group" where most have three people or more."""
        numbers = [number for people in self.people for number in sizes(people).values()]
        return "group" if sum(number >= 3 for number in numbers) * 2 > len(numbers) else "pair"

    @cached_property
    def has_roles(self) -> bool:
        """Whether anybody's role is known."""
        return any(coded.responses.people["role"].isin(["doctor", "manager"]).any() for coded in self.rounds)

    @property
    def has_sponsors(self) -> bool:
        return any(bool(coded.responses.people["sponsor"].any()) for coded in self.rounds)


@dataclass
class Withheld:
    """What is not shown and by which rule, gathered while the figures are made."""

    facts: list[Fact] = field(default_factory=list)

    def add(self, what: str, rule: str) -> None:
        if not any(fact.term == what for fact in self.facts):
            self.facts.append(Fact(what, rule))


def label(measure: str) -> str:
    """A scale, main question or item as it is printed."""
    from auditkit.items import ALL_RATINGS
    from auditkit.questionnaire import PRIMARY_LABELS, SCALES

    text = SCALES.get(measure) or PRIMARY_LABELS.get(measure) or measure
    if measure == ALL_RATINGS:
        text = f"average of {ALL_RATINGS}"
    return text[:1].upper() + text[1:]


def inside(label: str) -> str:
    """A label inside a sentence: its first letter small, unless it begins with an abbreviation."""
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def answered(source: Source) -> tuple[People, ...]:
    """Everybody who answered a round and is no sponsor, counted or not."""
    return tuple(_answered(coded) for coded in source.rounds)


def of_people(frame: pd.DataFrame, people: People) -> pd.DataFrame:
    """The rows of some people."""
    return frame.loc[[place in people for place in zip(frame["pair"], frame["respondent"], strict=True)]]


def respondents(people: People) -> int:
    """How many different people: one in two pairs counts once."""
    return len({respondent for _, respondent in people})


def pair_count(people: People) -> int:
    return len({pair for pair, _ in people})


def sizes(people: People) -> Counter[str]:
    """How many people of each pair."""
    return Counter(pair for pair, _ in people)


def _answered(coded: CodedRound) -> People:
    people = coded.responses.people
    sponsored = set(people["pair"][people["sponsor"]])
    counted = people[~people["pair"].isin(sponsored) & (people["pair"] != "")]
    answers = coded.responses.answers
    said = {
        place
        for frame in (answers[answers["text"].str.strip() != ""], coded.responses.ratings, coded.responses.facts)
        for place in zip(frame["pair"], frame["respondent"], strict=True)
    }
    return frozenset(zip(counted["pair"], counted["respondent"], strict=True)) & said
