"""How fast reading pays: the coded table against a careful person after N answers were read.

    uv run python benchmarks/learning.py [--data FOLDER] [--other PYTHON]

What is read is decided as the human codes say; the rest is the software's. Beside auditkit, in its own order of
reading, stand: the same learning with answers read in random order; TF-IDF with logistic regression, taught by the
same number of random answers; and plain BERTopic (run by PYTHON, see plain_bertopic.py), each of its topics mapped
to the theme that most of its answers have, which it could not know. NHS respondents are drawn by hash, in two halves;
nothing was fitted on the second. The last table: codes from a probability on, and how many of them are right.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import coding as cold
import measures
import nhs
import numpy as np
import pandas as pd

from auditkit import codebook as codebooks
from auditkit import coding, learning, simulate
from auditkit.accepting import FROM, LEAST
from auditkit.codebook import Codebook
from auditkit.encoder import Encoder
from auditkit.questionnaire import question_text

SHUFFLES = 20
STEP = 25

Encode = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True, eq=False)
class Case:
    """Answers with their true themes (n, t), and after how many read to look; ``aims``: figures to reach there."""

    name: str
    units: coding.Units
    codebook: Codebook
    truth: np.ndarray
    looks: tuple[int, ...]
    measure: str
    aims: tuple[float, ...]


def demo(seed: int) -> Case:
    audit = simulate.generate(simulate.Settings(seed=seed))
    codebook = codebooks.default()
    place = {theme.id: number for number, theme in enumerate(codebook.accepted)}
    asked = audit.rows.melt(["round", "respondent_id"], simulate.QUESTIONS, "question", "text")
    part = asked[asked["text"].fillna("") != ""].reset_index(drop=True)
    items = part["question"].tolist()
    truth = np.zeros((len(part), len(place)), bool)
    marks = dict(list(audit.truth.groupby(["round", "respondent", "question"])))
    for answer, key in enumerate(part[["round", "respondent_id", "question"]].itertuples(index=False, name=None)):
        for mark in marks[key].itertuples():
            if mark.theme in place:
                truth[answer, place[mark.theme]] = True
    units = cold.units_of(part["text"].tolist(), [question_text(item) for item in items], items)
    return Case(f"demo, seed {seed}", units, codebook, truth, (50, 100, 180), "kappa", (0.52, 0.66, 0.80))


def comments(data: Path, half: int) -> Case:
    """One half of the respondents: 0 was looked at while the method was made, 1 was not."""
    table = nhs.table(data, "comments.csv")
    names = nhs.labels(table)
    kept = table[(table["usable"] == "1") & nhs.truth(table, names).any(1)]
    mine = [int(hashlib.sha256(f"half {who}".encode()).hexdigest(), 16) % 2 == half for who in kept["respondent_id"]]
    kept = kept[mine]
    asked = kept["question"].tolist()
    units = cold.units_of(kept["text"].tolist(), asked, asked)
    book = nhs.codebook(names, data, described=False)
    name = f"NHS, half {half + 1}: {len(kept)} comments, {len(names)} bare labels"
    return Case(name, units, book, nhs.truth(kept, names), (100, 200, 400), "micro_f1", (0.65, 0.70, 0.77))


def delivered(case: Case, coded: np.ndarray, read: Sequence[int]) -> float:
    """Agreement of the whole table with the truth, what was read being right."""
    table = coded.copy()
    table[list(read)] = case.truth[list(read)]
    return measures.figures(case.truth, table, table.astype(float))[case.measure]


def by_reading(case: Case, ready: learning.Learner, order: str) -> tuple[list[float], list[learning.Learned], float]:
    """Figures at each look, what was learned there, and seconds for the slowest lesson."""
    drawn = sorted(range(ready.n), key=lambda row: hashlib.sha256(f"{order} {row}".encode()).hexdigest())
    read: list[int] = []
    learned, figures, kept, slowest = ready.cold, [], [], 0.0
    for look in sorted({*case.looks, *range(STEP, case.looks[-1], STEP)}):
        more = look - len(read)
        following = ready.reading_order(learned, read) if order == "ours" else [r for r in drawn if r not in set(read)]
        read += following[:more]
        start = time.perf_counter()
        learned = ready.learn(read, case.truth[read])
        slowest = max(slowest, time.perf_counter() - start)
        if look in case.looks or look == FROM:
            figures.append((look, delivered(case, learned.coded, read), list(read)))
            kept.append(learned)
    return figures, kept, slowest


def words_alone(case: Case, look: int) -> float:
    """TF-IDF and logistic regression, a theme at a time, on as many random answers."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    n = len(case.units.answers)
    read = sorted(range(n), key=lambda row: hashlib.sha256(f"words {row}".encode()).hexdigest())[:look]
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit_transform(case.units.answers)
    coded = np.zeros(case.truth.shape, bool)
    for theme in range(case.truth.shape[1]):
        if 0 < case.truth[read, theme].sum() < look:
            model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(words[read], case.truth[read, theme])
            coded[:, theme] = model.predict(words)
    return delivered(case, coded, read)


def mapped_topics(case: Case, python: Path) -> float:
    """Plain BERTopic; each topic stands for the theme that most of its answers have."""
    with tempfile.TemporaryDirectory() as folder:
        sheet, report = Path(folder) / "sheet.csv", Path(folder) / "report.csv"
        pd.DataFrame({"text": list(case.units.answers)}).to_csv(sheet, index=False)
        subprocess.run([python, Path(__file__).with_name("plain_bertopic.py"), sheet, report], check=True)
        topics = pd.read_csv(report)["topic"].to_numpy()
    coded = np.zeros(case.truth.shape, bool)
    for topic in set(topics) - {-1}:
        coded[topics == topic, case.truth[topics == topic].sum(0).argmax()] = True
    return delivered(case, coded, [])


def accepted(case: Case, looks: Sequence[tuple[int, float, list[int]]], kept: Sequence[learning.Learned]) -> list[str]:
    """What `review accept` would take over, answers nobody read with no code below the threshold: share right, of how
    many codes."""
    cells = []
    for (look, _, read), learned in zip(looks, kept, strict=True):
        unread = np.setdiff1d(np.arange(len(case.truth)), read)
        coded, sure = learned.coded[unread], learned.probability[unread] >= LEAST
        right = case.truth[unread][coded & (sure | ~coded).all(1, keepdims=True)]
        cells.append(f"{right.mean():.2f} of {len(right)} ({look} read)" if len(right) else f"none ({look} read)")
    return cells


def show(case: Case, encode: Encode, python: Path | None) -> None:
    scores = coding.score(case.units, case.codebook, encode, cold.leans_of(case.units, encode))
    ready = learning.Learner(case.units, scores, case.codebook, encode)
    ours, kept, slowest = by_reading(case, ready, "ours")
    chance, _, _ = by_reading(case, ready, "chance")
    at = {look: value for look, value, _ in ours}
    random = {look: value for look, value, _ in chance}
    start = delivered(case, scores.coded, [])
    header = (case.measure, "cold", *(f"{look} read" for look in case.looks))
    rows = [
        ("**auditkit**", f"{start:.3f}", *(f"{at[look]:.3f}" for look in case.looks)),
        ("aim", "", *(f"{aim:.2f} {measures.met(at[k] >= aim)}" for k, aim in zip(case.looks, case.aims, strict=True))),
        ("read in random order", f"{start:.3f}", *(f"{random[look]:.3f}" for look in case.looks)),
        ("TF-IDF, logistic regression", "", *(f"{words_alone(case, look):.3f}" for look in case.looks)),
    ]
    if python:
        rows.append(("plain BERTopic, mapped", f"{mapped_topics(case, python):.3f}", *[""] * len(case.looks)))
    print(f"\n### {case.name}\n")
    print(measures.table(header, rows))
    print(f"\nCodes at the stated threshold that are right: {'; '.join(accepted(case, ours, kept))}.")
    print(f"Slowest lesson: {slowest:.3f} s.")


def order_free(case: Case, encode: Encode) -> None:
    """The answers shuffled, then coded, read and learned: the same codes and the same order of reading."""
    whole = prints(case, encode, np.arange(len(case.truth)))
    same = sum(
        prints(case, encode, np.random.default_rng(seed).permutation(len(case.truth))) == whole
        for seed in range(SHUFFLES)
    )
    said = measures.met(same == SHUFFLES)
    print(f"\n{case.name}: {same} of {SHUFFLES} shuffles of the rows give the same codes ({said}).")


def prints(case: Case, encode: Encode, order: np.ndarray) -> str:
    answers = [case.units.answers[row] for row in order]
    asked = [case.units.questions[row] for row in order]
    units = cold.units_of(answers, asked, [case.units.items[row] for row in order])
    scores = coding.score(units, case.codebook, encode, cold.leans_of(units, encode))
    ready = learning.Learner(units, scores, case.codebook, encode)
    back = np.argsort(order)
    read = back[: case.looks[0]].tolist()
    learned = ready.learn(read, case.truth[order][read])
    return hashlib.sha256(learned.coded[back].tobytes() + scores.coded[back].tobytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--other", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        encode = Encoder(Path(cache)).encode
        for seed in cold.SEEDS:
            show(demo(seed), encode, arguments.other)
        order_free(demo(cold.SEEDS[0]), encode)
        for half in (0, 1) if arguments.data else ():
            show(comments(arguments.data, half), encode, arguments.other)


if __name__ == "__main__":
    main()
