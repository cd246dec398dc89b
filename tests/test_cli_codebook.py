"""``auditkit codebook`` on the command line: what it prints, asks, writes and refuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from typer.testing import Result

from auditkit import codebook, codebook_edits, codebook_history, codebook_lines
from auditkit.audit import Audit
from auditkit.codebook_edits import Shift
from auditkit.codebook_template import WORKED
from test_cli import call, process, refused
from test_codebook_history import by_hand, decide, left, pick

UNCHANGED = "Nothing was changed; add --yes to do it."


def said(folder: Path, *words: str) -> list[str]:
    """What a command prints that goes well: 80 columns, plain, nothing on standard error."""
    result = call(folder / "audit", "codebook", *words)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert result.stdout.isascii()
    return lines


def no(folder: Path, *words: str, message: str) -> Result:
    before = (folder / "audit" / "audit.sqlite").read_bytes()
    result = call(folder / "audit", "codebook", *words)
    refused(result, 2, message)
    assert (folder / "audit" / "audit.sqlite").read_bytes() == before
    return result


def labels(folder: Path) -> list[str]:
    return [theme.label for theme in Audit(folder / "audit").codebook.accepted]


def test_the_list_of_themes(small: Path) -> None:
    decide(small, pick("I can rely", "Trust"))
    said(small, "retire", "Respect", "--author", "CD", "--yes")
    lines = said(small, "show")
    trust = next(line for line in lines if line.startswith("T01 Trust "))
    assert trust.split() == ["T01", "Trust", "12", "12", "2", "0"]
    assert lines[-2:] == ["Retired, not coded", "  T09 Respect"]
    said(small, "move", "Time together", "--under", "trust", "--yes")
    lines = said(small, "show")
    assert lines[lines.index(next(line for line in lines if line.startswith("T01"))) + 1].startswith(
        "  T07 Time together"
    )


def test_all_about_one_theme(small: Path) -> None:
    lines = said(small, "show", "t01")
    assert lines[0] == 'T01 "Trust"'
    assert lines[1].split(maxsplit=1) == ["Status", "accepted, set by auditkit, since version 1"]
    assert any("I can rely on my partner" in line for line in lines)


def test_a_change_is_shown_and_not_done_where_nobody_can_say_yes(small: Path) -> None:
    lines = said(small, "merge", "shared goals", "T01", "--author", "CD")
    assert lines[0] == 'T03 "Shared goals" goes into T01 "Trust" and is retired.'
    assert lines[-1] == UNCHANGED
    assert "Shared goals" in labels(small)


def test_what_software_codes_anew_is_told_by_theme(small: Path) -> None:
    before = codebook_edits.counts(Audit(small / "audit"))
    lines = said(small, "split", "Trust", "Reliance", "Openness", "--author", "CD", "--yes")
    top = next(place for place, line in enumerate(lines) if line.startswith("Coded anew"))
    shown = [re.fullmatch(r"  (.+?) +software +(\d+) -> (\d+)", line) for line in lines[top + 1 : top + 4]]
    moved = {one[1]: (int(one[2]), int(one[3])) for one in shown if one}
    after = codebook_edits.counts(Audit(small / "audit"))
    assert moved["Trust"] == (before["T01"]["software"], 0)
    names = {theme.label: theme.id for theme in Audit(small / "audit").codebook.themes}
    assert {label: after.get(names[label], {}).get("software", 0) for label in moved} == {
        label: number for label, (_, number) in moved.items()
    }
    sizes = [abs(new - old) for old, new in moved.values()]
    assert sizes == sorted(sizes, reverse=True)


def test_no_more_than_five_themes_are_listed() -> None:
    shifts = tuple(Shift(f"Theme {number}", 10, 20 - number) for number in range(8))
    plan: Any = SimpleNamespace(codes=(80, 90), shifts=shifts)
    assert codebook_lines._coded_anew(plan)[-1] == "  and 3 more themes, by 5 at most"
    plan.shifts = shifts[:6]
    assert codebook_lines._coded_anew(plan)[-2:] == [
        "  Theme 4                                       software    10 -> 16",
        "  and 1 more theme, by 5",
    ]


def test_a_change_names_rows_and_never_words(small: Path) -> None:
    decide(small, pick("She keeps", "Trust"))
    lines = said(small, "split", "Trust", "Reliance", "Openness", "--author", "CD")
    assert "Look again    2 answers: baseline row 3; repeat row 3" in lines
    assert "Decisions     kept until somebody says which of the new themes is meant" in lines
    assert "promises" not in " ".join(lines)


def test_yes_does_it_and_says_what_comes_next(small: Path) -> None:
    decide(small, pick("She keeps", "Trust"))
    lines = said(small, "split", "Trust", "Reliance", "Openness", "--author", "CD", "--reason", "Two things", "--yes")
    assert "Version 2 of the codebook, by CD." in lines
    assert lines[-1] == "Next     auditkit review export"
    assert left(small) == {"She keeps her promises."}
    book = openpyxl.load_workbook(_review(small)).worksheets[0]
    rows = [["" if cell is None else str(cell) for cell in row] for row in book.iter_rows(values_only=True)]
    why = {row[rows[0].index("why")].splitlines()[0] for row in rows[1:] if row[0]}
    assert why == {"look again; was: Trust; new: Reliance, Openness"}
    status = call(small / "audit", "review", "status").stdout
    assert "2 answers to read again: the codebook has changed since they were decided." in status
    history = said(small, "history")
    assert history[2].split()[:4] == ["2", *history[2].split()[1:3], "split:"]
    assert "reason: Two things" in " ".join(history)


def _review(folder: Path) -> Path:
    assert call(folder / "audit", "review", "export").exit_code == 0
    return folder / "audit" / "review.xlsx"


@pytest.mark.parametrize(("answer", "done"), [("y\n", True), ("\n", False), ("no\n", False)])
def test_on_a_terminal_it_asks(small: Path, answer: str, done: bool) -> None:
    if sys.platform == "win32":
        pytest.skip("no pseudo-terminals here")
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "auditkit", "codebook", "move", "T02", "--under", "T01", "--author", "CD"]
    running = subprocess.Popen(
        command, cwd=small / "audit", stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.write(leader, answer.encode())
    out, error = running.communicate()
    os.close(follower)
    os.close(leader)
    assert running.returncode == 0, error
    assert b"Do it? [y/N]" in out
    assert (b"Nothing was changed.\n" in out) is not done
    assert (Audit(small / "audit").codebook.by_id("T02").parent == "T01") is done


def test_history_and_differences_of_hand_edits(small: Path) -> None:
    by_hand(small, "Trust", "statements_good", "We can lean on each other.")
    assert said(small, "history")[0].startswith("Now      1 change in codebook.xlsx")
    lines = said(small, "diff")
    assert lines[0] == "Changed by hand since version 1: 1 difference."
    assert "  + We can lean on each other." in lines
    said(small, "rename", "Respect", "Being valued", "--author", "CD", "--yes")
    history = said(small, "history")
    assert [line.split()[0] for line in history if re.match(r" +\d", line)] == ["3", "2", "1"]
    assert "by hand" in " ".join(history)
    assert said(small, "diff")[0] == "Version 2 to version 3: 1 difference."
    assert said(small, "diff", "1", "3")[0] == "Version 1 to version 3: 2 differences."
    assert said(small, "undo", "--yes")[0].startswith("Version 3 (rename) is taken back")


def test_a_codebook_goes_out_and_comes_back(small: Path) -> None:
    for name in ("out.xlsx", "out.csv", "out.toml"):
        assert said(small, "export", name) == [f"Written  {name}"]
        assert codebook.read(small / "audit" / name).themes == Audit(small / "audit").codebook.themes
        assert said(small, "import", name, "--author", "CD")[-1] == "That changes nothing."
        assert said(small, "diff", name)[0] == f"The present codebook to {name}: no difference."
        no(small, "export", name, message="is there already")


def test_a_codebook_to_fill_in(small: Path) -> None:
    said(small, "new", "mine.xlsx")
    book = openpyxl.load_workbook(small / "audit" / "mine.xlsx")
    assert book.sheetnames == ["Themes", "Read me"]
    headers = {str(cell.value) for cell in book["Themes"][1]}
    explained = " ".join(str(row[0]) for row in book["Read me"].iter_rows(values_only=True))
    assert all(header in explained for header in headers - {"set_by"})
    assert codebook.read(small / "audit" / "mine.xlsx").themes == (WORKED,)
    assert WORKED.status == "retired", "left there by mistake, it is not coded"
    said(small, "new", "all.csv", "--shipped")
    assert codebook.read(small / "audit" / "all.csv").themes == codebook.default().themes
    no(small, "new", "mine.xlsx", message="is there already")
    no(small, "new", "mine.docx", message="no codebook file")


def test_check_looks_at_the_audit_or_at_a_file(small: Path) -> None:
    lines = said(small, "check")
    assert lines[0].startswith("codebook.xlsx: ")
    assert "Note: words of statements that nobody wrote" in lines
    (small / "audit" / "weak.csv").write_text("label,statements_good\nTalking,We talk\n", encoding="utf-8")
    lines = said(small, "check", "weak.csv")
    assert "Themes without both poles" in lines
    assert '  T01 "Talking": "We talk" is too short to tell what is meant.' in lines


def test_statements_to_add(small: Path) -> None:
    lines = said(small, "suggest")
    assert lines[0].startswith("Nothing to offer")
    decide(small, lambda row: "none")
    assert said(small, "suggest", "Trust")[0].startswith("Nothing to offer")
    no(small, "suggest", "Thrust", message='no theme "Thrust"')


def test_an_audit_without_pairs_is_told_why_nothing_is_offered(tmp_path: Path) -> None:
    lines = codebook_lines.offered([], 3, tmp_path, has_pairs=False)
    assert lines[0].startswith("Nothing to offer: this audit has no pairs.")
    assert "people from two pairs share" in " ".join(codebook_lines.offered([], 3, tmp_path))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("show Thrust", 'no theme "Thrust"'),
        ("merge Trust T01", "cannot be merged into itself"),
        ("merge Trust Nowhere", 'no theme "Nowhere"'),
        ("rename Trust none", 'label is "none"'),
        ("rename Trust a;b", 'holds ";"'),
        ("rename Trust Respect", "is called so"),
        ("split Trust One", "two themes or more"),
        ("restore Trust", "is not retired"),
        ("move Trust --under T01", "cannot stand under itself"),
        ("accept Trust", "is accepted"),
        ("accept S99", 'no theme "S99"'),
        ("undo", "nothing to undo"),
        ("import gone.xlsx", "no file gone.xlsx"),
        ("import twice.csv", 'the id "T01" is also in'),
        ("diff 7", "no version 7"),
        ("diff gone.csv", "no file gone.csv"),
        ("check gone.csv", "no file gone.csv"),
        ("export book.pdf", "no codebook file"),
        ("add Night", "Nobody is named"),
    ],
)
def test_what_is_refused(small: Path, words: str, message: str) -> None:
    twice = "id,label\nT01,Talking\nT01,Waiting\n"
    (small / "audit" / "twice.csv").write_text(twice, encoding="utf-8")
    author = ["--author", "CD"] if words.split()[0] not in ("show", "diff", "check", "export", "add") else []
    no(small, *words.split(), *author, message=message)


def test_without_an_audit(tmp_path: Path) -> None:
    for words in (["show"], ["show", "Trust"], ["check"], ["history"], ["diff"], ["export", "themes.csv"]):
        result = call(tmp_path, "codebook", *words)
        assert result.exit_code == 0, result.output
    refused(call(tmp_path, "codebook", "retire", "Trust", "--author", "CD"), 2, "There is no audit in")
    refused(call(tmp_path, "codebook", "suggest"), 2, "There is no audit in")
    assert [path.name for path in tmp_path.iterdir()] == ["themes.csv"]


def test_a_workbook_open_elsewhere_stops_the_whole_change(small: Path) -> None:
    """As where Excel holds it open."""
    audit = Audit(small / "audit")
    held = audit.codebook
    path = audit.codebook_path
    script = (
        "import sys\nfrom pathlib import Path\nfrom auditkit import files\nfrom auditkit.__main__ import main\n"
        "real = Path.replace\n"
        "def locked(self, target):\n"
        "    if Path(target).name == 'codebook.xlsx': raise PermissionError(13, 'Permission denied')\n"
        "    return real(self, target)\n"
        "Path.replace = locked\n"
        "sys.argv = ['auditkit', 'codebook', 'retire', 'Trust', '--author', 'CD', '--yes']\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=path.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "codebook.xlsx cannot be written" in " ".join(done.stderr.split())
    assert len(codebook_history.versions(Audit(small / "audit"))) == 1
    assert Audit(small / "audit").codebook.themes == held.themes


def test_every_command_has_help_of_80_columns(tmp_path: Path) -> None:
    groups = call(tmp_path, "codebook", "--help").stdout
    names = re.findall(r"^  ([a-z-]+)  ", groups, re.MULTILINE)
    assert len(names) >= 18
    for name in names:
        result = call(tmp_path, "codebook", name, "--help")
        assert result.exit_code == 0
        assert max(map(len, result.stdout.splitlines())) <= 80, name


def test_a_real_process(small: Path) -> None:
    done = process(small, "codebook", "merge", "T03", "T01", "--author", "CD", "--audit", "audit")
    assert (done.returncode, done.stderr) == (0, b"")
    assert UNCHANGED.encode() in done.stdout
