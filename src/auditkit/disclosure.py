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
SHOWN_END = 3  # people from whom on an end answer of a scale is shown by itself

FEW_PEOPLE = "a few people or none"
NEARLY_ALL = "nearly all"
FEW_PAIRS = "one or two"


@dataclass(frozen=True)
class Release:
    """Whether figures about a group may be shown; ``rule`` says which rule forbids it, never a value."""

    allowed: bool
    rule: str = ""


def release(people: int, pairs: int, thresholds: Thresholds, *, comments: bool = False) -> Release:
    """A figure about a group: enough people, from enough pairs, and enough left without the largest reader.

    A reader takes out the own answer, a pair both; then ``OTHERS`` must remain. ``comments``: about words.
    """
    k = thresholds.k_comments if comments else thresholds.k_numbers
    if people < k:
        return Release(False, f"fewer than {k} people")
    if pairs < thresholds.k_pairs:
        return Release(False, f"fewer than {thresholds.k_pairs} pairs")
    if people - 2 < OTHERS:
        return Release(False, f"fewer than {OTHERS} others")
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
    """Up, same and down counts of pairs in public words: no count of 1 or 2, told or left to subtract.

    >>> direction_words({"up": 8, "same": 2, "down": 0})
    'most up'
    >>> direction_words({"up": 5, "same": 3, "down": 2})
    '5 up, the other 5 same or down'
    """
    marks = direction_marks(counts)
    hidden = marks.count("hidden")
    shown = {name: marks.count(name) for name in counts}
    if not hidden:
        return ", ".join(f"{number or 'none'} {name}" for name, number in shown.items())
    named = [name for name, number in shown.items() if number]
    if not named:
        return "too few to tell apart"
    if hidden == FEW:
        return f"most {named[0]}"
    rest = " or ".join(name for name, number in counts.items() if number and not shown[name])
    return ", ".join(f"{shown[name]} {name}" for name in named) + f", the other {hidden} {rest}"


def direction_marks(counts: Mapping[str, int]) -> tuple[str, ...]:
    """One mark a pair: its direction, or "hidden"; sorted in the order of ``counts``, hidden ones last.

    Where one or two pairs are left over beside a single direction, two are hidden, so that nobody can tell
    one from two. Where small counts stand beside more, only the largest direction is shown, and none where
    two are equally large: otherwise the rule itself would give the small count away.
    """
    total = sum(counts.values())
    small = [name for name, number in counts.items() if 0 < number <= FEW]
    large = [name for name, number in counts.items() if number > FEW]
    left = sum(counts[name] for name in small)
    shown = {name: counts[name] for name in large}
    if small and len(large) == 1 and left <= FEW:
        shown[large[0]] = total - FEW
    elif small:
        largest = max(counts.values())
        alone = sum(number == largest for number in counts.values()) == 1
        shown = {name: number for name, number in shown.items() if alone and number == largest}
    marks = [name for name in counts for _ in range(shown.get(name, 0))]
    return (*marks, *["hidden"] * (total - len(marks)))


def pairs_in_words(number: int, of: int) -> str:
    """How many pairs, in public words: "none", "one or two", an exact number, or "most"."""
    if number == 0:
        return "none"
    if number <= FEW:
        return FEW_PAIRS
    return "most" if 0 < of - number <= FEW else f"{number}"


def joined_options(people: Sequence[int]) -> list[tuple[int, int]]:
    """Which options of an answer scale are shown together: first and last of each, counted from 1.

    ``people``: how many gave each option, lowest first. An end option under 3 people is joined with its
    neighbour; if the two lowest still have under 3, the three lowest are; the same from the top.
    """
    last = len(people)
    low = high = 1
    if last < 3:
        return [(1, last)]
    if people[0] < SHOWN_END:
        low = 2 if people[0] + people[1] >= SHOWN_END else 3
    if people[-1] < SHOWN_END:
        high = 2 if people[-1] + people[-2] >= SHOWN_END else 3
    if low + high > last:
        return [(1, last)]
    middle = [(option, option) for option in range(low + 1, last - high + 1)]
    return [(1, low), *middle, (last - high + 1, last)]


def pair_level(asked: int, consents: Sequence[str], partners: int) -> int:
    """The level a pair's pack may have: 1 only where both said yes in every round shown, else 0.

    ``consents``: ``consent_pair_ratings`` of each partner in each round shown. Why it is 0 stays here.
    """
    if asked >= 1 and partners == 2 and consents and all(answer == "yes" for answer in consents):
        return 1
    return 0
