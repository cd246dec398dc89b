"""A map of themes: bubbles where they lie to each other, labels that never run into anything.

As ``charts``, but twice as wide. Round and filled is a theme of the codebook, a dashed diamond one that is
suggested, so that no colour is needed to tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, pi

from auditkit.marks import Drawing, Mark, circle, line, path, sentence, shorten, text, width_of
from auditkit.wording import counted

WIDE = 720.0
MARGIN = 70.0  # around the places, for labels
LOWEST, USUAL, HIGHEST, STEP = 260.0, 540.0, 1500.0, 40.0  # of the chart; it grows until every label has room
LARGEST, SMALLEST = 24.0, 4.5  # radius of a bubble
MANY = 25  # themes from which on bubbles are smaller
APART = 5.0  # between two bubbles
LONGEST = 200.0  # of a label
LINE = 15.0  # height of a label
REACH = (4.5, 9.0, 16.0, 26.0, 38.0, 52.0, 68.0, 86.0, 106.0, 130.0)  # from a bubble to its label, tried in turn
NEAR = REACH[:5]  # tried first, off the links to neighbours
CLEAR = 1.5  # between a label and anything else
LED = 12.0  # from here on a line leads to the label
SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
ROUNDS = 400  # of pushing bubbles apart


@dataclass(frozen=True)
class Spot:
    """A theme on the map: its place in any unit, how many people name it, the position of its nearest neighbour.

    A flat map shows distances wrongly; so a line leads to the neighbour that is nearest in truth.
    """

    label: str
    people: int
    is_suggested: bool
    x: float
    y: float
    nearest: int | None = None


_Segment = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def touches(self, bubble: _Bubble) -> bool:
        beside = max(self.left - bubble.x, 0, bubble.x - self.right)
        above = max(self.top - bubble.y, 0, bubble.y - self.bottom)
        return hypot(beside, above) < bubble.radius + CLEAR

    def is_crossed(self, segment: _Segment) -> bool:
        """Whether a line runs through the box or close by: what is left of it between each pair of sides."""
        x1, y1, x2, y2 = segment
        first, last = 0.0, 1.0
        sides = ((x2 - x1, self.left - CLEAR - x1, self.right + CLEAR - x1),)
        for step, low, high in (*sides, (y2 - y1, self.top - CLEAR - y1, self.bottom + CLEAR - y1)):
            if abs(step) < 1e-9:
                if low > 0 or high < 0:
                    return False
                continue
            ends = sorted((low / step, high / step))
            first, last = max(first, ends[0]), min(last, ends[1])
        return first < last


@dataclass(frozen=True)
class _Bubble:
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class _Label:
    words: str
    box: _Box
    anchor: str
    lead: _Segment | None


def theme_map(spots: Sequence[Spot]) -> Drawing:
    """The map, high enough for every label; where even that does not do, the last ones are left to the table."""
    height = LOWEST
    while True:
        bubbles, room = _bubbles(spots, height)
        links = _links(spots, bubbles)
        labels = _labels(spots, bubbles, links, room)
        if None not in labels or height >= HIGHEST:
            break
        height += STEP
    marks: list[Mark] = [line("near", *link) for link in links]
    for label in labels:
        if label is not None and label.lead is not None:
            marks.append(line("ax", *label.lead))
    for spot, bubble in zip(spots, bubbles, strict=True):
        marks.append(_diamond(bubble) if spot.is_suggested else circle("bub", bubble.x, bubble.y, bubble.radius))
    for label in labels:
        if label is not None:
            x = {"": label.box.left, "e": label.box.right, "c": (label.box.left + label.box.right) / 2}[label.anchor]
            marks.append(text(x, label.box.bottom - 3.5, label.words, f"halo {label.anchor}".rstrip()))
    said = [
        f"{spot.label}, {'suggested' if spot.is_suggested else 'in the codebook'}, "
        f"{counted(spot.people, 'person', 'people')}"
        + ("" if spot.nearest is None else f", nearest {spots[spot.nearest].label}")
        for spot in spots
    ]
    return Drawing(room, tuple(marks), sentence(said), WIDE)


def _bubbles(spots: Sequence[Spot], height: float) -> tuple[list[_Bubble], float]:
    """Bubbles whose area counts people, none upon another, and the height that they take."""
    most = max([spot.people for spot in spots], default=1)
    largest = LARGEST * min(1.0, (MANY / len(spots)) ** 0.5)
    radii = [max(largest * (spot.people / max(most, 1)) ** 0.5, SMALLEST) for spot in spots]
    radii = [
        radius * (pi / 2) ** 0.5 if spot.is_suggested else radius for radius, spot in zip(radii, spots, strict=True)
    ]
    xs, ys = [spot.x for spot in spots], [spot.y for spot in spots]
    wide, high = max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0
    # One scale for both directions as long as that gives labels room; a chart that has to grow is stretched upwards.
    across_all = (WIDE - 2 * MARGIN) / wide
    room = max(height, min(high * across_all + MARGIN, USUAL))
    upwards = (room - MARGIN) / high
    sideways = min(across_all, upwards)
    start = (WIDE - wide * sideways) / 2
    places = [[start + (spot.x - min(xs)) * sideways, MARGIN / 2 + (max(ys) - spot.y) * upwards] for spot in spots]
    gap = APART + max(room - USUAL, 0) / 20  # a chart that grows gives its crowds room
    for _ in range(ROUNDS):
        moved = False
        for i in range(len(places)):
            for j in range(i):
                across, along = places[i][0] - places[j][0], places[i][1] - places[j][1]
                far, needed = hypot(across, along), radii[i] + radii[j] + gap
                if far >= needed - 0.01:
                    continue
                moved = True
                if far < 1e-6:
                    across, along, far = 1.0, 0.0, 1.0
                push = (needed - far) / 2 / far
                places[i][0] += across * push
                places[i][1] += along * push
                places[j][0] -= across * push
                places[j][1] -= along * push
        for place, radius in zip(places, radii, strict=True):
            place[0] = min(max(place[0], radius + 2), WIDE - radius - 2)
            place[1] = min(max(place[1], radius + 2), room - radius - 2)
        if not moved:
            break
    return [_Bubble(round(x, 1), round(y, 1), radius) for (x, y), radius in zip(places, radii, strict=True)], room


def _links(spots: Sequence[Spot], bubbles: Sequence[_Bubble]) -> list[_Segment]:
    """Lines from the middle of each bubble to that of its neighbour, each once."""
    pairs = {tuple(sorted((number, spot.nearest))) for number, spot in enumerate(spots) if spot.nearest is not None}
    return [(bubbles[i].x, bubbles[i].y, bubbles[j].x, bubbles[j].y) for i, j in sorted(pairs)]


def _labels(
    spots: Sequence[Spot], bubbles: Sequence[_Bubble], links: Sequence[_Segment], room: float
) -> list[_Label | None]:
    """A place for each label, those in crowded places first, close by and off the links if that can be, never upon a
    bubble or another label; None where there is none.
    """
    crowd = [sum(hypot(one.x - other.x, one.y - other.y) < 90 + other.radius for other in bubbles) for one in bubbles]
    order = sorted(range(len(spots)), key=lambda n: (-crowd[n], bubbles[n].radius, n))
    found: list[_Label | None] = [None] * len(spots)
    for number in order:
        words = shorten(spots[number].label, LONGEST)
        placed = [label for label in found if label is not None]
        others = [bubble for position, bubble in enumerate(bubbles) if position != number]
        found[number] = next(
            (
                label
                for lines, reaches in ((links, NEAR), ((), REACH))
                for reach in reaches
                for side in SIDES
                if _is_free(label := _beside(bubbles[number], words, side, reach), others, placed, lines, room)
                and not label.box.touches(bubbles[number])
            ),
            None,
        )
    return found


def _beside(bubble: _Bubble, words: str, side: tuple[int, int], reach: float) -> _Label:
    across, along = side
    slant = 0.7 if across and along else 1.0
    x = bubble.x + across * (bubble.radius + reach) * slant
    y = bubble.y + along * (bubble.radius + reach) * slant
    wide = width_of(words) * 1.04
    left = x if across > 0 else x - wide if across < 0 else x - wide / 2
    top = y - LINE if along < 0 else y if along > 0 else y - LINE / 2
    lead = None
    if reach >= LED:
        far = hypot(x - bubble.x, y - bubble.y)
        share = bubble.radius / far
        lead = (bubble.x + (x - bubble.x) * share, bubble.y + (y - bubble.y) * share, x, y)
    anchor = "" if across > 0 else "e" if across < 0 else "c"
    return _Label(words, _Box(left, top, left + wide, top + LINE), anchor, lead)


def _is_free(
    label: _Label, others: Sequence[_Bubble], placed: Sequence[_Label], links: Sequence[_Segment], room: float
) -> bool:
    box, lead = label.box, label.lead
    if box.left < 0 or box.right > WIDE or box.top < 0 or box.bottom > room:
        return False
    if any(box.touches(other) for other in others) or any(box.is_crossed(link) for link in links):
        return False
    if any(box.meets(other.box) or (other.lead and box.is_crossed(other.lead)) for other in placed):
        return False
    if lead is None:
        return True
    return not any(other.box.is_crossed(lead) for other in placed) and not any(_passes(lead, one) for one in others)


def _passes(segment: _Segment, bubble: _Bubble) -> bool:
    """Whether a line touches a bubble: the distance of its nearest point."""
    x1, y1, x2, y2 = segment
    across, along = x2 - x1, y2 - y1
    length = across**2 + along**2 or 1.0
    share = min(max(((bubble.x - x1) * across + (bubble.y - y1) * along) / length, 0), 1)
    return hypot(x1 + share * across - bubble.x, y1 + share * along - bubble.y) < bubble.radius + CLEAR


def _diamond(bubble: _Bubble) -> Mark:
    x, y, half = bubble.x, bubble.y, round(bubble.radius, 1)
    return path("sug", f"M{x:g} {y - half:g}L{x + half:g} {y:g}L{x:g} {y + half:g}L{x - half:g} {y:g}Z")
