"""What people decide about answers: handed out to be read, taken over, and how far it has come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import holdings, intake, outputs
from auditkit.audit import Audit, file_hash
from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    from auditkit.review import Decided

FORMATS = ("xlsx", "csv")
LONGEST_NAME = 40


def hand_out(audit: Audit, output: Path | None, form: str | None, limit: int | None) -> tuple[Path, int]:
    """Write the answers that wait for a decision; the file and how many they are.

    Raises AuditkitError where that would overwrite decisions that were not taken over, Refused beside names.
    """
    from auditkit import review, tables, workbook

    audit.require()
    path = output or audit.folder / f"review.{form or 'xlsx'}"
    intake.refuse_names_beside(audit, intake.Options(), path)
    form = form or path.suffix.lower().lstrip(".")
    if form not in FORMATS:
        raise AuditkitError(f'A review sheet cannot be "{form}".', "Use --format xlsx or --format csv.")
    rounds = [audit.load_round(name) for name in audit.rounds()]
    if path.is_file() and not audit.took_over(file_hash(path)):
        waiting = review.decided_in(path)
        if waiting:
            raise AuditkitError(
                f"{path} holds decisions on {waiting} answer{'s' if waiting > 1 else ''} that were not taken over.",
                "auditkit review apply takes them over; or write to another file with -o FILE.",
            )
    frame = review.sheet(rounds, limit)
    if form == "xlsx":
        workbook.review(path, frame, [theme.label for theme in audit.codebook.accepted])
    else:
        tables.save(frame[list(review.COLUMNS)], "review", "csv", path)
    return path, len(frame)


def take_over(audit: Audit, file: Path, coder: str) -> Decided:
    """Take over a filled sheet in one transaction, and bring the analyst's reports up to date.

    A sheet that is applied again changes nothing. Raises AuditkitError, with nothing taken over, where a line
    cannot be understood.
    """
    from auditkit import review

    audit.require()
    name = " ".join(coder.split())
    if not name or name.casefold() in ("machine", "auditkit") or len(name) > LONGEST_NAME:
        raise AuditkitError(f'"{coder}" cannot be a coder.', "Give a name or initials with --coder.")
    rows = review.read_sheet(file)
    names = audit.rounds()
    decided = review.decisions([audit.load_round(one, decided=False) for one in names], rows, file.name)
    run = holdings.step_of(audit, "review", tuple(names), {file.name: file_hash(file)}, name)
    if audit.earlier(run) is None:
        audit.decide(decided.rows, name, run)
        outputs.write_rounds(audit)
        audit.mark_written(run)
    return decided


def progress(audit: Audit) -> dict[str, Any]:
    """Read and to read, by round, with the expected agreement of what is left to the machine."""
    audit.require()
    rounds = [audit.load_round(name) for name in audit.rounds()]
    waiting = any(not coded.is_reviewed for coded in rounds)
    return {
        "rounds": [
            {
                "round": coded.round,
                "answers": len(coded.responses.answers),
                "reviewed": coded.reviewed,
                "changed_text": len(coded.changed),
                "again": len(coded.again),
                "agreement": coded.agreement_words,
            }
            for coded in rounds
        ],
        "next": "auditkit review export" if waiting else "auditkit feedback --all-packs --final",
    }
