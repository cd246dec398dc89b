"""What the codebook misses: themes suggested from the answers themselves.

BERTopic carries the search (``phrases``); its parts here are free of seeds and of the order of the rows: average
linkage on mean-removed cosine blended with word overlap, instead of UMAP and HDBSCAN.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from auditkit.engines import Engine
    from auditkit.topic_names import Name

FEWEST = 20  # answers below which groups of random words look like themes
SMALLEST = 3  # answers that make a group
OVERLAP = 0.5  # weight of shared words beside the cosine
LOOSE, FAIR, TIGHT = 0.25, 0.30, 0.40  # cohesion: 56-75 %, 72-80 %, 87-100 % of such groups share a human theme
COHESIVE_GROUPS, COHESIVE_SHARE = 2, 0.2  # how many groups must be that cohesive before any is shown
BROAD = 2.0  # granularity at which it is judged whether there are themes at all
LARGEST = 4000  # answers clustered at once, since memory grows with the square; the rest join the nearest group
FOLDS = 10  # parts of the respondents, each left out once to see which groups come again
JUDGED = 1500  # answers above which that is not tried
UNNAMED = "unnamed"
HALF = 0.5  # share of a group's answers that make it the same as another

NO_STRUCTURE = "too few answers say the same thing to suggest themes"
NO_GROUP = "the engine found no group of answers that holds together"
ALL_DECIDED = "every group that was found has been decided"


@dataclass(frozen=True)
class Suggestion:
    """A suggested theme: its name (phrases, nobody's sentence), how well it holds together, its answers.

    ``cohesion`` is the mean pairwise mean-removed cosine, ``strength`` its word, empty where a person put
    together what lies farther apart; ``gap`` how far it lies from the codebook (the lower, the newer); ``members``
    (the likest first) and ``central`` are positions in the texts that were given, ``nearest`` one in the codebook's
    texts, -1 without any. ``again``: in how many of ``folds`` searches, each without a part of the respondents, the
    group came again; ``folds`` is 0 where that was not tried.
    """

    label: str
    phrases: tuple[str, ...]
    cohesion: float
    strength: str
    gap: float
    members: tuple[int, ...]
    central: int
    nearest: int = -1
    again: int = 0
    folds: int = 0


@dataclass(frozen=True)
class Found:
    """Suggested themes, newest to the codebook first, or ``why`` there are none."""

    suggestions: tuple[Suggestion, ...]
    why: str = ""


def suggest(
    texts: Sequence[str],
    vectors: np.ndarray,
    known: np.ndarray,
    encode: Callable[[Sequence[str]], np.ndarray],
    *,
    labels: Collection[str] = (),
    granularity: float = 3.0,
    show: int = 10,
    engine: Engine | None = None,
    people: Sequence[str] = (),
    together: Sequence[Collection[int]] = (),
    without: Sequence[Collection[int]] = (),
    name: Name | None = None,
) -> Found:
    """Groups of answers, ranked by how little the codebook says about them, at most ``show``.

    ``vectors`` (n, d) belong to ``texts``; ``known`` (s, d) are the codebook's texts, ``labels`` its themes',
    none of which is used again. Row order changes nothing. Refuses, with the reason, below 20 answers and
    where too few groups hold together.

    ``engine`` groups the texts in place of the linkage. ``people`` (n) wrote them; without it, nobody is left
    out by way of trial. ``together`` and ``without`` are positions: of answers that a person put into one
    group, and of groups that a person has decided about. A group is meant where half of it lies in the set.
    ``name`` makes what a group is called by of its key phrases and the positions of its texts.
    """
    import numpy as np
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    from auditkit import phrases, topic_names

    if len(texts) < FEWEST:
        return Found((), f"too few answers to suggest themes: needs {FEWEST}, has {len(texts)}")
    order = canonical(texts)
    kept, rest = order[:LARGEST], order[LARGEST:]
    ordered = [texts[position] for position in kept]
    space = np.asarray(vectors, np.float64)[kept]
    mean = space.mean(0)
    centred = unit(space - mean)
    distances = between(ordered, space, centred)
    tree = linkage(squareform(distances, checks=False), "average")
    same = np.unique(space, axis=0, return_inverse=True)[1].ravel()
    different = int(same.max()) + 1
    if not _hold_together(centred, cluster(tree, different, BROAD)):
        return Found((), NO_STRUCTURE)
    first = cluster(tree, different, granularity) if engine is None else by_size(engine(ordered, space))
    times: list[int] = []
    if engine is None and len(texts) <= JUDGED and len(set(people)) >= FOLDS:
        fold = folds([people[position] for position in kept])
        times = came_again(distances, same, first, fold, granularity)
    groups, made = joined(first, _rows(together, kept))
    sizes = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
    cohesive = [cohesion(centred[members]) for members in sizes]
    worth = {number for number, value in enumerate(cohesive) if value >= LOOSE or number in made}
    if not worth:
        return Found((), NO_STRUCTURE if engine is None else NO_GROUP)
    left = worth - _within(groups, _rows(without, kept))
    if not left:
        return Found((), ALL_DECIDED)

    target = unit(np.asarray(known, np.float64) - mean) if len(known) else np.zeros((0, space.shape[1]))
    to_known = centred @ target.T
    fit = to_known.max(1) if len(target) else np.full(len(centred), -1.0)
    ranked = sorted((round(float(fit[sizes[number]].mean()) - cohesive[number], 6), number) for number in left)
    names = phrases.of_groups(ordered, space, groups, encode)
    others = _nearest(centred, sizes, unit(np.asarray(vectors, np.float64)[rest] - mean))
    name = name or topic_names.Names(texts, [str(place) for place in range(len(texts))]).phrases_of
    suggestions = []
    taken = {"none", *(label.casefold() for label in labels)}
    shown = [*ranked[:show], *(one for one in ranked[show:] if one[1] in made)]  # what a person made stays in sight
    for gap, number in shown:
        members = sizes[number]
        near = centred @ centred[members].mean(0)
        likest = members[np.argsort(-np.round(near[members], 6), kind="stable")]
        short = [position for position in likest if 3 <= len(ordered[position].split()) <= 12]
        tried = bool(times) and number not in made
        named = name(names.get(number, ()), [kept[member] for member in members])
        suggestions.append(
            Suggestion(
                label=_label(named, taken),
                phrases=named,
                cohesion=round(float(cohesive[number]), 4),
                strength=strength(cohesive[number]) if cohesive[number] >= LOOSE else "",
                gap=gap,
                members=(
                    *(kept[position] for position in likest),
                    *(rest[position] for position in np.flatnonzero(others == number)),
                ),
                central=kept[short[0] if short else likest[0]],
                nearest=int(np.round(to_known[members].mean(0), 6).argmax()) if len(target) else -1,
                again=times[first[members[0]]] if tried else 0,
                folds=FOLDS if tried else 0,
            )
        )
    return Found(tuple(suggestions))


def _rows(sets: Sequence[Collection[int]], kept: Sequence[int]) -> list[list[int]]:
    """Sets of positions in the texts as they were given, as rows of those that are clustered."""
    row = {position: number for number, position in enumerate(kept)}
    return [sorted(row[position] for position in one if position in row) for one in sets]


def _hold_together(centred: np.ndarray, groups: np.ndarray) -> bool:
    """Whether so many of the groups are cohesive that there is anything to suggest."""
    strong = [cohesion(centred[groups == group]) >= LOOSE for group in range(groups.max() + 1)]
    return sum(strong) >= max(COHESIVE_GROUPS, COHESIVE_SHARE * len(strong))


def strength(value: float) -> str:
    """Loose, fair or tight, from the cohesion of a group (measured for MiniLM-L6-v2 only)."""
    return "tight" if value >= TIGHT else "fair" if value >= FAIR else "loose"


def canonical(texts: Sequence[str]) -> list[int]:
    """Positions of the texts in an order that depends on nothing but the texts."""
    normal = [" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in texts]
    return sorted(
        range(len(texts)),
        key=lambda position: (hashlib.sha256(normal[position].encode()).hexdigest(), texts[position]),
    )


def between(texts: Sequence[str], vectors: np.ndarray, centred: np.ndarray) -> np.ndarray:
    """Distances (n, n): mean-removed cosine, blended with word overlap where both texts have words."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    from auditkit import phrases

    likeness = centred @ centred.T
    try:
        words = TfidfVectorizer(sublinear_tf=True, stop_words=phrases.stop_words()).fit_transform(texts)
    except ValueError:
        pass  # nothing but stop words: the meaning alone must do
    else:
        spoken = np.asarray(words.getnnz(1) > 0, float)
        weight = OVERLAP * np.outer(spoken, spoken)
        likeness = (likeness + weight * (words @ words.T).toarray()) / (1 + weight)
    _, same = np.unique(vectors, axis=0, return_inverse=True)
    likeness[same.ravel()[:, None] == same.ravel()[None]] = 1.0
    distances = np.round(np.clip(1 - likeness, 0, None), 6)
    distances = np.maximum(distances, distances.T)
    np.fill_diagonal(distances, 0)
    result: np.ndarray = distances
    return result


def cluster(tree: np.ndarray, different: int, granularity: float) -> np.ndarray:
    """Group of each text, cut from a linkage tree, the largest group 0; -1 where a group has under 3 texts.

    The number of groups is ``granularity`` times the root of n, at most half of the ``different`` texts: no
    rule drawn from the data did better.
    """
    from scipy.cluster.hierarchy import cut_tree

    n = len(tree) + 1
    k = max(1, min(different // 2, round(granularity * n**0.5)))
    return by_size(cut_tree(tree, n_clusters=[k])[:, 0])


def by_size(groups: np.ndarray) -> np.ndarray:
    """Groups numbered anew, the largest 0; -1 where a group has under 3 texts or is -1 already."""
    import numpy as np

    raw = groups.tolist()
    sizes = Counter(raw)
    first = {group: position for position, group in reversed(list(enumerate(raw)))}
    large = [group for group in first if group != -1 and sizes[group] >= SMALLEST]
    large.sort(key=lambda group: (-sizes[group], first[group]))
    number = {group: position for position, group in enumerate(large)}
    return np.array([number.get(group, -1) for group in raw])


def joined(groups: np.ndarray, together: Sequence[Sequence[int]]) -> tuple[np.ndarray, set[int]]:
    """The groups with those made one that a person put together, and the numbers of the groups so made."""
    result = groups.copy()
    marks = []
    for rows in together:
        one = sorted(_within(result, [rows]))
        if len(one) > 1:
            result[[group in one for group in result]] = one[0]
            marks.append(int((result == one[0]).argmax()))
    result = by_size(result)
    return result, {int(result[row]) for row in marks}


def _within(groups: np.ndarray, sets: Sequence[Sequence[int]]) -> set[int]:
    """The groups that lie with half of their texts or more in one of the sets of rows."""
    import numpy as np

    found: set[int] = set()
    sizes = np.bincount(groups[groups >= 0])
    for rows in sets:
        inside = groups[list(rows)]
        counts = np.bincount(inside[inside >= 0], minlength=len(sizes))
        found |= set(np.flatnonzero((counts > 0) & (counts >= HALF * sizes)).tolist())
    return found


def folds(people: Sequence[str]) -> np.ndarray:
    """Part (n) that each text's author belongs to: people are dealt out to ten by the hash of their code."""
    import numpy as np

    order = sorted(set(people), key=lambda one: (hashlib.sha256(one.encode()).hexdigest(), one))
    part = {one: number % FOLDS for number, one in enumerate(order)}
    return np.array([part[one] for one in people])


def came_again(
    distances: np.ndarray, same: np.ndarray, groups: np.ndarray, fold: np.ndarray, granularity: float
) -> list[int]:
    """How often each group comes again while one ``fold`` (n) of the texts after the other is left out.

    It comes again where half of its texts that are left lie in one group and make up more than half of that, so
    that a group which has swallowed others does not count. ``same`` (n) is equal where texts are.
    """
    import numpy as np
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    times = [0] * (int(groups.max()) + 1)
    for left_out in range(FOLDS):
        rows = np.flatnonzero(fold != left_out)
        tree = linkage(squareform(distances[np.ix_(rows, rows)], checks=False), "average")
        found = cluster(tree, len(np.unique(same[rows])), granularity)
        for group in range(len(times)):
            there = found[groups[rows] == group]
            counts = np.bincount(there[there >= 0], minlength=1)
            best = int(counts.argmax())
            times[group] += bool(counts[best] >= HALF * len(there) and counts[best] > HALF * (found == best).sum())
    return times


def cohesion(centred: np.ndarray) -> float:
    """Mean pairwise cosine of mean-removed unit vectors (m, d), m at least 2."""
    m, total = len(centred), centred.sum(0)
    return float((total @ total - m) / (m * (m - 1)))


def _nearest(centred: np.ndarray, groups: Sequence[np.ndarray], others: np.ndarray) -> np.ndarray:
    """Group of each further answer: the one with the nearest centre, -1 where even its own are nearer to that."""
    import numpy as np

    centres = unit(np.stack([centred[members].mean(0) for members in groups]))
    farthest = np.array([(centred[members] @ centre).min() for members, centre in zip(groups, centres, strict=True)])
    likeness = np.round(others @ centres.T, 6)
    best = likeness.argmax(1)
    return np.where(likeness.max(1) >= farthest[best], best, -1)


def _label(phrases: tuple[str, ...], taken: set[str]) -> str:
    """A name of phrases, unlike those in ``taken``."""
    return unlike(", ".join(phrases) or UNNAMED, taken)


def unlike(label: str, taken: set[str]) -> str:
    """A label without the sign that stands between two themes, a number behind it where it is ``taken`` already."""
    label = label.replace(";", ",")
    number, unique = 2, label
    while unique.casefold() in taken:
        unique, number = f"{label} ({number})", number + 1
    taken.add(unique.casefold())
    return unique


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, d) brought to length 1; a zero stays one."""
    import numpy as np

    result: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return result
