"""Rounds side by side ("COM1 (baseline)", "COM1 (repeat)"), or the two of a pair ("Doctor: COM1"), below each other."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

from auditkit.dates import MONTHS
from auditkit.layouts import Heading
from auditkit.sheets import Sheet
from auditkit.values import fold, round_key

LEAST = 2  # questions that must be asked in each round before columns are taken for rounds

_TOKEN = (
    r"baseline|repeat|before|after|pre|post|follow[ -]?up|start|end|t[0-9]|(?:time|round|wave|year|phase)[ _-]?[1-9]"
    rf"|w[1-9]|(?:(?:{'|'.join(MONTHS)})[a-z]{{0,6}}\.? )?20\d\d"
)
_PARTNER = (
    r"(?:lead |senior )?(?:doctors?|clinicians?|consultants?|medics?|physicians?)(?:'s)?|medical lead"
    r"|(?:lead |senior |service |general )?managers?(?:'s)?"
)


def _patterns(token: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    last = rf"(.*\w.*?)[\s_:.(\[–-]+({token})[)\]]?"
    first = rf"[(\[]?({token})[)\]]?[\s_:.–-]+(.*\w.*)"
    return re.compile(last, re.IGNORECASE | re.DOTALL), re.compile(first, re.IGNORECASE | re.DOTALL)


_KINDS = {"round": _patterns(_TOKEN), "role": _patterns(_PARTNER)}
"""What may stand side by side, and how a header says so."""


def unfold(sheet: Sheet) -> Sheet:
    """The sheet with one row a person and round, and a column for the round; with one a person where the two of a
    pair stand side by side; as it is where no columns repeat.

    Columns are those of rounds or roles if the same questions occur with the same two or more names of them, and
    make up half of the columns at least. Each row keeps its number. Columns of neither stand in every row.
    """
    for kind in _KINDS:
        sheet = _unfolded(sheet, kind)
    return sheet


def _unfolded(sheet: Sheet, kind: str) -> Sheet:
    parts = [_parts(heading.header, kind) for heading in sheet.headings]
    times = Counter(token for base, token in parts if token)
    bases: dict[str, dict[str, int]] = {}
    for index, (base, token) in enumerate(parts):
        if token and times[token] >= LEAST:
            bases.setdefault(fold(base), {}).setdefault(token, index)
    shared = [found for found in bases.values() if len(found) > 1]
    tokens = sorted({token for found in shared for token in found}, key=round_key)
    held = sum(token in tokens for _, token in parts)
    if len(shared) < LEAST or len(tokens) < 2 or 2 * held < len(parts):
        return sheet
    common = [index for index, (_, token) in enumerate(parts) if token not in tokens]
    asked = [found for found in bases.values() if set(found) & set(tokens)]
    headings = [sheet.headings[index] for index in common]
    for found in asked:
        first = sheet.headings[next(iter(found.values()))]
        code = _parts(first.code, kind)[0] if first.code else ""
        stem = "" if fold(first.stem) in tokens else first.stem
        headings.append(dataclasses.replace(first, header=_parts(first.header, kind)[0], code=code, stem=stem))
    headings.append(Heading(len(headings), kind, role=kind, reason=f"{kind}s side by side"))
    headings = [dataclasses.replace(heading, index=index) for index, heading in enumerate(headings)]
    rows, numbers = [], []
    for number, row in zip(sheet.numbers, sheet.rows, strict=True):
        for token in tokens:
            answers = [row[found[token]] if token in found else "" for found in asked]
            if any(answers):
                rows.append((*(row[index] for index in common), *answers, token))
                numbers.append(number)
    because = f"{sheet.layout.because}; {kind}s side by side ({', '.join(tokens)})"
    return dataclasses.replace(
        sheet,
        layout=dataclasses.replace(sheet.layout, because=because),
        headers=tuple(heading.header for heading in headings),
        headings=tuple(headings),
        numbers=tuple(numbers),
        rows=tuple(rows),
        labels={_parts(header, kind)[0]: labels for header, labels in sheet.labels.items()},
    )


def _parts(header: str, kind: str) -> tuple[str, str]:
    """A header without the name of a round or role, and that name in small letters; the header and "" without one."""
    text, (last, first) = " ".join(header.split()), _KINDS[kind]
    if found := last.fullmatch(text):
        return found[1].rstrip(" _:.([-–"), " ".join(found[2].casefold().split())
    if found := first.fullmatch(text):
        return found[2], " ".join(found[1].casefold().split())
    return text, ""
