"""Reports that cannot be written, as where Word or Excel holds one open: the change is done, and said to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from auditkit.audit import Audit
from auditkit.cli import app
from test_review import filled


def call(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--audit", str(folder / "audit")])


def in_the_way(folder: Path, name: str) -> Path:
    """A folder in a report's place, which nothing can be written over."""
    path = folder / "audit" / "out" / "analyst" / name
    path.unlink(missing_ok=True)
    path.mkdir()
    return path


def labels(folder: Path) -> list[str]:
    return [theme.label for theme in Audit(folder / "audit").codebook.accepted][:2]


@pytest.mark.parametrize("report", ["report-baseline.html", "analysis.xlsx"])
def test_a_change_of_the_codebook_is_done_once(small: Path, report: str) -> None:
    before = labels(small)
    for old, new in zip(before, ("One", "Two"), strict=True):
        assert call(small, "codebook", "rename", old, new, "--author", "AB", "--yes").exit_code == 0
    place = in_the_way(small, report)
    done = call(small, "codebook", "undo", "--author", "AB", "--yes")
    said = " ".join(done.stderr.split())
    assert done.exit_code == 2
    assert f"{report} cannot be written" in said
    assert "What this command changed is kept; only the reports are old." in said
    assert "auditkit feedback --audience analyst" in said
    assert "run the command again" not in said
    assert labels(small) == ["One", before[1]], "taken back once"
    place.rmdir()
    assert call(small, "feedback", "--audience", "analyst").exit_code == 0
    assert place.is_file()
    assert labels(small) == ["One", before[1]]


def test_decisions_are_kept_and_told(small: Path) -> None:
    path = filled(small, lambda row: "none")
    place = in_the_way(small, "report-repeat.html")
    done = call(small, "review", "apply", str(path), "--coder", "AB")
    assert (done.exit_code, "only the reports are old" in " ".join(done.stderr.split())) == (2, True)
    audit = Audit(small / "audit")
    assert all(audit.load_round(name).is_reviewed for name in audit.rounds())
    place.rmdir()
    assert call(small, "feedback", "--audience", "analyst").exit_code == 0
    assert place.is_file()
