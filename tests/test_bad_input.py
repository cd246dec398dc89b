"""Bad input through the command line: what was found and where, what to do, and nothing left behind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from auditkit.cli import app

SECRET = "zebra quilt"
"""Words of an answer: no error may ever show them."""

SHEET = f"""respondent_id,pair_id,role,COM1,COM2,Q1
R1,ward-1,doctor,2,3,We never met about the {SECRET}.
R2,ward-1,manager,4,4,She listens to me and to the {SECRET}.
R3,ward-2,doctor,3,2,Nobody told us about the {SECRET}.
R4,ward-2,manager,5,4,All is well with the {SECRET}.
"""

RATINGS = """respondent_id,pair_id,role,COM1,COM2
R1,ward-1,doctor,2,3
R2,ward-1,manager,4,4
R3,ward-2,doctor,3,2
R4,ward-2,manager,5,4
"""
"""A round without words: read in a moment."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
LOCKED = OLE + "EncryptedPackage".encode("utf-16-le")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


@dataclass(frozen=True)
class Said:
    """What a command said. ``error``: one line, its line breaks and indents gone; ``out``: standard output."""

    code: int
    error: str
    out: str


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Said:
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, " ".join(result.stderr.split()), result.stdout)


def listing() -> dict[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(Path(".").rglob("*"))}


def refused(*arguments: str) -> str:
    """The one error of a command that must refuse with exit code 2 and leave every file as it is."""
    before = listing()
    said = run(*arguments)
    assert said.code == 2, said
    assert re.fullmatch(r"error: .+ fix: .+", said.error), said.error
    assert "Traceback" not in said.error
    assert SECRET not in said.error
    assert said.out == ""
    assert listing() == before
    return said.error


def put(name: str, content: str | bytes) -> str:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def workbook(name: str, rows: list[list[object]], title: str = "Answers") -> str:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(row)
    book.save(name)
    return name


def cells(text: str) -> list[list[object]]:
    return [[int(cell) if cell.isdecimal() else cell for cell in line.split(",")] for line in text.splitlines()]


def listed(*rows: str) -> None:
    """Each of the rows, as "severity | sheet | row | column | found | taken as", is among the problems."""
    table = run("export", "problems", "--format", "json")
    problems = json.loads(table.out)
    names = ("severity", "sheet", "row", "column", "found", "taken_as")
    lines = [" | ".join(str(problem[name]) for name in names) for problem in problems]
    for row in rows:
        assert row in lines, "\n".join(lines)
    assert all(problem["fix"] for problem in problems if problem["severity"] == "error")


# Files that cannot be read


def test_a_file_that_is_not_there_offers_near_names() -> None:
    put("baseline.csv", SHEET)
    error = refused("analyse", "basline.csv")
    assert "basline.csv does not exist" in error
    assert "fix: Did you mean baseline.csv?" in error


@pytest.mark.parametrize(
    ("name", "content", "found", "fix"),
    [
        ("empty.xlsx", b"", "empty.xlsx is empty (0 bytes)", "again"),
        ("empty.csv", b"", "empty.csv is empty (0 bytes)", "again"),
        ("blank.csv", b"\n \n,,\n", "blank.csv holds no text", "again"),
        ("header.csv", SHEET.splitlines()[0].encode(), "no answers yet", "paste them in"),
        ("picture.csv", PNG, "picture.csv is not text", "CSV UTF-8"),
        ("picture.xlsx", PNG, "picture.xlsx is no Excel workbook", "save it again as .xlsx"),
        ("locked.xlsx", LOCKED, "locked.xlsx is protected by a password", "without a password"),
        ("answers.xls", OLE, "answers.xls is no Excel workbook, or a broken one", "save it again as .xlsx"),
        ("answers.docx", b"PK\3\4", "not a kind of file that can be read (.docx)", "Save it as .xlsx or .csv"),
        ("answers", SHEET.encode(), "not a kind of file that can be read (no ending)", "Save it as .xlsx or .csv"),
    ],
)
def test_files_that_are_no_spreadsheet(name: str, content: bytes, found: str, fix: str) -> None:
    put(name, content)
    error = refused("analyse", name)
    assert name in error
    assert found in error
    assert fix in error.partition("fix:")[2]


def test_a_folder_is_no_file() -> None:
    Path("rounds").mkdir()
    assert "rounds is a folder" in refused("analyse", "rounds")


def test_a_workbook_cut_off_in_the_middle() -> None:
    workbook("whole.xlsx", cells(SHEET))
    put("half.xlsx", Path("whole.xlsx").read_bytes()[:2000])
    assert "half.xlsx is no Excel workbook, or a broken one" in refused("analyse", "half.xlsx")


def test_a_workbook_whose_sheet_is_broken_xml() -> None:
    workbook("whole.xlsx", cells(SHEET))
    with zipfile.ZipFile("whole.xlsx") as source, zipfile.ZipFile("broken.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:90] if name.startswith("xl/worksheets/") else content)
    assert "broken.xlsx is no Excel workbook, or a broken one" in refused("analyse", "broken.xlsx")


def test_a_workbook_named_csv() -> None:
    workbook("whole.xlsx", cells(SHEET))
    put("answers.csv", Path("whole.xlsx").read_bytes())
    assert "fix: Rename it to .xlsx." in refused("analyse", "answers.csv")


def test_a_workbook_without_a_word() -> None:
    workbook("nothing.xlsx", [])
    assert "nothing.xlsx holds no text in any sheet" in refused("analyse", "nothing.xlsx")


def test_a_stray_cell_at_the_far_end() -> None:
    workbook("stray.xlsx", cells(SHEET))
    book = openpyxl.load_workbook("stray.xlsx")
    book["Answers"]["XFD1048576"] = "x"
    book.save("stray.xlsx")
    error = refused("analyse", "stray.xlsx")
    assert "sheet Answers: 1,048,576 rows x 16,384 columns" in error
    assert "Delete the empty rows" in error


def test_a_workbook_that_unpacks_to_more_than_a_machine_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    workbook("bomb.xlsx", cells(SHEET))
    with zipfile.ZipFile("bomb.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 8_000_000)
    assert Path("bomb.xlsx").stat().st_size < 30_000
    monkeypatch.setattr("auditkit.spreadsheets.UNPACKED", 4_000_000)
    assert "bomb.xlsx unpacks to 8 MB" in refused("analyse", "bomb.xlsx")


# Sheets that cannot be analysed


def test_neither_answers_nor_ratings() -> None:
    put("visits.csv", "respondent_id,pair_id,Grade\nR1,ward-1,8a\nR2,ward-1,8b\n")
    error = refused("analyse", "visits.csv")
    assert "no column holds open answers or ratings" in error
    assert '"Grade": ignore' in error
    assert "--text-column" in error


def test_a_sheet_that_is_not_there() -> None:
    workbook("answers.xlsx", cells(SHEET), "Baseline 2025")
    assert 'has no sheet "Basline 2025" fix: Did you mean "Baseline 2025"?' in refused(
        "analyse", "answers.xlsx", "--sheet", "Basline 2025"
    )
    assert 'Its sheets: "Baseline 2025"' in refused("analyse", "answers.xlsx", "--sheet", "Q")


@pytest.mark.parametrize(
    ("option", "near"),
    [("--pair-column", "pair_id"), ("--respondent-column", "respondent_id"), ("--text-column", "Q1")],
)
def test_a_column_that_is_not_there(option: str, near: str) -> None:
    put("answers.csv", SHEET)
    error = refused("analyse", "answers.csv", option, near.replace("_", "") + "s")
    assert f'{option}: there is no column "' in error
    assert f'Did you mean "{near}"' in error


def test_one_person_with_two_different_rows() -> None:
    workbook("answers.xlsx", cells(RATINGS + "R1,ward-1,doctor,5,3\n"))
    error = refused("analyse", "answers.xlsx")
    assert 'answers.xlsx, round "answers": the same person answered twice' in error
    assert "sheet Answers, rows 2 and 6: COM1" in error
    assert "COM2" not in error


def test_words_that_contradict_are_named_by_question_only() -> None:
    put("answers.csv", SHEET + f"R1,ward-1,doctor,2,3,Now I say the {SECRET} is fine.\n")
    assert "rows 2 and 6: Q1" in refused("analyse", "answers.csv")


def test_the_same_file_twice() -> None:
    put("baseline.csv", RATINGS)
    put("copy.csv", RATINGS)
    for second in ("baseline.csv", "copy.csv"):
        error = refused("compare", "baseline.csv", second)
        assert f"baseline.csv and {second} are the same file" in error


def test_two_files_of_one_round() -> None:
    header, *rows = RATINGS.splitlines()
    for name, rating in (("a.csv", "2"), ("b.csv", "3")):
        lines = [f"{header},round", *(f"{row},baseline".replace(",2,", f",{rating},") for row in rows)]
        put(name, "\n".join(lines))
    said = run("compare", "a.csv", "b.csv")
    assert said.code == 2
    assert 'Both files are the round "baseline"' in said.error


def test_more_than_two_files() -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        put(name, RATINGS)
    assert "Two files can be compared" in refused("compare", "a.csv", "b.csv", "c.csv")


def test_a_second_file_that_is_missing_is_named() -> None:
    put("baseline.csv", RATINGS)
    assert "repeat.csv does not exist" in run("compare", "baseline.csv", "repeat.csv").error


# Settings and codebooks


@pytest.mark.parametrize(
    ("settings", "found", "fix"),
    [
        ("[ratings\nlow = 1\n", "audit.toml cannot be read", "line 1"),
        ("[ratings]\nlowest = 1\n", "ratings.lowest: there is no such setting", "low"),
        ("[threshold]\nk_numbers = 10\n", "threshold: there is no such setting", 'Did you mean "thresholds"?'),
        ('[compare]\nsesoi = "half"\n', "compare.sesoi: Input should be a valid number", ""),
        ("[ratings]\nlow = 5\nhigh = 1\n", "low = 5 is not below high = 1", ""),
        ("[thresholds]\nk_numbers = 3\n", "thresholds.k_numbers: Input should be greater than or equal to 7", ""),
        ('[columns]\nQ1 = "opne"\n', '"Q1" = "opne" is no role of a column', 'Did you mean "open"?'),
        ("\xff\xfe", "audit.toml cannot be read", ""),
    ],
)
def test_settings_that_cannot_be_used(settings: str, found: str, fix: str) -> None:
    put("audit.toml", settings.encode("latin-1"))
    put("answers.csv", RATINGS)
    error = refused("analyse", "answers.csv")
    assert "audit.toml" in error
    assert found in error
    assert fix in error


@pytest.mark.parametrize(
    ("name", "content", "found", "fix"),
    [
        ("none.csv", None, "none.csv", "Name"),
        ("themes.pdf", "x", "themes.pdf is no codebook file", "Save it as .xlsx, .csv, .toml or .qdc"),
        ("themes.csv", "id,topic\nT1,Trust\n", 'there is no column "label"', "label"),
        ("themes.csv", "", "themes.csv is empty", "header"),
        ("themes.csv", "label\n", "themes.csv holds no theme", "one theme a row"),
        ("themes.csv", "label\nTrust\ntrust\n", "row 3", "label"),
        ("themes.csv", "label\nTrust; and more\n", "row 2", ";"),
        ("themes.csv", "label\nnone\n", "row 2", "none"),
        ("themes.csv", "id,label\nT1,Trust\nT1,Talk\n", "row 3", "id"),
        ("themes.csv", "label,status\nTrust,maybe\n", "row 2", "accepted"),
        ("themes.csv", "label,label\nTrust,Talk\n", "two columns are called", "Rename"),
        ("themes.csv", b"label\nTr\xfcst\n", "themes.csv, line 2: the letters are not in UTF-8", "CSV UTF-8"),
        ("themes.csv", "label\nTrust,with a comma\n", "row 2: there are more cells than columns", "quotes"),
        ("themes.toml", "[[theme]\n", "themes.toml cannot be read", "Correct"),
        ("themes.qdc", "<CodeBook><Codes>", "themes.qdc, line 1: the XML is broken", "Export it again"),
        ("themes.toml", "theme = 3\n", '"theme" is no list of tables', "[[theme]]"),
        ("themes.xlsx", PNG, "themes.xlsx cannot be read", "save it again as .xlsx"),
        ("themes.xlsx", OLE, "themes.xlsx cannot be read", "password"),
    ],
)
def test_codebooks_that_cannot_be_used(name: str, content: str | bytes | None, found: str, fix: str) -> None:
    put("answers.csv", RATINGS)
    if content is not None:
        put(name, content)
    error = refused("analyse", "answers.csv", "--codebook", name)
    assert name in error
    assert found in error
    assert fix in error


# What is listed, and what --strict refuses


def test_bad_cells_are_listed_and_the_rest_is_analysed() -> None:
    text = RATINGS.replace("R1,ward-1,doctor,2", "R1,ward-1,doctor,7").replace("R4,ward-2,manager", "R4,ward-2,plumber")
    workbook("answers.xlsx", cells(text + "R5,ward-1,staff,3,3\nR6,ward-3,doctor,3,oak\nR6,ward-3,doctor,3,oak\n"))
    said = run("analyse", "answers.xlsx")
    assert said.code == 0
    assert "answers: 6 people in 3 pairs, 10 ratings" in said.out
    listed(
        "error | Answers | 2 | COM1 | '7': outside 1 to 5 | left out",
        "error | Answers | 5 | role | text, 1 word | role unknown",
        "error | Answers | 7 | COM2 | text, 1 word: not a number | left out",
        "warning | Answers | 8 |  | the same person as in row 7 | one kept",
        "note | Answers | 2 |  | ward-1: 3 people | group of 3: analysed as a group",
    )


def test_strict_refuses_the_same_cells() -> None:
    workbook("answers.xlsx", cells(RATINGS.replace("R1,ward-1,doctor,2", "R1,ward-1,doctor,7")))
    error = refused("analyse", "answers.xlsx", "--strict")
    assert "1 problem in answers.xlsx, so nothing was taken" in error
    assert "sheet Answers, row 2, column COM1: '7': outside 1 to 5" in error
    assert run("analyse", "answers.xlsx").code == 0


def test_strict_takes_a_sheet_without_fault() -> None:
    put("answers.csv", RATINGS)
    assert run("analyse", "answers.csv", "--strict").code == 0


def test_without_pairs_analyse_goes_on_and_compare_refuses() -> None:
    lines = [line.split(",") for line in RATINGS.splitlines()]
    for name, rating in (("baseline.csv", "3"), ("repeat.csv", "4")):
        put(
            name,
            "\n".join(",".join([row[0], row[2], row[3], rating if row[4].isdecimal() else row[4]]) for row in lines),
        )
    said = run("analyse", "baseline.csv")
    assert said.code == 0
    assert "baseline: 4 people, no pairs" in said.out
    listed("note |  | 0 |  | no pair column | analysed without pairs")
    compared = run("compare", "baseline.csv", "repeat.csv")
    assert compared.code == 2
    assert "no row with answers names a pair" in compared.error
    assert "--pair-column" in compared.error
    assert not Path("out/analyst/comparison.xlsx").exists()


def test_a_question_for_consent_that_is_not_understood_is_told() -> None:
    header, *rows = RATINGS.splitlines()
    lines = [f"{header},Do you agree to be quoted?", *(f"{row},{'no' if 'R1' in row else 'yes'}" for row in rows)]
    put("answers.csv", "\n".join(lines))
    assert run("analyse", "answers.csv").code == 0
    listed("warning |  | 0 | Do you agree to be quoted? | yes or no, and may be a consent | not read")


def test_leave_to_analyse_in_other_words_is_heeded() -> None:
    header, *rows = RATINGS.splitlines()
    lines = [f"{header},May we analyse what you write?", *(f"{row},{'No' if 'R1' in row else 'Yes'}" for row in rows)]
    put("answers.csv", "\n".join(lines))
    assert "answers: 3 people in 2 pairs" in run("analyse", "answers.csv").out


# A real process


@pytest.mark.parametrize(("name", "content"), [("gone.csv", None), ("picture.xlsx", PNG), ("locked.xlsx", LOCKED)])
def test_a_process_ends_with_2_and_no_traceback(name: str, content: bytes | None) -> None:
    if content is not None:
        put(name, content)
    before = listing()
    done = subprocess.run(
        [sys.executable, "-m", "auditkit", "analyse", name], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.match(r"error: .+\nfix:   ", done.stderr, re.DOTALL)
    assert "Traceback" not in done.stderr
    assert listing() == before
