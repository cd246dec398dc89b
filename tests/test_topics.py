from __future__ import annotations

import csv
import hashlib
import json
import random
import subprocess
import sys
import types
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from auditkit import codebook, coding, phrases, topics
from auditkit.encoder import Encoder

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
KINDS = {
    "rota": "rota nights weekends cover gaps swaps",
    "parking": "parking permit barrier bays bicycle shelter",
    "lunch": "canteen soup sandwich queue kitchen microwave",
    "budget": "budget savings overspend finance invoice forecast",
}
FILLER = "we they often the in our my with for at this that".split()


def of_words(texts: Sequence[str]) -> np.ndarray:
    """A stand-in for the encoder: words of one kind point the same way, others each their own."""
    rows = np.zeros((len(texts), 96))
    kind_of = {word: kind for kind, words in KINDS.items() for word in words.split()}
    for row, text in zip(rows, texts, strict=True):
        for word in text.casefold().split():
            for part, weight in ((kind_of.get(word, word), 3.0), (word, 1.0)):
                row += weight * (np.frombuffer(hashlib.shake_128(part.encode()).digest(96), np.uint8) - 127.5)
        row /= max(1e-9, float(np.linalg.norm(row)))
    return rows


def four_kinds(n: int = 48) -> list[str]:
    """Texts of four kinds in turn, three words of the kind and one that says nothing."""
    draw = random.Random(n)
    names = sorted(KINDS)
    return [" ".join([*draw.sample(KINDS[names[place % 4]].split(), 3), draw.choice(FILLER)]) for place in range(n)]


def suggest(texts: Sequence[str], known: Sequence[str] = (), **more: object) -> topics.Found:
    vectors = of_words([*texts, *known])
    return topics.suggest(texts, vectors[: len(texts)], vectors[len(texts) :], of_words, **more)  # type: ignore[arg-type]


def as_read(found: topics.Found, texts: Sequence[str]) -> list[object]:
    return [
        [one.label, list(one.phrases), one.cohesion, one.gap, sorted(texts[place] for place in one.members)]
        for one in found.suggestions
    ]


def test_below_twenty_answers_nothing_is_suggested_and_the_reason_given() -> None:
    found = suggest(four_kinds(19))
    assert found == topics.Found((), "too few answers to suggest themes: needs 20, has 19")
    assert suggest([]).why.endswith("has 0")


def test_groups_that_hold_together_are_suggested() -> None:
    texts = four_kinds()
    found = suggest(texts, granularity=2.0)
    assert found.why == ""
    assert found.suggestions
    for one in found.suggestions:
        kinds = {place % 4 for place in one.members}
        assert len(kinds) == 1
        assert len(one.members) >= topics.SMALLEST
        assert one.central in one.members
        assert one.strength == topics.strength(one.cohesion)


def test_what_the_codebook_says_comes_last() -> None:
    known = ["rota nights weekends cover", "budget savings overspend finance"]
    texts = four_kinds()
    found = suggest(texts, known, show=50)
    gaps = [one.gap for one in found.suggestions]
    assert gaps == sorted(gaps)
    told = [
        ("rota" in as_kind(texts[one.central]) or "budget" in as_kind(texts[one.central])) for one in found.suggestions
    ]
    assert told == sorted(told)
    assert suggest(texts, known, show=2).suggestions == found.suggestions[:2]


def as_kind(text: str) -> str:
    return next(kind for kind, words in KINDS.items() if set(words.split()) & set(text.split()))


def test_the_order_of_rows_changes_nothing() -> None:
    texts = four_kinds(60)
    texts[7] = texts[3]  # one text twice
    first = as_read(suggest(texts), texts)
    for seed in range(2):
        moved = random.Random(seed).sample(texts, len(texts))
        assert as_read(suggest(moved), moved) == first


def test_labels_are_a_few_phrases_and_none_is_used_twice() -> None:
    texts = four_kinds()
    found = suggest(texts)
    for one in found.suggestions:
        assert one.label == ", ".join(one.phrases)
        assert 1 <= len(one.phrases) <= phrases.PHRASES
        assert all(len(phrase.split()) <= 2 for phrase in one.phrases)
        assert one.label not in texts
        assert ";" not in one.label
    first = found.suggestions[0].label
    again = suggest(texts, labels=[first.upper()])
    assert again.suggestions[0].label == f"{first} (2)"


def test_label_without_separator_and_never_none() -> None:
    taken = {"none"}
    assert topics._label(("a;b", "c"), taken) == "a,b, c"
    assert topics._label(("A,b", "c"), taken) == "A,b, c (2)"
    assert topics._label(("none",), taken) == "none (2)"
    assert topics._label((), taken) == "unnamed"


def test_texts_of_stop_words_alone_are_named_too() -> None:
    texts = [f"{a} {b}" for a in ("we", "they", "our") for b in ("12;", "13;", "14;", "15;", "16;", "17;", "18;")]
    vectors = np.eye(3)[[place // 7 for place in range(21)]] + 0.05 * np.random.default_rng(2).normal(size=(21, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = topics.suggest(texts, vectors, vectors[:0], lambda t: np.ones((len(t), 3)) / 3**0.5, granularity=1.0)
    assert len(found.suggestions) >= 2
    assert all(one.label and ";" not in one.label for one in found.suggestions)


def test_answers_beyond_the_largest_number_join_the_nearest_group(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*four_kinds(120), "a lone remark about nothing of the kind"]
    monkeypatch.setattr(topics, "LARGEST", 60)
    found = suggest(texts, granularity=1.0, show=50)
    members = [place for one in found.suggestions for place in one.members]
    assert len(members) == len(set(members)) > 90
    assert len(texts) - 1 not in members
    for one in found.suggestions:
        assert len({place % 4 for place in one.members}) == 1


def test_cohesion_is_the_mean_cosine_of_pairs() -> None:
    assert topics.cohesion(np.eye(2)) == pytest.approx(0)
    assert topics.cohesion(np.array([[1.0, 0], [1, 0], [0, 1]])) == pytest.approx(1 / 3)
    assert topics.cohesion(np.array([[1.0, 0], [-1, 0]])) == pytest.approx(-1)


@pytest.mark.parametrize(("value", "word"), [(0.25, "loose"), (0.3, "fair"), (0.399, "fair"), (0.4, "tight")])
def test_strength(value: float, word: str) -> None:
    assert topics.strength(value) == word


def test_distance_blends_meaning_and_words() -> None:
    centred = np.array([[1.0, 0], [0, 1], [0, 1], [0, 1]])
    vectors = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]])
    distances = topics.between(["rota gaps", "rota gaps", "the of", "of the"], vectors, centred)
    assert distances[0, 1] == pytest.approx(1 - 0.5 / 1.5)  # cosine 0 and the same words, which weigh half
    assert distances[1, 2] == 0  # no words that count: meaning alone
    assert distances[2, 3] == 0
    assert distances[0, 2] == 1
    assert (distances == distances.T).all()


def test_groups_are_numbered_by_size_and_small_ones_left_out() -> None:
    from scipy.cluster.hierarchy import linkage

    points = np.array([0, 0.1, 5, 5.1, 5.2, 9, 9.1, 9.2, 9.3, 20.0])[:, None]
    tree = linkage(points, "average")
    groups = topics.cluster(tree, 10, 4 / 10**0.5)
    assert groups.tolist() == [-1, -1, 1, 1, 1, 0, 0, 0, 0, -1]
    assert topics.cluster(tree, 10, 100.0).max() < 5  # never more groups than half of the different texts


def test_canonical_order_depends_on_the_texts_alone() -> None:
    texts = ["B  b", "a", "Ａ", "b B", "c"]
    moved = texts[::-1]
    assert [texts[place] for place in topics.canonical(texts)] == [moved[place] for place in topics.canonical(moved)]


def test_optional_modules_are_hidden_for_the_import_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "OPTIONAL", ("auditkit_stub_there", "auditkit_stub_absent"))
    there = types.ModuleType("auditkit_stub_there")
    monkeypatch.setitem(sys.modules, "auditkit_stub_there", there)
    with phrases.light_import():
        assert sys.modules["auditkit_stub_there"] is there
        with pytest.raises(ImportError):
            __import__("auditkit_stub_absent")
    assert sys.modules["auditkit_stub_there"] is there
    assert "auditkit_stub_absent" not in sys.modules
    with pytest.raises(RuntimeError), phrases.light_import():
        raise RuntimeError
    assert sys.modules["auditkit_stub_there"] is there
    assert "auditkit_stub_absent" not in sys.modules


STUBS = ("umap", "hdbscan", "numba", "plotly", "datamapplot", "sentence_transformers", "transformers")


@pytest.mark.slow
@pytest.mark.parametrize("imported", [False, True])
def test_the_options_of_bertopic_may_be_installed(tmp_path: Path, imported: bool) -> None:
    """In a fresh process with another hash seed: the same themes, and the options not even imported."""
    for name in STUBS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("class UMAP: pass\nclass HDBSCAN: pass\n", encoding="utf-8")
    program = (
        f"import sys; sys.path[:0] = {[str(tmp_path), str(Path(__file__).parent)]!r}\n"
        f"{'import umap, hdbscan' if imported else ''}\n"
        "import json, test_topics as t\n"
        "texts = t.four_kinds(48)\n"
        "print(json.dumps([t.as_read(t.suggest(texts), texts), [m for m in t.STUBS if m in sys.modules]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "77", "PATH": ""},
    )
    themes, loaded = json.loads(done.stdout.splitlines()[-1])
    texts = four_kinds(48)
    assert themes == json.loads(json.dumps(as_read(suggest(texts), texts)))
    assert loaded == (["umap", "hdbscan"] if imported else [])


def test_word_salad_is_refused() -> None:
    """Real words in random order, real encoder: nothing to find, and nothing is found."""
    encode = Encoder(None).encode
    words = " ".join(text for text, _, _ in coding.codebook_texts(codebook.default())).casefold().split()
    for n in (20, 40, 60):
        draw = random.Random(n)
        texts = [" ".join(draw.choices(words, k=draw.randint(5, 14))) for _ in range(n)]
        vectors = encode(texts)
        assert topics.suggest(texts, vectors, vectors[:0], encode).suggestions == ()


def test_forty_real_comments_are_let_through() -> None:
    path = DATA / "nhs-fft" / "comments.csv"
    if not path.exists():
        pytest.skip("the NHS comments are not at hand")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["usable"] == "1" and row["question"] == "FFT Why?"]
    one = [row["text"] for row in rows if row["labels"] and ";" not in row["labels"]]
    texts = sorted(one, key=lambda text: hashlib.sha256(text.encode()).hexdigest())[:40]
    encode = Encoder(None).encode
    vectors = encode(texts)
    found = topics.suggest(texts, vectors, vectors[:0], encode)
    assert found.why == ""
    assert 1 <= len(found.suggestions) <= 10
    whole = {" ".join(text.casefold().split()) for text in texts}
    for suggestion in found.suggestions:
        assert len(suggestion.phrases) <= 3
        assert all(len(phrase.split()) <= 3 for phrase in suggestion.phrases), "two words, and a little one between"
        assert suggestion.label.casefold() not in {text for text in whole if len(text.split()) > 3}


def kinds_of(found: topics.Found) -> list[set[int]]:
    return [{place % 4 for place in one.members} for one in found.suggestions]


def test_answers_that_a_person_put_together_stay_together() -> None:
    texts = four_kinds()
    both = [place for place in range(48) if place % 4 in (0, 1)]
    found = suggest(texts, granularity=1.0, together=[both])
    joined = next(one for one in found.suggestions if len({place % 4 for place in one.members}) == 2)
    apart = suggest(texts, granularity=1.0)
    assert sorted(joined.members) == sorted(
        place for one in apart.suggestions for place in one.members if place in both
    )
    assert joined.folds == 0
    moved = random.Random(1).sample(range(48), 48)
    again = suggest([texts[place] for place in moved], granularity=1.0, together=[[moved.index(p) for p in both]])
    assert as_read(again, [texts[place] for place in moved]) == as_read(found, texts)


def test_what_was_put_together_is_shown_whatever_its_rank() -> None:
    texts = four_kinds()
    known = ["rota nights weekends cover"]
    last = suggest(texts, known, granularity=1.0).suggestions[-1]
    both = [*last.members, *suggest(texts, known, granularity=1.0).suggestions[-2].members]
    found = suggest(texts, known, granularity=1.0, show=1, together=[both])
    assert [sorted(one.members) for one in found.suggestions][-1] == sorted(both)
    assert len(found.suggestions) == 2


def test_groups_that_are_decided_are_not_suggested_again() -> None:
    texts = four_kinds()
    found = suggest(texts, granularity=1.0)
    first = found.suggestions[0]
    half = first.members[: (len(first.members) + 1) // 2]
    less = first.members[: len(first.members) // 2 - 1]
    assert as_read(suggest(texts, granularity=1.0, without=[less]), texts) == as_read(found, texts)
    left = suggest(texts, granularity=1.0, without=[half])
    assert as_read(left, texts) == as_read(topics.Found(found.suggestions[1:]), texts)
    every = suggest(texts, granularity=1.0, without=[range(48)])
    assert every == topics.Found((), topics.ALL_DECIDED)


def test_another_engine_groups_and_the_rest_stays_ours() -> None:
    texts = four_kinds()
    texts[5] = texts[9]
    seen: list[str] = []

    def by_kind(given: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        seen.extend(given)
        return np.array([-1 if text == texts[0] else 7 + sorted(KINDS).index(as_kind(text)) for text in given])

    found = suggest(texts, engine=by_kind, people=[f"p{place}" for place in range(48)])
    assert seen == [texts[place] for place in topics.canonical(texts)]
    assert sorted(map(sorted, kinds_of(found))) == [[0], [1], [2], [3]]
    assert 0 not in {place for one in found.suggestions for place in one.members}
    assert {one.folds for one in found.suggestions} == {0}
    none = suggest(texts, engine=lambda given, vectors: np.arange(len(given)))
    assert none == topics.Found((), topics.NO_GROUP)
    assert suggest(four_kinds(19), engine=by_kind).why.startswith("too few answers")


def test_the_nearest_text_of_the_codebook_is_told() -> None:
    known = ["parking permit barrier", "rota nights weekends"]
    for one in suggest(four_kinds(), known, granularity=1.0, show=50).suggestions:
        kind = as_kind(four_kinds()[one.central])
        if kind in ("parking", "rota"):
            assert known[one.nearest].startswith(kind)
    assert {one.nearest for one in suggest(four_kinds()).suggestions} == {-1}


def test_a_group_comes_again_without_a_tenth_of_the_people() -> None:
    texts = four_kinds()
    people = [f"p{place % 20}" for place in range(48)]
    found = suggest(texts, granularity=1.0, people=people)
    assert {one.folds for one in found.suggestions} == {10}
    assert max(one.again for one in found.suggestions) == 10
    moved = random.Random(4).sample(range(48), 48)
    again = suggest([texts[p] for p in moved], granularity=1.0, people=[people[p] for p in moved])
    assert [one.again for one in again.suggestions] == [one.again for one in found.suggestions]
    assert {one.folds for one in suggest(texts, people=["p1"] * 40 + list("abcdefgh")).suggestions} == {0}


def test_a_group_does_not_come_again_where_it_hangs_on_those_left_out() -> None:
    #                  a group of three   another            a third            three that are alone
    points = np.array([0.0, 0.1, 0.2, 5.0, 5.1, 5.2, 9.0, 9.1, 9.2, 30.0, 30.9, 31.9])
    fold = np.array([0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9])
    groups = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, -1, -1, -1])
    distances = np.abs(points[:, None] - points[None])
    times = topics.came_again(distances, np.arange(12), groups, fold, 6 / 12**0.5)
    assert times == [8, 8, 7], "two of a group are no group"


def test_a_group_that_swallowed_another_is_not_the_same() -> None:
    distances = np.abs(np.arange(12)[:, None] - np.arange(12)[None]).astype(float)
    groups = np.repeat([0, 1], 6)
    times = topics.came_again(distances, np.arange(12), groups, np.tile(np.arange(6), 2), 1 / 12**0.5)
    assert times == [0, 0], "every search finds one group of all, half of it from each"


def test_people_are_dealt_out_evenly_whatever_the_order() -> None:
    people = [f"p{number % 25}" for number in range(60)]
    part = topics.folds(people)
    of = dict(zip(people, part.tolist(), strict=True))
    counts = [list(of.values()).count(number) for number in range(10)]
    assert sorted(counts) == [2] * 5 + [3] * 5
    assert dict(zip(people[::-1], topics.folds(people[::-1]).tolist(), strict=True)) == of
