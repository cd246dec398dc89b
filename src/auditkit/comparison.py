"""Two rounds of the same audit, pair by pair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.changes import Row
    from auditkit.codebook import Codebook, Theme
    from auditkit.config import Config
    from auditkit.responses import Responses
    from auditkit.roster import Roster
    from auditkit.scores import Measure

LONGER = 0.30
"""Change of the median words an answer from which any rise in themes may come from length."""

MEETINGS, MEETINGS_APART = "MEET", 2
"""The fact that both partners of a pair count, and by how much their counts may differ."""

WORDS = ["round", "median_words", "answers"]
RATINGS = ["pair", "measure", "kind", "role", "respondent", "before", "after"]
THEMES = ["pair", "theme", "label", "pole", "before", "after", "n_partners"]


class CodedResponses(Protocol):
    """What ``compare`` needs of a round. An attribute ``codebook`` is heeded where there is one."""

    @property
    def responses(self) -> Responses: ...

    @property
    def codings(self) -> pd.DataFrame: ...


@dataclass(frozen=True, eq=False)
class Round:
    """One round: its responses, its codings (answer, theme, pole, coded, ...), and what it was coded with.

    ``codebook``: None means the one given to ``compare``.
    """

    responses: Responses
    codings: pd.DataFrame
    codebook: Codebook | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Change between two rounds. Frames:

    - ``table``: level (programme, pair), pair, kind (scale, item, gap, theme, fact), measure, label, pole
      (good, poor, any or ""), n_pairs, n_before, n_after (people), before, after, change, low, high (95 %
      interval), up, same, down (pairs whose figure rose, stayed, fell), r_rb, p, p_adjusted, verdict.
      Ratings in points, themes as the share of people compared, gaps as mean distance in points. Empty
      figures are NaN. Rows of level "pair" are there for sponsors' pairs too; rows of level "programme"
      never count them.
    - ``pairs``: pair, state, n_before, n_after, matched, sponsor, detail; ``people``: pair, respondent, role,
      sponsor, state, in_before, in_after; ``flow``: role, before, after, matched, compared (see ``roster``).
    - ``ratings``: pair, measure, kind (primary or scale), role, respondent, before, after; one row a matched
      person and scale.
    - ``themes_by_pair``: pair, theme, label, pole, before, after (partners who name it), n_partners; only of
      linked rounds.
    - ``exceptions`` and ``sensitivity``: see ``exceptions.find``.
    - ``words``: round, median_words, answers (those that enter the themes' comparison).
    - ``not_comparable``: kind, measure, reason.
    - ``reliable``: measure, threshold (points that a pair of two must move), sd, reliability, assumed.

    ``design``: linked or unlinked. ``primaries``: main questions compared, in order; ``m``: those named.
    ``notes``: sentences that belong beside the figures.
    """

    before: str
    after: str
    design: str
    table: pd.DataFrame
    pairs: pd.DataFrame
    people: pd.DataFrame
    flow: pd.DataFrame
    ratings: pd.DataFrame
    themes_by_pair: pd.DataFrame
    exceptions: pd.DataFrame
    sensitivity: pd.DataFrame
    words: pd.DataFrame
    not_comparable: pd.DataFrame
    reliable: pd.DataFrame
    primaries: tuple[str, ...]
    m: int
    notes: tuple[str, ...]


def compare(before: CodedResponses, after: CodedResponses, codebook: Codebook, config: Config) -> Comparison:
    """Compare two rounds pair by pair; the same for any order of rows.

    Raises AuditkitError where no row of a round names a pair.
    """
    import pandas as pd

    from auditkit import changes, exceptions, presence, roster, scores

    old, new = before.responses, after.responses
    link = roster.link(_answered(old), _answered(new), names=(old.round, new.round), linked=old.linked and new.linked)
    linked, compared = link.design == "linked", link.compared()
    sponsors = list(link.pairs.pair[link.pairs.sponsor])

    rated, lost_ratings = scores.measures(old.ratings, new.ratings, config)
    counted, lost_facts = scores.facts(old.facts, new.facts)
    *answers, lost_questions = presence.common_answers(old.answers, new.answers)
    themes, lost_themes = _themes(before, after, codebook, asked=bool(len(answers[0])))
    values = [
        pd.concat(
            [
                scores.values(side.responses.ratings, "scored", rated),
                scores.values(side.responses.facts, "value", counted),
                presence.values(said, side.codings, themes),
            ],
            ignore_index=True,
        )
        for side, said in zip((before, after), answers, strict=True)
    ]

    primaries = tuple(measure.id for measure in rated if measure.primary)
    m = scores.named_primaries(rated, config)
    reliable = scores.reliable_changes(old.ratings[~old.ratings.pair.isin(sponsors)], rated, config)
    people = changes.persons(*(side if linked else side.iloc[:0] for side in values))
    chosen = people[people.pair.isin(compared)]
    cells = changes.cells(chosen, link.people)
    wanted = _rows(rated, counted, themes, gaps=bool((cells.kind == "gap").any()))
    if linked:
        thresholds = dict(zip(reliable.measure, reliable.threshold, strict=True))
        table = changes.linked(
            cells,
            wanted,
            pairs=compared,
            sponsors=sponsors,
            m=m,
            thresholds=thresholds,
            config=config,
            clusters=link.clusters(),
        )
        heard = chosen[(chosen.kind == "theme") & ~chosen.pair.isin(sponsors)]
        answers = [said.merge(heard[["pair", "respondent"]].drop_duplicates()) for said in answers]
    else:
        table = changes.unlinked(values[0], values[1], wanted, pairs=compared, sponsors=sponsors)
        answers = [said[said.pair.isin(compared) & ~said.pair.isin(sponsors)] for said in answers]

    by_pair = _themes_by_pair(cells, themes)
    listed, sensitivity = exceptions.find(table, link.pairs, by_pair, reliable, primaries, codebook, config)
    words = pd.DataFrame(
        [(side.round, *presence.words(said)) for side, said in zip((old, new), answers, strict=True)],
        columns=WORDS,
    )
    missing = [*lost_ratings, *lost_facts, *lost_questions, *lost_themes]
    return Comparison(
        before=old.round,
        after=new.round,
        design=link.design,
        table=table,
        pairs=link.pairs,
        people=link.people,
        flow=link.flow,
        ratings=_ratings(people, link.people, primaries),
        themes_by_pair=by_pair,
        exceptions=listed,
        sensitivity=sensitivity,
        words=words,
        not_comparable=pd.DataFrame(missing, columns=scores.MISSING),
        reliable=reliable,
        primaries=primaries,
        m=m,
        notes=_notes(link, words, reliable, chosen, config),
    )


def _answered(responses: Responses) -> pd.DataFrame:
    """The people who answered anything at all: a row left empty is no answer."""
    import pandas as pd

    answers = responses.answers[responses.answers.text.str.strip() != ""]
    keys = ["pair", "respondent"]
    ratings = responses.ratings[responses.ratings.scored.notna()]
    said = pd.concat([frame[keys] for frame in (answers, ratings, responses.facts)])
    people: pd.DataFrame = responses.people[[*keys, "role", "sponsor"]].merge(said.drop_duplicates(), on=keys)
    if not (people.pair != "").any():
        raise AuditkitError(
            f'round "{responses.round}": no row with answers names a pair, so pairs cannot be compared',
            "Name the column of the pairs with --pair-column, or in [columns] of audit.toml.",
        )
    return people


def _themes(
    before: CodedResponses, after: CodedResponses, codebook: Codebook, *, asked: bool
) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Id to label of the themes that both rounds are coded for, and those that cannot be compared."""
    if not asked:
        return {}, [("theme", "", "no question with answers in both rounds")]
    known: list[dict[str, Theme]] = [
        {theme.id: theme for theme in (getattr(side, "codebook", None) or codebook).accepted}
        for side in (before, after)
    ]
    names = (before.responses.round, after.responses.round)
    shared, lost = {}, []
    for theme in codebook.accepted:
        uncoded = [name for name, themes in zip(names, known, strict=True) if theme.id not in themes]
        if uncoded:
            lost.append(("theme", theme.id, f"not yet coded in {' and '.join(uncoded)}"))
        elif len({_meaning(themes[theme.id]) for themes in known}) > 1:
            lost.append(("theme", theme.id, "the rounds were coded with different sentences for it"))
        else:
            shared[theme.id] = theme.label
    return shared, lost


def _meaning(theme: Theme) -> tuple[object, ...]:
    return theme.definition, theme.statements_good, theme.statements_poor, theme.statements


def _rows(rated: tuple[Measure, ...], counted: tuple[Measure, ...], themes: dict[str, str], *, gaps: bool) -> list[Row]:
    from auditkit.changes import Row
    from auditkit.presence import POLES

    scales = [measure for measure in rated if measure.kind == "scale"]
    rows = [Row(measure.kind, measure.id, "", _label(measure), measure.primary) for measure in rated]
    rows += [Row("gap", measure.id, "", _label(measure)) for measure in scales if gaps]
    rows += [Row("theme", theme, pole, label) for theme, label in themes.items() for pole in POLES]
    return [*rows, *(Row(fact.kind, fact.id, "", _label(fact)) for fact in counted)]


def _label(measure: Measure) -> str:
    """The shipped questionnaire's words for its own measures, else the measure's id."""
    from auditkit.questionnaire import PRIMARY_LABELS, SCALES, question_text

    texts = [question_text(item) for item in measure.items]
    if measure.kind != "scale":
        return texts[0] or measure.id
    return (PRIMARY_LABELS | SCALES).get(measure.id, measure.id) if all(texts) else measure.id


def _ratings(people: pd.DataFrame, roles: pd.DataFrame, primaries: tuple[str, ...]) -> pd.DataFrame:
    rows = people[people.kind == "scale"].merge(roles[["pair", "respondent", "role"]], on=["pair", "respondent"])
    rows["kind"] = ["primary" if measure in primaries else "scale" for measure in rows.measure]
    return rows.sort_values(["pair", "measure", "respondent"], key=_in_order, ignore_index=True)[RATINGS]


def _themes_by_pair(cells: pd.DataFrame, themes: dict[str, str]) -> pd.DataFrame:
    rows = cells[cells.kind == "theme"].rename(columns={"measure": "theme", "n": "n_partners"})
    named = {side: (rows[side] * rows.n_partners).round().astype(int) for side in ("before", "after")}
    rows = rows.assign(label=rows.theme.map(themes), **named)
    return rows.sort_values(["pair", "theme", "pole"], key=_in_order, ignore_index=True)[THEMES]


def _in_order(column: pd.Series[Any]) -> pd.Series[Any]:
    from auditkit.roster import natural

    place = {code: number for number, code in enumerate(natural(column))}
    return column.map(place)


def _notes(
    link: Roster, words: pd.DataFrame, reliable: pd.DataFrame, people: pd.DataFrame, config: Config
) -> tuple[str, ...]:
    from auditkit.scores import OWN_FROM

    notes = []
    if link.design == "unlinked":
        notes.append(
            "People cannot be matched between the rounds (unlinked): groups are compared and nothing is "
            "tested. The same people may be in both rounds, so intervals are approximate."
        )
    if link.without_pair:
        notes.append(f"{link.without_pair} people name no pair and are left out.")
    together: dict[str, list[str]] = {}
    for pair, cluster in link.clusters().items():
        if link.design == "linked" and pair in link.compared():
            together.setdefault(cluster, []).append(pair)
    shared = [_list(pairs) for pairs in together.values() if len(pairs) > 1]
    if shared:
        notes.append(f"Pairs that share a person are one draw in every interval: {'; '.join(shared)}.")
    groups = link.pairs[link.pairs.state == "group"]
    if len(groups):
        notes.append(
            f"Groups of three or more, compared by the mean of the people in both rounds: {_list(groups.pair)}."
        )
    old, new = words.median_words
    if old > 0 and abs(new / old - 1) > LONGER:
        longer = "longer" if new > old else "shorter"
        notes.append(
            f"Answers are {abs(new / old - 1):.0%} {longer} in {words['round'][1]} (median {new:g} words, "
            f"{old:g} before): part of any {'rise' if new > old else 'fall'} in themes may come from length."
        )
    if link.design == "linked" and reliable.assumed.any():
        some = "" if reliable.assumed.all() else f" for {', '.join(reliable.measure[reliable.assumed])}"
        notes.append(
            f"Measurement error{some} assumes a reliability of {config.compare.reliability:.2f} and a spread of "
            f"{config.compare.sd:.2f} points: the baseline cannot tell, which takes {OWN_FROM} people who answered "
            "every item, and items that go together."
        )
    met = people[(people.kind == "fact") & (people.measure.str.upper() == MEETINGS)].groupby("pair")
    apart = (met[["before", "after"]].max() - met[["before", "after"]].min() > MEETINGS_APART).any(axis=1)
    if apart.any():
        notes.append(
            f"Partners' counts of meetings differ by more than {MEETINGS_APART} in "
            f"{_list(apart[apart].index)}: a question about the data, not a finding."
        )
    return tuple(notes)


def _list(pairs: Iterable[str]) -> str:
    from auditkit.roster import natural

    return ", ".join(natural(pairs))
