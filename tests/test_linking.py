"""People across rounds: linked by what they are called, offered where they may be one, never guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit import linking, people_sheet
from auditkit.errors import AuditkitError
from auditkit.keyfile import KeyFile
from auditkit.roster import link as link_pairs
from auditkit.spellings import squeeze

COLUMNS = ["respondent", "pair", "role", "identity"]


def people(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


BEFORE = people(
    ("AB-12", "ward-3", "doctor", "self_code"),
    ("CD34", "ward-3", "manager", "self_code"),
    ("EF56", "ward-4", "doctor", "self_code"),
)
AFTER = people(
    ("ab 12", "ward-3", "doctor", "self_code"),
    ("CD43", "ward-3", "manager", "self_code"),
    ("XY99", "ward-4", "doctor", "self_code"),
)


PAIRS = pd.DataFrame(
    [("ward-4", "re-formed", 2, 2, 1, False, "doctor CD34 replaced by doctor XY99")],
    columns=["pair", "state", "n_before", "n_after", "matched", "sponsor", "detail"],
)


def link(decisions: dict[str, str] | None = None) -> linking.Linking:
    return linking.link([("baseline", BEFORE), ("repeat", AFTER)], decisions or {})


def test_the_same_code_in_another_spelling_is_the_same_person() -> None:
    assert link().mapping == {"ab 12": "AB-12"}


def test_a_typing_mistake_is_offered_and_not_linked() -> None:
    assert ("CD34", "CD43", "ward-3") in {(one.before, one.after, one.pair) for one in link().near}
    assert "CD43" not in link().mapping


def test_a_decision_links_and_a_refusal_is_not_offered_again() -> None:
    assert link({"CD43": "CD34"}).mapping["CD43"] == "CD34"
    refused = link({"CD43": "nobody"})
    assert "CD43" not in refused.mapping
    assert "CD43" not in {one.after for one in refused.near}


def test_a_decision_wins_over_a_likeness() -> None:
    found = link({"CD43": "AB-12"})
    assert found.mapping == {"CD43": "AB-12"}
    assert any("not linked" in note for note in found.notes)


def test_two_people_of_a_round_cannot_be_one_earlier_person() -> None:
    after = people(("GH78", "ward-3", "doctor", "self_code"), ("IJ90", "ward-3", "manager", "self_code"))
    with pytest.raises(AuditkitError, match="two people of ward-3 in repeat"):
        linking.link([("baseline", BEFORE), ("repeat", after)], {"GH78": "AB-12", "IJ90": "AB-12"})


def test_rounds_that_start_again_link_nobody() -> None:
    found = linking.link([("baseline", BEFORE), ("repeat", AFTER)], {}, linked=False)
    assert (found.mapping, found.near) == ({}, ())


def test_people_sheet_goes_out_and_decisions_come_back(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    rounds = [("baseline", BEFORE), ("repeat", AFTER)]
    people_sheet.write(path, link(), rounds, PAIRS)
    assert people_sheet.read(path) == {}
    book = openpyxl.load_workbook(path)
    sheet = book["To decide"]
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 4).value == "CD43")
    sheet.cell(row, 7).value = "yes"
    book.save(path)
    assert people_sheet.read(path) == {"CD43": "CD34"}
    people_sheet.write(path, link(), rounds, PAIRS)  # not taken over yet, and not lost
    assert people_sheet.read(path) == {"CD43": "CD34"}
    everybody = list(openpyxl.load_workbook(path)["Everybody"].values)[1:]
    assert ("ward-3", "doctor", "AB-12", "matched", "baseline, repeat") in everybody
    assert ("ward-4", "doctor", "XY99", "joined", "repeat") in everybody
    assert list(openpyxl.load_workbook(path)["Pairs"].values)[1:] == [
        ("ward-4", "re-formed", 2, 2, 1, "doctor CD34 replaced by doctor XY99")
    ]


def test_a_cell_that_is_neither_yes_nor_no_is_named(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    people_sheet.write(path, link(), [("baseline", BEFORE), ("repeat", AFTER)], PAIRS)
    book = openpyxl.load_workbook(path)
    book["To decide"].cell(2, 7).value = "perhaps"
    book.save(path)
    with pytest.raises(AuditkitError, match="1 decision cannot be used") as error:
        people_sheet.read(path)
    assert list(error.value.details) == ["row 2, column same person?: neither yes nor no"]


def near(before: pd.DataFrame, after: pd.DataFrame, **how: object) -> list[tuple[str, str, str]]:
    found = linking.link([("baseline", before), ("repeat", after)], {}, **how)  # type: ignore[arg-type]
    assert not set(found.mapping) & {one.after for one in found.near}
    return [(one.before, one.after, one.why) for one in found.near]


@pytest.mark.parametrize(
    ("before", "after", "identity", "why"),
    [
        ("MA12", "MA13", "self_code", "one sign apart"),
        ("M0A1", "MOAl", "self_code", "signs that look alike, such as 0 and O"),
        ("P-7", "P-07", "respondent", "a leading zero"),
        ("R-7KQ2M", "R-7KQ2N", "respondent", "one sign apart"),
        ("P-01", "P-02", "respondent", None),
        ("R-7KQ2M", "R-7KQ2N", "email", None),
        ("MA12", "MA13", "none", None),
    ],
)
def test_which_codes_are_near(before: str, after: str, identity: str, why: str | None) -> None:
    same = ("other", "w", "manager", identity)
    found = near(people((before, "w", "doctor", identity), same), people((after, "w", "doctor", identity), same))
    assert found == ([(before, after, why)] if why else [])


def test_a_near_code_in_another_pair_only_where_nobody_else_is_near() -> None:
    stays = ("QQ99", "w", "doctor", "self_code")
    one = people(stays, ("MA12", "v", "doctor", "self_code"))
    after = people(stays, ("MA13", "u", "doctor", "self_code"))
    assert near(one, after) == [("MA12", "MA13", "one sign apart, in another pair")]
    two = people(stays, ("MA12", "v", "doctor", "self_code"), ("MA14", "x", "doctor", "self_code"))
    assert near(two, after) == []
    manager = people(stays, ("MA13", "v", "manager", "self_code"))
    assert near(one, manager) == []


def test_another_kind_of_identity_offers_the_only_one_of_pair_and_role() -> None:
    before = people(*((f"R-{n}", f"w{n // 2}", ("doctor", "manager")[n % 2], "email") for n in range(4)))
    after = people(*((f"code-{n}", f"w{n // 2}", ("doctor", "manager")[n % 2], "respondent") for n in range(4)))
    assert near(before, after) == [(f"R-{n}", f"code-{n}", linking.PAIR_AND_ROLE) for n in range(4)]
    crowd = people(("R-1", "w", "staff", "email"), ("R-2", "w", "staff", "email"))
    assert near(crowd, people(("c-1", "w", "staff", "respondent"))) == []


def test_a_replaced_partner_with_the_same_kind_of_code_is_not_offered() -> None:
    before = people(("aa11", "w", "doctor", "respondent"), ("bb22", "w", "manager", "respondent"))
    after = people(("aa11", "w", "doctor", "respondent"), ("zz99", "w", "manager", "respondent"))
    assert near(before, after) == []


def test_signs_alone_never_join_two_people_of_one_round() -> None:
    before = people(("a-1x", "w", "doctor", "respondent"))
    after = people(("A1X", "w", "doctor", "respondent"), ("a1.x", "w", "manager", "respondent"))
    found = linking.link([("baseline", before), ("repeat", after)], {})
    assert found.mapping == {}
    assert len(found.notes) == 1
    assert "two people of one round" in found.notes[0]


def test_the_earliest_code_stands_in_every_later_round() -> None:
    rounds = [
        (name, people((code, "w", "doctor", "respondent")))
        for name, code in zip("xyz", ("k1", "m2", "n3"), strict=True)
    ]
    assert linking.link(rounds, {"m2": "k1", "N-3": "M2"}).mapping == {"m2": "k1", "n3": "k1"}
    assert linking.link(rounds, {"n3": "k1"}).mapping == {"n3": "k1"}


@pytest.mark.parametrize(
    ("decisions", "found"),
    [
        ({"CD43": "Q9"}, 'no round has the code "Q9"'),
        ({"Q9": "CD34"}, 'no round has the code "Q9"'),
        ({"AB-12": "CD43"}, '"AB-12" is in baseline already'),
        ({"EF56": "AB-12"}, '"EF56" is in baseline already'),
    ],
)
def test_decisions_that_cannot_be_meant(decisions: dict[str, str], found: str) -> None:
    with pytest.raises(AuditkitError) as caught:
        link(decisions)
    assert found in caught.value.message
    assert caught.value.message.startswith("audit.toml, [people], ")
    assert caught.value.exit_code == 2


def test_codes_of_rounds_that_are_not_compared_may_be_decided() -> None:
    rounds = [("baseline", BEFORE), ("repeat", AFTER)]
    decisions = {"Q9": "CD34", "CD43": "Q8", "Q7": "nobody"}
    found = linking.link(rounds, decisions, known={"q-9", "Q8", "Q7"})
    assert found.mapping == {"ab 12": "AB-12"}
    assert "CD43" not in {one.after for one in found.near}


def test_the_key_offers_codes_by_name_and_joins_what_the_roster_knows(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "key.csv")
    old, new = key.code("j.smith@trust.uk"), key.code("john.smith@trust.uk")
    before, known = people((old, "w", "doctor", "email")), key.code("ada@x.uk")
    before = pd.concat([before, people((known, "w", "manager", "email"))])
    key.know([("P-07", ["Ada Byron", "ada@x.uk"])])
    after = people((new, "w", "doctor", "email"), ("P-07", "w", "manager", "respondent"))
    found = linking.link([("baseline", before), ("repeat", after)], {}, key=key)
    assert found.mapping == {"P-07": known}
    assert [(one.before, one.after) for one in found.near] == [(old, new)]
    assert found.near[0].line == f'"{new}" = "{old}"'
    assert "smith" not in repr(found)


def test_applied_the_frame_holds_the_earliest_codes() -> None:
    frame = AFTER.assign(sponsor=False)
    found = linking.apply(frame, link().mapping)
    assert found["respondent"].tolist() == ["AB-12", "CD43", "XY99"]
    assert frame["respondent"].tolist()[0] == "ab 12"
    assert linking.apply(frame, {}) is frame
    roster = link_pairs(BEFORE.assign(sponsor=False), found, names=("baseline", "repeat"))
    assert roster.people.set_index("respondent").state["AB-12"] == "matched"


PERSON = st.tuples(
    st.sampled_from("AB-1 ab1 A.B1 AB2 BA1 a8l AB-01 ab01 xy9 Xy9 xy-9".split()),
    st.sampled_from(("w", "v", "")),
    st.sampled_from(("doctor", "manager", "")),
    st.sampled_from(("respondent", "self_code", "email", "none")),
)
ROUND = st.lists(PERSON, max_size=5, unique_by=lambda row: row[:2])


@given(st.lists(ROUND, min_size=2, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_two_people_of_one_round_are_never_linked(rounds: list[list[tuple[str, str, str, str]]], random: Any) -> None:
    frames = [(f"round {number}", people(*rows)) for number, rows in enumerate(rounds)]
    found = linking.link(frames, {})
    for _, frame in frames:
        codes = set(frame["respondent"])
        assert len({found.mapping.get(code, code) for code in codes}) == len(codes)
    for later, earlier in found.mapping.items():
        assert squeeze(later) == squeeze(earlier)
        assert earlier not in found.mapping
    for one in found.near:
        assert one.before != one.after
        assert one.after not in found.mapping
        first = next(number for number, (_, frame) in enumerate(frames) if one.after in set(frame["respondent"]))
        assert any(one.before in set(frame["respondent"]) for _, frame in frames[:first])
    mixed = [(name, frame.sample(frac=1, random_state=random.randrange(99))) for name, frame in frames]
    assert linking.link(mixed, {}) == found
    for one in found.near:  # each offer can be taken or refused, alone
        linked = linking.link(frames, {one.after: one.before})
        assert linked.mapping[one.after] == linked.mapping.get(one.before, one.before)
        assert one.after not in {other.after for other in linking.link(frames, {one.after: "nobody"}).near}
