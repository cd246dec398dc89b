"""What a report says of how it was made, and the record behind it."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from auditkit import audit_log, methods
from auditkit.audit import Audit
from test_review import apply, export, fill_book, filled


def by_all_orders(people_of_themes: list[int], people: int) -> tuple[float, float]:
    """New themes of the last two and themes of the first four, over every order of the people."""
    named = [set(range(k)) for k in people_of_themes]
    base, new = 0, 0
    orders = list(itertools.permutations(range(people)))
    for order in orders:
        base += sum(bool(theme & set(order[:4])) for theme in named)
        new += sum(bool(theme) and not theme & set(order[:-2]) for theme in named)
    return base / len(orders), new / len(orders)


@pytest.mark.parametrize(
    ("people_of_themes", "people"),
    [([6, 3, 1, 1, 0], 6), ([2, 2, 2], 7), ([7, 7], 7), ([1], 8)],
)
def test_the_plateau_is_the_mean_over_all_orders(people_of_themes: list[int], people: int) -> None:
    found = methods.plateau(people_of_themes, people)
    assert found is not None
    assert (found.base, found.new) == pytest.approx(by_all_orders(people_of_themes, people))


def test_no_plateau_of_fewer_people_than_are_compared() -> None:
    assert methods.plateau([2, 1], 5) is None


def test_the_paragraph_says_what_was_done_and_by_whom(small: Path) -> None:
    audit = Audit(small / "audit")
    before = methods.paragraph(audit.load_round("baseline"), audit.decisions())
    assert before.startswith("Written answers were analysed by codebook thematic analysis.")
    assert "holds 12 themes, as shipped" in before
    assert "11 answers of 6 people to 2 questions" in before
    assert "Nobody has read the answers yet" in before
    fill_book(export(small, "review.xlsx"), lambda row: {"ok": "x"} if "decides" in row["text"] else {})
    apply(small, small / "review.xlsx", "AB")
    apply(small, filled(small, lambda row: "none" if "targets" in row["text"] else ""), "CD")
    audit = Audit(small / "audit")
    after = methods.paragraph(audit.load_round("baseline"), audit.decisions())
    assert "2 of 11 answers were read and decided by AB and CD." in after
    assert "1 of them without being shown the round, the pair and the role." in after
    assert "people kept" in after
    assert "emerge" not in before + after


def test_the_report_of_a_round_holds_the_paragraph(small: Path) -> None:
    audit = Audit(small / "audit")
    page = (small / "audit" / "out" / "analyst" / "report-baseline.html").read_text(encoding="utf-8")
    assert "For your own report" in page
    assert methods.plateau_words(audit.load_round("baseline")).split(".")[0] in page


def entries(folder: Path) -> list[dict[str, object]]:
    return Audit(folder / "audit").store.rows("SELECT * FROM log ORDER BY entry")


def test_every_decision_is_in_the_record_with_what_was_before_and_after(small: Path) -> None:
    apply(small, filled(small, lambda row: "Trust (problem)" if "decides" in row["text"] else ""), "AB")
    apply(small, fill_book(export(small, "review.xlsx"), lambda row: {"themes": "Respect (both)"}), "CD")
    log = [row for row in entries(small) if row["action"] in ("decide", "decide blind")]
    assert [(row["who"], row["action"]) for row in log[:1]] == [("AB", "decide")]
    assert json.loads(str(log[0]["before"])) == []
    assert json.loads(str(log[0]["after"])) == [["T01", "poor"]]
    assert {(row["who"], row["action"]) for row in log[1:]} == {("CD", "decide blind")}
    assert all(row["codebook"] == Audit(small / "audit").codebook.fingerprint() for row in log)
    assert str(log[0]["version"]).startswith("auditkit ")


def test_the_record_shows_where_it_was_touched(small: Path) -> None:
    apply(small, filled(small, lambda row: "Trust (problem)"), "AB")
    store = Audit(small / "audit").store
    assert audit_log.broken(store) is None
    some = [int(row["entry"]) for row in store.rows("SELECT entry FROM log ORDER BY entry")]
    with store.step():
        store.connection.execute("UPDATE log SET who = 'CD' WHERE entry = ?", (some[-3],))
    assert audit_log.broken(store) == some[-3]
    with store.step():
        store.connection.execute("UPDATE log SET who = 'AB' WHERE entry = ?", (some[-3],))
    assert audit_log.broken(store) is None
    with store.step():
        store.connection.execute("DELETE FROM log WHERE entry = ?", (some[-3],))
    assert audit_log.broken(store) == some[-2]
