"""The command line: each command parses, calls one function, and prints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from auditkit import __version__, cli_agreement, cli_codebook, cli_qda, cli_review, cli_topics, console, summaries
from auditkit.cli_options import SETTINGS, Folder, home, reads_files, spoken
from auditkit.errors import AuditkitError

Files = Annotated[
    list[Path],
    typer.Argument(help="The answers: a spreadsheet of any kind, or several that belong together.", metavar="FILE..."),
]


class Commands(TyperGroup):
    """Turns an AuditkitError, or Ctrl-C, into its lines and its exit code, in one place."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AuditkitError as error:
            console.complain(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            console.stopped()
            raise typer.Exit(console.STOPPED) from None


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    help="Cultural audits of pairs: themes, change between rounds, feedback packs. Nothing leaves this computer.",
    **SETTINGS,
)
app.add_typer(cli_review.app, name="review")
app.add_typer(cli_topics.app, name="topics")
app.add_typer(cli_codebook.app, name="codebook")
app.add_typer(cli_qda.app, name="qda")


def _version(wanted: bool) -> None:
    if wanted:
        console.say([f"auditkit {__version__}"])
        raise typer.Exit


@app.callback()
def auditkit(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Cultural audits of pairs: themes, change between rounds, feedback packs. Nothing leaves this computer."""


@app.command()
def demo(audit: Folder = Path("auditkit-demo")) -> None:
    """Make a synthetic audit of 14 pairs in two rounds, and run the main commands on it."""
    from auditkit import feedback, holdings, intake, runs, simulate
    from auditkit.audit import Audit

    files, where = [audit / name for name in ("baseline.xlsx", "repeat.xlsx")], f"--audit {summaries.quoted(audit)}"
    if not all(file.exists() for file in files):
        if audit.is_dir() and any(path not in files for path in audit.iterdir() if path.name[0] != "."):
            raise AuditkitError(f"{audit} is not empty, and no demo.", "Name a new folder with --audit FOLDER.")
        simulate.write_demo(audit)
    for file in files:
        console.say([f"$ auditkit analyse {summaries.quoted(file)} {where}"])
        with console.progress() as tell:
            done = runs.analyse(Audit(audit), [file], intake.Options(), tell)
        console.say([*summaries.troubles(done.summary), *summaries.analysed(done.summary, done.computed, audit), ""])
    console.say([f"$ auditkit compare {' '.join(map(summaries.quoted, files))} {where}"])
    with console.progress() as tell:
        done = runs.compare(Audit(audit), files, intake.Options(), tell)
    console.say([*summaries.compared(done.summary, done.computed, audit), ""])
    console.say([f"$ auditkit feedback --all-packs --level 1 {where}"])
    opened = Audit(audit)
    rounds, comparison = holdings.latest_source(opened)
    handed = feedback.make(opened, rounds, comparison, feedback.Wanted(all_packs=True, level=1))
    console.say([*summaries.handed(handed, audit), "", "Open these:"])
    shown = (
        ("out/analyst/comparison.html", "what changed, pair by pair, for the analyst"),
        ("out/analyst/report-baseline.html", "the first round: themes and evidence"),
        ("out/packs/all/all-participants.html", "what everybody gets"),
        ("out/packs/pair/ward-3.html", "what a pair gets"),
        ("out/packs/pair/ward-3-level-1.html", "and where both agreed to it"),
        ("out/analyst/analysis.xlsx", "every coding with its evidence"),
        ("codebook.xlsx", "the themes, yours to change"),
    )
    for name, what in shown:
        if (audit / name).exists():
            console.say([f"  {(audit / name).as_posix()}", f"      {what}"])


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The audit's folder, new or empty.", metavar="[FOLDER]")] = Path("."),
    pairs: Annotated[int | None, typer.Option("--pairs", help="How many pairs take part.", min=1)] = None,
    own: Annotated[Path | None, typer.Option("--own", help="Your own questions: xlsx or csv.", metavar="FILE")] = None,
    names: Annotated[
        Path | None,
        typer.Option("--names", help="Where the roster goes. Default: FOLDER-names, beside it.", metavar="FOLDER"),
    ] = None,
) -> None:
    """Write all that an audit needs before it starts: forms, answer sheet, codes, roster, settings."""
    from auditkit import starting

    beside = folder.resolve().parent / f"{folder.resolve().name}-names"
    started = starting.init(folder, names or beside, pairs=pairs, own=own)
    console.say(summaries.started(started.written, started.notes, folder))


@app.command()
@reads_files("codebook", "key", "learn_from")
def check(
    files: Files,
    options: Any,
    audit: Folder = Path("."),
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Ask about the doubtful columns; keep the answers in audit.toml.")
    ] = False,
) -> None:
    """Show what would be read: layout, columns, people, all problems. Computes and keeps nothing else."""
    from auditkit import check_lines, checks
    from auditkit.answer_sheets import expand
    from auditkit.audit import Audit

    paths = expand(files)
    audit = home(audit, paths)
    opened = Audit(audit)
    checked = checks.check(opened, paths, options)
    if interactive and checked.doubtful:
        answers = {c.header: console.ask(check_lines.question(c), checks.ROLES, c.role) for c in checked.doubtful}
        checks.confirm(opened, answers)
        checked = checks.check(Audit(audit), paths, options)
    before, settings, after = check_lines.checked(checked, paths, audit, spoken(options))
    console.say(before)
    if settings:
        console.hand_over("\n".join([*settings, ""]))
    console.say(after)


@app.command()
@reads_files()
def analyse(files: Files, options: Any, audit: Folder = Path(".")) -> None:
    """Read answers, suggest themes with evidence, write a workbook and a report. Several files: one round."""
    from auditkit import runs
    from auditkit.answer_sheets import expand
    from auditkit.audit import Audit

    paths = expand(files)
    audit = home(audit, paths)
    with console.progress() as tell:
        done = runs.analyse(Audit(audit), paths, options, tell)
    console.say([*summaries.troubles(done.summary), *summaries.analysed(done.summary, done.computed, audit)])


@app.command()
@reads_files("round_name")
def compare(
    options: Any,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Baseline and repeat; or one file with both; or none: the audit's rounds.",
            metavar="[FILE]...",
        ),
    ] = None,
    audit: Folder = Path("."),
) -> None:
    """Compare two rounds, pair by pair: ratings, themes, gaps, exceptions."""
    from auditkit import runs
    from auditkit.audit import Audit

    audit = home(audit, files or [])
    with console.progress() as tell:
        done = runs.compare(Audit(audit), files or [], options, tell)
    console.say([*summaries.troubles(done.summary), *summaries.compared(done.summary, done.computed, audit)])


@app.command()
def feedback(
    pair: Annotated[str | None, typer.Option("--pair", help="The pack of one pair.", metavar="PAIR")] = None,
    audience: Annotated[
        str | None,
        typer.Option("--audience", help="all, sponsor, individual, coach, pair or analyst.", metavar="AUDIENCE"),
    ] = None,
    all_packs: Annotated[bool, typer.Option("--all-packs", help="Every pack there is.")] = False,
    level: Annotated[
        int, typer.Option("--level", help="1: a second document with both ratings, where both agreed.")
    ] = 0,
    final: Annotated[bool, typer.Option("--final", help="No draft: refused until all is reviewed.")] = False,
    comparison_id: Annotated[
        int | None,
        typer.Option("--comparison", help="From an earlier comparison; status lists their numbers.", metavar="ID"),
    ] = None,
    audit: Folder = Path("."),
) -> None:
    """Make feedback packs from the latest comparison, else from the latest round."""
    from auditkit import feedback as packs
    from auditkit import holdings
    from auditkit.audit import Audit

    opened = Audit(audit)
    with console.progress() as tell:
        rounds, comparison = holdings.current_source(opened, tell, comparison_id)
    wanted = packs.Wanted(audience, pair, level, all_packs, final)
    if audience == "analyst" and not all_packs:
        paths = packs.write_for_analyst(opened, rounds, comparison)
        console.say(["The analyst's own reports, with every word:", *(f"Written  {path}" for path in paths)])
        return
    console.say(summaries.handed(packs.make(opened, rounds, comparison, wanted), audit))


app.command()(cli_agreement.agreement)


@app.command()
def status(audit: Folder = Path(".")) -> None:
    """Rounds, share reviewed, comparisons, packs, and the next step."""
    from auditkit import runs
    from auditkit.audit import Audit

    console.say(summaries.audited(runs.status(Audit(audit)), audit))


@app.command()
def export(
    table: Annotated[
        str,
        typer.Argument(
            help="answers, ratings, codings, themes, comparison, excerpts, exceptions, people, problems, notes, runs, "
            "log or versions.",
            metavar="TABLE",
        ),
    ],
    form: Annotated[str, typer.Option("--format", help="csv, json or xlsx.", metavar="FORMAT")] = "csv",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The file; without it, standard output.", metavar="FILE"),
    ] = None,
    level: Annotated[str, typer.Option("--level", help="Of codings: answer or excerpt.", metavar="LEVEL")] = "answer",
    all_scores: Annotated[bool, typer.Option("--all-scores", help="Of codings: also what is not coded.")] = False,
    audit: Folder = Path("."),
) -> None:
    """Write one table of the audit, one row a fact. With every word: for the analyst."""
    from auditkit import runs
    from auditkit.audit import Audit

    text = runs.export(Audit(audit), table, form, output, level=level, all_scores=all_scores)
    if text is not None:
        console.hand_over(text)
