"""The pole of a code: does the answer say that it works well, that it is a problem, or both?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from auditkit.coding import Scores

WORDS = {"good": "works well", "poor": "problem", "mixed": "both", "": "not clear"}
"""The poles as a person reads them."""

RIDGE = 3.0  # penalty of the direction from problem to works well, learned from the codebook's statements
LEARNED, NEAREST, TONE, QUESTION = (
    4.0,
    5.0,
    1.0,
    2.0,
)  # weights of that direction, and of what stands beside it
CLEAR = 0.2  # a lead below this says neither
BOTH = 1.0  # two sentences that lead this far in opposite directions are "both"


def poles(
    scores: Scores,
    sentences: Sequence[str],
    owner: Sequence[int],
    leans: Sequence[float],
    tones: np.ndarray,
    encode: Callable[[Sequence[str]], np.ndarray],
) -> list[list[str]]:
    """Pole of each answer and theme (n, t): good, poor, mixed or empty.

    Heard in the ``sentences`` (m, of the answers ``owner``) that carry the theme: where they lie between the
    codebook's statements of either pole, all together (ridge) and the nearest of the theme; the sentence's
    tone (m, -1 to 1); and the lean of the question (n, -1 to 1). Where a codebook has no statements with
    poles, tone and question alone decide.
    """
    import numpy as np

    n, t = scores.coded.shape
    pole_of = np.array(scores.pole_of)
    lead = np.zeros((len(owner), t))
    if len(owner):
        lead += LEARNED * _direction(scores, pole_of, encode(list(sentences)), encode)[:, None]
        lead += (TONE * np.asarray(tones) + QUESTION * np.array([leans[answer] for answer in owner]))[:, None]
    for theme in range(t):
        good = (scores.theme_of == theme) & (pole_of == "good")
        poor = (scores.theme_of == theme) & (pole_of == "poor")
        if good.any() and poor.any():
            lead[:, theme] += NEAREST * (scores.likeness[:, good].max(1) - scores.likeness[:, poor].max(1))
    own: list[list[int]] = [[] for _ in range(n)]
    for sentence, answer in enumerate(owner):
        own[answer].append(sentence)
    result = [[""] * t for _ in range(n)]
    for answer, theme in zip(*np.nonzero(scores.coded), strict=True):
        result[answer][theme] = _word([lead[s, theme] for s in own[answer] if scores.support[s, theme]])
    return result


def _direction(
    scores: Scores, pole_of: np.ndarray, vectors: np.ndarray, encode: Callable[[Sequence[str]], np.ndarray]
) -> np.ndarray:
    """Where sentences (m, d) lie between statements that say "problem" (-1) and "works well" (1)."""
    import numpy as np

    marked = np.flatnonzero((pole_of == "good") | (pole_of == "poor"))
    if len(set(pole_of[marked])) < 2:
        return np.zeros(len(vectors))
    known = encode([scores.texts[int(position)] for position in marked]).astype(float)
    sign = np.where(pole_of[marked] == "good", 1.0, -1.0)
    weights = np.linalg.solve(known @ known.T + RIDGE * np.eye(len(known)), sign)
    result: np.ndarray = vectors @ (known.T @ weights)
    return result


def _word(leads: Sequence[float]) -> str:
    if not leads:
        return ""
    if max(leads) >= BOTH and min(leads) <= -BOTH:
        return "mixed"
    strongest = max(leads, key=abs)
    return "" if abs(strongest) < CLEAR else "good" if strongest > 0 else "poor"
