"""How far coders, or the items of a scale, agree: pure functions, arrays in, figures out."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from auditkit.statistics import NAN, Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

FEWEST_UNITS = 30
"""Answers coded twice, below which nothing but counts is given."""

FEWEST_POSITIVES = 5
"""Answers that at least one coder gives a theme, below which the theme has counts alone."""

FEWEST_PEOPLE = 10
"""Respondents below whom nothing can be resampled, so that a figure has no interval."""

RELY, TENTATIVE = 0.8, 0.667
"""Krippendorff's guidance for alpha: rely on it from the first, tentative from the second."""

GUIDANCE = ("rely on it", "tentative", "not reliable")

DRAWS = 2000
DEFINED = 0.9  # share of the draws that must have a figure, for an interval to be given
PLACES = 12  # decimals that figures are compared at

TOO_FEW = "too few to judge"
NOT_USED = "not used"
TOO_RARE = "too rare: counts only"
ONE_CODE = "one code for everything: undefined"
NO_INTERVAL = "no interval"
MAY_BE_LUCK = "this can be luck"

UNKNOWN = Interval(NAN)


@dataclass(frozen=True)
class Agreement:
    """How far two coders agree that a theme is there; over all themes, each answer and theme counts.

    ``both``, ``first``, ``second``, ``neither``: answers that both coders give the theme, only the first, only
    the second, neither. ``raw``, ``positive``, ``kappa``, ``alpha``: NaN where there is no figure to give;
    ``note`` then says why. Without ends where all draws were alike, or fewer than FEWEST_PEOPLE answered.
    """

    both: int
    first: int
    second: int
    neither: int
    raw: Interval = UNKNOWN
    positive: Interval = UNKNOWN
    kappa: Interval = UNKNOWN
    alpha: Interval = UNKNOWN
    note: str = ""

    @property
    def guidance(self) -> str:
        """What alpha lets a reader do, by Krippendorff; empty where there is no alpha."""
        return guidance(self.alpha.estimate)

    @property
    def may_be_luck(self) -> bool:
        """A good alpha without an interval, or with one that reaches below what is tentative."""
        return self.alpha.estimate >= RELY and (self.alpha.low is None or self.alpha.low < TENTATIVE)


def guidance(alpha: float) -> str:
    """The words for an alpha, decided on the unrounded value: from .800 "rely on it", from .667 "tentative",
    below "not reliable"; empty for NaN. Source: Krippendorff 2004, Content Analysis, chapter 11.
    """
    if math.isnan(alpha):
        return ""
    return GUIDANCE[0] if alpha >= RELY else GUIDANCE[1] if alpha >= TENTATIVE else GUIDANCE[2]


def agreements(first: ArrayLike, second: ArrayLike, people: Sequence[Hashable]) -> tuple[list[Agreement], Agreement]:
    """Agreement of two coders on each theme, and over all themes.

    ``first``, ``second``: answers by themes, true where that coder gives the answer the theme; nothing is
    missing. ``people``: who wrote each answer. With a answers given the theme by both, b and c by one coder
    alone, d by neither, n in all:

    - raw = (a + d) / n. positive = 2a / (2a + b + c), Dice's measure (Cicchetti and Feinstein 1990).
    - kappa and alpha as in ``cohen_kappa`` and ``krippendorff_nominal``.
    - over all themes: raw and positive of the summed counts; kappa and alpha pooled, that is with observed and
      expected (dis)agreement averaged over the themes before they are divided (de Vries and others 2008 for
      kappa). Cells thrown together would count as agreement that both know which themes are frequent.

    Fewer than FEWEST_UNITS answers, or of a theme fewer than FEWEST_POSITIVES with it by either coder: counts
    alone. One code for everything: kappa and alpha are NaN.

    Intervals, 95 %: bias-corrected and accelerated bootstrap (Efron 1987), widened for few people as a t interval
    is (Hesterberg 2015). DRAWS draws of people, each with all their answers, because the answers of one person are
    not independent (Kang and others 2013; for alpha Zapf and others 2016). Seeded from the counts themselves: the
    order of the answers, and what people are called, change nothing. No interval below FEWEST_PEOPLE, where every
    draw is alike, or where a tenth of the draws has no figure. Raises ValueError where the shapes differ.
    """
    import numpy as np

    x, y = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if x.ndim != 2 or x.shape != y.shape or len(x) != len(people):
        raise ValueError(f"{x.shape} codes by the first, {y.shape} by the second, {len(people)} people")
    cells = np.stack([x & y, x & ~y, ~x & y, ~x & ~y], axis=-1).astype(float)
    _, person = np.unique([repr(one) for one in people], return_inverse=True)
    counts = np.zeros((int(person.max(initial=-1)) + 1, *cells.shape[1:]))
    np.add.at(counts, person, cells)
    draws = _Draws(counts) if len(x) >= FEWEST_UNITS else None
    themes = []
    for k in range(x.shape[1]):
        one, other = x[:, k].tolist(), y[:, k].tolist()
        beyond_chance = (cohen_kappa(one, other), krippendorff_nominal([one, other]))
        themes.append(_agreement(counts[:, [k]], beyond_chance, draws.of([k]) if draws else None))
    pooled = tuple(_figures(counts.sum(axis=0))[2:].tolist())
    return themes, _agreement(counts, pooled, draws.of(range(x.shape[1])) if draws else None)


def cronbach_alpha(items: ArrayLike) -> float:
    """Internal consistency of a scale, k / (k - 1) (1 - sum of the items' variances / variance of the sums).

    ``items``: a row a respondent, a column an item, reversed items turned. Respondents with a NaN are left
    out. NaN with fewer than two items or two respondents, or sums without spread. At most 1, may be negative.
    Source: Cronbach 1951.
    """
    import numpy as np

    rows = np.asarray(items, dtype=float)
    rows = rows[~np.isnan(rows).any(axis=1)]
    k = rows.shape[1]
    sums = rows.sum(axis=1)
    if k < 2 or len(rows) < 2 or sums.max() == sums.min():
        return NAN
    own = math.fsum(float(item.var(ddof=1)) for item in rows.T)
    return float(k / (k - 1) * (1 - own / float(sums.var(ddof=1))))


def cohen_kappa(a: Sequence[Hashable], b: Sequence[Hashable]) -> float:
    """Agreement of two coders beyond chance, (observed - expected) / (1 - expected), unweighted.

    ``a[i]`` and ``b[i]`` are the two codes of a unit; units with a None or NaN are dropped. NaN with no unit
    left, or one code for everything. Range -1 to 1. Raises ValueError where the lengths differ.
    Source: Cohen 1960.
    """
    both = [(x, y) for x, y in zip(a, b, strict=True) if not _missing(x) and not _missing(y)]
    first, second = Counter(x for x, _ in both), Counter(y for _, y in both)
    observed = len(both) * sum(x == y for x, y in both)
    expected = sum(count * second[code] for code, count in first.items())
    whole = len(both) ** 2
    return (observed - expected) / (whole - expected) if whole > expected else NAN


def krippendorff_nominal(table: Sequence[Sequence[Hashable]]) -> float:
    """Krippendorff's alpha for unordered codes, 1 - observed / expected disagreement.

    ``table``: a row a coder, a column a unit; None or NaN = not coded. Units with fewer than two codes are
    dropped. NaN with no unit left, or one code for everything. At most 1, may be negative.
    Source: Krippendorff 2011, Computing Krippendorff's alpha-reliability.
    """
    units = [Counter(code for code in unit if not _missing(code)) for unit in zip(*table, strict=True)]
    units = [unit for unit in units if unit.total() > 1]
    codes = sum(units, Counter[Hashable]())
    n = codes.total()
    expected = n**2 - sum(count**2 for count in codes.values())
    if not expected:
        return NAN
    observed = math.fsum(
        (unit.total() ** 2 - sum(count**2 for count in unit.values())) / (unit.total() - 1) for unit in units
    )
    return 1 - (n - 1) * observed / expected


def _missing(code: Hashable) -> bool:
    return code is None or code != code


class _Draws:
    """People drawn with replacement, as often as there are; the same draws for every figure of a table."""

    def __init__(self, counts: Values) -> None:
        """``counts``: people by themes by both, first, second, neither."""
        import numpy as np

        flat = counts.reshape(len(counts), -1)
        ordered = flat[np.lexsort(flat.T[::-1])] if flat.size else flat
        self.counts = ordered.reshape(counts.shape)
        people = len(counts)
        seed = hashlib.sha256(np.ascontiguousarray(ordered, dtype="<i8").tobytes()).digest()
        drawn = np.frombuffer(Random(seed).randbytes(4 * DRAWS * people), dtype="<u4") % people
        place = np.repeat(np.arange(DRAWS), people) * people + drawn
        self.times = np.bincount(place, minlength=DRAWS * people).reshape(DRAWS, people)

    def of(self, themes: Sequence[int]) -> list[Interval]:
        """Intervals of raw, positive, kappa and alpha, pooled over these themes."""
        counts = self.counts[:, list(themes)]
        if len(counts) < FEWEST_PEOPLE:
            return [UNKNOWN] * 4
        drawn = (self.times @ counts.reshape(len(counts), -1)).reshape(DRAWS, *counts.shape[1:])
        whole = counts.sum(axis=0)
        found = (_figures(whole), _figures(drawn), _figures(whole - counts))
        return [_bca(float(found[0][k]), found[1][:, k], found[2][:, k]) for k in range(4)]


def _agreement(counts: Values, beyond_chance: Sequence[float], intervals: Sequence[Interval] | None) -> Agreement:
    """``counts``: people by themes by 4; ``beyond_chance``: kappa and alpha; ``intervals``: None for too few units."""
    both, first, second, neither = (int(count) for count in counts.sum(axis=(0, 1)))
    table = (both, first, second, neither)
    if intervals is None:
        return Agreement(*table, note=TOO_FEW)
    if both + first + second < FEWEST_POSITIVES:
        return Agreement(*table, note=TOO_RARE if both + first + second else NOT_USED)
    estimates = (*_figures(counts.sum(axis=0))[:2].tolist(), *beyond_chance)
    raw, positive, kappa, alpha = (
        UNKNOWN if math.isnan(estimate) else Interval(estimate, ends.low, ends.high)
        for estimate, ends in zip(estimates, intervals, strict=True)
    )
    note = ONE_CODE if math.isnan(alpha.estimate) else NO_INTERVAL if alpha.low is None else ""
    return Agreement(*table, raw, positive, kappa, alpha, note)


def _figures(counts: Values) -> Values:
    """(..., themes, 4 counts) to (..., 4): raw, positive, kappa and alpha, pooled over the themes."""
    import numpy as np

    a, b, c, d = np.moveaxis(counts, -1, 0)
    n = a + b + c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = (a + d).sum(-1) / n.sum(-1)
        positive = 2 * a.sum(-1) / (2 * a + b + c).sum(-1)
        by_chance = (((a + b) * (a + c) + (c + d) * (b + d)) / n**2).sum(-1)
        kappa = (((a + d) / n).sum(-1) - by_chance) / (n.shape[-1] - by_chance)
        present, codes = 2 * a + b + c, 2 * n
        expected = (2 * present * (codes - present) / (codes * (codes - 1))).sum(-1)
        alpha = np.where(expected > 0, 1 - ((b + c) / n).sum(-1) / expected, np.nan)
        kappa = np.where(by_chance < n.shape[-1], kappa, np.nan)
    return np.stack([raw, positive, kappa, alpha], axis=-1).round(PLACES)


def _bca(estimate: float, drawn: Values, without: Values) -> Interval:
    """``drawn``: the figure in each draw; ``without``: the figure with each person left out."""
    import numpy as np
    from scipy.special import ndtr, ndtri, stdtrit

    known, without = drawn[~np.isnan(drawn)], without[~np.isnan(without)]
    if math.isnan(estimate) or len(known) < DEFINED * len(drawn) or known.min() == known.max():
        return Interval(estimate)
    below = float((known < estimate).mean() + (known == estimate).mean() / 2)
    bias = float(ndtri(min(max(below, 1 / len(known)), 1 - 1 / len(known))))
    away = without.mean() - without
    spread = float((away**2).sum())
    lean = float((away**3).sum()) / (6 * spread**1.5) if spread else 0.0
    people = len(without)
    reach = float(stdtrit(people - 1, 0.975)) * math.sqrt(people / (people - 1))
    ends = [float(ndtr(bias + (bias + z) / (1 - lean * (bias + z)))) for z in (-reach, reach)]
    low, high = np.quantile(known, ends)
    return Interval(estimate, float(low), float(high))
