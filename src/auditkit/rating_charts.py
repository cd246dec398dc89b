"""Charts of ratings, as ``charts`` makes them: levels, changes, spreads, and two people side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditkit.charts import Interval, forest
from auditkit.marks import (
    WIDTH,
    Drawing,
    agreement_axis,
    axis,
    below,
    circle,
    dumbbell,
    group_heading,
    head,
    line,
    option_look,
    path,
    rect,
    ruler,
    segment,
    sentence,
    shorten,
    text,
    width_of,
)
from auditkit.wording import NOTHING, arrow, plain

if TYPE_CHECKING:
    from auditkit.pack_fields import OwnRating, PairRating, Partner, ScaleChange, Scales, SpreadRow

OWN_BARS = 34.0
"""Height of a column that holds all answers, before it is stretched."""


def scale_levels(scales: Scales, short: Sequence[str]) -> Drawing:
    """Level of each scale in one or two rounds: a ring for the earlier, a dot for the last."""
    place = axis(scales.low, scales.high)
    marks = agreement_axis(scales.low, scales.high, scales.low_words, scales.high_words)
    y, group, said, named = 51.0, "", [], False
    for name, row in _grouped(scales):
        y, group = group_heading(marks, y, group, name)
        levels = row.change.levels
        marks += head(y, row.label, arrow(levels, row.change.digits))
        marks += ruler(y + 15, scales.low, scales.high)
        spots = [None if level is None else place(level) for level in levels]
        known = [spot for spot in spots if spot is not None]
        free = width_of(row.label) + 30 < min(known, default=0) and max(known, default=0) < 260
        if not named and len(known) == 2 and abs(known[0] - known[1]) > 56 and free:
            marks += [text(x, y, words, "s c") for x, words in zip(known, short, strict=True)]
            named = True
        marks += dumbbell(y + 15, spots)
        said.append(f"{row.label} " + " to ".join(plain(level, row.change.digits) for level in levels))
        y += 44
    return Drawing(y - 18, tuple(marks), sentence(said))


def scale_changes(scales: Scales, later: str) -> Drawing:
    """Change of each scale with its interval, in the rows of ``scale_levels``."""
    rows = [
        Interval(row.label, c.change, c.low, c.high, c.digits, name, c.withheld or "not shown")
        for name, row in _grouped(scales)
        for c in (row.change,)
    ]
    return forest(rows, ends=("lower", f"higher in {later}"), sesoi=scales.sesoi)


def likert(rows: Sequence[SpreadRow], options: Sequence[str]) -> Drawing:
    """Shares of the answers, centred on the middle option; joined options carry a hatched edge."""
    middle = (len(options) + 1) / 2
    left = [sum(s.percent * below(s.first, s.last, middle) for s in row.shares) for row in rows]
    right = [sum(s.percent for s in row.shares) - part for row, part in zip(rows, left, strict=True)]
    names = max((width_of(row.round) for row in rows), default=28)
    start = min(names, 80) + 8
    unit = (WIDTH - start) / max(max(left, default=0) + max(right, default=0), 1)
    zero = start + max(left, default=0) * unit
    marks = [text(zero - 8, 12, "disagree", "s e"), text(zero + 8, 12, "agree", "s")]
    y, label, said = 18.0, "", []
    for row, before in zip(rows, left, strict=True):
        if row.label != label:
            y += 16 if label == "" else 26
            marks.append(text(0, y, row.label, ""))
            label = row.label
            y += 6
        marks.append(text(0, y + 13, shorten(row.round, start - 4), "s"))
        if row.withheld:
            marks.append(text(start, y + 13, row.withheld, "s"))
        x = zero - before * unit
        for share in row.shares:
            wide = share.percent * unit
            marks += segment(x, y, wide, str(share.percent), option_look(share.first, share.last, len(options)))
            if share.first != share.last and wide > 2:
                marks.append(rect("hatch", x, y + 14, wide - 1.2, 4, hatch=True))
            x += wide
        words = ", ".join(f"{option_words(s.first, s.last, options)} {s.percent}%" for s in row.shares)
        said.append(f"{row.label}, {row.round}: {row.withheld or words}")
        y += 22
    return Drawing(y + 2, (line("ax", zero, 18, zero, y), *marks), ". ".join(said) + ".")


def option_words(first: int, last: int, options: Sequence[str]) -> str:
    """Options ``first`` to ``last`` (from 1) in words, the mildest first: "agree or strongly agree"."""
    joined = options[first - 1 : last]
    return " or ".join(joined if first > len(options) / 2 else joined[::-1])


def two_people(rows: Sequence[PairRating], round_: int, partners: Sequence[Partner], scales: Scales) -> Drawing:
    """Both partners' ratings in one round: two letters above and below the line, and no judgement."""
    place = axis(scales.low, scales.high)
    marks = agreement_axis(scales.low, scales.high, scales.low_words, scales.high_words)
    said = []
    for index, row in enumerate(rows):
        y = 51.0 + 74 * index
        apart = row.apart[round_]
        words = NOTHING if apart is None else "same rating" if plain(apart) == "0.0" else f"{plain(apart)} apart"
        base = y + 29
        marks += head(y, row.label, words) + ruler(base, scales.low, scales.high)
        spots = [None if r is None else place(r) for r in row.ratings[round_]]
        if spots[0] is not None and spots[1] is not None:
            marks.append(line("span", spots[0], base, spots[1], base))
        for which, x in enumerate(spots[:2]):
            if x is not None:
                way, look, radius = ((-1, "doc", 8.0), (1, "man", 7.5))[which]
                marks += [line("ci", x, base, x, base + 8 * way), circle(look, x, base + 14 * way, radius)]
                marks.append(text(x, base + 14 * way + 4, partners[which].letter, f"on{look} c"))
        both = ", ".join(f"{p.role} {plain(r)}" for p, r in zip(partners, row.ratings[round_], strict=True))
        said.append(f"{row.label}: {both}, {words}")
    return Drawing(54 + 74 * len(rows), tuple(marks), ". ".join(said) + ".")


def own_beside(rows: Sequence[OwnRating], round_: int, scales: Scales, options: Sequence[str]) -> Drawing:
    """The reader's own rating (triangle below the line) under the programme's spread of answers (columns)."""
    inset = WIDTH / len(options) / 2
    marks = agreement_axis(scales.low, scales.high, scales.low_words, scales.high_words, inset)
    place = axis(scales.low, scales.high, inset)
    said = []
    for index, row in enumerate(rows):
        y = 51.0 + 92 * index
        base = y + 14 + OWN_BARS
        spread, own = row.programme[round_], row.own[round_]
        marks += head(y, row.label, f"you: {plain(own)}")
        shares = spread.shares if spread is not None else ()
        words = ", ".join(f"{option_words(s.first, s.last, options)} {s.percent}%" for s in shares)
        if not shares:
            words = spread.withheld if spread is not None and spread.withheld else "not shown"
            marks.append(text(WIDTH / 2, base - 8, f"programme: {words}", "s c"))
        for s in shares:
            tall = s.percent / (s.last - s.first + 1) / 100 * OWN_BARS * 1.4
            a = place(scales.low + s.first - 1) - inset + 3
            b = place(scales.low + s.last - 1) + inset - 3
            marks.append(rect("l4", a, base - tall, b - a, tall))
            if s.first != s.last:
                marks.append(rect("hatch", a, base - min(4, tall), b - a, min(4, tall), hatch=True))
            marks.append(text((a + b) / 2, base - tall - 3, f"{s.percent}%", "s c"))
        marks += ruler(base, scales.low, scales.high, inset)
        if own is not None:
            marks.append(path("up", f"M{place(own) - 7:.1f} {base + 15}h14l-7 -12z"))
        said.append(f"{row.label}: you {plain(own)}, programme {words}")
    return Drawing(54 + 92 * len(rows), tuple(marks), ". ".join(said) + ".")


def _grouped(scales: Scales) -> list[tuple[str, ScaleChange]]:
    """The scales with the heading they stand under, those of one main question together, the rest last."""
    groups = [name for name in dict.fromkeys(row.group for row in scales.rows) if name]
    rest = [("Also asked" if groups else "", row) for row in scales.rows if not row.group]
    return [(name, row) for name in groups for row in scales.rows if row.group == name] + rest
