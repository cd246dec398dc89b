"""What the terminal shows: plain ASCII but for the bar, 80 columns, at most 40 lines a summary."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditkit.errors import AuditkitError

WIDTH = 80
LOWEST = 24  # lines of a terminal that are taken for granted
FILLER = "\ue000"  # the second column of a wide sign, while lines are folded; a sign that no font has
STOPPED = 130  # the exit code after Ctrl-C
PLAIN = str.maketrans({"−": "-", "→": "->", "–": "-", "’": "'", "·": "-", "…": "..."})


def say(lines: Sequence[str]) -> None:
    """Print lines to standard output, those wider than the terminal on two."""
    sys.stdout.write("".join(f"{part}\n" for line in lines for part in _folded(plain(line))))


def hand_over(text: str) -> None:
    """Write a table to standard output, with the same bytes on every system."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def complain(error: AuditkitError) -> None:
    """An error in two parts: what was found and where, and what to do."""
    text = wrapped("error: ", error.message)
    for line in error.details:
        text += wrapped("       ", line)
    text += wrapped("fix:   ", error.fix)
    sys.stderr.write("".join(f"{plain(line)}\n" for line in text))


def ask(question: Sequence[str], choices: Sequence[str], default: str) -> str:
    """Ask until one of the choices is typed, by its name or number; Enter keeps the default.

    Raises AuditkitError where nobody can answer.
    """
    from auditkit.errors import AuditkitError

    say(question)
    say(wrapped("  ", ", ".join(f"{number} {choice}" for number, choice in enumerate(choices, start=1))))
    while True:
        sys.stdout.write(f"  Taken for [{default}]: ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise AuditkitError("There is nobody to ask.", "Run it in a terminal, or leave --interactive out.")
        typed = line.strip().casefold()
        if not typed:
            return default
        if typed.isdecimal() and 0 < int(typed) <= len(choices):
            return choices[int(typed) - 1]
        if typed in choices:
            return typed
        say([f"  Please type one of the names, or a number from 1 to {len(choices)}."])


def agreed(*, yes: bool) -> bool:
    """Whether what was just shown is to be done: with ``yes`` at once, else as is typed; Enter says no. Where nobody
    can answer it is not done, and the way to do it is told."""
    if yes:
        return True
    if not sys.stdin.isatty():
        say(["", "Nothing was changed; add --yes to do it."])
        return False
    sys.stdout.write("Do it? [y/N]: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().casefold() in ("y", "yes"):
        return True
    say(["Nothing was changed."])
    return False


def interactive() -> None:
    """Raise AuditkitError where there is nobody to press a key."""
    from auditkit.errors import AuditkitError

    if not sys.stdin.isatty():
        raise AuditkitError("There is nobody to ask.", "Run it in a terminal, or use auditkit review export.")


def height() -> int:
    """Lines of the terminal."""
    return max(shutil.get_terminal_size((WIDTH, LOWEST)).lines, LOWEST)


def screen(lines: Sequence[str]) -> None:
    """Lines on a screen that is cleared first."""
    sys.stdout.write("\x1b[H\x1b[2J\x1b[3J")
    say(lines)
    sys.stdout.flush()


def key() -> str:
    """The next key that is pressed; Ctrl-C is one too."""
    import typer

    try:
        return typer.getchar()
    except (KeyboardInterrupt, EOFError):
        return "\x03"


def stopped() -> None:
    """After Ctrl-C."""
    sys.stderr.write("Stopped. Nothing half-done was kept; run the command again to go on.\n")


def broken(error: BaseException) -> None:
    """A bug: where it happened, and never what was in hand, which may be a respondent's words."""
    import traceback

    frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    text = wrapped("error: ", f"auditkit met a fault of its own: {type(error).__name__} at {', '.join(frames[-8:])}")
    text += wrapped("fix:   ", "Nothing half-done was kept. Please report these lines; they hold no answers.")
    sys.stderr.write("".join(f"{line}\n" for line in text))


def plain(text: str) -> str:
    """Text without typographic signs, which a terminal may not have, and without signs that steer it."""
    return "".join(sign if sign.isprintable() else " " for sign in text.translate(PLAIN))


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, where that is a terminal; steps that cannot be counted show their name."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description:<26}"),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[count]:<14}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, Any] = {}
    with bar:

        def tell(step: str, done: int, total: int) -> None:
            for name, task in tasks.items():
                if name != step:
                    bar.update(task, total=1, completed=1)
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total or None, count="")
            count = f"{done} of {total}" if total > 1 else ""
            bar.update(tasks[step], completed=done, total=total or None, count=count)

        yield tell


def _folded(line: str) -> list[str]:
    if wide(line) <= WIDTH:
        return [line.rstrip()]
    lead = len(line) - len(line.lstrip())
    return _filled(line[lead:], " " * lead, " " * min(lead or 9, 26), break_long_words=False)


def wrapped(start: str, text: str, indent: int | None = None) -> list[str]:
    """Text on as many lines as it needs, the further ones under the first."""
    further = " " * (len(start) if indent is None else indent)
    if wide(start) > WIDTH // 2:
        lead = len(start) - len(start.lstrip())
        return _filled(plain(start[lead:] + text), " " * lead, further[: WIDTH // 2])
    return _filled(plain(text), plain(start), further) or [start.rstrip()]


def _filled(text: str, first: str, further: str, *, break_long_words: bool = True) -> list[str]:
    """As textwrap does it, with signs that take two columns counted as two."""
    counted = "".join(sign + FILLER * (wide(sign) - 1) for sign in text)
    lines = textwrap.wrap(
        counted,
        WIDTH,
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=break_long_words,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return [line.replace(FILLER, "") for line in lines]


def fit(text: str, width: int) -> str:
    """Text padded to a width, one column less for what stands in it; cut with two dots where it is longer."""
    text = plain(text)
    if wide(text) > width - 1:
        while wide(text) > width - 3:
            text = text[:-1]
        text = text.rstrip() + ".."
    return text + " " * (width - wide(text))


def columns_for(labels: Iterable[str], usual: int, most: int) -> int:
    """Columns for labels that ``fit`` pads: as many as usual, or as the longest needs, or as there are."""
    return min(max([usual, *(wide(label) + 1 for label in labels)]), most)


def wide(text: str) -> int:
    """Columns of the terminal that a text takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )
