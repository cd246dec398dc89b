from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from auditkit import analysis
from auditkit.analysis import CodedRound, prevalence, text_hash, with_decisions
from auditkit.codebook import Codebook, Theme, default
from auditkit.coder import code_rounds
from auditkit.config import Config
from auditkit.encoder import Encoder
from auditkit.questionnaire import question_text
from auditkit.responses import Responses

BOOK = Codebook(
    (
        Theme(
            id="A",
            label="trust",
            statements_good=("she keeps her promise", "he keeps her promise", "promise she keeps"),
            statements_poor=("he broke promises", "she broke promises", "promises broke"),
        ),
        Theme(id="B", label="time together", statements_poor=("meetings are cancelled",), set_by="auditkit"),
        Theme(id="C", label="old", status="retired"),
        Theme(id="D", label="targets"),
    ),
    ("n/a",),
    "test",
)
ANSWERS = [  # pair, respondent, question, text
    ("w1", "r1", "Q1", "she keeps her promise"),
    ("w1", "r1", "Q2", "meetings are cancelled. targets targets"),
    ("w1", "r2", "Q1", "n/a"),
    ("w2", "r3", "Q2", "he broke promises"),
    ("w2", "r4", "Q1", "targets"),
    ("w3", "r1", "Q2", "he broke promises"),
    ("top", "s1", "Q2", "he broke promises"),
]


def code_one(one: Any, *given: Any) -> CodedRound:
    return code_rounds([one], *given)[0]


def of_words(texts: Sequence[str]) -> np.ndarray:
    """A stand-in for the encoder: a text is the sum of its words' directions."""
    rows = np.zeros((len(texts), 384), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.casefold().replace(".", " ").split():
            row += np.frombuffer(hashlib.shake_128(word.encode()).digest(384), np.uint8) - np.float32(127.5)
        row /= max(1e-9, float(np.linalg.norm(row)))
    return rows


def responses(answers: Sequence[tuple[str, str, str, str]] = ANSWERS) -> Responses:
    """One round of answers, as the reader leaves them."""
    rows = sorted((pair, person, code, text) for pair, person, code, text in answers)
    frame = pd.DataFrame(rows, columns=["pair", "respondent", "item", "text"])
    frame = frame.assign(round="R", file="f.csv", sheet="", row=range(2, 2 + len(frame)), role="", occurrence=1)
    frame["question"] = frame["item"].map(question_text) if len(frame) else ""
    frame["answer"] = pd.Series([key(*row[:3]) for row in rows], dtype=object)
    people = frame[["round", "file", "sheet", "row", "respondent", "pair", "role"]]
    people = people.drop_duplicates(["pair", "respondent"]).assign(date="")
    people["sponsor"] = people["pair"] == "top"
    none = pd.DataFrame()
    return Responses("R", "", frame, none, none, people, none, (), True)


def key(pair: str, respondent: str, item: str) -> str:
    return hashlib.sha256(f"{pair} {respondent} {item}".encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def coded() -> CodedRound:
    return code_one(responses(), BOOK, of_words, Config())


def decisions(*rows: tuple[str, str, str, str], text: str | None = None) -> pd.DataFrame:
    """Of (answer key, theme, pole, decision), by AB, on the text as it is or on ``text``."""
    said = {key(*row[:3]): row[3] for row in ANSWERS}
    return pd.DataFrame(
        [(answer, text_hash(text or said[answer]), theme, pole, what, "AB") for answer, theme, pole, what in rows],
        columns=["answer", "text_hash", "theme", "pole", "decision", "coder"],
    )


def of_answer(coded: CodedRound, answer: str) -> list[tuple[object, ...]]:
    part = coded.codings[coded.codings["answer"] == answer]
    return list(part[["theme", "pole", "coded", "coder", "decision"]].itertuples(index=False, name=None))


def test_a_round_is_coded_with_its_evidence(coded: CodedRound) -> None:
    first = coded.codings[coded.codings["answer"] == key("w1", "r1", "Q1")].iloc[0]
    assert first["theme"] == "A"
    assert first["pole"] == "good"
    assert first["excerpt"] == f"{first['answer']}-01"
    assert first["nearest"] == "she keeps her promise"
    assert first["matched"] == "keeps, promise"
    assert (first["coder"], first["decision"], first["changed_text"]) == ("machine", "suggested", False)
    second = coded.codings[coded.codings["answer"] == key("w1", "r1", "Q2")].set_index("theme")
    assert second.loc["B", "excerpt"].endswith("-01")
    assert second.loc["D", "excerpt"].endswith("-02")
    assert list(coded.codings.columns) == analysis.CODINGS


def test_every_answer_has_scores_and_a_tone_and_only_accepted_themes_are_coded(coded: CodedRound) -> None:
    answers = coded.responses.answers["answer"]
    assert len(coded.scores) == 3 * len(answers)
    assert set(coded.scores["theme"]) == {"A", "B", "D"}
    assert coded.scores["score"].between(0, 1).all()
    assert coded.tone["answer"].tolist() == answers.tolist()
    assert coded.excerpt_scores["excerpt"].nunique() == len(coded.excerpts)
    assert set(coded.codings["theme"]) == {"A", "B", "D"}


def test_an_answer_without_content_has_no_code_and_is_no_remainder(coded: CodedRound) -> None:
    empty = key("w1", "r2", "Q1")
    assert empty not in set(coded.codings["answer"])
    assert empty not in set(coded.remainder["answer"])
    assert len(coded.remainder) == round(0.3 * 6)


def test_too_few_answers_suggest_nothing_and_say_so(coded: CodedRound) -> None:
    assert len(coded.suggested) == 0
    assert coded.topics_note == "too few answers to suggest themes: needs 20, has 6"


@pytest.mark.parametrize("n", [30, 300])
def test_the_order_of_rows_changes_no_byte(n: int) -> None:
    draw = random.Random(n)
    words = "trust promise rota late meeting cancelled target board she he keeps broke quiet phone clinic".split()
    rows = [
        (f"w{place // 4}", f"r{place // 2}", f"Q{place % 2 + 1}", ". ".join(draw.choices(words, k=draw.randint(1, 6))))
        for place in range(n)
    ]
    first = code_one(responses(rows), BOOK, of_words, Config())
    moved = responses(rows)
    order = draw.sample(range(n), n)
    again = code_one(replace(moved, answers=moved.answers.iloc[order].reset_index(drop=True)), BOOK, of_words, Config())
    for table, keys in (
        ("codings", ["answer", "theme"]),
        ("scores", ["answer", "theme"]),
        ("excerpt_scores", ["excerpt", "theme"]),
        ("tone", ["answer"]),
        ("remainder", ["answer"]),
        ("cohesion", ["theme"]),
    ):
        one, other = (getattr(coded, table).sort_values(keys).to_csv(index=False) for coded in (first, again))
        assert one == other, table
    assert first.topics_note == again.topics_note
    assert first.suggested.drop(columns="evidence").equals(again.suggested.drop(columns="evidence"))
    assert [sorted(keys) for keys in first.suggested["evidence"]] == [
        sorted(keys) for keys in again.suggested["evidence"]
    ]


def test_a_text_is_encoded_once_even_without_a_cache() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return of_words(texts)

    code_one(responses(), BOOK, encode, Config())
    assert len(asked) == len(set(asked))


def test_no_answers_at_all() -> None:
    nothing = code_one(responses([]), BOOK, of_words, Config())
    assert nothing.topics_note == "no open answers"
    assert nothing.agreement_words == "no codes"
    assert nothing.is_reviewed
    assert prevalence(nothing)["respondents"].tolist() == [0, 0, 0]
    assert len(with_decisions(nothing, decisions()).codings) == 0


def test_a_codebook_without_accepted_themes_codes_nothing() -> None:
    bare = code_one(responses(), replace(BOOK, themes=(BOOK.themes[2],)), of_words, Config())
    assert len(bare.codings) == len(bare.scores) == len(bare.remainder) == 0
    assert len(bare.tone) == len(ANSWERS)
    assert bare.expected_agreement is None


def test_what_people_decide_takes_the_place_of_what_the_machine_suggests(coded: CodedRound) -> None:
    first, second = key("w1", "r1", "Q1"), key("w1", "r1", "Q2")
    machine = {theme for theme, *_ in of_answer(coded, second)}
    assert {"B", "D"} <= machine
    after = with_decisions(
        coded,
        decisions(
            (first, "A", "good", "confirmed"),
            (second, "B", "mixed", "changed"),
            (second, "A", "poor", "added"),
            (second, "D", "poor", "rejected"),
        ),
    )
    assert of_answer(after, first) == [("A", "good", True, "AB", "confirmed")]
    assert of_answer(after, second) == [
        ("A", "poor", True, "AB", "added"),
        ("B", "mixed", True, "AB", "changed"),
        ("D", "poor", False, "AB", "rejected"),
    ]
    untouched = key("w2", "r3", "Q2")
    assert of_answer(after, untouched) == of_answer(coded, untouched)
    assert after.read == {first, second}
    assert (after.reviewed, after.is_reviewed) == (2, False)
    assert not after.codings["changed_text"].any()
    kept = after.codings.set_index(["answer", "theme"])
    assert kept.loc[(first, "A"), "nearest"] == "she keeps her promise"
    assert coded.reviewed == 0  # what was given is left as it was


def test_an_added_theme_points_to_the_sentence_that_fits_it_best(coded: CodedRound) -> None:
    second = key("w1", "r1", "Q2")
    machine = coded.codings[~((coded.codings["answer"] == second) & (coded.codings["theme"] == "D"))]
    after = with_decisions(replace(coded, codings=machine), decisions((second, "D", "", "added")))
    added = after.codings[after.codings["answer"] == second].iloc[0]
    assert added["excerpt"] == f"{second}-02"
    scores = coded.scores.set_index(["answer", "theme"])["score"]
    assert added["score"] == scores[second, "D"]


def test_none_leaves_an_answer_read_and_without_a_code(coded: CodedRound) -> None:
    answer, empty = key("w2", "r3", "Q2"), key("w1", "r2", "Q1")
    after = with_decisions(
        coded,
        decisions((answer, "none", "", "changed"), (answer, "A", "poor", "rejected"), (empty, "none", "", "confirmed")),
    )
    assert of_answer(after, answer) == [("A", "poor", False, "AB", "rejected")]
    assert of_answer(after, empty) == []
    assert after.read == {answer, empty}


def test_a_decision_on_an_earlier_text_stands_and_is_marked(coded: CodedRound) -> None:
    first = key("w1", "r1", "Q1")
    after = with_decisions(coded, decisions((first, "A", "good", "confirmed"), text="she kept her promise"))
    row = after.codings[after.codings["answer"] == first].iloc[0]
    assert (row["decision"], row["changed_text"]) == ("confirmed", True)
    assert after.codings["changed_text"].sum() == 1


def test_none_on_an_earlier_text_is_marked_too(coded: CodedRound) -> None:
    """It has no code that could carry the mark, and the new words were read by nobody."""
    first = key("w1", "r1", "Q1")
    after = with_decisions(coded, decisions((first, "none", "", "confirmed"), text="None"))
    assert after.changed == {first}
    assert with_decisions(coded, decisions((first, "none", "", "confirmed"))).changed == frozenset()


def test_decisions_of_other_rounds_and_on_retired_themes_are_left_aside(coded: CodedRound) -> None:
    first = key("w1", "r1", "Q1")
    foreign = decisions((first, "A", "good", "confirmed")).assign(answer="0" * 16)
    after = with_decisions(coded, pd.concat([foreign, decisions((first, "C", "", "added"))]))
    assert after.read == {first}
    assert of_answer(after, first) == []
    assert with_decisions(coded, foreign).codings.equals(coded.codings)


def test_all_read_is_reviewed_and_says_so(coded: CodedRound) -> None:
    rows = [(answer, "none", "", "changed") for answer in coded.responses.answers["answer"]]
    after = with_decisions(coded, decisions(*rows))
    assert after.is_reviewed
    assert after.expected_agreement is None
    assert after.agreement_words == "every code was set by a person"


def with_codings(coded: CodedRound, *rows: tuple[str, str, str, float, bool, str]) -> CodedRound:
    """Of (answer, theme, pole, score, coded, coder)."""
    frame = pd.DataFrame(rows, columns=["answer", "theme", "pole", "score", "coded", "coder"])
    frame = frame.assign(excerpt="", decision="", nearest="", matched="", changed_text=False)
    return replace(coded, codings=frame[analysis.CODINGS])


def test_prevalence_counts_people_and_leaves_sponsors_out(coded: CodedRound) -> None:
    given = with_codings(
        coded,
        (key("w1", "r1", "Q1"), "A", "good", 0.9, True, "machine"),
        (key("w1", "r1", "Q2"), "A", "poor", 0.9, True, "machine"),  # the same person, the other way
        (key("w3", "r1", "Q2"), "A", "poor", 0.9, True, "machine"),  # and in another pair
        (key("w2", "r3", "Q2"), "A", "poor", 0.9, True, "machine"),
        (key("w2", "r4", "Q1"), "A", "", 0.9, True, "machine"),
        (key("w1", "r2", "Q1"), "A", "good", 0.9, False, "AB"),  # rejected
        (key("top", "s1", "Q2"), "A", "poor", 0.9, True, "machine"),  # a sponsor
        (key("w2", "r4", "Q1"), "D", "mixed", 0.9, True, "AB"),
    )
    assert prevalence(given).to_dict("records") == [
        {
            "theme": "A",
            "label": "trust",
            "status": "accepted",
            "set_by": "analyst",
            "respondents": 3,
            "answers": 5,
            "poor": 1,
            "both": 1,
            "good": 0,
            "unclear": 1,
        },
        {
            "theme": "D",
            "label": "targets",
            "status": "accepted",
            "set_by": "analyst",
            "respondents": 1,
            "answers": 1,
            "poor": 0,
            "both": 1,
            "good": 0,
            "unclear": 0,
        },
        {
            "theme": "B",
            "label": "time together",
            "status": "accepted",
            "set_by": "auditkit",
            "respondents": 0,
            "answers": 0,
            "poor": 0,
            "both": 0,
            "good": 0,
            "unclear": 0,
        },
    ]


def test_expected_agreement_is_the_mean_of_the_machine_s_codes(coded: CodedRound) -> None:
    given = with_codings(
        coded,
        (key("w1", "r1", "Q1"), "A", "good", 0.9, True, "machine"),
        (key("w2", "r3", "Q2"), "A", "poor", 0.3, True, "machine"),
        (key("w2", "r4", "Q1"), "A", "poor", 0.1, True, "AB"),  # a person's
        (key("w3", "r1", "Q2"), "A", "poor", 0.1, False, "AB"),
    )
    assert given.expected_agreement == pytest.approx(0.6)
    assert given.agreement_words == "not yet known for your data (40 to 58% right on other data)"
    assert len("Expected agreement: ") + len(given.agreement_words) < 80
    read = replace(given, read=frozenset(str(place) for place in range(analysis.ENOUGH_READ)))
    assert read.agreement_words == "about 60% of the software's codes"
    fewer = replace(given, read=frozenset(str(place) for place in range(analysis.ENOUGH_READ - 1)))
    assert fewer.agreement_words.startswith("not yet known for your data (")


def test_cohesion_leaves_small_themes_out(coded: CodedRound) -> None:
    counts = coded.codings["theme"].value_counts()
    assert coded.cohesion["theme"].tolist() == sorted(counts[counts >= 3].index)
    assert set(coded.cohesion["strength"]) <= {"", "loose", "fair", "tight"}


def test_the_real_encoder_and_the_shipped_codebook() -> None:
    said = [
        ("w1", "r1", "Q1", "She keeps her word, I can rely on her completely. 🙂"),
        ("w1", "r1", "Q2", "Our meetings are cancelled again and again, no time for each other"),
        ("w1", "r2", "Q2", "n/a"),
        ("w2", "r3", "Q2", "I hear about decisions after they have been made, nobody asked me"),
    ]
    found = code_one(responses(said), default(), Encoder(None).encode, Config())
    best = found.codings.sort_values("score", ascending=False).drop_duplicates("answer").set_index("answer")
    assert best.loc[key("w1", "r1", "Q1"), ["theme", "pole"]].tolist() == ["T01", "good"]
    assert best.loc[key("w1", "r1", "Q2"), ["theme", "pole"]].tolist() == ["T07", "poor"]
    assert best.loc[key("w2", "r3", "Q2"), ["theme", "pole"]].tolist() == ["T06", "poor"]
    assert key("w1", "r2", "Q2") not in best.index
