"""The beginning of an audit: which files there are, that they are read again, and what is refused."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit import config, first_settings, forms, person_codes, register, responses, starting
from auditkit.codebook import default
from auditkit.codebook import read as read_codebook
from auditkit.errors import AuditkitError, Refused
from auditkit.questionnaire import NOT_READ, PRIMARIES, items

FILES = (
    "answers-staff.xlsx answers.xlsx audit.toml codes.csv forms-repeat.txt forms-staff.txt forms.txt"
    " questionnaire-repeat.docx questionnaire.docx staff.docx"
).split()
OWN = """
question,code,scale,kind,reversed,asked,theme
We talk enough.,TALK1,talking,rating,no,both,
We talk too late.,TALK2,talking,rating,yes,both,
My partner keeps promises.,,,rating,no,both,
How many letters came?,LETTERS,,fact,,both,
What did you learn?,LEARN,,open,,both,Communication
"""


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "audit", tmp_path / "names"


def filled(path: Path, answers: dict[str, Any]) -> Path:
    """The answer sheet with the same answers in every row that has a code; each row another date."""
    book = openpyxl.load_workbook(path)
    sheet: Any = book["Answers"]
    headers = [cell.value for cell in sheet[1]]
    for number, row in enumerate(sheet.iter_rows(min_row=2), start=1):
        if row[0].value:
            for code, value in answers.items():
                text = value.format(number) if isinstance(value, str) else value
                row[headers.index(code)].value = text
    book.save(path)
    return path


def test_every_file_is_written_and_names_go_elsewhere(places: tuple[Path, Path]):
    folder, names = places
    started = starting.init(folder, names, pairs=3, own=None)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert [path.name for path in names.iterdir()] == ["roster.xlsx"]
    assert sorted(started.written) == sorted([*folder.iterdir(), *names.iterdir()])
    assert started.notes == ()


def test_codes_agree_in_all_files(places: tuple[Path, Path]):
    folder, names = places
    starting.init(folder, names, pairs=3, own=None)
    seats = person_codes.read(folder / "codes.csv")
    sheet: Any = openpyxl.load_workbook(folder / "answers.xlsx")["Answers"]
    rows = [[cell.value for cell in row[:5]] for row in sheet.iter_rows(min_row=2) if row[0].value]
    assert rows == [[seat.code, seat.pair, None, seat.role, "baseline"] for seat in seats]
    people = register.read(names / "roster.xlsx")
    assert [(p.code, p.pair.upper(), p.role) for p in people.people] == [(s.code, s.pair, s.role) for s in seats]
    assert people.problems == ()
    assert (
        (folder / "codes.csv")
        .read_text(encoding="utf-8")
        .startswith(f"code,pair,role\n{seats[0].code},P-01,doctor\n{seats[1].code},P-01,manager\n")
    )


def test_codes_are_two_signs_apart_and_no_words():
    codes = [seat.code for seat in person_codes.draw(100)]
    assert len(set(codes)) == 200
    assert min(person_codes.apart(a, b) for a, b in combinations(codes, 2)) >= 2
    assert all(any(sign.isdigit() for sign in code) for code in codes)
    with pytest.raises(AuditkitError):
        person_codes.draw(0)


def test_the_filled_answer_sheet_is_read_without_an_option(places: tuple[Path, Path]):
    folder, names = places
    starting.init(folder, names, pairs=3, own=None)
    ratings = {item.code: 2 for item in items() if item.kind == "rating"} | {"COM1": 5, "DIS2": "cannot say"}
    said = {"Q1": "We meet every Monday, for {0} minutes.", "Q2": "Plan {0} is fixed before I am asked."}
    facts = {"MEET": 4, "OUTLOOK": "improve", "answered_on": "2026-01-1{0}"}
    consents = {"consent_analysis": "yes", "consent_quote": "paraphrase", "consent_pair_ratings": "yes"}
    path = filled(folder / "answers.xlsx", ratings | said | facts | consents)
    (found,) = responses.read(path, config.load(folder / "audit.toml"), codes=lambda name: "")
    assert found.round == "baseline"
    assert set(found.people["respondent"]) == {seat.code for seat in person_codes.read(folder / "codes.csv")}
    assert sorted(found.people["role"]) == ["doctor"] * 3 + ["manager"] * 3
    assert set(found.people["consent_quote"]) == {"paraphrase"}
    assert set(found.answers["item"]) == {"Q1", "Q2"}
    assert len(found.ratings) == 6 * (len(ratings) - 1)
    scored = found.ratings.set_index("item")["scored"]
    assert scored["COM1"].tolist() == [5.0] * 6
    assert scored["COM3"].tolist() == [4.0] * 6
    assert found.facts.groupby("item")["value"].first().to_dict() == {"MEET": 4.0, "OUTLOOK": 1.0}
    assert set(found.answers["sheet"]) == {"Answers"}
    assert "error" not in set(found.problems["severity"])


@pytest.mark.parametrize("file", ["answers.xlsx", "answers-staff.xlsx"])
def test_every_column_has_a_list_or_a_message(places: tuple[Path, Path], file: str):
    folder, names = places
    starting.init(folder, names, pairs=None, own=None)
    book = openpyxl.load_workbook(folder / file)
    sheet: Any = book["Answers"]
    headers = [cell.value for cell in sheet[1]]
    rules = {str(rule.sqref).split("2:")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert len(rules) == len(headers)
    by_header = {cell.value: rules[cell.column_letter] for cell in sheet[1]}
    code = "COM1" if file == "answers.xlsx" else "SCOM1"
    assert by_header[code].formula1 == '"1,2,3,4,5,cannot say"'
    assert forms.AGREEMENT[0] in by_header[code].prompt
    assert by_header["consent_analysis"].formula1 == '"yes,no"'
    assert all(rule.showInputMessage and len(rule.prompt) <= 255 for rule in rules.values())
    assert all(len(rule.formula1 or "") <= 255 for rule in rules.values())
    assert sheet.freeze_panes == ("F2" if file == "answers.xlsx" else "C2")
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.max_row <= 1 + 20
    assert [book[name]["A1"].value for name in ("Questions", "Read me")] == [NOT_READ] * 2


def test_a_second_time_nothing_is_written(places: tuple[Path, Path]):
    folder, names = places
    starting.init(folder, names, pairs=3, own=None)
    again = starting.init(folder, names, pairs=3, own=None)
    assert again.written == ()
    assert again.notes == ("codes.csv is there: its codes are used.", "audit.toml is there and was left as it is.")


def test_settings_of_the_user_are_left_alone(places: tuple[Path, Path]):
    folder, names = places
    folder.mkdir()
    (folder / "audit.toml").write_text("[thresholds]\nk_numbers = 8\n", encoding="utf-8")
    started = starting.init(folder, names, pairs=3, own=None)
    assert (folder / "audit.toml").read_text(encoding="utf-8") == "[thresholds]\nk_numbers = 8\n"
    assert started.notes == ("audit.toml is there and was left as it is.",)
    assert "at least 8 people and 5 pairs" in (folder / "forms.txt").read_text(encoding="utf-8")


def test_other_files_are_never_overwritten(places: tuple[Path, Path]):
    folder, names = places
    folder.mkdir()
    (folder / "forms.txt").write_text("mine", encoding="utf-8")
    (folder / "staff.docx").write_bytes(b"no Word file")
    with pytest.raises(AuditkitError) as error:
        starting.init(folder, names, pairs=3, own=None)
    assert [Path(line).name for line in error.value.details] == ["forms.txt", "staff.docx"]
    assert sorted(path.name for path in folder.iterdir()) == ["forms.txt", "staff.docx"]
    assert not names.exists()


@pytest.mark.parametrize("inside", ["", "names", "a/b"])
def test_no_names_in_the_audit_folder(tmp_path: Path, inside: str):
    folder = tmp_path / "audit"
    with pytest.raises(Refused):
        starting.init(folder, folder / inside, pairs=3, own=None)
    assert not folder.exists()


def test_codes_that_were_given_are_not_drawn_again(places: tuple[Path, Path]):
    folder, names = places
    folder.mkdir()
    (folder / "codes.csv").write_text("code,pair,role\nR-1,P-01,doctor\nR-2,P-01,manager\n", encoding="utf-8")
    with pytest.raises(AuditkitError, match="codes for 1 pair, not 3"):
        starting.init(folder, names, pairs=3, own=None)
    starting.init(folder, names, pairs=None, own=None)
    assert [p.code for p in register.read(names / "roster.xlsx").people] == ["R-1", "R-2"]


def test_the_settings_explain_every_section_and_are_the_defaults():
    text = first_settings.text()
    for name in config.SECTIONS:
        assert f"[{name}]\n# " in text
    assert text.index("chosen before the repeat") < text.index("communication = [")


def test_the_settings_are_read_and_kept(tmp_path: Path):
    path = tmp_path / "audit.toml"
    path.write_text(first_settings.text(), encoding="utf-8")
    found = config.load(path)
    assert found == config.Config(primaries={name: list(parts) for name, parts in PRIMARIES.items()})
    config.save(path, {"columns": {"Ward / team": "pair"}})
    assert config.load(path).columns == {"Ward / team": "pair"}
    assert [line for line in first_settings.text().splitlines() if line not in path.read_text().splitlines()] == []


def test_every_commented_setting_is_right_once_it_counts(tmp_path: Path):
    lines = first_settings.text().splitlines()
    path = tmp_path / "audit.toml"
    path.write_text("\n".join(re.sub(r"^# (?=\w+ += )", "", line) for line in lines))
    found = config.load(path)
    assert (found.thresholds, found.compare, found.ratings) == (
        config.Thresholds(),
        config.Compare(),
        config.Ratings(),
    )


def test_own_questions_are_asked_read_and_scored(places: tuple[Path, Path]):
    folder, names = places
    own = folder.parent / "questions.csv"
    own.write_text(OWN.strip(), encoding="utf-8")
    started = starting.init(folder, names, pairs=3, own=own)
    assert not (folder / "staff.docx").exists()
    assert "My partner keeps promises." in (folder / "forms.txt").read_text(encoding="utf-8")
    settings = config.load(folder / "audit.toml")
    assert settings.scales == {"talking": ["TALK1", "TALK2"]}
    assert settings.ratings.reversed == ["TALK2"]
    assert settings.primaries == {"talking": ["talking"]}
    assert settings.questions["LEARN"] == "What did you learn?"
    assert "# RATE1: trust? Like TRU1, likeness" in (folder / "audit.toml").read_text(encoding="utf-8")
    assert any(note.startswith("RATE1 has no scale. Proposed, not used: trust") for note in started.notes)
    expected = {theme.id: theme.expects for theme in read_codebook(folder / "codebook.xlsx").themes}
    assert expected["T02"] == (*default().by_id("T02").expects, "What did you learn?")
    answers = {
        "TALK1": 4,
        "TALK2": 4,
        "RATE1": 3,
        "LETTERS": 30,
        "LEARN": "I learnt {0} things.",
        "consent_analysis": "yes",
    }
    path = filled(folder / "answers.xlsx", answers)
    (found,) = responses.read(path, settings, codes=lambda name: "")
    ratings = found.ratings.drop_duplicates("item").set_index("item")
    assert ratings["scored"].to_dict() == {"TALK1": 4.0, "TALK2": 2.0, "RATE1": 3.0}
    assert ratings["scale"]["TALK2"] == "talking"
    assert set(found.facts["value"]) == {30.0}
    assert set(found.answers["question"]) == {"What did you learn?"}


def test_bad_own_questions_write_nothing(places: tuple[Path, Path]):
    folder, names = places
    own = folder.parent / "questions.csv"
    own.write_text("question,kind\nWhat now?,song\n", encoding="utf-8")
    with pytest.raises(AuditkitError):
        starting.init(folder, names, pairs=3, own=own)
    assert not folder.exists()
