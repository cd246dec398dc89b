"""One column of a sheet, understood."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditkit.errors import AuditkitError
from auditkit.scales import AnswerScale
from auditkit.values import fold


@dataclass(frozen=True)
class Column:
    """A column's role. ``confidence``: sure, likely or doubtful. ``samples``: kinds of values, never a value
    that says something of a person. ``stem``: the question it shares. ``scale``: how its ratings are read."""

    header: str
    role: str
    confidence: str
    reason: str
    samples: tuple[str, ...] = ()
    stem: str = ""
    scale: AnswerScale | None = None


_OTHERWISE = {
    "open": "ignore, fact",
    "rating": "fact, ignore",
    "fact": "rating, ignore",
    "respondent": "ignore",
    "ignore": "open, rating, fact",
}
"""What a doubtful column of a role may be instead, the likeliest first."""


def toml_lines(columns: Sequence[Column]) -> list[str]:
    """The lines of audit.toml, below [columns], for the columns whose role is doubtful: why, and what else to write."""
    lines = []
    for column in columns:
        if column.confidence == "doubtful":
            other = _OTHERWISE.get(column.role, "ignore")
            if "consent" in column.reason:
                other = "consent_analysis, consent_quote, consent_pair_ratings, consent_pair_words"
            lines += [f"# {column.reason}", f"# or: {other}", f'{_toml(column.header)} = "{column.role}"']
    return lines


def _toml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def as_dict(column: Column) -> dict[str, object]:
    """A column as plain values, without the scale by which it is read."""
    about: Mapping[str, object] = {each.name: getattr(column, each.name) for each in dataclasses.fields(column)}
    return {name: value for name, value in about.items() if name != "scale"}


def find(headers: Sequence[str], wanted: str, option: str) -> str:
    """The header that an option means, whatever its case and spaces; AuditkitError with near ones if none."""
    for header in headers:
        if fold(header) == fold(wanted):
            return header
    names = {fold(header): header for header in headers}
    near = [names[name] for name in difflib.get_close_matches(fold(wanted), list(names), n=3, cutoff=0.5)]
    raise AuditkitError(
        f'{option}: there is no column "{wanted}"',
        "Did you mean " + " or ".join(f'"{name}"' for name in near) + "?" if near else "Use a header of the sheet.",
        details=["columns: " + ", ".join(f'"{header[:40]}"' for header in headers[:20])],
    )
