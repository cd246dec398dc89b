"""The commands about the codebook: its themes, their changes, and their versions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditkit import console, summaries
from auditkit.cli_changes import change
from auditkit.cli_options import SETTINGS, Folder

if TYPE_CHECKING:
    from auditkit.audit import Audit

app = typer.Typer(help="The codebook: see, check, change, compare and undo its themes.", **SETTINGS)

ThemeName = Annotated[str, typer.Argument(help="A theme: its id, its label or how that begins.", metavar="THEME")]
Author = Annotated[
    str | None,
    typer.Option("--author", help="Who makes the change: a name or initials. Default: as last time.", metavar="NAME"),
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the history.", metavar="TEXT")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
Definition = Annotated[str, typer.Option("--definition", help="What it is, in a sentence.", metavar="TEXT")]
Good = Annotated[
    list[str] | None, typer.Option("--good", help='A statement of "works well"; repeatable.', metavar="TEXT")
]
Poor = Annotated[list[str] | None, typer.Option("--poor", help='A statement of "problem"; repeatable.', metavar="TEXT")]


@app.command()
def show(
    theme: Annotated[
        str | None, typer.Argument(help="One theme: its id, its label or how that begins.", metavar="[THEME]")
    ] = None,
    audit: Folder = Path("."),
) -> None:
    """List the themes, with how many answers have them; or all about one theme."""
    from auditkit import codebook_changes, codebook_edits, codebook_history, codebook_lines, holdings

    opened = _audit(audit)
    book, counts = opened.codebook, codebook_edits.counts(opened)
    suggested = holdings.suggested_themes(opened) if opened.exists else []
    if theme is None:
        console.say(codebook_lines.themes(book, suggested, counts))
        return
    found = codebook_changes.find(book, theme, suggested)
    since = codebook_history.ids(opened).get(found.id, 0) if opened.exists else 0
    console.say(codebook_lines.theme(book, found, since, counts.get(found.id, {})))


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="The file to write: xlsx, csv or toml.", metavar="FILE")],
    shipped: Annotated[bool, typer.Option("--shipped", help="With the twelve shipped themes.")] = False,
) -> None:
    """Write a codebook to fill in, with one theme worked out and every column explained."""
    from auditkit import codebook_lines, codebook_template

    codebook_template.new(file, shipped=shipped)
    console.say(
        codebook_lines.written(file, [f"When it is filled in: auditkit codebook import {summaries.quoted(file)}"])
    )


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="Another codebook than the audit's.", metavar="[FILE]")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything, not twelve of a kind.")] = False,
    audit: Folder = Path("."),
) -> None:
    """List what is weak: themes that overlap, lack a pole, or say too little."""
    from auditkit import codebook_edits, codebook_lines

    with console.progress() as tell:
        found = codebook_edits.check(_audit(audit), file, tell)
    console.say(codebook_lines.findings(found, file.name if file else "codebook.xlsx", everything=everything))


@app.command()
def diff(
    one: Annotated[str | None, typer.Argument(help="A version, or a file.", metavar="[A]")] = None,
    other: Annotated[str | None, typer.Argument(help="Another version or file.", metavar="[B]")] = None,
    audit: Folder = Path("."),
) -> None:
    """Show what differs: since the last version, between two versions, or from a file."""
    from auditkit import codebook_edits, codebook_lines

    console.say(codebook_lines.differences(*codebook_edits.compared(_audit(audit), one, other)))


@app.command()
def history(
    everything: Annotated[bool, typer.Option("--all", help="Every version, not only the latest twelve.")] = False,
    audit: Folder = Path("."),
) -> None:
    """List the versions: when, who, what and why."""
    from auditkit import codebook_history, codebook_lines

    opened = _audit(audit)
    versions, by_hand = codebook_history.versions(opened), codebook_history.by_hand(opened)
    console.say(codebook_lines.history(versions, by_hand, everything=everything))


@app.command()
def add(
    label: Annotated[str, typer.Argument(help="What it is called.", metavar="LABEL")],
    definition: Definition = "",
    include: Annotated[str, typer.Option("--include", help="What belongs to it.", metavar="TEXT")] = "",
    exclude: Annotated[str, typer.Option("--exclude", help="What does not.", metavar="TEXT")] = "",
    good: Good = None,
    poor: Poor = None,
    parent: Annotated[str, typer.Option("--parent", help="The theme above it.", metavar="THEME")] = "",
    author: Author = None,
    reason: Reason = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Add a theme."""
    from auditkit import codebook_changes
    from auditkit.codebook import Theme

    theme = Theme(
        id="",
        label=label,
        definition=definition.strip(),
        include=include.strip(),
        exclude=exclude.strip(),
        statements_good=tuple(good or ()),
        statements_poor=tuple(poor or ()),
        parent=parent,
    )
    change(_audit(audit), lambda book, taken: codebook_changes.add(book, theme, taken), author, reason, yes=yes)


@app.command("add-statement")
def add_statement(
    theme: ThemeName,
    text: Annotated[str, typer.Argument(help="A whole sentence, in your own words.", metavar="TEXT")],
    pole: Annotated[str, typer.Option("--pole", help="good (works well) or poor (problem).", metavar="POLE")] = "",
    author: Author = None,
    reason: Reason = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Add a sentence that stands for a theme. Never one of a respondent."""
    from auditkit import codebook_changes

    change(
        _audit(audit),
        lambda book, taken: codebook_changes.add_statement(book, theme, text, pole),
        author,
        reason,
        yes=yes,
    )


@app.command()
def rename(
    theme: ThemeName,
    label: Annotated[str, typer.Argument(help="The new label.", metavar="LABEL")],
    author: Author = None,
    reason: Reason = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Give a theme another label. Its id stays, and every decision."""
    from auditkit import codebook_changes

    change(_audit(audit), lambda book, taken: codebook_changes.rename(book, theme, label), author, reason, yes=yes)


@app.command()
def merge(
    theme: ThemeName,
    into: Annotated[str, typer.Argument(help="The theme that it goes into.", metavar="INTO")],
    author: Author = None,
    reason: Reason = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Put a theme into another one, with its statements and decisions."""
    from auditkit import codebook_changes

    change(_audit(audit), lambda book, taken: codebook_changes.merge(book, theme, into), author, reason, yes=yes)


@app.command()
def split(
    theme: ThemeName,
    labels: Annotated[list[str], typer.Argument(help="The new themes, two or more.", metavar="LABEL...")],
    definition: Annotated[
        list[str] | None,
        typer.Option("--definition", help="What a new theme is; once for each, in their order.", metavar="TEXT"),
    ] = None,
    author: Author = None,
    reason: Reason = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Put new themes in place of one. Its answers are to be read again."""
    from auditkit import codebook_edits

    opened = _audit(audit)
    change(opened, codebook_edits.split(opened, theme, labels, definition or ()), author, reason, yes=yes)


@app.command()
def retire(
    theme: ThemeName, author: Author = None, reason: Reason = "", yes: Yes = False, audit: Folder = Path(".")
) -> None:
    """Code a theme no more. Its id, statements and decisions are kept."""
    from auditkit import codebook_changes

    change(_audit(audit), lambda book, taken: codebook_changes.retire(book, theme), author, reason, yes=yes)


@app.command()
def restore(
    theme: ThemeName, author: Author = None, reason: Reason = "", yes: Yes = False, audit: Folder = Path(".")
) -> None:
    """Code a retired theme again, with the decisions held on it."""
    from auditkit import codebook_changes

    change(_audit(audit), lambda book, taken: codebook_changes.restore(book, theme), author, reason, yes=yes)


@app.command()
def move(
    theme: ThemeName,
    under: Annotated[
        str, typer.Option("--under", help="The theme above it; without it, to the top.", metavar="PARENT")
    ] = "",
    author: Author = None,
    reason: Reason = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Put a theme under another one, or on top. Two levels; codes do not change."""
    from auditkit import codebook_changes

    change(_audit(audit), lambda book, taken: codebook_changes.move(book, theme, under), author, reason, yes=yes)


@app.command()
def accept(
    theme: Annotated[str, typer.Argument(help="A suggested theme: S01, or its label.", metavar="THEME")],
    label: Annotated[str, typer.Option("--label", help="In your words.", metavar="LABEL")] = "",
    definition: Definition = "",
    good: Good = None,
    poor: Poor = None,
    author: Author = None,
    reason: Reason = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Make a suggested theme one that is coded."""
    from auditkit import codebook_edits

    opened = _audit(audit)
    made = codebook_edits.accept(opened, theme, label, definition, good or (), poor or ())
    change(opened, made, author, reason, yes=yes)


@app.command()
def suggest(
    theme: Annotated[
        str | None, typer.Argument(help="One theme: its id, its label or how that begins.", metavar="[THEME]")
    ] = None,
    audit: Folder = Path("."),
) -> None:
    """Offer statements to add: words that several people share under a theme."""
    from auditkit import codebook_edits, codebook_lines

    opened = _audit(audit)
    found = codebook_edits.statements(opened, theme)
    least, has_pairs = opened.config.thresholds.k_theme, codebook_edits.has_pairs(opened)
    console.say(codebook_lines.offered(found, least, audit, has_pairs=has_pairs))


@app.command()
def undo(author: Author = None, reason: Reason = "", yes: Yes = False, audit: Folder = Path(".")) -> None:
    """Take the latest version back, as a new version. Decisions move back too."""
    from auditkit import codebook_edits

    opened = _audit(audit)
    change(opened, codebook_edits.undo(opened), author, reason, yes=yes)


@app.command("import")
def take(
    file: Annotated[Path, typer.Argument(help="A codebook file.", metavar="FILE")],
    author: Author = None,
    reason: Reason = "",
    yes: Yes = False,
    audit: Folder = Path("."),
) -> None:
    """Take over a codebook. Themes that it lacks are retired."""
    from auditkit import codebook_edits

    opened = _audit(audit)
    change(opened, codebook_edits.take(opened, file), author, reason, yes=yes)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to write, by its ending.", metavar="FILE")],
    audit: Folder = Path("."),
) -> None:
    """Write the codebook to a file of its own."""
    from auditkit import codebook_edits, codebook_lines

    codebook_edits.export(_audit(audit), file)
    console.say(codebook_lines.written(file, []))


def _audit(folder: Path) -> Audit:
    from auditkit.audit import Audit

    return Audit(folder)
