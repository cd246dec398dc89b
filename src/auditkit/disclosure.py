"""The rules of disclosure: who must stand behind a figure, and the words for what may not be counted out.

Rules only: they know no pack and no frame. Sources: docs/confidentiality.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditkit.config import Thresholds

OTHERS = 5  # people who must remain in a figure once its reader, or the reader's pair, is taken out
FEW = 2  # pairs or people that are not counted out
SHOWN_ANSWER = 3  # people from whom on an answer of a scale is shown by itself

FEW_PEOPLE = "a few people or none"
NEARLY_ALL = "nearly all"
FEW_PAIRS = "at most two"


@dataclass(frozen=True)
class Release:
    """Whether figures about a group may be shown; ``rule`` says which rule forbids it, never a value."""

    allowed: bool
    rule: str = ""


def release(people: int, pairs: int, thresholds: Thresholds, *, largest: int = 2, comments: bool = False) -> Release:
    """A figure about a group: enough people, from enough pairs, and enough left without the largest reader.

    A reader takes out the own answer, a pair or group all of its people; then ``OTHERS`` must remain.
    ``largest``: people of the largest pair or group in the figure. ``comments``: about words.
    """
    k = thresholds.k_comments if comments else thresholds.k_numbers
    if people < k:
        return Release(False, f"fewer than {k} people")
    if pairs < thresholds.k_pairs:
        return Release(False, f"fewer than {thresholds.k_pairs} pairs")
    if people - max(largest, 2) < OTHERS:
        return Release(False, f"fewer than {OTHERS} others beside one pair or group")
    return Release(True)


def is_few(people: int, pairs: int, thresholds: Thresholds) -> bool:
    """A theme named by too few people, or within one pair only, is not listed by its number."""
    return people < thresholds.k_theme or pairs < 2


def is_nearly_all(people: int, of: int) -> bool:
    """All, or all but one or two: the number would speak for each single person."""
    return people >= of - FEW


def differs_by_few(one: Collection[object], other: Collection[object], k: int) -> bool:
    """Two sets of people that both get published would give away the 1 to k-1 people they differ by."""
    return 0 < len(set(one) ^ set(other)) < k


def direction_words(counts: Mapping[str, int]) -> str:
    """Up, same and down counts of pairs in public words: no count of 0 to 2, told or left to subtract.

    "None down" and "all up" would say of every pair, to each of its partners, which way the other went.

    >>> direction_words({"up": 8, "same": 2, "down": 0})
    'most up'
    >>> direction_words({"up": 5, "same": 3, "down": 2})
    '5 up, the other 5 same or down'
    """
    marks = direction_marks(counts)
    hidden = marks.count("hidden")
    shown = {name: marks.count(name) for name in counts if name in marks}
    if not hidden:
        return ", ".join(f"{number} {name}" for name, number in shown.items())
    if not shown:
        return "too few to tell apart"
    name, number = next(iter(shown.items()))
    if hidden == FEW:
        return f"most {name}"
    rest = " or ".join(other for other in counts if other != name)
    return f"{number} {name}, the other {hidden} {rest}"


def direction_marks(counts: Mapping[str, int]) -> tuple[str, ...]:
    """One mark a pair: its direction, or "hidden"; sorted in the order of ``counts``, hidden ones last.

    All are told where each direction has three pairs or more. Else only the largest is, less what keeps two
    pairs hidden, so that nobody can tell none from one or two; and no direction where two are equally large, or
    the largest is 3 beside more than two: the rule itself would give the small counts away.
    """
    total, largest = sum(counts.values()), max(counts.values(), default=0)
    shown = dict(counts)
    if min(counts.values(), default=0) <= FEW:
        alone = sum(number == largest for number in counts.values()) == 1
        alone = alone and largest > (FEW if total - largest <= FEW else FEW + 1)
        shown = {name: min(number, total - FEW) for name, number in counts.items() if alone and number == largest}
    marks = [name for name in counts for _ in range(shown.get(name, 0))]
    return (*marks, *["hidden"] * (total - len(marks)))


def pairs_in_words(number: int, of: int) -> str:
    """How many pairs, in public words: "at most two", an exact number, or "most".

    None and all are not told: a partner who knows the own answers would learn the other's.
    """
    if number <= FEW:
        return FEW_PAIRS
    return "most" if of - number <= FEW else f"{number}"


def joined_options(people: Sequence[int]) -> list[tuple[int, int]]:
    """Which options of an answer scale are shown together: first and last of each, counted from 1.

    ``people``: how many gave each option, lowest first. An option under 3 people is joined with the other one
    on its side of the scale; a side that still has under 3 with the middle; a middle under 3 with the smaller
    side. A side and the middle together are shown whatever they hold.
    """
    last = len(people)
    if last < 3:
        return [(1, last)]

    def size(part: tuple[int, int]) -> int:
        return sum(people[part[0] - 1 : part[1]])

    half = last // 2
    low = _joined_side(people[:half])
    high = [(last + 1 - end, last + 1 - first) for first, end in _joined_side(people[::-1][:half])][::-1]
    parts = [*low, *[(half + 1, half + 1)] * (last % 2), *high]
    while small := [part for part in parts if size(part) < SHOWN_ANSWER and part[1] - part[0] < half]:
        place = parts.index(min(small, key=size))
        beside = min(parts[max(place - 1, 0) : place] + parts[place + 1 : place + 2], key=size)
        first, second = sorted((parts[place], beside))
        parts[parts.index(first) : parts.index(second) + 1] = [(first[0], second[1])]
    return parts


def _joined_side(people: Sequence[int]) -> list[tuple[int, int]]:
    """The options of one side, from the end inwards, in parts of 3 people or more; a rest joins the part before."""
    parts: list[tuple[int, int]] = []
    first = 1
    for option in range(1, len(people) + 1):
        if sum(people[first - 1 : option]) >= SHOWN_ANSWER:
            parts.append((first, option))
            first = option + 1
    if first <= len(people):
        parts = [*parts[:-1], (parts[-1][0] if parts else 1, len(people))]
    return parts


def pair_level(asked: int, consents: Sequence[str], partners: int) -> int:
    """The level a pair's pack may have: 1 only where both said yes in every round shown, else 0.

    ``consents``: ``consent_pair_ratings`` of each partner in each round shown. Why it is 0 stays here.
    """
    if asked >= 1 and partners == 2 and consents and all(answer == "yes" for answer in consents):
        return 1
    return 0
