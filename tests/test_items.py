from __future__ import annotations

import csv
import dataclasses
import io
from typing import Any

import pytest

from auditkit import values
from auditkit.columns import Overrides, decide, recognised
from auditkit.config import Config
from auditkit.grids import Grid
from auditkit.items import ALL_RATINGS, Item, Items
from auditkit.layouts import recognise
from auditkit.sheets import table


class Read:
    """The items of sheets, by header or question; ``settings`` are those of audit.toml."""

    def __init__(self, *texts: str, codes: dict[str, str] | None = None, **settings: Any) -> None:
        config = Config.model_validate(settings)
        tables = []
        for number, text in enumerate(texts, 1):
            grid = Grid(f"{number}.csv", "", "csv", list(csv.reader(io.StringIO(text.strip()))))
            sheet = table(grid, recognise(grid, recognised))
            headings = [dataclasses.replace(h, code=(codes or {}).get(h.header, h.code)) for h in sheet.headings]
            sheet = dataclasses.replace(sheet, headings=tuple(headings))
            tables.append((sheet, decide(sheet, config, Overrides())))
        self.items = Items(tables, config)
        self.asked: dict[str, Item] = {}
        for sheet, columns in tables:
            self.asked |= self.items.of_questions(sheet, columns)
            for index, column in enumerate(columns):
                if found := self.items.of_column(sheet, index, column):
                    self.asked[column.header] = found

    def __getitem__(self, header: str) -> Item:
        return self.asked[header]

    def scales(self) -> dict[str, str]:
        return {header: item.scale for header, item in self.asked.items() if item.kind == "rating"}

    def said(self) -> list[tuple[str, str, str, str]]:
        return [(one.severity, one.column, one.found, one.taken_as) for one in self.items.problems()]


def rated(header: str, *rows: str) -> str:
    return "\n".join([f"respondent_id,{header}", *(f"R{number},{row}" for number, row in enumerate(rows))])


@pytest.mark.parametrize(
    ("header", "name", "question"),
    [
        ("COM2", "COM2", "What my partner tells me is clear and complete enough to act on."),
        ("We avoid difficult  subjects", "DIS3", "We avoid difficult subjects."),
        ("How far do you agree? [We avoid difficult subjects.]", "DIS3", "We avoid difficult subjects."),
        ("We plan\xa0 well", "We plan well", "We plan well"),
        ("TALK", "talk", "How well do you talk?"),
        ("how well do you talk", "talk", "How well do you talk?"),
        ("Item 7", "talk", "How well do you talk?"),  # by the tool's short name
        ("TRU1", "TRU1", "Do you trust the board?"),  # audit.toml before the questionnaire
    ],
)
def test_a_question_is_known_by_audit_toml_the_questionnaire_or_its_wording(
    header: str, name: str, question: str
) -> None:
    own = {"talk": "How well do you talk?", "TRU1": "Do you trust the board?"}
    (found,) = Read(rated(header, "4", "2", "5"), codes={"Item 7": "Talk"}, questions=own).asked.values()
    assert (found.name, found.question, found.kind) == (name, question, "rating")


@pytest.mark.parametrize(
    ("header", "reversed", "scored"),
    [
        ("COM1", [], 5),
        ("COM3", [], 1),
        ("We talk", [], 5),
        ("We quarrel (r)", [], 1),
        ("We quarrel", ["we quarrel"], 1),
        ("Item 7", ["fight"], 1),
        ("How often do you fight?", ["FIGHT"], 1),
    ],
)
def test_items_in_which_agreeing_is_bad_are_turned(header: str, reversed: list[str], scored: int) -> None:
    settings = {"ratings": {"reversed": reversed}, "questions": {"fight": "How often do you fight?"}}
    found = Read(rated(header, "5", "2", "4"), codes={"Item 7": "fight"}, **settings)[header]
    assert (found.scored(5.0), found.scored(3.0)) == (scored, 3)


def test_scales_are_those_of_audit_toml_else_of_the_questionnaire_else_of_all_that_nobody_named() -> None:
    text = rated("COM1,TRU1,OVERALL,We talk,We plan,Talk", "4,4,3,5,2,4", "2,3,4,4,1,2", "5,1,2,3,2,3")
    own = {"open talk": ["tru1", "we talk"], "plans": ["v9"]}
    found = Read(text, codes={"We plan": "V9"}, scales=own)
    assert found.scales() == {
        **{"COM1": "communication", "TRU1": "open talk", "OVERALL": "", "We talk": "open talk"},
        **{"We plan": "plans", "Talk": ALL_RATINGS},
    }


def test_items_of_a_shared_question_are_one_scale_named_after_it() -> None:
    long = "Thinking of everything that the two of you did together in this service, how good was"
    headers = [
        f'"{stem} [{item}]"' for stem, items in (("How is it?", "AB"), (long, "CD"), ("Now", "EF")) for item in items
    ]
    text = rated(",".join(headers), "4,4,3,5,5,x", "2,3,4,4,3,y", "5,1,2,3,4,z")
    found = Read(text, columns={"F": "open"}).scales()
    assert (
        list(found.values())[1:4]
        == ["How is it?"] + ["Thinking of everything that the two of you did together in…"] * 2
    )
    assert list(found.values())[4] == ALL_RATINGS  # nothing shares it


WORDS = "Agree,Agree,Often,Never", "Disagree,Strongly agree,Rarely,Always", "Neutral,Disagree,Sometimes,Often"
PAY = "Very satisfied", "Satisfied", "Dissatisfied"


def test_answer_scales_name_scales_where_there_are_several_of_two_columns_or_more() -> None:
    text = rated("We talk,We plan,We meet,We eat", *WORDS)
    both = ["agreement, 5 points"] * 2 + ["frequency, 5 points"] * 2
    assert list(Read(text).scales().values()) == both
    third = rated("We talk,We plan,We meet,We eat,Pay", *(f"{row},{pay}" for row, pay in zip(WORDS, PAY, strict=True)))
    assert list(Read(third).scales().values()) == [*both, ALL_RATINGS]
    fewer = rated("We talk,We plan,We meet", *(row.rpartition(",")[0] for row in WORDS))
    found = Read(fewer)
    assert set(found.scales().values()) == {ALL_RATINGS}
    assert ("note", "", "3 rating columns that no scale names", f'one scale, "{ALL_RATINGS}"') in found.said()
    taken = "numbers from 1 to 5; the higher, the more agreement"
    assert ("note", "", "2 rating columns in words (agreement, 5 points)", taken) in found.said()


STAY = "How likely are you to stay?"


@pytest.mark.parametrize("others", ["COM1,COM2", "We talk,We plan"])
def test_nought_to_ten_beside_one_to_five_is_scored_on_the_audits_scale_and_told(others: str) -> None:
    found = Read(rated(f"{others},{STAY}", "4,2,10", "3,1,5", "5,4,0"))
    assert [found[STAY].read(cell) for cell in ("10", "5", "0", "11")] == [10, 5, 0, "outside 0 to 10"]
    assert [found[STAY].scored(rating) for rating in (10.0, 5.0, 0.0)] == [5, 3, 1]
    first = found[others.partition(",")[0]]
    assert (first.read("6"), first.scored(4.0)) == ("outside 1 to 5", 4)
    assert (found.items.low, found.items.high, found.items.changed) == (1, 5, None)
    assert found.items.other == {STAY: (0, 10)}
    assert ("warning", STAY, "answered from 0 to 10", "scored from 1 to 5") in found.said()


def test_what_is_scored_on_another_scale_is_turned_on_that_one() -> None:
    found = Read(rated(f"COM1,COM2,{STAY}", "4,2,10", "3,1,5", "5,4,0"), ratings={"reversed": [STAY]})
    assert [found[STAY].scored(rating) for rating in (10.0, 7.5, 0.0)] == [1, 2, 5]


SEVEN = "7,2", "6,7", "1,6"


def test_the_audits_scale_is_that_of_most_ratings_unless_settings_or_our_own_items_say_it() -> None:
    found = Read(rated("We talk,We plan", *SEVEN))
    assert found.items.changed == (1, 7)
    assert (found["We talk"].scored(7.0), found.items.other) == (7, {})
    assert ("warning", "", "most ratings lie within 1 to 7, not 1 to 5", "ratings from 1 to 7") in found.said()
    by_hand = Read(rated("We talk,We plan", *SEVEN), ratings={"high": 5})
    agreed = "Somewhat agree,Strongly agree,4", "Agree,Somewhat disagree,5", "Strongly disagree,Disagree,2"
    ours = Read(rated("We talk,We plan,COM1", *agreed))
    for one in (by_hand, ours):
        assert (one.items.changed, one.items.other) == (None, {"We talk": (1, 7), "We plan": (1, 7)})
        assert (round(one["We talk"].scored(6.0), 2), one["We plan"].scored(7.0)) == (4.33, 5)


def test_five_and_seven_points_of_one_family_are_pooled_to_seven() -> None:
    rows = "Agree,Agree", "Strongly agree,Somewhat disagree", "Disagree,Strongly disagree", "Agree,Somewhat agree"
    found = Read(rated("We talk,We plan", *rows))
    assert [found["We talk"].read(cell) for cell in ("Strongly disagree", "Agree", "Strongly agree")] == [1, 6, 7]
    assert {(item.answers.low, item.answers.high) for item in found.asked.values() if item.answers} == {(1, 7)}
    alone = Read(rated("We talk", *(row.partition(",")[0] for row in rows)))
    assert alone["We talk"].read("Agree") == 4


@pytest.mark.parametrize(
    ("headers", "rows", "highs"),
    [
        ("A [x],A [y],A [z]", ("7,2,1", "2,5,4", "1,4,3"), [7, 7, 7]),  # one question, one scale
        ("We talk,We plan,We eat", ("7,6,1", "2,7,4", "1,4,3"), [7, 7, 7]),  # most of them show it
        ("We talk,We plan,We eat", ("7,2,1", "2,5,4", "1,4,3"), [7, 5, 5]),
        ("We talk,We plan,Stay from 1 to 5", ("7,6,1", "2,7,4", "1,4,3"), [7, 7, 5]),  # its header says it
    ],
)
def test_numbers_lie_on_the_longest_scale_of_their_question_or_of_most(
    headers: str, rows: tuple[str, ...], highs: list[int]
) -> None:
    items = Read(rated(headers, *rows)).asked.values()
    assert [item.answers.high for item in items if item.answers] == highs


def test_a_scale_that_audit_toml_names_for_one_item_is_kept() -> None:
    found = Read(rated("We talk,We plan", "4,3", "5,2", "1,4"), ratings={"other": {"we plan": [0, 10]}})
    assert (found["We plan"].read("9"), found["We talk"].read("9")) == (9, "outside 1 to 5")
    assert (found["We plan"].scored(10.0), found["We plan"].scored(0.0)) == (5, 1)


LONG = """
respondent_id,question,answer
R1,We trust each other,4
R1,What helps?,We meet on Mondays
R1,Q2,3
R1,COM3,five
R1,MEET,7
R1,Our mood,fine
R2,We trust each other,Agree
R2,What helps?,5
R2,Our mood,
R2,Unanswered,
R3,We trust each other,5
R3,What helps?,She listens to me
"""


def test_one_answer_a_row_mixes_ratings_facts_and_texts_each_by_its_question() -> None:
    found = Read(LONG, ratings={"words": {"five": 5}}, scales={"trust": ["we trust each other"], "mood": ["our mood"]})
    kinds = {question: (item.name, item.kind, item.scale) for question, item in found.asked.items()}
    assert kinds.pop("answer") == ("answer", "open", "")
    assert kinds == {
        "We trust each other": ("We trust each other", "rating", "trust"),
        "What helps?": ("What helps?", "open", ""),
        "Q2": ("Q2", "open", ""),  # a number there is a remark
        "COM3": ("COM3", "rating", "communication"),
        "MEET": ("MEET", "fact", ""),
        "Our mood": ("Our mood", "rating", "mood"),  # audit.toml says so, whatever was answered
    }
    assert found["We trust each other"].read("Agree") == 4
    assert (found["COM3"].read("five"), found["COM3"].scored(5.0)) == (5, 1)
    assert (found["MEET"].read("7"), found["MEET"].read("41")) == (7, "outside 0 to 40")
    assert found["Our mood"].read("fine") == "not a number"


def test_columns_without_answers_are_no_items_and_blank_cells_no_ratings() -> None:
    found = Read("respondent_id,pair_id,role,COM1,MEET,Q1\nR1,a,doctor,4,2,We talk\nR2,a,manager,3,1,We plan\n")
    assert [(item.name, item.kind) for item in found.asked.values()] == [
        *(("COM1", "rating"), ("MEET", "fact"), ("Q1", "open")),
    ]
    assert (found["COM1"].read(""), found["COM1"].read("don't know")) == (values.BLANK, values.CANNOT_SAY)
