"""The two kinds of error a person can meet; everything else is a bug."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_QUOTE, LONGEST_LINE = 200, 1000  # characters of a cell that is quoted, and of a line as a whole
SHOWN = 60  # of a longer cell
_QUOTED = re.compile(f'"([^"]{{{LONGEST_QUOTE + 1},}})"')


class AuditkitError(Exception):
    """Wrong use or bad input: says what was found, where, and what to do next.

    ``details`` are further lines of the same error, one place each ("sheet Answers, row 7, ...").
    Never put an answer's words into any of them.
    """

    exit_code = 2

    def __init__(self, message: str, fix: str, *, details: Sequence[str] = ()) -> None:
        self.message = shortened(message)
        self.fix = fix
        self.details = tuple(map(shortened, details))
        super().__init__(self.message)


class Refused(AuditkitError):
    """Refused for confidentiality, or a final pack before everything is reviewed."""

    exit_code = 3


def shortened(line: str) -> str:
    """A line of an error without the whole of a very long cell that it quotes."""
    line = _QUOTED.sub(lambda found: f'"{found[1][:SHOWN]}.."', line)
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}.."
