"""The roster: who is where, who has not answered, and nothing of it with a name."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from auditkit import register, responses
from auditkit.config import Config
from auditkit.entries import Entry
from auditkit.errors import AuditkitError
from auditkit.keyfile import KeyFile

ROSTER = """code,name,e-mail,pair,role,sponsor,start,end
R-A2,Ann Smith,ann@x.example,Ward 3,consultant psychiatrist,,,
R-B3,Bob Jones,bob@x.example,Ward 3,service manager,,,2025-06-30
R-C4,Cy Brown,cy@x.example,Ward 3,service manager,,2025-07-01,
R-D5,Di Green,di@x.example,Ward 4,doctor,,,
R-E6,Ed White,ed@x.example,Ward 4,manager,,,
"""

ANSWERS = """Email address,Completion date,We talk,What helps?
ann@x.example,2025-01-10,4,Meeting every week helps
BOB@x.example,2025-01-11,5,We sort things out early
di@x.example,2025-01-12,2,Nothing much so far
zoe@x.example,2025-01-13,3,A shared plan for the year
"""


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def read(folder: Path) -> tuple[register.Register, responses.Responses]:
    roster = register.read(write(folder, "roster.csv", ROSTER))
    key = KeyFile(folder / "names" / "key.csv")
    roster.codes(key)
    path = write(folder, "answers.csv", ANSWERS)
    (found,) = responses.read(path, Config(), codes=key.code, register=roster, key=key)
    return roster, found


def test_pair_and_role_come_from_the_roster(tmp_path: Path) -> None:
    _, found = read(tmp_path)
    known = found.people[found.people["pair"] != ""]
    assert list(known[["respondent", "pair", "role"]].itertuples(False, None)) == [
        ("R-A2", "ward-3", "doctor"),
        ("R-B3", "ward-3", "manager"),
        ("R-D5", "ward-4", "doctor"),
    ]


def test_somebody_the_roster_lacks_is_listed_without_a_name(tmp_path: Path) -> None:
    _, found = read(tmp_path)
    listed = found.problems[found.problems["found"] == "a respondent whom the roster does not place"]
    assert list(listed["row"]) == [5]
    assert "zoe" not in found.problems.to_string().casefold()


def test_who_has_not_answered_by_pair_and_role(tmp_path: Path) -> None:
    roster, found = read(tmp_path)
    assert roster.missing(found.people, "2025-01-20") == (register.Missing("ward-4", "manager"),)


def test_a_partner_replaced_in_the_year_is_in_the_pair_from_that_day(tmp_path: Path) -> None:
    roster, found = read(tmp_path)
    missing = roster.missing(found.people.iloc[:0], "2025-12-01")
    assert missing.count(register.Missing("ward-3", "manager")) == 1


def test_odd_rows_are_listed_and_never_with_a_name(tmp_path: Path) -> None:
    odd = ROSTER + "R-A2,Ann Smith,ann@x.example,Ward 3,wizard,,2025-05-01,2025-01-01\n"
    problems = register.read(write(tmp_path, "roster.csv", odd)).problems
    found = {problem.found for problem in problems}
    assert {"an unknown role", "an end before the start", "the same code as in row 2"} <= found
    assert not any("ann" in str(problem).casefold().replace("planned", "") for problem in problems)


def test_a_file_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditkitError, match="names no people"):
        register.read(write(tmp_path, "roster.csv", "a,b\n1,2\n"))


def test_deny_words_hold_names_and_their_parts(tmp_path: Path) -> None:
    words = register.read(write(tmp_path, "roster.csv", ROSTER)).deny_words()
    assert {"ann", "smith", "ann smith"} <= words


TEMPLATE = {
    "Read me": [["Keep this file apart from the audit."]],
    "People": [
        ["Code", "Name", "E-mail", "Pair", "Role", "Sponsor", "Start", "End", "Nicknames", "Phone"],
        ["R-A2", "Ann Smith", "a.smith@x.example", "Ward 3", "doctor", "no", "", "", "Annie; Dr S", "1"],
        ["R-B3", "Bob Jones", "", "Ward 3", "manager", "no", "", datetime.date(2025, 6, 30), "", ""],
        ["", "Cy Brown", "cy@x.example", "Ward 3", "Service Manager", "no", datetime.date(2025, 7, 1), "", "", ""],
        ["R-D5", "Di Green", "di@x.example", "ward-4", "doctor", "no", "", "", "", ""],
        ["", "Ed White", "ed@x.example", "Ward 4", "manager", "no", "", "", "", ""],
        ["", "Ed White", "ed@x.example", "Ward 5", "manager", "no", "", "", "", ""],
        ["R-F7", "Flo Gray", "", "Ward 5", "doctor", "no", "", "", "", ""],
        ["R-S1", "Sir Guy Long", "", "Top", "doctor", "yes", "", "", "", ""],
        ["R-S2", "May Field", "", "Top", "manager", "yes", "", "", "", ""],
    ],
    "Pairs": [
        ["pair", "service", "start", "end"],
        ["Ward 3", "S-03", "", ""],
        ["Ward 4", "S-04", "", ""],
        ["Ward 5", "S-04", "", datetime.date(2025, 9, 30)],
        ["Top", "", "", ""],
    ],
    "Services": [["service", "name", "expected"], ["S-03", "Heart", 40], ["S-04", "Lung", ""]],
    "Words": [["word", "kind"], ["Rosewood", "place"]],
}


def workbook(folder: Path, sheets: dict[str, list[list[Any]]] = TEMPLATE) -> Path:
    book = openpyxl.Workbook()
    for number, (title, rows) in enumerate(sheets.items()):
        sheet: Any = book.worksheets[0] if number == 0 else book.create_sheet()
        sheet.title = title
        for row in rows:
            sheet.append(row)
    book.save(folder / "roster.xlsx")
    return folder / "roster.xlsx"


def answered(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["respondent", "pair", "role"])


def test_the_template_is_read_whole(tmp_path: Path) -> None:
    roster = register.read(workbook(tmp_path))
    assert roster.problems == ()
    assert [(p.row, p.code, p.pair, p.role, p.sponsor) for p in roster.people][-2:] == [
        (9, "R-S1", "top", "sponsor_doctor", True),
        (10, "R-S2", "top", "sponsor_manager", True),
    ]
    assert roster.services == {"ward-3": "s-03", "ward-4": "s-04", "ward-5": "s-04", "top": ""}
    assert roster.expected == {"s-03": 40}
    assert [p.end for p in roster.people if p.pair == "ward-5"] == ["2025-09-30"] * 2  # as long as the pair


def test_nothing_of_it_prints_a_name(tmp_path: Path) -> None:
    text = repr(register.read(workbook(tmp_path))).casefold()
    assert not re.findall("ann|smith|bob|cy@|brown|ed white|rosewood", text)


def test_deny_words_hold_nicknames_addresses_and_words_but_no_titles(tmp_path: Path) -> None:
    words = register.read(workbook(tmp_path)).deny_words()
    assert {"annie", "dr s", "a.smith", "rosewood", "guy", "long", "guy long", "may field"} <= words
    assert not {"dr", "sir", "s", ""} & words
    assert all(word == word.casefold() for word in words)


def test_a_plain_sheet_as_people_have_it(tmp_path: Path) -> None:
    rows = [
        ["Staff list, January"],
        [],
        ["Surname", "First name", "Job title", "Team", "Email address"],
        ["Smith", "Ann", "Consultant psychiatrist", "Ward 3", "ann@x.example"],
        ["Jones", "Bob", "Service manager", "Ward 3", ""],
    ]
    roster = register.read(workbook(tmp_path, {"Sheet1": rows}))
    assert [(p.row, p.name, p.pair, p.role) for p in roster.people] == [
        (4, "Ann Smith", "ward-3", "doctor"),
        (5, "Bob Jones", "ward-3", "manager"),
    ]
    assert roster.problems == ()


def test_roles_of_audit_toml_count_here_too(tmp_path: Path) -> None:
    text = "name,pair,role\nAnn Smith,w,wizard\nBob Jones,w,manager\n"
    path = write(tmp_path, "roster.csv", text)
    assert [one.found for one in register.read(path).problems] == ["an unknown role"]
    assert register.read(path, {"Wizard": "doctor"}).people[0].role == "doctor"


def test_all_that_is_odd_is_listed_at_once(tmp_path: Path) -> None:
    text = """code,name,e-mail,pair,role,start,end
A1,Ann Smith,ann@x.example,Ward 3,doctor,,
A1,Bob Jones,bob@x.example,Ward 3,doctor,,
C3,Cy Brown,ann@x.example,Ward 4,manager,soon,
D4,Di Green,,,manager,2025-02-01,2025-01-01
A1,Ann Smith,ann@x.example,Ward 3,,,
"""
    problems = register.read(write(tmp_path, "roster.csv", text)).problems
    assert [(one.row, one.column, one.severity, one.found) for one in problems] == [
        (3, "code", "error", "the code of another person, in row 2"),
        (3, "role", "warning", "ward-3: two doctors at a time, rows 2 and 3"),
        (4, "e-mail", "error", "the e-mail of another person, in row 2"),
        (4, "pair", "warning", "ward-4: one person"),
        (4, "start", "error", "no date"),
        (5, "end", "error", "an end before the start"),
        (5, "pair", "warning", "no pair"),
        (6, "code", "warning", "the same code as in row 2"),
        (6, "role", "error", "no role"),
    ]
    assert not re.search("ann|smith|bob|jones|brown|green", repr(problems).casefold().replace("planned", ""))


def test_a_pair_that_the_sheet_pairs_lacks(tmp_path: Path) -> None:
    sheets = TEMPLATE | {"Pairs": TEMPLATE["Pairs"][:-1]}
    problems = register.read(workbook(tmp_path, sheets)).problems
    assert [(one.sheet, one.row, one.found) for one in problems] == [
        ("People", 9, "pair top, which the sheet Pairs lacks"),
        ("People", 10, "pair top, which the sheet Pairs lacks"),
    ]


def test_dates_of_a_column_with_the_month_first(tmp_path: Path) -> None:
    text = "name,pair,role,start\nAnn Smith,w,doctor,02/13/2025\nBob Jones,w,manager,03/04/2025\n"
    roster = register.read(write(tmp_path, "roster.csv", text))
    assert [one.start for one in roster.people] == ["2025-02-13", "2025-03-04"]


def test_who_answers_by_name_nickname_or_address_gets_one_code(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "key.csv")
    register.read(workbook(tmp_path)).codes(key)
    assert {key.code(name) for name in ("Smith, Ann", "dr ann smith", "ANNIE", "a.smith@x.example")} == {"R-A2"}
    assert key.code("ed white") == key.code("ed@x.example")  # no code of his own, and in two pairs


def test_two_people_of_one_name_are_told_apart_by_address_only(tmp_path: Path) -> None:
    text = "code,name,e-mail,pair,role\nA1,Jo Li,jo1@x.example,v,doctor\nB2,Jo Li,jo2@x.example,w,doctor\n"
    key = KeyFile(tmp_path / "key.csv")
    register.read(write(tmp_path, "roster.csv", text)).codes(key)
    assert (key.code("jo1@x.example"), key.code("jo2@x.example")) == ("A1", "B2")
    assert key.code("Jo Li") not in ("A1", "B2")


def placed(roster: register.Register, respondent: str, date: str = "", pair: str = "") -> tuple[str, ...]:
    entry = Entry(("answers.csv", "", 7), respondent, pair=pair, date=date)
    problems = roster.place([entry], None)
    return entry.pair, entry.role, entry.service, *(one.found for one in problems)


def test_the_day_of_the_answer_decides_who_was_in_the_pair(tmp_path: Path) -> None:
    text = """code,pair,role,start,end
A1,w,doctor,,2025-06-30
A1,v,doctor,2025-07-01,
B2,w,manager,,
B2,v,manager,,
"""
    roster = register.read(write(tmp_path, "roster.csv", text))
    assert placed(roster, "a1", "2025-01-10") == ("w", "doctor", "")
    assert placed(roster, "A1", "2025-12-10") == ("v", "doctor", "")
    several = "a respondent with several places in the roster"
    assert placed(roster, "A1") == ("", "", "", several)
    assert placed(roster, "B2", "2025-01-10") == ("", "", "", several)
    assert placed(roster, "B2", "2025-01-10", pair="v") == ("v", "manager", "")
    assert placed(roster, "Z9") == ("", "", "", "a respondent whom the roster does not place")
    assert placed(roster, "A1", "2025-01-10", pair="x") == ("x", "doctor", "", "another pair than in the roster")


def test_who_is_missing_and_how_many_came(tmp_path: Path) -> None:
    roster, key = register.read(workbook(tmp_path)), KeyFile(tmp_path / "key.csv")
    roster.codes(key)
    ed = key.code("ed@x.example")
    people = answered(
        *(("r-a2", "ward-3", "doctor"), ("R-B3", "ward-3", "manager"), (ed, "ward-5", "manager")),
        *(("x-1", "ward-4", "doctor"), ("R-S2", "top", "sponsor_manager")),
    )
    assert roster.missing(people, "2025-01-20", key) == (
        register.Missing("ward-4", "manager"),  # he answered for his other pair
        register.Missing("ward-5", "doctor"),
        register.Missing("top", "sponsor_doctor"),
    )
    assert roster.turnout(people, "2025-01-20", key) == (
        register.Turnout("doctor", 3, 2),
        register.Turnout("manager", 3, 2),
        register.Turnout("sponsor_doctor", 1, 0),
        register.Turnout("sponsor_manager", 1, 1),
    )


def test_whoever_left_or_came_later_is_not_missed(tmp_path: Path) -> None:
    roster = register.read(workbook(tmp_path))
    of_ward_3 = answered(("R-B3", "ward-3", "manager"), ("R-A2", "ward-3", "doctor"))
    late = [(one.pair, one.role) for one in roster.missing(of_ward_3, "2025-12-01")]
    assert ("ward-3", "manager") in late  # the one who followed has not answered, whoever did before
    assert not any(pair == "ward-5" for pair, _ in late)  # that pair is no more


def test_many_who_cannot_be_placed_are_one_line(tmp_path: Path) -> None:
    roster = register.read(write(tmp_path, "roster.csv", "code,pair,role\nA1,w,doctor\nB2,w,manager\n"))
    problems = roster.place([Entry(("a.csv", "", row), f"Z{row}") for row in range(2, 12)])
    assert [(one.row, one.found) for one in problems] == [
        (0, "10 rows: a respondent whom the roster does not place"),
    ]
