"""Any kind of file as cells of text."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit.errors import AuditkitError
from auditkit.grids import Grid, read_grids

ROWS: list[list[Any]] = [
    ["respondent_id", "answered_on", "We talk", "Q1"],
    ["R1", datetime.date(2025, 1, 14), 4, "None"],
    ["R2", datetime.date(2025, 1, 15), 5.0, "=not a formula; fine"],
]
CELLS = [
    ["respondent_id", "answered_on", "We talk", "Q1"],
    ["R1", "2025-01-14", "4", "None"],
    ["R2", "2025-01-15", "5", "=not a formula; fine"],
]


def one(path: Path) -> Grid:
    (grid,) = read_grids(path)
    return grid


def xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in ROWS:
        book.active.append(row)
    book.active["D3"].data_type = "s"
    book.save(path)
    return path


def xls(path: Path) -> Path:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Answers")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for r, row in enumerate(ROWS):
        for c, value in enumerate(row):
            sheet.write(r, c, value, day) if isinstance(value, datetime.date) else sheet.write(r, c, value)
    book.save(str(path))
    return path


def ods(path: Path) -> Path:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    table = Table(name="Answers")
    for row in ROWS:
        line = TableRow()
        for value in row:
            if isinstance(value, datetime.date):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
            elif isinstance(value, (int, float)):
                cell = TableCell(valuetype="float", value=value)
            else:
                cell = TableCell(valuetype="string")
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    filler = TableRow(numberrowsrepeated=1_048_000)
    filler.addElement(TableCell(numbercolumnsrepeated=16_384))
    table.addElement(filler)
    book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def parquet(path: Path) -> Path:
    import pyarrow
    import pyarrow.parquet

    columns = dict(zip(ROWS[0], zip(*ROWS[1:], strict=True), strict=True))
    columns["We talk"] = (4.0, 5.0)
    pyarrow.parquet.write_table(pyarrow.table({name: list(values) for name, values in columns.items()}), path)
    return path


@pytest.mark.parametrize("make", [xlsx, xls, ods, parquet])
def test_the_same_cells_from_every_kind_of_workbook(tmp_path: Path, make: Any) -> None:
    grid = one(make(tmp_path / f"answers.{make.__name__}"))
    assert grid.rows == CELLS
    assert grid.kind == make.__name__


def test_spss_keeps_codes_labels_and_wording(tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    path = tmp_path / "answers.sav"
    frame = pd.DataFrame({"id": ["R1", "R2"], "talk": [15.0, 21.0], "why": ["We talk", ""]})
    labels = {"talk": {15.0: "Strongly disagree", 21.0: "Strongly agree", 99.0: "Don't know"}}
    pyreadstat.write_sav(frame, str(path), column_labels=["", "We talk early", ""], variable_value_labels=labels)
    grid = one(path)
    assert grid.rows == [["id", "talk", "why"], ["R1", "15", "We talk"], ["R2", "21", ""]]
    assert grid.labels == {1: {"15": "Strongly disagree", "21": "Strongly agree", "99": "Don't know"}}
    assert grid.questions == {1: "We talk early"}


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16-le", "UTF-16-LE"), ("cp1252", "Windows-1252")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_in_any_encoding_and_with_any_separator(tmp_path: Path, encoding: str, said: str, delimiter: str) -> None:
    lines = [["respondent_id", "Q1"], ["R1", "it’s “fine” – café"], ["R2", 'two\nlines "quoted"']]
    text = io.StringIO(newline="")
    import csv

    csv.writer(text, delimiter=delimiter).writerows(lines)
    path = tmp_path / "answers.txt"
    path.write_bytes(text.getvalue().encode(encoding))
    grid = one(path)
    assert grid.rows == lines
    assert [problem.taken_as for problem in grid.problems] == ([f"read as {said}"] if said else [])


def test_mac_roman_and_single_carriage_returns(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes("respondent_id,Q1\rR1,Für das Büro wäre mehr Zeit schön\rR2,Größere Räume\r".encode("mac_roman"))
    assert one(path).rows[1] == ["R1", "Für das Büro wäre mehr Zeit schön"]


def test_lines_that_were_each_put_into_quotation_marks(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text('"id;pair;Q1"\n"R1;a;We talk"\n"R2;a;We plan"\n', encoding="utf-8")
    assert one(path).rows == [["id", "pair", "Q1"], ["R1", "a", "We talk"], ["R2", "a", "We plan"]]


def test_what_a_workbook_hides_and_breaks(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["id", "Q1", "n"], ["R1", "#N/A", "=1+1"], ["R2", "fine", 1], ["R3", "also", True]]:
        sheet.append(row)
    sheet["B2"].data_type = "e"
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.merge_cells("A3:A4")
    book.create_sheet("Names").append(["name", "mail"])
    book["Names"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    grid, names = read_grids(tmp_path / "a.xlsx")
    assert grid.broken == {(1, 1): "#N/A", (1, 2): "#FORMULA"}
    assert grid.rows[1] == ["R1", "", ""]
    assert grid.rows[3][2] == "yes"
    assert (grid.hidden_rows, grid.hidden_columns, grid.merged) == ((2,), (1,), ((2, 0, 3, 0),))
    assert (grid.hidden, names.hidden) == (False, True)


def test_dates_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    assert book.active is not None
    book.active.append(["answered_on"])
    book.active.append([datetime.datetime(2025, 1, 14)])
    book.save(tmp_path / "a.xlsx")
    assert one(tmp_path / "a.xlsx").rows[1] == ["2025-01-14"]


def test_the_wrong_ending_is_said(tmp_path: Path) -> None:
    grid = one(xlsx(tmp_path / "a.xlsx").rename(tmp_path / "a.xls"))
    assert [problem.found for problem in grid.problems] == ["an xlsx workbook with the ending .xls"]


def test_a_locked_workbook_is_named_as_such(tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    with xlsx(tmp_path / "a.xlsx").open("rb") as plain, (tmp_path / "locked.xlsx").open("wb") as locked:
        OOXMLFile(plain).encrypt("secret", locked)
    with pytest.raises(AuditkitError, match=r"locked\.xlsx is protected by a password"):
        read_grids(tmp_path / "locked.xlsx")
