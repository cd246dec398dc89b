from __future__ import annotations

import csv
import io
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit import codebook, config, decisions, holdings, intake, outputs, runs, stored_runs
from auditkit.audit import Audit
from auditkit.columns import Overrides
from auditkit.errors import AuditkitError, Refused
from conftest import HEADER, ROUNDS, write_round

TABLES = ("answers", "ratings", "codings", "themes", "comparison", "excerpts", "exceptions", "people", "problems")


def quiet(step: str, done: int, total: int) -> None:
    pass


def analyse(folder: Path, name: str, **options: Any) -> runs.Done:
    return runs.analyse(Audit(folder / "audit"), [folder / f"{name}.csv"], intake.Options(**options), quiet)


def compare(folder: Path, *names: str, **options: Any) -> runs.Done:
    files = [folder / f"{name}.csv" for name in names]
    return runs.compare(Audit(folder / "audit"), files, intake.Options(**options), quiet)


def ratings_only(folder: Path, name: str, *, dates: bool = True, first: str = "2") -> Path:
    """A round without open answers: there is nothing to code, so that it is read in no time."""
    lines = []
    for line in f"{HEADER}\n{ROUNDS['baseline'].strip()}".splitlines():
        cells = next(csv.reader([line]))[:6]
        lines.append(",".join(cells if dates else cells[:3] + cells[4:]))
    path = folder / f"{name}.csv"
    path.write_text("\n".join(lines).replace(",2,3", f",{first},3"), encoding="utf-8")
    return path


def bytes_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def decide(folder: Path, themes: str, coder: str = "AB") -> None:
    """One decision on every answer of the audit."""
    path, _ = decisions.hand_out(Audit(folder / "audit"), folder / "review.csv", None, None)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "themes": themes} for row in rows)
    decisions.take_over(Audit(folder / "audit"), path, coder, quiet)


def packs(folder: Path) -> None:
    from auditkit import feedback

    audit = Audit(folder / "audit")
    rounds, compared = holdings.current_source(audit, quiet)
    feedback.make(audit, rounds, compared, feedback.Wanted(pair="ward-1"))


def export(folder: Path, table: str, **options: Any) -> list[dict[str, str]]:
    text = runs.export(Audit(folder / "audit"), table, "csv", None, **options)
    assert text is not None
    return list(csv.DictReader(io.StringIO(text)))


def run_rows(folder: Path) -> list[dict[str, Any]]:
    return Audit(folder / "audit").store.rows("SELECT command, written FROM runs ORDER BY run")


def test_the_same_command_again_writes_nothing(small: Path) -> None:
    decide(small, "Trust")
    compare(small, "baseline", "repeat")
    packs(small)
    before = bytes_of(small)

    def unchanged(what: str) -> None:
        now = bytes_of(small)
        assert [name for name in {**before, **now} if before.get(name) != now.get(name)] == [], what

    assert not analyse(small, "repeat").computed
    assert not analyse(small, "baseline").computed
    unchanged("analyse")
    assert not compare(small, "baseline", "repeat").computed
    assert not compare(small).computed
    unchanged("compare")
    packs(small)
    unchanged("feedback")
    decisions.take_over(Audit(small / "audit"), small / "review.csv", "AB", quiet)
    unchanged("review apply")
    runs.status(Audit(small / "audit"))
    decisions.progress(Audit(small / "audit"))
    for table in TABLES:
        export(small, table)
    unchanged("what only reads")


def test_the_summary_of_a_known_run_tells_of_later_decisions(small: Path) -> None:
    assert sum(row["reviewed"] for row in analyse(small, "baseline").summary["rounds"]) == 0
    decide(small, "none")
    done = analyse(small, "baseline")
    assert not done.computed
    assert [(row["reviewed"], row["without"]) for row in done.summary["rounds"]] == [(11, 11)]


def test_rounds_are_compared_as_coded_in_one_go(small: Path) -> None:
    """The same words must get the same codes in both rounds, whichever file was analysed first."""
    rows = Audit(small / "audit").store.rows("SELECT coded_by, run FROM rounds")
    assert len({row["coded_by"] for row in rows}) == 1
    assert len({row["run"] for row in rows}) == 2


def test_a_deleted_report_is_made_again(small: Path) -> None:
    report = small / "audit" / "out" / "analyst" / "report-baseline.html"
    content = report.read_bytes()
    report.unlink()
    assert analyse(small, "baseline").computed
    assert report.read_bytes() == content, "from what the audit holds, coded together with the other round"
    assert not analyse(small, "baseline").computed


def test_a_changed_file_replaces_its_round_and_keeps_decisions(small: Path) -> None:
    decide(small, "Trust (problem)")
    changed = ROUNDS["baseline"].replace("She keeps her promises.", "She keeps most of her promises.")
    write_round(small, "baseline", changed.replace("c2,ward-3,manager,2025-01-12,3", "c2,ward-3,manager,2025-01-12,5"))
    done = analyse(small, "baseline")
    assert done.computed
    assert done.summary["rounds"][0]["changed_text"] == 1
    audit = Audit(small / "audit")
    coded = audit.load_round("baseline")
    assert "She keeps most of her promises." in set(coded.responses.answers["text"])
    assert "She keeps her promises." not in set(coded.responses.answers["text"])
    assert coded.responses.ratings.query("respondent == 'c2' and item == 'COM1'")["rating"].tolist() == [5.0]
    mine = coded.codings[coded.codings["coded"]]
    assert set(mine["theme"]) == {"T01"}
    assert set(mine["coder"]) == {"AB"}
    assert mine["changed_text"].sum() == 1
    assert audit.rounds() == ["baseline", "repeat"], "the order of the rounds stays"
    assert [row["command"] for row in run_rows(small)] == [
        "analyse",
        "analyse",
        "recode",
        "compare",
        "review",
        "recode",
        "analyse",
    ]


def test_going_back_to_an_earlier_file_is_a_new_run(tmp_path: Path) -> None:
    for first in "25":
        ratings_only(tmp_path, "baseline", first=first)
        assert analyse(tmp_path, "baseline").computed
    ratings_only(tmp_path, "baseline", first="2")
    assert analyse(tmp_path, "baseline").computed
    assert not analyse(tmp_path, "baseline").computed
    assert len(run_rows(tmp_path)) == 3


def test_another_name_is_another_round(tmp_path: Path) -> None:
    for name in ("baseline", "pilot"):
        ratings_only(tmp_path, name)
        analyse(tmp_path, name)
    analyse(tmp_path, "baseline", round="second reading")
    assert set(Audit(tmp_path / "audit").rounds()) == {"baseline", "pilot", "second reading"}


def test_rounds_without_dates_keep_the_order_of_the_commands(tmp_path: Path) -> None:
    for name in ("year 2", "year 1"):
        ratings_only(tmp_path, name, dates=False)
        analyse(tmp_path, name)
    ratings_only(tmp_path, "year 2", dates=False, first="4")
    assert analyse(tmp_path, "year 2").computed
    assert Audit(tmp_path / "audit").rounds() == ["year 2", "year 1"]
    assert compare(tmp_path).summary["before"] == "year 2"


def test_a_column_set_by_hand_is_picked_up(small: Path) -> None:
    settings = small / "audit" / "audit.toml"
    text = settings.read_text(encoding="utf-8")
    assert 'TRU1 = "rating"' in text
    settings.write_text(text.replace('TRU1 = "rating"', 'TRU1 = "ignore"'), encoding="utf-8")
    with pytest.raises(AuditkitError, match=r"audit\.toml has changed since baseline and repeat was read"):
        compare(small)
    assert compare(small, "baseline", "repeat").computed
    assert {row["item"] for row in export(small, "ratings")} == {"COM1"}
    assert not compare(small, "baseline", "repeat").computed


def test_a_setting_changed_by_hand_is_picked_up(small: Path) -> None:
    ratings_only(small, "third")
    config.save(small / "audit" / "audit.toml", {"ratings": {"reversed": ["TRU1"]}})
    analyse(small, "third")
    rows = [row for row in export(small, "ratings") if row["item"] == "TRU1" and row["round"] == "third"]
    assert {float(row["rating"]) + float(row["scored"]) for row in rows} == {6.0}


def test_a_codebook_changed_by_hand_is_picked_up(small: Path) -> None:
    decide(small, "Trust; Communication")
    path = small / "audit" / "codebook.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[header.index("label")].value == "Trust":
            row[header.index("status")].value = "retired"
        if row[header.index("label")].value == "Communication":
            row[header.index("label")].value = "How we talk"
    book.save(path)
    with pytest.raises(AuditkitError, match="has changed since baseline and repeat was coded"):
        export(small, "comparison")
    assert compare(small, "baseline", "repeat").computed
    assert {row["label"] for row in export(small, "codings")} == {"How we talk"}
    assert {row["status"] for row in export(small, "themes") if row["label"] == "Trust"} == {"retired"}
    held = Audit(small / "audit").decisions()
    assert set(held["theme"]) >= {"T01", "T02"}, "the decision on the retired theme is kept, should it come back"
    after = openpyxl.load_workbook(path).worksheets[0]
    labels = {row[header.index("label")]: row[header.index("status")] for row in after.iter_rows(2, values_only=True)}
    assert labels["Trust"] == "retired"


def test_another_codebook_is_shown_and_taken(small: Path) -> None:
    (small / "themes.csv").write_text(
        "label,statements\nTalking,We talk to each other\nTime,No time\n", encoding="utf-8"
    )
    done = analyse(small, "baseline", codebook=small / "themes.csv")
    assert done.summary["codebook"]
    assert {row["label"] for row in export(small, "codings") if row["round"] == "baseline"} <= {"Talking", "Time"}
    assert [theme.label for theme in codebook.read(small / "audit" / "codebook.xlsx").accepted] == ["Talking", "Time"]
    assert not analyse(small, "baseline", codebook=small / "themes.csv").computed
    assert compare(small).computed, "the other round is coded anew, under the same codebook"
    assert {row["label"] for row in export(small, "codings")} <= {"Talking", "Time"}


def test_no_run_ever_changes_a_decision(small: Path) -> None:
    decide(small, "Trust (works well)")
    before = Audit(small / "audit").store.rows("SELECT * FROM decisions ORDER BY answer, theme")
    assert before
    analyse(small, "baseline")
    write_round(small, "repeat", ROUNDS["repeat"].replace("always", "nearly always"))
    compare(small, "baseline", "repeat")
    (small / "themes.csv").write_text("label\nTalking\n", encoding="utf-8")
    analyse(small, "baseline", codebook=small / "themes.csv")
    assert Audit(small / "audit").store.rows("SELECT * FROM decisions ORDER BY answer, theme") == before


def test_rows_in_another_order_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    other = tmp_path / "shuffled"
    shutil.copytree(small, other)
    lines = [*ROUNDS["repeat"].strip().splitlines(), "d1,ward-4,astronaut,2026-01-12,9,3,Fog,", "d2,ward-4,,,8,0,,Fog"]
    write_round(small, "repeat", "\n".join(lines))
    random.Random(7).shuffle(lines)
    write_round(other, "repeat", "\n".join(lines))
    for folder in (small, other):
        compare(folder, "baseline", "repeat")
    for table in TABLES:
        for options in ({}, {"level": "excerpt", "all_scores": True}) if table == "codings" else ({},):
            mine, theirs = export(small, table, **options), export(other, table, **options)
            for row in (*mine, *theirs):
                row.pop("row", None)
            assert mine == theirs, table
            assert mine or table == "exceptions", table


def test_strict_refuses_what_was_taken_before(tmp_path: Path) -> None:
    ratings_only(tmp_path, "baseline", first="9")
    assert analyse(tmp_path, "baseline").summary["rounds"][0]["problems"]["error"] == 1
    with pytest.raises(AuditkitError, match=r"1 problem in baseline\.csv, so nothing was taken") as caught:
        analyse(tmp_path, "baseline", strict=True)
    assert "row 2" in caught.value.details[0]


def test_an_original_in_the_audits_folder_is_told(small: Path) -> None:
    assert not analyse(small, "baseline").summary["inside"]
    shutil.copy(small / "baseline.csv", small / "audit" / "baseline.csv")
    audit = Audit(small / "audit")
    done = runs.analyse(audit, [small / "audit" / "baseline.csv"], intake.Options(), quiet)
    assert done.summary["inside"]
    assert not done.computed


CANARIES = ("Quintessa", "Zebulon", "Marchbanks", "Threlkeld", "quintessa.threlkeld")
NAMES = {
    "a1": "Quintessa Threlkeld",
    "a2": "Zebulon Marchbanks",
    "b1": "Ottoline Vavasour",
    "b2": "Peregrine Ashdown",
    "c1": "quintessa.threlkeld@hospital.example",
    "c2": "Wilhelmina Oyelaran",
}


def with_names(path: Path) -> None:
    """The same sheet with people's names in place of their codes."""
    text = path.read_text(encoding="utf-8").replace("respondent", "Your name", 1)
    for code, person in NAMES.items():
        text = text.replace(f"{code},ward", f"{person},ward")
    path.write_text(text, encoding="utf-8")


def everything_in(folder: Path) -> str:
    """All bytes under a folder, workbooks unpacked, as text; names of files too."""
    import zipfile

    found = []
    for path in folder.rglob("*"):
        found.append(path.name)
        if path.is_file():
            found.append(path.read_bytes().decode("latin-1"))
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as book:
                    found += [book.read(name).decode("latin-1") for name in book.namelist()]
    return "\n".join(found).casefold()


def test_names_are_nowhere_but_in_the_key(tmp_path: Path, own_data_folder: Path) -> None:
    for name in ROUNDS:
        with_names(write_round(tmp_path, name))
    done = compare(tmp_path, "baseline", "repeat")
    assert done.summary["people"] == 6, "the key links both rounds"
    decide(tmp_path, "Trust")
    from auditkit import feedback

    audit = Audit(tmp_path / "audit")
    rounds, compared = holdings.current_source(audit, quiet)
    feedback.make(audit, rounds, compared, feedback.Wanted(all_packs=True))
    for table in (*TABLES, "runs"):
        runs.export(audit, table, "xlsx", tmp_path / "audit" / "exports" / f"{table}.xlsx")
    text = everything_in(tmp_path / "audit")
    assert "she keeps her promises" in text, "the search itself works"
    assert [name for name in CANARIES if name.casefold() in text] == []
    (key,) = own_data_folder.rglob("key-*.csv")
    assert "quintessa threlkeld" in key.read_text(encoding="utf-8").casefold()


def test_a_key_in_the_audits_folder_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with_names(ratings_only(tmp_path, "baseline"))
    with pytest.raises(Refused):
        analyse(tmp_path, "baseline", key=tmp_path / "audit" / "key.csv")
    assert not (tmp_path / "audit").exists()


def test_the_key_is_found_again_where_it_was_put(tmp_path: Path) -> None:
    for name in ROUNDS:
        with_names(ratings_only(tmp_path, name))
    analyse(tmp_path, "baseline", key=tmp_path / "safe" / "key.csv")
    analyse(tmp_path, "repeat")
    assert compare(tmp_path).summary["people"] == 6
    (tmp_path / "safe" / "key.csv").unlink()
    with pytest.raises(AuditkitError, match=r"key\.csv, is missing: people would get other codes"):
        analyse(tmp_path, "baseline", round="third")


def cut_off(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> Callable[[], None]:
    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(place, name, die)
    return monkeypatch.undo


PLACES = [
    (Audit, "_save_round", 2), (stored_runs, "save", 2), (config, "save", 3), (codebook, "write", 3),
    (outputs, "write_rounds", 3), (Audit, "mark_written", 3),
]  # fmt: skip


@pytest.mark.parametrize(("place", "name", "rounds"), PLACES)
def test_a_run_that_is_cut_off_is_completed_by_the_next(
    small: Path, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, rounds: int
) -> None:
    """Before the commit the audit is as it was, after it as it will be; then the outputs follow."""
    ratings_only(small, "third")
    undo = cut_off(monkeypatch, place, name)
    with pytest.raises(KeyboardInterrupt):
        analyse(small, "third")
    undo()
    assert len(Audit(small / "audit").rounds()) == rounds
    assert not list((small / "audit").rglob(".writing-*"))
    assert analyse(small, "third").computed
    assert (small / "audit" / "out" / "analyst" / "report-third.html").exists()
    assert not analyse(small, "third").computed
    assert [row["written"] for row in run_rows(small)] == [1] * 5


def test_a_comparison_that_is_cut_off_is_completed_by_the_next(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(small, "none")
    undo = cut_off(monkeypatch, outputs, "write_comparison")
    with pytest.raises(KeyboardInterrupt):
        compare(small)
    undo()
    old = (small / "audit" / "out" / "analyst" / "comparison.html").read_bytes()
    assert compare(small).computed
    assert (small / "audit" / "out" / "analyst" / "comparison.html").read_bytes() != old
    assert not compare(small).computed


def test_a_review_that_is_cut_off_is_completed_by_the_next(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undo = cut_off(monkeypatch, outputs, "write_rounds")
    with pytest.raises(KeyboardInterrupt):
        decide(small, "none")
    undo()
    report = small / "audit" / "out" / "analyst" / "report-baseline.html"
    old = report.read_bytes()
    decisions.take_over(Audit(small / "audit"), small / "review.csv", "AB", quiet)
    assert report.read_bytes() != old


def test_recoding_that_is_cut_off_is_completed_by_the_next(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small / "themes.csv").write_text("label\nTalking\n", encoding="utf-8")
    analyse(small, "baseline", codebook=small / "themes.csv")
    undo = cut_off(monkeypatch, outputs, "write_rounds")
    with pytest.raises(KeyboardInterrupt):
        compare(small)
    undo()
    compare(small)
    report = (small / "audit" / "out" / "analyst" / "report-repeat.html").read_text(encoding="utf-8")
    assert "Support from the top" not in report
    before = bytes_of(small / "audit")
    compare(small)
    assert bytes_of(small / "audit") == before


KILLS = 24


@pytest.mark.slow
def test_killed_at_any_moment(small: Path) -> None:
    """A real process, killed with -9 at random moments: as before or after, and the same command completes it."""
    if sys.platform == "win32":
        pytest.skip("no SIGKILL here")
    shutil.copy(small / "repeat.csv", small / "third.csv")
    command = [sys.executable, "-m", "auditkit", "analyse", "third.csv", "--audit", "audit"]
    start = time.monotonic()
    subprocess.run(command, cwd=small, check=True, capture_output=True)
    whole = time.monotonic() - start
    want = {table: export(small, table) for table in TABLES}
    shutil.copy(small / "baseline.csv", small / "other.csv")
    chance = random.Random(1)
    completed = 0
    for number in range(KILLS):
        name = ("other.csv", "repeat.csv")[number % 2]
        shutil.copy(small / name, small / "third.csv")
        process = subprocess.Popen(command, cwd=small, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.1) * whole if number % 4 else 0.9 * whole)
        process.send_signal(signal.SIGKILL)
        completed += process.wait() == 0
        audit = Audit(small / "audit")
        assert set(audit.rounds()) == {"baseline", "repeat", "third"}
        assert audit.store.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        assert len(audit.load_round("third").responses.answers) in (11, 12)
        audit.store.close()
        for html in (small / "audit" / "out").rglob("*.html"):
            assert html.read_text(encoding="utf-8").rstrip().endswith("</html>"), "never half a file"
    assert completed < KILLS
    subprocess.run(command, cwd=small, check=True, capture_output=True)
    assert {table: export(small, table) for table in TABLES} == want
    assert all(row["written"] for row in run_rows(small)[-1:])


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("baseline", "baseline"), "are the same file"),
        (("baseline",), "holds one round, baseline"),
        (("baseline", "repeat", "baseline"), "Two files can be compared"),
        (("gone", "repeat"), "gone.csv"),
    ],
)
def test_what_cannot_be_compared_is_named(small: Path, names: tuple[str, ...], found: str) -> None:
    with pytest.raises(AuditkitError, match=found) as caught:
        compare(small, *names)
    assert caught.value.exit_code == 2
    assert caught.value.fix


def test_files_named_the_wrong_way_round_are_noticed(small: Path) -> None:
    done = compare(small, "repeat", "baseline")
    assert (done.summary["before"], done.summary["after"]) == ("repeat", "baseline")
    assert done.summary["notes"][0].startswith("repeat is dated after baseline")
    assert "dated after" not in str(compare(small, "baseline", "repeat").summary["notes"])


def test_two_files_of_one_round_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for name, first in (("one", "4"), ("two", "2")):
        path = ratings_only(tmp_path, name, first=first)
        lines = path.read_text(encoding="utf-8").replace("date", "round")
        path.write_text(re.sub(r"2025-\d\d-\d\d", "2025", lines), encoding="utf-8")
    with pytest.raises(AuditkitError, match='Both files are the round "2025"'):
        compare(tmp_path, "one", "two")
    assert "4.0" in {row["rating"] for row in export(tmp_path, "ratings") if row["respondent"] == "a1"}


def test_an_audit_of_one_round_asks_for_the_other(tmp_path: Path) -> None:
    ratings_only(tmp_path, "baseline")
    analyse(tmp_path, "baseline")
    with pytest.raises(AuditkitError, match="This audit has one round, baseline"):
        compare(tmp_path)
    assert holdings.latest_source(Audit(tmp_path / "audit"))[1] is None


def test_headers_and_names_of_every_kind_are_known_again(tmp_path: Path) -> None:
    questions = ['What "works" well?\nSay it = freely.', "Was läuft schlecht? 🙂", "a.b.c", "'quoted'", "#hash [x]"]
    path = tmp_path / "Zoë's answers (1).xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Code", "Ward", "Role", *questions])
    for n in range(1, 5):
        for role in ("doctor", "manager"):
            sheet.append(
                [
                    f"{role[0]}{n}",
                    f"Ward {n}",
                    role,
                    f"We talk openly number {n}.",
                    f"Too little time, {n} of {role}.",
                    n,
                    5 - n,
                    n,
                ]
            )
    book.save(path)
    audit = tmp_path / "Prüfung 1, mit Leerzeichen"
    assert runs.analyse(Audit(audit), [path], intake.Options(), quiet).computed
    before = bytes_of(audit)
    assert not runs.analyse(Audit(audit), [path], intake.Options(), quiet).computed
    assert bytes_of(audit) == before
    assert Audit(audit).outdated(Audit(audit).rounds()) == []


def test_options_that_name_columns_are_part_of_the_command(small: Path) -> None:
    first = analyse(small, "baseline", columns=Overrides(text=("What works well?",)))
    assert first.computed
    assert {row["question"] for row in export(small, "answers") if row["round"] == "baseline"} == {"What works well?"}
    assert not analyse(small, "baseline", columns=Overrides(text=("What works well?",))).computed
