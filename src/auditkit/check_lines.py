"""What ``auditkit check`` prints: the layout, the columns, the rounds, all problems, lines for audit.toml."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.console import fit, wrapped
from auditkit.problem_lines import listed, worst
from auditkit.summaries import following, quoted
from auditkit.wording import counted, placed

if TYPE_CHECKING:
    from auditkit.checks import Checked, RoundFound
    from auditkit.columns import Column

TOGETHER = 4  # neighbours of one kind from which on they share a line
KNOWN_BY = {
    "respondent": "the code in the sheet, or one in place of a name",
    "email": "e-mail, replaced by a code",
    "self_code": "a code that they made up",
    "pair+role": "pair and role",
    "none": "nothing: rounds cannot be linked",
}


def checked(
    found: Checked, files: Sequence[Path], folder: Path, said: str = ""
) -> tuple[list[str], list[str], list[str]]:
    """Everything that was understood, in the order in which a person would check it; then the lines for
    audit.toml, which must not be folded; then the next step, with the options as they were ``said``."""
    lines: list[str] = []
    for source in found.sources:
        where = placed(source.file, source.sheet, 0, "")
        lines += wrapped("", f"{where}: read as {source.title}, {counted(source.rows, 'row')}")
        lines += wrapped("  because ", source.because)
    lines += ["", *_columns(found.columns), ""]
    for one in found.rounds:
        lines += _round(one)
    lines += ["", *(listed(worst(found.problems)) or ["No problems."])]
    if found.lines:
        lines += ["", "To change what is doubtful, put into audit.toml:", ""]
    names = " ".join(quoted(file) for file in files) + said
    step = f"auditkit check {names} --interactive" if found.doubtful else f"auditkit analyse {names}"
    return lines, ["[columns]", *found.lines] if found.lines else [], ["", *following([step], folder)]


def question(column: Column) -> list[str]:
    """What a person is asked about a doubtful column."""
    return [
        "",
        *wrapped('Column "', f'{column.header}"'),
        *wrapped("  values  ", "; ".join(column.samples)),
        *wrapped("  because ", column.reason),
    ]


def _columns(columns: Sequence[Column]) -> list[str]:
    lines = [f"{'Column':<46}{'taken for':<22}how sure", "-" * 80]
    for _, group in groupby(columns, key=lambda c: (c.role, c.confidence, _kind(c), c.stem)):
        alike = list(group)
        for some in [alike] if len(alike) >= TOGETHER else [[column] for column in alike]:
            first, last = some[0], some[-1]
            shown = " ".join(first.header.split())
            if len(some) > 1:
                shown = f"{fit(shown, 20).rstrip()} .. {fit(' '.join(last.header.split()), 20).rstrip()}"
            lines.append(f"{fit(shown, 46)}{fit(first.role, 22)}{first.confidence}")
            why = f"{len(some)} columns; {_kind(first)}" if len(some) > 1 else first.reason
            lines += wrapped("    ", f"{why}. Values: {'; '.join(first.samples)}")
    return lines


def _kind(column: Column) -> str:
    """Why a column has its role, the same for all items of the questionnaire."""
    return "questionnaire" if column.reason.startswith("questionnaire ") else column.reason


def _round(one: RoundFound) -> list[str]:
    pairs = f" in {counted(one.pairs, 'pair')}" if one.pairs else ", no pairs"
    answers = f"{counted(one.answers, 'open answer')} to {counted(one.questions, 'question')}"
    ratings = f"{counted(one.ratings, 'rating')} of {counted(one.items, 'item')}"
    lines = wrapped("", f"{one.name}: {counted(one.people, 'person', 'people')}{pairs}, {answers}, {ratings}", 2)
    for identity, times in one.identity.items():
        several = f"{times} by " if len(one.identity) > 1 else "by "
        lines += wrapped("  known ", f"{several}{KNOWN_BY[identity]}")
    came = [f"{role.role.replace('_', ' ')} {role.answered} of {role.invited}" for role in one.turnout]
    lines += wrapped("  answered ", ", ".join(came)) if came else []
    for missing in one.missing:
        lines += wrapped("  missing ", f"{missing.pair}: {missing.role.replace('_', ' ')}")
    return lines
