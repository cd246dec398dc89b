"""The figures of a small paired audit: exact tests, intervals, effect sizes, fixed verdicts.

Arrays in, floats or small frozen dataclasses out. Nothing here depends on the order of its input: sums are
rounded once (``math.fsum``) and nothing is seeded. A figure that cannot be worked out is NaN, an interval
that cannot be is None at both ends. Intervals are at 95 % unless the function says otherwise. Differences
are compared after rounding to 9 decimals, so that the noise of a subtraction makes no tie or zero vanish.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

NAN = float("nan")

LEVEL = 0.05
"""Error level of a two-sided test after Holm."""

Z = 1.959963984540054
"""Normal quantile of a 95 % interval."""

RELIABLE = 1.96
"""The quantile as Jacobson and Truax print it."""

PLACES = 9
"""Decimals that differences are compared at."""

LEAST_PAIRS = 5
"""Pairs below which their change is not put in numbers."""

TOO_FEW_PAIRS = "too few pairs to describe change in numbers"
DESCRIBED_ONLY = "described only: {up} up, {same} same, {down} down"
CLEAR_IMPROVEMENT = "clear improvement between the rounds"
CLEAR_WORSENING = "clear worsening between the rounds"
SMALL_IMPROVEMENT = "small but consistent improvement"
SMALL_WORSENING = "small but consistent worsening"
POSSIBLE_IMPROVEMENT = "possible improvement: too few pairs to be sure"
POSSIBLE_WORSENING = "possible worsening: too few pairs to be sure"
LITTLE_CHANGE = "little or no change"
UNCLEAR = "unclear"


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its interval; both ends None where there is no interval to give."""

    estimate: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class SignedRank:
    """Result of ``signed_rank``. ``floor``: the smallest p that so many non-zero differences can give."""

    n: int
    n_nonzero: int
    w_plus: float
    w_minus: float
    p: float
    floor: float


@dataclass(frozen=True)
class ReliableChange:
    """Points a person, or the mean of a pair, must move to be beyond measurement error; ``sem`` likewise."""

    sem: float
    person: float
    pair: float


class McNemar(NamedTuple):
    """Two-sided p values of ``mcnemar``."""

    exact: float
    mid_p: float


def signed_rank(d: ArrayLike) -> SignedRank:
    """Exact two-sided Wilcoxon signed-rank test of differences.

    Formula: |d| ranked with the zeros, whose ranks are then dropped (Pratt 1959); ties get their mean rank.
    p = 2 P(W <= min(W+, W-)), at most 1, with every sign pattern of the non-zero differences equally likely
    given their ranks. Counted by dynamic programming over doubled ranks: exact up to 53 non-zero differences,
    beyond that to about 13 digits. NaN is dropped. All zero: p = 1. Range of p: floor to 1, where
    floor = 2 / 2^n_nonzero. (scipy.stats.wilcoxon is wrong or approximate with zeros or ties.)
    """
    import numpy as np

    x = _values(d).round(PLACES)
    signed = _signed_ranks(x)
    nonzero = int((x != 0).sum())
    w_plus, w_minus = float(signed[signed > 0].sum()), float(-signed[signed < 0].sum())
    reach = round(2 * min(w_plus, w_minus))
    chance = np.zeros(reach + 1)
    chance[0] = 1.0
    for rank in sorted(round(2 * abs(float(r))) for r in signed[signed != 0]):
        half = chance / 2
        chance = half.copy()
        chance[rank:] += half[: max(len(half) - rank, 0)]
    p = min(1.0, 2 * math.fsum(chance.tolist()))
    return SignedRank(len(x), nonzero, w_plus, w_minus, p, _floor(nonzero))


def rank_biserial(d: ArrayLike) -> float:
    """Matched-pairs rank-biserial correlation, (W+ - W-) / (n (n + 1) / 2).

    Ranks as in ``signed_rank``; n counts the zeros too, so that one pair up and nine unchanged is .18 and
    not 1. NaN is dropped; no difference at all: NaN. Range -1 to 1. Source: Kerby 2014, zeros after Pratt.
    """
    x = _values(d).round(PLACES)
    return float(_signed_ranks(x).sum()) / (len(x) * (len(x) + 1) / 2) if len(x) else NAN


def t_interval(d: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of the differences with its t interval, mean -+ t(n - 1) s / sqrt(n).

    NaN is dropped. Fewer than two values, or all equal: the mean without an interval; no value: NaN.
    """
    from scipy.special import stdtrit

    x = _values(d)
    mean = _mean(x)
    if len(x) < 2 or _all_equal(x):
        return Interval(mean)
    half = float(stdtrit(len(x) - 1, (1 + level) / 2)) * math.sqrt(_variance(x) / len(x))
    return Interval(mean, mean - half, mean + half)


def d_av(before: ArrayLike, after: ArrayLike) -> float:
    """Standardised mean change, mean(after - before) / sqrt((s1^2 + s2^2) / 2).

    Pairs with a NaN are dropped. NaN with fewer than two pairs or no spread in either round.
    Source: Lakens 2013 for d_av, with the root mean square of the two standard deviations.
    """
    x, y = _paired(before, after)
    if len(x) < 2 or (_all_equal(x) and _all_equal(y)):
        return NAN
    return _mean(y - x) / math.sqrt((_variance(x) + _variance(y)) / 2)


def g_av(before: ArrayLike, after: ArrayLike) -> float:
    """``d_av`` corrected for small samples: J d_av, J = 1 - 3 / (4 (n - 1) - 1), n pairs.

    NaN below three pairs, where J is 0. Source: Hedges's correction in Lakens 2013, with n - 1.
    """
    n = len(_paired(before, after)[0])
    return d_av(before, after) * (1 - 3 / (4 * (n - 1) - 1)) if n > 2 else NAN


def mcnemar(b: int, c: int) -> McNemar:
    """McNemar's test of ``b`` pairs that changed one way and ``c`` the other, exact and mid-p.

    exact = min(1, 2 P(X <= min(b, c))), X binomial(b + c, 1/2); mid_p = exact - P(X = min(b, c)).
    No discordant pair: both 1. Range 0 to 1. Source: Fagerland, Lydersen and Laake 2013.
    """
    total, fewer = b + c, min(b, c)
    if total == 0:
        return McNemar(1.0, 1.0)
    whole = 2**total
    exact = min(whole, 2 * sum(math.comb(total, k) for k in range(fewer + 1)))
    return McNemar(exact / whole, (exact - math.comb(total, fewer)) / whole)


def bonett_price(b: int, c: int, n: int) -> Interval:
    """Difference of two paired shares, (b - c) / n, with the Bonett-Price adjusted Wald interval.

    ``b``: pairs of ``n`` that have it only after, ``c``: only before. With p12 = (b + 1) / (n + 2) and
    p21 = (c + 1) / (n + 2): p12 - p21 -+ z sqrt((p12 + p21 - (p12 - p21)^2) / (n + 2)), cut at -1 and 1.
    No pair: NaN. Source: Bonett and Price 2012; Fagerland, Lydersen and Laake 2014.
    """
    if n == 0:
        return Interval(NAN)
    gained, lost = (b + 1) / (n + 2), (c + 1) / (n + 2)
    middle = gained - lost
    half = Z * math.sqrt((gained + lost - middle**2) / (n + 2))
    return Interval((b - c) / n, max(-1.0, middle - half), min(1.0, middle + half))


def odds_ratio(b: int, c: int) -> Interval:
    """Conditional odds ratio of paired yes/no answers, b / c.

    Interval: Clopper-Pearson for b / (b + c), each end p turned to p / (1 - p). Infinite where ``c`` is 0;
    NaN with no discordant pair. Range 0 to infinity.
    """
    from scipy.special import betaincinv

    if b + c == 0:
        return Interval(NAN)
    low = float(betaincinv(b, c + 1, 0.025)) if b else 0.0
    high = float(betaincinv(b + 1, c, 0.975)) if c else 1.0
    return Interval(_ratio(b, c), _ratio(low, 1 - low), _ratio(high, 1 - high))


def wilson(x: int, n: int) -> Interval:
    """A share x / n with Wilson's score interval.

    (x + z^2/2 -+ z sqrt(x (n - x) / n + z^2/4)) / (n + z^2). No one asked (n = 0): NaN. Range 0 to 1.
    Source: Wilson 1927; method 3 of Newcombe 1998.
    """
    if n == 0:
        return Interval(NAN)
    return Interval(x / n, *_score_ends(x, n))


def newcombe(x1: int, n1: int, x2: int, n2: int) -> Interval:
    """Difference of two independent shares, x2 / n2 - x1 / n1, with the hybrid score interval.

    With Wilson's (l1, u1) and (l2, u2): difference - sqrt((p2 - l2)^2 + (u1 - p1)^2) to
    difference + sqrt((u2 - p2)^2 + (p1 - l1)^2). An empty group: NaN. Range -1 to 1.
    Source: Newcombe 1998, method 10.
    """
    if n1 == 0 or n2 == 0:
        return Interval(NAN)
    p1, p2 = x1 / n1, x2 / n2
    (l1, u1), (l2, u2) = _score_ends(x1, n1), _score_ends(x2, n2)
    return Interval(p2 - p1, p2 - p1 - math.hypot(p2 - l2, u1 - p1), p2 - p1 + math.hypot(u2 - p2, p1 - l1))


def welch_interval(a: ArrayLike, b: ArrayLike) -> Interval:
    """Difference of two independent means, mean(b) - mean(a), with Welch's t interval.

    Degrees of freedom after Welch and Satterthwaite. NaN is dropped. An empty group: NaN; a group of one, or
    no spread in either: the difference without an interval. Source: Welch 1947.
    """
    from scipy.special import stdtrit

    x, y = _values(a), _values(b)
    change = _mean(y) - _mean(x)
    if min(len(x), len(y)) < 2 or (_all_equal(x) and _all_equal(y)):
        return Interval(change)
    first, second = _variance(x) / len(x), _variance(y) / len(y)
    df = (first + second) ** 2 / (first**2 / (len(x) - 1) + second**2 / (len(y) - 1))
    half = float(stdtrit(df, 0.975)) * math.sqrt(first + second)
    return Interval(change, change - half, change + half)


def cliffs_delta(a: ArrayLike, b: ArrayLike) -> float:
    """How much more often ``b`` lies above ``a`` than below: P(b > a) - P(b < a) over all couples.

    Equals 2U / (n1 n2) - 1; ties count for neither side. NaN is dropped; an empty group: NaN.
    Range -1 to 1. Source: Cliff 1993.
    """
    import numpy as np

    x, y = np.sort(_values(a).round(PLACES)), _values(b).round(PLACES)
    if not len(x) or not len(y):
        return NAN
    below = int(np.searchsorted(x, y, side="left").sum())
    above = len(x) * len(y) - int(np.searchsorted(x, y, side="right").sum())
    return (below - above) / (len(x) * len(y))


def holm(ps: Sequence[float], m: int | None = None) -> list[float]:
    """Holm's step-down adjusted p values, in the order given.

    The i-th smallest becomes max over j <= i of (m - j + 1) p_j, at most 1. ``m``: tests in the family, also
    those that could not be made; default: the p values that are not NaN. NaN stays NaN.
    Raises ValueError where there are more p values than ``m``. Source: Holm 1979.
    """
    known = sorted((p, place) for place, p in enumerate(ps) if not math.isnan(p))
    family = len(known) if m is None else m
    if len(known) > family:
        raise ValueError(f"{len(known)} p values in a family of {family}")
    adjusted, highest = [NAN] * len(ps), 0.0
    for step, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, (family - step) * p))
        adjusted[place] = highest
    return adjusted


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Benjamini-Hochberg adjusted p values (false discovery rate), in the order given.

    The i-th smallest of k becomes min over j >= i of k p_j / j. NaN stays NaN and is not counted.
    Source: Benjamini and Hochberg 1995.
    """
    known = sorted((p, place) for place, p in enumerate(ps) if not math.isnan(p))
    adjusted, lowest = [NAN] * len(ps), 1.0
    for step in range(len(known), 0, -1):
        p, place = known[step - 1]
        lowest = min(lowest, p * (len(known) / step))
        adjusted[place] = lowest
    return adjusted


def verdict(
    n_pairs: int,
    d: ArrayLike,
    p_adjusted: float,
    m: int,
    interval: Interval,
    sesoi: float,
    up_is_good: bool = True,
) -> str:
    """The fixed words for the change of one main question.

    ``d``: the pairs' differences; ``p_adjusted``: Holm over ``m`` main questions, NaN where not tested;
    ``interval``: of their mean, without ends where all are equal (the mean then stands for both);
    ``sesoi``: smallest change that matters, in the unit of ``d``. Below five pairs: too few. No test, or
    so few non-zero differences (five or fewer, for one) that 2 / 2^n_nonzero times ``m`` is above .05:
    described only, by counts.
    p <= .05 and the interval beyond 0: clear from ``sesoi`` on, else small but consistent. p > .05: possible
    from ``sesoi`` on, little or no change with the interval inside -+ ``sesoi``. Anything else: unclear.
    Decided on unrounded values, but for the noise below 8 decimals.
    """
    if n_pairs < LEAST_PAIRS:
        return TOO_FEW_PAIRS
    x = _values(d).round(PLACES)
    up, down = int((x > 0).sum()), int((x < 0).sum())
    if math.isnan(p_adjusted) or m * _floor(up + down) > LEVEL:
        return DESCRIBED_ONLY.format(up=up, same=len(x) - up - down, down=down)
    mean, low, high = (
        round(interval.estimate if end is None else end, PLACES - 1)
        for end in (interval.estimate, interval.low, interval.high)
    )
    matters, better = abs(mean) >= sesoi, (mean > 0) == up_is_good
    if p_adjusted <= LEVEL and (low > 0 or high < 0):
        if matters:
            return CLEAR_IMPROVEMENT if better else CLEAR_WORSENING
        return SMALL_IMPROVEMENT if better else SMALL_WORSENING
    if p_adjusted > LEVEL and matters:
        return POSSIBLE_IMPROVEMENT if better else POSSIBLE_WORSENING
    if p_adjusted > LEVEL and -sesoi < low and high < sesoi:
        return LITTLE_CHANGE
    return UNCLEAR


def reliable_change(sd: float, reliability: float) -> ReliableChange:
    """Change beyond measurement error for one person and for the mean of two.

    sem = sd sqrt(1 - reliability); person = 1.96 sqrt(2) sem; pair = 1.96 sem, the errors of the two partners
    being independent. ``sd`` in scale points, ``reliability`` at most 1. Source: Jacobson and Truax 1991.
    """
    sem = sd * math.sqrt(1 - reliability)
    return ReliableChange(sem, RELIABLE * math.sqrt(2) * sem, RELIABLE * sem)


def _values(numbers: ArrayLike) -> Values:
    import numpy as np

    x: Values = np.asarray(numbers, dtype=float)
    return x[~np.isnan(x)]


def _paired(before: ArrayLike, after: ArrayLike) -> tuple[Values, Values]:
    import numpy as np

    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    known = ~np.isnan(x) & ~np.isnan(y)
    return x[known], y[known]


def _signed_ranks(x: Values) -> Values:
    """Mid-ranks of |x|, each with the sign of its x, 0 where x is 0."""
    import numpy as np

    _, place, counts = np.unique(np.abs(x), return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(np.sign(x) * ranks[place], dtype=float)


def _mean(x: Values) -> float:
    return math.fsum(x.tolist()) / len(x) if len(x) else NAN


def _variance(x: Values) -> float:
    return math.fsum(((x - _mean(x)) ** 2).tolist()) / (len(x) - 1)


def _all_equal(x: Values) -> bool:
    return len(x) > 0 and bool((x.round(PLACES) == x[0].round(PLACES)).all())


def _floor(nonzero: int) -> float:
    return min(1.0, math.ldexp(1.0, 1 - nonzero))


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else math.inf


def _score_ends(x: int, n: int) -> tuple[float, float]:
    half = Z * math.sqrt(x * (n - x) / n + Z**2 / 4)
    middle, scale = x + Z**2 / 2, n + Z**2
    return (middle - half) / scale if x else 0.0, (middle + half) / scale if x < n else 1.0
