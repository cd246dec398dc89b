"""The two kinds of error a person can meet; everything else is a bug."""

from __future__ import annotations

from collections.abc import Sequence


class AuditkitError(Exception):
    """Wrong use or bad input: says what was found, where, and what to do next.

    ``details`` are further lines of the same error, one place each ("sheet Answers, row 7, ...").
    Never put an answer's words into any of them.
    """

    exit_code = 2

    def __init__(self, message: str, fix: str, *, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.details = tuple(details)


class Refused(AuditkitError):
    """Refused for confidentiality, or a final pack before everything is reviewed."""

    exit_code = 3
