"""Ids that stay, and what people decided about suggestions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from auditkit import suggestions
from auditkit.codebook import Codebook, Theme
from auditkit.suggestions import Earlier
from auditkit.topic_names import Names

BOOK = Codebook((Theme("T01", "Trust"), Theme("T02", "Shared goals")), (), "test")


def a_round(name: str, *groups: str, codebook: Codebook = BOOK) -> Any:
    """A round with a suggestion a group; each letter of a group is the key of an answer."""
    from auditkit.analysis import CodedRound

    suggested = pd.DataFrame({"theme": [f"new {n}" for n, _ in enumerate(groups)], "evidence": list(map(list, groups))})
    apart = pd.DataFrame([("T01", "new 0", 0.5)], columns=["one", "other", "distance"])
    nothing: dict[str, Any] = dict.fromkeys(
        "excerpts codings scores excerpt_scores tone remainder cohesion queue".split(), pd.DataFrame()
    )
    responses: Any = SimpleNamespace(round=name)
    return CodedRound(responses=responses, codebook=codebook, suggested=suggested, distances=apart, **nothing)


def known(
    theme: str, members: str, state: str = "suggested", became: str = "", label: str = "", at: str = "r"
) -> Earlier:
    return Earlier(theme, at, label or f"label of {theme}", frozenset(members), state, became, "AB")


def ids(coded: Any, *earlier: Earlier) -> list[str]:
    (found,) = suggestions.numbered([coded], earlier)
    return list(found.suggested["theme"])


def test_numbers_run_on_over_rounds() -> None:
    first, second = suggestions.numbered([a_round("a", "abc", "def"), a_round("b", "ghi")], [])
    assert list(first.suggested["theme"]) == ["S01", "S02"]
    assert list(second.suggested["theme"]) == ["S03"]
    assert first.distances["other"].tolist() == ["S01"]
    assert first.distances["one"].tolist() == ["T01"]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (["abcd"], ["S04"]),
        (["abxy"], ["S04"]),  # half of it
        (["axyz"], ["S08"]),  # less than half
        (["abcdefgh"], ["S04"]),  # grown to twice its size
        (["abcdefghi"], ["S08"]),  # more than that: another theme
        (["ax", "bcdy"], ["S08", "S04"]),  # in two parts: the larger
        (["abx", "cdy"], ["S04", "S08"]),  # as large: the first
        (["xyz", "dcba", "klm"], ["S08", "S04", "S07"]),
    ],
)
def test_a_group_that_shares_half_of_its_answers_keeps_its_id(groups: list[str], expected: list[str]) -> None:
    assert ids(a_round("r", *groups), known("S04", "abcd"), known("S07", "klmn")) == expected


def test_another_round_has_other_ids() -> None:
    assert ids(a_round("r", "abcd"), known("S04", "abcd", at="other")) == ["S05"]


def test_ids_of_themes_and_of_decided_suggestions_are_not_used_again() -> None:
    book = Codebook((Theme("S11", "Trust"),), (), "foreign")
    assert ids(a_round("r", "abc", codebook=book), known("S03", "xyz")) == ["S12"]
    assert ids(a_round("r", "abc"), known("S03", "abc", "rejected")) == ["S04"]


def test_what_was_merged_keeps_the_id_of_the_first() -> None:
    earlier = [known("S01", "abc"), known("S02", "def", "merged", "S01"), known("S03", "gh", "merged", "S02")]
    assert suggestions.whole(earlier, earlier[0]) == frozenset("abcdefgh")
    assert suggestions.is_merged(earlier, earlier[0])
    assert not suggestions.is_merged(earlier, earlier[1]), "it is inside another itself"
    assert ids(a_round("r", "abcdefgh"), *earlier) == ["S01"]
    assert ids(a_round("r", "gh"), *earlier) == ["S01"]


@pytest.mark.parametrize(
    ("state", "label", "decided"),
    [
        ("suggested", "parking, car", False),
        ("suggested", "TRUST", True),  # accepted in the sheet of the codebook, under its own name
        ("merged", "trust", False),
        ("accepted", "parking", True),
        ("rejected", "parking", True),
    ],
)
def test_decided(state: str, label: str, decided: bool) -> None:
    assert suggestions.is_decided(known("S01", "abc", state, label=label), BOOK) is decided


def test_sponsors_are_not_counted() -> None:
    answers = pd.DataFrame({"pair": ["w1", "w1", "w2", "w3"], "respondent": ["a", "a", "b", "a"]})
    people = pd.DataFrame({"pair": ["w1", "w2"], "respondent": ["a", "b"], "sponsor": [False, True]})
    assert suggestions.people_counted(answers, people) == 1


SAID = [
    ("a1", "The rota is late; ask anna miller"),
    ("b1", "rota late again, ask anna miller"),
    ("c1", "Late rota, so we ask Anna"),
    ("c1", "swaps and swaps"),
    ("a1", "swaps of nights"),
    ("a1", "swaps of nights"),
]


@pytest.mark.parametrize(
    ("phrase", "deny", "name"),
    [
        ("rota late", [], "late rota"),  # as most wrote it
        ("asking rotas", [], "ask rota"),  # forms of a word are one
        ("anna", [], "anna"),
        ("rota anna", ["anna"], "rota"),
        ("anna", ["anna", "miller"], "ask, late"),  # what most share, where no phrase is left
        ("swaps", ["anna"], "ask, late"),  # two people, in four answers
        ("ask miller", ["anna"], "ask"),  # two people
        ("--", ["anna"], "ask, late"),
    ],
)
def test_a_suggestion_is_called_by_words_of_three_people_and_by_no_name(
    phrase: str, deny: list[str], name: str
) -> None:
    people, texts = zip(*SAID, strict=True)
    assert ", ".join(Names(texts, people, 3, deny).phrases_of([phrase], range(len(SAID)))) == name


def named(*said: str, keys: str = "", least: int = 3, barred: tuple[str, ...] = (), group: int = 99) -> str:
    """The name of a group of the first answers, each by somebody else, from key phrases between commas."""
    texts = list(said)
    names = Names(texts, [f"p{number}" for number, _ in enumerate(texts)], least, barred)
    return ", ".join(names.phrases_of(keys.split(", "), range(min(group, len(texts)))))


def test_a_word_comes_once_in_the_form_that_most_used() -> None:
    said = ("Listened.", "I was listened to", "Listening to me", "They listened and listen")
    assert named(*said, keys="listen listening, listening, listen listened") == "listened"
    assert named("Nothing. Nothing", "nothing", "Nothing!", keys="nothing nothing, nothing") == "nothing"


@pytest.mark.parametrize("keys", ["not", "ot", "not, ot", "ot not", "more"])
def test_fragments_and_words_that_say_nothing_alone_are_no_name(keys: str) -> None:
    assert named("OT not more", "not OT, more", "more OT, not", keys=keys) == ""


def test_a_word_that_turns_another_round_stays_with_it() -> None:
    assert named("not enough staff", "Not staffed", "there is not the staff", keys="not staff") == "not staff"


def test_two_words_stand_as_people_put_them() -> None:
    said = ("Treated me with respect", "treated with respect", "I was treated with respect")
    assert named(*said, keys="respect treated, treated respect") == "treated with respect"
    assert named("treat him with care", "care, treat me", "treat. Care", keys="care treat") == "treat care"


def test_a_phrase_that_says_more_comes_first_if_half_of_the_people_wrote_it() -> None:
    few = ["the crisis team came"] * 3
    assert named(*few, keys="crisis, crisis team") == "crisis team"
    assert named(*few, *["a crisis"] * 9, keys="crisis, crisis team") == "crisis, team"


def test_what_two_of_a_group_wrote_names_it_only_with_enough_people_in_all() -> None:
    said = ("the psychiatrist left", "a psychiatrist drugged me", "drugged again")
    keys = "psychiatrist drugged, drugged"
    assert named(*said, keys=keys, group=3) == ""
    assert named(*said, "our psychiatrist is good", keys=keys, group=3) == "psychiatrist"
    assert named(*said, "our psychiatrist is good", keys=keys, group=3, barred=("psychiatrist",)) == ""


def test_a_mark_in_place_of_a_name_is_no_word() -> None:
    assert named("[name redacted] left", "[Redacted] left", "left [redacted]", keys="redacted, left redacted") == "left"


def coded(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["answer", "theme", "score"]).assign(coded=True)


def test_nearest_is_the_theme_that_most_of_the_answers_have() -> None:
    most = coded(("a", "T02", 0.3), ("b", "T02", 0.3), ("c", "T01", 0.9), ("x", "T01", 0.9), ("y", "T01", 0.9))
    assert suggestions._nearest(["a", "b", "c"], most, BOOK, "T01") == "T02"
    assert suggestions._nearest(["a", "c"], most, BOOK, "T02") == "T01", "of two the surer one"
    assert suggestions._nearest(["z"], most, BOOK, "T02") == "T02"
    assert suggestions._nearest(["a"], most.assign(coded=False), BOOK, "T01") == "T01"


def test_a_suggestion_without_any_phrase_is_called_by_the_theme_near() -> None:
    one: Any = SimpleNamespace(phrases=(), label="unnamed")
    taken: set[str] = set()
    labels = [suggestions._label(one, nearest, BOOK, taken) for nearest in ("T02", "T02", "")]
    assert labels == ["near Shared goals", "near Shared goals (2)", "unnamed"]
