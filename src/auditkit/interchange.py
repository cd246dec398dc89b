"""The audit for software for qualitative analysis (REFI-QDA), and what was decided there taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import (
    codebook,
    codebook_history,
    decided,
    holdings,
    intake,
    qda_codings,
    qda_files,
    qda_past,
    qda_project,
    qda_writer,
    theme_moves,
)
from auditkit.audit import Audit, file_hash
from auditkit.codebook_changes import Change
from auditkit.decided import Verdict
from auditkit.errors import AuditkitError
from auditkit.holdings import Progress
from auditkit.qda_codings import Taken

if TYPE_CHECKING:
    from auditkit.qda import Project

KIND = ".qdpx"


@dataclass(frozen=True)
class Imported:
    """What was taken over, and what that changes in the codebook, in sentences. ``is_done``: it is in the audit."""

    taken: Taken
    changes: tuple[str, ...]
    is_done: bool


def hand_out(audit: Audit, output: Path, *, decided_only: bool) -> Project:
    """Write the audit as a REFI-QDA project, with every word and every code that is set.

    ``decided_only``: without what the software suggests. Raises AuditkitError where the file has another ending or
    is a project that somebody else wrote, Refused beside names.
    """
    audit.require()
    if output.suffix.casefold() != KIND:
        raise AuditkitError(f"{output.name} does not end in {KIND}.", f"Name the file {output.stem}{KIND}.")
    intake.refuse_names_beside(audit, intake.Options(), output)
    if output.exists() and not _is_own(output):
        raise AuditkitError(
            f"{output} is no project that auditkit wrote.", "It may hold somebody's work: name another file."
        )
    rounds = [audit.load_round(name) for name in audit.rounds()]
    project = qda_project.build(audit, rounds, decided_only=decided_only)
    qda_writer.write_project(output, project)
    return project


def take_over(audit: Audit, file: Path, coder: str, progress: Progress, *, preview: bool) -> Imported:
    """Take over what people coded in a project, in one transaction, and bring the analyst's reports up to date.

    ``coder``: who set the codes that do not say who. ``preview``: change nothing. A project that says what the
    audit knows already changes nothing.
    """
    audit.require()
    coder = decided.person(coder) if coder.strip() else ""
    project = qda_files.read_project(file)
    names = audit.rounds()
    whole = [audit.load_round(name) for name in names]
    excerpts = {row.excerpt: row for one in whole for row in one.excerpts.itertuples()}
    rounds = [replace(audit.load_round(one.round, read=False), excerpts=one.excerpts) for one in whole]
    mine = qda_project.build(audit, whole, decided_only=False)
    taken = qda_codings.read(
        project,
        audit.id,
        rounds,
        audit.decisions(),
        decided.spans(audit.store),
        mine,
        _ids(audit),
        coder,
        qda_past.of(codebook_history.versions(audit), theme_moves.gone_into(audit.store, audit.codebook)),
        audit.said(),
    )
    changes = tuple(codebook.diff(audit.codebook, taken.codebook))
    if preview or not (taken.rows or changes):
        return Imported(taken, changes, is_done=False)
    chosen = [(row, excerpts[row["excerpt"]]) for row in taken.rows if row["excerpt"] in excerpts]
    moved = [{**row, "start": one.start, "end": one.end} for row, one in chosen]
    run = holdings.step_of(audit, "qda import", tuple(names), {file.name: file_hash(file)}, coder)
    verdict = Verdict(taken.rows, moved)
    if not changes:
        audit.decide(verdict, coder, run)
    else:
        holdings.keep_codebook(audit)
        change = Change("import", changes, audit.codebook, taken.codebook)
        codebook_history.commit(
            audit,
            change,
            codebook_history.BY_HAND,
            f"from {file.name}",
            lambda: holdings.save_codebook(audit),
            beside=lambda carry_out: audit.decide(verdict, coder, run, also=carry_out),
        )
    holdings.recode_stale(audit, names, progress, together=True)
    audit.mark_written(run)
    return Imported(taken, changes, is_done=True)


def _is_own(path: Path) -> bool:
    try:
        return qda_files.read_project(path).origin.startswith("auditkit")
    except AuditkitError:
        return False


def _ids(audit: Audit) -> list[str]:
    """Themes that were ever in use."""
    rows = audit.store.rows(
        "SELECT theme FROM decisions UNION SELECT theme FROM codings UNION SELECT theme FROM scores "
        "UNION SELECT theme FROM theme_ids"
    )
    return [row["theme"] for row in rows]
