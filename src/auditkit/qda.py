"""A project of software for qualitative analysis, as REFI-QDA describes it: users, codes, cases, sources, codings.

The nouns that NVivo, ATLAS.ti, MAXQDA, QualCoder and others share; ``qda_files`` reads and writes them.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

NAMESPACE = uuid.UUID("5f0c7d0e-93ab-5a4f-8d0f-3d5c1f0b7a61")
"""Of all ids that are derived here: the same object of an audit has the same id in every export."""

SOFTWARE = "auditkit (software)"
"""The user who sets what the software suggests."""

POLES = {"works well": "good", "problem": "poor", "both": "mixed"}
"""The poles by their words: "Trust (problem)" is the code below "Trust"."""

NONE = "none"
"""The code that says that an answer has no theme."""

LEVELS = 50
"""Codes below one another that are written."""


@dataclass(frozen=True)
class User:
    """A person, or a program, who sets codes."""

    guid: str
    name: str


@dataclass(frozen=True)
class Code:
    """A code with the codes below it. ``is_codable`` False: it only holds others together."""

    guid: str
    name: str
    description: str = ""
    is_codable: bool = True
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True)
class Variable:
    """What cases or sources have a value of. ``kind``: Text, Boolean, Integer, Float, Date or DateTime."""

    guid: str
    name: str
    kind: str = "Text"


@dataclass(frozen=True)
class Case:
    """Somebody or something that is studied; ``values`` by the guid of the variable, ``sources`` by guid."""

    guid: str
    name: str
    values: dict[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coding:
    """A code that somebody set. ``code`` and ``user`` are guids; ``user`` may be "", ``at`` a time or ""."""

    guid: str
    code: str
    user: str = ""
    at: str = ""


@dataclass(frozen=True)
class Selection:
    """A span of a text, in code points from 0, ``end`` not included, with its codings.

    ``inside``: it lies in the text; True where the text is not known.
    """

    guid: str
    start: int
    end: int
    codings: tuple[Coding, ...] = ()
    inside: bool = True


@dataclass(frozen=True)
class Source:
    """A text. ``text`` has one newline a line end; None where the project does not hold it.

    ``codings``: of the source as a whole. ``values`` by the guid of the variable. ``changed_by``: guid or "".
    """

    guid: str
    name: str
    text: str | None
    selections: tuple[Selection, ...] = ()
    codings: tuple[Coding, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    description: str = ""
    changed_by: str = ""
    at: str = ""


@dataclass(frozen=True)
class Project:
    """``others``: what the project holds besides, as it is told to a person, and how many."""

    name: str
    origin: str = ""
    users: tuple[User, ...] = ()
    codes: tuple[Code, ...] = ()
    variables: tuple[Variable, ...] = ()
    cases: tuple[Case, ...] = ()
    sources: tuple[Source, ...] = ()
    others: dict[str, int] = field(default_factory=dict)
    at: str = ""


def derived(*parts: str) -> str:
    """The guid of an object of this program, from the parts of its key."""
    return str(uuid.uuid5(NAMESPACE, "\n".join(parts)))


def split_pole(name: str) -> tuple[str, str]:
    """The name of a code without its pole, and the pole: good, poor, mixed or ""."""
    before, bracket, inside = name.rstrip(" )").rpartition("(")
    pole = POLES.get(plain(inside).casefold(), "") if bracket and name.rstrip().endswith(")") else ""
    return (before.strip(), pole) if pole and before.strip() else (name, "")


def same_guid(text: str) -> str:
    """A guid in one spelling: programs write it in capitals or small letters, with or without braces."""
    plain = text.strip().strip("{}").casefold()
    try:
        return str(uuid.UUID(plain))
    except ValueError:
        return plain


def every_code(codes: Sequence[Code], above: tuple[Code, ...] = ()) -> Iterator[tuple[Code, tuple[Code, ...]]]:
    """All codes with those above them, the topmost first; depth first, in order."""
    for code in codes:
        yield code, above
        yield from every_code(code.codes, (*above, code))


def nested(codes: Mapping[str, Code], parents: Mapping[str, str]) -> tuple[Code, ...]:
    """Codes, by key and in order, as a tree. ``parents``: the key or name of the code above, or of none that there is.

    Such a name becomes a code that only holds others together. Where codes stand above each other in a circle, or
    deeper than ``LEVELS``, one of them goes to the top.
    """
    keys = {plain(code.name).casefold(): key for key, code in codes.items()} | {key.casefold(): key for key in codes}
    above: dict[str, str] = {}
    for key in codes:
        name = plain(parents.get(key, ""))
        above[key] = keys.get(name.casefold(), f"\0{name}" if name else "")
    for key in codes:
        place, steps = above[key], 0
        while place in above and place != key and steps < LEVELS:
            place, steps = above[place], steps + 1
        if place in above:
            above[key] = ""
    below: dict[str, list[str]] = {}
    for key, place in above.items():
        below.setdefault(place, []).append(key)

    def build(key: str) -> Code:
        children = tuple(build(child) for child in below.get(key, ()))
        return replace(codes[key], codes=(*codes[key].codes, *children))

    groups = [place for place in below if place.startswith("\0")]
    held = [
        Code(derived("group", place[1:]), place[1:], is_codable=False, codes=tuple(map(build, below[place])))
        for place in groups
    ]
    return (*held, *map(build, below.get("", ())))


def one_newline(text: str) -> str:
    """A text whose line ends are one newline each, on whatever system it was written."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain(text: str) -> str:
    """A text as it is compared: without differences of spaces, line ends and the way accents are written."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, spaces and the way accents are written."""
    return plain(one).casefold() == plain(other).casefold()


DESCRIBED = (("include", "Include:"), ("exclude", "Exclude:"))
_LEAD = re.compile(r"^(include|exclude)[sd]?:[ \t]*", re.IGNORECASE | re.MULTILINE)


def description(definition: str, include: str, exclude: str) -> str:
    """The three as one text, which is all that a code has room for."""
    parts = [
        definition,
        *(f"{lead} {text}" for (_, lead), text in zip(DESCRIBED, (include, exclude), strict=True) if text),
    ]
    return "\n\n".join(part for part in parts if part)


def described(text: str) -> dict[str, str]:
    """definition, include and exclude in a description, whoever wrote it; what has no lead is the definition."""
    pieces = _LEAD.split(one_newline(text))
    found = {"definition": pieces[0].strip(), "include": "", "exclude": ""}
    for name, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        found[name.casefold()] = "\n".join(filter(None, (found[name.casefold()], piece.strip())))
    return found
