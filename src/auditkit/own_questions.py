"""questions.xlsx: the user's own questions, and what is filled in where a cell is empty."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auditkit import forms, questionnaire
from auditkit.errors import AuditkitError
from auditkit.forms import ASKED, KINDS, Question
from auditkit.grids import Grid, at, read_grids
from auditkit.texts import fold, plain

COLUMNS = {
    "question": ("question", "questions", "wording", "question wording", "question text", "statement", "item"),
    "code": ("code", "question code", "item code", "short name"),
    "kind": ("kind", "type", "question type", "answer type", "response type", "answer"),
    "scale": ("scale", "scales", "theme scale", "area", "section"),
    "reversed": ("reversed", "reverse", "r", "reverse scored"),
    "asked": ("asked", "asked in", "round", "when"),
    "theme": ("theme", "themes"),
}
"""Columns of questions.xlsx and the headers each may have; only the first must be there."""

HEADER_ROWS = 20
MOST = 200
SHOWN = 50  # signs of a wording in a note
LONGEST = 500  # signs of a wording; form tools cut longer ones

_KINDS = {
    **{kind: kind for kind in KINDS},
    **dict.fromkeys(("scale", "likert", "agreement", "rated", "1 5", "1 to 5"), "rating"),
    **dict.fromkeys(("number", "count", "numeric"), "fact"),
    **dict.fromkeys(("text", "free text", "open text", "comment", "comment box", "words", "open question"), "open"),
}
_YES_NO = {"yes": True, "y": True, "r": True, "x": True, "true": True, "no": False, "n": False, "false": False}
_ASKED = {
    **{asked: asked for asked in ASKED},
    **dict.fromkeys(("each round", "every round", "always", "all"), "both"),
    **dict.fromkeys(("repeat only", "second", "year end"), "repeat"),
    "staff only": "staff",
}
_COUNTED = re.compile(r"(how many|what number|on how many|number of)\b")
_STATED = re.compile(
    r"(describe|explain|tell us|give|list|name|write|please (describe|explain|tell|give|list|write))\b"
)
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_MARK = re.compile(r"\s*[(\[]\s*r(eversed?)?\s*[)\]]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Own:
    """Questions in the order of the file. ``themes``: id of a shipped theme to the questions that it expects.

    ``notes``: a sentence for each row in which something was filled in.
    """

    questions: tuple[Question, ...]
    themes: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


def read(path: Path) -> Own:
    """Read questions.xlsx (or .csv and the like): one question a row below a header with the column question.

    What a cell does not say is filled in: everything as in the shipped questionnaire where the wording is one
    of its; else the kind from the wording, a code from scale or kind, not reversed unless "(r)" stands there,
    asked in both rounds. Raises AuditkitError with all problems of the file at once, by row and column.
    """
    grid, top, places = _table(path)
    problems: list[str] = []
    notes: list[str] = []
    questions: list[Question] = []
    themes: dict[str, tuple[str, ...]] = {}
    rows = [(number, _cells(cells, places)) for number, cells in enumerate(grid.rows[top + 1 :], start=top + 2)]
    rows = [(number, cells) for number, cells in rows if any(cells.values())]
    taken = {fold(cells["code"]) for _, cells in rows if cells["code"]}
    for number, cells in rows:
        row = _Row(f"{f'sheet {grid.sheet}, ' if grid.sheet else ''}row {number}", cells, problems)
        question = row.question(taken)
        taken.add(fold(question.code))
        questions.append(question)
        for theme in row.themes():
            themes[theme] = (*themes.get(theme, ()), question.text)
        if row.filled:
            text = question.text if len(question.text) <= SHOWN else f"{question.text[: SHOWN - 1]}…"
            notes.append(f'{path.name}, {row.place}: {question.code}, "{text}": {", ".join(row.filled)}.')
    unused = [plain(cell) for place, cell in enumerate(grid.rows[top]) if plain(cell) and place not in places.values()]
    if unused:
        notes.append(f"{path.name}: not used: the column{'s' * (len(unused) > 1)} {', '.join(unused)}.")
    problems += _twice([number for number, _ in rows], questions)
    if not questions:
        problems.append("there is no question below the header")
    if len(questions) > MOST:
        problems.append(f"{len(questions)} questions; a form can have {MOST}")
    if problems:
        many = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise AuditkitError(f"{path.name}: {many}, so nothing was written", "Correct them.", details=problems)
    return Own(tuple(questions), themes, tuple(notes))


class _Row:
    """One row: a question made of its cells, with what was wrong and what was filled in."""

    def __init__(self, place: str, cells: Mapping[str, str], problems: list[str]) -> None:
        self.place, self.cells, self.problems = place, cells, problems
        self.filled: list[str] = []

    def question(self, taken: Collection[str]) -> Question:
        text = plain(_MARK.sub(" ", self.cells["question"]))
        marked = text != plain(self.cells["question"])
        if not text:
            self._odd("question", "is empty", "write the question, or empty the row")
        if len(text) > LONGEST:
            self._odd("question", f"has {len(text)} signs", f"shorten it to {LONGEST}")
        shipped = next((q for q in forms.shipped() if fold(q.text) == fold(text)), None)
        kind = self._word("kind", _KINDS, shipped.kind if shipped else _kind_of(text), KINDS)
        asked = self._word("asked", _ASKED, shipped.asked if shipped else "both", ASKED)
        scale = self._scale(kind, shipped)
        turned = self._reversed(kind, shipped, marked)
        code = self._code(kind, scale, shipped, taken)
        question = Question(code, text, kind, scale, turned, asked)
        if shipped and (kind, code) == (shipped.kind, shipped.code):
            return replace(shipped, scale=scale, reversed=turned, asked=asked)
        return forms.rated(question) if kind == "rating" else question

    def themes(self) -> list[str]:
        """Ids of the shipped themes that the cell names, by label, short name or id."""
        from auditkit.codebook import default

        known = {fold(name): theme.id for theme in default().themes for name in (theme.id, theme.label)}
        found = []
        for name in filter(None, (part.strip() for part in re.split(r"[;\n]", self.cells["theme"]))):
            if fold(name) in known:
                found.append(known[fold(name)])
            else:
                labels = [theme.label for theme in default().themes]
                self._odd("theme", f'"{name}" is no theme of the codebook', _near(name, labels))
        return list(dict.fromkeys(found))

    def _word(self, column: str, known: Mapping[str, str], otherwise: str, offered: Sequence[str]) -> str:
        cell = self.cells[column]
        if not cell:
            if column != "asked":
                self.filled.append(f"{column} {otherwise}")
            return otherwise
        if fold(cell) not in known:
            self._odd(column, f'"{cell[:40]}" is not known', f"write {', '.join(offered[:-1])} or {offered[-1]}")
        return known.get(fold(cell), otherwise)

    def _scale(self, kind: str, shipped: Question | None) -> str:
        cell = plain(self.cells["scale"])
        ours = {**questionnaire.SCALES, **questionnaire.STAFF_SCALES}
        names = {fold(word): name for name, label in ours.items() for word in (name, label)}
        if cell and kind != "rating":
            self._odd("scale", f"is filled, but the kind is {kind}", "empty it: only ratings form scales")
        if not cell and kind == "rating":
            if shipped and shipped.scale:
                self.filled.append(f"scale {shipped.scale}")
                return shipped.scale
            self.filled.append("no scale")
        return names.get(fold(cell), cell) if kind == "rating" else ""

    def _reversed(self, kind: str, shipped: Question | None, marked: bool) -> bool:
        cell = fold(self.cells["reversed"])
        if cell and cell not in _YES_NO:
            self._odd("reversed", "is neither yes nor no", "write yes where agreeing is bad, else no")
        if _YES_NO.get(cell) and kind != "rating":
            self._odd("reversed", f"is yes, but the kind is {kind}", "empty it: only ratings are turned round")
        if shipped and cell in _YES_NO and kind == "rating" and _YES_NO[cell] != shipped.reversed:
            said = "yes" if shipped.reversed else "no"
            self._odd("reversed", f"is {said} for {shipped.code} in the shipped questionnaire", "change the wording")
        if cell or kind != "rating":
            return _YES_NO.get(cell, False)
        turned = marked or (shipped is not None and shipped.reversed)
        self.filled.append("reversed" if turned else "not reversed")
        return turned

    def _code(self, kind: str, scale: str, shipped: Question | None, taken: Collection[str]) -> str:
        from auditkit.columns import recognised

        cell = self.cells["code"]
        if not cell:
            code = shipped.code if shipped else ""
            if not code or fold(code) in taken:
                code = _new_code(kind, scale, taken)
            self.filled.append(f"code {code}")
            return code
        known = questionnaire.item(cell)
        if not _CODE.fullmatch(cell):
            self._odd("code", f'"{cell[:20]}" is no code', "use up to 20 letters, digits and _, a letter first")
        elif known and not (shipped and shipped.code == known.code):
            self._odd("code", f"{known.code} is a code of the shipped questionnaire", "choose another code")
        elif not known and recognised(cell):
            self._odd("code", f'"{cell}" is the name of another column of the answer sheet', "choose another code")
        return known.code if known else cell

    def _odd(self, column: str, found: str, fix: str) -> None:
        self.problems.append(f"{self.place}, column {column}: {found}; {fix}")


def _table(path: Path) -> tuple[Grid, int, dict[str, int]]:
    """The first visible sheet with a column question, the index of its header, and the place of each column."""
    names = {header: column for column, headers in COLUMNS.items() for header in headers}
    for grid in sorted(read_grids(path), key=lambda grid: grid.hidden):
        for top, cells in enumerate(grid.rows[:HEADER_ROWS]):
            places: dict[str, int] = {}
            for place, cell in enumerate(cells):
                if fold(cell) in names:
                    places.setdefault(names[fold(cell)], place)
            worded = [place for place, cell in enumerate(cells) if names.get(fold(cell)) == "question"]
            if worded:
                places["question"] = max(worded, key=lambda place: _signs(grid, top, place))
                return grid, top, places
    raise AuditkitError(
        f"{path.name} has no column question",
        f"Write a header into the first row: {', '.join(COLUMNS)}. Only question must be there.",
    )


def _signs(grid: Grid, top: int, place: int) -> int:
    return sum(len(at(row, place)) for row in grid.rows[top + 1 :])


def _cells(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    return {column: at(cells, places.get(column, -1)) for column in COLUMNS}


def _kind_of(text: str) -> str:
    """Ratings are statements and questions such as "How well ...?"; facts are counted; the rest is open."""
    start = text.casefold()
    if _COUNTED.match(start):
        return "fact"
    if any(start.startswith(words) for words in forms.WORDINGS):
        return "rating"
    return "open" if start.endswith("?") or _STATED.match(start) else "rating"


def _new_code(kind: str, scale: str, taken: Collection[str]) -> str:
    """Letters of the scale, or of the kind, and the first number that is free."""
    letters = re.sub("[^A-Z]", "", scale.upper())[:3] if scale else ""
    stem = letters or {"rating": "RATE", "fact": "NUM", "open": "OPEN"}[kind]
    number = 1
    while fold(f"{stem}{number}") in taken or questionnaire.item(f"{stem}{number}"):
        number += 1
    return f"{stem}{number}"


def _twice(numbers: Sequence[int], questions: Sequence[Question]) -> list[str]:
    found = []
    for column, said in (
        ("question", [(fold(q.text), q.asked == "staff") for q in questions]),
        ("code", [(fold(q.code), True) for q in questions]),
    ):
        first: dict[tuple[str, bool], int] = {}
        for number, key in zip(numbers, said, strict=True):
            if key[0] and first.setdefault(key, number) != number:
                found.append(f"row {number}, column {column}: the same as in row {first[key]}; change or delete one")
    return found


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f'did you mean "{near[0]}"?' if near else "the themes: " + "; ".join(known)
