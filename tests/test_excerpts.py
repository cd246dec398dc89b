from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit import excerpts


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in excerpts.spans([text])[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We meet weekly. It helps!", ["We meet weekly.", "It helps!"]),
        ("no full stop", ["no full stop"]),
        ("It works.But not always", ["It works.", "But not always"]),
        ("Really?!! Yes", ["Really?!!", "Yes"]),
        ("one line\r\nanother\n\n\nthird", ["one line", "another", "third"]),
        ("one; two;three", ["one", "two", "three"]),
        ("- first\n* second\n• third", ["first", "second", "third"]),
        ("1. first thing\n2) second thing\n(3) third", ["first thing", "second thing", "third"]),
        ("a well-known thing", ["a well-known thing"]),
        ("It costs 3.5 pounds", ["It costs 3.5 pounds"]),
        ("Dr. Smith agreed. We left", ["Dr. Smith agreed.", "We left"]),
        ("e.g. the rota", ["e.g. the rota"]),
        ("at 9 a.m. on Monday", ["at 9 a.m. on Monday"]),
        ("good 🙂. bad 👍🏽 ok", ["good 🙂.", "bad 👍🏽 ok"]),
        ("مرحبا بك. كيف حالك؟ جيد", ["مرحبا بك.", "كيف حالك؟", "جيد"]),
        ("  \u00a0padded\u00a0 ", ["padded"]),
    ],
)
def test_what_ends_a_sentence(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize("text", ["", "   ", "...", "👍👍", "-", "?!", "\n\n", "• "])
def test_a_text_without_a_word_has_no_sentence(text: str) -> None:
    assert sentences(text) == []


def test_texts_keep_their_own_sentences() -> None:
    assert excerpts.spans(["Yes. No.", "", "Perhaps"]) == [[(0, 4), (5, 8)], [], [(0, 7)]]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab .!?;\n\r-•\u2013'\u00a0é🙂ש3", max_size=60))
def test_every_letter_is_in_one_sentence(text: str) -> None:
    found = excerpts.spans([text])[0]
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    covered = {place for start, end in found for place in range(start, end)}
    assert {place for place, character in enumerate(text) if character.isalpha()} <= covered
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in found)


def test_a_long_answer_is_split_like_a_short_one() -> None:
    long = " ".join(["We talk every week."] * 1250)  # 5,000 words
    assert len(sentences(long)) == 1250


def test_split_numbers_the_sentences_of_each_answer() -> None:
    answers = pd.DataFrame({"answer": ["a1", "a2", "a3"], "text": ["Good. Very good.", "…", "🙂 fine"]})
    found = excerpts.split(answers)
    assert found.to_dict("list") == {
        "excerpt": ["a1-01", "a1-02", "a3-01"],
        "answer": ["a1", "a1", "a3"],
        "start": [0, 6, 0],
        "end": [5, 16, 6],
        "text": ["Good.", "Very good.", "🙂 fine"],
    }


def test_no_answers_have_no_excerpts() -> None:
    found = excerpts.split(pd.DataFrame({"answer": [], "text": []}))
    assert list(found.columns) == ["excerpt", "answer", "start", "end", "text"]
    assert len(found) == 0


def test_matched_words_come_in_any_form_and_without_common_ones() -> None:
    statement = "We meet regularly and the meetings are about what matters."
    assert excerpts.matched("Our regular meeting is what we have, meeting after meeting", statement) == [
        "regular",
        "meeting",
    ]
    assert excerpts.matched("Nobody phones", statement) == []
