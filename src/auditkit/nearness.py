"""How near themes lie to each other: distances, the tree that they make, and a map of them on paper.

No seed and no chance anywhere: the same distances give the same tree and the same map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

STEPS = 300  # of fitting the map, which settles long before
DIGITS = 6


@dataclass(frozen=True)
class Branch:
    """A node of the tree: a theme, or two branches that join at ``height`` (0 is the same, 2 the opposite)."""

    themes: tuple[str, ...]
    height: float = 0.0
    parts: tuple[Branch, Branch] | None = None


def distances(members: Mapping[str, Sequence[int]], vectors: np.ndarray) -> list[tuple[str, str, float]]:
    """Theme, other theme and distance, 0 to 2, of the mean answers of themes, each pair once.

    ``members`` are rows of ``vectors`` (n, d), whose order must not depend on that of the spreadsheet. The mean
    of all answers is taken off first; the distance is that between mean directions, so its square is twice one
    minus their cosine.
    """
    import numpy as np

    from auditkit import topics

    names = sorted(name for name, rows in members.items() if len(rows))
    if not names:
        return []
    centred = topics.unit(vectors - vectors.mean(0))
    centres = topics.unit(np.stack([centred[sorted(members[name])].mean(0) for name in names]))
    apart = np.sqrt(np.clip(2 - 2 * centres @ centres.T, 0, None))
    return [
        (one, other, round(float(apart[i, j]), DIGITS))
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if i < j
    ]


def square(names: Sequence[str], pairs: Sequence[tuple[str, str, float]]) -> np.ndarray:
    """The distances between these themes as a table (k, k), in the order of the names."""
    import numpy as np

    at = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(names), len(names)))
    for one, other, distance in pairs:
        if one in at and other in at:
            table[at[one], at[other]] = table[at[other], at[one]] = distance
    return table


def tree(names: Sequence[str], apart: np.ndarray) -> Branch | None:
    """Themes joined two by two by Ward's rule, the likest first; None without a theme.

    ``names`` stand in the order in which they matter: of two branches the one with the earlier name comes
    first, and where distances are equal the earlier names join first.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    if not names:
        return None
    branches = [Branch((name,)) for name in names]
    place = {name: number for number, name in enumerate(names)}
    if len(names) > 1:
        for one, other, height, _ in linkage(squareform(apart, checks=False), "ward"):
            parts = sorted((branches[int(one)], branches[int(other)]), key=lambda part: place[part.themes[0]])
            below = max(part.height for part in parts)
            joined = tuple(name for part in parts for name in part.themes)
            branches.append(Branch(joined, max(round(float(height), DIGITS), below), (parts[0], parts[1])))
    return branches[-1]


def layout(apart: np.ndarray) -> np.ndarray:
    """Places (k, 2) whose distances come as near to those given as a plane allows, around 0.

    Begins with classical scaling (Torgerson 1952) and improves it by majorisation (SMACOF, de Leeuw 1977). Each
    axis is turned so that the place farthest out along it is positive, the earlier where two are.
    """
    import numpy as np

    k = len(apart)
    places = np.zeros((k, 2))
    if k < 2:
        return places
    centring = np.eye(k) - 1 / k
    values, vectors = np.linalg.eigh(-centring @ apart**2 @ centring / 2)
    for axis in range(min(2, k - 1)):
        places[:, axis] = vectors[:, -1 - axis] * max(values[-1 - axis], 0) ** 0.5
    places = _turned(places)
    for _ in range(STEPS):
        between = np.linalg.norm(places[:, None] - places[None], axis=2)
        ratio = np.divide(apart, between, out=np.zeros_like(apart), where=between > 1e-9)
        moved = -ratio
        np.fill_diagonal(moved, ratio.sum(1))
        places = moved @ places / k
    return np.round(_turned(places), DIGITS)


def misfit(apart: np.ndarray, places: np.ndarray) -> float:
    """Share of the distances that the map gets wrong, 0 to 1: Kruskal's stress, its first form."""
    import numpy as np

    between = np.linalg.norm(places[:, None] - places[None], axis=2)
    total = float((between**2).sum())
    return float(((apart - between) ** 2).sum() / total) ** 0.5 if total else 0.0


def _turned(places: np.ndarray) -> np.ndarray:
    """The places, widest along the first axis, with the sign of each axis fixed."""
    import numpy as np

    centred = places - places.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    turned = centred @ axes[:, ::-1]
    for axis in range(turned.shape[1]):
        along = np.round(turned[:, axis], DIGITS)
        if along[np.abs(along).argmax()] < 0:
            turned[:, axis] *= -1
    result: np.ndarray = turned
    return result
