"""auditkit check: what would be read, and nothing kept; and what init writes is read back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from auditkit import config, responses
from auditkit.cli import app
from auditkit.config import Config, load, unconfirmed

HEADER = (
    "ID,Start time,Completion time,Email,Name,Which ward do you run together?,Your role,We talk early,What helps?,Place"
)
ROWS = (
    "ann@x.example,Ann Smith,Ward 3,Lead doctor,Strongly agree,Meeting every Monday helps us,near the north gate",
    "bob@x.example,Bob Jones,ward-3,Service manager,Agree,A short call each morning,beside the old mill",
    "cy@x.example,Cy Brown,Ward 4,Lead doctor,Disagree,Nothing helps at the moment,behind the station",
    "di@x.example,Di Green,Wrad 4,Wizard,Strongly disagree,We never sit down together,under the bridge",
)
DAYS = [f"{n},2025-01-{n + 9} 09:00,2025-01-{n + 9} 09:10" for n in range(1, 5)]
FORM = "\n".join([HEADER, *(f"{day},{row}" for day, row in zip(DAYS, ROWS, strict=True)), ""])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "form.csv").write_text(FORM, encoding="utf-8")
    return tmp_path


def run(*words: str, typed: str = "") -> str:
    result = CliRunner().invoke(app, words, input=typed)
    assert result.exit_code == 0, result.output
    return result.output


def test_check_says_what_would_be_read_and_keeps_nothing(here: Path) -> None:
    said = run("check", "form.csv")
    assert "form.csv: read as Microsoft Forms, 4 rows" in said
    assert "4 people in 3 pairs, 8 open answers to 2 questions, 4 ratings of 1 item" in " ".join(said.split())
    assert "known by e-mail, replaced by a code" in said
    assert sorted(path.name for path in here.iterdir()) == ["form.csv"]


def test_check_shows_kinds_of_values_and_no_word_name_or_address(here: Path) -> None:
    said = run("check", "form.csv").casefold()
    assert "text, 5 words" in said
    for word in ("ann", "monday", "x.example", "north gate", "smith"):
        assert word not in said.replace("annual", "").replace("cannot", "")


def test_check_lists_near_misses_and_unknown_roles(here: Path) -> None:
    said = " ".join(run("check", "form.csv").split())
    assert (
        "pair ward-4 beside wrad-4 -> kept apart, as two" in said
        or "pair wrad-4 beside ward-4 -> kept apart, as two" in said
    )
    assert "under [pairs] in audit.toml" in said
    assert "role unknown" in said


def test_interactive_asks_about_the_doubtful_only_and_keeps_the_answer(here: Path) -> None:
    before = run("check", "form.csv")
    assert '"Place" = "open"' in before
    said = run("check", "form.csv", "--interactive", typed="ignore\n")
    assert said.count("Taken for [") == 1
    assert load(here / "audit.toml").columns == {"Place": "ignore"}
    assert unconfirmed(here / "audit.toml") == set()
    assert "Taken for [" not in run("check", "form.csv", "--interactive")


def test_what_init_writes_is_read_back_without_an_option(here: Path) -> None:
    run("init", "audit", "--pairs", "3")
    path = here / "audit" / "answers.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Answers"]
    places = {str(cell.value).strip(): cell.column for cell in sheet[1]}
    for row in range(2, 8):
        filled = {"round": "baseline", "answered_on": "2025-01-14", "consent_analysis": "yes", "COM1": 4, "COM3": 2}
        for header, value in {**filled, "Q1": f"We meet every week, number {row}."}.items():
            sheet.cell(row, places[header]).value = value
    book.save(here / "filled.xlsx")
    (found,) = responses.read(here / "filled.xlsx", Config(), codes=str)
    assert (found.round, len(found.people), found.people["pair"].nunique()) == ("baseline", 6, 3)
    assert set(found.people["role"]) == {"doctor", "manager"}
    assert len(found.answers) == 6
    assert set(found.ratings.loc[found.ratings["item"] == "COM3", "scored"]) == {4.0}
    assert "error" not in set(found.problems["severity"])
    assert not (here / "audit" / "roster.xlsx").exists()
    assert (here / "audit-names" / "roster.xlsx").exists()


def test_init_twice_changes_nothing(here: Path) -> None:
    run("init", "audit", "--pairs", "3")
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    run("init", "audit", "--pairs", "3")
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


def answer_sheet(path: Path, values: dict[str, object], rows: range) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["Answers"]
    places = {str(cell.value).strip(): cell.column for cell in sheet[1]}
    for row in rows:
        for header, value in values.items():
            sheet.cell(row, places[header]).value = value.format(row) if isinstance(value, str) else value
    book.save(path)


def test_rows_that_wait_for_answers_are_one_note(here: Path) -> None:
    run("init", "audit", "--pairs", "6")
    file = str(here / "audit" / "answers.xlsx")
    answered = {"answered_on": "2025-01-14", "consent_analysis": "yes", "COM1": 4, "Q1": "We meet, {}."}
    answer_sheet(Path(file), answered, range(2, 6))
    said = " ".join(run("check", file, "--strict").split())
    assert "4 people in 2 pairs" in said
    assert "8 rows with nothing but who answers -> left out" in said


def test_an_empty_answer_sheet_says_that_nobody_has_answered(here: Path) -> None:
    run("init", "audit", "--pairs", "6")
    result = CliRunner().invoke(app, ["check", str(here / "audit" / "answers.xlsx")])
    assert result.exit_code == 2
    assert "answers.xlsx, sheet Answers: no answers yet" in result.stderr


def test_partners_and_staff_read_together(here: Path) -> None:
    run("init", "audit", "--pairs", "3")
    folder = here / "audit"
    about = {"answered_on": "2025-01-14", "consent_analysis": "yes", "round": "baseline"}
    answer_sheet(folder / "answers.xlsx", {**about, "COM1": 4, "Q1": "We meet, {}."}, range(2, 8))
    staff = {"service_id": "North", "role": "staff", "SCOM1": 2, "SQ1": "They agree, {}."}
    answer_sheet(folder / "answers-staff.xlsx", {**about, **staff}, range(2, 7))
    said = " ".join(run("check", str(folder / "answers.xlsx"), str(folder / "answers-staff.xlsx")).split())
    assert "11 people in 3 pairs, 11 open answers to 2 questions, 11 ratings of 2 items" in said
    assert "known 6 by the code in the sheet, or one in place of a name known 5 by nothing" in said
    assert "error" not in said


def test_nothing_is_written_beside_the_key(here: Path) -> None:
    run("analyse", "form.csv", "--audit", "audit")
    (key,) = (here / "data").rglob("key-*.csv")
    for words in (["export", "answers", "-o"], ["review", "export", "-o"]):
        result = CliRunner().invoke(app, [*words, str(key.parent / "answers.csv"), "--audit", "audit"])
        assert result.exit_code == 3
        assert "The key file" in result.stderr
        assert "answers.csv is to be written" in " ".join(result.stderr.split())
    assert [path.name for path in key.parent.iterdir()] == [key.name]
    run("export", "answers", "-o", str(here / "answers.csv"), "--audit", "audit")


def test_check_shows_all_where_somebody_answered_twice(here: Path) -> None:
    (here / "twice.csv").write_text(f"{FORM}{FORM.splitlines()[1].replace('Strongly agree', 'Disagree')}\n")
    said = " ".join(run("check", "twice.csv").split())
    assert "the same person twice, with different answers (rows 2 and 6: " in said
    assert "What helps?" in said
    result = CliRunner().invoke(app, ["analyse", "twice.csv", "--audit", "audit"])
    assert result.exit_code == 2
    assert "answered twice" in result.stderr


def test_next_keeps_the_options(here: Path) -> None:
    said = run("check", "form.csv", "--round", "spring 26", "--role-column", "Your role")
    assert '--round "spring 26" --role-column "Your role"' in " ".join(said.split())


def test_a_file_in_an_audits_folder_uses_its_settings(here: Path) -> None:
    run("init", "audit", "--pairs", "3")
    (here / "audit" / "form.csv").write_text(FORM, encoding="utf-8")
    config.save(here / "audit" / "audit.toml", {"columns": {"Place": "ignore"}})
    run("analyse", str(Path("audit") / "form.csv"))
    assert (here / "audit" / "audit.sqlite").exists()
    assert not (here / "audit.sqlite").exists()
    assert "Place" not in run("export", "answers", "--audit", "audit")


def test_another_file_with_other_answers_takes_no_rounds_place(here: Path) -> None:
    for name, said in (("first.csv", "We meet on day"), ("second.csv", "They argue on day")):
        rows = [f"R{n}x,w{n // 2},{('doctor', 'manager')[n % 2]},baseline,{said} {n}" for n in range(4)]
        (here / name).write_text("\n".join(["respondent,pair,role,round,Q1", *rows, ""]), encoding="utf-8")
    run("analyse", "first.csv", "--audit", "audit")
    result = CliRunner().invoke(app, ["analyse", "second.csv", "--audit", "audit"])
    assert result.exit_code == 2
    assert 'The round "baseline" is that of first.csv; second.csv holds other answers.' in " ".join(
        result.stderr.split()
    )
    run("analyse", "second.csv", "--round", "baseline", "--audit", "audit")
    assert "They argue" in run("export", "answers", "--audit", "audit")


def test_compare_says_what_was_left_out_of_the_files(here: Path) -> None:
    (here / "repeat.csv").write_text(FORM.replace("2025-01", "2026-01"), encoding="utf-8")
    said = run("compare", "form.csv", "repeat.csv", "--audit", "audit")
    assert said.startswith("Left out, or to check: 2 errors, 2 warnings")


def test_the_roster_misses_no_partner_in_a_sheet_of_staff(here: Path) -> None:
    run("init", "audit", "--pairs", "3")
    staff = {"service_id": "North", "role": "staff", "round": "baseline", "consent_analysis": "yes", "SCOM1": 2}
    answer_sheet(here / "audit" / "answers-staff.xlsx", {**staff, "SQ1": "They agree, {}."}, range(2, 7))
    roster = str(here / "audit-names" / "roster.xlsx")
    said = run("check", str(here / "audit" / "answers-staff.xlsx"), "--roster", roster)
    assert "missing" not in said
    assert "roster does not place" not in said
