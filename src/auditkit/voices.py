"""What the made-up people of the demo write: a bank of sentences, and answers joined from them."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

QUESTIONS = ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7")
REPEAT_ONLY = ("Q6", "Q7")

Mark = tuple[str, str]
"""A theme and its pole; theme ``none`` says nothing, ``off`` says something of no theme."""

_WORKING = ("decisions", "disagreement", "roles")
_LINKED = {
    "T01": ("trust",),
    "T02": ("communication",),
    "T03": ("goals",),
    "T04": ("knowing",),
    "T05": ("roles",),
    "T06": ("decisions",),
    "T08": ("disagreement",),
    "T09": ("trust", "knowing"),
    "T10": ("support",),
    "T12": ("communication", "trust", "knowing", *_WORKING),
}
_MOVED = ("T02", "T04")
_DELICATE = frozenset((theme, pole) for theme in ("T01", "T02") for pole in ("poor", "mixed"))
_PRESSURES = 2.0  # nobody is asked to rate T11
_STOPS = {"Q1": 0.55, "Q2": 0.5, "Q3": 0.75, "Q4": 0.8, "Q5": 0.75, "Q6": 0.55, "Q7": 0.9}
_LEFT_BLANK, _JUNK, _BUT = 0.07, 0.06, 0.07
_OTHER_SIDE = {"Q1": "Q2", "Q2": "Q1"}


@dataclass(frozen=True)
class Sentence:
    """``partner`` is "she" or "he" where the sentence calls the partner so; "" in role or question is any."""

    marks: tuple[Mark, ...]
    question: str
    role: str
    partner: str
    text: str


@dataclass(frozen=True)
class Voice:
    """One person in one round. ``scored`` holds means of 1 to 5 by scale, reversed items turned;
    ``before`` the same at baseline, empty in the baseline and for someone new."""

    respondent: str
    round: str
    role: str
    partner: str
    talk: float
    scored: Mapping[str, float]
    before: Mapping[str, float]
    meetings: int
    met_before: int

    def level(self, theme: str) -> float:
        """How good things are in this theme's matter, 1 to 5."""
        if theme in _LINKED:
            return _mean([self.scored[scale] for scale in _LINKED[theme]])
        return min(5.0, 1.0 + self.meetings) if theme == "T07" else _PRESSURES

    def gain(self, theme: str) -> float:
        """How much better things have become since the baseline, in scale points."""
        if theme in _LINKED:
            return _mean([self.scored[scale] - self.before[scale] for scale in _LINKED[theme]])
        return (self.meetings - self.met_before) / 2 if theme == "T07" else -0.5


@dataclass(frozen=True)
class Ask:
    """How one pair is to write. ``shift``: how much T02 and T04 move from problem to strength at the repeat,
    beyond what ratings say. ``both``: both name communication as a problem at the repeat; else, where
    ``apart``, not both name trust or communication so. ``must``: (round, role, question) not left empty."""

    shift: float = 0.0
    both: bool = False
    apart: bool = False
    silent: frozenset[str] = frozenset()
    must: frozenset[tuple[str, str, str]] = frozenset()


Answers = dict[tuple[str, str, str], tuple[str, tuple[Mark, ...]]]


def write_answers(rng: Random, voices: Sequence[Voice], ask: Ask, used: dict[str, int]) -> Answers:
    """Write the answers of one pair's people: (round, role, question) -> text and its true themes.

    ``used`` counts the sentences already written in this audit and is added to.
    """
    answers: Answers = {}
    complained: set[str] = set()
    for voice in voices:
        repeat = voice.round == "repeat"
        banned = _DELICATE if repeat and ask.apart and complained - {voice.role} else frozenset()
        if repeat and ask.both:
            banned = frozenset({("T02", "good"), ("T02", "mixed")})
        said: set[Mark] = set()
        for question in QUESTIONS:
            if question in ask.silent or (question in REPEAT_ONLY and not voice.before):
                continue
            planted = ask.both and repeat and question in ("Q2", "Q6")
            chance = rng.random()
            if planted or (voice.round, voice.role, question) in ask.must:
                chance = 0.5
            if chance < _LEFT_BLANK:
                continue
            chosen: list[Sentence] = []
            if chance < _LEFT_BLANK + _JUNK:
                chosen.append(_pick(rng, [(sentence, 1.0) for sentence in _pool("none")], used))
            while chance >= _LEFT_BLANK + _JUNK and len(chosen) < 4:
                found = _candidates(voice, question, ask, said, banned, first=not chosen)
                if planted and not chosen:
                    found = [(sentence, w) for sentence, w in found if sentence.marks == (("T02", "poor"),)]
                if not found:
                    break
                chosen.append(_pick(rng, found, used))
                said |= set(chosen[-1].marks)
                if rng.random() + voice.talk < _STOPS[question]:
                    break
            if not chosen:
                continue
            text = _join(rng, chosen)
            if question in _OTHER_SIDE and chance > 1.0 - _BUT:
                found = _candidates(voice, _OTHER_SIDE[question], ask, set(), banned, first=True)
                found = [(sentence, weight) for sentence, weight in found if not sentence.question]
                chosen.append(_pick(rng, found, used))
                said |= set(chosen[-1].marks)
                text = _but(text, chosen[-1].text)
            if repeat and said & _DELICATE:
                complained.add(voice.role)
            answers[voice.round, voice.role, question] = (text, _truth(chosen))
    return answers


@cache
def sentences() -> tuple[Sentence, ...]:
    """The bank that answers are made of; nobody real wrote them."""
    with (Path(__file__).parent / "data" / "demo_sentences.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(_sentence(row) for row in csv.DictReader(handle))


def _sentence(row: dict[str, str]) -> Sentence:
    themes, poles = row["theme"].split(";"), row["pole"].split(";")
    if len(poles) == 1:
        poles *= len(themes)
    partner = ""
    for name, words in (("she", r"\b(she|her|hers|herself)\b"), ("he", r"\b(he|him|his|himself)\b")):
        if re.search(words, row["text"], re.IGNORECASE):
            partner = name
    return Sentence(tuple(zip(themes, poles, strict=True)), row["question"], row["role"], partner, row["text"])


@cache
def _pool(question: str) -> tuple[Sentence, ...]:
    """The sentences that can stand under a question; "none" gives the junk."""
    pole = {"Q1": "good", "Q2": "poor"}.get(question)
    return tuple(
        sentence
        for sentence in sentences()
        if (sentence.marks[0][0] == "none") == (question == "none")
        and (
            question == "none"
            or sentence.question == question
            or (not sentence.question and sentence.marks[0][0] == "off")
            or (not sentence.question and pole and {pole, "mixed"} & {mark[1] for mark in sentence.marks})
        )
    )


def _candidates(
    voice: Voice, question: str, ask: Ask, said: set[Mark], banned: frozenset[Mark], *, first: bool
) -> list[tuple[Sentence, float]]:
    """What this person can say next, with how likely each is."""
    opposite = {"good": "poor", "poor": "good"}
    found = []
    for sentence in _pool(question):
        if sentence.role not in ("", voice.role) or sentence.partner not in ("", voice.partner):
            continue
        if any((theme, opposite.get(pole)) in said for theme, pole in sentence.marks):
            continue
        if not banned.isdisjoint(sentence.marks):
            continue
        if first and not sentence.question and sentence.marks[0][0] == "off":
            continue
        found.append((sentence, _mean([_likely(voice, question, ask, *mark) for mark in sentence.marks])))
    return found


def _likely(voice: Voice, question: str, ask: Ask, theme: str, pole: str) -> float:
    if theme == "off":
        stands_still = max(0.05, 1.0 - abs(voice.gain("T12"))) if voice.before else 0.05
        return {"Q6": stands_still, "Q7": 1.0}.get(question, 0.05)
    if pole in ("", "mixed"):
        return 0.4
    level = 3.0 + 1.5 * voice.gain(theme) if question == "Q6" else voice.level(theme)
    level = min(5.0, max(1.0, level))
    likely = ((level - 1.0 if pole == "good" else 5.0 - level) / 4.0) ** 2
    if theme in _MOVED:
        moved = ask.shift * (voice.round == "repeat")
        likely *= 1.7 * (1.0 + (0.8 if pole == "good" else -0.7) * moved)
    return max(likely, 0.001)


def _pick(rng: Random, found: Sequence[tuple[Sentence, float]], used: dict[str, int]) -> Sentence:
    """Draw by weight among the sentences used least so far."""
    least = min(used.get(sentence.text, 0) for sentence, _ in found)
    fresh = [(sentence, weight) for sentence, weight in found if used.get(sentence.text, 0) == least]
    point = rng.random() * sum(weight for _, weight in fresh)
    chosen = fresh[-1][0]
    for sentence, weight in fresh:
        point -= weight
        if point < 0:
            chosen = sentence
            break
    used[chosen.text] = least + 1
    return chosen


def _truth(chosen: Sequence[Sentence]) -> tuple[Mark, ...]:
    poles: dict[str, set[str]] = {}
    for theme, pole in (mark for sentence in chosen for mark in sentence.marks):
        poles.setdefault(theme, set()).update({pole} - {""})
    themes = sorted(set(poles) - {"none", "off"}) or sorted(poles)
    return tuple((theme, "mixed" if len(poles[theme]) > 1 else "".join(poles[theme])) for theme in themes)


def _join(rng: Random, chosen: Sequence[Sentence]) -> str:
    text = chosen[0].text
    for sentence in chosen[1:]:
        style = rng.random()
        if style < 0.06 or sentence.text.startswith("*"):
            text += "\n"
        elif text[-1].isalnum() and style < 0.2:
            text += " - " if style < 0.13 else "; "
        else:
            text += " " if text[-1] in ".!?" else ". "
        text += sentence.text
    return text


def _but(text: str, other: str) -> str:
    """Add the other side of the matter: what works, but."""
    if other[0] != "I" and not other[1].isupper():
        other = other[0].lower() + other[1:]
    return f"{text}{'' if text[-1] in '.!?' else '.'} But {other}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
