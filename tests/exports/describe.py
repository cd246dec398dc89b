"""A description of an audit: who answered what in which tool, and so what must be read from its export.

Each ``.toml`` beside this file is one. Its table of ``[responses]`` has one line a response; columns are parted by "|":
who, name, email, pair, role, round, date, consent, quote ... as the renderer needs them, ``ratings`` (one sign
an item: a number, "." left blank, "x" cannot say), and one column an open question. "⏎" is a line break.
A line with something under ``skip`` is in the file and must not be read.
"""

from __future__ import annotations

import datetime
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
BLANK, CANNOT_SAY = ".", "x"


@dataclass(frozen=True)
class Column:
    """A question of the form. ``kind``: item, open, or the name of a column of the table."""

    kind: str
    code: str
    text: str
    place: int = 0


@dataclass(frozen=True)
class Row:
    cells: dict[str, str]
    ratings: tuple[str, ...]
    answers: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def day(self) -> datetime.datetime:
        """When it was answered; the hour only makes rows differ."""
        return datetime.datetime.fromisoformat(self["date"] or "2025-03-03").replace(hour=9, minute=14)


@dataclass(frozen=True)
class Form:
    """A described audit. ``points``: the words of the scale from low to high, none where numbers were given."""

    name: str
    title: str
    tool: str
    layout: str
    files: tuple[str, ...]
    stem: str
    items: tuple[str, ...]
    codes: tuple[str, ...]
    reversed: frozenset[str]
    low: int
    high: int
    points: tuple[str, ...]
    cannot_say: str
    questions: tuple[str, ...]
    asked: dict[str, str]
    roles: dict[str, str]
    rows: tuple[Row, ...]
    truth: dict[str, Any]

    def columns(self) -> list[Column]:
        """Every question in the order of the form: about the person, ratings, open questions."""
        about = [Column(kind, kind, text) for kind, text in self.asked.items()]
        items = [
            Column("item", code, text, i) for i, (code, text) in enumerate(zip(self.codes, self.items, strict=True))
        ]
        opens = [Column("open", f"open{i + 1}", text, i) for i, text in enumerate(self.questions)]
        return about + items + opens

    def value(self, row: Row, column: Column) -> str | int | None:
        """What the cell holds; numbers where the form gave numbers."""
        if column.kind == "open":
            return row.answers[column.place] or None
        if column.kind != "item":
            return row[column.kind] or None
        given = row.ratings[column.place]
        if given == BLANK:
            return None
        if given == CANNOT_SAY:
            return self.cannot_say
        return self.points[int(given) - self.low] if self.points else int(given)

    def counted(self) -> list[Row]:
        """The rows that must be read."""
        return [row for row in self.rows if not row["skip"]]

    def expected_ratings(self) -> list[tuple[str, str, str, str, float, float]]:
        """(round, pair, role, item, rating, scored) of every cell with a rating."""
        found = []
        for row in self.counted():
            for item, code, given in zip(self.items, self.codes, row.ratings, strict=True):
                if given not in (BLANK, CANNOT_SAY):
                    rating = float(given)
                    turned = self.low + self.high - rating if code in self.reversed else rating
                    found.append((*self._who(row), item, rating, turned))
        return found

    def expected_answers(self) -> list[tuple[str, str, str, str, str]]:
        """(round, pair, role, question, text) of every open answer."""
        return [
            (*self._who(row), question, text)
            for row in self.counted()
            for question, text in zip(self.questions, row.answers, strict=True)
            if text
        ]

    def personal(self) -> set[str]:
        """Names, addresses and the like that must be nowhere in what was read."""
        kinds = ("name", "email", "phone", "mbti", "ip")
        return {row[kind] for row in self.rows for kind in kinds if row[kind]}

    def _who(self, row: Row) -> tuple[str, str, str]:
        return row["round"], pair_code(row["pair"]), self.roles.get(row["role"], "")


def pair_code(text: str) -> str:
    """ "Süd 3", "sud-3" and "SÜD  3 " are one pair."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[\s_-]+", "-", letters.casefold()).strip("-")


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Form:
    described = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    items = tuple(described["items"])
    codes = tuple(described.get("codes") or (f"q{i + 1}" for i in range(len(items))))
    low, high = described.get("scale", (1, 5))
    turned = {code for code, item in zip(codes, items, strict=True) if "(r)" in item}
    questions = tuple(described["questions"])
    return Form(
        name=name,
        title=described["title"],
        tool=described["tool"],
        layout=described["layout"],
        files=tuple(described["files"]),
        stem=described.get("stem", ""),
        items=items,
        codes=codes,
        reversed=frozenset(described.get("reversed", ())) | turned,
        low=low,
        high=high,
        points=tuple(described.get("points", ())),
        cannot_say=described.get("cannot_say", "N/A"),
        questions=questions,
        asked=described.get("asked", {}),
        roles=described["roles"],
        rows=tuple(_rows(described["responses"]["table"], len(items), len(questions))),
        truth=described["truth"],
    )


def _rows(table: str, items: int, questions: int) -> list[Row]:
    lines = [[cell.strip().replace("⏎", "\n") for cell in line.split("|")] for line in table.strip().splitlines()]
    header, *body = lines
    about = header[: len(header) - questions]
    rows = []
    for line in body:
        assert len(line) == len(header), f"{len(line)} cells, not {len(header)}: {line}"
        cells = dict(zip(about, line, strict=False))
        ratings = tuple(cells.pop("ratings").split())
        assert len(ratings) == items, f"{len(ratings)} ratings, not {items}: {line}"
        rows.append(Row(cells, ratings, tuple(line[len(about) :])))
    return rows
