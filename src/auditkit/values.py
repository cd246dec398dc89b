"""What a cell means: ratings, facts, dates, consents, roles, codes. Pure functions of a text."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

BLANK = ""
CANNOT_SAY = "cannot say"

_DASHES = re.compile("[\u2010-\u2015\u2212]")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2060\ufeff\u00ad]")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_NUMBER_FIRST = re.compile(r"(\d+)\s*[-:.=(]\s*[^\W\d_][^\d]*")
_NUMBER_LAST = re.compile(r"[^\d]*[^\W\d_][^\d]*[-:=(]\s*(\d+)\s*\)?")
_OUT_OF = re.compile(r"(\d+)\s*(?:/|out of)\s*(\d+)")
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:x|times?|meetings?|min|mins|minutes?)?\.?")

_CANNOT_SAY = frozenset(
    "cannot say|can't say|cant say|can not say|don't know|dont know|do not know|not sure|unsure|no opinion"
    "|prefer not to say|not applicable|n/a|na|n.a.|n/k|not known|unknown|no answer|not answered|dk".split("|")
)
_EMPTY = frozenset(("", "-", "--", ".", "?", "none", "null", "nan"))

_WORD_SCALES = {
    5: (
        (
            "strongly disagree|disagree strongly|completely disagree|totally disagree",
            "disagree|tend to disagree|somewhat disagree|slightly disagree|mostly disagree",
            "neither agree nor disagree|neutral|neither|undecided|neither agree or disagree"
            "|neither/nor|neither disagree nor agree",
            "agree|tend to agree|somewhat agree|slightly agree|mostly agree",
            "strongly agree|agree strongly|completely agree|totally agree",
        ),
        (
            "very poorly|very badly",
            "poorly|badly",
            "neither well nor poorly|fairly well|average",
            "well|quite well",
            "very well",
        ),
        ("very poor", "poor", "neither good nor poor|fair", "good", "very good|excellent"),
        (
            "very dissatisfied",
            "dissatisfied|fairly dissatisfied|quite dissatisfied",
            "neither satisfied nor dissatisfied",
            "satisfied|fairly satisfied|quite satisfied",
            "very satisfied",
        ),
        ("never", "rarely|seldom", "sometimes", "often", "always"),
    ),
    7: (
        (
            "strongly disagree",
            "disagree",
            "somewhat disagree|slightly disagree|tend to disagree",
            "neither agree nor disagree|neutral|neither",
            "somewhat agree|slightly agree|tend to agree",
            "agree",
            "strongly agree",
        ),
    ),
    4: (("strongly disagree", "disagree", "agree", "strongly agree"),),
}
_WORDS = {
    points: {word: place for scale in scales for place, words in enumerate(scale) for word in words.split("|")}
    for points, scales in _WORD_SCALES.items()
}


def plain(text: str) -> str:
    """A header or code with usual spaces, no invisible characters, and ASCII dashes and apostrophes."""
    text = _INVISIBLE.sub("", text).replace("\u2019", "'")
    return " ".join(_DASHES.sub("-", text).split())


def fold(text: str) -> str:
    """``plain`` in small letters, with every run of other signs turned into one space."""
    return " ".join(re.sub(r"[\W_]+", " ", plain(text).casefold()).split())


def whole(text: str) -> str:
    """A code without the ".0" that a spreadsheet program adds to a number."""
    text = plain(text)
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def shape(text: str) -> str:
    """What a cell holds, fit to be shown: short values as they are, longer ones by their length only."""
    text = plain(text)
    words = len(text.split())
    if words <= 2 and len(text) <= 20:
        return f"'{text}'"
    return f"text, {words} word{'' if words == 1 else 's'}"


def rating(text: str, low: float, high: float, words: Mapping[str, float] | None = None) -> float | str:
    """The rating in a cell, or why there is none.

    Returns a float within ``low`` to ``high``; ``BLANK`` or ``CANNOT_SAY`` for a missing one; any other
    string is an error in words ("not a number", "outside 1 to 5", "not a whole number"). Understands
    "5", "5 - Strongly agree", "Strongly agree (5)", "4/5", the usual words of scales with as many points,
    and ``words`` (the user's own, written in any case).
    """
    return _rating(plain(text).casefold().rstrip("."), low, high, tuple((words or {}).items()))


@lru_cache(maxsize=4096)
def _rating(text: str, low: float, high: float, words: tuple[tuple[str, float], ...]) -> float | str:
    own = {plain(word).casefold(): number for word, number in words}
    if text in own:
        return _within(own[text], low, high)
    if text in _EMPTY:
        return BLANK
    if text in _CANNOT_SAY:
        return CANNOT_SAY
    place = _WORDS.get(round(high - low) + 1, {}).get(text)
    if place is not None:
        return float(low + place)
    if _NUMBER.fullmatch(text):
        return _within(float(text.replace(",", ".")), low, high)
    out_of = _OUT_OF.fullmatch(text)
    if out_of and float(out_of[2]) == high:
        return _within(float(out_of[1]), low, high)
    labelled = _NUMBER_FIRST.fullmatch(text) or _NUMBER_LAST.fullmatch(text)
    if labelled:
        return _within(float(labelled[1]), low, high)
    return "not a number"


def _within(number: float, low: float, high: float) -> float | str:
    if not low <= number <= high:
        return f"outside {low:g} to {high:g}"
    return float(number) if number == round(number) else "not a whole number"


_FACT_LIMITS = {"MEET": 40.0, "MEETLEN": 600.0, "CANC": 40.0}
_OUTLOOK = {
    **dict.fromkeys(("worsen", "get worse", "worse", "get much worse", "-1"), -1.0),
    **dict.fromkeys(("stay", "stay the same", "stay same", "same", "the same", "no change", "0"), 0.0),
    **dict.fromkeys(("improve", "get better", "better", "get much better", "1"), 1.0),
}


def fact(text: str, item: str) -> float | str:
    """The number in a fact cell (OUTLOOK: worsen −1, stay 0, improve 1), or why there is none, as ``rating``.

    MEET and CANC count meetings in four weeks (at most 40), MEETLEN is in minutes (at most 600).
    """
    text = plain(text).casefold().rstrip(".")
    if text in _CANNOT_SAY:
        return CANNOT_SAY
    if item == "OUTLOOK":
        return BLANK if text in _EMPTY else _OUTLOOK.get(text, "not worsen, stay or improve")
    if text in ("none", "never", "zero", "not at all"):
        return 0.0
    if text in _EMPTY:
        return BLANK
    amount = _AMOUNT.fullmatch(text)
    if not amount:
        return "not a number"
    number = float(amount[1].replace(",", "."))
    limit = _FACT_LIMITS.get(item)
    return f"outside 0 to {limit:g}" if limit is not None and number > limit else number


_YES = frozenset("yes|y|true|1|x|ok|agree|i agree|agreed|consent|i consent|given".split("|"))
_NO = frozenset("no|n|false|0|disagree|i do not agree|do not agree|decline|declined|refused".split("|"))


def yes_no(text: str) -> str:
    """ "yes", "no", "" for blank, or "?" for a cell that says neither."""
    word = fold(text)
    if word in _YES:
        return "yes"
    if word in _NO:
        return "no"
    return "?" if plain(text) not in ("", "-") else ""


_QUOTE = {
    **dict.fromkeys(("verbatim", "word for word", "quote", "own words"), "verbatim"),
    **dict.fromkeys(("paraphrase", "paraphrased", "in other words"), "paraphrase"),
}


def consent(text: str, kind: str) -> str:
    """The consent in a cell, the most protective where it is blank; "?" where it cannot be understood.

    ``kind``: consent_analysis (yes, no, "" for blank), consent_pair_ratings (no, yes),
    consent_quote (none, paraphrase, verbatim), consent_pair_words (no, paraphrase, verbatim).
    """
    if kind == "consent_analysis":
        return yes_no(text)
    if kind == "consent_pair_ratings":
        return yes_no(text) or "no"
    least = "none" if kind == "consent_quote" else "no"
    word = fold(text)
    if word in ("", "none") or word in _NO:
        return least
    return _QUOTE.get(word, "?")


CONSENTS = {
    "consent_quote": ("none", "paraphrase", "verbatim"),
    "consent_pair_ratings": ("no", "yes"),
    "consent_pair_words": ("no", "paraphrase", "verbatim"),
}
"""The values of each consent, the most protective first."""

_DOCTOR = frozenset(
    "doctor doctors dr consultant psychiatrist physician surgeon gp medic medical paediatrician anaesthetist"
    " geriatrician radiologist registrar".split()
)
_MANAGER = frozenset("manager managers director managerial management administrator".split())
_STAFF = frozenset("staff nurse nurses therapist psychologist employee assistant member other".split())


def role(text: str, own: Mapping[str, str]) -> tuple[str, bool]:
    """(role, is a sponsor) of a role cell: doctor, manager, staff, sponsor_doctor, sponsor_manager, or "".

    ``own`` is ``[roles]`` of audit.toml and wins. A sponsor of unknown kind is ("", True).
    """
    word = fold(text)
    for spelling, known in own.items():
        if fold(spelling) == word:
            return known, known.startswith("sponsor_")
    words = set(word.split())
    sponsor = bool(words & {"sponsor", "sponsors"})
    doctor, manager = bool(words & _DOCTOR), bool(words & _MANAGER)
    if "clinical" in words and words & {"lead", "director"}:
        doctor, manager = True, False
    if doctor and manager:
        manager = not words & {"medical", "consultant", "psychiatrist"}
    if doctor and manager:
        return "", sponsor
    if doctor or manager:
        found = "doctor" if doctor else "manager"
        return (f"sponsor_{found}" if sponsor else found), sponsor
    return ("staff" if words & _STAFF and not sponsor else ""), sponsor


def pair_code(text: str) -> str:
    """A pair's code in one spelling: "WARD  3 ", "Ward_3" and "ward-3" are all "ward-3"; blank is ""."""
    code = re.sub(r"[\s_-]+", "-", whole(text).casefold()).strip("-")
    return "" if code in ("n/a", "na", "none", "?", "nan") else code


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[ ,T].*)?")
_ISO_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?")
_WORD_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3})[a-z]*[ ,-]+(\d{4}|\d{2})(?: .*)?")
_US_WORD_DATE = re.compile(r"([a-z]{3})[a-z]* (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?: .*)?")


def month_first(texts: Iterable[str]) -> bool:
    """Whether a column's numeric dates must be month/day: a second number is above 12, no first one is."""
    parts = [found for text in texts if (found := _NUMERIC_DATE.fullmatch(plain(text)))]
    return any(int(part[2]) > 12 for part in parts) and not any(int(part[1]) > 12 for part in parts)


def date(text: str, *, month_first: bool = False) -> str | None:
    """An ISO date, "" for blank, None for text that is no date. 14/01/2025 is day first unless said."""
    text = plain(text).casefold()
    if not text or text == "-":
        return ""
    if re.fullmatch(r"[345]\d{4}(\.\d+)?", text):
        return (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(float(text)))).isoformat()
    if found := _ISO_DATE.fullmatch(text):
        year, month, day = found.groups()
    elif found := _NUMERIC_DATE.fullmatch(text):
        day, month, year = found.groups()
        day, month = (month, day) if month_first else (day, month)
    elif found := _WORD_DATE.fullmatch(text):
        day, month, year = found.groups()
    elif found := _US_WORD_DATE.fullmatch(text):
        month, day, year = found.groups()
    else:
        return None
    if month.isalpha():
        if month not in _MONTHS:
            return None
        month = str(_MONTHS.index(month) + 1)
    try:
        return datetime.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)).isoformat()
    except ValueError:
        return None


_FIRST = frozenset("baseline before pre first start initial pretest t0".split())
_LAST = frozenset("repeat after post final last followup follow end posttest".split())


def round_key(name: str) -> tuple[int, int, int, tuple[tuple[int, int, str], ...]]:
    """A sort key for names of rounds: baseline and the like first, repeat and the like last, then by year
    and month in the name, then naturally (2 before 10)."""
    words = fold(name).split()
    place = 0 if _FIRST & set(words) else 2 if _LAST & set(words) else 1
    years = [int(word) for word in words if re.fullmatch(r"(19|20)\d\d", word)]
    months = [_MONTHS.index(word[:3]) + 1 for word in words if word[:3] in _MONTHS]
    parts = re.findall(r"\d+|\D+", fold(name))
    natural = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
    return place, years[0] if years else 0, months[0] if months and years else 0, natural


def names_a_round(name: str) -> bool:
    """Whether a sheet's name says which round it holds ("Baseline", "January 2025", "Round 2")."""
    words = set(fold(name).split())
    known = _FIRST | _LAST | {"round", "wave", "year", "phase", "timepoint"}
    return bool(words & known) or bool(re.search(r"(19|20)\d\d", name))


_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|(?=[0-9a-f:]*:[0-9a-f:]*:)[0-9a-f:]{6,}")
_NAME = re.compile(r"(?:[^\W\d_]\.|[^\W\d_][\w'.-]*[^\W\d_]),?(?: (?:[^\W\d_]\.?|[^\W\d_][\w'.-]*[^\W\d_])){1,3}")
_FIRST_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ'-]{2,}")
_TITLED = re.compile(r"\b(?:dr|prof|professor|mr|mrs|ms|miss|sir)\b\.?\s+\w", re.IGNORECASE)
_COUPLE = re.compile(r"[A-ZÀ-Þ]['\w-]+( [A-ZÀ-Þ]['\w-]+)?\s*(?:/|&|\+|,)\s*[A-ZÀ-Þ]['\w-]+( [A-ZÀ-Þ]['\w-]+)?")


def identifying(values: Iterable[str], kind: str) -> str:
    """What most of the different values look like: "e-mail addresses", "names", "IP addresses" or "".

    ``kind`` is respondent (single first names count too), pair (titles and couples such as "Smith / Jones";
    names of services do not count) or "" for any other column (first and last name, capitals).
    """
    different = sorted({plain(value) for value in values} - {""})
    if not different:
        return ""

    def most(test: re.Pattern[str], share: float = 0.5) -> bool:
        hits = sum(bool(test.fullmatch(value)) for value in different)
        return hits >= max(1, share * len(different))

    if most(_EMAIL):
        return "e-mail addresses"
    if kind != "pair" and most(_IP):
        return "IP addresses"
    titled = sum(bool(_TITLED.search(value)) for value in different if len(value) < 60)
    if titled >= max(1, len(different) / 2):
        return "names"
    if kind == "pair":
        return "names" if most(_COUPLE) else ""
    if kind == "respondent":
        people = [value for value in different if _NAME.fullmatch(value) or _FIRST_NAME.fullmatch(value)]
        return "names" if len(people) >= max(1, len(different) / 2) else ""
    capitals = [v for v in different if _NAME.fullmatch(v) and all(w[0].isupper() for w in v.split())]
    return "names" if len(different) > 2 and len(capitals) >= 0.8 * len(different) else ""
