"""The usual words of answer scales, from ``data/answer_words.csv``: which place each word has.

A row with points and place gives the words of that place, 1 the least; places that start again at 1 begin
another scale. ``[very]`` stands for any word of the row of that name. A row without points names pairs of
opposites, which fill ``{good}`` and ``{bad}`` of the rows "opposites"; a word in front is the adverb to print.
``{what}`` of "how much" is whatever the column asks: "not at all confident" to "extremely confident".
"""

from __future__ import annotations

import csv
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENDS = "ends"
"""The family whose words only tell which end of a row of numbers is which: "worst", "best"."""

LETTERS = "agreement in letters"

_SHORT = 2  # words of what a scale asks, where one answer only shows it
_PREFIXES = ("un", "in", "dis", "im", "ir", "non ")
_I_AM = re.compile(r"^(?:i|we|it|they)(?: am| are| is| was| feel| felt| would be| m)? (?=\S)")


@dataclass(frozen=True)
class WordScale:
    """One scale of words. ``places``: folded words -> place 1 to ``points``, the most last.

    ``rivals``: another scale as long, with other places, is as likely where both fit.
    """

    family: str
    points: int
    places: Mapping[str, int]
    rivals: bool = True

    def clashes(self, texts: Iterable[str]) -> int:
        """How many different texts share a place that one word of a scale should have alone."""
        met = Counter(self.places[text] for text in texts if text in self.places)
        return sum(times - 1 for times in met.values())

    def end(self, *, high: bool) -> str:
        """The first word of the lowest or highest place, as it is printed."""
        return next(word for word, place in self.places.items() if place == (self.points if high else 1))


@dataclass(frozen=True)
class _Pair:
    """Two opposites; ``adverb`` is how much of them the ends of a scale are: "strongly", "very"."""

    family: str
    adverb: str
    good: str
    bad: str


def core(text: str) -> str:
    """A folded answer without "I", "I am", "it is" in front."""
    return _I_AM.sub("", text)


def scales(texts: Iterable[str]) -> list[WordScale]:
    """Every scale that knows one of the folded texts, in the order of the file."""
    texts = sorted(set(texts))
    words = {word for text in texts for word in text.split()}
    found = list(_fixed())
    for pair in (*_pairs(), *_new_pairs(texts)):
        if pair.good in words or pair.bad in words or " " in pair.good:
            found += _opposites(pair)
    adjectives = _adjectives(texts)
    if adjectives:
        found += _how_much(adjectives)
    lettered = {"sa", "sd"} & set(texts)  # a lone "a" is the name of anything
    return [s for s in found if any(text in s.places for text in texts) and (lettered or s.family != LETTERS)]


def of_length(points: int) -> dict[str, int]:
    """The place of every word of the scales with so many points; the first of the file where two differ."""
    places: dict[str, int] = {}
    for scale in (*_fixed(), *(scale for pair in _pairs() for scale in _opposites(pair))):
        if scale.points == points and scale.family != ENDS:
            places = {**scale.places, **places}
    return places


@cache
def _rows() -> tuple[tuple[str, str, str, tuple[str, ...]], ...]:
    with (Path(__file__).parent / "data" / "answer_words.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                row["family"].strip(),
                row["points"],
                row["place"],
                tuple(" ".join(re.sub(r"[^\w{}\[\]/ ]+", " ", w.casefold()).split()) for w in row["words"].split(";")),
            )
            for row in csv.DictReader(file)
        )


@cache
def _slots() -> dict[str, tuple[str, ...]]:
    return {family: words for family, _, _, words in _rows() if family.startswith("[")}


@cache
def _tables() -> tuple[tuple[str, int, dict[str, int]], ...]:
    """(family, points, phrase -> place) with slots filled and braces kept."""
    tables: list[tuple[str, int, dict[str, int]]] = []
    for family, points, place, phrases in _rows():
        if not points:
            continue
        if place == "1":
            tables.append((family, int(points), {}))
        for phrase in phrases:
            slot = re.search(r"\[\w+\]", phrase)
            filled = [phrase.replace(slot[0], word) for word in _slots()[slot[0]]] if slot else [phrase]
            for text in filled:
                tables[-1][2].setdefault(text, int(place))
    return tuple(tables)


@cache
def _fixed() -> tuple[WordScale, ...]:
    return tuple(WordScale(f, n, places) for f, n, places in _tables() if f not in ("opposites", "how much"))


@cache
def _pairs() -> tuple[_Pair, ...]:
    found = []
    for family, points, _, pairs in _rows():
        for words in pairs if not points and not family.startswith("[") else ():
            good, bad = words.split("/")
            adverb, _, adjective = good.rpartition(" ")
            found.append(_Pair(family, adverb or "very", adjective, bad))
    return tuple(found)


@cache
def _opposites(pair: _Pair) -> tuple[WordScale, ...]:
    found = []
    for template, points, places in _tables():
        if template == "opposites":
            filled = {t.replace("{good}", pair.good).replace("{bad}", pair.bad): p for t, p in places.items()}
            printed = (f"{pair.adverb} {pair.bad}", f"{pair.adverb} {pair.good}")
            first = {text: filled[text] for text in printed if text in filled}
            found.append(WordScale(pair.family, points, first | filled, rivals=False))
    return tuple(found)


def _how_much(adjectives: tuple[str, ...]) -> list[WordScale]:
    name = f"how {adjectives[0]}"
    return [
        WordScale(name, n, {text.replace("{what}", what): p for what in adjectives for text, p in places.items()})
        for family, n, places in _tables()
        if family == "how much"
    ]


@cache
def _intensifiers() -> tuple[str, ...]:
    found = {
        text.removesuffix(" {what}")
        for family, _, places in _tables()
        if family == "how much"
        for text in places
        if text.endswith(" {what}")
    }
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _adjectives(texts: Iterable[str]) -> tuple[str, ...]:
    """What "slightly …", "very …" of a column are about: the commonest, and other spellings of it."""
    asked: Counter[str] = Counter()
    for text in texts:
        known = next((word for word in _intensifiers() if text.startswith(word + " ")), None)
        if known:
            asked[text[len(known) + 1 :]] += 1
    asked.pop("at all", None)
    for text in [text for text, times in asked.items() if times == 1 and len(text.split()) > _SHORT]:
        del asked[text]  # a sentence that begins with "not" or "very"
    if not asked:
        return ()
    first = min(asked, key=lambda text: (-asked[text], text))
    near = difflib.get_close_matches(first, sorted(asked), n=5, cutoff=0.85)
    return first, *sorted(set(near) - {first})


def _new_pairs(texts: Sequence[str]) -> list[_Pair]:
    """Opposites that the file does not list but the column shows: "very organised", "unorganised"."""
    adverbs = {word for slot in ("[very]", "[extremely]", "[mostly]", "[slightly]") for word in _slots()[slot]}
    bare = set()
    for text in texts:
        adverb = max((word for word in adverbs if text.startswith(word + " ")), key=len, default="")
        bare.add(text[len(adverb) :].strip())
    if not any(text.startswith(f"{adverb} ") for text in texts for adverb in adverbs):
        return []  # "checked" and "unchecked": two kinds, no degrees
    listed = {pair.bad for pair in _pairs()}
    return [
        _Pair(word, "very", word, prefix + word)
        for word in sorted(bare)
        for prefix in _PREFIXES
        if len(word) > 2 and prefix + word in bare and prefix + word not in listed
    ]
