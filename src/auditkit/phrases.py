"""Key phrases of groups of answers, by BERTopic: what a suggested theme is called until a person names it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

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


def of_groups(
    texts: list[str], vectors: np.ndarray, groups: np.ndarray, encode: Callable[[Sequence[str]], np.ndarray]
) -> dict[int, tuple[str, ...]]:
    """Key phrases of each group, the best first, by BERTopic's class-based TF-IDF and KeyBERT-inspired ranking."""
    with light_import():
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
            named[group_of[topic]] = tuple(word for word, _ in words if word)
    return named


def words_of(text: str) -> list[str]:
    """The words of a text as key phrases are made of them, in small letters."""
    return re.findall(r"\b\w\w+\b", text.casefold())


class _Labelled:
    """In place of HDBSCAN: hands on groups that are found already."""

    def __init__(self, labels: np.ndarray) -> None:
        self.labels_ = labels

    def fit(self, distances: Any, y: Any = None) -> _Labelled:
        return self

    def predict(self, distances: Any) -> np.ndarray:
        return self.labels_


@contextmanager
def light_import() -> Iterator[None]:
    """Hide the modules that BERTopic imports only as options. Never torch: SciPy breaks without it."""
    hidden = [name for name in OPTIONAL if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def stop_words() -> list[str]:
    """English words that say nothing, without those that carry the point of a short answer."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return sorted(ENGLISH_STOP_WORDS - KEPT)
