"""What people decided in another program: the codings of a project as decisions on the answers of an audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditkit import qda, review
from auditkit.errors import AuditkitError
from auditkit.qda import NONE, Project
from auditkit.qda_answers import Answer, Heard, listen
from auditkit.qda_codes import UNREADABLE, Codes, Meant
from auditkit.qda_past import Past
from auditkit.qda_project import Mark, state

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.codebook import Codebook
    from auditkit.codebook_words import Said

ENOUGH, NEARLY_ALL = 10, 0.9  # answers coded just as the software suggests, from which on that is no chance
WITH_NONE = 'answers with the code "none" beside a theme'
DESCRIPTIONS = "descriptions of themes that were changed"
UNUSED = "codes that nobody used on an answer"
LEFT = "answers left as they are, as a coding on them cannot be read"
RENAMED_BEFORE = "names that themes had before, and have no longer (auditkit codebook rename gives one back)"
UNFIT_NAMES = "new names of themes that cannot be labels, or are a respondent's own words"


@dataclass(frozen=True)
class Taken:
    """What a project says of an audit.

    ``rows``: decisions, each with its coder and the excerpt that was chosen. ``answers`` are decided by them,
    ``by_coder``; among them ``without_theme``, ``changed_since`` (the audit decided otherwise after the export) and
    ``other_text`` (the project has other words). ``same``: as the audit has them, or as they were exported;
    ``open``: without a person's code. ``software``: codings that are suggestions. ``codebook``: with new themes and
    names; ``not_renamed``: labels of themes whose new name is another's; ``missing``: of those without a code.
    ``dropped``: what was not taken over, in words, and how many.
    """

    rows: tuple[dict[str, Any], ...]
    answers: int
    by_coder: dict[str, int]
    without_theme: int
    changed_since: int
    other_text: int
    same: int
    open: int
    software: int
    codebook: Codebook
    not_renamed: tuple[str, ...]
    missing: tuple[str, ...]
    dropped: dict[str, int]


def read(
    project: Project,
    audit_id: str,
    rounds: Sequence[CodedRound],
    decisions: pd.DataFrame,
    spans: pd.DataFrame,
    mine: Project,
    taken: Collection[str],
    coder: str = "",
    past: Past | None = None,
    said: Said | None = None,
) -> Taken:
    """Everything that a project says of the answers of an audit, and that it did not say when it was exported.

    ``rounds``, ``decisions``, ``spans``, ``mine`` and ``coder`` as in ``qda_answers.listen``; ``taken``,
    ``past`` and ``said`` as in ``qda_codes.Codes``. Raises AuditkitError where codings do not say who set them and
    ``coder`` is "", or where the software's suggestions have come back under a person's name.
    """
    found = listen(project, audit_id, rounds, decisions, spans, mine, coder)
    codes = Codes(audit_id, rounds[0].codebook, project.codes, taken, past, said)
    touched = [answer for answer in found.answers if not _is_as_exported(answer, codes)]
    used: dict[str, str] = {}
    for heard in (heard for answer in touched for heard in answer.heard):
        used[heard.code] = min(used.get(heard.code, heard.coder), heard.coder)
    for code, _ in qda.every_code(project.codes):
        if code.guid in used:
            codes.new(code.guid, used[code.guid])
    dropped = Counter(found.dropped)
    is_alive = found.software > 0 or any(answer.heard for answer in found.answers)
    counts = Counter({"same": len(found.answers) - len(touched)})
    by_coder: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    copied = []
    for answer in touched:
        now = _now(answer, lambda heard: codes.new(heard.code, heard.coder), dropped)
        if now is None or (not now and not _was_emptied(answer, is_alive=is_alive)):
            counts["open"] += now is not None
            continue
        if now and not answer.is_read:
            copied.append(_alike(now, answer.suggested))
        if answer.is_read and _alike(now or _none(""), answer.held):
            counts["same"] += 1
            continue
        who = _who(answer, now, coder)
        rows += _rows(answer, now, who)
        by_coder[who] += 1
        counts["none"] += not now or NONE in now
        counts["since"] += answer.is_read and bool(answer.exported) and state(answer.held) != answer.exported
        counts["other text"] += bool(answer.other_text)
    if not found.software and not coder and len(copied) >= ENOUGH and sum(copied) >= NEARLY_ALL * len(copied):
        raise AuditkitError(
            f"{sum(copied)} answers carry just what the software suggests, now under a person's name.",
            "The other program has changed who set the codes: export again with --decided. If a person did set "
            "them, name that person with --coder NAME.",
        )
    dropped += Counter({UNUSED: codes.unused, DESCRIPTIONS: codes.redescribed, **project.others})
    dropped += Counter({RENAMED_BEFORE: codes.renamed_before, UNFIT_NAMES: codes.unfit_names})
    return Taken(
        rows=tuple(rows),
        answers=by_coder.total(),
        by_coder=dict(sorted(by_coder.items())),
        without_theme=counts["none"],
        changed_since=counts["since"],
        other_text=counts["other text"],
        same=counts["same"],
        open=counts["open"],
        software=found.software,
        codebook=codes.codebook,
        not_renamed=tuple(codes.not_renamed),
        missing=tuple(codes.missing),
        dropped={words: number for words, number in dropped.items() if number},
    )


def _is_as_exported(answer: Answer, codes: Codes) -> bool:
    """Whether nobody has touched an answer that a person had decided, whatever became of its themes since."""
    now = _now(answer, lambda heard: codes.as_exported(heard.code), Counter())
    return bool(now) and state(now or {}) == answer.exported


def _now(answer: Answer, means: Callable[[Heard], Meant | str], dropped: Counter[str]) -> dict[str, Mark] | None:
    """What people set on an answer, all of them together; None where that cannot be told.

    ``means``: what a code means, or why nothing. Where one of them cannot be read the answer may have been decided
    otherwise than the others say. A pole of "?" is not said: the code of the theme itself on an answer that did not
    have it before.
    """
    poles: dict[str, set[str | None]] = {}
    excerpts: dict[str, list[str]] = {}
    coders: dict[str, set[str]] = {}
    is_left = answer.unheard > 0
    for heard in answer.heard:
        meant = means(heard)
        if not isinstance(meant, Meant):
            dropped[meant] += 1
            is_left |= meant in UNREADABLE
            continue
        poles.setdefault(meant.theme, set()).add(meant.pole)
        coders.setdefault(meant.theme, set()).add(heard.coder)
        excerpts.setdefault(meant.theme, []).append(heard.excerpt)
    if is_left:
        dropped[LEFT] += 1
        return None
    if NONE in poles and len(poles) > 1:
        dropped[WITH_NONE] += 1
        return None
    found = {}
    for theme, several in poles.items():
        before = answer.held.get(theme)
        usual = [one.excerpt for one in (before, answer.suggested.get(theme)) if one is not None]
        chosen = next((one for one in [*usual, *excerpts[theme]] if one and one in excerpts[theme]), "")
        who = before.coder if before is not None and before.coder in coders[theme] else min(coders[theme])
        said = {pole for pole in several if pole is not None}
        pole = _unsaid(theme, answer) if not said else said.pop() if len(said) == 1 else "mixed"
        found[theme] = Mark(pole, "" if theme == NONE else chosen, who)
    return found


UNSAID = "?"
"""The pole of a theme that was set without one, on an answer that did not have it."""


def _unsaid(theme: str, answer: Answer) -> str:
    """The pole of a theme that was set without one: none, if it went out with its pole, which was taken away."""
    exported = {part.partition(" ")[0] for part in answer.exported.split("; ")}
    if theme == NONE or theme in exported:
        return ""
    return answer.held[theme].pole if theme in answer.held else UNSAID


def _none(coder: str) -> dict[str, Mark]:
    return {NONE: Mark("", "", coder)}


def _was_emptied(answer: Answer, *, is_alive: bool) -> bool:
    """Whether people took all codes away that the answer had when it was exported.

    Not believed of a project in which nobody set any code: then it was the program that lost them. Nor where
    codes are still there and mean nothing.
    """
    return is_alive and not answer.heard and answer.exported not in ("", NONE)


def _alike(now: Mapping[str, Mark], before: Mapping[str, Mark]) -> bool:
    """Whether two decisions are the same; an excerpt that was not chosen is any."""
    return now.keys() == before.keys() and all(
        mark.pole == before[theme].pole and mark.excerpt in ("", before[theme].excerpt) for theme, mark in now.items()
    )


def _who(answer: Answer, now: Mapping[str, Mark], coder: str) -> str:
    """Who decided an answer as a whole: also that it has no other theme."""
    before = {mark.coder for mark in answer.held.values()}
    there = {mark.coder for mark in now.values()}
    if there:
        return min(there & before or there)
    return answer.changed_by or coder or min(before, default="analyst")


def _rows(answer: Answer, now: Mapping[str, Mark], who: str) -> list[dict[str, Any]]:
    wanted = {theme: None if mark.pole == UNSAID else mark.pole for theme, mark in now.items() if theme != NONE}
    rows = review.decision_rows(
        answer.key, answer.other_text or answer.text, wanted, *review.suggested_by(answer.coded, answer.key)
    )
    for row in rows:
        mark = now.get(row["theme"])
        row |= {"coder": who if mark is None else mark.coder, "excerpt": "" if mark is None else mark.excerpt}
    return rows
