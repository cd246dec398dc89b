"""Versions of an audit's codebook: what changes with it, what comes back, and what survives a crash."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit import (
    accepting,
    codebook,
    codebook_changes,
    codebook_edits,
    codebook_history,
    codebook_sheets,
    coder,
    decisions,
    feedback,
    holdings,
    intake,
    qda_project,
    runs,
)
from auditkit.analysis import text_hash
from auditkit.audit import Audit
from auditkit.codebook import Theme
from auditkit.codebook_edits import Done, Make, Plan
from auditkit.decided import Verdict
from auditkit.errors import AuditkitError, Refused
from conftest import ROUNDS, write_round


def quiet(step: str, done: int, total: int) -> None:
    pass


def opened(folder: Path) -> Audit:
    return Audit(folder / "audit")


def merge(one: str, other: str) -> Make:
    return lambda book, taken: codebook_changes.merge(book, one, other)


def retire(typed: str) -> Make:
    return lambda book, taken: codebook_changes.retire(book, typed)


def restore(typed: str) -> Make:
    return lambda book, taken: codebook_changes.restore(book, typed)


def add(label: str, **fields: Any) -> Make:
    return lambda book, taken: codebook_changes.add(book, Theme("", label, **fields), taken)


def plan(folder: Path, make: Make | Callable[[Audit], Make], author: str | None = "CD") -> Plan:
    audit = opened(folder)
    wanted = make(audit) if make is codebook_edits.undo else make
    return codebook_edits.propose(audit, wanted, author, quiet)  # type: ignore[arg-type]


def change(folder: Path, make: Any, author: str | None = "CD", reason: str = "") -> Done:
    audit = opened(folder)
    wanted = make(audit) if make is codebook_edits.undo else make
    return codebook_edits.apply(audit, codebook_edits.propose(audit, wanted, author, quiet), reason, quiet)


def undo(folder: Path) -> Done:
    return change(folder, codebook_edits.undo)


def decide(folder: Path, themes: Callable[[dict[str, str]], str] = lambda row: "none", coder: str = "AB") -> None:
    path, _ = decisions.hand_out(opened(folder), folder / "review.csv", None, None)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, "themes": themes(row)} for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    decisions.take_over(opened(folder), path, coder, quiet)
    path.unlink()


def decided(folder: Path) -> set[tuple[Any, ...]]:
    """Every decision as it lies in the store, with who took it and when."""
    return {tuple(row.values()) for row in opened(folder).store.rows("SELECT * FROM decisions")}


def codes(folder: Path, coder: str = "AB") -> dict[str, str]:
    """Text to label and pole of what a person set."""
    text = runs.export(opened(folder), "codings", "csv", None) or ""
    answers = {
        (row["round"], row["row"], row["question"]): row["text"]
        for row in csv.DictReader(io.StringIO(runs.export(opened(folder), "answers", "csv", None) or ""))
    }
    return {
        answers[row["round"], row["row"], row["question"]]: f"{row['label']} ({row['pole']})"
        for row in csv.DictReader(io.StringIO(text))
        if row["coder"] == coder
    }


def left(folder: Path) -> set[str]:
    """The texts that wait to be read."""
    path, _ = decisions.hand_out(opened(folder), folder / "left.csv", None, None)
    with path.open(encoding="utf-8", newline="") as file:
        found = {row["text"] for row in csv.DictReader(file)}
    path.unlink()
    return found


def labels(folder: Path) -> list[str]:
    return [theme.label for theme in opened(folder).codebook.accepted]


def versions(folder: Path) -> list[tuple[int, str, str]]:
    return [(one.version, one.author, one.action) for one in codebook_history.versions(opened(folder))]


def by_hand(folder: Path, label: str, column: str, text: str) -> None:
    path = folder / "audit" / "codebook.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Themes"]
    header = [cell.value for cell in sheet[1]]
    row = next((row for row in sheet.iter_rows(min_row=2) if row[header.index("label")].value == label), None)
    if row is None:
        sheet.append([label if name == "label" else text if name == column else None for name in header])
    else:
        row[header.index(column)].value = text
    book.save(path)


def pick(*said: str) -> Callable[[dict[str, str]], str]:
    """Beginnings of answers, each followed by its labels; none for all the others."""
    given = dict(zip(said[::2], said[1::2], strict=True))
    return lambda row: next((themes for start, themes in given.items() if row["text"].startswith(start)), "none")


# versions


def test_the_first_analysis_makes_the_first_version(small: Path) -> None:
    assert versions(small) == [(1, "auditkit", "first")]
    assert codebook_history.same(codebook_history.versions(opened(small))[0].codebook, codebook.default())


def test_a_change_is_a_version_with_author_reason_and_what(small: Path) -> None:
    change(small, add("Night work", definition="Working at night."), "Zoë  Ñ", "people  speak of it")
    last = codebook_history.versions(opened(small))[-1]
    assert (last.version, last.author, last.action, last.reason) == (2, "Zoë Ñ", "add", "people speak of it")
    assert last.said[0] == 'T13 "Night work" is new.'
    assert opened(small).codebook.by_id("T13").set_by == "Zoë Ñ"
    assert {opened(small).round_of(name)["codebook"] for name in ("baseline", "repeat")} == {last.fingerprint}
    change(small, retire("T13"), author=None)
    assert versions(small)[-1] == (3, "Zoë Ñ", "retire")


def test_a_preview_changes_nothing(small: Path) -> None:
    before = {path: path.read_bytes() for path in (small / "audit").rglob("*.*") if "cache" not in path.parts}
    plan(small, merge("T03", "T01"))
    assert {path: path.read_bytes() for path in before} == before


def test_somebody_has_to_be_named(small: Path) -> None:
    with pytest.raises(AuditkitError, match="Nobody is named"):
        plan(small, retire("T01"), author=None)
    for name in ("by hand", "machine", "Auditkit", "x" * 41):
        with pytest.raises(AuditkitError, match="cannot be an author"):
            plan(small, retire("T01"), author=name)


def test_undo_brings_the_same_codebook_back(small: Path) -> None:
    before, fingerprint = opened(small).codebook, opened(small).codebook.fingerprint()
    codebook.write(small / "before.csv", before)
    change(small, merge("Shared goals", "Trust"))
    change(small, codebook_edits.split(opened(small), "Trust", ["Reliance", "Openness"]))
    assert labels(small)[-2:] == ["Reliance", "Openness"]
    assert "Trust" not in labels(small)
    undo(small)
    undo(small)
    codebook.write(small / "after.csv", opened(small).codebook)
    assert (small / "after.csv").read_bytes() == (small / "before.csv").read_bytes()
    assert opened(small).codebook.fingerprint() == fingerprint
    assert versions(small)[3:] == [(4, "CD", "undo"), (5, "CD", "undo")]
    with pytest.raises(AuditkitError, match="nothing to undo"):
        undo(small)


def test_an_id_is_never_used_again(small: Path) -> None:
    change(small, add("Night work"))
    undo(small)
    change(small, add("Rota"))
    assert opened(small).codebook.by_id("T14").label == "Rota"
    undo(small)
    by_hand(small, "Parking", "definition", "Where to leave the car.")
    assert opened(small).codebook.by_id("T15").label == "Parking"
    with pytest.raises(KeyError):
        opened(small).codebook.by_id("T13")


def test_no_theme_left_is_refused(small: Path) -> None:
    (small / "none.csv").write_text("label,status\nParking,retired\n", encoding="utf-8")
    with pytest.raises(AuditkitError, match="No theme would be left"):
        plan(small, codebook_edits.take(opened(small), small / "none.csv"))


# decisions


def test_decisions_follow_a_merge_and_come_back(small: Path) -> None:
    decide(small, pick("She", "Shared goals (problem); Trust (works well)", "I can", "Shared goals"))
    before = decided(small)
    found = plan(small, merge("Shared goals", "Trust"))
    assert (found.moved, found.joined, found.both, found.again) == (4, 2, 2, ())
    change(small, merge("Shared goals", "Trust"))
    assert codes(small) == {"She keeps her promises.": "Trust (mixed)", "I can rely on him, always.": "Trust (good)"}
    assert left(small) == set()
    log = opened(small).store.rows("SELECT who, action FROM log WHERE action LIKE 'codebook version%'")
    assert {(row["who"], row["action"]) for row in log} == {("CD", "codebook version 2: merge")}
    undo(small)
    assert decided(small) == before
    assert left(small) == set()


@pytest.mark.slow
def test_what_was_decided_since_is_kept_by_undo_and_listed(small: Path) -> None:
    decide(small, pick("I can rely", "Shared goals"))
    change(small, merge("Shared goals", "Trust"))
    audit = opened(small)
    (key,) = [r["answer"] for r in audit.store.rows("SELECT answer FROM answers WHERE text LIKE 'I can%'")][:1]
    row = {"answer": key, "text_hash": "h", "theme": "T02", "pole": "good", "decision": "added"}
    audit.decide(Verdict([row]), "EF")
    found = plan(small, codebook_edits.undo)
    assert (found.moved, len(found.kept)) == (1, 1)
    undo(small)
    assert {theme for _, _, theme, *_ in decided(small)} >= {"T02", "T03"}
    assert {row[5] for row in decided(small) if row[0] == key} == {"EF"}


def test_a_split_asks_a_person_again_and_keeps_the_rest(small: Path) -> None:
    decide(small, pick("I can rely", "Trust (works well); Respect (works well)"))
    before = decided(small)
    parts = codebook_edits.split(opened(small), "Trust", ["Reliance", "Openness"])
    assert len(plan(small, parts).again) == 2
    done = change(small, parts)
    assert done.again == 2
    assert left(small) == {"I can rely on him, always."}
    assert decided(small) == before, "nothing a person decided is lost"
    assert codes(small) == {"I can rely on him, always.": "Respect (good)"}
    coded = opened(small).load_round("baseline")
    (look,) = coded.again.values()
    assert look.note == "look again; was: Trust; new: Reliance, Openness"
    spoken = coded.codings[coded.codings["answer"].isin(coded.again) & (coded.codings["coder"] == "machine")]
    assert set(spoken["theme"]) <= {"T13", "T14"}, "software speaks of the new themes alone"
    with pytest.raises(Refused):
        final_packs(small)
    decide(small, lambda row: "Reliance")
    assert left(small) == set()
    assert codes(small) == {"I can rely on him, always.": "Reliance (good)"}
    found = plan(small, codebook_edits.undo)
    assert (found.moved, found.kept, found.again) == (2, (), ()), "a part is the whole again"
    undo(small)
    assert left(small) == set()
    assert codes(small) == {"I can rely on him, always.": "Trust (good)"}


def final_packs(folder: Path) -> None:
    audit = opened(folder)
    rounds, comparison = holdings.current_source(audit, quiet)
    feedback.make(audit, rounds, comparison, feedback.Wanted(all_packs=True, final=True))


@pytest.mark.slow
def test_undoing_a_split_before_anybody_read_again_leaves_everything_read(small: Path) -> None:
    decide(small, pick("I can rely", "Trust"))
    change(small, codebook_edits.split(opened(small), "Trust", ["Reliance", "Openness"]))
    undo(small)
    assert left(small) == set()
    assert codes(small) == {"I can rely on him, always.": "Trust (good)"}


@pytest.mark.slow
def test_a_retired_theme_sends_back_only_what_loses_its_only_theme(small: Path) -> None:
    decide(small, pick("She", "Trust", "I can", "Trust; Respect"))
    change(small, retire("Trust"))
    assert left(small) == {"She keeps her promises."}
    change(small, restore("Trust"))
    assert left(small) == set()


@pytest.mark.slow
def test_a_new_theme_reaches_back_to_what_was_read_before(small: Path) -> None:
    decide(small)
    assert left(small) == set()
    targets = add("Targets", definition="Targets from above.", statements_poor=("There are many targets from above.",))
    found = plan(small, targets)
    assert {row for _, row in found.again} == {6}, "row 6 of both rounds: too many targets from above"
    change(small, targets)
    assert left(small) == {"Too many targets from above."}
    assert opened(small).load_round("baseline").again
    decide(small)
    assert left(small) == set(), "and once is enough"
    runs.compare(opened(small), [], intake.Options(), quiet)
    assert left(small) == set()


@pytest.mark.slow
def test_what_nobody_has_read_is_not_on_the_list(small: Path) -> None:
    change(small, add("Targets", statements_poor=("There are many targets from above.",)))
    assert opened(small).store.rows("SELECT * FROM second_looks") == []


@pytest.mark.slow
def test_the_figures_of_the_preview_are_what_happens(small: Path) -> None:
    found = plan(small, merge("Communication", "Joint decisions"))
    change(small, merge("Communication", "Joint decisions"))
    assert found.codes[1] == opened(small).store.rows("SELECT count(*) AS n FROM codings WHERE coded")[0]["n"]


@pytest.mark.slow
def test_the_words_that_a_person_chose_go_along_and_come_back(small: Path) -> None:
    audit = opened(small)
    row = audit.store.rows("SELECT answer, text FROM answers WHERE text LIKE 'I can%' ORDER BY answer")[0]
    key = row["answer"]
    decision = {"answer": key, "text_hash": text_hash(row["text"]), "theme": "T03", "pole": "good", "decision": "added"}
    audit.decide(Verdict([decision], spans=[{"answer": key, "theme": "T03", "start": 2, "end": 10}]), "AB")
    before = audit.store.rows("SELECT * FROM spans")
    audit.store.close()
    change(small, merge("T03", "T01"))
    assert [(span["theme"], span["start"]) for span in opened(small).store.rows("SELECT * FROM spans")] == [("T01", 2)]
    texts = {r["text"] for r in csv.DictReader(io.StringIO(runs.export(opened(small), "excerpts", "csv", None) or ""))}
    assert "can rely" in texts
    undo(small)
    assert opened(small).store.rows("SELECT * FROM spans") == before


@pytest.mark.slow
def test_of_a_theme_that_nobody_could_choose_nothing_is_learned(small: Path) -> None:
    decide(small)
    change(small, add("Targets", statements_poor=("There are many targets from above.",)))
    rows = ROUNDS["repeat"].replace("We talk every week.", "There are too many targets from above here.")
    runs.analyse(opened(small), [write_round(small, "third", rows)], intake.Options(), quiet)
    coded = opened(small).load_round("third")
    texts = dict(zip(coded.responses.answers["answer"], coded.responses.answers["text"], strict=True))
    found = coded.codings[(coded.codings["theme"] == "T13") & (coded.codings["coder"] == "machine")]
    assert "There are too many targets from above here." in {texts[answer] for answer in found["answer"]}


@pytest.mark.slow
def test_answers_to_look_at_again_are_never_taken_over_unread(small: Path) -> None:
    decide(small, pick("I can rely", "Trust; Respect"))
    change(small, codebook_edits.split(opened(small), "Trust", ["Reliance", "Openness"]))
    rounds = [opened(small).load_round(name) for name in ("baseline", "repeat")]
    assert any(len(coded.codings[coded.codings["coder"] == "machine"]) for coded in rounds)
    assert accepting.candidates(rounds, 0.0) == {}


@pytest.mark.slow
def test_what_waits_to_be_read_again_still_goes_out_to_other_programs(small: Path) -> None:
    decide(small, pick("I can rely", "Trust; Respect"))
    change(small, codebook_edits.split(opened(small), "Trust", ["Reliance", "Openness"]))
    audit = opened(small)
    coded = audit.load_round("baseline")
    (answer,) = coded.again
    assert set(qda_project.decided(coded, audit.decisions())[answer]) == {"T09"}


# by hand


@pytest.mark.slow
def test_a_hand_edit_is_a_version_of_its_own_at_the_next_step(small: Path) -> None:
    by_hand(small, "Trust", "label", "Reliance")
    assert codebook_history.by_hand(opened(small)) == ['T01 "Trust" is now called "Reliance".']
    assert len(versions(small)) == 1, "looking takes nothing up"
    runs.compare(opened(small), [], intake.Options(), quiet)
    assert versions(small)[1:] == [(2, "by hand", "edit")]
    assert codebook_history.by_hand(opened(small)) == []
    runs.compare(opened(small), [], intake.Options(), quiet)
    assert len(versions(small)) == 2


@pytest.mark.slow
def test_a_hand_edit_of_a_mere_note_is_taken_up_too(small: Path) -> None:
    by_hand(small, "Trust", "include", "Promises.")
    runs.analyse(opened(small), [small / "baseline.csv"], intake.Options(), quiet)
    assert versions(small)[1:] == [(2, "by hand", "edit")]


@pytest.mark.slow
def test_a_theme_added_by_hand_reaches_back_as_well(small: Path) -> None:
    decide(small)
    by_hand(small, "Targets", "statements_poor", "There are many targets from above.")
    runs.compare(opened(small), [], intake.Options(), quiet)
    assert left(small) == {"Too many targets from above."}


@pytest.mark.slow
def test_a_command_takes_hand_edits_up_first(small: Path) -> None:
    by_hand(small, "Trust", "label", "Reliance")
    assert plan(small, retire("Respect")).by_hand
    change(small, retire("Respect"))
    assert versions(small)[1:] == [(2, "by hand", "edit"), (3, "CD", "retire")]
    undo(small)
    assert "Reliance" in labels(small)
    assert "Respect" in labels(small)


@pytest.mark.slow
def test_undo_takes_back_what_was_changed_by_hand(small: Path) -> None:
    change(small, retire("Respect"))
    by_hand(small, "Trust", "label", "Reliance")
    undo(small)
    assert "Trust" in labels(small)
    assert "Respect" not in labels(small)
    undo(small)
    assert "Respect" in labels(small)


@pytest.mark.slow
def test_a_file_changed_between_preview_and_doing_is_not_overwritten(small: Path) -> None:
    audit = opened(small)
    found = codebook_edits.propose(audit, retire("Respect"), "CD", quiet)
    by_hand(small, "Trust", "label", "Reliance")
    with pytest.raises(AuditkitError, match="changed in the meantime"):
        codebook_edits.apply(audit, found, "", quiet)
    assert {"Reliance", "Respect"} <= set(labels(small))


@pytest.mark.slow
def test_a_workbook_without_its_column_of_ids_keeps_every_decision(small: Path) -> None:
    decide(small, pick("I can rely", "Shared goals"))
    before, held = decided(small), opened(small).codebook.themes
    path = small / "audit" / "codebook.xlsx"
    book = openpyxl.load_workbook(path)
    assert book["Themes"]["A1"].value == "id"
    book["Themes"].delete_cols(1)
    book.save(path)
    runs.compare(opened(small), [], intake.Options(), quiet)
    assert opened(small).codebook.themes == held
    assert decided(small) == before
    assert len(versions(small)) == 1
    change(small, merge("Shared goals", "Trust"))
    header = [cell.value for cell in openpyxl.load_workbook(path)["Themes"][1]]
    assert "id" in header, "it is written back at the next change"
    assert codes(small) == {"I can rely on him, always.": "Trust (good)"}


def saved_meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, folder: Path) -> None:
    """Somebody saves codebook.xlsx in Excel just before a command comes to that function, once."""
    real = getattr(module, name)

    def first_saved(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(module, name, real)
        by_hand(folder, "Trust", "definition", "Whether they rely on one another.")
        return real(*args, **named)

    monkeypatch.setattr(module, name, first_saved)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "module", "name"),
    [
        ("merge", codebook_sheets, "_fill"),
        ("analyse", coder, "code_rounds"),
        ("compare", coder, "code_rounds"),
        ("suggestions", codebook_sheets, "_fill"),
    ],
)
def test_a_file_saved_while_a_command_runs_is_not_overwritten(
    small: Path, monkeypatch: pytest.MonkeyPatch, command: str, module: Any, name: str
) -> None:
    decide(small, pick("I can rely", "Shared goals"))
    if command == "compare":  # there is something to code anew
        by_hand(small, "Respect", "definition", "Whether they value each other.")
        holdings.write_codebook(reread(small))
    commands = {
        "merge": lambda: change(small, merge("Shared goals", "Trust")),
        "analyse": lambda: runs.analyse(opened(small), [write_round(small, "baseline", MORE)], intake.Options(), quiet),
        "compare": lambda: runs.compare(opened(small), [], intake.Options(), quiet),
        "suggestions": lambda: holdings.write_codebook(reread(small)),
    }
    tables = ("decisions", "codebook_versions", "rounds", "runs", "answers")
    before = [opened(small).store.rows(f"SELECT * FROM {table}") for table in tables]
    saved_meanwhile(monkeypatch, module, name, small)
    with pytest.raises(AuditkitError, match=r"codebook\.xlsx was changed in the meantime") as told:
        commands[command]()
    assert told.value.exit_code == 2
    assert opened(small).codebook.by_id("T01").definition == "Whether they rely on one another."
    assert [opened(small).store.rows(f"SELECT * FROM {table}") for table in tables] == before
    runs.compare(opened(small), [], intake.Options(), quiet)
    assert codebook_history.versions(opened(small))[-1].author == "by hand"
    assert opened(small).codebook.by_id("T01").definition == "Whether they rely on one another."


MORE = ROUNDS["baseline"] + "d1,ward-4,doctor,2025-01-12,3,4,We know each other well.,None\n"


def reread(folder: Path) -> Audit:
    audit = opened(folder)
    assert audit.codebook.themes
    return audit


# other codebooks


@pytest.mark.slow
def test_an_older_codebook_is_told(small: Path) -> None:
    codebook.write(small / "old.xlsx", opened(small).codebook)
    change(small, add("Night work"))
    found = plan(small, codebook_edits.take(opened(small), small / "old.xlsx"))
    assert found.change.said[1].startswith("It is older: version 1 of this codebook")
    change(small, codebook_edits.take(opened(small), small / "old.xlsx"))
    assert opened(small).codebook.by_id("T13").status == "retired"


@pytest.mark.slow
def test_another_codebook_never_takes_decisions_over(small: Path) -> None:
    decide(small, pick("I can rely", "Trust"))
    (small / "other.csv").write_text("id,label,statements\nT01,Catering,The canteen is shut\n", encoding="utf-8")
    options = intake.Options(codebook=small / "other.csv")
    runs.analyse(opened(small), [small / "baseline.csv"], options, quiet)
    assert codes(small) == {}
    assert codebook_history.versions(opened(small))[-1].reason == "from other.csv"
    assert opened(small).codebook.by_id("T01").status == "retired"


def test_a_suggested_theme_is_accepted_without_anybodys_sentence(small: Path) -> None:
    audit = opened(small)
    with audit.store.step():
        audit.store.connection.execute(
            "INSERT INTO suggested (round, theme, label, phrases, respondents, answers, cohesion, strength, statement, "
            "evidence) VALUES ('baseline', 'S01', 'rota, weekend', 'rota, weekend, swap', 4, 5, 0.4, "
            "'tight', 'I never know the rota.', '[]')"
        )
    change(small, codebook_edits.accept(opened(small), "S01", "The rota"))
    theme = opened(small).codebook.by_id("T13")
    assert (theme.label, theme.status, theme.set_by) == ("The rota", "accepted", "CD")
    assert "never know" not in str(theme)


# crashes


def cut_off(monkeypatch: pytest.MonkeyPatch, *, after_writing: bool) -> Callable[[], None]:
    real = holdings.save_codebook

    def die(audit: Audit) -> None:
        if after_writing:
            real(audit)
        raise KeyboardInterrupt

    monkeypatch.setattr(holdings, "save_codebook", die)
    return monkeypatch.undo


@pytest.mark.parametrize("after_writing", [False, True])
def test_a_change_that_fails_leaves_everything_as_it_was(
    small: Path, monkeypatch: pytest.MonkeyPatch, after_writing: bool
) -> None:
    decide(small, pick("I can rely", "Shared goals"))
    before, held = decided(small), opened(small).codebook
    undo_patch = cut_off(monkeypatch, after_writing=after_writing)
    with pytest.raises(KeyboardInterrupt):
        change(small, merge("Shared goals", "Trust"))
    undo_patch()
    assert decided(small) == before
    assert opened(small).codebook.themes == held.themes
    assert len(versions(small)) == 1
    assert opened(small).store.rows("SELECT * FROM codebook_versions WHERE NOT written") == []
    change(small, merge("Shared goals", "Trust"))
    assert versions(small)[-1][0] == 2


@pytest.mark.slow
@pytest.mark.parametrize("after_writing", [False, True])
def test_a_killed_change_is_finished_or_forgotten_by_the_next_step(
    small: Path, monkeypatch: pytest.MonkeyPatch, after_writing: bool
) -> None:
    """As if the process had ended there: neither codebook.xlsx nor the note is put right on the way out."""
    decide(small, pick("I can rely", "Shared goals"))
    undo_patch = cut_off(monkeypatch, after_writing=after_writing)
    monkeypatch.setattr(codebook_history, "replacing", None)
    monkeypatch.setattr(codebook_history, "_forget", None)
    with pytest.raises((KeyboardInterrupt, TypeError)):
        change(small, merge("Shared goals", "Trust"))
    undo_patch()
    assert len(opened(small).store.rows("SELECT * FROM codebook_versions WHERE NOT written")) == 1
    runs.compare(opened(small), [], intake.Options(), quiet)
    if after_writing:
        assert versions(small)[1:] == [(2, "CD", "merge")]
        assert codes(small) == {"I can rely on him, always.": "Trust (good)"}
    else:
        assert len(versions(small)) == 1
        assert codes(small) == {"I can rely on him, always.": "Shared goals (good)"}
    assert opened(small).store.rows("SELECT * FROM codebook_versions WHERE NOT written") == []


@pytest.mark.slow
def test_an_audit_from_before_versions_gets_its_first_one(small: Path) -> None:
    audit = opened(small)
    with audit.store.step():
        for table in ("codebook_versions", "theme_ids"):
            audit.store.connection.execute(f"DELETE FROM {table}")
    audit.store.close()
    change(small, retire("Respect"))
    assert versions(small) == [(1, "auditkit", "first"), (2, "CD", "retire")]


@pytest.mark.slow
def test_two_codebooks_with_the_same_themes_in_another_order_are_one() -> None:
    book = codebook.default()
    turned = replace(book, themes=tuple(reversed(book.themes)))
    assert codebook_history.same(book, turned)
    assert not codebook_history.same(book, replace(book, themes=book.themes[1:]))
