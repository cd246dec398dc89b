"""The options that several commands share, declared once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from auditkit.intake import Options

SETTINGS: dict[str, Any] = {
    "no_args_is_help": True,
    "rich_markup_mode": None,
    "pretty_exceptions_show_locals": False,  # a crash must never show a respondent's words
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 80},
}
"""Of every group of commands."""

Folder = Annotated[Path, typer.Option("--audit", help="The audit's folder.", metavar="FOLDER")]


def _named(flag: str, said: str, metavar: str = "NAME") -> Any:
    return Annotated[str | None, typer.Option(flag, help=said, metavar=metavar)]


HELD = ("audit.toml", "audit.sqlite")
"""What a folder holds that is an audit's."""

READING: dict[str, tuple[Any, Any]] = {
    "sheet": (_named("--sheet", "The sheet with the answers."), None),
    "layout": (_named("--layout", "Whose export it is: qualtrics, surveymonkey, plain ..."), None),
    "header_row": (
        Annotated[int | None, typer.Option("--header-row", help="The row of the header.", metavar="ROW", min=1)],
        None,
    ),
    "round_name": (_named("--round", "The round's name; in a file of several, which."), None),
    "respondent_column": (_named("--respondent-column", "Who answered: a code."), None),
    "pair_column": (_named("--pair-column", "The respondent's pair."), None),
    "role_column": (_named("--role-column", "The respondent's role."), None),
    "round_column": (_named("--round-column", "The round."), None),
    "question_column": (_named("--question-column", "The question, in a sheet with one answer a row."), None),
    "text_column": (
        Annotated[list[str] | None, typer.Option("--text-column", help="An open answer; repeatable.", metavar="NAME")],
        None,
    ),
    "codebook": (
        Annotated[Path | None, typer.Option("--codebook", help="A codebook: xlsx, csv, toml or qdc.", metavar="FILE")],
        None,
    ),
    "key": (
        Annotated[
            Path | None,
            typer.Option("--key", help="Where the key of names lies; never in the audit's folder.", metavar="FILE"),
        ],
        None,
    ),
    "roster": (
        Annotated[
            Path | None,
            typer.Option("--roster", help="Pairs and people; never in the audit's folder.", metavar="FILE"),
        ],
        None,
    ),
    "learn_from": (
        Annotated[
            Path | None,
            typer.Option("--learn-from", help="Another audit's folder: learn from its decisions.", metavar="FOLDER"),
        ],
        None,
    ),
    "strict": (Annotated[bool, typer.Option("--strict", help="Refuse where anything is wrong or doubtful.")], False),
}
"""Parameter to its type and default, in the order of ``--help``."""


def home(audit: Path, files: Sequence[Path]) -> Path:
    """The audit's folder: as named, else where one is, else the folder with an audit.toml in which a file lies."""
    if audit == Path() and not any((audit / name).exists() for name in HELD):
        folders = {file.parent for file in files}
        if len(folders) == 1 and (folder := folders.pop()) and any((folder / name).exists() for name in HELD):
            return folder
    return audit


def reads_files(*without: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that say how files are read; it gets them together, as ``options``.

    ``without``: parameters that the command does not take.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters
        taken = {name: it for name, it in READING.items() if name not in without}

        @functools.wraps(command)
        def wrapper(**values: Any) -> None:
            read = {name: values.pop(name) if name in taken else default for name, (_, default) in READING.items()}
            command(**values, options=_options(**read))

        parameters = [own[name].replace(kind=inspect.Parameter.KEYWORD_ONLY) for name in own if name != "options"]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for name, (kind, default) in taken.items()
        ]
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
        return wrapper

    return decorate


def _options(
    *,
    sheet: str | None,
    layout: str | None,
    header_row: int | None,
    round_name: str | None,
    respondent_column: str | None,
    pair_column: str | None,
    role_column: str | None,
    round_column: str | None,
    question_column: str | None,
    text_column: list[str] | None,
    codebook: Path | None,
    key: Path | None,
    roster: Path | None,
    learn_from: Path | None,
    strict: bool,
) -> Options:
    from auditkit.answer_sheets import Reading
    from auditkit.columns import Overrides
    from auditkit.intake import Options

    columns = Overrides(
        respondent_column, pair_column, role_column, round_column, question_column, tuple(text_column or ())
    )
    reading = Reading(sheet, layout, header_row)
    return Options(reading, round_name, columns, codebook, key, roster, learn_from, strict)


def spoken(options: Options) -> str:
    """Options as they were typed, for the next command."""
    from auditkit.summaries import quoted

    parts: list[tuple[str, object]] = [
        ("--sheet", options.reading.sheet),
        ("--layout", options.reading.layout),
        ("--header-row", options.reading.header_row),
        ("--round", options.round),
        *((f"--{name}-column", getattr(options.columns, name)) for name in ("respondent", "pair", "role", "round")),
        ("--question-column", options.columns.question),
        *(("--text-column", text) for text in options.columns.text),
        ("--roster", options.roster),
    ]
    return "".join(f" {flag} {quoted(Path(str(value)))}" for flag, value in parts if value is not None)
