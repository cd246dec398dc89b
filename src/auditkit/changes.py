"""The rows of the comparison's table: change over all pairs and in each, for linked and unlinked rounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditkit.statistics import (
    DESCRIBED_ONLY,
    LEAST_PAIRS,
    PLACES,
    Interval,
    benjamini_hochberg,
    holm,
    newcombe,
    rank_biserial,
    signed_rank,
    t_interval,
    verdict,
    welch_interval,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from auditkit.config import Config

    Values = np.ndarray[tuple[int], np.dtype[np.float64]]

TABLE = ["level", "pair", "kind", "measure", "label", "pole", "n_pairs", "n_before", "n_after"]
TABLE += [
    "before",
    "after",
    "change",
    "low",
    "high",
    "up",
    "same",
    "down",
    "r_rb",
    "p",
    "p_adjusted",
    "verdict",
]

FIGURES = ["before", "after", "change", "low", "high", "r_rb", "p", "p_adjusted"]
CELLS = ["kind", "measure", "pole", "pair", "n", "before", "after"]
KEYS = ["kind", "measure", "pole"]

LEAST_NONZERO = 6
"""Pairs that must have changed at all before a p value is printed."""

Cell = tuple[int, float, float]
"""A pair's figure: people, before, after."""

NAN = float("nan")


@dataclass(frozen=True)
class Row:
    """What one row of the table is about. ``primary``: a main question, tested."""

    kind: str
    measure: str
    pole: str
    label: str
    primary: bool = False

    @property
    def exploratory(self) -> bool:
        """Whether a p is worked out for the appendix alone."""
        return self.kind in ("theme", "gap")


def persons(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """People with a value in both rounds: kind, measure, pole, pair, respondent, before, after; sorted."""
    keys = [*KEYS, "pair", "respondent"]
    both = before.rename(columns={"value": "before"}).merge(after.rename(columns={"value": "after"}), on=keys)
    return both.sort_values(keys, ignore_index=True)


def cells(people: pd.DataFrame, roles: pd.DataFrame) -> pd.DataFrame:
    """Each pair's figures: kind, measure, pole, pair, n (people), before, after.

    ``people``: as from ``persons``. ``roles``: pair, respondent, role.
    """
    import pandas as pd

    return pd.concat([_means(people), _gaps(people, roles)], ignore_index=True)


def _means(people: pd.DataFrame) -> pd.DataFrame:
    """Ratings and facts need two people of a pair in both rounds; themes, which are shares of people, one."""
    grouped = people.groupby([*KEYS, "pair"], sort=True)
    cells = grouped.agg(n=("before", "size"), before=("before", "mean"), after=("after", "mean")).reset_index()
    return cells[(cells.n >= 2) | (cells.kind == "theme")].reset_index(drop=True)[CELLS]


def _gaps(people: pd.DataFrame, roles: pd.DataFrame) -> pd.DataFrame:
    """Distance between doctor and manager on each scale; in a group, between the two roles' means."""
    import pandas as pd

    sides = []
    scales = people[people.kind == "scale"].merge(roles, on=["pair", "respondent"])
    for role in ("doctor", "manager"):
        chosen = scales[scales.role.isin([role, f"sponsor_{role}"])]
        means = chosen.groupby([*KEYS, "pair"], sort=True)[["before", "after"]].mean()
        sides.append(means.assign(n=chosen.groupby([*KEYS, "pair"]).size()))
    both = sides[0].merge(sides[1], left_index=True, right_index=True, suffixes=("_d", "_m"))
    cells = pd.DataFrame(
        {
            "n": both.n_d + both.n_m,
            "before": (both.before_d - both.before_m).abs(),
            "after": (both.after_d - both.after_m).abs(),
        }
    )
    return cells.reset_index().assign(kind="gap")[CELLS]


def linked(
    cells: pd.DataFrame,
    wanted: Sequence[Row],
    *,
    pairs: Sequence[str],
    sponsors: Sequence[str],
    m: int,
    thresholds: dict[str, float],
    config: Config,
    clusters: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The table of linked rounds; columns ``TABLE``.

    Programme rows come first, without the ``sponsors``, then a row a pair and measure. ``up``, ``same``
    and ``down`` count the pairs whose figure rose, stayed or fell (a fallen gap or problem is the better
    direction). Ratings, gaps and facts: mean over pairs. Themes: share of the people compared, with the
    interval of a ratio over pairs (the t interval where all pairs have as many people). Main questions:
    exact signed-rank, Holm over ``m``. Themes and gaps: exploratory p, Benjamini-Hochberg over the table.
    ``thresholds``: points per scale that a pair of two must move. ``clusters``: pair to the name of
    the pairs that share a person with it; intervals treat these as one draw (as many draws as clusters).
    """
    of: dict[tuple[str, ...], Cell] = {}
    cell: Any
    for cell in cells.itertuples(index=False):
        of[cell.kind, cell.measure, cell.pole, cell.pair] = (cell.n, cell.before, cell.after)
    own = [pair for pair in pairs if pair not in sponsors]
    programme = []
    for row in wanted:
        keys = [(row.kind, row.measure, row.pole, pair) for pair in own]
        found = [(of[key], (clusters or {}).get(key[-1], key[-1])) for key in keys if key in of]
        programme.append(_overall(row, [cell for cell, _ in found], [cluster for _, cluster in found]))
    _adjust(programme, wanted, m, config)
    rows = [line for line, *_ in programme]
    for pair in pairs:
        for row in wanted:
            one = of.get((row.kind, row.measure, row.pole, pair))
            if one or row.kind == "scale":
                rows.append(_one_pair(row, pair, one, thresholds.get(row.measure, NAN), config.ratings.high))
    return _frame(rows)


def _overall(row: Row, found: list[Cell], clusters: list[str]) -> tuple[dict[str, Any], Values, int]:
    import numpy as np

    n, before, after = np.array(found, dtype=float).reshape(-1, 3).T
    d = (after - before).round(PLACES)
    line = _line("programme", "", row) | _counts(d)
    line |= {"n_pairs": len(d), "n_before": int(n.sum()), "n_after": int(n.sum())}
    if not len(d):
        return line, d, 0
    share = n / n.mean() if row.kind == "theme" else np.ones(len(n))
    change = round(float((share * d).mean()), PLACES) + 0.0
    line |= {
        "before": float((share * before).mean()),
        "after": float((share * after).mean()),
        "change": change,
    }
    drawn = _by_cluster(share * (d - change), clusters)
    interval = t_interval((change + drawn * len(drawn) / len(d)).round(PLACES))
    line |= {"low": interval.low, "high": interval.high}
    tested = (d * n).round(PLACES) if row.kind == "theme" else d
    if row.kind == "scale":
        line["r_rb"] = rank_biserial(tested)
    due = row.primary or row.exploratory
    if due and len(d) >= LEAST_PAIRS and (tested != 0).sum() >= LEAST_NONZERO:
        line["p"] = signed_rank(tested).p
    return line, d, len(drawn)


def _by_cluster(values: Values, clusters: list[str]) -> Values:
    import numpy as np

    sums: dict[str, float] = dict.fromkeys(clusters, 0.0)
    for cluster, value in zip(clusters, values.tolist(), strict=True):
        sums[cluster] += value
    return np.array(list(sums.values()))


def _adjust(
    programme: list[tuple[dict[str, Any], Values, int]],
    wanted: Sequence[Row],
    m: int,
    config: Config,
) -> None:
    primaries = [line for (line, *_), row in zip(programme, wanted, strict=True) if row.primary]
    exploratory = [line for (line, *_), row in zip(programme, wanted, strict=True) if row.exploratory]
    for lines, adjust in ((primaries, lambda ps: holm(ps, m)), (exploratory, benjamini_hochberg)):
        for line, p in zip(lines, adjust([line["p"] for line in lines]), strict=True):
            line["p_adjusted"] = p
    for (line, d, draws), row in zip(programme, wanted, strict=True):
        if row.primary and (draws > 1 or len(d) < LEAST_PAIRS):
            interval = Interval(line["change"], line["low"], line["high"])
            line["verdict"] = verdict(len(d), d, line["p_adjusted"], m, interval, config.compare.sesoi)
        else:
            line["verdict"] = _described(line)


def _described(line: dict[str, Any], note: str = "") -> str:
    return DESCRIBED_ONLY.format(up=f"{note}{line['up']}", same=line["same"], down=line["down"])


def _one_pair(row: Row, pair: str, cell: Cell | None, threshold: float, top: float) -> dict[str, Any]:
    line = _line("pair", pair, row)
    if cell is None:
        return line | {"verdict": "not assessable"}
    n, before, after = cell
    change = round(after - before, PLACES)
    line |= {
        "n_pairs": 1,
        "n_before": n,
        "n_after": n,
        "before": before,
        "after": after,
        "change": after - before,
    }
    line |= {"up": int(change > 0), "same": int(change == 0), "down": int(change < 0)}
    if row.kind == "scale":
        line["verdict"] = pair_class(before, change, threshold * math.sqrt(2 / n), top)
    return line


def pair_class(before: float, change: float, threshold: float, top: float) -> str:
    """One pair's change against measurement error. ``top``: the highest rating there is."""
    if change <= -round(threshold, PLACES):
        return "worsened"
    if change >= round(threshold, PLACES):
        return "improved"
    return "already high" if before > top - threshold else "no reliable change"


def unlinked(
    before: pd.DataFrame,
    after: pd.DataFrame,
    wanted: Sequence[Row],
    *,
    pairs: Sequence[str],
    sponsors: Sequence[str],
) -> pd.DataFrame:
    """The table of rounds whose people cannot be matched: groups compared, nothing tested; columns ``TABLE``.

    ``before`` and ``after``: values of persons (kind, measure, pole, pair, respondent, value). Group rows
    (level "pair"): shares with Newcombe's interval, means with Welch's. Programme rows: the groups' figures
    weighted by w = n_before * n_after / (n_before + n_after), so that a change of the groups' sizes is no
    change. Their interval: for shares the groups' own joined by MOVER (Donner & Zou 2012); for means
    t * s / sqrt(sum of w), s the spread within groups and rounds. Means need two people of a group in each
    round, shares one.
    """
    sides = [
        {key: part.to_numpy(float) for key, part in side.sort_values("value").groupby([*KEYS, "pair"])["value"]}
        for side in (before, after)
    ]
    programme, groups = [], []
    for row in wanted:
        least = 1 if row.kind == "theme" else 2
        found = []
        for pair in pairs:
            a, b = (side.get((row.kind, row.measure, row.pole, pair)) for side in sides)
            if a is not None and b is not None and min(len(a), len(b)) >= least:
                found.append((_one_group(row, pair, a, b), a, b))
        groups += [line for line, _, _ in found]
        programme.append(_pooled(row, [group for group in found if group[0]["pair"] not in sponsors]))
    place = {pair: number for number, pair in enumerate(pairs)}
    return _frame([*programme, *sorted(groups, key=lambda line: place[line["pair"]])])


def _one_group(row: Row, pair: str, a: Values, b: Values) -> dict[str, Any]:
    interval = newcombe(int(a.sum()), len(a), int(b.sum()), len(b)) if row.kind == "theme" else welch_interval(a, b)
    before, after = float(a.mean()), float(b.mean())
    line = _line("pair", pair, row) | {"n_pairs": 1, "n_before": len(a), "n_after": len(b)}
    line |= {"before": before, "after": after, "change": after - before}
    line |= {"low": interval.low, "high": interval.high}
    change = round(after - before, PLACES)
    return line | {"up": int(change > 0), "same": int(change == 0), "down": int(change < 0)}


def _pooled(row: Row, groups: list[tuple[dict[str, Any], Values, Values]]) -> dict[str, Any]:
    lines = [line for line, _, _ in groups]
    overall = _line("programme", "", row) | {"n_pairs": len(groups)}
    for name in ("n_before", "n_after", "up", "same", "down"):
        overall[name] = sum(line[name] for line in lines)
    if groups:
        weights = [len(a) * len(b) / (len(a) + len(b)) for _, a, b in groups]
        total = math.fsum(weights)
        for name in ("before", "after", "change"):
            overall[name] = math.fsum(w * line[name] for w, line in zip(weights, lines, strict=True)) / total
        for end, sign in (("low", -1), ("high", 1)):
            if row.kind == "theme":
                squares = [(w * (line[end] - line["change"])) ** 2 for w, line in zip(weights, lines, strict=True)]
                half = math.sqrt(math.fsum(squares)) / total
            else:
                half = _half_within([values for _, *both in groups for values in both], total)
            overall[end] = overall["change"] + sign * half
    return overall | {"verdict": _described(overall, "unlinked, ")}


def _half_within(cells: Sequence[Values], total: float) -> float:
    from scipy.stats import t

    df = sum(len(values) - 1 for values in cells)
    squares = math.fsum(float(((values - values.mean()) ** 2).sum()) for values in cells)
    return float(t.ppf(0.975, df)) * math.sqrt(squares / df / total) if squares > 0 else NAN


def _counts(d: Values) -> dict[str, int]:
    return {"up": int((d > 0).sum()), "same": int((d == 0).sum()), "down": int((d < 0).sum())}


def _line(level: str, pair: str, row: Row) -> dict[str, Any]:
    line: dict[str, Any] = dict.fromkeys(TABLE, NAN)
    line |= {"level": level, "pair": pair, "kind": row.kind, "measure": row.measure, "label": row.label}
    line |= {"pole": row.pole, "verdict": ""}
    return line | dict.fromkeys(("n_pairs", "n_before", "n_after", "up", "same", "down"), 0)


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=TABLE)
    return frame.astype(dict.fromkeys(FIGURES, float))
