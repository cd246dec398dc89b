"""What two codings of the same answers say: agreement by theme, disagreements, and what became of suggestions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.agreement import RELY, Agreement, agreements
from auditkit.statistics import Interval, wilson

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.second_codings import SecondCoding
    from auditkit.second_sheet import Returned, Sample

A_WEEK = 7
"""Days that should lie between two codings by the same person."""

SHOWN_INSTEAD = 2  # disagreements that must look alike before they are called a pattern


@dataclass(frozen=True)
class ThemeAgreement:
    """``poles``: answers for which both set the theme and said a pole; ``same_pole``: those with the same one.

    ``instead``: where one coder alone set the theme, the theme that the other alone set most often, with the
    number of answers; empty where there is no such pattern.
    """

    theme: str
    label: str
    agreement: Agreement
    poles: int
    same_pole: int
    instead: str


@dataclass(frozen=True)
class DoubleCoding:
    """One second coder's sheet beside what the first coder had decided.

    ``is_repeat``: the same person coded twice. ``days`` between the two, fewest and most, by the dates on which
    the sheets were taken over. ``changed_text``: answers left out because their text has changed since.
    ``codebook_changed``: since the sheet was taken over.
    """

    draw: int
    coder: str
    first: str
    is_repeat: bool
    at: str
    days: tuple[int, int]
    answers: int
    people: int
    changed_text: int
    codebook_changed: bool
    themes: tuple[ThemeAgreement, ...]
    overall: Agreement
    codings: tuple[SecondCoding, ...]

    @property
    def to_talk_about(self) -> list[ThemeAgreement]:
        """Themes with an alpha below .800, the lowest first."""
        return by_alpha(one for one in self.themes if one.agreement.alpha.estimate < RELY)

    @property
    def disagreements(self) -> list[SecondCoding]:
        """Answers to which the two gave different themes, or a theme with different poles."""
        return [coding for coding in self.codings if any(apart(coding))]


@dataclass(frozen=True)
class Kept:
    """What became of the software's suggestions of a theme, on the answers that a person decided.

    ``shown``: answers for which it was suggested; ``kept``: of those, where the person set it too; ``given``:
    answers to which the person gave it. No agreement of two coders: the person saw the suggestion.
    """

    theme: str
    label: str
    shown: int
    kept: int
    given: int

    @property
    def precision(self) -> Interval:
        """Kept of those shown, with Wilson's interval."""
        return wilson(self.kept, self.shown)

    @property
    def recall(self) -> Interval:
        """Kept of those given, with Wilson's interval."""
        return wilson(self.kept, self.given)


@dataclass(frozen=True)
class HandedOut:
    """A sheet that was written, the sample in it, and the number of the draw."""

    path: Path
    sample: Sample
    draw: int


@dataclass(frozen=True, eq=False)
class Compared:
    """What ``auditkit agreement`` shows.

    ``returned``: of the sheet just taken over, if there was one. ``done``: every second coder's sheet, the latest
    first. ``kept``: what became of the software's suggestions, all themes together first. ``path``: the workbook;
    None where nothing is decided yet. ``computed``: False where nothing had changed since it was written.
    """

    returned: Returned | None
    done: tuple[DoubleCoding, ...]
    kept: tuple[Kept, ...]
    path: Path | None
    computed: bool


def double_codings(
    rounds: Sequence[CodedRound], codings: Iterable[SecondCoding], same_person: Mapping[str, str]
) -> list[DoubleCoding]:
    """Every second coder's sheet, the latest first; a person's repeat of their own apart from that of others'.

    Answers that the audit no longer holds do not count, nor those whose text has changed. Themes are those accepted
    now. ``same_person``: code of a respondent to the code of the same person in an earlier round.
    """
    from auditkit.analysis import text_hash

    texts: dict[str, str] = {}
    people: dict[str, str] = {}
    for coded in rounds:
        columns = coded.responses.answers[["answer", "respondent", "text"]]
        for answer, respondent, text in columns.itertuples(index=False):
            texts[answer] = text_hash(text)
            person = (
                same_person.get(respondent, respondent) if coded.responses.linked else f"{coded.round}\n{respondent}"
            )
            people[answer] = person if respondent else answer
    groups: dict[tuple[int, str, bool], list[SecondCoding]] = defaultdict(list)
    for coding in codings:
        if coding.answer in texts:
            groups[coding.draw, coding.coder, coding.is_repeat].append(coding)
    result = []
    for (draw, coder, is_repeat), group in groups.items():
        same = [coding for coding in group if coding.text_hash == texts[coding.answer]]
        if same:
            result.append(_double_coding(rounds[0], draw, coder, is_repeat, same, len(group) - len(same), people))
    return sorted(result, key=lambda one: (one.at, not one.is_repeat, one.answers, one.draw, one.coder), reverse=True)


def kept(rounds: Sequence[CodedRound], decisions: pd.DataFrame) -> list[Kept]:
    """What became of the suggestions, a row for all themes and one a theme, in the order of the codebook.

    ``decisions``: answer, theme, decision; those on answers that are no longer there, on another text, or that nobody
    read, do not count, as in the report and in ``review status``.
    """
    from auditkit.reviewing import of_readers

    labels = labels_of(rounds[0])
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in of_readers(rounds, decisions).itertuples():
        counts[row.theme][row.decision] += 1
        counts[""][row.decision] += 1
    rows = []
    for theme, label in [("", "All themes"), *labels.items()]:
        found = counts[theme]
        same = found["confirmed"] + found["changed"]
        rows.append(Kept(theme, label, same + found["rejected"], same, same + found["added"]))
    return rows


def by_alpha(themes: Iterable[ThemeAgreement]) -> list[ThemeAgreement]:
    """The lowest alpha first, then the themes without one, those with most disagreements first."""

    def place(row: ThemeAgreement) -> tuple[bool, float, str]:
        alpha = row.agreement.alpha.estimate
        unknown = math.isnan(alpha)
        return unknown, -float(row.agreement.first + row.agreement.second) if unknown else alpha, row.label

    return sorted(themes, key=place)


def _double_coding(
    coded: CodedRound,
    draw: int,
    coder: str,
    is_repeat: bool,
    codings: Sequence[SecondCoding],
    changed_text: int,
    people: Mapping[str, str],
) -> DoubleCoding:
    labels = labels_of(coded)
    codings = [_of(labels, coding) for coding in sorted(codings, key=lambda coding: coding.answer)]
    authors = [people[coding.answer] for coding in codings]
    by_theme, overall = agreements(
        [[theme in coding.first_themes for theme in labels] for coding in codings],
        [[theme in coding.themes for theme in labels] for coding in codings],
        authors,
    )
    days = [_days(coding.first_at, coding.at) for coding in codings]
    return DoubleCoding(
        draw=draw,
        coder=codings[0].first_coder if is_repeat else coder,
        first=" and ".join(sorted({coding.first_coder for coding in codings})),
        is_repeat=is_repeat,
        at=max(coding.at for coding in codings),
        days=(min(days), max(days)),
        answers=len(codings),
        people=len(set(authors)),
        changed_text=changed_text,
        codebook_changed=any(coding.codebook != coded.codebook.fingerprint() for coding in codings),
        themes=tuple(
            ThemeAgreement(theme, label, found, *_poles(codings, theme), _instead(codings, theme, labels))
            for (theme, label), found in zip(labels.items(), by_theme, strict=True)
        ),
        overall=overall,
        codings=tuple(codings),
    )


def labels_of(coded: CodedRound) -> dict[str, str]:
    return {theme.id: theme.label for theme in coded.codebook.accepted}


def apart(coding: SecondCoding) -> tuple[set[str], set[str]]:
    """Themes that one coder alone set; themes that both set with a pole, and not with the same one."""
    first, second = coding.first_themes, coding.themes
    poles = {theme for theme in set(first) & set(second) if first[theme] and second[theme]}
    return set(first) ^ set(second), {theme for theme in poles if first[theme] != second[theme]}


def _of(labels: Mapping[str, str], coding: SecondCoding) -> SecondCoding:
    """The coding with themes that are still accepted."""
    first, second = (
        {theme: pole for theme, pole in themes.items() if theme in labels}
        for themes in (coding.first_themes, coding.themes)
    )
    return replace(coding, first_themes=first, themes=second)


def _days(first: str, second: str) -> int:
    return abs((datetime.fromisoformat(second).date() - datetime.fromisoformat(first).date()).days)


def _poles(codings: Sequence[SecondCoding], theme: str) -> tuple[int, int]:
    said = [(coding.first_themes.get(theme, ""), coding.themes.get(theme, "")) for coding in codings]
    both = [(one, other) for one, other in said if one and other]
    return len(both), sum(one == other for one, other in both)


def _instead(codings: Sequence[SecondCoding], theme: str, labels: Mapping[str, str]) -> str:
    counts: Counter[str] = Counter()
    for coding in codings:
        first, second = set(coding.first_themes), set(coding.themes)
        for mine, other in ((first, second), (second, first)):
            if theme in mine - other:
                counts.update(other - mine)
    found = sorted(counts.items(), key=lambda item: (-item[1], labels[item[0]]))
    return f"{labels[found[0][0]]} ({found[0][1]})" if found and found[0][1] >= SHOWN_INSTEAD else ""
