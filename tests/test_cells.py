from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from auditkit.cells import LONGEST, put, writable


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-", "@SUM(A1)", '=HYPERLINK("http://x","y")', "  =1"])
def test_somebodys_words_are_never_a_formula(tmp_path: Path, text: str) -> None:
    book = openpyxl.Workbook()
    put(book.active["A1"], text)
    book.save(tmp_path / "book.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "book.xlsx").active["A1"]
    assert (cell.data_type, cell.value) == ("s", text)
    assert bool(cell.quotePrefix) == (text[0] in "=+-@")


def test_control_characters_go_and_line_breaks_stay(tmp_path: Path) -> None:
    assert writable("a\x00b\x0bc\x1fd\ufffee") == "abcde"
    assert writable("two\nlines\tand a tab") == "two\nlines\tand a tab"
    assert len(writable("x" * 40_000)) == LONGEST


def test_numbers_stay_numbers_and_missing_stays_empty() -> None:
    cell = openpyxl.Workbook().active["A1"]
    for value, stored in ((np.float64(2.5), 2.5), (np.int64(3), 3), (np.bool_(True), True), (None, None)):
        put(cell, value)
        assert cell.value == stored
    put(cell, float("nan"))
    assert cell.value is None
