"""What can be the label of a theme, and how long the texts of a codebook may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

LABEL, STATEMENT, TEXT = 80, 500, 5_000  # characters at most
SENTENCES = ("statements_good", "statements_poor", "statements")
POLES = frozenset("works well|good|problem|poor|both|mixed|not clear".split("|"))
"""What a review sheet reads as a pole, in brackets behind a label."""

COMMANDS = frozenset("none|ok|x|y|yes|n|no|true|false|works well|problem|both|not clear".split("|"))
"""What a review sheet reads as a mark, a pole or "no theme"."""

ID = re.compile(r"[TS]\d+", re.IGNORECASE)


def label_fault(label: str) -> tuple[str, str] | None:
    """Why a text cannot be the label of a theme, and what to do; None where it can."""
    plain = " ".join(label.casefold().split())
    _, bracket, inside = plain.removesuffix(")").rpartition("(")
    if not plain:
        return "the label is missing", "Write a label."
    if len(label) > LABEL:
        return (
            f"the label has {len(label):,} characters",
            f"Keep it to {LABEL}, and put the rest into the definition.",
        )
    if ";" in label:
        return f'the label "{label}" holds ";"', 'Take out the ";": it stands between two themes.'
    if plain == "none":
        return f'the label is "{label}"', 'Choose another: "none" stands for no theme.'
    if plain in COMMANDS:
        return f'the label is "{label}"', "Choose another: a review sheet reads this as a mark or a pole."
    if bracket and plain.endswith(")") and inside.strip() in POLES:
        return (
            f'the label "{label}" ends with a pole',
            f'Leave out "({inside.strip()})": every theme can be set with either pole.',
        )
    if ID.fullmatch(plain):
        return f'the label "{label}" looks like the id of a theme', "Choose a label in words."
    return None


def text_faults(theme: Any) -> Iterator[tuple[str, str, str]]:
    """Columns of a theme whose texts are longer than they may be: the column, what is found, and what to do."""
    for column in ("definition", "include", "exclude"):
        if len(getattr(theme, column)) > TEXT:
            yield column, f"the text has {len(getattr(theme, column)):,} characters", f"Keep it to {TEXT:,}."
    for column in SENTENCES:
        longest = max(map(len, getattr(theme, column)), default=0)
        if longest > STATEMENT:
            yield column, f"a statement has {longest:,} characters", f"Keep each to {STATEMENT}, a sentence."
