from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from auditkit import config
from auditkit.audit import Audit, Run, file_hash
from auditkit.decided import Verdict
from auditkit.errors import AuditkitError, Refused


def decision(audit: Audit, number: int = 0, theme: str = "T01") -> dict[str, Any]:
    from auditkit.analysis import text_hash

    row = audit.load_round("baseline").responses.answers.iloc[number]
    return {
        "answer": row["answer"],
        "text_hash": text_hash(row["text"]),
        "theme": theme,
        "pole": "good",
        "decision": "added",
    }


def a_run(audit: Audit, command: str = "review", options: str = "") -> Run:
    return Run(command, tuple(audit.rounds()), {}, audit.config.fingerprint(), audit.codebook.fingerprint(), options)


def test_nothing_is_written_before_the_first_save(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "new")
    assert (audit.exists, audit.rounds()) == (False, [])
    assert len(audit.codebook.accepted) == 12
    assert not (tmp_path / "new").exists()
    with pytest.raises(AuditkitError, match="There is no audit in"):
        audit.require()


def test_a_file_is_no_audit_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AuditkitError, match="is a file"):
        Audit(tmp_path / "file")


def test_an_audit_that_was_cut_off_at_its_start_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "audit.sqlite").touch()
    audit = Audit(tmp_path)
    assert audit.rounds() == []
    assert len(audit.id) == 8
    assert audit.key_path is None


def test_a_round_comes_back_as_it_was_saved(small: Path) -> None:
    audit = Audit(small / "audit")
    assert audit.rounds() == ["baseline", "repeat"]
    coded = audit.load_round("baseline")
    answers = coded.responses.answers
    assert coded.responses.linked
    assert coded.responses.order == "2025-01-10"
    assert len(answers) == 9 + 2
    assert answers["text"].tolist().count("None") == 2
    assert answers.groupby("respondent").size().to_dict() == {"a1": 2, "a2": 2, "b1": 2, "b2": 2, "c1": 1, "c2": 2}
    assert set(coded.excerpts["answer"]) <= set(answers["answer"])
    assert coded.codings["score"].between(0, 1).all()
    assert coded.codings["coded"].dtype == bool
    assert len(coded.scores) == 11 * 12


def test_an_unknown_round_is_named_with_those_there_are(small: Path) -> None:
    with pytest.raises(AuditkitError, match='no round "year 2"') as caught:
        Audit(small / "audit").round_of("year 2")
    assert "baseline, repeat" in caught.value.fix


def test_decisions_take_the_place_of_what_the_machine_suggests(small: Path) -> None:
    audit = Audit(small / "audit")
    wanted = decision(audit)
    assert audit.decide(Verdict([wanted]), "AB", a_run(audit)) == 1
    coded = audit.load_round("baseline")
    mine = coded.codings[coded.codings["answer"] == wanted["answer"]]
    assert mine[["theme", "pole", "coder", "decision"]].values.tolist() == [["T01", "good", "AB", "added"]]
    assert coded.reviewed == 1
    machine = audit.load_round("baseline", read=False)
    assert set(machine.codings["coder"]) == {"machine"}
    assert machine.reviewed == 0


def test_the_same_decision_again_is_not_taken_twice(small: Path) -> None:
    audit = Audit(small / "audit")
    first, second = decision(audit, 0), decision(audit, 1)
    assert audit.decide(Verdict([first, second]), "AB", a_run(audit)) == 2
    before = audit.store.rows("SELECT * FROM decisions") + audit.store.rows("SELECT * FROM log")
    assert audit.decide(Verdict([first, second]), "AB", a_run(audit)) == 0
    assert audit.store.rows("SELECT * FROM decisions") + audit.store.rows("SELECT * FROM log") == before
    assert audit.decide(Verdict([first | {"pole": "poor"}, second]), "CD", a_run(audit)) == 2
    assert audit.decisions()["coder"].tolist() == ["CD", "CD"]


def test_the_log_holds_ids_and_never_words(small: Path) -> None:
    audit = Audit(small / "audit")
    audit.decide(Verdict([decision(audit)]), "AB", a_run(audit))
    log = audit.store.rows("SELECT who, action, object FROM log")
    assert [(row["who"], row["action"]) for row in log] == [
        ("auditkit", "analyse"),
        ("auditkit", "analyse"),
        ("auditkit", "recode"),
        ("auditkit", "recode"),
        ("AB", "decide"),
    ]
    texts = {row["text"] for row in audit.store.rows("SELECT text FROM answers")}
    assert not texts & {str(value) for row in log for value in row.values()}


def test_a_run_is_known_until_another_of_its_kind(small: Path) -> None:
    audit = Audit(small / "audit")
    first, second = a_run(audit, "compare", "1"), a_run(audit, "compare", "2")
    audit.save_run(first, {"n": 1})
    assert audit.earlier(first) is None, "its outputs are not written yet"
    audit.mark_written(first)
    assert audit.earlier(first) == {"n": 1}
    audit.save_run(second, {"n": 2})
    audit.mark_written(second)
    assert audit.earlier(first) is None
    audit.save_run(first, {"n": 3})
    audit.mark_written(first)
    assert audit.earlier(first) == {"n": 3}
    rows = audit.store.rows("SELECT key FROM runs WHERE command = 'compare'")
    assert [row["key"] for row in rows[1:]] == [first.key, second.key, first.key]


def test_a_run_that_was_cut_off_leaves_no_second_row(small: Path) -> None:
    audit = Audit(small / "audit")
    run = a_run(audit, "compare", "1")
    before = len(audit.store.rows("SELECT 1 FROM runs"))
    audit.save_run(run, {"n": 1})
    audit.save_run(run, {"n": 2})
    assert len(audit.store.rows("SELECT 1 FROM runs")) == before + 1


def test_an_identical_run_that_was_cut_off_does_not_count_as_done(small: Path) -> None:
    """First done, then another run, then the first again, cut off before its outputs: they are the other's."""
    audit = Audit(small / "audit")
    first, other = a_run(audit, "compare", "1"), a_run(audit, "compare", "2")
    for run in (first, other):
        audit.save_run(run, {"n": 1})
        audit.mark_written(run)
    audit.save_run(first, {"n": 2})
    assert audit.earlier(first) is None


def test_a_run_records_what_it_was_made_from(small: Path) -> None:
    audit = Audit(small / "audit")
    rows = audit.store.rows("SELECT * FROM runs ORDER BY run")
    assert [row["command"] for row in rows] == ["analyse", "analyse", "recode", "compare"]
    assert json.loads(rows[0]["files"]) == {"baseline.csv": file_hash(small / "baseline.csv")}
    assert rows[0]["settings"] == audit.config.fingerprint()
    assert rows[0]["codebook"] == audit.codebook.fingerprint()
    assert "auditkit 0" in rows[0]["versions"]
    assert "onnxruntime" in rows[0]["versions"]
    assert rows[0]["at"].endswith("+00:00")


def test_thresholds_go_up_and_never_down(small: Path) -> None:
    audit = Audit(small / "audit")
    audit.check_thresholds()
    config.save(audit.settings_path, {"thresholds": {"k_numbers": 9}})
    with pytest.raises(Refused, match="k_numbers = 9 is below 10") as caught:
        Audit(small / "audit").check_thresholds()
    assert caught.value.exit_code == 3
    config.save(audit.settings_path, {"thresholds": {"k_numbers": 12}})
    Audit(small / "audit").check_thresholds()


@pytest.mark.parametrize(
    ("section", "values", "outdated"),
    [
        ("columns", {"TRU1": "ignore"}, ["baseline", "repeat"]),
        ("ratings", {"reversed": ["COM1"]}, ["baseline", "repeat"]),
        ("scales", {"all": ["COM1", "TRU1"]}, ["baseline", "repeat"]),
        ("programme", {"name": "Our audit"}, []),
        ("columns", {"a further column": "pair"}, []),
    ],
)
def test_rounds_that_would_now_be_read_otherwise(
    small: Path, section: str, values: dict[str, Any], outdated: list[str]
) -> None:
    audit = Audit(small / "audit")
    config.save(audit.settings_path, {section: values})
    assert Audit(small / "audit").outdated(["baseline", "repeat"]) == outdated


def test_a_round_can_be_loaded_under_a_codebook_that_lost_a_theme(small: Path) -> None:
    from dataclasses import replace

    audit = Audit(small / "audit")
    used = set(audit.load_round("baseline").codings["theme"])
    gone = sorted(used)[0]
    audit.codebook = replace(audit.codebook, themes=tuple(theme for theme in audit.codebook.themes if theme.id != gone))
    assert set(audit.load_round("baseline").codings["theme"]) == used - {gone}


def test_the_audit_can_be_moved(small: Path, tmp_path: Path) -> None:
    frame = Audit(small / "audit").load_round("repeat").codings
    shutil.move(small / "audit", tmp_path / "Elsewhere, Zoë's")
    pd.testing.assert_frame_equal(Audit(tmp_path / "Elsewhere, Zoë's").load_round("repeat").codings, frame)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, mode: str) -> Any:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AuditkitError, match="cannot be read: Permission denied"):
        file_hash(tmp_path / "answers.csv")
