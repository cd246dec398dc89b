"""The analyst's decisions: answers out to be read, decisions back in."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound

    Table = tuple[list[str], list[tuple[int, list[str]]]]  # header; rows with their line

COLUMNS = ("round", "row", "respondent", "question", "text", "suggested", "themes")
"""The review sheet. ``themes`` is to be filled: labels with "; " between them, or ``none``."""

NEEDED = ("round", "respondent", "question", "text", "themes")
NONE = "none"
SEPARATOR = ";"
LISTED = 200  # lines of a sheet with something wrong
LONGEST_FIELD = 10_000_000  # characters of a cell in CSV
WHOLE = re.compile(r"\.0+$")  # what spreadsheets add to a whole number
POLES = {
    "works well": "good",
    "good": "good",
    "problem": "poor",
    "poor": "poor",
    "both": "mixed",
    "mixed": "mixed",
}


@dataclass(frozen=True)
class Decided:
    """What a filled sheet says: decision rows for the audit, and how many answers of each kind."""

    rows: tuple[dict[str, Any], ...]
    answers: int
    without_theme: int
    blank: int
    changes: int


def sheet(rounds: Sequence[CodedRound], limit: int | None = None) -> pd.DataFrame:
    """The answers nobody has decided yet, columns ``COLUMNS`` and the suggested poles, at most ``limit``.

    Where answers need another look, a column ``note`` says why. In an order that mixes rounds, pairs and roles,
    so that they do not colour the reading; always the same.
    """
    import pandas as pd

    from auditkit.poles import WORDS

    rows = []
    for coded in rounds:
        labels = {theme.id: theme.label for theme in coded.codebook.accepted}
        suggested: dict[str, list[str]] = {}
        poles: dict[str, list[str]] = {}
        strongest = coded.codings[coded.codings["coded"]].sort_values(["score", "theme"], ascending=[False, True])
        for row in strongest.itertuples():
            suggested.setdefault(row.answer, []).append(labels[row.theme])
            poles.setdefault(row.answer, []).append(WORDS[row.pole])
        for row in coded.responses.answers.itertuples():
            if row.answer not in coded.read:
                place = hashlib.sha256(row.answer.encode()).hexdigest()
                rows.append(
                    {
                        "round": row.round,
                        "row": row.row,
                        "respondent": row.respondent,
                        "question": row.question,
                        "text": row.text,
                        "suggested": f"{SEPARATOR} ".join(suggested.get(row.answer, [])),
                        "themes": "",
                        "poles": f"{SEPARATOR} ".join(poles.get(row.answer, [])),
                        "note": coded.again[row.answer].note if row.answer in coded.again else "",
                        "place": place,
                    }
                )
    rows.sort(key=lambda row: row["place"])
    rows = rows[:limit]
    return pd.DataFrame(rows, columns=[*COLUMNS, "poles", *(["note"] if any(row["note"] for row in rows) else [])])


def read_sheet(path: Path) -> list[dict[str, str]]:
    """The rows of a review sheet, xlsx or csv, as text; any order, further columns ignored.

    Raises AuditkitError where the file cannot be read or a column is missing. Every row carries ``line``.
    """
    if not path.is_file():
        raise AuditkitError(f"There is no file {path}.", "auditkit review export writes one.")
    tables = _xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else [_csv(path)]
    missing = [[name for name in NEEDED if name not in header] for header, _ in tables]
    best = min(range(len(tables)), key=lambda number: len(missing[number]))
    if missing[best]:
        raise AuditkitError(
            f"{path.name}: no column {', '.join(missing[best])}.",
            "Keep the header of the sheet that review export wrote.",
        )
    header, rows = tables[best]
    return [
        dict.fromkeys(header, "")
        | {name: _as_read(value) for name, value in zip(header, row, strict=False)}
        | {"line": str(line)}
        for line, row in rows
        if any(value.strip() for value in row)
    ]


def decisions(rounds: Sequence[CodedRound], rows: Sequence[dict[str, str]], name: str) -> Decided:
    """What the rows decide. An empty ``themes`` is no decision; a filled one is the whole decision.

    ``rounds`` as the machine left them. A label may carry its pole, "Trust (problem)"; else the suggested
    pole is kept. Raises AuditkitError, naming every line, for an unknown label, an answer that the audit does
    not hold or that stands there twice with two decisions; then nothing counts.
    """
    known = _Answers(rounds)
    problems: list[str] = []
    decided: dict[str, list[dict[str, Any]]] = {}
    lines: dict[str, str] = {}
    blank = 0
    for row in rows:
        filled = row["themes"].strip()
        if not filled:
            blank += 1
            continue
        line = f"line {row['line']}"
        found = known.find(row)
        if isinstance(found, str):
            problems.append(f"{line}: {found}")
            continue
        coded, answer, text = found
        wanted, wrong = _labels(coded, filled)
        problems += [f"{line}: {said}" for said in wrong]
        if wrong:
            continue
        what = _rows(coded, answer, wanted, text)
        if decided.setdefault(answer, what) != what:
            problems.append(f"{line}: the same answer as line {lines[answer]}, decided otherwise")
        lines.setdefault(answer, row["line"])
    if problems:
        more = [f"and {len(problems) - LISTED} more lines"] if len(problems) > LISTED else []
        raise AuditkitError(
            f"{name}: {len(problems)} line{'s' if len(problems) > 1 else ''} cannot be taken over; nothing was.",
            "Correct them and apply the file again. The labels stand in codebook.xlsx.",
            details=[*problems[:LISTED], *more],
        )
    flat = [row for answer in sorted(decided) for row in decided[answer]]
    return Decided(
        rows=tuple(flat),
        answers=len(decided),
        without_theme=sum(any(row["theme"] == NONE for row in rows) for rows in decided.values()),
        blank=blank,
        changes=sum(row["decision"] in ("changed", "added", "rejected") for row in flat if row["theme"] != NONE),
    )


def decided_in(path: Path) -> int:
    """How many answers a sheet decides; 0 where the file is no such sheet."""
    try:
        rows = read_sheet(path)
    except AuditkitError:
        return 0
    return sum(bool(row["themes"].strip()) for row in rows)


def _rows(coded: CodedRound, answer: str, wanted: dict[str, str | None], text: str) -> list[dict[str, Any]]:
    from auditkit.analysis import text_hash

    machine = coded.codings[(coded.codings["answer"] == answer) & coded.codings["coded"]]
    suggested = dict(zip(machine["theme"], machine["pole"], strict=True))
    usual = next(iter(machine.sort_values(["score", "theme"], ascending=[False, True])["pole"]), "") or _heard(
        coded, answer
    )
    rows = []
    for theme, pole in wanted.items():
        if theme not in suggested:
            rows.append((theme, usual if pole is None else pole, "added"))
        else:
            kept = pole is None or pole == suggested[theme]
            rows.append((theme, suggested[theme] if pole is None else pole, "confirmed" if kept else "changed"))
    rows += [(theme, suggested[theme], "rejected") for theme in suggested if theme not in wanted]
    if not wanted:
        rows.append((NONE, "", "changed" if suggested else "confirmed"))
    return [
        {"answer": answer, "text_hash": text_hash(text), "theme": theme, "pole": pole, "decision": decision}
        for theme, pole, decision in rows
    ]


def _heard(coded: CodedRound, answer: str) -> str:
    tone = coded.tone.loc[coded.tone["answer"] == answer, "tone"]
    return "" if not len(tone) or tone.iat[0] == 0 else "good" if tone.iat[0] > 0 else "poor"


def _labels(coded: CodedRound, filled: str) -> tuple[dict[str, str | None], list[str]]:
    """Theme ids with their poles, and what is wrong with the cell."""
    known = {_plain(theme.label): theme.id for theme in coded.codebook.accepted}
    known |= {_plain(theme.id): theme.id for theme in coded.codebook.accepted}
    parts = [part.strip() for part in filled.split(SEPARATOR) if part.strip()]
    if not parts:
        return {}, ["no label; write none where there is no theme"]
    if NONE in map(_plain, parts):
        return {}, [] if len(parts) == 1 else ["none stands beside a label"]
    wanted: dict[str, str | None] = {}
    wrong = []
    for label in parts:
        pole = None
        if _plain(label) not in known and label.endswith(")") and "(" in label:
            before, _, inside = label[:-1].rpartition("(")
            if _plain(inside) in POLES:
                label, pole = before.strip(), POLES[_plain(inside)]
        theme = known.get(_plain(label))
        if theme is None:
            wrong.append(f'there is no theme "{label}"{_near(coded, label)}')
        elif wanted.get(theme) is not None and pole is not None and wanted[theme] != pole:
            wrong.append(f'"{label}" stands there with two poles; (both) says so')
        else:
            wanted[theme] = pole or wanted.get(theme)
    return wanted, wrong


def _near(coded: CodedRound, label: str) -> str:
    import difflib

    labels = {_plain(theme.label): theme.label for theme in coded.codebook.accepted}
    near = difflib.get_close_matches(_plain(label), list(labels), n=1)
    return f'; did you mean "{labels[near[0]]}"?' if near else ""


class _Answers:
    """The answers of an audit, found by what a sheet says of them; by less where a spreadsheet changed the rest."""

    BY = (
        ("round", "row", "respondent", "question", "text"),
        ("round", "respondent", "question", "text"),
        ("round", "row", "question", "text"),
        ("row", "question", "text"),
    )

    def __init__(self, rounds: Sequence[CodedRound]) -> None:
        self._by: dict[tuple[str, ...], dict[tuple[str, ...], list[tuple[CodedRound, str, str]]]] = {}
        columns = ["answer", "round", "row", "respondent", "question", "text"]
        for coded in rounds:
            for answer, *place in coded.responses.answers[columns].itertuples(index=False):
                row = dict(zip(columns[1:], map(str, place), strict=True))
                for names in self.BY:
                    index = self._by.setdefault(names, {})
                    index.setdefault(_key(row, names), []).append((coded, answer, row["text"]))

    def find(self, row: Mapping[str, str]) -> tuple[CodedRound, str, str] | str:
        """Round, key and stored text of the answer in a row of the sheet; else why there is none."""
        several = False
        for names in self.BY:
            found = self._by.get(names, {}).get(_key(row, names), []) if all(name in row for name in names) else []
            if len(found) == 1:
                return found[0]
            several = several or len(found) > 1
        if several:
            return "several answers say this, and no column tells which is meant"
        return "this answer is not in the audit, or its text was changed"


def _key(row: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(WHOLE.sub("", row[name].strip()) if name == "row" else _spaced(row[name]) for name in names)


def _csv(path: Path) -> Table:
    data = path.read_bytes()
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        csv.field_size_limit(LONGEST_FIELD)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise AuditkitError(f"{path.name} cannot be read as CSV: {error}.", "Save it again as CSV.") from None
    return [_plain(name) for name in rows[0]] if rows else [], list(enumerate(rows[1:], start=2))


def _xlsx(path: Path) -> list[Table]:
    import warnings

    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            sheets = [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
            book.close()
    except Exception:
        raise AuditkitError(f"{path.name} cannot be read as a workbook.", "Save it again as .xlsx.") from None
    tables = []
    for rows in sheets:
        filled = [["" if cell is None else str(cell) for cell in row] for row in rows]
        header = [_plain(name) for name in filled[0]] if filled else []
        tables.append((header, list(enumerate(filled[1:], start=2))))
    return tables


def _as_read(text: str) -> str:
    """A text as it comes back from a spreadsheet: line ends and unwritable characters aside."""
    from auditkit.cells import writable

    return writable(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _spaced(text: str) -> str:
    """A text as it is compared: spaces, line ends and the way accents are written aside."""
    return " ".join(unicodedata.normalize("NFC", _as_read(text)).split())


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
