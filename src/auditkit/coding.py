"""Coding answers to a codebook with no confirmed examples: what fits which theme, and how surely.

The method, with its measured figures, is told in docs/how-it-decides.md. In short: answers, their
sentences and the codebook's own sentences are put into one space (meaning by a sentence encoder, wording
by character n-grams); the likeness to each theme is smoothed over the nearest other answers; the
question is heard; an answer takes the best of itself and its sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from auditkit.codebook import Codebook

    Encode = Callable[[Sequence[str]], np.ndarray]

LEXICAL = 1.0  # weight of shared character n-grams beside the cosine
CENTROID = 0.5  # weight of a theme's mean beside its best sentence
TEMPERATURE = 0.06  # of the softmax over themes
NEIGHBOURS, POWER, SPREAD, ROUNDS = 20, 3, 0.7, 15  # smoothing over the nearest texts
STRANGER = 0.1  # degree added to each text, so that what is like nothing is not smoothed over what is least unlike it
QUESTION_LIKENESS, QUESTION_PULL, QUESTION_FLOOR = 0.6, 5.0, 5  # how far a question may speak
DECLARED = 3.0  # odds of a theme that the codebook expects under the question
CALIBRATION = (7.9, 2.4, -2.8)  # probability = logistic of posterior, lead over the next theme, constant
CODED_FROM = 0.25  # probability from which a second theme is coded
LONE, LONE_RIGHT = 0.75, 0.4  # a theme alone: standard deviations above the mean likeness, share of its codes right
EMPTY_RIGHT = 0.2  # share of the answers called empty that have a theme after all
CARRIES = 0.5  # a sentence carries a theme from this share of the best sentence's posterior
BLOCK = 8_000_000  # likenesses computed at once (32 MB)


@dataclass(frozen=True, eq=False)
class Units:
    """What is coded: answers, and the sentences within them.

    ``answers`` and ``questions`` are parallel (n); ``items`` holds the column each came from; ``sentences``
    (m) with ``owner`` (m), the position of the answer that each sentence belongs to.
    """

    answers: Sequence[str]
    questions: Sequence[str]
    items: Sequence[str]
    sentences: Sequence[str]
    owner: Sequence[int]


@dataclass(frozen=True, eq=False)
class Scores:
    """How well each answer fits each theme (n answers, t themes, m sentences, s codebook texts).

    ``share`` (n, t): each theme's share of the answer, by the codebook alone. ``probability`` (n, t): chance
    that a careful person would set the code, calibrated on other data.
    ``coded`` (n, t): the machine sets it; never in an answer that is ``empty`` (n), without content.
    ``sentence`` (n, t): the sentence that carries the theme, -1 where the answer has none.
    ``nearest`` (n, t): the codebook text nearest to that sentence; ``likeness`` (m, s): to all of them;
    ``among`` (s, s): of the codebook's texts to each other.
    ``support`` (m, t): the sentence carries the theme. ``fit`` (n): mean-removed cosine to the nearest
    codebook text: the lowest are the remainder.
    """

    share: np.ndarray
    probability: np.ndarray
    coded: np.ndarray
    empty: np.ndarray
    sentence: np.ndarray
    sentence_probability: np.ndarray
    nearest: np.ndarray
    likeness: np.ndarray
    among: np.ndarray
    support: np.ndarray
    fit: np.ndarray
    texts: Sequence[str]
    theme_of: np.ndarray
    pole_of: Sequence[str]


def normal(text: str) -> str:
    """A text without differences of case and spacing: equal ones count as one."""
    return " ".join(text.casefold().split())


def codebook_texts(codebook: Codebook) -> list[tuple[str, int, str]]:
    """Text, position of its theme, and pole of all that the accepted themes say, without repeats.

    Labels, sentences of definitions and statements; a text that a theme repeats is kept once.
    """
    from auditkit.excerpts import spans

    found: dict[tuple[int, str], tuple[str, int, str]] = {}
    for position, theme in enumerate(codebook.accepted):
        definition = [theme.definition[start:end] for start, end in spans([theme.definition])[0]]
        parts = [(text, "") for text in (theme.label, *definition, *theme.statements)]
        parts += [(text, "good") for text in theme.statements_good]
        parts += [(text, "poor") for text in theme.statements_poor]
        for text, pole in parts:
            if normal(text):
                found.setdefault((position, normal(text)), (text, position, pole))
    return list(found.values())


def score(units: Units, codebook: Codebook, encode: Encode, leans: Sequence[float]) -> Scores:
    """Score every answer against every accepted theme, whatever the order of the rows, without a seed.

    ``encode`` turns texts into unit vectors; ``leans`` (n) says whether the question asks for what works
    (1), for problems (-1) or neither. Needs at least one accepted theme and one answer.

    A theme that is alone in its codebook has no rivals to be weighed against: it is coded where an answer is
    clearly more like it than answers are on average, at a probability that such codes were right elsewhere.
    """
    import numpy as np

    from auditkit import junk

    n, t = len(units.answers), len(codebook.accepted)
    owner = np.asarray(units.owner, int)
    distinct = _distinct(units)
    whole, part = distinct.place[:n], distinct.place[n:]
    texts, themes, pole_of = (list(column) for column in zip(*codebook_texts(codebook), strict=True))
    theme_of = np.array(themes)
    vectors, known = encode(distinct.spoken), encode(texts)
    likeness, among, to_junk = _likeness(distinct.words, vectors, texts, known, codebook.junk, encode)

    centres = unit(np.stack([known[theme_of == theme].mean(0) for theme in range(t)]))
    fit = _by_theme(likeness, vectors @ centres.T, theme_of)
    asked = encode(distinct.questions)
    asked_fit = _by_theme(asked @ known.T, asked @ centres.T, theme_of)
    posterior = _posterior(fit, asked_fit, _expected(codebook, distinct.questions, units), distinct, vectors)

    of_answer = posterior[whole]
    np.maximum.at(of_answer, owner, posterior[part])
    probability = _calibrated(of_answer, t)
    junkier = to_junk - likeness.max(1)
    weakest = junkier[whole]
    np.minimum.at(weakest, owner, junkier[part])
    empty = junk.without_content(units.answers, weakest, to_junk[whole], codebook, encode, leans)
    coded = probability >= CODED_FROM
    if t > 1:
        coded[np.arange(n), of_answer.argmax(1)] = True
    coded[empty] = False
    probability[empty] *= EMPTY_RIGHT
    of_sentence = _calibrated(posterior[part], t)
    of_sentence[empty[owner]] *= EMPTY_RIGHT

    carrier = np.full((n, t), -1)
    peak = np.full((n, t), -1.0)
    for sentence, answer in enumerate(owner):
        better = posterior[part[sentence], :t] > peak[answer]
        carrier[answer, better] = sentence
        peak[answer, better] = posterior[part[sentence], :t][better]
    source = np.where(carrier >= 0, np.append(part, 0)[carrier], whole[:, None])
    nearest = np.zeros((n, t), int)
    for theme in range(t):
        own = np.flatnonzero(theme_of == theme)
        nearest[:, theme] = own[likeness[np.ix_(source[:, theme], own)].argmax(1)]
    return Scores(
        share=of_answer[:, :t],
        probability=probability,
        coded=coded,
        empty=empty,
        sentence=carrier,
        sentence_probability=of_sentence,
        nearest=nearest,
        likeness=likeness[part],
        among=among,
        support=posterior[part, :t] >= CARRIES * peak[owner],
        fit=_centred_fit(vectors, known, whole),
        texts=texts,
        theme_of=theme_of,
        pole_of=pole_of,
    )


@dataclass(frozen=True, eq=False)
class _Distinct:
    """Each text once within its question, sorted, so that the order of the rows cannot matter.

    ``words`` (u): the texts as ``normal`` makes them; ``spoken`` (u): of their spellings the first;
    ``questions`` (q) and ``question`` (u), the position of each text's; ``place`` (n + m): the position here
    of each answer, then of each sentence.
    """

    words: list[str]
    spoken: list[str]
    questions: list[str]
    question: np.ndarray
    place: np.ndarray


def _distinct(units: Units) -> _Distinct:
    import numpy as np

    raw = [*units.answers, *units.sentences]
    asked = [*units.questions, *(units.questions[answer] for answer in units.owner)]
    normals = {text: normal(text) for text in sorted(set(raw))}
    spelling: dict[str, str] = {}
    for text, plain in normals.items():
        spelling.setdefault(plain, text)
    keys = [(normals[text], question) for text, question in zip(raw, asked, strict=True)]
    every = sorted(set(keys))
    place = {key: position for position, key in enumerate(every)}
    questions = sorted(set(units.questions))
    return _Distinct(
        words=[text for text, _ in every],
        spoken=[spelling[text] for text, _ in every],
        questions=questions,
        question=np.array([questions.index(question) for _, question in every]),
        place=np.array([place[key] for key in keys]),
    )


def _likeness(
    words: Sequence[str],
    vectors: np.ndarray,
    texts: Sequence[str],
    known: np.ndarray,
    junk: Sequence[str],
    encode: Encode,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Likeness in meaning and wording: of the distinct texts to the codebook's (u, s), of these to each other
    (s, s), of the distinct texts to the nearest junk text (u).
    """
    import numpy as np

    u, s = len(words), len(texts)
    written = [normal(text) for text in (*texts, *junk)]
    target = np.vstack([known, encode(list(junk))]) if junk else known
    likeness = np.vstack([vectors, known]) @ target.T + LEXICAL * _shared_wording([*words, *written[:s]], written)
    to_junk = likeness[:u, s:].max(1) if junk else np.full(u, -np.inf)
    return likeness[:u, :s], likeness[u:, :s], to_junk


def _by_theme(likeness: np.ndarray, to_centre: np.ndarray, theme_of: np.ndarray) -> np.ndarray:
    """Likeness to each theme (u, t): to the nearest of its texts, and to their centre."""
    import numpy as np

    best = np.stack([likeness[:, theme_of == theme].max(1) for theme in range(to_centre.shape[1])], axis=1)
    return np.asarray((1 - CENTROID) * best + CENTROID * to_centre)


def _posterior(
    fit: np.ndarray, asked_fit: np.ndarray, expected: np.ndarray, distinct: _Distinct, vectors: np.ndarray
) -> np.ndarray:
    """Share of each theme in each distinct text (u, t), of a theme alone in its codebook beside a rival.

    Smoothed over the nearest texts; ``asked_fit`` (q, t) speaks where the answers to a question lean to the
    themes that the question is like; ``expected`` (q, t) is 1 where the codebook says so.
    """
    import numpy as np

    t = fit.shape[1]
    logits = fit / TEMPERATURE
    if t == 1:
        logits = np.hstack([logits, np.full_like(logits, logits.mean() + LONE * logits.std())])
    graph = _neighbours(vectors)
    members = [distinct.question == number for number in range(len(distinct.questions))]
    if len(members) > 1 and t > 1:
        like = asked_fit - asked_fit.mean(1, keepdims=True)
        posterior = _smooth(_softmax(logits), graph)
        for number, member in enumerate(members):
            lean = np.log((posterior[member].mean(0) + 0.01) / (posterior.mean(0) + 0.01))
            if member.sum() >= QUESTION_FLOOR and _agree(lean, like[number]):
                logits[member] += QUESTION_LIKENESS * like[number] / TEMPERATURE
    logits[:, :t] += np.log(DECLARED) * expected[distinct.question]
    prior = _softmax(logits)
    posterior = _smooth(prior, graph)
    if len(members) > 1:
        mean = posterior.mean(0)
        for member in members:
            prior[member] *= (posterior[member].sum(0) + QUESTION_PULL * mean) / ((member.sum() + QUESTION_PULL) * mean)
        posterior = _smooth(prior / prior.sum(1, keepdims=True), graph)
    return posterior


def _calibrated(posterior: np.ndarray, themes: int) -> np.ndarray:
    """Probability of each code (n, t) from its posterior and the lead over the best other theme."""
    import numpy as np

    a, b, c = CALIBRATION
    probability = 1 / (1 + np.exp(-(a * posterior + b * lead(posterior) + c)))
    return probability if themes > 1 else LONE_RIGHT * probability[:, :1]


def lead(score: np.ndarray) -> np.ndarray:
    """How far each of at least two themes (n, t) lies before the best other one; below 0 where behind it."""
    import numpy as np

    ranked = np.sort(score, axis=1)
    return np.asarray(score - np.where(score >= ranked[:, -1:], ranked[:, -2:-1], ranked[:, -1:]))


def _shared_wording(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """Cosine of character n-grams (3 to 5, within words) between texts: (left, right)."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    ngrams = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), dtype=np.float32)
    ngrams.fit([*sorted(set(left)), *right])
    return np.asarray((ngrams.transform(left) @ ngrams.transform(right).T).toarray())


def _neighbours(vectors: np.ndarray) -> Any:
    """Graph of the nearest texts, weight cosine cubed, symmetric, normalised by degree (sparse n, n)."""
    import numpy as np
    from scipy import sparse

    n = len(vectors)
    k = min(NEIGHBOURS, n - 1)
    if k < 1:
        return sparse.identity(n, format="csr")
    rows, columns, weights = [], [], []
    block = max(1, BLOCK // n)
    for start in range(0, n, block):
        cosine = np.round(vectors[start : start + block] @ vectors.T, 6)
        here = np.arange(len(cosine))
        cosine[here, start + here] = -1
        near = np.argpartition(-cosine, k - 1, axis=1)[:, :k]
        rows.append(np.repeat(start + here, k))
        columns.append(near.ravel())
        weights.append(np.maximum(np.take_along_axis(cosine, near, 1), 0).ravel() ** POWER)
    place = (np.concatenate(rows), np.concatenate(columns))
    graph = sparse.csr_matrix((np.concatenate(weights), place), shape=(n, n))
    graph = graph.maximum(graph.T)
    degree = sparse.diags(1 / np.sqrt(np.asarray(graph.sum(1)).ravel() + STRANGER))
    return (degree @ graph @ degree).tocsr()


def _smooth(prior: np.ndarray, graph: Any) -> np.ndarray:
    posterior = prior
    for _ in range(ROUNDS):
        posterior = SPREAD * (graph @ posterior) + (1 - SPREAD) * prior
    result: np.ndarray = posterior / posterior.sum(1, keepdims=True)
    return result


def _softmax(logits: np.ndarray) -> np.ndarray:
    import numpy as np

    raised = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, d) brought to length 1; a zero stays one."""
    import numpy as np

    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def _agree(lean: np.ndarray, like: np.ndarray) -> bool:
    """Whether the answers to a question lean to the themes that the question itself is like."""
    import numpy as np

    return bool(lean.std() > 0 and like.std() > 0 and np.corrcoef(lean, like)[0, 1] >= 0)


def _expected(codebook: Codebook, questions: Sequence[str], units: Units) -> np.ndarray:
    """1 where a theme's ``expects`` names the question, by its text or by its column (questions, t)."""
    import numpy as np

    names: dict[str, set[str]] = {question: {normal(question)} for question in questions}
    for question, item in zip(units.questions, units.items, strict=True):
        names[question].add(normal(item))
    return np.array(
        [
            [float(bool(names[question] & {normal(name) for name in theme.expects})) for theme in codebook.accepted]
            for question in questions
        ]
    )


def _centred_fit(vectors: np.ndarray, known: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Best cosine to the codebook once the mean of the answers is taken out of both (topics recipe)."""
    import numpy as np

    mean = vectors[np.unique(whole)].mean(0)
    return np.asarray((unit(vectors - mean) @ unit(known - mean).T).max(1)[whole])
