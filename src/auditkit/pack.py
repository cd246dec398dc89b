"""Packs for each audience: the one door through which anything leaves the analyst's room.

A pack is a frozen object of plain strings and numbers with every rule of disclosure applied; templates can
reach nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from auditkit import disclosure, figures, standing
from auditkit.errors import AuditkitError, Refused
from auditkit.figures import Source, Withheld
from auditkit.pack_fields import (
    Answer,
    Fact,
    Own,
    OwnAnswer,
    OwnRating,
    Pack,
    Pair,
    PairRating,
    Partner,
    Scales,
)

if TYPE_CHECKING:
    from auditkit.pack_fields import Change, Themes, Verdict

AUDIENCES = ("all", "sponsor", "pair", "individual", "coach", "analyst")
"""Whom a pack can be for. The analyst's "pack" is the working report; it lies in out/analyst."""

ROLE_WORDS = {"doctor": "lead doctor", "manager": "senior manager"}


@dataclass(frozen=True)
class Made:
    """With what and when a pack is made; ``final`` needs every answer reviewed."""

    made_with: str
    made_on: str
    final: bool = False


def for_all(source: Source, made: Made) -> Pack:
    """Results for everybody who took part."""
    return _programme(source, made, "all_participants")


def for_sponsor(source: Source, made: Made) -> Pack:
    """The same account of the culture, with the number of exceptions in words."""
    pack = _programme(source, made, "sponsor")
    words = figures.exceptions(source)
    counts = (Fact("Exceptions", words),) if words else ()
    return replace(
        pack,
        title="What the pairs said, and what changed" if len(source.rounds) > 1 else "What the pairs said",
        lede="For the sponsors. Everybody who took part receives the same account, and no later than you.",
        exception_counts=counts,
    )


def for_coach(source: Source, made: Made) -> Pack:
    """The programme's results, and room for what the coachee hands over."""
    return replace(
        _programme(source, made, "coach"),
        title="The programme's results, for coaching",
        lede="What everybody received. Anything about your coachee comes from the coachee alone.",
        questions=standing.COACH_QUESTIONS,
    )


def for_pair(source: Source, made: Made, pair: str) -> Pack:
    """Level 0: programme figures, questions and blank grids. Nothing of it depends on the pair's answers."""
    _known_pair(source, pair)
    pack = _programme(source, made, "pair")
    return replace(
        pack,
        level=0,
        title="For the two of you",
        lede="A starting point for a conversation: how the whole programme answered, and room for your own view.",
        running=f"{pack.programme}: for {pair}",
        answer=None,
        exceptions="",
        questions=standing.LEVEL_0_QUESTIONS,
        pair=Pair(code=pair, statements=standing.STATEMENTS, decisions=standing.DECISIONS),
        withheld=standing.WITHHELD_LEVEL_0,
    )


def side_by_side(source: Source, made: Made, pair: str) -> Pack:
    """Level 1: both partners' ratings, openly, where both agreed in every round shown.

    Raises Refused otherwise, in the same words whatever the reason.
    """
    _known_pair(source, pair)
    people = [coded.responses.people for coded in source.rounds]
    present = [frame[frame["pair"] == pair] for frame in people]
    same = {tuple(sorted(set(frame["respondent"]))) for frame in present}
    consents = [answer for frame in present for answer in frame["consent_pair_ratings"]]
    partners = len(next(iter(same))) if len(same) == 1 else 0
    if disclosure.pair_level(1, consents, partners) < 1:
        raise Refused(
            f"{pair}: no level 1 pack can be made.",
            "Hand over the level 0 pack. Level 1 needs two partners who both agreed, in every round shown.",
        )
    roles = {row.respondent: row.role for frame in present for row in frame.itertuples()}
    order = sorted(roles, key=lambda respondent: (roles[respondent], respondent))
    base = _base(source, made, "pair")
    return replace(
        base,
        level=1,
        title="Your ratings, side by side",
        lede="For the two of you, because you both agreed to it.",
        running=f"{base.programme}: for {pair}",
        people=2,
        pairs=1,
        questions=standing.LEVEL_1_QUESTIONS,
        pair=Pair(
            code=pair,
            partners=_partners([roles[respondent] for respondent in order]),
            ratings=_pair_ratings(source, pair, order),
            subtitle="Each mark is one person's mean of the statements of a scale. Negative statements are turned round.",
        ),
        scales=Scales("", "", (), source.config.ratings.low, source.config.ratings.high),
        withheld=standing.WITHHELD_LEVEL_1,
        agreement="",
    )


def for_individual(source: Source, made: Made, pair: str, respondent: str) -> Pack:
    """One respondent's own answers and ratings, beside what the programme may show."""
    import pandas as pd

    base = _programme(source, made, "individual")
    withheld = Withheld(list(standing.WITHHELD_INDIVIDUAL))
    spread = figures.spread(source, withheld, without=(pair, respondent))
    rows = {(row.label, row.round): row for row in spread.rows} if spread else {}
    scores = []
    for coded in source.rounds:
        frame = figures._scores(coded, frozenset({(pair, respondent)}), source)
        scores.append({figures.label(row.measure): float(row.value) for row in frame.itertuples()})
    labels = sorted({label for label, _ in rows} | {label for one in scores for label in one})
    ratings = tuple(
        OwnRating(
            label,
            tuple(one.get(label) for one in scores),
            tuple(rows.get((label, name)) for name in source.names),
        )
        for label in labels
        if any(label in one for one in scores)
    )
    own = [
        coded.responses.answers[
            (coded.responses.answers["pair"] == pair) & (coded.responses.answers["respondent"] == respondent)
        ]
        for coded in source.rounds
    ]
    questions = list(dict.fromkeys(question for question in pd.concat(own)["question"]))
    answers = tuple(
        OwnAnswer(question, tuple("\n".join(frame.loc[frame["question"] == question, "text"]) for frame in own))
        for question in questions
    )
    return replace(
        base,
        title="Your own answers",
        lede="For you alone: what you answered, beside how the whole programme answered.",
        running=f"{base.programme}: for one person",
        exceptions="",
        questions=standing.INDIVIDUAL_QUESTIONS,
        own=Own(code=respondent, ratings=ratings, answers=answers),
        withheld=tuple(withheld.facts),
    )


def individuals(source: Source) -> list[tuple[str, str, str]]:
    """Everybody who answered any round: pair, respondent, and the name of the file without its ending.

    The name holds the pair's code and the role, a number where two share it; never the respondent's code.
    """
    from auditkit.roster import natural_key

    roles: dict[tuple[str, str], str] = {}
    for coded in source.rounds:
        for row in coded.responses.people.itertuples():
            roles[(row.pair, row.respondent)] = row.role.removeprefix("sponsor_") or "person"
    found = []
    seen: dict[str, int] = {}
    for (pair, respondent), role in sorted(
        roles.items(), key=lambda item: (natural_key(item[0][0]), item[1], item[0][1])
    ):
        stem = file_stem(f"{pair}-{role}" if pair else role)
        seen[stem] = seen.get(stem, 0) + 1
        found.append((pair, respondent, stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"))
    return found


def pairs(source: Source) -> list[str]:
    """Codes of all pairs in any round, in natural order."""
    from auditkit.roster import natural

    return natural(pair for coded in source.rounds for pair in coded.responses.people["pair"] if pair)


def file_stem(code: str) -> str:
    """A pair's code as part of a file name on every system."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in code).strip(".") or "pair"


def _known_pair(source: Source, pair: str) -> None:
    import difflib

    known = pairs(source)
    if pair not in known:
        near = difflib.get_close_matches(pair, known, n=3, cutoff=0.5)
        hint = f"Nearest: {', '.join(near)}." if near else f"Pairs: {', '.join(known[:12])}."
        raise AuditkitError(f'There is no pair "{pair}".', hint)


def _base(source: Source, made: Made, audience: str) -> Pack:
    reviewed = sum(coded.reviewed for coded in source.rounds)
    answers = sum(len(coded.responses.answers) for coded in source.rounds)
    draft = not (made.final and reviewed == answers)
    programme = source.config.programme
    share = f"{reviewed} of {answers} answers reviewed ({reviewed / answers:.0%}). " if answers else ""
    return Pack(
        audience=audience,
        programme=programme.name,
        rounds=source.names,
        short=source.names,
        title="",
        lede="",
        running=programme.name,
        is_draft=draft,
        draft_note=f"{share}Do not pass on." if draft else "",
        agreement=source.rounds[-1].agreement_words if draft else "",
        contact=programme.contact,
        made_with=made.made_with,
        made_on=made.made_on,
    )


def _programme(source: Source, made: Made, audience: str) -> Pack:
    withheld = Withheld()
    shown = figures.changes(source, withheld)
    themes = figures.themes(source, withheld)
    two = len(source.rounds) > 1
    verdicts = figures.verdicts(shown)
    people = source.people[-1]
    base = _base(source, made, audience)
    k = source.config.thresholds
    when = " and ".join(source.names)
    return replace(
        base,
        title="What you told us, and what changed" if two else "What you told us",
        lede="For everybody who took part. The sponsors receive the same account, and no earlier than you.",
        running=f"{base.programme}, {when}: results for everybody who took part",
        people=len(people),
        pairs=len({pair for pair, _ in people}),
        answer=_answer(source, verdicts, themes, figures.exceptions(source), len(people)),
        flow=figures.flow(source),
        verdicts=verdicts if two else (),
        verdicts_note="The verdicts use fixed words, chosen by a rule and not by a writer.",
        strip=figures.strip(shown) if two else None,
        exceptions=figures.exceptions(source),
        scales=figures.scales(shown, source),
        views=figures.views(source, withheld),
        spread=figures.spread(source, withheld),
        themes=themes,
        limits=standing.LIMITS if two else standing.LIMITS_ONE_ROUND,
        method=(standing.METHOD_RATINGS, standing.METHOD_THEMES),
        rules=standing.RULES,
        withheld=tuple(withheld.facts),
        smallest_group=(
            f"No number is shown about fewer than {k.k_numbers} people or fewer than {k.k_pairs} pairs, and no "
            f"theme named by fewer than {k.k_theme} people is counted."
        ),
    )


def _answer(
    source: Source, verdicts: tuple[Verdict, ...], themes: Themes | None, exceptions: str, people: int
) -> Answer:
    said = []
    if themes:
        for side, words in (("problem", "gets in the way"), ("well", "works well")):
            rows = getattr(themes, side)[:3]
            if rows:
                named = ", ".join(f"{row.label.lower()} ({getattr(row, side)[-1].words})" for row in rows)
                said.append(f"Named most as what {words}: {named}.")
        said.append(f"Counted are people, of {themes.people}.")
    if len(source.rounds) == 1:
        headline = "How things stand at the start"
        if themes and themes.problem:
            headline = f"What gets in the way most is {_list([row.label.lower() for row in themes.problem[:2]])}."
        return Answer(headline, tuple(said), (), tuple(source.config.programme.next_steps), "")
    main = [verdict for verdict in verdicts if verdict.main]
    changed = [f"{verdict.label}: {verdict.verdict}{_points(verdict.change)}." for verdict in main]
    if exceptions:
        changed.append(exceptions)
    return Answer(
        _headline(main),
        tuple(said),
        tuple(changed),
        tuple(source.config.programme.next_steps),
        f"Based on {people} people. Two moments, no comparison group: this shows what changed between the rounds, "
        "not why it changed.",
    )


def _headline(main: Sequence[Verdict]) -> str:
    def named(*starts: str) -> list[str]:
        return [verdict.label.lower() for verdict in main if verdict.verdict.startswith(starts)]

    better, worse = (
        named("clear improvement", "small but consistent improvement"),
        named("clear worsening", "small but consistent worsening"),
    )
    maybe = named("possible improvement")
    rest = [v.label.lower() for v in main if v.label.lower() not in {*better, *worse, *maybe}]
    parts = []
    if better:
        parts.append(f"{_list(better)} improved")
    if worse:
        parts.append(f"{_list(worse)} went back")
    if maybe:
        parts.append(f"{_list(maybe)} may have improved, with too few pairs to be sure")
    if rest:
        parts.append(f"{_list(rest)}: no sure change")
    text = "; ".join(parts) or "Too little to say what changed"
    return f"{text[:1].upper()}{text[1:]}."


def _points(change: Change) -> str:
    if change.change is None:
        return ""
    sign = "+" if round(change.change, change.digits) > 0 else "−" if round(change.change, change.digits) < 0 else ""
    return f", {sign}{abs(change.change):.{change.digits}f} points"


def _list(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _partners(roles: Sequence[str]) -> tuple[Partner, ...]:
    plain = [role.removeprefix("sponsor_") for role in roles]
    if sorted(plain) == ["doctor", "manager"]:
        return tuple(Partner(role[0].upper(), ROLE_WORDS[role]) for role in plain)
    return tuple(Partner(letter, f"partner {letter}") for letter in ("A", "B"))


def _pair_ratings(source: Source, pair: str, order: Sequence[str]) -> tuple[PairRating, ...]:
    both = frozenset((pair, respondent) for respondent in order)
    rounds: list[dict[tuple[str, str], Any]] = []
    for coded in source.rounds:
        frame = figures._scores(coded, both, source)
        rounds.append({(row.measure, row.respondent): float(row.value) for row in frame.itertuples()})
    measures = list(dict.fromkeys(measure for one in rounds for measure, _ in one))
    scales = [measure for measure in measures if measure not in source.config.primaries] or measures
    found = []
    for measure in scales:
        ratings = tuple(tuple(one.get((measure, who)) for who in order) for one in rounds)
        apart = tuple(None if None in pair_ else abs(pair_[0] - pair_[1]) for pair_ in ratings)  # type: ignore[operator]
        moves: tuple[float | None, ...] = ()
        apart_change = None
        if len(rounds) > 1:
            moves = tuple(
                None if old is None or new is None else new - old
                for old, new in zip(ratings[0], ratings[-1], strict=True)
            )
            if apart[0] is not None and apart[-1] is not None:
                apart_change = apart[-1] - apart[0]
        found.append(PairRating(figures.label(measure), ratings, apart, moves, apart_change))
    return tuple(found)
