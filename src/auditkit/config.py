"""The settings of an audit: ``audit.toml``, written on first use, edited by people."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    import tomlkit

ROLES = ("doctor", "manager", "staff", "sponsor_doctor", "sponsor_manager")

COLUMN_ROLES = {
    "respondent": "who answered: a code, the same in every round",
    "email": "the respondent's e-mail address: replaced by a code at once",
    "self_code": "a code that the respondents make up and know again next time",
    "pair": "the pair (or group) that the respondent belongs to",
    "service": "the service that the pair runs",
    "role": "the respondent's role in the pair",
    "round": "the round of the audit",
    "date": "when it was answered",
    "question": "the question, in sheets with one answer a row",
    "open": "an open answer",
    "rating": "a rating",
    "fact": "a number of things that both partners can count, such as meetings",
    "consent_analysis": "may the answers be analysed",
    "consent_quote": "may words be quoted: none, paraphrase or verbatim",
    "consent_pair_ratings": "may the partner see the ratings",
    "consent_pair_words": "may the partner see words: no, paraphrase or verbatim",
    "withdrawn": "the day on which the respondent withdrew",
    "ignore": "not read",
}
"""Every role a column can have in ``[columns]``, and what it means."""


class Part(BaseModel):
    """A section of audit.toml: unknown keys are an error, so that a typing mistake is never silent."""

    model_config = ConfigDict(extra="forbid")


class Programme(Part):
    name: str = Field("Cultural audit", description="printed at the top of every report and pack")
    contact: str = Field("", description="whom participants can ask; printed at the foot of packs")
    next_steps: list[str] = Field(
        default_factory=list, description="what happens next, one sentence each; printed in packs"
    )


class Ratings(Part):
    low: int = Field(1, description="lowest rating that the form offers")
    high: int = Field(5, description="highest rating that the form offers")
    reversed: list[str] = Field(
        default_factory=list, description="items in which agreeing is bad; turned round when scored"
    )
    words: dict[str, float] = Field(default_factory=dict, description='the number behind a word, such as "four" = 4')
    other: dict[str, tuple[float, float]] = Field(
        default_factory=dict, description='items answered on another scale: "ITEM" = [lowest, highest]'
    )

    @model_validator(mode="after")
    def _in_order(self) -> Ratings:
        for name, low, high in (("", self.low, self.high), *((f"{n}: ", *ends) for n, ends in self.other.items())):
            if low >= high:
                raise ValueError(f"{name}low = {low:g} is not below high = {high:g}")
        return self


class Reading(Part):
    """Which rows of an export count."""

    unfinished: Literal["leave out", "read"] = Field(
        "leave out", description='answers that were never handed in: "leave out" or "read"'
    )


class Thresholds(Part):
    k_numbers: int = Field(10, ge=7, description="people behind any number in a pack; floor 7")
    k_comments: int = Field(10, ge=7, description="people behind anything about written answers; floor 7")
    k_pairs: int = Field(5, ge=4, description="pairs behind any number in a pack; floor 4")
    k_theme: int = Field(3, ge=3, description="people, from two pairs, who name a theme; floor 3")


LOWEST = Thresholds(k_numbers=7, k_comments=7, k_pairs=4, k_theme=3)
"""The floors: what an earlier pack may have been made under."""


class Compare(Part):
    """When a change counts. Points that nobody set are those of a 1 to 5 scale, stretched to the audit's own."""

    sesoi: float = Field(0.5, gt=0, description="smallest change in scale points that matters")
    reliability: float = Field(0.80, gt=0, lt=1, description="assumed with fewer than 30 respondents")
    sd: float = Field(0.80, gt=0, description="assumed spread of ratings with fewer than 30 respondents")
    low_mean: float = Field(3.0, description="a pair below this at repeat, not improved, is an exception")
    gap_growth: float = Field(1.0, gt=0, description="a gap that grew by this much is an exception")


class Topics(Part):
    granularity: float = Field(
        3.0, gt=0, le=10, description="more suggested themes the higher; groups = this times the root of n"
    )
    show: int = Field(10, ge=0, description="how many suggested themes are listed at most")
    engine: str = Field(
        "auditkit", description='what groups the answers: "auditkit", "bertopic" or a function of yours'
    )

    @field_validator("engine")
    @classmethod
    def _is_an_engine(cls, engine: str) -> str:
        if engine not in ("auditkit", "bertopic") and not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", engine):
            raise ValueError(f'there is no engine "{engine}"; write auditkit, bertopic or module:function')
        return engine


SECTIONS = "programme columns roles pairs people questions reading ratings scales primaries thresholds compare".split()
"""Those that a new audit.toml shows, in this order."""


class Config(Part):
    """All settings. ``primaries`` maps the name of a main question to the scales it joins."""

    programme: Programme = Field(default_factory=Programme, description="what is printed about the programme")
    columns: dict[str, str] = Field(default_factory=dict, description="what each column of the spreadsheets means")
    roles: dict[str, str] = Field(
        default_factory=dict,
        description="a role as written in the sheet = one of " + ", ".join(ROLES),
    )
    pairs: dict[str, str] = Field(
        default_factory=dict,
        description="one spelling of a pair = the pair that is meant, both as auditkit writes them",
    )
    services: dict[str, str] = Field(default_factory=dict, description="the same for services")
    people: dict[str, str] = Field(
        default_factory=dict, description='a code in a later round = the same person\'s earlier code, or "nobody"'
    )
    questions: dict[str, str] = Field(
        default_factory=dict, description="the code of a question of your own = its wording"
    )
    reading: Reading = Field(default_factory=Reading, description="which rows of an export count")
    ratings: Ratings = Field(default_factory=Ratings, description="the answer scale")
    scales: dict[str, list[str]] = Field(default_factory=dict, description="the items that make up each scale")
    primaries: dict[str, list[str]] = Field(
        default_factory=dict, description="the main questions: chosen before the repeat is read"
    )
    thresholds: Thresholds = Field(default_factory=Thresholds, description="how many must stand behind a figure")
    compare: Compare = Field(default_factory=Compare, description="when a change counts as one")
    topics: Topics = Field(default_factory=Topics, description="the search for themes the codebook misses")

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, roles: dict[str, str]) -> dict[str, str]:
        for role in roles.values():
            if role.strip().casefold() not in ROLES:
                raise ValueError(f'there is no role "{role}"; write one of {", ".join(ROLES)}')
        return {text: role.strip().casefold() for text, role in roles.items()}

    @model_validator(mode="after")
    def _in_points_of_the_scale(self) -> Config:
        stretch, given = (self.ratings.high - self.ratings.low) / 4, self.compare.model_fields_set
        points = {name: getattr(self.compare, name) * stretch for name in ("sesoi", "sd", "gap_growth")}
        points["low_mean"] = self.ratings.low + (self.compare.low_mean - 1) * stretch
        points = {name: value for name, value in points.items() if name not in given}
        if (self.ratings.low, self.ratings.high) != (1, 5):
            self.compare = self.compare.model_copy(update=points)
        return self

    def with_scale(self, low: int, high: int) -> Config:
        """The settings for another answer scale, with whatever counts in points stretched to it."""
        data = self.model_dump(exclude_unset=True)
        return Config.model_validate({**data, "ratings": {**data.get("ratings", {}), "low": low, "high": high}})

    def fingerprint(self) -> str:
        """Eight hex digits over every setting but the columns, which each file fills for itself."""
        text = json.dumps(self.model_dump(mode="json", exclude={"columns"}), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def load(path: Path) -> Config:
    """Read ``audit.toml``; the defaults where there is none.

    Raises AuditkitError for text that is no TOML, an unknown key ("did you mean"), or a wrong value.
    """
    if not path.exists():
        return Config()
    try:
        config = Config.model_validate(_parsed(path).unwrap())
    except ValidationError as error:
        raise AuditkitError(
            f"{path.name} holds {_count(error.error_count(), 'setting')} that cannot be used",
            f"Correct {path.name}; docs/audit-toml.md lists every setting.",
            details=[_explain(item, Config) for item in error.errors()],
        ) from None
    for header, role in config.columns.items():
        if role not in COLUMN_ROLES:
            raise AuditkitError(
                f'{path.name}, [columns]: "{header}" = "{role}" is no role of a column',
                f"Use one of: {', '.join(COLUMN_ROLES)}.{_did_you_mean(role, COLUMN_ROLES)}",
            )
    return config


DOUBTFUL = "doubtful: please check"
"""Stands behind a column in audit.toml whose role nobody has confirmed."""


def unconfirmed(path: Path) -> set[str]:
    """Headers whose role in ``[columns]`` was doubtful when it was written, and that nobody touched since."""
    if not path.exists():
        return set()
    table: Any = _parsed(path).get("columns", {})
    return {header for header in table if DOUBTFUL in table.item(header).trivia.comment}


def save(
    path: Path, changes: dict[str, Any], *, doubtful: Collection[str] = (), confirmed: Collection[str] = ()
) -> None:
    """Set values of ``audit.toml``, keeping every comment and every other line a person wrote.

    ``changes`` maps section to key to value; nothing is removed. New columns that are ``doubtful`` say so behind
    their role; those that a person ``confirmed`` no longer do. Written to a temporary file, then renamed.
    """
    import tomlkit

    from auditkit.files import write_text

    document = _parsed(path) if path.exists() else _template()
    for section, values in changes.items():
        if section not in document:
            document[section] = tomlkit.table()
        table: Any = document[section]
        for key, value in values.items():
            if table.get(key) != value:
                table[key] = value
                if section == "columns" and key in doubtful:
                    table.item(key).comment(DOUBTFUL)
            if section == "columns" and key in confirmed:
                table.item(key).trivia.comment_ws = table.item(key).trivia.comment = ""
    text = tomlkit.dumps(document)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)


def _parsed(path: Path) -> tomlkit.TOMLDocument:
    """A settings file as it stands. Raises AuditkitError where it cannot be opened, or is no TOML."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AuditkitError(
            f"{path} cannot be read: {error.strerror}.", "It must be a file that you may read; check your rights."
        ) from None
    except UnicodeDecodeError:
        raise AuditkitError(
            f"{path.name} cannot be read: it is no UTF-8 text.", "Save it as UTF-8, or delete the file."
        ) from None
    except TOMLKitError as error:
        raise AuditkitError(f"{path.name} cannot be read: {error}", "Correct that line, or delete the file.") from None


def _template() -> tomlkit.TOMLDocument:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Settings of this audit. Edit them, then run the command again."))
    document.add(tomlkit.comment("docs/audit-toml.md explains each; what is missing here has its default."))
    for name in SECTIONS:
        table = tomlkit.table()
        table.comment(str(Config.model_fields[name].description))
        document[name] = table
    return document


def _explain(item: Any, model: type[BaseModel]) -> str:
    where = [str(part) for part in item["loc"]]
    text = f"{'.'.join(where)}: {item['msg'].removeprefix('Value error, ')}"
    if item["type"] == "extra_forbidden":
        for part in where[:-1]:
            inner = model.model_fields[part].annotation
            assert isinstance(inner, type)
            model = inner
        text = f"{'.'.join(where)}: there is no such setting.{_did_you_mean(where[-1], model.model_fields)}"
    return text


def _did_you_mean(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
