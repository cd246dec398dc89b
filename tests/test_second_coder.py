"""A second coder's sheet out and in, and the report, on the demo with the first coder's decisions from its truth."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from auditkit import blind_ids, decisions, intake, review_files, runs, second_coder, second_sheet, simulate
from auditkit.analysis import CodedRound
from auditkit.audit import Audit
from auditkit.cli import app
from auditkit.codebook import default
from auditkit.double_coding import Compared, DoubleCoding
from auditkit.errors import AuditkitError
from auditkit.review import Taken

pytestmark = pytest.mark.slow  # whole audits, dozens of them

Rows = list[dict[str, str]]
Themes = dict[str, str]

LABELS = {theme.id: theme.label for theme in default().accepted}
WORDS = {"good": " (works well)", "poor": " (problem)", "mixed": " (both)", "": ""}


def silent(step: str, done: int, total: int) -> None:
    pass


def true_themes(coded: list[CodedRound]) -> dict[str, Themes]:
    """What was planted in each answer: answer to themes with their poles."""
    planted: dict[tuple[str, ...], Themes] = defaultdict(dict)
    for row in simulate.generate().truth.itertuples():
        if row.theme in LABELS:
            planted[row.round, row.respondent, row.question][row.theme] = row.pole
    columns = ["answer", "round", "respondent", "item"]
    return {
        answer: planted[tuple(place)]
        for one in coded
        for answer, *place in one.responses.answers[columns].itertuples(index=False)
    }


def cell(themes: Themes) -> str:
    return "; ".join(LABELS[theme] + WORDS[pole] for theme, pole in sorted(themes.items())) or "none"


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Rows) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def take_over(audit: Audit, path: Path, coder: str) -> Taken:
    return decisions.take_over(audit, path, coder, silent)


def decide(audit: Audit, truth: dict[str, Themes], coder: str = "AB", limit: int | None = None) -> None:
    """The first coder's work: as planted."""
    said = {}
    for name in audit.rounds():
        for row in audit.load_round(name).responses.answers.itertuples():
            said[row.round, row.respondent, row.question, row.text] = cell(truth[row.answer])
    path, _ = decisions.hand_out(audit, audit.folder / "review.csv", None, limit)
    rows = [
        {**row, "themes": said[row["round"], row["respondent"], row["question"], row["text"]]} for row in read(path)
    ]
    take_over(audit, write(path, rows), coder)


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, analysed, and nothing decided."""
    folder = tmp_path_factory.mktemp("analysed") / "audit"
    audit = Audit(folder)
    for path in simulate.write_demo(folder):
        runs.analyse(audit, [path], intake.Options(), silent)
    audit.store.close()
    return folder


@pytest.fixture(scope="module")
def _decided(analysed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decided") / "audit"
    shutil.copytree(analysed, folder)
    audit = Audit(folder)
    decide(audit, true_themes([audit.load_round(name) for name in audit.rounds()]))
    audit.store.close()
    return folder


@pytest.fixture(scope="module")
def rounds(_decided: Path) -> list[CodedRound]:
    """The same, to be read only."""
    audit = Audit(_decided)
    return [audit.load_round(name) for name in audit.rounds()]


@pytest.fixture
def audit(_decided: Path, tmp_path: Path) -> Iterator[Audit]:
    """The demo with all its 313 answers decided as planted, by AB."""
    shutil.copytree(_decided, tmp_path / "audit")
    opened = Audit(tmp_path / "audit")
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def truth(rounds: list[CodedRound]) -> dict[str, Themes]:
    return true_themes(rounds)


def export(audit: Audit, name: str = "second.csv", share: float = 0.2, *, again: bool = False) -> Path:
    return second_coder.hand_out(audit, audit.folder / name, None, share, again=again).path


def answers_of(audit: Audit, draws: int = 3) -> dict[str, str]:
    """Id on a sheet to the key of the answer."""
    keys = [key for one in audit.rounds() for key in audit.load_round(one).responses.answers["answer"]]
    name = audit.store.blind_id
    return {name(key, draw): key for key in keys for draw in range(1, draws + 1)}


def keys_in(audit: Audit, path: Path) -> list[str]:
    """The answers on a sheet."""
    known = answers_of(audit)
    return [known[row["id"]] for row in read(path)]


def coded(audit: Audit, truth: dict[str, Themes], change: Callable[[int, Themes], Themes], **how: Any) -> Path:
    """A sheet filled as planted, but for what ``change`` does to the themes of the n-th answer."""
    path = export(audit, **how)
    known = answers_of(audit)
    rows = [
        {**row, "themes": cell(change(number, dict(truth[known[row["id"]]])))} for number, row in enumerate(read(path))
    ]
    return write(path, rows)


def as_planted(number: int, themes: Themes) -> Themes:
    return themes


def compare(audit: Audit, path: Path | None = None, coder: str | None = "CD") -> Compared:
    return second_coder.compare(audit, path, coder if path else None)


def latest(audit: Audit) -> DoubleCoding:
    return compare(audit).done[0]


def theme(done: DoubleCoding, label: str) -> Any:
    return next(row for row in done.themes if row.label == label)


# The sheet


def test_the_sheet_is_blind(audit: Audit) -> None:
    rows = read(export(audit))
    assert list(rows[0]) == ["id", "question", "text", "themes"]
    assert {row["themes"] for row in rows} == {""}
    assert len({row["id"] for row in rows}) == len(rows) == 63
    answers = [row for name in audit.rounds() for row in audit.load_round(name).responses.answers.itertuples()]
    said = {(row.question, row.text) for row in answers}
    assert {(row["question"], row["text"]) for row in rows} <= said
    hidden = {value for row in answers for value in (row.respondent, row.pair, row.answer)}
    assert not any(value in row["id"] for row in rows for value in hidden)
    known, round_of = answers_of(audit), {row.answer: row.round for row in answers}
    rounds = [round_of[known[row["id"]]] for row in rows]
    assert sum(one != other for one, other in pairwise(rounds)) > 10, "rounds are mixed"


def test_the_sheet_as_a_workbook_has_lists_and_says_what_the_labels_mean(audit: Audit) -> None:
    book = openpyxl.load_workbook(export(audit, "second.xlsx"))
    assert book.sheetnames == ["Review", "Codebook", "Labels", "About"]
    rows = [[value or "" for value in row] for row in book["Review"].iter_rows(values_only=True)]
    assert rows[0] == ["id", "question", "text", "themes", "second theme", "third theme", "pole"]
    assert [row[:4] for row in rows[1:]] == [list(row.values()) for row in read(export(audit))]
    meanings = list(book["Codebook"].iter_rows(values_only=True))
    assert meanings[0] == ("label", "definition", "include", "exclude")
    assert [row[0] for row in meanings[1:]] == [*LABELS.values(), "none"]
    assert all(row[1] for row in meanings[1:])
    lists = {str(one.sqref): one.formula1 for one in book["Review"].data_validations.dataValidation}
    assert lists["D2:D64"] == lists["E2:E64"] == f"Labels!$A$1:$A${len(LABELS) + 1}"
    assert "suggest" not in " ".join(str(row) for row in book["About"].iter_rows(values_only=True))


def test_the_lists_of_the_workbook_are_read(audit: Audit, truth: dict[str, Themes]) -> None:
    path = export(audit, "second.xlsx")
    book = openpyxl.load_workbook(path)
    for row in book["Review"].iter_rows(min_row=2):
        for entry, value in zip(row[3:], ("Trust", "Respect", None, "problem"), strict=True):
            entry.value = value
    book.save(path)
    compare(audit, path)
    (themes,) = {row["themes"] for row in audit.store.rows("SELECT themes FROM second_codings")}
    assert themes == '{"T01": "poor", "T09": "poor"}'


def test_each_round_and_question_has_its_share(rounds: list[CodedRound]) -> None:
    places = {row.answer: (row.round, row.item) for one in rounds for row in one.responses.answers.itertuples()}
    whole = Counter(places.values())
    for share in (0.1, 0.2, 0.25):
        drawn = Counter(places[key] for key in second_sheet.sample(rounds, share, 1).answers)
        part = sum(drawn.values()) / sum(whole.values())
        assert all(abs(drawn[place] - part * count) < 1 for place, count in whole.items())


def test_the_same_command_gives_the_same_sheet_whatever_the_order_of_the_rows(
    audit: Audit, rounds: list[CodedRound]
) -> None:
    before = export(audit)
    assert export(audit, "again.csv").read_bytes() == before.read_bytes()
    turned = []
    for one in reversed(rounds):
        answers = one.responses.answers.sample(frac=1, random_state=1).assign(row=range(len(one.responses.answers)))
        turned.append(replace(one, responses=replace(one.responses, answers=answers)))
    drawn = second_sheet.sample(turned, 0.2, 1)
    assert second_sheet.sheet(turned, drawn, 1, audit.store.blind_id).to_dict("records") == read(before)


def reviewed(rounds: list[CodedRound], number: int) -> list[CodedRound]:
    """The rounds with so many answers decided."""
    keys = [key for one in rounds for key in one.responses.answers["answer"]][:number]
    return [replace(one, read=frozenset(keys) & one.read) for one in rounds]


def test_thirty_answers_must_be_decided(rounds: list[CodedRound]) -> None:
    with pytest.raises(AuditkitError, match="29 of 313 answers are decided; a second coder needs 30"):
        second_sheet.sample(reviewed(rounds, 29), 0.2, 1)
    assert len(second_sheet.sample(reviewed(rounds, 30), 0.2, 1).answers) == 30


@pytest.mark.parametrize(
    ("decided", "share", "drawn"),
    [(150, 0.2, 30), (151, 0.2, 31), (160, 0.2, 32), (300, 0.1, 30), (310, 0.1, 31), (313, 0.25, 79), (313, 1, 313)],
)
def test_a_share_and_at_least_thirty(rounds: list[CodedRound], decided: int, share: float, drawn: int) -> None:
    sample = second_sheet.sample(reviewed(rounds, decided), share, 1)
    assert len(set(sample.answers)) == len(sample.answers) == drawn
    assert sample.decided == decided


def test_what_nobody_read_is_no_decision(rounds: list[CodedRound]) -> None:
    drawn = second_sheet.sample(rounds, 0.2, 1).answers
    unread = [replace(one, unread=frozenset(drawn)) for one in rounds]
    assert second_sheet.sample(unread, 0.2, 1).decided == 313 - 63


def test_a_decision_on_another_text_is_no_decision(rounds: list[CodedRound]) -> None:
    drawn = second_sheet.sample(rounds, 0.2, 1).answers
    changed = [replace(one, changed=frozenset(drawn)) for one in rounds]
    again = second_sheet.sample(changed, 0.2, 1)
    assert again.decided == 313 - 63
    assert not set(again.answers) & set(drawn)


def test_a_small_audit_is_coded_twice_as_a_whole(small: Path) -> None:
    audit = Audit(small / "audit")
    with pytest.raises(AuditkitError, match="0 of 23 answers are decided; a second coder needs 23"):
        export(audit)
    path, _ = decisions.hand_out(audit, small / "review.csv", None, None)
    take_over(audit, write(path, [{**row, "themes": "Trust"} for row in read(path)]), "AB")
    done = second_coder.hand_out(audit, small / "second.csv", None, 0.2, again=False)
    assert len(done.sample.answers) == done.sample.decided == 23
    compared = compare(audit, write(done.path, [{**row, "themes": "Trust"} for row in read(done.path)]))
    trust = theme(compared.done[0], "Trust").agreement
    assert (trust.both, trust.note) == (23, "too few to judge")
    printed = run(audit, "agreement").output
    assert "Too few to judge: 23 answers, 30 are needed" in printed
    assert "alpha from" not in printed


def test_codes_that_were_not_taken_over_are_not_overwritten(audit: Audit, truth: dict[str, Themes]) -> None:
    path = coded(audit, truth, as_planted)
    filled = path.read_bytes()
    with pytest.raises(AuditkitError, match="holds codes on 63 answers that were not taken over"):
        export(audit)
    assert path.read_bytes() == filled
    compare(audit, path)
    export(audit)
    assert path.read_bytes() != filled


def test_again_draws_other_answers(audit: Audit, truth: dict[str, Themes]) -> None:
    first = keys_in(audit, export(audit))
    assert keys_in(audit, export(audit, "b.csv")) == first
    compare(audit, coded(audit, truth, as_planted))
    assert keys_in(audit, export(audit, "c.csv")) == first, "for a third coder"
    again = keys_in(audit, export(audit, "d.csv", again=True))
    assert len(again) == 63
    assert not set(again) & set(first)
    assert second_coder.hand_out(audit, audit.folder / "e.csv", None, 1, again=True).sample.again == 63


# What comes back


def test_two_coders_who_agree_on_everything(audit: Audit, truth: dict[str, Themes]) -> None:
    compared = compare(audit, coded(audit, truth, as_planted))
    (done,) = compared.done
    assert compared.returned is not None
    assert (len(compared.returned.codes), compared.returned.blank) == (63, 0)
    assert (done.first, done.coder, done.draw, done.answers, done.is_repeat) == ("AB", "CD", 1, 63, False)
    assert done.overall.alpha.estimate == done.overall.kappa.estimate == done.overall.raw.estimate == 1
    assert done.disagreements == done.to_talk_about == []
    assert sum(row.poles for row in done.themes) == sum(row.same_pole for row in done.themes) > 30


def without_goals(number: int, themes: Themes) -> Themes:
    """Two times in three the second coder takes shared goals for role clarity."""
    if "T03" in themes and number % 3:
        return {**{name: pole for name, pole in themes.items() if name != "T03"}, "T05": ""}
    return themes


def test_a_known_disagreement_is_found_and_named(audit: Audit, truth: dict[str, Themes]) -> None:
    path = coded(audit, truth, without_goals, share=0.6)
    keys = keys_in(audit, path)
    both = sum("T03" in truth[key] and not number % 3 for number, key in enumerate(keys))
    lost = sum("T03" in truth[key] and bool(number % 3) for number, key in enumerate(keys))
    done = compare(audit, path).done[0]
    goals = theme(done, "Shared goals")
    assert (goals.agreement.both, goals.agreement.first, goals.agreement.second) == (both, lost, 0)
    assert goals.agreement.guidance == "not reliable"
    assert goals.instead.startswith("Role clarity (")
    assert done.to_talk_about[0].label == "Shared goals"
    assert theme(done, "Communication").agreement.alpha.estimate == 1
    assert len(done.disagreements) == lost
    printed = run(audit, "agreement").output
    assert "Talk first about Shared goals (" in printed
    assert "auditkit agreement --export --again" in printed


def test_poles_are_compared_where_both_said_one(audit: Audit, truth: dict[str, Themes]) -> None:
    turned = {"good": "poor", "poor": "good", "mixed": "good", "": ""}

    def turn(number: int, themes: Themes) -> Themes:
        return {name: turned[pole] if number < 20 else "" for name, pole in themes.items()}

    done = compare(audit, coded(audit, truth, turn)).done[0]
    assert done.overall.alpha.estimate == 1, "a pole is no theme"
    assert sum(row.poles for row in done.themes) > 5
    assert sum(row.same_pole for row in done.themes) == 0
    assert 0 < len(done.disagreements) <= 20
    table = disagreements(audit)
    assert all(row["differ on"].endswith("(pole)") for row in table)


def test_an_empty_cell_is_no_coding_and_none_is_one(audit: Audit, truth: dict[str, Themes]) -> None:
    path = coded(audit, truth, lambda number, themes: {})
    rows = read(path)
    write(path, [{**row, "themes": "" if number < 20 else row["themes"]} for number, row in enumerate(rows)])
    compared = compare(audit, path)
    assert compared.returned is not None
    assert (len(compared.returned.codes), compared.returned.blank) == (43, 20)
    assert compared.done[0].answers == 43
    assert compared.done[0].overall.both == compared.done[0].overall.second == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[::-1],
        lambda rows: [{"memo": "x", **row, "": ""} for row in rows],
        lambda rows: [{name.upper(): value for name, value in row.items()} for row in rows],
        lambda rows: [{**row, "id": f" {row['id'].lower()} "} for row in rows],
        lambda rows: [{**row, "themes": f"  {row['themes'].upper()} ;"} for row in rows],
        lambda rows: [{**row, "text": f" {row['text']}\r\n"} for row in rows],
        lambda rows: [{name: value for name, value in row.items() if name != "question"} for row in rows],
    ],
)
def test_what_people_do_to_a_sheet(
    rounds: list[CodedRound], truth: dict[str, Themes], change: Callable[[Rows], Rows], tmp_path: Path
) -> None:
    drawn = second_sheet.sample(rounds, 0.2, 1)
    name = blind_ids.under("a secret")
    rows = second_sheet.sheet(rounds, drawn, 1, name).to_dict("records")
    known = {name(key, 1): key for key in drawn.answers}
    filled = [{**row, "themes": cell(truth[known[row["id"]]])} for row in rows]
    path = write(tmp_path / "sheet.csv", change(filled))
    returned = second_sheet.codings(rounds, review_files.read(path).rows, path.name, 1, name)
    assert {code.answer: code.themes for code in returned.codes} == {key: truth[key] for key in drawn.answers}


def test_everything_wrong_is_listed_and_nothing_is_taken_over(audit: Audit, truth: dict[str, Themes]) -> None:
    path = coded(audit, truth, as_planted)
    rows = read(path)
    rows[0]["themes"], rows[1]["themes"], rows[2]["id"] = "Trusst", "Trust; none", "12"
    rows.append({**rows[5], "themes": "Respect" if rows[5]["themes"] != "Respect" else "Trust"})
    with pytest.raises(AuditkitError, match="4 rows cannot be taken over; nothing was") as caught:
        compare(audit, write(path, rows))
    details = "\n".join(caught.value.details)
    for said in (
        'line 2: there is no theme "Trusst"; did you mean "Trust"?',
        "line 3: none stands beside a label",
        "line 4: no id",
        "line 65: the same answer as line 7, coded otherwise",
    ):
        assert said in details
    assert rows[5]["text"] not in details
    assert audit.store.rows("SELECT 1 FROM second_codings") == []
    assert audit.store.rows("SELECT 1 FROM runs WHERE command = 'second coding'") == []


def test_sheets_that_are_none_of_this_audit(audit: Audit, truth: dict[str, Themes]) -> None:
    path = coded(audit, truth, as_planted)
    rows = read(path)
    strange = [{**row, "id": audit.store.blind_id(str(number), 1)} for number, row in enumerate(rows)]
    with pytest.raises(AuditkitError, match="none of its answers is in this audit"):
        compare(audit, write(path, strange))
    with pytest.raises(AuditkitError, match="no cell of the column themes is filled"):
        compare(audit, write(path, [{**row, "themes": ""} for row in rows]))
    with pytest.raises(AuditkitError, match="no column id"):
        compare(audit, audit.folder / "review.csv")
    with pytest.raises(AuditkitError, match="There is no file"):
        compare(audit, audit.folder / "gone.csv")
    with pytest.raises(AuditkitError, match="cannot be a coder"):
        compare(audit, write(path, rows), "machine")


def test_answers_that_are_gone_or_have_changed_are_left_out(audit: Audit, truth: dict[str, Themes]) -> None:
    path = coded(audit, truth, as_planted)
    rows = read(path)
    rows[0]["text"] += " And more."
    rows[1]["id"] = audit.store.blind_id("withdrawn", 1)
    compared = compare(audit, write(path, rows))
    assert compared.returned is not None
    assert (len(compared.returned.codes), compared.returned.changed, compared.returned.gone) == (61, 1, 1)
    known = answers_of(audit)
    keys = [known[row["id"]] for row in rows[2:4]]
    with audit.store.step():
        audit.store.connection.execute("DELETE FROM answers WHERE answer = ?", (keys[0],))
        audit.store.connection.execute("UPDATE answers SET text = 'Other words.' WHERE answer = ?", (keys[1],))
    done = latest(audit)
    assert (done.answers, done.changed_text) == (59, 1)
    assert "1 answer left out: the text has changed since." in run(audit, "agreement").output


def test_taken_over_twice_is_taken_over_once(audit: Audit, truth: dict[str, Themes]) -> None:
    path = coded(audit, truth, without_goals)
    compare(audit, path)
    before = (audit.folder / "audit.sqlite").read_bytes()
    report = (audit.out / "analyst" / "agreement.xlsx").read_bytes()
    assert not compare(audit, path).computed
    assert not compare(audit).computed
    assert (audit.folder / "audit.sqlite").read_bytes() == before
    assert (audit.out / "analyst" / "agreement.xlsx").read_bytes() == report
    rows = read(path)
    rows[0]["themes"] = "Trust; Respect"
    assert compare(audit, write(path, rows)).computed
    assert len(audit.store.rows("SELECT 1 FROM log WHERE action = 'code again'")) == 64
    assert len(audit.store.rows("SELECT 1 FROM second_codings")) == 63


@pytest.mark.slow
def test_what_is_agreed_on_in_the_talk_is_no_agreement_of_two_coders(audit: Audit, truth: dict[str, Themes]) -> None:
    compare(audit, coded(audit, truth, without_goals))
    before = latest(audit)
    report = audit.out / "analyst" / "agreement.xlsx"
    book = openpyxl.load_workbook(report)
    sheet = book["Disagreements"]
    header = [entry.value for entry in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        row[header.index("agreed on")].value = "Role clarity"
    book.save(report)
    with pytest.raises(AuditkitError, match="holds what was agreed on for"):
        compare(audit)
    assert take_over(audit, report, "AB and CD").decided.answers == len(before.disagreements) > 3
    after = latest(audit)
    assert after.overall == before.overall
    assert after.first == "AB"
    rows = list(openpyxl.load_workbook(report)["Disagreements"].values)
    since = [dict(zip(rows[0], row, strict=True))["decided since"] for row in rows[1:]]
    assert len(since) == len(before.disagreements)
    assert all(said.startswith("Role clarity (") for said in since), "what was settled stands beside it"
    assert {row["coder"] for row in audit.store.rows("SELECT coder FROM decisions")} == {"AB", "AB and CD"}


def test_the_same_coder_a_week_later(audit: Audit, truth: dict[str, Themes]) -> None:
    with audit.store.step():
        audit.store.connection.execute("UPDATE decisions SET at = datetime('now', '-9 days') || '+00:00'")
    done = compare(audit, coded(audit, truth, without_goals), " ab ").done[0]
    assert done.is_repeat
    assert done.days == (9, 9)
    printed = run(audit, "agreement").output
    assert "The same coder, 9 days apart: AB, draw 1" in printed
    assert "Less than a week" not in printed


def test_the_same_coder_the_same_day_is_told(audit: Audit, truth: dict[str, Themes]) -> None:
    compare(audit, coded(audit, truth, as_planted), "AB")
    printed = run(audit, "agreement").output
    assert "The same coder, 0 days apart" in printed
    assert "Less than a week lies between: memory may have helped." in printed


@pytest.mark.slow
def test_every_sheet_has_its_own_figures(audit: Audit, truth: dict[str, Themes]) -> None:
    compare(audit, coded(audit, truth, without_goals), "CD")
    compare(audit, coded(audit, truth, as_planted, name="e.csv"), "EF")
    compare(audit, coded(audit, truth, as_planted, name="f.csv", again=True), "CD")
    found = {(one.draw, one.coder): one.overall.alpha.estimate for one in compare(audit).done}
    assert set(found) == {(1, "CD"), (1, "EF"), (2, "CD")}
    assert found[1, "CD"] < 1
    assert found[1, "EF"] == found[2, "CD"] == 1


def test_a_codebook_that_has_changed_is_told(audit: Audit, truth: dict[str, Themes]) -> None:
    compare(audit, coded(audit, truth, as_planted))
    assert not latest(audit).codebook_changed
    book = openpyxl.load_workbook(audit.codebook_path)
    sheet = book["Themes"]
    header = [entry.value for entry in sheet[1]]
    sheet.cell(2, header.index("definition") + 1).value = "Whether they keep their word."
    book.save(audit.codebook_path)
    assert second_coder.compare(Audit(audit.folder)).done[0].codebook_changed


# The workbook


def disagreements(audit: Audit) -> list[dict[str, Any]]:
    rows = list(openpyxl.load_workbook(audit.out / "analyst" / "agreement.xlsx")["Disagreements"].values)
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def test_the_workbook(audit: Audit, truth: dict[str, Themes]) -> None:
    done = compare(audit, coded(audit, truth, without_goals)).done[0]
    book = openpyxl.load_workbook(audit.out / "analyst" / "agreement.xlsx")
    assert book.sheetnames == ["Summary", "Themes", "Disagreements", "Codes", "Software", "Labels"]
    rows = list(book["Themes"].values)
    themes = [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]
    assert [row["theme"] for row in themes][:2] == ["All themes", "Shared goals"]
    goals = theme(done, "Shared goals").agreement
    assert themes[1]["alpha"] == pytest.approx(goals.alpha.estimate, abs=5e-5)
    assert themes[1]["alpha low"] == pytest.approx(goals.alpha.low, abs=5e-5)
    assert themes[1]["guidance"] == goals.guidance
    apart = disagreements(audit)
    assert len(apart) == len(done.disagreements)
    assert all("Shared goals" in row["first"] and "Shared goals" not in row["second"] for row in apart)
    assert {row["agreed on"] for row in apart} == {None}
    answers = [row for name in audit.rounds() for row in audit.load_round(name).responses.answers.itertuples()]
    shown = {value for row in apart for value in row.values()}
    assert not shown & {value for row in answers for value in (row.round, row.respondent, row.pair, row.role)}


def test_the_codes_can_be_computed_on_by_another_program(audit: Audit, truth: dict[str, Themes]) -> None:
    from auditkit.agreement import krippendorff_nominal

    done = compare(audit, coded(audit, truth, without_goals)).done[0]
    rows = list(openpyxl.load_workbook(audit.out / "analyst" / "agreement.xlsx")["Codes"].values)
    codes = [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]
    assert len(codes) == 63 * len(LABELS)
    goals = [row for row in codes if row["theme"] == "Shared goals"]
    alpha = krippendorff_nominal([[row[f"set by {who}"] for row in goals] for who in ("first", "second")])
    assert alpha == theme(done, "Shared goals").agreement.alpha.estimate


# What became of the software's suggestions


def test_the_share_of_suggestions_that_were_kept(audit: Audit, truth: dict[str, Themes]) -> None:
    shown = Counter[str]()
    hits = Counter[str]()
    given = Counter(name for themes in truth.values() for name in themes)
    for name in audit.rounds():
        codings = audit.load_round(name, read=False).codings
        for row in codings[codings["coded"]].itertuples():
            shown[row.theme] += 1
            hits[row.theme] += row.theme in truth[row.answer]
    every, *rows = compare(audit).kept
    assert {row.theme: (row.shown, row.kept, row.given) for row in rows} == {
        theme: (shown[theme], hits[theme], given[theme]) for theme in LABELS
    }
    assert (every.shown, every.kept, every.given) == (shown.total(), hits.total(), given.total())
    assert every.precision.estimate == hits.total() / shown.total()
    assert every.recall.estimate == hits.total() / given.total()
    assert every.precision.low is not None
    assert every.precision.low < every.precision.estimate
    printed = run(audit, "agreement").output
    assert "Share of the software's suggestions that were kept (no agreement of two coders)" in printed
    assert f"({hits.total()} of {shown.total()})" in printed
    assert "kappa" not in printed


def test_what_nobody_read_is_neither_kept_nor_a_first_coders(audit: Audit, truth: dict[str, Themes]) -> None:
    path = coded(audit, truth, as_planted)
    before = compare(audit).kept[0]
    keys = keys_in(audit, path)[:10]
    marks = ", ".join("?" * len(keys))
    with audit.store.step():
        audit.store.connection.execute(f"UPDATE decisions SET unread = 1 WHERE answer IN ({marks})", keys)
    compared = compare(audit, path)
    assert compared.returned is not None
    assert (len(compared.returned.codes), compared.returned.gone) == (53, 10)
    assert compared.done[0].answers == 53
    assert compared.kept[0].given < before.given


def test_decisions_on_another_text_do_not_count(audit: Audit) -> None:
    before = compare(audit).kept[0]
    with audit.store.step():
        audit.store.connection.execute("UPDATE answers SET text = text || '!' WHERE round = 'baseline'")
    after = compare(audit).kept[0]
    assert 0 < after.given < before.given


# The command


def run(audit: Audit, *words: str) -> Result:
    here = Path.cwd()
    os.chdir(audit.folder)
    try:
        return CliRunner().invoke(app, list(words))
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    ("alpha", "shown"),
    [
        (0.8, "0.80"),
        (0.796, "0.796"),
        (0.79996, "0.799960"),
        (0.667, "0.67"),
        (0.666, "0.666"),
        (0.664, "0.66"),
        (0.8049, "0.80"),
    ],
)
def test_a_figure_has_the_decimals_that_its_group_needs(alpha: float, shown: str) -> None:
    """Printed as 0.80 under "tentative", it would contradict its heading."""
    from auditkit.agreement_lines import figure

    assert figure(alpha) == shown


def test_the_command_from_sheet_to_report(audit: Audit, truth: dict[str, Themes]) -> None:
    out = run(audit, "agreement", "--export")
    assert out.exit_code == 0, out.output
    assert "63 answers for a second coder, of 313 decided (draw 1)." in out.output
    assert "auditkit agreement second-coder.xlsx --coder NAME" in out.output
    book = openpyxl.load_workbook(audit.folder / "second-coder.xlsx")
    known = answers_of(audit)
    for number, row in enumerate(book["Review"].iter_rows(min_row=2)):
        row[3].value = cell(without_goals(number, dict(truth[known[str(row[0].value)]])))
    book.save(audit.folder / "second-coder.xlsx")
    out = run(audit, "agreement", "second-coder.xlsx", "--coder", "CD")
    assert out.exit_code == 0, out.output
    lines = out.output.splitlines()
    assert "63 answers taken over, 0 left open." in lines
    assert any(line.startswith("AB (1st) and CD (2nd), draw 1: 63 answers of ") for line in lines)
    assert any(line.startswith("All themes ") for line in lines)
    assert len(lines) <= 40
    assert all(len(line) <= 80 for line in lines)
    answer = audit.load_round("baseline").responses.answers["text"].iloc[0]
    assert answer not in out.output


def test_nothing_decided_and_nothing_coded_twice(analysed: Path, audit: Audit, tmp_path: Path) -> None:
    shutil.copytree(analysed, tmp_path / "fresh")
    out = run(Audit(tmp_path / "fresh"), "agreement")
    assert out.exit_code == 0
    assert "Nothing has been decided yet." in out.output
    assert "auditkit review export" in out.output
    assert not (tmp_path / "fresh" / "out" / "analyst" / "agreement.xlsx").exists()
    out = run(audit, "agreement")
    assert "Nobody has coded a second time yet." in out.output
    assert "auditkit agreement --export" in out.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("agreement sheet.csv", "FILE and --coder belong together"),
        ("agreement --coder CD", "FILE and --coder belong together"),
        ("agreement sheet.csv --export", "--export writes a sheet"),
        ("agreement --again", "belong to --export"),
        ("agreement --share 0.2", "belong to --export"),
        ("agreement -o sheet.csv", "belong to --export"),
        ("agreement --export --format pdf", 'cannot be "pdf"'),
        ("agreement --export --share 0.05", "0.1"),
    ],
)
def test_wrong_use(audit: Audit, words: str, said: str) -> None:
    out = run(audit, *words.split())
    assert out.exit_code == 2
    assert said in " ".join(out.stderr.split())


def test_no_audit_here(tmp_path: Path) -> None:
    for words in (["agreement"], ["agreement", "--export"]):
        out = CliRunner().invoke(app, [*words, "--audit", str(tmp_path / "none")])
        assert out.exit_code == 2
        assert "There is no audit in" in out.stderr


@pytest.mark.slow
def test_the_sheet_saved_by_libreoffice(audit: Audit, truth: dict[str, Themes]) -> None:
    import subprocess

    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    book = openpyxl.load_workbook(export(audit, "second.xlsx"))
    known = answers_of(audit)
    for row in book["Review"].iter_rows(min_row=2):
        row[3].value = cell(truth[known[str(row[0].value)]])
    book.save(audit.folder / "second.xlsx")
    for form, coder in (("xlsx", "CD"), ("csv", "EF")):
        place = audit.folder / form
        command = [office, "--headless", "--convert-to", form, "--outdir", place, audit.folder / "second.xlsx"]
        subprocess.run(command, check=True)
        done = compare(audit, place / f"second.{form}", coder).done[0]
        assert (done.answers, done.overall.alpha.estimate) == (63, 1)
