"""Which rows of a sheet are its header, and what question the columns of a grid share."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from auditkit.grids import at
from auditkit.values import fold, plain

TOP = 60
"""So many rows at the top are looked at for the header."""

_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?\s?%?")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([ T].*)?|\d\d?[/.]\d\d?[/.](\d{4}|\d\d)([ ,T].*)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CODE = re.compile(r"(?=.*\d)[\w.-]{1,40}")
_ANSWER = frozenset(
    "response|responses|open-ended response|open ended response|answer|antwort|antworten|offene antwort|réponse"
    "|réponse ouverte|respuesta|respuesta abierta|resposta|risposta|risposta aperta|antwoord".split("|")
)
_ASIDE = re.compile(
    r"(other|otro|autre|sonstige[sr]?|andere[sr]?|altro)\b.{0,40}|(comments?|kommentar|text|please specify|details?)\W*"
    r"|(row|column|option|n/?a)\W*\d*|[\d\W]*",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]", re.DOTALL)
_BRACKET_FIRST = re.compile(r"\[([^\[\]]+)\]\s*(\S.*)", re.DOTALL)
_JISC = re.compile(r"Q?(\d+(?:\.\d+)*(?:\.[a-z])*(?:\.\d+)*)[.:)]?\s+(\S.*)", re.DOTALL)
_LIMESURVEY = re.compile(r"([^\W\d]\w*(?:\[[^\]]*\])*)\. ?(\S.*)", re.DOTALL)
_CHECKBOX = re.compile(r"(.+?)\s*\(choice=.*\)|(\w+?)___\w+", re.DOTALL)
_POINTS = frozenset(("score", "feedback"))

Rows = Sequence[Sequence[str]]
Merged = Sequence[tuple[int, int, int, int]]


def find(rows: Rows, known: Callable[[str], bool]) -> int | None:
    """The index of the header row, None where every row that is wide enough looks like data.

    The row with most headers that are ``known`` (two at least), else the first that is half as wide as the
    rows are and does not hold what stands below it: numbers over numbers, words that come again.
    """
    top = [index for index, row in enumerate(rows[:TOP]) if any(row)]
    if not top:
        return None
    if len(top) == 1:
        return top[0]
    counts = {index: sum(map(bool, rows[index])) for index in top}
    heads = {text for index in top for text in rows[index] if text and known(text)}
    hits = {index: len(heads.intersection(rows[index])) for index in top}
    for index in sorted(top, key=lambda index: (-hits[index], index)):
        if hits[index] < 2:
            break
        if not _is_data(rows, index):
            return index
    wide = sorted(counts.values())[(3 * len(top)) // 4]
    named = (index for index in top if 2 * counts[index] >= wide and not _is_data(rows, index))
    return next((index for index in named if any(map(any, rows[index + 1 :])) or not _is_like(rows, index)), None)


def _is_like(rows: Rows, index: int) -> bool:
    """Whether the last row holds the kinds of values that the rows above it hold: then it is no header."""
    cells, above = rows[index], [row for row in rows[max(0, index - 50) : index] if any(row)]
    alike = [kind(text) for text in cells] == [kind(text) for text in above[-1]] if above else False
    return alike and any(kind(text) not in ("", "text") for text in cells)


def kind(text: str) -> str:
    """What a cell holds: number, date, email, code (no blanks, a digit in it), text, or "" for none."""
    if not text:
        return ""
    for name, pattern in (("number", _NUMBER), ("date", _DATE), ("email", _EMAIL), ("code", _CODE)):
        if pattern.fullmatch(text):
            return name
    return "text"


def below(rows: Rows, header: int) -> list[Sequence[str]]:
    """The next rows that hold something and are not the header again, 50 at most."""
    own = [text for text in rows[header] if text]
    found = (row for row in rows[header + 1 : header + 120] if any(row))
    return [row for row in found if [text for text in row if text] != own][:50]


def _is_data(rows: Rows, index: int) -> bool:
    """Whether a row holds what the rows below it hold, so that it can be no header."""
    cells, body = rows[index], below(rows, index)
    filled = [place for place, text in enumerate(cells) if text]
    numbers = [int(cells[place]) for place in filled if cells[place].isdecimal() and cells[place].isascii()]
    numbered = len(numbers) > 0 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    numbered = (
        numbered and (numbers[0] in (0, 1) or 1990 <= numbers[0] <= 2100) and (len(numbers) > 2 or numbers[0] > 1)
    )
    alike = again = 0
    for place in filled:
        own = kind(cells[place])
        under = [row[place] for row in body if place < len(row) and row[place]]
        if not under:
            continue
        same = own in ("date", "email") or (own == "number" and not numbered)
        letters = re.sub(r"\d+", "", cells[place])
        same = same or (own == "code" and letters != "" and all(re.sub(r"\d+", "", c) == letters for c in under))
        alike += same and _mostly(under, own)
        again += cells[place] in under and len(set(under)) > 1
    return alike >= min(3, max(1, len(filled) / 3)) or again >= max(1, len(filled) / 4)


def _mostly(cells: Sequence[str], wanted: str) -> bool:
    return sum(kind(cell) == wanted for cell in cells) > len(cells) / 2


def spans(merged: Merged, row: int) -> list[tuple[int, int]]:
    """(first column, last column) of the cells of a row that are merged over several columns."""
    return [(left, right) for top, left, bottom, right in merged if top == row == bottom and right > left]


def second_row(rows: Rows, header: int, merged: Merged = ()) -> str:
    """What the row below the header is: "items" (of the questions above), "wordings" (of the codes above), ""."""
    if header + 1 >= len(rows):
        return ""
    upper, lower = rows[header], rows[header + 1]
    body = [row for row in rows[header + 2 : header + 60] if any(row)]
    filled = [place for place, text in enumerate(lower) if text]
    if not body or not filled or any(kind(lower[place]) in ("number", "date", "email") for place in filled):
        return ""
    over_numbers = blank_over_cells = numeric = 0
    for place in range(max(len(upper), len(lower))):
        under = [row[place] for row in body if place < len(row) and row[place]]
        own, above = at(lower, place), at(upper, place)
        numbers = bool(under) and _mostly(under, "number")
        numeric += numbers
        if not own:
            blank_over_cells += bool(above) and len(under) >= 0.8 * len(body)
        elif (own in under and len(set(under)) > 1) or (kind(own) == "code" and _mostly(under or [""], "code")):
            return ""
        else:
            over_numbers += numbers and kind(own) == "text"
    wide = spans(merged, header)
    gaps = any(not at(upper, place) and at(upper, place - 1) for place in filled if place)
    repeated = any(at(upper, place) and at(upper, place) == at(upper, place - 1) for place in filled if place)
    if wide or ((gaps or repeated) and (blank_over_cells or (over_numbers >= 2 and len(body) >= 2))):
        return "items"
    texts = [plain(lower[place]) for place in filled]
    longer = statistics.median(map(len, texts)) > statistics.median([len(text) for text in upper if text] or [0])
    enough = over_numbers >= 2 and 2 * over_numbers >= numeric and len(body) >= 2
    covers = len(filled) >= 0.6 * sum(map(bool, upper)) and len(set(texts)) == len(texts)
    return "wordings" if enough and covers and longer and not gaps else ""


_YEAR = re.compile(r"20\d\d(?:\.0)?")


def stands_above(rows: Rows, header: int, merged: Merged = ()) -> bool:
    """Whether the row above the header holds the shared questions of its columns, and is no title."""
    if not header:
        return False
    upper, lower = rows[header - 1], rows[header]
    filled = [place for place, text in enumerate(upper) if text]
    first = next((place for place, text in enumerate(lower) if text), 0)
    wide = spans(merged, header - 1)
    if not filled or any(kind(upper[place]) != "text" and not _YEAR.fullmatch(upper[place]) for place in filled):
        return False
    if wide:
        return len(filled) > 1 or filled[0] > first
    gaps = all(not at(upper, place + 1) and at(lower, place + 1) for place in filled[:-1])
    return len(filled) > 1 and filled[0] > first and gaps


def stems(upper: Sequence[str], lower: Sequence[str], wide: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """(shared question, header) of each column under two header rows; the upper one counts to the right,
    over its merged cells, else as far as nothing but the lower row is filled."""
    width = max(len(upper), len(lower))
    over = {place: left for left, right in wide for place in range(left, right + 1)}
    questions: list[str] = []
    for place in range(width):
        own = plain(at(upper, place))
        if not own and place in over:
            own = plain(at(upper, over[place]))
        elif not own and place and at(lower, place) and (not over or place - 1 not in over):
            own = questions[-1]
        questions.append(own)
    shared = Counter(questions)
    found = []
    for place, question in enumerate(questions):
        item = plain(at(lower, place))
        if not item or item == question or (item.casefold() in _ANSWER and question):
            found.append(("", question))
        elif _ASIDE.fullmatch(item) and question:
            found.append((question, f"{question} - {item}"))
        else:
            found.append((question if shared[question] > 1 or question not in (item, "") else "", item))
    return found


def by_bracket(headers: Sequence[str]) -> list[tuple[str, str]]:
    """(shared question, item) of headers such as "Question [Item]" that share their question, else ("", header)."""
    parts: list[tuple[str, str] | None] = []
    for header in headers:
        match, first = _BRACKET.fullmatch(header), _BRACKET_FIRST.fullmatch(header)
        if match and fold(match[2]) not in _POINTS:
            parts.append((plain(match[1]), plain(match[2])))
        else:
            parts.append((plain(first[2]), plain(first[1])) if first else None)
    shared = Counter(part[0] for part in parts if part)
    return [
        (part if not _ASIDE.fullmatch(part[1]) else (part[0], plain(header)))
        if part and shared[part[0]] > 1
        else ("", plain(header))
        for part, header in zip(parts, headers, strict=True)
    ]


def by_dash(headers: Sequence[str], groups: Sequence[str]) -> list[tuple[str, str]]:
    """(shared question, item) of headers such as "Question - Item", where those of one group begin alike."""
    members: dict[str, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        if group:
            members[group].append(place)
    found = [("", plain(header)) for header in headers]
    for places in members.values():
        texts = [plain(headers[place]) for place in places]
        start = _common_start(texts)
        end = max(start.rfind(" - "), start.rfind(" – "))
        cut = (end, end + 3) if end > 0 else (start.rfind("-"), start.rfind("-") + 1)
        if cut[0] <= 0:
            continue
        for place, text in zip(places, texts, strict=True):
            item, stem = text[cut[1] :].strip(), text[: cut[0]].strip()
            found[place] = (stem, text if _ASIDE.fullmatch(item) else item)
    return [(stem, re.sub(r" - Selected Choice$", "", header)) for stem, header in found]


def by_path(headers: Sequence[str]) -> list[tuple[str, str]]:
    """(group, question) of headers such as "group/question", where a group holds several; else ("", header)."""
    sign = "/" if any("/" in header for header in headers) else "-"  # ODK Central writes "group-question"
    named = [sign == "/" or bool(re.fullmatch(r"\w+(-\w+)+", header)) for header in headers]
    parts = [
        plain(h).rpartition(sign) if is_path else ("", "", plain(h)) for h, is_path in zip(headers, named, strict=True)
    ]
    groups = Counter(group for group, _, _ in parts if group)
    return [
        (group, last)
        if group and last and (groups[group] > 1 or re.fullmatch(r"[\w./-]+", group + last))
        else ("", plain(header))
        for (group, _, last), header in zip(parts, headers, strict=True)
    ]


def split_codes(tool: str, headers: Sequence[str]) -> tuple[list[str], list[str]]:
    """(codes, wordings) of headers such as "2.1. We agree" or "G1Q1[SQ001]. We agree", where the tool writes them."""
    pattern = {"jisc": _JISC, "smartsurvey": _JISC, "limesurvey": _LIMESURVEY}.get(tool)
    matches = [pattern.fullmatch(header) if pattern else None for header in headers]
    if tool == "limesurvey" and sum(map(bool, matches)) < 0.8 * sum(map(bool, headers)):
        matches = [None] * len(headers)
    return [m[1] if m else "" for m in matches], [m[2] if m else h for m, h in zip(matches, headers, strict=True)]


def grid_of(code: str, codes: Sequence[str]) -> str:
    """The question of Jisc's grid that a code such as 3.2 or 3.2.a is in, "" for a question on its own."""
    number, _, row = code.partition(".")
    rows = {other.split(".")[1] for other in codes if other.startswith(f"{number}.")}
    return f"Question {number}" if row[:1].isdecimal() and sum(other.isdecimal() for other in rows) > 1 else ""


def checkbox(header: str) -> tuple[str, str] | None:
    """(question, header) of one box of REDCap's, None for any other header."""
    match = _CHECKBOX.fullmatch(header)
    return ((match[1] or match[2]).strip(), plain(header)) if match else None


def unique(headers: Sequence[str], questions: Sequence[str]) -> list[str]:
    """Headers of which no two are the same: by the shared question in front, then by a number behind."""
    times = Counter(headers)
    named = [
        f"{question} - {header}" if times[header] > 1 and question else header
        for header, question in zip(headers, questions, strict=True)
    ]
    taken: Counter[str] = Counter()
    own, result = set(named), []
    for header in named:
        taken[header] += 1
        while taken[header] > 1 and f"{header} ({taken[header]})" in own:
            taken[header] += 1
        result.append(header if taken[header] == 1 else f"{header} ({taken[header]})")
    return result


def _common_start(texts: Sequence[str]) -> str:
    """What all texts begin with; "" where they are all the same."""
    first, last = min(texts), max(texts)
    return next((first[:place] for place, letter in enumerate(first) if letter != last[place]), "")
