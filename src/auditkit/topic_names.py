"""What a suggested theme is called until a person names it: words that several people of the group wrote."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from auditkit import phrases
from auditkit.codebook_limits import LABEL
from auditkit.excerpts import COMMON, content_words

ROOM = LABEL - 5  # characters of a name: " (2)" may come behind it
ENOUGH = 2  # phrases from which on no single word is added
SHARE = 0.1  # of a group's people who wrote a phrase
TWO = 2  # people of a group who wrote a word where no word is of more
BETWEEN = 2  # words between the two of a phrase, as in "treated me with respect"
SHORTEST = 3  # letters of a word
# Words that say nothing by themselves, though they can turn another one round.
WEAK = frozenset(
    "no not nor never cannot cant few less more most much many amount always often detail full alone together say "
    "said says saying lot lots bit really quite got get getting given give going don didn doesn isn wasn won couldn "
    "ve ll re".split()
)
JOINS = frozenset("and but or so because that which who if when".split())
PRONOUNS = frozenset("i me my we us our you your he him his she her they them their it its".split())
MARKS = re.compile(r"\[[^\]]*\]")  # what stands for a word that was taken out
PART = re.compile(r"[.!?;:,()\r\n]+")
CAN_STAND_ALONE = frozenset({"none", "nothing"})

Name = Callable[[Sequence[str], Sequence[int]], tuple[str, ...]]
"""The phrases that a group is called by, from its key phrases and the positions of its answers."""


class Names:
    """Names for groups of some answers, in which nobody can be recognised.

    ``texts`` and ``people`` (who wrote each) are parallel, groups are positions in them. Of a group at least
    ``least`` people wrote all words of a phrase, in any form, in one answer; none of the words is ``barred``.
    """

    def __init__(
        self, texts: Sequence[str], people: Sequence[str], least: int = 1, barred: Collection[str] = ()
    ) -> None:
        self._people, self._least, self._barred = list(people), least, frozenset(barred)
        self._parts = [[phrases.words_of(part) for part in PART.split(MARKS.sub(" ", text))] for text in texts]
        self._stems = [
            {stem_of(word) for part in parts for word in part if word not in self._barred} for parts in self._parts
        ]
        self._silent = frozenset(phrases.stop_words()) | WEAK | (COMMON - CAN_STAND_ALONE)

    def phrases_of(self, ranked: Sequence[str], members: Sequence[int]) -> tuple[str, ...]:
        """Up to three phrases that say what a group is about, of which ``ranked`` are key phrases, the best first.

        No word comes twice. Where there are none, words that many of the group share make up for them, or words
        that two of it wrote, and ``least`` people in all. Empty where there is nothing of the kind.
        """
        forms = self._forms(members)
        enough = max(self._least, SHARE * len({self._people[member] for member in members}))
        keys = [[stem for stem in _once(phrase) if self._form(stem, forms)] for phrase in ranked]
        single = [[stem] for stem in dict.fromkeys(stem for stems in keys for stem in stems)]
        told = {tuple(stems): self._number(stems, members) for stems in (*keys, *single)}
        often = [stems for stems in keys if told[tuple(stems)] >= enough]
        found = self._chosen(_fullest(often, told), forms, [], phrases.PHRASES)
        found = self._chosen([stems for stems in single if told[tuple(stems)] >= enough], forms, found, ENOUGH)
        if not found:
            found = self._chosen([[stem] for stem in self._shared(members)], forms, [], ENOUGH)
        if not found:
            every = range(len(self._people))
            rare = [one for one in single if told[tuple(one)] >= TWO and self._number(one, every) >= self._least]
            found = self._chosen(rare, forms, [], ENOUGH)
        named: list[str] = []
        for stems in found:
            phrase = self._written(stems, forms, members)
            if len(", ".join([*named, phrase])) <= ROOM:
                named.append(phrase)
        return tuple(named)

    def _number(self, stems: Collection[str], members: Sequence[int]) -> int:
        """How many people of a group wrote all of some words (stems) in one answer; nobody wrote none."""
        return len({self._people[member] for member in members if stems and self._stems[member].issuperset(stems)})

    def _chosen(
        self, offered: Sequence[Sequence[str]], forms: dict[str, str], found: Sequence[list[str]], most: int
    ) -> list[list[str]]:
        """Phrases (stems) with those of the offered ones that bring in telling words alone, up to ``most``."""
        found = list(found)
        for stems in offered:
            telling = {stem for stem in stems if self._tells(forms.get(stem, ""))}
            said = {stem for one in found for stem in one}
            if len(found) < most and telling and not said & set(stems):
                found.append(list(stems))
        return found

    def _tells(self, word: str) -> bool:
        return len(word) >= SHORTEST and word not in self._silent

    def _form(self, stem: str, forms: dict[str, str]) -> str:
        """The form in which a word is shown, none for a fragment."""
        word = forms.get(stem, "")
        return word if len(word) >= SHORTEST or word in WEAK else ""

    def _forms(self, members: Sequence[int]) -> dict[str, str]:
        """Of each word of a group, by its stem, the form that most of its people wrote."""
        wrote: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for member in members:
            for word in (word for part in self._parts[member] for word in part if word not in self._barred):
                wrote[stem_of(word)][word].add(self._people[member])
        return {
            stem: min(words, key=lambda word: (-len(words[word]), len(word), word)) for stem, words in wrote.items()
        }

    def _shared(self, members: Sequence[int]) -> list[str]:
        """Words (stems) that enough people of a group wrote, those of most first."""
        wrote: dict[str, set[str]] = defaultdict(set)
        for member in members:
            for stem in self._stems[member]:
                wrote[stem].add(self._people[member])
        many = [stem for stem in wrote if len(wrote[stem]) >= self._least]
        return sorted(many, key=lambda stem: (-len(wrote[stem]), stem))

    def _written(self, stems: Sequence[str], forms: dict[str, str], members: Sequence[int]) -> str:
        """A phrase in the order in which most wrote it, with the little words between if enough people wrote those."""
        words = [forms[stem] for stem in stems]
        if len(words) != 2:
            return " ".join(words)
        wrote: Counter[tuple[str, ...]] = Counter()
        for member in members:
            wrote.update({run for part in self._parts[member] for run in _runs(part, words)})
        runs = sorted(wrote, key=lambda run: (-wrote[run], len(run), run))
        for run in runs:
            between = run[1:-1]
            if all(word in self._silent and self._number([stem_of(word)], members) >= self._least for word in between):
                return " ".join(run)
        return " ".join((runs[0][0], runs[0][-1]) if runs else words)


def stem_of(word: str) -> str:
    """Under what the forms of a word count as one."""
    return next((stem for _, stem in content_words(word)), word)


def _once(phrase: str) -> list[str]:
    """The words (stems) of a phrase, each once."""
    return list(dict.fromkeys(stem_of(word) for word in phrases.words_of(phrase)))


def _fullest(told: Sequence[Sequence[str]], number: Mapping[tuple[str, ...], int]) -> list[Sequence[str]]:
    """Phrases (stems), in place of each a later one that says more and that half of its people wrote, or more."""
    return [
        next(
            (
                more
                for more in told[place + 1 :]
                if set(more) > set(stems) and 2 * number[tuple(more)] >= number[tuple(stems)]
            ),
            stems,
        )
        for place, stems in enumerate(told)
    ]


def _runs(part: Sequence[str], words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Where two words stand near each other in a part of a sentence, with what stands between but for pronouns."""
    at = [place for place, word in enumerate(part) if word in words]
    for here, there in pairwise(at):
        between = part[here + 1 : there]
        if part[here] != part[there] and len(between) <= BETWEEN and not JOINS & set(between):
            yield (part[here], *(word for word in between if word not in PRONOUNS), part[there])
