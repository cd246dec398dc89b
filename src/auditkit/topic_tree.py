"""Suggested themes as an analyst works on them: looked at, put together, accepted, rejected, taken back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import decided, engines, holdings, nearness, outputs, suggestions
from auditkit.audit import Audit
from auditkit.errors import AuditkitError
from auditkit.holdings import Progress
from auditkit.suggestions import ACCEPTED, MERGED, OPEN, REJECTED, Earlier

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound

ANALYST = "analyst"


@dataclass(frozen=True)
class Line:
    """A suggested theme as it is listed. ``again`` of ``folds`` trials, 0 of 0 where none were made.

    ``covered``: how many of its answers are coded with the ``nearest`` theme of the codebook.
    """

    theme: str
    label: str
    phrases: str
    people: int
    answers: int
    strength: str
    nearest: str = ""
    again: int = 0
    folds: int = 0
    covered: int = 0


@dataclass(frozen=True)
class Shown:
    """The suggested themes of a round, those that the codebook says least about first, and how they lie together.

    ``why`` there are none; ``engine``: a caution where another one grouped the answers; ``decided``: what people
    did with others; ``others``: the audit's other rounds with how many are suggested there.
    """

    round: str
    answers: int
    themes: tuple[Line, ...]
    tree: nearness.Branch | None
    why: str
    engine: str
    decided: tuple[Earlier, ...]
    others: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Opened:
    """One suggested theme with its answers, the likest first: place (row and question) and text."""

    round: str
    line: Line
    place: int
    of: int
    parts: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Change:
    """What a command would do to suggested themes of a round: shown first, then carried out."""

    kind: str
    round: str
    who: str
    lines: tuple[Line, ...]
    decided: tuple[Earlier, ...]
    people: int = 0
    answers: int = 0
    freed: tuple[str, ...] = field(default=())


def show(audit: Audit, name: str | None = None) -> Shown:
    """The suggested themes of a round, the latest where none is named. Raises AuditkitError for an unknown one."""
    audit.require()
    coded = audit.load_round(name or audit.rounds()[-1], read=False)
    lines = _lines(coded)
    ids = [line.theme for line in lines]
    pairs = list(coded.distances.itertuples(index=False, name=None))
    counts = {
        row["round"]: row["n"] for row in audit.store.rows("SELECT round, count(*) AS n FROM suggested GROUP BY 1")
    }
    return Shown(
        round=coded.round,
        answers=len(coded.responses.answers) - len(coded.silent),
        themes=tuple(lines),
        tree=nearness.tree(ids, nearness.square(ids, pairs)),
        why=coded.topics_note,
        engine=engines.told(coded.engine),
        decided=tuple(one for one in audit.suggestions() if one.round == coded.round and one.state != OPEN),
        others=tuple((other, counts.get(other, 0)) for other in audit.rounds() if other != coded.round),
    )


def open_theme(audit: Audit, theme: str) -> Opened:
    """A suggested theme with its answers. Raises AuditkitError where it is not suggested (any longer)."""
    known = _known(audit, theme)
    coded = audit.load_round(known.round, read=False)
    lines = _lines(coded)
    place = [line.theme for line in lines].index(known.theme)
    answers = coded.responses.answers.set_index("answer")
    keys = coded.suggested["evidence"].iat[place]
    parts = [one.theme for one in audit.suggestions() if one.state == MERGED and one.became == known.theme]
    return Opened(
        round=coded.round,
        line=lines[place],
        place=place + 1,
        of=len(lines),
        parts=tuple(parts),
        answers=tuple(
            (f"row {answers['row'][key]}, {answers['question'][key] or answers['item'][key]}", answers["text"][key])
            for key in keys
        ),
    )


def merging(audit: Audit, themes: Sequence[str], who: str = ANALYST) -> Change:
    """Make suggested themes of one round one: the first stays, with the answers of all."""
    found = _several(audit, themes)
    if len(found) < 2:
        raise AuditkitError("One theme alone cannot be merged.", "Name two or more: auditkit topics merge S02 S05")
    first, *rest = found
    coded = audit.load_round(first.round, read=False)
    keys = {key for one in found for key in _evidence(coded, one.theme)}
    answers = coded.responses.answers[coded.responses.answers["answer"].isin(keys)]
    return Change(
        kind="merge",
        round=first.round,
        who=_name(who),
        lines=_chosen(coded, found),
        decided=tuple(dataclasses.replace(one, state=MERGED, became=first.theme, who=_name(who)) for one in rest),
        people=suggestions.people_counted(answers, coded.responses.people),
        answers=len(keys),
    )


def rejecting(audit: Audit, themes: Sequence[str], who: str = ANALYST) -> Change:
    """Say of suggested themes of one round that they are none: they are not suggested again."""
    found = _several(audit, themes)
    coded = audit.load_round(found[0].round, read=False)
    decided = tuple(dataclasses.replace(one, state=REJECTED, who=_name(who)) for one in found)
    return Change("reject", found[0].round, _name(who), _chosen(coded, found), decided)


def refuse_gone(audit: Audit, typed: str) -> None:
    """Raise AuditkitError where what is typed is the id of a suggestion that is not suggested any longer."""
    if any(one.theme.casefold() == typed.strip().casefold() for one in audit.suggestions()):
        _known(audit, typed)


def settled(audit: Audit, suggestion: str, theme: str, who: str) -> list[Earlier]:
    """What becomes of suggestions when a codebook has changed: one is ``theme`` now, if one was accepted; those
    whose theme is gone are suggested again."""
    ids = {one.id for one in audit.codebook.themes}
    found = []
    for one in audit.suggestions():
        if one.theme == suggestion:
            found.append(dataclasses.replace(one, state=ACCEPTED, became=theme, who=who))
        elif one.state == ACCEPTED and one.became not in ids:
            found.append(dataclasses.replace(one, state=OPEN, became="", who=""))
    return found


def undoing(audit: Audit, theme: str, who: str = ANALYST) -> Change:
    """Take back what was decided about a suggestion: apart again what was merged, suggested again what was rejected."""
    audit.require()
    every = audit.suggestions()
    found = _named(every, theme)
    if found.state == ACCEPTED:
        raise AuditkitError(
            f"{found.theme} is the theme {found.became} of the codebook.",
            f"To take that back: auditkit codebook undo, or auditkit codebook retire {found.became}.",
        )
    freed = [found] if found.state != OPEN else []
    freed += [one for one in every if one.state == MERGED and one.became == found.theme and found.state == OPEN]
    if not freed:
        raise AuditkitError(f"Nothing was decided about {found.theme}.", "auditkit topics show lists what was.")
    decided = tuple(dataclasses.replace(one, state=OPEN, became="", who="") for one in freed)
    return Change("undo", found.round, _name(who), (), decided, freed=tuple(one.theme for one in freed))


def carry_out(audit: Audit, change: Change, progress: Progress) -> Shown:
    """Do what was shown, look for themes again in that round, and bring codebook and reports up to date."""
    decided = {one.theme: one for one in change.decided}
    engines.load(audit.config.topics.engine)
    held = audit.load_round(change.round, read=False)
    progress("Suggesting themes", 0, 1)
    encode = holdings.encoder(audit, progress)
    earlier = [decided.get(one.theme, one) for one in holdings.suggestions_known(audit)]
    found = suggestions.find(
        held.responses,
        held.silent,
        held.codings,
        encode(held.responses.answers["text"].tolist()),
        audit.codebook,
        encode,
        audit.config.topics,
        earlier,
        least=audit.config.thresholds.k_theme,
        deny=holdings.denied(audit),
    )
    (new,) = suggestions.numbered([dataclasses.replace(held, **found.fields())], earlier)
    state = json.dumps([[one.theme, one.state, one.became] for one in earlier])
    run = holdings.step_of(audit, "topics", (change.round,), audit.state([change.round]), state)
    audit.save_suggestions(new, change.decided, run, change.who)
    with outputs.once_changed():
        holdings.write_codebook(audit)
    outputs.write_rounds(audit)
    audit.mark_written(run)
    return show(audit, change.round)


def written(audit: Audit, change: Change) -> list[Path]:
    """The files that ``carry_out`` has brought up to date."""
    return [audit.codebook_path, *(audit.folder / name for name in outputs.paths([change.round]))]


def _lines(coded: CodedRound) -> list[Line]:
    names = {theme.id: theme.label for theme in coded.codebook.themes}
    codes = coded.codings[coded.codings["coded"].astype(bool)]
    given = set(zip(codes["answer"], codes["theme"], strict=True))
    return [
        Line(
            theme=row.theme,
            label=row.label,
            phrases=row.phrases,
            people=int(row.respondents),
            answers=int(row.answers),
            strength=row.strength,
            nearest=names.get(row.nearest, ""),
            again=int(row.again),
            folds=int(row.folds),
            covered=sum((answer, row.nearest) in given for answer in row.evidence),
        )
        for row in coded.suggested.itertuples()
    ]


def _chosen(coded: CodedRound, found: Sequence[Earlier]) -> tuple[Line, ...]:
    lines = {line.theme: line for line in _lines(coded)}
    return tuple(lines[one.theme] for one in found)


def _evidence(coded: CodedRound, theme: str) -> list[str]:
    return list(coded.suggested.loc[coded.suggested["theme"] == theme, "evidence"].iat[0])


def _several(audit: Audit, themes: Sequence[str]) -> list[Earlier]:
    """The suggestions of these names, each once. Raises AuditkitError where they are of several rounds."""
    found = list({one.theme: one for one in (_known(audit, theme) for theme in themes)}.values())
    rounds = {one.round for one in found}
    if len(rounds) > 1:
        raise AuditkitError(
            f"{' and '.join(one.theme for one in found)} are of several rounds: {', '.join(sorted(rounds))}.",
            "Name suggestions of one round.",
        )
    return found


def _known(audit: Audit, theme: str) -> Earlier:
    """The suggestion of this name, which is suggested at present."""
    audit.require()
    found = _named(audit.suggestions(), theme)
    if audit.store.rows("SELECT 1 FROM suggested WHERE theme = ?", (found.theme,)):
        return found
    undo = f"To take that back: auditkit topics undo {found.theme}"
    if found.state == MERGED:
        raise AuditkitError(f"{found.theme} was merged into {found.became} by {found.who}.", undo)
    if found.state == REJECTED:
        raise AuditkitError(f"{found.theme} was rejected by {found.who}.", undo)
    if found.state == ACCEPTED:
        raise AuditkitError(
            f"{found.theme} was accepted by {found.who}.", f"It is {found.became} in {audit.codebook_path.name}."
        )
    raise AuditkitError(
        f"{found.theme} is not suggested at present.",
        "auditkit topics show lists what is; show under [topics] in audit.toml says how many.",
    )


def _named(every: Sequence[Earlier], theme: str) -> Earlier:
    wanted = theme.strip().casefold()
    for one in every:
        if one.theme.casefold() == wanted:
            return one
    raise AuditkitError(f'There is no suggested theme "{theme}".', "auditkit topics show lists them.")


def _name(who: str) -> str:
    return decided.person(who, "an author", "--author")
