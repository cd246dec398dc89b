"""The command about agreement: a second coder's sheet out and in, and what the two agree on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditkit import console
from auditkit.cli_options import Folder
from auditkit.errors import AuditkitError

USUAL = 0.2


def agreement(
    file: Annotated[
        Path | None,
        typer.Argument(help="The second coder's sheet, filled: xlsx or csv.", metavar="[FILE]"),
    ] = None,
    coder: Annotated[
        str | None, typer.Option("--coder", help="Of FILE: who coded it, a name or initials.", metavar="NAME")
    ] = None,
    export: Annotated[bool, typer.Option("--export", help="Write a sheet for a second coder instead.")] = False,
    again: Annotated[bool, typer.Option("--again", help="With --export: a new draw of other answers.")] = False,
    share: Annotated[
        float | None,
        typer.Option("--share", help="With --export: of the decided answers, 0.2 by default.", min=0.1, max=1.0),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="With --export: the file. Default: second-coder.xlsx.", metavar="FILE"),
    ] = None,
    form: Annotated[str | None, typer.Option("--format", help="With --export: xlsx or csv.", metavar="FORMAT")] = None,
    audit: Folder = Path("."),
) -> None:
    """How far two coders agree, theme by theme; with FILE, a second coder's sheet is taken over first."""
    from auditkit import agreement_lines, second_coder
    from auditkit.audit import Audit

    if export:
        if file is not None or coder is not None:
            raise AuditkitError("--export writes a sheet; FILE and --coder are for taking one over.", "Give one only.")
        done = second_coder.hand_out(Audit(audit), output, form, USUAL if share is None else share, again=again)
        console.say(agreement_lines.handed_out(done, audit))
        return
    if again or share is not None or output is not None or form is not None:
        raise AuditkitError("--again, --share, --output and --format belong to --export.", "Add --export.")
    if (file is None) != (coder is None):
        raise AuditkitError("FILE and --coder belong together.", "auditkit agreement FILE --coder NAME")
    console.say(agreement_lines.compared(second_coder.compare(Audit(audit), file, coder), audit))
