"""The demo's generator: what is planted can be found again in the written files, and nothing else is."""

from __future__ import annotations

import csv
import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from auditkit.questionnaire import PRIMARIES, items
from auditkit.simulate import (
    PLANTED,
    ROUNDS,
    Planted,
    Settings,
    generate,
    write,
    write_demo,
)
from auditkit.voices import QUESTIONS, sentences

README = Path(__file__).resolve().parents[1] / "examples" / "README.md"
SCALES = {item.scale for item in items()} - {""}
CELLS = [fact for fact in PLANTED if fact.column]


@dataclass(frozen=True)
class Row:
    """One person as the sheet holds them; ``cells``: column -> (address, value)."""

    pair: str
    role: str
    round: str
    respondent: str
    cells: dict[str, tuple[str, Any]]

    def scale(self, name: str) -> float:
        """Mean of the whole ratings from 1 to 5, reversed ones turned."""
        values = []
        for item in items():
            if item.scale == name:
                value = self.cells[item.code][1]
                if isinstance(value, int) and 1 <= value <= 5:
                    values.append(6 - value if item.reversed else value)
        return mean(values)

    def primary(self, name: str) -> float:
        return mean(self.scale(scale) for scale in PRIMARIES[name])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo")
    write_demo(path)
    return path


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[Row]:
    return [row for name in ROUNDS for row in read(folder / f"{name}.xlsx")]


def read(path: Path) -> list[Row]:
    from openpyxl import load_workbook

    sheet = load_workbook(path)["Responses"]
    header = next(line for line in sheet.iter_rows() if line[0].value == "respondent_id")
    names = [cell.value for cell in header]
    found = []
    for line in sheet.iter_rows(min_row=header[0].row + 1):
        cells = {str(name): (cell.coordinate, cell.value) for name, cell in zip(names, line, strict=True)}
        if cells["respondent_id"][1]:
            pair = re.sub(r"\s+", "-", str(cells["pair_id"][1]).strip().lower())
            role = str(cells["role"][1]).strip().lower().removeprefix("sponsor_")
            name, person = str(cells["round"][1]), str(cells["respondent_id"][1])
            found.append(Row(pair, role, name, person, cells))
    return found


def one(rows: list[Row], pair: str, role: str, round_: str) -> Row:
    (row,) = [row for row in rows if (row.pair, row.role, row.round) == (pair, role, round_)]
    return row


def changes(rows: list[Row], measure: Any) -> dict[str, tuple[float, float]]:
    """Mean of the pair's people who may be analysed in both rounds, before and after, in complete pairs."""
    kept = [row for row in rows if row.cells["consent_analysis"][1] == "yes" and row.pair != "sponsors"]
    result = {}
    for pair in sorted({row.pair for row in kept}):
        people = [{r.respondent: r for r in kept if (r.pair, r.round) == (pair, name)} for name in ROUNDS]
        if len(set(people[0]) & set(people[1])) == 2:
            result[pair] = tuple(mean(measure(r) for r in people[i].values()) for i in (0, 1))
    return result  # type: ignore[return-value]


def steps(rows: list[Row], measure: Any) -> dict[str, float]:
    return {pair: after - before for pair, (before, after) in changes(rows, measure).items()}


def test_two_files_with_a_merged_title_a_blank_row_and_the_questions(folder: Path) -> None:
    from openpyxl import load_workbook

    for name, people in (("baseline", 30), ("repeat", 29)):
        book = load_workbook(folder / f"{name}.xlsx")
        assert book.sheetnames == ["Responses", "Questions"]
        sheet = book["Responses"]
        assert [str(area) for area in sheet.merged_cells.ranges] == [
            f"A1:{sheet.cell(3, sheet.max_column).column_letter}1"
        ]
        assert [cell.value for cell in sheet[2]] == [None] * sheet.max_column
        blank = [row for row in range(4, sheet.max_row) if all(cell.value is None for cell in sheet[row])]
        assert len(blank) == 1
        rows = read(folder / f"{name}.xlsx")
        assert len(rows) == people
        assert all(isinstance(row.cells["answered_on"][1], datetime) for row in rows)
        asked = QUESTIONS if name == "repeat" else QUESTIONS[:5]
        assert [code for code in rows[0].cells if code in QUESTIONS] == list(asked)
        listed = [line[0].value for line in book["Questions"].iter_rows(min_row=2)]
        assert listed == [code for code in rows[0].cells if code in listed]
        assert len(listed) == 26 + len(asked)


@pytest.mark.parametrize("fact", CELLS, ids=lambda f: f"{f.round}-{f.pair}-{f.role}-{f.column}")
def test_every_messy_cell_is_written_and_listed_in_the_readme(rows: list[Row], fact: Planted) -> None:
    address, value = one(rows, fact.pair, fact.role, fact.round).cells[fact.column]
    if fact.column in QUESTIONS:
        assert isinstance(fact.written, str)
        assert str(value).endswith(fact.written)
        assert len(str(value)) > len(fact.written) + 1
    else:
        assert value == fact.written
    assert f"| {fact.round}.xlsx | {address} | {fact.pair} {fact.role}" in README.read_text(encoding="utf-8")


def test_no_other_cell_is_messy(rows: list[Row]) -> None:
    planted = {(fact.pair, fact.role, fact.round, fact.column) for fact in CELLS}
    codes = [item.code for item in items() if item.kind == "rating"]
    for row in rows:
        for column in (*codes, "pair_id", "role", "consent_analysis"):
            if (row.pair, row.role, row.round, column) in planted:
                continue
            value = row.cells[column][1]
            if column in codes:
                assert type(value) is int
                assert 1 <= value <= 5
            else:
                assert value in (row.pair, row.role, f"sponsor_{row.role}", "yes")


def test_who_left_and_who_was_replaced(rows: list[Row]) -> None:
    people = {(row.pair, row.role, row.round): row.respondent for row in rows}
    assert ("ward-11", "manager", "baseline") in people
    assert ("ward-11", "manager", "repeat") not in people
    assert people["ward-9", "manager", "baseline"] != people["ward-9", "manager", "repeat"]
    same = {key[:2] for key in people} - {("ward-11", "manager"), ("ward-9", "manager")}
    assert len(same) == 28
    assert all(people[*key, "baseline"] == people[*key, "repeat"] for key in same)
    assert len(set(people.values())) == 31


def test_one_pair_shares_its_ratings(rows: list[Row]) -> None:
    agreed = Counter(row.pair for row in rows if row.cells["consent_pair_ratings"][1] == "yes")
    assert [pair for pair, count in agreed.items() if count == 4] == ["ward-3"]
    assert len(agreed) > 5


def test_planted_changes_of_the_scales(rows: list[Row]) -> None:
    communication = steps(rows, lambda row: row.primary("communication"))
    assert len(communication) == 10
    assert 0.6 < mean(communication.values()) < 1.2
    assert sum(step > 0 for step in communication.values()) == 9

    relationship = steps(rows, lambda row: row.primary("relationship"))
    assert 0.2 < mean(relationship.values()) < 0.5
    assert sum(step > 0 for step in relationship.values()) == 9

    working = steps(rows, lambda row: row.primary("working together"))
    assert mean(working.values()) > 0.5
    assert sum(step > 0 for step in working.values()) == 7

    goals = changes(rows, lambda row: row.scale("goals"))
    assert mean(before for before, _ in goals.values()) > 4.2
    assert abs(mean(after - before for before, after in goals.values())) < 0.15

    assert -0.45 < mean(steps(rows, lambda row: row.scale("support")).values()) < -0.1


def test_managers_answer_higher_than_doctors(rows: list[Row]) -> None:
    for scale in ("communication", "support"):
        means = [mean(row.scale(scale) for row in rows if row.role == role) for role in ("manager", "doctor")]
        assert means[0] - means[1] > 0.3


def test_exactly_the_planted_pairs_are_exceptions(rows: list[Row]) -> None:
    threshold = 1.96 * 0.8 * (1 - 0.8) ** 0.5  # domain B-8 for a pair mean
    worse = {
        pair
        for name in PRIMARIES
        for pair, step in steps(rows, lambda row, name=name: row.primary(name)).items()
        if step <= -threshold
    }
    assert worse == {"ward-7", "ward-12"}

    all_three = changes(rows, lambda row: mean(row.primary(name) for name in PRIMARIES))
    assert {pair for pair, (before, after) in all_three.items() if after < 3 and after <= before} == {"ward-5"}

    grew = set()
    for pair in all_three:
        for name in PRIMARIES:
            gaps = [
                abs(one(rows, pair, "doctor", r).primary(name) - one(rows, pair, "manager", r).primary(name))
                for r in ROUNDS
            ]
            if gaps[1] - gaps[0] >= 1:
                grew.add(pair)
    assert grew == {"ward-2"}


def test_only_one_pair_names_trust_or_communication_as_a_problem_for_both() -> None:
    truth = generate().truth
    named = truth[(truth["round"] == "repeat") & truth["theme"].isin(["T01", "T02"])]
    named = named[named["pole"].isin(["poor", "mixed"])]
    by_pair = named.groupby("pair")["respondent"].nunique()
    assert list(by_pair[by_pair == 2].index) == ["ward-5"]


def test_themes_move_with_the_ratings() -> None:
    truth = generate().truth

    def people(round_: str, question: str, theme: str) -> int:
        pole = {"Q1": "good", "Q2": "poor"}[question]
        chosen = truth[(truth["round"] == round_) & (truth["question"] == question)]
        return chosen[(chosen["theme"] == theme) & (chosen["pole"] == pole)]["respondent"].nunique()

    for theme in ("T02", "T04"):
        assert people("repeat", "Q2", theme) < people("baseline", "Q2", theme)
        assert people("repeat", "Q1", theme) > people("baseline", "Q1", theme)


def test_truth_covers_each_answer_and_stays_out_of_the_files(folder: Path) -> None:
    audit = generate()
    answered = {
        (row["round"], row["respondent_id"], question)
        for row in audit.rows.to_dict("records")
        for question in QUESTIONS
        if row[question]
    }
    truth = audit.truth
    assert set(zip(truth["round"], truth["respondent"], truth["question"], strict=True)) == answered
    assert not truth.duplicated(["round", "respondent", "question", "theme"]).any()
    assert set(truth["pole"]) == {"good", "poor", "mixed", ""}
    written = {
        str(value) for name in ROUNDS for row in read(folder / f"{name}.xlsx") for _, value in row.cells.values()
    }
    assert not written & {"T01", "T02", "good", "poor", "off"}


def test_same_settings_same_values_and_another_seed_other_values(tmp_path: Path, rows: list[Row]) -> None:
    write(generate(Settings()), tmp_path)
    assert [row for name in ROUNDS for row in read(tmp_path / f"{name}.xlsx")] == rows
    assert not generate(Settings(seed=2)).rows.equals(generate(Settings(seed=3)).rows)


def test_a_copy_without_change_has_none() -> None:
    """Over 24 copies the mean change of each scale is within four standard errors of nothing."""
    moved: dict[str, list[float]] = {scale: [] for scale in SCALES}
    named: Counter[tuple[str, str]] = Counter()
    for seed in range(24):
        audit = generate(Settings(change=0, seed=seed))
        frame = audit.rows
        for item in items():
            if item.scale and item.reversed:
                frame[item.code] = 6 - frame[item.code]
        both = frame[~frame["pair_id"].isin(["ward-9", "ward-11"])]
        for scale in SCALES:
            means = both.groupby("round")[[item.code for item in items() if item.scale == scale]].mean()
            moved[scale].append(float((means.loc["repeat"] - means.loc["baseline"]).mean()))
        text = audit.truth[audit.truth["question"].isin(["Q1", "Q2"]) & (audit.truth["theme"] == "T02")]
        named.update(zip(text["round"], text["pole"], strict=True))
    for values in moved.values():
        spread = (sum((value - mean(values)) ** 2 for value in values) / 23) ** 0.5
        assert abs(mean(values)) < 4 * spread / 24**0.5
    for pole in ("good", "poor"):
        before, after = named["baseline", pole], named["repeat", pole]
        assert abs(before - after) < 4 * (before + after) ** 0.5


def test_settings_shape_the_audit() -> None:
    small = generate(Settings(pairs=6))
    assert set(small.rows["pair_id"]) == {*(f"ward-{number}" for number in range(1, 7)), "sponsors"}
    still = dict.fromkeys(SCALES, 0.0)
    up = {**still, "support": 1.0}
    means = []
    for effects in (still, up):
        frame = generate(Settings(pairs=40, effects=effects)).rows
        after = frame[frame["round"] == "repeat"]
        means.append(after["SUP1"].mean() - after["SUP3"].mean())
    assert means[1] - means[0] > 1.5


def test_no_sentence_is_used_twice_and_answers_differ() -> None:
    rows = generate().rows
    answers = [text for question in QUESTIONS for text in rows[question].dropna() if text]
    assert len(answers) > 280
    assert len(set(answers)) == len(answers)
    text = "\n".join(answers)
    long = [sentence.text for sentence in sentences() if len(sentence.text) > 25]
    used = Counter({sentence: text.count(sentence) for sentence in long})
    assert max(used.values()) == 1
    assert sum(used.values()) > 350
    lengths = [len(answer.split()) for answer in answers]
    assert min(lengths) == 1
    assert max(lengths) > 40


def test_generating_and_writing_is_quick(tmp_path: Path) -> None:
    start = time.perf_counter()
    write_demo(tmp_path)
    assert time.perf_counter() - start < 2


def test_the_bank_is_large_varied_and_free_of_doubles() -> None:
    bank = sentences()
    assert len(bank) >= 500
    plain = [re.sub(r"\W+", " ", s.text.lower().replace("’", "")).strip() or s.text for s in bank]
    assert len(set(plain)) == len(plain)
    runs = Counter(
        run for text in plain for run in {tuple(text.split()[i : i + 6]) for i in range(len(text.split()) - 5)}
    )
    assert [run for run, count in runs.items() if count > 1] == []
    openings = Counter(" ".join(text.split()[:2]) for text in plain)
    assert max(openings.values()) <= 0.02 * len(bank)
    content = [s for s in bank if s.marks[0][0] not in ("none", "off")]
    lengths = sorted(len(s.text.split()) for s in content)
    assert lengths[0] == 1
    assert lengths[-1] >= 28
    assert sum(s.text[0].islower() for s in bank) > 0.25 * len(bank)
    for theme in (f"T{number:02d}" for number in range(1, 13)):
        poles = Counter(pole for s in bank for name, pole in s.marks if name == theme)
        assert poles["good"] >= 5
        assert poles["poor"] >= 9
    assert sum(len(s.marks) > 1 for s in bank) >= 25
    assert sum(s.marks[0][0] == "none" for s in bank) >= 20
    for question in QUESTIONS:
        assert sum(s.question == question for s in bank) >= 10 or question in ("Q1", "Q2")
    for role, partner in (("doctor", "she"), ("doctor", "he"), ("manager", "she"), ("manager", "he")):
        assert sum(s.role == role and s.partner == partner for s in bank) >= 10


def test_every_sentence_of_the_bank_is_well_formed() -> None:
    path = Path(__file__).resolve().parents[1] / "src" / "auditkit" / "data" / "demo_sentences.csv"
    themes = {*(f"T{number:02d}" for number in range(1, 13)), "none", "off"}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            assert set(row["theme"].split(";")) <= themes, row
            assert set(row["pole"].split(";")) <= {"good", "poor", "mixed", ""}, row
            assert len(row["pole"].split(";")) in (1, len(row["theme"].split(";"))), row
            assert row["question"] in ("", *QUESTIONS), row
            assert row["role"] in ("", "doctor", "manager"), row
            assert row["text"] == row["text"].strip(), row
            assert row["text"][0] not in "=+@", row
