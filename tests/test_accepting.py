"""Codes taken over unread: off until they were tried, told apart, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditkit import accepting, decisions
from auditkit.audit import Audit
from auditkit.errors import AuditkitError
from test_reading_session import session
from test_review import apply, book_rows, fill_book


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an audit with hundreds of answers, but after fewer of them."""
    for name, value in {"FROM": 5, "CHECKED": 3, "LEAST": 0.5}.items():
        monkeypatch.setattr(accepting, name, value)


def read_some(folder: Path, number: int) -> None:
    """Read so many answers as the software suggests."""
    sitting = session(folder)
    for _ in range(number):
        sitting.press("\r")


def check(folder: Path, themes: str) -> None:
    """Look at the sheet of surest codes; ``themes`` in place of them, or "" where they are right."""
    audit = Audit(folder / "audit")
    path, _ = decisions.hand_out(audit, folder / "check.xlsx", None, None, check=True)
    assert book_rows(path)
    apply(folder, fill_book(path, lambda row: {"themes": themes} if themes else {"ok": "x"}))


def unread(folder: Path) -> set[str]:
    return {row["answer"] for row in Audit(folder / "audit").store.rows("SELECT * FROM decisions WHERE unread = 1")}


def test_it_is_off_until_enough_is_read_and_checked(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = Audit(small / "audit")
    with pytest.raises(AuditkitError, match="off until 5 answers are read"):
        decisions.accept(audit, "AB", sure=True)
    with pytest.raises(AuditkitError, match="nothing to check before 5 answers are read; 0 are"):
        decisions.hand_out(audit, None, None, None, check=True)
    read_some(small, 6)
    with pytest.raises(AuditkitError, match=r"off until 3 of the surest codes are checked \(0 so far"):
        decisions.accept(audit, "AB", sure=True)
    monkeypatch.setattr(accepting, "LEAST", 0.9999)
    with pytest.raises(AuditkitError, match="off: 0 codes are sure enough so far, too few to be tried"):
        decisions.accept(audit, "AB", sure=True)
    assert unread(small) == set()


def test_it_stays_off_where_the_checked_codes_are_wrong(small: Path) -> None:
    read_some(small, 6)
    check(small, "none")
    with pytest.raises(AuditkitError, match=r"off: 0 of the [0-9]+ codes that were checked are right, too few"):
        decisions.accept(Audit(small / "audit"), "AB", sure=True)


def test_it_is_told_then_done_then_taken_back(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_some(small, 6)
    check(small, "")
    monkeypatch.setattr(accepting, "LEAST", 0.2)
    audit = Audit(small / "audit")
    before = audit.store.rows("SELECT * FROM decisions ORDER BY answer, theme")
    told = decisions.accept(audit, "AB", sure=False)
    assert told.answers > 0
    assert sum(told.by_label.values()) >= told.answers
    assert unread(small) == set()
    done = decisions.accept(audit, "AB", sure=True)
    assert (done.answers, done.by_label) == (told.answers, told.by_label)
    assert len(unread(small)) == told.answers
    said = audit.store.rows("SELECT who, action FROM log ORDER BY entry DESC LIMIT 1")
    assert said == [{"who": "AB", "action": "accept unread"}]
    assert sum(row["unread"] for row in decisions.progress(audit)["rounds"]) == told.answers
    one = sorted(unread(small))[0]
    rows = audit.store.rows("SELECT answer, text_hash, theme, pole, decision FROM decisions WHERE answer = ?", (one,))
    audit.decide(decisions.Verdict(rows), "CD")
    assert decisions.give_back(audit, "AB", sure=False).answers == told.answers - 1
    decisions.give_back(audit, "AB", sure=True)
    assert unread(small) == set()
    left = [row for row in audit.store.rows("SELECT * FROM decisions ORDER BY answer, theme") if row["answer"] != one]
    assert left == before, "what somebody read stays"
    assert decisions.give_back(audit, "AB", sure=True).answers == 0


def test_what_was_taken_over_teaches_nothing(small: Path) -> None:
    read_some(small, 6)
    check(small, "")
    audit = Audit(small / "audit")
    taught = audit.taught()
    decisions.accept(audit, "AB", sure=True)
    assert audit.taught() == taught


def test_a_checked_answer_that_lacked_a_theme_is_told(small: Path) -> None:
    from auditkit import summaries_of_reading

    read_some(small, 6)
    audit = Audit(small / "audit")
    path, _ = decisions.hand_out(audit, small / "check.xlsx", None, None, check=True)
    one = book_rows(path)[0]["id"]
    labels = [theme.label for theme in audit.codebook.accepted]
    other = next(label for label in labels if label not in book_rows(path)[0]["suggested"])
    apply(small, fill_book(path, lambda row: {"ok": "x"} | ({"themes": other} if row["id"] == one else {})))
    checked = accepting.measured(audit)
    assert checked.right == checked.tried
    assert (checked.lacking, checked.answers) == (1, 3)
    lines = " ".join(summaries_of_reading.status(decisions.progress(audit), small))
    assert "and 1 of their 3 answers lacked a theme" in " ".join(lines.split())
