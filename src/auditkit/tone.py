"""Tone of a text: how good or bad the experience is that it tells, from its sentence vector."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEAD = Path(__file__).parent / "data" / "tone.json"

# A positive or negative text needs a lead of a fifth of the probability; what lies between is mixed. The cuts
# lie alike on both sides of 0, since the three classes weigh the same in training. They are not tuned: from
# 0.1 to 0.3 the macro-F1 across trusts stays within 0.05 of the shipped figures.
POSITIVE = 0.2
NEGATIVE = -0.2


def score(vectors: NDArray[np.float32], head: dict[str, Any] | None = None) -> NDArray[np.float64]:
    """Tone of each row of sentence vectors [n, 384]: from -1 (negative) to 1 (positive), float64 [n].

    The probability of a positive minus that of a negative text in a multinomial logistic regression, trained
    by ``scripts/train_tone.py`` on comments whose sentiment people judged. ``data/tone.json`` holds it with
    the figures reached across the two organisations that the comments come from. A row's value does not
    depend on the other rows. ``head`` is another head of the same form, in place of the shipped one.
    """
    import numpy as np

    used = head or _shipped()
    rows = np.asarray(vectors, np.float64)
    odds = [
        np.exp((rows * np.array(part["weights"])).sum(axis=1) + part["intercept"])
        for part in (used["positive"], used["negative"])
    ]
    tone: NDArray[np.float64] = (odds[0] - odds[1]) / (1 + odds[0] + odds[1])
    return tone


def word(tone: float) -> str:
    """A tone as a reader sees it: "positive", "mixed" or "negative"."""
    if tone > POSITIVE:
        return "positive"
    return "negative" if tone < NEGATIVE else "mixed"


@cache
def _shipped() -> dict[str, Any]:
    """Log odds of a positive and of a negative text against a mixed one: intercept and 384 weights each."""
    head: dict[str, Any] = json.loads(HEAD.read_text(encoding="utf-8"))
    return head
