"""Themes found in small sets of answers, without a codebook: NHS comments with one human theme.

    uv run python benchmarks/topics.py --data FOLDER

FOLDER holds nhs-fft/comments.csv. Samples of 40, 150 and 400 comments, five each, drawn by hash and not by seed.
Groups at 2 x the root of n, the same number for both ways: auditkit's, and Ward on 15 principal components. Let
through: share of samples in which themes are suggested at all. The figures to reach were measured elsewhere on ten
other draws of the same comments. Where umap-learn and hdbscan are installed, BERTopic with its own defaults and a fixed
seed stands beside them: it chooses how many groups, and what it calls outliers counts as one group.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import measures
import nhs
import numpy as np
import pandas as pd

from auditkit import engines, topics
from auditkit.encoder import Encoder
from auditkit.errors import AuditkitError

GRANULARITY, DRAWS = 2.0, 5
REFERENCE = {40: (0.29, 0.21), 150: (0.32, 0.23), 400: (0.32, 0.20)}  # AMI, ARI
FIGURES = ("let through", "ami", "ari", "ward ami", "ward ari")
PLAIN = ("bertopic ami", "bertopic ari", "outliers")


def ward(vectors: np.ndarray, k: int) -> np.ndarray:
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.decomposition import PCA

    return AgglomerativeClustering(k).fit_predict(PCA(15, svd_solver="full").fit_transform(vectors))


def ours(texts: Sequence[str], vectors: np.ndarray, k: int) -> np.ndarray:
    """The k groups of ``topics.suggest``; those of under three answers, which it leaves out, count as groups."""
    from scipy.cluster.hierarchy import cut_tree, linkage
    from scipy.spatial.distance import squareform

    order = topics.canonical(texts)
    space = vectors[order].astype(float)
    centred = space - space.mean(0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    distances = topics.between([texts[position] for position in order], space, centred)
    groups = np.empty(len(texts), int)
    groups[order] = cut_tree(linkage(squareform(distances, checks=False), "average"), n_clusters=[k])[:, 0]
    return groups


def draw(
    comments: pd.DataFrame, n: int, number: int, encode: Callable[[Sequence[str]], np.ndarray]
) -> tuple[float, ...]:
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    lot = [hashlib.sha256(f"{number} {n} {key}".encode()).digest() for key in comments["comment_id"]]
    sample = comments.iloc[sorted(range(len(lot)), key=lot.__getitem__)[:n]]
    texts, themes = sample["text"].tolist(), sample["labels"].tolist()
    vectors = encode(texts)
    found = topics.suggest(texts, vectors, vectors[:0], encode, granularity=GRANULARITY)
    k = round(GRANULARITY * n**0.5)
    figures = [float(bool(found.suggestions))]
    for groups in (ours(texts, vectors, k), ward(vectors, k)):
        figures += [adjusted_mutual_info_score(themes, groups), adjusted_rand_score(themes, groups)]
    plain = bertopic()
    if plain is not None:
        order = topics.canonical(texts)
        groups = plain([texts[position] for position in order], vectors[order])
        people = [themes[position] for position in order]
        figures += [adjusted_mutual_info_score(people, groups), adjusted_rand_score(people, groups)]
        figures.append(float(np.mean(groups == -1)))
    return tuple(figures)


def bertopic() -> engines.Engine | None:
    try:
        return engines.load(engines.BERTOPIC)
    except AuditkitError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    table = nhs.table(parser.parse_args().data, "comments.csv")
    comments = table[(table["usable"] == "1") & (table["said"].map(len) == 1) & (table["text"].str.strip() != "")]
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        encode = Encoder(Path(cache)).encode
        for n, (ami, ari) in REFERENCE.items():
            figures = np.mean([draw(comments, n, number, encode) for number in range(DRAWS)], axis=0)
            rows.append((str(n), *(f"{figure:.2f}" for figure in figures), f"{ami:.2f}", f"{ari:.2f}"))
    print(f"{len(comments)} comments with one theme, {comments['labels'].nunique()} themes\n")
    figures = FIGURES if bertopic() is None else (*FIGURES, *PLAIN)
    print(measures.table(("n", *figures, "ami to reach", "ari to reach"), rows))


if __name__ == "__main__":
    main()
