"""Answers with nothing in them: "n/a", "see above", "nothing really"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from auditkit.codebook import nothing_said

if TYPE_CHECKING:
    import numpy as np

    from auditkit.codebook import Codebook

    Encode = Callable[[Sequence[str]], np.ndarray]

JUNK_LEAD = 0.05  # how much nearer to a junk text than to the codebook an answer without content is
TOLD = 3  # statements a theme from which a codebook says enough to be nearer to
JUNK_FROM = 0.8  # likeness to a junk text that is asked for where it does not
ASKS = 0.25  # lean from which a question asks for what works
GENERAL = 0.6  # likeness of a theme's label to general praise or complaint
PRAISE = ("Positive experience", "General praise", "Satisfied with everything")
COMPLAINT = ("Negative experience", "General complaint", "Dissatisfied with everything")
NOTHING = re.compile(r"\b(nothing|none|nil|no complaints?|(can'?t|cannot) think)\b", re.IGNORECASE)


def silent(answers: Sequence[str], codebook: Codebook, encode: Encode) -> np.ndarray:
    """Which of the answers without content (n) say nothing, and are not about something beside the themes.

    Of the junk texts, the nearest is one that says nothing. What many write beside the themes may be a theme that
    the codebook misses.
    """
    import numpy as np

    if not len(answers):
        return np.zeros(0, bool)
    empty = set(nothing_said())
    vectors = encode(list(answers))
    likeness = np.round(vectors @ encode(list(codebook.junk)).T, 6)
    says_nothing = np.array([text in empty for text in codebook.junk])[likeness.argmax(1)]
    unspoken = [not any(character.isalnum() for character in text) for text in answers]
    return np.asarray(says_nothing | np.array(unspoken, bool))


def without_content(
    answers: Sequence[str],
    lead: np.ndarray,
    to_junk: np.ndarray,
    codebook: Codebook,
    encode: Encode,
    leans: Sequence[float],
) -> np.ndarray:
    """Which answers hold nothing to code: as a whole and in each sentence nearer to junk than to the codebook.

    ``lead`` (n): by how much, at the least; ``to_junk`` (n): likeness of the whole answer. Where the codebook
    has a theme of general praise, "nothing" says it under a question that does not ask for what works; a
    theme of general complaint likewise under one that does.
    """
    import numpy as np

    told = [len(theme.statements_good + theme.statements_poor + theme.statements) for theme in codebook.accepted]
    nothing = (lead >= JUNK_LEAD) & (to_junk >= (0.0 if np.median(told) >= TOLD else JUNK_FROM))
    labels = encode([theme.label for theme in codebook.accepted])
    asks_good = np.asarray(leans) > ASKS
    says_nothing = np.array([bool(NOTHING.search(text)) for text in answers])
    praise, complaint = ((labels @ encode(kind).T).max(1) for kind in (PRAISE, COMPLAINT))
    if ((praise >= GENERAL) & (praise >= complaint)).any():
        nothing &= ~(says_nothing & ~asks_good)
    if ((complaint >= GENERAL) & (complaint > praise)).any():
        nothing &= ~(says_nothing & asks_good)
    unspoken = [not any(character.isalnum() for character in text) for text in answers]
    return np.asarray(nothing | np.array(unspoken, bool))
