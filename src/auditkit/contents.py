"""What the cells of a column look like: codes, choices, sentences, numbers; and samples that show only the kind."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property

from auditkit import dates, values
from auditkit.scales import AnswerScale
from auditkit.values import fold

LOOKED_AT = 2_000
"""Different values that are looked at, spread evenly, where only the kind of a column is asked."""

ONE_ANSWER = ("the same in every row", "one number in every row")
"""Reasons for being ignored where one file says too little."""

NO_RATINGS = "numbers that are no ratings"

LONGEST_SCALE = 11
"""Points of the longest usual scale: so few people may by chance have given a different number each."""

RATING_WORDS = frozenset("rating rate score likert scale satisfaction".split())
OPEN_TO_IT = (
    "a code or a count, no answer",
    "short values",
    "few different values: a choice",
    "about the person, no answer",
    "kept by the tool, no answer",
)
"""Reasons for being ignored that a better use may overrule."""

_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?%?")
_CODE = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[\w-]{3,20}|[A-Z]{1,4}-[A-Z\d]{2,12}")
_INVITES = re.compile(
    r"\b(comments?|describe|explain|tell us|free.?text|feedback|any other|anything else|suggestions?|please specify"
    r"|in your own words|in one word|elaborate|further|additional)\b"
)
_IN_WORDS = re.compile(r"^\W*(?:q?\d+[a-z]?\W+)?(what|why|how (?:can|could|would|might|should))\b.*\?")
_NO_ANSWER = frozenset("none nothing no nil nope na n a not applicable no comment no comments yes".split(" "))
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?( ?[ap]\.?m\.?)?", re.IGNORECASE)
_MACHINES = frozenset("network browser device session computer ip".split())
_DERIVED = frozenset(
    "label labels sentiment code codes coder coding theme themes category categories tag tags topic topics"
    " cluster flag usable count number no nr age gender sex ethnicity year month grade band hours status"
    " progress finished duration language index total version collector custom assigned possible longitude"
    " latitude location import complete rank ranking click page tranche cohort sector batch arm zone region quartile"
    " decile mean average avg sum median network browser device".split()
)
_HOW_MANY = re.compile(r"\bhow (many|often)\b|\bnumber of\b|\bminutes\b.{0,30}\b(last|take|took)\b")
_ABOUT_PERSON = re.compile(
    r"\b(gender|sex|ethnicity|ethnic|race|nationality|religion|sexual(ity)?|disabilit(y|ies)|marital|pronouns"
    r"|age (group|band|range)|how old|first.generation|highest (degree|qualification|level)|qualifications?"
    r"|which band|how many (children|staff|people do you (manage|lead))|number of (children|staff)"
    r"|years? (in post|of (experience|service)|have you (worked|been))|how long have you (worked|been)|pay band"
    r"|country|mother tongue|first language)\b"
)
_RANKED = re.compile(
    r"\brank(ed|ing)? (the|these|from|in order)\b|\bin order of (preference|importance)\b", re.IGNORECASE
)


class Cells:
    """The cells of a column that hold something; what is asked more than once is worked out once."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.all = cells
        self.counts = Counter(cells)

    @cached_property
    def distinct(self) -> list[str]:
        """Different values in the order of the column, at most ``LOOKED_AT``, spread evenly."""
        found = list(self.counts)
        return found if len(found) <= LOOKED_AT else found[:: len(found) // LOOKED_AT + 1]

    @cached_property
    def different(self) -> int:
        """How many values differ by more than case and signs."""
        return len({fold(cell) for cell in self.distinct}) if len(self.counts) <= LOOKED_AT else len(self.counts)

    @cached_property
    def length(self) -> float:
        """Words of the usual cell."""
        looked_at = self.all if len(self.all) <= LOOKED_AT else self.all[:: len(self.all) // LOOKED_AT + 1]
        return statistics.median(len(cell.split()) for cell in looked_at) if looked_at else 0

    @cached_property
    def signs(self) -> float:
        """Signs of the usual cell."""
        return statistics.median(map(len, self.distinct)) if self.distinct else 0

    @cached_property
    def numeric(self) -> bool:
        """Four in five are numbers."""
        return self.share(lambda cell: bool(_NUMBER.fullmatch(cell))) >= 0.8

    def share(self, test: Callable[[str], bool]) -> float:
        """The part of the cells that pass a test."""
        looked_at = self.distinct
        total = sum(self.counts[cell] for cell in looked_at)
        return sum(self.counts[cell] for cell in looked_at if test(cell)) / total if total else 0.0


def is_running(cells: Cells) -> bool:
    """1, 2, 3 … without a gap or repeat: a count of rows, which starts again in the next export."""
    if len(cells.counts) < len(cells.all) or not all(values.whole(cell).isdecimal() for cell in cells.distinct):
        return False
    numbers = [int(text) for cell in cells.all if (text := values.whole(cell)).isdecimal()]
    if len(numbers) < len(cells.all) or len(set(numbers)) < len(numbers) or not numbers:
        return False
    return min(numbers) in (0, 1) and max(numbers) - min(numbers) + 1 == len(numbers)


def tells_apart(cells: Cells) -> bool:
    """Whether values can name people: several, and no number that a spreadsheet program cut (1.14628E+11)."""
    cut = cells.share(lambda cell: bool(re.fullmatch(r"\d([.,]\d+)?E\+\d+", cell)))
    return (len(cells.counts) > 1 or len(cells.all) <= 2) and cut < 0.5


def is_yes_or_no(cells: Cells) -> bool:
    """Whether every value says yes or no, in words or by a tick."""
    return bool(cells.counts) and all(values.yes_no(cell) in ("yes", "no") for cell in cells.counts)


def names_rounds(cells: Cells) -> bool:
    """Whether few values come again and again that could be names of rounds: words for them, T1, small numbers."""
    named = cells.share(
        lambda cell: values.names_a_round(cell) or bool(re.fullmatch(r"[a-z]{0,5}[ _-]?\d", cell, re.IGNORECASE))
    )
    return cells.different <= 6 and named >= 0.8


def says_leave(cells: Cells, kind: str) -> bool:
    """Whether the values answer a question for leave, yes or no in words of any kind; most must be understood."""
    if is_ticked(cells.all):
        return kind in ("consent_analysis", "consent_pair_ratings")
    understood = cells.share(lambda cell: values.consent(cell, kind) != "?")
    said = cells.share(lambda cell: values.yes_no(cell) in ("yes", "no")) if kind == "consent_analysis" else 1.0
    return min(understood, said) >= 0.8 and cells.different <= 8


def holds_dates(cells: Cells) -> bool:
    """Whether nearly all values are days, with or without a time; whole numbers alone are none."""
    return not cells.numeric and cells.share(lambda cell: bool(dates.date(cell))) >= 0.9


def mostly_says_leave(cells: Cells) -> bool:
    """Whether at least half of a column of short answers say yes or no."""
    said = cells.share(lambda cell: values.consent(cell, "consent_analysis") in ("yes", "no"))
    return cells.length <= 4 and said >= 0.5


def is_ticked(cells: Sequence[str]) -> bool:
    """Whether the only thing that a column holds is a tick, as an x: what is blank is not ticked."""
    return bool(cells) and {cell.strip().casefold() for cell in cells} <= {"x"}


def says_withdrawn(cells: Cells) -> bool:
    """Whether few short values tell who withdrew from who did not."""
    few = cells.different <= 6 and cells.length <= 3
    return few and 0 < cells.share(values.withdrawn) < 1 and not is_yes_or_no(cells)


def tells_the_time(cells: Cells) -> bool:
    """Whether most values are times of a day."""
    return cells.share(lambda cell: bool(_CLOCK.fullmatch(cell))) >= 0.8


def may_be_coded_leave(cells: Cells) -> bool:
    """Whether numbers could stand for yes and no."""
    return any(set(map(values.whole, cells.counts)) <= codes for codes in ({"0", "1"}, {"1", "2"}))


def rated(cells: Cells) -> bool:
    """Whether short numbers could be ratings, so that a header such as "Team" asks for one."""
    small = cells.share(lambda cell: bool(re.fullmatch(r"\d{1,2}(\.0)?", cell)))
    return cells.numeric and small >= 0.9 and len(cells.counts) <= 5 < len(cells.all) / 2


def is_choice(cells: Cells) -> bool:
    """Whether few short values come again and again."""
    return cells.different < 0.2 * len(cells.all) and cells.length <= 3 and cells.different <= 12 and len(cells.all) > 8


def is_derived(header: str) -> bool:
    """Whether a short header names a code, a count or a fact about the person rather than a question."""
    words = fold(header).split()
    if not words or len(words) > 3:
        return False
    return bool(set(words) & _DERIVED) or words[-1] == "id" or words[0] in ("n", "not", "is", "has")


def is_about_person(header: str) -> bool:
    """Whether a question asks who the person is: gender, age, origin, training, years in post."""
    return bool(_ABOUT_PERSON.search(header.casefold()))


def is_no_rating(cells: Cells) -> bool:
    """Flags, the same in every row, running numbers, and one name with a number ("ward-1", "ward-2")."""
    if set(cells.counts) <= {"0", "1", "0.0", "1.0"} or (len(cells.counts) == 1 and len(cells.all) > 3):
        return True
    if len(cells.all) > 2 and is_running(cells):
        return True
    names = {fold(cell).rstrip("0123456789 ") for cell in cells.distinct}
    return len(names) == 1 and names.isdisjoint(RATING_WORDS | {""}) and len(cells.counts) > 1


def says_too_little(cells: Cells, reason: str) -> bool:
    """Whether ratings may hide behind one answer throughout, or so few different numbers that they seem to run."""
    return reason in ONE_ANSWER or (reason == NO_RATINGS and len(cells.all) <= LONGEST_SCALE and is_running(cells))


def asks_for_number(header: str) -> bool:
    """Whether a header asks how many times, or for how many minutes."""
    return bool(_HOW_MANY.search(header.casefold())) and not is_ranked(header)


def is_ranked(header: str) -> bool:
    """Whether a question asks to put things in order."""
    return bool(_RANKED.search(header))


def holds_codes(header: str, cells: Cells) -> bool:
    """Whether a column holds codes that tell people apart."""
    words = fold(header).split()
    named = words[-1:] in (["id"], ["code"], ["ref"], ["reference"], ["no"])
    other = (
        set(words) & {"comment", "answer", "response", "question", "row", "collector", "responseid"}
        | set(words) & _MACHINES
    )
    if not cells.all or other:
        return False
    codes = cells.share(lambda cell: bool(_CODE.fullmatch(cell)))
    return codes >= 0.9 and len(cells.counts) >= (0.3 if named else 0.5) * len(cells.all)


def words(header: str, cells: Cells) -> tuple[str, str, str]:
    """(role, confidence, reason) of a column of texts: open answers, or choices that nobody reads as answers."""
    total = len(cells.all)
    share = cells.different / total if total else 0.0
    invites = bool(_INVITES.search(header.casefold()))
    asks = invites or "?" in header
    if cells.different == 1 and total > 1:
        return "ignore", "likely", "the same in every row"
    if _is_combined(cells):
        return "ignore", "likely", "few different values: a choice"
    few = cells.different <= 3 and total >= 6 and cells.length < 8
    if cells.length >= 4 and share >= 0.5 and not few:
        return "open", "sure" if asks or cells.length >= 6 else "likely", "different texts"
    if asks and cells.length >= 2 and share >= 0.5 and not few:
        return "open", "sure", "different texts"
    if cells.length >= 6 and share >= 0.25 and cells.different > 5:
        return "open", "likely", "sentences, some of them alike"
    if invites and (share >= 0.4 or cells.length >= 4) and (cells.different > 2 or total <= 2):
        return "open", "likely", "header asks for words"
    said = {cell: times for cell, times in cells.counts.items() if fold(cell) not in _NO_ANSWER}
    wordy = sum(times for cell, times in said.items() if len(cell.split()) >= 3)
    if _IN_WORDS.search(header.casefold()) and len(said) > 2 and 2 * wordy >= sum(said.values()):
        return "open", "likely", "the question asks for words"
    worded = cells.share(lambda cell: any(sign.isdigit() for sign in cell)) < 0.5
    if asks and worded and total >= 3 and share >= 0.8:
        return "open", "likely", "header asks for words"
    if total <= 2 and cells.length >= 2 and worded:
        return "open", "doubtful", "few texts"
    if cells.length >= 2 and worded and total >= 4 and share >= 0.8:
        return "open", "doubtful", "different short texts"
    if share < 0.5:
        return "ignore", "doubtful" if cells.length >= 5 else "likely", "few different values: a choice"
    return "ignore", "doubtful" if asks or cells.length >= 3 else "likely", "short values"


def _is_combined(cells: Cells) -> bool:
    """Whether the values are combinations of a few choices ("A, B; C"), each of which occurs again and again."""
    several = [cell for cell in cells.distinct if re.search(r"[;,|]\s*\S", cell)]
    if len(cells.all) < 6 or len(several) < 0.2 * len(cells.distinct):
        return False
    for sign in (";", "|", ","):
        parts = Counter(part.strip() for cell in cells.all for part in cell.split(sign) if part.strip())
        once = sum(times == 1 for times in parts.values())
        if len(parts) <= max(12, 0.2 * len(cells.all)) and once <= 0.34 * len(parts) and len(parts) < len(cells.counts):
            return True
    return False


def samples(cells: Cells, role: str, scale: AnswerScale | None) -> tuple[str, ...]:
    """Three values of a column by their kind: "text, 34 words", "code, 6 signs"; points of a scale as they are."""
    found = cells.distinct
    if not found:
        return ("empty",)
    chosen = list(dict.fromkeys(found[place] for place in (0, len(found) // 2, len(found) - 1)))
    return tuple(_shape(cell, role, scale) for cell in chosen)


def _shape(cell: str, role: str, scale: AnswerScale | None) -> str:
    if scale is not None and isinstance(scale.read(cell), float) and len(cell) <= 30:
        return cell
    if values.identifying([cell], "") == "e-mail addresses":
        return "e-mail"
    if role in ("date", "withdrawn") and (dates.date(cell) or dates.date(cell, month_first=True)):
        return "date"
    if role.startswith("consent") and values.yes_no(cell) in ("yes", "no"):
        return values.yes_no(cell)
    if _NUMBER.fullmatch(cell):
        return "number" if role in ("respondent", "self_code", "email") else f"number, {_digits(cell)}"
    number = len(cell.split())
    if number == 1 and any(sign.isdigit() for sign in cell):
        return f"code, {len(cell)} signs"
    return f"text, {number} word{'' if number == 1 else 's'}"


def _digits(cell: str) -> str:
    count = sum(sign.isdigit() for sign in cell)
    return f"{count} digit{'' if count == 1 else 's'}"
