"""The programme's figures on ratings that may be released, every rule of disclosure applied.

What a pack says about more than its own reader comes from here and from ``theme_counts``. What may not be
shown is left out, and ``withheld`` says by which rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from auditkit import disclosure
from auditkit import pack_fields as fields
from auditkit.source import Source, Withheld, answered, label, of_people, pair_count, respondents
from auditkit.statistics import LEAST_PAIRS

if TYPE_CHECKING:
    from auditkit.scores import Measure
    from auditkit.source import People

NEAR = 0.05  # a change this close to the smallest one that matters is printed with two decimals
APART = 0.3  # points between doctors and managers from which the widest distance is named
VIEWED = ("doctor", "manager")
BESIDE_ISSUED = "an earlier pack counted a few people more or fewer: side by side, the two would show them"


@dataclass(frozen=True)
class Shown:
    """A scale that may be shown. ``counts``: pairs up, same and down; empty with one round."""

    measure: Measure
    change: fields.Change
    verdict: str
    counts: Mapping[str, int]

    @property
    def label(self) -> str:
        return label(self.measure.id)


def flow(source: Source) -> fields.Flow:
    """Who answered, by round, and who is counted. Numbers of people, never of answers."""
    everybody = answered(source)
    most = max(len(people) for people in everybody)
    rows = [
        fields.FlowRow(f"Answered, {name}", respondents(people), most, f"{respondents(people)} people")
        for name, people in zip(source.names, everybody, strict=True)
    ]
    counted, pairs = source.people[-1], pair_count(source.people[-1])
    units = f"{source.unit}s"
    notes = []
    title = f"{respondents(counted)} people in {pairs} {units} answered"
    if source.comparison is not None:
        every = pair_count(frozenset().union(*everybody))
        title = f"{pairs} of the {every} {units} can be compared"
    if source.is_linked:
        words = f"{respondents(counted)} people, {pairs} {units}"
        who = "both partners, both times" if source.unit == "pair" else "the same people, both times"
        rows.append(fields.FlowRow(f"Counted: {who}", respondents(counted), most, words))
        if respondents(counted) < most:
            notes.append(
                "Where the same people of a pair did not all answer both times, their answers were read but are "
                "counted in neither round here: counted in one round only, anybody could subtract and learn what "
                "they said."
            )
    if source.has_sponsors:
        notes.append("The sponsors answered too; they are left out of every figure.")
    return fields.Flow(title, "One dot is one person; the order means nothing.", tuple(rows), (), tuple(notes))


def changes(source: Source, withheld: Withheld) -> list[Shown]:
    """Each scale and main question that may be shown, with its figures."""
    shown = []
    for measure in source.measures:
        rules = [source.release(source.behind(measure.id, place)) for place in range(len(source.rounds))]
        barred = next((rule.rule for rule in rules if not rule.allowed), "")
        hidden = [source.hides(place, _behind(measure)) for place in range(len(source.rounds))]
        if not barred and all(hidden) and len(hidden) == 1:
            barred = BESIDE_ISSUED
        if barred:
            withheld.add(label(measure.id), barred)
            continue
        shown.append(_one_round(source, measure) if len(hidden) == 1 else _two_rounds(source, measure, hidden))
        for name, is_hidden in zip(source.names, hidden, strict=True):
            if is_hidden:
                withheld.add(f"Figures of {name}, and the size of changes", BESIDE_ISSUED)
    return _without_telling_parts(source, shown, withheld)


def verdicts(source: Source, shown: Sequence[Shown]) -> tuple[fields.Verdict, ...]:
    """Main questions, and the scales that belong to none, with the fixed words; counts in public words."""
    joined = {part.id for one in shown for part in source.parts(one.measure)}
    found = []
    for one in shown:
        if one.measure.id in joined:
            continue
        words = one.verdict
        if words.startswith("described only"):
            words = f"described only: {disclosure.direction_words(one.counts)}"
        detail = ", ".join(label(part.id).lower() for part in source.parts(one.measure))
        found.append(fields.Verdict(one.label, words, one.change, one.measure.primary, detail))
    return tuple(found)


def strip(source: Source, shown: Sequence[Shown]) -> fields.Strip | None:
    """Pairs up, same and down on the main questions, small counts hidden."""
    marks = tuple(
        fields.PairMark(one.label, disclosure.direction_marks(one.counts), disclosure.direction_words(one.counts))
        for one in shown
        if one.measure.primary
    )
    if not marks:
        return None
    rose, fell = (
        [row.label.lower() for row in marks if row.marks.count(way) * 2 > len(row.marks)] for way in ("up", "down")
    )
    sides = [f"{way} on {in_words(names)}" for way, names in (("up", rose), ("down", fell)) if names]
    unit = source.unit
    title = f"Most {unit}s went {', and '.join(sides)}" if sides else f"In which direction the {unit}s moved"
    partners = "of the two partners" if unit == "pair" else "of its people"
    return fields.Strip(
        title, f"One box is one {unit}. Up or down means any difference in the average {partners}.", marks
    )


def scales(source: Source, shown: Sequence[Shown]) -> fields.Scales | None:
    """Levels and changes of all scales, those of a main question under its name."""
    groups: dict[str, str] = {}
    for number, one in enumerate((one for one in shown if one.measure.primary), start=1):
        parts = source.parts(one.measure)
        for part in parts or (one.measure,):
            groups[part.id] = f"Main question {number}" + (f": {one.label.lower()}" if parts else "")
    kept = [one for one in shown if not source.parts(one.measure) and any(v is not None for v in one.change.levels)]
    order = [*dict.fromkeys(groups.values()), ""]
    kept.sort(key=lambda one: order.index(groups.get(one.measure.id, "")))
    if not kept:
        return None
    config = source.config
    numbers = sorted({one.change.n_pairs for one in kept})
    n = f", n = {numbers[0]} {source.unit}s" if len(numbers) == 1 else ""
    average = "Average of the two partners" if source.unit == "pair" else "Average of the groups"
    return fields.Scales(
        title=_moved(kept) if len(source.rounds) > 1 else _ranked(kept),
        subtitle=f"{average}, scale of {config.ratings.low} to {config.ratings.high}{n}. Negative statements are "
        "turned round, so further right is always better.",
        rows=tuple(fields.ScaleChange(one.label, one.change, groups.get(one.measure.id, "")) for one in kept),
        low=config.ratings.low,
        high=config.ratings.high,
        sesoi=config.compare.sesoi,
    )


def views(source: Source, shown: Sequence[Shown], withheld: Withheld) -> fields.Views | None:
    """Mean ratings of doctors and of managers; both roles must reach the threshold.

    Beside the mean of the pairs, the roles' means give away whoever is in no pair of one doctor and one manager:
    such people must be none, or enough.
    """
    asked = [one for one in shown if not source.parts(one.measure)]
    rows, numbers = [], set()
    for one in asked:
        means: dict[str, list[float | None]] = {role: [] for role in VIEWED}
        for place, known in enumerate(_known(one)):
            frame = _scores(source, one.measure, place)
            sides = [frame[frame["role"] == role] for role in VIEWED]
            rules = [source.release(_places(side)) for side in sides]
            odd = [part for _, part in frame.groupby("pair") if sorted(part["role"]) != list(VIEWED)]
            few_odd = 0 < sum(len(part) for part in odd) < source.config.thresholds.k_numbers
            allowed = known and all(rule.allowed for rule in rules) and not few_odd
            numbers.add(tuple(len(side) for side in sides))
            for role, side in zip(VIEWED, sides, strict=True):
                means[role].append(float(side["value"].mean()) if allowed else None)
        if any(value is not None for role in VIEWED for value in means[role]):
            rows.append(fields.ViewRow(one.label, tuple(means["doctor"]), tuple(means["manager"])))
    if len(rows) < len(asked) and source.has_roles:
        k = source.config.thresholds.k_numbers
        rule = f"fewer than {k} doctors or {k} managers, or a few people in no pair of both"
        withheld.add("Doctors' and managers' views apart" + (", of some scales" if rows else ""), rule)
    if not rows:
        return None
    n = ", {} lead doctors and {} senior managers".format(*numbers.pop()) if len(numbers) == 1 else ""
    subtitle = f"Average rating{n}. Neither view is the right one; the distance is what to talk about."
    return fields.Views(subtitle, tuple(rows), _apart(rows))


def spread(source: Source, shown: Sequence[Shown]) -> fields.Spread | None:
    """How the answers to each scale were spread, weighed as in its average, small options joined.

    So its mean is the average, and the two together tell no more than the spread alone. Were all answers or all
    people counted alike, whoever left one out, or a group of three, could be worked out from the two.
    """
    import pandas as pd

    low, high = source.config.ratings.low, source.config.ratings.high
    options = range(low, high + 1)
    rows = []
    for one in shown:
        if source.parts(one.measure):
            continue
        for place, known in enumerate(_known(one)):
            if not known:
                continue
            behind = source.behind(one.measure.id, place)
            ratings = of_people(source.rounds[place].responses.ratings, behind)
            ratings = ratings[ratings["item"].isin(one.measure.items) & ratings["scored"].notna()]
            answer = ratings["scored"].round().clip(low, high)
            chosen = pd.DataFrame({option: answer == option for option in options})
            alike = chosen.groupby([ratings["pair"], ratings["respondent"]]).mean()
            if source.counts_pairs:
                alike = alike.groupby("pair").mean()
            shares = alike.mean().tolist()
            gave = [ratings["respondent"][answer == option].nunique() for option in options]
            joined = disclosure.joined_options(gave)
            parts = _whole([sum(shares[first - 1 : last]) for first, last in joined])
            rows.append(
                fields.SpreadRow(
                    one.label,
                    source.names[place],
                    tuple(fields.Share(*ends, percent) for ends, percent in zip(joined, parts, strict=True)),
                    respondents(behind),
                )
            )
    if not rows:
        return None
    alike = f"each {source.unit if source.counts_pairs else 'person'} counted alike"
    made = fields.Spread(
        _agreed(rows, source.names[-1], len(options)),
        f"Share of answers to the statements of each scale, %, {alike}. Bars are centred on the middle answer; "
        "negative statements are turned round.",
        tuple(rows),
    )
    return made if (low, high) == (1, 5) else replace(made, options=tuple(str(option) for option in options))


def in_words(names: Sequence[str]) -> str:
    """Names joined as in a sentence: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _behind(measure: Measure) -> Any:
    return lambda source, place: source.behind(measure.id, place)


def _two_rounds(source: Source, measure: Measure, hidden: Sequence[bool]) -> Shown:
    assert source.comparison is not None
    table = source.comparison.table
    found = table[(table["level"] == "programme") & (table["kind"] == "scale") & (table["measure"] == measure.id)]
    row = found.iloc[0]
    counts = {name: int(row[name]) for name in ("up", "same", "down")}
    pairs = int(row["n_pairs"])
    levels = tuple(None if hide else float(row[side]) for side, hide in zip(("before", "after"), hidden, strict=True))
    if any(hidden):
        change = fields.Change(levels, pairs, withheld="not shown")
    elif pairs < LEAST_PAIRS:
        change = fields.Change(levels, pairs, withheld=f"too few {source.unit}s")
    else:
        digits = 2 if abs(abs(row["change"]) - source.config.compare.sesoi) < NEAR else 1
        ends = [None if value != value else float(value) for value in (row["low"], row["high"])]
        change = fields.Change(levels, pairs, float(row["change"]), ends[0], ends[1], digits)
    return Shown(measure, change, str(row["verdict"]), counts)


def _one_round(source: Source, measure: Measure) -> Shown:
    means = _scores(source, measure, 0).groupby("pair")["value"].mean()
    return Shown(measure, fields.Change((float(means.mean()),), len(means)), "", {})


def _without_telling_parts(source: Source, shown: list[Shown], withheld: Withheld) -> list[Shown]:
    """Leaves out scales of a main question that a few people more or fewer stand behind than behind the question:
    the question less its scales would be a figure about those few."""
    told: set[str] = set()
    for one in shown:
        parts = [part for part in source.parts(one.measure) if part.id in {other.measure.id for other in shown}]
        missing: dict[str, set[tuple[str, str]]] = {}
        for place in range(len(source.rounds)):
            whole = source.behind(one.measure.id, place)
            for part in parts:
                missing.setdefault(part.id, set()).update(whole ^ source.behind(part.id, place))
        if 0 < len(set().union(*missing.values())) < source.config.thresholds.k_numbers:
            told |= {part for part, people in missing.items() if people}
    for measure in sorted(told):
        withheld.add(label(measure), "a few people did not answer it: the main question beside it would show them")
    return [one for one in shown if one.measure.id not in told]


def _scores(source: Source, measure: Measure, place: int) -> Any:
    frame = source.scores[place]
    return of_people(frame[frame["measure"] == measure.id], source.behind(measure.id, place))


def _places(frame: Any) -> People:
    return frozenset(zip(frame["pair"], frame["respondent"], strict=True))


def _known(one: Shown) -> list[bool]:
    """Per round, whether its figures may be shown."""
    return [level is not None for level in one.change.levels]


def _moved(kept: Sequence[Shown]) -> str:
    """The finding of the chart of changes: what moved with an interval clear of zero."""
    clear = [one for one in kept if one.change.low is not None and one.change.high is not None]
    rose = sorted((o for o in clear if (o.change.low or 0) > 0), key=lambda o: (-(o.change.change or 0), o.label))
    fell = sorted((o for o in clear if (o.change.high or 0) < 0), key=lambda o: (o.change.change or 0, o.label))
    said = []
    if rose:
        said.append(f"{in_words([one.label.lower() for one in rose[:2]])} rose" + (" most" if len(rose) > 2 else ""))
    if fell:
        said.append(f"{in_words([one.label.lower() for one in fell[:2]])} fell" + (" most" if len(fell) > 2 else ""))
    if not said:
        return "No scale moved by more than chance would explain" if clear else "Where each scale stands"
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}"


def _ranked(kept: Sequence[Shown]) -> str:
    order = sorted(kept, key=lambda one: (-(one.change.levels[-1] or 0), one.label))
    if len(order) < 3:
        return "Where each scale stands"
    return f"Rated highest: {order[0].label.lower()}; lowest: {order[-1].label.lower()}"


def _apart(rows: Sequence[fields.ViewRow]) -> str:
    distances = [
        (abs(row.doctors[-1] - row.managers[-1]), row)
        for row in rows
        if row.doctors[-1] is not None and row.managers[-1] is not None
    ]
    if not distances or max(distance for distance, _ in distances) < APART:
        return ""
    row = max(distances, key=lambda one: one[0])[1]
    lower = "doctors" if (row.doctors[-1] or 0) < (row.managers[-1] or 0) else "managers"
    higher = "managers" if lower == "doctors" else "doctors"
    return f"The two groups stand furthest apart on {row.label.lower()}: {lower} rate it lower than {higher} do."


def _agreed(rows: Sequence[fields.SpreadRow], name: str, options: int) -> str:
    """The finding of the chart of spreads: where agreement is highest and lowest."""
    middle = (options + 1) / 2
    agree = [
        (sum(share.percent for share in row.shares if share.first > middle), row.label)
        for row in rows
        if row.round == name and not any(share.first <= middle < share.last for share in row.shares)
    ]
    if len(agree) < 2 or len({share for share, _ in agree}) < 2:
        return "How the answers to each scale were spread"
    most, least = max(agree, key=lambda one: one[0]), min(agree, key=lambda one: one[0])
    return f"Agreement is widest on {most[1].lower()}, least on {least[1].lower()}"


def _whole(shares: Sequence[float]) -> list[int]:
    """Whole per cents that add up to 100, by largest remainder."""
    exact = [round(100 * share, 9) for share in shares]
    whole = [int(value) for value in exact]
    order = sorted(range(len(shares)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: 100 - sum(whole)]:
        whole[i] += 1
    return whole
