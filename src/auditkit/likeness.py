"""What a question of the user's own is most like in the shipped material: proposals that a person decides on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditkit import questionnaire
from auditkit.forms import Question

LEAST = 0.5
"""Cosine of two sentences below which nothing is proposed."""


@dataclass(frozen=True)
class Proposal:
    """``code``: the question. ``likeness``: cosine of the wordings, 0 to 1. Never used until a person says so."""

    code: str
    scale: str
    item: str
    likeness: float


def scales(questions: Sequence[Question]) -> tuple[Proposal, ...]:
    """For each rating without a scale, the shipped item that its wording is most like and the scale of that.

    By the sentence encoder. Partners' questions are held against the partners' items, staff's against those
    of the staff. Raises AuditkitError where the encoder's weights are missing.
    """
    from auditkit.encoder import Encoder

    found = []
    encoder = Encoder(None)
    for staff, items in ((False, questionnaire.items()), (True, questionnaire.staff_items())):
        asked = [q for q in questions if q.kind == "rating" and not q.scale and (q.asked == "staff") == staff]
        known = [item for item in items if item.scale]
        if asked:
            likeness = encoder.encode([q.text for q in asked]) @ encoder.encode([item.text for item in known]).T
            for question, row in zip(asked, likeness, strict=True):
                best = int(row.argmax())
                if row[best] >= LEAST:
                    found.append(
                        Proposal(question.code, known[best].scale, known[best].code, round(float(row[best]), 2))
                    )
    return tuple(found)
