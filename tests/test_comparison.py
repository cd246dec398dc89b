from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from auditkit.changes import pair_class
from auditkit.codebook import Codebook, Theme
from auditkit.comparison import Comparison, Round, compare
from auditkit.config import Config
from auditkit.errors import AuditkitError
from auditkit.responses import Responses, read
from auditkit.statistics import t_interval

SCALES = {"COM": "communication", "TRU": "trust", "KNO": "knowing"}
FACTS = ("MEET",)
PRIMARIES = {"communication": ["communication"]}
PLACE = {"file": "made.csv", "sheet": "", "row": 2}

CODEBOOK = Codebook(
    themes=(Theme(id="T01", label="Trust"), Theme(id="T02", label="Communication")), junk=(), name="test"
)


def a_round(name: str, sheet: str, *, said: str = "", linked: bool = True, codebook: Codebook | None = None) -> Round:
    """``sheet``: a header (pair who role ITEM ...) and one line a person, "-" where nothing is answered.

    ``said``: lines of pair | who | question | text | codes, where T01+ is good, T01- poor, T01~ mixed.
    """
    header, *lines = [line.split() for line in sheet.strip().splitlines()]
    people, ratings, facts, answers, codings = [], [], [], [], []
    for pair, who, role, *cells in lines:
        person = {"round": name, **PLACE, "respondent": who, "pair": pair, "role": role}
        people.append(person | {"sponsor": role.startswith("sponsor")})
        for item, cell in zip(header[3:], cells, strict=True):
            if cell == "-":
                continue
            value = float(cell)
            if item in FACTS:
                facts.append(person | {"item": item, "value": value})
            else:
                scale = SCALES.get(item[:3], "")
                ratings.append(person | {"item": item, "scale": scale, "rating": 6 - value, "scored": value})
    roles = {(person["pair"], person["respondent"]): person["role"] for person in people}
    for number, line in enumerate(said.strip().splitlines()):
        pair, who, question, text, codes = (part.strip() for part in line.split("|"))
        key = f"{name}{number:03}"
        person = {"round": name, **PLACE, "respondent": who, "pair": pair, "role": roles[pair, who]}
        answers.append(person | {"answer": key, "item": question, "question": question, "text": text})
        for code in codes.split():
            pole = {"+": "good", "-": "poor", "~": "mixed", "o": ""}[code[-1]]
            codings.append({"answer": key, "theme": code[:3], "pole": pole, "coded": True})
    place = ["round", *PLACE, "respondent", "pair", "role"]
    responses = Responses(
        round=name,
        order="",
        linked=linked,
        people=pd.DataFrame(people),
        ratings=pd.DataFrame(ratings, columns=[*place, "item", "scale", "rating", "scored"]),
        facts=pd.DataFrame(facts, columns=[*place, "item", "value"]),
        answers=pd.DataFrame(answers, columns=[*place, "answer", "item", "question", "text"]),
        problems=pd.DataFrame(),
        columns=(),
    )
    coded = pd.DataFrame(codings, columns=["answer", "theme", "pole", "coded"])
    return Round(responses, coded, codebook)


def compared(before: Round, after: Round, primaries: dict[str, list[str]] | None = None) -> Comparison:
    config = Config(primaries=PRIMARIES if primaries is None else primaries)
    return compare(before, after, CODEBOOK, config)


def row(found: Comparison, measure: str, *, kind: str = "scale", pole: str = "", pair: str = "") -> Any:
    table = found.table
    chosen = table[(table.measure == measure) & (table.kind == kind) & (table.pole == pole) & (table.pair == pair)]
    assert len(chosen) == 1, chosen
    return chosen.iloc[0]


def pairs_of(values: list[float], item: str = "COM1") -> str:
    """Pairs w1, w2, ...: the doctor half a point below the pair's value, the manager half a point above."""
    lines = [f"w{n} d{n} doctor {v - 0.5}\nw{n} m{n} manager {v + 0.5}" for n, v in enumerate(values, start=1)]
    return f"pair who role {item}\n" + "\n".join(lines)


# ratings


def test_the_published_vector_goes_through_whole() -> None:
    """pre, post of domain F: exact p .0625, mean .5625, r_rb .805556."""
    before = a_round("baseline", pairs_of([2.5, 3, 3.5, 2, 3, 2.5, 4, 3]))
    after = a_round("repeat", pairs_of([3.5, 3.5, 3.5, 3, 4, 3, 3.5, 4]))
    found = row(compared(before, after), "communication")
    assert (found.n_pairs, found.n_before, found.n_after) == (8, 16, 16)
    assert (found.up, found.same, found.down) == (6, 1, 1)
    assert found.change == pytest.approx(0.5625, abs=1e-12)
    assert found.after - found.before == pytest.approx(0.5625, abs=1e-12)
    assert found.r_rb == pytest.approx(0.805556, abs=1e-6)
    assert (found.p, found.p_adjusted) == (0.0625, 0.0625)
    assert (found.low, found.high) == (pytest.approx(0.091824, abs=1e-6), pytest.approx(1.033176, abs=1e-6))
    assert found.verdict == "possible improvement: too few pairs to be sure"


def test_holm_counts_every_main_question_named_though_one_could_be_tested() -> None:
    before, after = a_round("baseline", pairs_of([2] * 8)), a_round("repeat", pairs_of([3] * 8))
    named = {"communication": ["communication"], "relationship": ["trust", "knowing"], "goals": ["goals"]}
    found = compared(before, after, named)
    assert row(found, "communication").p == 0.0078125
    assert row(found, "communication").p_adjusted == pytest.approx(3 * 0.0078125)
    assert (found.primaries, found.m) == (("communication",), 3)
    lost = found.not_comparable.set_index("measure").reason
    assert lost["relationship"] == "not in both rounds: trust, knowing"


def test_seven_pairs_that_all_rose_show_a_clear_improvement() -> None:
    before = a_round("baseline", pairs_of([2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6]))
    after = a_round("repeat", pairs_of([3, 3.2, 3.1, 3.4, 3.3, 3.6, 3.5]))
    found = row(compared(before, after), "communication")
    assert found.p == 0.015625
    assert found.verdict == "clear improvement between the rounds"


@pytest.mark.parametrize("n", [1, 4])
def test_too_few_pairs_are_said_to_be_too_few(n: int) -> None:
    found = row(compared(a_round("a", pairs_of([2] * n)), a_round("b", pairs_of([3] * n))), "communication")
    assert found.verdict == "too few pairs to describe change in numbers"
    assert math.isnan(found.p)
    assert math.isnan(found.p_adjusted)


def test_five_pairs_are_described_and_not_tested() -> None:
    found = row(compared(a_round("a", pairs_of([2] * 5)), a_round("b", pairs_of([3] * 5))), "communication")
    assert found.verdict == "described only: 5 up, 0 same, 0 down"
    assert math.isnan(found.p)


def test_pairs_that_all_moved_alike_have_no_interval() -> None:
    found = compared(a_round("a", pairs_of([2.1, 2.2, 2.3])), a_round("b", pairs_of([2.8, 2.9, 3.0])))
    line = row(found, "communication")
    assert line.change == pytest.approx(0.7)
    assert math.isnan(line.low)
    assert math.isnan(line.high)
    assert found.table[["low", "high", "p"]].dtypes.eq(float).all()


def test_a_scale_needs_two_thirds_of_its_items_and_a_pair_both_partners() -> None:
    header = "pair who role COM1 COM2 COM3\n"
    before = a_round("a", header + "w1 d1 doctor 2 3 -\nw1 m1 manager 2 2 2\nw2 d2 doctor 2 - -\nw2 m2 manager 2 2 2")
    after = a_round("b", header + "w1 d1 doctor 4 4 4\nw1 m1 manager 3 3 3\nw2 d2 doctor 4 4 4\nw2 m2 manager 3 3 3")
    found = compared(before, after)
    assert row(found, "communication", pair="w1").before == 2.25
    assert row(found, "communication", pair="w1").verdict == "improved"
    lacking = row(found, "communication", pair="w2")
    assert (lacking.verdict, lacking.n_pairs) == ("not assessable", 0)
    assert math.isnan(lacking.change)
    assert row(found, "communication").n_pairs == 1
    assert row(found, "COM1", kind="item").n_pairs == 2
    assert found.ratings.respondent.tolist() == ["d1", "m1", "m2"]


def test_a_composite_is_the_mean_of_all_its_items_and_its_scales_are_described() -> None:
    sheet = "pair who role TRU1 KNO1 KNO2 COM1\nw1 d doctor 1 4 4 2\nw1 m manager 1 4 4 2"
    found = compared(a_round("a", sheet), a_round("b", sheet), {"relationship": ["trust", "knowing"]})
    scales = found.table[(found.table.level == "programme") & (found.table.kind == "scale")]
    assert scales.measure.tolist() == ["relationship", "communication", "knowing", "trust"]
    assert row(found, "relationship").before == 3.0
    assert row(found, "trust").verdict == "described only: 0 up, 1 same, 0 down"
    assert math.isnan(row(found, "trust").p)


def test_without_named_scales_all_ratings_are_the_main_question() -> None:
    sheet = "pair who role X1 X2\nw1 d doctor 1 4\nw1 m manager 1 4"
    found = compared(a_round("a", sheet), a_round("b", sheet), {})
    assert (found.primaries, found.m) == (("all ratings",), 1)
    assert row(found, "all ratings").before == 2.5


def test_an_item_of_one_round_is_left_out_of_its_scale_and_listed() -> None:
    before = a_round("a", "pair who role COM1\nw1 d doctor 2\nw1 m manager 2")
    after = a_round("b", "pair who role COM1 COM2\nw1 d doctor 2 5\nw1 m manager 2 5")
    found = compared(before, after)
    assert row(found, "communication").change == 0
    assert found.not_comparable.values.tolist()[0] == ["item", "COM2", "asked in the second round only"]


# who is counted


def test_sponsors_are_in_no_programme_figure_yet_have_their_own_rows() -> None:
    before, after = pairs_of([2, 2]), pairs_of([3, 3])
    sponsors = "\ntop s1 sponsor_doctor {0}\ntop s2 sponsor_manager {0}"
    found = compared(a_round("a", before + sponsors.format(1)), a_round("b", after + sponsors.format(5)))
    assert row(found, "communication").n_pairs == 2
    assert row(found, "communication").change == 1.0
    assert row(found, "communication", pair="top").change == 4.0
    assert row(found, "communication", pair="top", kind="gap").before == 0.0
    assert found.pairs.set_index("pair").sponsor.to_dict() == {"top": True, "w1": False, "w2": False}


def test_leavers_and_new_partners_change_no_figure() -> None:
    before = pairs_of([2, 2]) + "\nw3 d3 doctor 1\nw3 m3 manager 1\nw4 d4 doctor 1\nw4 m4 manager 1"
    after = pairs_of([3, 3]) + "\nw3 d3 doctor 5\nw3 m9 manager 5\nw4 d4 doctor 5"
    found = compared(a_round("a", before), a_round("b", after))
    assert found.pairs.state.tolist() == ["complete", "complete", "re-formed", "one-partner"]
    assert row(found, "communication").n_pairs == 2
    assert (row(found, "communication").before, row(found, "communication").after) == (2.0, 3.0)
    assert set(found.table.pair) == {"", "w1", "w2"}


def test_an_empty_row_is_no_answer() -> None:
    before, after = pairs_of([2, 2]), pairs_of([3]) + "\nw2 d2 doctor 3\nw2 m2 manager -"
    found = compared(a_round("a", before), a_round("b", after))
    assert found.pairs.state.tolist() == ["complete", "one-partner"]


def test_a_group_is_the_mean_of_the_people_in_both_rounds() -> None:
    before = "pair who role COM1\ng a doctor 1\ng b manager 2\ng c staff 3\ng d staff 5"
    after = "pair who role COM1\ng a doctor 2\ng b manager 3\ng c staff 4\ng e staff 1"
    found = compared(a_round("a", before), a_round("b", after))
    group = row(found, "communication", pair="g")
    assert (group.before, group.after, group.n_before) == (2.0, 3.0, 3)
    assert any(note.endswith("in both rounds: g.") for note in found.notes)


def test_one_person_in_two_pairs_counts_in_each() -> None:
    before = "pair who role COM1\nw1 d1 doctor 2\nw1 boss manager 3\nw2 d2 doctor 2\nw2 boss manager 1"
    after = "pair who role COM1\nw1 d1 doctor 2\nw1 boss manager 4\nw2 d2 doctor 2\nw2 boss manager 1"
    found = compared(a_round("a", before), a_round("b", after))
    assert row(found, "communication", pair="w1").change == 0.5
    assert row(found, "communication", pair="w2").change == 0.0
    assert row(found, "communication").change == 0.25


def shared_by(values: list[float], bosses: list[str]) -> str:
    lines = [
        f"w{n} d{n} doctor {v}\nw{n} {boss} manager {v}"
        for n, (v, boss) in enumerate(zip(values, bosses, strict=True), start=1)
    ]
    return "pair who role COM1\n" + "\n".join(lines)


def test_pairs_that_share_a_person_are_one_draw_of_the_interval() -> None:
    bosses = ["a", "a", "b", "b", "c", "c", "d", "d"]
    rises = [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.75, 0.75]
    before, after = shared_by([2.0] * 8, bosses), shared_by([2.0 + rise for rise in rises], bosses)
    found = compared(a_round("a", before), a_round("b", after))
    one = row(found, "communication")
    expected = t_interval([1.0, 0.5, 0.25, 0.75])  # four managers, not eight pairs
    assert (one.low, one.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert one.n_pairs == 8
    assert "Pairs that share a person are one draw in every interval: w1, w2; w3, w4; w5, w6; w7, w8." in found.notes
    apart = compared(
        a_round("a", shared_by([2.0] * 8, list("abcdefgh"))),
        a_round("b", shared_by([2.0 + r for r in rises], list("abcdefgh"))),
    )
    assert row(apart, "communication").high < one.high


def test_one_person_in_every_pair_leaves_the_counts_alone() -> None:
    before, after = shared_by([2.0] * 8, ["a"] * 8), shared_by([3.0, 3.5] * 4, ["a"] * 8)
    one = row(compared(a_round("a", before), a_round("b", after)), "communication")
    assert math.isnan(one.low)
    assert one.verdict == "described only: 8 up, 0 same, 0 down"


def test_no_matched_pair_leaves_the_words_and_no_figure() -> None:
    before = "pair who role COM1\nw1 a doctor 2\nw1 b manager 3\nw2 c doctor 2\nw2 d manager 3"
    after = "pair who role COM1\nw1 a doctor 2\nw1 x manager 3\nw3 e doctor 2\nw3 f manager 3"
    found = compared(a_round("a", before), a_round("b", after))
    assert found.design == "linked"
    assert found.pairs.state.tolist() == ["re-formed", "dissolved", "new"]
    overall = row(found, "communication")
    assert (overall.n_pairs, overall.verdict) == (0, "too few pairs to describe change in numbers")
    assert math.isnan(overall.change)
    assert not (found.table.level == "pair").any()


def test_rounds_without_pairs_cannot_be_compared() -> None:
    sheet = a_round("a", pairs_of([2]))
    sheet.responses.people["pair"] = sheet.responses.ratings["pair"] = ""
    with pytest.raises(AuditkitError, match="no row with answers names a pair"):
        compared(sheet, sheet)


@pytest.mark.parametrize(
    ("before", "change", "expected"),
    [
        (3.0, 0.701, "no reliable change"),
        (3.0, 0.7013, "improved"),
        (3.0, -0.7013, "worsened"),
        (4.2987, 0.5, "no reliable change"),
        (4.2988, 0.5, "already high"),
        (4.9, -0.71, "worsened"),
    ],
)
def test_class_of_one_pair_against_measurement_error(before: float, change: float, expected: str) -> None:
    assert pair_class(before, change, 0.7013, 5) == expected


def test_measurement_error_is_assumed_until_thirty_answered() -> None:
    found = compared(a_round("a", pairs_of([2] * 3)), a_round("b", pairs_of([3] * 3)))
    error = found.reliable.set_index("measure").loc["communication"]
    assert error.assumed
    assert error.threshold == pytest.approx(1.96 * 0.8 * math.sqrt(0.2), abs=1e-4)
    assert any("assumes a reliability of 0.80 and a spread of 0.80" in note for note in found.notes)


def test_measurement_error_comes_from_the_own_baseline_from_thirty_on() -> None:
    lines = [f"w{n} d{n} doctor {1 + n % 5} {1 + n % 5}\nw{n} m{n} manager {1 + n % 4} {2 + n % 4}" for n in range(15)]
    sheet = "pair who role COM1 COM2\n" + "\n".join(lines)
    error = compared(a_round("a", sheet), a_round("b", sheet)).reliable.set_index("measure").loc["communication"]
    frame = pd.DataFrame([line.split()[3:] for line in sheet.splitlines()[1:]], dtype=float)
    alpha = 2 * (1 - frame.var().sum() / frame.sum(axis=1).var())
    assert not error.assumed
    assert error.reliability == pytest.approx(alpha)
    assert error.threshold == pytest.approx(1.96 * frame.mean(axis=1).std() * math.sqrt(1 - alpha), rel=1e-4)


# gaps and facts


def test_gap_is_the_distance_whoever_is_higher() -> None:
    before = "pair who role COM1\nw1 d1 doctor 1\nw1 m1 manager 4\nw2 d2 doctor 5\nw2 m2 manager 3"
    after = "pair who role COM1\nw1 d1 doctor 3\nw1 m1 manager 4\nw2 d2 doctor 3\nw2 m2 manager 5"
    found = compared(a_round("a", before), a_round("b", after))
    gap = row(found, "communication", kind="gap")
    assert (gap.before, gap.after, gap.change) == (2.5, 1.5, -1.0)
    assert (gap.up, gap.same, gap.down) == (0, 1, 1)
    assert gap.verdict == "described only: 0 up, 1 same, 1 down"


def test_gaps_get_an_exploratory_p_and_no_verdict() -> None:
    lines = [f"w{n} d{n} doctor {{}}\nw{n} m{n} manager 4" for n in range(6)]
    sheet = "pair who role COM1\n" + "\n".join(lines)
    before, after = (a_round(name, sheet.format(*[value] * 6)) for name, value in (("a", 1), ("b", 3)))
    gap = row(compared(before, after), "communication", kind="gap")
    assert (gap.p, gap.p_adjusted) == (0.03125, 0.03125)
    assert gap.verdict == "described only: 0 up, 0 same, 6 down"


def test_two_doctors_have_no_gap() -> None:
    sheet = "pair who role COM1\nw1 a doctor 2\nw1 b doctor 3"
    found = compared(a_round("a", sheet), a_round("b", sheet))
    assert not (found.table.kind == "gap").any()


def test_facts_are_described_and_partners_who_count_apart_are_noted() -> None:
    before = "pair who role COM1 MEET\nw1 d1 doctor 2 1\nw1 m1 manager 2 1\nw2 d2 doctor 2 0\nw2 m2 manager 2 3"
    after = "pair who role COM1 MEET\nw1 d1 doctor 2 4\nw1 m1 manager 2 2\nw2 d2 doctor 2 2\nw2 m2 manager 2 2"
    found = compared(a_round("a", before), a_round("b", after))
    assert row(found, "MEET", kind="fact").change == 1.25
    assert row(found, "MEET", kind="fact", pair="w1").after == 3.0
    assert [note for note in found.notes if "meetings differ by more than 2 in w2" in note]


# themes

FOUR = "pair who role COM1\nw1 d1 doctor 2\nw1 m1 manager 2\nw2 d2 doctor 2\nw2 m2 manager 2"


def test_themes_count_people_once_by_pole() -> None:
    before = """
        w1 | d1 | Q1 | he hides things | T01-
        w1 | d1 | Q2 | he hides much   | T01-
        w1 | m1 | Q1 | not told        | T01~ T02-
        w2 | d2 | Q1 | fine            | T01+
        w2 | m2 | Q1 | a room          |
    """
    after = """
        w1 | d1 | Q1 | we are open     | T01+
        w1 | m1 | Q1 | all good        | T01+
        w1 | m1 | Q2 | well told       | T02+
        w2 | d2 | Q1 | fine            | T01+
        w2 | m2 | Q2 | a note          | T02o
    """
    found = compared(a_round("a", FOUR, said=before), a_round("b", FOUR, said=after))
    poor = row(found, "T01", kind="theme", pole="poor")
    assert (poor.before, poor.after, poor.change, poor.n_before, poor.n_pairs) == (0.5, 0.0, -0.5, 4, 2)
    assert (poor.up, poor.same, poor.down) == (0, 1, 1)
    good = row(found, "T01", kind="theme", pole="good")
    assert (good.before, good.after) == (0.5, 0.75)
    assert row(found, "T02", kind="theme", pole="any").after == 0.5
    assert row(found, "T02", kind="theme", pole="good").after == 0.25
    named = found.themes_by_pair.set_index(["pair", "theme", "pole"]).loc[("w1", "T01", "poor")]
    assert (named.label, named.before, named.after, named.n_partners) == ("Trust", 2, 0, 2)


def test_interval_of_a_theme_is_the_t_interval_of_the_pairs_shares() -> None:
    sheet = pairs_of([2] * 4)
    said = "\n".join(f"w{n} | {r}{n} | Q1 | words |{{}}" for n in range(1, 5) for r in "dm")
    before = a_round("a", sheet, said=said.format(*[""] * 8))
    after = a_round("b", sheet, said=said.format(" T01-", " T01-", " T01-", *[""] * 5))
    poor = row(compared(before, after), "T01", kind="theme", pole="poor")
    assert poor.change == pytest.approx(0.375)  # 1, .5, 0, 0: sd .478714, t(3) 3.182446
    half = 3.182446 * 0.478714 / 2
    assert (poor.low, poor.high) == (
        pytest.approx(0.375 - half, abs=1e-5),
        pytest.approx(0.375 + half, abs=1e-5),
    )


def test_only_questions_of_both_rounds_and_people_with_words_in_both_count() -> None:
    before = """
        w1 | d1 | What  works? | fine     | T01+
        w1 | m1 | What works?  | fine     | T01+
        w2 | d2 | What works?  | fine     | T01+
        w2 | m2 | Old one      | distrust | T01-
    """
    after = """
        w1 | d1 | what works? | fine    | T01+
        w1 | m1 | what works? |         |
        w1 | m1 | New one     | no      | T01-
        w2 | d2 | what works? | bad     | T01-
        w2 | m2 | what works? | bad     | T01-
    """
    found = compared(a_round("a", FOUR, said=before), a_round("b", FOUR, said=after))
    good = row(found, "T01", kind="theme", pole="good")
    assert (good.n_before, good.n_after, good.n_pairs, good.before, good.after) == (2, 2, 2, 1.0, 0.5)
    assert found.not_comparable.values.tolist() == [
        ["question", "New one", "answered in the second round only"],
        ["question", "Old one", "answered in the first round only"],
    ]
    assert found.words.values.tolist() == [["a", 1.0, 2], ["b", 1.0, 2]]


def test_people_weigh_the_same_where_a_partner_wrote_nothing() -> None:
    before = "w1 | d1 | Q | x | T01-\nw1 | m1 | Q | x | T01-\nw2 | d2 | Q | x |"
    after = "w1 | d1 | Q | x |\nw1 | m1 | Q | x |\nw2 | d2 | Q | x |"
    poor = row(
        compared(a_round("a", FOUR, said=before), a_round("b", FOUR, said=after)),
        "T01",
        kind="theme",
        pole="poor",
    )
    assert (poor.n_before, poor.before, poor.after) == (3, pytest.approx(2 / 3), 0.0)
    assert poor.change == pytest.approx(-2 / 3)


def test_a_theme_that_one_round_is_not_coded_for_is_not_zero() -> None:
    first = replace(CODEBOOK, themes=CODEBOOK.themes[:1])
    said = "w1 | d1 | Q | x | T01-\nw1 | m1 | Q | x | T01-"
    found = compared(a_round("a", FOUR, said=said, codebook=first), a_round("b", FOUR, said=said))
    assert found.not_comparable.values.tolist() == [["theme", "T02", "not yet coded in a"]]
    assert set(found.table.measure[found.table.kind == "theme"]) == {"T01"}


def test_a_theme_coded_with_other_sentences_is_not_comparable() -> None:
    trust = replace(CODEBOOK.themes[0], statements_poor=("I watch what I say.",))
    first = replace(CODEBOOK, themes=(trust, CODEBOOK.themes[1]))
    said = "w1 | d1 | Q | x | T01-\nw1 | m1 | Q | x | T01-"
    found = compared(a_round("a", FOUR, said=said, codebook=first), a_round("b", FOUR, said=said))
    assert found.not_comparable.measure.tolist() == ["T01"]


def test_a_rejected_code_is_no_code() -> None:
    said = "w1 | d1 | Q | x | T01-\nw1 | m1 | Q | x |"
    after = a_round("b", FOUR, said=said)
    after.codings["coded"] = False
    poor = row(compared(a_round("a", FOUR, said=said), after), "T01", kind="theme", pole="poor")
    assert (poor.before, poor.after) == (0.5, 0.0)


def test_themes_are_tested_for_the_appendix_only() -> None:
    sheet = pairs_of([2] * 6)
    said = "\n".join(f"w{n} | {r}{n} | Q1 | words | {{0}}" for n in range(1, 7) for r in "dm")
    found = compared(a_round("a", sheet, said=said.format("T01-")), a_round("b", sheet, said=said.format("T01+")))
    poor = row(found, "T01", kind="theme", pole="poor")
    assert poor.verdict == "described only: 0 up, 0 same, 6 down"
    assert (poor.p, poor.p_adjusted) == (0.03125, 0.03125)
    assert math.isnan(row(found, "T02", kind="theme", pole="poor").p)


def test_much_longer_answers_are_warned_of() -> None:
    before = "w1 | d1 | Q | one two three |\nw1 | m1 | Q | one two three |"
    after = "w1 | d1 | Q | one two three four |\nw1 | m1 | Q | one two three four |"
    found = compared(a_round("a", FOUR, said=before), a_round("b", FOUR, said=after))
    assert found.words.values.tolist() == [["a", 3.0, 2], ["b", 4.0, 2]]
    assert any(note.startswith("Answers are 33% longer in b (median 4 words, 3 before)") for note in found.notes)


def test_text_alone_and_ratings_alone_can_be_compared() -> None:
    said = "w1 | d1 | Q | x | T01-\nw1 | m1 | Q | x |"
    bare = "pair who role\nw1 d1 doctor\nw1 m1 manager"
    text = compared(a_round("a", bare, said=said), a_round("b", bare, said=said), {})
    assert set(text.table.kind) == {"theme"}
    assert text.primaries == ()
    ratings = compared(a_round("a", pairs_of([2])), a_round("b", pairs_of([2])))
    assert set(ratings.table.kind) == {"scale", "item", "gap"}
    assert "no question with answers in both rounds" in ratings.not_comparable.reason.tolist()
    assert ratings.words.answers.tolist() == [0, 0]


# unlinked


def crowd(name: str, shares: dict[str, tuple[int, int]], *, rating: int) -> Round:
    """Groups of anonymous staff: of n people, the first x name T01 as a problem."""
    lines, said = [], []
    for pair, (x, n) in shares.items():
        for number in range(n):
            who = f"{name}{pair}{number}"
            lines.append(f"{pair} {who} staff {rating + number % 2}")
            said.append(f"{pair} | {who} | Q | words | {'T01-' if number < x else ''}")
    return a_round(name, "pair who role COM1\n" + "\n".join(lines), said="\n".join(said), linked=False)


def test_unlinked_groups_are_compared_by_shares() -> None:
    from auditkit.statistics import newcombe, welch_interval

    before = crowd("a", {"g1": (6, 10), "g2": (2, 20), "g3": (1, 5)}, rating=2)
    after = crowd("b", {"g1": (2, 20), "g2": (4, 20)}, rating=3)
    found = compared(before, after)
    assert found.design == "unlinked"
    assert found.pairs.state.tolist() == ["unlinked", "unlinked", "dissolved"]
    one = row(found, "T01", kind="theme", pole="poor", pair="g1")
    interval = newcombe(6, 10, 2, 20)
    assert (one.n_before, one.n_after, one.change) == (10, 20, pytest.approx(-0.5))
    assert (one.low, one.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    pooled = row(found, "T01", kind="theme", pole="poor")
    w1, w2 = 10 * 20 / 30, 20 * 20 / 40
    assert pooled.change == pytest.approx((w1 * -0.5 + w2 * 0.1) / (w1 + w2))
    assert pooled.low < pooled.change < pooled.high
    assert pooled.verdict == "described only: unlinked, 1 up, 0 same, 1 down"
    assert found.table.p.isna().all()
    rating = row(found, "communication", pair="g1")
    interval = welch_interval([2, 3] * 5, [3, 4] * 10)
    assert (rating.low, rating.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    overall = row(found, "communication")
    assert overall.change == pytest.approx(1.0)
    half = 1.996564 * math.sqrt(70 * 0.25 / 66 / (w1 + w2))  # 70 answers, each half a point off, 66 df
    assert (overall.low, overall.high) == (pytest.approx(1 - half), pytest.approx(1 + half))
    assert any("unlinked" in note for note in found.notes)
    assert set(found.table.pair) == {"", "g1", "g2"}
    assert len(found.themes_by_pair) == 0
    judged = found.exceptions
    assert judged[judged.pair != ""][["pair", "rule"]].to_numpy().tolist() == [["g3", "E"]]
    assert judged[judged.pair == ""].rule.tolist() == ["A", "B", "C", "D", "F"]


def test_unlinked_intervals_join_as_independent_groups() -> None:
    shares = {"g1": (5, 10), "g2": (5, 10), "g3": (5, 10), "g4": (5, 10)}
    found = compared(crowd("a", shares, rating=2), crowd("b", shares, rating=2))
    one, all_four = (row(found, "T01", kind="theme", pole="poor", pair=pair) for pair in ("g1", ""))
    assert all_four.high == pytest.approx(one.high / 2)


# from a spreadsheet

SHEET = """respondent_id,pair_id,role,round,answered_on,COM1,COM2,COM3,MEET,Q1,Q2
D1,ward-3,doctor,baseline,2025-01-14,2,2,4,0,"We both care.","Nobody asks before the plan is fixed."
M1,ward-3,manager,baseline,2025-01-15,3,2,3,1,"Goodwill.","We have never sat down to talk."
D1,ward-3,doctor,repeat,2026-01-12,4,4,2,4,"We meet every Monday.","Too little time."
M1,ward-3,manager,repeat,2026-01-13,4,5,2,4,"I know why she guards clinic time.","Targets."
"""


def test_a_sheet_with_both_rounds_is_compared_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.csv"
    path.write_text(SHEET, encoding="utf-8")
    before, after = read(path, Config(), codes=lambda name: name)
    nothing = pd.DataFrame({"answer": [], "theme": [], "pole": [], "coded": []})
    one = pd.DataFrame({"answer": before.answers.answer[:1], "theme": ["T02"], "pole": ["poor"], "coded": [True]})
    found = compare(Round(before, one), Round(after, nothing), CODEBOOK, Config())
    assert (found.before, found.after, found.design) == ("baseline", "repeat", "linked")
    pair = row(found, "communication", pair="ward-3")
    assert (pair.before, pair.after) == (pytest.approx(14 / 6), pytest.approx(25 / 6))  # COM3 is turned
    assert (pair.label, pair.verdict) == ("Communication", "improved")
    assert row(found, "MEET", kind="fact", pair="ward-3").change == 3.5
    assert row(found, "T02", kind="theme", pole="poor", pair="ward-3").change == -0.5
    assert found.primaries == ("communication",)


# the order of rows


def test_the_order_of_rows_changes_no_byte() -> None:
    lines = [f"w{n} d{n} doctor {1 + n % 4} {2 + n % 3}\nw{n} m{n} manager {2 + n % 3} {1 + n % 5}" for n in range(9)]
    sheet = "pair who role COM1 TRU1\n" + "\n".join(lines)
    said = "\n".join(f"w{n} | {r}{n} | Q1 | some words | T0{1 + n % 2}-" for n in range(9) for r in "dm")
    later = sheet.replace("doctor 1", "doctor 4")
    before, after = (
        a_round("a", sheet, said=said),
        a_round("b", later, said=said.replace("w5 | d5", "w6 | d6")),
    )
    one, other = compared(before, after), compared(shuffled(before), shuffled(after))
    for name in (
        "table",
        "pairs",
        "people",
        "flow",
        "ratings",
        "themes_by_pair",
        "exceptions",
        "sensitivity",
    ):
        assert getattr(one, name).to_csv() == getattr(other, name).to_csv(), name
    assert one.notes == other.notes


def shuffled(given: Round) -> Round:
    names = ("people", "ratings", "facts", "answers")
    mixed = {name: getattr(given.responses, name).sample(frac=1, random_state=7) for name in names}
    responses = replace(given.responses, **mixed)
    return Round(responses, given.codings.sample(frac=1, random_state=7))
