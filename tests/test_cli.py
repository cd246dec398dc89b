"""The command line, in this process and as a real one."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from auditkit.audit import Audit
from auditkit.cli import app
from auditkit.store import Store
from conftest import HEADER, ROUNDS, write_round

WORDS = "promises"  # stands in an answer, and may stand in no error


def call(folder: Path, *words: str) -> Result:
    here = Path.cwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(app, list(words))
    finally:
        os.chdir(here)


def process(folder: Path, *words: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "auditkit", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, **how)  # type: ignore[call-overload, no-any-return]


def refused(result: Result, code: int, message: str) -> None:
    """Exit code, both parts, 80 columns, no traceback, no respondent's words, nothing on standard output."""
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("error: ")
    assert [line[:7] for line in lines if line[:7].strip()] == ["error: ", "fix:   "]
    assert all(len(line) <= 80 for line in lines)
    assert len(lines[-1]) > len("fix:   ")
    said = " ".join(result.stderr.split())
    assert message in said, said
    assert WORDS not in said
    assert "Traceback" not in said
    assert result.stdout == ""


def long_csv(folder: Path) -> None:
    (folder / "bad.csv").write_bytes(b"\x00\x01\x02" * 500)
    (folder / "empty.csv").write_bytes(b"")
    (folder / "header.csv").write_text(HEADER + "\n", encoding="utf-8")
    (folder / "numbers.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (folder / "folder.csv").mkdir()
    (folder / "letter.docx").write_bytes(b"PK\x03\x04")
    twice = ROUNDS["baseline"].strip() + "\na2,ward-1,manager,2025-01-10,5,5,She breaks her promises.,"
    write_round(folder, "twice", twice)
    (folder / "themes.csv").write_text("topic\nTalking\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("analyse gone.csv", "gone.csv"),
        ("analyse bad.csv", "bad.csv"),
        ("analyse empty.csv", "empty.csv"),
        ("analyse header.csv", "header.csv"),
        ("analyse broken.xlsx", "broken.xlsx"),
        ("analyse folder.csv", "folder.csv"),
        ("analyse letter.docx", "letter.docx"),
        ("analyse twice.csv", "twice.csv"),
        ("analyse baseline.csv --respondent-column Respondnt", "no column"),
        ("analyse baseline.csv --text-column Worries", "no column"),
        ("analyse baseline.csv --sheet Answers", "--sheet"),
        ("analyse baseline.csv --codebook gone.xlsx", "There is no codebook gone.xlsx"),
        ("analyse baseline.csv --codebook themes.csv", "label"),
        ("analyse baseline.csv --audit baseline.csv", "baseline.csv is a file"),
        ("compare baseline.csv baseline.csv", "are the same file"),
        ("compare baseline.csv gone.csv", "gone.csv"),
        ("compare", "There is no audit in"),
        ("status", "There is no audit in"),
        ("feedback --all-packs", "There is no audit in"),
        ("export answers", "There is no audit in"),
        ("review export", "There is no audit in"),
        ("topics show", "There is no audit in"),
        ("topics merge S01 S02 --yes", "There is no audit in"),
        ("topics undo S01 --yes", "There is no audit in"),
        ("review status", "There is no audit in"),
        ("review apply review.csv --coder AB", "There is no audit in"),
        ("export answers --format pdf", 'There is no format "pdf"'),
    ],
)
def test_what_cannot_go_on(tmp_path: Path, words: str, message: str) -> None:
    long_csv(tmp_path)
    write_round(tmp_path, "baseline")
    before = sorted(tmp_path.iterdir())
    refused(call(tmp_path, *words.split()), 2, message)
    left = {path.name for path in tmp_path.iterdir()} - {path.name for path in before}
    assert left == set()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("feedback", 2, "For whom?"),
        ("feedback --pair ward-9", 2, 'no pair "ward-9"'),
        ("feedback --audience nobody", 2, 'no audience "nobody"'),
        ("feedback --all-packs --level 7", 2, "level 7"),
        ("feedback --all-packs --final", 3, "not reviewed"),
        ("export weather", 2, 'There is no table "weather"'),
        ("export codings --level word", 2, 'There is no level "word"'),
        ("review apply gone.csv --coder AB", 2, "There is no file gone.csv"),
        ("review apply ../baseline.csv --coder AB", 2, "no column round"),
        ("review apply ../baseline.csv --coder machine", 2, "cannot be a coder"),
        ("analyse ../baseline.csv --key key.csv", 3, "in the audit folder"),
    ],
)
def test_what_an_audit_refuses(small: Path, words: str, code: int, message: str) -> None:
    before = (small / "audit" / "audit.sqlite").read_bytes()
    refused(call(small / "audit", *words.split()), code, message)
    assert (small / "audit" / "audit.sqlite").read_bytes() == before


def test_settings_and_audits_that_cannot_be_read(small: Path) -> None:
    settings = small / "audit" / "audit.toml"
    good = settings.read_text(encoding="utf-8")
    for text, message in (
        ("[ratings\n", "audit.toml cannot be read"),
        ("[ratings]\nhihg = 7\n", 'Did you mean "high"?'),
        ('[columns]\nCOM1 = "ratting"\n', "no role of a column"),
    ):
        settings.write_text(text, encoding="utf-8")
        refused(call(small / "audit", "analyse", "../baseline.csv"), 2, message)
    settings.write_text(good.replace("[thresholds]", "[thresholds]\nk_numbers = 8", 1), encoding="utf-8")
    refused(call(small / "audit", "analyse", "../baseline.csv"), 3, "k_numbers = 8 is below 10")
    settings.write_text(good, encoding="utf-8")
    (small / "audit" / "codebook.xlsx").write_bytes(b"no workbook")
    refused(call(small / "audit", "analyse", "../baseline.csv"), 2, "codebook.xlsx")
    (small / "audit" / "audit.sqlite").write_bytes(b"no database" * 1000)
    refused(call(small / "audit", "status"), 2, "is not an audit that can be opened")


def test_while_another_process_writes(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditkit.store.WAIT_SECONDS", 0.05)
    write_round(small, "third", ROUNDS["repeat"])
    other = Store(small / "audit" / "audit.sqlite")
    with other.step():
        refused(call(small / "audit", "analyse", "../third.csv"), 2, "Another auditkit is writing")
    assert Audit(small / "audit").rounds() == ["baseline", "repeat"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("analyse", "Missing argument 'FILE...'"),
        ("analyse baseline.csv --colour red", "No such option"),
        ("analyze baseline.csv", "No such command"),
        ("feedback --level one", "Invalid value"),
        ("review apply review.csv", "Missing option '--coder'"),
        ("review export --next 0", "Invalid value"),
    ],
)
def test_wrong_use_of_the_command_line(tmp_path: Path, words: str, message: str) -> None:
    result = call(tmp_path, *words.split())
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_every_command_has_help_of_80_columns(tmp_path: Path) -> None:
    commands = ["", "demo", "analyse", "compare", "feedback", "status", "export", "review", "review export"]
    topics = [f"topics {name}".strip() for name in ("", "show", "merge", "accept", "reject", "undo")]
    for command in [*commands, "review apply", "review status", *topics]:
        result = call(tmp_path, *command.split(), "--help")
        assert result.exit_code == 0
        assert max(map(len, result.stdout.splitlines())) <= 80, command
    assert re.fullmatch(r"auditkit \d+\.\d+\.\d+\n", call(tmp_path, "--version").stdout)


def test_the_whole_way_in_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "Prüfung 1 (Zoë's)"
    folder.mkdir()
    for name in ROUNDS:
        write_round(folder, name)
    result = call(folder, "compare", "baseline.csv", "repeat.csv")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("baseline to repeat: 3 of 3 pairs compared, 6 people\n")
    result = call(folder, "analyse", "baseline.csv")
    assert "Nothing has changed since the last run; nothing was written." in result.stdout
    assert "lies in the audit's folder" in " ".join(result.stdout.split())
    assert call(folder, "feedback", "--pair", "WARD 1").exit_code == 0
    assert (folder / "out" / "packs" / "pair" / "ward-1.html").exists()
    result = call(folder, "review", "export", "--format", "csv", "--next", "5", "-o", "my review.csv")
    assert result.exit_code == 0, result.output
    assert 'auditkit review apply "my review.csv" --coder NAME' in result.stdout
    with (folder / "my review.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    with (folder / "my review.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "themes": "none"} for row in rows)
    result = call(folder, "review", "apply", "my review.csv", "--coder", "AB")
    assert "5 answers decided by AB" in result.stdout
    result = call(folder, "review", "status")
    assert sum(int(line.split()[2]) for line in result.stdout.splitlines() if line[:8] in ("baseline", "repeat  ")) == 5
    result = call(folder, "status")
    assert "Packs    1 in out/packs" in result.stdout
    assert result.stdout.splitlines()[-1] == "Next     auditkit review export"


def test_the_audit_may_lie_elsewhere(small: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    result = call(elsewhere, "status", "--audit", str(small / "audit"))
    assert result.exit_code == 0, result.output
    assert f"--audit {small / 'audit'}" in " ".join(result.stdout.split())
    result = call(elsewhere, "review", "export", "--audit", str(small / "audit"))
    assert (small / "audit" / "review.xlsx").exists()
    assert list(elsewhere.iterdir()) == []


def test_export_writes_the_same_bytes_to_the_screen_and_to_a_file(small: Path) -> None:
    audit = ("--audit", "audit")
    for form in ("csv", "json"):
        printed = process(
            small, "export", "answers", "--format", form, *audit, env={**os.environ, "PYTHONIOENCODING": "latin-1"}
        )
        assert printed.returncode == 0
        assert printed.stderr == b""
        assert call(small, "export", "answers", "--format", form, "-o", f"answers.{form}", *audit).exit_code == 0
        assert printed.stdout == (small / f"answers.{form}").read_bytes()
        assert b"\r" not in printed.stdout
    rows = list(csv.DictReader(io.StringIO((small / "answers.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 23
    assert call(small, "export", "codings", "--format", "xlsx", "-o", "codings.xlsx", *audit).exit_code == 0
    assert openpyxl.load_workbook(small / "codings.xlsx").sheetnames == ["Codings"]


def test_standard_output_keeps_its_newlines_where_a_system_would_change_them(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auditkit import console

    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="cp1252", newline="\r\n"))
    console.hand_over("text\nZoë 🙂\n")
    assert raw.getvalue() == "text\nZoë 🙂\n".encode()


def test_a_reader_that_stops_reading_is_no_fault(small: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no such pipes here")
    command = f'"{sys.executable}" -m auditkit export codings --all-scores --audit audit'
    done = subprocess.run(f"{command} | head -1", shell=True, cwd=small, capture_output=True, check=True)
    assert done.stdout.startswith(b"round,file,sheet,row")
    assert done.stderr == b""


def test_errors_of_a_real_process(small: Path) -> None:
    done = process(small, "analyse", "gone.csv")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"error: ")
    assert b"Traceback" not in done.stderr
    assert process(small, "feedback", "--all-packs", "--final", "--audit", "audit").returncode == 3
    assert process(small, "--no-such-option").returncode == 2


def test_a_fault_shows_no_words(small: Path) -> None:
    script = (
        "import sys\nfrom auditkit import __main__, runs\n"
        "def fail(*_, **__): raise ValueError('She keeps her promises.')\n"
        "runs.status = fail\nsys.argv = ['auditkit', 'status', '--audit', 'audit']\n__main__.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=small, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: auditkit met a fault of its own: ValueError at ")
    assert WORDS not in done.stderr
    assert "fix:   " in done.stderr


@pytest.mark.slow
def test_ctrl_c_is_clean(small: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("signals differ")
    write_round(small, "third", ROUNDS["repeat"])
    command = [sys.executable, "-m", "auditkit", "analyse", "third.csv", "--audit", "audit"]
    for wait in (0.8, 1.5, 2.5):
        process = subprocess.Popen(command, cwd=small, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate()
        assert b"Traceback" not in error, error
        if process.returncode:
            assert process.returncode == 130
            assert error.startswith(b"Stopped.")
        assert not list((small / "audit").rglob(".writing-*"))


def test_a_bar_appears_on_a_terminal(small: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no pseudo-terminals here")
    import pty

    write_round(small, "third", ROUNDS["repeat"].replace("We decide together now", "We plan the week together"))
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "auditkit", "analyse", "third.csv", "--audit", "audit"]
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "50"}
    done = subprocess.Popen(command, cwd=small, stdout=subprocess.PIPE, stderr=follower, env=env)
    os.close(follower)
    seen = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part
    assert done.stdout is not None
    out = done.stdout.read()
    assert done.wait() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    for step in ("Reading the file", "Reading the answers", "Coding"):
        assert step in text
    assert "━" in text
    assert b"\x1b" not in out, "the summary goes to standard output, without colours"
    assert out.decode().rstrip().endswith("Next     auditkit review export --audit audit")


def test_demo_is_not_mixed_with_other_files(small: Path) -> None:
    shutil.move(small / "baseline.csv", small / "audit" / "baseline.csv")
    refused(call(small, "demo", "--audit", "audit"), 2, "audit is not empty, and no demo")
