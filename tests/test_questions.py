from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from auditkit import questions
from auditkit.encoder import Encoder
from auditkit.questionnaire import question_text


def never(texts: Sequence[str]) -> np.ndarray:
    raise AssertionError("a shipped question needs no hearing")


def test_shipped_questions_lean_as_declared_by_text_and_by_code() -> None:
    expected = {"Q1": 1.0, "Q2": -1.0, "Q3": 0.0, "Q4": 0.0, "Q5": -0.5, "Q6": 0.0, "Q7": 0.0}
    by_text = questions.leans([question_text(code) for code in expected], never)
    assert [by_text[question_text(code)] for code in expected] == list(expected.values())
    assert questions.leans(list(expected), never) == expected


def test_foreign_questions_are_heard() -> None:
    foreign = ["What was good?", "What could we do better?", "FFT Why?", "Any other comments", ""]
    found = questions.leans(foreign, Encoder(None).encode)
    assert found == {
        "What was good?": 1.0,
        "What could we do better?": -1.0,
        "FFT Why?": 0.0,
        "Any other comments": 0.0,
        "": 0.0,
    }


@pytest.mark.parametrize(
    ("vector", "lean"),
    [
        ((1, 0, 0), 1.0),  # as a question for what works
        ((0, 1, 0), -1.0),
        ((0.6, 0.5, 0.62), 0.4),  # a lead of .1 in likeness, four times as steep
        ((0.5, 0.5, 0.7), 0.0),  # between the two
        ((0.39, 0, 0.92), 0.0),  # unlike either
    ],
)
def test_an_unknown_question_leans_by_its_likeness_to_both_kinds(vector: tuple[float, ...], lean: float) -> None:
    def encode(texts: Sequence[str]) -> np.ndarray:
        known = dict.fromkeys(questions.ASKS_GOOD, (1, 0, 0)) | dict.fromkeys(questions.ASKS_POOR, (0, 1, 0))
        return np.array([known.get(text, vector) for text in texts], float)

    assert questions.leans(["Which trains do you take?"], encode) == pytest.approx({"Which trains do you take?": lean})


def test_no_questions() -> None:
    assert questions.leans([], never) == {}
