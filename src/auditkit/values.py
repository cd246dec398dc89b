"""What a cell means: ratings, facts, dates, consents, roles, codes. Pure functions of a text."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from auditkit.consents import CONSENTS as CONSENTS
from auditkit.consents import consent as consent
from auditkit.consents import withdrawn as withdrawn
from auditkit.consents import yes_no as yes_no
from auditkit.dates import MONTHS
from auditkit.texts import fold as fold
from auditkit.texts import plain as plain

_LONG = 6  # letters of a word that can be told from a mistyped one

BLANK = ""
CANNOT_SAY = "cannot say"

_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:x|times?|meetings?|min|mins|minutes?)?\.?")

_EMPTY = frozenset(("", "-", "--", "---", ".", "..", "...", "?", "none", "null", "nan"))
_CANNOT_SAY = (
    "can t say|cant say|cannot say|can not say|unable to say|unable to answer|unable to comment|unable to rate"
    "|can t answer|cannot answer|cannot comment|can t comment|cannot rate|can t rate|cannot judge|can t judge"
    "|don t know|dont know|do not know|didn t know|not known|unknown|dk|not sure|unsure|don t remember|can t remember"
    "|no opinion|no view|no comment|no experience|no basis to judge|not enough information|insufficient information"
    "|prefer not to say|prefer not to answer|prefer not to respond|would rather not say|rather not say"
    "|do not wish to answer|do not want to answer|don t want to answer|refused|refuse|refused to answer"
    "|declined to answer|decline to answer|declined|not applicable|not applicable to me|does not apply"
    "|doesn t apply|does not apply to me|not relevant|no answer|not answered|no response|not stated|not observed"
    "|not provided|not given|skipped|missing|undisclosed|n a|na|n k|nk"
    "|keine angaben?|weiß nicht|weiss nicht|weiß ich nicht|nicht zutreffend|kann ich nicht (?:sagen|beurteilen)|k a"
    "|je ne sais pas|ne sais? pas|ne se prononce pas|sans objet|non applicable|non concernée?|pas de réponse|nsp"
    "|no sabe|no lo sé|no sabe no contesta|no contesta|ns nc|no aplica|no procede|weet niet|weet ik niet|geen mening"
    "|niet van toepassing|n v t|non so|non saprei|non applicabile|não sei|não se aplica|vet ej|vet inte|ej aktuellt"
    "|ved ikke|vet ikke|ikke relevant|nie wiem|nie dotyczy"
)
_ALL_CANNOT_SAY = re.compile(
    rf"(?:(?:i|i m|or|and|this|it|is|to me|user missing)\s+)*(?:{_CANNOT_SAY})"
    rf"(?:\s+(?:(?:i|i m|or|and|this|it|is)\s+)*(?:{_CANNOT_SAY}))*"
)


def whole(text: str) -> str:
    """A code without the ".0" that a spreadsheet program adds to a number."""
    text = plain(text)
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def person(text: str) -> str:
    """The code in a cell that says who answered; "" where it says that it has none: "-", "n/a"."""
    code = whole(text)
    return "" if blank(code) or cannot_say(code) or not fold(code) else code


def shape(text: str) -> str:
    """What a cell holds, fit to be shown: numbers and words of no person as they are, others by their length only."""
    text = plain(text)
    words = len(text.split())
    if words <= 3 and len(text) <= 30 and is_harmless(text):
        return f"'{text}'"
    return f"text, {words} word{'' if words == 1 else 's'}"


def is_harmless(text: str) -> bool:
    """Whether a text holds nothing but numbers and words that forms offer: it cannot name anybody."""
    return all(part.isdecimal() or part in _offered() for part in fold(text).split())


@cache
def _offered() -> frozenset[str]:
    """Words of roles, answers, consents, numbers and months."""
    with (Path(__file__).parent / "data" / "answer_words.csv").open(encoding="utf-8", newline="") as file:
        said = " ".join(row["words"] for row in csv.DictReader(file))
    usual = (
        "yes no none maybe n a na nil tbc x i we can say not sure cannot dont don t know answer agree consent one two"
        " three four five six seven eight nine ten once twice times verbatim paraphrase quote ok okay done missing"
    )
    return frozenset([*fold(said).split(), *" ".join(_role_words()).split(), *usual.split(), *MONTHS])


def blank(text: str) -> bool:
    """Whether a cell that asks for a choice holds nothing: "", "-", "none"."""
    return plain(text).casefold() in _EMPTY


@lru_cache(maxsize=4096)
def cannot_say(text: str) -> bool:
    """Whether a cell says that it has no answer: "cannot say", "N/A", "don't know / not sure"."""
    return len(text) < 80 and bool(_ALL_CANNOT_SAY.fullmatch(fold(text)))


_FACT_LIMITS = {"MEET": 40.0, "MEETLEN": 600.0, "CANC": 40.0}
_OUTLOOK = {
    **dict.fromkeys(("worsen", "get worse", "worse", "get much worse", "-1"), -1.0),
    **dict.fromkeys(("stay", "stay the same", "stay same", "same", "the same", "no change", "0"), 0.0),
    **dict.fromkeys(("improve", "get better", "better", "get much better", "1"), 1.0),
}


def fact(text: str, item: str) -> float | str:
    """The number in a fact cell (OUTLOOK: worsen −1, stay 0, improve 1), or why there is none: in words.

    MEET and CANC count meetings in four weeks (at most 40), MEETLEN is in minutes (at most 600).
    """
    text = plain(text).casefold().rstrip(".")
    if cannot_say(text):
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


_DECIDING = {
    "doctor": frozenset(
        "doctor doctors dr consultant psychiatrist physician surgeon gp medic medical paediatrician anaesthetist"
        " geriatrician radiologist registrar".split()
    ),
    "manager": frozenset("manager managers director managerial management administrator".split()),
    "staff": frozenset("staff nurse nurses therapist psychologist employee assistant member other".split()),
}
_WEAK = frozenset(("consultant", "medical", "physician"))
_PROFESSIONS = frozenset(
    "nurse nurses midwife psychologist psychotherapist therapist pharmacist physiotherapist secretary student"
    " associate practitioner".split()
)
"""With one of these, "consultant" or "medical" makes no doctor: "consultant midwife", "medical secretary"."""


@cache
def _role_words() -> dict[str, str]:
    """Folded spelling -> role, of ``data/role_words.csv``."""
    with (Path(__file__).parent / "data" / "role_words.csv").open(encoding="utf-8", newline="") as file:
        return {fold(word): row["role"] for row in csv.DictReader(file) for word in row["words"].split(";")}


def role(text: str, own: Mapping[str, str]) -> tuple[str, bool]:
    """(role, is a sponsor) of a role cell: doctor, manager, staff, sponsor_doctor, sponsor_manager, or "".

    ``own`` is ``[roles]`` of audit.toml and wins, then ``data/role_words.csv``, then single words. A sponsor of
    unknown kind is ("", True). A word that looks mistyped makes the role unknown: see ``near_role``.
    """
    return _role(fold(text), tuple(sorted((fold(spelling), known) for spelling, known in own.items())))


@lru_cache(maxsize=4096)
def _role(word: str, own: tuple[tuple[str, str], ...]) -> tuple[str, bool]:
    known = dict(own).get(word) or _role_words().get(word)
    if known:
        return known, known.startswith("sponsor_")
    words = set(word.split())
    if word.split()[:1] in (["dr"], ["prof"], ["professor"]) and len(words) > 1 and not words - {"dr"} & _all_roles():
        return "", False
    sponsor = bool(words & {"sponsor", "sponsors"})
    if any(_mistyped(part) for part in words):
        return "", sponsor
    doctor, manager = bool(words & _DECIDING["doctor"]), bool(words & _DECIDING["manager"])
    if words & _PROFESSIONS and words & _DECIDING["doctor"] <= _WEAK and not words & {"director"}:
        return ("" if manager or sponsor else "staff"), sponsor
    if "clinical" in words and words & {"lead", "director"}:
        doctor, manager = True, False
    if doctor and manager:
        manager = not words & {"medical", "consultant", "psychiatrist"}
    if doctor and manager:
        return "", sponsor
    if doctor or manager:
        found = "doctor" if doctor else "manager"
        return (f"sponsor_{found}" if sponsor else found), sponsor
    return ("staff" if words & _DECIDING["staff"] and not sponsor else ""), sponsor


@cache
def _all_roles() -> frozenset[str]:
    """Single words that roles are made of."""
    return frozenset(part for spelling in _role_words() for part in spelling.split()).union(*_DECIDING.values())


@cache
def _vocabulary() -> tuple[str, ...]:
    words = {part for spelling in _role_words() for part in spelling.split()}
    return tuple(sorted(word for word in words.union(*_DECIDING.values()) if len(word) >= _LONG))


@lru_cache(maxsize=4096)
def _mistyped(word: str) -> bool:
    """Whether a long word is not one of the list, but nearly: "consutlant"."""
    if len(word) < _LONG or {word, word.removesuffix("s")} & set(_vocabulary()):
        return False
    near = difflib.get_close_matches(word, _vocabulary(), n=1, cutoff=0.85)
    if not near or near[0].startswith(word) or word.startswith(near[0]):
        return False
    likeness = difflib.SequenceMatcher(None, word, near[0]).ratio()
    return likeness >= 0.88 or sorted(word) == sorted(near[0])


def near_role(text: str, own: Mapping[str, str]) -> str:
    """The known spelling of a role that a mistyped one is nearest to, as printed; "" if none is near."""
    from rapidfuzz import fuzz, process

    spellings = {fold(spelling): spelling for spelling in own}
    spellings = {**{spelling: spelling.capitalize() for spelling in _role_words()}, **spellings}
    found = process.extractOne(fold(text), sorted(spellings), scorer=fuzz.ratio, score_cutoff=85)
    return spellings[found[0]] if found else ""


def pair_code(text: str) -> str:
    """A pair's code in one spelling: "WARD  3 ", "Ward_3" and "ward-3" are all "ward-3"; blank is "".

    Accents and wide digits are plain ones, "&" is "and"; "Ward 03" stays another than "ward-3".
    """
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    text = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", text)).replace("&", " and ")
    code = re.sub(r"[\s_-]+", "-", whole(text).casefold()).strip("-")
    return "" if code in ("n/a", "na", "none", "?", "nan") else code


_FIRST = frozenset("baseline before pre first start initial pretest t0".split())
_LAST = frozenset("repeat after post final last followup follow end posttest".split())


def round_key(name: str) -> tuple[int, int, int, tuple[tuple[int, int, str], ...]]:
    """A sort key for names of rounds: baseline and the like first, repeat and the like last, then by year
    and month in the name, then naturally (2 before 10)."""
    words = fold(name).split()
    place = 0 if _FIRST & set(words) else 2 if _LAST & set(words) else 1
    years = [int(word) for word in words if re.fullmatch(r"(19|20)\d\d", word)]
    months = [MONTHS.index(word[:3]) + 1 for word in words if word[:3] in MONTHS]
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
_PHONE = re.compile(r"(?:\+\d|0[1-9])(?:[ ()./-]*\d){8,13}")
_POSTCODE = re.compile(r"(?i:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})")
_NAME = re.compile(r"(?:[^\W\d_]\.|[^\W\d_][\w'.-]*[^\W\d_]),?(?: (?:[^\W\d_]\.?|[^\W\d_][\w'.-]*[^\W\d_])){1,3}")
_FIRST_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ'-]{2,}")
_TITLED = re.compile(r"\b(?:dr|prof|professor|mr|mrs|ms|miss|sir)\b\.?\s+\w", re.IGNORECASE)
_COUPLE = re.compile(
    r"([A-ZÀ-Þ]['\w]+(?: [A-ZÀ-Þ]['\w]+)?)\s*(?:/|&|\+|,|-|\band\b)\s*([A-ZÀ-Þ]['\w]+(?: [A-ZÀ-Þ]['\w]+)?)"
)
_OF_SERVICES = frozenset(
    "ward unit team pair group service services clinic department directorate division hospital hub site north south"
    " east west central upper lower day night acute community older old young adult adults child children childrens"
    " women womens men mens people persons family families mental health physical medicine medical surgery surgical"
    " emergency urgent critical intensive care theatre theatres recovery anaesthetics anaesthesia trauma orthopaedics"
    " stroke rehab rehabilitation therapy therapies nursing midwifery maternity neonatal paediatrics paediatric cancer"
    " oncology haematology cardiology cardiac respiratory renal diabetes endocrine neurology neuro dermatology"
    " rheumatology gastro gastroenterology endoscopy urology gynaecology obstetrics pathology pharmacy radiology"
    " imaging diagnostics outpatients inpatients general elective planned home crisis liaison forensic learning"
    " disability disabilities eating perinatal addiction addictions substance alcohol drug psychology psychiatry dental"
    " ophthalmology ent ear nose throat eye pain palliative end life elderly frailty dementia memory admissions"
    " discharge assessment access flow finance estates workforce quality safety education research digital data public"
    " primary secondary specialist tertiary city county town valley hill park green river lake sea coast bay bridge"
    " house lodge centre center first second third red blue yellow white black alpha beta gamma delta".split()
)


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
    if most(_PHONE, 0.8):
        return "phone numbers"
    if kind != "pair" and most(_POSTCODE, 0.8):
        return "postcodes"
    if len(different) >= 3 and sum(map(_nhs_number, different)) >= 0.9 * len(different):
        return "NHS numbers"
    titled = sum(bool(_TITLED.search(value)) for value in different if len(value) < 60)
    if titled >= max(1, len(different) / 2):
        return "names"
    if kind == "pair":
        couples = sum(map(_is_couple, different))
        return "names" if couples >= max(1, len(different) / 2) else ""
    if kind == "respondent":
        people = [value for value in different if _NAME.fullmatch(value) or _FIRST_NAME.fullmatch(value)]
        return "names" if len(people) >= max(1, len(different) / 2) else ""
    capitals = [v for v in different if _NAME.fullmatch(v) and all(w[0].isupper() for w in v.split())]
    return "names" if len(different) > 2 and len(capitals) >= 0.8 * len(different) else ""


def _is_couple(text: str) -> bool:
    """Whether a text names two people: "Smith / Jones", "Smith and Jones", but no service or place."""
    found = _COUPLE.fullmatch(text)
    return found is not None and not _OF_SERVICES & {word for part in found.groups() for word in fold(part).split()}


def _nhs_number(text: str) -> bool:
    """Ten digits of which the last checks the others (modulus 11), as in 943 476 5919."""
    digits = (
        [int(sign) for sign in re.sub(r"[ -]", "", text)] if re.fullmatch(r"\d{3}[ -]?\d{3}[ -]?\d{4}", text) else []
    )
    if not digits or len(set(digits)) == 1:
        return False
    return (11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11) % 11 == digits[9]


_LETTERS = re.compile(r"[ie][ns][tf][jp](?:[ -]?[at])?\b.{0,40}")
_ENNEAGRAM = re.compile(r"[1-9]w[1-9]")
_TYPES = frozenset(
    "dominance|influence|steadiness|conscientiousness|conscientious|dominant|influential|steady|compliance"
    "|plant|resource investigator|co ordinator|coordinator|shaper|monitor evaluator|teamworker|team worker"
    "|implementer|completer finisher|specialist|fiery red|sunshine yellow|earth green|cool blue"
    "|introvert|extravert|extrovert|ambivert|analyst|diplomat|sentinel|explorer".split("|")
)


def personality_types(cells: Iterable[str]) -> bool:
    """Whether most values are types of a personality test: MBTI, Belbin, DISC, colours, Enneagram.

    Words such as "specialist" count only where two different types occur.
    """
    texts = [plain(cell).casefold() for cell in cells if cell]
    coded = [text for text in texts if _LETTERS.fullmatch(text) or _ENNEAGRAM.fullmatch(text)]
    worded = [text for text in texts if fold(text) in _TYPES]
    if len(set(worded)) < 2 and not coded:
        worded = []
    return bool(texts) and len(coded) + len(worded) >= 0.6 * len(texts)
