"""The fields of the comparison, pair by pair, for the analyst and the facilitator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditkit.charts import Interval
from auditkit.pack_fields import Count, Fact, ThemeRow, Themes
from auditkit.triangulation import triangulation
from auditkit.wording import NOTHING, arrow, between, counted, plain, signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.comparison import Comparison
    from auditkit.config import Config

RULES = {
    "A": "A main question went down",
    "B": "Low, and not improved",
    "C": "The two views moved apart",
    "D": "All partners name trust or communication as a problem",
    "E": "Re-formed or dissolved",
    "F": "No meeting for eight weeks",
}
STATES = {"one-partner": "one partner"}
SIGNS = {2: "▲", 1: "△", 0: "=", -1: "▽", -2: "▼"}
LOOKS = {2: "u2", 1: "u1", 0: "z", -1: "d1", -2: "d2"}


def comparison_report(
    comparison: Comparison, rounds: Sequence[CodedRound], config: Config, *, made_with: str
) -> dict[str, Any]:
    """Everything that ``comparison.html`` prints.

    ``rounds``: the two that were compared, for how far they are reviewed and how far to trust their codes.
    ``made_with``: the line of provenance.
    """
    both = f"{comparison.before} to {comparison.after}"
    done = sum(coded.reviewed for coded in rounds)
    total = sum(len(coded.responses.answers) for coded in rounds)
    table = comparison.table
    programme = table[table["level"] == "programme"]
    return {
        "title": f"Pair by pair, {both}",
        "eyebrow": f"{config.programme.name} · for the analyst and the facilitator only",
        "lede": _lede(comparison),
        "running": f"{config.programme.name}, {both}: comparison by pair. Not for passing on",
        "wide": True,
        "is_draft": done < total,
        "draft_note": f"{done:,} of {total:,} answers reviewed. Do not pass on.",
        "rounds": (comparison.before, comparison.after),
        "linked": comparison.design == "linked",
        "facts": _facts(comparison, (done, total)),
        "notes": comparison.notes,
        "agreement": "; ".join(f"{coded.responses.round}, {coded.agreement_words}" for coded in rounds)
        if done < total
        else "",
        "overall": _overall(programme, comparison.primaries),
        "statements": _groups(programme[programme["kind"] == "item"], comparison.primaries),
        "not_comparable": [Fact(f"{m.kind} {m.measure}".strip(), m.reason) for m in each(comparison.not_comparable)],
        "exceptions": _exceptions(comparison.exceptions),
        "sensitivity": [
            {
                "rule": f"{RULES.get(s.rule, '')} ({s.rule})",
                "threshold": s.threshold,
                "counts": [_number(n) for n in (s.stricter, s.as_set, s.looser)],
            }
            for s in each(comparison.sensitivity)
        ],
        "ratings": _ratings(comparison),
        "themes": _themes(comparison),
        "theme_chart": _theme_chart(comparison, programme),
        "gaps": _gaps(comparison, programme, config),
        "triangulation": triangulation(programme, config, linked=comparison.design == "linked"),
        "people_heard": _heard(programme),
        "people": _people(comparison),
        "tests": [_test(row) for row in _tested(programme, comparison.primaries)],
        "m": comparison.m,
        "exploratory": [_exploratory(row) for row in each(programme) if row.kind in ("theme", "gap")],
        "made_with": made_with,
    }


def each(frame: pd.DataFrame) -> list[Any]:
    """The rows of a frame, their columns as attributes."""
    return list(frame.itertuples(index=False))


def _known(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _number(value: Any) -> str:
    known = _known(value)
    return NOTHING if known is None else f"{known:.0f}"


def _compared(comparison: Comparison) -> pd.DataFrame:
    pairs = comparison.pairs
    states = ["complete", "group", "unlinked"]
    return pairs[~pairs["sponsor"] & pairs["state"].isin(states)]


def _lede(comparison: Comparison) -> str:
    own = comparison.pairs[~comparison.pairs["sponsor"]]
    listed = comparison.exceptions.loc[comparison.exceptions["pair"] != "", "pair"].nunique()
    compared = len(_compared(comparison))
    noun = "pair is" if listed == 1 else "pairs are"
    of = f"{compared} of {counted(len(own), 'pair')} can be compared"
    return f"{of}; {listed or 'no'} {noun} listed as exceptions."


def _facts(comparison: Comparison, reviewed: tuple[int, int]) -> list[Fact]:
    people = comparison.people[~comparison.people["sponsor"]]
    own = comparison.pairs[~comparison.pairs["sponsor"]]
    facts = [Fact(f"pairs compared, of {len(own)}", str(len(_compared(comparison))))]
    for name, column in ((comparison.before, "in_before"), (comparison.after, "in_after")):
        facts.append(Fact(f"answered in {name}", f"{int(people[column].sum()):,}"))
    if reviewed[1]:
        facts.append(Fact("answers reviewed, both rounds", f"{reviewed[0]:,} of {reviewed[1]:,}"))
        words = ", ".join(plain(w, 0) for w in comparison.words["median_words"])
        facts.append(Fact("median words an answer, before and after", words))
    return facts


def _row(row: Any, digits: int = 2) -> dict[str, Any]:
    low, high = _known(row.low), _known(row.high)
    return {
        "label": row.label,
        "levels": [plain(_known(row.before), digits), plain(_known(row.after), digits)],
        "change": signed(_known(row.change), digits),
        "interval": between((low, high), digits),
        "counts": [_number(n) for n in (row.up, row.same, row.down)],
        "pairs": _number(row.n_pairs),
        "verdict": "described only" if row.verdict.startswith("described only") else row.verdict,
    }


def _heard(programme: pd.DataFrame) -> str:
    """How many people the counts of themes are of."""
    themes = programme[(programme["kind"] == "theme") & programme["change"].notna()]
    numbers = sorted({(int(t.n_before), int(t.n_after)) for t in each(themes)})
    if len(numbers) != 1:
        return ""
    before, after = numbers[0]
    return f"{before} people" if before == after else f"{before} and {after} people"


def _overall(programme: pd.DataFrame, primaries: Sequence[str]) -> list[dict[str, Any]]:
    return _groups(programme[programme["kind"].isin(["scale", "fact"])], primaries)


def _groups(rows: pd.DataFrame, primaries: Sequence[str]) -> list[dict[str, Any]]:
    """The programme's rows of ratings and facts, in the groups that the tables print."""
    names = {
        "main": "Main questions",
        "scale": "Also asked, not tested",
        "fact": "Counted, not rated",
        "item": "Single statements",
    }
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for row in each(rows):
        is_main = row.kind == "scale" and row.measure in primaries
        groups["main" if is_main else row.kind].append(_row(row))
    return [{"name": names[kind], "rows": found} for kind, found in groups.items() if found]


def _exceptions(exceptions: pd.DataFrame) -> dict[str, Any]:
    listed = exceptions[exceptions["pair"] != ""]
    silent = exceptions[exceptions["pair"] == ""]
    return {
        "rows": [
            {
                "pair": e.pair,
                "rule": RULES.get(e.rule, e.reason),
                "why": f"rule {e.rule}: {e.reason}",
                "figures": e.figures,
                "data": e.data,
                "next_step": e.next_step,
            }
            for e in each(listed)
        ],
        "not_judged": [f"{RULES.get(e.rule, '')} ({e.rule}): {e.reason}." for e in each(silent)],
    }


def _left_out(comparison: Comparison) -> dict[str, str]:
    own = comparison.pairs[~comparison.pairs["sponsor"]]
    kept = set(_compared(comparison)["pair"])
    return {
        p.pair: "not compared: " + ", ".join(part for part in (STATES.get(p.state, p.state), p.detail) if part)
        for p in each(own)
        if p.pair not in kept
    }


def _grid(comparison: Comparison, cells: dict[tuple[str, str], tuple[str, str]], measures: Sequence[str]) -> list[Any]:
    """One row a pair: its cells (class, text), or why there are none."""
    left_out = _left_out(comparison)
    rows = []
    for pair in comparison.pairs.loc[~comparison.pairs["sponsor"], "pair"]:
        found = [cells.get((pair, measure), ("z", NOTHING)) for measure in measures]
        rows.append({"pair": pair, "cells": found, "why": left_out.get(pair, "")})
    return rows


def _cell(steps: int, text: str) -> tuple[str, str]:
    return LOOKS[steps], f"{SIGNS[steps]} {text}"


def _ratings(comparison: Comparison) -> dict[str, Any] | None:
    table = comparison.table
    rows = table[(table["level"] == "pair") & (table["kind"] == "scale") & table["change"].notna()]
    if not len(rows):
        return None
    means = table[(table["level"] == "programme") & (table["kind"] == "scale")].set_index("measure")
    measures = [m for m in means.index if m in set(rows["measure"])]
    limits = dict(zip(comparison.reliable["measure"], comparison.reliable["threshold"], strict=True))
    cells = {}
    for r in each(rows):
        limit = _known(limits.get(r.measure))
        size = 0 if abs(r.change) < 0.005 else 2 if limit is not None and abs(r.change) >= limit else 1
        cells[r.pair, r.measure] = _cell(size if r.change > 0 else -size, signed(r.change, 2))
    known = sorted({plain(_known(v), 2) for v in limits.values() if _known(v) is not None})
    reach = known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}, depending on the scale" if known else ""
    return {
        "columns": [means.at[m, "label"] for m in measures],
        "rows": _grid(comparison, cells, measures),
        "foot": [signed(_known(means.at[m, "change"]), 2) for m in measures],
        "reach": reach,
    }


def _themes(comparison: Comparison) -> dict[str, Any] | None:
    """Partners who name a theme as a problem, by pair; fewer is better."""
    named = comparison.themes_by_pair
    named = named[named["pole"] == "poor"]
    if not len(named):
        return None
    labels = dict(zip(named["theme"], named["label"], strict=True))
    cells = {}
    for t in each(named):
        fewer = int(t.before) - int(t.after)
        nobody = not t.before and not t.after
        text = f"{int(t.before)}→{int(t.after)}"
        cells[t.pair, t.theme] = ("z", "·") if nobody else _cell(max(min(fewer, 2), -2), text)
    themes = sorted(labels)
    kept = named[named["pair"].isin(_compared(comparison)["pair"])]
    sums = {str(theme): part[["before", "after"]].sum() for theme, part in kept.groupby("theme")}
    return {
        "columns": [labels[t] for t in themes],
        "rows": _grid(comparison, cells, themes),
        "foot": [f"{int(sums[t]['before'])}→{int(sums[t]['after'])}" if t in sums else "" for t in themes],
    }


def _theme_chart(comparison: Comparison, programme: pd.DataFrame) -> Themes | None:
    themes = programme[(programme["kind"] == "theme") & programme["before"].notna() & programme["after"].notna()]
    if not len(themes) or comparison.design != "linked":
        return None
    people = int(themes["n_before"].max())
    by = {(t.measure, t.pole): t for t in each(themes)}
    rows = []
    for measure in dict.fromkeys(themes["measure"]):
        sides = [by.get((measure, pole)) for pole in ("poor", "good")]
        if all(side is not None for side in sides):
            rows.append(ThemeRow(sides[0].label, *(_counts(side) for side in sides)))  # type: ignore[union-attr]
    return Themes(
        title="People naming each theme",
        subtitle=f"n = {people} people who wrote something in both rounds.",
        rows=tuple(rows),
        people=people,
        problem=tuple(sorted(rows, key=lambda r: -(r.problem[0].value or 0))),
        well=tuple(sorted(rows, key=lambda r: -(r.well[0].value or 0))),
    )


def _counts(row: Any) -> tuple[Count, ...]:
    numbers = (round(row.before * row.n_before), round(row.after * row.n_after))
    return tuple(Count(n, str(n)) for n in numbers)


def _joint(comparison: Comparison, config: Config) -> set[str]:
    """Main questions that only join scales; one that is a scale by itself is none."""
    from auditkit.questionnaire import PRIMARIES

    parts = config.primaries or PRIMARIES
    return {name for name in comparison.primaries if len(parts.get(name, ())) != 1}


def _gaps(comparison: Comparison, programme: pd.DataFrame, config: Config) -> dict[str, Any] | None:
    table = comparison.table
    gaps = programme[(programme["kind"] == "gap") & programme["change"].notna()]
    if not len(gaps):
        return None
    kept = set(_compared(comparison)["pair"])
    joint = _joint(comparison, config)
    scales = [m for m in gaps["measure"] if m not in joint] or list(gaps["measure"])
    pairs = table[(table["level"] == "pair") & (table["kind"] == "gap") & table["measure"].isin(scales)]
    pairs = pairs[pairs["pair"].isin(kept)]
    means = pairs.groupby("pair", sort=False)[["before", "after"]].mean()
    rows = [_row(g) for g in each(gaps)]
    closer = sum(1 for _, m in means.iterrows() if m["after"] < m["before"] - 0.005)
    return {
        "title": f"Closer in {closer} of {counted(len(means), 'pair')}",
        "by_pair": [(str(pair), (float(m["before"]), float(m["after"]))) for pair, m in means.iterrows()],
        "by_scale": [
            Interval(g.label, _known(g.change), _known(g.low), _known(g.high), 2, "", NOTHING) for g in each(gaps)
        ],
        "rows": rows,
        "scales": len(scales),
    }


def _people(comparison: Comparison) -> list[dict[str, str]]:
    rows = [
        {
            "pair": p.pair,
            "state": STATES.get(p.state, p.state),
            "detail": p.detail,
            "n": arrow((p.n_before, p.n_after), 0),
        }
        for p in each(comparison.pairs)
        if p.sponsor or p.state != "complete"
    ]
    complete = int((~comparison.pairs["sponsor"] & (comparison.pairs["state"] == "complete")).sum())
    if complete:
        rows.append({"pair": f"{complete} others", "state": "complete", "detail": "compared", "n": ""})
    sponsors = set(comparison.pairs.loc[comparison.pairs["sponsor"], "pair"])
    for row in rows:
        if row["pair"] in sponsors:
            row["state"] += ", sponsors, in no programme figure"
    return rows


def _tested(programme: pd.DataFrame, primaries: Sequence[str]) -> list[Any]:
    scales = programme[(programme["kind"] == "scale") & programme["measure"].isin(primaries)]
    return each(scales)


def _test(row: Any) -> dict[str, str]:
    p, adjusted = _known(row.p), _known(row.p_adjusted)
    result = "not tested: too few pairs"
    if adjusted is not None:
        start = "statistically significant" if adjusted < 0.05 else "not statistically significant"
        result = f"{start} (Holm-adjusted p = {plain(adjusted, 3)})"
    return {
        "label": row.label,
        "pairs": _number(row.n_pairs),
        "p": plain(p, 4),
        "effect": signed(_known(row.r_rb), 2),
        "result": result,
    }


def _exploratory(row: Any) -> dict[str, str]:
    is_theme = row.kind == "theme"
    scale, digits = (100.0, 0) if is_theme else (1.0, 2)
    values = {name: _known(getattr(row, name)) for name in ("before", "after", "change", "low", "high")}
    points = {name: None if value is None else value * scale for name, value in values.items()}
    pole = {"good": "works well", "poor": "problem", "any": "any"}.get(row.pole, "distance")
    return {
        "label": f"{row.label}: {pole}",
        "n": _number(row.n_before),
        "levels": arrow((points["before"], points["after"]), digits) + (" %" if is_theme else ""),
        "change": signed(points["change"], digits),
        "interval": between((points["low"], points["high"]), digits),
        "p": plain(_known(row.p), 4),
        "p_adjusted": plain(_known(row.p_adjusted), 3),
    }
