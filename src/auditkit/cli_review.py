"""The commands about reading answers and deciding their themes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditkit import console, summaries_of_reading
from auditkit.cli_options import SETTINGS, Folder

if TYPE_CHECKING:
    from auditkit.reviewing import Card

app = typer.Typer(help="Read answers and decide their themes, in a spreadsheet.", **SETTINGS)


@app.command("export")
def review_export(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The file. Default: review.xlsx in the audit's folder.", metavar="FILE"),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="xlsx or csv. Default: by the file's ending.", metavar="FORMAT"),
    ] = None,
    limit: Annotated[int | None, typer.Option("--next", help="So many answers at most.", min=1)] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Twenty answers whose codes could be taken over unread.")
    ] = False,
    audit: Folder = Path("."),
) -> None:
    """Write the answers that wait for a decision, with suggested themes."""
    from auditkit import decisions
    from auditkit.audit import Audit

    path, count = decisions.hand_out(Audit(audit), output, form, limit, check=check)
    console.say(summaries_of_reading.handed_out(path, count, audit, check=check))


@app.command("apply")
def review_apply(
    file: Annotated[Path, typer.Argument(help="The filled sheet: xlsx or csv.", metavar="FILE")],
    coder: Annotated[str, typer.Option("--coder", help="Who decided: a name or initials.", metavar="NAME")],
    preview: Annotated[bool, typer.Option("--preview", help="Say what would change, and change nothing.")] = False,
    audit: Folder = Path("."),
) -> None:
    """Take over the decisions of a filled sheet. An empty cell is no decision."""
    from auditkit import decisions
    from auditkit.audit import Audit

    with console.progress() as tell:
        taken = decisions.take_over(Audit(audit), file, coder, tell, preview=preview)
    console.say(summaries_of_reading.taken_over(taken, file, coder, audit))


@app.command("status")
def review_status(audit: Folder = Path(".")) -> None:
    """How much is read, how much is left, and the agreement to expect."""
    from auditkit import decisions
    from auditkit.audit import Audit

    console.say(summaries_of_reading.status(decisions.progress(Audit(audit)), audit))


@app.command("accept")
def review_accept(
    coder: Annotated[str, typer.Option("--coder", help="Who answers for it: a name or initials.", metavar="NAME")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only told.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Leave what was taken over to be read again.")] = False,
    audit: Folder = Path("."),
) -> None:
    """Take over unread the codes that are probable enough, once twenty of them were checked."""
    from auditkit import decisions
    from auditkit.audit import Audit

    step = decisions.give_back if undo else decisions.accept
    console.say(summaries_of_reading.accepted(step(Audit(audit), coder, sure=yes), coder, audit, back=undo))


@app.command("next")
def review_next(
    coder: Annotated[str, typer.Option("--coder", help="Who decides: a name or initials.", metavar="NAME")],
    audit: Folder = Path("."),
) -> None:
    """Decide answers here, one a screen, with single keys."""
    from auditkit import reading_session
    from auditkit.audit import Audit

    console.interactive()
    with console.progress() as tell:
        session = reading_session.Session(Audit(audit), coder, tell)

    def show(card: Card) -> None:
        console.screen(summaries_of_reading.card(card, session.page, console.height()))

    decided, left = reading_session.run(session, console.key, show)
    with console.progress() as tell:
        reading_session.close(session, tell)
    console.say(summaries_of_reading.sat(decided, left, coder, audit))
