"""Cold coding against human codes: the demo's planted themes, and NHS comments where they are at hand.

    uv run python benchmarks/coding.py [--data FOLDER]

FOLDER holds nhs-fft/comments.csv and nhs-fft/framework.xlsx. Printed beside the product's cold coding:
the nearest text of the codebook alone ("best statement").
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import measures
import numpy as np
import pandas as pd

from auditkit import coding, excerpts, poles, questions, simulate, tone
from auditkit import codebook as codebooks
from auditkit.codebook import Codebook, Theme
from auditkit.encoder import Encoder
from auditkit.questionnaire import question_text

FEWEST = 40  # comments that a theme needs to be counted


def units_of(texts: Sequence[str], questions: Sequence[str], items: Sequence[str]) -> coding.Units:
    spans = excerpts.spans(texts)
    sentences = [text[a:b] for text, parts in zip(texts, spans, strict=True) for a, b in parts]
    owner = [i for i, parts in enumerate(spans) for _ in parts]
    return coding.Units(texts, questions, items, sentences, owner)


def best_statement(units: coding.Units, codebook: Codebook, encode: object) -> tuple[np.ndarray, np.ndarray]:
    """The theme of the nearest text of the codebook, to the answer or one of its sentences."""
    known = coding.codebook_texts(codebook)
    theme_of = np.array([theme for _, theme, _ in known])
    vectors = encode([text for text, _, _ in known])
    near = np.full((len(units.answers), len(codebook.accepted)), -1.0)
    for texts, owner in ((units.answers, range(len(units.answers))), (units.sentences, units.owner)):
        cosine = encode(list(texts)) @ vectors.T
        best = np.stack([cosine[:, theme_of == t].max(1) for t in range(near.shape[1])], axis=1)
        np.maximum.at(near, np.array(list(owner), int), best)
    coded = np.zeros(near.shape, bool)
    coded[np.arange(len(near)), near.argmax(1)] = True
    return coded, near


def demo(encode: object, seed: int = 32) -> None:
    audit = simulate.generate(simulate.Settings(seed=seed))
    codebook = codebooks.default()
    ids = [theme.id for theme in codebook.accepted]
    cells = audit.truth.groupby(["round", "respondent", "question"])
    asked = audit.rows.melt(["round", "respondent_id"], simulate.QUESTIONS, "question", "text")
    asked = asked[asked["text"].fillna("") != ""]
    for name in simulate.ROUNDS:
        part = asked[asked["round"] == name].reset_index(drop=True)
        units = units_of(part["text"].tolist(), [question_text(q) for q in part["question"]], part["question"].tolist())
        scores = coding.score(units, codebook, encode, leans_of(units, encode))
        truth = np.zeros(scores.coded.shape, bool)
        pole = np.full(truth.shape, "", object)
        nothing = np.zeros(len(part), bool)
        for i, row in part.iterrows():
            for mark in cells.get_group((row["round"], row["respondent_id"], row["question"])).itertuples():
                if mark.theme in ids:
                    truth[i, ids.index(mark.theme)] = True
                    pole[i, ids.index(mark.theme)] = mark.pole
                nothing[i] |= mark.theme in ("none", "off")
        baseline, near = best_statement(units, codebook, encode)
        values = measures.figures(truth, scores.coded, scores.probability)
        print(measures.header(values))
        print(measures.row(f"demo {name}, best statement", measures.figures(truth, baseline, near)))
        print(measures.row(f"demo {name}, auditkit cold", values))
        set_poles = poles_of(units, scores, encode)
        both = truth & scores.coded & (pole != "")
        right = np.mean([set_poles[i][t] == pole[i, t] for i, t in zip(*np.nonzero(both), strict=True)])
        empty = scores.empty
        print(f"  poles right, where the theme is {right:.3f} of {both.sum()}")
        print(
            f"  without a theme: recall {empty[nothing].mean():.2f} of {nothing.sum()}, precision {nothing[empty].mean():.2f}"
        )


def leans_of(units: coding.Units, encode: object) -> list[float]:
    heard = questions.leans(sorted(set(units.questions)), encode)
    return [heard[question] for question in units.questions]


def poles_of(units: coding.Units, scores: coding.Scores, encode: object) -> list[list[str]]:
    tones = tone.score(encode(units.sentences))
    return poles.poles(scores, units.sentences, units.owner, leans_of(units, encode), tones, encode)


def nhs_codebook(labels: Sequence[str], framework: Path, *, described: bool) -> Codebook:
    """The labels in use, with the framework's description where the name matches; never its quotes."""
    found: dict[str, str] = {}
    for sheet in pd.read_excel(framework, sheet_name=None, dtype=str, keep_default_na=False).values():
        if "Sub-category description" in sheet:
            for name, text in zip(sheet["Sub-category"], sheet["Sub-category description"], strict=True):
                found.setdefault(_plain(name), text)
    themes = [
        Theme(id=f"N{i:02d}", label=label, definition=found.get(_plain(label), "") if described else "")
        for i, label in enumerate(labels, 1)
    ]
    return Codebook(tuple(themes), codebooks.default().junk, "nhs")


def nhs(encode: object, data: Path) -> None:
    table = pd.read_csv(data / "nhs-fft" / "comments.csv", dtype=str, keep_default_na=False)
    counts = table["labels"].str.split("; ").explode().value_counts()
    labels = sorted(label for label, count in counts.items() if label and count >= FEWEST)
    has = table["labels"].map(lambda cell: bool(set(cell.split("; ")) & set(labels)))
    comments = table[(table["usable"] == "1") & has].reset_index(drop=True)
    units = units_of(comments["text"].tolist(), comments["question"].tolist(), comments["question"].tolist())
    truth = np.array([[label in cell.split("; ") for label in labels] for cell in comments["labels"]])
    for described in (False, True):
        codebook = nhs_codebook(labels, data / "nhs-fft" / "framework.xlsx", described=described)
        known = sum(bool(theme.definition) for theme in codebook.themes)
        print(f"NHS: {len(comments)} comments, {len(labels)} themes, {known} with a description")
        scores = coding.score(units, codebook, encode, leans_of(units, encode))
        baseline, near = best_statement(units, codebook, encode)
        values = measures.figures(truth, scores.coded, scores.probability)
        print(measures.header(values))
        print(measures.row("best statement", measures.figures(truth, baseline, near)))
        print(measures.row("auditkit cold", values))
        print(f"  called empty, of comments with a theme: {scores.empty.mean():.3f}")
    for name, part in table[table["usable"] != "1"].groupby("labelling_not_possible"):
        said = part[part["text"].str.strip() != ""]
        other = units_of(said["text"].tolist(), said["question"].tolist(), said["question"].tolist())
        empty = coding.score(other, codebook, encode, leans_of(other, encode)).empty
        print(f"  called empty, of {len(said)} with labelling_not_possible={name}: {empty.mean():.3f}")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]+", " ", text.casefold()).strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    encode = Encoder(arguments.cache).encode
    demo(encode)
    if arguments.data:
        nhs(encode, arguments.data)


if __name__ == "__main__":
    main()
