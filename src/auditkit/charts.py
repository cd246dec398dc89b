"""Where each mark of a chart lies: plain numbers for the macros of ``charts.html``, which draw them.

Every panel is 360 units wide; labels stand above or left of the marks, values at the right edge. A function
takes what its chart shows and returns a Drawing, whose ``desc`` says all its numbers in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

from auditkit.marks import (
    LABELS,
    WIDTH,
    Drawing,
    axis,
    circle,
    dumbbell,
    fits,
    group_heading,
    head,
    line,
    path,
    rect,
    segment,
    sentence,
    shorten,
    text,
    tick_step,
    width_of,
)
from auditkit.wording import arrow, between, plain, signed

if TYPE_CHECKING:
    from auditkit.pack_fields import Count, FlowRow, PairMark, ThemeRow, Themes


@dataclass(frozen=True)
class Interval:
    """A row of a forest: an estimate with its 95% interval, or ``words`` where it may not be shown."""

    label: str
    change: float | None
    low: float | None
    high: float | None
    digits: int = 1
    group: str = ""
    words: str = "not shown"


def stacked(
    rows: Sequence[tuple[str, Sequence[int], str]],
    names: Sequence[str],
    css: Sequence[str],
    *,
    middle: int | None = None,
    ends: tuple[str, str] = ("", ""),
) -> Drawing:
    """Bars of counts: rows of (label, counts in the order of ``names``, value printed at the right).

    With ``middle`` the bars diverge from the centre of that part; ``ends`` are the words beside the axis, within the
    panel. Where labels stand above the bars, the line through the centre leaves them out.
    """
    lefts = [sum(parts[:middle]) + parts[middle] / 2 if middle is not None else 0.0 for _, parts, _ in rows]
    left = max(lefts, default=0.0)
    right = max((sum(parts) - before for (_, parts, _), before in zip(rows, lefts, strict=True)), default=0.0)
    beside = fits([label for label, _, _ in rows], LABELS)
    start = LABELS if beside else 0.0
    unit = (WIDTH - 34 - start) / max(left + right, 1)
    zero = start + left * unit
    step = 27 if beside else 44
    height = 18 + step * len(rows)
    if middle is None:
        marks = [text(start, 12, ends[0], "s"), text(WIDTH, 12, ends[1], "s e")]
    else:
        bands = [(18.0, height - 2)] if beside else [(38.0 + step * n, 59.0 + step * n) for n in range(len(rows))]
        marks = [line("ax", zero, top, zero, bottom) for top, bottom in bands]
        until = max(zero - 6, width_of(ends[0]))
        marks += [text(until, 12, ends[0], "s e"), text(max(zero + 6, until + 12), 12, ends[1], "s")]
    said = []
    for index, (label, parts, value) in enumerate(rows):
        top = 21.0 + index * step + (0 if beside else 17)
        marks += [text(0, top + 13 if beside else top - 4, shorten(label, LABELS if beside else WIDTH), "")]
        x = zero - lefts[index] * unit
        for part, look in zip(parts, css, strict=True):
            marks += segment(x, top, part * unit, str(part), look)
            x += part * unit
        marks.append(text(WIDTH, top + 13, value, "b e"))
        words = ", ".join(f"{part} {name}" for part, name in zip(parts, names, strict=True))
        said.append(f"{label}: {value}, {words}")
    return Drawing(height, tuple(marks), sentence(said))


def forest(rows: Sequence[Interval], *, ends: tuple[str, str], sesoi: float | None = None) -> Drawing:
    """Changes with their intervals; the pale band is the change too small to matter."""
    values = [v for row in rows for v in (row.change, row.low, row.high) if v is not None]
    reach = sesoi or 0.25
    low, high = min([*values, -reach]) - 0.1, max([*values, reach]) + 0.1
    place = axis(low, high)
    zero = place(0.0)
    step = 0.5 if high - low <= 4 else 1.0
    ticks = [n * step for n in range(ceil(low / step), floor(high / step) + 1)]
    marks = [text(zero - 6, 12, ends[0], "s e"), text(zero + 6, 12, ends[1], "s")]
    marks += [text(place(t), 28, signed(t, 1) if t else "0", "s c") for t in ticks]
    y, group, said = 51.0, "", []
    for row in rows:
        y, group = group_heading(marks, y, group, row.group)
        words = row.words
        base = y + 15
        if row.change is not None and row.low is not None and row.high is not None:
            words = f"{signed(row.change, row.digits)} ({between((row.low, row.high), row.digits)})"
            if sesoi is not None:
                marks.append(rect("band", place(-sesoi), base - 8, place(sesoi) - place(-sesoi), 16))
            marks += [line("g", place(t), base - 8, place(t), base + 8) for t in ticks if t]
            marks.append(line("zero", zero, base - 11, zero, base + 11))
            a, b = place(row.low), place(row.high)
            marks += [line("ci", a, base, b, base), line("ci", a, base - 4, a, base + 4)]
            marks.append(line("ci", b, base - 4, b, base + 4))
            clear = row.low > 0 or row.high < 0
            marks.append(circle("pt" if clear else "pt open", place(row.change), base, 5.5))
        marks += head(y, row.label, words)
        said.append(f"{row.label} {words}")
        y += 44
    return Drawing(y - 18, tuple(marks), sentence(said))


def strip(rows: Sequence[PairMark]) -> Drawing:
    """One box a pair: up, same, down, or hatched where 1 or 2 pairs are not told apart."""
    most = max((len(row.marks) for row in rows), default=1)
    a_line = max(10, min(20, most))
    pitch = (WIDTH + 4.4) / a_line
    wide = pitch - 4.4
    y, marks, said = 14.0, [], []
    for row in rows:
        marks += head(y, row.label, row.words)
        for index, mark in enumerate(row.marks):
            x, top = (index % a_line) * pitch, y + 8 + (index // a_line) * 24
            middle = round(x + wide / 2 - 5, 1)
            if mark == "hidden":
                marks.append(rect("h", x + 0.5, top + 0.5, wide - 1, 19, hatch=True))
                continue
            marks.append(rect({"up": "up", "same": "eq", "down": "dn"}[mark], x, top, wide, 20))
            marks.append(
                {
                    "up": path("onb", f"M{middle} {top + 14}h10l-5 -9z"),
                    "same": path("eqm", f"M{middle} {top + 7.5}h10M{middle} {top + 12.5}h10"),
                    "down": path("onq", f"M{middle} {top + 6}h10l-5 9z"),
                }[mark]
            )
        said.append(f"{row.label}: {row.words}")
        y += 34 + 24 * ceil(max(len(row.marks), 1) / a_line)
    return Drawing(y - 24, tuple(marks), sentence(said))


def themes(themes: Themes, side: str) -> Drawing:
    """People naming each theme, ``side`` "problem" or "well"; what may not be counted out is a zone."""
    rows: tuple[ThemeRow, ...] = getattr(themes, side)
    beside = fits([row.label for row in themes.rows], LABELS)
    step, first = (25, 40.0) if beside else (46, 58.0)
    height = first - 15 + step * len(rows)

    counts: list[tuple[Count, ...]] = [getattr(row, side) for row in rows]
    values = [" → ".join(c.short or c.words for c in pair) for pair in counts]
    start = 156.0 if beside else 12.0
    end = WIDTH - 14 - 1.06 * max(map(width_of, values), default=0)

    def place(count: float) -> float:
        return start + count / max(themes.people, 1) * (end - start)

    ends = {(c.low, c.high) for pair in counts for c in pair if c.value is None}
    zones = sorted((low, high) for low, high in ends if low is not None and high is not None)
    ticks = range(0, themes.people + 1, tick_step(themes.people))
    marks = [text(place(tick), 14, str(tick), "s c") for tick in ticks]
    bands = (
        [(20.0, height - 2)] if beside else [(first + step * n - 11, first + step * n + 11) for n in range(len(rows))]
    )
    for top, bottom in bands:
        for low, high in zones:
            a, b = place(low - 0.5 if low else 0), place(min(high + 0.5, themes.people))
            marks.append(rect("zone", a, top, b - a, bottom - top, hatch=True))
        marks += [line("g", place(tick), top, place(tick), bottom) for tick in ticks]
    said = []
    for index, (row, pair) in enumerate(zip(rows, counts, strict=True)):
        y = first + index * step
        marks.append(text(0, y + 4.5 if beside else y - 16, shorten(row.label, LABELS if beside else 300), ""))
        marks.append(text(WIDTH, y + 4.5, values[index], "b e"))
        marks += dumbbell(y, [_spot(c, place) for c in pair], [_zone(c, place) for c in pair])
        said.append(f"{row.label}: " + " to ".join(c.words for c in pair))
    return Drawing(height, tuple(marks), sentence(said))


def distances(rows: Sequence[tuple[str, Sequence[float | None]]], *, digits: int = 2) -> Drawing:
    """Distance between partners, one row a pair, from 0 = same rating."""
    longest = max((width_of(label) for label, _ in rows), default=28)
    start = min(longest + 16, 170)
    top = max([v for _, values in rows for v in values if v is not None], default=1.0)
    end = WIDTH - 92
    high = ceil(max(top, 1.0) * 2) / 2
    step = 0.5 if high <= 2 else 1.0
    height = 34 + 26 * len(rows)
    marks = [text(start, 12, "0 = same rating", "s")]
    for index in range(int(high / step) + 1):
        x = start + index * step / high * (end - start)
        marks += [line("g", x, 30, x, height - 4), text(x, 26, plain(index * step, 1), "s c")]
    said = []
    for index, (label, values) in enumerate(rows):
        y = 44.0 + 26 * index
        spots = [None if v is None else start + v / high * (end - start) for v in values]
        marks += [
            text(0, y + 4.5, shorten(label, start), ""),
            text(WIDTH, y + 4.5, arrow(values, digits), "b e"),
        ]
        marks += dumbbell(y, spots)
        said.append(f"{label} " + " to ".join(plain(v, digits) for v in values))
    return Drawing(height, tuple(marks), sentence(said))


def flow(rows: Sequence[FlowRow]) -> Drawing:
    """One dot a person, filled where they answered; a bar above 72 people. The order means nothing."""
    y, marks, said = 14.0, [], []
    for row in rows:
        marks += head(y, row.label, row.words)
        if row.of > 72:
            marks.append(rect("l3", 0, y + 9, WIDTH, 14))
            marks.append(rect("rep", 0, y + 9, WIDTH * row.people / row.of, 14))
            lines = 1
        else:
            for index in range(row.of):
                x = 5.5 + (index % 24) * 15.0 + (3 if index % 2 == 0 else 0)
                css = "rep" if index < row.people else "base"
                marks.append(circle(css, x, y + 16 + 14 * (index // 24), 5 if css == "rep" else 4))
            lines = ceil(row.of / 24)
        said.append(f"{row.label}: {row.words}")
        y += 40 + 14 * lines
    return Drawing(max(y - 30, 20), tuple(marks), ". ".join(said) + ".")


def _spot(count: Count, place: Callable[[float], float]) -> float | None:
    if count.value is not None:
        return place(count.value)
    return None if count.low is None or count.high is None else place((count.low + count.high) / 2)


def _zone(count: Count, place: Callable[[float], float]) -> tuple[float, float] | None:
    if count.value is not None or count.low is None or count.high is None:
        return None
    wide = max(place(count.high) - place(count.low), 20.0)
    left = place(0) - 1 if count.low == 0 else place(count.high) + 1 - wide
    return left, left + wide
