"""A made-up audit of two rounds whose changes are known: the demo, and the yardstick for what finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from auditkit.files import save_book
from auditkit.questionnaire import PRIMARIES, items
from auditkit.voices import QUESTIONS, REPEAT_ONLY, Ask, Voice, write_answers

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

ROUNDS = ("baseline", "repeat")
STARTS = {"baseline": date(2025, 1, 6), "repeat": date(2026, 1, 5)}
ROLES = ("doctor", "manager")
SPONSORS = "sponsors"

EFFECTS = {
    "communication": 1.0,
    "trust": 0.36,
    "knowing": 0.40,
    "goals": 0.0,
    "roles": 1.15,
    "decisions": 1.25,
    "disagreement": 1.20,
    "support": -0.25,
}
"""Planted change of each scale, in scale points, in pairs that are no exception."""

LEVELS = {
    "communication": 2.7,
    "trust": 3.2,
    "knowing": 2.9,
    "goals": 4.5,
    "roles": 3.1,
    "decisions": 2.8,
    "disagreement": 2.8,
    "support": 3.0,
}
"""Mean of each scale at baseline."""

ROLE_GAPS = {"communication": 0.5, "decisions": 0.5, "disagreement": 0.3, "roles": 0.3, "support": 0.6}
"""By how much managers answer higher than doctors, in both rounds."""

_WORKING = PRIMARIES["working together"]
_PAIR_LEVELS = {"ward-2": -0.1, "ward-5": -0.7, "ward-7": 0.5, "ward-12": 0.4, SPONSORS: 0.8}
_PAIR_CHANGES: dict[str, dict[str, tuple[float, float]]] = {  # change of the doctor, of the manager
    "ward-2": {
        "communication": (0.0, 1.6),
        **dict.fromkeys(("trust", "knowing"), (-0.4, 1.1)),
        **dict.fromkeys(_WORKING, (0.0, 1.6)),
    },
    "ward-5": dict.fromkeys(("communication", "trust", "knowing", *_WORKING), (-0.15, -0.15)),
    "ward-7": dict.fromkeys(_WORKING, (-1.0, -0.95)),
    "ward-12": dict.fromkeys(_WORKING, (-0.95, -1.05)),
}


@dataclass(frozen=True)
class Planted:
    """One planted fact. With a ``column`` it is one cell: ``written`` is what the cell holds, or in an open
    answer what is added at its end; None is an empty cell. Without, it is about the pair or the person."""

    kind: str
    pair: str
    round: str = ""
    role: str = ""
    column: str = ""
    written: str | int | None = None


PLANTED = (
    Planted("worsened", "ward-7"),
    Planted("worsened", "ward-12"),
    Planted("gap grew", "ward-2"),
    Planted("low, not improved", "ward-5"),
    Planted("communication a problem for both", "ward-5", "repeat"),
    Planted("left", "ward-11", "repeat", "manager"),
    Planted("re-formed", "ward-9", "repeat", "manager"),
    Planted("ratings shared", "ward-3"),
    Planted("consent refused", "ward-14", "repeat", "doctor", "consent_analysis", "no"),
    Planted("consent blank", "ward-13", "repeat", "manager", "consent_analysis"),
    Planted("consent blank", "ward-6", "baseline", "doctor", "consent_quote"),
    Planted("consent blank", "ward-10", "repeat", "manager", "consent_pair_ratings"),
    Planted("consent blank", "ward-1", "repeat", "doctor", "consent_pair_words"),
    Planted("pair code", "ward-5", "baseline", "doctor", "pair_id", "ward-5 "),
    Planted("pair code", "ward-10", "repeat", "manager", "pair_id", "ward-10  "),
    Planted("pair code", "ward-3", "baseline", "manager", "pair_id", "Ward 3"),
    Planted("role", "ward-2", "repeat", "manager", "role", "Manager"),
    Planted("out of range", "ward-8", "baseline", "doctor", "GOA2", 6),
    Planted("word for a number", "ward-1", "baseline", "manager", "SUP2", "four"),
    Planted("no rating", "ward-4", "baseline", "doctor", "DIS2", "N/A"),
    Planted("no rating", "ward-12", "baseline", "manager", "ROL2", "N/A"),
    Planted("no rating", "ward-1", "repeat", "doctor", "GOA3", "N/A"),
    Planted("no rating", "ward-6", "baseline", "manager", "KNO2", "cannot say"),
    Planted("no rating", "ward-10", "baseline", "doctor", "SUP3", "cannot say"),
    Planted("no rating", "ward-8", "repeat", "manager", "SUP1", "cannot say"),
    Planted("no rating", "ward-4", "repeat", "manager", "ROL3"),
    Planted("emoji", "ward-4", "baseline", "manager", "Q1", " 🙂"),
    Planted("emoji", "ward-10", "repeat", "doctor", "Q6", " 👍🏽"),
    Planted("curly quotes", "ward-6", "baseline", "manager", "Q1", " It’s “work in progress”, as they say."),
)
"""Everything planted apart from the effects; the README of the demo lists it."""


@dataclass(frozen=True)
class Settings:
    """``effects``: scale points by scale. ``change`` multiplies every planted change (0: a copy without)."""

    pairs: int = 14
    effects: Mapping[str, float] = field(default_factory=lambda: dict(EFFECTS))
    change: float = 1.0
    seed: int = 32


@dataclass(frozen=True, eq=False)
class SimulatedAudit:
    """``rows``: one row a person and round, the columns of the sheets, before any messy cell is written.

    ``truth``: round, pair, respondent, question, theme, pole; one row a theme of each answer. An answer
    without any theme has one row: theme ``none`` (nothing said) or ``off`` (said, but of no theme).
    ``truth`` is never written to a spreadsheet.
    """

    settings: Settings
    rows: pd.DataFrame
    truth: pd.DataFrame


def generate(settings: Settings | None = None) -> SimulatedAudit:
    """Make an audit of ``settings.pairs`` pairs and a sponsor pair; the same settings give the same audit.

    Ratings are whole numbers from 1 to 5 as answered (reversed items not turned). No sentence of the bank
    comes twice as long as the bank lasts. Planted exceptions exist where their pair does.
    """
    import pandas as pd

    settings = settings or Settings()
    rng = Random(settings.seed)
    codes = [f"ward-{number}" for number in range(1, settings.pairs + 1)] + [SPONSORS]
    ids = _respondent_ids(rng, 2 * len(codes) + 1)
    used: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    truth: list[tuple[str, ...]] = []
    for number, pair in enumerate(codes, 1):
        voices = _voices(rng, settings, pair, ids)
        answers = write_answers(rng, _in_turn(voices, number), _ask(settings, pair), used)
        for voice in voices:
            row: dict[str, Any] = {
                "respondent_id": voice.respondent,
                "pair_id": pair,
                "service_id": "S-00" if pair == SPONSORS else f"S-{number:02d}",
                "role": f"sponsor_{voice.role}" if pair == SPONSORS else voice.role,
                "round": voice.round,
                "answered_on": _working_day(rng, STARTS[voice.round]),
                **_consents(rng, pair, voice),
                **_ratings(rng, voice.scored),
                "MEET": voice.meetings,
                "OVERALL": _whole(rng, _primary_mean(voice.scored)),
            }
            for question in QUESTIONS:
                row[question], marks = answers.get((voice.round, voice.role, question), ("", ()))
                truth += [(voice.round, pair, voice.respondent, question, *mark) for mark in marks]
            rows.append(row)
    rows.sort(key=lambda row: (row["answered_on"], row["respondent_id"]))
    columns = ["round", "pair", "respondent", "question", "theme", "pole"]
    return SimulatedAudit(settings, pd.DataFrame(rows), pd.DataFrame(sorted(truth), columns=columns))


def write_demo(folder: Path) -> list[Path]:
    """Write ``baseline.xlsx`` and ``repeat.xlsx`` of the demo, with every messy cell of PLANTED."""
    return write(generate(), folder)


def write(audit: SimulatedAudit, folder: Path) -> list[Path]:
    """Write one workbook a round: a sheet of responses under a merged title, and one of the questions.

    The messy cells of PLANTED are written where their pair and person are in the audit.
    """
    from openpyxl import Workbook

    paths = []
    for name in ROUNDS:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        rows = audit.rows[audit.rows["round"] == name]
        if name == "baseline":
            rows = rows.drop(columns=list(REPEAT_ONLY))
        _write_responses(sheet, name, rows.to_dict("records"), list(rows.columns))
        _write_questions(book.create_sheet("Questions"), list(rows.columns))
        path = folder / f"{name}.xlsx"
        save_book(book, path)
        paths.append(path)
    return paths


def _respondent_ids(rng: Random, count: int) -> list[str]:
    signs = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    ids: dict[str, None] = {}
    while len(ids) < count:
        ids["R-" + "".join(signs[int(rng.random() * len(signs))] for _ in range(4))] = None
    return list(ids)


def _voices(rng: Random, settings: Settings, pair: str, ids: list[str]) -> list[Voice]:
    """The pair's people in both rounds: their true scale means, and how they write."""
    planted = {(fact.kind, fact.role) for fact in PLANTED if fact.pair == pair}
    shared = {scale: _spread(rng, 0.15) for scale in LEVELS}
    own_level = _spread(rng, 0.3)
    if settings.change:
        own_level = _PAIR_LEVELS.get(pair, own_level)
    chance = {name: {scale: _spread(rng, 0.12) for scale in LEVELS} for name in ROUNDS}
    meetings = _meetings(rng, settings, pair)
    genders = {role: "she" if rng.random() < 0.5 else "he" for role in ROLES}
    voices: list[Voice] = []
    for side, role in enumerate(ROLES):
        partner = genders[ROLES[1 - side]]
        person, before = ids.pop(), dict[str, float]()
        talk = _spread(rng, 0.2)
        level = {
            scale: LEVELS[scale]
            + own_level * (scale not in ("goals", "support"))
            + shared[scale]
            + _spread(rng, 0.15)
            + (side - 0.5) * ROLE_GAPS.get(scale, 0.0)
            for scale in LEVELS
        }
        for name in ROUNDS:
            if name == "repeat":
                if ("left", role) in planted:
                    continue
                if ("re-formed", role) in planted:
                    person, before = ids.pop(), {}
            scored = {}
            for scale in LEVELS:
                change = _PAIR_CHANGES.get(pair, {}).get(scale, (settings.effects[scale],) * 2)[side]
                target = level[scale] + chance[name][scale] + _spread(rng, 0.12)
                target += settings.change * change * (name == "repeat")
                scored[scale] = _whole(rng, 3 * target, 3, 15) / 3
            met = (meetings["baseline"][side], meetings[name][side])
            voices.append(Voice(person, name, role, partner, talk, scored, before, met[1], met[0]))
            before = scored
    return voices


def _meetings(rng: Random, settings: Settings, pair: str) -> dict[str, tuple[int, int]]:
    """Meetings in four weeks as doctor and manager remember them."""
    counts = {}
    for name in ROUNDS:
        shared = 1 if pair == "ward-5" else 1 + int(rng.random() * 3)
        if pair != "ward-5" and name == "repeat":
            shared += round(settings.change * (1 + 2 * rng.random()))
        counts[name] = (shared, max(0, shared - 1 + int(rng.random() * 3)))
    return counts


def _ask(settings: Settings, pair: str) -> Ask:
    facts = [fact for fact in PLANTED if fact.pair == pair]
    return Ask(
        shift=0.0 if pair == "ward-5" else settings.change,
        both=bool(settings.change) and any(fact.kind.startswith("communication") for fact in facts),
        apart=bool(settings.change) and pair != "ward-5",
        silent=frozenset({"Q5"}) if pair == SPONSORS else frozenset(),
        must=frozenset((fact.round, fact.role, fact.column) for fact in facts if fact.column in QUESTIONS),
    )


def _in_turn(voices: list[Voice], number: int) -> list[Voice]:
    """Every other pair draws its repeat first, so that no round meets the fuller bank."""
    return sorted(voices, key=lambda voice: (voice.round == ("baseline", "repeat")[number % 2], voice.role))


def _consents(rng: Random, pair: str, voice: Voice) -> dict[str, str]:
    quote, ratings, words = (rng.random() for _ in range(3))
    shared = any(fact.kind == "ratings shared" and fact.pair == pair for fact in PLANTED)
    refuses = voice.role == "manager" and voice.round == "repeat"  # one of four is enough: ratings stay apart
    return {
        "consent_analysis": "yes",
        "consent_quote": "none" if quote < 0.15 else "paraphrase" if quote < 0.6 else "verbatim",
        "consent_pair_ratings": "yes" if shared or (ratings < 0.5 and not refuses) else "no",
        "consent_pair_words": "no" if words < 0.6 else "paraphrase" if words < 0.85 else "verbatim",
    }


def _ratings(rng: Random, scored: Mapping[str, float]) -> dict[str, int]:
    """Three whole items whose mean is the scale's, with some spread, turned where the form is reversed."""
    row = {}
    for scale, mean in scored.items():
        three, total = [item for item in items() if item.scale == scale], round(3 * mean)
        values = [total // 3 + (place < total % 3) for place in range(3)]
        if rng.random() < 0.4 and values[0] < 5 and values[2] > 1:
            values[0], values[2] = values[0] + 1, values[2] - 1
        turn = int(rng.random() * 3)
        for item, value in zip(three, values[turn:] + values[:turn], strict=True):
            row[item.code] = 6 - value if item.reversed else value
    return {item.code: row[item.code] for item in items() if item.code in row}


def _primary_mean(scored: Mapping[str, float]) -> float:
    means = [sum(scored[scale] for scale in scales) / len(scales) for scales in PRIMARIES.values()]
    return sum(means) / len(means)


def _spread(rng: Random, width: float) -> float:
    return (2 * rng.random() - 1) * width


def _whole(rng: Random, value: float, low: int = 1, high: int = 5) -> int:
    """Round up or down by chance, so that the mean is kept."""
    return min(high, max(low, int(value + rng.random())))


def _working_day(rng: Random, monday: date) -> date:
    return monday + timedelta(days=7 * int(3 * rng.random()) + int(5 * rng.random()))


def _write_responses(sheet: Worksheet, name: str, rows: Sequence[Mapping[Any, Any]], columns: list[str]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.title = "Responses"
    last = get_column_letter(len(columns))
    sheet["A1"] = f"Doctors and managers in partnership: audit, {name} round, {STARTS[name]:%B %Y}"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.merge_cells(f"A1:{last}1")
    sheet.append([])
    sheet.append(columns)
    header = sheet.max_row
    for place, row in enumerate(rows):
        if place == len(rows) // 2:
            sheet.append([])  # as real sheets have
        sheet.append([_cell(row, column) for column in columns])
    for place, column in enumerate(columns, 1):
        sheet.cell(header, place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = 60 if column in QUESTIONS else 14
        for line in range(header + 1, sheet.max_row + 1):
            cell = sheet.cell(line, place)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if column == "answered_on":
                cell.number_format = "dd/mm/yyyy"
    sheet.freeze_panes = f"B{header + 1}"


def _cell(row: Mapping[Any, Any], column: str) -> Any:
    value = row[column]
    role = str(row["role"]).removeprefix("sponsor_")
    for fact in PLANTED:
        if (fact.pair, fact.round, fact.role, fact.column) == (row["pair_id"], row["round"], role, column):
            return value + fact.written if column in QUESTIONS else fact.written
    return value if value != "" else None


def _write_questions(sheet: Worksheet, columns: list[str]) -> None:
    sheet.append(["code", "text", "scale", "reversed"])
    for item in items():
        if item.code in columns:
            sheet.append([item.code, item.text, item.scale, "yes" if item.reversed else "no"])
    sheet.column_dimensions["B"].width = 90
