"""The answers of a sheet as a table of text, and what a person should know about its rows and cells."""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditkit import leftovers, legends
from auditkit.errors import AuditkitError
from auditkit.grids import Grid, Problem, at, letters, read_grids
from auditkit.layouts import Heading, Layout, recognise
from auditkit.questionnaire import NOT_READ
from auditkit.values import plain

KEYED = 2  # numbers that a sheet must explain to be a key

Row = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One table of text. Row ``i`` has number ``numbers[i]`` (Excel's; csv: the record, the first is 1).

    ``labels``: header to {code: label}, in the order of the codes; the rows hold the labels. ``legend``: what
    numbers stand for, as a line above or below the table or the first header with numbers says for all.
    """

    file: str
    name: str
    layout: Layout
    headers: tuple[str, ...]
    headings: tuple[Heading, ...]
    numbers: tuple[int, ...]
    rows: tuple[Row, ...]
    labels: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...]
    hidden: bool = False
    legend: str = ""

    def asked(self, column: int) -> str:
        """What a column asks, and what its numbers stand for where the sheet says that beside its header."""
        heading = self.headings[column]
        text = f"{heading.stem} {heading.header}".strip()
        if not self.legend or legends.legend(text) or legends.span(text):
            return text
        first = next((row[column] for row in self.rows if row[column]), "")
        return f"{text} {self.legend}" if first[:1].isdigit() else text

    def values(self, column: int) -> list[str]:
        """The cells of a column that are not blank, in the order of the sheet."""
        return [row[column] for row in self.rows if row[column]]


def read_sheets(
    path: Path,
    known: Callable[[str], bool],
    *,
    layout: str | None = None,
    header_row: int | None = None,
    unfinished: bool = False,
) -> list[Sheet]:
    """Every table of a file, each as its own layout says; the arguments are those of layouts.recognise.

    A sheet without a header is left out and noted with the first one that has one. Raises AuditkitError
    where the file cannot be read, or no sheet has a header.
    """
    sheets: list[Sheet] = []
    without: list[tuple[Grid, AuditkitError]] = []
    grids = read_grids(path)
    keys = list(dict.fromkeys(key for grid in grids if len(grids) > 1 and (key := _key(grid))))
    for grid in grids:
        if not any(map(any, grid.rows)) or _explains(grid):
            continue
        try:
            found = recognise(grid, known, layout=layout, header_row=header_row, unfinished=unfinished)
        except AuditkitError as error:
            without.append((grid, error))
        else:
            one = table(grid, found)
            sheets.append(one if one.legend or len(keys) != 1 else dataclasses.replace(one, legend=keys[0]))
    if without and not sheets:
        raise without[0][1]
    notes = [Problem(g.file, g.sheet, 0, "", "warning", "no header found", "not read", e.fix) for g, e in without]
    return [dataclasses.replace(sheets[0], problems=(*sheets[0].problems, *notes)), *sheets[1:]] if notes else sheets


def _explains(grid: Grid) -> bool:
    """Whether a sheet is one of ours that only explains."""
    return at(grid.rows[0], 0) == NOT_READ


def table(grid: Grid, layout: Layout) -> Sheet:
    """The rows of a grid that are answers, as wide as the headings; blank rows are gone."""
    start = layout.header + layout.depth
    names = tuple(heading.header for heading in layout.headings)
    rows, problems = _filled(grid, layout)
    out = {index for index, _ in layout.left_out}
    kept: list[tuple[int, Sequence[str]]] = [
        (index, row) for index, row in enumerate(rows[start:], start) if index not in out and any(row)
    ]
    places = [heading.index for heading in layout.headings]
    cells = _cells([row for _, row in kept], places)
    if not all(map(any, cells)):  # rows whose only text stands beside the table
        inside = [place for place, row in enumerate(cells) if any(row)]
        kept, cells = [kept[place] for place in inside], [cells[place] for place in inside]
    labels = _labels(grid, layout)
    if labels:
        swapped = [labels.get(name, {}) for name in names]
        columns = [
            [known.get(cell, cell) for cell in column] if known else column
            for column, known in zip(zip(*cells, strict=True), swapped, strict=True)
        ]
        cells = list(zip(*columns, strict=True))
    own = {heading.index: heading.header for heading in layout.headings}
    problems = [*grid.problems, *_about_header(grid, layout), *problems, *_about_rows(grid, layout, kept, own)]
    numbers = tuple(_number(grid, layout, index) for index, _ in kept)
    return Sheet(
        grid.file,
        grid.sheet,
        layout,
        names,
        layout.headings,
        numbers,
        tuple(cells),
        labels,
        tuple(problems),
        grid.hidden,
        _legend(grid, layout),
    )


def _legend(grid: Grid, layout: Layout) -> str:
    """What the numbers of a sheet stand for: a line above its header or below its rows, else its only header that
    says so."""
    beside = [cell for row in grid.rows[: layout.header] for cell in row]
    beside += [cell for index, _ in layout.left_out for cell in grid.rows[index]]
    own = [f"{heading.stem} {heading.header}" for heading in layout.headings]
    for texts in (beside, own):
        found = list(dict.fromkeys(text for text in texts if _tells_numbers(text)))
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def _key(grid: Grid) -> str:
    """What a sheet that explains numbers says of them, a number and its words in each row: "1 = never, 2 = ..."."""
    rows = [[text for text in row if text] for row in grid.rows if any(row)]
    pairs = [f"{row[0]} = {row[1]}" for row in rows if len(row) == 2 and re.fullmatch(r"-?\d{1,3}", row[0])]
    text = ", ".join(pairs)
    return text if len(pairs) >= KEYED and len(rows) - len(pairs) <= 2 and _tells_numbers(text) else ""


def _tells_numbers(text: str) -> bool:
    words = legends.legend(text)
    return len(words) > 1 and not {"yes", "no"} & set(words.values())


def _cells(rows: Sequence[Sequence[str]], places: Sequence[int]) -> list[Row]:
    """The cells of some columns, "" where a row is too short."""
    width = places[-1] + 1 if places else 0
    full = [row if len(row) >= width else [*row, *[""] * (width - len(row))] for row in rows]
    if list(places) == list(range(width)):
        return [tuple(row) if len(row) == width else tuple(row[:width]) for row in full]
    if len(places) == 1:
        return [(row[places[0]],) for row in full]
    pick = operator.itemgetter(*places)
    return [pick(row) for row in full]


def _filled(grid: Grid, layout: Layout) -> tuple[list[list[str]], list[Problem]]:
    """The rows, with cells that are merged over several rows filled in each."""
    start = layout.header + layout.depth
    own = {heading.index: heading.header for heading in layout.headings}
    rows, problems = grid.rows, []
    for top, left, bottom, _ in sorted(grid.merged):
        value = at(rows[top], left) if top < len(rows) else ""
        if not start <= top < bottom or not value or left not in own:
            continue
        if rows is grid.rows:
            rows = list(rows)
        for below in range(top + 1, min(bottom + 1, len(rows))):
            row = rows[below] + [""] * (left + 1 - len(rows[below]))
            rows[below] = [*row[:left], value, *row[left + 1 :]]
        problems.append(_problem(grid, "a merged cell", "read in each row", row=top + 1, column=own[left]))
    return rows, problems


def _labels(grid: Grid, layout: Layout) -> dict[str, dict[str, str]]:
    found = {}
    for heading in layout.headings:
        known = grid.labels.get(heading.index) or _leave_codes(heading.header)
        if known:
            found[heading.header] = dict(sorted(known.items(), key=lambda pair: _order(pair[0])))
    return found


def _leave_codes(header: str) -> dict[str, str]:
    """What numbers stand for where a header says so of yes and no: "Consent (1=yes, 2=no)"."""
    said = {f"{number:g}": words.partition(" ")[0] for number, words in legends.legend(header).items()}
    return said if set(said.values()) == {"yes", "no"} else {}


def _order(code: str) -> tuple[int, float, str]:
    try:
        return 0, float(code), code
    except ValueError:
        return 1, 0.0, code


def _about_header(grid: Grid, layout: Layout) -> list[Problem]:
    """Rows above the header, columns without a name or with one used before, hidden rows and columns."""
    problems = []
    above = sum(map(any, grid.rows[: layout.header])) and layout.header
    if above:
        problems.append(_problem(grid, f"{above} row{'s' * (above > 1)} above the header", "not read"))
    top = grid.rows[layout.header : layout.header + layout.depth]
    taken: set[str] = set()
    for heading in layout.headings:
        name, place = heading.header, heading.index
        written = [plain(row[place]) for row in top if place < len(row) and row[place]]
        base = name.rpartition(" (")[0]
        if not written and name == f"column {letters(place)}":
            problems.append(_problem(grid, "no header", f"called {name}", "warning", column=name, fix="Name it."))
        elif base in taken and name not in written and name[len(base) + 2 : -1].isdecimal():
            problems.append(_problem(grid, "a header used before", f"called {name}", column=name))
        taken.add(name)
    start, used = layout.header + layout.depth, {heading.index for heading in layout.headings}
    rows = [index + 1 for index in grid.hidden_rows if index >= start]
    columns = [letters(place) for place in sorted(grid.hidden_columns) if place in used]
    for noun, hidden in (("row", rows), ("column", columns)):
        if hidden:
            problems.append(_problem(grid, _some(f"hidden {noun}", hidden), "read as the others"))
    return problems


def _number(grid: Grid, layout: Layout, index: int) -> int:
    """The number of a row: Excel's; in a text file the record's, with the header as 1."""
    return index + 1 - (layout.header if grid.kind == "csv" else 0)


def _about_rows(
    grid: Grid, layout: Layout, kept: Sequence[tuple[int, Sequence[str]]], own: Mapping[int, str]
) -> list[Problem]:
    """Rows left out, broken cells, and rows with more cells than there are columns."""
    problems = []
    for index, reason in layout.left_out:
        severity, fix = "note", ""
        if reason == leftovers.UNFINISHED:
            severity, fix = "warning", 'Set unfinished = "read" under [reading] in audit.toml to read it.'
        problems.append(_problem(grid, reason, "left out", severity, _number(grid, layout, index), fix=fix))
    read = {index for index, _ in kept}
    for (index, place), found in sorted(grid.broken.items()):
        if index in read and place in own:
            fix = "Correct the formula, open the file in Excel and save it."
            problems.append(_problem(grid, found, "blank", "error", _number(grid, layout, index), own[place], fix))
    width = max(max(own, default=-1) + 1, *(len(row) for row in grid.rows[layout.header :][: layout.depth]))
    for index, row in kept:
        if len(row) > width and any(row[width:]):
            fix = "Put answers that hold the separator into quotation marks."
            found = f"{len(row)} cells where the header has {width}"
            problems.append(
                _problem(grid, found, f"the first {width} read", "error", _number(grid, layout, index), fix=fix)
            )
    return problems


def _problem(
    grid: Grid, found: str, taken_as: str, severity: str = "note", row: int = 0, column: str = "", fix: str = ""
) -> Problem:
    return Problem(grid.file, grid.sheet, row, column, severity, found, taken_as, fix)


def _some(noun: str, values: Sequence[object]) -> str:
    shown = ", ".join(map(str, values[:8])) + (", …" if len(values) > 8 else "")
    return f"{len(values)} {noun}{'' if len(values) == 1 else 's'} ({shown})"
