"""Rows below the header that are no answers: previews, tests, forms never handed in, notes, the header again."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence

from auditkit import headers
from auditkit.signatures import column

UNFINISHED = "unfinished"
AGAIN = "the header again"

TAIL = 40
"""So many rows at the end are looked at for notes."""

Rows = Sequence[Sequence[str]]

_NO = frozenset("0 false no nein falsch faux non falso nee não nej nie fałsz".split())
_WORDED = {"status": ("response type",), "distributionchannel": ("distribution channel",)}
"""Names of Qualtrics' columns where only their wordings are in the file."""

_NOTE = re.compile(
    r"(notes?|source|footnotes?|remarks?|n\.?b|key|legend|prepared by|exported)\b\s*[:.*-]?.*|[*†‡¹²].*", re.I | re.S
)
_TOTAL = re.compile(r"(grand |sub-?)?(totals?|averages?|means?)\b", re.I)
_SUMMARY = re.compile(
    r"(grand |sub-?)?(totals?|averages?|avg|means?|sum|median|count|std\.? ?dev\.?|sd|min|max|minimum|maximum|n)\b"
    r"[\s:=]*(scores?|ratings?|values?|responses?|all)?",
    re.I,
)


def marked(tool: str, names: Mapping[str, int], kinds: Mapping[int, str], body: Rows) -> dict[int, str]:
    """Index in ``body`` to why not: what a tool itself marks as a preview, a test, spam or unfinished.

    ``names``: column names in small letters to their index; ``kinds``: what the tool's own columns hold. Where
    every row would be unfinished the mark means nothing and is not used.
    """
    if tool == "qualtrics":
        return _qualtrics(names, body)
    if tool == "redcap":
        unfinished = _redcap(names, body)
    elif tool in ("limesurvey", "smartsurvey", "jisc"):
        place = next((place for place, kind in kinds.items() if kind == "date"), None)
        unfinished = [] if place is None else [n for n, cell in enumerate(column(body, place)) if not cell]
        if tool == "smartsurvey" and "status" in names and names["status"] in kinds:
            partial = ("partial", "incomplete", "in progress")
            unfinished += [n for n, cell in enumerate(column(body, names["status"])) if cell.casefold() in partial]
    else:
        return {}
    unfinished = [number for number in unfinished if any(body[number])]
    return {} if len(set(unfinished)) == sum(map(any, body)) else dict.fromkeys(unfinished, UNFINISHED)


def _qualtrics(names: Mapping[str, int], body: Rows) -> dict[int, str]:
    def cells(name: str) -> list[str]:
        place = next((names[one] for one in (name, *_WORDED.get(name, ())) if one in names), None)
        return [""] * len(body) if place is None else [cell.casefold() for cell in column(body, place)]

    found: dict[int, str] = {}
    rows = zip(*map(cells, ("status", "distributionchannel", "finished", "progress")), strict=True)
    for number, (status, channel, finished, progress) in enumerate(rows):
        bits = int(status) if status.isdecimal() else 0
        if bits & 8 or "spam" in status:
            found[number] = "spam"
        elif bits & 2 or "test" in status or channel == "test":
            found[number] = "a test"
        elif bits & 1 or channel == "preview" or re.search("preview|vorschau|aperçu|vista previa|anteprima", status):
            found[number] = "a preview"
        elif finished in _NO or (not finished and progress.isdecimal() and int(progress) < 100):
            found[number] = UNFINISHED
    return found


def _redcap(names: Mapping[str, int], body: Rows) -> list[int]:
    """Rows whose surveys were all left half-way: "[not completed]" for a time, or every form incomplete."""
    times = [place for name, place in names.items() if name.endswith(("_timestamp", "survey timestamp"))]
    forms = [place for name, place in names.items() if re.fullmatch(r".*_complete|complete\?( \(\d+\))?", name)]
    found = []
    for number, row in enumerate(body):
        stamps = {row[place] for place in times if place < len(row) and row[place]}
        states = {row[place].casefold() for place in forms if place < len(row) and row[place]}
        if stamps == {"[not completed]"} or (not stamps and states and states <= {"0", "incomplete"}):
            found.append(number)
    return found


def repeated(body: Rows, above: Rows, header: int) -> dict[int, str]:
    """Rows that repeat the header, or a title above it, as printed pages do."""
    tops = [[text for text in row if text] for row in above if any(row)]
    firsts = {top[0] for top in tops}
    place = next((place for place, text in enumerate(above[header]) if text), 0)
    hits = [n for n, row in enumerate(body) if place < len(row) and (row[place] in firsts or not row[place])]
    return {n: AGAIN for n in hits if any(body[n]) and [text for text in body[n] if text] in tops}


def notes(body: Rows, columns: Sequence[int]) -> dict[int, str]:
    """Rows at the end that hold a remark, or a summary of the rows above."""
    held = [number for number, row in enumerate(body) if any(row)]
    answers = [body[number] for number in held[:50]]
    found: dict[int, str] = {}
    for number in reversed(held[-TAIL:]):  # "Max" alone may be a name
        row = body[number]
        places = [place for place in columns if place < len(row) and row[place]]
        if not places:
            continue
        text = row[places[0]]
        usual = [cell for cell in column(answers, places[0]) if cell and cell != text]
        apart = number > 0 and not any(body[number - 1])
        sure = apart or found or _TOTAL.match(text)
        if sure and _SUMMARY.fullmatch(text) and all(headers.kind(row[place]) == "number" for place in places[1:]):
            found[number] = "a summary"
        elif len(places) == 1 and len(columns) > 1 and _is_note(text, usual, apart, places[0] == columns[0]):
            found[number] = "a note"
        else:
            break
    return found


def _is_note(text: str, usual: Sequence[str], apart: bool, first: bool) -> bool:
    words = statistics.median([len(cell.split()) for cell in usual]) if usual else 0
    if _NOTE.fullmatch(text):
        return words <= 3 or apart
    return (first or not usual) and words <= 2 and len(text.split()) >= 4
