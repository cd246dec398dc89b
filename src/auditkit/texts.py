"""One spelling for texts that mean the same: spaces, dashes, apostrophes, case."""

from __future__ import annotations

import re

_DASHES = re.compile("[\u2010-\u2015\u2212]")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2060\ufeff\u00ad]")


def plain(text: str) -> str:
    """A header or code with usual spaces, no invisible characters, and ASCII dashes and apostrophes."""
    text = _INVISIBLE.sub("", text).replace("\u2019", "'")
    return " ".join(_DASHES.sub("-", text).split())


def fold(text: str) -> str:
    """``plain`` in small letters, with every run of other signs turned into one space."""
    return " ".join(re.sub(r"[\W_]+", " ", plain(text).casefold()).split())
