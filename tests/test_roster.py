from __future__ import annotations

import pandas as pd
import pytest

from auditkit import linking
from auditkit.roster import Roster, link, natural

BEFORE = """
    ward-1   a1 doctor
    ward-1   a2 manager
    ward-2   b1 doctor
    ward-2   b2 manager
    ward-3   c1 doctor
    ward-3   c2 manager
    ward-4   d1 doctor
    ward-4   d2 manager
    ward-10  e1 doctor
    ward-10  e2 manager
    ward-10  e3 staff
    ward-11  f1 doctor
    ward-11  f2 manager
    top      s1 sponsor_doctor
    top      s2 sponsor_manager
"""

AFTER = """
    ward-1   a1 doctor
    ward-1   a2 manager
    ward-2   b1 doctor
    ward-3   c1 doctor
    ward-3   c9 manager
    ward-5   g1 doctor
    ward-5   g2 manager
    ward-10  e1 doctor
    ward-10  e2 manager
    ward-10  e4 staff
    ward-11  f8 doctor
    ward-11  f9 manager
    top      s1 sponsor_doctor
    top      s2 sponsor_manager
"""


def people(text: str) -> pd.DataFrame:
    rows = [line.split() for line in text.strip().splitlines()]
    return pd.DataFrame(
        [(who, pair, role, role.startswith("sponsor")) for pair, who, role in rows],
        columns=["respondent", "pair", "role", "sponsor"],
    )


def linked(before: str, after: str, *, known: bool = True) -> Roster:
    return link(people(before), people(after), names=("baseline", "repeat"), linked=known)


def crowd(pair: str, codes: range, role: str = "staff") -> str:
    return "\n".join(f"{pair} p{code:03} {role}" for code in codes)


def test_natural_order_counts_like_a_person() -> None:
    assert natural(["ward-10", "ward-2", "Ward-1", "P-03", "P-3", "ward-2"]) == [
        *("P-03", "P-3", "Ward-1", "ward-2", "ward-10"),
    ]


def test_state_of_every_pair() -> None:
    pairs = linked(BEFORE, AFTER).pairs
    rows = pairs[["pair", "state", "n_before", "n_after", "matched", "detail"]]
    assert list(rows.itertuples(index=False, name=None)) == [
        ("top", "complete", 2, 2, 2, ""),
        ("ward-1", "complete", 2, 2, 2, ""),
        ("ward-2", "one-partner", 2, 1, 1, "manager b2 answered in baseline only"),
        ("ward-3", "re-formed", 2, 2, 1, "manager c2 replaced by manager c9"),
        ("ward-4", "dissolved", 2, 0, 0, "nobody answered in repeat"),
        ("ward-5", "new", 0, 2, 0, "nobody answered in baseline"),
        ("ward-10", "group", 3, 3, 2, "3 people in baseline, 3 in repeat, 2 in both"),
        ("ward-11", "re-formed", 2, 2, 0, "both partners replaced"),
    ]


def test_only_complete_pairs_and_groups_are_compared() -> None:
    assert linked(BEFORE, AFTER).compared() == ["top", "ward-1", "ward-10"]


def test_people_matched_joined_left() -> None:
    found = linked(BEFORE, AFTER).people.set_index("respondent")
    assert found.loc[["a1", "b2", "c9", "e3", "e4"], "state"].tolist() == [
        *("matched", "left", "joined", "left", "joined"),
    ]
    assert found.loc["c9", ["in_before", "in_after"]].tolist() == [False, True]
    assert found.sponsor[found.sponsor].index.tolist() == ["s1", "s2"]


def test_flow_counts_people_by_role_and_keeps_sponsors_apart() -> None:
    flow = linked(BEFORE, AFTER).flow
    assert list(flow.itertuples(index=False, name=None)) == [
        ("doctor", 6, 6, 4, 2),
        ("manager", 6, 5, 2, 2),
        ("sponsor_doctor", 1, 1, 1, 1),
        ("sponsor_manager", 1, 1, 1, 1),
        ("staff", 1, 1, 0, 0),
        ("all", 13, 12, 6, 4),
    ]


def test_a_director_in_two_pairs_counts_in_each() -> None:
    both = "w1 d1 doctor\nw1 boss manager\nw2 d2 doctor\nw2 boss manager"
    roster = linked(both, both.replace("w2 d2", "w2 d3"))
    assert roster.pairs.state.tolist() == ["complete", "re-formed"]
    assert roster.people[roster.people.respondent == "boss"].pair.tolist() == ["w1", "w2"]


def test_a_changed_role_is_said_and_the_first_one_kept() -> None:
    roster = linked("w a doctor\nw b manager", "w a manager\nw b manager")
    assert roster.pairs.detail.tolist() == ["a: doctor, then manager"]
    assert roster.people.role.tolist() == ["doctor", "manager"]


def test_a_partner_who_only_joins_leaves_one_partner() -> None:
    roster = linked("w a doctor\nv c doctor\nv d manager", "w a doctor\nw b manager\nv c doctor\nv d manager")
    assert roster.pairs.set_index("pair").loc["w", ["state", "detail"]].tolist() == [
        *("one-partner", "manager b answered in repeat only"),
    ]


def test_a_pair_with_any_sponsor_is_kept_apart() -> None:
    text = "w a doctor\nw b sponsor_manager"
    assert linked(text, text).pairs.sponsor.tolist() == [True]


def test_a_group_with_one_matched_person_is_named_but_not_compared() -> None:
    roster = linked("w a doctor\nw b manager\nw c staff", "w a doctor\nw e manager\nw f staff")
    assert roster.pairs.state.tolist() == ["group"]
    assert roster.pairs.detail.tolist()[0].endswith("1 in both: not compared")
    assert roster.compared() == []


@pytest.mark.parametrize(
    ("before", "after", "known", "design"),
    [
        (BEFORE, BEFORE, True, "linked"),
        (BEFORE, BEFORE, False, "unlinked"),
        ("w a doctor\nw b manager", "w c doctor\nw d manager", True, "unlinked"),
        (crowd("w", range(10)), crowd("w", range(9, 19)), True, "unlinked"),
        (crowd("w", range(10)), crowd("w", range(8, 18)), True, "linked"),
    ],
    ids=["all match", "no code says who", "nobody matches", "a tenth of a group", "a fifth of a group"],
)
def test_when_rounds_count_as_linked(before: str, after: str, known: bool, design: str) -> None:
    assert linked(before, after, known=known).design == design


def test_many_leavers_among_pairs_do_not_unlink_them() -> None:
    before = [f"w{n} d{n} doctor\nw{n} m{n} manager" for n in range(6)]
    after = before[:1] + [f"w{n} x{n} doctor\nw{n} y{n} manager" for n in range(1, 6)]
    roster = linked("\n".join(before), "\n".join(after))
    assert roster.design == "linked"
    assert roster.pairs.state.tolist() == ["complete", *["re-formed"] * 5]


def test_unlinked_groups_list_each_round_and_still_know_who_is_gone() -> None:
    roster = linked("w a staff\nv b staff", "w a staff\nu c staff", known=False)
    assert roster.pairs.state.tolist() == ["new", "dissolved", "unlinked"]
    rows = roster.people[roster.people.pair == "w"][["respondent", "state", "in_before", "in_after"]]
    assert rows.to_numpy().tolist() == [["a", "unlinked", True, False], ["a", "unlinked", False, True]]
    assert roster.compared() == ["w"]


def test_people_without_a_pair_are_counted_and_left_out() -> None:
    frame = people("w a doctor\nw b manager\nx c staff")
    frame["pair"] = frame["pair"].replace("x", "")
    roster = link(frame, frame, names=("baseline", "repeat"))
    assert roster.without_pair == 1
    assert roster.pairs.pair.tolist() == ["w"]


def test_the_order_of_rows_changes_nothing() -> None:
    one = linked(BEFORE, AFTER)
    other = link(people(BEFORE)[::-1], people(AFTER).sample(frac=1, random_state=3), names=("baseline", "repeat"))
    for name in ("people", "pairs", "flow"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_pairs_hang_together_through_the_people_they_share() -> None:
    members = ("a d1 doctor", "a boss manager", "b d2 doctor", "b boss manager", "c d3 doctor", "c m3 manager")
    rows = "\n".join((*members, "d d3 doctor", "d boss manager"))
    clusters = linked(rows, rows).clusters()
    assert clusters == dict.fromkeys("abcd", "a")
    apart = linked(BEFORE, AFTER)
    assert apart.clusters() == {pair: pair for pair in apart.pairs.pair}


def test_people_under_one_code_match_and_their_pair_is_complete() -> None:
    before, after = people("w a-1 doctor\nw b manager"), people("w A1 doctor\nw b manager")
    assert link(before, after, names=("baseline", "repeat")).pairs.state.tolist() == ["re-formed"]
    mapping = linking.link(
        [("baseline", before.assign(identity="respondent")), ("repeat", after.assign(identity="respondent"))], {}
    ).mapping
    roster = link(before, linking.apply(after, mapping), names=("baseline", "repeat"))
    assert roster.pairs.state.tolist() == ["complete"]
    assert roster.people.respondent.tolist() == ["a-1", "b"]
