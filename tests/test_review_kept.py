"""What an analyst typed into a sheet is never lost, whatever became of the sheet, the codebook or the audit."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from auditkit import codebook_changes, codebook_edits, decisions, intake, runs
from auditkit.audit import Audit
from auditkit.decided import Verdict
from auditkit.errors import AuditkitError
from auditkit.review import suggested_by
from test_codebook_history import Make, add, change, merge, opened, retire
from test_review import apply, book_rows, decided, export, fill_book, filled, filled_again, quiet, read, write
from test_review_book import ALONE, answer, book, set_codes, where

HIS = f"SELECT * FROM answers WHERE text LIKE '{ALONE}%'"


def changed(path: Path, how: Callable[[Worksheet], Any], sheet: str = "Review") -> Path:
    """A workbook after somebody has done this to one of its sheets."""
    opened = openpyxl.load_workbook(path)
    how(opened[sheet])
    opened.save(path)
    return path


def heading(name: str, column: int) -> Callable[[Worksheet], Any]:
    return lambda sheet: sheet.cell(1, column, name)


def rename(typed: str, label: str) -> Make:
    return lambda book, taken: codebook_changes.rename(book, typed, label)


def note(folder: Path) -> dict[str, Any]:
    (row,) = Audit(folder / "audit").store.rows("SELECT * FROM notes")
    return row


# Who said it


def test_an_id_cannot_be_worked_out_from_what_is_known_of_an_answer(small: Path, tmp_path: Path) -> None:
    audit = Audit(small / "audit")
    row = audit.store.rows(HIS)[0]
    parts = (row["round"], row["pair"], row["respondent"], row["question"], "1")
    assert row["answer"] == hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
    apply(small, fill_book(book(small), where(ALONE, themes="Trust", memo="ask again")))
    seen = "\n".join(str(cells) for cells in openpyxl.load_workbook(book(small, "b.xlsx"))["Review"].values)
    log = runs.export(audit, "log", "csv", None) or ""
    assert audit.store.blind_id(row["answer"]) in log
    for text in (seen, log):
        assert not any(one["answer"] in text for one in audit.store.rows("SELECT answer FROM answers"))
    other = Audit(tmp_path / "other")
    assert other.store.blind_id(row["answer"]) != audit.store.blind_id(row["answer"]), "every audit has its own"


# The sheet


def test_a_title_above_the_header_is_left_aside(small: Path) -> None:
    path = changed(
        fill_book(book(small), where(ALONE, themes="Trust (problem)")), lambda sheet: sheet.insert_rows(1, 2)
    )
    changed(path, lambda sheet: sheet.cell(1, 1, "My sheet"))
    assert apply(small, path).answers == 1


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (heading("what it says", 6), "review.xlsx, sheet Review: no column themes."),
        (heading("number", 1), "review.xlsx, sheet Review: no column id."),
        (lambda sheet: sheet.delete_cols(1), "review.xlsx, sheet Review: no column id."),
        (heading("Themes", 12), "review.xlsx: Review, column themes stands there twice."),
        (lambda sheet: setattr(sheet, "title", "Sheet1") or sheet.delete_cols(6), "sheet Sheet1: no column themes."),
    ],
)
def test_a_sheet_that_lost_a_column_is_named_and_not_taken_for_an_empty_one(
    small: Path, how: Callable[[Worksheet], Any], said: str
) -> None:
    path = changed(fill_book(book(small), where(ALONE, themes="Trust")), how)
    before = path.read_bytes()
    with pytest.raises(AuditkitError) as caught:
        apply(small, path)
    assert said in caught.value.message
    assert decided(small) == set()
    with pytest.raises(AuditkitError, match="is there already, and "):
        export(small, "review.xlsx")
    assert path.read_bytes() == before


def test_a_cell_with_an_error_is_named_by_its_place(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="=NO.SUCH(1)"))
    row = next(n for n, cells in enumerate(book_rows(path), start=2) if cells["text"].startswith(ALONE))
    with pytest.raises(AuditkitError, match="an error, or a formula that was never computed") as caught:
        apply(small, path)
    assert list(caught.value.details) == [f"Review, F{row} (themes)"]


def test_a_stray_cell_far_away_is_told_before_the_memory_is_full(small: Path) -> None:
    path = changed(book(small), lambda sheet: sheet.cell(1_048_576, 16_384, "x"))
    with pytest.raises(AuditkitError, match="rows x 16,384 columns are in use"):
        apply(small, path)


def test_a_long_cell_is_not_repeated_as_a_whole(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="Trusst" * 5000))
    with pytest.raises(AuditkitError) as caught:
        apply(small, path)
    assert max(map(len, caught.value.details)) < 200


@pytest.mark.slow
def test_a_sheet_saved_as_ods_is_read(small: Path) -> None:
    import subprocess

    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    path = fill_book(book(small), where(ALONE, themes="Trust (problem)"))
    done = ["soffice", "--headless", "--convert-to", "ods", "--outdir", str(small), str(path)]
    subprocess.run(done, check=True, capture_output=True, timeout=120)
    assert apply(small, path.with_suffix(".ods")).answers == 1


@pytest.mark.parametrize(
    "typed",
    [
        *({"third_theme": "Trust"}, {"pole": "both"}, {"quote": "x"}, {"paraphrase": "One decides."}),
        *({"not_for_quotation": "x"}, {"words": "He decides"}, {"memo": "ask"}),
    ],
)
def test_whatever_was_typed_keeps_a_sheet_from_being_overwritten(small: Path, typed: dict[str, str]) -> None:
    path = fill_book(book(small), where(ALONE, **typed))
    before = path.read_bytes()
    with pytest.raises(AuditkitError, match="on 1 answer that"):
        export(small, "review.xlsx")
    assert path.read_bytes() == before


def test_a_sheet_in_which_nobody_typed_anything_is_written_anew(small: Path) -> None:
    apply(small, fill_book(book(small), where(ALONE, memo="ask again", quote="x")))
    path = book(small)
    assert answer(path, ALONE)["memo"] == "ask again", "shown by the software, and typed by nobody"
    export(small, "review.xlsx")
    changed(path, lambda sheet: sheet.cell(2, 12, "another"))
    with pytest.raises(AuditkitError, match="on 1 answer that"):
        export(small, "review.xlsx")
    (small / "new.csv").touch()
    assert export(small, "new.csv").stat().st_size


# Notes


def test_a_second_memo_takes_nothing_away(small: Path) -> None:
    first, second = book(small, "first.xlsx"), book(small, "second.xlsx")
    typed = where(ALONE, memo="ask again", paraphrase="One of us decides.", not_for_quotation="x")
    apply(small, fill_book(first, typed), "AB")
    apply(small, fill_book(second, where(ALONE, memo="talk first", paraphrase="Someone decides.")), "CD")
    kept = note(small)
    assert kept["memo"].splitlines() == ["ask again", "paraphrase, AB: One of us decides.", "talk first"]
    assert (kept["paraphrase"], kept["not_for_quotation"]) == ("Someone decides.", 1)


def test_a_note_that_the_sheet_showed_can_be_emptied(small: Path) -> None:
    typed = where(ALONE, memo="ask again", paraphrase="One of us decides.", not_for_quotation="x")
    apply(small, fill_book(book(small, "a.xlsx"), typed), "AB")
    apply(small, fill_book(book(small, "b.xlsx"), where(ALONE, memo="", not_for_quotation="")), "CD")
    kept = note(small)
    assert (kept["memo"], kept["paraphrase"], kept["not_for_quotation"]) == ("", "One of us decides.", 0)
    apply(small, fill_book(book(small, "c.xlsx"), where(ALONE, paraphrase="-")), "CD")
    assert Audit(small / "audit").store.rows("SELECT * FROM notes") == []


@pytest.mark.slow
def test_a_cell_that_nobody_touched_brings_no_earlier_note_back(small: Path) -> None:
    apply(small, fill_book(book(small, "a.xlsx"), where(ALONE, memo="note one", paraphrase="P1")), "AB")
    old, new, others = book(small, "old.xlsx"), book(small, "new.xlsx"), book(small, "others.xlsx")
    apply(small, fill_book(new, where(ALONE, memo="note two, the better one", paraphrase="")), "AB")
    apply(small, fill_book(old, where("We talk openly", themes="Trust (problem)")), "AB")
    apply(small, fill_book(others, where("We talk openly", themes="Trust (problem)")), "CD")
    kept = note(small)
    assert (kept["memo"], kept["paraphrase"], kept["coder"]) == ("note two, the better one", "", "AB")


def test_two_memos_stay_two_however_often_the_sheets_come_back(small: Path) -> None:
    first, second = book(small, "first.xlsx"), book(small, "second.xlsx")
    apply(small, fill_book(first, where(ALONE, memo="by AB")), "AB")
    apply(small, fill_book(second, where(ALONE, memo="by CD")), "CD")
    for path, coder in ((second, "CD"), (first, "AB")):
        apply(small, changed(path, lambda sheet: sheet.cell(1, 20, "mine")), coder)
    kept = note(small)
    assert (kept["memo"].splitlines(), kept["coder"]) == (["by AB", "by CD"], "AB, CD")


# Decisions


def test_the_record_stands_in_an_order_that_says_nothing(small: Path) -> None:
    apply(small, filled(small, lambda row: "Trust (problem)"))
    audit = opened(small)
    names = [row["object"] for row in audit.store.rows("SELECT object FROM log WHERE action LIKE 'decide%'")]
    keys = {
        audit.store.blind_id(row["answer"]): row["answer"] for row in audit.store.rows("SELECT answer FROM answers")
    }
    assert names == sorted(names)
    assert [keys[name] for name in names] != sorted(keys.values())


def test_words_that_were_marked_in_a_text_do_not_mark_another(small: Path) -> None:
    apply(small, fill_book(book(small), where(ALONE, themes="Trust (problem)", words="decides alone")))
    audit = opened(small)
    assert len(audit.store.rows("SELECT * FROM spans")) == 1
    text = (
        (small / "baseline.csv").read_text(encoding="utf-8").replace("He decides alone and", "By now he asks me, and")
    )
    (small / "baseline.csv").write_text(text, encoding="utf-8")
    runs.analyse(opened(small), [small / "baseline.csv"], intake.Options(), quiet)
    apply(small, filled_again(small, "By now he", "Trust (works well)"), "CD")
    assert opened(small).store.rows("SELECT * FROM spans") == []


def test_a_decision_is_held_against_what_its_sheet_suggested(small: Path) -> None:
    path = book(small)
    themes = [theme.label for theme in Audit(small / "audit").codebook.accepted]
    suggested = answer(path, ALONE)["suggested"]
    other = next(label for label in themes if label not in suggested)
    changed(path, lambda sheet: [put_suggested(sheet, f"{other} (problem)")])
    apply(small, fill_book(path, where(ALONE, ok="x")))
    said = {row[3:] for row in decided(small) if row[0] == "b2"}
    assert said == {("poor", "confirmed")}


def put_suggested(sheet: Worksheet, text: str) -> None:
    for row in sheet.iter_rows(min_row=2):
        if str(row[2].value).startswith(ALONE):
            row[3].value = text


@pytest.mark.slow
def test_a_sheet_counts_once_whatever_came_later(small: Path) -> None:
    first = fill_book(book(small, "first.xlsx"), where(ALONE, themes="Trust (problem)"))
    apply(small, first)
    apply(small, filled_again(small, ALONE, "Respect (problem)"))
    change(small, rename("Respect", "Regard"))
    taken = decisions.take_over(opened(small), first, "AB", quiet)
    assert taken.is_known
    assert set_codes(small, ALONE) == {("Regard", "poor", "AB")}


def test_what_was_accepted_unread_is_read_once_somebody_has_read_it(small: Path) -> None:
    audit = Audit(small / "audit")
    apply(small, filled(small, lambda row: "Trust (problem)"))
    rows = audit.store.rows("SELECT answer, text_hash, theme, pole, decision, coder FROM decisions")
    with audit.store.step():
        audit.store.connection.execute("UPDATE decisions SET unread = 1")
    assert audit.decide(Verdict(rows, unread=True), "AB") == 0
    assert audit.decide(Verdict(rows), "AB") == 23
    assert audit.store.rows("SELECT 1 FROM decisions WHERE unread = 1") == []


@pytest.mark.slow
def test_conflicts_that_wait_to_be_settled_are_not_overwritten(small: Path) -> None:
    sheets = [book(small, f"{coder}.xlsx") for coder in ("AB", "CD", "EF")]
    labels = ("Trust (problem)", "Respect (problem)", "Communication (problem)")
    for sheet, label in zip(sheets, labels, strict=True):
        fill_book(sheet, where(ALONE, themes=label))
    apply(small, sheets[0], "AB")
    first = decisions.take_over(opened(small), sheets[1], "CD", quiet).conflicts
    assert first is not None
    fill_book(first, where(ALONE, themes="Respect (problem)"))
    second = decisions.take_over(opened(small), sheets[2], "EF", quiet).conflicts
    assert second is not None
    assert [first.name, second.name] == ["conflicts.xlsx", "conflicts-2.xlsx"]
    assert answer(first, ALONE)["themes"] == "Respect (problem)"
    second.unlink()
    again = decisions.take_over(opened(small), sheets[2], "EF", quiet)
    assert again.is_known
    assert again.conflicts == second, "it can be written once more"
    machine = opened(small).load_round("baseline", read=False)
    suggested = set(suggested_by(machine, opened(small).store.rows(HIS)[0]["answer"])[0])
    apply(small, first, "AB, CD")
    assert set_codes(small, ALONE) == {("Respect", "poor", "AB, CD")}
    rejected = {row[2] for row in decided(small) if row[0] == "b2" and row[4] == "rejected"}
    assert rejected == suggested - {"T09"}, "held against the software, not against what AB had set"


def test_a_decision_taken_while_a_sheet_is_being_applied_is_seen(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another analyst is faster: between the reading of the sheet and its taking over."""
    sheet = fill_book(book(small), where(ALONE, themes="Trust (problem)"))
    other = opened(small)
    key = other.store.rows(HIS)[0]["answer"]
    real = decisions.refuse_foreign

    def slow(audit: Audit, file: Path, about: dict[str, str]) -> None:
        row = {"answer": key, "text_hash": "0", "theme": "T09", "pole": "poor", "decision": "added"}
        other.decide(Verdict([row]), "CD")
        real(audit, file, about)

    monkeypatch.setattr(decisions, "refuse_foreign", slow)
    assert len(decisions.take_over(opened(small), sheet, "AB", quiet).decided.conflicts) == 1


# A codebook that has changed since


def test_labels_mean_what_they_meant_when_the_sheet_was_handed_out(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="Trust (problem)"))
    change(small, rename("Trust", "Reliance"))
    change(small, rename("Respect", "Trust"))
    apply(small, path)
    assert set_codes(small, ALONE) == {("Reliance", "poor", "AB")}


@pytest.mark.slow
def test_a_theme_that_went_into_another_since_goes_there(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="Trust (problem); Respect (works well)"))
    change(small, merge("Trust", "Communication"))
    change(small, merge("Communication", "Respect"))
    apply(small, path)
    assert set_codes(small, ALONE) == {("Respect", "mixed", "AB")}


def test_a_theme_that_is_gone_since_is_named_by_its_row(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="Trust (problem)"))
    change(small, retire("Trust"))
    with pytest.raises(AuditkitError) as caught:
        apply(small, path)
    assert 'there is no theme "Trust" any longer: it was split or retired' in "".join(caught.value.details)
    assert decided(small) == set()


@pytest.mark.slow
def test_a_theme_that_came_in_since_is_not_rejected_and_is_to_be_looked_at(small: Path) -> None:
    path = fill_book(book(small), where(ALONE, themes="Respect (problem)"))
    statements = ("He decides on his own.", "Decisions are taken alone.", "I hear of a decision last.")
    change(small, add("Deciding alone", statements_poor=statements))
    apply(small, path)
    new = next(theme.id for theme in opened(small).codebook.accepted if theme.label == "Deciding alone")
    assert not [row for row in decided(small) if row[2] == new]
    (row,) = [row for row in read(export(small, "again.csv")) if row["text"].startswith(ALONE)]
    assert "Deciding alone" in row["suggested"]
    assert "look again; new: Deciding alone" in answer(book(small, "b.xlsx"), ALONE)["why"]


# In the terminal


@pytest.mark.slow
def test_backspace_on_an_answer_to_look_at_again_gives_the_earlier_decision_back(small: Path) -> None:
    from auditkit.reading_session import DECIDE, UNDO
    from test_reading_session import session

    path = fill_book(book(small), where(ALONE, themes="Trust (problem); Respect (works well)", words="decides alone"))
    apply(small, path)
    change(small, codebook_edits.split(opened(small), "Trust", ["Reliance", "Openness"]))
    tables = ("decisions", "spans", "second_looks")
    before = {table: opened(small).store.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables}
    sitting = session(small, "CD")
    sitting.press(DECIDE)
    assert opened(small).store.rows("SELECT * FROM second_looks") == []
    sitting.press(UNDO)
    assert before == {table: opened(small).store.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables}


def test_a_spelling_of_utf_16_without_its_mark(small: Path) -> None:
    path = filled(small, lambda row: "Trust" if row["text"].startswith(ALONE) else "")
    rows = read(path)
    write(path, rows)
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16-le"))
    assert apply(small, path).answers == 1


# The answers


@pytest.mark.slow
def test_a_further_answer_of_a_person_to_a_question_moves_no_decision(tmp_path: Path) -> None:
    def analyse(*answers: str) -> None:
        rows = [
            f'R{number},ward-{number},doctor,What was good?,"{text}"' for number, text in ((1, "Mondays."), *others)
        ]
        rows += [f'R9,ward-1,manager,What was good?,"{text}"' for text in answers]
        text = "respondent_id,pair,role,question,text\n" + "\n".join(rows) + "\n"
        (tmp_path / "first.csv").write_text(text, encoding="utf-8")
        options = intake.Options(round="first")
        runs.analyse(Audit(tmp_path / "audit"), [tmp_path / "first.csv"], options, quiet)

    def kept() -> dict[str, str]:
        """Text of today to the theme that somebody set on it."""
        query = "SELECT a.text, d.theme FROM decisions d JOIN answers a USING (answer) WHERE d.decision != 'rejected'"
        return {row["text"]: row["theme"] for row in Audit(tmp_path / "audit").store.rows(query)}

    others = [(number, f"We met {number} times.") for number in range(2, 6)]
    analyse("He keeps his word.", "She listens.")
    given = {"He keeps his word.": "Trust", "She listens.": "Communication"}
    apply(tmp_path, filled(tmp_path, lambda row: given.get(row["text"], "")))
    assert kept() == {"He keeps his word.": "T01", "She listens.": "T02"}
    analyse("A room of our own.", "He keeps his word.", "She listens.")
    assert kept() == {"He keeps his word.": "T01", "She listens.": "T02"}
    analyse("A room of our own.", "He keeps his word.", "She never listens.")
    assert kept() == {"He keeps his word.": "T01", "She never listens.": "T02"}
    rows = Audit(tmp_path / "audit").load_round("first")
    assert len(rows.changed) == 1
    analyse("She listens.")
    assert kept() == {}
    analyse("A room.", "He keeps his word.", "She listens.")
    assert kept() == {"He keeps his word.": "T01"}, "though it was away for a while"


# Figures of what was decided more than once


def test_what_a_sheet_changed_is_told_against_the_earlier_decision(small: Path) -> None:
    done = apply(small, filled_again(small, ALONE, "Trust (problem); Respect (problem); Communication (problem)"))
    assert sum(kinds.get("confirmed", 0) + kinds.get("added", 0) for kinds in done.by_theme.values()) == 3
    done = apply(small, filled_again(small, ALONE, "Trust (problem); Respect (works well); Time together (problem)"))
    assert done.by_theme == {
        "T01": {"confirmed": 1},
        "T09": {"changed": 1},
        "T07": {"added": 1},
        "T02": {"rejected": 1},
    }
    assert done.changes == 3


@pytest.mark.slow
def test_reading_an_answer_again_does_not_change_what_was_kept_of_the_suggestions(small: Path) -> None:
    from auditkit import reviewing

    def kept() -> tuple[int, int, int]:
        audit = opened(small)
        rounds = [audit.load_round(name) for name in audit.rounds()]
        return reviewing.as_shown(rounds, audit.decisions())

    apply(small, filled(small, lambda row: "Trust; Respect" if row["round"] == "baseline" else ""))
    before = kept()
    assert before[0] < before[1], "some of what was suggested was rejected"
    change(small, codebook_edits.split(opened(small), "Communication", ["Talking", "Writing"]))
    path = export(small, "again.xlsx")
    rows = {row["text"] for row in book_rows(path) if row["why"].startswith("look again")}
    fill_book(path, lambda row: {"themes": "Trust; Respect"} if row["text"] in rows else {})
    apply(small, path)
    apply(small, filled_again(small, ALONE, "Trust; Respect"))
    after = kept()
    assert after[2] == before[2], "the same codes are set"
    assert after[0] == before[0]
    assert after[1] >= before[1] - 2, "only suggestions of the theme that is gone are no longer counted"


def test_a_row_to_look_at_again_says_who_had_set_what(small: Path) -> None:
    apply(small, filled_again(small, ALONE, "Trust (problem); Respect (problem)"))
    change(small, codebook_edits.split(opened(small), "Trust", ["Reliance", "Openness"]))
    why = answer(book(small), ALONE)["why"].splitlines()
    assert why[0] == "look again; was: Trust; new: Reliance, Openness"
    assert "Respect: set by AB" in why


# Quotes


@pytest.mark.slow
def test_a_quote_is_handed_on_only_where_the_person_agreed_and_the_words_still_stand_there(small: Path) -> None:
    def noted() -> list[str]:
        text = runs.export(opened(small), "notes", "csv", None) or ""
        return [row["quote"] for row in csv.DictReader(io.StringIO(text))]

    def analyse(consent: str, text: str) -> None:
        header, *rows = (small / "baseline.csv").read_text(encoding="utf-8").splitlines()
        rows = [row.rpartition(",consent:")[0] or row for row in rows]
        rows = [row.replace("He decides alone and I hear it last.", text) for row in rows]
        lines = [header.removesuffix(",consent_quote") + ",consent_quote", *(f"{row},{consent}" for row in rows)]
        (small / "again.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        options = intake.Options(round="baseline")
        runs.analyse(opened(small), [small / "again.csv"], options, quiet)

    apply(small, fill_book(book(small), where(ALONE, quote="x", paraphrase="One decides.")))
    assert noted() == [""], "nobody was asked"
    analyse("verbatim", "He decides alone and I hear it last.")
    assert noted() == ["He decides alone and I hear it last."]
    analyse("paraphrase", "He decides alone and I hear it last.")
    assert noted() == [""]
    analyse("verbatim", "He decides alone.")
    assert noted() == [""], "a part of it was taken out of the answers, and so it is out of the notes"
    assert (note(small)["quote"], note(small)["paraphrase"]) == ("", "One decides.")


def test_a_pole_that_a_person_set_stays_where_a_later_row_does_not_say_one(small: Path) -> None:
    apply(small, filled_again(small, "I can rely", "Trust (problem)"))
    apply(small, filled_again(small, "I can rely", "Trust; Respect (works well)"), "CD")
    said = {row[2:4] for row in decided(small) if row[0] == "b2" and row[4] != "rejected"}
    assert said == {("T01", "poor"), ("T09", "good")}, "the software alone would say that it works well"


def test_a_preview_says_what_would_change_and_changes_nothing(small: Path) -> None:
    from typer.testing import CliRunner

    from auditkit.cli import app

    path = fill_book(book(small), where(ALONE, themes="Trust (problem)", memo="ask again"))
    words = ["review", "apply", str(path), "--coder", "AB", "--audit", str(small / "audit")]
    before = (small / "audit" / "audit.sqlite").read_bytes()
    shown = CliRunner().invoke(app, [*words, "--preview"])
    assert (shown.exit_code, (small / "audit" / "audit.sqlite").read_bytes() == before) == (0, True)
    assert "1 answer would be decided by AB" in shown.output
    assert "Nothing was changed." in shown.output
    done = CliRunner().invoke(app, words)
    assert "1 answer decided by AB" in done.output
    figures = [line for line in shown.output.splitlines() if line.startswith("  Trust")]
    assert figures
    assert figures == [line for line in done.output.splitlines() if line.startswith("  Trust")]
