from __future__ import annotations

import hashlib
import random
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from auditkit import codebook as codebooks
from auditkit import coding, excerpts, junk
from auditkit.codebook import Codebook, Theme
from auditkit.encoder import Encoder

GOOD, POOR = "What works well between you and your partner?", "What gets in the way?"
WORDS = (
    "trust rota meeting budget shared plan early late phone email listen argue quiet ward clinic decide together "
    "alone target patient board notice promise broken honest hidden role unclear time busy support senior".split()
)


def of_words(texts: Sequence[str]) -> np.ndarray:
    """A stand-in for the encoder: a text is the sum of its words' directions."""
    rows = np.zeros((len(texts), 64), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.casefold().replace(".", " ").split():
            row += np.frombuffer(hashlib.shake_128(word.encode()).digest(64), np.uint8) - np.float32(127.5)
        row /= max(1e-9, float(np.linalg.norm(row)))
    return rows


def by_hand(vectors: dict[str, tuple[float, ...]]) -> Callable[[Sequence[str]], np.ndarray]:
    nowhere = (0.0,) * len(next(iter(vectors.values())))
    return lambda texts: np.array([vectors.get(text, nowhere) for text in texts], np.float32)


def units(answers: Sequence[str], questions: Sequence[str] | None = None, items: Sequence[str] = ()) -> coding.Units:
    spans = excerpts.spans(answers)
    questions = questions or [GOOD] * len(answers)
    return coding.Units(
        answers=answers,
        questions=questions,
        items=items or questions,
        sentences=[text[a:b] for text, parts in zip(answers, spans, strict=True) for a, b in parts],
        owner=[place for place, parts in enumerate(spans) for _ in parts],
    )


def book(*themes: Theme, junk: tuple[str, ...] = ()) -> Codebook:
    return Codebook(themes, junk, "test")


def labels(*names: str) -> Codebook:
    return book(*(Theme(id=f"T{number:02d}", label=name) for number, name in enumerate(names, 1)))


def score(given: coding.Units, codebook: Codebook, encode: coding.Encode = of_words) -> coding.Scores:
    return coding.score(given, codebook, encode, [0.0] * len(given.answers))


def some_answers(n: int) -> tuple[list[str], list[str]]:
    """Answers with several sentences, repeated texts, other spellings, and none."""
    draw = random.Random(n)
    texts = []
    for number in range(n):
        sentences = [" ".join(draw.choices(WORDS, k=draw.randint(2, 9))) for _ in range(draw.randint(1, 3))]
        texts.append(". ".join(sentences))
        if number % 7 == 3:
            texts[-1] = texts[draw.randrange(number)].upper()
        if number % 11 == 5:
            texts[-1] = draw.choice(["", "…", "👍", "n/a", "trust  rota", "Trust rota", "نعم نعم"])
    return texts, draw.choices([GOOD, POOR, "Anything else?"], k=n)


DEMO = book(
    Theme(id="A", label="trust", statements_good=("promise honest trust",), statements_poor=("hidden promise broken",)),
    Theme(id="B", label="time together", definition="meeting time. busy alone.", expects=(POOR,)),
    Theme(id="C", label="targets", statements=("target board budget", "patient ward clinic", "Target  board budget")),
    Theme(id="D", label="roles", statements_poor=("role unclear decide alone", "rota unclear")),
    junk=("n/a", "no comment"),
)


def test_codebook_texts_come_once_a_theme_with_their_pole() -> None:
    assert coding.codebook_texts(DEMO) == [
        ("trust", 0, ""),
        ("promise honest trust", 0, "good"),
        ("hidden promise broken", 0, "poor"),
        ("time together", 1, ""),
        ("meeting time.", 1, ""),
        ("busy alone.", 1, ""),
        ("targets", 2, ""),
        ("target board budget", 2, ""),
        ("patient ward clinic", 2, ""),
        ("roles", 3, ""),
        ("role unclear decide alone", 3, "poor"),
        ("rota unclear", 3, "poor"),
    ]


def test_a_probability_worked_out_by_hand() -> None:
    # Likeness .50 and .47, no letters shared: a softmax of .03/.06 = .5 gives .6225 and .3775; alone, with no
    # other text to be smoothed over. Logistic of 7.9 x .6225 + 2.4 x (.6225 - .3775) - 2.8, and the reverse.
    encode = by_hand({"alpha": (1, 0, 0), "bravo": (0.5, 0.75**0.5, 0), "zulu": (0.47, 0, (1 - 0.47**2) ** 0.5)})
    found = score(units(["alpha"]), labels("bravo", "zulu"), encode)
    assert found.probability[0] == pytest.approx([1 / (1 + np.exp(-2.7058)), 1 / (1 + np.exp(0.4058))], abs=1e-3)
    assert found.coded.tolist() == [[True, True]]  # .94 as the best, .40 as one of a quarter or more


def test_the_best_theme_is_coded_however_unsure() -> None:
    names = [f"{letter}{letter}" for letter in "abcdefghijkl"]
    encode = by_hand({name: tuple(np.eye(13)[place]) for place, name in enumerate(names)} | {"zz": (0.0,) * 13})
    found = score(units(["zz"]), labels(*names), encode)  # a twelfth for each
    assert found.probability.max() < coding.CODED_FROM
    assert found.coded.tolist() == [[True] + [False] * 11]  # of equals, the first in the codebook


@pytest.mark.parametrize("n", [30, 300])
def test_the_order_of_rows_changes_no_byte(n: int) -> None:
    texts, questions = some_answers(n)
    first = score(units(texts, questions), DEMO)
    for seed in range(3):
        order = list(range(n))
        random.Random(seed).shuffle(order)
        again = score(units([texts[i] for i in order], [questions[i] for i in order]), DEMO)
        for name in ("probability", "coded", "empty", "nearest", "fit"):
            assert getattr(again, name).tobytes() == getattr(first, name)[order].tobytes(), name
        place = {answer: row for row, answer in enumerate(order)}
        theirs, mine = units(texts).owner, units([texts[i] for i in order]).owner
        moved = np.array(sorted(range(len(mine)), key=lambda row: (order[mine[row]], row)))
        assert [order[mine[row]] for row in moved] == list(theirs)
        for name in ("likeness", "support", "sentence_probability"):
            assert getattr(again, name)[moved].tobytes() == getattr(first, name).tobytes(), name
        for answer in range(n):
            assert [moved.tolist().index(s) if s >= 0 else -1 for s in again.sentence[place[answer]]] == list(
                first.sentence[answer]
            )


def test_the_order_of_rows_changes_no_byte_with_the_real_encoder() -> None:
    texts, questions = some_answers(30)
    encode = Encoder(None).encode
    first = score(units(texts, questions), DEMO, encode)
    again = score(units(texts[::-1], questions[::-1]), DEMO, encode)
    assert again.probability.tobytes() == first.probability[::-1].tobytes()
    assert again.coded.tobytes() == first.coded[::-1].tobytes()


def test_spellings_of_one_text_count_as_one() -> None:
    found = score(units(["Trust rota", "trust  ROTA", "budget board"]), DEMO)
    assert found.probability[0].tobytes() == found.probability[1].tobytes()


def test_neighbours_are_a_symmetric_graph_of_the_twenty_nearest() -> None:
    vectors = of_words([" ".join(random.Random(place).choices(WORDS, k=4)) for place in range(40)])
    graph = coding._neighbours(vectors).toarray()
    cosine = np.round(vectors @ vectors.T, 6)
    np.fill_diagonal(cosine, -1)
    wanted = np.zeros_like(cosine)
    for row in range(40):
        for near in np.argsort(-cosine[row], kind="stable")[:20]:
            wanted[row, near] = max(cosine[row, near], 0) ** 3
    wanted = np.maximum(wanted, wanted.T)
    degree = wanted.sum(1) + coding.STRANGER
    assert graph == pytest.approx(wanted / np.sqrt(np.outer(degree, degree)), abs=1e-5)
    assert graph == pytest.approx(graph.T, abs=1e-6)


def test_blocks_do_not_change_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = of_words([f"{a} {b}" for a in WORDS[:8] for b in WORDS[8:16]])
    whole = coding._neighbours(vectors)
    monkeypatch.setattr(coding, "BLOCK", 64 * 10)
    assert coding._neighbours(vectors).toarray() == pytest.approx(whole.toarray(), abs=1e-6)


def test_a_text_takes_over_from_its_neighbours() -> None:
    # "two" alone is as like either theme; its only near text speaks for the first.
    encode = by_hand({"one": (1, 0, 0), "two": (0.7, 0.7, 0.14), "aaaa": (1, 0, 0), "bbbb": (0, 1, 0)})
    alone = score(units(["two"]), labels("aaaa", "bbbb"), encode).probability[0]
    beside = score(units(["two", "one"]), labels("aaaa", "bbbb"), encode).probability[0]
    assert alone[0] == pytest.approx(alone[1])
    assert beside[0] > 0.9 > 0.3 > beside[1]


def test_a_text_like_no_other_keeps_its_own_themes() -> None:
    # Each other's only neighbour, at a cosine of .3.
    encode = by_hand({"one": (1, 0, 0), "two": (0.3, 0.954, 0), "aaaa": (1, 0, 0), "bbbb": (0, 1, 0)})
    found = score(units(["one", "two"]), labels("aaaa", "bbbb"), encode)
    assert found.probability.argmax(1).tolist() == [0, 1]
    assert found.probability.max(1).min() > 0.9


def test_a_question_pulls_where_its_answers_lean() -> None:
    encode = by_hand(
        {
            "first?": (1, 0, 0),
            "second?": (0, 1, 0),
            "aaaa": (1, 0, 0),
            "bbbb": (0, 1, 0),
            "unsure": (0.5, 0.5, 0.7),
            **{f"x{number}": (0.9, 0.1, 0.42) for number in range(6)},
            **{f"y{number}": (0.1, 0.9, 0.42) for number in range(6)},
        }
    )
    texts = ["unsure", *(f"x{number}" for number in range(6)), "unsure", *(f"y{number}" for number in range(6))]
    found = score(units(texts, ["first?"] * 7 + ["second?"] * 7), labels("aaaa", "bbbb"), encode)
    assert found.probability[0, 0] > found.probability[0, 1] + 0.3
    assert found.probability[7, 1] > found.probability[7, 0] + 0.3
    deaf = score(units(texts, ["what?"] * 14), labels("aaaa", "bbbb"), encode)
    assert deaf.probability[0, 0] == pytest.approx(deaf.probability[0, 1], abs=0.02)


@pytest.mark.parametrize("name", ["which  WAY?", "q9"])
def test_a_theme_expected_under_a_question_has_three_times_the_odds(name: str) -> None:
    encode = by_hand({"aaaa": (1, 0), "bbbb": (0, 1), "both": (0.7, 0.7)})
    codebook = labels("aaaa", "bbbb")
    expecting = replace(codebook, themes=(codebook.themes[0], replace(codebook.themes[1], expects=(name,))))
    found = score(units(["both"], ["Which way?"], ["Q9"]), expecting, encode)
    three_quarters = 1 / (1 + np.exp(-(7.9 * 0.75 + 2.4 * 0.5 - 2.8)))
    assert found.probability[0, 1] == pytest.approx(three_quarters, abs=1e-4)


def test_the_sentence_that_carries_a_theme_and_the_statement_nearest_to_it() -> None:
    texts = ["busy. a clinic on the ward. honest promise", "nothing else"]
    found = score(units(texts), DEMO)
    assert found.sentence[0, 2] == 1
    assert found.texts[found.nearest[0, 2]] == "patient ward clinic"
    assert found.sentence[0, 0] == 2
    assert found.texts[found.nearest[0, 0]] == "promise honest trust"
    assert found.support[1, 2]
    assert found.support[2, 0]


def test_answers_without_a_word_get_no_code() -> None:
    texts = ["", "…", "👍🏽", "?!", "promise honest trust"]
    found = score(units(texts), DEMO)
    assert found.empty.tolist() == [True, True, True, True, False]
    assert found.coded.any(1).tolist() == [False, False, False, False, True]
    assert (found.sentence[:4] == -1).all()
    assert found.probability[:4].max() <= coding.EMPTY_RIGHT


def test_no_answer_with_a_sentence() -> None:
    found = score(units(["", "…"]), DEMO)
    assert not found.coded.any()
    assert found.likeness.shape == (0, 12)
    assert found.sentence_probability.shape == found.support.shape == (0, 4)


def test_one_answer_is_coded() -> None:
    found = score(units(["promise honest trust"]), DEMO)
    assert found.coded[0, 0]
    assert np.isfinite(found.probability).all()


def test_a_theme_alone_is_not_coded_everywhere() -> None:
    alone = book(DEMO.themes[0])
    texts = [f"{a} {b} clinic" for a in WORDS[2:12] for b in WORDS[14:18]] + ["promise honest trust", "hidden promise"]
    found = score(units(texts, [GOOD, POOR] * 21), alone)
    assert found.coded[-2:, 0].all()
    assert found.coded.mean() < 0.3
    assert found.probability.max() <= coding.LONE_RIGHT
    assert found.probability.shape == (42, 1)
    assert found.sentence_probability.shape[1] == found.support.shape[1] == 1


def test_one_text_under_two_questions_is_two_texts() -> None:
    texts = ["busy clinic", "busy clinic", "meeting time", "meeting time busy", "ward target", "board target"]
    found = score(units(texts, [POOR, GOOD, POOR, POOR, GOOD, GOOD]), DEMO)
    assert found.probability[0, 1] > found.probability[1, 1]  # time together is expected under POOR
    assert found.fit[0] == found.fit[1]


def test_other_scripts_and_signs_are_read() -> None:
    texts = ["נפגשים כל שבוע", "🙂 trust 🙂 promise", "trust\x00promise", "=trust", "信任"]
    found = score(units(texts), DEMO)
    assert found.coded.any(1).all()
    assert np.isfinite(found.probability).all()


def test_a_very_long_answer_takes_no_memory_from_the_others() -> None:
    texts = [f"{a} {b}" for a in WORDS[:25] for b in WORDS] + [" ".join(WORDS * 156)]  # 25 x 32, and 5,000 words
    given = units(texts)
    tracemalloc.start()
    found = score(given, DEMO)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.coded[-1].any()
    assert peak < 60e6  # as strings of one length they would take over 200 MB


def test_labels_alone_are_enough() -> None:
    found = score(units(["trust promise", "budget late"]), labels("trust", "budget"))
    assert found.coded.tolist() == [[True, False], [False, True]]


def test_fit_is_the_best_cosine_once_the_mean_is_taken_out() -> None:
    encode = by_hand({"aa": (1, 0), "bb": (0, 1), "cc": (1, 0), "dd": (0.6, 0.8)})
    found = score(units(["aa", "bb"]), labels("cc", "dd"), encode)
    # The mean is (.5, .5): the answers point to (1, -1) and (-1, 1), the codebook to (1, -1) and (.1, .3).
    assert found.fit == pytest.approx([1.0, (-0.1 + 0.3) / (2**0.5 * 0.1**0.5)], abs=1e-6)


@pytest.fixture(scope="module")
def encode() -> coding.Encode:
    return Encoder(None).encode


def test_junk_gets_no_theme_and_content_does(encode: coding.Encode) -> None:
    empty = ["n/a", "Nothing really", "see above", "Can't think of anything", "no comment"]
    said = [
        "We trust each other and she keeps her word",
        "No time. We never get to meet",
        "Nothing. He decides everything without asking me first.",
        "Too many meetings are cancelled",
    ]
    found = score(units(empty + said), codebooks.default(), encode)
    assert found.empty.tolist() == [True] * 5 + [False] * 4
    assert not found.coded[:5].any()
    assert found.coded[5:].any(1).all()


def test_what_says_nothing_is_told_from_what_is_about_something_else() -> None:
    answers = ["n/a", "...", "Nothing to add", "My printer is jammed again.", "The lift does not work."]
    found = junk.silent(answers, codebooks.default(), Encoder(None).encode)
    assert found.tolist() == [True, True, True, False, False]
    assert junk.silent([], codebooks.default(), Encoder(None).encode).tolist() == []


def test_bare_labels_call_empty_only_what_is_plainly_junk(encode: coding.Encode) -> None:
    codebook = replace(labels("Food", "Parking", "Waiting times"), junk=codebooks.default().junk)
    found = score(units(["n/a", "no comment", "Great", "The soup was cold"]), codebook, encode)
    assert found.empty.tolist() == [True, True, False, False]


def test_nothing_is_praise_where_a_theme_says_so(encode: coding.Encode) -> None:
    codebook = replace(labels("Positive experience", "Food", "Parking"), junk=codebooks.default().junk)
    given = units(["Nothing", "Nothing"], [POOR, GOOD])
    found = coding.score(given, codebook, encode, [-1.0, 1.0])
    assert found.empty.tolist() == [False, True]


def test_shipped_statements_are_coded_to_another_wording_of_themselves(encode: coding.Encode) -> None:
    texts = ["She keeps every promise and I can rely on her", "We have not met for weeks, our diaries are full"]
    found = score(units(texts), codebooks.default(), encode)
    themes = [theme.label for theme in codebooks.default().accepted]
    assert [themes[best] for best in found.probability.argmax(1)] == ["Trust", "Time together"]
