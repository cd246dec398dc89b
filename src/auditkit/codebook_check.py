"""What is weak in a codebook: themes that overlap, lack a pole, or say too little to be recognised."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit.codebook import Codebook, Theme, plain
from auditkit.codebook_changes import SHORTEST, above, name, statements
from auditkit.excerpts import content_words

if TYPE_CHECKING:
    import numpy as np

    Encode = Callable[[Sequence[str]], np.ndarray]

CLEARLY = 0.05  # likeness more to another theme from which on a statement counts as nearer to it
MISTYPED = 0.8  # likeness to the label of a theme from which on a name is taken for that, mistyped
ALIKE = 0.85  # likeness of two labels from which on they can be mixed up


@dataclass(frozen=True)
class Finding:
    """Something to look at. ``kind``: overlap, pole, statement, label, parent, question; as a note heading or word.

    ``theme``: how the theme is called where others can have just the same, in which case ``text`` goes on behind it.
    """

    kind: str
    text: str
    theme: str = ""


def check(
    codebook: Codebook,
    encode: Encode | None = None,
    *,
    questions: Collection[str] | None = None,
    answers: Iterable[str] | None = None,
) -> list[Finding]:
    """Everything that is weak in the accepted themes, the worst kinds first.

    ``encode``: text to vectors, for overlaps. ``questions``: texts and columns of the audit's questions;
    ``answers``: what people wrote. Without them nothing is said about questions or words.
    """
    themes = codebook.accepted
    found: list[Finding] = []
    if encode and len(themes) > 1:
        found += _overlaps(themes, encode)
    found += [*_poles(themes), *_statements(themes), *_labels(themes), *_parents(codebook)]
    if questions is not None:
        found += _questions(themes, questions)
    if answers is not None:
        found += _words(themes, answers)
    return found


def _overlaps(themes: Sequence[Theme], encode: Encode) -> Iterable[Finding]:
    """Statements clearly nearer to another theme than to the rest of their own, the worst first.

    Near as coding sees it: half the likeness to the nearest statement, half that to the theme's mean. A theme's
    label stands in for statements where it has none, or one alone.
    """
    import numpy as np

    texts = [(text, place) for place, theme in enumerate(themes) for text in statements(theme)]
    if not texts:
        return
    lone = [(theme.label, place) for place, theme in enumerate(themes) if len(statements(theme)) < 2]
    vectors = np.asarray(encode([text for text, _ in [*texts, *lone]]), float)
    owner = np.array([place for _, place in [*texts, *lone]])
    near = vectors @ vectors.T
    np.fill_diagonal(near, -1)
    scores = np.empty((len(texts), len(themes)))
    for theme in range(len(themes)):
        own = owner == theme
        others = vectors[own].sum(0) - np.where(own[: len(texts), None], vectors[: len(texts)], 0)
        others /= np.maximum(np.linalg.norm(others, axis=1, keepdims=True), 1e-9)
        mean = (others * vectors[: len(texts)]).sum(1)
        scores[:, theme] = (np.where(own, near[: len(texts)], -1).max(1) + mean) / 2
    rows = np.arange(len(texts))
    kept = scores[rows, owner[: len(texts)]]
    scores[rows, owner[: len(texts)]] = -1
    gap = np.round(scores.max(1) - kept, 6)
    crossed = sorted((-gap[row], texts[row][0], int(scores[row].argmax()), texts[row][1]) for row in rows)
    crossed = [one for one in crossed if -one[0] > CLEARLY]
    pairs = Counter((min(there, here), max(there, here)) for _, _, there, here in crossed)
    most = sorted((-number, pair) for pair, number in pairs.items() if number > 1)[:3]
    if most:
        named = [f"{themes[a].label} and {themes[b].label} ({-number})" for number, (a, b) in most]
        yield Finding("overlap", f"Most between {', '.join(named)}.")
    for _, text, there, here in crossed:
        yield Finding("overlap", f'{name(themes[here])}: "{text}" is nearer to {name(themes[there])}.')


def _poles(themes: Sequence[Theme]) -> Iterable[Finding]:
    for theme in themes:
        missing = [words for column, words in (("statements_good", "works well"), ("statements_poor", "problem"))
                   if not getattr(theme, column)]  # fmt: skip
        if not statements(theme):
            yield Finding("statement", "no statement", name(theme))
        elif missing:
            listed = " and no ".join(f'statement of "{words}"' for words in missing)
            yield Finding("pole", f"no {listed}", name(theme))


def _statements(themes: Sequence[Theme]) -> Iterable[Finding]:
    seen: dict[str, Theme] = {}
    for theme in themes:
        for text in statements(theme):
            if len(text.split()) < SHORTEST:
                yield Finding("statement", f'{name(theme)}: "{text}" is too short to tell what is meant.')
            first = seen.setdefault(plain(text), theme)
            if first is not theme:
                yield Finding("statement", f'"{text}" stands in {name(first)} and in {name(theme)}.')
        twice = {plain(text) for text in theme.statements_good} & {plain(text) for text in theme.statements_poor}
        for text in sorted(twice):
            yield Finding("statement", f'{name(theme)}: "{text}" stands under "works well" and under "problem".')


def _labels(themes: Sequence[Theme]) -> Iterable[Finding]:
    for place, one in enumerate(themes):
        for other in themes[:place]:
            words = [sorted(re.findall(r"\w+", plain(theme.label))) for theme in (one, other)]
            alike = difflib.SequenceMatcher(None, plain(one.label), plain(other.label)).ratio()
            if alike >= ALIKE or words[0] == words[1]:
                yield Finding("label", f"{name(other)} and {name(one)} are called much alike.")


def _parents(codebook: Codebook) -> Iterable[Finding]:
    headings: dict[str, list[Theme]] = {}
    labels = {plain(theme.label): theme for theme in codebook.accepted}
    for theme in codebook.accepted:
        over = above(codebook, theme)
        if not theme.parent:
            continue
        if over is None:
            near = difflib.get_close_matches(plain(theme.parent), list(labels), n=1, cutoff=MISTYPED)
            if near:
                meant = name(labels[near[0]])
                yield Finding("parent", f'{name(theme)} stands under "{theme.parent}". Is {meant} meant?')
            else:
                headings.setdefault(plain(theme.parent), []).append(theme)
        elif over is theme:
            yield Finding("parent", f"{name(theme)} stands under itself.")
        elif over.status != "accepted":
            yield Finding("parent", f"{name(theme)} stands under {name(over)}, which is {over.status}.")
        elif over.parent:
            yield Finding("parent", f"{name(theme)} stands on a third level, under {name(over)}.")
    for below in headings.values():
        number = f"{len(below)} themes" if len(below) > 1 else name(below[0])
        yield Finding("heading", f'"{below[0].parent}", above {number}')


def _questions(themes: Sequence[Theme], questions: Collection[str]) -> Iterable[Finding]:
    known = {plain(question) for question in questions}
    for theme in themes:
        for text in theme.expects:
            if plain(text) not in known:
                yield Finding("question", f'{name(theme)} is expected under "{text}", which no question is called.')


def _words(themes: Sequence[Theme], answers: Iterable[str]) -> Iterable[Finding]:
    """Words of statements that nobody wrote, in any form: what the codebook could say in people's own words."""
    written = {stem for text in answers for _, stem in content_words(text)}
    for theme in themes:
        words = [(word, stem) for text in statements(theme) for word, stem in content_words(text)]
        strange = sorted({word for word, stem in words if stem not in written})
        if strange:
            share = len(strange) / len({word for word, _ in words})
            shown = ", ".join(strange[:5]) + (" ..." if len(strange) > 5 else "")
            yield Finding("word", f"{name(theme)}: {share:.0%} of its words stand in no answer: {shown}")
