"""Ids that stay, and what people decided about suggestions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from auditkit import suggestions
from auditkit.codebook import Codebook, Theme
from auditkit.suggestions import Earlier

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
    ("phrase", "deny", "expected"),
    [
        ("rota late", [], True),
        ("swaps", [], False),  # two people, in four answers
        ("anna", [], True),
        ("anna", ["anna", "miller"], False),
        ("rota anna", ["anna"], False),
        ("ask miller", [], False),  # two people
        ("--", [], False),
        ("asking rotas", [], True),  # forms of a word are one
    ],
)
def test_a_suggestion_is_called_by_words_of_three_people_and_by_no_name(
    phrase: str, deny: list[str], expected: bool
) -> None:
    answers = pd.DataFrame(SAID, columns=["respondent", "text"])
    assert suggestions._fits(answers, 3, deny)(phrase, range(len(SAID))) is expected
