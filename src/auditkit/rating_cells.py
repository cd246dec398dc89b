"""The cells of a rating column, counted: words, numbers, and which number goes with which words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from auditkit import legends, values
from auditkit.answer_words import core
from auditkit.texts import fold, plain

if TYPE_CHECKING:
    from auditkit.config import Ratings

_MOST_TEXTS = 300  # different texts: more are no answers on a scale
_LENGTHS = (5, 7, 4, 6, 3)
_COUNTS = re.compile(
    r"\bhow (?:many|long|old|much (?:time|money))\b|\bnumber of\b|\bno\.? of\b|^(?:no|nr|count|total)\b|\bin total$"
    r"|\b(?:years|months|weeks|days|hours|minutes)\b.{0,12}\b(?:in|of|at|with|per|worked|since|service)\b"
    r"|^(?:\w+ )?(?:age|age (?:group|band|range)|years?|months|hours|minutes|postcode|zip(?: code)?|floor|room|count"
    r"|visits|meetings|beds|children|wte|fte|length of service|year of birth)$"
)
_RATED = frozenset("rating rate score likert scale satisfaction".split())


class Cells:
    """What a column holds, counted: words, numbers, and which number goes with which words."""

    def __init__(self, cells: Sequence[str], settings: Ratings, header: str, labels: Mapping[str, str]) -> None:
        self.settings, self.header = settings, header
        self.own = own_words(tuple(sorted(settings.words.items())))
        self.by_hand = bool({"low", "high"} & settings.model_fields_set)
        self.span = legends.span(header)
        self.words: Counter[str] = Counter()
        self.bare: Counter[str] = Counter()
        self.loose: Counter[str] = Counter()
        self.numbers: Counter[float] = Counter()
        self.totals: Counter[float] = Counter()
        self.own_used = 0
        self.texts: list[str] = []
        self.missing: set[str] = set()
        self.answered = 0
        self.labelled = {n: core(words) for n, words in legends.coded(labels).items() if self._says(n, words)}
        self.header_legend = {n: core(words) for n, words in legends.legend(header).items() if self._says(n, words)}
        met = Counter(cells)
        self.too_many = len(met) > _MOST_TEXTS
        pairs: Counter[tuple[float, str]] = Counter()
        for cell, times in () if self.too_many else sorted(met.items()):
            self._count(plain(cell).casefold().rstrip("."), times, pairs)
        seen: dict[float, str] = {}
        for (number, words), _ in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
            seen.setdefault(number, words)
        self.seen = seen

    def _says(self, number: float, words: str) -> bool:
        """Keep a label, unless it means "cannot say": then its code does too."""
        if values.cannot_say(words):
            self.missing |= {f"{number:g}"}
            return False
        return True

    def _count(self, text: str, times: int, pairs: Counter[tuple[float, str]]) -> None:
        if text in self.missing or values.cannot_say(text) or (values.blank(text) and text not in self.own):
            return
        if text in self.own or fold(text) in self.own:
            self.answered += times
            self.own_used += times
            return
        number: float | None
        number, words, loose = legends.split(text)
        if parts := legends.out_of(text):
            number, words = parts[0], ""
            self.totals[parts[1]] += times
        words = core(words) or (text if number is None else "")
        if words and values.cannot_say(words):
            return
        self.answered += times
        self.texts.append(text)
        if words:
            self.words[words] += times
            if number is None:
                self.bare[words] += times
            else:
                pairs[number, words] += times
                self.loose[words] += times if loose else 0
        elif number is not None:
            self.numbers[number] += times

    @property
    def step(self) -> float:
        """0.5 where several numbers are halves, and all others whole."""
        halves = sum(times for number, times in self.numbers.items() if number % 1 == 0.5)
        return 0.5 if halves > 1 and all(2 * number % 1 == 0 for number in self.numbers) else 1.0

    @property
    def keyed(self) -> dict[float, str]:
        """Numbers with their words: of the labels, else of the header, and of the cells."""
        return {**self.seen, **self.header_legend, **self.labelled}

    @property
    def lengths(self) -> tuple[int, ...]:
        """Lengths of scales, the likelier first."""
        first: list[int] = []
        if len(self.labelled) >= 3:
            first.append(len(self.labelled))
        if self.span:
            first.append(round(self.span[1] - self.span[0]) + 1)
        if len(self.totals) == 1:
            first.append(round(next(iter(self.totals))))
        return *first, round(self.settings.high - self.settings.low) + 1, *_LENGTHS

    def counts_or_codes(self, numbers: Mapping[float, int]) -> bool:
        """Whether numbers are no ratings: counts by the header, flags, running numbers, one number all the way,
        one name with numbers behind it ("ward-1", "ward-2")."""
        total = sum(numbers.values())
        if _COUNTS.search(fold(self.header)):
            return True
        if self.own_used:
            return False
        if set(numbers) <= {0.0, 1.0} or (len(numbers) == 1 and total > 3):
            return True
        in_a_row = max(numbers) - min(numbers) + 1 == len(numbers) == total > 2
        if in_a_row and min(numbers) in (0, 1) and not self.words:
            return True
        names = {text.rstrip("0123456789 ") for text in map(fold, self.texts)}
        return len(names) == 1 and names.isdisjoint(_RATED | {""})


def own_words(words: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """Words of ``[ratings.words]``, as they are compared, and their numbers."""
    return {key: float(number) for word, number in words for key in (plain(word).casefold(), fold(word))}
