"""Answer scales: what the words and numbers of a rating column mean, decided by the words first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from auditkit import answer_words, legends
from auditkit.answer_scale import AnswerScale as AnswerScale
from auditkit.answer_scale import on_step
from auditkit.answer_words import ENDS, WordScale
from auditkit.rating_cells import Cells, own_words
from auditkit.texts import fold, plain

if TYPE_CHECKING:
    from auditkit.config import Ratings

ENOUGH = 0.75
"""The part of a column's answers that a scale of words must know."""

ENOUGH_NUMBERS = 0.8
"""The part of a column's answers that must be numbers of one scale."""

FEW_OUTSIDE = 0.9
"""With this part within the audit's own scale, the numbers outside are errors and no longer scale."""

NO_MIDDLE = 60
"""So many answers without one in the middle show that there was none to take."""

_USUAL = ((1.0, 5.0), (1.0, 7.0), (0.0, 4.0), (0.0, 10.0), (1.0, 10.0))
_REVERSED = re.compile(r"[(\[]\s*(?:r|rev\.?|reversed?)\s*[)\]]|\breversed?[ -](?:scored|coded|scoring|item|keyed)\b")
_FLAGS = frozenset("true false yes no y n partly maybe".split())


def recognise(
    cells: Sequence[str], settings: Ratings, *, header: str = "", labels: Mapping[str, str] | None = None
) -> AnswerScale | None:
    """The answer scale of a column, or None where it holds no ratings.

    ``cells``: those with content. ``labels``: value labels by code. Words decide which end is which, whatever
    the order and whichever of them are used; where they fit scales of several lengths, the length of the
    settings, else five points. The header's own words ("1 = never, 5 = always", "0-10") count as labels.
    """
    column = Cells(cells, settings, header, labels or {})
    if not column.answered or column.too_many:
        return None
    return _in_words(column) or _in_numbers(column)


def by_settings(settings: Ratings) -> AnswerScale:
    """Numbers from ``low`` to ``high`` of the settings, with the usual words of scales as long, and own words."""
    return usual(float(settings.low), float(settings.high), tuple(sorted(settings.words.items())))


@lru_cache(maxsize=32)
def usual(low: float, high: float, words: tuple[tuple[str, float], ...] = ()) -> AnswerScale:
    """The scale from ``low`` to ``high`` when nothing is known of the column."""
    places = answer_words.of_length(round(high - low) + 1)
    points = {word: low + place - 1 for word, place in places.items()}
    points |= own_words(words)
    name = f"numbers {low:g} to {high:g}"
    return AnswerScale(low, high, name, "the audit's scale", "likely", points)


def marked_reversed(header: str) -> bool:
    """Whether a header says that agreeing is bad: "(r)", "[reversed]", "(reverse scored)"."""
    return bool(_REVERSED.search(plain(header).casefold()))


def _in_words(column: Cells) -> AnswerScale | None:
    keyed = column.keyed
    texts = {*column.words, *keyed.values()}
    if not texts or (column.words and set(column.words) <= _FLAGS):
        return None
    fitting = []
    for order, scale in enumerate(answer_words.scales(texts)):
        codes = None if scale.family == ENDS else _codes(scale, column)
        unknown = [word for word in column.bare if word not in scale.places and word not in keyed.values()]
        known = sum(column.words.values()) - sum(column.bare[word] for word in unknown)
        used = len([word for word in column.bare if word in scale.places])
        if scale.family == ENDS and column.bare.keys() - set(keyed.values()):
            continue
        if known < ENOUGH * sum(column.words.values()) or len(unknown) > max(1, used):
            continue
        if not any(word in scale.places for word in (column.words or keyed.values())):
            continue
        lost = -sum(times for word, times in column.words.items() if word in scale.places)
        lost = lost or -sum(word in scale.places for word in keyed.values())
        rank = column.lengths.index(scale.points) if scale.points in column.lengths else 99
        clear = (lost, scale.clashes(texts), codes is None, not _named(scale, column.header))
        fitting.append((clear, rank, order, scale, codes))
    if not fitting:
        return None
    fitting.sort(key=lambda fit: fit[:3])
    clear, _, _, scale, codes = _without_middle(column, fitting) or fitting[0]
    if codes is None:
        return _labelled(column, scale)
    made = _worded(column, scale, codes, [fit[3] for fit in fitting if fit[0] == clear])
    outside = sum(times for n, times in column.numbers.items() if not isinstance(made.read(f"{n:g}"), float))
    if outside > (1 - ENOUGH_NUMBERS) * column.answered:
        return _between(column, scale)
    loose = sum(times for word, times in column.loose.items() if word not in scale.places)
    return None if loose > (1 - ENOUGH_NUMBERS) * column.answered else made


Fit = tuple[tuple[int, int, bool, bool], int, int, WordScale, "dict[float, int] | None"]


def _without_middle(column: Cells, fitting: Sequence[Fit]) -> Fit | None:
    """The scale one point shorter where many answered and nobody ever took the middle of the longer one."""
    clear, _, _, scale, codes = fitting[0]
    middle = [word for word in column.words if scale.places.get(word) == (scale.points + 1) / 2]
    met = {scale.places[word] for word in column.words if word in scale.places}
    if not scale.points % 2 or column.answered < NO_MIDDLE or middle or len(met) < scale.points - 2:
        return None
    if column.keyed or codes is None:
        return None
    shorter = [fit for fit in fitting if fit[3].points == scale.points - 1 and fit[3].family == scale.family]
    return next((fit for fit in shorter if fit[0][:2] == clear[:2] and fit[4] is not None), None)


def _codes(scale: WordScale, column: Cells) -> dict[float, int] | None:
    """The number of each place, as the words at some numbers show; None where they do not go one by one."""
    known = {number: scale.places[words] for number, words in column.keyed.items() if words in scale.places}
    everywhere = range(1, scale.points + 1)
    if not known:
        return {float(place + _start(scale, column)): place for place in everywhere}
    if _only_ends(scale, column, known):
        return None
    if len(column.labelled) == scale.points == len(set(known.values())) and set(known) == set(column.labelled):
        return known
    lines = []
    for way in (1, -1):
        rests = {number - way * place for number, place in known.items()}
        if len(rests) == 1:
            lines.append((way, rests.pop()))
    if len(known) == 1:
        usual = (0.0, scale.points + 1.0, -1.0, float(scale.points))
        lines = sorted((line for line in lines if line[1] in usual), key=lambda line: usual.index(line[1]))
    for way, rest in lines[:1]:
        codes = {place * way + rest: place for place in everywhere}
        said = [*(column.labelled or column.header_legend)]
        if not said or (min(said), max(said)) == (min(codes), max(codes)):
            return codes
    return None


def _only_ends(scale: WordScale, column: Cells, known: Mapping[float, int]) -> bool:
    """Whether words stand at the ends of a shorter row of numbers than the words' own scale has."""
    numbers = [*known, *column.numbers]
    ends = column.span or (float(column.settings.low), float(column.settings.high))
    at_ends = (min(known), max(known)) == (min(numbers), max(numbers)) == ends
    return not column.labelled and at_ends and len(known) == 2 and ends[1] - ends[0] + 1 != scale.points


def _start(scale: WordScale, column: Cells) -> int:
    """What to add to a place for its number, where no words stand at numbers."""
    for low, high in (column.span or (0, 0), (column.settings.low, column.settings.high)):
        if high - low + 1 == scale.points:
            return round(low) - 1
    return 0


def _named(scale: WordScale, header: str) -> bool:
    """Whether a header names both ends: "from not at all confident to extremely confident"."""
    text = f" {fold(header)} "
    ends = [any(f" {word} " in text for word, p in scale.places.items() if p == place) for place in (1, scale.points)]
    return all(ends)


def _worded(column: Cells, scale: WordScale, codes: Mapping[float, int], alike: Sequence[WordScale]) -> AnswerScale:
    """A scale of words; ``codes``: number -> place."""
    keyed, first = column.keyed, min(codes)
    down = codes[first] != 1
    even = max(codes) - first + 1 == scale.points
    low = first if even and first in (0.0, 1.0, float(column.settings.low)) else 1.0
    value = {place: low + place - 1 for place in range(1, scale.points + 1)}
    points = {word: value[place] for word, place in scale.places.items()}
    points |= {words: value[codes[n]] for n, words in keyed.items() if n in codes and words not in points}
    if down or not even or first != low:
        points |= {f"{number:g}": value[place] for number, place in codes.items()}
    points |= column.own
    met = {scale.places[word] for word in (*column.words, *keyed.values()) if word in scale.places}
    others = sorted({other.points for other in alike} - {scale.points})
    same_length = [other for other in alike if other.points == scale.points and other is not scale]
    texts = [word for word in (*column.words, *keyed.values()) if word in scale.places]
    contested = scale.rivals and any(
        other.places.get(word) != scale.places[word] for other in same_length for word in texts
    )
    reason = f'words: "{scale.end(high=False)}" to "{scale.end(high=True)}"'
    if down:
        reason += "; the numbers run the other way"
    complete = len(met) >= scale.points - 1 or len(column.labelled) >= 3 or column.span is not None
    if contested or (len(met) == 1 and not column.labelled):
        confidence = "doubtful"
    elif complete or not others or (len(keyed) >= 2 and scale.points == max(codes) - min(codes) + 1):
        confidence = "sure"
    else:
        confidence = "likely"
    if confidence != "sure" and others:
        reason += f"; would also fit {' or '.join(map(str, others))} points"
    name = f"{scale.family}, {scale.points} points"
    return AnswerScale(low, low + scale.points - 1, name, reason, confidence, points, frozenset(column.missing))


def _labelled(column: Cells, scale: WordScale) -> AnswerScale | None:
    """Numbers with words at some of them only: the numbers make the scale, the words say which end is which."""
    keyed = column.keyed
    known = {n: (scale.places[w] - 1) / (scale.points - 1) for n, w in keyed.items() if w in scale.places}
    ends = _ends(column, [*keyed])
    if not known or ends is None:
        return None
    low, high = ends
    least, most = min(known), max(known)
    at_bottom = (known[least] > 0.5) != (least > (low + high) / 2)
    down = at_bottom if least == most else known[least] > known[most]
    return _along(column, low, high, down=down, confidence="sure" if len(known) > 1 else "likely")


def _along(column: Cells, low: float, high: float, *, down: bool, confidence: str) -> AnswerScale:
    first = low if low in (0.0, 1.0, float(column.settings.low)) else 1.0
    last = first + high - low
    codes = [low + step for step in range(round(high - low) + 1)]
    value = {n: last - (n - low) if down else first + (n - low) for n in codes}
    points = {words: value[n] for n, words in column.keyed.items() if n in value}
    if down or first != low:
        points |= {f"{n:g}": number for n, number in value.items()}
    points |= column.own
    reason = f"numbers {low:g} to {high:g} with words at {_places(column.keyed, value)}"
    if down:
        reason += "; they run the other way: the lowest is the most"
    name = f"numbers {first:g} to {last:g}"
    return AnswerScale(first, last, name, reason, confidence, points, frozenset(column.missing))


def _places(keyed: Mapping[float, str], value: Mapping[float, float]) -> str:
    return ", ".join(f"{number:g}" for number in sorted(keyed) if number in value)


def _ends(column: Cells, keyed: Sequence[float]) -> tuple[float, float] | None:
    """The lowest and highest number where words stand at some of them."""
    if column.span:
        return column.span
    if len(column.labelled) > 1 or len(column.header_legend) > 1:
        fixed = [*(column.labelled or column.header_legend)]
        return (min(fixed), max(fixed)) if 2 <= max(fixed) - min(fixed) <= 100 else None
    numbers = [*keyed, *column.numbers]
    settings = (float(column.settings.low), float(column.settings.high))
    for low, high in dict.fromkeys((settings, *_USUAL)):
        if all(low <= number <= high for number in numbers):
            return low, high
    return None


def _between(column: Cells, scale: WordScale) -> AnswerScale | None:
    """Words in place of the numbers at both ends ("Not at all", 2 … 6, "Completely")."""
    places = {scale.places[word] for word in column.bare if word in scale.places}
    if not places or not places <= {1, scale.points} or column.keyed or not column.numbers:
        return None
    usual = (column.span,) if column.span else ((1.0, 5.0), (1.0, 7.0), (1.0, 10.0), (0.0, 10.0))
    for low, high in usual:
        if all(low < number < high for number in column.numbers):
            points = {word: low if p == 1 else high for word, p in scale.places.items() if p in (1, scale.points)}
            reason = f"numbers between {low:g} and {high:g}, words at the ends"
            confidence = "sure" if column.span else "likely"
            return AnswerScale(low, high, f"numbers {low:g} to {high:g}", reason, confidence, points | column.own)
    return None


def _in_numbers(column: Cells) -> AnswerScale | None:
    numbers = Counter(column.numbers)
    for number, words in column.seen.items():
        if words not in column.bare and not column.loose[words]:
            numbers[number] += column.words[words]
    for number, words in column.labelled.items():
        numbers[number] += column.bare[words]
    numbers = +numbers
    known = sum(numbers.values()) + column.own_used
    if known < ENOUGH_NUMBERS * column.answered or not (numbers or column.own_used):
        return None
    sure = column.span is not None or len(column.labelled) > 0 or len(column.header_legend) > 1
    if not sure and column.counts_or_codes(numbers):
        return None
    if len(column.labelled) == 2 and column.numbers:
        low, high = min(column.labelled), max(column.labelled)
        if 2 < high - low <= 100 and all(low <= n <= high for n in column.numbers):
            return _along(column, low, high, down=False, confidence="doubtful")
    if column.labelled:
        return None  # labels of which no word is known: kinds, not degrees
    if not numbers:
        own = (float(column.settings.low), float(column.settings.high))
        found: tuple[float, float, str, str] | None = (*own, "words under [ratings.words]", "sure")
    else:
        found = _range(column, numbers)
    if found is None:
        return None
    low, high, reason, confidence = found
    if len(column.header_legend) > 1:
        reason, confidence = f"{reason}; which end is more is not known", "doubtful"
    points, name = dict(column.own), f"numbers {low:g} to {high:g}"
    return AnswerScale(low, high, name, reason, confidence, points, frozenset(column.missing), column.step)


def _range(column: Cells, numbers: Mapping[float, int]) -> tuple[float, float, str, str] | None:
    """(low, high, reason, confidence) of a column of numbers."""
    own = (float(column.settings.low), float(column.settings.high))
    total = sum(numbers.values()) or 1

    def share(low: float, high: float) -> float:
        return sum(times for n, times in numbers.items() if low <= n <= high and on_step(n, column.step)) / total

    span = column.span
    if span is None and len(column.header_legend) > 1:
        span = (min(column.header_legend), max(column.header_legend))
    if span is None and len(column.totals) == 1:
        span = (0.0 if next(iter(column.totals)) >= 10 else 1.0, next(iter(column.totals)))
    if span and share(*span) >= ENOUGH_NUMBERS and not (column.by_hand and share(*own) == 1):
        return *span, f"the header or the cells say {span[0]:g} to {span[1]:g}", "sure"
    if column.by_hand and share(*own) >= ENOUGH_NUMBERS:
        return *own, f"values {own[0]:g} to {own[1]:g}", "sure"
    if min(numbers) < 0:
        for end in (2.0, 3.0, 5.0):
            if share(-end, end) >= FEW_OUTSIDE:
                return -end, end, f"values {-end:g} to {end:g}", "likely" if end in numbers else "doubtful"
        return None
    if share(*own) >= FEW_OUTSIDE:
        return *own, f"values {own[0]:g} to {own[1]:g}", "likely"
    whole = [n for n in numbers if n == round(n)]
    for low, high in ((1.0, 7.0), (0.0, 10.0)):
        if share(low, high) >= FEW_OUTSIDE and share(low, high) > share(*own):
            low, high, confidence = _closest(low, high, whole, total)
            return low, high, f"values {low:g} to {high:g}", confidence
    for low, high in (own, (1.0, 7.0), (0.0, 10.0)):
        if share(low, high) >= ENOUGH_NUMBERS:
            return low, high, f"values {low:g} to {high:g}", "doubtful"
    if legends.percent(column.header) and share(0, 100) >= ENOUGH_NUMBERS:
        return 0.0, 100.0, "the header speaks of per cent", "doubtful"
    return None


def _closest(low: float, high: float, numbers: Sequence[float], total: int) -> tuple[float, float, str]:
    """0 to 4 or 1 to 10 where a good many answers show no more."""
    inside = [n for n in numbers if low <= n <= high]
    if low == 0 and max(inside) == 4 and min(inside) == 0:
        return 0.0, 4.0, "doubtful"
    if low == 0 and min(inside) == 1 and total >= 20:
        return 1.0, high, "doubtful"
    if low == 0:
        return low, high, "likely" if {0.0, high} <= set(inside) else "doubtful"
    return low, high, "likely"
