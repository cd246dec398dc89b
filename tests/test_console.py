"""What is printed: at most 40 lines of 80 columns whatever the data, and true to it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from auditkit import accepting, console, summaries, summaries_of_reading
from auditkit.cli import app
from auditkit.errors import AuditkitError
from auditkit.feedback import Handed, Made
from auditkit.problem_lines import listed, worst
from auditkit.reviewing import Wording

HERE = Path(".")
LONG = "Knowing what the other one of the two worries about at night and on Sundays"
NAMES = [
    "baseline",
    LONG,
    "Frühjahr 2025 – «Zoë»",
    "二〇二五年の調査 第一回 アンケート全体",
    "🙂" * 30,
    "a\x1b[2Jb\tc\nd",
]


def theme(label: str, number: int) -> dict[str, Any]:
    return {"label": label, "respondents": number, "poor": number, "both": 0, "good": 0}


def one_round(name: str = "baseline", **other: Any) -> dict[str, Any]:
    return {
        "round": name, "people": 28, "pairs": 14, "sponsors": 2, "answers": 139, "excerpts": 223, "ratings": 600,
        "themes": [theme("Trust", 9)] * 7, "more_themes": 5, "reviewed": 0, "without": 16, "suggested": 3,
        "topics_note": "", "changed_text": 0, "agreement": "not yet known for your data (kappa 0.32 to 0.64 elsewhere)",
        "problems": {"error": 2, "warning": 0, "note": 7},
    } | other  # fmt: skip


def column(header: str, role: str = "rating") -> dict[str, str]:
    return {"header": header, "role": role, "reason": "questionnaire COM1", "sample": ""}


def analysis(rounds: list[dict[str, Any]], columns: list[dict[str, str]], **other: Any) -> dict[str, Any]:
    written = [*(f"out/analyst/report-{n}.html" for n in range(len(rounds))), "out/analyst/analysis.xlsx"]
    summary = {"file": "answers.xlsx", "columns": columns, "rounds": rounds, "codebook": []}
    return summary | {"written": [*written, "codebook.xlsx", "audit.toml"]} | other


def row(label: str, measure: str = "", **other: Any) -> dict[str, Any]:
    return {
        "measure": measure or label, "label": label, "n_pairs": 10, "before": 2.73, "after": 3.58, "change": 0.85,
        "low": -0.57, "high": 1.13, "up": 9, "same": 0, "down": 1, "verdict": "clear improvement between the rounds",
    } | other  # fmt: skip


def comparison(**other: Any) -> dict[str, Any]:
    return {
        "before": "baseline", "after": "repeat", "design": "linked", "pairs": 14, "compared": 10, "people": 20,
        "not_compared": ["ward-9 (re-formed)", "ward-11 (one-partner)", "ward-13 (one-partner)"],
        "primaries": ["communication"], "rows": [row("Communication", "communication"), row("Trust", "trust")],
        "themes": [], "exceptions": 5, "answers": 313, "reviewed": 0, "agreement": "not yet known", "notes": [],
        "written": ["out/analyst/comparison.html", "out/analyst/comparison.xlsx"],
    } | other  # fmt: skip


def shown(lines: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines as printed, once they are known to fit."""
    console.say(lines)
    printed = capsys.readouterr().out.split("\n")[:-1]
    assert len(printed) <= 40, len(printed)
    assert max(map(console.wide, printed)) <= 80, max(printed, key=console.wide)
    assert all(line == line.rstrip() and line.isprintable() for line in printed)
    return printed


ONE = [[one_round(name)] for name in NAMES]
SEVERAL = [[one_round(name) for name in NAMES[:number]] for number in (2, 3, 6)] + [[one_round()] * 12]
COLUMNS = [
    [],
    [column("respondent_id", "respondent"), column("pair_id", "pair"), column("COM1"), column("COM2")],
    [column(f"{LONG} {n} {'🙂' * n}?\nIn your own words", ("open", "rating", "ignore")[n % 3]) for n in range(60)],
]


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("rounds", ONE + SEVERAL)
def test_the_summary_of_analyse_fits(
    rounds: list[dict[str, Any]], columns: list[dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    busy = {"codebook": [LONG * 3] * 5, "inside": True, "key": "/home/someone/.local/share/auditkit/key-1234.csv"}
    for other, computed in (({}, True), (busy, False)):
        rounds = [one | {"themes": [theme(LONG, 9)] * 7, "changed_text": 3} for one in rounds]
        lines = shown(summaries.analysed(analysis(rounds, columns, **other), computed, HERE), capsys)
        assert lines[-1] == "Next     auditkit review export"
        assert "DRAFT: suggested by software, not yet reviewed." in lines
        assert any("expected agreement" in line for line in lines)
        assert any("2 left out" in line or "problems in the file" in line for line in lines)


def test_the_summary_of_analyse_says_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [column("Your code", "respondent"), column("COM1"), column("COM2"), column("SUP3"), column("Q1", "open")]
    text = "\n".join(shown(summaries.analysed(analysis([one_round()], columns), True, HERE), capsys))
    assert re.search(r"^Your code +respondent +questionnaire COM1$", text, re.M)
    assert re.search(r"^COM1 \.\. SUP3 +rating", text, re.M)
    assert "baseline: 28 people in 14 pairs, 139 answers, 223 excerpts\n2 sponsors kept apart.\n" in text
    assert re.search(r"^Trust +9 +9 +0 +0$", text, re.M)
    assert "and 5 more themes" in text
    assert "answers without theme   16 (12%); 3 new themes suggested" in text
    assert "Nothing has changed" not in text


def test_one_person_one_pair_one_answer(capsys: pytest.CaptureFixture[str]) -> None:
    one = one_round(people=1, pairs=1, answers=1, excerpts=1, sponsors=1, suggested=1, more_themes=1, without=0)
    text = "\n".join(shown(summaries.analysed(analysis([one], []), True, HERE), capsys))
    assert "1 person in 1 pair, 1 answer, 1 excerpt\n1 sponsor kept apart." in text
    assert "and 1 more theme\n" in text
    assert "1 new theme suggested" in text


def test_ratings_alone_need_no_review(capsys: pytest.CaptureFixture[str]) -> None:
    one = one_round(answers=0, excerpts=0, themes=[], more_themes=0, agreement="no codes", without=0, suggested=0)
    lines = shown(summaries.analysed(analysis([one], []), True, HERE), capsys)
    assert "baseline: 28 people in 14 pairs, 600 ratings" in lines
    assert not any("DRAFT" in line or "answers reviewed" in line for line in lines)
    assert lines[-1] == "Next     auditkit feedback --all-packs"


@pytest.mark.parametrize("design", ["linked", "unlinked"])
@pytest.mark.parametrize("names", [("baseline", "repeat"), (NAMES[1], NAMES[3]), (NAMES[4], NAMES[5])])
def test_the_summary_of_compare_fits(design: str, names: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    many = comparison(
        before=names[0],
        after=names[1],
        design=design,
        not_compared=[f"ward-{n} (re-formed)" for n in range(80)],
        primaries=["a", "b", "c"],
        rows=[*(row(LONG, measure, verdict=LONG * 2) for measure in "abc"), *(row(f"{n} {LONG}") for n in range(20))],
        themes=[{"label": LONG, "pole": "good", "before": 0.1, "after": 0.9, "change": 0.8}] * (12 if design else 0),
        notes=[LONG * 4] * 4,
    )
    if design == "unlinked":
        many["rows"] = many["rows"][:8]
    lines = shown(summaries.compared(many, False, HERE), capsys)
    assert lines[-1] == "Next     auditkit feedback --all-packs"
    assert "Not compared: 80 " + ("pairs" if design == "linked" else "groups") + " (re-formed)" in lines
    assert design == "unlinked" or any("more in comparison.xlsx" in line for line in lines)
    assert "Two moments, no comparison group: this shows what changed, not why." in lines


def test_the_summary_of_compare_says_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(summaries.compared(comparison(), True, HERE), capsys)
    text = "\n".join(lines)
    assert lines[0] == "baseline to repeat: 10 of 14 pairs compared, 20 people"
    assert "Not compared: ward-9 (re-formed), ward-11, ward-13 (one partner)" in lines
    assert re.search(r"^Main question, n = 10 +baseline +repeat +Change +95% interval +Up +Same +Down$", text, re.M)
    assert re.search(
        r"^Communication +2\.73 +3\.58 +\+0\.85 +-0\.57 to 1\.13 +9 +0 +1\n  clear improvement", text, re.M
    )
    assert re.search(r"^Also asked, not tested\nTrust +2\.73", text, re.M)
    assert "DRAFT: suggested by software, not yet reviewed. 0 of 313 answers (0%)." in lines


def test_names_of_rounds_too_long_for_a_column(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join(
        shown(summaries.compared(comparison(before="January 2025", after="January 2026"), True, HERE), capsys)
    )
    assert text.startswith("January 2025 to January 2026: ")
    assert re.search(r"n = 10 +Before +After +Change", text)


def test_next_commands_can_be_typed_as_they_stand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = shown(summaries.analysed(analysis([one_round()], []), True, Path("my audit")), capsys)
    assert lines[-1] == 'Next     auditkit review export --audit "my audit"'
    assert "Written  in my audit" in lines
    lines = shown(summaries.compared(comparison(), True, Path("audits/2025")), capsys)
    assert lines[-1] == "Next     auditkit feedback --all-packs --audit audits/2025" or os.sep == "\\"


def packs(*paths: str, withheld: tuple[tuple[str, str], ...] = ()) -> tuple[Made, ...]:
    return tuple(Made(f"out/packs/{path}", path, withheld) for path in paths)


def test_what_was_withheld_is_said_once_for_each_audience(capsys: pytest.CaptureFixture[str]) -> None:
    rule = ("An average of the two of you", "With two people it adds nothing.")
    made = packs("all/all.html") + packs(*(f"pair/ward-{n}.html" for n in range(30)), withheld=(rule,))
    made += packs("coach/coach.html", withheld=(("Other pairs", "Two people are no league position."), rule))
    lines = shown(
        summaries.handed(Handed(("baseline", "repeat"), made, True, "0 of 9 answers reviewed."), HERE), capsys
    )
    text = "\n".join(lines)
    assert text.count("With two people it adds nothing.") == 1
    assert "  pair, coach\n    An average of the two of you: With two people it adds nothing.\n" in text
    assert "  coach\n    Other pairs: Two people are no league position." in text
    assert "Written  out/packs/all/all.html\n         out/packs/pair/         30 packs\n" in text
    assert lines[0] == "From baseline and repeat: 32 packs"


def test_much_that_was_withheld_still_fits(capsys: pytest.CaptureFixture[str]) -> None:
    facts = tuple((f"{LONG} {n}", LONG * 3) for n in range(40))
    lines = shown(
        summaries.handed(Handed(tuple(NAMES), packs("all/all.html", withheld=facts), False, ""), HERE), capsys
    )
    assert "    and more; each pack says what it leaves out" in lines


def test_status_and_review_status(capsys: pytest.CaptureFixture[str]) -> None:
    rounds = [
        {"round": name, "answers": 11, "reviewed": 3, "file": LONG, "changed_text": 1, "again": 1, "agreement": "x (y)"}
        for name in NAMES
    ]
    status = {
        "rounds": rounds,
        "comparisons": [{"run": 3, "rounds": NAMES[:2], "at": ""}],
        "packs": [],
        "next": "auditkit compare",
    }
    lines = shown(summaries.audited(status, HERE), capsys)
    assert lines[1].split()[:3] == ["baseline", "11", "27%"]
    assert lines[-1] == "Next     auditkit compare"
    reading = {
        "rounds": [{**one, "unread": 1} for one in rounds],
        "read": 2,
        "agreement": None,
        "machine": 0.62,
        "kept": 12,
        "shown": 15,
        "set": 20,
        "accept": {
            "threshold": None,
            "why_not": "off until 25 answers are read",
            "checked": accepting.Checked(0, 0, 0, 0),
            "answers": 0,
        },
        "wording": [Wording("T01", LONG, 9, 4, 2)],
        "next": "auditkit review export",
    }
    lines = shown(summaries_of_reading.status(reading, HERE), capsys)
    assert lines[1].split() == ["baseline", "11", "2", "1", "8"]
    said = " ".join(" ".join(lines).split())
    assert "6 answers to read again: the text has changed since they were decided." in said
    assert "6 answers to read again: the codebook has changed since they were decided." in said
    assert "not yet known for your data (40 to 58% of the codes were right on other data)" in said
    assert "it will be after 23 more answers." in said
    assert "So far people kept 12 of 15 suggested codes, and added 8; the doubtful ones come first." in said
    assert "taking over codes unread is off until 25 answers are read." in said
    assert "found 4 of 9, 2 wrongly" in said
    assert lines[-1] == "Next     auditkit review export"
    lines = shown(summaries_of_reading.status({**reading, "agreement": (0.714, 0.8)}, HERE), capsys)
    assert "about 62% of the software's codes are what a careful person would set; of all codes about 71%" in " ".join(
        " ".join(lines).split()
    )


def test_an_error_in_two_parts(capsys: pytest.CaptureFixture[str]) -> None:
    console.complain(AuditkitError("short", "do this", details=["sheet A, row 7: a", LONG * 2]))
    error = capsys.readouterr().err
    assert error.startswith("error: short\n       sheet A, row 7: a\n       Knowing")
    assert error.endswith("\nfix:   do this\n")
    console.complain(AuditkitError(LONG * 5, LONG * 5))
    lines = capsys.readouterr().err.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line[:7] for line in lines if line[:7].strip()] == ["error: ", "fix:   "]


def test_signs_that_a_terminal_may_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    console.say(["−1 → 2 … 3 – ’x’ · Zoë 🙂", "a\x1b[2Jb\x07c\u202e"])
    assert capsys.readouterr().out == "-1 -> 2 ... 3 - 'x' - Zoë 🙂\na [2Jb c\n"


def test_a_path_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/very/long" * 12
    console.say([f"Written  {path}"])
    assert path in capsys.readouterr().out


def test_a_fault_tells_where_and_never_what(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(words: str) -> None:
        raise KeyError(words)

    try:
        fail("He said that he hates Mondays")
    except KeyError as error:
        console.broken(error)
    said = capsys.readouterr().err
    assert "KeyError at test_console.py:" in said
    assert "Mondays" not in said
    assert "fix:   " in said


@dataclass
class Terminal:
    """Standard error as a terminal of 80 columns."""

    text: str = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_a_bar_names_the_step_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with console.progress() as tell:
        tell("Reading the answers", 3, 10)
    assert capsys.readouterr().err == ""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    with console.progress() as tell:
        tell("Reading the answers", 3, 10)
        tell("Reading the answers", 10, 10)
        tell("Coding", 0, 1)
    assert "Reading the answers" in terminal.text
    assert "10 of 10" in terminal.text
    assert "Coding" in terminal.text


def problem(row: int, severity: str = "error", column: str = "role") -> dict[str, Any]:
    place = {"round": "b", "file": "a.xlsx", "sheet": "S", "row": row, "column": column, "severity": severity}
    return {**place, "found": "text, 1 word", "taken_as": "role unknown", "fix": "Write doctor."}


def test_one_problem_in_many_rows_is_said_once() -> None:
    found = worst(pd.DataFrame([problem(row) for row in range(30, 2, -1)]))
    said = " ".join(" ".join(listed(found)).split())
    assert said == (
        "28 errors error sheet S, rows 3, 4, 5, 6, 7, 8, 9, 10 and 20 more, column role: text, 1 word -> role unknown."
        " Write doctor."
    )


def test_twenty_problems_are_listed_the_worst_first_and_the_rest_counted() -> None:
    notes = [problem(0, "note", f"n{number}") for number in range(18)]
    found = worst(pd.DataFrame([*notes, *(problem(9, "error", f"e{number}") for number in range(6))]))
    lines = listed(found)
    assert lines[0] == "6 errors, 18 notes"
    assert [line.split()[0] for line in lines if not line.startswith("   ")][:7] == ["6", *["error"] * 6]
    assert lines[-1] == "  and 4 more; after analyse: auditkit export problems"
    assert not any("note" in line for line in listed(found, kinds=("error", "warning")))


def test_analyse_prints_what_was_left_out_above_its_summary(tmp_path: Path) -> None:
    rows = "\n".join(f"R{n},w{n // 2},{('doctor', 'wizard')[n % 2]},baseline,yes,4,We meet {n}." for n in range(6))
    path = tmp_path / "a.csv"
    path.write_text(f"respondent,pair,role,round,consent,COM1,Q1\n{rows}\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["analyse", str(path), "--audit", str(tmp_path / "audit")])
    assert result.exit_code == 0, result.output
    first = " ".join(result.stdout.split())
    assert first.startswith("Left out, or to check: 3 errors error rows 3, 5, 7, column role: text, 1 word -> ")


def test_a_column_is_as_wide_as_its_labels_where_there_is_room() -> None:
    assert console.columns_for(["Trust", "Respect"], 30, 44) == 30
    assert console.columns_for(["Trust", "x" * 40], 30, 44) == 41
    assert console.columns_for(["Trust", "x" * 60], 30, 44) == 44
    assert console.fit("x" * 40, 41) == "x" * 40 + " "


def test_nothing_is_minus_nought() -> None:
    row = {"label": "trust", "before": 3.0, "after": 3.0, "change": -0.001, "low": -0.004, "high": 0.2}
    line = summaries._figures({**row, "up": 1, "same": 2, "down": 0})
    assert "0.00 to 0.20" in line
    assert "-0.00" not in line
