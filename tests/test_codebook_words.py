"""What respondents wrote, and that no codebook takes it over."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from auditkit import codebook
from auditkit.audit import Audit
from auditkit.cli import app
from auditkit.codebook_words import Said

SENTENCE = "Nobody tells me about decisions in time."
SAID = [
    ("one", "a", "The wards close. Nobody ever tells us which beds are gone by Monday."),
    ("one", "a", "The wards close without warning."),
    ("one", "b", "We trust each other."),
    ("one", "c", "We trust each other, mostly."),
    ("one", "d", "We trust each other"),
    ("two", "b", "We meet in the corridor."),
    ("two", "c", "We meet in the corridor."),
    ("one", "d", "We meet in the corridor."),
    ("one", "d", "Tea"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("THE  wards close - without warning", True),
        ("wards close without warning", False),  # a part of few words
        ("nobody ever tells us which beds", True),  # a part of many
        ('Beds: "Nobody ever tells us which beds are gone by Monday. The wards close."', False),
        ("As one said: the wards close. Nobody ever tells us which beds are gone by Monday. So it is.", True),
        ("We trust each other", False),  # three people of a round
        ("We meet in the corridor", True),  # two of one, one of another
        ("Tea", False),
        ("", False),
    ],
)
def test_whose_words_a_text_is(text: str, expected: bool) -> None:
    assert Said(SAID, 3).is_somebodys(text) is expected


def test_more_people_are_asked_for_where_the_setting_says_so() -> None:
    assert Said(SAID, 4).is_somebodys("We trust each other")


def call(folder: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--audit", str(folder)])


def refused(result: Result) -> None:
    told = " ".join(result.stderr.split())
    assert result.exit_code == 2, result.output
    assert "word for word what a respondent wrote" in told
    assert "in words of your own" in told
    assert "tells me" not in result.output, "never the words"


@pytest.mark.parametrize(
    "words",
    [
        ["add", SENTENCE],
        ["add", "News", "--definition", SENTENCE],
        ["add", "News", "--include", f"For example: {SENTENCE}"],
        ["add", "News", "--poor", "nobody tells me about decisions in time"],
        ["add-statement", "Trust", SENTENCE],
        ["rename", "Trust", SENTENCE],
        ["split", "Trust", "Promises", SENTENCE],
    ],
)
def test_no_command_takes_a_respondents_sentence(small: Path, words: list[str]) -> None:
    audit = small / "audit"
    before = (audit / "codebook.xlsx").read_bytes()
    refused(call(audit, "codebook", *words, "--author", "CD", "--yes"))
    assert (audit / "codebook.xlsx").read_bytes() == before


def table(path: Path, **cells: str) -> Path:
    rows = [{"id": "T01", "label": "Trust"}, {"label": "News", **cells}]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_no_codebook_brings_one_in(small: Path) -> None:
    audit, file = small / "audit", table(small / "other.csv", definition=SENTENCE)
    refused(call(audit, "codebook", "import", file, "--author", "CD", "--yes"))
    refused(call(audit, "analyse", small / "repeat.csv", "--codebook", file))
    refused(call(small / "new", "analyse", small / "baseline.csv", "--codebook", file))
    assert not (small / "new" / "audit.sqlite").exists()
    assert (
        "theme 2 (T02), definition" in call(small / "new", "analyse", small / "baseline.csv", "--codebook", file).stderr
    )


def test_a_short_statement_from_elsewhere_is_like_an_answer_by_chance(small: Path) -> None:
    audit, file = small / "audit", table(small / "other.csv", statements="She keeps her promises.")
    assert call(audit, "codebook", "import", file, "--author", "CD", "--yes").exit_code == 0
    assert call(audit, "codebook", "show").exit_code == 0
    assert call(audit, "analyse", small / "repeat.csv").exit_code == 0


def test_none_that_is_written_into_the_workbook_is_taken_up(small: Path) -> None:
    audit = small / "audit"
    book = openpyxl.load_workbook(audit / "codebook.xlsx")
    book["Themes"]["C2"] = SENTENCE
    book.save(audit / "codebook.xlsx")
    for words in (["codebook", "show"], ["analyse", small / "baseline.csv"], ["compare"], ["review", "export"]):
        refused(call(audit, *words))
    book["Themes"]["C2"] = "Whether they rely on each other."
    book.save(audit / "codebook.xlsx")
    assert call(audit, "compare").exit_code == 0
    assert Audit(audit).codebook.by_id("T01").definition == "Whether they rely on each other."


def test_what_the_codebook_says_already_stays_though_somebody_writes_it(small: Path) -> None:
    audit, said = small / "audit", "We decide everything in the car park."
    assert call(audit, "codebook", "add-statement", "Trust", said, "--author", "CD", "--yes").exit_code == 0
    rows = (small / "repeat.csv").read_text(encoding="utf-8").replace("We talk every week.", said)
    (small / "repeat.csv").write_text(rows, encoding="utf-8")
    assert call(audit, "analyse", small / "repeat.csv").exit_code == 0
    for words in (["retire", "Respect"], ["undo"], ["undo"]):
        result = call(audit, "codebook", *words, "--author", "CD", "--yes")
        assert result.exit_code == 0, result.output


def test_without_an_audit_there_is_nothing_to_compare(tmp_path: Path) -> None:
    codebook.write(tmp_path / "codebook.xlsx", codebook.default())
    assert call(tmp_path, "codebook", "show").exit_code == 0
    assert call(tmp_path, "codebook", "check", table(tmp_path / "other.csv", definition=SENTENCE)).exit_code == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One said: the wards close without warning, and we agree", True),
        ("The wards close without warning. I think", True),
        ("The wa\u00adrds close\u200b without warning", True),
        ("The wards close with a warning", False),
    ],
)
def test_quoting_a_short_sentence_or_hiding_signs_in_it_helps_nobody(text: str, expected: bool) -> None:
    assert Said(SAID, 3).is_somebodys(text) is expected


def test_a_sentence_of_a_long_answer_is_seen_at_the_first_analysis_too(small: Path) -> None:
    rows = (small / "baseline.csv").read_text(encoding="utf-8")
    (small / "first.csv").write_text(rows.replace("Too many targets", "He bullies the juniors. Too many targets"))
    file = table(small / "other.csv", definition="He bullies the juniors")
    refused(call(small / "new", "analyse", small / "first.csv", "--codebook", file))


@pytest.mark.parametrize("column", ["definition", "expects", "set_by"])
def test_what_was_written_by_hand_is_held_against_the_answers_of_a_new_round(small: Path, column: str) -> None:
    audit, said = small / "audit", "We decide everything in the car park."
    book = openpyxl.load_workbook(audit / "codebook.xlsx")
    header = [cell.value for cell in book["Themes"][1]]
    book["Themes"].cell(2, header.index(column) + 1, said)
    book.save(audit / "codebook.xlsx")
    rows = (small / "repeat.csv").read_text(encoding="utf-8").replace("We talk every week.", said)
    (small / "repeat.csv").write_text(rows, encoding="utf-8")
    assert call(audit, "analyse", small / "repeat.csv").exit_code == 2
    assert not [one for one in Audit(audit).store.rows("SELECT codebook FROM codebook_versions") if said in str(one)]


def test_a_reason_is_in_the_analysts_own_words(small: Path) -> None:
    refused(call(small / "audit", "codebook", "retire", "Respect", "--reason", SENTENCE, "--author", "CD", "--yes"))
    assert SENTENCE.encode() not in (small / "audit" / "codebook.xlsx").read_bytes()
