"""The commands for software for qualitative analysis: the audit out, what was coded back in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditkit import console
from auditkit.cli_options import SETTINGS, Folder

app = typer.Typer(help="Go on in NVivo, ATLAS.ti, MAXQDA or QualCoder (REFI-QDA), and come back.", **SETTINGS)


@app.command("export")
def qda_export(
    file: Annotated[Path, typer.Argument(help="The project to write: .qdpx.", metavar="FILE")],
    decided: Annotated[bool, typer.Option("--decided", help="Only codes that a person decided.")] = False,
    audit: Folder = Path("."),
) -> None:
    """Write the audit as a REFI-QDA project. With every word: for the analyst."""
    from auditkit import interchange, qda_lines
    from auditkit.audit import Audit

    project = interchange.hand_out(Audit(audit), file, decided_only=decided)
    console.say(qda_lines.handed_out(project, file, audit))


@app.command("import")
def qda_import(
    file: Annotated[Path, typer.Argument(help="A REFI-QDA project: .qdpx.", metavar="FILE")],
    coder: Annotated[
        str, typer.Option("--coder", help="Who set the codes, where the project does not say.", metavar="NAME")
    ] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be taken over; change nothing.")] = False,
    audit: Folder = Path("."),
) -> None:
    """Take over what people coded on the audit's answers, as decisions."""
    from auditkit import interchange, qda_lines
    from auditkit.audit import Audit

    with console.progress() as tell:
        imported = interchange.take_over(Audit(audit), file, coder, tell, preview=preview)
    console.say(qda_lines.taken_over(imported, file, audit, coder))
