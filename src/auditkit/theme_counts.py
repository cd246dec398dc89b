"""How many people named each theme, as far as that may be released; and the pairs that call for attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit import disclosure
from auditkit import pack_fields as fields
from auditkit.source import Source, Withheld, inside, pair_count, respondents, sizes

if TYPE_CHECKING:
    from auditkit.source import People

POLES = ("poor", "good")
BESIDE_ISSUED = "an earlier pack counted a few people more or fewer"


@dataclass(frozen=True)
class Exceptions:
    """The pairs that call for attention: a sentence, a paragraph, and counts by rule if any tells more."""

    sentence: str = ""
    paragraph: str = ""
    counts: tuple[fields.Fact, ...] = ()


def themes(source: Source, withheld: Withheld) -> fields.Themes | None:
    """People who named each theme, as a problem and as working well; few and nearly all in words.

    With two rounds, of the questions asked in both and of the people compared: the comparison's counts.
    """
    places = range(len(source.rounds))
    if not any(len(answers) for answers in source.answers):
        return None
    rules = [source.release(source.heard(place), comments=True) for place in places]
    hidden = [source.hides(place, Source.heard) for place in places]
    barred = next((rule.rule for rule in rules if not rule.allowed), "") or (BESIDE_ISSUED if all(hidden) else "")
    if barred:
        withheld.add("Themes of the written answers", barred)
        return None
    for name, is_hidden in zip(source.names, hidden, strict=True):
        if is_hidden:
            withheld.add(f"Themes in {name}", BESIDE_ISSUED)
    named = [_named(source, place) for place in places]
    rows = []
    for theme, label in _compared(source).items():
        problem, well = (
            tuple(
                fields.Count(None, "not shown")
                if hidden[place]
                else count(source, source.heard(place), named[place].get((theme, pole), frozenset()))
                for place in places
            )
            for pole in POLES
        )
        rows.append(fields.ThemeRow(label, problem, well))
    people = respondents(source.heard(-1))
    wrote = "wrote something both times" if source.is_linked else "wrote something"
    sides = {side: _charted(rows, side) for side in ("problem", "well")}
    low, high = source.config.thresholds.k_theme - 1, people - disclosure.FEW
    one_group = ", or people of a single group," if _has_groups(source.heard(-1)) else ""
    return fields.Themes(
        title=_finding(sides),
        subtitle=f"People naming a theme, of {people} who {wrote}; each counted once a theme.",
        rows=tuple(rows),
        people=people,
        problem=sides["problem"],
        well=sides["well"],
        caption=f"Of {people} people. Up to {low}{one_group} are shown as “{disclosure.FEW_PEOPLE}”, {high} and more "
        f"as “{disclosure.NEARLY_ALL}”.",
        notes=tuple(_left_out(rows, side, words) for side, words in SIDES.items() if _left_out(rows, side, words)),
    )


SIDES = {"problem": "something in the way", "well": "something that works well"}


def count(source: Source, heard: People, named: People) -> fields.Count:
    """How many of those heard named it, as a number or as the zone that it lies in."""
    number, of = respondents(named), respondents(heard)
    thresholds = source.config.thresholds
    if disclosure.is_few(number, pair_count(named), thresholds):
        top = thresholds.k_theme - 1
        return fields.Count(None, disclosure.FEW_PEOPLE, "few" if _has_groups(heard) else f"0–{top}", 0, top)
    if disclosure.is_nearly_all(number, of):
        low = of - disclosure.FEW
        return fields.Count(None, disclosure.NEARLY_ALL, f"{low}+", low, of)
    return fields.Count(number, str(number), str(number))


def exceptions(source: Source) -> Exceptions:
    """Pairs in which something important stood still or went back, in public words; empty where few are compared."""
    if source.comparison is None or not source.is_linked:
        return Exceptions()
    pairs = {pair for pair, _ in source.people[-1]}
    if not source.release(source.people[-1]).allowed:
        return Exceptions()
    table = source.comparison.exceptions
    judged = {
        rule: words for rule, words in _rules(source).items() if rule not in set(table["rule"][table["pair"] == ""])
    }
    if not judged:
        return Exceptions()
    found = {rule: set(table["pair"][table["rule"] == rule]) & pairs for rule in judged}

    words = {rule: disclosure.pairs_in_words(len(listed), len(pairs)) for rule, listed in found.items()}
    every = disclosure.pairs_in_words(len(set().union(*found.values())), len(pairs))
    every = f"For {every} of the {len(pairs)} {source.unit}s"
    *others, last = judged.values()
    signs = f"{', '.join(others)}, or {last}" if others else last
    return Exceptions(
        sentence=f"{every} something important stood still or went backwards.",
        paragraph=f"{every} at least one sign called for attention: {signs}. Which they are is known to the "
        "facilitator alone, who offers each of them a conversation.",
        counts=tuple(fields.Fact(f"{judged[rule][:1].upper()}{judged[rule][1:]}", words[rule]) for rule in judged)
        if set(words.values()) != {disclosure.FEW_PAIRS}
        else (),
    )


def _has_groups(people: People) -> bool:
    """Whether any pair has three people or more: all who name a theme may then be of one group."""
    return max(sizes(people).values(), default=0) > 2


def _rules(source: Source) -> Mapping[str, str]:
    """What each rule that a comparison can judge says, in plain words."""
    compare = source.config.compare
    return {
        "A": "a main question went down by more than ratings wobble from week to week",
        "B": f"the main questions stayed below {compare.low_mean:g}",
        "C": f"the two views moved {compare.gap_growth:g} point{'' if compare.gap_growth == 1 else 's'} or more apart",
        "D": "all partners named trust or communication as a problem",
    }


def _compared(source: Source) -> dict[str, str]:
    """Id and label of the themes that both rounds are coded for."""
    known = {theme.id: theme.label for theme in source.rounds[-1].codebook.accepted}
    if source.comparison is None:
        return known
    table = source.comparison.table
    shared = set(table["measure"][(table["level"] == "programme") & (table["kind"] == "theme")])
    return {theme: label for theme, label in known.items() if theme in shared}


def _named(source: Source, place: int) -> dict[tuple[str, str], People]:
    """Theme and pole to the people who named it so."""
    from auditkit import presence

    values = presence.values(source.answers[place], source.rounds[place].codings, _compared(source))
    values = values[values["value"] > 0]
    return {
        key: frozenset(zip(part["pair"], part["respondent"], strict=True))
        for key, part in values.groupby(["measure", "pole"])
    }


def _charted(rows: list[fields.ThemeRow], side: str) -> tuple[fields.ThemeRow, ...]:
    """Rows with a number in any round, most named first."""

    def weight(row: fields.ThemeRow) -> tuple[int, str]:
        last = getattr(row, side)[-1]
        return -int(last.value if last.value is not None else last.low or 0), row.label

    return tuple(sorted((row for row in rows if not _is_silent(getattr(row, side))), key=weight))


def _is_silent(counts: tuple[fields.Count, ...]) -> bool:
    return all(one.value is None and not one.low for one in counts)


def _left_out(rows: list[fields.ThemeRow], side: str, words: str) -> str:
    silent = [row.label for row in rows if _is_silent(getattr(row, side))]
    if not silent:
        return ""
    return f"Named as {words} by {disclosure.FEW_PEOPLE}: {', '.join(silent)}."


def _finding(sides: Mapping[str, tuple[fields.ThemeRow, ...]]) -> str:
    parts = [
        f"{inside(rows[0].label)} as {words}"
        for rows, words in ((sides["problem"], "a problem"), (sides["well"], "working well"))
        if rows
    ]
    return f"Named most: {'; '.join(parts)}" if parts else "No theme was named by more than a few people"
