"""Both sides of every threshold, and that small counts cannot be subtracted back."""

from __future__ import annotations

from itertools import product

import pytest

from auditkit import disclosure
from auditkit.config import Thresholds


@pytest.mark.parametrize(
    ("people", "pairs", "rule"),
    [
        (10, 5, ""),
        (9, 5, "fewer than 10 people"),
        (10, 4, "fewer than 5 pairs"),
    ],
)
def test_a_figure_needs_people_and_pairs(people: int, pairs: int, rule: str) -> None:
    assert disclosure.release(people, pairs, Thresholds()).rule == rule


def test_at_the_floor_a_pair_may_take_itself_out_and_five_others_remain() -> None:
    floor = Thresholds(k_numbers=7, k_comments=7, k_pairs=4, k_theme=3)
    assert disclosure.release(7, 4, floor).allowed
    assert not disclosure.release(6, 4, floor).allowed


def test_a_group_may_take_all_its_people_out() -> None:
    assert disclosure.release(12, 5, Thresholds(), largest=7).allowed
    assert not disclosure.release(12, 5, Thresholds(), largest=8).allowed


@pytest.mark.parametrize(("people", "pairs", "few"), [(3, 2, False), (2, 2, True), (3, 1, True), (0, 0, True)])
def test_a_theme_of_few_people_or_one_pair_is_not_counted_out(people: int, pairs: int, few: bool) -> None:
    assert disclosure.is_few(people, pairs, Thresholds()) is few


@pytest.mark.parametrize(("people", "nearly"), [(20, True), (18, True), (17, False)])
def test_all_but_two_is_nearly_all(people: int, nearly: bool) -> None:
    assert disclosure.is_nearly_all(people, 20) is nearly


@pytest.mark.parametrize(
    ("up", "same", "down", "words"),
    [
        (3, 4, 3, "3 up, 4 same, 3 down"),
        (7, 0, 3, "7 up, the other 3 same or down"),
        (8, 2, 0, "most up"),
        (9, 1, 0, "most up"),
        (8, 1, 1, "most up"),
        (10, 0, 0, "most up"),
        (3, 2, 2, "too few to tell apart"),
        (5, 3, 2, "5 up, the other 5 same or down"),
        (4, 4, 2, "too few to tell apart"),
        (6, 2, 2, "6 up, the other 4 same or down"),
        (2, 2, 1, "too few to tell apart"),
    ],
)
def test_directions_in_public_words(up: int, same: int, down: int, words: str) -> None:
    assert disclosure.direction_words({"up": up, "same": same, "down": down}) == words


@pytest.mark.parametrize("n", [4, 5, 6, 7, 10, 14])
def test_nobody_can_work_out_a_count_of_two_or_fewer_or_that_all_went_one_way(n: int) -> None:
    """Every true count that fits what is printed: no direction may be certain to be 0, 1, 2 or all."""
    counts = [c for c in product(range(n + 1), repeat=3) if sum(c) == n]
    printed: dict[str, list[tuple[int, ...]]] = {}
    for one in counts:
        named = dict(zip(("up", "same", "down"), one, strict=True))
        text = disclosure.direction_words(named) + " ".join(disclosure.direction_marks(named))
        printed.setdefault(text, []).append(one)
    for fitting in printed.values():
        for direction in range(3):
            known = {one[direction] for one in fitting}
            assert len(known) > 1 or not known & {0, 1, 2, n}, fitting


@pytest.mark.parametrize(
    ("number", "of", "words"),
    [
        (0, 10, "at most two"),
        (1, 10, "at most two"),
        (2, 10, "at most two"),
        (3, 10, "3"),
        (7, 10, "7"),
        (8, 10, "most"),
        (10, 10, "most"),
    ],
)
def test_pairs_in_public_words(number: int, of: int, words: str) -> None:
    assert disclosure.pairs_in_words(number, of) == words


@pytest.mark.parametrize(
    ("people", "shown"),
    [
        ([3, 4, 5, 4, 3], [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]),
        ([2, 4, 5, 4, 3], [(1, 2), (3, 3), (4, 4), (5, 5)]),
        ([1, 1, 5, 4, 3], [(1, 3), (4, 4), (5, 5)]),
        ([0, 0, 5, 1, 1], [(1, 5)]),
        ([5, 5, 5, 2, 0], [(1, 1), (2, 2), (3, 5)]),
        ([5, 1, 5, 4, 3], [(1, 2), (3, 3), (4, 4), (5, 5)]),
        ([5, 5, 1, 4, 9], [(1, 1), (2, 2), (3, 4), (5, 5)]),
        ([0, 0, 2, 15, 18], [(1, 3), (4, 4), (5, 5)]),
        ([1, 1, 5, 5], [(1, 3), (4, 4)]),
        ([1, 1, 1, 3, 4, 5, 6], [(1, 3), (4, 4), (5, 5), (6, 6), (7, 7)]),
        ([20, 1], [(1, 2)]),
    ],
)
def test_options_under_three_people_are_joined(people: list[int], shown: list[tuple[int, int]]) -> None:
    assert disclosure.joined_options(people) == shown


@pytest.mark.parametrize(("extra", "few"), [(0, False), (1, True), (9, True), (10, False)])
def test_two_published_sets_may_not_differ_by_few(extra: int, few: bool) -> None:
    one = set(range(20))
    assert disclosure.differs_by_few(one, one | set(range(100, 100 + extra)), 10) is few


@pytest.mark.parametrize(
    ("asked", "consents", "partners", "level"),
    [
        (0, ["yes"] * 4, 2, 0),
        (1, ["yes"] * 4, 2, 1),
        (1, ["yes", "yes", "yes", "no"], 2, 0),
        (1, [], 2, 0),
        (1, ["yes", "yes"], 1, 0),
        (1, ["yes"] * 6, 3, 0),
    ],
)
def test_level_one_needs_a_yes_of_both_in_every_round(
    asked: int, consents: list[str], partners: int, level: int
) -> None:
    assert disclosure.pair_level(asked, consents, partners) == level
