"""The programme's figures that may be released, every rule of disclosure applied.

Everything that a pack says about more than its own reader comes from here. What may not be shown is left
out, and ``withheld`` says by which rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from auditkit import disclosure
from auditkit import pack_fields as fields

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.comparison import Comparison
    from auditkit.config import Config

NEAR = 0.05  # a change this close to the smallest one that matters is printed with two decimals
VIEWED = ("doctor", "manager")

People = frozenset[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Source:
    """What packs are made from: one round, or two with their comparison.

    ``issued``: pair and respondent of everybody in a baseline pack that was handed out already, or None.
    """

    rounds: Sequence[CodedRound]
    comparison: Comparison | None
    config: Config
    issued: People | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(coded.round for coded in self.rounds)

    @property
    def people(self) -> tuple[People, ...]:
        """Who is counted, per round: pair and respondent. Sponsors never; with two linked rounds the same
        people in both, namely complete pairs.
        """
        if self.comparison is not None and self.comparison.design == "linked":
            kept = self.comparison.pairs
            pairs = set(kept.pair[kept.state.isin(["complete", "group"]) & ~kept.sponsor])
            people = self.comparison.people
            matched = people[(people.state == "matched") & people.pair.isin(pairs)]
            same = frozenset(zip(matched.pair, matched.respondent, strict=True))
            return (same,) * len(self.rounds)
        return tuple(_answered(coded) for coded in self.rounds)

    @property
    def hides_before(self) -> bool:
        """A baseline pack already handed out counted a few people more or fewer: "before" would show them."""
        k = self.config.thresholds.k_numbers
        return self.issued is not None and disclosure.differs_by_few(self.issued, self.people[0], k)


@dataclass
class Withheld:
    """What is not shown and by which rule, gathered while the figures are made."""

    facts: list[fields.Fact] = field(default_factory=list)

    def add(self, what: str, rule: str) -> None:
        if not any(fact.term == what for fact in self.facts):
            self.facts.append(fields.Fact(what, rule))


def label(measure: str) -> str:
    """A scale, main question or item as it is printed."""
    from auditkit.questionnaire import PRIMARY_LABELS, SCALES

    text = SCALES.get(measure) or PRIMARY_LABELS.get(measure) or measure
    return text[:1].upper() + text[1:]


def flow(source: Source) -> fields.Flow:
    """Who answered, by round, and who is counted."""
    rows = []
    answered = [_answered(coded) for coded in source.rounds]
    most = max(len(people) for people in answered)
    for coded, people in zip(source.rounds, answered, strict=True):
        rows.append(fields.FlowRow(f"Answered, {coded.round}", len(people), most, f"{len(people)} people"))
    counted, pairs = source.people[-1], _pairs(source.people[-1])
    notes = ["The sponsors answered as a pair too; they are left out of every figure."] if _sponsors(source) else []
    title = f"{len(counted)} people in {pairs} pairs answered"
    if len(source.rounds) > 1 and source.comparison is not None and source.comparison.design == "linked":
        title = f"{pairs} pairs can be compared"
        rows.append(
            fields.FlowRow(
                "Counted here: both partners, both times",
                len(counted),
                most,
                f"{len(counted)} people, {pairs} pairs",
            )
        )
        notes.insert(
            0,
            "Where the same two people did not both answer both times, their answers were read but are counted "
            "in neither round here: counted in one round only, anybody could subtract and learn what they said.",
        )
    return fields.Flow(title, "One dot is one person. Filled: answered.", tuple(rows), (), tuple(notes))


def changes(source: Source, withheld: Withheld) -> list[tuple[dict[str, Any], fields.Change]]:
    """Each scale that may be shown: its row (measure, primary, verdict, up, same, down) and its figures."""
    rows = _one_round(source) if source.comparison is None else _two_rounds(source)
    shown = []
    for row in rows:
        rule = disclosure.release(int(row["people"]), int(row["pairs"]), source.config.thresholds)
        if not rule.allowed:
            withheld.add(label(row["measure"]), rule.rule)
            continue
        shown.append((row, _change(row, source)))
    if source.hides_before and shown:
        withheld.add(
            "Figures of the first round, and the size of changes",
            "the pack of the first round counted a few people more or fewer: side by side, the two would show them",
        )
    return shown


def verdicts(shown: list[tuple[dict[str, Any], fields.Change]]) -> tuple[fields.Verdict, ...]:
    """Main questions and what else was asked, with the fixed words; counts of pairs in public words."""
    from auditkit.questionnaire import PRIMARIES, SCALES

    found = []
    for row, change in shown:
        words = row["verdict"]
        if words.startswith("described only"):
            words = f"described only: {disclosure.direction_words(_counts(row))}"
        parts = PRIMARIES.get(row["measure"], ()) if row["primary"] else ()
        detail = ", ".join(SCALES.get(part, part).lower() for part in parts) if len(parts) > 1 else ""
        found.append(fields.Verdict(label(row["measure"]), words, change, bool(row["primary"]), detail))
    return tuple(found)


def strip(shown: list[tuple[dict[str, Any], fields.Change]]) -> fields.Strip | None:
    """Pairs up, same and down on the main questions, small counts hidden."""
    marks = tuple(
        fields.PairMark(
            label(row["measure"]),
            disclosure.direction_marks(_counts(row)),
            disclosure.direction_words(_counts(row)),
        )
        for row, _ in shown
        if row["primary"]
    )
    if not marks:
        return None
    return fields.Strip(
        "In which direction the pairs moved",
        "One box is one pair. Up or down means any difference in the average of the two partners.",
        marks,
    )


def scales(shown: list[tuple[dict[str, Any], fields.Change]], source: Source) -> fields.Scales | None:
    """Levels and changes of all scales, those of a main question under its name."""
    from auditkit.questionnaire import PRIMARIES

    names = source.config.primaries or PRIMARIES
    group = {part: name for name, parts in names.items() for part in parts}
    rows = tuple(
        fields.ScaleChange(
            label(row["measure"]), change, label(group[row["measure"]]) if row["measure"] in group else ""
        )
        for row, change in shown
        if not row["primary"] or row["measure"] not in names or len(names[row["measure"]]) == 1
    )
    if not rows:
        return None
    config = source.config
    return fields.Scales(
        title="Where each scale stood" if len(source.rounds) == 1 else "Where each scale stood, and stands",
        subtitle=f"Average of the partners of each pair, {config.ratings.low} to {config.ratings.high}.",
        rows=rows,
        low=config.ratings.low,
        high=config.ratings.high,
        sesoi=config.compare.sesoi,
    )


def views(source: Source, withheld: Withheld) -> fields.Views | None:
    """Mean ratings of doctors and of managers; both roles must reach the threshold."""
    ratings = [_scores(coded, people, source) for coded, people in zip(source.rounds, source.people, strict=True)]
    rows = []
    for measure in dict.fromkeys(name for frame in ratings for name in frame["measure"]):
        means: dict[str, list[float | None]] = {role: [] for role in VIEWED}
        for frame in ratings:
            part = frame[frame["measure"] == measure]
            allowed = all(
                disclosure.release(
                    part[part["role"] == role]["respondent"].nunique(),
                    part[part["role"] == role]["pair"].nunique(),
                    source.config.thresholds,
                ).allowed
                for role in VIEWED
            )
            for role in VIEWED:
                value = part[part["role"] == role]["value"].mean()
                means[role].append(float(value) if allowed and value == value else None)
        if source.hides_before:
            for role in VIEWED:
                means[role][0] = None
        if any(value is not None for role in VIEWED for value in means[role]):
            rows.append(fields.ViewRow(label(measure), tuple(means["doctor"]), tuple(means["manager"])))
    if not rows:
        k = source.config.thresholds.k_numbers
        withheld.add("Doctors' and managers' views apart", f"fewer than {k} doctors or {k} managers")
        return None
    return fields.Views("Average rating of the doctors and of the managers.", tuple(rows))


def spread(source: Source, withheld: Withheld, *, without: tuple[str, str] | None = None) -> fields.Spread | None:
    """How the answers to each scale were spread, small end answers joined.

    ``without``: pair and respondent of the reader; enough others must remain in every row.
    """
    low, high = source.config.ratings.low, source.config.ratings.high
    options = range(low, high + 1)
    rows = []
    for number, (coded, people) in enumerate(zip(source.rounds, source.people, strict=True)):
        if number == 0 and source.hides_before:
            continue
        ratings = _of(coded.responses.ratings, people)
        ratings = ratings[(ratings["scale"] != "") & ratings["scored"].notna()]
        for scale, part in ratings.groupby("scale", sort=True):
            who = part[["pair", "respondent"]].drop_duplicates()
            others = len(who) - int(without in set(zip(who["pair"], who["respondent"], strict=True)))
            rule = disclosure.release(len(who), who["pair"].nunique(), source.config.thresholds)
            if not rule.allowed or (without is not None and others < disclosure.OTHERS):
                withheld.add(f"Spread of answers: {label(str(scale))}", rule.rule or "too few others")
                continue
            gave = [part[part["scored"].round() == option]["respondent"].nunique() for option in options]
            joined = disclosure.joined_options(gave)
            total = len(part)
            shares = [
                sum(int((part["scored"].round() == options[option - 1]).sum()) for option in range(first, last + 1))
                for first, last in joined
            ]
            rows.append(
                fields.SpreadRow(
                    label(str(scale)),
                    coded.round,
                    tuple(
                        fields.Share(first, last, percent)
                        for (first, last), percent in zip(joined, _whole(shares, total), strict=True)
                    ),
                    len(who),
                )
            )
    if not rows:
        return None
    order = {row.label: position for position, row in enumerate(rows)}
    rows.sort(key=lambda row: order[row.label])
    made = fields.Spread(
        "How the answers were spread",
        "Share of the answers to the statements of each scale, negative statements turned round.",
        tuple(rows),
    )
    return made if (low, high) == (1, 5) else replace(made, options=tuple(str(option) for option in options))


def themes(source: Source, withheld: Withheld) -> fields.Themes | None:
    """People who named each theme, as a problem and as working well; few and nearly all in words."""
    thresholds = source.config.thresholds
    counts = [_named(coded, people) for coded, people in zip(source.rounds, source.people, strict=True)]
    rules = [disclosure.release(c["people"], c["pairs"], thresholds, comments=True) for c in counts]
    if not all(rule.allowed for rule in rules):
        withheld.add("Themes of the written answers", next(rule.rule for rule in rules if not rule.allowed))
        return None
    rows = []
    for theme in source.rounds[-1].codebook.accepted:
        sides = {}
        for pole in ("poor", "good"):
            sides[pole] = tuple(
                _hidden() if number == 0 and source.hides_before else _count(c, theme.id, pole, thresholds)
                for number, c in enumerate(counts)
            )
        rows.append(fields.ThemeRow(theme.label, sides["poor"], sides["good"]))
    people = counts[-1]["people"]

    def charted(side: str) -> tuple[fields.ThemeRow, ...]:
        def weight(row: fields.ThemeRow) -> int:
            last = getattr(row, side)[-1]
            return int(last.value if last.value is not None else last.low or 0)

        kept = [row for row in rows if any(count.words != disclosure.FEW_PEOPLE for count in getattr(row, side))]
        return tuple(sorted(kept, key=lambda row: (-weight(row), row.label)))

    return fields.Themes(
        title="What people wrote about",
        subtitle=f"People of {people} who named a theme, each counted once.",
        rows=tuple(rows),
        people=people,
        problem=charted("problem"),
        well=charted("well"),
        caption="Themes by the number of people who named them",
        notes=("Themes that only a few people named are not counted out.",),
    )


def exceptions(source: Source) -> str:
    """Pairs that stood still or went back, in public words; empty where that may not be said."""
    if source.comparison is None or source.comparison.design != "linked":
        return ""
    kept = source.comparison.pairs
    pairs = set(kept.pair[kept.state.isin(["complete", "group"]) & ~kept.sponsor])
    if len(pairs) < source.config.thresholds.k_pairs:
        return ""
    listed = {pair for pair in source.comparison.exceptions.pair if pair in pairs}
    words = disclosure.pairs_in_words(len(listed), len(pairs))
    return f"Pairs in which something important stood still or went back: {words} of {len(pairs)}."


def _change(row: dict[str, Any], source: Source) -> fields.Change:
    two = source.comparison is not None
    levels = (row["before"], row["after"]) if two else (row["after"],)
    if not two:
        return fields.Change((levels[0],), int(row["pairs"]))
    if source.hides_before:
        return fields.Change((None, row["after"]), int(row["pairs"]), withheld="not shown")
    digits = 2 if abs(abs(row["change"]) - source.config.compare.sesoi) < NEAR else 1
    return fields.Change(
        levels,
        int(row["pairs"]),
        change=row["change"],
        low=_number(row["low"]),
        high=_number(row["high"]),
        digits=digits,
    )


def _two_rounds(source: Source) -> list[dict[str, Any]]:
    comparison = source.comparison
    assert comparison is not None
    table = comparison.table
    part = table[(table["level"] == "programme") & (table["kind"] == "scale") & table["change"].notna()]
    rows = []
    for row in part.to_dict("records"):
        people = min(row["n_before"], row["n_after"])
        primary = row["measure"] in comparison.primaries
        rows.append({**row, "people": people, "pairs": row["n_pairs"], "primary": primary})
    return rows


def _one_round(source: Source) -> list[dict[str, Any]]:
    from auditkit import scores

    coded, people = source.rounds[0], source.people[0]
    frame = _scores(coded, people, source)
    ratings = coded.responses.ratings
    measures, _ = scores.measures(ratings, ratings, source.config)
    rows = []
    for measure in measures:
        part = frame[frame["measure"] == measure.id]
        if measure.kind != "scale" or not len(part):
            continue
        rows.append(
            {
                "measure": measure.id,
                "primary": measure.primary,
                "after": float(part.groupby("pair")["value"].mean().mean()),
                "people": len(part),
                "pairs": part["pair"].nunique(),
                "verdict": "",
            }
        )
    return rows


def _scores(coded: CodedRound, people: People, source: Source) -> pd.DataFrame:
    """Scale scores of the people counted: measure, pair, respondent, value, role."""
    from auditkit import scores

    ratings = _of(coded.responses.ratings, people)
    measures, _ = scores.measures(ratings, ratings, source.config)
    wanted = tuple(measure for measure in measures if measure.kind == "scale")
    frame = scores.values(ratings, "scored", wanted)
    roles = coded.responses.people[["pair", "respondent", "role"]].drop_duplicates(["pair", "respondent"])
    return frame.merge(roles, on=["pair", "respondent"], how="left")


def _named(coded: CodedRound, people: People) -> dict[str, Any]:
    """Who named what: people and pairs with content, and (theme, pole) to the set of people."""
    answers = _of(coded.responses.answers, people)
    codings = coded.codings[coded.codings["coded"]].merge(answers[["answer", "pair", "respondent"]], on="answer")
    named: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in codings.itertuples():
        for pole in ("poor", "good"):
            if row.pole in (pole, "mixed"):
                named.setdefault((row.theme, pole), set()).add((row.pair, row.respondent))
    return {"people": answers["respondent"].nunique(), "pairs": answers["pair"].nunique(), "named": named}


def _count(counts: dict[str, Any], theme: str, pole: str, thresholds: Any) -> fields.Count:
    who = counts["named"].get((theme, pole), set())
    of = counts["people"]
    number = len({respondent for _, respondent in who})
    if disclosure.is_few(number, _pairs(who), thresholds):
        top = thresholds.k_theme - 1
        return fields.Count(None, disclosure.FEW_PEOPLE, f"0-{top}", 0, top)
    if disclosure.is_nearly_all(number, of):
        return fields.Count(None, disclosure.NEARLY_ALL, f"{of - disclosure.FEW}+", of - disclosure.FEW, of)
    return fields.Count(number, str(number), str(number))


def _hidden() -> fields.Count:
    return fields.Count(None, "not shown")


def _answered(coded: CodedRound) -> People:
    people = coded.responses.people
    counted = people[~people["sponsor"] & (people["pair"] != "")]
    said = {
        place
        for frame in (coded.responses.answers, coded.responses.ratings)
        for place in zip(frame["pair"], frame["respondent"], strict=True)
    }
    return frozenset(zip(counted["pair"], counted["respondent"], strict=True)) & said


def _of(frame: pd.DataFrame, people: People) -> pd.DataFrame:
    return frame[[place in people for place in zip(frame["pair"], frame["respondent"], strict=True)]]


def _sponsors(source: Source) -> bool:
    return any(bool(coded.responses.people["sponsor"].any()) for coded in source.rounds)


def _pairs(people: frozenset[tuple[str, str]] | set[tuple[str, str]]) -> int:
    return len({pair for pair, _ in people})


def _counts(row: dict[str, Any]) -> dict[str, int]:
    return {name: int(row[name]) for name in ("up", "same", "down")}


def _number(value: float) -> float | None:
    return None if value != value else float(value)


def _whole(parts: Sequence[int], total: int) -> list[int]:
    """Whole per cents that add up to 100, by largest remainder."""
    exact = [100 * part / total for part in parts]
    whole = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: 100 - sum(whole)]:
        whole[i] += 1
    return whole
