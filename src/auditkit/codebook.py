"""The codebook: themes with the sentences that stand for them, owned by people after the first suggestion."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from auditkit import codebook_files, codebook_limits
from auditkit.errors import AuditkitError

SHIPPED = Path(__file__).with_name("data")
STATUSES = ("accepted", "suggested", "retired")
BEGINNING = 3  # letters that a label must have at least where it is not written out
NUMBERED = re.compile(r"T(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Theme:
    """One theme. ``id`` is never reused; ``label`` is unique, holds no ";" and is not "none".

    ``statements_good``, ``statements_poor`` and ``statements`` (no pole) are whole sentences as respondents
    would write them; ``expects`` names questions, by text or column, under which the theme is likely.
    ``status`` is accepted, suggested or retired; only accepted themes are coded. ``set_by`` is "auditkit"
    for shipped themes, "analyst" for a person's.
    """

    id: str
    label: str
    definition: str = ""
    include: str = ""
    exclude: str = ""
    statements_good: tuple[str, ...] = ()
    statements_poor: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    expects: tuple[str, ...] = ()
    parent: str = ""
    status: str = "accepted"
    set_by: str = "analyst"


COLUMNS = tuple(each.name for each in fields(Theme))
"""The columns of a codebook file, in order; only ``label`` must be there."""

LINES = frozenset({"statements_good", "statements_poor", "statements", "expects"})
"""The columns that hold several entries, one a line of the cell."""


@dataclass(frozen=True)
class Codebook:
    """Themes in the order of their file; ``junk`` are texts whose like has no theme.

    ``told``: how the columns of the file were read, in sentences.
    """

    themes: tuple[Theme, ...]
    junk: tuple[str, ...]
    name: str
    told: tuple[str, ...] = field(default=(), compare=False)

    @property
    def accepted(self) -> tuple[Theme, ...]:
        """The themes that answers are coded to."""
        return tuple(theme for theme in self.themes if theme.status == "accepted")

    def by_id(self, id: str) -> Theme:
        """The theme with this id, whatever its status. Raises KeyError where there is none."""
        for theme in self.themes:
            if theme.id == id:
                return theme
        raise KeyError(id)

    def fingerprint(self) -> str:
        """Eight hex digits over all that coding uses: accepted themes and junk, in any order.

        Notes for people (include, exclude, parent) and themes that are not accepted do not count.
        """
        used = sorted(
            [
                theme.id,
                theme.label,
                theme.definition,
                *(sorted(set(getattr(theme, column))) for column in sorted(LINES)),
            ]
            for theme in self.accepted
        )
        text = json.dumps([used, sorted(set(self.junk))], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


@cache
def default() -> Codebook:
    """The shipped codebook: twelve themes of how a doctor and a manager work together (CC0)."""
    return replace(read(SHIPPED / "codebook.csv"), name="auditkit")


def stored(rows: Sequence[dict[str, Any]]) -> Codebook:
    """A codebook from what was stored of its themes; fields that this auditkit does not know are left out."""
    known = [
        {name: tuple(row[name]) if name in LINES else row[name] for name in COLUMNS if name in row} for row in rows
    ]
    return Codebook(tuple(Theme(**fields) for fields in known), default().junk, "codebook")  # type: ignore[arg-type]


def read(
    path: Path, taken: Collection[str] = (), known: Sequence[Theme] = (), *, from_elsewhere: bool = False
) -> Codebook:
    """Read a codebook from .xlsx, .csv, .toml or .qdc, with the shipped junk texts.

    A theme without an id is the one of ``known`` with its label, else the one with its statements, if that one's id
    is not in the file: somebody has deleted it. Others get the next free id (T01, T02, ...) in the order of the
    file, above every id in the file and in ``taken``, the ids that were ever in use. In the sheet "Suggested"
    (toml: [[suggested]]) what a person set to accepted becomes a theme, to retired or rejected a retired one; the
    rest of it is not read. Write the codebook back for new ids to stay.

    Raises AuditkitError, naming file and row, where the file cannot be read or a row cannot be used; where it comes
    ``from_elsewhere`` also where themes stand above one another in a circle, or on more than two levels. The codes of
    other programs may.
    """
    told: list[str] = []
    rows, suggested = codebook_files.load(path, COLUMNS, "label", told)
    problems: list[tuple[str, str]] = []
    themes: list[Theme] = []
    labels: dict[str, str] = {}
    ids: dict[str, str] = {}
    for place, cells in rows:
        theme = _theme(place, cells, STATUSES, problems)
        _refuse_twins(place, theme, labels, ids, problems)
        themes.append(theme)
    if from_elsewhere and path.suffix.casefold() not in codebook_files.CODES:
        problems += _misplaced([place for place, _ in rows], themes)
    for place, cells in suggested:
        theme = _theme(place, cells, (*STATUSES, "rejected"), problems, default_status="suggested")
        is_there = plain(theme.label) in labels
        if theme.status == "suggested" or (theme.status != "accepted" and is_there):
            continue
        theme = replace(theme, id="", set_by="analyst", status="accepted" if theme.status == "accepted" else "retired")
        _refuse_twins(place, theme, labels, ids, problems)
        themes.append(theme)
    if problems:
        raise _refusal(path.name, problems)
    if not themes:
        raise AuditkitError(
            f"{path.name} holds no theme", "Write one theme a row under a header with the column label."
        )
    return Codebook(tuple(_numbered(_recognised(themes, known), taken)), _junk(), path.stem, tuple(told))


def write(
    path: Path, codebook: Codebook, suggested: Sequence[Theme] = (), last: Callable[[], None] = lambda: None
) -> None:
    """Write a codebook as .xlsx, .csv, .toml or .qdc, whole or not at all.

    An existing .xlsx keeps its look, its other columns and sheets, an existing .toml its comments; the
    sheet "Suggested" is always made anew. A .csv or .qdc is made anew and holds no suggestions; a .qdc holds the
    accepted themes without their statements. ``last`` is called just before an .xlsx is put in place.

    Raises AuditkitError for another kind of file, suggestions in a .csv or .qdc, text too long for a cell, or a
    file that is open elsewhere.
    """
    codebook_files.save(
        path,
        [_cells(theme) for theme in codebook.themes],
        [_cells(theme) for theme in suggested],
        columns=COLUMNS,
        lists=LINES,
        choices={"themes": STATUSES, "suggested": ("suggested", "accepted", "rejected")},
        last=last,
    )


def diff(old: Codebook, new: Codebook) -> list[str]:
    """What changed from one codebook to another, a sentence each; empty where nothing did."""
    before = {theme.id: theme for theme in old.themes}
    after = {theme.id for theme in new.themes}
    found: list[str] = []
    for theme in new.themes:
        if theme.id in before:
            found += _changes(before[theme.id], theme)
        else:
            status = "" if theme.status == "accepted" else f", as {theme.status}"
            found.append(f'{theme.id} "{theme.label}" is new{status}.')
    found += [f'{theme.id} "{theme.label}" is gone.' for theme in old.themes if theme.id not in after]
    junk = _added_and_removed(old.junk, new.junk)
    if junk:
        found.append(f"Texts that stand for no theme: {junk}.")
    return found


@cache
def nothing_said() -> tuple[str, ...]:
    """Of the shipped junk texts those that say nothing; the others are about something that is no theme here."""
    return tuple(text for kind, text in _shipped_junk() if kind == "empty")


def _junk() -> tuple[str, ...]:
    return tuple(text for _, text in _shipped_junk())


def _shipped_junk() -> list[tuple[str, str]]:
    rows, _ = codebook_files.load(SHIPPED / "junk.csv", ("kind", "text"), "text")
    return [(cells["kind"], cells["text"]) for _, cells in rows]


def _theme(
    place: str,
    cells: dict[str, str],
    statuses: Sequence[str],
    problems: list[tuple[str, str]],
    default_status: str = "accepted",
) -> Theme:
    label = " ".join(cells.get("label", "").split())
    status = cells.get("status", "").strip().casefold() or default_status
    if status not in statuses:
        problems.append((f'{place}: the status is "{status}"', f"Set it to {', '.join(statuses)}."))
    counts = default_status == "accepted" or status != default_status
    if counts and (fault := codebook_limits.label_fault(label)) is not None:
        problems.append((f"{place}: {fault[0]}", fault[1]))
    values: dict[str, str | tuple[str, ...]] = {
        column: _lines(cells.get(column, "")) if column in LINES else cells.get(column, "").strip()
        for column in COLUMNS
    }
    values |= {"label": label, "status": status, "set_by": cells.get("set_by", "").strip() or "analyst"}
    theme = Theme(**values)  # type: ignore[arg-type]
    problems += [(f"{place}, {column}: {found}", fix) for column, found, fix in codebook_limits.text_faults(theme)]
    return theme


def _refuse_twins(
    place: str, theme: Theme, labels: dict[str, str], ids: dict[str, str], problems: list[tuple[str, str]]
) -> None:
    first = labels.setdefault(plain(theme.label), place)
    if theme.label and first != place:
        problems.append((f'{place}: the label "{theme.label}" is also in {first}', "Rename one, or join the two rows."))
    first = ids.setdefault(plain(theme.id), place)
    if theme.id and first != place:
        problems.append((f'{place}: the id "{theme.id}" is also in {first}', "Empty one of them: it gets a new id."))


def _misplaced(places: Sequence[str], themes: Sequence[Theme]) -> Iterator[tuple[str, str]]:
    """What is wrong with the themes above: circles, and a third level."""
    by_name = {plain(name): theme for theme in reversed(themes) for name in (theme.label, theme.id) if name}
    for place, theme in zip(places, themes, strict=True):
        line = [theme]
        while line[-1].parent and (over := by_name.get(plain(line[-1].parent))) is not None and over not in line:
            line.append(over)
        said = f'{place}, parent: "{theme.label}" stands under "{theme.parent}"'
        if by_name.get(plain(line[-1].parent)) is theme:
            yield f"{said}, and that under it, in a circle", "Empty the parent of one of them."
        elif len(line) > 2:
            yield (
                f'{said}, which stands under "{line[1].parent}"',
                "There are two levels: name the topmost theme, or leave the parent empty.",
            )


def _recognised(themes: Sequence[Theme], known: Sequence[Theme]) -> list[Theme]:
    """Themes with the ids that they have lost, as ``read`` says."""
    given = {plain(theme.id) for theme in themes if theme.id}
    left = [theme for theme in known if plain(theme.id) not in given]
    by_label = {plain(theme.label): theme.id for theme in left}
    found = [theme if theme.id else replace(theme, id=by_label.pop(plain(theme.label), "")) for theme in themes]
    taken = {theme.id for theme in found}
    by_sentences = {_sentences(theme): theme.id for theme in left if theme.id not in taken}
    by_sentences.pop(frozenset(), None)
    return [theme if theme.id else replace(theme, id=by_sentences.pop(_sentences(theme), "")) for theme in found]


def _sentences(theme: Theme) -> frozenset[str]:
    return frozenset(map(plain, (*theme.statements_good, *theme.statements_poor, *theme.statements)))


def _refusal(name: str, problems: Sequence[tuple[str, str]]) -> AuditkitError:
    if len(problems) == 1:
        found, fix = problems[0]
        return AuditkitError(f"{name}, {found}", fix)
    return AuditkitError(
        f"{name}: {len(problems)} entries cannot be used",
        "Correct them in the file, then run the command again.",
        details=[f"{found}. {fix}" for found, fix in problems],
    )


def free_ids(taken: Iterable[str]) -> Iterator[str]:
    """Ids for new themes, above all that were ever in use."""
    numbers = [NUMBERED.fullmatch(id) for id in taken]
    last = max((int(number[1]) for number in numbers if number), default=0)
    return (f"T{number:02d}" for number in count(last + 1))


def _numbered(themes: Iterable[Theme], taken: Collection[str]) -> Iterable[Theme]:
    themes = list(themes)
    ids = free_ids((*(theme.id for theme in themes), *taken))
    return (theme if theme.id else replace(theme, id=next(ids)) for theme in themes)


def _cells(theme: Theme) -> dict[str, str]:
    return {
        column: "\n".join(getattr(theme, column)) if column in LINES else getattr(theme, column) for column in COLUMNS
    }


def _changes(old: Theme, new: Theme) -> list[str]:
    name = f'{new.id} "{new.label}"'
    found = []
    if old.label != new.label:
        found.append(f'{new.id} "{old.label}" is now called "{new.label}".')
    if old.status != new.status:
        found.append(f"{name} is now {new.status}; it was {old.status}.")
    for column, words in (
        ("definition", "the definition"),
        ("include", "what to include"),
        ("exclude", "what to leave out"),
        ("parent", "the theme above it"),
    ):
        if getattr(old, column) != getattr(new, column):
            found.append(f"{name}: {words} has changed.")
    for column, words in (
        ("statements_good", 'statements of "works well"'),
        ("statements_poor", 'statements of "problem"'),
        ("statements", "statements without a pole"),
        ("expects", "expected questions"),
    ):
        change = _added_and_removed(getattr(old, column), getattr(new, column))
        if change:
            found.append(f"{name}, {words}: {change}.")
    return found


def _added_and_removed(old: Iterable[str], new: Iterable[str]) -> str:
    added, removed = len(set(new) - set(old)), len(set(old) - set(new))
    parts = [f"{count} {word}" for count, word in ((added, "added"), (removed, "removed")) if count]
    return ", ".join(parts)


def _lines(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in cell.splitlines() if line.strip()))


def begun(themes: Iterable[Theme], typed: str) -> list[Theme]:
    """The themes whose label begins with what was typed, from three letters on."""
    start = plain(typed)
    return [theme for theme in themes if plain(theme.label).startswith(start)] if len(start) >= BEGINNING else []


def plain(text: str) -> str:
    """A text as labels are compared: without case and further blanks."""
    return " ".join(text.casefold().split())
