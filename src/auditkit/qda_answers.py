"""The texts of a project that are answers of an audit, and what people set on them there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from auditkit.decided import LONGEST_NAME
from auditkit.errors import AuditkitError
from auditkit.qda import SOFTWARE, Coding, Project, Selection, Source, User, derived, one_newline, plain, same_name
from auditkit.qda_project import SOMEBODY, STATE, Mark, decided, source_guid, suggested, variable_guid

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound

NOBODY = ("", "machine", "auditkit", "default")
STRANGE = "texts that are no answers of this audit"
SEVERAL = "texts that several answers of this audit share"
BEYOND = "codings of a span that is not in its text"
COMMENTS = "spans without a code (comments)"
TEXT_FILES = (".txt", ".docx", ".rtf", ".odt")


@dataclass(frozen=True)
class Heard:
    """A code by its guid, the excerpt that the selection is, or "", and who set it; "" where that is not said."""

    code: str
    excerpt: str
    coder: str


@dataclass
class Answer:
    """An answer of the audit, and what the project says of it.

    ``coded``: its round as the machine left it; ``held``: what people decided so far, ``is_read`` whether they
    did; ``suggested`` by the software. ``exported``: the decision when it was exported, in words; ``heard``: what
    people set in the project, ``unheard``: how often they set a code where there is no text; ``changed_by``: who
    changed it last, or ""; ``other_text``: its text there, where that is not the audit's.
    """

    key: str
    text: str
    coded: CodedRound
    held: Mapping[str, Mark]
    is_read: bool
    suggested: Mapping[str, Mark]
    exported: str = ""
    heard: list[Heard] = field(default_factory=list)
    unheard: int = 0
    changed_by: str = ""
    other_text: str = ""


@dataclass(frozen=True)
class Listened:
    """The answers that are in a project; codings by the software; what was passed over, in words, and how often."""

    answers: tuple[Answer, ...]
    software: int
    dropped: Counter[str]


def listen(
    project: Project,
    audit_id: str,
    rounds: Sequence[CodedRound],
    decisions: pd.DataFrame,
    spans: pd.DataFrame,
    mine: Project,
    coder: str,
) -> Listened:
    """What people set on the answers of an audit in a project that may be of any program.

    A text is an answer's by its guid, else by its words, where several answers have the same by its name.
    ``rounds`` as the machine left them; ``mine``: the audit as a project; ``coder``: who set the codes that do not
    say who. Raises AuditkitError where there are such and ``coder`` is "".
    """
    answers = _answers(audit_id, rounds, decisions, spans)
    coders = {user.guid: _coder(user, audit_id, coder) for user in project.users}
    states = {one.guid for one in project.variables if same_name(one.name, STATE)} | {variable_guid(audit_id, STATE)}
    excerpts = _excerpts(rounds)
    by_words: dict[str, list[Source]] = defaultdict(list)
    for source in mine.sources:
        by_words[plain(source.text or "")].append(source)
    dropped: Counter[str] = Counter()
    found: dict[str, Answer] = {}
    software = unsaid = 0
    for source in project.sources:
        guid = _matched(source, answers, by_words)
        if guid is None:
            dropped[SEVERAL if by_words.get(plain(source.text or "")) else STRANGE] += 1
            continue
        answer = found.setdefault(guid, answers[guid])
        if source.text is not None and plain(source.text) != plain(answer.text):
            answer.other_text = source.text
        answer.exported = next((source.values[one] for one in states if one in source.values), answer.exported)
        answer.changed_by = coders.get(source.changed_by) or ""
        dropped[COMMENTS] += sum(not one.codings for one in source.selections)
        for selection, coding in _set_codes(source):
            who = coders.get(coding.user, coder)
            if who is None:
                software += 1
                continue
            if selection is not None and not selection.inside:
                dropped[BEYOND] += 1
                answer.unheard += 1
                continue
            excerpt = _excerpt(source, selection, excerpts.get(answer.key, {}))
            unsaid += not who
            answer.heard.append(Heard(coding.code, excerpt, who))
    if unsaid:
        raise AuditkitError(
            f"{unsaid} codings do not say who set them.", "Say who with --coder NAME: a name or initials."
        )
    return Listened(tuple(found.values()), software, dropped)


def _answers(
    audit_id: str, rounds: Sequence[CodedRound], decisions: pd.DataFrame, spans: pd.DataFrame
) -> dict[str, Answer]:
    """Every answer of the audit by the guid that it has in a project."""
    from auditkit.analysis import with_decisions

    found = {}
    for coded in rounds:
        held = decided(with_decisions(coded, decisions, spans), decisions)
        by_software = suggested(coded)
        for row in coded.responses.answers.itertuples():
            found[source_guid(audit_id, row.answer)] = Answer(
                key=row.answer,
                text=row.text,
                coded=coded,
                held=held.get(row.answer, {}),
                is_read=row.answer in held,
                suggested=by_software.get(row.answer, {}),
            )
    return found


def _coder(user: User, audit_id: str, coder: str) -> str | None:
    """What a user is called as a coder; None for the software, ``coder`` for nobody in particular."""
    name = " ".join(user.name.split())
    if user.guid == derived(audit_id, "user", SOFTWARE) or same_name(name, SOFTWARE):
        return None
    if name.casefold() in NOBODY or (coder and same_name(name, SOMEBODY)):
        return coder
    return name[:LONGEST_NAME].strip()


def _matched(source: Source, answers: Mapping[str, Answer], by_words: Mapping[str, Sequence[Source]]) -> str | None:
    """The guid of the answer that a text is."""
    if source.guid in answers:
        return source.guid
    alike = by_words.get(plain(source.text), ()) if source.text is not None else ()
    if len(alike) > 1:
        alike = [one for one in alike if same_name(one.name, _stem(source.name))]
    return alike[0].guid if len(alike) == 1 else None


def _stem(name: str) -> str:
    path = PurePath(name)
    return path.stem if path.suffix.casefold() in TEXT_FILES else name


def _set_codes(source: Source) -> Iterable[tuple[Selection | None, Coding]]:
    yield from ((None, coding) for coding in source.codings)
    yield from ((selection, coding) for selection in source.selections for coding in selection.codings)


def _excerpts(rounds: Sequence[CodedRound]) -> dict[str, dict[tuple[int, int], str]]:
    """The excerpts of each answer by where they stand in its text with single newlines."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    for coded in rounds:
        texts = dict(zip(coded.responses.answers["answer"], coded.responses.answers["text"], strict=True))
        for row in coded.excerpts.itertuples():
            start, end = (len(one_newline(texts[row.answer][:place])) for place in (row.start, row.end))
            found.setdefault(row.answer, {})[start, end] = row.excerpt
    return found


def _excerpt(source: Source, selection: Selection | None, excerpts: Mapping[tuple[int, int], str]) -> str:
    """The excerpt that a selection is, blanks at its ends aside; else ""."""
    if selection is None or source.text is None:
        return ""
    words = source.text[selection.start : selection.end]
    start = selection.start + len(words) - len(words.lstrip())
    return excerpts.get((start, start + len(words.strip())), "")
