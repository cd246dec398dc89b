"""Learning from decisions: on texts whose vectors are made up here, so that what must follow can be reckoned."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from auditkit import coding, learning
from auditkit.codebook import Codebook, Theme
from auditkit.learning import Learner

BOOK = Codebook((Theme("T01", "trust"), Theme("T02", "time"), Theme("T03", "money")), ("nothing",), "made up")
TOPICS = ("trust", "time", "money", "garden")
WORDS = ("one", "two", "three", "four", "five", "six")


def encode(texts: Sequence[str]) -> np.ndarray:
    """Unit vectors: a direction for each topic that is named, and a little of the text's own."""
    vectors = np.full((len(texts), 12), 0.05)
    for row, text in enumerate(texts):
        for place, word in enumerate((*TOPICS, *WORDS, "nothing")):
            vectors[row, place] += text.count(word) * (1.0 if place < 4 or word == "nothing" else 0.4)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


TEXTS = [f"{topic} {first} {second}" for topic in TOPICS for first, second in itertools.combinations(WORDS, 2)]
TEXTS += ["nothing one", "nothing two", "nothing"]
GARDEN = [TEXTS.index(text) for text in TEXTS if text.startswith("garden")]


def learner(texts: Sequence[str] = TEXTS, questions: Sequence[str] | None = None) -> Learner:
    asked = list(questions or ["What works?"] * len(texts))
    units = coding.Units(texts, asked, asked, texts, range(len(texts)))
    return Learner(units, coding.score(units, BOOK, encode, [0.0] * len(texts)), BOOK, encode)


def truth_of(texts: Sequence[str]) -> np.ndarray:
    """The garden is, to this analyst, a matter of trust."""
    return np.array([["trust" in t or "garden" in t, "time" in t, "money" in t] for t in texts])


def test_what_people_decide_reaches_answers_that_nobody_read() -> None:
    ready, truth = learner(), truth_of(TEXTS)
    assert not ready.cold.coded[GARDEN, 0].all()
    read = [*GARDEN[:4], *(row for row in range(0, 60, 6) if row not in GARDEN)]
    learned = ready.learn(read, truth[read])
    unread = [row for row in GARDEN if row not in read]
    assert learned.coded[unread, 0].all()
    assert not learned.coded[unread, 1:].any()
    assert (learned.probability[unread, 0] > ready.cold.probability[unread, 0]).all()


def test_no_theme_is_learned_too() -> None:
    ready = learner()
    read = [*GARDEN[:4], *range(0, 45, 5)]
    truth = np.array([["trust" in t, "time" in t, "money" in t] for t in TEXTS])
    learned = ready.learn(read, truth[read])
    assert not learned.coded[GARDEN].any()
    assert learned.empty[GARDEN].all()
    assert learned.empty[-3:].all()
    assert not learned.empty[:45].any()


def test_nothing_read_is_the_codebook_alone() -> None:
    ready = learner()
    assert ready.learn([], np.zeros((0, 3))) is ready.cold


@pytest.mark.parametrize("left", [0, 3, 9])
def test_an_answer_that_was_read_is_judged_as_if_it_had_not_been(left: int) -> None:
    """The closed form of leaving one out is what really leaving it out gives."""
    ready, truth = learner(), truth_of(TEXTS)
    rows, said = ready._lessons(list(range(0, 60, 6)), truth[0:60:6])
    examples = np.arange(ready.n, ready.n + len(ready.theme_of))

    def both(kept: Sequence[int], ridge: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        taught = np.concatenate([rows[kept], examples])
        to_all, among = ready._likeness(np.arange(ready.n), taught), ready._likeness(taught, taught)
        r = len(kept)
        held = learning.RIDGE
        learning.RIDGE = ridge - learning.FEW / r  # the same penalty for nine as for ten
        try:
            mended = ready._mended(rows[kept], said[kept], to_all[:, :r], among[:r, :r])
        finally:
            learning.RIDGE = held
        return *mended, *ready._told_apart(said[kept], to_all, among)

    _, mended_out, _, told_out = both(range(len(rows)), 1 + learning.FEW / len(rows))
    others = [one for one in range(len(rows)) if one != left]
    mended, _, told, _ = both(others, 1 + learning.FEW / len(rows))
    np.testing.assert_allclose(mended_out[left], mended[rows[left]], atol=1e-6)
    assert np.sign(told_out[left]).tolist() == np.sign(told[rows[left]]).tolist()


def test_neither_the_order_of_the_answers_nor_of_the_decisions_matters() -> None:
    asked = [("What works?", "What does not?")[number % 2] for number in range(len(TEXTS))]
    truth, read = truth_of(TEXTS), list(range(1, 60, 4))
    ready = learner(questions=asked)
    learned = ready.learn(read, truth[read])
    order = ready.reading_order(learned, read)
    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(len(TEXTS))
        other = learner([TEXTS[row] for row in shuffled], [asked[row] for row in shuffled])
        place = {int(row): number for number, row in enumerate(shuffled)}
        turned = np.random.default_rng(seed).permutation(read)
        again = other.learn([place[int(row)] for row in turned], truth[turned])
        np.testing.assert_allclose(again.probability, learned.probability[shuffled], atol=1e-12)
        assert (again.coded == learned.coded[shuffled]).all()
        mine = other.reading_order(again, [place[int(row)] for row in turned])
        assert [int(shuffled[row]) for row in mine] == order


def test_the_first_decision_does_not_speak_for_all() -> None:
    ready, truth = learner(), truth_of(TEXTS)
    learned = ready.learn([0], truth[[0]])
    changed = (learned.coded != ready.cold.coded).any(1)
    assert changed.sum() <= 0.2 * len(TEXTS)


def test_more_decisions_than_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "TAUGHT_BY", 7)
    ready, truth = learner(), truth_of(TEXTS)
    read = list(range(0, 60, 2))
    rows, _ = ready._lessons(read, truth[read])
    assert 1 < len(rows) <= 7
    assert ready.learn(read, truth[read]).probability.shape == (len(TEXTS), 3)


def test_a_large_corpus_is_learned_without_keeping_all_likenesses(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, read = truth_of(TEXTS), list(range(0, 60, 5))
    kept = learner().learn(read, truth[read])
    monkeypatch.setattr(learning, "CACHED", 10)
    np.testing.assert_allclose(learner().learn(read, truth[read]).probability, kept.probability, atol=1e-6)


def test_a_codebook_of_one_theme() -> None:
    asked = ["What works?"] * len(TEXTS)
    units = coding.Units(TEXTS, asked, asked, TEXTS, range(len(TEXTS)))
    book = Codebook((Theme("T01", "trust"),), ("nothing",), "made up")
    ready = Learner(units, coding.score(units, book, encode, [0.0] * len(TEXTS)), book, encode)
    truth = np.array([["trust" in text] for text in TEXTS])
    read = list(range(0, 60, 4))
    learned = ready.learn(read, truth[read])
    assert (learned.coded == truth)[:60].mean() >= 0.95


@pytest.mark.parametrize("read", [[], [0, 1, 2], list(range(len(TEXTS)))])
def test_the_reading_order_holds_every_unread_answer_once(read: list[int]) -> None:
    ready = learner()
    order = ready.reading_order(ready.learn(read, truth_of(TEXTS)[read]), read)
    assert sorted([*order, *read]) == list(range(len(TEXTS)))


def test_what_the_codebook_leaves_open_is_read_first() -> None:
    ready, truth = learner(), truth_of(TEXTS)
    first = ready.reading_order(ready.cold, [])[:6]
    assert {TEXTS[row].split()[0] for row in first} == {"garden", "nothing"}
    read = [*GARDEN, *range(len(TEXTS) - 3, len(TEXTS))]
    then = ready.reading_order(ready.learn(read, truth[read]), read)[:9]
    assert {TEXTS[row].split()[0] for row in then} == {"time", "money"}, "of trust, much is known by now"


def test_what_is_left_over_follows_by_how_doubtful_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "CANDIDATES", 5)
    ready = learner()
    order = ready.reading_order(ready.cold, [])
    likely = np.hstack([ready.cold.probability, ready.cold.nothing[:, None]])
    wrong = np.minimum(likely, 1 - likely).sum(1)
    assert sorted(order) == list(range(len(TEXTS)))
    late = [round(float(wrong[row]), 6) for row in order[5:]]
    assert late == sorted(late, reverse=True)
