"""Packs for each audience: the one door through which anything leaves the analyst's room.

A pack is a frozen object of plain strings and numbers with every rule of disclosure applied; templates can
reach nothing else. What a pair or one person gets is in ``own_packs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from auditkit import figures, standing, theme_counts
from auditkit.figures import in_words
from auditkit.pack_fields import Answer, Pack
from auditkit.source import Withheld, inside, pair_count, respondents
from auditkit.wording import signed

if TYPE_CHECKING:
    from auditkit.pack_fields import Change, Count, Fact, ThemeRow, Themes, Verdict
    from auditkit.source import Source

AUDIENCES = ("all", "sponsor", "pair", "individual", "coach", "analyst")
"""Whom a pack can be for. The analyst's "pack" is the working report; it lies in out/analyst."""

NOTHING_SHOWN = "Too few people answered for any figure to be shown"


@dataclass(frozen=True)
class Made:
    """With what and when a pack is made; ``final`` needs every answer reviewed."""

    made_with: str
    made_on: str
    final: bool = False


def for_all(source: Source, made: Made) -> Pack:
    """Results for everybody who took part."""
    return programme(source, made, "all_participants")


def for_sponsor(source: Source, made: Made) -> Pack:
    """The same account of the culture, with the number of exceptions by rule, in words."""
    units = f"{source.unit}s"
    return replace(
        programme(source, made, "sponsor"),
        title=f"What the {units} said, and what changed" if len(source.rounds) > 1 else f"What the {units} said",
        lede="For the sponsors. Everybody who took part receives the same account, and no later than you.",
        exception_counts=theme_counts.exceptions(source).counts,
    )


def for_coach(source: Source, made: Made) -> Pack:
    """The programme's results, and room for what the coachee hands over."""
    return replace(
        programme(source, made, "coach"),
        title="The programme's results, for coaching",
        lede="What everybody received. Anything about your coachee comes from the coachee alone.",
        questions=standing.COACH_QUESTIONS,
    )


def base(source: Source, made: Made, audience: str) -> Pack:
    """What every pack says of itself: programme, rounds, whether a draft."""
    reviewed = sum(coded.reviewed for coded in source.rounds)
    answers = sum(len(coded.responses.answers) for coded in source.rounds)
    waiting = reviewed < answers
    draft_note = "Everything is reviewed; the pack to hand over is made with --final."
    if waiting:
        draft_note = f"{100 * reviewed // answers}% of the answers are reviewed. Do not pass on."
    draft = waiting or not made.final
    about = source.config.programme
    return Pack(
        audience=audience,
        programme=about.name,
        rounds=source.names,
        short=source.names,
        title="",
        lede="",
        running=about.name,
        is_draft=draft,
        draft_words=standing.DRAFT if waiting else standing.NOT_FINAL,
        draft_note=draft_note if draft else "",
        agreement=_agreement(source) if waiting else "",
        contact=about.contact,
        made_with=made.made_with,
        made_on=made.made_on,
    )


@lru_cache(maxsize=4)
def programme(source: Source, made: Made, audience: str) -> Pack:
    """Everything that the whole programme may be told; worked out once for all pairs of a step."""
    withheld = Withheld()
    shown = figures.changes(source, withheld)
    themes = theme_counts.themes(source, withheld)
    two = len(source.rounds) > 1
    verdicts = figures.verdicts(source, shown) if two else ()
    exceptions = theme_counts.exceptions(source)
    views = figures.views(source, shown, withheld)
    people = source.people[-1]
    own = base(source, made, audience)
    k = source.config.thresholds
    methods = [standing.METHOD_RATINGS] if source.measures and two else []
    methods += [standing.METHOD_RATINGS_ONE_ROUND] if source.measures and not two else []
    methods += [standing.METHOD_THEMES] if any(len(answers) for answers in source.answers) else []
    return replace(
        own,
        title="What you told us, and what changed" if two else "What you told us",
        lede="For everybody who took part. The sponsors receive the same account, and no earlier than you.",
        running=f"{own.programme}, {' and '.join(source.names)}: results for everybody who took part",
        people=respondents(people),
        pairs=pair_count(people),
        unit=source.unit,
        agreement=own.agreement if themes else "",
        answer=_answer(source, verdicts, themes, exceptions.sentence, bool(shown)),
        flow=figures.flow(source),
        verdicts=verdicts,
        verdicts_note="The main questions are tested, the others described." if any(v.main for v in verdicts) else "",
        strip=figures.strip(source, shown) if two else None,
        exceptions=exceptions.paragraph,
        scales=figures.scales(source, shown),
        views=views,
        spread=figures.spread(source, shown),
        themes=themes,
        limits=standing.LIMITS if two else standing.LIMITS_ONE_ROUND,
        method=tuple(methods),
        rules=_rules(source),
        withheld=tuple(withheld.facts),
        smallest_group=(
            f"No number is shown about fewer than {k.k_numbers} people or fewer than {k.k_pairs} {source.unit}s, and "
            f"no theme named by fewer than {k.k_theme} people is counted."
        ),
    )


def file_stem(code: str) -> str:
    """A pair's code as part of a file name on every system."""
    stem = "".join(c if c.isalnum() or c in "-_." else "-" for c in code).strip(".-")[:LONGEST_STEM] or "pair"
    return f"{stem}-" if stem.partition(".")[0].casefold() in RESERVED else stem


LONGEST_STEM = 60
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
"""Names of devices, which Windows gives to no file."""


def _agreement(source: Source) -> str:
    """Expected agreement of the codes behind the figures, in words."""
    words = []
    for coded, answers in zip(source.rounds, source.answers, strict=True):
        behind = coded.codings[coded.codings["answer"].isin(answers["answer"])]
        words.append(replace(coded, codings=behind).agreement_words)
    if len(set(words)) == 1:
        return words[0]
    return "; ".join(f"{name}, {one}" for name, one in zip(source.names, words, strict=True))


def _rules(source: Source) -> tuple[Fact, ...]:
    """The rules that can have left something out of this pack."""
    rules = [*standing.RULES]
    if source.is_linked:
        rules.append(standing.RULE_OF_TWO_ROUNDS)
    if source.has_sponsors:
        rules.append(standing.RULE_OF_SPONSORS)
    return tuple(rules)


def _answer(
    source: Source, verdicts: Sequence[Verdict], themes: Themes | None, exceptions: str, has_ratings: bool
) -> Answer:
    said = _said(themes)
    next_steps = tuple(source.config.programme.next_steps)
    if not themes and not has_ratings:
        k = source.config.thresholds
        note = f"A figure needs {k.k_numbers} people from {k.k_pairs} {source.unit}s. What you wrote has been read."
        return Answer(f"{NOTHING_SHOWN}.", (), (), next_steps, note)
    people, units = respondents(source.people[-1]), f"{pair_count(source.people[-1])} {source.unit}s"
    if len(source.rounds) == 1:
        headline = "How things stand at the start"
        if themes and themes.problem:
            names = [inside(row.label) for row in themes.problem[:2]]
            headline = f"What gets in the way most: {'; '.join(names)}"
        return Answer(f"{headline}.", said, (), next_steps, f"Based on {people} people in {units}.")
    main = [verdict for verdict in verdicts if verdict.main]
    changed = [f"{verdict.label}: {verdict.verdict}{_points(verdict.change)}." for verdict in main]
    changed += [exceptions] if exceptions else []
    both = "who answered both times" if source.is_linked else "in the second round"
    return Answer(
        _headline(main, themes),
        said,
        tuple(changed),
        next_steps,
        f"Based on {people} people in {units} {both}. Two moments, no comparison group: this shows what changed "
        "between the rounds, not why it changed.",
    )


def _said(themes: Themes | None) -> tuple[str, ...]:
    """What was named most, in sentences."""
    if themes is None:
        return ()
    said = []
    for rows, side, words in ((themes.problem, "problem", "gets in the way"), (themes.well, "well", "works well")):
        if rows:
            first, *rest = [f"{inside(row.label)} ({_then(row, side)})" for row in rows[:3]]
            first = f"{first[:-1]} of {themes.people} people)" if first[-2].isdigit() else first
            said.append(f"Named most as what {words}: {', '.join([first, *rest])}.")
    return tuple(said)


def _then(row: ThemeRow, side: str) -> str:
    counts: tuple[Count, ...] = getattr(row, side)
    known = [count.words for count in counts if count.words != "not shown"]
    return ", then ".join(known)


def _headline(main: Sequence[Verdict], themes: Themes | None) -> str:
    def named(*starts: str) -> list[str]:
        return [verdict.label.lower() for verdict in main if verdict.verdict.startswith(starts)]

    better = named("clear improvement", "small but consistent improvement")
    worse = named("clear worsening", "small but consistent worsening")
    maybe, maybe_worse = named("possible improvement"), named("possible worsening")
    rest = [v.label.lower() for v in main if v.label.lower() not in {*better, *worse, *maybe, *maybe_worse}]
    parts = []
    if better:
        parts.append(f"{in_words(better)} improved")
    if worse:
        parts.append(f"{in_words(worse)} went back")
    if maybe:
        parts.append(f"{in_words(maybe)} may have improved, with too few pairs to be sure")
    if maybe_worse:
        parts.append(f"{in_words(maybe_worse)} may have gone back, with too few pairs to be sure")
    if rest:
        parts.append(f"{in_words(rest)}: no sure change" if parts else f"No sure change in {in_words(rest)}")
    text = "; ".join(parts)
    if not text and themes and themes.problem:
        text = f"Named most as what gets in the way: {'; '.join(inside(row.label) for row in themes.problem[:2])}"
    text = text or "Too little to say what changed"
    return f"{text[:1].upper()}{text[1:]}."


def _points(change: Change) -> str:
    return "" if change.change is None else f", {signed(change.change, change.digits)} points"
