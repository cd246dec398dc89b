"""Statements that could join the codebook: shared by several people, and nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from auditkit import codebook, statements
from auditkit.analysis import CODINGS, CodedRound
from auditkit.codebook import Theme
from auditkit.responses import Responses

THEME = Theme("T01", "Time")
Said = Sequence[tuple[str, str, str]]


def coded(said: Said, name: str = "baseline", decision: str = "confirmed", pole: str = "poor") -> CodedRound:
    """A round of (respondent, pair, text), each coded with the theme by a person."""
    answers = pd.DataFrame(
        [(f"{name}{n}", who, pair, text, "What gets in the way?") for n, (who, pair, text) in enumerate(said)],
        columns=["answer", "respondent", "pair", "text", "question"],
    )
    rows = [(key, "T01", pole, "", 0.9, True, "AB", decision, "", "", False) for key in answers["answer"]]
    nothing = pd.DataFrame()
    empty = dict.fromkeys(("ratings", "facts", "people", "problems"), nothing)
    return CodedRound(
        responses=Responses(round=name, order="", linked=True, columns=(), answers=answers, **empty),
        codebook=codebook.Codebook((THEME,), (), "small"),
        excerpts=pd.DataFrame(columns=["excerpt", "answer", "start", "end", "text"]),
        codings=pd.DataFrame(rows, columns=CODINGS),
        scores=nothing,
        excerpt_scores=nothing,
        tone=nothing,
        remainder=nothing,
        suggested=nothing,
        cohesion=nothing,
        queue=nothing,
    )


def offered(*rounds: CodedRound, theme: Theme = THEME, least: int = 3, deny: Sequence[str] = ()) -> list[str]:
    return [offer.text for offer in statements.offers(rounds, theme, least, deny)]


SHARED = [
    ("a1", "ward-1", "There is never enough time to meet."),
    ("b1", "ward-2", "Never enough time to meet, and no room"),
    ("c1", "ward-3", "We have never enough time to meet!"),
]


def test_what_three_people_share_is_offered_with_its_pole() -> None:
    (offer,) = statements.offers([coded(SHARED)], THEME, 3, ())
    assert offer == statements.Offer("T01", "poor", "never enough time to meet", 3, 3)


def test_what_one_person_wrote_is_never_offered() -> None:
    assert offered(coded(SHARED[:2])) == []
    assert offered(coded([("a1", pair, text) for _, pair, text in SHARED])) == []
    assert offered(coded([(who, "ward-1", text) for who, _, text in SHARED])) == [], "one pair"
    assert offered(coded([(who, "", text) for who, _, text in SHARED])) == []
    assert offered(coded(SHARED), least=4) == []


def test_people_of_two_rounds_are_not_added_up() -> None:
    later = [("a9", "ward-1", SHARED[0][2])]
    assert offered(coded(SHARED[:2]), coded(later, "repeat")) == []


def test_what_software_alone_coded_or_a_person_rejected_counts_for_nothing() -> None:
    assert offered(coded(SHARED, decision="suggested")) == []
    assert offered(coded(SHARED, decision="rejected")) == []


def everybody(*texts: str) -> CodedRound:
    people = [(f"{letter}1", f"ward-{number}") for number, letter in enumerate("abcd", start=1)]
    return coded([(who, pair, text) for text in texts for who, pair in people])


def test_nothing_by_which_somebody_could_be_recognised_is_offered() -> None:
    assert offered(everybody("I never get hold of Sandra before the meeting starts")) == [
        "before the meeting starts",
        "i never get hold",
    ]
    assert offered(everybody("Sandra never answers her messages")) == ["never answers her messages"]
    assert offered(everybody("we waited for 14 long months")) == []
    assert offered(everybody("cancelled on Monday at short notice")) == ["at short notice"]
    assert offered(everybody("ask sister about the weekly rota")) == ["about the weekly rota"]
    assert offered(everybody("NOBODY EVER LISTENS TO THE DOCTORS HERE")) == []


def test_words_of_the_roster_end_a_phrase_in_any_case() -> None:
    text = "the riverside team never answers messages"
    assert offered(everybody(text)) == [text]
    assert offered(everybody(text), deny=["Riverside"]) == ["team never answers messages"]


def test_a_first_word_counts_only_where_it_is_no_name() -> None:
    assert offered(everybody("Meetings are cancelled again")) == []
    assert offered(everybody("Meetings are cancelled again", "All our meetings")) == ["meetings are cancelled again"]


def test_what_the_codebook_or_the_question_says_is_not_offered_again() -> None:
    known = replace(THEME, statements_poor=("There is never enough time to meet.",))
    assert offered(coded(SHARED), theme=known) == []
    assert offered(everybody("what gets in the way")) == []


def test_phrases_do_not_run_over_the_end_of_a_clause() -> None:
    assert offered(everybody("no time, meeting rooms gone")) == ["meeting rooms gone"]


def test_a_pole_that_differs_is_left_out() -> None:
    half = replace(coded(SHARED), codings=coded(SHARED).codings.assign(pole=["good", "poor", "poor"]))
    (offer,) = statements.offers([half], THEME, 3, ())
    assert offer.pole == ""


def test_the_order_of_the_answers_does_not_matter() -> None:
    assert offered(coded(SHARED)) == offered(coded(SHARED[::-1]))


def test_a_name_in_small_letters_ends_a_phrase_where_anybody_writes_it_large() -> None:
    said = everybody("I asked anna miller about the rota", "Then Anna came, with Mr Miller.")
    found = offered(coded([*said_by(said), ("d1", "ward-4", "It was Anna, of course; not Miller.")]))
    assert not any(name in phrase for name in ("anna", "miller") for phrase in found)
    assert offered(everybody("I asked anna miller about the rota")), "else nobody can tell"


def said_by(one: CodedRound) -> list[tuple[str, str, str]]:
    table = one.responses.answers
    return list(zip(table["respondent"], table["pair"], table["text"], strict=True))
