"""How far coders, or the items of a scale, agree: pure functions, arrays in, figures out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NAN = float("nan")


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
