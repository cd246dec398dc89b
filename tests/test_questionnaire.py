"""The shipped questionnaire: what it asks, and how a sheet's headers are recognised."""

from __future__ import annotations

import pytest

from auditkit import questionnaire
from auditkit.codebook import default
from auditkit.questionnaire import items, match_column, match_item, polarity, question_text, staff_items


def test_every_scale_has_three_items_and_the_third_is_reversed():
    found: dict[str, list[tuple[str, bool]]] = {}
    for item in items():
        if item.scale:
            assert item.kind == "rating"
            found.setdefault(item.scale, []).append((item.code[-1], item.reversed))
    assert list(found) == list(questionnaire.SCALES)
    for members in found.values():
        assert members == [("1", False), ("2", False), ("3", True)]


def test_kinds_of_the_questions_outside_the_scales():
    kinds = {item.code: item.kind for item in items() if not item.scale}
    assert kinds == {
        "MEET": "fact",
        "MEETLEN": "fact",
        "CANC": "fact",
        "OVERALL": "rating",
        "OUTLOOK": "fact",
        **{f"Q{number}": "open" for number in range(1, 8)},
    }
    assert [item.code for item in items() if item.repeat_only] == ["Q6", "Q7"]


def test_codes_and_wordings_are_unique():
    assert len({item.code for item in items()}) == len(items()) == 36
    assert len({item.text for item in items()}) == 36


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("COM1", "COM1"),
        (" com1 ", "COM1"),
        ("What gets in the way?", "Q2"),
        ("WHAT GETS IN THE WAY", "Q2"),
        ("Q2. What gets in the way?", "Q2"),
        ("Q2:  what gets in\nthe way", "Q2"),
        ("DIS3 (r) We avoid difficult subjects.", "DIS3"),
        ("We avoid difficult subjects (R)", "DIS3"),
        ("I can challenge my partner\u2019s view without harm to how we work", "DIS2"),
        ("What should senior leaders do or stop doing?", "Q5"),
        ("COM", None),
        ("COM4", None),
        ("What gets in the way of your work?", None),
        ("", None),
    ],
)
def test_a_header_is_matched_by_code_or_wording(header: str, code: str | None):
    assert match_item(header) == code


def test_every_question_matches_itself():
    for item in items():
        assert match_item(item.code) == match_item(item.text) == item.code


def test_question_text():
    assert question_text("q2") == "What gets in the way?"
    assert question_text("Q99") is None


def test_polarity_knows_our_open_questions_only():
    assert polarity("What works well between you and your partner?") == "good"
    assert polarity("Q2") == "poor"
    assert polarity("Q3") == ""
    assert polarity("What should we improve?") is None
    assert polarity("COM1") is None


def test_primaries_and_links_name_scales_and_themes_that_exist():
    codes = {item.code for item in items()}
    for parts in questionnaire.PRIMARIES.values():
        assert set(parts) <= set(questionnaire.SCALES)
    assert set(questionnaire.PRIMARY_LABELS) == set(questionnaire.PRIMARIES)
    themes = {theme.id for theme in default().themes}
    assert set(questionnaire.LINKS) == themes - {"T09", "T11", "T12"}
    assert set(questionnaire.LINKS.values()) <= set(questionnaire.SCALES) | codes


def test_the_staff_form_asks_the_same_in_the_third_person():
    partners = {item.code: item for item in items()}
    assert len(staff_items()) == 21
    for item in staff_items():
        assert match_item(item.code) == match_item(item.text) == item.code
        assert item.code not in partners
        if item.scale:
            twin = partners[item.code[1:]]
            assert (item.scale, item.reversed) == (f"staff {twin.scale}", twin.reversed)
            assert item.scale in questionnaire.STAFF_SCALES
        assert not {"my", "our", "we"} & set(item.text.casefold().replace(".", "").split())


@pytest.mark.parametrize("header", ["S-COM1", "s com1", "S_COM1", "SCOM1 (r)"])
def test_a_code_of_the_staff_form_in_other_spellings(header: str):
    assert match_item(header) == "SCOM1"


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Your code", "respondent"),
        ("May your partner see your ratings", "consent_pair_ratings"),
        ("consent_quote", "consent_quote"),
        ("Your colleague", None),
    ],
)
def test_what_the_forms_ask_beside_the_items(header: str, role: str | None):
    assert match_column(header) == role
