from __future__ import annotations

import csv
import io
import random
import re
from typing import Any

import pytest

from auditkit import identity, people
from auditkit.columns import Overrides, Tables, decide, recognised
from auditkit.config import Config
from auditkit.entries import Entry, read_entries
from auditkit.errors import AuditkitError
from auditkit.grids import Grid, Problem
from auditkit.items import Items
from auditkit.layouts import recognise
from auditkit.people import Person
from auditkit.sheets import table

CODES: dict[str, str] = {}


def code(name: str) -> str:
    return CODES.setdefault(name, f"R-{len(CODES) + 100}")


def tables(*texts: str, **settings: Any) -> tuple[Tables, Config]:
    config, found = Config.model_validate(settings), []
    for number, text in enumerate(texts, 1):
        grid = Grid("a.csv", str(number), "csv", list(csv.reader(io.StringIO(text.strip()))))
        sheet = table(grid, recognise(grid, recognised))
        found.append((sheet, decide(sheet, config, Overrides())))
    return found, config


def read(text: str, **settings: Any) -> tuple[list[Entry], list[Problem]]:
    made, config = tables(text, **settings)
    return read_entries(*made[0], config, Items(made, config))


def rows(text: str) -> list[Entry]:
    """Entries as the header names their fields; ``Q``: an answer, ``R``: a rating."""
    found = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text.strip())), 2):
        cells: dict[str, Any] = dict(row)
        answer, rating = cells.pop("Q", ""), cells.pop("R", "")
        entry = Entry(("a.csv", "", number), **cells)
        entry.consents = {"consent_quote": "none", "consent_pair_ratings": "yes", "consent_pair_words": "no"}
        entry.answers = [("Q1", "What helps?", answer)] if answer else []
        entry.ratings = [("COM1", "trust", float(rating), float(rating))] if rating else []
        found.append(entry)
    return found


def said(problems: list[Problem]) -> list[tuple[int, str, str, str]]:
    return [(one.row, one.severity, one.found, one.taken_as) for one in problems]


NAMES = "Name,Ward,Role,Q1\nAnn Smith,Smith / Jones,doctor,We talk\nBob Jones,smith / jones,manager,We plan\n"
MAILS = "Login,Q1\nA.Smith@x.example,We talk\na.smith@x.example,We plan\ncy1,We meet\ndi2,We rest\ned3,We eat\n"


def test_names_addresses_and_pairs_of_names_become_codes_and_are_nowhere_else() -> None:
    texts = NAMES, MAILS, NAMES.upper().replace("N S", "N  S")
    found, key, notes = identity.replace_names(tables(*texts, columns={"Login": "email"})[0], code)
    ann, bob, pair, mail = map(code, ("ann smith", "bob jones", "smith / jones", "a.smith@x.example"))
    for sheet in found[0][0], found[2][0]:
        assert [row[:2] for row in sheet.rows] == [(ann, pair.casefold()), (bob, pair.casefold())]
    assert [row[0] for row in found[1][0].rows] == [mail, mail, code("cy1"), code("di2"), code("ed3")]
    assert not re.search("ann|smith|bob|jones|@", f"{[sheet.rows for sheet, _ in found]} {notes}".casefold())
    assert (key[bob].casefold(), key[mail].casefold()) == ("bob jones", "a.smith@x.example")
    assert [one.found for one in notes] == ["looks like names", "looks like e-mail addresses", "looks like names"]


def test_codes_and_names_of_wards_stay_as_they_are() -> None:
    made, _ = tables("respondent_id,pair_id,Q1\nR-7KQ2,North Wing,We talk\n17,South / East 2,We plan\n")
    assert identity.replace_names(made, pytest.fail) == (made, {}, [])


SEATS = "round,pair,role,Q\n1,w1,doctor,a\n1,w1,manager,b\n2,w1,doctor,c\n"


def test_pair_and_role_name_people_where_they_are_unique_in_every_round() -> None:
    found = rows(SEATS)
    (note,) = identity.settle_respondents(found, set(), long=False)
    assert [entry.respondent for entry in found] == ["w1-doctor", "w1-manager", "w1-doctor"]
    assert {entry.identity for entry in found} == {"pair+role"}
    assert note.taken_as == "pair and role name the person in every round"


@pytest.mark.parametrize("more", ["2,w1,doctor,d", "2,,manager,d", "2,w1,,d"])
def test_one_seat_that_is_taken_twice_or_unclear_leaves_the_others_known(more: str) -> None:
    found = rows(SEATS + more)
    _, warning = identity.settle_respondents(found, set(), long=False)
    assert [entry.identity for entry in found[:2]] == ["pair+role"] * 2
    assert found[3].identity == "none"
    assert re.fullmatch("R-[0-9a-f]{8}", found[3].respondent)
    assert warning.severity == "warning"


def test_seats_of_many_people_name_nobody() -> None:
    found = rows(SEATS + "1,w1,doctor,e\n2,w1,doctor,f\n2,w1,doctor,g\n")
    (note,) = identity.settle_respondents(found, set(), long=False)
    assert len({entry.respondent for entry in found}) == 6
    assert {entry.identity for entry in found} == {"none"}
    assert note.taken_as == "each row is a person; rounds are compared unlinked"


def test_one_seat_may_answer_many_questions_one_a_row() -> None:
    found = rows("pair,role\nw1,doctor\nw1,doctor\nw1,manager\n")
    for entry, question in zip(found, "ABA", strict=True):
        entry.answers = [(question, question, "yes")]
    identity.settle_respondents(found, set(), long=True)
    assert [entry.respondent for entry in found] == ["w1-doctor", "w1-doctor", "w1-manager"]


def test_a_code_of_the_content_is_the_same_whatever_the_order_of_the_rows() -> None:
    lines = "w1,same,,1 w1,same,,1 w1,other,,1 w2,same,,1 w1,same,4,1 w1,same,5,1 w1,same,,2".split()

    def codes(lines: list[str]) -> list[tuple[str, str]]:
        found = rows("\n".join(["pair,Q,R,round", *lines]))
        identity.settle_respondents(found, set(), long=False)
        return sorted((line, entry.respondent) for entry, line in zip(found, lines, strict=True))

    first = codes(lines)
    (one, again), (later,) = ([who for line, who in first if line == f"w1,same,,{n}"] for n in (1, 2))
    assert (again, later) == (f"{one}-2", one)  # what is alike in another round is no second person
    assert len({who for _, who in first}) == 6
    assert all(codes(random.Random(seed).sample(lines, len(lines))) == first for seed in range(4))


def test_an_empty_cell_for_the_respondent_is_an_error_in_the_sheet_that_has_the_column() -> None:
    found = rows("respondent,pair,role,identity\nR1,a,doctor,email\n,a,manager,email\n")
    other = Entry(("b.csv", "", 2), pair="b", role="doctor")
    first, note = identity.settle_respondents([*found, other], {("a.csv", "")}, long=False)
    assert said([first]) == [(3, "error", "no respondent", "a person of its own, not linked to the other round")]
    assert (note.file, note.found) == ("b.csv", "no respondent column")
    assert [entry.identity for entry in (*found, other)] == ["email", "none", "pair+role"]


def test_pair_and_role_are_carried_from_other_rows_of_the_person_if_they_agree() -> None:
    found = rows("respondent,pair,role\nR 1,a,\nr-1,,doctor\nR2,,doctor\nR2,b,manager\nR2,b,\n,,\n,c,staff\n")
    listed = [Problem("a.csv", "", row, "", "error", "no pair", "", "") for row in (3, 4, 7)]
    left = identity.carry(found, listed)
    assert [f"{entry.pair} {entry.role}" for entry in found[:3]] == ["a doctor", "a doctor", "b doctor"]
    assert [f"{entry.pair} {entry.role}" for entry in found[3:]] == ["b manager", "b ", " ", "c staff"]
    assert [(one.row, one.taken_as) for one in left] == [(7, ""), (0, "taken from there")]


def test_one_person_in_several_spellings_has_the_most_frequent_one() -> None:
    found = rows("respondent\nr-7kq2\nR-7KQ2\nR–7KQ2\nr-7kq2\nR-7KQ\nb 1\nB-1\n")
    notes = identity.one_spelling(found, "respondent")
    assert [entry.respondent for entry in found] == ["r-7kq2"] * 4 + ["R-7KQ", "B-1", "B-1"]
    assert [one.found for one in notes] == ["respondent 'R-7KQ2'", "respondent 'R–7KQ2'", "respondent 'b 1'"]


def test_rows_of_one_person_are_joined_and_the_most_protective_consent_counts() -> None:
    found = rows("respondent,pair,role,date,Q,R\nR1,a,,2025-02-01,,4\nR1,a,doctor,2025-01-01,x,\nR1,a,doctor,,x,4\n")
    for entry, level in zip(found, ("verbatim", "paraphrase", "verbatim"), strict=True):
        entry.consents["consent_quote"] = level
    (person,), problems = people.join_rows(found[::-1], "a.csv", long=False)
    assert (person.role, person.date, person.where[2]) == ("doctor", "2025-01-01", 2)
    assert list(person.consents.values()) == ["paraphrase", "yes", "no"]
    assert [answer[2:] for answer in person.answers] == [("x", ("a.csv", "", 3))]
    assert [rating[3:] for rating in person.ratings] == [(4.0, ("a.csv", "", 2))]
    same, taken = "the same person as in row 2", "joined: they do not contradict each other"
    assert said(problems) == [(3, "warning", same, taken), (4, "warning", same, taken)]
    _, (copy,) = people.join_rows(rows("respondent,R\nR1,4\nR1,4\n"), "a.csv", long=False)
    assert copy.taken_as == "one kept"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("R1,a,doctor,x,4\nR1,a,doctor,x,5\n", "rows 2 and 3: COM1"),
        ("R1,a,doctor,x,4\nR1,a,doctor,y,4\nR1,a,,z,\n", "rows 2, 3 and 4: Q1"),
        ("R1,a,doctor,,4\nR1,a,manager,x,4\n", "rows 2 and 3: role"),
    ],
)
def test_rows_of_one_person_that_contradict_each_other_are_refused(text: str, what: str) -> None:
    with pytest.raises(AuditkitError, match="the same person answered twice") as error:
        people.join_rows(rows("respondent,pair,role,Q,R\n" + text), "a.csv", long=False)
    assert error.value.details == (what,)


def test_one_answer_a_row_keeps_all_answers_and_leaves_out_what_differs() -> None:
    found = rows("respondent,pair,role,Q,R\nR1,a,doctor,x,4\nR1,a,manager,x,5\nR1,a,,y,\nR1,b,doctor,x,4\n")
    (first, second), problems = people.join_rows(found, "a.csv", long=True)
    assert ([answer[2] for answer in first.answers], first.ratings, first.role) == (["x", "x", "y"], [], "")
    assert (second.pair, second.role, len(second.ratings)) == ("b", "doctor", 1)  # in that pair another
    assert [(one.column, one.taken_as) for one in problems] == [("COM1", "left out"), ("role", "left out")]


@pytest.mark.parametrize(
    ("seats", "found"),
    [
        ("a R1 doctor,a R2 manager,b R3 doctor,c R4 -,c R5 -,d R6 staff,d R7 staff", []),
        ("a R1 doctor,a R2 doctor,a R3 manager", ["note a: 3 people"]),
        ("a R1 doctor,a R2 doctor", ["warning a: two doctors (rows 2 and 3)"]),
        ("a R1 sponsor_manager,a R2 manager", ["warning a: two managers (rows 2 and 3)"]),
        ("a R1 doctor,b R2 manager,b R1 doctor", ["note R1: in 2 pairs (a, b)"]),
    ],
)
def test_what_is_odd_about_pairs_is_told(seats: str, found: list[str]) -> None:
    members = [
        Person(("a.csv", "", row), who, pair, role=role, facts=[("MEET", 1.0, ("a.csv", "", row))])
        for row, (pair, who, role) in enumerate((seat.split() for seat in seats.split(",")), 2)
    ]
    assert [f"{one.severity} {one.found}" for one in people.look_at_pairs(members)] == found


def test_people_who_answered_nothing_are_told_and_without_a_pair_are_no_group() -> None:
    silent = [Person(("a.csv", "", row), f"R{row}", "") for row in range(7)]
    assert said(people.look_at_pairs(silent)) == [(0, "warning", "7 rows without any answer", "kept")]
    assert [one.row for one in people.look_at_pairs(silent[3:])] == [3, 4, 5, 6]


def test_rows_without_consent_withdrawn_or_unfinished_are_left_out_and_listed() -> None:
    answers = "R1,yes,,x\nR2,no,,x\nR3,,,x\nR4,only if I see it first,,x\nR5,yes,2025-03-01,x\nR6,yes,no,x\n"
    found, problems = read(f"respondent_id,consent_analysis,withdrawn_on,Q1\n{answers}")
    assert [entry.respondent for entry in found] == ["R1", "R6"]
    assert said(problems) == [
        (4, "error", "no answer", "row left out"),
        (5, "error", "text, 6 words", "row left out"),
        (6, "note", "withdrawn", "row left out"),
        (0, "note", "1 row with no consent to analysis", "left out"),
    ]
    lime = "Response ID,Date submitted,Last page,Start language,Your code,Q1\n1,2025-01-10,3,en,R1,x\n2,,1,en,R2,x\n"
    assert [entry.respondent for entry in read(lime)[0]] == ["R1"]


def test_rows_that_wait_for_answers_are_blank_and_remarks_are_no_rows() -> None:
    answers = "R1,a,doctor,yes,x\nR2,a,gardener,,\nRing the ward again,,,,\n,,,yes,We meet far too seldom\n"
    found, problems = read(f"respondent_id,pair_id,role,consent_analysis,Q1\n{answers}R3,,manager,yes,x\n")
    assert [(entry.where[2], entry.blank) for entry in found] == [(2, False), (3, True), (5, False), (6, False)]
    assert [one for one in said(problems) if one[0] != 5] == [
        (4, "note", "one cell only", "a remark, left out"),
        (6, "error", "no pair", "analysed without a pair"),
        (0, "note", "1 row with nothing but who answers", "left out"),
    ]


@pytest.mark.parametrize(
    ("role", "known", "found", "fix"),
    [
        ("Consultant", "doctor", "", ""),
        ("exec  LEAD", "sponsor_manager", "", ""),
        ("Consutlant", "", "text, 1 word", 'Near "Consultant".'),
        ("I look after Ann Smith", "", "text, 5 words", "Write doctor"),
        ("", "", "no role", "Write doctor"),
    ],
)
def test_roles_are_understood_or_told_with_a_near_one(role: str, known: str, found: str, fix: str) -> None:
    settings = {"roles": {"Exec Lead": "sponsor_manager"}}
    (entry, _), problems = read(f"respondent_id,role,Q1\nR1,{role},x\nR2,manager,y\n", **settings)
    assert (entry.role, entry.sponsor) == (known, known.startswith("sponsor"))
    errors = [(one.found, one.fix[: len(fix)]) for one in problems if one.severity == "error"]
    assert errors == [(found, fix)] * bool(found)


UNCLEAR = "2 dates that could be day first or month first"
MIXED = "dates with the day first and with the month first"


@pytest.mark.parametrize(
    ("cells", "dates", "found"),
    [
        ("02/13/2025 03/04/2025 soon", "2025-02-13 2025-03-04 ", ["text, 1 word"]),
        ("13/02/2025 03/04/2025 -", "2025-02-13 2025-04-03 ", []),
        ("03/04/2025 05/06/2025", "2025-04-03 2025-06-05", [UNCLEAR]),
        ("13/02/2025 03/14/2025", "2025-02-13 ", [MIXED, "'03/14/2025'"]),
    ],
)
def test_a_column_has_one_order_of_day_and_month(cells: str, dates: str, found: list[str]) -> None:
    lines = [f"R{number},{cell},x" for number, cell in enumerate(cells.split())]
    entries, problems = read("\n".join(["respondent_id,date,Q1", *lines]))
    assert (" ".join(entry.date for entry in entries), [one.found for one in problems]) == (dates, found)


def test_ratings_outside_the_scale_are_left_out_and_no_words_are_told() -> None:
    text = "respondent_id,COM1,COM3,MEET\nR1,6,2,41\nR2,Ann was very rude to me,N/A,6\nR3,4,n/a,\n,5,,\n"
    found, problems = read(text)
    ratings = [[rating[:1] + rating[2:] for rating in entry.ratings] for entry in found]
    assert ratings == [[("COM3", 2.0, 4.0)], [], [("COM1", 4.0, 4.0)], [("COM1", 5.0, 5.0)]]
    assert [entry.facts for entry in found] == [[], [("MEET", 6.0)], [], []]
    assert [(one.row, one.column, one.found) for one in problems] == [
        (2, "COM1", "'6': outside 1 to 5"),
        (2, "MEET", "'41': outside 0 to 40"),
        (3, "COM1", "text, 6 words: not a number"),
        (0, "COM3", '2 rows with "cannot say" or "not applicable"'),
    ]


def test_the_first_cell_that_says_who_counts_and_pairs_have_one_spelling_or_the_one_decided() -> None:
    text = "code,mail,pair_id,Q1\n17.0,x1,Ward 3,x\n,x2,WARD_3,x\n,,ward-4,x\n"
    found, problems = read(text, columns={"code": "respondent", "mail": "email"}, pairs={"ward-4": "ward-5"})
    assert [f"{one.respondent} {one.identity}" for one in found] == ["17 respondent", "x2 email", " none"]
    assert [entry.pair for entry in found] == ["ward-3", "ward-3", "ward-5"]
    assert [(one.found, one.taken_as) for one in problems] == [("'WARD_3'", "ward-3"), ("'Ward 3'", "ward-3")]
