"""The questions of a file: their names, their scales, and how an answer to each becomes a number."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from auditkit import questionnaire, scales, values
from auditkit.grids import Problem
from auditkit.scales import AnswerScale
from auditkit.values import fold
from auditkit.wording import counted

if TYPE_CHECKING:
    from auditkit.columns import Column, Tables
    from auditkit.config import Config
    from auditkit.sheets import Sheet

ALL_RATINGS = "all ratings"
"""The scale, and so the main question, of items that neither audit.toml nor the questionnaire knows."""

LONGEST_SCALE = 60  # characters of a shared question that names a scale
NUMBERS = "numbers"
"""The family of answer scales without words."""


Key = tuple[str, str, int]
"""File, sheet and index of a column."""


@dataclass(frozen=True)
class Item:
    """One question. ``kind``: open, rating, fact or ignore. ``low`` to ``high``: the audit's own scale."""

    name: str
    question: str
    kind: str
    scale: str = ""
    answers: AnswerScale | None = None
    turned: bool = False
    low: float = 1.0
    high: float = 5.0

    def read(self, text: str) -> float | str:
        """The number in a cell, BLANK, CANNOT_SAY, or in words what is wrong."""
        return self.answers.read(text) if self.answers is not None else values.fact(text, self.name)

    def scored(self, rating: float) -> float:
        """A rating on the audit's own scale, turned where agreeing is bad."""
        assert self.answers is not None
        return self.answers.scored(rating, self.low, self.high, self.turned)


class Items:
    """The items of all sheets that are read together.

    ``low`` and ``high``: the audit's own scale, as in audit.toml or the questionnaire, else the one of most
    rating columns. Ratings on another scale are scored on this one, and listed.
    """

    def __init__(self, tables: Tables, config: Config) -> None:
        self.config = config
        held = {
            (sheet.file, sheet.name, index): (sheet, column)
            for sheet, columns in tables
            for index, column in enumerate(columns)
            if column.role == "rating"
        }
        self._headers = {key: column for key, (_, column) in held.items()}
        self._answers = {key: self._answer_scale(sheet, key[2], column) for key, (sheet, column) in held.items()}
        self._make_alike({key: sheet for key, (sheet, _) in held.items()})
        self._of_rows: dict[str, AnswerScale] = {}
        self.low, self.high = self._own_scale()
        self._names = self._scale_names()

    @cached_property
    def changed(self) -> tuple[int, int] | None:
        """The audit's scale where it is not what the settings say."""
        settings = self.config.ratings
        return None if (self.low, self.high) == (settings.low, settings.high) else (int(self.low), int(self.high))

    @property
    def other(self) -> dict[str, tuple[float, float]]:
        """Items that were answered on another scale than the audit's."""
        own = (self.low, self.high)
        found = {self._headers[key].header: (scale.low, scale.high) for key, scale in self._answers.items()}
        found |= {question: (scale.low, scale.high) for question, scale in self._of_rows.items()}
        return {header: ends for header, ends in sorted(found.items()) if ends != own}

    def of_column(self, sheet: Sheet, index: int, column: Column) -> Item | None:
        """What a column asks; None for a column that holds no answers."""
        if column.role not in ("open", "rating", "fact"):
            return None
        name, question, code = self._named(column.header, sheet.headings[index].code)
        if column.role == "open":
            return Item(name, question, "open")
        if column.role == "fact":
            return Item(name, question, "fact")
        answers = self._answers[sheet.file, sheet.name, index]
        return self._rating(name, question, code, column, answers, sheet.headings[index].code)

    def of_questions(self, sheet: Sheet, columns: Sequence[Column]) -> dict[str, Item]:
        """In a sheet of one answer a row, what each question of its question column asks: words or ratings."""
        roles = [column.role for column in columns]
        if "question" not in roles or "open" not in roles:
            return {}
        asked, answered = roles.index("question"), roles.index("open")
        given: dict[str, list[str]] = defaultdict(list)
        for row in sheet.rows:
            if row[answered]:
                given[row[asked]].append(row[answered])
        return {question: self._asked(question, cells, columns[answered]) for question, cells in given.items()}

    def problems(self) -> list[Problem]:
        """What a person should know of how ratings became numbers."""
        found = []
        words = Counter((scale.name, scale.low, scale.high) for scale in self._answers.values() if _family(scale))
        for (name, low, high), times in sorted(words.items()):
            taken = f"numbers from {low:g} to {high:g}; the higher, the more agreement"
            found.append(_note(f"{counted(times, 'rating column')} in words ({name})", taken))
        if self.changed:
            settings = self.config.ratings
            odd = f"most ratings lie within {self.low:g} to {self.high:g}, not {settings.low:g} to {settings.high:g}"
            fix = "If that is wrong, change low and high under [ratings] in audit.toml."
            taken = f"ratings from {self.low:g} to {self.high:g}"
            found.append(Problem("", "", 0, "", "warning", odd, taken, fix))
        for header, (low, high) in self.other.items():
            fix = f'If that is wrong, set "{header}" under [ratings.other] in audit.toml.'
            taken = f"scored from {self.low:g} to {self.high:g}"
            found.append(Problem("", "", 0, header, "warning", f"answered from {low:g} to {high:g}", taken, fix))
        members = {fold(member) for parts in self.config.scales.values() for member in parts}
        foreign = [
            key
            for key, name in self._names.items()
            if name == ALL_RATINGS and self._is_foreign(key) and fold(self._headers[key].header) not in members
        ]
        if foreign:
            fix = "Name scales under [scales] in audit.toml."
            many = f"{counted(len(foreign), 'rating column')} that no scale names"
            found.append(Problem("", "", 0, "", "note", many, f'one scale, "{ALL_RATINGS}"', fix))
        return found

    def _answer_scale(self, sheet: Sheet, index: int, column: Column) -> AnswerScale:
        other = {fold(name): ends for name, ends in self.config.ratings.other.items()}
        settings = self.config.ratings
        ends = other.get(fold(column.header)) or other.get(fold(sheet.headings[index].code))
        if ends is not None:
            settings = settings.model_copy(update={"low": ends[0], "high": ends[1]})
        elif column.scale is not None:
            return column.scale
        labels = sheet.labels.get(column.header)
        found = scales.recognise(sheet.values(index), settings, header=sheet.asked(index), labels=labels)
        return found or scales.by_settings(settings)

    def _make_alike(self, sheets: Mapping[Key, Sheet]) -> None:
        """Give columns of one family or one shared question the scale that all their cells together show."""
        self._one_a_question()
        groups: dict[tuple[str, str], list[Key]] = defaultdict(list)
        for key, scale in self._answers.items():
            header, stem = self._headers[key].header, self._headers[key].stem
            if header not in sheets[key].labels and header not in self.config.ratings.other:
                groups[_family(scale) or NUMBERS, stem if not _family(scale) else ""].append(key)
        for (family, stem), keys in groups.items():
            found = {(self._answers[key].low, self._answers[key].high) for key in keys}
            if family == NUMBERS:
                if len(found) > 1:
                    self._longer(keys, always=bool(stem))
                continue
            keys = [key for key in keys if not any(word.isdigit() for word in self._answers[key].points)]
            if len(keys) < 2:
                continue
            pooled = [cell for key in keys for cell in sheets[key].values(key[2])]
            shared = scales.recognise(pooled, self.config.ratings)
            if shared is not None:
                self._answers |= dict.fromkeys(keys, shared)

    def _one_a_question(self) -> None:
        """A question of numbers that several sheets ask has one scale in all of them."""
        asked: dict[str, list[Key]] = defaultdict(list)
        for key, scale in self._answers.items():
            if not _family(scale):
                asked[fold(self._headers[key].header)].append(key)
        for keys in asked.values():
            if len({(self._answers[key].low, self._answers[key].high) for key in keys}) > 1:
                self._longer(keys, always=True)

    def _longer(self, keys: Sequence[Key], *, always: bool) -> None:
        """Numbers of one shared question, or of most columns, lie on one scale: the longest that occurs."""
        ends = Counter((self._answers[key].low, self._answers[key].high) for key in keys)
        low, high = max(ends, key=lambda pair: (pair[1] - pair[0], ends[pair]))
        unsure = [key for key in keys if self._answers[key].confidence != "sure"]
        if not always and 2 * ends[low, high] <= len(keys):
            return
        for key in unsure:
            scale = self._answers[key]
            if low <= scale.low and scale.high <= high:
                name = f"{NUMBERS} {low:g} to {high:g}"
                self._answers[key] = dataclasses.replace(scale, low=low, high=high, name=name)

    def _own_scale(self) -> tuple[float, float]:
        settings = self.config.ratings
        own = (float(settings.low), float(settings.high))
        shipped = any(questionnaire.match_item(column.header) for column in self._headers.values())
        if {"low", "high"} & settings.model_fields_set or shipped or not self._answers:
            return own
        ends = Counter((scale.low, scale.high) for scale in self._answers.values())
        return max(ends, key=lambda pair: (ends[pair], pair == own, pair))

    def _is_foreign(self, key: Key) -> bool:
        return questionnaire.match_item(self._headers[key].header) is None

    def _scale_names(self) -> dict[Key, str]:
        """The scale of each rating column that nobody named: its shared question, or all with one answer scale."""
        stems = Counter(column.stem for column in self._headers.values() if column.stem)
        alone = [key for key, column in self._headers.items() if stems[column.stem] < 2 and self._is_foreign(key)]
        families = Counter(self._answers[key].name for key in alone)
        several = sum(times >= 2 for times in families.values()) >= 2
        names = {}
        for key, column in self._headers.items():
            family = self._answers[key].name
            if stems[column.stem] >= 2:
                names[key] = _short(column.stem)
            elif several and families[family] >= 2:
                names[key] = family
            else:
                names[key] = ALL_RATINGS
        return names

    def _named(self, header: str, code: str) -> tuple[str, str, str | None]:
        """(item, question, code of the questionnaire) of a header; an unknown question is its own item."""
        own = {fold(wording): name for name, wording in self.config.questions.items()}
        for text in (header, code):
            if fold(text) in own:
                name = own[fold(text)]
                return name, self.config.questions[name], None
            found = next((name for name in self.config.questions if text and fold(name) == fold(text)), None)
            if found:
                return found, self.config.questions[found], None
        known = questionnaire.match_item(header)
        if known:
            return known, questionnaire.question_text(known) or header, known
        text = values.plain(header)
        return text, text, None

    def _rating(
        self, name: str, question: str, code: str | None, column: Column, answers: AnswerScale, short: str
    ) -> Item:
        names = {fold(text) for text in (name, column.header, short) if text}
        turned = bool(names & {fold(text) for text in self.config.ratings.reversed})
        scale, shipped = _known(code)
        turned = turned or shipped or (code is None and scales.marked_reversed(column.header))
        for wanted, members in self.config.scales.items():
            if names & {fold(member) for member in members}:
                scale = wanted
                break
        else:
            if code is None:
                place = next((key for key, held in self._headers.items() if held is column), None)
                scale = self._names[place] if place else ALL_RATINGS
        return Item(name, question, "rating", scale, answers, turned, self.low, self.high)

    def _asked(self, question: str, cells: Sequence[str], column: Column) -> Item:
        name, text, code = self._named(question, "")
        shipped = questionnaire.item(code) if code else None
        known = shipped.kind if shipped else ""
        if known == "open":
            return Item(name, text, "open")
        if known == "fact":
            return Item(name, text, "fact")
        members = {fold(member) for parts in self.config.scales.values() for member in parts}
        answers = scales.recognise(cells, self.config.ratings, header=question)
        if answers is None and (known == "rating" or fold(name) in members):
            answers = scales.by_settings(self.config.ratings)
        if answers is None:
            return Item(name, text, "open")
        self._of_rows[question] = answers
        asked = dataclasses.replace(column, header=question, stem="")
        return self._rating(name, text, code, asked, answers, "")


def _family(scale: AnswerScale) -> str:
    """The words of an answer scale, "" where it has none."""
    return "" if scale.name.startswith(NUMBERS) else scale.name.partition(",")[0]


def _known(code: str | None) -> tuple[str, bool]:
    """(scale, reversed) of an item of the questionnaire."""
    item = questionnaire.item(code) if code else None
    return (item.scale, item.reversed) if item else ("", False)


def _short(stem: str) -> str:
    text = values.plain(stem).rstrip(" :.")
    return text if len(text) <= LONGEST_SCALE else text[: LONGEST_SCALE - 1].rsplit(" ", 1)[0] + "…"


def _note(found: str, taken_as: str) -> Problem:
    return Problem("", "", 0, "", "note", found, taken_as, "")
