"""What a question asks for: what works well, what is a problem, or neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

HEARD_FROM = 0.4  # likeness to a question of either kind, below which a question asks neither
STEEP = 4.0  # a lead of a quarter in likeness is a full lean

# The shipped questions that ask for neither, but whose answers lean: requests are mostly about what is lacking.
LEANING = {"Q5": -0.5}

# Questions of either kind, to hear in which direction an unknown question asks.
ASKS_GOOD = ("What works well?", "What was good?", "What do you value most?", "What should we keep?")
ASKS_POOR = (
    "What gets in the way?",
    "What could we do better?",
    "How could we improve?",
    "What should we stop doing?",
    "What are the problems?",
)


def leans(questions: Sequence[str], encode: Callable[[Sequence[str]], np.ndarray]) -> dict[str, float]:
    """For each question -1 (asks for problems) to 1 (asks for what works); near 0 where it asks neither.

    The questionnaire's own questions are declared there; others are heard by their likeness to
    questions of either kind.
    """
    import numpy as np

    from auditkit.questionnaire import match_item, polarity

    known = {question: polarity(question) for question in questions}
    unknown = sorted(question for question, pole in known.items() if pole is None)
    found = {
        question: {"good": 1.0, "poor": -1.0}.get(pole or "", LEANING.get(match_item(question) or "", 0.0))
        for question, pole in known.items()
    }
    if unknown:
        vectors = encode(unknown)
        good = (vectors @ encode(ASKS_GOOD).T).max(1)
        poor = (vectors @ encode(ASKS_POOR).T).max(1)
        near = np.maximum(good, poor)
        for question, lead, likeness in zip(unknown, good - poor, near, strict=True):
            found[question] = float(np.clip(STEEP * lead, -1, 1)) if likeness >= HEARD_FROM else 0.0
    return found
