"""The pairs that a facilitator should ask about, by six rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.config import Config

EXCEPTIONS = ["pair", "rule", "reason", "figures", "data", "next_step"]
SENSITIVITY = ["rule", "threshold", "stricter", "as_set", "looser"]

STEP = 0.25
"""How far each threshold is moved, in points, to show what the list owes to it."""

NEXT_STEPS = {
    "A": "Offer a meeting before the away day",
    "B": "Meet both partners, together and apart",
    "C": "Offer a meeting before the away day",
    "D": "Meet both partners, together and apart",
    "E": "Start with the level 0 pack",
}

NAMED_THEMES = {"T01": "trust", "T02": "communicat"}
"""Themes of rule D by id, and the word their label must hold: another codebook's T01 may be anything."""

Found = dict[str, str]
"""Pair to the figures that made a rule fire."""


def find(
    table: pd.DataFrame,
    pairs: pd.DataFrame,
    themes_by_pair: pd.DataFrame,
    reliable: pd.DataFrame,
    primaries: Sequence[str],
    codebook: Codebook,
    config: Config,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Exceptions and their sensitivity, from frames as a ``Comparison`` holds them.

    Exceptions: pair, rule (A to F), reason, figures, data, next_step; one row a pair and rule, pairs in
    natural order, sponsors' pairs left out. A rule that lacks its data has one row at the end with an empty
    pair and a reason that begins "not judged". Sensitivity: rule, threshold (words), stricter, as_set, looser
    (number of pairs listed with the threshold moved by 0.25; None where nothing is judged or can be moved).
    """
    import pandas as pd

    from auditkit.roster import natural_key

    own = pairs[~pairs.sponsor]
    rows = table[(table.level == "pair") & table.pair.isin(own.pair) & table.measure.isin(primaries)]
    rows = rows[rows.change.notna() & (not (pairs.state == "unlinked").any())]
    scales, gaps = rows[rows.kind == "scale"], rows[rows.kind == "gap"]
    themes = themes_by_pair[themes_by_pair.pair.isin(own.pair) & themes_by_pair.theme.isin(_named(codebook))]
    points = dict(zip(reliable.measure, reliable.threshold, strict=True))
    low, growth = config.compare.low_mean, config.compare.gap_growth

    rules: dict[str, tuple[str, str, Callable[[float], Found]]] = {
        "A": (
            _range([points[name] for name in primaries if name in points]),
            "fell beyond measurement error on a main question",
            lambda step: _fell(scales, points, step),
        ),
        "B": (
            f"{low:.1f} at repeat",
            f"main questions below {low:.1f} and not improved",
            lambda step: _low(scales, points, low - step),
        ),
        "C": (
            f"{growth:.2f} points, main question",
            f"the two views moved {growth:.2f} points or more apart on a main question",
            lambda step: _apart(gaps, growth + step),
        ),
        "D": (
            "all partners",
            "both partners name trust or communication as a problem",
            lambda _: _named_by_all(themes),
        ),
        "E": ("any", "re-formed or dissolved during the year", lambda _: _changed(own)),
        "F": ("8 weeks", "no meeting for eight weeks", lambda _: {}),
    }
    lacking = _lacking(pairs, scales, gaps, themes)
    complete = {pair: _data(pair, own, scales, len(primaries)) for pair in own.pair}
    state = dict(zip(own.pair, own.state, strict=True))
    listed: list[tuple[str, ...]] = []
    counts: list[tuple[str, str, int | None, int | None, int | None]] = []
    for rule, (threshold, reason, judge) in rules.items():
        if rule in lacking:
            counts.append((rule, threshold, None, None, None))
            continue
        hits = judge(0.0)
        stricter, looser = (len(judge(step)) if rule in "ABC" else None for step in (STEP, -STEP))
        counts.append((rule, threshold, stricter, len(hits), looser))
        for pair, figures in hits.items():
            why = f"{state[pair]} during the year" if rule == "E" else reason
            listed.append((pair, rule, why, figures, complete[pair], NEXT_STEPS[rule]))
    listed.sort(key=lambda row: (natural_key(row[0]), row[1]))
    listed += [("", rule, f"not judged: {why}", "", "", "") for rule, why in lacking.items()]
    return pd.DataFrame(listed, columns=EXCEPTIONS), pd.DataFrame(counts, columns=SENSITIVITY, dtype=object)


def _lacking(pairs: pd.DataFrame, scales: pd.DataFrame, gaps: pd.DataFrame, themes: pd.DataFrame) -> dict[str, str]:
    unlinked = "people cannot be matched between the rounds"
    nothing = unlinked if (pairs.state == "unlinked").any() else "no pair compared"
    lacking: dict[str, str] = {}
    if scales.empty:
        lacking |= {"A": f"{nothing} on a main question", "B": f"{nothing} on a main question"}
    if gaps.empty:
        lacking["C"] = f"{nothing} with a doctor and a manager"
    if themes.empty:
        lacking["D"] = f"{nothing} on the themes trust (T01) and communication (T02)"
    return lacking | {"F": "needs a meetings log"}


def _fell(scales: pd.DataFrame, points: dict[str, float], step: float) -> Found:
    hits: Found = {}
    row: Any
    for row in scales.itertuples(index=False):
        threshold = points[row.measure] * math.sqrt(2 / row.n_after) + step
        if round(row.change, 9) <= -round(threshold, 9):
            _add(hits, row.pair, f"{_capital(row.label)} {_moved(row)}")
    return hits


def _low(scales: pd.DataFrame, points: dict[str, float], low: float) -> Found:
    hits: Found = {}
    for pair, part in scales.groupby("pair", sort=False):
        before, after = part.before.mean(), part.after.mean()
        errors = [points[name] * math.sqrt(2 / n) for name, n in zip(part.measure, part.n_after, strict=True)]
        threshold = math.fsum(errors) / len(errors)
        if round(after, 9) < round(low, 9) and round(after - before, 9) < round(threshold, 9):
            hits[str(pair)] = f"Mean of main questions {before:.2f} → {after:.2f}"
    return hits


def _apart(gaps: pd.DataFrame, growth: float) -> Found:
    hits: Found = {}
    row: Any
    for row in gaps.itertuples(index=False):
        if round(row.change, 9) >= round(growth, 9):
            _add(hits, row.pair, f"{_capital(row.label)}, distance {_moved(row)}")
    return hits


def _named_by_all(themes: pd.DataFrame) -> Found:
    hits: Found = {}
    row: Any
    for row in themes[(themes.pole == "poor") & (themes.n_partners >= 2)].itertuples(index=False):
        if row.after == row.n_partners:
            _add(hits, row.pair, f"{row.label} as a problem, {row.after} of {row.n_partners} partners")
    return hits


def _changed(pairs: pd.DataFrame) -> Found:
    gone = pairs[pairs.state.isin(["dissolved", "re-formed"])]
    rows = zip(gone.pair, gone.state, gone.detail, strict=True)
    return {pair: _capital(f"{state}: {detail}") for pair, state, detail in rows}


def _named(codebook: Codebook) -> list[str]:
    return [theme.id for theme in codebook.accepted if NAMED_THEMES.get(theme.id, "\0") in theme.label.casefold()]


def _data(pair: str, pairs: pd.DataFrame, scales: pd.DataFrame, m: int) -> str:
    row = pairs[pairs.pair == pair].iloc[0]
    if row.state not in ("complete", "group"):
        return "not compared"
    have = int((scales.pair == pair).sum())
    return "complete" if have == m else f"{have} of {m} main questions"


def _add(hits: Found, pair: str, figures: str) -> None:
    hits[pair] = f"{hits[pair]}; {figures}" if pair in hits else figures


def _moved(row: object) -> str:
    before, after, change = (float(getattr(row, name)) for name in ("before", "after", "change"))
    return f"{before:.2f} → {after:.2f} ({change:+.2f})".replace("-", "−")


def _range(points: list[float]) -> str:
    if not points:
        return "beyond measurement error"
    low, high = f"{min(points):.2f}", f"{max(points):.2f}"
    return f"{low} points" if low == high else f"{low} to {high} points"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
