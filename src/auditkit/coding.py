"""Coding answers to a codebook with no confirmed examples: what fits which theme, and how surely.

The method, with its measured figures, is told in docs/how-it-decides.md. In short: answers, their
sentences and the codebook's own sentences are put into one space (meaning by a sentence encoder, wording
by character n-grams); the likeness to each theme is smoothed over the nearest other answers; the
question is heard; an answer takes the best of itself and its sentences.
"""

from __future__ import annotations

import re
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
QUESTION_LIKENESS, QUESTION_PULL, QUESTION_FLOOR = 0.6, 5.0, 5  # how far a question may speak
DECLARED = 3.0  # odds of a theme that the codebook expects under the question
CALIBRATION = (7.9, 2.4, -2.8)  # probability = logistic of posterior, lead over the next theme, constant
CODED_FROM = 0.25  # probability from which a second theme is coded
TOLD, JUNK_FROM = (
    3,
    0.8,
)  # a codebook of bare labels says too little to be nearer to: then this likeness to junk
ASKS = 0.25  # lean from which a question asks for what works
GENERAL = 0.6  # likeness of a theme's label to general praise or complaint
PRAISE = ("Positive experience", "General praise", "Satisfied with everything")
COMPLAINT = ("Negative experience", "General complaint", "Dissatisfied with everything")
NOTHING = re.compile(r"\b(nothing|none|nil|no complaints?|(can'?t|cannot) think)\b", re.IGNORECASE)
CARRIES = 0.5  # a sentence carries a theme from this share of the best sentence's posterior


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

    ``probability`` (n, t): chance that a careful person would set the code, calibrated on other data.
    ``coded`` (n, t): the machine sets it; never in an answer that is ``empty`` (n), without content.
    ``sentence`` (n, t): the sentence that carries the theme, -1 where the answer has none.
    ``nearest`` (n, t): the codebook text nearest to that sentence; ``likeness`` (m, s): all of them.
    ``support`` (m, t): the sentence carries the theme. ``fit`` (n): mean-removed cosine to the nearest
    codebook text: the lowest are the remainder.
    """

    probability: np.ndarray
    coded: np.ndarray
    empty: np.ndarray
    sentence: np.ndarray
    sentence_probability: np.ndarray
    nearest: np.ndarray
    likeness: np.ndarray
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
    """
    import numpy as np

    n, t = len(units.answers), len(codebook.accepted)
    texts = codebook_texts(codebook)
    theme_of = np.array([position for _, position, _ in texts])
    questions = sorted(set(units.questions))
    place = {question: number for number, question in enumerate(questions)}
    asked = np.array([place[question] for question in units.questions])
    owner = np.asarray(units.owner, int)

    # One row a distinct text within its question, sorted: so the order of the rows cannot matter.
    everything = [normal(text) for text in (*units.answers, *units.sentences)]
    keys = np.array(
        [f"{text}\x00{number:06d}" for text, number in zip(everything, [*asked, *asked[owner]], strict=True)]
    )
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    words = [everything[position] for position in first]
    raw = [*units.answers, *units.sentences]
    spoken = sorted({raw[position] for position in range(len(raw))}, key=lambda text: (normal(text), text))
    original: dict[str, str] = {}
    for text in spoken:  # of several spellings of one text, the first in sorted order speaks for all
        original.setdefault(normal(text), text)
    question_of = np.concatenate([asked, asked[owner]])[first]

    vectors = encode([original[word] for word in words])
    known = encode([text for text, _, _ in texts])
    likeness = vectors @ known.T + LEXICAL * _shared_wording(words, [normal(text) for text, _, _ in texts])
    centres = _unit(np.stack([known[theme_of == theme].mean(0) for theme in range(t)]))
    best = np.stack([likeness[:, theme_of == theme].max(1) for theme in range(t)], axis=1)
    logits = ((1 - CENTROID) * best + CENTROID * (vectors @ centres.T)) / TEMPERATURE

    graph = _neighbours(vectors)
    members = [question_of == number for number in range(len(questions))]
    if len(questions) > 1:
        asked_vectors = encode(questions)
        like = (1 - CENTROID) * np.stack(
            [(asked_vectors @ known[theme_of == theme].T).max(1) for theme in range(t)], axis=1
        ) + CENTROID * (asked_vectors @ centres.T)
        like -= like.mean(1, keepdims=True)
        posterior = _smooth(_softmax(logits), graph)
        lean = [np.log((posterior[m].mean(0) + 0.01) / (posterior.mean(0) + 0.01)) for m in members]
        for number, member in enumerate(members):
            if member.sum() >= QUESTION_FLOOR and _agree(lean[number], like[number]):
                logits[member] += QUESTION_LIKENESS * like[number] / TEMPERATURE
    logits += np.log(DECLARED) * _expected(codebook, questions, units)[question_of]
    prior = _softmax(logits)
    posterior = _smooth(prior, graph)
    if len(questions) > 1:
        mean = posterior.mean(0)
        for member in members:
            prior[member] *= (posterior[member].sum(0) + QUESTION_PULL * mean) / ((member.sum() + QUESTION_PULL) * mean)
        posterior = _smooth(prior / prior.sum(1, keepdims=True), graph)

    whole, part = inverse[:n], inverse[n:]
    of_answer = posterior[whole].copy()
    np.maximum.at(of_answer, owner, posterior[part])
    probability = calibrated(of_answer)
    empty = _without_content(units.answers, vectors[whole], likeness[whole], codebook, encode, leans)
    coded = probability >= CODED_FROM
    coded[np.arange(n), of_answer.argmax(1)] = True
    coded[empty] = False

    carrier = np.full((n, t), -1)
    peak = np.full((n, t), -1.0)
    for sentence, answer in enumerate(owner):
        better = posterior[part[sentence]] > peak[answer]
        carrier[answer, better] = sentence
        peak[answer, better] = posterior[part[sentence], better]
    sentence_likeness = likeness[part]
    nearest = np.zeros((n, t), int)
    for theme in range(t):
        own = np.flatnonzero(theme_of == theme)
        rows = np.where(carrier[:, theme] >= 0, carrier[:, theme], 0)
        source = sentence_likeness[rows] if len(owner) else likeness[whole]
        nearest[:, theme] = own[source[:, own].argmax(1)]
    return Scores(
        probability=probability,
        coded=coded,
        empty=empty,
        sentence=carrier,
        sentence_probability=calibrated(posterior[part]) if len(owner) else np.zeros((0, t)),
        nearest=nearest,
        likeness=sentence_likeness,
        support=posterior[part] >= CARRIES * peak[owner] if len(owner) else np.zeros((0, t), bool),
        fit=_centred_fit(vectors, known, whole),
        texts=[text for text, _, _ in texts],
        theme_of=theme_of,
        pole_of=[pole for _, _, pole in texts],
    )


def calibrated(posterior: np.ndarray) -> np.ndarray:
    """Probability of each code from the posterior (n, t) and its lead over the best other theme."""
    import numpy as np

    if posterior.shape[1] < 2 or not len(posterior):
        lead = posterior
    else:
        ranked = np.sort(posterior, axis=1)
        lead = posterior - np.where(posterior >= ranked[:, -1:], ranked[:, -2:-1], ranked[:, -1:])
    a, b, c = CALIBRATION
    result: np.ndarray = 1 / (1 + np.exp(-(a * posterior + b * lead + c)))
    return result


def _without_content(
    answers: Sequence[str],
    vectors: np.ndarray,
    likeness: np.ndarray,
    codebook: Codebook,
    encode: Encode,
    leans: Sequence[float],
) -> np.ndarray:
    """Which answers hold nothing to code: nearer to a junk statement than to anything in the codebook.

    Where the codebook has a theme of general praise, "nothing" says it under a question that does not ask
    for what works; a theme of general complaint likewise under one that does.
    """
    import numpy as np

    empty = np.array([not any(character.isalnum() for character in text) for text in answers], bool)
    if codebook.junk:
        junk = [normal(text) for text in codebook.junk]
        words = [normal(text) for text in answers]
        near = vectors @ encode(list(codebook.junk)).T + LEXICAL * _shared_wording(words, junk)
        told = [len(theme.statements_good + theme.statements_poor + theme.statements) for theme in codebook.accepted]
        floor = 0.0 if np.median(told) >= TOLD else JUNK_FROM
        nothing = (near.max(1) > likeness.max(1)) & (near.max(1) >= floor)
        labels = encode([theme.label for theme in codebook.accepted])
        asks_good = np.asarray(leans) > ASKS
        says_nothing = np.array([bool(NOTHING.search(text)) for text in answers])
        for kind, under in ((PRAISE, ~asks_good), (COMPLAINT, asks_good)):
            if (labels @ encode(kind).T).max() >= GENERAL:
                nothing &= ~(says_nothing & under)
        empty |= nothing
    return empty


def _shared_wording(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """Cosine of character n-grams (3 to 5, within words) between texts: (left, right)."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    ngrams = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), dtype=np.float32)
    ngrams.fit([*sorted(set(left)), *right])
    shared: np.ndarray = (ngrams.transform(left) @ ngrams.transform(right).T).toarray()
    return shared


def _neighbours(vectors: np.ndarray, block: int = 1000) -> Any:
    """Graph of the nearest texts, weight cosine cubed, symmetric, normalised by degree (sparse n, n)."""
    import numpy as np
    from scipy import sparse

    n = len(vectors)
    k = min(NEIGHBOURS, n - 1)
    if k < 1:
        return sparse.identity(n, format="csr")
    rows, columns, weights = [], [], []
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
    degree = sparse.diags(1 / np.sqrt(np.asarray(graph.sum(1)).ravel() + 1e-9))
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
    result: np.ndarray = raised / raised.sum(1, keepdims=True)
    return result


def _unit(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    result: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return result


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
    fit: np.ndarray = (_unit(vectors - mean) @ _unit(known - mean).T).max(1)[whole]
    return fit
