"""Packs for one pair and for one person: the only ones that may hold anything of their reader.

A pair's level 0 pack depends on nothing that the two answered or chose, nor on whether they answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditkit import disclosure, standing
from auditkit.errors import AuditkitError, Refused
from auditkit.pack import base, file_stem, programme
from auditkit.pack_fields import Own, OwnAnswer, OwnRating, Pack, Pair, PairRating, Partner, Scales
from auditkit.source import label

if TYPE_CHECKING:
    from auditkit.pack import Made
    from auditkit.source import Source

ROLE_WORDS = {"doctor": "lead doctor", "manager": "senior manager"}
LEVEL_1 = "-level-1"
"""At the end of the file's name of a level 1 pack."""
LETTERS = (Partner("A", "first partner"), Partner("B", "second partner"))
"""Where the sheet names no roles."""


def for_pair(source: Source, made: Made, pair: str) -> Pack:
    """Level 0: programme figures, questions and blank grids."""
    known_pair(source, pair)
    pack = programme(source, made, "pair")
    blank = Pair(pair, statements=standing.STATEMENTS, decisions=standing.DECISIONS)
    if source.unit == "group":
        blank = Pair(pair)
    elif not source.has_roles:
        blank = replace(blank, partners=LETTERS)
    return replace(
        pack,
        level=0,
        title="For the two of you" if source.unit == "pair" else "For your group",
        lede="A starting point for a conversation: how the whole programme answered, and room for your own view.",
        running=f"{pack.programme}: for {pair}",
        draft_note="Do not pass on." if pack.is_draft else "",
        answer=None,
        flow=None,
        exceptions="",
        questions=standing.LEVEL_0_QUESTIONS,
        pair=blank,
        withheld=standing.WITHHELD_LEVEL_0,
    )


def side_by_side(source: Source, made: Made, pair: str) -> Pack:
    """Level 1: both partners' ratings, openly, where both agreed in every round shown.

    Raises Refused otherwise, in the same words whatever the reason; AuditkitError where there are no ratings.
    """
    known_pair(source, pair)
    if not source.measures:
        raise AuditkitError(
            "There are no ratings to set side by side.", "Leave out --level: the level 0 pack needs none."
        )
    people = [coded.responses.people for coded in source.rounds]
    present = [frame[frame["pair"] == pair] for frame in people]
    same = {tuple(sorted(set(frame["respondent"]))) for frame in present}
    consents = [answer for frame in present for answer in frame["consent_pair_ratings"]]
    partners = len(next(iter(same))) if len(same) == 1 else 0
    if disclosure.pair_level(1, consents, partners) < 1 or pair in source.declined_since:
        raise Refused(
            f"{pair}: no level 1 pack can be made.",
            "Hand over the level 0 pack. Level 1 needs two partners who both agreed, in every round shown.",
        )
    roles = {row.respondent: row.role for frame in present for row in frame.itertuples()}
    order = sorted(roles, key=lambda respondent: (roles[respondent], respondent))
    own = base(source, made, "pair")
    return replace(
        own,
        level=1,
        title="Your ratings, side by side",
        lede="For the two of you, because you both agreed to it.",
        running=f"{own.programme}: for {pair}",
        draft_note="Do not pass on." if own.is_draft else "",
        people=2,
        pairs=1,
        questions=standing.LEVEL_1_QUESTIONS,
        pair=Pair(
            code=pair,
            partners=_partners([roles[respondent] for respondent in order]),
            ratings=_pair_ratings(source, pair, order),
            subtitle="Each mark is one person's mean of the statements of a scale; negative ones are turned round.",
        ),
        scales=_ends(source),
        withheld=standing.WITHHELD_LEVEL_1,
        agreement="",
    )


def for_individual(source: Source, made: Made, pair: str, respondent: str) -> Pack:
    """One respondent's own answers and ratings, beside what the programme may show."""
    own = base(source, made, "individual")
    spread = programme(source, made, "individual").spread
    rows = {(row.label, row.round): row for row in spread.rows} if spread else {}
    ratings = []
    for measure in source.scales:
        values = tuple(_value(source, place, measure.id, pair, respondent) for place in range(len(source.rounds)))
        if any(value is not None for value in values):
            name = label(measure.id)
            ratings.append(OwnRating(name, values, tuple(rows.get((name, one)) for one in source.names)))
    said = [coded.responses.answers for coded in source.rounds]
    mine = [frame[(frame["pair"] == pair) & (frame["respondent"] == respondent)] for frame in said]
    questions = dict.fromkeys(question for frame in mine for question in frame["question"])
    answers = tuple(
        OwnAnswer(question, tuple("\n".join(frame.loc[frame["question"] == question, "text"]) for frame in mine))
        for question in questions
    )
    return replace(
        own,
        title="Your own answers",
        lede="For you alone: what you answered, beside how the whole programme answered.",
        running=f"{own.programme}: for one person",
        draft_note="Do not pass on." if own.is_draft else "",
        agreement="",
        spread=spread,
        scales=_ends(source) if source.measures else None,
        questions=standing.INDIVIDUAL_QUESTIONS,
        own=Own(pair=pair, code=respondent, ratings=tuple(ratings), answers=answers),
        withheld=standing.WITHHELD_INDIVIDUAL,
    )


def individuals(source: Source) -> list[tuple[str, str, str]]:
    """Everybody who answered any round: pair, respondent, and the name of the file without its ending.

    The name holds the pair's code and the role, a number where two share it; never the respondent's code.
    Nobody, where nothing says who wrote which row.
    """
    from auditkit.roster import natural_key

    if not all(coded.responses.linked for coded in source.rounds):
        return []
    roles: dict[tuple[str, str], str] = {}
    for coded in source.rounds:
        for row in coded.responses.people.itertuples():
            roles[(row.pair, row.respondent)] = row.role.removeprefix("sponsor_") or "person"
    order = sorted(roles.items(), key=lambda item: (natural_key(item[0][0]), item[1], item[0][1]))
    of_pair = stems(source)
    names = _unlike([f"{of_pair[pair]}-{role}" if pair else role for (pair, _), role in order])
    return [(pair, respondent, name) for ((pair, respondent), _), name in zip(order, names, strict=True)]


def pairs(source: Source) -> list[str]:
    """Codes of all pairs in any round, in natural order."""
    from auditkit.roster import natural

    return natural(pair for coded in source.rounds for pair in coded.responses.people["pair"] if pair)


def stems(source: Source) -> dict[str, str]:
    """Pair to the name of its file without the ending, another for each."""
    codes = pairs(source)
    names = [file_stem(code) for code in codes]
    names = [f"{name}-pair" if name.casefold().endswith(LEVEL_1) else name for name in names]
    return dict(zip(codes, _unlike(names), strict=True))


def known_pair(source: Source, pair: str) -> None:
    """Raise AuditkitError, naming the nearest codes, where there is no such pair."""
    import difflib

    known = pairs(source)
    if pair not in known:
        near = difflib.get_close_matches(pair, known, n=3, cutoff=0.5)
        hint = f"Nearest: {', '.join(near)}." if near else f"Pairs: {', '.join(known[:12])}."
        raise AuditkitError(f'There is no pair "{pair}".', hint)


def _unlike(stems: Sequence[str]) -> list[str]:
    """The stems with a number after each that is taken, whatever its capitals."""
    found: list[str] = []
    taken: set[str] = set()
    for stem in stems:
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        found.append(name)
    return found


def _ends(source: Source) -> Scales:
    """No scale, but the ends of the answer scale for the charts of one person or pair."""
    return Scales("", "", (), source.config.ratings.low, source.config.ratings.high)


def _value(source: Source, place: int, measure: str, pair: str, respondent: str) -> float | None:
    frame = source.scores[place]
    found = frame["value"][
        (frame["measure"] == measure) & (frame["pair"] == pair) & (frame["respondent"] == respondent)
    ]
    return float(found.iloc[0]) if len(found) else None


def _partners(roles: Sequence[str]) -> tuple[Partner, ...]:
    plain = [role.removeprefix("sponsor_") for role in roles]
    if sorted(plain) == ["doctor", "manager"]:
        return tuple(Partner(role[0].upper(), ROLE_WORDS[role]) for role in plain)
    return LETTERS


def _pair_ratings(source: Source, pair: str, order: Sequence[str]) -> tuple[PairRating, ...]:
    found = []
    for measure in source.scales:
        ratings = tuple(
            tuple(_value(source, place, measure.id, pair, who) for who in order) for place in range(len(source.rounds))
        )
        if all(value is None for both in ratings for value in both):
            continue
        apart = tuple(_distance(*both) for both in ratings)
        moves: tuple[float | None, ...] = ()
        apart_change = None
        if len(ratings) > 1:
            moves = tuple(_minus(new, old) for old, new in zip(ratings[0], ratings[-1], strict=True))
            apart_change = _minus(apart[-1], apart[0])
        found.append(PairRating(label(measure.id), ratings, apart, moves, apart_change))
    return tuple(found)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _distance(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else abs(one - other)
