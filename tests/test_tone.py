from __future__ import annotations

import json

import numpy as np
import pytest

from auditkit import encoder, tone

GOOD = [
    "Everyone was kind and explained everything. Thank you!",
    "Excellent service, I felt listened to from start to finish.",
    "We work very well together and I enjoy it.",
]
POOR = [
    "Rude staff, and nobody told us anything for hours.",
    "It was awful. My complaint was ignored.",
    "We do not trust each other and every meeting ends in an argument.",
]


def some_vectors(rows: int) -> np.ndarray:
    vectors = np.random.default_rng(3).normal(size=(rows, 384)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_plainly_good_and_bad_texts_are_told_apart() -> None:
    scores = tone.score(encoder.Encoder(None).encode(GOOD + POOR))
    assert [tone.word(value) for value in scores[:3]] == ["positive"] * 3
    assert (scores[3:] < 0).all()


def test_scores_lie_between_minus_one_and_one() -> None:
    scores = tone.score(np.concatenate([some_vectors(500), 50 * some_vectors(50)]))
    assert scores.shape == (550,)
    assert np.abs(scores).max() <= 1
    assert np.isfinite(scores).all()


def test_no_rows_give_no_scores() -> None:
    assert tone.score(np.empty((0, 384), np.float32)).shape == (0,)


def test_a_row_does_not_depend_on_the_others() -> None:
    vectors = some_vectors(101)
    together = tone.score(vectors)
    assert np.concatenate([tone.score(row[None]) for row in vectors]).tobytes() == together.tobytes()
    assert tone.score(vectors[::-1])[::-1].tobytes() == together.tobytes()


def test_score_is_the_difference_of_two_probabilities() -> None:
    head = {
        "positive": {"intercept": 1.0, "weights": [2.0] + [0.0] * 383},
        "negative": {"intercept": 0.5, "weights": [0.0] * 383 + [-1.0]},
    }
    vector = np.zeros((1, 384), np.float32)
    vector[0, 0], vector[0, -1] = 0.5, 0.25
    good, poor = np.exp(1 + 2 * 0.5), np.exp(0.5 - 0.25)
    assert tone.score(vector, head) == pytest.approx([(good - poor) / (1 + good + poor)])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-1, "negative"),
        (-0.21, "negative"),
        (-0.2, "mixed"),
        (0, "mixed"),
        (0.2, "mixed"),
        (0.21, "positive"),
    ],
)
def test_words(value: float, expected: str) -> None:
    assert tone.word(value) == expected


def test_head_belongs_to_the_encoder_and_says_how_well_it_travels() -> None:
    head = json.loads(tone.HEAD.read_text(encoding="utf-8"))
    assert head["model"] == encoder.MODEL_ID
    assert len(head["positive"]["weights"]) == len(head["negative"]["weights"]) == encoder.SIZE
    assert len(head["across_trusts"]) == 2
    for direction in head["across_trusts"]:
        assert direction["comments"] + direction["tested_on"] == head["comments"]
        assert direction["macro_f1"] >= 0.56
        assert direction["spearman"] >= 0.63
    assert tone.HEAD.stat().st_size < 10_000
