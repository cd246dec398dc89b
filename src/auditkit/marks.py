"""The pieces that charts are made of: SVG elements with classes, and what many charts share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH = 360.0
"""Every panel, in units."""
LABELS = 150.0
"""The part of it for labels that stand beside their marks."""
NARROW = frozenset("fijlrtI .,:;'()|!-")
WIDE = frozenset("mwMW%—…")


@dataclass(frozen=True)
class Mark:
    """One SVG element: its name, its classes (which carry colour), its attributes; ``hatch`` fills it so."""

    kind: str
    css: str
    at: tuple[tuple[str, float | str], ...]
    text: str = ""
    hatch: bool = False


@dataclass(frozen=True)
class Drawing:
    """The marks of one chart, back to front, its size in units and its text alternative."""

    height: float
    marks: tuple[Mark, ...]
    desc: str
    width: float = WIDTH

    @property
    def is_hatched(self) -> bool:
        return any(mark.hatch for mark in self.marks)


def text(x: float, y: float, words: str, css: str) -> Mark:
    return Mark("text", css, _at(x=x, y=y), words)


def rect(css: str, x: float, y: float, width: float, height: float, *, hatch: bool = False) -> Mark:
    return Mark("rect", css, _at(x=x, y=y, width=max(width, 0), height=max(height, 0)), hatch=hatch)


def pill(css: str, x: float, y: float, width: float) -> Mark:
    """A zone instead of a point: a lying oval around height ``y``."""
    return Mark("rect", css, _at(x=x, y=y - 7, width=width, height=14, rx=7))


def line(css: str, x1: float, y1: float, x2: float, y2: float) -> Mark:
    return Mark("line", css, _at(x1=x1, y1=y1, x2=x2, y2=y2))


def circle(css: str, x: float, y: float, radius: float) -> Mark:
    return Mark("circle", css, _at(cx=x, cy=y, r=radius))


def path(css: str, d: str) -> Mark:
    return Mark("path", css, (("d", d),))


def head(y: float, label: str, value: str) -> list[Mark]:
    """The line above the marks of a row: its label, and its value at the right edge."""
    room = WIDTH - 1.06 * width_of(value) - 8
    return [text(0, y, shorten(label, room), ""), text(WIDTH, y, value, "b e")]


def axis(low: float, high: float, inset: float = 8) -> Callable[[float], float]:
    """From a value to its place across the panel; marks at both ends stay ``inset`` inside it."""
    return lambda value: inset + (value - low) / (high - low) * (WIDTH - 2 * inset)


def agreement_axis(low: int, high: int, low_words: str, high_words: str, inset: float = 8) -> list[Mark]:
    """The head of a chart of ratings: the words at both ends and the numbers below them."""
    place = axis(low, high, inset)
    marks = [text(0, 12, low_words, "s"), text(WIDTH, 12, high_words, "s e")]
    return marks + [text(place(n), 28, str(n), "s c") for n in range(low, high + 1)]


def ruler(y: float, low: int, high: int, inset: float = 8) -> list[Mark]:
    """A thin line with a tick at each answer."""
    place = axis(low, high, inset)
    ticks = [line("g", place(n), y - 4, place(n), y + 4) for n in range(low, high + 1)]
    return [line("g", place(low), y, place(high), y), *ticks]


def dumbbell(y: float, spots: Sequence[float | None], zones: Sequence[tuple[float, float] | None] = ()) -> list[Mark]:
    """A ring for the earlier round, a dot for the last, joined; a zone where a value may not be shown."""
    zones = zones or [None] * len(spots)
    marks: list[Mark] = []
    known = [spot for spot in spots if spot is not None]
    if len(known) == 2:
        marks.append(line("join", known[0], y, known[1], y))
    for index, (spot, zone) in enumerate(zip(spots, zones, strict=True)):
        is_last = index == len(spots) - 1
        if zone is not None:
            marks.append(pill("repz" if is_last else "base", zone[0], y, zone[1] - zone[0]))
        elif spot is not None:
            marks.append(circle("rep" if is_last else "base", spot, y, 5 if is_last else 7.5))
    return marks


def segment(x: float, y: float, width: float, words: str, css: str) -> list[Mark]:
    """One part of a bar, its number inside where there is room."""
    if width <= 0:
        return []
    marks = [rect(css, x, y, max(width - 1.2, 0.8), 18)]
    if css == "wait":
        marks.append(rect("dash", x + 0.5, y + 0.5, max(width - 2.2, 0.3), 17))
    if width >= width_of(words) + 5:
        ink = {"l1": "c ono", "dn": "c ono", "l5": "c on", "up": "c on"}.get(css, "c in")
        marks.append(text(x + (width - 1.2) / 2, y + 13, words, ink))
    return marks


def width_of(words: str) -> float:
    """About how wide words are at 13 units in the fonts of the packs."""
    return sum(3.8 if c in NARROW else 10.5 if c in WIDE else 9.0 if c.isupper() else 7.0 for c in words)


def fits(labels: Sequence[str], width: float) -> bool:
    """Whether every label can stand beside its marks."""
    return all(width_of(label) <= width for label in labels)


def shorten(label: str, width: float) -> str:
    """The label, cut where it would run out of its place; the table beside the chart has it whole."""
    if width_of(label) <= width:
        return label
    end = max((n for n in range(len(label)) if width_of(label[:n]) + 13 <= width), default=1)
    return label[:end].rstrip() + "…"


def sentence(parts: Sequence[str]) -> str:
    """The parts of a text alternative, joined."""
    return "; ".join(parts) + "."


def group_heading(marks: list[Mark], y: float, group: str, new: str) -> tuple[float, str]:
    """Where the next row stands: lower by a heading where a new group begins."""
    if new == group:
        return y, group
    marks.append(text(0, y + 1, new, "s"))
    return y + 24, new


def below(first: int, last: int, middle: float) -> float:
    """The part of options ``first`` to ``last`` that lies left of the middle of the scale."""
    parts = [1.0 if option < middle else 0.5 if option == middle else 0.0 for option in range(first, last + 1)]
    return sum(parts) / len(parts)


def option_look(first: int, last: int, options: int) -> str:
    """The class of an answer: five steps from orange to blue; joined options take their mildest."""
    middle = (options + 1) / 2
    mildest = min(range(first, last + 1), key=lambda option: (abs(option - middle), option))
    side = mildest - middle
    if side == 0:
        return "l3"
    is_end = mildest in (1, options)
    return ("l1" if is_end else "l2") if side < 0 else ("l5" if is_end else "l4")


def tick_step(people: int) -> int:
    """Steps of 1, 2 or 5 times a power of ten, at most six of them."""
    step = 1
    while people / step > 6:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    return step


def _at(**numbers: float) -> tuple[tuple[str, float | str], ...]:
    return tuple((name, f"{value:.1f}".removesuffix(".0")) for name, value in numbers.items())
