"""Ratings and facts as one value a person: which scales, items and main questions both rounds share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit.items import ALL_RATINGS

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.config import Config

OWN_FROM = 30
"""Respondents from which spread and reliability are taken from the audit's own baseline."""

VALUES = ["kind", "measure", "pole", "pair", "respondent", "value"]
MISSING = ["kind", "measure", "reason"]
RELIABLE = ["measure", "threshold", "sd", "reliability", "assumed"]


@dataclass(frozen=True)
class Measure:
    """A figure that a person gets from the ``items`` it joins. ``kind``: scale, item or fact."""

    kind: str
    id: str
    items: tuple[str, ...]
    primary: bool = False


def measures(
    before: pd.DataFrame, after: pd.DataFrame, config: Config
) -> tuple[tuple[Measure, ...], list[tuple[str, str, str]]]:
    """The measures of two ``ratings`` frames, and what cannot be compared (kind, measure, reason).

    Only items rated in both rounds count. Main questions: ``config.primaries`` (each joins scales or items);
    else those of the shipped questionnaire whose scales are all there; else ``ALL_RATINGS``. They come first,
    in the order named, then every other scale and every item, in natural order.
    """
    from auditkit.roster import natural

    asked = [frame[frame.scored.notna()] for frame in (before, after)]
    old, new = (set(frame["item"]) for frame in asked)
    items = natural(old & new)
    scale_of = {
        item: scale for frame in reversed(asked) for item, scale in zip(frame["item"], frame["scale"], strict=True)
    }
    scales = {
        scale: tuple(item for item in items if scale_of[item] == scale)
        for scale in natural(scale_of[item] for item in {*old, *new} if scale_of[item])
    }
    missing = [("item", item, _only(item in old)) for item in natural(old ^ new)]
    missing += [("scale", scale, "no item in both rounds") for scale, parts in scales.items() if not parts]
    scales = {scale: parts for scale, parts in scales.items() if parts}
    primaries: dict[str, tuple[str, ...]] = {}
    for name, parts in _primaries(scales, items, config).items():
        known = {part.casefold(): inside for part, inside in [*((i, (i,)) for i in items), *scales.items()]}
        lost = [part for part in parts if part.casefold() not in known]
        if lost:
            missing.append(("scale", name, f"not in both rounds: {', '.join(lost)}"))
        else:
            primaries[name] = tuple(dict.fromkeys(item for part in parts for item in known[part.casefold()]))
    found = [Measure("scale", name, joined, primary=True) for name, joined in primaries.items()]
    for scale, joined in scales.items():
        if joined not in primaries.values():
            found.append(Measure("scale", f"{scale} (scale)" if scale in primaries else scale, joined))
    return (*found, *(Measure("item", item, (item,)) for item in items)), missing


def named_primaries(found: tuple[Measure, ...], config: Config) -> int:
    """How many main questions were named, whatever could be tested: Holm's m."""
    return len(config.primaries) or sum(measure.primary for measure in found)


def facts(before: pd.DataFrame, after: pd.DataFrame) -> tuple[tuple[Measure, ...], list[tuple[str, str, str]]]:
    """The facts that both rounds ask for, and what cannot be compared (kind, measure, reason)."""
    from auditkit.roster import natural

    old, new = (set(frame["item"][frame["value"].notna()]) for frame in (before, after))
    found = tuple(Measure("fact", item, (item,)) for item in natural(old & new))
    return found, [("fact", item, _only(item in old)) for item in natural(old ^ new)]


def values(frame: pd.DataFrame, column: str, wanted: tuple[Measure, ...]) -> pd.DataFrame:
    """One row a person and measure: kind, measure, pole (""), pair, respondent, value.

    ``frame``: pair, respondent, item and ``column`` (``scored`` of ratings, ``value`` of facts). A value is
    the mean of the measure's items, given where at least two thirds of them are answered.
    """
    import pandas as pd

    wide = _wide(frame, column)
    parts = [pd.DataFrame(columns=VALUES)]
    for measure in wanted:
        answers = wide.reindex(columns=list(measure.items))
        enough = answers.notna().sum(axis=1) * 3 >= 2 * len(measure.items)
        score = answers.mean(axis=1)[enough & answers.notna().any(axis=1)]
        if len(score):
            part = score.rename("value").reset_index()
            parts.append(part.assign(kind=measure.kind, measure=measure.id, pole="")[VALUES])
    return pd.concat(parts[1:] or parts, ignore_index=True)


def reliable_changes(baseline: pd.DataFrame, wanted: tuple[Measure, ...], config: Config) -> pd.DataFrame:
    """How far a pair of two must move on each scale to be beyond measurement error.

    ``baseline``: the ``ratings`` of the first round without sponsors. Columns: measure, threshold (points,
    mean of two people), sd, reliability, assumed (bool). Spread and Cronbach's alpha come from the baseline
    itself where 30 respondents or more answered every item, else from audit.toml.
    """
    import pandas as pd

    from auditkit.agreement import cronbach_alpha
    from auditkit.statistics import reliable_change

    wide = _wide(baseline, "scored")
    rows = []
    for measure in wanted:
        if measure.kind != "scale":
            continue
        sd, reliability, assumed = config.compare.sd, config.compare.reliability, True
        full = wide.reindex(columns=list(measure.items)).dropna()
        if len(full) >= OWN_FROM and len(measure.items) >= 2:
            alpha = cronbach_alpha(full)
            if 0 < alpha < 1:
                sd, reliability, assumed = float(full.mean(axis=1).std(ddof=1)), alpha, False
        rows.append((measure.id, reliable_change(sd, reliability).pair, sd, reliability, assumed))
    return pd.DataFrame(rows, columns=RELIABLE)


def _wide(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    kept = frame[frame[column].notna() & (frame.pair != "")].sort_values(["pair", "respondent", "item", column])
    return kept.groupby(["pair", "respondent", "item"])[column].mean().unstack("item")


def _primaries(scales: dict[str, tuple[str, ...]], items: list[str], config: Config) -> dict[str, list[str]]:
    from auditkit.questionnaire import PRIMARIES

    if config.primaries:
        return dict(config.primaries)
    have = {scale.casefold() for scale in scales}
    shipped = {name: list(parts) for name, parts in PRIMARIES.items() if all(part.casefold() in have for part in parts)}
    return shipped or ({ALL_RATINGS: list(items)} if items else {})


def _only(in_before: bool) -> str:
    return f"asked in the {'first' if in_before else 'second'} round only"
