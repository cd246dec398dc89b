"""The commands of ``topics``: themes that the codebook misses, looked at and decided."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditkit import console
from auditkit.cli_changes import change
from auditkit.cli_options import SETTINGS, Folder

if TYPE_CHECKING:
    from auditkit.audit import Audit
    from auditkit.topic_tree import Change

app = typer.Typer(help="Look at suggested themes; merge, accept or reject them.", **SETTINGS)

Theme = Annotated[str, typer.Argument(help="A suggested theme, such as S02.", metavar="ID")]
Several = Annotated[list[str], typer.Argument(help="Suggested themes, such as S02 S05.", metavar="ID...")]
Author = Annotated[str, typer.Option("--author", help="Who decides: a name or initials.", metavar="NAME")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@app.command("show")
def topics_show(
    theme: Annotated[
        str | None, typer.Argument(help="One of them, with its answers. Default: the list.", metavar="[ID]")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--round", help="Of this round. Default: the latest.", metavar="NAME")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every answer of the one, not the first 20.")] = False,
    audit: Folder = Path("."),
) -> None:
    """The suggested themes and how they lie together; or one of them with its answers."""
    from auditkit import topic_lines, topic_tree
    from auditkit.audit import Audit

    if theme is None:
        console.say(topic_lines.shown(topic_tree.show(Audit(audit), name), audit))
    else:
        console.say(topic_lines.opened(topic_tree.open_theme(Audit(audit), theme), audit, every=every))


@app.command("merge")
def topics_merge(themes: Several, author: Author = "analyst", yes: Yes = False, audit: Folder = Path(".")) -> None:
    """Make two or more suggested themes one; the first keeps its id. Later searches keep it so."""
    from auditkit import topic_tree

    _change(audit, yes, lambda opened: topic_tree.merging(opened, themes, author))


@app.command("accept")
def topics_accept(
    theme: Theme,
    label: Annotated[str, typer.Option("--label", help="What you call the theme.", metavar="LABEL")],
    author: Annotated[
        str | None,
        typer.Option("--author", help="Who decides: a name or initials. Default: as last time.", metavar="NAME"),
    ] = None,
    definition: Annotated[
        str, typer.Option("--definition", help="What it means, in a sentence of yours.", metavar="TEXT")
    ] = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Make a suggested theme one of the codebook, under your label. The same as auditkit codebook accept."""
    from auditkit import codebook_edits
    from auditkit.audit import Audit

    opened = Audit(audit)
    change(opened, codebook_edits.accept(opened, theme, label, definition), author, "", yes=yes)


@app.command("reject")
def topics_reject(themes: Several, author: Author = "analyst", yes: Yes = False, audit: Folder = Path(".")) -> None:
    """Say that suggested themes are none: they are not suggested again."""
    from auditkit import topic_tree

    _change(audit, yes, lambda opened: topic_tree.rejecting(opened, themes, author))


@app.command("undo")
def topics_undo(theme: Theme, author: Author = "analyst", yes: Yes = False, audit: Folder = Path(".")) -> None:
    """Take back a merge or a rejection."""
    from auditkit import topic_tree

    _change(audit, yes, lambda opened: topic_tree.undoing(opened, theme, author))


def _change(folder: Path, yes: bool, plan: Callable[[Audit], Change]) -> None:
    """Show what would change; do it once that is agreed to."""
    from auditkit import topic_lines, topic_tree
    from auditkit.audit import Audit

    opened = Audit(folder)
    planned = plan(opened)
    console.say(topic_lines.preview(planned))
    if not console.agreed(yes=yes):
        return
    with console.progress() as tell:
        found = topic_tree.carry_out(opened, planned, tell)
    console.say(topic_lines.done(planned, found, topic_tree.written(opened, planned), folder))
