"""Words by which somebody could be recognised: what an audit knows of names, and what a text itself gives away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

from auditkit.excerpts import COMMON

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[^\w\s]")
ALWAYS_LARGE = frozenset("i i'm i've i'd i'll".split())


def words_of(names: Iterable[str]) -> set[str]:
    """The parts of names and codes, each as a word that must not appear."""
    return {part for name in names for part in re.findall(r"[^\W_]+", name.casefold()) if len(part) > 1}


def of_few(names: Iterable[str], least: int) -> set[str]:
    """The parts of names that fewer than ``least`` of them have: "willow" of five wards, not "ward"."""
    often = Counter(part for name in set(names) for part in words_of([name]))
    return {part for part, number in often.items() if number < least}


def called(texts: Iterable[str], ordinary: Collection[str] = ()) -> frozenset[str]:
    """Words that are names as far as the texts tell, in small letters: within a sentence one of three is written large.

    So "Anna" by one person gives "anna" away where others write it small. ``ordinary`` words are never names.
    """
    large: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        begins = True
        for token in WORD.findall(text.replace("’", "'")):
            word = token.casefold()
            if not token[0].isalpha():
                begins = token in ".!?:" or (begins and token in "\"'(-")
                continue
            if token == word:
                small[word] += 1
            elif not begins and not token.isupper():
                large[word] += 1
            begins = False
    never = ALWAYS_LARGE | COMMON | set(ordinary)
    return frozenset(word for word, number in large.items() if 2 * number >= small[word] and word not in never)
