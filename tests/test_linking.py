"""People across rounds: linked by what they are called, offered where they may be one, never guessed."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from auditkit import linking, people_sheet
from auditkit.errors import AuditkitError

COLUMNS = ["respondent", "pair", "role", "identity"]


def people(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


BEFORE = people(
    ("AB-12", "ward-3", "doctor", "self_code"),
    ("CD34", "ward-3", "manager", "self_code"),
    ("EF56", "ward-4", "doctor", "self_code"),
)
AFTER = people(
    ("ab 12", "ward-3", "doctor", "self_code"),
    ("CD43", "ward-3", "manager", "self_code"),
    ("XY99", "ward-4", "doctor", "self_code"),
)


def link(decisions: dict[str, str] | None = None) -> linking.Linking:
    return linking.link([("baseline", BEFORE), ("repeat", AFTER)], decisions or {})


def test_the_same_code_in_another_spelling_is_the_same_person() -> None:
    assert link().mapping == {"ab 12": "AB-12"}


def test_a_typing_mistake_is_offered_and_not_linked() -> None:
    assert ("CD34", "CD43", "ward-3") in {(one.before, one.after, one.pair) for one in link().near}
    assert "CD43" not in link().mapping


def test_a_decision_links_and_a_refusal_is_not_offered_again() -> None:
    assert link({"CD43": "CD34"}).mapping["CD43"] == "CD34"
    refused = link({"CD43": "nobody"})
    assert "CD43" not in refused.mapping
    assert "CD43" not in {one.after for one in refused.near}


def test_a_decision_wins_over_a_likeness() -> None:
    found = link({"CD43": "AB-12"})
    assert found.mapping == {"CD43": "AB-12"}
    assert any("not linked" in note for note in found.notes)


def test_two_people_of_a_round_cannot_be_one_earlier_person() -> None:
    after = people(("GH78", "ward-3", "doctor", "self_code"), ("IJ90", "ward-3", "manager", "self_code"))
    with pytest.raises(AuditkitError, match="two people of ward-3 in repeat"):
        linking.link([("baseline", BEFORE), ("repeat", after)], {"GH78": "AB-12", "IJ90": "AB-12"})


def test_rounds_that_start_again_link_nobody() -> None:
    found = linking.link([("baseline", BEFORE), ("repeat", AFTER)], {}, linked=False)
    assert (found.mapping, found.near) == ({}, ())


def test_people_sheet_goes_out_and_decisions_come_back(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    rounds = [("baseline", BEFORE), ("repeat", AFTER)]
    people_sheet.write(path, link(), rounds)
    assert people_sheet.read(path) == {}
    book = openpyxl.load_workbook(path)
    sheet = book["To decide"]
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 4).value == "CD43")
    sheet.cell(row, 7).value = "yes"
    book.save(path)
    assert people_sheet.read(path) == {"CD43": "CD34"}
    people_sheet.write(path, link(), rounds)  # not taken over yet, and not lost
    assert people_sheet.read(path) == {"CD43": "CD34"}
    everybody = list(openpyxl.load_workbook(path)["Everybody"].values)[1:]
    assert ("ward-3", "doctor", "AB-12", "matched", "baseline, repeat") in everybody
    assert ("ward-4", "doctor", "XY99", "joined", "repeat") in everybody


def test_a_cell_that_is_neither_yes_nor_no_is_named(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    people_sheet.write(path, link(), [("baseline", BEFORE), ("repeat", AFTER)])
    book = openpyxl.load_workbook(path)
    book["To decide"].cell(2, 7).value = "perhaps"
    book.save(path)
    with pytest.raises(AuditkitError, match="1 decision cannot be used") as error:
        people_sheet.read(path)
    assert list(error.value.details) == ["row 2, column same person?: neither yes nor no"]
