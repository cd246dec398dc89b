"""What is counted as read, kept and right: by whoever read it, on what they read, and alike wherever it is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from auditkit import (
    accepting,
    decided,
    decisions,
    feedback,
    holdings,
    intake,
    reading_list,
    reviewing,
    runs,
    theme_moves,
)
from auditkit import double_coding as pairs
from auditkit.analysis import text_hash
from auditkit.audit import Audit
from auditkit.decided import Verdict
from auditkit.errors import Refused
from auditkit.second_codings import SecondCoding, moved
from conftest import HEADER, ROUNDS
from test_overwriting import call
from test_review import apply, filled, quiet


def opened(folder: Path) -> Audit:
    return Audit(folder / "audit")


def rounds_of(audit: Audit) -> list[Any]:
    return [audit.load_round(name) for name in audit.rounds()]


def all_suggested(folder: Path, *, unread: bool) -> Audit:
    """Every answer decided as the software suggests, read or taken over unread."""
    audit = opened(folder)
    for coded in rounds_of(audit):
        texts = dict(coded.responses.answers[["answer", "text"]].itertuples(index=False, name=None))
        said = {row.answer: [] for row in coded.responses.answers.itertuples()}
        for row in coded.codings[coded.codings["coded"]].itertuples():
            said[row.answer].append({"theme": row.theme, "pole": row.pole, "decision": "confirmed"})
        rows = [
            {"answer": answer, "text_hash": text_hash(texts[answer]), **one}
            for answer, found in said.items()
            for one in found or [{"theme": "none", "pole": "", "decision": "confirmed"}]
        ]
        audit.decide(Verdict(rows, unread=unread), "AB")
    return opened(folder)


def report(audit: Audit) -> str:
    holdings.recode_stale(audit, audit.rounds(), quiet)
    from auditkit import outputs

    outputs.write_rounds(audit)
    return (audit.out / "analyst" / "report-baseline.html").read_text(encoding="utf-8")


def fact(html: str, term: str) -> int:
    """A number among the report's facts."""
    text = " ".join(re.sub("<[^>]+>", " ", html).split())
    found = re.search(rf"{term} (\d+)", text)
    assert found, term
    return int(found[1])


def right_of(audit: Audit) -> tuple[int, int]:
    checked = accepting.measured(audit)
    return checked.right, checked.tried


def test_what_was_taken_over_unread_was_decided_by_nobody(small: Path) -> None:
    audit = all_suggested(small, unread=True)
    coded = audit.load_round("baseline")
    codes = int(coded.codings["coded"].sum())
    html = report(audit)
    assert fact(html, "codings decided by people") == 0
    assert fact(html, "codings taken over unread") == codes
    assert "every code was set by a person" not in html
    assert coded.expected_agreement == pytest.approx(coded.codings["score"].mean())
    said = " ".join(call(small, "review", "status").stdout.split())
    assert "every code was set by a person" not in said


def test_codes_taken_over_unread_are_right_with_their_probability(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditkit.reviewing.ENOUGH_READ", 0)
    unread = reviewing.agreement(rounds_of(all_suggested(small, unread=True)))
    assert unread is not None
    assert unread[0] < 1
    read = reviewing.agreement(rounds_of(all_suggested(small, unread=False)))
    assert read is None or read[0] == 1 or read[0] == unread[0]


def test_a_changed_text_is_read_again(small: Path) -> None:
    """It is neither read nor ready: it is handed out, and no final pack is made before."""
    apply(small, filled(small, lambda row: "none"))
    rows = ROUNDS["baseline"].replace("He decides alone and I hear it last.", "He decides alone these days.")
    (small / "baseline.csv").write_text(f"{HEADER}\n{rows.strip()}\n", encoding="utf-8")
    runs.analyse(opened(small), [small / "baseline.csv"], intake.Options(), quiet)
    audit = opened(small)
    coded = audit.load_round("baseline")
    total = len(coded.responses.answers)
    assert (coded.reviewed, len(coded.changed), coded.is_reviewed) == (total - 1, 1, False)
    assert decided.reviewed(audit.store, "baseline") == (total, total - 1)
    (row,) = reading_list.waiting(rounds_of(audit)).to_dict("records")
    assert (row["text"], row["why"]) == ("He decides alone these days.", reading_list.OTHER_TEXT)
    assert "1 answer to read again" in " ".join(call(small, "review", "status").stdout.split())
    assert "review export" in call(small, "status").stdout
    found, comparison = holdings.current_source(audit, quiet)
    with pytest.raises(Refused, match="1 of"):
        feedback.make(audit, found, comparison, feedback.Wanted(audience="all", final=True))
    apply(small, filled(small, lambda row: "none"), coder="CD")
    assert opened(small).load_round("baseline").is_reviewed


def test_status_report_and_agreement_count_the_same_codes_as_kept(small: Path) -> None:
    """Also once a theme is retired."""
    apply(small, filled(small, lambda row: row["suggested"] or "none"))
    audit = opened(small)
    shown = audit.store.rows(
        "SELECT theme, count(*) AS n FROM decisions WHERE theme != 'none' GROUP BY theme ORDER BY n DESC"
    )
    assert call(small, "codebook", "retire", shown[0]["theme"], "--author", "AB", "--yes").exit_code == 0
    audit = opened(small)
    coded = rounds_of(audit)
    status = decisions.progress(audit)
    kept = pairs.kept(coded, audit.decisions())[0]
    by_round = [reviewing.as_shown([one], audit.decisions()) for one in coded]
    assert (status["kept"], status["shown"]) == (kept.kept, kept.shown)
    assert status["kept"] == sum(one[0] for one in by_round) > 0
    assert status["kept"] < sum(row["n"] for row in shown)


def test_a_merge_takes_checks_and_second_codings_along(small: Path) -> None:
    audit = opened(small)
    (one, other) = audit.store.rows("SELECT answer, text FROM answers ORDER BY answer LIMIT 2")
    with audit.store.step():
        for row, theme in ((one, "T01"), (other, "T04")):
            audit.store.connection.execute("INSERT INTO checks VALUES (?, ?, 'poor', 0.95)", (row["answer"], theme))
    rows = [
        {
            "answer": row["answer"],
            "text_hash": text_hash(row["text"]),
            "theme": theme,
            "pole": "poor",
            "decision": "added",
        }
        for row, theme in ((one, "T01"), (other, "T04"))
    ]
    audit.decide(Verdict(rows), "AB")
    assert right_of(audit) == (2, 2)
    assert call(small, "codebook", "merge", "T01", "T04", "--author", "AB", "--yes").exit_code == 0
    audit = opened(small)
    assert right_of(audit) == (2, 2)
    into = theme_moves.gone_into(audit.store, audit.codebook)
    assert into == {"T01": "T04"}
    coding = SecondCoding("a", "h", 1, "CD", "", {"T01": "poor", "T04": "good"}, "AB", "", {"T01": "poor"}, "")
    (after,) = moved([coding], into)
    assert (after.themes, after.first_themes) == ({"T04": "mixed"}, {"T04": "poor"})
    assert call(small, "codebook", "undo", "--author", "AB", "--yes").exit_code == 0
    audit = opened(small)
    assert theme_moves.gone_into(audit.store, audit.codebook) == {}
    assert right_of(audit) == (2, 2)
