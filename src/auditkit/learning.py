"""Learning from what people decided: each decision bears at once on all answers that nobody has read yet.

Two ridge regressions in closed form on one likeness of answers (meaning, words, letters, the question): one
mends what the codebook alone suggested, one tells each theme's answers from the others, with the codebook's own
texts as examples. "No theme" is learned as one theme more, with the junk texts as its examples. Their
leave-one-out scores calibrate the probabilities, so nothing is held back and nothing is drawn at random. The
method, with its measured figures, is told in docs/how-it-decides.md.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from auditkit.coding import lead, normal, unit

if TYPE_CHECKING:
    import numpy as np

    from auditkit.codebook import Codebook
    from auditkit.coding import Encode, Scores, Units

RIDGE = 1.0
FEW = 8  # answers that count against those that were read: the first few must not speak for all
OFFSET = 0.1  # of the first regression's likeness: lets it learn a constant
SAME_QUESTION = 1.0  # likeness that two answers to one question have beside their words
FLOOR = 0.002  # of shares, where their logit is taken
PARTS = (6.0, 2.0, 0.6)  # of the score: the two regressions and the codebook's own, in log odds
START = (4.14, 1.38, 0.41, 0.14, -0.85)  # weights of the parts, the lead and a constant, as other data gave them
SURENESS = (1.0, 8.0, 80.0, 200.0, 20.0)  # how firmly they hold against what was read
STEPS, SETTLED = 25, 1e-7
CODED_FROM = 0.35
NOTHING, SOMETHING = 0.9, 0.03  # share of "no theme" where the junk rule finds no content, and where it does
MANY_ANSWERS = 20  # from which a word must occur twice to count
CACHED = 5_000  # texts up to which all likenesses are kept (100 MB)
TAUGHT_BY = 1_500  # answers learned from at most: the time grows with the cube
DOUBT = 2  # power of an answer's expected errors, in what it counts for the order of reading
CANDIDATES = 3_000  # answers weighed for the next to be read, those with most expected errors
REACH = 3.0  # likeness of an answer to itself, about


@dataclass(frozen=True, eq=False)
class Learned:
    """What is thought of n answers and t themes: ``probability`` (n, t), ``coded`` (n, t), ``empty`` (n).

    Of an answer that was read, it is what would be thought had nobody read it. ``nothing`` (n): the
    probability that no theme fits.
    """

    probability: np.ndarray
    coded: np.ndarray
    empty: np.ndarray
    nothing: np.ndarray


class Learner:
    """Answers and codebook in one space, ready to learn from any decisions. Row order changes nothing."""

    def __init__(self, units: Units, scores: Scores, codebook: Codebook, encode: Encode) -> None:
        import numpy as np

        self.n, self.t = scores.probability.shape
        self.cold = Learned(scores.probability, scores.coded, scores.empty, np.where(scores.empty, NOTHING, SOMETHING))
        written = [normal(text) for text in units.answers]
        self.order = sorted(range(self.n), key=lambda row: (written[row], units.questions[row]))
        self.place = np.argsort(self.order)
        same = [(written[row], units.questions[row]) for row in self.order]
        self.like = np.cumsum([one != other for one, other in zip(same, [None, *same], strict=False)])
        nothing = self.cold.nothing[:, None]
        self.share = np.hstack([scores.share * (1 - nothing), nothing])[self.order]
        junk = [(text, self.t) for text in codebook.junk]
        examples = [*zip(scores.texts, scores.theme_of.tolist(), strict=True), *junk]
        texts, themes = [text for text, _ in examples], [theme for _, theme in examples]
        self.theme_of = np.array(themes, int)
        meaning = unit((encode(units.answers) + unit(_mean_of_sentences(units, encode))) / 2)[self.order]
        self.meaning = np.vstack([meaning, encode(texts)]).astype(np.float32)
        asked = sorted(set(units.questions))
        question = [asked.index(units.questions[row]) for row in self.order]
        self.wording = _wording([written[row] for row in self.order], list(map(normal, texts)), question, len(asked))

    @cached_property
    def _all(self) -> np.ndarray:
        return self._computed(slice(None), slice(None))

    def _computed(self, rows: Any, columns: Any) -> np.ndarray:
        import numpy as np

        shared: np.ndarray = (self.wording[rows] @ self.wording[columns].T).toarray()
        return np.asarray(self.meaning[rows] @ self.meaning[columns].T + shared, np.float32)

    def _likeness(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Likeness of texts to each other, by place: the answers in their sorted order, then the examples."""
        import numpy as np

        if len(self.meaning) <= CACHED:
            return np.asarray(self._all[np.ix_(rows, columns)], float)
        return np.asarray(self._computed(rows, columns), float)

    def learn(self, read: Sequence[int], truth: np.ndarray) -> Learned:
        """What the decisions on the answers ``read`` (r positions) mean for all; ``truth`` (r, t): their themes."""
        import numpy as np

        if not len(read):
            return self.cold
        rows, said = self._lessons(read, truth)
        r = len(rows)
        taught = np.concatenate([rows, np.arange(self.n, self.n + len(self.theme_of))])
        to_all = self._likeness(np.arange(self.n), taught)
        among = self._likeness(taught, taught)
        mended, mended_out = self._mended(rows, said, to_all[:, :r], among[:r, :r])
        told, told_out = self._told_apart(said, to_all, among)
        prior = _logit(self.share)
        parts = np.stack([mended, told, prior], axis=-1)
        parts[rows] = np.stack([mended_out, told_out, prior[rows]], axis=-1)
        log_odds = _features(parts) @ _calibrate(parts[rows], said)
        likely = _logistic(log_odds)[self.place]
        best = log_odds.argmax(1)[self.place]
        coded = likely[:, : self.t] >= CODED_FROM
        empty = best == self.t
        some = np.flatnonzero(~empty)
        coded[some, best[some]] = True
        coded[empty] = False
        return Learned(likely[:, : self.t], coded, empty, likely[:, self.t])

    def _lessons(self, read: Sequence[int], truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places of the answers learned from, and their themes with "no theme" as the last, in canonical order."""
        import numpy as np

        rows, said = self.place[np.asarray(read, int)], np.asarray(truth, float)
        said = np.hstack([said, 1 - said.max(1, keepdims=True, initial=0)])
        order = sorted(range(len(rows)), key=lambda one: (self.like[rows[one]], *said[one]))
        if len(order) > TAUGHT_BY:
            order = order[:: -(-len(order) // TAUGHT_BY)]
        return rows[order], said[order]

    def _mended(
        self, rows: np.ndarray, said: np.ndarray, to_all: np.ndarray, among: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The codebook's share of each theme, mended by ridge regression on what it missed; and left-one-out."""
        import numpy as np

        inverse = np.linalg.inv(among + OFFSET + (RIDGE + FEW / len(rows)) * np.eye(len(rows)))
        weights = inverse @ (said - self.share[rows])
        return self.share + (to_all + OFFSET) @ weights, said - weights / np.diag(inverse)[:, None]

    def _told_apart(self, said: np.ndarray, to_all: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ridge regression on +1 and -1, theme by theme, both sides of equal weight; and left-one-out."""
        import numpy as np

        r = len(said)
        told, out = np.zeros((self.n, self.t + 1)), np.zeros((r, self.t + 1))
        for theme in range(self.t + 1):
            own = r + np.flatnonzero(self.theme_of == theme)
            used = np.concatenate([np.arange(r), own])
            positive = np.concatenate([said[:, theme], np.ones(len(own))])
            many = positive.sum()
            if many in (0, len(positive)):
                told[:, theme] = out[:, theme] = 1.0 if many else -1.0
                continue
            weight = np.where(positive > 0, len(positive) / (2 * many), len(positive) / (2 * (len(positive) - many)))
            inverse = np.linalg.inv(among[np.ix_(used, used)] + 1 + RIDGE * np.diag(1 / weight))
            side = 2 * positive - 1
            solved = inverse @ side
            told[:, theme] = (to_all[:, used] + 1) @ solved
            out[:, theme] = (side - solved / np.diag(inverse))[:r]
        heard = r / (r + FEW)
        return heard * told, heard * out

    def reading_order(self, learned: Learned, read: Sequence[int]) -> list[int]:
        """All answers that are not ``read``, those first that say most about others likely to be wrong.

        Greedy cover: each answer's expected errors, squared, count as far as nothing like it is read or comes earlier.
        """
        import numpy as np

        done = np.array(sorted(set(self.place[np.asarray(read, int)].tolist())), int)
        likely = np.hstack([learned.probability, learned.nothing[:, None]])[self.order]
        wrong = np.minimum(likely, 1 - likely).sum(1) ** DOUBT
        waiting = np.setdiff1d(np.arange(self.n), done)
        waiting = waiting[np.argsort(-np.round(wrong[waiting], 9), kind="stable")]
        chosen = waiting[np.sort(np.arange(min(len(waiting), CANDIDATES)))]
        reach = np.maximum(self._likeness(chosen, chosen), 0) / REACH
        covered = np.zeros(len(chosen))
        if len(done) and len(chosen):
            covered = np.maximum(self._likeness(chosen, done), 0).max(1) / REACH
        picked = [int(chosen[one]) for one in _cover(reach, covered, wrong[chosen])]
        return [self.order[one] for one in [*picked, *waiting[len(chosen) :].tolist()]]


def _cover(reach: np.ndarray, covered: np.ndarray, weight: np.ndarray) -> list[int]:
    """All rows of ``reach`` (c, c), each time the one that adds most to what is covered (lazily re-weighed)."""
    import numpy as np

    def gain(one: int) -> float:
        return round(float((np.maximum(reach[one] - covered, 0) * weight).sum()), 9)

    heap = [(-gain(one), one) for one in range(len(reach))]
    heapq.heapify(heap)
    order: list[int] = []
    while heap:
        _, one = heapq.heappop(heap)
        now = (-gain(one), one)
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
            continue
        order.append(one)
        covered = np.maximum(covered, reach[one])
    return order


def _mean_of_sentences(units: Units, encode: Encode) -> np.ndarray:
    """Mean vector (n, d) of each answer's sentences; a zero where it has none."""
    import numpy as np

    vectors = encode(units.sentences).astype(float) if len(units.sentences) else np.zeros((0, 1))
    own: list[list[int]] = [[] for _ in units.answers]
    for sentence, answer in enumerate(units.owner):
        own[answer].append(sentence)
    return np.stack([vectors[part].mean(0) if part else np.zeros(vectors.shape[1]) for part in own])


def _wording(answers: Sequence[str], examples: Sequence[str], question: Sequence[int], questions: int) -> Any:
    """Words, letters and question of the answers, then of the examples, as a sparse matrix of features."""
    import numpy as np
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer

    both = [*answers, *examples]
    least = 2 if len(answers) > MANY_ANSWERS else 1
    parts = []
    for how in ({"ngram_range": (1, 2)}, {"analyzer": "char_wb", "ngram_range": (3, 5)}):
        try:
            parts.append(TfidfVectorizer(sublinear_tf=True, min_df=least, **how).fit(answers).transform(both))
        except ValueError:  # nothing occurs often enough
            continue
    if questions > 1:
        same = (np.full(len(answers), SAME_QUESTION**0.5), (np.arange(len(answers)), question))
        parts.append(sparse.csr_matrix(same, shape=(len(both), questions)))
    found = sparse.hstack(parts).tocsr() if parts else sparse.csr_matrix((len(both), 1))
    found.sort_indices()
    return found


def _features(parts: np.ndarray) -> np.ndarray:
    """The parts of scores (n, t, 3), with the lead over the next theme and a constant (n, t, 5)."""
    import numpy as np

    score = parts @ np.array(PARTS)
    return np.concatenate([parts, lead(score)[..., None], np.ones((*score.shape, 1))], axis=-1)


def _calibrate(parts: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Weights of ``_features``: logistic regression of what people decided on left-one-out scores, held near
    what other data gave (Newton's method)."""
    import numpy as np

    features, truth = _features(parts).reshape(-1, len(START)), said.ravel()
    start, sure = np.array(START), np.array(SURENESS)
    weights = start.copy()
    for _ in range(STEPS):
        chance = _logistic(features @ weights)
        curve = (features * (chance * (1 - chance))[:, None]).T @ features + np.diag(sure)
        step = np.linalg.solve(curve, features.T @ (chance - truth) + sure * (weights - start))
        weights -= step
        if np.abs(step).max() < SETTLED:
            break
    return weights


def _logistic(log_odds: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


def _logit(share: np.ndarray) -> np.ndarray:
    import numpy as np

    kept = np.clip(share, FLOOR, 1 - FLOOR)
    return np.asarray(np.log(kept / (1 - kept)))
