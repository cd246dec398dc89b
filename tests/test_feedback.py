"""From the audit folder to files: which packs are made, what refuses, what is taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from auditkit import feedback, holdings
from auditkit.audit import Audit, Run
from auditkit.cli import app
from auditkit.comparison import compare
from auditkit.errors import AuditkitError, Refused
from auditkit.feedback import Wanted
from synthetic import change, coded, reviewed, rows_of, truth_of, without

DRAFT = "DRAFT: suggested by software, not yet reviewed"
ALL = Wanted(all_packs=True, level=1)


def an_audit(folder: Path, rows: pd.DataFrame, pairs: int = 8) -> Audit:
    """An audit that holds both rounds, coded as is known and compared."""
    audit = Audit(folder / "audit")
    folder.mkdir(exist_ok=True)
    rounds = coded(rows, truth_of(pairs), folder)
    step = Run("analyse", tuple(one.round for one in rounds), {}, audit.config.fingerprint(), "", str(len(rows)))
    audit.save_rounds(rounds, step, {"written": []})
    step = replace(step, command="compare")
    audit.save_run(step, {"written": []})
    audit.mark_written(step)
    return audit


def make(audit: Audit, wanted: Wanted, names: Sequence[str] = ("baseline", "repeat"), *, done: bool = False) -> Any:
    rounds = [audit.load_round(name) for name in names]
    if done:
        rounds = [reviewed(one) for one in rounds]
    compared = compare(rounds[0], rounds[1], audit.codebook, audit.config) if len(rounds) == 2 else None
    return feedback.make(audit, rounds, compared, wanted)


def test_every_pack_is_made_under_names_of_pair_and_role(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    made = [one.path for one in make(audit, ALL).packs]
    assert made[:3] == [
        "out/packs/all/all-participants.html",
        "out/packs/sponsor/sponsor.html",
        "out/packs/coach/coach.html",
    ]
    assert len(made) == 3 + 18 + 9 + 1
    assert "out/packs/individual/ward-3-doctor.html" in made
    assert [name for name in made if "level-1" in name] == ["out/packs/pair/ward-3-level-1.html"]
    assert all((audit.folder / name).read_text().count(DRAFT) == 3 for name in made)


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        (Wanted("all"), ["all/all-participants.html"]),
        (Wanted("sponsor"), ["sponsor/sponsor.html"]),
        (Wanted("coach"), ["coach/coach.html"]),
        (Wanted("individual", "WARD 4"), ["individual/ward-4-doctor.html", "individual/ward-4-manager.html"]),
        (Wanted(pair="Ward 4"), ["pair/ward-4.html"]),
        (Wanted("pair", " ward_4 "), ["pair/ward-4.html"]),
        (Wanted(pair="ward-3", level=1), ["pair/ward-3.html", "pair/ward-3-level-1.html"]),
        (Wanted("all", "ward-4"), ["all/all-participants.html", "pair/ward-4.html"]),
    ],
)
def test_what_is_asked_for_is_made_and_nothing_else(wanted: Wanted, files: list[str], tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    made = make(audit, wanted)
    assert [one.path for one in made.packs] == [f"out/packs/{name}" for name in files]
    there = sorted(path.relative_to(audit.folder).as_posix() for path in (audit.out / "packs").rglob("*.html"))
    assert there == sorted(one.path for one in made.packs)


@pytest.mark.parametrize(
    ("wanted", "message", "fix"),
    [
        (Wanted(pair="ward-33"), 'There is no pair "ward-33".', "Nearest: ward-3"),
        (Wanted("individual", "ward-33"), 'There is no pair "ward-33".', "Nearest: ward-3"),
        (Wanted(pair="?"), 'There is no pair "?".', "Pairs: "),
        (Wanted("boss"), 'There is no audience "boss".', "Use one of: "),
        (Wanted("pair"), "For which pair?", "--all-packs"),
        (Wanted(), "For whom?", "--pair P"),
        (Wanted(pair="ward-3", level=2), "There is no level 2.", "--level 0"),
    ],
)
def test_wrong_use_is_explained_and_writes_nothing(wanted: Wanted, message: str, fix: str, tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    with pytest.raises(AuditkitError) as error:
        make(audit, wanted)
    assert (error.value.exit_code, error.value.message) == (2, message)
    assert fix in error.value.fix
    assert not (audit.out / "packs").exists()


def test_a_refused_level_1_writes_no_level_0_either(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    with pytest.raises(Refused):
        make(audit, Wanted(pair="ward-2", level=1))
    assert not (audit.out / "packs").exists()


def test_final_refuses_while_one_answer_waits_and_names_no_answer(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    with pytest.raises(Refused) as refusal:
        make(audit, replace(ALL, final=True))
    assert refusal.value.exit_code == 3
    assert refusal.value.message.startswith("Refused: ")
    assert not (audit.out / "packs").exists()


def test_reviewed_packs_are_drafts_of_another_kind_until_final(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    made = make(audit, Wanted("all"), done=True)
    page = (audit.folder / made.packs[0].path).read_text()
    assert made.is_draft
    assert DRAFT not in page
    assert page.count("DRAFT: reviewed, not yet final") == 3
    final = make(audit, Wanted("all", final=True), done=True)
    assert not final.is_draft
    assert "DRAFT" not in (audit.folder / final.packs[0].path).read_text()


def test_a_round_of_ratings_alone_needs_no_review(tmp_path: Path) -> None:
    rows = rows_of().assign(**{f"Q{number}": "" for number in range(1, 8)})
    audit = an_audit(tmp_path, rows)
    made = make(audit, Wanted("all", final=True))
    page = (audit.folder / made.packs[0].path).read_text()
    assert not made.is_draft
    assert "The scales, one by one</h2>" in page
    assert "What you wrote about" not in page
    assert "Written answers" not in page
    assert ("Themes of the written answers", "fewer than 10 people") not in made.packs[0].withheld


def test_text_alone_gives_themes_and_no_empty_sections(tmp_path: Path) -> None:
    from synthetic import ITEMS

    audit = an_audit(tmp_path, rows_of().drop(columns=[*ITEMS, "OVERALL", "MEET"]))
    made = make(audit, Wanted("all"))
    page = (audit.folder / made.packs[0].path).read_text()
    assert "What you wrote about</h2>" in page
    for absent in ("The scales, one by one", "How the answers were spread", "Doctors and managers", "Verdict for each"):
        assert absent not in page
    assert "Named most as what gets in the way: " in page
    assert not made.packs[0].withheld
    with pytest.raises(AuditkitError, match="no ratings") as error:
        make(audit, Wanted(pair="ward-3", level=1))
    assert error.value.exit_code == 2


def test_without_pairs_there_is_no_pack(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    rounds = [audit.load_round("repeat")]
    people = rounds[0].responses.people.assign(pair="")
    rounds = [replace(rounds[0], responses=replace(rounds[0].responses, people=people))]
    with pytest.raises(AuditkitError, match="No row names a pair"):
        feedback.make(audit, rounds, None, ALL)


def test_unlinked_rounds_get_programme_packs_and_nobodys_own(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of(12), pairs=12)
    rounds = []
    for number, name in enumerate(("baseline", "repeat")):
        one = audit.load_round(name).responses
        frames = {
            table: getattr(one, table).assign(respondent=lambda frame, n=number: frame["respondent"] + f"-{n}")
            for table in ("answers", "ratings", "facts", "people")
        }
        rounds.append(replace(audit.load_round(name), responses=replace(one, linked=False, **frames)))
    compared = compare(rounds[0], rounds[1], audit.codebook, audit.config)
    made = feedback.make(audit, rounds, compared, ALL)
    folders = {one.path.split("/")[2] for one in made.packs}
    assert compared.design == "unlinked"
    assert folders == {"all", "sponsor", "coach", "pair"}
    page = (audit.folder / "out/packs/all/all-participants.html").read_text()
    assert "unlinked" not in page
    assert "described only" in page
    with pytest.raises(AuditkitError, match="who wrote which row"):
        feedback.make(audit, rounds, compared, Wanted("individual"))


def test_one_round_gives_that_rounds_packs(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    made = make(audit, ALL, ["repeat"])
    assert (made.rounds, made.made_from) == (("repeat",), "the round repeat")
    page = (audit.folder / "out/packs/all/all-participants.html").read_text()
    assert "baseline" not in page
    assert "What changed" not in page
    assert "0.5 points" not in page


def test_a_final_baseline_pack_holds_back_before_in_the_years_pack(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, without(rows_of(11), "ward-2", "doctor", "repeat"), pairs=11)
    make(audit, Wanted("all"), ["baseline"], done=True)
    free = make(audit, Wanted("all"))
    assert not [term for term, _ in free.packs[0].withheld if "baseline" in term]
    make(audit, Wanted("all", final=True), ["baseline"], done=True)
    held = make(audit, Wanted("all"))
    assert [term for term, _ in held.packs[0].withheld if "baseline" in term] == [
        "Figures of baseline, and the size of changes",
        "Themes in baseline",
    ]


def test_raising_a_threshold_does_not_unsay_an_issued_pack(tmp_path: Path) -> None:
    """What was handed out under the floors counts as shown, whatever the thresholds are today."""
    audit = an_audit(tmp_path, rows_of(8))
    make(audit, Wanted(audience="all", final=True), ["baseline"], done=True)
    (one,) = feedback._issued(audit, ("baseline", "repeat"))
    assert one.config.thresholds.model_dump() == {"k_numbers": 7, "k_comments": 7, "k_pairs": 4, "k_theme": 3}


def test_whoever_withdraws_loses_the_packs_made_before(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    make(audit, ALL)
    gone = without(rows_of(), "ward-4", "manager", "baseline", "repeat")
    audit.store.close()
    audit = an_audit(tmp_path, gone)
    made = make(audit, Wanted("all"))
    assert made.recalled == ("out/packs/individual/ward-4-manager.html",)
    assert not (audit.folder / made.recalled[0]).exists()
    assert (audit.folder / "out/packs/individual/ward-4-doctor.html").exists()


@pytest.mark.parametrize("name", ["baseline", "repeat"])
def test_level_1_is_taken_back_with_the_agreement(name: str, tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    make(audit, ALL)
    audit.store.close()
    audit = an_audit(tmp_path, change(rows_of(), "ward-3", "doctor", name, consent_pair_ratings="no"))
    made = make(audit, Wanted("all"))
    assert made.recalled == ("out/packs/pair/ward-3-level-1.html",)
    assert (audit.folder / "out/packs/pair/ward-3.html").exists()


def test_a_later_rounds_no_forbids_level_1_of_an_earlier_one(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, change(rows_of(), "ward-3", "doctor", "repeat", consent_pair_ratings=""))
    with pytest.raises(Refused):
        make(audit, Wanted(pair="ward-3", level=1), ["baseline"])


def test_thresholds_below_those_of_the_first_import_are_refused(tmp_path: Path) -> None:
    audit = an_audit(tmp_path, rows_of())
    (audit.folder / "audit.toml").write_text("[thresholds]\nk_numbers = 8\n")
    with pytest.raises(Refused) as refusal:
        make(Audit(audit.folder), ALL)
    assert refusal.value.exit_code == 3


# --- The command ---------------------------------------------------------------------------------------------


def call(folder: Path, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--audit", str(folder / "audit")])


def test_the_command_names_the_comparison_and_takes_an_earlier_one(small: Path) -> None:
    audit = Audit(small / "audit")
    first = audit.latest("compare")
    assert first is not None
    done = call(small, "feedback", "--audience", "all")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"From comparison {first['run']}, baseline to repeat: 1 pack")
    assert call(small, "feedback", "--audience", "all", "--comparison", str(first["run"])).exit_code == 0
    unknown = call(small, "feedback", "--audience", "all", "--comparison", "99")
    assert unknown.exit_code == 2
    assert f"{first['run']} (baseline to repeat)" in unknown.output


def test_an_earlier_comparison_is_found_by_its_number(small: Path) -> None:
    audit = Audit(small / "audit")
    run = Run("compare", ("repeat", "baseline"), {}, "", "")
    audit.save_run(run, {"written": []})
    runs_ = audit.store.rows("SELECT run, rounds FROM runs WHERE command = 'compare' ORDER BY run")
    assert [json.loads(row["rounds"]) for row in runs_] == [["baseline", "repeat"], ["repeat", "baseline"]]
    for row in runs_:
        rounds, _ = holdings.latest_source(audit, row["run"])
        assert [one.round for one in rounds] == json.loads(row["rounds"])


def test_the_analysts_pack_is_all_of_out_analyst(small: Path) -> None:
    done = call(small, "feedback", "--audience", "analyst")
    assert done.exit_code == 0
    for name in ("report-baseline.html", "report-repeat.html", "analysis.xlsx", "comparison.html", "comparison.xlsx"):
        assert name in done.stdout
    assert not (small / "audit" / "out" / "packs").exists()


def test_final_works_once_the_sheet_of_suggestions_is_applied(small: Path) -> None:
    path = small / "review.csv"
    assert call(small, "feedback", "--all-packs", "--final").exit_code == 3
    assert call(small, "review", "export", "-o", str(path)).exit_code == 0
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert len(sheet) > 10
    sheet["themes"] = [suggested or "none" for suggested in sheet["suggested"]]
    sheet.iloc[1:].to_csv(path, index=False)
    assert call(small, "review", "apply", str(path), "--coder", "AB").exit_code == 0
    assert call(small, "feedback", "--all-packs", "--final").exit_code == 3
    sheet.iloc[:1].to_csv(path, index=False)
    assert call(small, "review", "apply", str(path), "--coder", "AB").exit_code == 0
    done = call(small, "feedback", "--all-packs", "--final")
    assert done.exit_code == 0, done.output
    assert "DRAFT" not in done.output
    pages = list((small / "audit" / "out" / "packs").rglob("*.html"))
    assert len(pages) == 3 + 6 + 3
    assert not [page for page in pages if "DRAFT" in page.read_text(encoding="utf-8")]


def test_a_users_block_goes_through_the_command(small: Path) -> None:
    folder = small / "audit" / "templates"
    folder.mkdir()
    (folder / "pair_level0.html").write_text(
        '{% extends "builtin/pair_level0.html" %}{% block promise %}<p>Our own promise.</p>{% endblock %}'
    )
    assert call(small, "feedback", "--pair", "ward-1").exit_code == 0
    page = (small / "audit" / "out" / "packs" / "pair" / "ward-1.html").read_text(encoding="utf-8")
    assert "Our own promise." in page
    assert "Nothing here comes from" not in page
    assert "Three questions for a conversation" in page
    assert page.count(DRAFT) == 3


def test_no_template_can_leave_the_draft_words_out(small: Path) -> None:
    folder = small / "audit" / "templates"
    folder.mkdir()
    (folder / "base.html").write_text("<!doctype html><title>{{ title }}</title>{% block main %}{% endblock %}")
    done = call(small, "feedback", "--pair", "ward-1")
    assert done.exit_code == 2
    assert "does not say that this is a draft" in done.output


@pytest.mark.parametrize("text", ["{% block promise %}", "{{ nothing.at.all }}", '{% extends "builtin/no.html" %}'])
def test_a_broken_template_is_exit_2_with_file_and_line(text: str, small: Path) -> None:
    folder = small / "audit" / "templates"
    folder.mkdir()
    (folder / "pair_level0.html").write_text(text)
    done = call(small, "feedback", "--pair", "ward-1")
    assert done.exit_code == 2
    assert "error: template pair_level0.html, line 1" in done.output
    assert not (small / "audit" / "out" / "packs").exists()
