"""Splitting answers into excerpts: the sentences that can carry a code."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# What ends a sentence besides its own punctuation: a line, a semicolon, a bullet, a number before a line.
BREAK = re.compile(
    r"[\r\n\u2028\u2029]+|;|(?:^|(?<=\s))[-*\u2022\u00b7\u25cf\u2013]\s|(?:^|(?<=[\r\n]))\s*\(?\d{1,2}[.)]\s"
)
SPOKEN = re.compile(r"\w")

# Words so common that sharing them is no evidence.
COMMON = frozenset(
    "about after also always been before being both could does done each even ever from have having here into "
    "just like made make many more most much must need never only other ours over really same should some "
    "such than that their them then there these they thing things this those time very want well were what "
    "when where which while will with work would your".split()
)


def spans(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Start and end, in code points, of each sentence of each text; empty for a text without a word.

    Rule sentences of spaCy's blank English pipeline (no statistical model), each line, bullet, numbered line
    and part between semicolons on its own. A full stop without a blank behind it still ends a sentence.
    """
    pieces: list[tuple[int, int, str]] = []
    for number, text in enumerate(texts):
        start = 0
        for stop in [*BREAK.finditer(text), None]:
            end = stop.start() if stop else len(text)
            if SPOKEN.search(text, start, end):
                pieces.append((number, start, text[start:end]))
            start = stop.end() if stop else end
    found: list[list[tuple[int, int]]] = [[] for _ in texts]
    documents = _pipeline().pipe(piece for _, _, piece in pieces)
    for (number, offset, _), document in zip(pieces, documents, strict=True):
        for sentence in document.sents:
            words = sentence.text.strip()
            if SPOKEN.search(words):
                first = offset + sentence.start_char + sentence.text.index(words)
                found[number].append((first, first + len(words)))
    return found


def split(answers: pd.DataFrame) -> pd.DataFrame:
    """Excerpts of answers (columns answer, text): excerpt, answer, start, end, text, in answer order.

    ``start`` and ``end`` count code points of the stored text; ``excerpt`` is the answer's key with the
    number of the sentence.
    """
    import pandas as pd

    texts = answers["text"].tolist()
    rows = [
        (f"{answer}-{number:02d}", answer, start, end, text[start:end])
        for answer, text, parts in zip(answers["answer"], texts, spans(texts), strict=True)
        for number, (start, end) in enumerate(parts, start=1)
    ]
    return pd.DataFrame(rows, columns=["excerpt", "answer", "start", "end", "text"])


def matched(sentence: str, statement: str) -> list[str]:
    """Words of a sentence that stand, in some form, in a statement, in the sentence's order."""
    stems = {_stem(word) for word in _words(statement)}
    return list(dict.fromkeys(word for word in _words(sentence) if _stem(word) in stems))


def content_words(text: str) -> list[tuple[str, str]]:
    """Words that carry meaning, each with the stem under which its forms count as one, in the text's order."""
    return [(word, _stem(word)) for word in _words(text)]


def _words(text: str) -> Iterable[str]:
    return (word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) > 3 and word not in COMMON)


def _stem(word: str) -> str:
    return re.sub(r"(ings?|ed|ies|es|s|ly)$", "", word)[:6]


@cache
def _pipeline() -> Any:
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    pipeline.max_length = sys.maxsize
    return pipeline
