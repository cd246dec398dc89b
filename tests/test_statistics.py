"""Figures against published values, brute force and their own definitions."""

from __future__ import annotations

import csv
import itertools
import json
import math
import random
import re
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit import agreement
from auditkit import statistics as s
from auditkit.statistics import Interval

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "statistics"
NAN = float("nan")

DIFFERENCES = st.lists(
    st.sampled_from([-2.0, -1.5, -1.0, -0.5, -1 / 3, 0.0, 0.0, 1 / 3, 0.5, 1.0, 1.5, 2.0]), max_size=11
)
"""Half points, thirds, many ties and zeros: what means of two people's scales look like."""

LONG = st.lists(st.integers(-4, 4).map(lambda x: x / 2), min_size=1, max_size=60)


def ends(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def near(*values: float, rel: float = 2e-6) -> Any:
    return pytest.approx(values if len(values) > 1 else values[0], rel=rel)


def enumerated(d: list[float]) -> Fraction:
    """Two-sided p over all 2^n sign patterns of the non-zero differences, ranks counted from scratch."""
    sizes = [round(abs(x), 9) for x in d]
    ranks = [Fraction(2 * sum(o < size for o in sizes) + sum(o == size for o in sizes) + 1, 2) for size in sizes]
    moved = [(rank, x > 0) for rank, x, size in zip(ranks, d, sizes, strict=True) if size]
    middle = Fraction(sum((rank for rank, _ in moved), Fraction(0))) / 2
    seen = abs(sum((rank for rank, up in moved if up), Fraction(0)) - middle)
    patterns = list(itertools.product((0, 1), repeat=len(moved)))
    extreme = sum(
        abs(sum((r for (r, _), on in zip(moved, pattern, strict=True) if on), Fraction(0)) - middle) >= seen
        for pattern in patterns
    )
    return Fraction(extreme, len(patterns))


# signed rank


@pytest.mark.parametrize(
    ("d", "p"),
    [
        ([1, 1, 0, 2, 1, 0, -1, 1], 0.1875),
        ([1] * 6, 0.03125),
        ([1] * 5, 0.0625),
        ([0, 0, 0, 1, 1, 1, 1, 2, 2, -1, 1, 0], 0.0546875),
        ([0, 0, 0, 1, 1, 1, 1, 2, 2, -1, 1, 0, 1, 1], 0.017578125),
        ([1] * 15 + [0] * 40 + [-1] * 15, 1.0),
        ([0] * 6, 1.0),
        ([], 1.0),
    ],
)
def test_signed_rank_vectors(d: list[float], p: float) -> None:
    assert s.signed_rank(d).p == p


def test_signed_rank_says_what_it_worked_with() -> None:
    found = s.signed_rank([0, 1, -2, 1, NAN, 3])
    assert found == s.SignedRank(n=5, n_nonzero=4, w_plus=10.0, w_minus=4.0, p=0.5, floor=0.125)


def test_all_zero_has_no_non_zero_difference() -> None:
    assert s.signed_rank([0.0, -0.0, 0.0]) == s.SignedRank(3, 0, 0.0, 0.0, 1.0, 1.0)


def test_noise_of_a_subtraction_breaks_neither_tie_nor_zero() -> None:
    noisy = [0.3 - 0.2, 0.4 - 0.3, 0.1 + 1e-10, 1.1 - 1.0, -1e-10, -0.1]
    assert len(set(noisy)) > 3
    clean = [0.1, 0.1, 0.1, 0.1, 0.0, -0.1]
    assert s.signed_rank(noisy) == s.signed_rank(clean)
    assert s.rank_biserial(noisy) == s.rank_biserial(clean)


@given(DIFFERENCES)
@settings(max_examples=150, deadline=None)
def test_signed_rank_equals_enumeration(d: list[float]) -> None:
    assert s.signed_rank(d).p == float(enumerated(d))


@given(LONG)
@settings(deadline=None)
def test_turned_signs_swap_the_sums_and_keep_p(d: list[float]) -> None:
    one, other = s.signed_rank(d), s.signed_rank([-x for x in d])
    assert (one.w_plus, one.w_minus, one.p) == (other.w_minus, other.w_plus, other.p)
    assert s.rank_biserial(d) == -s.rank_biserial([-x for x in d])


@given(LONG)
@settings(deadline=None)
def test_p_lies_between_its_floor_and_1(d: list[float]) -> None:
    found = s.signed_rank(d)
    assert found.floor <= found.p <= 1
    assert found.floor == min(1.0, 2 / 2**found.n_nonzero)
    assert s.signed_rank([abs(x) for x in d]).p == found.floor


@given(LONG, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_order_of_the_pairs_changes_no_bit(d: list[float], shuffler: random.Random) -> None:
    mixed = d[:]
    shuffler.shuffle(mixed)
    assert s.signed_rank(mixed) == s.signed_rank(d)
    thirds, mixed_thirds = [x / 3 for x in d], [x / 3 for x in mixed]
    assert s.t_interval(mixed_thirds) == s.t_interval(thirds)
    assert s.rank_biserial(mixed_thirds) == s.rank_biserial(thirds)


def test_beyond_53_changes_p_agrees_with_whole_number_counts() -> None:
    d = [(n % 9 - 4) / 2 + (0.5 if n % 3 == 0 else 0) for n in range(150)]
    found = s.signed_rank(d)
    sizes = [abs(x) for x in d]
    doubled = [2 * sum(o < x for o in sizes) + sizes.count(x) + 1 for x in sizes if x]
    ways = {0: 1}
    for rank in doubled:
        more = dict(ways)
        for total, count in ways.items():
            more[total + rank] = more.get(total + rank, 0) + count
        ways = more
    tail = sum(count for total, count in ways.items() if total <= 2 * min(found.w_plus, found.w_minus))
    assert found.n_nonzero == len(doubled) > 100
    assert found.p == pytest.approx(float(Fraction(2 * tail, 2 ** len(doubled))), rel=1e-13)


def test_five_hundred_pairs_are_quick() -> None:
    d = [(n % 9 - 4) / 2 + n / 1000 for n in range(500)]
    start = time.perf_counter()
    found = s.signed_rank(d)
    assert time.perf_counter() - start < 2
    assert found.floor < found.p < 1


def test_one_up_and_nine_unchanged_is_a_small_effect() -> None:
    assert s.rank_biserial([1] + [0] * 9) == near(0.181818, rel=3e-6)
    assert s.rank_biserial([1, 0.5, 0, 1, 1, 0.5, -0.5, 1]) == near(0.805556)
    assert s.rank_biserial([0] * 4) == 0
    assert s.rank_biserial([1, 2, NAN]) == 1
    assert math.isnan(s.rank_biserial([]))


# means


def test_t_interval() -> None:
    found = s.t_interval([1, 0.5, 0, 1, 1, 0.5, -0.5, 1, NAN])
    assert found.estimate == 0.5625
    assert ends(found) == near(0.091824, 1.033176, rel=1e-5)
    wider = s.t_interval([1, 0.5, 0, 1, 1, 0.5, -0.5, 1], level=0.99)
    assert ends(wider)[0] < ends(found)[0] < ends(found)[1] < ends(wider)[1]


@pytest.mark.parametrize(("d", "mean"), [([2.0], 2.0), ([0.1 + 0.2, 0.3, 0.3], 0.3), ([0, 0, 0], 0.0)])
def test_no_t_interval_without_spread(d: list[float], mean: float) -> None:
    found = s.t_interval(d)
    assert (found.low, found.high) == (None, None)
    assert found.estimate == pytest.approx(mean)


def test_no_values_have_no_mean() -> None:
    found = s.t_interval([NAN])
    assert math.isnan(found.estimate)
    assert found.low is None


def test_standardised_change() -> None:
    before, after = [2.5, 3, 3.5, 2, 3, 2.5, 4, 3], [3.5, 3.5, 3.5, 3, 4, 3, 3.5, 4]
    assert s.d_av(before, after) == near(1.09141, rel=5e-6)
    assert s.g_av(before, after) == near(0.970143)
    assert s.g_av([*before, NAN, 5], [*after, 1, NAN]) == s.g_av(before, after)
    assert s.d_av(after, before) == -s.d_av(before, after)
    assert s.signed_rank([b - a for a, b in zip(before, after, strict=True)]).p == 0.0625


def test_no_standardised_change_without_spread_or_pairs() -> None:
    assert math.isnan(s.d_av([2, 2, 2], [3, 3, 3]))
    assert math.isnan(s.d_av([2], [3]))
    assert math.isnan(s.g_av([2, 3], [3, 5]))
    assert not math.isnan(s.d_av([2, 2, 2], [3, 3, 4]))


def test_welch_interval_equals_the_textbook_formula() -> None:
    from scipy.stats import ttest_ind

    a, b = [2, 3, 2, 5, 1, 4], [4, 4, 3, 5, 5, 5, 4, 2, 5]
    found = s.welch_interval([*a, NAN], b)
    ci = ttest_ind(b, a, equal_var=False).confidence_interval()
    assert ends(found) == near(ci.low, ci.high, rel=1e-9)
    assert found.estimate == pytest.approx(37 / 9 - 17 / 6)
    back = s.welch_interval(b, a)
    assert ends(back) == near(-ci.high, -ci.low, rel=1e-9)


@pytest.mark.parametrize(("a", "b"), [([1, 1], [2, 2, 2]), ([1], [2, 3])])
def test_no_welch_interval_without_spread(a: list[float], b: list[float]) -> None:
    found = s.welch_interval(a, b)
    assert (found.low, found.high) == (None, None)
    assert found.estimate == sum(b) / len(b) - 1


def test_welch_with_spread_in_one_group_only() -> None:
    low, high = ends(s.welch_interval([3, 3, 3], [4, 5, 6]))
    assert (low, high) == (pytest.approx(2 - 4.302653 / math.sqrt(3)), pytest.approx(2 + 4.302653 / math.sqrt(3)))


def test_cliffs_delta_is_positive_where_the_second_group_is_higher() -> None:
    assert s.cliffs_delta([1, 2], [3, 4]) == 1
    assert s.cliffs_delta([3, 4], [1, 2]) == -1
    assert s.cliffs_delta([1, 2, 3], [1, 2, 3]) == 0
    assert s.cliffs_delta([1, 2, NAN], [2, 3]) == 0.75
    assert math.isnan(s.cliffs_delta([], [1]))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.lists(st.integers(1, 5), min_size=1, max_size=20))
def test_cliffs_delta_counts_couples(a: list[int], b: list[int]) -> None:
    couples = [(y > x) - (y < x) for x in a for y in b]
    assert s.cliffs_delta(a, b) == sum(couples) / len(couples)


# shares


@pytest.mark.parametrize(
    ("b", "c", "exact", "mid_p"),
    [
        (8, 1, 0.0390625, 0.021484375),
        (6, 0, 0.03125, 0.015625),
        (5, 0, 0.0625, 0.03125),
        (3, 3, 1, 0.6875),
        (0, 0, 1, 1),
    ],
)
def test_mcnemar_vectors(b: int, c: int, exact: float, mid_p: float) -> None:
    assert s.mcnemar(b, c) == (exact, mid_p)
    assert s.mcnemar(c, b) == (exact, mid_p)


@pytest.mark.parametrize(
    ("b", "c", "n", "change", "low", "high"),
    [
        (8, 1, 25, 0.28, 0.039256, 0.479262),
        (6, 0, 12, 0.5, 0.102387, 0.754756),
        (0, 0, 10, 0.0, -0.230984, 0.230984),
    ],
)
def test_bonett_price_vectors(b: int, c: int, n: int, change: float, low: float, high: float) -> None:
    found = s.bonett_price(b, c, n)
    assert found.estimate == pytest.approx(change)
    assert ends(found) == near(low, high, rel=2e-5)


def test_bonett_price_stays_a_difference_of_shares() -> None:
    assert ends(s.bonett_price(1, 0, 1))[1] == 1
    assert ends(s.bonett_price(0, 1, 1))[0] == -1
    assert math.isnan(s.bonett_price(0, 0, 0).estimate)


def test_odds_ratio_vectors() -> None:
    found = s.odds_ratio(8, 1)
    assert (found.estimate, *ends(found)) == near(8, 1.07255, 354.981, rel=5e-6)
    found = s.odds_ratio(6, 0)
    assert found.estimate == math.inf
    assert ends(found) == (near(1.17742, rel=5e-6), math.inf)
    mirrored = s.odds_ratio(0, 6)
    assert (mirrored.estimate, mirrored.low) == (0, 0)
    assert mirrored.high == near(1 / 1.17742, rel=5e-6)
    assert s.odds_ratio(0, 0).low is None


def test_wilson_and_newcombe_as_published() -> None:
    """Newcombe 1998: 81/263 by method 3 (paper I); 56/70 less 48/80 by method 10 (paper II)."""
    assert ends(s.wilson(81, 263)) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    found = s.newcombe(48, 80, 56, 70)
    assert found.estimate == pytest.approx(0.2)
    assert ends(found) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))
    none_at_all = s.newcombe(0, 10, 0, 10)
    assert ends(none_at_all) == (pytest.approx(-0.2775, abs=5e-5), pytest.approx(0.2775, abs=5e-5))


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_intervals_of_shares_hold_their_estimate_and_turn_with_it(a: int, b: int, c: int, d: int) -> None:
    n1, n2 = a + b + 1, c + d + 1
    low, high = ends(s.wilson(a, n1))
    assert 0 <= low <= a / n1 <= high <= 1
    there, back = s.newcombe(a, n1, c, n2), s.newcombe(c, n2, a, n1)
    assert -1 <= ends(there)[0] <= there.estimate <= ends(there)[1] <= 1
    assert ends(there) == pytest.approx((-ends(back)[1], -ends(back)[0]))
    paired = s.bonett_price(a, c, a + b + c + 1)
    assert -1 <= ends(paired)[0] <= paired.estimate <= ends(paired)[1] <= 1


def test_empty_groups_have_no_share() -> None:
    assert math.isnan(s.wilson(0, 0).estimate)
    assert math.isnan(s.newcombe(0, 0, 1, 2).estimate)
    assert s.newcombe(1, 2, 0, 0).low is None


# several tests


def test_holm() -> None:
    assert s.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert s.holm([0.01], m=3) == pytest.approx([0.03])
    assert s.holm([0.9, 0.8]) == [1, 1]
    assert s.holm([]) == []
    with pytest.raises(ValueError, match="3 p values in a family of 2"):
        s.holm([0.1, 0.2, 0.3], m=2)


def test_holm_counts_an_untested_question_only_where_m_says_so() -> None:
    alone = s.holm([NAN, 0.01, 0.02])
    assert math.isnan(alone[0])
    assert alone[1:] == pytest.approx([0.02, 0.02])
    family = s.holm([NAN, 0.01, 0.02], m=3)
    assert math.isnan(family[0])
    assert family[1:] == pytest.approx([0.03, 0.04])


def test_benjamini_hochberg() -> None:
    assert s.benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    found = s.benjamini_hochberg([0.02, NAN, 0.01])
    assert math.isnan(found[1])
    assert (found[0], found[2]) == pytest.approx((0.02, 0.02))
    assert s.benjamini_hochberg([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=15))
def test_benjamini_hochberg_equals_scipy(ps: list[float]) -> None:
    from scipy.stats import false_discovery_control

    assert s.benjamini_hochberg(ps) == pytest.approx(false_discovery_control(ps).tolist())
    assert all(p <= bh <= h + 1e-12 for p, bh, h in zip(ps, s.benjamini_hochberg(ps), s.holm(ps), strict=True))


# verdicts


UP = [0.6, 0.7, 0.8, 0.5, 0.9, 1.0, 0.4]
"""Seven that rose, mean .7."""


@pytest.mark.parametrize(
    ("d", "p", "m", "interval", "words"),
    [
        (UP[:4], NAN, 1, Interval(0.65, 0.4, 0.9), s.TOO_FEW_PAIRS),
        ([], NAN, 1, Interval(NAN), s.TOO_FEW_PAIRS),
        (UP[:5], 0.0625, 1, Interval(0.7, 0.5, 0.9), "described only: 5 up, 0 same, 0 down"),
        ([*UP[:5], 0, 0, -1], 0.04, 3, Interval(0.3, 0.1, 0.5), "described only: 5 up, 2 same, 1 down"),
        (UP[:6], 0.03125, 1, Interval(0.75, 0.5, 1.0), s.CLEAR_IMPROVEMENT),
        (UP[:6], 0.0625, 2, Interval(0.75, 0.5, 1.0), "described only: 6 up, 0 same, 0 down"),
        (UP, 0.046875, 3, Interval(0.7, 0.5, 0.9), s.CLEAR_IMPROVEMENT),
        (UP, 0.0625, 4, Interval(0.7, 0.5, 0.9), "described only: 7 up, 0 same, 0 down"),
        ([0.0] * 9, NAN, 3, Interval(0.0), "described only: 0 up, 9 same, 0 down"),
        (UP, NAN, 1, Interval(0.7, 0.5, 0.9), "described only: 7 up, 0 same, 0 down"),
        (UP, 0.05, 1, Interval(0.5, 0.01, 0.99), s.CLEAR_IMPROVEMENT),
        (UP, 0.03, 1, Interval(0.4999, 0.01, 0.99), s.SMALL_IMPROVEMENT),
        (UP, 0.03, 1, Interval(0.2, 0.1, 0.3), s.SMALL_IMPROVEMENT),
        (UP, 0.0501, 1, Interval(0.5, 0.01, 0.99), s.POSSIBLE_IMPROVEMENT),
        (UP, 0.2, 1, Interval(0.6, -0.1, 1.3), s.POSSIBLE_IMPROVEMENT),
        (UP, 0.2, 1, Interval(0.1, -0.2, 0.4), s.LITTLE_CHANGE),
        (UP, 0.2, 1, Interval(0.1, 0.01, 0.49), s.LITTLE_CHANGE),
        (UP, 1.0, 1, Interval(0.0, -0.4, 0.4), s.LITTLE_CHANGE),
        (UP, 0.2, 1, Interval(0.2, -0.1, 0.5), s.UNCLEAR),
        (UP, 1.0, 1, Interval(0.0, -0.7, 0.7), s.UNCLEAR),
        (UP, 0.04, 1, Interval(0.6, -0.01, 1.2), s.UNCLEAR),
        (UP, 0.04, 1, Interval(0.2, 0.0, 0.4), s.UNCLEAR),
        (UP, 0.03125, 1, Interval(1.0), s.CLEAR_IMPROVEMENT),
        (UP, 0.03125, 1, Interval(0.25), s.SMALL_IMPROVEMENT),
    ],
)
def test_every_verdict_and_its_mirror(d: list[float], p: float, m: int, interval: Interval, words: str) -> None:
    assert s.verdict(len(d), d, p, m, interval, 0.5) == words
    turned = Interval(
        -interval.estimate,
        None if interval.high is None else -interval.high,
        None if interval.low is None else -interval.low,
    )
    fallen = [-x for x in d]
    down_is_good = s.verdict(len(d), fallen, p, m, turned, 0.5, up_is_good=False)
    down_is_bad = s.verdict(len(d), fallen, p, m, turned, 0.5)
    if words.startswith("described only"):
        up, same, down = re.findall(r"\d+", words)
        assert down_is_good == down_is_bad == f"described only: {down} up, {same} same, {up} down"
    else:
        assert down_is_good == words
        assert down_is_bad == words.replace("improvement", "worsening")


def test_the_words_are_the_agreed_ones() -> None:
    assert [
        s.TOO_FEW_PAIRS,
        s.CLEAR_IMPROVEMENT,
        s.CLEAR_WORSENING,
        s.SMALL_IMPROVEMENT,
        s.SMALL_WORSENING,
        s.POSSIBLE_IMPROVEMENT,
        s.POSSIBLE_WORSENING,
        s.LITTLE_CHANGE,
        s.UNCLEAR,
    ] == [
        "too few pairs to describe change in numbers",
        "clear improvement between the rounds",
        "clear worsening between the rounds",
        "small but consistent improvement",
        "small but consistent worsening",
        "possible improvement: too few pairs to be sure",
        "possible worsening: too few pairs to be sure",
        "little or no change",
        "unclear",
    ]


def test_noise_does_not_decide_a_verdict() -> None:
    """Thirds rounded to 9 decimals have a mean a hair under the half point they stand for."""
    d = [0.333333333] * 4 + [0.833333333] * 2
    assert s.t_interval(d).estimate < 0.5
    found = s.verdict(6, d, s.signed_rank(d).p, 1, s.t_interval(d), 0.5)
    assert found == s.CLEAR_IMPROVEMENT


# one pair, agreement


def test_reliable_change() -> None:
    found = s.reliable_change(0.8, 0.85)
    assert (found.sem, found.person, found.pair) == near(0.309839, 0.858829, 0.607284)
    assert s.reliable_change(0.8, 1.0) == s.ReliableChange(0, 0, 0)


def test_cronbach_alpha() -> None:
    assert agreement.cronbach_alpha([[1, 1], [2, 2], [4, 4]]) == pytest.approx(1)
    assert agreement.cronbach_alpha([[1, 2], [2, 1], [3, 3], [NAN, 5]]) == pytest.approx(2 * (1 - 2 / 3))
    assert math.isnan(agreement.cronbach_alpha([[1], [2], [3]]))
    assert math.isnan(agreement.cronbach_alpha([[1, 3], [2, 2], [3, 1]]))
    assert math.isnan(agreement.cronbach_alpha([[1, 3], [NAN, 2]]))


def test_cohen_kappa() -> None:
    assert agreement.cohen_kappa([0] * 9 + [1], [0] * 8 + [1, 0]) == near(-0.111111, rel=2e-5)
    assert agreement.cohen_kappa(["a", "b", "a", None], ["a", "b", "a", "b"]) == 1
    assert agreement.cohen_kappa(["", "good", NAN], ["", "good", "good"]) == 1
    assert math.isnan(agreement.cohen_kappa(["a"] * 5, ["a"] * 5))
    assert math.isnan(agreement.cohen_kappa([], []))
    with pytest.raises(ValueError, match="shorter"):
        agreement.cohen_kappa(["a", "b"], ["a"])


def test_krippendorff_nominal() -> None:
    assert agreement.krippendorff_nominal([[0] * 9 + [1], [0] * 8 + [1, 0]]) == near(-0.055556, rel=1e-5)
    assert agreement.krippendorff_nominal([["a", "b", "c"], ["a", "b", "c"]]) == 1
    assert math.isnan(agreement.krippendorff_nominal([["a", "a"], ["a", "a"]]))
    assert math.isnan(agreement.krippendorff_nominal([["a", None], [None, "b"]]))
    lonely = [["a", "b", "a", None], ["a", "b", "b", "c"]]
    assert agreement.krippendorff_nominal(lonely) == agreement.krippendorff_nominal([row[:3] for row in lonely])


@given(st.lists(st.tuples(*[st.sampled_from("abc")] * 2), min_size=1, max_size=20))
def test_agreement_does_not_depend_on_who_is_first_or_on_the_order(units: list[tuple[str, str]]) -> None:
    a, b = zip(*units, strict=True)
    c, d = zip(*sorted(units), strict=True)
    assert agreement.cohen_kappa(a, b) == pytest.approx(agreement.cohen_kappa(d, c), nan_ok=True)
    assert agreement.krippendorff_nominal([a, b]) == pytest.approx(agreement.krippendorff_nominal([d, c]), nan_ok=True)


# published values beside the project


def published(name: str) -> dict[str, Any]:
    if not (DATA / "expected.json").is_file():
        pytest.skip("the published values are not beside the project")
    cases = {case["id"]: case for case in json.loads((DATA / "expected.json").read_text(encoding="utf-8"))}
    found: dict[str, Any] = cases[name]
    return found


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_published_paired_t() -> None:
    case = published("sleep_paired_t")
    d = [float(row["Dextro"]) - float(row["Laevo"]) for row in rows_of(case["file"])]
    found = s.t_interval(d)
    assert found.estimate == pytest.approx(case["expected"]["mean_diff"])
    assert ends(found) == near(*case["expected"]["ci95"], rel=1e-6)


def test_published_paired_t_with_a_missing_value() -> None:
    case = published("ttest_missing")
    d = [x - y for x, y in zip([5.5, 2.4, NAN, 9.6, 4.2], [6.4, 3.4, 6.4, 11.0, 4.8], strict=True)]
    assert ends(s.t_interval(d)) == pytest.approx(case["expected"]["CI95"], abs=0.005)


def test_published_signed_rank_with_ties() -> None:
    case = published("wilcoxon_pingouin")
    d = [float(row["x"]) - float(row["y"]) for row in rows_of(case["file"])]
    kept = [x for x in d if x]
    assert len(d) - len(kept) == 1
    found = s.signed_rank(kept)  # the published one drops zeros before ranking
    assert min(found.w_plus, found.w_minus) == case["expected"]["W"]
    assert found.p == pytest.approx(case["expected"]["p"], abs=5e-7)
    assert s.rank_biserial(kept) == pytest.approx(case["expected"]["RBC"], abs=5e-7)


def test_published_rank_sums() -> None:
    case = published("wilcoxon_R")
    kept = [x for x in (float(row["x"]) - float(row["y"]) for row in rows_of(case["file"])) if x]
    found = s.signed_rank(kept)
    assert min(found.w_plus, found.w_minus) == case["expected"]["W"]
    assert found.p == float(enumerated(kept))  # R's own p is the normal approximation


@pytest.mark.parametrize(
    ("name", "b", "c", "field"),
    [("mcnemar_pingouin", 40, 8, "p_exact"), ("mcnemar_R", 15, 19, "p_binom")],
)
def test_published_mcnemar(name: str, b: int, c: int, field: str) -> None:
    case = published(name)
    tolerance = 5e-7 if field == "p_exact" else 1e-12
    assert s.mcnemar(b, c).exact == pytest.approx(case["expected"][field], abs=tolerance)
    if name == "mcnemar_pingouin":
        answers = [(row["treatment_X"], row["treatment_Y"]) for row in rows_of(case["file"])]
        assert (answers.count(("False", "True")), answers.count(("True", "False"))) == (b, c)


def test_published_mcnemar_of_a_before_after_table() -> None:
    case = published("anderson_rain_barrel")
    assert s.mcnemar(17, 5).exact == pytest.approx(case["check_here"]["p_exact"], rel=1e-12)


def test_published_cohen_kappa() -> None:
    case = published("cohen_3x3_abstractors")
    a, b = [], []
    for row in rows_of(case["file"]):
        for other in ("Ectopic", "AIU", "NIU"):
            a += [row["Type"]] * int(row[other])
            b += [other] * int(row[other])
    assert agreement.cohen_kappa(a, b) == pytest.approx(case["expected"]["cohen_kappa"], abs=5e-8)
    assert agreement.krippendorff_nominal([a, b]) == pytest.approx(case["expected"]["krippendorff_alpha"], abs=5e-8)


@pytest.mark.parametrize(
    ("name", "field", "tolerance"),
    [("krippendorff_4raters", "nominal_irrCAC", 5e-6), ("krippendorff_3coders", "nominal", 5e-7)],
)
def test_published_krippendorff(name: str, field: str, tolerance: float) -> None:
    case = published(name)
    coders = [key for key in rows_of(case["file"])[0] if key != "Units"]
    table = [[row[coder] or None for row in rows_of(case["file"])] for coder in coders]
    assert agreement.krippendorff_nominal(table) == pytest.approx(case["expected"][field], abs=tolerance)


def test_published_krippendorff_of_six_raters() -> None:
    case = published("fleiss_distrib6")
    units = [
        [code for code, count in row.items() if code != "Subject" for _ in range(int(count))]
        for row in rows_of(case["file"])
    ]
    found = agreement.krippendorff_nominal(list(zip(*units, strict=True)))
    assert found == pytest.approx(case["expected"]["krippendorff_alpha"], abs=5e-8)


def test_published_cronbach() -> None:
    case = published("cronbach_wide_missing")
    items = [[float(cell) if cell else NAN for cell in row.values()] for row in rows_of(case["file"])]
    assert agreement.cronbach_alpha(items) == pytest.approx(case["expected"]["listwise"][0], rel=1e-12)


def test_published_likert_before_and_after() -> None:
    """The set's own note gives W 3.5 with zeros dropped and t -3.16; pairs are matched by student."""
    case = published("pooh_likert")
    at: dict[str, dict[str, float]] = {"1": {}, "2": {}}
    for row in rows_of(case["file"]):
        at[row["Time"]][row["Student"]] = float(row["Likert"])
    d = [at["1"][who] - at["2"][who] for who in sorted(at["1"])]
    kept = s.signed_rank([x for x in d if x])
    assert min(kept.w_plus, kept.w_minus) == case["check_here"]["W"]
    assert s.signed_rank(d).p == float(enumerated(d))
