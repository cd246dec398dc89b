"""What the map of themes in the analyst's report shows: accepted and suggested themes, and which lie near."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditkit.map_chart import Spot
from auditkit.wording import counted, percent, plain

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound

FEWEST = 3  # themes that make a map


def theme_map(coded: CodedRound, people: int) -> dict[str, Any] | None:
    """Title, spots and table of the map; None with fewer than three themes that three answers or more belong to."""
    from auditkit import nearness
    from auditkit.analysis import prevalence

    counts = prevalence(coded)
    named = {row.theme: (row.label, int(row.respondents), int(row.answers)) for row in counts.itertuples()}
    new = {
        row.theme: (f"{row.theme} {row.phrases.partition(',')[0] or row.label}", int(row.respondents), int(row.answers))
        for row in coded.suggested.itertuples()
    }
    placed = set(coded.distances["one"]) | set(coded.distances["other"])
    names = [*sorted(placed & set(named)), *sorted(placed & set(new), key=lambda name: (len(name), name))]
    if len(names) < FEWEST:
        return None
    apart = nearness.square(names, list(coded.distances.itertuples(index=False, name=None)))
    places = nearness.layout(apart)
    about = named | new
    others = [[(apart[i, j], j) for j in range(len(names)) if j != i] for i in range(len(names))]
    nearest = [min(row) for row in others]
    spots = [
        Spot(
            label=about[name][0],
            people=about[name][1],
            is_suggested=name in new,
            x=float(places[i, 0]),
            y=float(places[i, 1]),
            nearest=nearest[i][1],
        )
        for i, name in enumerate(names)
    ]
    rows = [
        {
            "label": spot.label,
            "status": "suggested" if spot.is_suggested else "in the codebook",
            "people": spot.people,
            "answers": about[name][2],
            "nearest": spots[nearest[i][1]].label,
            "likeness": plain(1 - nearest[i][0] ** 2 / 2, 2),
        }
        for i, (name, spot) in enumerate(zip(names, spots, strict=True))
    ]
    missing = [label for theme, (label, _, _) in named.items() if theme not in placed]
    return {
        "title": _title(names, new, apart, about),
        "subtitle": f"{counted(len(names), 'theme')} by how alike their answers are: what lies near says similar "
        f"things. Area: people naming it, n = {people}. A flat picture of many directions: distances in it are "
        f"off by about {percent(nearness.misfit(apart, places))}; a line leads from each theme to the one that is "
        "nearest in truth.",
        "spots": spots,
        "rows": rows,
        "has_suggested": any(spot.is_suggested for spot in spots),
        "missing": f"Not on the map, with fewer than three answers: {', '.join(missing)}." if missing else "",
    }


def _title(names: list[str], new: dict[str, Any], apart: Any, about: dict[str, Any]) -> str:
    inside = [i for i, name in enumerate(names) if name not in new]
    outside = [i for i, name in enumerate(names) if name in new]
    if inside and outside:
        farthest = max(outside, key=lambda i: (min(apart[i, j] for j in inside), -i))
        return f"Farthest from every theme of the codebook: {about[names[farthest]][0]}"
    _, one, other = min((apart[i, j], i, j) for i in range(len(names)) for j in range(i + 1, len(names)))
    return f"Nearest to each other: {about[names[one]][0]} and {about[names[other]][0]}"
