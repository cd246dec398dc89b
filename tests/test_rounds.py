from __future__ import annotations

import csv
import dataclasses
import io
from collections import defaultdict
from typing import Any

import pytest

from auditkit import rounds
from auditkit.columns import Overrides, decide, recognised
from auditkit.config import Config
from auditkit.entries import Entry
from auditkit.errors import AuditkitError
from auditkit.grids import Grid
from auditkit.layouts import recognise
from auditkit.rounds import Part
from auditkit.sheets import Sheet, table
from auditkit.unfold import unfold


def part(text: str, file: str = "audit.csv", sheet: str = "", *, column: bool = False) -> Part:
    """The rows of a sheet; the header names fields of Entry."""
    rows: list[Any] = list(csv.DictReader(io.StringIO(text.strip())))
    return Part(file, sheet, [Entry((file, sheet, number), **row) for number, row in enumerate(rows, 2)], column)


def people(codes: str, file: str = "audit.xlsx", sheet: str = "") -> Part:
    return part("respondent\n" + "\n".join(codes.split()), file, sheet)


def held(*parts: Part) -> dict[str, str]:
    """The name of each round and who is in it."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in [entry for one in parts for entry in one.entries]:
        found[entry.round].append(entry.respondent)
    return {name: " ".join(sorted(codes)) for name, codes in found.items()}


def said(problems: list[Any]) -> list[tuple[int, str, str, str]]:
    return [(one.row, one.severity, one.found, one.taken_as) for one in problems]


def test_the_column_decides_and_rows_that_could_be_of_several_rounds_are_left_out() -> None:
    rows = part("respondent,round\nR1,baseline\nR1,repeat\nR2,\nR3,baseline\n", sheet="Year 1", column=True)
    assert said(rounds.settle([rows])) == [(4, "error", "no round", "row left out")]
    assert held(rows) == {"baseline": "R1 R3", "repeat": "R1"}


def test_a_column_with_one_name_names_every_row_and_an_empty_one_none() -> None:
    one = part("respondent,round\nR1,\nR2,Baseline\nR3,baseline \n", column=True)
    assert (rounds.settle([one]), held(one)) == ([], {"Baseline": "R1 R2 R3"})
    empty = part("respondent,round\nR1,\nR2,\n", "first.xlsx", "Answers", column=True)
    assert said(rounds.settle([empty])) == [(0, "note", "no round in its column", "first")]
    assert held(empty) == {"first": "R1 R2"}


@pytest.mark.parametrize(
    ("sheet", "name"), [("Baseline", "Baseline"), ("March 2025", "March 2025"), ("Ward 3", "audit"), ("", "audit")]
)
def test_one_sheet_names_the_round_only_if_it_is_named_like_one(sheet: str, name: str) -> None:
    one = people("R1 R2", sheet=sheet)
    assert (rounds.settle([one]), held(one)) == ([], {name: "R1 R2"})


def test_a_sheet_without_the_column_beside_one_that_has_it_goes_by_its_own_name() -> None:
    both = part("respondent,round\nR1,1\nR1,2\n", sheet="All", column=True), people("R1 R2", sheet="Late")
    assert (rounds.settle(both), held(*both)) == ([], {"1": "R1", "2": "R1", "Late": "R1 R2"})


def test_sheets_named_like_rounds_are_rounds_whoever_is_in_them() -> None:
    both = people("R1 R2", sheet="Baseline"), people("R8 R9", sheet="Year 2")
    assert (rounds.settle(both), held(*both)) == ([], {"Baseline": "R1 R2", "Year 2": "R8 R9"})


def test_sheets_with_the_same_people_are_rounds_and_with_others_services_of_one_round() -> None:
    both = people("R1 R2 R3", sheet="Spring"), people("R1 R7 R8 R9", sheet="Autumn")
    assert (rounds.settle(both), held(*both)) == ([], {"Spring": "R1 R2 R3", "Autumn": "R1 R7 R8 R9"})
    north, south = people("R1 R2 R3 R4", sheet="North"), people("R1 R7 R8 R9", sheet="South Wing")
    problems = rounds.settle([north, south])
    assert held(north, south) == {"audit": "R1 R1 R2 R3 R4 R7 R8 R9"}
    assert {entry.pair for entry in north.entries} == {"north"}
    assert {entry.pair for entry in south.entries} == {"south-wing"}
    assert [one.taken_as for one in problems] == ["the pair or service is north", "the pair or service is south-wing"]


@pytest.mark.parametrize(
    ("one", "two", "names"),
    [
        ("pair,role\nw1,doctor\n", "pair,role\nw1,doctor\n", ["One", "Two"]),
        ("pair,role\nw1,doctor\n", "pair,role\nw2,doctor\n", ["audit", "audit"]),
        ("pair\nw1\n", "pair\nw2\n", ["One", "Two"]),  # nobody is named, so nothing says that they are others
        ("service\nw1\n", "service\nw1\n", ["audit", "audit"]),
    ],
)
def test_pair_and_role_tell_who_is_in_both_sheets_where_no_code_does(one: str, two: str, names: list[str]) -> None:
    both = part(one, sheet="One"), part(two, sheet="Two")
    rounds.settle(both)
    assert [part.entries[0].round for part in both] == names


@pytest.mark.parametrize(
    ("files", "sheet", "name"),
    [
        ("ward-1.csv ward-2.csv", "", "ward"),
        ("march-(1).xlsx march-(2).xlsx", "Answers", "march"),
        ("north.xlsx south.xlsx", "Baseline", "north"),  # the same name tells no rounds apart
        ("a1.csv a2.csv", "", "a1"),
    ],
)
def test_files_are_one_round_named_by_what_their_names_share_and_a_pair_each(files: str, sheet: str, name: str) -> None:
    parts = [people("R1 R2", file, sheet) for file in files.split()]
    rounds.settle(parts)
    assert held(*parts) == {name: "R1 R1 R2 R2"}
    assert [one.entries[1].pair for one in parts] == [file.partition(".")[0] for file in files.split()]
    parts[0].entries[0].pair, parts[0].entries[1].pair = "w9", ""
    rounds.settle(parts)
    assert [entry.pair for entry in parts[0].entries] == ["w9", ""]  # a pair here, so no file of one pair


DATED = "respondent,date\nR1,2025-01-10\nR2,2025-01-20\nR3,2025-02-01\nR1,2026-01-10\nR2,2026-02-01\n"


def test_dates_with_a_long_gap_part_the_rounds_and_say_so() -> None:
    one = part(DATED)
    (problem,) = rounds.settle([one])
    assert held(one) == {"2025-01": "R1 R2 R3", "2026-01": "R1 R2"}
    assert (problem.severity, problem.found) == ("warning", "the same people twice, 343 days apart")
    assert problem.taken_as == "two rounds: 2025-01 and 2026-01"


@pytest.mark.parametrize(
    ("rows", "parted"),
    [
        ("R1 2025-01-01, R2 2025-01-01, R1 2025-03-02, R2 2025-03-02", True),
        ("R1 2025-01-01, R2 2025-01-01, R1 2025-03-01, R2 2025-03-01", False),  # 59 days
        ("R1 2025-01-01, R2 2025-01-01, R1 2026-01-01, R3 2026-01-01", False),  # one is too few
        ("R1 2025-01-01, R2 2025-01-01, R1 2026-01-01, R2 2026-01-01, R3 ", False),  # who knows when
        ("R1 2025-01-01, R1 2025-01-02, R2 2025-01-01, R2 2026-01-02", False),  # R1 twice on one side
        ("R1 2025-01-01, R2 2025-03-20, R1 2025-06-08, R2 2025-08-20", False),  # all the year round
    ],
)
def test_dates_part_rounds_only_where_nothing_else_explains_them(rows: str, parted: bool) -> None:
    one = part("respondent,date\n" + rows.replace(", ", "\n").replace(" ", ","))
    assert bool(rounds.settle([one])) == parted
    assert len(held(one)) == 1 + parted


def test_one_round_takes_the_name_that_is_asked_for_and_of_several_it_is_chosen() -> None:
    both = part("respondent,round\nR1,baseline\nR1,Repeat\n", column=True).entries
    assert rounds.chosen(both, None, "a.csv") == both
    assert [entry.round for entry in rounds.chosen(both, "REPEAT ", "a.csv")] == ["Repeat"]
    with pytest.raises(AuditkitError, match='csv holds the rounds "baseline", "Repeat"'):
        rounds.chosen(both, "third", "a.csv")
    assert [entry.round for entry in rounds.chosen(both[:1], "year end", "a.csv")] == ["year end"]


@pytest.mark.parametrize(
    ("dates", "names"),
    [
        ({"b": "2025-01-01", "a": "2025-06-01"}, "b a"),
        ({"a": "2025-06-01", "b": "2025-06-01"}, "a b"),  # the same day says nothing
        ({"repeat": "", "baseline": "2025-01-01"}, "baseline repeat"),
        ({"w10": "", "w9": "", "post": "", "pre": ""}, "pre w9 w10 post"),
    ],
)
def test_rounds_come_in_order_of_their_dates_else_of_their_names(dates: dict[str, str], names: str) -> None:
    assert rounds.in_order(dates) == (names.split(), [])


def test_dates_that_contradict_the_names_win_and_are_told() -> None:
    names, (problem,) = rounds.in_order({"baseline": "2026-02-01", "repeat": "2025-01-01"})
    assert names == ["repeat", "baseline"]
    assert problem.found == '"repeat" is dated before "baseline" (2025-01-01, 2026-02-01)'


def test_a_role_that_changes_is_told_at_the_row_of_the_later_round() -> None:
    header = "respondent,pair,role\n"
    late = part(header + "R1,a,manager\nR2,a,manager\nR3,b,\nR4,c,doctor\n").entries
    early = part(header + "R1,a,doctor\nR2,a,manager\nR3,b,doctor\nR4,d,manager\n", "old.csv").entries
    (problem,) = rounds.changed_roles({"b": early, "a": late}, ["b", "a"])
    assert (problem.file, problem.row, problem.severity) == ("audit.csv", 2, "warning")
    assert rounds.changed_roles({"b": early, "a": late}, ["a", "b"])[0].file == "old.csv"


def sheet(text: str, labels: dict[int, dict[str, str]] | None = None) -> Sheet:
    grid = Grid("a.csv", "", "csv", list(csv.reader(io.StringIO(text.strip()))), labels=labels or {})
    return table(grid, recognise(grid, recognised))


@pytest.mark.parametrize(
    ("headers", "rows"),
    [
        ("T1 Q1,T1 Q2,T2 Q1,T2 Q2", ["a,b,t1", "c,d,t2"]),
        ("Q1 (before),Q2 (before),Q1 (after),Q2 (after)", ["a,b,before", "c,d,after"]),
        ("Q1_pre,Q1_post,Q2_pre,Q2_post", ["a,c,pre", "b,d,post"]),
        ("[Wave 1] Q1,[Wave 1] Q2,[Wave 2] Q1,[Wave 2] Q2", ["a,b,wave 1", "c,d,wave 2"]),
        ("May 2024 Q1,May 2024 Q2,May 2025 Q1,May 2025 Q2", ["a,b,may 2024", "c,d,may 2025"]),
        ("Q1 Follow-up,Q2 Follow-up,Q1 Baseline,Q2 Baseline", ["c,d,baseline", "a,b,follow-up"]),
    ],
)
def test_rounds_side_by_side_become_a_row_each_in_order_of_their_names(headers: str, rows: list[str]) -> None:
    found = unfold(sheet(f"code,{headers}\nR1,a,b,c,d\nR2,e,,,\n"))
    assert found.headers == ("code", "Q1", "Q2", "round")
    assert [",".join(row) for row in found.rows[:2]] == [f"R1,{row}" for row in rows]
    answered = next(row.rpartition(",")[2] for row in rows if row.startswith("a"))
    assert found.rows[2:] == (("R2", "e", "", answered),)  # and no row where nothing was answered
    assert found.numbers == (2, 2, 3)


SIDE_BY_SIDE = """
code,Date (after),Q1 (before),Q1 (after),Q2 (before),Q2 (after),Q6 (after),Date (before),Remarks
R1,2026-01-09,4,5,3,2,We meet,2025-01-09,by post
"""


def test_what_is_asked_in_one_round_only_or_in_none_keeps_its_place() -> None:
    found = unfold(sheet(SIDE_BY_SIDE))
    rows = [dict(zip(found.headers, row, strict=True)) for row in found.rows]
    shared = {"code": "R1", "Remarks": "by post"}
    assert rows == [
        {**shared, "Date": "2025-01-09", "Q1": "4", "Q2": "3", "Q6": "", "round": "before"},
        {**shared, "Date": "2026-01-09", "Q1": "5", "Q2": "2", "Q6": "We meet", "round": "after"},
    ]
    assert [heading.index for heading in found.headings] == list(range(len(found.headers)))
    roles = {column.header: column.role for column in decide(found, Config(), Overrides())}
    assert (roles["code"], roles["round"], roles["Date"]) == ("respondent", "round", "date")


@pytest.mark.parametrize(
    "headers",
    [
        "Q1 (before),Q1 (after),Q2 (before),Q3 (after)",  # one question in both
        "Q1 (before),Q2 (before),Q3 (before)",  # one round
        "Q1 (before),Q2 (before),Q3 (after),Q4 (after)",  # nothing in both
        "Q1 (before),Q1 (after),Q2 (before),Q2 (after),A,B,C,D",  # the smaller part
    ],
)
def test_other_headers_with_such_words_stay_as_they_are(headers: str) -> None:
    one = sheet(f"code,{headers}\nR1{',4' * len(headers.split(','))}\n")
    assert unfold(one) is one


def test_value_labels_and_codes_follow_the_question() -> None:
    one = sheet("code,T1 Q1,T1 Q2,T2 Q1,T2 Q2\nR1,1,2,2,1\n", {1: {"1": "No", "2": "Yes"}})
    headings = [dataclasses.replace(heading, code=f"v{heading.index}_t1") for heading in one.headings]
    found = unfold(dataclasses.replace(one, headings=tuple(headings)))
    assert found.labels == {"Q1": {"1": "No", "2": "Yes"}}
    assert [heading.code for heading in found.headings] == ["v0_t1", "v1", "v2", ""]
