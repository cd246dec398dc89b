"""The map of themes: nothing lies upon anything, and nothing depends on colour."""

from __future__ import annotations

import hashlib
import re
from itertools import combinations
from math import hypot

import pytest

from auditkit import codebook, map_chart, marks
from auditkit.map_chart import Spot

LABELS = [theme.label for theme in codebook.default().accepted]
NEW = ["letters late", "parking", "waiting room noisy and crowded", "rota gaps"]


def spots(accepted: int, suggested: int, *, crowded: bool = False) -> list[Spot]:
    """Themes somewhere on the map, by hash; ``crowded``: most of them in its middle."""
    found = []
    for number in range(accepted + suggested):
        x, y, people, neighbour, *_ = hashlib.sha256(f"{number} {crowded}".encode()).digest()
        place = [(value / 255 - 0.5) ** (5 if crowded else 1) for value in (x, y)]
        is_new = number >= accepted
        label = f"S{number:02d} {NEW[number % 4]}" if is_new else f"{LABELS[number % 12]} {number // 12 or ''}".strip()
        nearest = neighbour % (accepted + suggested)
        found.append(Spot(label, people // 8, is_new, *place, nearest if nearest != number else None))
    return found


def at(mark: marks.Mark) -> dict[str, float]:
    return {name: float(value) for name, value in mark.at}


def outline(mark: marks.Mark) -> tuple[float, float, float]:
    """Middle and radius of a bubble, of a diamond from its middle to a corner."""
    if mark.kind == "circle":
        place = at(mark)
        return place["cx"], place["cy"], place["r"]
    numbers = [float(part) for part in re.findall(r"-?[\d.]+", str(dict(mark.at)["d"]))]
    top, right = numbers[:2], numbers[2:4]
    return top[0], right[1], right[0] - top[0]


def box(mark: marks.Mark) -> tuple[float, float, float, float]:
    place, wide = at(mark), marks.width_of(mark.text)
    start = place["x"] - {"e": wide, "c": wide / 2}.get(mark.css.split()[-1], 0)
    return start, place["y"] - 10, start + wide, place["y"] + 2


@pytest.mark.parametrize("crowded", [False, True])
@pytest.mark.parametrize(("accepted", "suggested"), [(3, 0), (12, 8), (0, 10), (30, 10)])
def test_no_label_and_no_bubble_lies_upon_another(accepted: int, suggested: int, crowded: bool) -> None:
    themes = spots(accepted, suggested, crowded=crowded)
    drawing = map_chart.theme_map(themes)
    bubbles = [outline(mark) for mark in drawing.marks if mark.css in ("bub", "sug")]
    texts = [mark for mark in drawing.marks if mark.kind == "text"]
    boxes = [box(mark) for mark in texts]

    assert len(bubbles) == len(texts) == accepted + suggested
    for (x1, y1, r1), (x2, y2, r2) in combinations(bubbles, 2):
        assert hypot(x1 - x2, y1 - y2) >= r1 + r2
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert right <= drawing.width
        assert top >= 0
        assert bottom <= drawing.height
        for x, y, radius in bubbles:
            assert hypot(max(left - x, 0, x - right), max(top - y, 0, y - bottom)) >= radius
    for x, y, radius in bubbles:
        assert radius <= x <= drawing.width - radius
        assert radius <= y <= drawing.height - radius


def test_what_is_suggested_has_another_shape() -> None:
    drawing = map_chart.theme_map([Spot("Trust", 9, False, 0, 0, 1), Spot("S01 parking", 4, True, 1, 0, 0)])
    kinds = {mark.css: mark.kind for mark in drawing.marks}
    assert kinds["bub"] == "circle"
    assert kinds["sug"] == "path"
    assert drawing.desc == (
        "Trust, in the codebook, 9 people, nearest S01 parking; S01 parking, suggested, 4 people, nearest Trust."
    )


def test_area_counts_people() -> None:
    drawing = map_chart.theme_map([Spot("a", 40, False, 0, 0), Spot("b", 10, False, 1, 0), Spot("c", 0, False, 0, 1)])
    radii = [at(mark)["r"] for mark in drawing.marks if mark.css == "bub"]
    assert radii[0] == pytest.approx(2 * radii[1])
    assert radii[2] == map_chart.SMALLEST


def test_themes_on_one_place_are_drawn_beside_each_other() -> None:
    drawing = map_chart.theme_map([Spot(f"theme {number}", 20, False, 0, 0) for number in range(4)])
    places = [outline(mark)[:2] for mark in drawing.marks if mark.css == "bub"]
    assert len(set(places)) == 4


def test_a_line_leads_from_each_theme_to_its_neighbour_once() -> None:
    themes = [Spot("a", 5, False, 0, 0, 1), Spot("b", 5, False, 1, 0, 0), Spot("c", 5, False, 1, 1, 1)]
    drawing = map_chart.theme_map(themes)
    assert sum(mark.css == "near" for mark in drawing.marks) == 2
