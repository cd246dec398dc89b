"""Forms: what they ask, and that what comes back from them is known again."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from auditkit import form_files, forms
from auditkit.questionnaire import item, items, match_column, match_item, staff_items

SHIPPED = {form.name: form for form in forms.forms(forms.shipped(), people=10, pairs=5)}
ASKED_BESIDE = {"About you", "Your agreement"}


def asked(form: forms.Form) -> list[forms.Question]:
    return [q for section in form.sections if section.title not in ASKED_BESIDE for q in section.questions]


def exported(text: str) -> list[str]:
    """Headers that Microsoft Forms gives: the question, or the row of a grid."""
    headers, rows = [], False
    for line in text.partition("SECTION")[2].splitlines():
        if line[:1].isdigit():
            headers.append(line.partition(". ")[2])
            rows = False
        elif line.strip() == "Rows (statements):":
            headers.pop()
            rows = True
        elif not line:
            rows = False
        elif rows:
            headers.append(line.strip())
    return headers


def test_the_repeat_asks_two_questions_more():
    assert [q.code for q in asked(SHIPPED["repeat"]) if q not in asked(SHIPPED["baseline"])] == ["Q6", "Q7"]
    assert {q.code for q in asked(SHIPPED["repeat"])} == {item.code for item in items()}
    assert {q.code for q in asked(SHIPPED["staff"])} == {item.code for item in staff_items()}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_header_of_an_export_is_known_again(name: str):
    headers = exported(form_files.text(SHIPPED[name]))
    beside = [header for header in headers if match_column(header)]
    codes = [match_item(header) for header in headers if header not in beside]
    assert None not in codes
    assert sorted(codes) == sorted(q.code for q in asked(SHIPPED[name]))
    assert len(beside) == (4 if name == "staff" else 7) - (name == "staff")


def test_a_row_of_a_google_grid_is_known_again():
    section = next(section for section in SHIPPED["baseline"].sections if section.stem)
    for question in section.questions:
        assert match_item(f"{section.stem} [{question.text}]") == question.code


@pytest.mark.parametrize("form", SHIPPED.values(), ids=list(SHIPPED))
def test_every_choice_offered_is_understood_in_the_answer_sheet_too(form: forms.Form):
    for question in asked(form):
        assert len(question.options) == len(question.cells)
        assert bool(question.options) == (question.kind == "rating" or question.code == "OUTLOOK")


def test_a_long_form_is_split_into_grids_of_ten():
    own = [forms.rated(forms.Question(f"A{n}", f"Statement number {n}.", "rating")) for n in range(23)]
    (first, _) = forms.forms(own, people=10, pairs=5, own=True)
    grids = [section for section in first.sections if section.stem]
    assert [len(section.questions) for section in grids] == [7, 8, 8]
    assert len({section.stem for section in grids}) == 3
    assert "CC0" not in form_files.text(first)


def test_a_question_is_rated_in_the_words_it_asks_for():
    question = forms.Question("A1", "How satisfied are you with your partner?", "rating")
    assert forms.rated(question).options[0] == "Very dissatisfied"
    assert forms.rated(question).cells == ("1", "2", "3", "4", "5", "cannot say")
    assert forms.rated(forms.Question("A2", "We agree.", "rating")).options[:-1] == forms.AGREEMENT


def test_the_word_form_holds_every_question_and_a_box_for_every_option(tmp_path: Path):
    form_files.word(tmp_path / "form.docx", SHIPPED["repeat"])
    document = docx.Document(str(tmp_path / "form.docx"))
    tables = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *tables])
    for question in asked(SHIPPED["repeat"]):
        assert question.text in text
        assert question.code in text
    options = sum(len(q.options) for section in SHIPPED["repeat"].sections for q in section.questions)
    assert document.element.xml.count("<w14:checkbox>") == options
    assert item("Q7") is not None
    assert document.core_properties.author == ""


def test_staff_are_asked_for_no_code():
    codes = [q.code for section in SHIPPED["staff"].sections for q in section.questions]
    assert not {"respondent_id", "pair_id", "role", "consent_pair_words"} & set(codes)
