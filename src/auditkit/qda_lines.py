"""What ``auditkit qda`` prints: what went out, what was taken over, what was not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.console import wrapped
from auditkit.qda import SOFTWARE
from auditkit.qda_codings import LEFT
from auditkit.summaries import LINES, following, quoted
from auditkit.wording import counted

if TYPE_CHECKING:
    from auditkit.interchange import Imported
    from auditkit.qda import Project


def handed_out(project: Project, output: Path, folder: Path) -> list[str]:
    """The summary of ``qda export``."""
    software = {user.guid for user in project.users if user.name == SOFTWARE}
    codings = [coding for source in project.sources for one in source.selections for coding in one.codings]
    by_software = sum(coding.user in software for coding in codings)
    lines = [
        f"{counted(len(project.sources), 'answer')}, {counted(len(codings), 'code')}: "
        f"{by_software:,} suggested, {len(codings) - by_software:,} decided by people.",
        f"Written  {output}",
        "         It holds every word, for the analyst. Code in the other program,",
        "         export the project from there as REFI-QDA (.qdpx), and take it back:",
    ]
    return [*lines, *following([f"auditkit qda import {quoted(output)}"], folder)]


def taken_over(imported: Imported, file: Path, folder: Path, coder: str = "") -> list[str]:
    """The summary of ``qda import``."""
    taken = imported.taken
    if not taken.answers + taken.same + taken.open:
        return [
            *wrapped("", f"No text in {file.name} is an answer of this audit: nothing was taken over."),
            *_dropped(imported),
            "",
            *wrapped("", "Its codes can be the codebook of an audit:"),
            *following([f"auditkit analyse FILE --codebook {quoted(file)}"], folder),
        ]
    who = ", ".join(f"{name} {number}" for name, number in taken.by_coder.items())
    verb = "decided" if imported.is_done or not taken.answers else "would be decided"
    lines = wrapped("", f"{counted(taken.answers, 'answer')} {verb}{f' ({who})' if who else ''}.")
    facts = (
        (taken.without_theme, "without a theme"),
        (taken.changed_since, "decided otherwise in the audit since the export; the project counts"),
        (taken.other_text, "on another text than the audit has; marked to be looked at again"),
    )
    lines += [f"  {number:>5} {words}" for number, words in facts if number]
    lines.append(f"{counted(taken.same, 'answer')} as before, {counted(taken.open, 'answer')} without a person's code.")
    if taken.software:
        lines.append(f"{counted(taken.software, 'code')} set by {SOFTWARE}: suggestions, no decisions.")
    changes = [*imported.changes, *(f'"{label}" keeps its name: the new one is taken.' for label in taken.not_renamed)]
    if taken.missing:
        changes.append(f"Not in the project, kept: {', '.join(taken.missing)}.")
    if changes:
        lines += ["", "Codebook", *(part for change in changes for part in wrapped("  ", change, 4))]
    lines += _dropped(imported)
    last = ["", *_next(imported, file, folder, coder)]
    if len(lines) + len(last) > LINES:
        lines = [*lines[: LINES - len(last) - 1], "  and more"]
    return [*lines, *last]


def _dropped(imported: Imported) -> list[str]:
    found = imported.taken.dropped
    listed = [part for words, number in found.items() for part in wrapped("  ", f"{words}: {number}", 4)]
    return ["", "Not taken over", *listed] if listed else []


def _next(imported: Imported, file: Path, folder: Path, coder: str) -> list[str]:
    if imported.is_done:
        note = "The codebook has changed: auditkit compare, or analyse, codes the answers anew."
        return [*([note] if imported.changes else []), *following(["auditkit review status"], folder)]
    if imported.taken.rows or imported.changes:
        who = f" --coder {quoted(Path(coder))}" if coder else ""
        return ["Nothing was changed.", *following([f"auditkit qda import {quoted(file)}{who}"], folder)]
    is_all = not imported.taken.dropped.get(LEFT)
    return [
        f"Nothing was changed{': the audit has all of it' if is_all else ''}.",
        *following(["auditkit review status"], folder),
    ]
