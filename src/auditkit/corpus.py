"""Answers made ready for the coder: split, toned, scored against the codebook, and open to what people decide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from auditkit import coding, excerpts, learning, poles, questions, tone
from auditkit.analysis import text_hash

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.coding import Encode, Scores, Units
    from auditkit.learning import Learned, Learner

NONE = "none"
"""Stands in place of a theme where a person decided that an answer has none."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What the coder may learn from. ``decisions``: answer, text_hash, theme, decision; ``elsewhere``: answer,
    item, question, text of answers that people read and that are not among those to be coded. ``shown``: the
    codings that the software suggested when an answer was read, which stay what they were; ``vectors``: of texts
    that only stand in for words which were left behind in another audit. ``unheard``: themes that nobody could
    choose when these answers were read, so that nothing can be learned of them.
    """

    decisions: pd.DataFrame
    elsewhere: pd.DataFrame
    shown: pd.DataFrame
    vectors: Mapping[str, np.ndarray] = field(default_factory=dict)
    unheard: frozenset[str] = frozenset()

    @classmethod
    def none(cls) -> Lessons:
        """Nothing decided yet."""
        import pandas as pd

        from auditkit.analysis import CODINGS

        columns = (["answer", "text_hash", "theme", "decision"], ["answer", "item", "question", "text"], CODINGS)
        return cls(*(pd.DataFrame(columns=list(names)) for names in columns))


@dataclass(frozen=True, eq=False)
class Corpus:
    """Answers (n) with their sentences ``parts`` (m), as ``excerpts.split`` gives them, ready to be coded.

    ``scores`` and ``learner`` are missing where the codebook has no accepted theme. ``leans`` (n): whether the
    question asks for what works; ``tones`` (m).
    """

    answers: pd.DataFrame
    parts: pd.DataFrame
    units: Units
    codebook: Codebook
    leans: list[float]
    tones: np.ndarray
    scores: Scores | None
    learner: Learner | None

    def read(self, decisions: pd.DataFrame) -> tuple[list[int], np.ndarray]:
        """Positions of the answers (r) that ``decisions`` are about, and the themes that they have (r, t).

        Left out: an answer whose text has changed since, and one that only has themes which are no longer
        accepted.
        """
        import numpy as np

        place = {key: number for number, key in enumerate(self.answers["answer"])}
        theme_of = {theme.id: number for number, theme in enumerate(self.codebook.accepted)}
        texts = self.answers["text"].tolist()
        set_themes: dict[int, set[int]] = {}
        for row in decisions.itertuples():
            answer = place.get(row.answer)
            if answer is None or row.decision == "rejected" or row.text_hash != text_hash(texts[answer]):
                continue
            if row.theme == NONE:
                set_themes.setdefault(answer, set())
            elif row.theme in theme_of:
                set_themes.setdefault(answer, set()).add(theme_of[row.theme])
        positions = sorted(set_themes)
        truth = np.zeros((len(positions), len(theme_of)), bool)
        for number, answer in enumerate(positions):
            truth[number, sorted(set_themes[answer])] = True
        return positions, truth

    def poles(self, scores: Scores) -> list[list[str]]:
        """Pole of each answer and theme (n, t)."""
        return poles.poles(scores, self.units.owner, self.leans, self.tones)


def prepare(
    answers: pd.DataFrame, codebook: Codebook, encode: Encode, told: Callable[[str], None] = lambda step: None
) -> Corpus:
    """Split, tone and score answers (columns answer, item, question, text); ``told`` is told each step."""
    told("Splitting answers")
    parts = excerpts.split(answers)
    position = {key: number for number, key in enumerate(answers["answer"])}
    units = coding.Units(
        answers=answers["text"].tolist(),
        questions=answers["question"].tolist(),
        items=answers["item"].tolist(),
        sentences=parts["text"].tolist(),
        owner=[position[key] for key in parts["answer"]],
    )
    told("Reading the answers")
    encode([*units.answers, *units.sentences])
    told("Coding")
    heard = questions.leans(sorted(set(units.questions)), encode)
    leans = [heard[question] for question in units.questions]
    scores = coding.score(units, codebook, encode, leans) if codebook.accepted else None
    learner = learning.Learner(units, scores, codebook, encode) if scores is not None else None
    return Corpus(answers, parts, units, codebook, leans, tone.score(encode(units.sentences)), scores, learner)


def remembering(encode: Encode, vectors: Mapping[str, np.ndarray] | None = None) -> Encode:
    """``encode`` that computes no text twice, even where there is no cache to read it back from; ``vectors``: of
    texts that need not be computed."""
    import numpy as np

    known: dict[str, np.ndarray] = dict(vectors or {})

    def look_up(texts: Sequence[str]) -> np.ndarray:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, encode(missing), strict=True))
        return np.stack([known[text] for text in texts]) if len(texts) else encode(texts)

    return look_up


def with_unheard(learned: Learned, cold: Learned, codebook: Codebook, unheard: Collection[str]) -> Learned:
    """What was learned, but of themes that nobody could choose yet what the codebook alone says."""
    new = [place for place, theme in enumerate(codebook.accepted) if theme.id in unheard]
    if not new:
        return learned
    probability, coded = learned.probability.copy(), learned.coded.copy()
    probability[:, new], coded[:, new] = cold.probability[:, new], cold.coded[:, new]
    return replace(learned, probability=probability, coded=coded, empty=learned.empty & ~coded[:, new].any(1))


def taught(scores: Scores, learned: Learned) -> Scores:
    """The scores with what was learned in place of what the codebook alone says."""
    return replace(scores, probability=learned.probability, coded=learned.coded, empty=learned.empty)
