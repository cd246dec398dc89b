"""One answer scale: what a cell is worth on it, and on the audit's own scale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from auditkit import legends, values
from auditkit.answer_words import core
from auditkit.texts import fold, plain
from auditkit.values import BLANK, CANNOT_SAY

_CACHED = 10_000


@dataclass(frozen=True)
class AnswerScale:
    """The scale of one column. ``low`` to ``high``: as answered; larger = more of what is asked, or better.

    ``points``: plain casefolded text -> number; numbers are listed only where they are not worth themselves
    (turned or offset). ``missing``: texts that mean "cannot say". ``step``: 0.5 where halves count.
    ``confidence``: sure, likely or doubtful.
    """

    low: float
    high: float
    name: str
    reason: str
    confidence: str
    points: Mapping[str, float] = field(hash=False)
    missing: frozenset[str] = frozenset()
    step: float = 1.0
    _met: dict[str, float | str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def read(self, text: str) -> float | str:
        """The rating in a cell, ``values.BLANK``, ``values.CANNOT_SAY``, or in words why it is none."""
        found = self._met.get(text)
        if found is None:
            found = self._read(plain(text).casefold().rstrip("."))
            if len(self._met) < _CACHED:
                self._met[text] = found
        return found

    def scored(self, value: float, low: float, high: float, reversed: bool) -> float:
        """A rating on the scale ``low`` to ``high``, by a straight line; turned where ``reversed``."""
        if (self.low, self.high) != (low, high):
            value = round(low + (value - self.low) / (self.high - self.low) * (high - low), 9)
        return low + high - value if reversed else value

    def _read(self, text: str) -> float | str:
        if text in self.missing:
            return CANNOT_SAY
        worded = self._word(text)
        if worded is not None:
            return worded
        if values.blank(text):
            return BLANK
        if values.cannot_say(text):
            return CANNOT_SAY
        if parts := legends.out_of(text):
            return self._number(parts[0]) if parts[1] == self.high else "not a number"
        number, words, loose = legends.split(text)
        if number is None:
            return "not a number"
        known = self._word(words) if words else None
        if known is not None:
            again = self._number(number)
            return known if again == known or isinstance(again, str) else "number and words differ"
        if words and values.cannot_say(words):
            return CANNOT_SAY
        return "not a number" if loose else self._number(number)

    def _word(self, text: str) -> float | str | None:
        key = next((key for key in (text, fold(text), core(fold(text))) if key in self.points), None)
        return None if key is None else self._within(self.points[key], self.low, self.high)

    def _within(self, number: float, low: float, high: float) -> float | str:
        if not low <= number <= high:
            return f"outside {low:g} to {high:g}"
        return number if on_step(number, self.step) else "not a whole number"

    def _number(self, number: float) -> float | str:
        if f"{number:g}" in self.points:
            return self.points[f"{number:g}"]
        codes = [float(key) for key in self.points if re.fullmatch(r"-?\d+", key)]
        low, high = (min(codes), max(codes)) if codes else (self.low, self.high)
        found = self._within(number, low, high)
        return "not a whole number" if codes and isinstance(found, float) else found


def on_step(number: float, step: float) -> bool:
    """Whether a number is one of those that a scale with this step holds."""
    return number / step == round(number / step)
