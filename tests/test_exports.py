"""Exports of survey tools as people have them, built from the descriptions in ``exports/``, and what is read."""

from __future__ import annotations

import csv
import dataclasses
import functools
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditkit.config import Config
from auditkit.linking import link
from auditkit.questionnaire import match_item
from auditkit.responses import Responses, read
from exports import build, describe
from exports.describe import Form

NAMES = describe.names()
every = pytest.mark.parametrize("name", NAMES)


@dataclasses.dataclass(frozen=True)
class Export:
    """A described form, its files, and the rounds that auditkit finds in them."""

    form: Form
    paths: list[Path]
    rounds: list[Responses]

    @functools.cached_property
    def people(self) -> list[dict[str, Any]]:
        return self._rows("people")

    @functools.cached_property
    def ratings(self) -> list[dict[str, Any]]:
        return self._rows("ratings")

    @functools.cached_property
    def answers(self) -> list[dict[str, Any]]:
        return self._rows("answers")

    @functools.cached_property
    def problems(self) -> list[dict[str, Any]]:
        return self._rows("problems")

    def number(self, round_name: str) -> int:
        """A described round's place, from the first to the last."""
        return list(dict.fromkeys(row["round"] for row in self.form.rows)).index(round_name)

    def _rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a frame, of all rounds, with the round's place instead of its name."""
        return [
            row | {"round": place}
            for place, responses in enumerate(self.rounds)
            for row in getattr(responses, table).to_dict("records")
        ]


@pytest.fixture(scope="session")
def exports() -> dict[str, Export]:
    """Filled by ``export``: each description is built and read once."""
    return {}


@pytest.fixture
def export(name: str, exports: dict[str, Export], tmp_path_factory: pytest.TempPathFactory) -> Export:
    if name not in exports:
        form = describe.load(name)
        paths = build.build(name, tmp_path_factory.mktemp(name))
        settings = Config.model_validate(form.truth.get("settings", {}))
        codes: dict[str, str] = {}

        def code(of: str) -> str:
            return codes.setdefault(of, f"R-{len(codes) + 100}")

        together = [[path] for path in paths] if "per_file" in form.truth else [paths]
        rounds = [one for files in together for one in read(files, settings, codes=code)]
        exports[name] = Export(form, paths, rounds)
    return exports[name]


def asked(text: str) -> str:
    """A question as it is told apart: our own by its code, others by their words."""
    return match_item(text) or " ".join(re.findall(r"\w+", text.casefold()))


def clean(text: str) -> str:
    return " ".join(text.split())


def differences(expected: list[Any], found: list[Any]) -> dict[str, list[Any]]:
    """What is missing and what is too much, without regard to order; empty where nothing is."""
    missing, more = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    both = {"missing": [*missing.elements()], "more": [*more.elements()]}
    return {what: [f"{len(rows)} rows", *rows[:4]] for what, rows in both.items() if rows}


# The files are what the descriptions say, as other programs read them.


def cells_of(path: Path, form: Form) -> Counter[str]:
    """Every cell of a file as text, read with the library of its kind and not with auditkit."""
    if path.suffix in (".csv", ".txt"):
        (file,) = [file for file in build.tools.render(form) if file.name == path.name]
        with path.open(encoding=file.encoding, newline="") as stream:
            cells: list[Any] = [cell for row in csv.reader(stream, delimiter=file.delimiter) for cell in row]
    elif path.suffix in (".xlsx", ".xls", ".ods"):
        import python_calamine

        book = python_calamine.CalamineWorkbook.from_path(str(path))
        cells = [c for sheet in book.sheet_names for row in book.get_sheet_by_name(sheet).to_python() for c in row]
    elif path.suffix in (".sav", ".zsav"):
        import pyreadstat

        frame, _ = pyreadstat.read_sav(str(path), apply_value_formats=True, user_missing=True)
        cells = frame.astype(object).to_numpy().ravel().tolist()
    else:
        import pyarrow.parquet

        cells = [cell for column in pyarrow.parquet.read_table(path).to_pydict().values() for cell in column]
    return Counter(re.sub(r"[.,]0$", "", str(cell)) for cell in cells)


@every
def test_the_file_holds_what_is_described(name: str, tmp_path: Path) -> None:
    form = describe.load(name)
    cells: Counter[str] = Counter()
    for path in build.build(name, tmp_path):
        cells += cells_of(path, form)
    written = [form.value(row, column) for row in form.rows for column in form.columns() if column.kind == "open"]
    assert not [text for text in written if text and not cells[str(text)]]
    ratings = Counter(
        str(form.value(row, column)) for row in form.rows for column in form.columns() if column.kind == "item"
    )
    ratings.pop("None", None)
    if form.tool == "spss":  # its last item has labels at the ends only
        ratings = Counter(form.points)
    assert not [point for point, times in ratings.items() if cells[point] < times]


@every
def test_the_description_agrees_with_its_own_counts(name: str) -> None:
    form = describe.load(name)
    sizes = Counter(row["round"] for row in form.counted())
    pairs = {describe.pair_code(row["pair"]) for row in form.counted()} - {""}
    counted = [list(sizes.values()), len(pairs), len(form.expected_ratings()), len(form.expected_answers())]
    assert counted == [form.truth[what] for what in ("rounds", "pairs", "ratings", "answers")]
    assert {row["role"] for row in form.rows} <= set(form.roles)


def test_at_least_twenty_eight_need_no_option() -> None:
    free = [name for name in NAMES if not describe.load(name).truth.get("settings")]
    assert len(free) >= 28


# What auditkit reads from them.


@every
def test_layout(export: Export) -> None:
    assert {one.layout for one in export.rounds} == {export.form.layout}


@every
def test_rounds(export: Export) -> None:
    truth = export.form.truth
    assert [len(one.people) for one in export.rounds] == truth["rounds"]
    if truth.get("names"):
        assert [one.round for one in export.rounds] == truth["names"]
    assert export.rounds[0].order == truth.get("order", "")


@every
def test_people(export: Export) -> None:
    expected = [
        (export.number(row["round"]), describe.pair_code(row["pair"]), export.form.roles.get(row["role"], ""))
        for row in export.form.counted()
    ]
    assert not differences(expected, [(row["round"], row["pair"], row["role"]) for row in export.people])
    assert len({row["pair"] for row in export.people} - {""}) == export.form.truth["pairs"]


@every
def test_by_what_people_are_known(export: Export) -> None:
    assert {row["identity"] for row in export.people} == {export.form.truth["identity"]}


@every
def test_the_same_person_in_both_rounds(export: Export) -> None:
    both = {row["who"] for row in export.form.counted()}
    if len(export.rounds) == 1 or both == {""}:
        pytest.skip("one round")
    if "per_file" in export.form.truth:
        both -= set(export.form.truth["per_file"]["near"])
        linking = link([(one.round, one.people) for one in export.rounds], {})
        known = {linking.mapping.get(code, code) for code in export.rounds[1].people["respondent"]}
        assert len(known & set(export.rounds[0].people["respondent"])) == export.form.truth["per_file"]["both"]
        assert len(linking.near) == 1
        return
    found: dict[str, set[int]] = {}
    for row in export.people:
        found.setdefault(row["respondent"], set()).add(row["round"])
    expected: dict[str, set[int]] = {}
    for row in export.form.counted():
        expected.setdefault(row["who"], set()).add(export.number(row["round"]))
    assert Counter(map(frozenset, found.values())) == Counter(map(frozenset, expected.values()))
    assert all(one.linked for one in export.rounds)


@every
def test_ratings(export: Export) -> None:
    expected = [
        (export.number(round_name), pair, role, asked(item), rating, scored)
        for round_name, pair, role, item, rating, scored in export.form.expected_ratings()
    ]
    found = [
        (row["round"], row["pair"], row["role"], asked(row["item"]), row["rating"], row["scored"])
        for row in export.ratings
    ]
    assert not differences(expected, found)
    assert len(found) == export.form.truth["ratings"]
    for pair, role, item, scored in export.form.truth["exact"]:
        who = [row for row in export.ratings if (row["pair"], row["role"]) == (pair, role)]
        assert scored in [row["scored"] for row in who if asked(row["item"]) == asked(item)]


@every
def test_open_answers(export: Export) -> None:
    expected = [
        (export.number(round_name), pair, role, asked(question), clean(text))
        for round_name, pair, role, question, text in export.form.expected_answers()
    ]
    found = [
        (row["round"], row["pair"], row["role"], asked(row["item"]), clean(row["text"]))
        for row in export.answers
        if "please specify" not in row["question"].casefold()
    ]
    assert not differences(expected, found)
    assert len(found) == export.form.truth["answers"]


@every
def test_facts(export: Export) -> None:
    assert sum(len(one.facts) for one in export.rounds) == export.form.truth.get("facts", 0)


@every
def test_consents(export: Export) -> None:
    expected = export.form.truth.get("consent_quote", {"none": len(export.people)})
    assert Counter(row["consent_quote"] for row in export.people) == Counter(expected)


@every
def test_rows_left_out_are_said_with_their_reason(export: Export) -> None:
    for number, word in export.form.truth.get("left_out", {}).items():
        said = [f"{row['found']} {row['taken_as']}" for row in export.problems if row["row"] in (int(number), 0)]
        assert any(word in text for text in said), f"row {number}: {word}"


@every
def test_what_identifies_people_is_nowhere(export: Export) -> None:
    role_of = {asked(column.header): column.role for one in export.rounds for column in one.columns}
    for header in export.form.truth.get("kept_out", []):
        role = role_of.get(asked(header), "ignore")
        assert role in ("ignore", "email", "respondent"), f"{header}: {role}"
    frames = [export.people, export.ratings, export.answers, export.problems]
    cells = " | ".join(str(cell) for frame in frames for row in frame for cell in row.values())
    assert not [text for text in export.form.personal() if text.casefold() in cells.casefold()]


@every
def test_no_more_errors_than_there_are(export: Export) -> None:
    errors = [(row["row"], row["column"], row["found"]) for row in export.problems if row["severity"] == "error"]
    assert len(errors) == export.form.truth.get("errors", 0), errors


@every
def test_no_problem_tells_an_answer(export: Export) -> None:
    told = " | ".join(f"{row['found']} {row['taken_as']} {row['fix']}" for row in export.problems)
    answers = [text for *_, text in export.form.expected_answers() if len(text.split()) > 2]
    assert not [text for text in answers if text in told]
