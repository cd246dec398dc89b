"""Statements that could join the codebook: words that several people share, so that no sentence is anybody's.

A codebook leaves the audit: it goes into reports and other audits. So a person's sentence is never proposed.
What is proposed is a run of words that people wrote under a theme, three of them at least and from two pairs,
without names, numbers, dates and places.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit.codebook import plain
from auditkit.codebook_changes import statements
from auditkit.excerpts import COMMON, content_words
from auditkit.names import WORD, called

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.codebook import Theme

SHORTEST, LONGEST = 3, 8  # words of a phrase
PAIRS = 2
OFFERED = 5  # phrases of a theme
TITLES = frozenset("dr mr mrs ms miss prof professor sister sir dame nurse matron".split())
CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays "
    "sundays january february march april june july august september october november december christmas easter "
    "summer winter spring autumn".split()
)
NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand dozen "
    "first second third once twice half".split()
)
LOOSE = frozenset(
    "a an the and or but of to in on at for from with by as is are was were be been am has have had do does did will "
    "would can could should may might that which who what when where if so than then this these those there it its i "
    "we he she they you my our his her their your me us him them not no very just also too".split()
)
"""Words that a phrase does not end with, and that say nothing by themselves."""

JOINTS = frozenset("and or but of as that which who so than then because also is are was were be been am".split())
"""Words that a phrase does not begin with."""


@dataclass(frozen=True)
class Offer:
    """A phrase with its pole (good, poor or empty), and how many people from how many pairs wrote it in a round."""

    theme: str
    pole: str
    text: str
    people: int
    pairs: int


def offers(rounds: Sequence[CodedRound], theme: Theme, least: int, deny: Collection[str]) -> list[Offer]:
    """Phrases of what people coded with a theme, those of most people first, five at most.

    ``least``: people who must have written it within one round, as across rounds one person may have two codes.
    ``deny``: words that must not appear, in any case; what the answers write as a name must not either.
    """
    ordinary = _written_small(rounds)
    texts = (text for one in rounds for text in one.responses.answers["text"])
    barred = {*(plain(word) for word in deny), *called(texts, LOOSE | JOINTS | CALENDAR)}
    said = " | ".join(_spaced(text) for text in [*statements(theme), theme.label])
    asked = " | ".join(_spaced(question) for one in rounds for question in set(one.responses.answers["question"]))
    best: dict[str, Offer] = {}
    for coded in rounds:
        people: dict[str, set[str]] = defaultdict(set)
        pairs: dict[str, set[str]] = defaultdict(set)
        poles: dict[str, list[str]] = defaultdict(list)
        for text, respondent, pair, pole in _confirmed(coded, theme.id):
            for phrase in set(_phrases(text, ordinary, barred)):
                people[phrase].add(respondent)
                pairs[phrase] |= {pair} - {""}
                poles[phrase].append(pole)
        for phrase, who in people.items():
            if len(who) < least or len(pairs[phrase]) < PAIRS or phrase in said or phrase in asked:
                continue
            offer = Offer(theme.id, _pole(poles[phrase]), phrase, len(who), len(pairs[phrase]))
            held = best.get(phrase)
            if held is None or (held.people, held.pairs) < (offer.people, offer.pairs):
                best[phrase] = offer
    return _apart(best.values())[:OFFERED]


def _confirmed(coded: CodedRound, theme: str) -> Iterator[tuple[str, str, str, str]]:
    """Text, respondent, pair and pole of what a person coded with a theme: the excerpt, else the answer."""
    table = coded.codings[(coded.codings["theme"] == theme) & coded.codings["coded"]]
    excerpts = dict(zip(coded.excerpts["excerpt"], coded.excerpts["text"], strict=True))
    answers = {row.answer: row for row in coded.responses.answers.itertuples()}
    for row in table[table["decision"].isin(["confirmed", "changed", "added"])].itertuples():
        answer = answers[row.answer]
        yield excerpts.get(row.excerpt, answer.text), answer.respondent, answer.pair, row.pole


def _phrases(text: str, ordinary: Collection[str], barred: Collection[str]) -> Iterator[str]:
    """Runs of words within one clause that hold nothing by which somebody could be recognised."""
    for run in _runs(text, ordinary, barred):
        for start in range(len(run)):
            for end in range(start + SHORTEST, min(len(run), start + LONGEST) + 1):
                words = run[start:end]
                phrase = " ".join(words)
                telling = len([word for word in words if word not in LOOSE]) > 1 and content_words(phrase)
                if telling and words[0] not in JOINTS and words[-1] not in LOOSE:
                    yield phrase


def _runs(text: str, ordinary: Collection[str], barred: Collection[str]) -> Iterator[list[str]]:
    run: list[str] = []
    begins = True
    tokens = WORD.findall(text.replace("’", "'"))
    shouted = sum(token.isupper() and len(token) > 1 for token in tokens) > len(tokens) / 2
    for token in tokens:
        if not token[0].isalpha():
            yield run
            run, begins = [], token in ".!?:" or (begins and token in "\"'(-")
            continue
        word = token.casefold()
        small = token == word or word in ("i", "i'm", "i've", "i'd", "i'll")
        known = small or (begins and word in ordinary)
        if shouted or not known or _recognised(word, barred):
            yield run
            run = []
        else:
            run.append(word)
        begins = False
    yield run


def _recognised(word: str, barred: Collection[str]) -> bool:
    parts = [word, *re.split(r"['-]", word)]
    return any(part in barred or part in TITLES or part in CALENDAR or part in NUMBERS for part in parts)


def _written_small(rounds: Sequence[CodedRound]) -> frozenset[str]:
    """Words that somebody wrote in small letters: at the beginning of a sentence such a one is no name."""
    found = (word for one in rounds for text in one.responses.answers["text"] for word in WORD.findall(text))
    return frozenset(word for word in found if word[0].isalpha() and word == word.casefold()) | COMMON | LOOSE


def _apart(found: Iterable[Offer]) -> list[Offer]:
    """The longest first, as they say most; without phrases that are part of one that is offered already."""
    held: list[Offer] = []
    for offer in sorted(found, key=lambda one: (-len(one.text.split()), -one.people, one.text)):
        if not any(f" {offer.text} " in f" {other.text} " for other in held):
            held.append(offer)
    return sorted(held, key=lambda one: (-one.people, -len(one.text.split()), one.text))


def _pole(poles: Sequence[str]) -> str:
    """The pole of nearly all; empty where they differ."""
    for pole in ("good", "poor"):
        if poles.count(pole) >= 0.8 * len(poles):
            return pole
    return ""


def _spaced(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.casefold().replace("’", "'")))
