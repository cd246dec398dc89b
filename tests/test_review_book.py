"""review.xlsx, filled as an analyst would, and what comes of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit import decisions
from auditkit.audit import Audit
from auditkit.errors import AuditkitError
from test_review import apply, book_rows, codings, decided, export, fill_book

Row = dict[str, Any]
ALONE = "He decides"


def book(folder: Path, name: str = "review.xlsx") -> Path:
    return export(folder, name)


def where(text: str, **typed: str) -> Callable[[Row], dict[str, str]]:
    """Type this into the row of the answer that starts so."""
    return lambda row: {k.replace("_", " "): v for k, v in typed.items()} if row["text"].startswith(text) else {}


def answer(path: Path, text: str) -> dict[str, str]:
    return next(row for row in book_rows(path) if row["text"].startswith(text))


def set_codes(folder: Path, text: str) -> set[tuple[str, str, str]]:
    """Label, pole and coder of the codes that an answer has."""
    rows = Audit(folder / "audit").store.rows("SELECT answer, respondent, round, question, text FROM answers")
    one = next(row for row in rows if row["text"].startswith(text))
    place = ("respondent", "round", "question")
    return {
        (row["label"], row["pole"], row["coder"])
        for row in codings(folder)
        if row["coded"] == "true" and all(row[name] == one[name] for name in place)
    }


def test_x_takes_the_suggestion_as_it_stands_in_the_sheet(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, ok="x"))
    said = answer(path, ALONE)["suggested"].split("; ")
    assert apply(small, path).changes == 0
    labels = {label for label, _, coder in set_codes(small, ALONE) if coder == "AB"}
    assert labels == {part.rpartition(" (")[0] for part in said}


def test_x_on_an_answer_without_suggestion_says_that_it_has_no_theme(small: Path) -> None:
    path = fill_book(book(small), lambda row: {"ok": "x"} if row["suggested"] == "none" else {})
    done = apply(small, path)
    assert done.answers == done.without_theme > 0


def test_themes_may_be_chosen_in_three_columns_with_one_pole_for_all(small: Path) -> None:
    typed = where(ALONE, themes="Trust", second_theme="communication", third_theme="Respect; T07", pole="problem")
    apply(small, fill_book(book(small), typed))
    found = set_codes(small, ALONE)
    assert {label for label, _, _ in found} == {"Trust", "Communication", "Respect", "Time together"}
    assert {pole for _, pole, _ in found} == {"poor"}


def test_the_words_that_carry_a_theme_become_its_excerpt(small: Path) -> None:
    audit = Audit(small / "audit")
    text = next(row["text"] for row in audit.store.rows("SELECT text FROM answers") if row["text"].startswith(ALONE))
    words = " ".join(text.split()[2:5])
    apply(small, fill_book(book(small), where(ALONE, themes="Trust", words=f"  {words.upper()} ")))
    coded = audit.load_round("baseline")
    row = coded.codings.merge(coded.excerpts, on=["excerpt", "answer"]).query("theme == 'T01' and coder == 'AB'")
    assert row["text"].tolist() == [words]
    start, end = int(row["start"].iloc[0]), int(row["end"].iloc[0])
    assert text[start:end] == words
    again = audit.load_round("baseline")
    assert again.excerpts["excerpt"].is_unique


def test_an_answer_may_be_split_on_the_sheet_of_excerpts(small: Path) -> None:
    path = book(small)
    one = answer(path, ALONE)
    words = one["text"].split()
    sheet = openpyxl.load_workbook(path)
    for row, (part, theme, pole) in enumerate(
        [(" ".join(words[:3]), "Trust", "works well"), (" ".join(words[-2:]), "Respect", "problem")], start=2
    ):
        for column, value in enumerate((one["id"], part, theme, pole), start=1):
            sheet["Excerpts"].cell(row, column, value)
    sheet.save(path)
    assert apply(small, path).answers == 1
    assert set_codes(small, ALONE) == {("Trust", "good", "AB"), ("Respect", "poor", "AB")}
    spans = Audit(small / "audit").store.rows('SELECT theme, start, "end" FROM spans ORDER BY start')
    assert [row["theme"] for row in spans] == ["T01", "T09"]
    assert spans[0]["start"] == 0
    assert spans[1]["end"] == len(one["text"].rstrip())


def test_notes_and_quotes_are_kept_and_alone_are_no_decision(small: Path) -> None:
    typed = where(ALONE, memo="ask again", quote="x", paraphrase="One of us decides.")
    done = apply(small, fill_book(book(small), typed))
    assert (done.answers, len(done.notes)) == (0, 1)
    (note,) = Audit(small / "audit").store.rows("SELECT * FROM notes")
    assert (note["memo"], note["paraphrase"], note["not_for_quotation"]) == (
        "ask again",
        "One of us decides.",
        0,
    )
    assert note["quote"].startswith(ALONE)
    apply(small, fill_book(book(small, "b.xlsx"), where(ALONE, not_for_quotation="x")))
    (note,) = Audit(small / "audit").store.rows("SELECT * FROM notes")
    assert (note["memo"], note["quote"][:10], note["not_for_quotation"]) == ("ask again", ALONE, 1), (
        "the next sheet has them"
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"themes": "Trst"}, 'there is no theme "Trst"; did you mean "Trust"?'),
        ({"ok": "perhaps"}, 'ok: "perhaps" is neither x nor empty'),
        ({"themes": "Trust", "pole": "middling"}, 'pole: "middling" is none of works well, problem, both'),
        ({"themes": "Trust", "words": "words of nobody"}, "words: they do not stand in the answer"),
        ({"quote": "words of nobody"}, "quote: these words do not stand in the answer"),
        ({"words": "He"}, "words or a pole, but no theme"),
        ({"text": "He decides with nobody", "themes": "Trust"}, "the text was changed in the sheet"),
        ({"id": "0123456789abcdef", "themes": "Trust"}, "no answer of this audit has this id"),
    ],
)
def test_what_cannot_be_meant_is_named_by_sheet_and_row_and_nothing_is_applied(
    small: Path, typed: dict[str, str], said: str
) -> None:
    path = book(small)
    place = 2 + [row["text"].startswith(ALONE) for row in book_rows(path)].index(True)
    fill_book(path, lambda row: typed if row["text"].startswith(ALONE) else {"ok": "x"})
    with pytest.raises(AuditkitError) as caught:
        apply(small, path)
    assert [line for line in caught.value.details if line.startswith(f"Review, row {place}: ") and said in line]
    assert decided(small) == set()
    assert "nobody" not in " ".join(caught.value.details).replace('"words of nobody"', "")


def test_an_id_that_stands_there_twice_with_two_decisions(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="Trust"))
    sheet = openpyxl.load_workbook(path)
    row = next(cells for cells in sheet["Review"].iter_rows(min_row=2) if str(cells[2].value).startswith(ALONE))
    sheet["Review"].append([cell.value for cell in row])
    sheet.save(path)
    assert apply(small, path).answers == 1, "twice the same is once"
    last = sheet["Review"].max_row
    sheet["Review"].cell(last, 6).value = "Respect"
    sheet.save(path)
    with pytest.raises(AuditkitError) as caught:
        apply(small, path)
    assert f"Review, row {last}: the same answer as Review, row {row[0].row}, decided otherwise" in caught.value.details


def test_merged_cells_are_refused_by_their_place(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="Trust"))
    sheet = openpyxl.load_workbook(path)
    sheet["Review"].merge_cells("F2:F4")
    sheet.save(path)
    with pytest.raises(AuditkitError, match="cells are merged") as caught:
        apply(small, path)
    assert list(caught.value.details) == ["Review, F2:F4"]


def test_the_sheet_of_another_audit_is_refused_by_its_number(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="Trust"))
    sheet = openpyxl.load_workbook(path)
    sheet["About"]["B1"] = "feedbeef"
    sheet.save(path)
    with pytest.raises(AuditkitError, match=r"review\.xlsx was handed out by another audit \(feedbeef"):
        apply(small, path)


def test_two_analysts_with_a_sheet_each_lose_nothing(small: Path) -> None:
    first, second = book(small, "first.xlsx"), book(small, "second.xlsx")
    fill_book(first, lambda row: {"themes": "Trust (problem)"})
    fill_book(
        second, lambda row: {"themes": "Respect"} if row["text"].startswith(ALONE) else {"themes": "Trust (problem)"}
    )
    assert apply(small, first, "AB").conflicts == ()
    taken = decisions.take_over(Audit(small / "audit"), second, "CD", lambda step, done, total: None)
    (conflict,) = taken.decided.conflicts
    assert conflict.by == "AB"
    assert conflict.theirs == (("T01", "poor"),)
    assert [theme for theme, _ in conflict.mine] == ["T09"]
    assert conflict.place.startswith("Review, row ")
    assert set_codes(small, ALONE) == {("Trust", "poor", "AB")}, "the first decision stands until it is settled"
    assert taken.conflicts is not None
    (row,) = book_rows(taken.conflicts)
    assert row["why"].splitlines()[0] == "AB: Trust (problem)"
    assert row["why"].splitlines()[1].startswith("CD: Respect (")
    apply(small, fill_book(taken.conflicts, lambda row: {"themes": "Respect (problem); Trust (problem)"}), "AB, CD")
    assert set_codes(small, ALONE) == {("Trust", "poor", "AB, CD"), ("Respect", "poor", "AB, CD")}


def test_the_same_decision_by_two_people_is_no_conflict(small: Path) -> None:
    first = fill_book(book(small, "first.xlsx"), where(ALONE, themes="Trust (problem)"))
    shutil.copy(first, small / "second.xlsx")
    apply(small, first, "AB")
    assert apply(small, small / "second.xlsx", "CD").conflicts == ()


def test_a_decision_from_before_the_sheet_may_be_overruled_and_is_kept_as_history(small: Path) -> None:
    old = fill_book(book(small, "old.xlsx"), where(ALONE, themes="Trust (problem)"))
    shutil.copy(old, small / "copy.xlsx")
    apply(small, old, "AB")
    path = fill_book(small / "copy.xlsx", where(ALONE, themes="none"))
    sheet = openpyxl.load_workbook(path)
    sheet["About"]["B3"] = "2999-01-01T00:00:00.000+00:00"
    sheet.save(path)
    done = apply(small, path, "CD")
    assert (done.overruled, done.conflicts) == (1, ())
    assert set_codes(small, ALONE) == set()
    history = Audit(small / "audit").store.rows(
        "SELECT theme, pole, coder FROM earlier_decisions WHERE decision != 'rejected'"
    )
    assert history == [{"theme": "T01", "pole": "poor", "coder": "AB"}]


@pytest.mark.parametrize(
    ("typed", "label"),
    [("comm", "Communication"), ("TRU (both)", "Trust"), ("tr", None), ("re", None), ("know", "Knowing each other")],
)
def test_the_beginning_of_a_label_will_do_where_it_is_one_theme(small: Path, typed: str, label: str | None) -> None:
    path = fill_book(book(small), where(ALONE, themes=typed, pole="" if "(" in typed else "both"))
    if label is None:
        with pytest.raises(AuditkitError, match="cannot be taken over"):
            apply(small, path)
    else:
        apply(small, path)
        assert set_codes(small, ALONE) == {(label, "mixed", "AB")}


def test_the_beginning_of_a_label_is_none_where_it_is_the_whole_label_of_a_theme_that_is_gone(small: Path) -> None:
    from auditkit import codebook_changes
    from test_codebook_history import add, change

    change(small, add("Trust in the board"))
    change(small, lambda found, taken: codebook_changes.retire(found, "Trust"))
    with pytest.raises(AuditkitError) as caught:
        apply(small, fill_book(book(small), where(ALONE, themes="trust")))
    assert "any longer: it was retired" in "".join(caught.value.details)
