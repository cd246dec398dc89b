"""The programme's figures: who is behind them, what they say, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from auditkit import figures, pack
from auditkit.config import Compare, Config, Thresholds
from auditkit.figures import Shown
from auditkit.pack_fields import Change
from auditkit.scores import Measure
from auditkit.source import Source, Withheld, inside, label
from synthetic import ITEMS, MADE, change, coded, rows_of, source_of, truth_of, without

LOW = Config(thresholds=Thresholds(k_numbers=7, k_comments=7, k_pairs=4))


def a_source(
    folder: Path, rows: pd.DataFrame, pairs: int = 8, *, rounds: int = 2, config: Config | None = None
) -> Source:
    return source_of(coded(rows, truth_of(pairs), folder)[:rounds], config)


def shown(source: Source) -> dict[str, Shown]:
    return {one.label: one for one in figures.changes(source, Withheld())}


@pytest.mark.parametrize(
    ("measure", "words"),
    [("knowing", "Knowing each other"), ("working together", "Working together"), ("mood", "Mood")],
)
def test_scales_are_called_as_people_read_them(measure: str, words: str) -> None:
    assert label(measure) == words


def test_an_abbreviation_keeps_its_capitals_inside_a_sentence() -> None:
    assert (inside("Shared goals"), inside("MBTI profile"), inside("A")) == ("shared goals", "MBTI profile", "a")


def test_changes_are_the_comparisons_in_the_order_of_the_questionnaire(tmp_path: Path) -> None:
    source = a_source(tmp_path, rows_of())
    assert source.comparison is not None
    table = source.comparison.table
    table = table[(table["level"] == "programme") & (table["kind"] == "scale")].set_index("measure")
    found = figures.changes(source, Withheld())
    assert [one.measure.id for one in found] == [
        *("communication", "relationship", "working together"),
        *("trust", "knowing", "goals", "roles", "decisions", "disagreement", "support"),
    ]
    for one in found:
        line = table.loc[one.measure.id]
        assert one.change.levels == (line["before"], line["after"])
        assert (one.change.change, one.change.low, one.change.n_pairs) == (line["change"], line["low"], line["n_pairs"])
        assert len(source.behind(one.measure.id, 0)) == line["n_before"]


def test_a_single_round_counts_a_scale_in_pairs_of_two(tmp_path: Path) -> None:
    rows = change(rows_of(), "ward-4", "doctor", "baseline", SUP1="", SUP2="")
    found = shown(a_source(tmp_path, without(rows, "ward-5", "manager", "baseline"), rounds=1))
    assert found["Trust"].change.n_pairs == 7
    assert found["Support from the top"].change.n_pairs == 6
    items = rows[(rows["round"] == "baseline") & ~rows["pair_id"].isin(["ward-5", "sponsors"])]
    mean = (items["TRU1"] + items["TRU2"] + 6 - items["TRU3"]).mean() / 3
    assert found["Trust"].change.levels == (pytest.approx(mean),)


@pytest.mark.parametrize(("sesoi", "digits"), [(0.5, 1), (None, 2)])
def test_a_change_near_the_smallest_that_matters_has_two_decimals(
    sesoi: float | None, digits: int, tmp_path: Path
) -> None:
    change = shown(a_source(tmp_path, rows_of()))["Communication"].change.change
    assert change is not None
    assert abs(change - 0.5) > 0.05
    config = Config(compare=Compare(sesoi=sesoi or change + 0.04))
    assert shown(a_source(tmp_path, rows_of(), config=config))["Communication"].change.digits == digits


def test_verdicts_are_main_questions_and_what_belongs_to_none(tmp_path: Path) -> None:
    source = a_source(tmp_path, rows_of())
    found = figures.verdicts(source, figures.changes(source, Withheld()))
    assert [(one.label, one.main, one.detail) for one in found] == [
        ("Communication", True, ""),
        ("Relationship", True, "trust, knowing each other"),
        ("Working together", True, "role clarity, joint decisions, disagreement"),
        ("Shared goals", False, ""),
        ("Support from the top", False, ""),
    ]
    assert found[3].verdict.startswith("described only: ")
    assert " 0 " not in found[3].verdict


def test_four_pairs_are_too_few_for_a_change_in_numbers(tmp_path: Path) -> None:
    found = shown(a_source(tmp_path, rows_of(4), 4, config=LOW))["Communication"]
    assert (found.change.change, found.change.withheld) == (None, "too few pairs")
    assert found.verdict == "too few pairs to describe change in numbers"


def test_a_scale_that_two_people_left_out_is_not_told_beside_its_main_question(tmp_path: Path) -> None:
    rows = change(rows_of(), "ward-4", "doctor", "repeat", DIS1="", DIS2="", DIS3="")
    withheld = Withheld()
    found = {one.label for one in figures.changes(a_source(tmp_path, rows), withheld)}
    assert "Working together" in found
    assert "Disagreement" not in found
    assert {"Role clarity", "Joint decisions", "Trust"} <= found
    assert [(fact.term, fact.text) for fact in withheld.facts] == [
        ("Disagreement", "a few people did not answer it: the main question beside it would show them")
    ]


def test_the_spread_has_the_mean_of_its_scale(tmp_path: Path) -> None:
    """People who left an answer out, and a group of three, weigh in both alike."""
    rows = change(rows_of(), "ward-4", "doctor", "repeat", COM1="")
    third = rows[(rows["pair_id"] == "ward-5") & (rows["role"] == "doctor")].assign(respondent_id="R-3333")
    third = third.assign(COM1=5, COM2=5, COM3=1)
    source = a_source(tmp_path, pd.concat([rows, third], ignore_index=True))
    found = figures.changes(source, Withheld())
    level = {one.label: one.change.levels for one in found}["Communication"]
    spread = figures.spread(source, found)
    assert spread is not None
    for row in spread.rows[:2]:
        assert row.label == "Communication"
        assert row.n == 17
        assert sum(share.percent for share in row.shares) == 100
        low, high = (
            sum(end * share.percent for share in row.shares for end in [e(share)]) / 100 for e in (FIRST, LAST)
        )
        assert low - 0.03 <= level[source.names.index(row.round)] <= high + 0.03  # type: ignore[operator]


def FIRST(share: Any) -> int:
    return int(share.first)


def LAST(share: Any) -> int:
    return int(share.last)


def test_views_need_both_roles_and_whole_pairs(tmp_path: Path) -> None:
    source = a_source(tmp_path, rows_of(12), 12)
    views = figures.views(source, figures.changes(source, Withheld()), Withheld())
    assert views is not None
    assert views.subtitle.startswith("Average rating, 10 lead doctors and 10 senior managers.")
    assert [row.label for row in views.rows][:2] == ["Communication", "Trust"]
    few = a_source(tmp_path, rows_of(8))
    withheld = Withheld()
    assert figures.views(few, figures.changes(few, Withheld()), withheld) is None
    assert withheld.facts[0].term == "Doctors' and managers' views apart"


def test_without_roles_nothing_is_said_of_views(tmp_path: Path) -> None:
    source = a_source(tmp_path, rows_of(12).assign(role=""), 12)
    withheld = Withheld()
    assert figures.views(source, figures.changes(source, Withheld()), withheld) is None
    assert withheld.facts == []


def test_who_answered_is_told_in_people(tmp_path: Path) -> None:
    source = a_source(tmp_path, without(rows_of(), "ward-4", "doctor", "repeat"))
    flow = figures.flow(source)
    assert flow.title == "7 of the 8 pairs can be compared"
    assert [(row.label, row.words) for row in flow.rows] == [
        ("Answered, baseline", "16 people"),
        ("Answered, repeat", "15 people"),
        ("Counted: both partners, both times", "14 people, 7 pairs"),
    ]
    assert flow.notes[-1] == "The sponsors answered too; they are left out of every figure."


def test_titles_say_what_the_charts_show(tmp_path: Path) -> None:
    source = a_source(tmp_path, rows_of())
    found = figures.changes(source, Withheld())
    scales = figures.scales(source, found)
    assert scales is not None
    assert " rose" in scales.title
    assert [(row.group, row.label) for row in scales.rows] == [
        ("Main question 1", "Communication"),
        ("Main question 2: relationship", "Trust"),
        ("Main question 2: relationship", "Knowing each other"),
        ("Main question 3: working together", "Role clarity"),
        ("Main question 3: working together", "Joint decisions"),
        ("Main question 3: working together", "Disagreement"),
        ("", "Shared goals"),
        ("", "Support from the top"),
    ]
    strip = figures.strip(source, found)
    assert strip is not None
    assert strip.title.startswith("Most pairs went up on communication")


def test_a_scale_of_ones_and_fives_in_another_range_has_its_own_options(tmp_path: Path) -> None:
    rows = rows_of()
    config = Config(ratings={"low": 1, "high": 7})  # type: ignore[arg-type]
    spread = figures.spread(source := a_source(tmp_path, rows, config=config), figures.changes(source, Withheld()))
    assert spread is not None
    assert spread.options == ("1", "2", "3", "4", "5", "6", "7")


def test_foreign_scales_make_one_main_question(tmp_path: Path) -> None:
    rows = rows_of().drop(columns=[item for item in ITEMS if not item.startswith(("COM", "SUP"))])
    one = pack.for_all(a_source(tmp_path, rows), MADE)
    assert [verdict.label for verdict in one.verdicts if verdict.main] == ["Communication"]
    assert one.answer is not None
    assert one.answer.headline.startswith("Communication ")


def point(change: float, low: float, high: float, name: str = "trust") -> Shown:
    return Shown(Measure("scale", name, (name,)), Change((3.0, 3.0 + change), 10, change, low, high), "", {})


@pytest.mark.parametrize(
    ("found", "title"),
    [
        ([point(0.4, 0.1, 0.7), point(-0.3, -0.5, -0.1, "goals")], "Trust rose; shared goals fell"),
        ([point(0.4, -0.1, 0.9)], "No scale moved by more than chance would explain"),
        (
            [point(0.4, 0.1, 0.7), point(0.5, 0.1, 0.7, "goals"), point(0.6, 0.1, 0.7, "roles")],
            "Role clarity and shared goals rose most",
        ),
    ],
)
def test_the_finding_names_only_what_is_clear_of_zero(found: list[Shown], title: str) -> None:
    assert figures._moved(found) == title


def test_whole_per_cents_add_up() -> None:
    assert figures._whole([1 / 3, 1 / 3, 1 / 3]) == [34, 33, 33]
    assert figures._whole([0.125, 0.875]) == [13, 87]
