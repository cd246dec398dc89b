from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit.errors import AuditkitError
from auditkit.sheets import Sheet, read_sheets

KNOWN = {"respondent_id", "pair_id", "role", "COM1", "Q1"}


def recognise(text: str) -> bool:
    return text in KNOWN


def csv_sheet(tmp_path: Path, content: str | bytes, name: str = "a.csv") -> Sheet:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (sheet,) = read_sheets(path, recognise)
    return sheet


def workbook(tmp_path: Path, rows: list[list[Any]]) -> tuple[Path, openpyxl.Workbook]:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Answers"
    for row in rows:
        book.active.append(row)
    return tmp_path / "a.xlsx", book


def found(sheet: Sheet) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.severity, problem.found) for problem in sheet.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_delimiters_and_quoted_newlines(tmp_path: Path, delimiter: str) -> None:
    content = f'respondent_id{delimiter}Q1\r\nR1{delimiter}"One, two; three\r\nfour"\r\nR2{delimiter}None\r\n'
    sheet = csv_sheet(tmp_path, content)
    assert sheet.headers == ("respondent_id", "Q1")
    assert sheet.rows == (("R1", "One, two; three\nfour"), ("R2", "None"))
    assert sheet.numbers == (2, 3)


def test_csv_keeps_words_that_others_take_for_missing(tmp_path: Path) -> None:
    sheet = csv_sheet(tmp_path, "respondent_id,Q1\nR1,None\nR2,n/a\nR3,NA\nR4,nan\nR5,\n")
    assert [row[1] for row in sheet.rows] == ["None", "n/a", "NA", "nan", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_encodings(tmp_path: Path, encoding: str) -> None:
    sheet = csv_sheet(tmp_path, "respondent_id,Q1\nR1,it’s “fine” – café\n".encode(encoding))
    assert sheet.rows == (("R1", "it’s “fine” – café"),)
    assert bool(found(sheet)) == (encoding == "cp1252")


def test_csv_single_column_with_commas_in_quotes(tmp_path: Path) -> None:
    sheet = csv_sheet(tmp_path, 'Q1\n"Well, yes, good"\n"No, not so"\n')
    assert sheet.rows == (("Well, yes, good",), ("No, not so",))


def test_csv_excel_separator_line_and_title_rows(tmp_path: Path) -> None:
    sheet = csv_sheet(tmp_path, "sep=;\nCultural audit;;\n;;\nrespondent_id;COM1;Q1\nR1;4;x\n;;\nR2;5;y\n")
    assert sheet.headers == ("respondent_id", "COM1", "Q1")
    assert sheet.numbers == (2, 4)
    assert (0, "note", "2 rows above the header") in found(sheet)


def test_csv_rows_that_are_too_long_or_short(tmp_path: Path) -> None:
    sheet = csv_sheet(tmp_path, "respondent_id,COM1,Q1\nR1,4,yes\nR2\nR3,4,well, then\n")
    assert sheet.rows == (("R1", "4", "yes"), ("R2", "", ""), ("R3", "4", "well"))
    assert (4, "error", "4 cells where the header has 3") in found(sheet)


def test_control_characters_go_and_emoji_stay(tmp_path: Path) -> None:
    sheet = csv_sheet(tmp_path, "respondent_id,Q1\nR1,\ufeff bad\x07 \x0b👩\u200d⚕️ ok \n")
    assert sheet.rows == (("R1", "bad 👩\u200d⚕️ ok"),)


def test_blank_and_repeated_headers_get_names(tmp_path: Path) -> None:
    sheet = csv_sheet(tmp_path, "respondent_id,Q1,,Q1,\nR1,a,b,c,\n")
    assert sheet.headers == ("respondent_id", "Q1", "column C", "Q1 (2)")
    assert [(row, severity) for row, severity, _ in found(sheet)] == [(0, "warning"), (0, "note")]


def test_header_repeated_among_the_rows_is_no_answer(tmp_path: Path) -> None:
    sheet = csv_sheet(tmp_path, "respondent_id,Q1\nR1,a\nrespondent_id,Q1\nR2,b\n")
    assert sheet.numbers == (2, 4)


def test_xlsx_titles_blank_rows_and_columns_numbers_dates_errors(tmp_path: Path) -> None:
    path, book = workbook(
        tmp_path,
        [
            ["Cultural audit 2025"],
            [],
            [None, "respondent_id", "COM1", "Q1", None, "when"],
            [None, "R1", 4, "fine 🙂", None, datetime.datetime(2025, 1, 14)],
            [],
            [None, "R2", 5.0, "#N/A", None, datetime.datetime(2025, 1, 15, 9, 30)],
            [None, 7, True, 2.5, None, None],
        ],
    )
    ws = book["Answers"]
    ws.merge_cells("A1:F1")
    ws["D6"].data_type = "e"
    book.save(path)
    (sheet,) = read_sheets(path, recognise)
    assert sheet.headers == ("respondent_id", "COM1", "Q1", "when")
    assert sheet.numbers == (4, 6, 7)
    assert sheet.rows == (
        ("R1", "4", "fine 🙂", "2025-01-14"),
        ("R2", "5", "", "2025-01-15 09:30:00"),
        ("7", "yes", "2.5", ""),
    )
    assert (6, "error", "#N/A") in found(sheet)
    assert (0, "note", "2 rows above the header") in found(sheet)


def test_xlsx_formula_without_a_stored_result_is_listed(tmp_path: Path) -> None:
    path, book = workbook(tmp_path, [["respondent_id", "Q1"], ["R1", "=1+1"], ["R2", "b"]])
    book.save(path)
    (sheet,) = read_sheets(path, recognise)
    assert sheet.rows == (("R1", ""), ("R2", "b"))
    assert found(sheet) == [(2, "error", "#FORMULA")]


def test_xlsx_hidden_rows_columns_and_sheets_are_told(tmp_path: Path) -> None:
    path, book = workbook(tmp_path, [["respondent_id", "Q1"], ["R1", "a"], ["R2", "b"]])
    book["Answers"].row_dimensions[3].hidden = True
    book["Answers"].column_dimensions["B"].hidden = True
    secret = book.create_sheet("Key")
    secret.append(["respondent_id", "Q1"])
    secret.append(["R1", "x"])
    secret.sheet_state = "hidden"
    book.save(path)
    answers, key = read_sheets(path, recognise)
    assert (0, "note", "1 hidden row (3)") in found(answers)
    assert (0, "note", "1 hidden column (B)") in found(answers)
    assert answers.numbers == (2, 3)
    assert key.hidden
    assert not answers.hidden


def test_xlsx_cell_merged_over_two_rows_counts_for_both(tmp_path: Path) -> None:
    path, book = workbook(tmp_path, [["pair_id", "role"], ["ward-3", "doctor"], [None, "manager"]])
    book["Answers"].merge_cells("A2:A3")
    book.save(path)
    (sheet,) = read_sheets(path, recognise)
    assert sheet.rows == (("ward-3", "doctor"), ("ward-3", "manager"))
    assert (2, "note", "a merged cell") in found(sheet)


def test_xlsx_stray_cell_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path, book = workbook(tmp_path, [["respondent_id", "Q1"], ["R1", "a"]])
    book["Answers"]["XFD1048576"] = "x"
    book.save(path)
    with pytest.raises(AuditkitError, match="sheet Answers: 1,048,576 rows x 16,384 columns"):
        read_sheets(path, recognise)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n\n ,\n", "holds no text"),
        ("a.csv", b"a\x00\x01\x02", "is not text"),
        ("a.csv", b"PK\x03\x04rest", "is a workbook with the ending .csv"),
        ("a.xlsx", b"respondent_id,Q1\n", "is no Excel workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", "no Excel workbook, or a broken one"),
        ("a.pdf", b"%PDF", "not a kind of file that can be read"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AuditkitError, match=message) as error:
        read_sheets(path, recognise)
    assert error.value.fix


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(AuditkitError, match="is no Excel workbook"):
        read_sheets(path, recognise)


def test_missing_file_offers_near_names_and_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "baseline.csv").write_text("x")
    with pytest.raises(AuditkitError, match="does not exist") as error:
        read_sheets(tmp_path / "basline.csv", recognise)
    assert error.value.fix == "Did you mean baseline.csv?"
    with pytest.raises(AuditkitError, match="is a folder"):
        read_sheets(tmp_path, recognise)
