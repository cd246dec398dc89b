"""Changes of a codebook as pure functions: what each does, what it refuses, and what it means for decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditkit import codebook, codebook_changes, codebook_imports
from auditkit.codebook import Codebook, Theme
from auditkit.codebook_changes import Change, moved
from auditkit.errors import AuditkitError

TRUST = Theme("T01", "Trust", "Relying on each other.", statements_good=("I can rely on him.",), expects=("Q1",))
TALK = Theme("T02", "Communication", statements_good=("We talk openly.",), statements_poor=("Nobody tells me.",))
NEWS = Theme("T03", "News", statements_poor=("I hear it last.", "Nobody tells me."), expects=("Q2",), parent="T02")
OLD = Theme("T04", "Parking", statements=("There is no space.",), status="retired")
BOOK = Codebook((TRUST, TALK, NEWS, OLD), ("n/a",), "small")


def by_id(book: Codebook) -> dict[str, Theme]:
    return {theme.id: theme for theme in book.themes}


def test_the_beginning_of_a_label_will_do() -> None:
    staff = [
        Theme("T05", "Staff continuity"),
        Theme("T06", "Staff manner & personal attributes"),
        Theme("T07", "Staffing"),
    ]
    book = Codebook((*BOOK.themes, *staff), (), "small")
    assert codebook_changes.find(book, "staff MANNER").id == "T06"
    assert codebook_changes.find(book, "staffing").id == "T07", "a whole label is meant"
    assert codebook_changes.find(book, "par").id == "T04", "retired ones too"
    assert codebook_changes.find(book, "nig", [Theme("S01", "night, rota", status="suggested")]).id == "S01"
    with pytest.raises(AuditkitError, match='3 themes begin with "Staf": T05 "Staff continuity", T06 '):
        codebook_changes.find(book, "Staf")
    with pytest.raises(AuditkitError, match='There is no theme "ne"'):
        codebook_changes.find(book, "ne")


def add(label: str, **fields: Any) -> Callable[[], Change]:
    return lambda: codebook_changes.add(BOOK, Theme("", label, **fields), ["T09"])


def test_a_new_theme_gets_an_id_above_every_one_ever_used() -> None:
    change = add("  Night   work ", statements_good=("Nights are\nshared.", "Nights are shared.", " "))()
    new = change.after.themes[-1]
    assert (new.id, new.label, new.status) == ("T10", "Night work", "accepted")
    assert new.statements_good == ("Nights are shared.",)
    assert change.after.themes[:-1] == BOOK.themes
    assert change.before == BOOK


def test_renaming_keeps_id_and_what_stands_below() -> None:
    book = Codebook((TALK, Theme("T03", "News", parent="communication")), (), "small")
    after = by_id(codebook_changes.rename(book, "t02", "How we talk").after)
    assert after["T02"].label == "How we talk"
    assert after["T03"].parent == "T02", "it stood under the label that is gone"


def test_a_merge_gathers_statements_and_retires_the_first() -> None:
    change = codebook_changes.merge(BOOK, "News", "t02")
    after = by_id(change.after)
    assert after["T02"].statements_poor == ("Nobody tells me.", "I hear it last.")
    assert after["T02"].expects == ("Q2",)
    assert (after["T03"].status, after["T03"].statements_poor) == ("retired", NEWS.statements_poor)
    assert change.into == {"T03": "T02"}


def test_a_theme_merged_into_what_stands_under_it_leaves_no_circle() -> None:
    after = by_id(codebook_changes.merge(BOOK, "Communication", "News").after)
    assert after["T03"].parent == ""


def test_what_stood_under_a_theme_goes_along_in_a_merge_and_up_when_it_is_retired() -> None:
    assert by_id(codebook_changes.merge(BOOK, "T02", "Trust").after)["T03"].parent == "T01"
    assert by_id(codebook_changes.retire(BOOK, "T02").after)["T03"].parent == ""


def test_a_split_shares_out_the_statements() -> None:
    change = codebook_changes.split(BOOK, "Communication", ["Talking", "Being told"], [], {"Nobody tells me.": 1})
    after = by_id(change.after)
    assert after["T02"].status == "retired"
    assert (after["T05"].label, after["T05"].statements_good, after["T05"].statements_poor) == (
        "Talking", ("We talk openly.",), (),
    )  # fmt: skip
    assert after["T06"].statements_poor == ("Nobody tells me.",)
    assert change.divided == {"T02": ["T05", "T06"]}
    assert after["T03"].parent == ""


def test_a_retired_theme_comes_back() -> None:
    assert by_id(codebook_changes.restore(BOOK, "parking").after)["T04"].status == "accepted"


def test_a_theme_moves_under_another_and_to_the_top() -> None:
    assert by_id(codebook_changes.move(BOOK, "News", "Trust").after)["T03"].parent == "T01"
    assert by_id(codebook_changes.move(BOOK, "News", "").after)["T03"].parent == ""


def test_a_statement_joins_its_pole() -> None:
    after = by_id(codebook_changes.add_statement(BOOK, "Trust", "She  lets me down.", "poor").after)
    assert after["T01"].statements_poor == ("She lets me down.",)


def test_a_suggested_theme_is_taken_under_the_next_id() -> None:
    suggested = Theme("S01", "rota, weekend", "About rotas.", status="suggested", set_by="machine")
    change = codebook_changes.accept(BOOK, suggested, ["T07"], "Rota")
    assert change.after.themes[-1] == Theme("T08", "Rota", "About rotas.")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: codebook_changes.find(BOOK, "Comunication"), 'no theme "Comunication"'),
        (lambda: codebook_changes.merge(BOOK, "Trust", "T01"), "cannot be merged into itself"),
        (lambda: codebook_changes.merge(BOOK, "Parking", "Trust"), "is retired"),
        (lambda: codebook_changes.merge(BOOK, "Trust", "Parking"), "is retired"),
        (lambda: codebook_changes.split(BOOK, "Trust", ["One"], []), "two themes or more"),
        (lambda: codebook_changes.split(BOOK, "Trust", ["One", "one "], []), "given twice"),
        (lambda: codebook_changes.split(BOOK, "Trust", ["One", "News"], []), "is called so"),
        (lambda: codebook_changes.retire(BOOK, "Parking"), "is retired"),
        (lambda: codebook_changes.restore(BOOK, "Trust"), "is not retired"),
        (lambda: codebook_changes.move(BOOK, "Trust", "Trust"), "cannot stand under itself"),
        (lambda: codebook_changes.move(BOOK, "Communication", "News"), "two levels"),
        (lambda: codebook_changes.move(BOOK, "Trust", "News"), "two levels"),
        (lambda: codebook_changes.move(BOOK, "Communication", "Trust"), "has themes under it"),
        (lambda: codebook_changes.move(BOOK, "News", "Communication"), "stands there already"),
        (lambda: codebook_changes.move(BOOK, "Trust", "Parking"), "is retired"),
        (lambda: codebook_changes.rename(BOOK, "Trust", "communication"), "is called so"),
        (lambda: codebook_changes.rename(BOOK, "Trust", "parking"), "is called so and is retired"),
        (lambda: codebook_changes.rename(BOOK, "Trust", "t02"), "looks like the id"),
        (lambda: codebook_changes.rename(BOOK, "Trust", "Faith (problem)"), "ends with a pole"),
        (lambda: codebook_changes.rename(BOOK, "Trust", "S07"), "looks like the id"),
        (lambda: codebook_changes.rename(BOOK, "Trust", "OK"), 'label is "OK"'),
        (lambda: codebook_changes.rename(BOOK, "Trust", "x" * 5000), "label has 5,000 characters"),
        (add("Rota", definition="x" * 5001), "definition: the text has 5,001 characters"),
        (add("Rota", statements_good=("x" * 501,)), "a statement has 501 characters"),
        (lambda: codebook_changes.rename(BOOK, "Trust", "Trust"), "called so already"),
        (lambda: codebook_changes.add_statement(BOOK, "Trust", "Too short", "good"), "too short"),
        (lambda: codebook_changes.add_statement(BOOK, "Trust", "i can RELY on him.", "poor"), "already"),
        (lambda: codebook_changes.add_statement(BOOK, "Trust", "She lets me down.", "bad"), 'no pole "bad"'),
        (lambda: codebook_changes.accept(BOOK, TRUST, []), "is accepted"),
        (add("a;b"), 'holds ";"'),
        (add("NONE"), 'label is "NONE"'),
        (add("  "), "label is missing"),
        (add("trust"), "is called so"),
        (add("Rota", parent="Nowhere"), 'no theme "Nowhere"'),
        (add("Rota", parent="News"), "two levels"),
    ],
)
def test_what_cannot_be_changed(make: Callable[[], object], message: str) -> None:
    with pytest.raises(AuditkitError) as caught:
        make()
    assert message in caught.value.message
    assert caught.value.fix


def test_an_unknown_theme_gets_the_nearest() -> None:
    with pytest.raises(AuditkitError) as caught:
        codebook_changes.find(BOOK, "comunicaton")
    assert 'Did you mean T02 "Communication"?' in caught.value.fix
    with pytest.raises(AuditkitError) as caught:
        codebook_changes.find(BOOK, "")
    assert "Did you mean" not in caught.value.fix


# another codebook


def taken(*themes: Theme, ever: tuple[str, ...] = ("T01", "T02", "T03", "T04")) -> dict[str, Theme]:
    return by_id(codebook_imports.take(BOOK, Codebook(themes, (), "other"), ever).after)


def test_a_theme_of_another_codebook_is_known_by_its_label() -> None:
    after = taken(Theme("X7", "communication", "New words."))
    assert (after["T02"].definition, after["T02"].status) == ("New words.", "accepted")
    assert {id: theme.status for id, theme in after.items()} == {
        "T01": "retired", "T02": "accepted", "T03": "retired", "T04": "retired",
    }  # fmt: skip


def test_the_same_id_for_something_else_is_another_theme() -> None:
    after = taken(Theme("T01", "Catering", statements=("The canteen is shut.",)))
    assert (after["T05"].label, after["T01"].label, after["T01"].status) == ("Catering", "Trust", "retired")


def test_the_same_id_with_a_shared_statement_is_a_theme_under_a_new_name() -> None:
    after = taken(Theme("T01", "Reliance", statements_good=("I can rely on him.", "She keeps her word.")))
    assert (after["T01"].label, after["T01"].status) == ("Reliance", "accepted")


def test_taking_over_twice_is_taking_over_once() -> None:
    other = Codebook((Theme("T01", "Catering", parent=""), Theme("T02", "Lunch", parent="Catering")), (), "other")
    once = codebook_imports.take(BOOK, other, ["T01", "T02", "T03", "T04"]).after
    assert once.themes[1].parent == "T05"
    assert codebook_imports.take(once, other, [theme.id for theme in once.themes]).after == once


def test_ids_of_another_tool_are_kept() -> None:
    assert taken(Theme("C-12", "Catering"))["C-12"].label == "Catering"


# decisions


def decision(theme: str, pole: str = "good", decision: str = "confirmed", coder: str = "AB") -> dict[str, str]:
    return {"theme": theme, "pole": pole, "decision": decision, "coder": coder, "text_hash": "h", "at": "then"}


@pytest.mark.parametrize(
    ("rows", "after"),
    [
        ([decision("A")], [decision("B")]),
        ([decision("C"), decision("A", "poor")], [decision("B", "poor"), decision("C")]),
        ([decision("A"), decision("B")], [decision("B")]),
        ([decision("A", "poor"), decision("B", "good")], [decision("B", "mixed", "changed")]),
        ([decision("A", "poor"), decision("B", "good", "added")], [decision("B", "mixed", "added")]),
        ([decision("A", "poor"), decision("B", "")], [decision("B", "poor", "changed")]),
        ([decision("A", ""), decision("B", "")], [decision("B", "")]),
        ([decision("A", "poor", "added"), decision("B", "good", "rejected")], [decision("B", "poor", "added")]),
        ([decision("A", "poor", "rejected"), decision("B", "good")], [decision("B", "good")]),
        ([decision("A", "poor", "rejected")], [decision("B", "poor", "rejected")]),
        ([decision("none", "")], [decision("none", "")]),
    ],
)
def test_decisions_follow_a_merge(rows: list[dict[str, str]], after: list[dict[str, str]]) -> None:
    assert moved(rows, {"A": "B"}) == after
    assert moved(list(reversed(rows)), {"A": "B"}) == after


def test_a_change_reads_back_from_a_workbook_as_it_was_made(tmp_path: Any) -> None:
    change = codebook_changes.add(
        BOOK, Theme("", "=Sum\x07 of it", "Two\nlines \x00", "a", statements=("- a dash is here", "=1+1 is two")), []
    )
    path = tmp_path / "codebook.xlsx"
    codebook.write(path, change.after)
    assert codebook.read(path).themes == change.after.themes
