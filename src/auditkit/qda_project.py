"""An audit as a project for qualitative analysis. docs/qda.md says what becomes what.

Ids are derived from the audit's id and the object's key, so every export of an audit names the same things alike,
and a file that comes back can be told from any other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit import qda
from auditkit.analysis import MACHINE
from auditkit.qda import NONE, POLES, SOFTWARE, Case, Code, Coding, Project, Selection, Source, User, Variable, derived
from auditkit.qda_writer import ORIGIN

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.audit import Audit
    from auditkit.codebook import Codebook
    from auditkit.config import Config

SOMEBODY = "analyst"
"""The first user where nobody has decided yet: some programs let the first user of a project set the codes."""

ABOUT = ("Round", "Pair", "Respondent", "Role", "Question", "Decided when exported")
"""The variables of answers."""

ABOUT_CASES = ("Service", "Person's pair", "Person's role")
"""Those of cases, of pairs and then of people; none is a variable of answers too, which some programs cannot hold."""

STATE = ABOUT[-1]
NO_THEME = "A person has read the answer and finds no theme in it. Never beside another code."
UNNAMED = re.compile(r'[\\/:*?"<>|]+')  # what a file's name cannot hold everywhere; some programs make files of names
CODE = re.compile(r"\S{1,20}")  # of a question, as it stands in the name of an answer

Person = tuple[str, str, str]
"""Pair, respondent, and the round where the person is not known beyond it, else ""."""


@dataclass(frozen=True)
class Mark:
    """A theme that somebody set on an answer; ``excerpt``: the id of the sentence that carries it, or ""."""

    pole: str
    excerpt: str
    coder: str
    at: str = ""


Marks = dict[str, dict[str, Mark]]
"""By answer and theme, where ``NONE`` stands for no theme."""


def decided(coded: CodedRound, decisions: pd.DataFrame) -> Marks:
    """What people decided by reading, as far as its themes are accepted; ``decisions`` as ``Audit.decisions``."""
    found: Marks = {answer: {} for answer in (*coded.read_by_people, *coded.changed, *coded.again)}
    at = {(row.answer, row.theme): row.at for row in decisions.itertuples()}
    for row in decisions[decisions["theme"] == NONE].itertuples():
        if row.answer in found:
            found[row.answer][NONE] = Mark("", "", row.coder, row.at)
    by_people = coded.codings["answer"].isin(found) & (coded.codings["coder"] != MACHINE)
    set_codes = coded.codings[coded.codings["coded"] & by_people]
    for row in set_codes.itertuples():
        found[row.answer][row.theme] = Mark(row.pole, row.excerpt, row.coder, at.get((row.answer, row.theme), ""))
    return {answer: themes for answer, themes in found.items() if themes or answer not in coded.again}


def suggested(coded: CodedRound, at: str = "") -> Marks:
    """What the software suggests for answers that nobody decided by reading; ``at``: when it did."""
    found: Marks = {}
    for row in coded.by_software.itertuples():
        found.setdefault(row.answer, {})[row.theme] = Mark(row.pole, row.excerpt, MACHINE, at)
    return found


def state(found: Mapping[str, Mark]) -> str:
    """A decision in words that come back unchanged: "T01 poor 2; T07", with the number of the sentence."""
    parts = [
        f"{theme} {mark.pole} {mark.excerpt.rpartition('-')[2].lstrip('0')}" for theme, mark in sorted(found.items())
    ]
    return "; ".join(" ".join(part.split()) for part in parts)


def source_guid(audit_id: str, answer: str) -> str:
    return derived(audit_id, "answer", answer)


def code_guid(audit_id: str, theme: str, pole: str = "") -> str:
    return derived(audit_id, "code", theme, pole)


def variable_guid(audit_id: str, name: str) -> str:
    return derived(audit_id, "variable", name)


def build(audit: Audit, rounds: Sequence[CodedRound], *, decided_only: bool) -> Project:
    """All rounds as one project, with the codes that are set; ``decided_only``: without the software's."""
    times = {row["key"]: row["at"] for row in audit.store.rows("SELECT key, at FROM runs ORDER BY run")}
    coded_at = {one.round: times.get(audit.round_of(one.round)["coded_by"], "") for one in rounds}
    decisions = audit.decisions()
    by_people = {one.round: decided(one, decisions) for one in rounds}
    coders = {mark.coder for found in by_people.values() for themes in found.values() for mark in themes.values()}
    users = {name: User(derived(audit.id, "user", name), name) for name in sorted(coders) or [SOMEBODY]}
    users[MACHINE] = User(derived(audit.id, "user", SOFTWARE), SOFTWARE)
    names: Counter[str] = Counter()
    items = sorted({item for one in rounds for item in one.responses.answers["item"]})
    called = {item: item if CODE.fullmatch(item) else f"question {n}" for n, item in enumerate(items, start=1)}
    sources = []
    for one in rounds:
        found = by_people[one.round]
        if not decided_only:
            found = suggested(one, coded_at[one.round]) | found
        sources += list(_sources(audit.id, one, found, by_people[one.round], users, coded_at[one.round], called, names))
    rated = _rated(rounds, audit.config)
    texts = [*ABOUT, *ABOUT_CASES]
    return Project(
        name=audit.folder.resolve().name or "audit",
        origin=f"{ORIGIN}, audit {audit.id}",
        users=tuple(users.values()),
        codes=codes(audit.id, audit.codebook),
        variables=(
            *(Variable(variable_guid(audit.id, name), name) for name in texts),
            *(Variable(variable_guid(audit.id, name), name, "Float") for name in dict.fromkeys(n for n, *_ in rated)),
        ),
        cases=tuple(_cases(audit.id, rounds, rated)),
        sources=tuple(sources),
        at=max(coded_at.values(), default=""),
    )


def codes(audit_id: str, codebook: Codebook) -> tuple[Code, ...]:
    """The accepted themes, each with its poles below it, and the code for no theme."""
    found = {
        theme.id: Code(
            code_guid(audit_id, theme.id),
            theme.label,
            qda.description(theme.definition, theme.include, theme.exclude),
            codes=tuple(
                Code(code_guid(audit_id, theme.id, pole), f"{theme.label} ({words})") for words, pole in POLES.items()
            ),
        )
        for theme in codebook.accepted
    }
    tree = qda.nested(found, {theme.id: theme.parent for theme in codebook.accepted})
    return (*tree, Code(code_guid(audit_id, NONE), NONE, NO_THEME))


def _sources(
    audit_id: str,
    coded: CodedRound,
    found: Marks,
    by_people: Marks,
    users: Mapping[str, User],
    at: str,
    called: Mapping[str, str],
    names: Counter[str],
) -> Iterator[Source]:
    """Every answer as a text. ``called``: items as in the names of texts; ``names``: how often each was given."""
    spans = {row.excerpt: (row.start, row.end) for row in coded.excerpts.itertuples()}
    for row in coded.responses.answers.itertuples():
        name = _file_name(row.round, row.pair, row.respondent, called[row.item])
        names[name.casefold()] += 1
        often = names[name.casefold()]
        about = (row.round, row.pair, row.respondent, row.role, row.question, state(by_people.get(row.answer, {})))
        yield Source(
            guid=source_guid(audit_id, row.answer),
            name=name if often == 1 else f"{name} ({often})",
            text=qda.one_newline(row.text),
            selections=tuple(_selections(audit_id, row.answer, row.text, found.get(row.answer, {}), spans, users)),
            values={variable_guid(audit_id, name): text for name, text in zip(ABOUT, about, strict=True) if text},
            description=row.question,
            changed_by=users[MACHINE].guid,
            at=at,
        )


def _selections(
    audit_id: str,
    answer: str,
    text: str,
    found: Mapping[str, Mark],
    spans: Mapping[str, tuple[int, int]],
    users: Mapping[str, User],
) -> Iterator[Selection]:
    """A selection a span and coder, with all codes that the coder set there; a code without a span spans all."""
    together: dict[tuple[int, int, str], list[tuple[str, Mark]]] = {}
    for theme, mark in sorted(found.items()):
        start, end = spans.get(mark.excerpt, (0, len(text)))
        together.setdefault((start, end, mark.coder), []).append((theme, mark))
    for (start, end, coder), themes in sorted(together.items()):
        yield Selection(
            derived(audit_id, "selection", answer, str(start), str(end), coder),
            len(qda.one_newline(text[:start])),
            len(qda.one_newline(text[:end])),
            tuple(
                Coding(
                    derived(audit_id, "coding", answer, theme, mark.pole, coder),
                    code_guid(audit_id, theme, mark.pole),
                    users[coder].guid,
                    mark.at,
                )
                for theme, mark in themes
            ),
        )


def _cases(audit_id: str, rounds: Sequence[CodedRound], rated: Sequence[tuple[str, Person, float]]) -> Iterator[Case]:
    """Each pair, then each person of a pair, over all rounds, with their answers.

    Where nothing says who somebody is in another round, it is another case there.
    """
    pairs: dict[str, dict[str, str]] = {}
    people: dict[Person, dict[str, str]] = {}
    sources: dict[str | Person, list[str]] = {}
    for coded in rounds:
        known = _known(coded)
        for row in coded.responses.people.itertuples():
            person = known[row.pair, row.respondent]
            if row.pair:
                pairs.setdefault(row.pair, {})
                pairs[row.pair] |= {"Service": row.service} if row.service else {}
            about = zip(ABOUT_CASES[1:], (row.pair, row.role), strict=True)
            people.setdefault(person, {}).update({name: text for name, text in about if text})
        for row in coded.responses.answers.itertuples():
            guid = source_guid(audit_id, row.answer)
            sources.setdefault(row.pair, []).append(guid)
            sources.setdefault(known[row.pair, row.respondent], []).append(guid)
    for pair, values in sorted(pairs.items()):
        by_guid = {variable_guid(audit_id, name): text for name, text in values.items()}
        yield Case(derived(audit_id, "pair", pair), pair, by_guid, tuple(sources.get(pair, ())))
    often = Counter(person[1] for person in people)
    for name, person, value in rated:
        people[person][name] = _decimal(value)
    for person, values in sorted(people.items()):
        by_guid = {variable_guid(audit_id, name): text for name, text in values.items()}
        pair, respondent, round_name = person
        beside = ", ".join(part for part in (pair, round_name) if part)
        name = respondent if often[respondent] == 1 or not beside else f"{respondent} ({beside})"
        yield Case(derived(audit_id, "person", *person), name, by_guid, tuple(sources.get(person, ())))


def _known(coded: CodedRound) -> dict[tuple[str, str], Person]:
    """Whose case each respondent of a round is, by pair and respondent."""
    people = coded.responses.people
    return {
        (row.pair, row.respondent): (row.pair, row.respondent, row.round if row.identity == "none" else "")
        for row in people.itertuples()
    }


def _rated(rounds: Sequence[CodedRound], config: Config) -> list[tuple[str, Person, float]]:
    """Name of the variable, person and value: the mean of each scale, then each item as it was answered."""
    from auditkit import scores

    found: list[tuple[str, Person, float]] = []
    for coded in rounds:
        known = _known(coded)
        ratings = coded.responses.ratings
        wanted = tuple(one for one in scores.measures(ratings, ratings, config)[0] if one.kind == "scale")
        kept = ratings.assign(pair="." + ratings["pair"])  # people without a pair have scales, too
        for row in scores.values(kept, "scored", wanted).itertuples():
            found.append((f"{coded.round}: {row.measure}", known[row.pair[1:], row.respondent], row.value))
        for row in ratings[ratings["rating"].notna()].itertuples():
            found.append((f"{coded.round}: {row.item}", known[row.pair, row.respondent], row.rating))
    return found


def _file_name(*parts: str) -> str:
    return " ".join(UNNAMED.sub("-", " ".join(part for part in parts if part)).split())


def _decimal(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
