"""What ``codebook check`` finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from auditkit import codebook, codebook_lines
from auditkit.codebook import Codebook, Theme
from auditkit.codebook_check import Finding, check
from auditkit.encoder import Encoder

GOOD, POOR = ("We talk to each other often.",), ("Nobody tells me a thing.",)
SOUND = Theme("T01", "Talking", statements_good=GOOD, statements_poor=POOR)


def found(*themes: Theme, **given: Any) -> list[Finding]:
    return check(Codebook(themes, (), "small"), **given)


def kinds(*themes: Theme, **given: Any) -> list[str]:
    return [one.kind for one in found(*themes, **given)]


def theme(label: str, **fields: Any) -> Theme:
    said = {"statements_good": (f"{label} is fine with me.",), "statements_poor": (f"{label} is bad for us.",)}
    return Theme(fields.pop("id", f"T{len(label):02d}"), label, **{**said, **fields})


def test_a_sound_codebook_has_nothing() -> None:
    assert found(SOUND, theme("Money and posts")) == []


@pytest.mark.parametrize(
    ("weak", "kind", "words"),
    [
        (theme("Money", statements_good=()), "pole", 'no statement of "works well"'),
        (theme("Money", statements_poor=()), "pole", 'no statement of "problem"'),
        (theme("Money", statements_good=(), statements_poor=()), "statement", "no statement"),
        (theme("Money", statements_good=("Fine pay",)), "statement", "too short"),
        (theme("Money", statements_good=POOR), "statement", 'stands in T01 "Talking" and in T05 "Money"'),
        (theme("Money", statements_good=("All the same.",), statements_poor=("all the same.",)), "statement", "under"),
        (theme("Talkings"), "label", "much alike"),
        (theme("Money", parent="Nowhere"), "heading", '"Nowhere", above T05 "Money"'),
        (theme("Money", parent="Talkin"), "parent", 'stands under "Talkin". Is T01 "Talking" meant?'),
        (theme("Money", parent="T05"), "parent", "under itself"),
    ],
)
def test_what_is_weak(weak: Theme, kind: str, words: str) -> None:
    (one,) = found(SOUND, weak)
    assert one.kind == kind
    assert words in one.text


def test_what_many_themes_have_in_common_is_one_line_and_all_is_shown_on_demand() -> None:
    bare = [theme(f"Bare number {n} of nine", id=f"T2{n}", statements_good=(), statements_poor=()) for n in "123"]
    lone = theme("Money and posts", statements_good=())
    lines = codebook_lines.findings([*found(*bare[:2], lone), Finding("label", "A and B are called alike.")], "x")
    said = " ".join(" ".join(lines).split())
    assert '2 themes have no statement: T21 "Bare number 1 of nine", T22 "Bare number 2 of nine".' in said
    assert 'T15 "Money and posts" has no statement of "works well".' in said
    one = [line for line in codebook_lines.findings(found(bare[0]), "x") if "no statement" in line]
    assert one == ['  T21 "Bare number 1 of nine" has no statement.']
    many = [Finding("word", f"finding {number}") for number in range(14)]
    assert codebook_lines.findings(many, "x")[-2:] == ["  finding 11", "  and 2 more: --all"]
    assert codebook_lines.findings(many, "x", everything=True)[-1] == "  finding 13"


def test_the_same_words_in_another_order_are_alike() -> None:
    assert kinds(theme("Trust and time", id="T07"), theme("Time and trust", id="T08")) == ["label"]


def test_parents_that_are_retired_or_on_the_second_level() -> None:
    top = theme("Money", id="T02", parent="T03")
    assert kinds(top, theme("Posts", id="T03", status="retired")) == ["parent"]
    three = (theme("Money", id="T02"), theme("Posts", id="T03", parent="T02"), theme("Sites", id="T04", parent="T03"))
    assert kinds(*three) == ["parent"]


def test_themes_that_are_not_coded_are_not_judged() -> None:
    assert found(SOUND, theme("Talkings", statements_good=(), status="retired")) == []


def test_expected_questions_that_nobody_was_asked() -> None:
    expects = theme("Money", expects=("What  works well?", "Q9"))
    assert kinds(SOUND, expects) == []
    (one,) = found(SOUND, expects, questions={"what works well?", "Q1"})
    assert '"Q9"' in one.text


def test_words_that_nobody_wrote_in_any_form() -> None:
    money = theme("Money", statements_good=("The budgets are balanced.",), statements_poor=())
    notes = [one.text for one in found(money, answers=["Our budget was cut."]) if one.kind == "word"]
    assert notes == ['T05 "Money": 50% of its words stand in no answer: balanced']
    assert "word" not in kinds(money, answers=["budget", "a balanced view"])


def by_hand(texts: Sequence[str]) -> Any:
    """Texts that begin with the same letter are alike."""
    return np.array([[1.0, 0.2] if text[0] in "ABM" else [0.2, 1.0] for text in texts]) / np.hypot(1, 0.2)


def test_a_statement_nearer_to_another_theme_is_named_with_both() -> None:
    one = theme("Money", statements_good=("All is paid.", "Budgets still hold."), statements_poor=("Zero is left.",))
    other = theme("Waiting", statements_good=("Yes, quick now.",), statements_poor=("Waits are long.", "Years go by."))
    (stray,) = found(one, other, encode=by_hand)
    assert stray == Finding("overlap", 'T05 "Money": "Zero is left." is nearer to T07 "Waiting".')


def test_a_lone_statement_is_held_against_its_label() -> None:
    one = theme("Money", statements_good=("All is paid.",), statements_poor=())
    other = theme("Waiting", statements_good=("Yes, quick now.",), statements_poor=("Waits are long.",))
    assert kinds(one, other, encode=by_hand) == ["pole"]


def test_the_shipped_codebook_is_sound_but_for_overlaps_as_the_documentation_says() -> None:
    overlaps = found(*codebook.default().themes, encode=Encoder(None).encode)
    assert {one.kind for one in overlaps} == {"overlap"}
    assert overlaps[0].text.startswith("Most between Trust and Communication")
    statements = sum(len(t.statements_good) + len(t.statements_poor) for t in codebook.default().accepted)
    assert (len(overlaps) - 1) / statements == pytest.approx(0.19, abs=0.01)


def test_the_order_of_the_themes_does_not_matter() -> None:
    themes = codebook.default().themes
    encode = Encoder(None).encode
    assert {one.text for one in found(*themes, encode=encode) if " is nearer " in one.text} == {
        one.text for one in found(*themes[::-1], encode=encode) if " is nearer " in one.text
    }


def test_a_heading_over_themes_is_a_mere_note() -> None:
    one, *others = found(SOUND, theme("Money", parent="General"), theme("Posts", id="T06", parent="general"))
    assert (one.kind, one.text, others) == ("heading", '"General", above 2 themes', [])
    assert codebook_lines.findings([one], "a.csv")[0] == "a.csv: nothing to look at."
