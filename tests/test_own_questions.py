"""The user's own questions: what is filled in, what is refused, and what is proposed."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditkit import likeness, own_questions
from auditkit.errors import AuditkitError
from auditkit.forms import Question


def read(folder: Path, text: str) -> own_questions.Own:
    path = folder / "questions.csv"
    path.write_text(text.strip() + "\n", encoding="utf-8")
    return own_questions.read(path)


def test_only_the_wording_is_needed(tmp_path: Path):
    own = read(
        tmp_path,
        """
question
My partner keeps promises.
(r) We avoid each other.
How often do you talk?
How many letters did you write?
What should change?
Please describe your week.
""",
    )
    assert [(q.code, q.text, q.kind, q.reversed) for q in own.questions] == [
        ("RATE1", "My partner keeps promises.", "rating", False),
        ("RATE2", "We avoid each other.", "rating", True),
        ("RATE3", "How often do you talk?", "rating", False),
        ("NUM1", "How many letters did you write?", "fact", False),
        ("OPEN1", "What should change?", "open", False),
        ("OPEN2", "Please describe your week.", "open", False),
    ]
    assert own.questions[2].options[0] == "Never"
    said = '"My partner keeps promises.": kind rating, no scale, not reversed, code RATE1.'
    assert own.notes[0] == f"questions.csv, row 2: RATE1, {said}"
    assert len(own.notes) == 6


def test_nothing_is_noted_where_nothing_is_filled_in(tmp_path: Path):
    own = read(
        tmp_path,
        """
Wording,Code,Type,Scale,Reverse,Asked,Theme
We talk enough.,TALK1,rating,Talking,no,both,
What did you learn?,LEARN,open,,,repeat,Communication; T04
The two of them talk.,TALK2,rating,talk of staff,yes,staff,
""",
    )
    assert own.notes == ()
    assert [(q.code, q.scale, q.reversed, q.asked) for q in own.questions] == [
        ("TALK1", "Talking", False, "both"),
        ("LEARN", "", False, "repeat"),
        ("TALK2", "talk of staff", True, "staff"),
    ]
    assert own.themes == {"T02": ("What did you learn?",), "T04": ("What did you learn?",)}


def test_a_shipped_wording_is_the_shipped_question(tmp_path: Path):
    own = read(tmp_path, "question,scale\nWe avoid difficult subjects.,\nWe quarrel.,Disagreement")
    shipped, other = own.questions
    assert (shipped.code, shipped.scale, shipped.reversed) == ("DIS3", "disagreement", True)
    assert (other.code, other.scale) == ("DIS4", "disagreement")


def test_all_problems_at_once_with_row_and_column(tmp_path: Path):
    with pytest.raises(AuditkitError) as error:
        read(
            tmp_path,
            """
question,code,kind,scale,reversed,asked,theme
We talk.,COM1,rating,,,,
We listen.,A 1,numbers,,,,
,A2,rating,,,,
What now?,A3,open,trust,yes,,Comunication
we TALK,A4,rating,,maybe,sometimes,
What else?,role,open,,,,
We avoid difficult subjects.,A2,rating,,no,,
""",
        )
    assert error.value.details == (
        "row 2, column code: COM1 is a code of the shipped questionnaire; choose another code",
        'row 3, column kind: "numbers" is not known; write rating, fact or open',
        'row 3, column code: "A 1" is no code; use up to 20 letters, digits and _, a letter first',
        "row 4, column question: is empty; write the question, or empty the row",
        "row 5, column scale: is filled, but the kind is open; empty it: only ratings form scales",
        "row 5, column reversed: is yes, but the kind is open; empty it: only ratings are turned round",
        'row 5, column theme: "Comunication" is no theme of the codebook; did you mean "Communication"?',
        'row 6, column asked: "sometimes" is not known; write both, repeat or staff',
        "row 6, column reversed: is neither yes nor no; write yes where agreeing is bad, else no",
        'row 7, column code: "role" is the name of another column of the answer sheet; choose another code',
        "row 8, column reversed: is yes for DIS3 in the shipped questionnaire; change the wording",
        "row 6, column question: the same as in row 2; change or delete one",
        "row 8, column code: the same as in row 4; change or delete one",
    )


@pytest.mark.parametrize("text", ["code,kind\nA1,open", "question"])
def test_a_file_without_questions_is_refused(tmp_path: Path, text: str):
    with pytest.raises(AuditkitError):
        read(tmp_path, text)


def test_a_title_above_the_header_is_passed_over(tmp_path: Path):
    own = read(tmp_path, "Our questions,\n,\nno,question\n1,What helps?\n2,What hinders?")
    assert [q.text for q in own.questions] == ["What helps?", "What hinders?"]
    assert own.notes[0].startswith("questions.csv, row 4: OPEN1")


def test_a_scale_is_proposed_where_the_wording_is_alike():
    found = likeness.scales(
        [
            Question("A1", "My partner keeps the promises that he makes.", "rating"),
            Question("A2", "The canteen serves good food.", "rating"),
            Question("A3", "We quarrel a lot.", "rating", scale="quarrels"),
            Question("A4", "The doctor and the manager tell each other early what matters.", "rating", asked="staff"),
        ]
    )
    assert [(p.code, p.scale) for p in found] == [("A1", "trust"), ("A4", "staff communication")]
    assert all(likeness.LEAST <= p.likeness <= 1 for p in found)


def test_a_running_number_is_no_wording_and_unused_columns_are_named(tmp_path: Path) -> None:
    text = """Item,Question text,Answer type,Owner
1,We trust each other.,rating,HR
2,What helps you both?,comment box,HR
"""
    own = read(tmp_path, text)
    assert [(one.text, one.kind) for one in own.questions] == [
        ("We trust each other.", "rating"),
        ("What helps you both?", "open"),
    ]
    assert own.notes[-1] == "questions.csv: not used: the columns Item, Owner."
