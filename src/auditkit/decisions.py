"""What people decide about answers: handed out to be read, taken over, and how far it has come."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import (
    audit_log,
    codebook_history,
    decided,
    holdings,
    intake,
    outputs,
    overwriting,
    second_looks,
    theme_moves,
)
from auditkit.audit import Audit, file_hash
from auditkit.decided import Verdict
from auditkit.errors import AuditkitError
from auditkit.files import Meanwhile
from auditkit.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.holdings import Progress
    from auditkit.review import Decided, Taken
    from auditkit.reviewing import Unread

FORMATS = ("xlsx", "csv")


def hand_out(
    audit: Audit, output: Path | None, form: str | None, limit: int | None, *, check: bool = False
) -> tuple[Path, int]:
    """Write the answers that wait for a decision; the file and how many they are. ``check``: twenty of those whose
    codes are so probable that they could be taken over unread.

    Raises AuditkitError where that would overwrite decisions that were not taken over, Refused beside names.
    """
    from auditkit import reading_list, review_book, review_files, tables

    audit.require()
    path = output or audit.folder / f"review.{form or 'xlsx'}"
    intake.refuse_names_beside(audit, intake.Options(), path)
    form = sheet_format(path, form, "A review sheet")
    overwriting.refuse(audit, path, sheets=review_book.SHEETS, columns=review_files.COLUMNS)
    left = unapplied(audit, path)
    if left:
        raise AuditkitError(
            f"{path} holds decisions on {counted(left, 'answer')} that were not taken over.",
            "auditkit review apply takes them over; or write to another file with -o FILE.",
        )
    rounds = [audit.load_round(name) for name in audit.rounds()]
    frame = _to_check(audit, rounds) if check else reading_list.waiting(rounds, limit)
    if form == "xlsx":
        rows = reading_list.book_rows(frame, decided.notes(audit.store), audit.store.blind_id)
        review_book.write(path, rows, labels(audit), about(audit))
    else:
        tables.save(frame[list(review_files.COLUMNS)], "review", "csv", path)
    return path, len(frame)


def _to_check(audit: Audit, rounds: Sequence[CodedRound]) -> pd.DataFrame:
    from auditkit import accepting, reading_list, reviewing

    read = reviewing.read(rounds)
    least = accepting.threshold(read)
    if least is None:
        raise AuditkitError(
            f"There is nothing to check before {accepting.FROM} answers are read; {read} are.",
            "Read on: auditkit review export.",
        )
    answers = accepting.to_check(rounds, least)
    accepting.remember_check(audit, rounds, answers, least)
    frame = reading_list.waiting(rounds)
    return frame[frame["id"].isin(answers)]


def unapplied(audit: Audit, path: Path, command: str = "review") -> int:
    """In how many rows of a sheet something was typed that was not taken over; ``command``: the run that would.

    Raises AuditkitError where the file is there and is no such sheet.
    """
    from auditkit import review_files, sheet_notes

    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return 0
    if audit.took_over(file_hash(path), command):
        return 0
    try:
        rows = review_files.read(path).rows
    except AuditkitError as error:
        raise AuditkitError(
            f"{path} is there already, and cannot be read as such a sheet: {error.message}",
            "Move it away, or write to another file with -o FILE.",
        ) from None
    notes = sheet_notes.as_shown(decided.notes(audit.store), audit.store.blind_id)
    return len(review_files.typed(sheet_notes.without(row, notes.get(row.get("id", ""), {})) for row in rows))


def labels(audit: Audit) -> list[str]:
    return [theme.label for theme in audit.codebook.accepted]


def about(audit: Audit) -> dict[str, str]:
    return {"Audit": audit.id, "Codebook": audit.codebook.fingerprint(), "Handed out": audit_log.now()}


def take_over(audit: Audit, file: Path, coder: str, progress: Progress, *, preview: bool = False) -> Taken:
    """Take over a filled sheet in one transaction, learn from it, and bring the analyst's reports up to date.

    A sheet that was applied before by the same person changes nothing, whatever happened since; ``preview`` only says
    what would change. Raises AuditkitError, with nothing taken over, where a row cannot be understood.
    """
    from auditkit import review, review_files

    audit.require()
    if not preview:
        holdings.keep_codebook(audit)
    name = decided.person(coder)
    filled = review_files.read(file)
    refuse_foreign(audit, file, filled.about)
    names = audit.rounds()
    rounds = [audit.load_round(one, read=False) for one in names]
    book = codebook_history.earlier(audit, filled.about.get("codebook", ""))
    became = theme_moves.gone_into(audit.store, audit.codebook)

    def read() -> Decided:
        held = decided.notes(audit.store)
        known = review.Known(audit.decisions(), held, audit.store.blind_id, book, became)
        return review.decisions(rounds, filled, file.name, name, known)

    run = holdings.step_of(audit, "review", tuple(names), {file.name: file_hash(file)}, name)
    is_known = audit.took_over(file_hash(file), "review", name)
    labels_now = {theme.id: theme.label for theme in audit.codebook.themes}
    if is_known or preview:
        said = read()
    else:
        with audit.store.step():
            said = read()
            audit.put_decided(Verdict(said.rows, said.spans, said.notes, blind=bool(filled.about)), name, run)
            if book is not None:
                second_looks.await_coding(audit.store, book, audit.codebook, {})
    if preview:
        return review.Taken(said, labels_now, None, is_known, is_done=False)
    conflicts = _list_conflicts(audit, rounds, said, name)
    if not is_known:
        with outputs.once_changed():
            try:
                holdings.recode_stale(audit, names, progress, together=True)
            except Meanwhile:  # another auditkit, or somebody, has written codebook.xlsx: the decisions are in
                audit.codebook = audit.read_codebook()
                holdings.recode_stale(audit, names, progress, together=True)
        audit.mark_written(run)
    return review.Taken(said, labels_now, conflicts, is_known, is_done=True)


def sheet_format(path: Path, form: str | None, what: str) -> str:
    """xlsx or csv, as said or by the file's ending. Raises AuditkitError for anything else."""
    ending = path.suffix.lower().lstrip(".")
    if (form or ending) not in FORMATS:
        raise AuditkitError(f'{what} cannot be "{form or ending}".', "Use --format xlsx or --format csv.")
    if form and ending in FORMATS and ending != form:
        raise AuditkitError(
            f"{path.name} does not end with .{form}.", "Name another file with -o FILE, or leave --format out."
        )
    return form or ending


def refuse_foreign(audit: Audit, file: Path, about: dict[str, str]) -> None:
    if about.get("audit", audit.id) != audit.id:
        raise AuditkitError(
            f"{file.name} was handed out by another audit ({about['audit']}; this one is {audit.id}).",
            "Apply it there, with --audit FOLDER.",
        )


def _list_conflicts(audit: Audit, rounds: Sequence[CodedRound], said: Decided, name: str) -> Path | None:
    """Write what two people decided otherwise into a sheet of its own, to be settled there; never over one in which
    something waits to be applied."""
    from auditkit import reading_list, review_book

    if not said.conflicts:
        return None
    folder = audit.out / "analyst"
    folder.mkdir(parents=True, exist_ok=True)
    places = (folder / f"conflicts{f'-{number}' if number > 1 else ''}.xlsx" for number in itertools.count(1))
    path = next(place for place in places if _is_free(audit, place))
    both = {one.answer: {one.by: one.theirs, name: one.mine} for one in said.conflicts}
    frame = reading_list.disputed(rounds, both)
    rows = reading_list.with_notes(frame, decided.notes(audit.store), audit.store.blind_id)
    review_book.write(path, rows, labels(audit), about(audit))
    return path


def _is_free(audit: Audit, path: Path) -> bool:
    try:
        return not unapplied(audit, path)
    except AuditkitError:
        return False


def progress(audit: Audit) -> dict[str, Any]:
    """Read and to read, by round; what may be expected of the codes, now and after the next 25; whether codes may
    be taken over unread; themes whose wording loses most."""
    from auditkit import accepting, reviewing

    audit.require()
    rounds = [audit.load_round(name) for name in audit.rounds()]
    decisions = audit.decisions()
    read = reviewing.read(rounds)
    least = accepting.threshold(read)
    waiting = any(not coded.is_reviewed for coded in rounds)
    checked = accepting.measured(audit)
    sure = accepting.candidates(rounds, least) if least else {}
    kept, shown, set_by_people = reviewing.as_shown(rounds, decisions)
    return {
        "rounds": [
            {
                "round": coded.round,
                "answers": len(coded.responses.answers),
                "reviewed": coded.reviewed,
                "unread": len(coded.unread),
                "changed_text": len(coded.changed),
                "again": len(coded.again),
            }
            for coded in rounds
        ],
        "read": read,
        "agreement": reviewing.agreement(rounds),
        "machine": reviewing.of_software(rounds),
        "kept": kept,
        "shown": shown,
        "set": set_by_people,
        "accept": {
            "threshold": least,
            "why_not": accepting.why_not(read, checked, sum(map(len, sure.values()))),
            "checked": checked,
            "answers": len(sure),
        },
        "wording": reviewing.wording(rounds, decisions)[: reviewing.SHOWN],
        "next": "auditkit review export" if waiting else "auditkit feedback --all-packs --final",
    }


def accept(audit: Audit, coder: str, *, sure: bool) -> Unread:
    """Take over unread what is probable enough; with ``sure`` it is done, else only told. Raises AuditkitError where
    it was not tried on these data yet."""
    from auditkit import accepting, reviewing

    audit.require()
    name = decided.person(coder)
    rounds = [audit.load_round(one) for one in audit.rounds()]
    least = accepting.LEAST
    left = sum(map(len, accepting.candidates(rounds, least).values()))
    accepting.refuse_unless_tried(reviewing.read(rounds), accepting.measured(audit), left)
    verdict = accepting.verdict(rounds, least)
    answers = {row["answer"] for row in verdict.decisions}
    if sure and answers:
        run = holdings.step_of(audit, "accept", tuple(audit.rounds()), {}, f"{name} {audit.taught()} {least}")
        audit.decide(verdict, name, run)
        outputs.write_rounds(audit)
        audit.mark_written(run)
    return reviewing.Unread(len(answers), _by_label(audit, verdict.decisions), least, done=sure)


def give_back(audit: Audit, coder: str, *, sure: bool) -> Unread:
    """Leave to be read again all that was taken over unread and that nobody has read since."""
    from auditkit import accepting, reviewing

    audit.require()
    name = decided.person(coder)
    rows = audit.store.rows("SELECT answer, theme FROM decisions WHERE unread = 1 ORDER BY answer, theme")
    answers = sorted({row["answer"] for row in rows})
    if sure and answers:
        with audit.store.step():
            for answer in sorted(answers, key=audit.store.blind_id):
                audit.undecide(answer, name, {})
        outputs.write_rounds(audit)
    return reviewing.Unread(len(answers), _by_label(audit, rows), accepting.LEAST, done=sure)


def _by_label(audit: Audit, rows: decided.Rows) -> dict[str, int]:
    labels = {theme.id: theme.label for theme in audit.codebook.themes}
    counts = Counter(labels[row["theme"]] for row in rows if row["theme"] in labels)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
