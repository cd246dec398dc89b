"""The second coder's sheet: which answers it holds, how they stand there blind, and what comes back."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit import blind_ids
from auditkit.agreement import FEWEST_UNITS
from auditkit.errors import AuditkitError
from auditkit.review import refuse_rows
from auditkit.review_files import SEPARATOR, spaced
from auditkit.theme_cells import THEME_CELLS, themes_in

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.blind_ids import BlindId

COLUMNS = ("id", "question", "text", "themes")
"""Nothing by which round, pair, role or respondent could be known, and nothing that anybody set."""

BOOK = (*COLUMNS, "second theme", "third theme", "pole")
"""As a workbook: with lists to choose from."""

WRITTEN_BY = "agreement --export"
SHARE = 0.2


@dataclass(frozen=True)
class Sample:
    """``answers``: keys, sorted; ``decided``: answers that it was drawn from; ``again``: those of
    the sample that were in an earlier draw, because no others were left."""

    answers: tuple[str, ...]
    decided: int
    again: int


@dataclass(frozen=True)
class SecondCode:
    """What the second coder set on an answer; a theme without a pole has "". No theme: the answer has none."""

    answer: str
    text_hash: str
    draw: int
    themes: Mapping[str, str]


@dataclass(frozen=True)
class Returned:
    """What a filled sheet says. ``changed``: answers left out because their text is not the one that was coded;
    ``gone``: left out because the audit no longer holds them, or a person's decision on them."""

    codes: tuple[SecondCode, ...]
    blank: int
    changed: int
    gone: int


def sample(rounds: Sequence[CodedRound], share: float, draw: int, earlier: Collection[str] = ()) -> Sample:
    """Answers for a second coder, out of those that a person has read and decided.

    ``share`` of them, at least FEWEST_UNITS, or all where there are fewer; each round and question in proportion
    (largest remainder). Which ones: by a hash of the answer's key and ``draw``, so that the order of the rows does
    not matter and the same call gives the same sample. ``earlier``: answers of earlier draws, taken only where no
    others of the round and question are left.

    Raises AuditkitError where fewer than FEWEST_UNITS are decided and others still wait.
    """
    strata: dict[tuple[str, str], list[str]] = defaultdict(list)
    total = 0
    for coded in rounds:
        answers = coded.responses.answers
        total += len(answers)
        for answer, item in zip(answers["answer"], answers["item"], strict=True):
            if answer in coded.read_by_people:
                strata[coded.round, item].append(answer)
    decided = sum(map(len, strata.values()))
    if not total:
        raise AuditkitError("There are no written answers to code.", "Agreement is about themes, not about ratings.")
    if decided < min(FEWEST_UNITS, total):
        raise AuditkitError(
            f"{decided} of {total} answers are decided; a second coder needs {min(FEWEST_UNITS, total)}.",
            "Decide more of them first: auditkit review export.",
        )
    number = min(decided, max(FEWEST_UNITS, math.ceil(round(share * decided, 9))))
    seats = _in_proportion({stratum: len(answers) for stratum, answers in strata.items()}, number)
    drawn = []
    for stratum, answers in strata.items():
        answers.sort(key=lambda answer: (answer in earlier, _place(answer, draw)))
        drawn += answers[: seats[stratum]]
    return Sample(tuple(sorted(drawn)), decided, sum(answer in earlier for answer in drawn))


def sheet(rounds: Sequence[CodedRound], drawn: Sample, draw: int, blind_id: BlindId) -> pd.DataFrame:
    """The sample as a sheet, columns ``COLUMNS``, themes empty; its order says no more than the ids do."""
    import pandas as pd

    said = {
        answer: (question, text)
        for coded in rounds
        for answer, question, text in coded.responses.answers[["answer", "question", "text"]].itertuples(index=False)
    }
    rows = [(blind_id(answer, draw), *said[answer], "") for answer in drawn.answers]
    return pd.DataFrame(sorted(rows), columns=list(COLUMNS))


def codings(
    rounds: Sequence[CodedRound], rows: Sequence[Mapping[str, str]], name: str, draws: int, blind_id: BlindId
) -> Returned:
    """What the rows of a filled sheet say. An empty ``themes`` is no coding; ``none`` says that there is no theme.

    ``draws``: how many draws there have been. Answers that are no longer in the audit, or whose text is another
    now, are left out and counted. Raises AuditkitError, naming every row, for an unknown label, an id that is
    none, or an answer that stands there twice with two codings; and where there is no column id, no row is of this
    audit, or none is filled.
    """
    from auditkit.analysis import text_hash

    if rows and "id" not in rows[0]:
        raise AuditkitError(f"{name}: no column id.", f"Keep the header of the sheet that {WRITTEN_BY} wrote.")
    known = {
        blind_id(answer, draw): (coded, answer, text, draw)
        for coded in rounds
        for answer, text in coded.responses.answers[["answer", "text"]].itertuples(index=False)
        for draw in range(1, draws + 1)
    }
    problems: list[str] = []
    found: dict[tuple[str, int], SecondCode] = {}
    places: dict[tuple[str, int], str] = {}
    blank = changed = gone = 0
    for row in rows:
        place = row["place"]
        filled = f"{SEPARATOR} ".join(part for cell in THEME_CELLS if (part := row.get(cell, "").strip()))
        if not filled:
            blank += 1
            continue
        id = row["id"].strip().upper()
        if not blind_ids.is_one(id):
            problems.append(f"{place}: no id; keep the column as the sheet has it")
            continue
        if id not in known:
            gone += 1
            continue
        coded, answer, text, draw = known[id]
        if spaced(row.get("text", text)) != spaced(text):
            changed += 1
            continue
        wanted, wrong = themes_in(coded.codebook, filled, row.get("pole", ""))
        problems += [f"{place}: {said}" for said in wrong]
        if wrong:
            continue
        themes = {theme: pole or "" for theme, pole in wanted.items()}
        code = SecondCode(answer, text_hash(text), draw, themes)
        if found.setdefault((answer, draw), code) != code:
            problems.append(f"{place}: the same answer as {places[answer, draw]}, coded otherwise")
        places.setdefault((answer, draw), place)
    refuse_rows(name, problems)
    if not found:
        raise _nothing(name, changed=changed, gone=gone)
    return Returned(tuple(found[place] for place in sorted(found)), blank, changed, gone)


def _place(answer: str, draw: int) -> str:
    return hashlib.sha256(f"draw {draw} {answer}".encode()).hexdigest()


def _in_proportion(sizes: Mapping[tuple[str, str], int], number: int) -> dict[tuple[str, str], int]:
    """``number`` shared out by size, never more than the size: whole parts first, then the largest remainders."""
    total = sum(sizes.values())
    seats = {name: number * size // total for name, size in sizes.items()}
    order = sorted(sizes, key=lambda name: (-(number * sizes[name] % total), name))
    for name in order[: number - sum(seats.values())]:
        seats[name] += 1
    return seats


def _nothing(name: str, *, changed: int, gone: int) -> AuditkitError:
    if changed:
        return AuditkitError(
            f"{name}: the texts of all answers coded there are others now.",
            f"Write the sheet again: auditkit {WRITTEN_BY}.",
        )
    if gone:
        return AuditkitError(
            f"{name}: none of its answers is in this audit.", "Name the audit that it was written from: --audit FOLDER."
        )
    return AuditkitError(f"{name}: no cell of the column themes is filled.", "Fill it: labels with ; or none.")
