"""Words beside ratings: whether the themes of the answers and the linked scales tell the same story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditkit.wording import NOTHING, arrow, between, percent, signed

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.config import Config

BOTH = 0.15  # share of people by which problems and strengths must both rise for words that go both ways
CLEAR = 0.2  # share of people by which problems less strengths must move to count as better or worse
MISSING = "no linked scale"


def triangulation(programme: pd.DataFrame, config: Config, *, linked: bool) -> list[dict[str, str]]:
    """One row a theme: label, poor and good (before and after: people, of unlinked rounds per cent), change (of the
    linked scale), reading.

    ``programme``: the rows of level "programme" of a comparison's table. Themes are linked to scales as the shipped
    questionnaire links them, else by their name.
    """
    scales = {row.measure: row for row in _each(programme[programme["kind"].isin(["scale", "fact"])])}
    themes = {(row.measure, row.pole): row for row in _each(programme[programme["kind"] == "theme"])}
    rows = []
    for theme in dict.fromkeys(theme for theme, _ in themes):
        poor, good = themes.get((theme, "poor")), themes.get((theme, "good"))
        if poor is None or good is None or not _is_known(poor.change) or not _is_known(good.change):
            continue
        scale = _linked(theme, poor.label, scales)
        rows.append(
            {
                "label": poor.label,
                "poor": _levels(poor, linked=linked),
                "good": _levels(good, linked=linked),
                "change": MISSING if scale is None else _change(scale),
                "reading": reading(
                    _of_words(poor, good),
                    None if scale is None else _of_ratings(scale, config),
                    "counts" if scale is not None and scale.kind == "fact" else "ratings",
                ),
            }
        )
    return rows


def reading(words: str, ratings: str | None, noun: str = "ratings") -> str:
    """What words and ratings say together: better, worse or flat; words also both ways, ratings also not sure.

    ``ratings`` None: there is no scale. ``noun``: what ``ratings`` are, counts for a fact.
    """
    if ratings is None:
        return f"words only: {words}" if words != "flat" else "words only: little sign of change"
    if words == ratings:
        return "agree: little sign of change" if words == "flat" else f"agree: both {words}"
    if {words, ratings} == {"better", "worse"}:
        return f"differ: words {words}, {noun} {ratings}. Read the answers"
    return f"words {words}, {noun} {ratings}"


def _of_words(poor: Any, good: Any) -> str:
    """Fewer problems, more strengths, or both; a small move is flat."""
    if min(round(float(row.change), 9) for row in (poor, good)) >= BOTH:
        return "both ways"
    moved = round(float(good.change) - float(poor.change), 9)
    return "better" if moved >= CLEAR else "worse" if moved <= -CLEAR else "flat"


def _of_ratings(scale: Any, config: Config) -> str:
    """By the 95% interval: clear of zero, wholly within the smallest change that matters, or not sure."""
    low, high = float(scale.low), float(scale.high)
    if not (_is_known(low) and _is_known(high)):
        return "not sure"
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    small = config.compare.sesoi
    return "flat" if scale.kind == "scale" and -small < low and high < small else "not sure"


def _linked(theme: str, label: str, scales: dict[str, Any]) -> Any | None:
    from auditkit.questionnaire import LINKS

    by_name = {str(row.label).casefold(): row for row in scales.values()}
    found = scales.get(LINKS.get(theme, "")) or by_name.get(label.casefold())
    return found if found is not None and _is_known(found.change) else None


def _levels(row: Any, *, linked: bool) -> str:
    if not linked:
        return f"{percent(row.before)} → {percent(row.after)}"
    return arrow([round(row.before * row.n_before), round(row.after * row.n_after)], 0)


def _change(row: Any) -> str:
    unit = " meetings" if row.kind == "fact" else ""
    interval = between((row.low, row.high), 2)
    return f"{signed(row.change, 2)}{unit}" + (f" ({interval})" if interval != NOTHING else "")


def _is_known(value: Any) -> bool:
    return bool(value == value)


def _each(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples(index=False))
