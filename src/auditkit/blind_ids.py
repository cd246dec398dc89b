"""What an answer is called outside the audit: letters that only the audit itself can trace back to who said it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

ID_LETTERS = 12
LETTERS = "BCDFGHJKLMNPQRST"  # no vowels and no digits: neither a word nor what a spreadsheet takes for a number

BlindId = Callable[..., str]
"""From an answer's key, and the number of a second coder's draw (0: the review), to its name there."""


def under(secret: str) -> BlindId:
    """The names of answers under an audit's secret: HMAC-SHA-256 (RFC 2104), so that whoever knows round, pair,
    respondent and question cannot work a name out."""

    def name(answer: str, draw: int = 0) -> str:
        digits = hmac.digest(secret.encode(), f"{draw} {answer}".encode(), hashlib.sha256)
        return "".join(LETTERS[byte % len(LETTERS)] for byte in digits[:ID_LETTERS])

    return name


def is_one(text: str) -> bool:
    """Whether a text could be such a name."""
    return len(text) == ID_LETTERS and set(text) <= set(LETTERS)
