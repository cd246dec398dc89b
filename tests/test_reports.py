from __future__ import annotations

import itertools
import re
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from auditkit import tones
from auditkit.codebook import Codebook, Theme
from auditkit.config import Config
from auditkit.render import render
from auditkit.reports import analyst_report, comparison_report
from auditkit.triangulation import reading, triangulation

DRAFT = "DRAFT: suggested by software, not yet reviewed"
TRUST = Theme("T01", "Trust")
GOALS = Theme("T02", "Shared goals")


def frame(columns: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


def a_round(**changes: Any) -> Any:
    """Three people of two pairs and one sponsor; four answers, of which the machine coded three."""
    responses = SimpleNamespace(
        round="January 2025",
        answers=frame(
            "file sheet row answer respondent pair role question item text",
            (
                "r.csv",
                "",
                2,
                "a1",
                "p1",
                "ward-1",
                "doctor",
                "What gets in the way?",
                "Q2",
                "No trust at all.",
            ),
            (
                "r.csv",
                "",
                3,
                "a2",
                "p2",
                "ward-1",
                "manager",
                "What works well?",
                "Q1",
                "I trust her <fully>.",
            ),
            ("r.csv", "", 4, "a3", "p3", "ward-2", "doctor", "What works well?", "Q1", "The car park."),
            (
                "r.csv",
                "",
                5,
                "a4",
                "p9",
                "board",
                "sponsor_doctor",
                "What works well?",
                "Q1",
                "We trust them.",
            ),
        ),
        people=frame(
            "respondent pair role sponsor",
            ("p1", "ward-1", "doctor", False),
            ("p2", "ward-1", "manager", False),
            ("p3", "ward-2", "doctor", False),
            ("p9", "board", "sponsor_doctor", True),
        ),
        ratings=frame(
            "respondent pair item scale rating scored",
            ("p1", "ward-1", "TRU1", "Trust", 2.0, 2.0),
            ("p2", "ward-1", "TRU1", "Trust", 5.0, 5.0),
            ("p9", "board", "TRU1", "Trust", 1.0, 1.0),
        ),
        problems=frame(
            "round file sheet row column severity found taken_as fix",
            ("", "r.csv", "", 0, "", "note", "two rows above the header", "not read", ""),
            ("", "r.csv", "", 3, "TRU2", "error", "6: outside 1 to 5", "left out", "Correct the cell."),
        ),
    )
    coded = SimpleNamespace(
        responses=responses,
        codebook=Codebook(themes=(TRUST, GOALS), junk=(), name="test"),
        excerpts=frame("excerpt answer start end text", ("a2.0", "a2", 0, 20, "I trust her <fully>.")),
        codings=frame(
            "answer theme pole excerpt score coded coder decision nearest matched",
            ("a1", "T01", "poor", "", 0.90, True, "coder-1", "confirmed", "There is no trust.", "trust"),
            ("a2", "T01", "good", "a2.0", 0.70, True, "machine", "suggested", "I trust my partner.", "trust"),
            ("a4", "T01", "good", "", 0.60, True, "machine", "suggested", "I trust my partner.", "trust"),
            ("a3", "T02", "good", "", 0.20, False, "coder-1", "rejected", "We want the same.", ""),
        ),
        remainder=frame("answer theme label fit", ("a3", "T02", "Shared goals", 0.12)),
        suggested=frame(
            "theme label phrases respondents answers cohesion strength statement evidence gap nearest again folds",
            ("S01", "Parking", "car park", 1, 1, 0.5, "fair", "The car park.", ["a3"], -0.3, "T02", 9, 10),
        ),
        tone=frame("answer tone", ("a1", -0.8), ("a2", 0.9), ("a3", 0.1), ("a4", 0.7)),
        distances=frame("one other distance"),
        engine="auditkit",
        topics_note="",
        read=frozenset(("a1", "a3")),
        unread=frozenset(),
        read_by_people=frozenset(("a1", "a3")),
        reviewed=1,
        expected_agreement=None,
        agreement_words="not yet known for your data",
    )
    for name, value in changes.items():
        setattr(coded, name, value)
    return coded


def shown(coded: Any) -> str:
    fields = analyst_report(coded, Config(), made_with="auditkit 0.1.0, settings 4be0d215")
    return render("analyst_report.html", fields, user_templates=None)


def test_people_are_counted_once_and_sponsors_never() -> None:
    themes = analyst_report(a_round(), Config(), made_with="")["themes"]
    trust = themes["rows"][0]

    assert (trust["label"], trust["people"], trust["share"]) == ("Trust", 2, "67%")
    assert trust["poles"] == [1, 0, 1, 0]
    assert trust["interval"] == "21 to 94%"
    assert themes["title"] == "Most people name Trust: 2 of 3"


def test_the_table_says_who_decided() -> None:
    themes = analyst_report(a_round(), Config(), made_with="")["themes"]

    assert [row["decided"] for row in themes["rows"]] == [[1, 0, 0, 2], [0, 0, 1, 0]]
    assert [row["reviewed"] for row in themes["rows"]] == ["33%", "100%"]
    assert themes["kept"] == "1 of 2 decided (50%)"


def test_evidence_shows_the_strongest_first_without_pair_or_role() -> None:
    trust, goals = analyst_report(a_round(), Config(), made_with="")["evidence"]

    assert [row["text"] for row in trust["rows"]] == [
        "No trust at all.",
        "I trust her <fully>.",
        "We trust them.",
    ]
    assert trust["rows"][0]["place"] == "row 2, What gets in the way?"
    assert [row["decision"] for row in trust["rows"]] == ["accepted", "waiting", "waiting"]
    assert goals["rows"][0]["decision"] == "rejected"
    assert not any("ward" in str(value) or "doctor" in str(value) for row in trust["rows"] for value in row.values())


def test_at_most_twelve_excerpts_a_theme() -> None:
    coded = a_round()
    coded.codings = pd.concat([coded.codings] + [coded.codings.iloc[[1]]] * 20, ignore_index=True)
    trust = analyst_report(coded, Config(), made_with="")["evidence"][0]

    assert len(trust["rows"]) == 12
    assert trust["subtitle"].endswith("The 12 strongest shown.")


def test_the_page_shows_every_part_as_a_draft() -> None:
    html = shown(a_round())

    assert html.count(DRAFT) == 3
    assert "1 of 4 answers reviewed (25%)" in html
    assert "not yet known for your data" in html
    assert "I trust her &lt;fully&gt;." in html
    assert html.index("6: outside 1 to 5") < html.index("two rows above the header")
    assert "&ldquo;The car park.&rdquo;" in html
    assert "Evidence: S01 Parking, 1 of 1 answer" in html
    assert "auditkit 0.1.0, settings 4be0d215" in html
    assert "Trust: 2, 1 only as a problem, 0 both ways, 1 only as working well" in html
    assert "strongly agree 50%" in html


@pytest.mark.parametrize("html", [lambda: shown(a_round()), lambda: compared(a_comparison())])
def test_both_pages_are_self_contained_and_in_order(html: Any) -> None:
    page = html()
    ids = re.findall(r'\sid="([^"]+)"', page)
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert "<script" not in page
    assert not re.search(r"(src|href)=.(https?:)?//", page)


def test_ratings_leave_sponsors_out() -> None:
    ratings = analyst_report(a_round(), Config(), made_with="")["ratings"]

    assert ratings["rows"] == [{"label": "Trust", "mean": "3.50", "people": 2, "n": 2, "shares": [0, 50, 0, 0, 50]}]


def test_a_reviewed_round_is_no_draft() -> None:
    assert "DRAFT" not in shown(a_round(reviewed=4))


def test_a_round_of_ratings_alone_needs_no_themes() -> None:
    coded = a_round(reviewed=0)
    coded.responses.answers = coded.responses.answers.iloc[:0]
    for name in ("codings", "excerpts", "remainder", "suggested"):
        setattr(coded, name, getattr(coded, name).iloc[:0])
    html = shown(coded)

    assert "DRAFT" not in html
    assert "No theme" not in html
    assert ">Ratings</h2>" in html


def test_no_suggested_theme_comes_with_the_reason() -> None:
    coded = a_round(topics_note="too few answers to search")
    coded.suggested = coded.suggested.iloc[:0]

    assert "<p>Too few answers to search.</p>" in shown(coded)


NAN = float("nan")
TABLE = "level kind measure label pole n_pairs n_before n_after before after change low high up same down verdict"


def a_comparison(**changes: Any) -> Any:
    both, one, none = ("programme",), ("pair",), (NAN,) * 5
    clear, described = "clear improvement between the rounds", "described only: 1 up, 0 same, 1 down"
    table = frame(
        TABLE,
        (*both, "scale", "main", "Main", "", 2, 4, 4, 2.5, 3.3, 0.8, 0.4, 1.2, 2, 0, 0, clear),
        (*both, "scale", "trust", "Trust", "", 2, 4, 4, 3.0, 2.9, -0.1, -0.5, 0.3, 1, 0, 1, described),
        (*both, "gap", "trust", "Trust", "", 2, 4, 4, 0.8, 0.5, -0.3, -0.6, 0.0, 0, 1, 1, ""),
        (*both, "theme", "T01", "Trust", "poor", 2, 4, 4, 0.75, 0.25, -0.5, -0.8, 0.1, 0, 1, 1, ""),
        (*both, "theme", "T01", "Trust", "good", 2, 4, 4, 0.25, 0.5, 0.25, -0.2, 0.6, 1, 1, 0, ""),
        (*one, "scale", "main", "Main", "", 1, 2, 2, 2.5, 3.5, 1.0, *none, ""),
        (*one, "scale", "main", "Main", "", 1, 2, 2, 2.5, 2.2, -0.3, *none, ""),
    )
    table["pair"] = ["", "", "", "", "", "ward-1", "ward-2"]
    table["r_rb"], table["p"], table["p_adjusted"] = NAN, NAN, NAN
    table.loc[0, ["r_rb", "p", "p_adjusted"]] = 1.0, 0.0078, 0.0156
    comparison = SimpleNamespace(
        before="January 2025",
        after="January 2026",
        design="linked",
        table=table,
        pairs=frame(
            "pair state n_before n_after matched sponsor detail",
            ("ward-1", "complete", 2, 2, 2, False, ""),
            ("ward-2", "complete", 2, 2, 2, False, ""),
            ("ward-5", "re-formed", 2, 2, 1, False, "the manager changed"),
            ("board", "complete", 2, 2, 2, True, ""),
        ),
        people=frame(
            "pair respondent role sponsor state in_before in_after",
            ("ward-1", "p1", "doctor", False, "matched", True, True),
            ("ward-5", "p2", "manager", False, "left", True, False),
            ("board", "p9", "sponsor_doctor", True, "matched", True, True),
        ),
        themes_by_pair=frame(
            "pair theme label pole before after n_partners",
            ("ward-1", "T01", "Trust", "poor", 2, 0, 2),
            ("ward-2", "T01", "Trust", "poor", 1, 1, 2),
            ("board", "T01", "Trust", "poor", 2, 2, 2),
        ),
        exceptions=frame(
            "pair rule reason figures data next_step",
            (
                "ward-2",
                "A",
                "fell on a main question",
                "Main 2.50 → 2.20 (−0.30)",
                "complete",
                "Offer a meeting",
            ),
            ("", "F", "not judged: no log of meetings", "", "", ""),
        ),
        sensitivity=frame("rule threshold stricter as_set looser", ("A", "0.70 points", 1, 1, 2)),
        words=frame("round median_words answers", ("January 2025", 19.0, 4), ("January 2026", 22.0, 4)),
        not_comparable=frame("kind measure reason", ("question", "Q9", "asked in one round only")),
        reliable=frame("measure threshold sd reliability assumed", ("main", 0.7, 0.8, 0.8, True)),
        primaries=("main",),
        m=1,
        notes=("Two moments, no comparison group.",),
    )
    for name, value in changes.items():
        setattr(comparison, name, value)
    return comparison


def compared(comparison: Any, rounds: Any = ()) -> str:
    fields = comparison_report(comparison, rounds, Config(), made_with="auditkit 0.1.0")
    return render("comparison.html", fields, user_templates=None)


def test_the_comparison_keeps_sponsors_out_and_names_who_is_missing() -> None:
    fields = comparison_report(a_comparison(), (), Config(), made_with="")

    assert fields["lede"] == "2 of 3 pairs can be compared; 1 pair is listed as exceptions."
    assert [row["pair"] for row in fields["ratings"]["rows"]] == ["ward-1", "ward-2", "ward-5"]
    assert fields["ratings"]["rows"][2]["why"] == "not compared: re-formed, the manager changed"
    assert fields["themes"]["foot"] == ["3→1"]
    assert [row["pair"] for row in fields["people"]] == ["ward-5", "board", "2 others"]


@pytest.mark.parametrize(("pair", "cell"), [("ward-1", ("u2", "▲ +1.00")), ("ward-2", ("d1", "▽ −0.30"))])
def test_a_filled_triangle_needs_more_than_measurement_error(pair: str, cell: tuple[str, str]) -> None:
    rows = comparison_report(a_comparison(), (), Config(), made_with="")["ratings"]["rows"]

    assert next(row["cells"][0] for row in rows if row["pair"] == pair) == cell


def test_fewer_problems_point_up() -> None:
    rows = comparison_report(a_comparison(), (), Config(), made_with="")["themes"]["rows"]

    assert [row["cells"][0] for row in rows[:2]] == [("u2", "▲ 2→0"), ("z", "= 1→1")]


def test_significance_stands_in_the_appendix_alone() -> None:
    html = compared(a_comparison())
    before, appendix = html.split('id="appendix"')

    assert "significant" not in before
    assert "statistically significant (Holm-adjusted p = 0.016)" in appendix


def test_the_page_of_the_comparison_prints_its_figures() -> None:
    html = compared(a_comparison())

    assert "Main 2.50 → 2.20 (−0.30)" in html
    assert "not judged: no log of meetings" in html
    assert "People naming each theme as a problem, January 2025 and January 2026" in html
    assert "Trust: 3 to 1" in html
    assert "Trust −0.30 (−0.60 to 0.00)" in html
    assert '<td class="n">3 → 1</td><td class="n">1 → 2</td>' in html
    assert "A main question went down<small>rule A: fell on a main question</small>" in html
    assert "DRAFT" not in html


@pytest.mark.parametrize(
    ("words", "ratings", "said"),
    [
        ("better", "better", "agree: both better"),
        ("worse", "worse", "agree: both worse"),
        ("flat", "flat", "agree: little sign of change"),
        ("better", "not sure", "words better, ratings not sure"),
        ("flat", "better", "words flat, ratings better"),
        ("better", "worse", "differ: words better, ratings worse. Read the answers"),
        ("both ways", "flat", "words both ways, ratings flat"),
        ("better", None, "words only: better"),
        ("flat", None, "words only: little sign of change"),
    ],
)
def test_words_and_ratings_read_together(words: str, ratings: str | None, said: str) -> None:
    assert reading(words, ratings) == said


@pytest.mark.parametrize(
    ("theme", "poor", "good", "scale", "said"),
    [
        ("T01", (0.5, 0.2), (0.2, 0.4), (0.3, 0.1, 0.5), "agree: both better"),
        ("T01", (0.5, 0.4), (0.2, 0.25), (0.3, 0.1, 0.5), "words flat, ratings better"),
        ("T01", (0.5, 0.3), (0.2, 0.2), (0.1, -0.1, 0.3), "words better, ratings flat"),
        ("T01", (0.5, 0.3), (0.2, 0.2), (0.4, -0.1, 0.9), "words better, ratings not sure"),
        ("T01", (0.2, 0.5), (0.2, 0.2), (-0.4, -0.7, -0.1), "agree: both worse"),
        ("T01", (0.2, 0.35), (0.45, 0.7), (0.1, -0.1, 0.2), "words both ways, ratings flat"),
        ("T09", (0.2, 0.5), (0.2, 0.2), (0.3, 0.1, 0.5), "words only: worse"),
    ],
)
def test_a_theme_is_read_beside_the_scale_that_the_questionnaire_links(
    theme: str, poor: tuple[float, float], good: tuple[float, float], scale: tuple[float, float, float], said: str
) -> None:
    def line(kind: str, measure: str, pole: str, before: float, after: float, *ends: float) -> dict[str, Any]:
        row = {"kind": kind, "measure": measure, "label": measure, "pole": pole, "before": before, "after": after}
        return row | {"change": after - before, "n_before": 20, "n_after": 20, "low": ends[0], "high": ends[1]}

    rows = [line("theme", theme, "poor", *poor, NAN, NAN), line("theme", theme, "good", *good, NAN, NAN)]
    rows.append(line("scale", "trust", "", 3.0, 3.0 + scale[0], *scale[1:]))
    found = triangulation(pd.DataFrame(rows), Config(), linked=True)
    assert [row["reading"] for row in found] == [said]
    assert found[0]["poor"] == f"{20 * poor[0]:.0f} → {20 * poor[1]:.0f}"


def test_single_statements_stand_apart_and_described_only_is_said_once() -> None:
    fields = comparison_report(a_comparison(), (), Config(), made_with="")
    assert [group["name"] for group in fields["overall"]] == ["Main questions", "Also asked, not tested"]
    assert fields["overall"][1]["rows"][0]["verdict"] == "described only"
    assert fields["statements"] == []


def test_scales_are_called_as_people_read_them() -> None:
    coded = a_round()
    coded.responses.ratings["scale"] = "knowing"
    assert analyst_report(coded, Config(), made_with="")["ratings"]["rows"][0]["label"] == "Knowing each other"


def test_a_comparison_of_unreviewed_rounds_is_a_draft_and_says_how_far_to_trust_it() -> None:
    html = compared(a_comparison(), (a_round(), a_round()))

    assert f"<strong>{DRAFT}.</strong> 2 of 8 answers reviewed." in html
    assert "January 2025, not yet known for your data" in html


def test_a_comparison_of_unlinked_groups_has_no_pairs_to_show() -> None:
    comparison = a_comparison(design="unlinked", exceptions=a_comparison().exceptions.iloc[:0])
    comparison.table = comparison.table[comparison.table["level"] == "programme"]
    comparison.themes_by_pair = comparison.themes_by_pair.iloc[:0]
    html = compared(comparison)

    assert "No pair is listed." in html
    assert 'id="ratings"' not in html


def test_tone_counts_each_person_once_and_is_told_in_words() -> None:
    rows = analyst_report(a_round(), Config(), made_with="")["tones"]
    assert [(row["label"], row["pole"], row["words"], row["counts"]) for row in rows] == [
        ("Trust", "works well", "positive", [0, 0, 1]),  # the sponsor's answer is not counted
        ("Trust", "problem", "negative", [1, 0, 0]),
    ]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 0), ""),
        ((0, 0, 1), "negative"),
        ((0, 0, 2), "nearly all negative"),
        ((9, 1, 0), "nearly all positive"),
        ((8, 1, 1), "mostly positive"),
        ((2, 2, 1), "divided"),
        ((5, 0, 5), "divided"),
    ],
)
def test_tone_in_words(counts: tuple[int, int, int], words: str) -> None:
    assert tones.in_words(*counts) == words
