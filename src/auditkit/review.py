"""What a filled review sheet decides about answers, held against what it had suggested."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import sheet_notes
from auditkit.codebook import plain
from auditkit.corpus import NONE
from auditkit.errors import AuditkitError
from auditkit.review_files import NOTES, SEPARATOR, Filled
from auditkit.sheet_answers import SheetAnswers
from auditkit.theme_cells import THEME_CELLS, shortened, themes_in

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.blind_ids import BlindId
    from auditkit.codebook import Codebook

LISTED = 200  # rows of a sheet with something wrong
YES = frozenset(("x", "y", "yes", "ok", "1", "1.0", "true", "✓", "✔"))
NO = frozenset(("", "n", "no", "0", "0.0", "false", "-"))


@dataclass(frozen=True)
class Known:
    """What a sheet is held against, beside the answers. ``decisions`` and ``notes``: those so far; ``codebook``:
    the one in force when the sheet was handed out, None for the present one; ``became``: themes that have gone into
    others since, id to id."""

    decisions: pd.DataFrame
    notes: pd.DataFrame
    blind_id: BlindId
    codebook: Codebook | None = None
    became: Mapping[str, str] = field(default_factory=dict)


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
    ``by_theme``: what the sheet changed, held against the suggestion, or against an earlier decision where there was
    one: theme to confirmed, changed, added, rejected and how many; ``changes``: all but the confirmed.
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


@dataclass(frozen=True)
class Taken:
    """What a sheet changed: the decisions, the labels of all themes, and the file that lists conflicts. ``is_known``:
    it was taken over before; ``is_done``: it is now, and was not only looked at."""

    decided: Decided
    labels: dict[str, str]
    conflicts: Path | None
    is_known: bool
    is_done: bool


def decisions(rounds: Sequence[CodedRound], filled: Filled, name: str, coder: str, known: Known) -> Decided:
    """What a filled sheet decides. A row without a theme is no decision; a filled one is the whole decision.

    ``rounds`` as the machine left them. A label may carry its pole, "Trust (problem)"; else the suggested pole is
    kept. What others decided after the sheet was handed out is not overruled, but a conflict. Themes that came in
    after it was handed out are not decided by it. Raises AuditkitError, naming every row, for an unknown label, an
    answer that the audit does not hold or whose text was changed, or that stands there twice with two decisions;
    then nothing counts.
    """
    reading = _Reading(rounds, filled, coder, known)
    left = [row for row in filled.rows if not reading.take(row)]
    found = [reading.answers.find(row) for row in left]
    blank = sum(isinstance(one, str) or one[1] not in reading.wanted for one in found)
    refuse_rows(name, reading.problems)
    decided = {answer: reading.rows_of(answer) for answer in sorted(reading.wanted)}
    conflicts, overruled = _disagreeing(reading, decided)
    for one in conflicts:
        del decided[one.answer]
    flat = [row for answer in decided for row in decided[answer]]
    by_theme: dict[str, Counter[str]] = {}
    for answer, rows in decided.items():
        for theme, kind in reading.changed(answer, rows):
            by_theme.setdefault(theme, Counter())[kind] += 1
    return Decided(
        rows=tuple(flat),
        spans=tuple(span for span in reading.spans if span["answer"] in decided),
        notes=tuple(reading.notes[answer] for answer in sorted(reading.notes)),
        conflicts=tuple(conflicts),
        answers=len(decided),
        without_theme=sum(any(row["theme"] == NONE for row in rows) for rows in decided.values()),
        blank=blank,
        changes=sum(number for kinds in by_theme.values() for kind, number in kinds.items() if kind != "confirmed"),
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


class _Reading:
    """What the rows of a sheet say, answer by answer."""

    def __init__(self, rounds: Sequence[CodedRound], filled: Filled, coder: str, known: Known) -> None:
        self.answers = SheetAnswers(rounds, known.blind_id)
        self.coder, self.known = coder, known
        self.handed_out = filled.about.get("handed out", "")
        self.labels = _Labels(rounds[0].codebook, known)
        self.problems: list[str] = []
        self.wanted: dict[str, dict[str, str | None]] = {}
        self.places: dict[str, str] = {}
        self.spans: list[dict[str, Any]] = []
        self.notes: dict[str, dict[str, Any]] = {}
        self._whole: dict[str, dict[str, str | None]] = {}
        self._found: dict[str, tuple[CodedRound, str]] = {}
        self._noted = {row["answer"]: row for row in known.notes.to_dict("records")}
        self._shown: dict[str, dict[str, str | None]] = {}
        self._marks = filled.noted
        self._held: dict[str, list[dict[str, Any]]] = {}
        for known_row in known.decisions.to_dict("records"):
            self._held.setdefault(known_row["answer"], []).append(known_row)
        self._by_id = {row["id"]: row["suggested"] for row in filled.rows if row.get("id") and "suggested" in row}

    def take(self, row: Mapping[str, str]) -> bool:
        """Take a row in; whether it says anything about themes, or anything wrong."""
        said = [row.get(cell, "").strip() for cell in THEME_CELLS]
        agreed = self._ticked(row, "ok")
        if any(column in row for column in NOTES):
            self._note(row)
        if not any(said) and not agreed:
            if row.get("words", "").strip() or row.get("pole", "").strip():
                self._wrong(row, "words or a pole, but no theme; put x into ok, or a theme")
            return False
        found = self.answers.find(row)
        if isinstance(found, str):
            self._wrong(row, found)
            return True
        coded, answer, text = found
        self._found[answer] = (coded, text)
        suggested = row.get("suggested", self._by_id.get(row.get("id", "")))
        if suggested is not None:
            shown, _ = self.labels.themes(suggested, "")
            if shown or not suggested.strip() or plain(suggested) == NONE:
                self._shown[answer] = shown
        self._decide(row, answer, text, [*([row.get("suggested", "")] if agreed else []), *said])
        return True

    def _decide(self, row: Mapping[str, str], answer: str, text: str, said: Sequence[str]) -> None:
        cell = f"{SEPARATOR} ".join(part for part in said if part)
        if not cell:
            self._wrong(row, "ok, but nothing is suggested here; choose themes, or none")
            return
        wanted, wrong = self.labels.themes(cell, row.get("pole", ""))
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

    def _note(self, row: Mapping[str, str]) -> None:
        found = self.answers.find(row)
        is_filled = any(row.get(column, "").strip() for column in NOTES)
        if isinstance(found, str):
            if is_filled:
                self._wrong(row, found)
            return
        _, answer, text = found
        said: dict[str, Any] = {}
        for column in ("memo", "paraphrase", "quote"):
            typed = row.get(column, "").strip()
            if typed:
                said[column] = "" if typed == sheet_notes.AWAY else typed
        quote = said.get("quote", "")
        if plain(quote) in YES:
            said["quote"] = text
        elif quote and plain(quote) in NO:
            said["quote"] = ""
        elif quote and _span(text, quote) is None:
            self._wrong(row, "quote: these words do not stand in the answer; put x, or copy them from its text")
            return
        if row.get("not for quotation", "").strip():
            said["not_for_quotation"] = int(self._ticked(row, "not for quotation"))
        shown = None if self._marks is None else self._marks.get(row.get("id", "").strip().upper(), {})
        note = sheet_notes.joined(said, row, self._noted.get(answer), self.coder, shown)
        if note is not None:
            self.notes[answer] = {"answer": answer, **note}

    def _ticked(self, row: Mapping[str, str], cell: str) -> bool:
        said = plain(row.get(cell, ""))
        if said not in YES | NO:
            self._wrong(row, f'{cell}: "{shortened(row[cell])}" is neither x nor empty')
        return said in YES

    def _wrong(self, row: Mapping[str, str], problem: str) -> None:
        self.problems.append(f"{row['place']}: {problem}")

    def rows_of(self, answer: str) -> list[dict[str, Any]]:
        coded, text = self._found[answer]
        now, usual = suggested_by(coded, answer)
        now = {theme: pole for theme, pole in now.items() if theme in self.labels.known}
        shown = self._shown.get(answer)
        mine = dict(_outcome(self._held.get(answer, [])))
        poles = now | mine | {theme: pole for theme, pole in (shown or {}).items() if pole is not None}
        if shown is not None:
            now = {theme: now.get(theme, usual) if pole is None else pole for theme, pole in shown.items()}
        wanted = {theme: poles.get(theme) if pole is None else pole for theme, pole in self.wanted[answer].items()}
        return decision_rows(answer, text, wanted, first_shown(self._held.get(answer, []), now), usual)

    def changed(self, answer: str, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
        """Theme and kind of what becomes of an answer's codes: from its earlier decision, else from the suggestion."""
        held = dict(_outcome(self._held.get(answer, [])))
        if not held:
            return [(row["theme"], row["decision"]) for row in rows if row["theme"] != NONE]
        after = dict(_outcome(rows))
        kinds = {
            theme: "added" if theme not in held else "confirmed" if held[theme] == pole else "changed"
            for theme, pole in after.items()
        }
        kinds |= {theme: "rejected" for theme in held if theme not in after}
        return [(theme, kind) for theme, kind in kinds.items() if theme != NONE]


class _Labels:
    """What the labels of a sheet mean now, which may have been handed out under an older codebook."""

    def __init__(self, present: Codebook, known: Known) -> None:
        self._accepted = {theme.id: theme.label for theme in present.accepted}
        self._became = known.became
        self._book = present
        self.known = frozenset(self._accepted)
        if known.codebook is not None:
            older = known.codebook.accepted
            taken = {plain(theme.label) for theme in older}
            new = [theme for theme in present.accepted if plain(theme.label) not in taken]
            self._book = replace(known.codebook, themes=(*older, *new))
            self.known = frozenset(self._now(theme.id) for theme in older)
            self._older = {theme.id: theme.label for theme in older}

    def themes(self, cell: str, pole: str) -> tuple[dict[str, str | None], list[str]]:
        """As ``theme_cells.themes_in``, by the ids that the themes have now."""
        said, wrong = themes_in(self._book, cell, pole)
        wanted: dict[str, str | None] = {}
        for theme, one in said.items():
            now = self._now(theme)
            if now not in self._accepted:
                label = self._older[theme]
                wrong.append(f'there is no theme "{label}" any longer: it was split or retired after this was written')
            else:
                wanted[now] = one if wanted.get(now) in (None, one) else "mixed"
        return wanted, wrong

    def _now(self, theme: str) -> str:
        return theme if theme in self._accepted else self._became.get(theme, theme)


def first_shown(held: Sequence[Mapping[str, Any]], now: Mapping[str, str]) -> dict[str, str]:
    """What software had suggested for an answer when it was decided first (``held``), with what it suggests ``now`` of
    themes that nobody has decided on since: what is shown of a decided answer is mostly what people set."""
    first = {}
    for row in held:
        if row["decision"] == "changed":
            was = now.get(row["theme"], row["pole"])
            first[row["theme"]] = was if was != row["pole"] else "mixed" if not row["pole"] else ""
        elif row["decision"] != "added" and row["theme"] != NONE:
            first[row["theme"]] = row["pole"]
    decided = {row["theme"] for row in held}
    return first | {theme: pole for theme, pole in now.items() if theme not in decided}


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


def _disagreeing(reading: _Reading, decided: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[list[Conflict], int]:
    """Answers decided otherwise by somebody else: since the sheet was handed out, and how many before that."""
    known = reading.known.decisions
    conflicts, overruled = [], 0
    others = known[(known["coder"] != reading.coder) & known["answer"].isin(set(decided)) & (known["unread"] == 0)]
    for answer, rows in others.groupby("answer", sort=True):
        theirs = _outcome(rows.to_dict("records"))
        mine = _outcome(decided[answer])
        if theirs == mine:
            continue
        if reading.handed_out and rows["at"].iloc[0] > reading.handed_out:
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
