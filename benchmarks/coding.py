"""Cold coding against human codes: the demo's planted themes, and NHS comments where they are at hand.

    uv run python benchmarks/coding.py [--data FOLDER]

FOLDER holds nhs-fft/comments.csv and nhs-fft/framework.xlsx. Beside the product's cold coding stands the nearest
text of the codebook alone ("best statement"). The line "exported" is the whole way: ``analyse`` of the comments
as a sheet, then ``export codings --all-scores``. Aim: .05 micro-F1 ahead of the best statement.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import measures
import nhs
import numpy as np
import pandas as pd

from auditkit import codebook as codebooks
from auditkit import coding, excerpts, intake, poles, questions, runs, simulate, tone
from auditkit.audit import Audit
from auditkit.codebook import Codebook
from auditkit.encoder import Encoder
from auditkit.questionnaire import question_text

SEEDS = (32, 33, 34)  # of the demo; 32 is the shipped one
AHEAD = 0.05  # micro-F1

Encode = Callable[[Sequence[str]], np.ndarray]


def units_of(texts: Sequence[str], asked: Sequence[str], items: Sequence[str]) -> coding.Units:
    spans = excerpts.spans(texts)
    sentences = [text[start:end] for text, parts in zip(texts, spans, strict=True) for start, end in parts]
    owner = [answer for answer, parts in enumerate(spans) for _ in parts]
    return coding.Units(texts, asked, items, sentences, owner)


def leans_of(units: coding.Units, encode: Encode) -> list[float]:
    heard = questions.leans(sorted(set(units.questions)), encode)
    return [heard[question] for question in units.questions]


def best_statement(units: coding.Units, codebook: Codebook, encode: Encode) -> tuple[np.ndarray, np.ndarray]:
    """Codes and cosines (n, t): the theme of the text that is nearest to the answer or one of its sentences."""
    known = coding.codebook_texts(codebook)
    theme_of = np.array([theme for _, theme, _ in known])
    vectors = encode([text for text, _, _ in known])
    near = np.full((len(units.answers), len(codebook.accepted)), -1.0)
    for texts, owner in ((units.answers, range(len(units.answers))), (units.sentences, units.owner)):
        cosine = encode(texts) @ vectors.T
        best = np.stack([cosine[:, theme_of == theme].max(1) for theme in range(near.shape[1])], axis=1)
        np.maximum.at(near, np.array(owner), best)
    coded = np.zeros(near.shape, bool)
    coded[np.arange(len(near)), near.argmax(1)] = True
    return coded, near


def demo_round(encode: Encode, seed: int, name: str) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Figures of a demo's round: best statement, auditkit, and auditkit's poles and empty answers."""
    audit = simulate.generate(simulate.Settings(seed=seed))
    codebook = codebooks.default()
    place = {theme.id: number for number, theme in enumerate(codebook.accepted)}
    asked = audit.rows.melt(["round", "respondent_id"], simulate.QUESTIONS, "question", "text")
    part = asked[(asked["round"] == name) & (asked["text"].fillna("") != "")].reset_index(drop=True)
    items = part["question"].tolist()
    units = units_of(part["text"].tolist(), [question_text(item) for item in items], items)
    leans = leans_of(units, encode)
    scores = coding.score(units, codebook, encode, leans)
    found = poles.poles(scores, units.owner, leans, tone.score(encode(units.sentences)))
    truth = np.zeros(scores.coded.shape, bool)
    pole = np.full(truth.shape, "", object)
    nothing = np.zeros(len(part), bool)
    marks = dict(list(audit.truth.groupby(["round", "respondent", "question"])))
    for answer, key in enumerate(part[["round", "respondent_id", "question"]].itertuples(index=False, name=None)):
        for mark in marks[key].itertuples():
            if mark.theme in place:
                truth[answer, place[mark.theme]] = True
                pole[answer, place[mark.theme]] = mark.pole
            nothing[answer] |= mark.theme in ("none", "off")
    both = truth & scores.coded & (pole != "")
    right = [found[answer][theme] == pole[answer, theme] for answer, theme in zip(*np.nonzero(both), strict=True)]
    beside = {
        "poles": float(np.mean(right)),
        "recall": float(scores.empty[nothing].mean()),
        "precision": float(nothing[scores.empty].mean()),
    }
    baseline, near = best_statement(units, codebook, encode)
    return (
        measures.figures(truth, baseline, near),
        measures.figures(truth, scores.coded, scores.probability),
        beside,
    )


def demo(encode: Encode) -> None:
    rows, every = [], []
    for seed in SEEDS:
        for name in simulate.ROUNDS:
            every.append(demo_round(encode, seed, name))
            rows.append(measures.line(f"seed {seed}, {name}", every[-1][1]))
    baseline, mean, beside = (measures.mean([figures[kind] for figures in every]) for kind in range(3))
    rows += [measures.line("**mean**", mean), measures.line("mean of best statement", baseline)]
    print(f"### The demo, {len(SEEDS)} seeds\n")
    print(measures.table(("", *measures.FIGURES), rows))
    print(f"\n{beat(mean, baseline)} Poles right where the theme is: {beside['poles']:.3f}.")
    print(f"Answers without a theme: recall {beside['recall']:.2f}, precision {beside['precision']:.2f}.")


def nhs_comments(encode: Encode, data: Path, cache: Path) -> None:
    table = nhs.table(data, "comments.csv")
    names = nhs.labels(table)
    kept = table[(table["usable"] == "1") & nhs.truth(table, names).any(1)]
    truth = nhs.truth(kept, names)
    asked = kept["question"].tolist()
    units = units_of(kept["text"].tolist(), asked, asked)
    rows, empty = [], {}
    for name, described in (("labels only", False), ("with descriptions", True)):
        codebook = nhs.codebook(names, data, described=described)
        scores = coding.score(units, codebook, encode, leans_of(units, encode))
        baseline = measures.figures(truth, *best_statement(units, codebook, encode))
        values = measures.figures(truth, scores.coded, scores.probability)
        rows += [measures.line(f"{name}: best statement", baseline), measures.line(f"**{name}: auditkit**", values)]
        empty["comments with a theme"] = float(scores.empty.mean())
    rows.append(measures.line("with descriptions: exported", measures.figures(truth, *exported(kept, codebook, cache))))
    known = sum(bool(theme.definition) for theme in codebook.themes)
    print(f"\n### NHS comments: {len(kept)}, {len(names)} themes, {known} of them with a description\n")
    print(measures.table(("", *measures.FIGURES), rows))
    for why, part in table[(table["usable"] != "1") & (table["text"].str.strip() != "")].groupby(
        "labelling_not_possible"
    ):
        other = units_of(part["text"].tolist(), part["question"].tolist(), part["question"].tolist())
        scores = coding.score(other, codebook, encode, leans_of(other, encode))
        empty[f"{len(part)} without one, labelling_not_possible={why}"] = float(scores.empty.mean())
    print(f"\n{beat(values, baseline)} Called empty: " + "; ".join(f"{k} {v:.3f}" for k, v in empty.items()) + ".")


def exported(comments: pd.DataFrame, codebook: Codebook, cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """Codes and scores (n, t) that the product exports for these comments as a sheet of one round."""
    sheet = comments[["comment_id", "respondent_id", "service", "date", "question", "text"]]
    with tempfile.TemporaryDirectory() as folder:
        audit = Audit(Path(folder) / "audit")
        file, themes = Path(folder) / "comments.csv", Path(folder) / "nhs.csv"
        sheet.to_csv(file, index=False)
        codebooks.write(themes, codebook)
        shutil.copytree(cache, audit.cache)
        runs.analyse(audit, [file], intake.Options(codebook=themes), lambda step, done, total: None)
        text = runs.export(audit, "codings", "csv", None, all_scores=True)
    table = pd.read_csv(io.StringIO(text), keep_default_na=False)
    labels = [theme.label for theme in codebook.accepted]
    rows = range(2, len(sheet) + 2)
    coded, score = (
        table.pivot(index="row", columns="label", values=of).reindex(rows)[labels] for of in ("coded", "score")
    )
    return coded.eq(True).to_numpy(), score.fillna(0.0).to_numpy(float)


def beat(values: dict[str, float], baseline: dict[str, float]) -> str:
    ahead = values["micro_f1"] - baseline["micro_f1"]
    return f"Ahead of the best statement by {ahead:.3f} micro-F1 (aim {AHEAD}): {measures.met(ahead >= AHEAD)}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        encode = Encoder(Path(cache)).encode
        demo(encode)
        if arguments.data:
            nhs_comments(encode, arguments.data, Path(cache))


if __name__ == "__main__":
    main()
