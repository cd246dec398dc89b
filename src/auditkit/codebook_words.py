"""The words of a codebook: none of them is a respondent's."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from auditkit.codebook_limits import SENTENCES
from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    from auditkit.codebook import Codebook, Theme

SENTENCE = 4  # words from which on a text can be somebody's answer or sentence
RUN = 6  # words from which on two people hardly write the same by chance
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
TOLD = {"label": "label", "definition": "definition", "include": "include", "exclude": "exclude", "parent": "parent"}
TOLD |= dict.fromkeys(SENTENCES, "statement") | {"expects": "expects", "set_by": "set by"}

Row = tuple[str, str, str]
"""Round, respondent and text."""


class Said:
    """What respondents wrote, answers and sentences, as texts of a codebook are compared with it.

    A text is somebody's where it is an answer or a sentence of ``SENTENCE`` words or more, or quotes one, or is a part
    of one of ``RUN`` or more. Words that ``least`` people wrote in one round are nobody's.
    """

    def __init__(self, rows: Iterable[Row], least: int) -> None:
        self._wrote: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._least = least
        for name, respondent, text in rows:
            self._wrote[_words(text)].add((name, respondent))
        self._quotable = [(text.count(" ") - 1, text) for text in self._wrote if text.count(" ") > SENTENCE]
        self._all = "\n".join(self._wrote)

    def is_somebodys(self, text: str, shortest: int = SENTENCE) -> bool:
        """Whether a text of ``shortest`` words or more is what few people wrote."""
        words = _words(text)
        number = words.count(" ") - 1
        if number >= shortest and (words in self._wrote or (number >= RUN and words in self._all)) and self._few(words):
            return True
        return any(shortest <= length < number and part in words and self._few(part) for length, part in self._quotable)

    def _few(self, words: str) -> bool:
        people: dict[str, set[str]] = defaultdict(set)
        for text, who in self._wrote.items():
            if words in text:
                for name, respondent in who:
                    people[name].add(respondent)
        return max(map(len, people.values()), default=0) < self._least


def refuse_borrowed(
    book: Codebook, known: Collection[str], said: Said, place: str = "", *, by_chance: bool = False
) -> None:
    """Raise AuditkitError, without the words, where a text of a codebook is what a respondent wrote.

    ``known``: texts, as ``texts`` gives them, that the codebook had before. ``place``: the file; ``by_chance``: the
    codebook was made elsewhere, so that a short statement can be like an answer by chance.
    """
    found = []
    for number, theme in enumerate(book.themes, start=1):
        for column, text in _texts(theme):
            shortest = RUN if by_chance and column in SENTENCES else SENTENCE
            if text not in known and said.is_somebodys(text, shortest):
                found.append(f"theme {number} ({theme.id}), {TOLD[column]}")
    if not found:
        return
    where = f"{place}, " if place else ""
    raise AuditkitError(
        f"{where}{found[0]}: this is word for word what a respondent wrote."
        if len(found) == 1
        else f"{where or 'The codebook: '}{len(found)} texts are word for word what a respondent wrote.",
        "Say it in words of your own: a codebook goes into reports, packs and other audits.",
        details=found if len(found) > 1 else [],
    )


def texts(book: Codebook) -> set[str]:
    """Every text of a codebook that stands for a theme."""
    return {text for theme in book.themes for _, text in _texts(theme)}


def _texts(theme: Theme) -> Iterator[tuple[str, str]]:
    for column in TOLD:
        value = getattr(theme, column)
        for text in [value] if isinstance(value, str) else value:
            yield column, text


def _words(text: str) -> str:
    """The words alone, a blank before and behind each: " we talk "."""
    plain = unicodedata.normalize("NFKC", "".join(sign for sign in text if unicodedata.category(sign) != "Cf"))
    plain = plain.casefold().replace("’", "'")
    return f" {' '.join(WORD.findall(plain))} "
