"""The roster: who is where, who has not answered, and nothing of it with a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditkit import register, responses
from auditkit.config import Config
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
