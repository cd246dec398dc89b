"""One row a person with the rounds side by side ("COM1 (baseline)", "COM1 (repeat)"), as one row a round."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

from auditkit.dates import MONTHS
from auditkit.layouts import Heading
from auditkit.sheets import Sheet
from auditkit.values import fold, round_key

ROUND = "round"  # the header of the column that is added
LEAST = 2  # questions that must be asked in each round before columns are taken for rounds

_TOKEN = (
    r"baseline|repeat|before|after|pre|post|follow[ -]?up|start|end|t[0-9]|(?:time|round|wave|year|phase)[ _-]?[1-9]"
    rf"|w[1-9]|(?:(?:{'|'.join(MONTHS)})[a-z]{{0,6}}\.? )?20\d\d"
)
_LAST = re.compile(rf"(.*\w.*?)[\s_:.(\[–-]+({_TOKEN})[)\]]?", re.IGNORECASE | re.DOTALL)
_FIRST = re.compile(rf"[(\[]?({_TOKEN})[)\]]?[\s_:.–-]+(.*\w.*)", re.IGNORECASE | re.DOTALL)


def unfold(sheet: Sheet) -> Sheet:
    """The sheet with one row a person and round, and a column for the round; as it is where no columns repeat.

    Columns are those of rounds if the same questions occur with the same two or more names of rounds, and
    make up half of the columns at least. Each row keeps its number. Columns of no round stand in every row.
    """
    parts = [_parts(heading.header) for heading in sheet.headings]
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
        code = _parts(first.code)[0] if first.code else ""
        headings.append(dataclasses.replace(first, header=_parts(first.header)[0], code=code))
    headings.append(Heading(len(headings), ROUND, role="round", reason="rounds side by side"))
    headings = [dataclasses.replace(heading, index=index) for index, heading in enumerate(headings)]
    rows, numbers = [], []
    for number, row in zip(sheet.numbers, sheet.rows, strict=True):
        for token in tokens:
            answers = [row[found[token]] if token in found else "" for found in asked]
            if any(answers):
                rows.append((*(row[index] for index in common), *answers, token))
                numbers.append(number)
    because = f"{sheet.layout.because}; rounds side by side ({', '.join(tokens)})"
    return dataclasses.replace(
        sheet,
        layout=dataclasses.replace(sheet.layout, because=because),
        headers=tuple(heading.header for heading in headings),
        headings=tuple(headings),
        numbers=tuple(numbers),
        rows=tuple(rows),
        labels={_parts(header)[0]: labels for header, labels in sheet.labels.items()},
    )


def _parts(header: str) -> tuple[str, str]:
    """A header without the name of a round, and that name in small letters; the header and "" where it has none."""
    text = " ".join(header.split())
    if found := _LAST.fullmatch(text):
        return found[1].rstrip(" _:.([-–"), " ".join(found[2].casefold().split())
    if found := _FIRST.fullmatch(text):
        return found[2], " ".join(found[1].casefold().split())
    return text, ""
