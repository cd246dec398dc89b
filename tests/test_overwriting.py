"""What -o FILE never destroys, and what may be written again and again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from auditkit.cli import app
from test_review import apply, read, write

EXPORTS = (
    ("review", "export"),
    ("review", "export", "--format", "csv"),
    ("export", "codings"),
    ("export", "codings", "--format", "json"),
    ("export", "codings", "--format", "xlsx"),
)


def call(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--audit", str(folder / "audit")])


def somebody_s_work(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["My notes"])
    book.save(path)
    return path


@pytest.mark.parametrize("words", EXPORTS)
@pytest.mark.parametrize(
    "name",
    "audit/audit.sqlite audit/audit.toml audit/codebook.xlsx audit/people.xlsx baseline.csv notes.xlsx audit/new.xlsx"
    " names.csv audit/cache/vectors.sqlite audit/out/packs/new.csv".split(),
)
def test_what_somebody_needs_is_never_written_over(small: Path, words: tuple[str, ...], name: str) -> None:
    path = small / name
    somebody_s_work(small / "notes.xlsx")
    shutil.copy(small / "notes.xlsx", small / "audit" / "new.xlsx")
    (small / "names.csv").write_text("code,original\nR-1,Ann\n")
    before = path.read_bytes() if path.exists() else None
    done = call(
        small, *words, *(() if "--format" in words or words[0] == "export" else ("--format", "xlsx")), "-o", str(path)
    )
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert "Name another file with -o FILE" in " ".join(done.stderr.split())
    assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.parametrize("words", EXPORTS)
def test_an_earlier_file_of_the_same_kind_may_be_written_over(small: Path, words: tuple[str, ...]) -> None:
    form = words[-1] if "--format" in words else "xlsx" if words[0] == "review" else "csv"
    path = small / f"again.{form}"
    for _ in range(2):
        done = call(small, *words, "-o", str(path))
        assert done.exit_code == 0, done.output


def test_one_kind_is_not_written_over_another(small: Path) -> None:
    assert call(small, "export", "themes", "--format", "xlsx", "-o", str(small / "one.xlsx")).exit_code == 0
    assert call(small, "export", "themes", "-o", str(small / "one.csv")).exit_code == 0
    for form in ("xlsx", "csv"):
        done = call(small, "export", "codings", "--format", form, "-o", str(small / f"one.{form}"))
        assert done.exit_code == 2
        assert "no earlier file of this kind" in " ".join(done.stderr.split())


def test_an_answer_sheet_made_by_init_is_no_table_of_answers(small: Path) -> None:
    assert CliRunner().invoke(app, ["init", str(small / "new"), "--pairs", "6"]).exit_code == 0
    path = small / "new" / "answers.xlsx"
    before = path.read_bytes()
    assert call(small, "export", "answers", "--format", "xlsx", "-o", str(path)).exit_code == 2
    assert path.read_bytes() == before


def test_a_script_may_write_its_sheet_again_once_it_is_applied(small: Path) -> None:
    path = small / "script.csv"
    words = ("review", "export", "--format", "csv", "--next", "2", "-o", str(path))
    for _ in range(2):
        assert call(small, *words).exit_code == 0
        write(path, [{**row, "themes": "none"} for row in read(path)])
        assert call(small, *words).exit_code == 2, "it holds decisions"
        apply(small, path)
    assert call(small, *words).exit_code == 0
