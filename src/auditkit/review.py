"""The analyst's decisions: answers out to be read, decisions back in."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound

COLUMNS = ("round", "row", "respondent", "question", "text", "suggested", "themes")
"""The review sheet. ``themes`` is to be filled: labels with "; " between them, or ``none``."""

NONE = "none"
SEPARATOR = ";"
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
    """The answers nobody has decided yet, columns ``COLUMNS``, at most ``limit``.

    In an order that mixes rounds, pairs and roles, so that they do not colour the reading; always the same.
    """
    import pandas as pd

    rows = []
    for coded in rounds:
        labels = {theme.id: theme.label for theme in coded.codebook.accepted}
        suggested: dict[str, list[str]] = {}
        strongest = coded.codings[coded.codings["coded"]].sort_values(["score", "theme"], ascending=[False, True])
        for row in strongest.itertuples():
            suggested.setdefault(row.answer, []).append(labels[row.theme])
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
                        "place": place,
                    }
                )
    rows.sort(key=lambda row: row["place"])
    return pd.DataFrame(rows[:limit], columns=list(COLUMNS))


def read_sheet(path: Path) -> list[dict[str, str]]:
    """The rows of a review sheet, xlsx or csv, as text; any order, further columns ignored.

    Raises AuditkitError where the file cannot be read or a column is missing. Every row carries ``line``.
    """
    if not path.is_file():
        raise AuditkitError(f"There is no file {path}.", "auditkit review export writes one.")
    rows = _xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path)
    header = set(rows[0]) if rows else set(COLUMNS)
    missing = [name for name in ("round", "respondent", "question", "text", "themes") if name not in header]
    if missing:
        raise AuditkitError(
            f"{path.name}: no column {', '.join(missing)}.",
            "Keep the header of the sheet that review export wrote.",
        )
    return rows


def decisions(rounds: Sequence[CodedRound], rows: Sequence[dict[str, str]], name: str) -> Decided:
    """What the rows decide. An empty ``themes`` is no decision; a filled one is the whole decision.

    A label may carry its pole, "Trust (problem)"; else the suggested pole is kept. Raises AuditkitError,
    naming every line, for an unknown label or an answer that the audit does not hold; then nothing counts.
    """
    from auditkit.analysis import text_hash

    exact, loose = _index(rounds)
    problems: list[str] = []
    decided: dict[str, list[dict[str, Any]]] = {}
    blank = 0
    for row in rows:
        filled = row["themes"].strip()
        if not filled:
            blank += 1
            continue
        found = exact.get((row["round"], row.get("row", ""), row["respondent"], row["question"], row["text"]))
        found = found or loose.get((row["round"], row["respondent"], row["question"], row["text"]))
        if found is None:
            problems.append(f"line {row['line']}: this answer is not in the audit, or its text was changed")
            continue
        coded, answer = found
        wanted, wrong = _labels(coded, filled)
        problems += [f'line {row["line"]}: there is no theme "{label}"{_near(coded, label)}' for label in wrong]
        if not wrong:
            decided[answer] = _rows(coded, answer, wanted, text_hash(row["text"]))
    if problems:
        raise AuditkitError(
            f"{name}: {len(problems)} line{'s' if len(problems) > 1 else ''} cannot be taken over; nothing was.",
            "Correct them and apply the file again. Labels stand in codebook.xlsx.",
            details=problems[:20],
        )
    flat = [row for answer in sorted(decided) for row in decided[answer]]
    return Decided(
        rows=tuple(flat),
        answers=len(decided),
        without_theme=sum(
            all(row["decision"] == "rejected" or row["theme"] == NONE for row in r) for r in decided.values()
        ),
        blank=blank,
        changes=sum(row["decision"] in ("changed", "added", "rejected") for row in flat),
    )


def _rows(coded: CodedRound, answer: str, wanted: dict[str, str | None], text: str) -> list[dict[str, Any]]:
    machine = coded.codings[(coded.codings["answer"] == answer) & coded.codings["coded"]]
    suggested = dict(zip(machine["theme"], machine["pole"], strict=True))
    usual = next(iter(machine.sort_values("score", ascending=False)["pole"]), "") or _heard(coded, answer)
    rows = []
    for theme, pole in wanted.items():
        if theme not in suggested:
            rows.append((theme, usual if pole is None else pole, "added"))
        else:
            kept = pole is None or pole == suggested[theme]
            rows.append((theme, suggested[theme] if pole is None else pole, "confirmed" if kept else "changed"))
    rows += [(theme, suggested[theme], "rejected") for theme in suggested if theme not in wanted]
    if not wanted:
        rows.append((NONE, "", "confirmed" if not suggested else "changed"))
    return [
        {"answer": answer, "text_hash": text, "theme": theme, "pole": pole, "decision": decision}
        for theme, pole, decision in rows
    ]


def _heard(coded: CodedRound, answer: str) -> str:
    tone = coded.tone.loc[coded.tone["answer"] == answer, "tone"]
    return "" if not len(tone) or tone.iat[0] == 0 else "good" if tone.iat[0] > 0 else "poor"


def _labels(coded: CodedRound, filled: str) -> tuple[dict[str, str | None], list[str]]:
    """Theme ids with their poles, and the labels that are none."""
    known = {_plain(theme.label): theme.id for theme in coded.codebook.accepted}
    known |= {_plain(theme.id): theme.id for theme in coded.codebook.accepted}
    if _plain(filled) == NONE:
        return {}, []
    wanted: dict[str, str | None] = {}
    wrong = []
    for part in filled.split(SEPARATOR):
        label, pole = part.strip(), None
        if _plain(label) not in known and label.endswith(")") and "(" in label:
            before, _, inside = label[:-1].rpartition("(")
            if _plain(inside) in POLES:
                label, pole = before.strip(), POLES[_plain(inside)]
        if not label:
            continue
        if _plain(label) in known:
            wanted[known[_plain(label)]] = pole
        else:
            wrong.append(label)
    return wanted, wrong


def _near(coded: CodedRound, label: str) -> str:
    import difflib

    near = difflib.get_close_matches(label, [theme.label for theme in coded.codebook.accepted], n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _index(rounds: Sequence[CodedRound]) -> tuple[dict[Any, Any], dict[Any, Any]]:
    exact, loose = {}, {}
    for coded in rounds:
        for row in coded.responses.answers.itertuples():
            place = (coded, row.answer)
            text = _as_read(row.text)
            exact[(row.round, str(row.row), row.respondent, row.question, text)] = place
            loose[(row.round, row.respondent, row.question, text)] = place
    return exact, loose


def _csv(path: Path) -> list[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    first = text.splitlines()[0] if text.splitlines() else ""
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    return [
        {_plain(name): _as_read(value or "") for name, value in row.items() if name} | {"line": str(line)}
        for line, row in enumerate(reader, start=2)
    ]


def _xlsx(path: Path) -> list[dict[str, str]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception:
        raise AuditkitError(f"{path.name} cannot be read as a workbook.", "Save it again as .xlsx.") from None
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    header = [_plain(str(cell or "")) for cell in rows[0]] if rows else []
    return [
        {name: _as_read("" if cell is None else str(cell)) for name, cell in zip(header, row, strict=False) if name}
        | {"line": str(line)}
        for line, row in enumerate(rows[1:], start=2)
        if any(cell is not None for cell in row)
    ]


def _as_read(text: str) -> str:
    """A text as it comes back from a spreadsheet: line ends and unwritable characters aside."""
    from auditkit.cells import writable

    return writable(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
