"""The pole of a code: does the answer say that it works well, that it is a problem, or both?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from auditkit.coding import Scores

WORDS = {"good": "works well", "poor": "problem", "mixed": "both", "": "not clear"}
"""The poles as a person reads them."""

# A sentence's lead is in log odds. The first two weights were fitted on 549 sentences that the shipped codebook
# does not hold (0.80 of them right without a question); the question's is the odds of seven to one that an answer
# says what was asked for.
LEARNED = 2.7  # of the direction from problem to works well
NEAREST = 3.7  # of the lead of the theme's nearest statement of one pole over that of the other
QUESTION = 2.0
TONE = 0.3
TONE_ALONE = 8.0  # where the codebook has no statements with poles
RIDGE = 3.0  # penalty in learning the direction
CLEAR = 0.2  # a lead below this says neither
TOLD = 3  # statements a side from which a theme tells its own poles
WIDELY = 0.5  # share of the themes that must, for the direction to hold for the others too
BOTH = 1.0  # two sentences that lead this far in opposite directions are "both"


def poles(scores: Scores, owner: Sequence[int], leans: Sequence[float], tones: np.ndarray) -> list[list[str]]:
    """Pole of each answer and theme (n, t): good, poor, mixed or empty.

    Heard in the sentences (m, of the answers ``owner``) that carry the theme: where they lie between the
    codebook's statements of either pole, all together (ridge) and the nearest of the theme; in their
    ``tones`` (m, -1 to 1); and in the lean of the question, ``leans`` (n, -1 to 1). Where a theme has no statements
    with poles, and most others have none either, tone and question alone decide.
    """
    import numpy as np

    n, t = scores.coded.shape
    pole_of = np.array(scores.pole_of)
    side = {pole: [(scores.theme_of == theme) & (pole_of == pole) for theme in range(t)] for pole in ("good", "poor")}
    told = [min(side["good"][theme].sum(), side["poor"][theme].sum()) >= TOLD for theme in range(t)]
    widely = sum(told) >= WIDELY * t
    asked = np.array([leans[answer] for answer in owner], float)
    by_tone = QUESTION * asked + TONE_ALONE * np.asarray(tones)
    lead = np.repeat(by_tone[:, None], t, axis=1)
    if any(told):
        heard = QUESTION * asked + TONE * np.asarray(tones) + LEARNED * _direction(scores, pole_of)
        for theme in range(t):
            if told[theme] or widely:
                lead[:, theme] = heard
            if told[theme]:
                good, poor = side["good"][theme], side["poor"][theme]
                lead[:, theme] += NEAREST * (scores.likeness[:, good].max(1) - scores.likeness[:, poor].max(1))
    own: list[list[int]] = [[] for _ in range(n)]
    for sentence, answer in enumerate(owner):
        own[answer].append(sentence)
    result = [[""] * t for _ in range(n)]
    for answer, theme in zip(*np.nonzero(scores.coded), strict=True):
        result[answer][theme] = _word([lead[s, theme] for s in own[answer] if scores.support[s, theme]])
    return result


def _direction(scores: Scores, pole_of: np.ndarray) -> np.ndarray:
    """Where sentences (m) lie between statements that say "problem" (-1) and "works well" (1)."""
    import numpy as np

    marked = np.flatnonzero((pole_of == "good") | (pole_of == "poor"))
    sign = np.where(pole_of[marked] == "good", 1.0, -1.0)
    among = scores.among[np.ix_(marked, marked)].astype(float)
    weights = np.linalg.solve(among + RIDGE * np.eye(len(marked)), sign)
    # Row by row, not as one product: so that a sentence's place among the rows cannot touch its last digits.
    result: np.ndarray = (scores.likeness[:, marked] * weights).sum(1)
    return result


def _word(leads: Sequence[float]) -> str:
    if not leads:
        return ""
    if max(leads) >= BOTH and min(leads) <= -BOTH:
        return "mixed"
    strongest = max(leads, key=abs)
    return "" if abs(strongest) < CLEAR else "good" if strongest > 0 else "poor"
