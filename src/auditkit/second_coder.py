"""A second coder, step by step: a sheet handed out, what comes back taken over, both set side by side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import (
    audit_log,
    decided,
    decisions,
    holdings,
    intake,
    overwriting,
    second_codings,
    theme_moves,
)
from auditkit.audit import Audit, file_hash
from auditkit.errors import AuditkitError
from auditkit.summaries import quoted
from auditkit.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.double_coding import Compared, DoubleCoding, HandedOut, Kept
    from auditkit.second_sheet import Returned

REPORT = "agreement.xlsx"
DISAGREEMENTS = "disagreements"
TAKEN_OVER = "second coding"
"""What the run is called that takes a second coder's sheet over."""


def hand_out(audit: Audit, output: Path | None, form: str | None, share: float, *, again: bool) -> HandedOut:
    """Write a second coder's sheet: of the latest draw, or, ``again``, of a new one with other answers.

    A draw is new until a sheet of it is taken over. Raises AuditkitError where too few answers are decided, or
    where that would overwrite codes that were not taken over; Refused beside names.
    """
    from auditkit import review_book, second_sheet, tables
    from auditkit.double_coding import HandedOut

    audit.require()
    path = output or audit.folder / f"second-coder.{form or 'xlsx'}"
    intake.refuse_names_beside(audit, intake.Options(), path)
    form = decisions.sheet_format(path, form, "A second coder's sheet")
    overwriting.refuse(audit, path, sheets=review_book.SECOND_SHEETS, columns=second_sheet.COLUMNS)
    left = decisions.unapplied(audit, path, TAKEN_OVER)
    if left:
        raise AuditkitError(
            f"{path} holds codes on {counted(left, 'answer')} that were not taken over.",
            "auditkit agreement FILE takes them over; or write to another file with -o FILE.",
        )
    earlier = second_codings.load(audit.store)
    last = max((coding.draw for coding in earlier), default=0)
    draw = last + 1 if again else max(last, 1)
    rounds = [audit.load_round(name) for name in audit.rounds()]
    sample = second_sheet.sample(rounds, share, draw, {coding.answer for coding in earlier if coding.draw < draw})
    frame = second_sheet.sheet(rounds, sample, draw, audit.store.blind_id)
    if form == "xlsx":
        about = decisions.about(audit) | {"Draw": str(draw)}
        book = frame.reindex(columns=list(second_sheet.BOOK), fill_value="")
        review_book.write(path, book, decisions.labels(audit), about, _codebook(audit))
    else:
        tables.save(frame, "answers", "csv", path)
    return HandedOut(path, sample, draw)


def compare(audit: Audit, file: Path | None = None, coder: str | None = None) -> Compared:
    """Take a filled sheet over, if one is given, and write the workbook on agreement.

    A sheet that is taken over again changes nothing. Raises AuditkitError, with nothing taken over, where a line
    cannot be understood, or where the workbook holds what was agreed on and not applied.
    """
    from auditkit import double_coding
    from auditkit.double_coding import Compared

    audit.require()
    path = audit.out / "analyst" / REPORT
    _refuse_unapplied(audit, path)
    names = audit.rounds()
    rounds = [audit.load_round(name) for name in names]
    returned = None if file is None else _take_over(audit, rounds, file, decided.person(coder or ""))
    codings = second_codings.moved(second_codings.load(audit.store), theme_moves.gone_into(audit.store, audit.codebook))
    same_person = dict(holdings.linked(audit, names).mapping)
    done = tuple(double_coding.double_codings(rounds, codings, same_person))
    kept = tuple(double_coding.kept(rounds, audit.decisions()))
    if not done and not kept[0].shown and not kept[0].given:
        return Compared(returned, done, kept, None, computed=False)
    state = (
        list(map(repr, codings)),
        audit.decisions_fingerprint(names),
        audit.state(names),
        sorted(same_person.items()),
    )
    digest = hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]
    run = holdings.step_of(audit, "agreement", tuple(names), {}, digest)
    computed = audit.earlier(run) is None or not path.is_file()
    if computed:
        audit.save_run(run, {"written": [f"out/analyst/{REPORT}"]})
        _write(audit, path, rounds, done, kept)
        audit.mark_written(run)
    return Compared(returned, done, kept, path, computed)


def _take_over(audit: Audit, rounds: Sequence[CodedRound], file: Path, coder: str) -> Returned:
    from auditkit import review_files, second_sheet

    draws = max((coding.draw for coding in second_codings.load(audit.store)), default=0) + 1
    filled = review_files.read(file, second_sheet.WRITTEN_BY)
    decisions.refuse_foreign(audit, file, filled.about)
    returned = second_sheet.codings(rounds, filled.rows, file.name, draws, audit.store.blind_id)
    run = holdings.step_of(audit, TAKEN_OVER, tuple(audit.rounds()), {file.name: file_hash(file)}, coder)
    beside = _beside_the_first(audit, returned, coder)
    held = {coding.answer for coding in beside}
    codes = tuple(code for code in returned.codes if code.answer in held)
    returned = replace(returned, codes=codes, gone=returned.gone + len(returned.codes) - len(codes))
    if audit.earlier(run) is None:
        audit.save_second_codings(beside, coder, run)
        audit.mark_written(run)
    return returned


def _beside_the_first(audit: Audit, returned: Returned, coder: str) -> list[second_codings.SecondCoding]:
    """The second codes with what the first coder has decided by now."""
    from auditkit.corpus import NONE

    now = audit_log.now()
    first: dict[str, dict[str, Any]] = {}
    known_decisions = audit.decisions()
    for row in known_decisions[known_decisions["unread"] == 0].to_dict("records"):
        known = first.setdefault(row["answer"], {"coder": row["coder"], "at": row["at"], "themes": {}})
        known["text_hash"] = row["text_hash"]
        if row["decision"] != "rejected" and row["theme"] != NONE:
            known["themes"][row["theme"]] = row["pole"]
    return [
        second_codings.SecondCoding(
            answer=code.answer,
            text_hash=code.text_hash,
            draw=code.draw,
            coder=coder,
            at=now,
            themes=code.themes,
            first_coder=first[code.answer]["coder"],
            first_at=first[code.answer]["at"],
            first_themes=first[code.answer]["themes"],
            codebook=audit.codebook.fingerprint(),
        )
        for code in returned.codes
        if code.answer in first and first[code.answer]["text_hash"] == code.text_hash
    ]


def _refuse_unapplied(audit: Audit, path: Path) -> None:
    from auditkit.grids import read_grids

    if not path.exists() or not any(grid.sheet == DISAGREEMENTS.capitalize() for grid in read_grids(path)):
        return
    left = decisions.unapplied(audit, path)
    if left:
        raise AuditkitError(
            f"{path} holds what was agreed on for {counted(left, 'answer')}, not applied yet.",
            f"auditkit review apply {quoted(path)} --coder NAME takes it over; or empty the column agreed on.",
        )


def _codebook(audit: Audit) -> pd.DataFrame:
    """The codebook as the second coder needs it."""
    import pandas as pd

    columns = ["label", "definition", "include", "exclude"]
    rows = [tuple(getattr(theme, column) for column in columns) for theme in audit.codebook.accepted]
    return pd.DataFrame([*rows, ("none", "The answer has no theme of this list.", "", "")], columns=columns)


def _write(
    audit: Audit, path: Path, rounds: Sequence[CodedRound], done: Sequence[DoubleCoding], kept: Sequence[Kept]
) -> None:
    from auditkit import agreement_book, agreement_lines, agreement_tables

    tables: dict[str, pd.DataFrame] = {}
    if done:
        latest = [one for one in done if one.draw == done[0].draw]
        tables = {
            "themes": agreement_tables.themes_table(done),
            DISAGREEMENTS: agreement_tables.disagreements_table(
                rounds, latest, audit.decisions(), audit.store.blind_id
            ),
            "codes": agreement_tables.codes_table(rounds, done, audit.store.blind_id),
        }
    tables["software"] = agreement_tables.software_table(kept)
    labels = [theme.label for theme in rounds[0].codebook.accepted] if rounds else []
    agreement_book.write(path, agreement_lines.summary(done, kept), tables, labels)
