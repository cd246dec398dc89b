"""What each pack says in words: short answer, draft, levels, names of files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from auditkit import own_packs, pack
from auditkit.config import Config
from auditkit.errors import AuditkitError
from auditkit.pack_fields import Change, Verdict
from auditkit.source import Source
from synthetic import MADE, change, coded, reviewed, rows_of, show, source_of, truth_of, without


def a_source(folder: Path, rows: pd.DataFrame | None = None, *, rounds: int = 2) -> Source:
    return source_of(coded(rows_of() if rows is None else rows, truth_of(), folder)[:rounds])


def test_the_short_answer_says_what_the_tables_say(tmp_path: Path) -> None:
    one = pack.for_all(a_source(tmp_path), MADE)
    assert one.answer is not None
    assert one.themes is not None
    main = [verdict for verdict in one.verdicts if verdict.main]
    assert [text.split(":")[0] for text in one.answer.changed[:3]] == [verdict.label for verdict in main]
    html = show(one)
    for verdict in main:
        points = pack._points(verdict.change)[2:].removesuffix(" points")
        assert f"<strong>{points}</strong>" in html
    first = one.themes.problem[0]
    words = ", then ".join(count.words for count in first.problem)
    assert one.answer.said[0].startswith(
        f"Named most as what gets in the way: {first.label.lower()} ({words} of 16 people)"
    )
    assert one.answer.changed[-1].startswith("For ")
    assert one.answer.note.startswith("Based on 16 people in 8 pairs who answered both times.")


def test_halves_are_rounded_alike_everywhere() -> None:
    assert pack._points(Change((2.7, 3.6), 10, 0.85, 0.6, 1.1)) == ", +0.9 points"
    assert pack._points(Change((2.7, 2.2), 10, -0.52, -1.0, 0.0, 2)) == ", −0.52 points"
    assert pack._points(Change((None, 3.6), 10, withheld="not shown")) == ""


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        (
            ["clear improvement between the rounds", "small but consistent improvement", "unclear"],
            "A and b improved; c: no sure change.",
        ),
        (["clear worsening", "little or no change"], "A went back; b: no sure change."),
        (["possible worsening", "possible improvement: too few pairs to be sure"], None),
        (["unclear", "little or no change"], "No sure change in a and b."),
        ([], "Too little to say what changed."),
    ],
)
def test_the_headline_is_made_of_verdicts(verdicts: list[str], headline: str | None) -> None:
    main = [Verdict(name, words, Change((3.0, 3.0), 10)) for name, words in zip("ABC", verdicts, strict=False)]
    expected = headline or (
        "B may have improved, with too few pairs to be sure; a may have gone back, with too few pairs to be sure."
    )
    assert pack._headline(main, None) == expected


def test_sponsors_get_the_same_account_and_counts_by_rule(tmp_path: Path) -> None:
    source = a_source(tmp_path)
    assert source.comparison is not None
    all_, sponsor = pack.for_all(source, MADE), pack.for_sponsor(source, MADE)
    same = {"audience", "title", "lede"}
    assert replace(sponsor, **{name: getattr(all_, name) for name in same}) == all_
    table = source.comparison.exceptions
    rows = pd.DataFrame([(f"ward-{n}", "B", "", "", "", "") for n in (1, 2, 3, 4)], columns=table.columns)
    listed = pd.concat([rows, table[table["pair"] == ""]])
    source = replace(source, comparison=replace(source.comparison, exceptions=listed))
    assert [(fact.term, fact.text) for fact in pack.for_sponsor(source, MADE).exception_counts] == [
        ("A main question went down by more than ratings wobble from week to week", "at most two"),
        ("The main questions stayed below 3", "4"),
        ("The two views moved 1 point or more apart", "at most two"),
        ("All partners named trust or communication as a problem", "at most two"),
    ]


def test_a_pack_tells_how_far_to_trust_codes_of_the_software(tmp_path: Path) -> None:
    rounds = coded(rows_of(), truth_of(), tmp_path)
    draft = pack.for_all(source_of(rounds), MADE)
    assert draft.agreement
    assert "Expected agreement" in show(draft)
    assert draft.draft_note == "0% of the answers are reviewed. Do not pass on."
    done = pack.for_all(source_of([reviewed(one) for one in rounds]), replace(MADE, final=True))
    assert (done.agreement, done.is_draft) == ("", False)
    assert "Expected agreement" not in show(done)


def test_one_answer_short_is_not_a_hundred_per_cent(tmp_path: Path) -> None:
    rounds = [reviewed(one) for one in coded(rows_of(), truth_of(), tmp_path)]
    rounds[1] = replace(rounds[1], read=frozenset(sorted(rounds[1].read)[1:]))
    one = pack.for_all(source_of(rounds), replace(MADE, final=True))
    assert one.is_draft
    assert one.draft_note.startswith("99% ")


def test_one_round_says_nothing_of_change(tmp_path: Path) -> None:
    one = pack.for_all(a_source(tmp_path, rounds=1), MADE)
    html = show(one)
    assert one.answer is not None
    assert one.answer.headline.startswith("What gets in the way most: ")
    assert (one.verdicts, one.strip, one.exceptions, one.answer.changed) == ((), None, "", ())
    for absent in ("Table of changes", "What changed", "both times", "signed-rank", "in one round only"):
        assert absent not in html


def test_level_1_shows_both_letters_and_no_scale_of_the_programme(tmp_path: Path) -> None:
    one = own_packs.side_by_side(a_source(tmp_path), MADE, "ward-3")
    assert one.pair is not None
    assert [(p.letter, p.role) for p in one.pair.partners] == [("D", "lead doctor"), ("M", "senior manager")]
    assert [row.label for row in one.pair.ratings][:3] == ["Communication", "Trust", "Knowing each other"]
    for row in one.pair.ratings:
        (d0, m0), (d1, m1) = row.ratings
        assert row.apart == (pytest.approx(abs(d0 - m0)), pytest.approx(abs(d1 - m1)))  # type: ignore[operator]
        assert row.moves == (pytest.approx(d1 - d0), pytest.approx(m1 - m0))  # type: ignore[operator]
    assert (one.themes, one.verdicts, one.spread, one.views) == (None, (), None, None)


def test_two_partners_without_roles_are_a_and_b(tmp_path: Path) -> None:
    rows = rows_of()
    rows["role"] = rows["role"].mask(rows["pair_id"] == "ward-3", "doctor")
    one = own_packs.side_by_side(a_source(tmp_path, rows), MADE, "ward-3")
    assert one.pair is not None
    assert [p.letter for p in one.pair.partners] == ["A", "B"]
    blank = own_packs.for_pair(a_source(tmp_path, rows_of().assign(role="")), MADE, "ward-3")
    assert blank.pair is not None
    assert [p.role for p in blank.pair.partners] == ["first partner", "second partner"]


def test_my_own_pack_shows_my_ratings_though_the_programmes_are_withheld(tmp_path: Path) -> None:
    source = source_of(coded(rows_of(3), truth_of(3), tmp_path))
    pair, respondent, name = own_packs.individuals(source)[1]
    one = own_packs.for_individual(source, MADE, pair, respondent)
    assert (pair, name) == ("sponsors", "sponsors-manager")
    assert one.own is not None
    assert len(one.own.ratings) == 8
    assert {programme for row in one.own.ratings for programme in row.programme} == {None}
    assert "Your ratings</h2>" in show(one)


def test_my_own_pack_leaves_a_round_that_i_did_not_answer_empty(tmp_path: Path) -> None:
    rows = without(rows_of(), "ward-4", "doctor", "repeat")
    who = rows["respondent_id"][(rows["pair_id"] == "ward-4") & (rows["role"] == "doctor")].iloc[0]
    one = own_packs.for_individual(a_source(tmp_path, rows), MADE, "ward-4", who)
    assert one.own is not None
    assert {row.own[1] for row in one.own.ratings} == {None}
    assert all(answer.texts[1] == "" for answer in one.own.answers)


def test_groups_are_called_groups(tmp_path: Path) -> None:
    rows = rows_of(5)
    more = [rows.assign(respondent_id=rows["respondent_id"] + f"-{number}") for number in range(3)]
    source = source_of(coded(pd.concat(more, ignore_index=True), truth_of(5), tmp_path))
    assert source.unit == "group"
    one = pack.for_all(source, MADE)
    assert "5 of the 5 groups can be compared" in show(one)
    html = show(own_packs.for_pair(source, MADE, "ward-3"))
    assert "For your group" in html
    for absent in ("two of you", "Where we each stand", "Who decides what"):
        assert absent not in html


def test_people_who_share_pair_and_role_get_a_number(tmp_path: Path) -> None:
    rows = rows_of()
    third = rows[(rows["pair_id"] == "ward-4") & (rows["role"] == "doctor")].assign(respondent_id="R-ZZZZ")
    names = [name for _, _, name in own_packs.individuals(a_source(tmp_path, pd.concat([rows, third])))]
    assert {"ward-4-doctor", "ward-4-doctor-2", "ward-4-manager"} <= set(names)
    assert not any("R-" in name for name in names)


def test_an_unknown_pair_gets_the_nearest_codes(tmp_path: Path) -> None:
    with pytest.raises(AuditkitError) as error:
        own_packs.for_pair(a_source(tmp_path), MADE, "ward-33")
    assert error.value.fix.startswith("Nearest: ward-3")


def test_next_steps_and_contact_are_printed(tmp_path: Path) -> None:
    config = Config(programme={"name": "Pairs", "contact": "a@b.example", "next_steps": ["Away day on 3 May."]})  # type: ignore[arg-type]
    html = show(pack.for_all(source_of(coded(rows_of(), truth_of(), tmp_path), config), MADE))
    for words in ("What happens next", "Away day on 3 May.", "a@b.example", "Pairs"):
        assert words in html


def test_a_scale_nobody_rated_is_in_no_pack(tmp_path: Path) -> None:
    rows = rows_of().assign(SUP1="", SUP2="", SUP3="")
    assert "Support from the top" not in str(pack.for_all(a_source(tmp_path, rows), MADE).scales)


def test_a_rating_left_blank_is_a_dash(tmp_path: Path) -> None:
    rows = change(rows_of(), "ward-3", "doctor", "repeat", SUP1="", SUP2="", SUP3="")
    one = own_packs.side_by_side(a_source(tmp_path, rows), MADE, "ward-3")
    assert one.pair is not None
    support = next(row for row in one.pair.ratings if row.label == "Support from the top")
    assert (support.ratings[1][0], support.apart[1], support.moves[0], support.apart_change) == (None, None, None, None)
    assert "–</td>" in show(one)
