from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from auditkit import charts, marks
from auditkit.errors import AuditkitError
from auditkit.pack_fields import (
    Answer,
    Change,
    Count,
    Fact,
    Flow,
    FlowRow,
    Own,
    OwnAnswer,
    OwnRating,
    Pack,
    Pair,
    PairMark,
    PairRating,
    Question,
    Quote,
    ScaleChange,
    Scales,
    Share,
    Spread,
    SpreadRow,
    Strip,
    ThemeRow,
    Themes,
    Verdict,
    ViewRow,
    Views,
)
from auditkit.render import css_string, render
from auditkit.wording import arrow, between, counted, day, percent, plain, signed

DRAFT = "DRAFT: suggested by software, not yet reviewed"
TEMPLATES = ("all_participants", "sponsor", "coach", "individual", "pair_level0", "pair_level1")
FEW = Count(None, "a few people or none", "0–2", 0, 2)
EXTENDS = '{% extends "builtin/all_participants.html" %}\n'
NEARLY_ALL = Count(None, "nearly all", "18+", 18, 20)


def a_pack(rounds: int = 2, **changes: Any) -> Pack:
    names, short = ("January 2025", "January 2026")[:rounds], ("Jan 2025", "Jan 2026")[:rounds]

    def change(before: float, after: float, low: float, high: float) -> Change:
        if rounds == 1:
            return Change((before,), 10)
        return Change((before, after), 10, after - before, low, high)

    def counts(*values: int | Count) -> tuple[Count, ...]:
        return tuple(v if isinstance(v, Count) else Count(v, str(v)) for v in values)[:rounds]

    spread = tuple(
        SpreadRow("Trust", name, (Share(1, 2, 12), Share(3, 3, 38), Share(4, 4, 40), Share(5, 5, 10)), 60)
        for name in names
    )
    rows = (
        ThemeRow("Trust", counts(9, 6), counts(5, 7)),
        ThemeRow("Shared goals", counts(4, 3), counts(NEARLY_ALL, 17)),
        ThemeRow("Respect", counts(3, FEW), counts(7, 9)),
    )
    pack = Pack(
        audience="all_participants",
        programme="Leading in pairs",
        rounds=names,
        short=short,
        title="What you told us",
        lede="For everybody who took part.",
        running='Audit of "pairs"',
        is_draft=False,
        people=20,
        pairs=10,
        answer=Answer("You tell each other more.", ("Goals were never the difficulty.",), (), ("An away day.",)),
        flow=Flow(
            "Almost everybody answered",
            "One dot is one person.",
            (FlowRow("Answered", 23, 24, "23 of 24 people", ("11", "12")),),
            ("Doctors", "Managers"),
        ),
        scales=Scales(
            "Trust rose",
            "Scale of 1 to 5.",
            (
                ScaleChange("Trust", change(3.0, 3.16, -0.09, 0.41), "Main question"),
                ScaleChange("Goals", Change((4.0, None)[:rounds], 10, withheld="fewer than 10 people"), "Also"),
            ),
        ),
        spread=Spread("Agreement grew", "Share of answers, %.", spread),
        themes=Themes("Trust", "n = 20", rows, 20, rows, rows, "n = 20 people"),
        quotes=tuple(Quote(name, f"a paraphrase of {name}") for name in names),
        method=(Fact("Questionnaire", "24 statements."),),
        rules=(Fact("Pairs", "No figure about a single pair."),),
        limits=(Fact("Why things changed", "There was no comparison group."),),
        withheld=(Fact("Any single pair", "Your partner could work out yours."),),
        questions=(
            Question("What sounds like us?", "One example."),
            Question("What else?"),
            Question("Why?"),
        ),
        pair=Pair("ward-3", statements=("We tell each other early",), decisions=("The budget",)),
        own=Own(
            "R-07",
            (OwnRating("Trust", (2.67, 3.33)[:rounds], (spread[0], None)[:rounds]),),
            (OwnAnswer("What works well?", ("we talk", "")[:rounds]),),
        ),
        made_with="auditkit 0.1.0",
        made_on="2026-02-20",
    )
    if rounds == 2:
        pack = replace(
            pack,
            verdicts=(Verdict("Trust", "unclear", change(3.0, 3.16, -0.09, 0.41), detail="one scale"),),
            strip=Strip(
                "Most went up",
                "One box a pair.",
                (PairMark("Trust", ("up", "same", "down", "hidden"), "most up"),),
            ),
            exceptions="For one or two pairs a sign called for attention.",
            exception_counts=(Fact("Fell on a main question", "one or two"),),
            views=Views("10 and 10", (ViewRow("Trust", (2.8, 3.2), (3.2, 3.1)),)),
        )
    return replace(pack, **changes)


def for_level_1(rounds: int = 2) -> Pack:
    pack = a_pack(rounds)
    assert pack.pair is not None
    rating = PairRating(
        "Trust",
        ((2.7, 2.0), (4.3, 4.3))[:rounds],
        (0.7, 0.0)[:rounds],
        (1.6, 2.3) if rounds == 2 else (),
        -0.7 if rounds == 2 else None,
    )
    return replace(pack, pair=replace(pack.pair, ratings=(rating,)))


def show(template: str, pack: Pack | None = None, users: Path | None = None) -> str:
    if pack is None:
        pack = for_level_1() if template == "pair_level1" else a_pack()
    return render(f"{template}.html", {"pack": pack}, user_templates=users)


class Page(HTMLParser):
    """What a reader's programme sees: ids, headings in order, links inside the page, open tags."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.open: list[str] = []
        self.mistakes: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.labels += (found.get("aria-labelledby") or "").split()
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append((found.get("href") or "").removeprefix("#"))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(tag)


@pytest.mark.parametrize("rounds", [1, 2])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_pack_is_one_sound_accessible_file(template: str, rounds: int) -> None:
    html = show(template, for_level_1(rounds) if template == "pair_level1" else a_pack(rounds))
    page = Page(html)

    assert html.startswith("<!doctype html>\n<html lang=")
    assert page.mistakes == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert set(page.labels) <= set(page.ids)
    assert set(page.links) <= set(page.ids)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(page.headings))
    assert html.count('role="img"') == html.count("<desc ")
    for tag in re.findall(r"<table.*?</table>", html, re.DOTALL):
        assert "<caption" in tag
        assert "scope=" in tag


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_is_fetched_and_nothing_runs(template: str) -> None:
    html = show(template)

    assert "<script" not in html
    assert "<link" not in html
    assert "<img" not in html
    assert "@import" not in html
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?\s*(https?:)?//""", html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_draft_says_so_on_screen_and_on_every_printed_page(template: str) -> None:
    pack = for_level_1() if template == "pair_level1" else a_pack()
    draft = show(template, replace(pack, is_draft=True, draft_note="3 of 9 answers reviewed."))
    final = show(template, pack)

    assert f"<strong>{DRAFT}.</strong> 3 of 9 answers reviewed." in draft
    assert f'@page draft {{ @top-right {{ content: "{DRAFT}"' in draft
    assert '<body class="is-draft">' in draft
    assert "a paraphrase" not in draft
    assert "DRAFT" not in final
    assert 'class="is-draft"' not in final


def test_quotes_stand_only_in_final_packs_that_hold_them() -> None:
    assert "a paraphrase of January 2026" in show("all_participants")
    assert "In your words" not in show("all_participants", a_pack(quotes=()))
    assert "In your words" not in show("all_participants", a_pack(is_draft=True))


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    evil = '</style><script>alert("1")</script>{{ pack.own }}&'
    theme = ThemeRow(evil, (Count(4, evil),) * 2, (Count(5, "5"),) * 2)
    themes = a_pack().themes
    assert themes is not None
    pack = a_pack(
        title=evil,
        running=evil,
        lede=evil,
        programme=evil,
        quotes=(Quote("January 2025", evil),),
        themes=replace(themes, rows=(theme,), problem=(theme,), well=(theme,)),
    )
    html = show("all_participants", pack)

    assert "<script" not in html
    assert html.count("</style>") == 1
    assert "&lt;script&gt;" in html
    assert "{{ pack.own }}" in html
    assert Page(html).mistakes == []


def test_a_user_replaces_one_block_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "all_participants.html").write_text(
        '{% extends "builtin/all_participants.html" %}\n'
        "{% block limits %}<p>Our own limits.</p>{{ charts.key([('up', 'our key')]) }}{% endblock %}\n"
    )
    html = show("all_participants", users=tmp_path)

    assert "Our own limits." in html
    assert "our key" in html
    assert "What this audit cannot tell you</h2>" not in html
    assert "The short answer" in html
    assert "Our own limits." in show("sponsor", users=tmp_path)


def test_a_users_stylesheet_replaces_the_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "pack.css").write_text("#h{color:red} /* {# {{ nothing }} </style> */")

    html = show("all_participants", users=tmp_path)

    assert "#h{color:red} /* {# {{ nothing }} <\\/style> */" in html
    assert "--paper" not in html


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{% block limits %}", 1),
        (
            EXTENDS + "{% block limits %}\n{{ pack.nothing }}\n{% endblock %}",
            3,
        ),
        (
            EXTENDS + "{% block limits %}{{ pack.title|int / 0 }}{% endblock %}",
            2,
        ),
        ('{% extends "builtin/nowhere.html" %}', 1),
    ],
)
def test_a_broken_template_of_the_user_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "all_participants.html").write_text(text)

    with pytest.raises(AuditkitError) as caught:
        show("all_participants", a_pack(title="a secret answer"), users=tmp_path)

    assert f"all_participants.html, line {line}:" in caught.value.message
    assert "secret" not in caught.value.message + caught.value.fix


def test_a_template_that_extends_itself_is_told_what_to_write(tmp_path: Path) -> None:
    (tmp_path / "all_participants.html").write_text('{% extends "all_participants.html" %}')

    with pytest.raises(AuditkitError, match="extends itself") as caught:
        show("all_participants", users=tmp_path)

    assert "builtin/all_participants.html" in caught.value.fix


def test_equal_fields_give_equal_bytes() -> None:
    assert show("all_participants") == show("all_participants")


def test_level_0_holds_nothing_of_the_two() -> None:
    pack = a_pack()
    other = for_level_1()
    assert pack.pair is not None
    assert other.pair is not None
    words = replace(other.pair, words=(Fact("lead doctor", "a sentence"),), subtitle="theirs")

    assert show("pair_level0", pack) == show("pair_level0", replace(other, pair=words, own=None))


def test_level_1_shows_both_without_mean_verdict_or_judging_colour() -> None:
    html = show("pair_level1")
    body = html[html.index("<main") : html.index("</main>")]

    assert "lead doctor 2.7, senior manager 2.0, 0.7 apart" in body
    assert "same rating" in body
    assert "unclear" not in body
    assert "#0f4c81" not in body
    assert "#ad440b" not in body
    assert "2.4" not in body  # the mean of 2.7 and 2.0


def test_sponsors_read_what_participants_read_and_counts_of_exceptions() -> None:
    everybody, sponsor = show("all_participants"), show("sponsor")

    assert "Fell on a main question" in sponsor
    assert "Fell on a main question" not in everybody
    shared = re.findall(r"<desc .*?</desc>", everybody)
    assert shared == re.findall(r"<desc .*?</desc>", sponsor)


def test_a_coach_gets_blank_space_and_an_individual_the_own_answers() -> None:
    assert "What the coachee brings" in show("coach")
    own = show("individual")
    assert "Trust: you 2.7, programme disagree or strongly disagree 12%, neither 38%" in own
    assert "Trust: you 3.3, programme not shown" in own
    assert "we talk" in own
    assert "ward-3" not in own


def test_charts_say_their_numbers_and_hide_what_is_withheld() -> None:
    descriptions = " ".join(re.findall(r"<desc [^>]*>(.*?)</desc>", show("all_participants"), re.DOTALL))

    assert "Trust 3.0 to 3.2" in descriptions
    assert "Trust +0.2 (−0.1 to 0.4)" in descriptions
    assert "Goals fewer than 10 people" in descriptions
    assert "Shared goals: nearly all to 17" in descriptions
    assert "Respect: 3 to a few people or none" in descriptions
    assert "Trust: most up" in descriptions
    assert "disagree or strongly disagree 12%" in descriptions
    assert "Answered: 23 of 24 people" in descriptions


def place(mark: marks.Mark) -> dict[str, float]:
    return {name: float(value) for name, value in mark.at}


def test_the_zero_line_of_a_chart_leaves_out_the_labels_above_its_bars() -> None:
    """A label is thirteen units high and stands on its y; a bar is 18 high."""
    rows = [(f"Staff listening, understanding & involving {who}", (3, 0, 30), "33") for who in ("us", "you", "them")]
    drawn = charts.stacked(rows, ("problem", "both", "well"), ("l1", "l3", "l5"), middle=1, ends=("problem", "well"))
    lines = [(place(mark)["y1"], place(mark)["y2"]) for mark in drawn.marks if mark.kind == "line"]
    labels = [place(mark)["y"] for mark in drawn.marks if mark.text.startswith("Staff")]
    bars = [place(mark)["y"] for mark in drawn.marks if mark.css == "l5"]
    assert len(lines) == len(labels) == len(bars) == 3
    assert not [(y, line) for y in labels for line in lines if line[0] < y + 2 and line[1] > y - 13]
    assert all(top <= bar and bar + 18 <= bottom for bar, (top, bottom) in zip(bars, lines, strict=True))


@pytest.mark.parametrize("problems", [0, 1, 30])
def test_the_words_at_an_axis_stay_within_the_page_and_apart(problems: int) -> None:
    rows = [("Staff listening, understanding & involving patients", (problems, 0, 30), "33")]
    drawn = charts.stacked(rows, ("problem", "both", "well"), ("l1", "l3", "l5"), middle=1, ends=("problem", "works"))
    left, right = (next(place(mark)["x"] for mark in drawn.marks if mark.text == word) for word in ("problem", "works"))
    assert left - marks.width_of("problem") >= 0
    assert left + 6 <= right <= marks.WIDTH - marks.width_of("works")


def test_numbers_as_they_stand_in_print() -> None:
    assert [plain(v) for v in (2.65, -0.15, -0.04, None, float("nan"), 1234.0)] == [
        *("2.7", "−0.2", "0.0", "–", "–", "1,234.0"),
    ]
    assert [signed(v) for v in (0.82, -0.13, 0.04, -0.04)] == ["+0.8", "−0.1", "0.0", "0.0"]
    assert signed(-0.13, 2) == "−0.13"
    assert between((-0.09, 0.41)) == "−0.1 to 0.4"
    assert between((None, 0.41)) == "–"
    assert [percent(v) for v in (0.625, 1.0, None)] == ["63%", "100%", "–"]
    assert arrow((2.67, None)) == "2.7 → –"
    assert day("2025-02-03") == "3 February 2025"
    assert day("spring") == "spring"
    assert (counted(1, "pair"), counted(2, "person", "people")) == ("1 pair", "2 people")
    assert css_string('a "b" </style>') == "a \\000022 b\\000022  \\00003c \\00002f style\\00003e "
