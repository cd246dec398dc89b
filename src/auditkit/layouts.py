"""Which tool's export a sheet is, and where in it the header and the answers are."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditkit import headers, hints, leftovers, signatures
from auditkit.errors import AuditkitError
from auditkit.grids import at, letters
from auditkit.signatures import TITLES, column
from auditkit.values import fold, plain

if TYPE_CHECKING:
    from auditkit.grids import Grid

NAMES = tuple(TITLES)
"""Every layout, as --layout takes it."""


@dataclass(frozen=True)
class Heading:
    """A column in use. ``index`` counts the grid's columns from 0; ``header`` is unique in the sheet.

    ``code``: the tool's short name, "" if there is none. ``stem``: the question that the columns of a grid
    share. ``role``: what the tool's layout says of it (a role of config.COLUMN_ROLES, "personal", "ignore"),
    "" where header and values must decide; ``reason``: why, in words.
    """

    index: int
    header: str
    code: str = ""
    stem: str = ""
    role: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Layout:
    """Where the header and the answers are. ``header``: index of the first of ``depth`` header rows.

    ``left_out``: (index of the row, why) of rows below the header that are no answers. ``because``: by what
    the layout was recognised, in words.
    """

    name: str
    because: str
    header: int
    depth: int
    headings: tuple[Heading, ...]
    left_out: tuple[tuple[int, str], ...] = ()


def title(name: str) -> str:
    """A layout's name as it is printed."""
    return TITLES[name]


def recognise(
    grid: Grid,
    known: Callable[[str], bool],
    *,
    layout: str | None = None,
    header_row: int | None = None,
    unfinished: bool = False,
) -> Layout:
    """The layout of a grid that holds text.

    ``known`` tells whether a text is a header that auditkit knows. ``layout`` (one of NAMES) and
    ``header_row`` (Excel's number) are set by hand. ``unfinished``: answers never handed in are read.
    Raises AuditkitError for an unknown layout, a header row that is not there, and where no row can be one.
    """
    where = grid.file + (f", sheet {grid.sheet}" if grid.sheet else "")
    if layout is not None and layout not in TITLES:
        near = difflib.get_close_matches(fold(layout).replace(" ", "-"), NAMES, n=1, cutoff=0.4)
        fix = f"Did you mean {near[0]}? " if near else ""
        raise AuditkitError(f'--layout: there is no layout "{layout}"', f"{fix}Use one of: {', '.join(NAMES)}.")
    if header_row is not None and not (1 <= header_row <= len(grid.rows) and any(grid.rows[header_row - 1])):
        empty = 1 <= header_row <= len(grid.rows)
        raise AuditkitError(
            f"--header-row {header_row}: {where} has {'nothing in that row' if empty else f'{len(grid.rows)} rows'}",
            "Give the number that Excel shows beside the row with the names of the columns.",
        )
    tool, because, header = _tool(grid, None if header_row is None else header_row - 1)
    by_hand = [f"--layout {layout}"] if layout else []
    if layout in (None, tool):
        because = because or ""
    elif layout == "spss" or layout == "long" or layout == "plain":
        tool, because = "", ""
        header = None if header_row is None else header
    else:
        tool, because = str(layout), ""
    if header is None:
        header = headers.find(grid.rows, known)
    if header is None:
        raise AuditkitError(
            f"{where}: no header found: every row at the top looks like answers",
            "Write the names of the columns into the row above the answers, or name their row with --header-row.",
        )
    name = layout or ("spss" if grid.kind == "sav" else tool or "plain")
    if header_row is not None:
        by_hand.append(f"--header-row {header_row}")
    return _Reader(grid, header, tool, name, because, header_row is not None, unfinished).layout(by_hand)


def _tool(grid: Grid, at: int | None) -> tuple[str, str, int | None]:
    """(tool, what shows it, index of its header row) of a grid; ("", "", ``at``) where no tool is known."""
    places = [at] if at is not None else [i for i, row in enumerate(grid.rows[: headers.TOP]) if any(row)]
    for index in places:
        found = signatures.sign(grid.rows[index], [row for row in grid.rows[index + 1 : index + 40] if any(row)])
        if found:
            return (*found, index)
    return "", "", at


class _Reader:
    """The parts of one layout, found one after the other."""

    def __init__(
        self, grid: Grid, header: int, tool: str, name: str, because: str, fixed: bool, unfinished: bool
    ) -> None:
        self.grid, self.rows, self.tool, self.name, self.because = grid, grid.rows, tool, name, because
        self.header, self.unfinished = header, unfinished
        self.depth, self.under = self._depth(fixed)
        self.body = self.rows[self.header + self.depth :]
        self.columns = self._in_use()
        self.kinds = self._kinds()

    def layout(self, by_hand: Sequence[str]) -> Layout:
        """The layout, with what a person said by hand named first."""
        headings = self._headings()
        because = self.because
        if self.name == "plain" and not by_hand and (question := _long(headings, self.body)):
            self.name, because = "long", f'a column "{question[0].header}" beside a column "{question[1].header}"'
            why = "one answer a row: the question"
            headings = [replace(h, role="question", reason=why) if h is question[0] else h for h in headings]
        if self.name == "spss" and not because:
            because = "names, labels and questions of an SPSS file"
        elif self.name == "spss":
            because = f"an SPSS file from {TITLES[self.tool]}: {because}"
        parts = [*by_hand, *([because] if because else [])]
        if self.depth > 1 and self.name in ("plain", "long"):
            parts.append(f"{'three' if self.depth == 3 else 'two'} header rows")
        if not parts:
            parts.append("no columns of a survey tool")
        return Layout(self.name, ", ".join(parts), self.header, self.depth, tuple(headings), self._left_out())

    def _depth(self, fixed: bool) -> tuple[int, str]:
        """How many header rows there are, and what the second is: items, wordings or ""."""
        rows, merged = self.rows, self.grid.merged
        after = rows[self.header + 1 : self.header + 4]
        if self.grid.kind in ("sav", "parquet"):
            return 1, ""
        if self.tool == "qualtrics":
            ids = next((i for i, row in enumerate(after[:2]) if _import_ids(row)), None)
            if ids is not None:
                return ids + 2, "wordings" if ids else ""
            legacy = self.because.startswith("columns V1")
            return (2, "wordings") if after and (legacy or self._names_again(after[0])) else (1, "")
        if self.tool in ("surveymonkey", "smartsurvey"):
            own = self._own_columns()
            most = 2 if self.tool == "smartsurvey" else 1  # a third row names what goes with "Other"
            below = itertools.takewhile(lambda row: any(row) and not any(at(row, place) for place in own), after[:most])
            depth = 1 + len(list(below)) if own else 1
            return depth, "items" if depth > 1 else ""
        if self.tool:
            return 1, ""
        if not fixed and headers.stands_above(rows, self.header, merged):
            self.header -= 1
            return 2, "items"
        under = headers.second_row(rows, self.header, merged)
        return (2, under) if under else (1, "")

    def _own_columns(self) -> list[int]:
        kinds = [signatures.kind(self.tool, text) for text in self.rows[self.header]]
        first = next(
            (place for place, kind in enumerate(kinds) if not kind and self.rows[self.header][place]), len(kinds)
        )
        return [place for place, kind in enumerate(kinds[:first]) if kind in ("response", "start", "date")]

    def _names_again(self, row: Sequence[str]) -> bool:
        """Whether the row below a tool's header holds wordings: words where dates and numbers would stand."""
        kinds = [signatures.kind(self.tool, text) for text in self.rows[self.header]]
        own = [place for place, kind in enumerate(kinds) if kind in ("start", "end", "date", "response")]
        cells = [row[place] for place in own if place < len(row) and row[place]]
        return bool(cells) and all(headers.kind(cell) in ("text",) or cell.casefold() == "responseid" for cell in cells)

    def _in_use(self) -> list[int]:
        top = self.rows[self.header : self.header + self.depth]
        width = max(map(len, top), default=0)
        longest = max(map(len, self.body), default=0)
        if self.grid.kind == "csv" and longest > width:
            over = sum(len(row) > width for row in self.body)
            longest = longest if 2 * over > len(self.body) else width
        named = {place for row in top for place, text in enumerate(row) if text}
        places = range(max(width, longest))
        return [p for p in places if p in named or any(len(row) > p and row[p] for row in self.body)]

    def _kinds(self) -> dict[int, str]:
        """What each of the tool's own columns holds, by index; questions are not in it."""
        if self.because.startswith("a number, two times"):
            return dict(enumerate(("number", "start", "date", "email", "name")))
        top = self.rows[self.header]
        under = self.rows[self.header + 1] if self.under == "wordings" and self.tool == "qualtrics" else []
        kinds: dict[int, str] = {}
        leading = True
        for place in self.columns:
            text = top[place] if place < len(top) else ""
            if text[:1] == "V" and text[1:].isdecimal() and place < len(under):
                text = under[place]
            kind = signatures.kind(self.tool, text)
            listed = self.tool not in signatures.LEADING or leading or signatures.patterned(self.tool, text)
            if kind and listed:
                kinds[place] = kind
            elif text:
                leading = False
        return kinds

    def _headings(self) -> list[Heading]:
        top = [at(self.rows[self.header], place) for place in self.columns]
        lower = [self._under(place) for place in self.columns] if self.under else []
        own = [place in self.kinds for place in self.columns]
        codes = [""] * len(top)
        if self.under == "items":
            position = {place: number for number, place in enumerate(self.columns)}
            wide = headers.spans(self.grid.merged, self.header)
            wide = [(position[a], position[b]) for a, b in wide if a in position and b in position]
            numbers, top = headers.split_codes(self.tool, top)
            pairs = headers.stems(top, lower, wide)
            codes = [code if not stem else "" for code, (stem, _) in zip(numbers, pairs, strict=True)]
        elif self.grid.questions and self.name == "spss":
            codes = list(top)
            texts = [self.grid.questions.get(place) or text for place, text in zip(self.columns, top, strict=True)]
            pairs = _by_wording(texts, codes)
        elif self.under == "wordings":
            codes = list(top)
            legacy = self.tool == "qualtrics" and top[0][:1] == "V"
            texts = [b or a if legacy or not is_own else a for a, b, is_own in zip(top, lower, own, strict=True)]
            pairs = _by_wording(texts, codes)
        else:
            codes, texts = headers.split_codes(self.tool, top)
            pairs = headers.by_path(texts) if self.tool == "kobo" else headers.by_bracket(texts)
            if self.tool == "jisc":
                pairs = [(headers.grid_of(code, codes), text) for code, (_, text) in zip(codes, pairs, strict=True)]
            elif self.tool == "kobo":
                codes = [text if text != header else "" for text, (_, header) in zip(texts, pairs, strict=True)]
            elif self.tool == "redcap":
                pairs = [headers.checkbox(text) or pair for text, pair in zip(texts, pairs, strict=True)]
        pairs = [pair if not is_own else ("", pair[1]) for pair, is_own in zip(pairs, own, strict=True)]
        named = [text or f"column {letters(place)}" for place, (_, text) in zip(self.columns, pairs, strict=True)]
        named = headers.unique(named, [stem for stem, _ in pairs])
        roles = hints.roles(self.tool, self.kinds, dict(zip(self.columns, named, strict=True)), self.body)
        return [
            Heading(place, header, code if code != header else "", stem, *roles.get(place, ("", "")))
            for place, header, code, (stem, _) in zip(self.columns, named, codes, pairs, strict=True)
        ]

    def _under(self, place: int) -> str:
        """What stands below the first header row: items over several rows are one."""
        rows = self.rows[self.header + 1 : self.header + (self.depth if self.under == "items" else 2)]
        return " - ".join(text for row in rows if (text := at(row, place)))

    def _left_out(self) -> tuple[tuple[int, str], ...]:
        start = self.header + self.depth
        own = [plain(text).casefold() for text in self.rows[self.header]]
        names = {text: place for place, text in enumerate(headers.unique(own, [""] * len(own)))}
        if self.under == "wordings":
            names |= {plain(text).casefold(): p for p, text in enumerate(self.rows[self.header + 1]) if p in self.kinds}
        marked = leftovers.marked(self.tool, names, self.kinds, self.body)
        if self.unfinished:
            marked = {number: why for number, why in marked.items() if why != leftovers.UNFINISHED}
        marked |= leftovers.notes(self.body, self.columns)
        marked |= leftovers.repeated(self.body, self.rows[:start], self.header)
        return tuple((start + number, marked[number]) for number in sorted(marked))


_ASKED = frozenset(
    "question|question text|prompt|question asked|item|question name|field name|question title|item text".split("|")
)
_ANSWERED = (
    "answer|response|answer text|response text|text|comment|comments|value|verbatim|free text|reply|rating|answers"
    "|responses|comment text"
).split("|")


def _import_ids(row: Sequence[str]) -> bool:
    return sum(bool(signatures.IMPORT_ID.fullmatch(cell)) for cell in row) > 1


def _by_wording(texts: Sequence[str], codes: Sequence[str]) -> list[tuple[str, str]]:
    """(shared question, item) of wordings, by brackets or by a dash among the columns of one code."""
    bracketed = headers.by_bracket(texts)
    if any(stem for stem, _ in bracketed):
        return bracketed
    groups = [code.rpartition("_")[0] if re.fullmatch(r".+_\d+(_TEXT)?", code) else "" for code in codes]
    groups = [re.sub(r"_\d+$", "", group) for group in groups]
    return headers.by_dash(texts, groups)


def _long(headings: Sequence[Heading], body: Sequence[Sequence[str]]) -> tuple[Heading, Heading] | None:
    """The question's and the answer's column of a sheet with one answer a row, None for any other."""
    asked = next((h for h in headings if fold(h.header) in _ASKED), None)
    answered = [h for name in _ANSWERED for h in headings if fold(h.header) == name and h is not asked]
    if asked is None or not answered:
        return None
    questions = [cell for cell in column(body, asked.index) if cell]
    return (asked, answered[0]) if len(questions) < 4 or len(set(questions)) < len(questions) else None
