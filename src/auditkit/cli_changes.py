"""A change of the codebook on the command line: shown, asked about, done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditkit import console

if TYPE_CHECKING:
    from auditkit.audit import Audit
    from auditkit.codebook_edits import Make


def change(opened: Audit, make: Make, author: str | None, reason: str, *, yes: bool) -> None:
    """Show what a change would do, ask, and do it."""
    from auditkit import codebook_edits, codebook_lines

    with console.progress() as tell:
        plan = codebook_edits.propose(opened, make, author, tell)
    console.say(codebook_lines.proposed(plan))
    if plan.is_empty or not console.agreed(yes=yes):
        return
    with console.progress() as tell:
        done = codebook_edits.apply(opened, plan, reason, tell)
    console.say(codebook_lines.done(plan, done, opened.folder))
