"""What the codebook misses: themes suggested from the answers themselves.

The only module that knows BERTopic. It carries the search; the parts are free of seeds and of the order of
the rows: average linkage on mean-removed cosine blended with word overlap, instead of UMAP and HDBSCAN.
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

FEWEST = 20  # answers below which groups of random words look like themes
SMALLEST = 3  # answers that make a group
OVERLAP = 0.5  # weight of shared words beside the cosine
LOOSE, FAIR, TIGHT = 0.25, 0.30, 0.40  # cohesion: 56-75 %, 72-80 %, 87-100 % of such groups share a human theme
COHESIVE_GROUPS, COHESIVE_SHARE = 2, 0.2  # how many groups must be that cohesive before any is shown
BROAD = 2.0  # granularity at which it is judged whether there are themes at all
LARGEST = 4000  # answers clustered at once, since memory grows with the square; the rest join the nearest group
PHRASES = 3

# Ordinary stop words that carry the point of a short answer.
KEPT = frozenset(
    "no not nor none nothing never cannot cant few less more most much many call bill fire system serious "
    "interest amount detail full empty alone together always often".split()
)
# Modules that BERTopic imports only as options; without them its import is three times as fast.
OPTIONAL = (
    "umap",
    "hdbscan",
    "plotly",
    "datamapplot",
    "numba",
    "sentence_transformers",
    "transformers",
    "huggingface_hub",
    "spacy",
)


@dataclass(frozen=True)
class Suggestion:
    """A suggested theme: its name (phrases, nobody's sentence), how well it holds together, its answers.

    ``cohesion`` is the mean pairwise mean-removed cosine; ``gap`` how far it lies from the codebook (the
    lower, the newer); ``members`` (the likest first) and ``central`` are positions in the texts that were given.
    """

    label: str
    phrases: tuple[str, ...]
    cohesion: float
    strength: str
    gap: float
    members: tuple[int, ...]
    central: int


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
) -> Found:
    """Groups of answers, ranked by how little the codebook says about them, at most ``show``.

    ``vectors`` (n, d) belong to ``texts``; ``known`` (s, d) are the codebook's texts, ``labels`` its themes',
    none of which is used again. Row order changes nothing. Refuses, with the reason, below 20 answers and
    where too few groups hold together.
    """
    import numpy as np
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    if len(texts) < FEWEST:
        return Found((), f"too few answers to suggest themes: needs {FEWEST}, has {len(texts)}")
    order = canonical(texts)
    kept, rest = order[:LARGEST], order[LARGEST:]
    ordered = [texts[position] for position in kept]
    space = np.asarray(vectors, np.float64)[kept]
    mean = space.mean(0)
    centred = _unit(space - mean)
    distances = between(ordered, space, centred)
    tree = linkage(squareform(distances, checks=False), "average")
    different = len(np.unique(space, axis=0))
    broad = cluster(tree, different, BROAD)
    strong = [cohesion(centred[broad == group]) >= LOOSE for group in range(broad.max() + 1)]
    groups = cluster(tree, different, granularity)
    sizes = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
    cohesive = [cohesion(centred[members]) for members in sizes]
    enough = sum(strong) >= COHESIVE_GROUPS and sum(strong) >= COHESIVE_SHARE * len(strong)
    if not enough or not any(value >= LOOSE for value in cohesive):
        return Found((), "too few answers say the same thing to suggest themes")

    target = _unit(np.asarray(known, np.float64) - mean) if len(known) else np.zeros((0, space.shape[1]))
    fit = (centred @ target.T).max(1) if len(target) else np.full(len(centred), -1.0)
    ranked = sorted(
        (round(float(fit[members].mean()) - value, 6), number)
        for number, (members, value) in enumerate(zip(sizes, cohesive, strict=True))
        if value >= LOOSE
    )
    names = _phrases(ordered, space, groups, encode)
    others = _unit(np.asarray(vectors, np.float64)[rest] - mean)
    joined = _nearest(centred, sizes, others)
    suggestions = []
    taken = {"none", *(label.casefold() for label in labels)}
    for gap, number in ranked[:show]:
        members = sizes[number]
        phrases = names.get(number, ())
        near = centred @ centred[members].mean(0)
        likest = members[np.argsort(-np.round(near[members], 6), kind="stable")]
        short = [position for position in likest if 3 <= len(ordered[position].split()) <= 12]
        suggestions.append(
            Suggestion(
                label=_label(phrases, taken),
                phrases=phrases,
                cohesion=round(float(cohesive[number]), 4),
                strength=strength(cohesive[number]),
                gap=gap,
                members=(
                    *(kept[position] for position in likest),
                    *(rest[position] for position in np.flatnonzero(joined == number)),
                ),
                central=kept[short[0] if short else likest[0]],
            )
        )
    return Found(tuple(suggestions))


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

    likeness = centred @ centred.T
    try:
        words = TfidfVectorizer(sublinear_tf=True, stop_words=stop_words()).fit_transform(texts)
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
    import numpy as np
    from scipy.cluster.hierarchy import cut_tree

    n = len(tree) + 1
    k = max(1, min(different // 2, round(granularity * n**0.5)))
    raw = cut_tree(tree, n_clusters=[k])[:, 0]
    sizes = np.bincount(raw)
    first = {group: position for position, group in reversed(list(enumerate(raw)))}
    large = sorted((group for group in first if sizes[group] >= SMALLEST), key=lambda g: (-sizes[g], first[g]))
    number = {group: position for position, group in enumerate(large)}
    return np.array([number.get(group, -1) for group in raw])


def cohesion(centred: np.ndarray) -> float:
    """Mean pairwise cosine of mean-removed unit vectors (m, d), m at least 2."""
    m, total = len(centred), centred.sum(0)
    return float((total @ total - m) / (m * (m - 1)))


def stop_words() -> list[str]:
    """English words that say nothing, without those that carry the point of a short answer."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return sorted(ENGLISH_STOP_WORDS - KEPT)


def _nearest(centred: np.ndarray, groups: Sequence[np.ndarray], others: np.ndarray) -> np.ndarray:
    """Group of each further answer: the one with the nearest centre, -1 where even its own are nearer to that."""
    import numpy as np

    centres = _unit(np.stack([centred[members].mean(0) for members in groups]))
    farthest = np.array([(centred[members] @ centre).min() for members, centre in zip(groups, centres, strict=True)])
    likeness = np.round(others @ centres.T, 6)
    best = likeness.argmax(1)
    return np.where(likeness.max(1) >= farthest[best], best, -1)


def _phrases(
    texts: list[str], vectors: np.ndarray, groups: np.ndarray, encode: Callable[[Sequence[str]], np.ndarray]
) -> dict[int, tuple[str, ...]]:
    """Key phrases of each group, by BERTopic's class-based TF-IDF and KeyBERT-inspired ranking."""
    with _light_import():
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder
        from bertopic.dimensionality import BaseDimensionalityReduction
        from bertopic.representation import KeyBERTInspired
        from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    class Encoder(BaseEmbedder):  # type: ignore[misc]
        def embed(self, documents: Sequence[str], verbose: bool = False) -> np.ndarray:
            return encode(list(documents))

    def model(vectorizer: CountVectorizer) -> Any:
        return BERTopic(
            embedding_model=Encoder(),
            umap_model=BaseDimensionalityReduction(),
            hdbscan_model=_Labelled(groups),
            vectorizer_model=vectorizer,
            ctfidf_model=ClassTfidfTransformer(bm25_weighting=True, reduce_frequent_words=True),
            # A list: bare, BERTopic 0.17.4 takes phrases from the wrong documents.
            representation_model=[KeyBERTInspired()],
        )

    try:
        fitted = model(CountVectorizer(ngram_range=(1, 2), stop_words=stop_words()))
        fitted.fit_transform(texts, vectors)
    except ValueError:  # nothing but stop words, digits or signs
        fitted = model(CountVectorizer(token_pattern=r"\S+"))
        fitted.fit_transform(texts, vectors)
    # BERTopic numbers its topics anew; where two groups are equally large, in an order of its own.
    group_of = {topic: int(group) for topic, group in zip(fitted.topics_, groups, strict=True)}
    named = {}
    for topic, words in fitted.get_topics().items():
        if topic >= 0:
            named[group_of[topic]] = tuple(word for word, _ in words if word)[:PHRASES]
    return named


class _Labelled:
    """In place of HDBSCAN: hands on groups that are found already."""

    def __init__(self, labels: np.ndarray) -> None:
        self.labels_ = labels

    def fit(self, distances: Any, y: Any = None) -> _Labelled:
        return self

    def predict(self, distances: Any) -> np.ndarray:
        return self.labels_


@contextmanager
def _light_import() -> Iterator[None]:
    """Hide the modules that BERTopic imports only as options. Never torch: SciPy breaks without it."""
    hidden = [name for name in OPTIONAL if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def _label(phrases: tuple[str, ...], taken: set[str]) -> str:
    """A name of phrases, unlike those in ``taken`` and without the sign that stands between two themes."""
    label = ", ".join(phrases).replace(";", ",") or "unnamed"
    number, unique = 2, label
    while unique.casefold() in taken:
        unique, number = f"{label} ({number})", number + 1
    taken.add(unique.casefold())
    return unique


def _unit(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    result: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return result
