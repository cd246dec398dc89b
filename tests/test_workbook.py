from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from auditkit import agreement_book, review_book, review_files, workbook
from auditkit.errors import AuditkitError

ANALYST = "audit/out/analyst"
LONG = "Staff listening, understanding & involving patients"


def sheet_rows(path: Path, name: str) -> list[dict[str, object]]:
    rows = list(openpyxl.load_workbook(path)[name].iter_rows(values_only=True))
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def test_the_analysts_workbook(small: Path) -> None:
    path = small / ANALYST / "analysis.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Summary", "Themes", "Codings", "Remainder", "Suggested", "Ratings", "Problems"]
    summary = [tuple(row) for row in book["Summary"].iter_rows(values_only=True)]
    assert summary[0][1] == workbook.DRAFT
    assert ("Round", "baseline") in summary
    assert ("Answers reviewed", "0 of 11") in summary
    assert any(name == "Expected agreement with a careful person" and value for name, value in summary)
    codings = sheet_rows(path, "Codings")
    assert {row["round"] for row in codings} == {"baseline", "repeat"}
    row = next(row for row in codings if row["text"] == "I can rely on him, always." and row["label"] == "Trust")
    assert (row["respondent"], row["pole"], row["coder"], row["decision"]) == ("b2", "good", "machine", "suggested")
    assert row["nearest"]
    assert all(row["fit"] is not None for row in sheet_rows(path, "Remainder"))


def test_the_comparisons_workbook(small: Path) -> None:
    path = small / ANALYST / "comparison.xlsx"
    book = openpyxl.load_workbook(path)
    assert {"Summary", "Comparison", "Pairs", "Exceptions", "People", "Not comparable"} <= set(book.sheetnames)
    row = next(
        row for row in sheet_rows(path, "Comparison") if row["measure"] == "trust" and row["level"] == "programme"
    )
    assert (row["n_pairs"], row["before"], row["after"]) == (3, 3.0, pytest.approx((4 + 4 + 3.5) / 3))


def test_sheets_read_well(small: Path) -> None:
    for name in ("analysis", "comparison"):
        book = openpyxl.load_workbook(small / ANALYST / f"{name}.xlsx")
        for sheet in book.worksheets[1:]:
            assert sheet.freeze_panes == "A2"
            assert sheet["A1"].font.bold
            assert all(8 < column.width <= 70 for column in sheet.column_dimensions.values())


def test_words_are_text_and_never_a_formula(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["=1+1", "@SUM(A1)", "a\x07b", "x" * 40_000], "n": [1, 2, 3, 4]})
    workbook.table(tmp_path / "table.xlsx", "Answers", frame)
    sheet = openpyxl.load_workbook(tmp_path / "table.xlsx")["Answers"]
    cells = [sheet.cell(row, 1) for row in range(2, 6)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [str(cell.value)[:8] for cell in cells] == ["=1+1", "@SUM(A1)", "ab", "xxxxxxxx"]
    assert [sheet.cell(row, 2).value for row in range(2, 6)] == [1, 2, 3, 4]


def test_an_empty_table_has_its_header(tmp_path: Path) -> None:
    workbook.table(tmp_path / "table.xlsx", "Exceptions", pd.DataFrame(columns=["pair", "rule"]))
    rows = list(openpyxl.load_workbook(tmp_path / "table.xlsx").active.iter_rows(values_only=True))
    assert rows == [("pair", "rule")]


def test_review_sheet_without_answers(tmp_path: Path) -> None:
    review_book.write(tmp_path / "review.xlsx", pd.DataFrame(columns=list(review_files.BOOK)), ["Trust"], {})
    assert openpyxl.load_workbook(tmp_path / "review.xlsx")["Review"].max_row == 1


def test_a_workbook_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AuditkitError, match="cannot be written"):
        workbook.table(tmp_path / "file" / "table.xlsx", "Answers", pd.DataFrame({"a": [1]}))


def agreement(path: Path) -> Path:
    """agreement.xlsx with one disagreement, and a theme of a long name."""
    themes = pd.DataFrame(
        {
            "theme": ["All themes", LONG],
            "neither": [1053, 40],
            "guidance": ["rely on it", "sharpen"],
            "alpha": [0.9159, 0.5],
        }
    )
    said = {"question": "What works?", "text": "They listen.", "first": LONG, "second": "none", "differ on": LONG}
    apart = pd.DataFrame([{**said, "agreed on": "", "first coder": "AB", "second coder": "CD", "id": "CLMQBTLGCMRC"}])
    agreement_book.write(path, [("Themes", 1)], {"themes": themes, "disagreements": apart}, ["Trust", LONG])
    return path


def test_what_two_coders_agree_on_is_typed_into_a_yellow_column_with_the_list_of_labels(tmp_path: Path) -> None:
    path = agreement(tmp_path / "agreement.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Summary", "Themes", "Disagreements", "Labels"]
    assert [row[0] for row in book["Labels"].iter_rows(values_only=True)] == ["Trust", LONG, "none"]
    sheet = book["Disagreements"]
    yellow = {cell.column_letter for cell in sheet[2] if cell.fill.fgColor.rgb == f"00{review_book.INPUT}"}
    assert yellow == {next(cell.column_letter for cell in sheet[1] if cell.value == "agreed on")}
    (rule,) = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1) == (f"{yellow.pop()}2", "Labels!$A$1:$A$3")
    assert not rule.showErrorMessage, "several labels may be typed"


def test_the_labels_of_agreement_are_no_rows_of_a_review_sheet(tmp_path: Path) -> None:
    path = agreement(tmp_path / "agreement.xlsx")
    (row,) = review_files.read(path).rows
    assert (row["id"], row["themes"], row["place"]) == ("CLMQBTLGCMRC", "", "Disagreements, row 2")


def test_long_labels_are_wrapped_and_numbers_stand_apart_from_the_text_after_them(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(agreement(tmp_path / "agreement.xlsx"))["Themes"]
    assert sheet["A3"].alignment.wrap_text
    assert sheet.row_dimensions[3].height == 30
    assert sheet["C2"].alignment.indent == 1
    assert (sheet["D2"].value, sheet["D2"].number_format) == (0.9159, "0.00")


def test_footers_have_room_on_every_sheet(small: Path, tmp_path: Path) -> None:
    for path in (small / ANALYST / "analysis.xlsx", agreement(tmp_path / "agreement.xlsx")):
        for sheet in openpyxl.load_workbook(path):
            assert sheet.page_margins.bottom - sheet.page_margins.footer >= 0.4, (path.name, sheet.title)


def test_rows_of_a_table_are_as_high_as_their_texts(tmp_path: Path) -> None:
    frame = pd.DataFrame({"label": ["Trust", LONG], "text": ["Yes.", "They listen. " * 30]})
    workbook.table(tmp_path / "table.xlsx", "Answers", frame)
    sheet = openpyxl.load_workbook(tmp_path / "table.xlsx")["Answers"]
    assert sheet.row_dimensions[2].height is None
    assert sheet.row_dimensions[3].height >= 15 * len("They listen. " * 30) / 80
