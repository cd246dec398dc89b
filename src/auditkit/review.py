"""What a filled review sheet decides about answers, held against what the software had suggested."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.codebook import plain
from auditkit.corpus import NONE
from auditkit.errors import AuditkitError
from auditkit.review_files import SEPARATOR, Filled, spaced

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.codebook import Codebook

LISTED = 200  # rows of a sheet with something wrong
WHOLE = re.compile(r"\.0+$")  # what spreadsheets add to a whole number
YES = frozenset(("x", "y", "yes", "ok", "1", "1.0", "true", "✓", "✔"))
NO = frozenset(("", "n", "no", "0", "0.0", "false", "-"))
POLES = {
    "works well": "good",
    "good": "good",
    "problem": "poor",
    "poor": "poor",
    "both": "mixed",
    "mixed": "mixed",
    "not clear": "",
}
THEME_CELLS = ("themes", "second theme", "third theme")


@dataclass(frozen=True)
class Conflict:
    """An answer that another person decided otherwise after the sheet was handed out."""

    answer: str
    place: str
    theirs: tuple[tuple[str, str], ...]
    mine: tuple[tuple[str, str], ...]
    by: str


@dataclass(frozen=True)
class Decided:
    """What a filled sheet says: decision rows, spans and notes for the audit, and how many answers of each kind.

    ``overruled``: answers that somebody else had decided otherwise before; ``conflicts`` are not in the rows.
    """

    rows: tuple[dict[str, Any], ...]
    spans: tuple[dict[str, Any], ...]
    notes: tuple[dict[str, Any], ...]
    conflicts: tuple[Conflict, ...]
    answers: int
    without_theme: int
    blank: int
    changes: int
    overruled: int
    by_theme: dict[str, dict[str, int]]


def decisions(
    rounds: Sequence[CodedRound], filled: Filled, name: str, coder: str = "", known: pd.DataFrame | None = None
) -> Decided:
    """What a filled sheet decides. A row without a theme is no decision; a filled one is the whole decision.

    ``rounds`` as the machine left them; ``known``: the decisions so far. A label may carry its pole, "Trust
    (problem)"; else the suggested pole is kept. What others decided after the sheet was handed out is not
    overruled, but a conflict. Raises AuditkitError, naming every row, for an unknown label, an answer that the
    audit does not hold or whose text was changed, or that stands there twice with two decisions; then nothing
    counts.
    """
    reading = _Reading(rounds)
    left = [row for row in filled.rows if not reading.take(row)]
    found = [reading.answers.find(row) for row in left]
    blank = sum(isinstance(one, str) or one[1] not in reading.wanted for one in found)
    refuse_rows(name, reading.problems)
    decided = {answer: reading.rows_of(answer) for answer in sorted(reading.wanted)}
    conflicts, overruled = _disagreeing(reading, decided, known, coder, filled.about.get("handed out", ""))
    for one in conflicts:
        del decided[one.answer]
    flat = [row for answer in decided for row in decided[answer]]
    by_theme: dict[str, Counter[str]] = {}
    for row in flat:
        by_theme.setdefault(row["theme"], Counter())[row["decision"]] += 1
    return Decided(
        rows=tuple(flat),
        spans=tuple(span for span in reading.spans if span["answer"] in decided),
        notes=tuple(reading.notes[answer] for answer in sorted(reading.notes)),
        conflicts=tuple(conflicts),
        answers=len(decided),
        without_theme=sum(any(row["theme"] == NONE for row in rows) for rows in decided.values()),
        blank=blank,
        changes=sum(row["decision"] in ("changed", "added", "rejected") for row in flat if row["theme"] != NONE),
        overruled=overruled,
        by_theme={theme: dict(counts) for theme, counts in by_theme.items()},
    )


def refuse_rows(name: str, problems: Sequence[str]) -> None:
    """Raise AuditkitError where rows of a filled sheet cannot be understood."""
    if problems:
        more = [f"and {len(problems) - LISTED} more rows"] if len(problems) > LISTED else []
        raise AuditkitError(
            f"{name}: {len(problems)} row{'s' if len(problems) > 1 else ''} cannot be taken over; nothing was.",
            "Correct them and apply the file again. The labels stand in codebook.xlsx.",
            details=[*problems[:LISTED], *more],
        )


@dataclass(frozen=True)
class Taken:
    """What a sheet changed: the decisions, the labels of all themes, and the file that lists conflicts. ``is_known``:
    it was taken over before."""

    decided: Decided
    labels: dict[str, str]
    conflicts: Path | None
    is_known: bool


class _Reading:
    """What the rows of a sheet say, answer by answer."""

    def __init__(self, rounds: Sequence[CodedRound]) -> None:
        self.answers = _Answers(rounds)
        self.problems: list[str] = []
        self.wanted: dict[str, dict[str, str | None]] = {}
        self.places: dict[str, str] = {}
        self.spans: list[dict[str, Any]] = []
        self.notes: dict[str, dict[str, Any]] = {}
        self._whole: dict[str, dict[str, str | None]] = {}
        self._found: dict[str, tuple[CodedRound, str]] = {}

    def take(self, row: Mapping[str, str]) -> bool:
        """Take a row in; whether it says anything."""
        said = [row.get(cell, "").strip() for cell in THEME_CELLS]
        agreed = self._ticked(row, "ok")
        noted = any(row.get(cell, "").strip() for cell in ("memo", "quote", "paraphrase", "not for quotation"))
        if not any(said) and not agreed and not noted:
            if row.get("words", "").strip() or row.get("pole", "").strip():
                self._wrong(row, "words or a pole, but no theme; put x into ok, or a theme")
            return False
        found = self.answers.find(row)
        if isinstance(found, str):
            self._wrong(row, found)
            return True
        coded, answer, text = found
        self._found[answer] = (coded, text)
        if noted:
            self._note(row, answer, text)
        if any(said) or agreed:
            self._decide(row, coded, answer, text, [*([row.get("suggested", "")] if agreed else []), *said])
        return True

    def _decide(self, row: Mapping[str, str], coded: CodedRound, answer: str, text: str, said: Sequence[str]) -> None:
        cell = f"{SEPARATOR} ".join(part for part in said if part)
        if not cell:
            self._wrong(row, "ok, but nothing is suggested here; choose themes, or none")
            return
        wanted, wrong = themes_in(coded.codebook, cell, row.get("pole", ""))
        for problem in wrong:
            self._wrong(row, problem)
        if wrong:
            return
        words = row.get("words", "").strip()
        if words:
            span = _span(text, words)
            if span is None:
                self._wrong(row, "words: they do not stand in the answer; copy them from its text")
                return
            self.spans += [{"answer": answer, "theme": theme, "start": span[0], "end": span[1]} for theme in wanted]
        elif self._whole.setdefault(answer, wanted) != wanted:
            self._wrong(row, f"the same answer as {self.places[answer]}, decided otherwise")
        self.places.setdefault(answer, row["place"])
        held = self.wanted.setdefault(answer, {})
        for theme, one in wanted.items():
            held[theme] = one if held.get(theme) in (None, one) else "mixed"

    def _note(self, row: Mapping[str, str], answer: str, text: str) -> None:
        quote = row.get("quote", "").strip()
        if quote.casefold() in YES:
            quote = text
        elif quote.casefold() in NO:
            quote = ""
        elif _span(text, quote) is None:
            self._wrong(row, "quote: these words do not stand in the answer; put x, or copy them from its text")
            return
        said = {"memo": row.get("memo", "").strip(), "quote": quote, "paraphrase": row.get("paraphrase", "").strip()}
        self.notes[answer] = {
            "answer": answer,
            **said,
            "not_for_quotation": int(self._ticked(row, "not for quotation")),
        }

    def _ticked(self, row: Mapping[str, str], cell: str) -> bool:
        said = plain(row.get(cell, ""))
        if said not in YES | NO:
            self._wrong(row, f'{cell}: "{row[cell]}" is neither x nor empty')
        return said in YES

    def _wrong(self, row: Mapping[str, str], problem: str) -> None:
        self.problems.append(f"{row['place']}: {problem}")

    def rows_of(self, answer: str) -> list[dict[str, Any]]:
        coded, text = self._found[answer]
        return decision_rows(answer, text, self.wanted[answer], *suggested_by(coded, answer))


def decision_rows(
    answer: str, text: str, wanted: Mapping[str, str | None], suggested: Mapping[str, str], usual: str = ""
) -> list[dict[str, Any]]:
    """The decision that an answer has these themes, held against what the machine suggested, theme to pole.

    ``wanted``: theme to pole, None for as suggested; ``usual``: the pole of a theme that was not suggested.
    """
    from auditkit.analysis import text_hash

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


def suggested_by(coded: CodedRound, answer: str) -> tuple[dict[str, str], str]:
    """What the machine suggests for an answer, theme to pole, and the pole of a theme that it does not."""
    machine = coded.codings[(coded.codings["answer"] == answer) & coded.codings["coded"]]
    likeliest = machine.sort_values(["score", "theme"], ascending=[False, True])["pole"]
    return dict(zip(machine["theme"], machine["pole"], strict=True)), next(iter(likeliest), "") or _heard(coded, answer)


def themes_in(codebook: Codebook, filled: str, pole: str) -> tuple[dict[str, str | None], list[str]]:
    """As ``labels_in``, with the pole that a row gives all its themes, where it does."""
    wanted, wrong = labels_in(codebook, filled)
    of_row = plain(pole)
    if of_row and of_row not in POLES:
        wrong.append(f'pole: "{pole}" is none of works well, problem, both')
    elif of_row:
        wanted = dict.fromkeys(wanted, POLES[of_row])
    return wanted, wrong


def labels_in(codebook: Codebook, filled: str) -> tuple[dict[str, str | None], list[str]]:
    """Ids of the themes that a cell names, with the poles it gives, and what is wrong with it."""
    known = {plain(theme.label): theme.id for theme in codebook.accepted}
    known |= {plain(theme.id): theme.id for theme in codebook.accepted}
    parts = [part.strip() for part in filled.split(SEPARATOR) if part.strip()]
    if not parts:
        return {}, ["no label; write none where there is no theme"]
    if NONE in map(plain, parts):
        return {}, [] if len(parts) == 1 else ["none stands beside a label"]
    wanted: dict[str, str | None] = {}
    wrong = []
    for label in parts:
        pole = None
        if plain(label) not in known and label.endswith(")") and "(" in label:
            before, _, inside = label[:-1].rpartition("(")
            if plain(inside) in POLES:
                label, pole = before.strip(), POLES[plain(inside)]
        theme = known.get(plain(label))
        if theme is None:
            wrong.append(f'there is no theme "{label}"{_gone(codebook, label) or _near(codebook, label)}')
        elif wanted.get(theme) is not None and pole is not None and wanted[theme] != pole:
            wrong.append(f'"{label}" stands there with two poles; (both) says so')
        else:
            wanted[theme] = wanted.get(theme) if pole is None else pole
    return wanted, wrong


def _disagreeing(
    reading: _Reading,
    decided: Mapping[str, Sequence[Mapping[str, Any]]],
    known: pd.DataFrame | None,
    coder: str,
    handed_out: str,
) -> tuple[list[Conflict], int]:
    """Answers decided otherwise by somebody else: since the sheet was handed out, and how many before that."""
    if known is None or known.empty:
        return [], 0
    conflicts, overruled = [], 0
    others = known[(known["coder"] != coder) & known["answer"].isin(set(decided)) & (known["unread"] == 0)]
    for answer, rows in others.groupby("answer", sort=True):
        theirs = _outcome(rows.to_dict("records"))
        mine = _outcome(decided[answer])
        if theirs == mine:
            continue
        if handed_out and rows["at"].iloc[0] > handed_out:
            conflicts.append(Conflict(answer, reading.places[answer], theirs, mine, rows["coder"].iloc[0]))
        else:
            overruled += 1
    return conflicts, overruled


def _outcome(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((row["theme"], row["pole"]) for row in rows if row["decision"] != "rejected"))


def _span(text: str, words: str) -> tuple[int, int] | None:
    """Start and end, in code points of the text, of words in it; spaces and case aside."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    found = re.search(pattern, text, re.IGNORECASE) if pattern else None
    return found.span() if found else None


def _heard(coded: CodedRound, answer: str) -> str:
    tone = coded.tone.loc[coded.tone["answer"] == answer, "tone"]
    return "" if not len(tone) or tone.iat[0] == 0 else "good" if tone.iat[0] > 0 else "poor"


def _gone(codebook: Codebook, label: str) -> str:
    retired = {plain(theme.label) for theme in codebook.themes if theme.status == "retired"}
    return " any longer: it was retired, merged or split" if plain(label) in retired else ""


def _near(codebook: Codebook, label: str) -> str:
    import difflib

    labels = {plain(theme.label): theme.label for theme in codebook.accepted}
    near = difflib.get_close_matches(plain(label), list(labels), n=1, cutoff=0.5)
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
        self._by_id: dict[str, tuple[CodedRound, str, str]] = {}
        self._by: dict[tuple[str, ...], dict[tuple[str, ...], list[tuple[CodedRound, str, str]]]] = {}
        columns = ["answer", "round", "row", "respondent", "question", "text"]
        for coded in rounds:
            for answer, *place in coded.responses.answers[columns].itertuples(index=False):
                row = dict(zip(columns[1:], map(str, place), strict=True))
                self._by_id[answer] = (coded, answer, row["text"])
                for names in self.BY:
                    index = self._by.setdefault(names, {})
                    index.setdefault(_key(row, names), []).append((coded, answer, row["text"]))

    def find(self, row: Mapping[str, str]) -> tuple[CodedRound, str, str] | str:
        """Round, key and stored text of the answer in a row of the sheet; else why there is none."""
        if row.get("id", "").strip():
            known = self._by_id.get(row["id"].strip().casefold())
            if known is None:
                return "no answer of this audit has this id"
            if "text" in row and spaced(row["text"]) != spaced(known[2]):
                return "the text was changed in the sheet; put it back, or empty the row"
            return known
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
    return tuple(WHOLE.sub("", row[name].strip()) if name == "row" else spaced(row[name]) for name in names)
