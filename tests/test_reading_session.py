"""Deciding with single keys: what is shown, what is kept, what can be taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from auditkit import codebook_edits, summaries_of_reading
from auditkit.audit import Audit
from auditkit.console import wide
from auditkit.errors import AuditkitError
from auditkit.reading_session import (
    ALIKE,
    DECIDE,
    LATER,
    LETTERS,
    MORE,
    NOTHING,
    POLE,
    STOP,
    UNDO,
    Session,
    close,
    run,
)
from auditkit.reviewing import Card
from test_codebook_history import change, decide, opened, pick
from test_review import decided


def quiet(step: str, done: int, total: int) -> None:
    pass


def session(folder: Path, coder: str = "AB") -> Session:
    return Session(Audit(folder / "audit"), coder, quiet)


def sit(folder: Path, keys: Sequence[str]) -> list[Card]:
    """The cards that are shown while these keys are pressed, then Esc."""
    shown: list[Card] = []
    pressed = iter([*keys, STOP])
    sitting = session(folder)
    run(sitting, lambda: next(pressed), shown.append)
    close(sitting, quiet)
    return shown


def marked(card: Card) -> dict[str, str]:
    return {label: pole for _, label, pole, _ in card.themes if pole is not None}


def key_of(card: Card, label: str) -> str:
    return next(key for key, name, _, _ in card.themes if name == label)


def test_enter_takes_the_suggestion_and_shows_the_next_answer(small: Path) -> None:
    first, second = sit(small, [DECIDE])
    assert (first.read, second.read, first.total) == (0, 1, 23)
    assert (first.question, first.text) != (second.question, second.text)
    rows = Audit(small / "audit").store.rows("SELECT theme, pole, decision, coder, unread FROM decisions")
    assert {row["decision"] for row in rows} == {"confirmed"}
    assert {row["coder"] for row in rows} == {"AB"}
    assert len([row for row in rows if row["theme"] != "none"]) == len(marked(first))


def test_letters_mark_and_plus_turns_the_pole(small: Path) -> None:
    (first,) = sit(small, [])
    others = [label for _, label, pole, _ in first.themes if pole is None]
    keys = [key for key, _, pole, _ in first.themes if pole is not None]
    cards = sit(small, [*keys, key_of(first, others[0]), POLE, DECIDE])
    before, turned, after = cards[-3:]
    assert list(marked(before)) == [others[0]] == list(marked(turned))
    assert marked(before) != marked(turned)
    assert before.current == others[0]
    assert after.read == 1
    (row,) = [row for row in decided(small) if row[4] not in ("rejected",)]
    assert row[3] == marked(turned)[others[0]]


def test_nought_says_that_there_is_no_theme(small: Path) -> None:
    sit(small, [NOTHING])
    assert {row[2] for row in decided(small) if row[4] != "rejected"} == {"none"}


def test_backspace_takes_back_and_shows_the_answer_again(small: Path) -> None:
    cards = sit(small, [DECIDE, NOTHING, UNDO, UNDO, UNDO])
    assert [card.read for card in cards] == [0, 1, 2, 1, 0, 0]
    assert cards[3].text == cards[1].text
    assert cards[4].text == cards[0].text
    assert cards[5].said == "Nothing was decided in this sitting."
    assert decided(small) == set()
    audit = Audit(small / "audit")
    assert {
        audit.store.blind_id(row["answer"]) for row in audit.store.rows("SELECT answer FROM earlier_decisions")
    } == {row["object"] for row in audit.store.rows("SELECT object FROM log WHERE action = 'undo'")}


def test_what_was_decided_is_kept_when_the_sitting_is_cut_off(small: Path) -> None:
    sitting = session(small)
    pressed = iter([DECIDE, DECIDE])
    with pytest.raises(StopIteration):
        run(sitting, lambda: next(pressed), lambda card: None)
    assert session(small).card().read == 2  # type: ignore[union-attr]


@pytest.mark.slow
def test_space_puts_an_answer_off_to_the_end(small: Path) -> None:
    cards = sit(small, [LATER] * 23)
    assert len({(card.question, card.text, tuple(card.themes)) for card in cards[:23]}) > 10
    assert (cards[23].question, cards[23].text) == (cards[0].question, cards[0].text)
    assert decided(small) == set()


@pytest.mark.slow
def test_all_can_be_read_to_the_end(small: Path) -> None:
    cards = sit(small, [DECIDE] * 23)
    assert len(cards) == 23
    audit = Audit(small / "audit")
    assert all(audit.load_round(name).is_reviewed for name in audit.rounds())
    assert session(small).card() is None


def test_a_decision_is_learned_from_at_once(small: Path) -> None:
    sitting = session(small)
    before = sitting.learned.probability.copy()
    sitting.press(NOTHING)
    assert (sitting.learned.probability != before).any()


def test_a_key_without_meaning_changes_nothing(small: Path) -> None:
    first, second = sit(small, ["!"])
    assert second.said == "That key has no meaning here."
    assert first.themes == second.themes


def test_a_card_fits_on_a_terminal_and_says_nothing_of_who_wrote_it(small: Path) -> None:
    for card in sit(small, [DECIDE] * 5):
        lines = summaries_of_reading.card(card)
        assert max(map(wide, lines)) <= 80
        assert len(lines) <= 23
        said = "\n".join(lines)
        assert not [who for who in ("ward-", "baseline", "repeat", "doctor", "a1", "b2") if who in said.casefold()]


def many(text: str = "Nobody listens.", question: str = "What works?", said: str = "") -> Card:
    """40 themes, the first and the least likely marked."""
    themes = [
        (key, f"Theme {key} with a name that is rather long", None, n / 100) for n, key in enumerate(LETTERS[:40])
    ]
    themes[0] = (*themes[0][:2], "good", 0.0)  # type: ignore[assignment]
    return Card(question, text, tuple(themes), themes[0][1], 3, 600, 0.72, said)


def letters_in(lines: Sequence[str]) -> list[str]:
    return re.findall(r"\[[ x]\] (\w) Theme", "\n".join(lines))


@pytest.mark.parametrize("text", ["Nobody listens.", "Nobody listens to what we say about it. " * 60])
@pytest.mark.parametrize("question", ["What works?", "What works well on the ward, and what does not? " * 12])
@pytest.mark.parametrize("said", ["", "look again; was: " + "Trust, Respect, " * 20])
def test_a_card_with_many_themes_fits_on_a_terminal_of_24_lines(text: str, question: str, said: str) -> None:
    for page in range(30):
        lines = summaries_of_reading.card(many(text, question, said), page)
        assert len(lines) <= 23
        assert max(map(wide, lines)) <= 80
        shown = "\n".join(lines)
        assert lines[0].startswith("3 of 600 read")
        for words in ("What works", "Enter decide", "Esc stop", "? more t", said[:9]):
            assert words in shown


def test_the_likeliest_themes_come_first_and_the_next_pages_have_all_others() -> None:
    pages = [letters_in(summaries_of_reading.card(many(), page)) for page in range(3)]
    assert pages[0] == pages[2], "it comes round again"
    assert set(pages[0]) | set(pages[1]) == set(LETTERS[:40])
    assert set(pages[0]) & set(pages[1]) == {"a"}, "what is marked stands on each"
    assert set(pages[0]) == {"a", *LETTERS[40 - len(pages[0]) + 1 : 40]}


def test_a_long_answer_can_be_read_to_its_end_before_the_themes_go_on() -> None:
    text = " ".join(f"word{number}" for number in range(220))
    cards = [summaries_of_reading.card(many(text), page) for page in range(3)]
    found = [re.findall(r"word(\d+)", " ".join(lines)) for lines in cards]
    assert [int(number) for part in found for number in part] == list(range(220))
    assert [lines.count("    ...") for lines in cards] == [1, 2, 1]
    assert ["? more themes" in "\n".join(lines) for lines in cards] == [False, False, True]
    assert letters_in(cards[0]) == letters_in(cards[1])


def test_a_higher_terminal_shows_all_themes_and_no_key_for_more() -> None:
    lines = summaries_of_reading.card(many(), 0, 50)
    assert set(letters_in(lines)) == set(LETTERS[:40])
    assert "?" not in "".join(lines).replace("What works?", "")


def test_the_question_mark_turns_the_page_and_the_next_answer_starts_at_the_first(small: Path) -> None:
    sitting = session(small)
    first = sitting.card()
    pages = [sitting.page]
    for key in (MORE, MORE, "a", DECIDE):
        assert sitting.press(key) == ""
        pages.append(sitting.page)
    assert pages == [0, 1, 2, 2, 0]
    assert sitting.card().text != first.text  # type: ignore[union-attr]


def test_keys_of_other_keyboards() -> None:
    assert [ALIKE[key] for key in ("\n", "\x08", "\t", "\x03")] == [DECIDE, UNDO, POLE, STOP]


def test_who_decides_is_a_person(small: Path) -> None:
    with pytest.raises(AuditkitError, match="cannot be a coder"):
        session(small, "machine")


def test_an_answer_to_look_at_again_shows_what_it_had_and_why(small: Path) -> None:
    decide(small, pick("I can rely", "Trust (problem); Respect (works well)"))
    change(small, codebook_edits.split(opened(small), "Trust", ["Reliance", "Openness"]))
    (card, *_) = sit(small, [])
    assert card.said == "look again; was: Trust; new: Reliance, Openness"
    assert marked(card)["Respect"] == "good"
    assert set(marked(card)) <= {"Respect", "Reliance", "Openness"}
    assert card.read == card.total - 2
