"""Sheets that look right and are easily misread: each small enough to check by eye."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit import responses
from auditkit.config import Config
from auditkit.errors import AuditkitError
from auditkit.responses import Responses

FOUR = ("a,doctor", "a,manager", "b,doctor", "b,manager")


def read(folder: Path, text: str, settings: dict[str, Any] | None = None) -> list[Responses]:
    path = folder / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return responses.read(path, Config.model_validate(settings or {}), codes=lambda name: f"R-{sum(map(ord, name))}")


def column(folder: Path, header: str, cells: str, settings: dict[str, Any] | None = None) -> Responses:
    """A round of four or more people with one column more, its cells parted by "|"."""
    values = cells.split("|")
    people = [*FOUR, *(f"{chr(99 + n // 2)},{('doctor', 'manager')[n % 2]}" for n in range(len(values) - 4))]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [
            ("Pair", "Role", "Trust", header),
            *(
                (*who.split(","), (1, 3, 5, 2, 2, 4, 3, 1)[n % 8], value)
                for n, (who, value) in enumerate(zip(people, values, strict=False))
            ),
        ]
    )
    (one,) = read(folder, text.getvalue(), settings)
    return one


def scored(one: Responses, item: str) -> list[float]:
    return one.ratings.loc[one.ratings["item"] == item].sort_values("row")["scored"].tolist()


def roles(one: Responses) -> dict[str, str]:
    return {column.header: column.role for column in one.columns}


def people(one: Responses) -> list[str]:
    return [f"{row.pair} {row.role}" for row in one.people.sort_values("row").itertuples()]


def said(one: Responses) -> str:
    return " ".join(f"{row.found} -> {row.taken_as}. {row.fix}" for row in one.problems.itertuples())


# Questions of the questionnaire, with what form tools put around them


@pytest.mark.parametrize(
    "header",
    [
        "2. I often hear important news about our service from someone else first.",
        "I often hear important news about our service from someone else first (1-5)",
        "How much do you agree? - I often hear important news about our service from someone else first.",
        "How much do you agree?: I often hear important news about our service from someone else first",
        "Q3 I often hear important news about our service from someone else first. *",
    ],
)
def test_our_items_are_known_with_numbers_ranges_and_stems_around_them(tmp_path: Path, header: str) -> None:
    assert scored(column(tmp_path, header, "1|2|5|2"), "COM3") == [5, 4, 1, 4]


# Which end is which


@pytest.mark.parametrize("place", ["above", "below"])
def test_a_legend_above_or_below_the_table_turns_the_numbers(tmp_path: Path, place: str) -> None:
    legend = "1 = strongly agree; 5 = strongly disagree"
    rows = ["Pair,Role,Trust", *(f"{who},{n}" for who, n in zip(FOUR, (1, 2, 5, 2), strict=True))]
    text = "\n".join([legend, *rows] if place == "above" else [*rows, "", f"Key: {legend}"])
    (one,) = read(tmp_path, text + "\n")
    assert scored(one, "Trust") == [5, 4, 1, 4]


def test_a_legend_in_the_first_header_holds_for_its_neighbours(tmp_path: Path) -> None:
    header = '"We trust each other (1 = strongly agree, 5 = strongly disagree)",We plan well'
    rows = "\n".join(f"{who},{n},{n}" for who, n in zip(FOUR, (1, 2, 5, 2), strict=True))
    (one,) = read(tmp_path, f"Pair,Role,{header}\n{rows}\n")
    assert scored(one, "We plan well") == [5, 4, 1, 4]


def test_one_for_agree_and_five_for_disagree_is_no_leave(tmp_path: Path) -> None:
    one = column(tmp_path, "We plan (1 = agree, 5 = disagree)", "1|2|5|2")
    assert scored(one, "We plan (1 = agree, 5 = disagree)") == [5, 4, 1, 4]


def test_a_legend_in_unknown_words_leaves_the_direction_in_doubt(tmp_path: Path) -> None:
    one = column(tmp_path, "Climate (1 = warm, 5 = icy)", "1|2|5|2")
    assert next(c.confidence for c in one.columns if c.header.startswith("Climate")) == "doubtful"


def test_words_at_the_ends_of_one_to_five_stay_one_to_five(tmp_path: Path) -> None:
    one = column(tmp_path, "Do you feel supported?", "1 - not at all|2|5 - a lot|4|3|5 - a lot")
    assert scored(one, "Do you feel supported?") == [1, 2, 5, 4, 3, 5]


def test_background_is_no_scale(tmp_path: Path) -> None:
    assert roles(column(tmp_path, "Background", "Clinical|Non-clinical|Clinical|Clinical"))["Background"] == "ignore"


def test_some_of_the_time_is_less_than_half_of_it(tmp_path: Path) -> None:
    cells = "Hardly ever|Some of the time|About half the time|Most of the time|Always"
    assert scored(column(tmp_path, "We listen", cells), "We listen") == [1, 2, 3, 4, 5]


def test_words_of_the_settings_make_a_scale_of_their_own(tmp_path: Path) -> None:
    words = {"Blue": 1, "Teal": 3, "Gold": 5}
    one = column(tmp_path, "We listen", "Blue|Teal|Gold|Gold", {"ratings": {"words": words}})
    assert scored(one, "We listen") == [1, 3, 5, 5]


def test_four_points_without_a_middle_where_nobody_ever_takes_one(tmp_path: Path) -> None:
    words = ("Strongly disagree", "Disagree", "Agree", "Strongly agree")
    header = ",".join(f"Item {n} is true" for n in range(8))
    people = [f"p{n // 2},{('doctor', 'manager')[n % 2]}" for n in range(12)]
    rows = "\n".join(f"{who},{','.join(words[(n + k) % 4] for k in range(8))}" for n, who in enumerate(people))
    (one,) = read(tmp_path, f"Pair,Role,{header}\n{rows}\n")
    assert set(one.ratings["rating"]) == {1.0, 2.0, 3.0, 4.0}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [("SA|A|N|D|SD", [5, 4, 3, 2, 1]), ("Red|Amber|Green|Green", [1, 3, 5, 5]), ("-2|-1|0|1|2|2", [1, 2, 3, 4, 5, 5])],
)
def test_letters_colours_and_negative_numbers(tmp_path: Path, cells: str, expected: list[float]) -> None:
    assert scored(column(tmp_path, "We plan together", cells), "We plan together") == expected


def test_half_points_are_ratings(tmp_path: Path) -> None:
    assert scored(column(tmp_path, "We plan together", "3.5|4|2.5|5|1|4.5"), "We plan together")[:3] == [3.5, 4, 2.5]


# Who may be analysed


def test_a_question_for_refusal_is_no_consent(tmp_path: Path) -> None:
    one = column(tmp_path, "I do not consent to my answers being analysed", "No|Yes|No|No")
    assert people(one) == ["a doctor", "b doctor", "b manager"]


def test_a_tick_is_consent_and_a_blank_is_none(tmp_path: Path) -> None:
    one = column(tmp_path, "I agree that my answers may be analysed", "x||x|x")
    assert people(one) == ["a doctor", "b doctor", "b manager"]


def test_consent_in_mixed_words_is_never_an_open_answer(tmp_path: Path) -> None:
    cells = "Yes|Withdrawn|only my ratings|Yes please|x"
    one = column(tmp_path, "Do you consent to your answers being analysed?", cells)
    assert people(one) == ["a doctor", "b manager"]
    assert len(one.answers) == 0


def test_consent_coded_by_a_legend_in_its_header(tmp_path: Path) -> None:
    one = column(tmp_path, "Consent (1=yes, 2=no)", "1|2|1|1")
    assert people(one) == ["a doctor", "b doctor", "b manager"]


def test_consent_coded_one_and_two_without_a_legend_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditkitError, match="no row may be analysed"):
        column(tmp_path, "Consent to analysis", "2|1|2|2")


@pytest.mark.parametrize("cells", ["Active|Withdrawn|Active|Active", "Enrolled|Opted out|Enrolled|Enrolled"])
def test_a_column_that_says_withdrawn_is_heard(tmp_path: Path, cells: str) -> None:
    assert people(column(tmp_path, "Participation", cells)) == ["a doctor", "b doctor", "b manager"]


# Who answered


def test_pairs_and_roles_in_numbers_stay_pairs_and_roles(tmp_path: Path) -> None:
    rows = "\n".join(f"{n % 4 + 1},{n % 2 + 1},{n % 5 + 1},{n % 3 + 2}" for n in range(12))
    settings = {"roles": {"1": "doctor", "2": "manager"}}
    (one,) = read(tmp_path, f"Pair,Role,We trust,We plan\n{rows}\n", settings)
    assert roles(one) == {"Pair": "pair", "Role": "role", "We trust": "rating", "We plan": "rating"}
    assert set(one.people["role"]) == {"doctor", "manager"}


def test_a_row_of_a_grid_is_a_question_whatever_it_is_called(tmp_path: Path) -> None:
    header = "Pair,Role,How good is it? [Trust],How good is it? [Time],How good is it? [Role]"
    rows = "\n".join(f"{who},{rated}" for who, rated in zip(FOUR, ("4,5,3", "3,4,3", "4,2,1", "2,5,4"), strict=True))
    (one,) = read(tmp_path, f"{header}\n{rows}\n")
    assert [roles(one)[name] for name in ("Role", "Trust", "Time")] == ["role", "rating", "rating"]
    assert list(roles(one).values()).count("rating") == 3


def test_one_second_answer_leaves_the_others_linked(tmp_path: Path) -> None:
    rows = [f"w{n // 2},{('doctor', 'manager')[n % 2]},{n % 5 + 1}" for n in range(8)]
    (one,) = read(tmp_path, "\n".join(["Pair,Role,Trust", *rows, "w0,doctor,5", ""]))
    assert one.people["identity"].value_counts().to_dict() == {"pair+role": 7, "none": 2}
    assert "rows 2 and 10" in said(one)


@pytest.mark.parametrize("header", ["Network ID", "Browser ID"])
def test_a_number_of_the_network_is_no_person(tmp_path: Path, header: str) -> None:
    one = column(tmp_path, header, "1f3a9b21c4|2f3a9b21c4|1f3a9b21c4|3f3a9b21c4")
    assert roles(one)[header] == "ignore"


def test_the_partners_address_is_not_the_respondents(tmp_path: Path) -> None:
    one = column(tmp_path, "Partner email", "bea@x.example|ann@x.example|cal@x.example|raj@x.example")
    assert roles(one)["Partner email"] == "ignore"


@pytest.mark.parametrize("header", ["Tranche", "Cohort", "Sector", "Rounded mean"])
def test_groups_of_people_are_no_ratings(tmp_path: Path, header: str) -> None:
    assert roles(column(tmp_path, header, "1|2|1|3"))[header] == "ignore"


def test_times_are_no_open_answers(tmp_path: Path) -> None:
    one = column(tmp_path, "Time Started", "|".join(f"Mar {n}, 2025 10:59:0{n} PM" for n in range(1, 7)))
    assert len(one.answers) == 0


def test_codes_for_no_answer_are_no_words(tmp_path: Path) -> None:
    cells = "Too few beds on the ward|-99|We never meet without others|-99"
    one = column(tmp_path, "What gets in the way?", cells)
    assert one.answers["text"].tolist() == ["Too few beds on the ward", "We never meet without others"]


def test_a_pair_a_row_is_two_people(tmp_path: Path) -> None:
    text = "Pair,Doctor: We trust,Manager: We trust,Doctor: We plan,Manager: We plan\na,4,5,1,2\nb,2,1,5,4\nc,1,2,3,3\n"
    (one,) = read(tmp_path, text)
    assert people(one) == [f"{pair} {role}" for pair in "abc" for role in ("doctor", "manager")]
    assert scored(one, "We trust") == [4, 5, 2, 1, 1, 2]


def test_a_turned_sheet_is_named(tmp_path: Path) -> None:
    text = "Question,N1,N2,N3,N4\nPair,a,a,b,b\nRole,doctor,manager,doctor,manager\nCOM1,1,2,3,4\nCOM2,2,3,4,5\n"
    with pytest.raises(AuditkitError, match="questions run down"):
        read(tmp_path, text)


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> list[Responses]:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return responses.read(path, Config(), codes=lambda name: f"R-{sum(map(ord, name))}")


def test_sheets_of_doctors_and_managers_are_roles(tmp_path: Path) -> None:
    rows = [["Pair", "We trust", "We plan"], ["a", 4, 3], ["b", 2, 1], ["c", 5, 4]]
    (one,) = book(tmp_path / "a.xlsx", {"Doctors": rows, "Managers": rows})
    assert sorted(people(one)) == [f"{pair} {role}" for pair in "abc" for role in ("doctor", "manager")]


def test_a_sheet_that_explains_the_numbers_turns_them(tmp_path: Path) -> None:
    rows = [
        ["Pair", "Role", "We trust", "We plan"],
        *([*who.split(","), n, n] for who, n in zip(FOUR, (1, 2, 5, 2), strict=True)),
    ]
    key = [["Value", "Meaning"], [1, "Strongly agree"], [2, "Agree"], [4, "Disagree"], [5, "Strongly disagree"]]
    (one,) = book(tmp_path / "a.xlsx", {"Answers": rows, "Key": key})
    assert scored(one, "We trust") == [5, 4, 1, 4]


def test_years_over_the_items_are_rounds(tmp_path: Path) -> None:
    path, made = tmp_path / "a.xlsx", openpyxl.Workbook()
    sheet: Any = made.worksheets[0]
    for row in (
        ["", "", "", 2025, "", 2026, ""],
        ["Respondent", "Pair", "Role", "We trust", "We plan", "We trust", "We plan"],
        ["N1x", "a", "doctor", 4, 3, 5, 2],
        ["N2x", "a", "manager", 2, 3, 3, 4],
        ["N3x", "b", "doctor", 1, 2, 2, 5],
        ["N4x", "b", "manager", 5, 4, 4, 1],
    ):
        sheet.append(row)
    sheet.merge_cells("D1:E1")
    sheet.merge_cells("F1:G1")
    made.save(path)
    found = responses.read(path, Config(), codes=str)
    assert [one.round for one in found] == ["2025", "2026"]
    assert scored(found[1], "We trust") == [5, 3, 2, 4]


# Names


def test_a_key_sheet_of_names_is_coded(tmp_path: Path) -> None:
    rows = [["Role", "We trust", "We plan"], ["doctor", 4, 3], ["manager", 2, 1]]
    found = book(tmp_path / "a.xlsx", {"Thornbury & Hollingworth": rows, "Adebayo & Okonkwo": rows})
    pairs = {pair for one in found for pair in one.people["pair"]}
    assert not any("thornbury" in pair or "okonkwo" in pair for pair in pairs)


@pytest.mark.parametrize("sign", [" and ", " & ", "-", " / "])
def test_pairs_named_by_their_people_are_coded(tmp_path: Path, sign: str) -> None:
    couples = [("Thornbury", "Hollingworth"), ("Adebayo", "Okonkwo")]
    rows = "\n".join(f"{sign.join(couples[n // 2])},{('doctor', 'manager')[n % 2]},{(1, 3, 5, 2)[n]}" for n in range(4))
    (one,) = read(tmp_path, f"Pair,Role,Trust\n{rows}\n")
    assert len(set(one.people["pair"])) == 2
    assert "hornbury" not in said(one) + " ".join(one.people["pair"])


@pytest.mark.parametrize("pairs", [("Women and Children", "Theatres and Recovery"), ("North-East", "South-West")])
def test_services_of_two_words_are_no_names(tmp_path: Path, pairs: tuple[str, str]) -> None:
    rows = "\n".join(f"{pairs[n // 2]},{('doctor', 'manager')[n % 2]},{(1, 3, 5, 2)[n]}" for n in range(4))
    (one,) = read(tmp_path, f"Pair,Role,Trust\n{rows}\n")
    assert "looks like names" not in said(one)


def test_a_pair_of_full_names_under_the_header_pair_is_a_pair(tmp_path: Path) -> None:
    names = ["Sarah Whitfield / Tom Okafor", "Jane Thornbury / Raj Hollingworth", "Una Pryce / Max Oduya"]
    rows = "\n".join(f"{names[n // 2]},{('doctor', 'manager')[n % 2]},{n % 5 + 1}" for n in range(6))
    (one,) = read(tmp_path, f"Pair,Role,Trust\n{rows}\n")
    assert roles(one)["Pair"] == "pair"
    assert "whitfield" not in " ".join(one.people["pair"])


@pytest.mark.parametrize(
    ("header", "cells", "word"),
    [
        ("Trust 2", "1|2|ask Hollingworth|4|5|3|2|1", "Hollingworth"),
        ("Trust 2", "1|2|Sarah again|4|5|3|2|1", "Sarah"),
        ("Trust 2", "1|2|beatrice|4|5|3|2|1", "beatrice"),
    ],
)
def test_no_word_of_a_respondent_is_in_a_problem(tmp_path: Path, header: str, cells: str, word: str) -> None:
    assert word not in said(column(tmp_path, header, cells))


@pytest.mark.parametrize(
    "role",
    ["Service manager - Beatrice Hollingworth", "Consultant (Dr Thornbury)", "Jane Hollingworth", "Dr Thornbury"],
)
def test_a_name_in_a_role_is_not_printed(tmp_path: Path, role: str) -> None:
    (one,) = read(tmp_path, f"Pair,Role,Trust\na,doctor,1\na,{role},3\nb,doctor,2\nb,manager,5\n")
    assert not any(name in said(one) for name in ("Hollingworth", "Thornbury", "Beatrice", "Jane"))


def test_a_title_and_a_name_is_no_role(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "Pair,Role,Trust\na,doctor,1\na,Dr Thornbury,3\nb,doctor,2\nb,manager,5\n")
    assert people(one)[1] == "a "
