"""What the columns that a survey tool adds itself say: who answered, when, and what identifies people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from auditkit import headers, signatures

Rows = Sequence[Sequence[str]]

PERSONAL = "may identify people"
"""Part of why a column that could say who answered is kept out."""

RESPONSE_ID = "a number of the response, another in each round"
"""Why a column that tells people apart within one round is no code of theirs."""

_ROLES: Mapping[str, tuple[str, str]] = {
    "number": ("ignore", "a running number of the export, no person"),
    "start": ("ignore", "when it was begun"),
    "kept": ("ignore", "kept by the tool, no answer"),
    "place": ("personal", PERSONAL),
    "name": ("personal", f"{PERSONAL}: names"),
    "round": ("round", "the event"),
}


def roles(tool: str, kinds: Mapping[int, str], names: Mapping[int, str], body: Rows) -> dict[int, tuple[str, str]]:
    """(role, reason) of each of a tool's own columns, from what it is for and what it holds.

    ``kinds``: index to what signatures.kind says; ``names``: index to header. One column at most gets the role
    respondent, email or date. The number that a tool gives to each response gets no role but a reason: it is
    another in each round, so it tells people apart within one round only; "ignore" where a better column does.
    """
    cells = {place: [cell for cell in signatures.column(body, place) if cell] for place in kinds}
    times = [place for wanted in ("date", "end") for place, kind in kinds.items() if kind == wanted]
    handed_in = next((p for p in times if signatures.dated(cells[p]) and not _never(cells[p])), None)
    people = [p for p, kind in kinds.items() if kind == "person" and _tells_apart(cells[p])]
    emails = [p for p, kind in kinds.items() if (kind == "email" or p in people) and _emails(cells[p])]
    people = [p for p in people if p not in emails]
    better = next((names[p] for p in people + emails), "")
    events = any(kind == "round" and cells[place] for place, kind in kinds.items())
    found: dict[int, tuple[str, str]] = {}
    for place, kind in kinds.items():
        role, reason = _ROLES.get(kind, ("", ""))
        if not cells[place]:
            role, reason = "ignore", "empty"
        elif place == handed_in:
            role, reason = "date", "when it was handed in"
        elif kind in ("date", "end"):
            role, reason = "ignore", "another time, or no date"
        elif place in emails:
            role, reason = ("email", "e-mail addresses") if place == emails[0] else ("personal", f"{PERSONAL}: names")
        elif kind == "email":
            role, reason = "ignore", "no e-mail addresses"
        elif kind == "name" and len(set(map(str.casefold, cells[place]))) == 1 and len(cells[place]) > 1:
            role, reason = "ignore", "the same in every row"
        elif people and place == people[0]:
            role, reason = "respondent", "whom the form was sent to"
        elif kind == "record" and events:
            role, reason = "respondent", "the record, the same in each event"
        elif kind in ("response", "record"):
            role, reason = _of_response(cells[place], better)
        found[place] = (role, f"{signatures.TITLES[tool]}: {reason}" if reason else "")
    return found


def _of_response(cells: Sequence[str], better: str) -> tuple[str, str]:
    different = set(cells)
    numbers = sorted(int(cell) for cell in different if cell.isdecimal() and cell.isascii())
    if len(cells) > 2 and max(Counter(cells).values()) > len(cells) / 2:
        return "ignore", "tells nobody apart"
    if better:
        return "ignore", f'the person is read from "{better}"'
    if len(numbers) == len(cells) and numbers[0] in (0, 1) and numbers[-1] - numbers[0] + 1 == len(numbers):
        return _ROLES["number"]
    return "", RESPONSE_ID


def _never(cells: Sequence[str]) -> bool:
    """LimeSurvey writes 1980-01-01 where it was told to keep no date."""
    return all(cell.startswith("1980-01-01") for cell in cells)


def _emails(cells: Sequence[str]) -> bool:
    return bool(cells) and 2 * sum(headers.kind(cell) == "email" for cell in cells) > len(cells)


def _tells_apart(cells: Sequence[str]) -> bool:
    return len(set(cells)) > 1 and len(set(cells)) >= 0.6 * len(cells)
