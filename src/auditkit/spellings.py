"""Near-misses of names and codes: offered for a decision, never merged."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from auditkit.errors import AuditkitError
from auditkit.values import fold, plain

SHOWN = 20
"""At most as many near-misses are offered at a time."""

COMPARED = 800
"""Of more names than this only those are offered that become equal when abbreviations, zeros and the like go."""

_WORD = re.compile(r"[^\W\d_]+|\d+")
_ABBREVIATIONS = {
    **dict.fromkeys(("dept", "dep", "dpt"), "department"),
    **dict.fromkeys(("st", "snt"), "saint"),
    **dict.fromkeys(("svc", "serv", "srv", "services"), "service"),
    **dict.fromkeys(("hosp", "hsp"), "hospital"),
    **dict.fromkeys(("mgmt", "mngt", "mgt"), "management"),
    **dict.fromkeys(("comm", "cmty"), "community"),
    **dict.fromkeys(("psych",), "psychiatry"),
    **dict.fromkeys(("paeds", "peds", "paediatric", "pediatric", "pediatrics"), "paediatrics"),
    **dict.fromkeys(("obs",), "obstetrics"),
    **dict.fromkeys(("gynae", "gyn"), "gynaecology"),
    **dict.fromkeys(("ortho",), "orthopaedics"),
    **dict.fromkeys(("med",), "medicine"),
    **dict.fromkeys(("surg",), "surgery"),
    **dict.fromkeys(("wd", "wrd"), "ward"),
    **dict.fromkeys(("rd",), "road"),
    **dict.fromkeys(("ctr", "cntr", "center"), "centre"),
}
_SMALL = frozenset("the of for and in at a an".split())
_GENERAL = frozenset("ward service team unit department clinic pair group the".split())
_COUNTING = frozenset("one two three four five six seven eight nine ten i ii iii iv v vi vii viii ix x".split())
_OPPOSITES = (("hyper", "hypo"), ("inter", "intra"))  # two edits, and never a typing mistake
_MAILBOXES = frozenset("info admin office enquiries contact mail manager reception team".split())
TITLES = frozenset("dr doctor prof professor mr mrs ms miss mx sir dame lord lady rev".split())
_LOOKALIKES = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "2": "z"})


@dataclass(frozen=True)
class Near:
    """Two names that may be one: ``a`` is met more often (else the first in order). ``likeness`` 0 to 1.

    ``kind``: in words, why they are offered.
    """

    a: str
    b: str
    likeness: float
    kind: str

    @property
    def line(self) -> str:
        """The line of audit.toml that makes ``b`` mean ``a``, below [pairs] or [services]."""
        return f"{_quoted(self.b)} = {_quoted(self.a)}"


def near(codes: Mapping[str, int], table: Mapping[str, str] | None = None) -> tuple[Near, ...]:
    """Names of pairs or services that a person should look at, the most alike first, at most ``SHOWN``.

    ``codes``: each name, as ``values.pair_code`` writes it, and how often it is met. ``table``: what was decided
    before ([pairs] or [services] of audit.toml); a name that it lists is not offered again, also where it
    stands for itself. Names that differ in a number, a single letter or a counting word are never offered, nor
    codes of letters mixed with numbers that both have two rows or more of their own.
    """
    settled = {fold(name) for name in table or {}}
    names = sorted((_Name(code, times) for code, times in codes.items() if fold(code) not in settled), key=_order)
    names = [name for name in names if name.words]
    found: dict[tuple[str, str], Near] = {}
    first, pairs = _equal(names)
    if len(first) <= COMPARED:
        pairs += [*_general(first), *_alike(first), *_initials(first)]
    for one, other, kind in pairs:
        if (one.code, other.code) not in found and not (one.is_code and one.times > 1 and other.times > 1):
            found[one.code, other.code] = Near(one.code, other.code, _likeness(one, other), kind)
    order = {name.code: place for place, name in enumerate(names)}
    listed = sorted(found.values(), key=lambda one: (-one.likeness, order[one.a], order[one.b]))
    return tuple(listed[:SHOWN])


def decided(code: str, table: Mapping[str, str]) -> str:
    """The name that stands for ``code`` by what was decided, else the code itself.

    Raises AuditkitError where decisions run in a circle.
    """
    known = {fold(name): meant for name, meant in table.items()}
    met = [fold(code)]
    while (meant := known.get(met[-1])) is not None and fold(meant) != met[-1]:
        if fold(meant) in met:
            raise AuditkitError(
                f'audit.toml: "{code}" and "{meant}" each stand for the other',
                f'Keep one of the two lines, such as "{code}" = "{meant}".',
            )
        code = meant
        met.append(fold(meant))
    return code


def near_code(a: str, b: str) -> tuple[float, str] | None:
    """(likeness, why) of two codes of people, or None: one sign apart, two turned round, signs that look alike.

    Says nothing of running numbers: whether codes may be compared at all is the caller's business.
    """
    from rapidfuzz.distance import OSA

    one, other = squeeze(a), squeeze(b)
    if one == other:
        return None
    if _without_zeros(one) == _without_zeros(other):
        return 0.97, "a leading zero"
    if min(len(one), len(other)) < 3:
        return None
    if one.translate(_LOOKALIKES) == other.translate(_LOOKALIKES):
        return 0.98, "signs that look alike, such as 0 and O"
    if OSA.distance(one, other, score_cutoff=1) > 1:
        return None
    likeness = round(1 - 1 / max(len(one), len(other)), 2)
    return likeness, "two signs turned round" if sorted(one) == sorted(other) else "one sign apart"


def near_person(a: str, b: str) -> tuple[float, str] | None:
    """(likeness, why) of two names or e-mail addresses that may be one person's, or None. Symmetric.

    The words never hold a name: they can be shown.
    """
    one, other = _Person.of(a), _Person.of(b)
    if not one.parts or not other.parts or (one.numbers != other.numbers and one.domain == other.domain):
        return None
    same = _same_parts(one, other)
    if same is None or (one.domain and other.domain and _MAILBOXES & {*one.parts, *other.parts}):
        return None
    likeness, why = same
    if one.domain and other.domain and one.domain != other.domain:
        typed = min(len(one.domain), len(other.domain)) >= 10 and _typo(one.domain, other.domain)
        where = "a typing mistake after the @" if typed else "another address after the @"
        return round(likeness - 0.02, 2), f"{why}, {where}" if why else f"the same name, {where}"
    if bool(one.domain) != bool(other.domain):
        return round(likeness - 0.05, 2), "a name and an e-mail address that fits it"
    return (likeness, why) if why else (0.99, "the same name, written another way")


@lru_cache(maxsize=8192)
def person_key(text: str) -> str:
    """A name without case, titles, accents and signs, "Smith, John" turned round; an e-mail in small letters."""
    text = plain(text).casefold()
    return text.replace(" ", "") if "@" in text else " ".join(_Person.of(text).parts)


def squeeze(code: str) -> str:
    """A code without case, blanks, dashes and punctuation."""
    return re.sub(r"[\W_]+", "", plain(code).casefold())


class _Name:
    """A name of a pair or service, taken apart."""

    def __init__(self, code: str, times: int) -> None:
        text = re.sub(r"['’]", "", plain(code).casefold())
        self.code, self.times = code, times
        self.text = text
        self.words = _WORD.findall(text.replace("&", " and ").replace("+", " and "))
        single = [word for word in self.words if word not in _SMALL or word == "a"]
        if len(single) > 1 and all(len(word) == 1 and word.isalpha() for word in single):
            self.words = ["".join(single)]  # "a & e" is one word of initials
        self.letters = [word for word in self.words if not _counts(word)]
        self.numbers = sorted(word.lstrip("0") or "0" for word in self.words if _counts(word))
        self.long = sorted(_ABBREVIATIONS.get(word, word) for word in self.letters if word not in _SMALL)
        self.is_code = _is_code(text)

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.long, *self.numbers)


_Pair = tuple[_Name, _Name, str]


class _Person:
    """A name or e-mail address: its parts, the numbers in it, and what follows the @."""

    def __init__(self, parts: tuple[str, ...], numbers: tuple[str, ...], domain: str) -> None:
        self.parts, self.numbers, self.domain = parts, numbers, domain

    @staticmethod
    @lru_cache(maxsize=8192)
    def of(text: str) -> _Person:
        text = "".join(c for c in unicodedata.normalize("NFKD", plain(text).casefold()) if not unicodedata.combining(c))
        local, _, domain = text.partition("@")
        if not domain and local.count(",") == 1:
            local = " ".join(reversed(local.split(",")))
        words = _WORD.findall(local.replace("'", ""))
        parts = tuple(word for word in words if not word.isdecimal() and word not in TITLES)
        return _Person(parts, tuple(word for word in words if word.isdecimal()), domain.strip())


def _order(name: _Name) -> tuple[int, str, str]:
    return -name.times, fold(name.code), name.code


def _counts(word: str) -> bool:
    return word.isdecimal() or len(word) == 1 or word in _COUNTING


def _is_code(text: str) -> bool:
    """Letters and numbers mixed within a word more than once ("7kq2"), or a long word without any vowel."""
    for word in re.findall(r"\w+", text):
        runs = _WORD.findall(word)
        if len(runs) >= 3 or (len(word) >= 4 and word.isalpha() and not re.search("[aeiouyà-ÿ]", word)):
            return True
    return False


def _equal(names: list[_Name]) -> tuple[list[_Name], list[_Pair]]:
    """Names that are one once abbreviations are written out, zeros, small words and order go: the first of each
    such group, and the others beside it."""
    groups: dict[tuple[str, ...], list[_Name]] = defaultdict(list)
    for name in names:
        groups[name.key].append(name)
    pairs = [(group[0], other, _kind(group[0], other)) for group in groups.values() for other in group[1:]]
    return [group[0] for group in groups.values()], pairs


def _general(names: list[_Name]) -> Iterable[_Pair]:
    groups: dict[tuple[str, ...], list[_Name]] = defaultdict(list)
    for name in names:
        groups[" ".join(word for word in name.long if word not in _GENERAL), *name.numbers].append(name)
    for (words, *numbers), group in groups.items():
        for one, other in combinations(group, 2):
            contained = set(one.long) <= set(other.long) or set(other.long) <= set(one.long)
            if contained and (words or numbers):
                yield one, other, "a general word more, such as ward or team"


def _kind(one: _Name, other: _Name) -> str:
    if one.words == other.words:
        return "blanks and signs"
    if sorted(one.words) == sorted(other.words):
        return "the order of the words"
    zeros = [word.lstrip("0") or "0" for word in one.words], [word.lstrip("0") or "0" for word in other.words]
    if zeros[0] == zeros[1]:
        return "a leading zero"
    small = [[word for word in name.words if word not in _SMALL] for name in (one, other)]
    if small[0] == small[1]:
        return '"&" or a small word' if {"and"} & {*one.words, *other.words} else "a small word"
    if sorted(one.letters) == sorted(other.letters):
        return "a leading zero and the order of the words"
    return "an abbreviation"


def _alike(names: list[_Name]) -> Iterable[_Pair]:
    groups: dict[tuple[str, ...], list[_Name]] = defaultdict(list)
    for name in names:
        groups[tuple(name.numbers)].append(name)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if kind := _difference(one, other):
                yield one, other, kind


def _difference(one: _Name, other: _Name) -> str:
    """Why two names with the same numbers may be one, or ""."""
    if abs(len(one.long) - len(other.long)) > 1:
        return ""
    first, second = _rest(one.long, other.long), _rest(other.long, one.long)
    if len(first) > 2 or len(second) > 2 or not first or not second:
        return ""
    if len(first) != len(second):
        joined = "".join(sorted(first)), "".join(sorted(second))
        return "a blank in a word" if joined[0] == joined[1] else ""
    matched = [(a, b, _word_apart(a, b)) for a, b in zip(first, second, strict=True)]
    if any(not apart for _, _, apart in matched):
        return ""
    kinds = {apart for _, _, apart in matched}
    edits = sum({"one": 1, "two": 2}.get(apart, 0) for _, _, apart in matched)
    if edits > 2:
        return ""
    return "an abbreviation" if kinds == {"short"} else "a typing mistake"


def _rest(words: list[str], others: list[str]) -> list[str]:
    """The words that ``others`` does not hold."""
    left = list(words)
    for word in others:
        if word in left:
            left.remove(word)
    return left


def _word_apart(a: str, b: str) -> str:
    """How two words differ: "one" or "two" edits, "short" for a beginning; "" for different words."""
    from rapidfuzz.distance import OSA

    short, long = sorted((a, b), key=lambda word: (len(word), word))
    if any(x.startswith(one) and y.startswith(other) for x, y in ((a, b), (b, a)) for one, other in _OPPOSITES):
        return ""
    edits = OSA.distance(a, b, score_cutoff=2)
    turned = edits == 1 and sorted(a) == sorted(b)
    length = len(long) - len(short)
    if edits == 1 and len(short) >= (4 if turned or length else 5) and (a[0] == b[0] or turned or len(short) >= 7):
        return "one"
    if edits == 2 and len(short) >= 8 and a[0] == b[0]:
        return "two"
    if len(short) >= 4 and len(long) >= 7 and long.startswith(short):
        return "short"
    return ""


def _initials(names: list[_Name]) -> Iterable[_Pair]:
    short: dict[tuple[str, ...], list[_Name]] = defaultdict(list)
    for name in names:
        if len(name.letters) == 1:
            short[name.letters[0], *name.numbers].append(name)
    for name in names:
        full = [word for word in name.letters if word not in _SMALL]
        for other in short.get(("".join(word[0] for word in full), *name.numbers), ()):
            if len(full) >= 3 or (len(full) == 2 and re.search(r"\W", other.text)):
                first, second = sorted((name, other), key=_order)
                yield first, second, "initials"


def _likeness(one: _Name, other: _Name) -> float:
    from rapidfuzz import fuzz

    return round(fuzz.token_sort_ratio(" ".join(one.key), " ".join(other.key)) / 100, 2)


def _typo(a: str, b: str) -> bool:
    from rapidfuzz.distance import OSA

    edits = OSA.distance(a, b, score_cutoff=2)
    shorter = min(len(a), len(b))
    return edits == 0 or (edits == 1 and shorter >= (4 if len(a) == len(b) else 3)) or (edits == 2 and shorter >= 8)


def _same_parts(one: _Person, other: _Person) -> tuple[float, str] | None:
    """(likeness, what differs in the names, "" for nothing) or None for two people."""
    a, b = sorted((one.parts, other.parts), key=lambda parts: (len(parts), parts))
    if a == b or "".join(a) == "".join(b):
        return 1.0, ""
    if sorted(a) == sorted(b):
        return 0.95, "the parts of the name turned round"
    if len(a) == 1 and len(b) == 2 and len(a[0]) >= 4 and a[0] in (b[0][0] + b[1], b[1] + b[0][0]):
        return 0.85, "an initial for a first name"
    if len(a) < 2 or len(b) < 2:
        return (0.9, "a typing mistake") if len(a) == len(b) and len(a[0]) >= 5 and _typo(a[0], b[0]) else None
    if a[-1] == b[-1]:
        if a[0] == b[0]:
            return 0.95, "a middle name"
        if a[0].startswith(b[0]) or b[0].startswith(a[0]):
            return 0.85, "an initial or a short form for a first name"
    if len(a) == len(b) and all(x == y or _typo(x, y) for x, y in zip(a, b, strict=True)):
        return 0.9, "a typing mistake"
    return None


def _without_zeros(code: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", code)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
