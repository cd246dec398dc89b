"""An analyst at work on suggested themes: looking, merging, accepting, rejecting, taking back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from auditkit import codebook, console, topic_tree
from auditkit.audit import Audit
from auditkit.cli import app
from auditkit.errors import AuditkitError

SUBJECTS = {
    "parking": ("There is no parking space left by {} o'clock.", "seven eight nine ten noon two three four"),
    "canteen": (
        "The canteen is closed when the {} shift wants to eat.",
        "early late night Sunday first second long odd",
    ),
    "printer": (
        "The printer on the {} floor breaks down every week.",
        "first second third fourth fifth top ground low",
    ),
    "rota": ("The rota for {} came out far too late.", "January March April May June July August October"),
    "freezing": ("It is freezing in the {} room all winter.", "meeting waiting staff seminar rest store locker day"),
    "uniform": ("My {} uniform never comes back from the laundry.", "blue white spare summer winter old second new"),
}
TEXTS = [sentence.format(word) for sentence, words in SUBJECTS.values() for word in words.split()]


def write(folder: Path, name: str, texts: Sequence[str]) -> Path:
    """A sheet of one round; each text by another person, the same text by the same one."""
    people = [TEXTS.index(text) if text in TEXTS else 60 + number for number, text in enumerate(texts)]
    lines = [
        f'p{who:03d},ward-{who // 2},{"doctor" if who % 2 else "manager"},"{text}"'
        for who, text in zip(people, texts, strict=True)
    ]
    path = folder / f"{name}.csv"
    path.write_text("\n".join(["respondent,pair,role,What gets in the way?", *lines]) + "\n", encoding="utf-8")
    return path


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--audit", str(folder)])


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("topics")
    audit = folder / "audit"
    audit.mkdir()
    (audit / "audit.toml").write_text("[topics]\ngranularity = 1.0\n", encoding="utf-8")
    assert call(audit, "analyse", str(write(folder, "first", TEXTS))).exit_code == 0
    return folder


@pytest.fixture
def folder(_made: Path, tmp_path: Path) -> Path:
    """A copy of a folder with first.csv and ``audit``, in which a theme is suggested for each of six subjects."""
    shutil.copytree(_made, tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def audit(folder: Path) -> Path:
    return folder / "audit"


def subject_of(audit: Path) -> dict[str, str]:
    """Of each suggestion, the subject that its answers are about."""
    found = {}
    for line in topic_tree.show(Audit(audit)).themes:
        texts = {text for _, text in topic_tree.open_theme(Audit(audit), line.theme).answers}
        found[line.theme] = "+".join(name for name in SUBJECTS if any(name[:5] in text.casefold() for text in texts))
    return found


def id_of(audit: Path, subject: str) -> str:
    return next(theme for theme, name in subject_of(audit).items() if name == subject or name.startswith(subject))


def test_each_subject_is_suggested_and_the_list_fits_the_terminal(audit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(audit)
    result = call(audit, "topics", "show")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "first: 6 suggested themes, from 48 answers that say something"
    assert all(len(line) <= console.WIDTH for line in lines)
    assert len(lines) <= 40
    for theme in ("S01", "S02", "S03", "S04", "S05", "S06"):
        listed, drawn = (line for line in lines if line.startswith(f"{theme} "))
        assert re.search(r" [78] +[78]  tight +10/10$", listed)
        assert re.search(r"-+\+", drawn)
    assert "nearest theme: " in result.stdout
    assert not any(text in result.stdout for text in TEXTS), "the list shows nobody's words"


def test_the_tree_joins_all_at_the_right_edge(audit: Path) -> None:
    lines = call(audit, "topics", "show").stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Which lie together")) + 1
    drawing = lines[start : start + 6]
    assert sum(len(line) == console.WIDTH for line in drawing) >= 2
    assert {line[:3] for line in drawing} == {f"S0{number}" for number in range(1, 7)}


def test_one_of_them_shows_what_people_wrote_the_likest_first(audit: Path) -> None:
    theme = id_of(audit, "rota")
    result = call(audit, "topics", "show", theme.lower())
    assert result.exit_code == 0, result.output
    assert sum("came out far too late." in line for line in result.stdout.splitlines()) == 8
    assert "in 10 of 10 searches, each without a tenth of the people" in " ".join(result.stdout.split())
    assert "row 26, What gets in the way?:" in result.stdout
    opened = topic_tree.open_theme(Audit(audit), theme)
    assert (opened.line.people, opened.line.answers, opened.of) == (8, 8, 6)


def test_nothing_changes_without_leave(audit: Path) -> None:
    before = (audit / "audit.sqlite").read_bytes()
    for words in (
        ["merge", "S01", "S02"],
        ["reject", "S03"],
        ["accept", "S04", "--label", "Rotas", "--author", "AB"],
    ):
        result = call(audit, "topics", *words)
        assert result.exit_code == 0
        assert "Nothing was changed; add --yes to do it." in result.stdout
        assert words[1] in result.stdout, "what would change is shown"
    assert (audit / "audit.sqlite").read_bytes() == before


@pytest.mark.parametrize(("typed", "expected"), [("y\n", 5), ("\n", 6), ("no\n", 6)])
def test_on_a_terminal_it_is_asked(audit: Path, monkeypatch: pytest.MonkeyPatch, typed: str, expected: int) -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(typed))
    change = topic_tree.rejecting(Audit(audit), ["S01"])
    if console.agreed(yes=False):
        topic_tree.carry_out(Audit(audit), change, lambda step, done, total: None)
    assert len(topic_tree.show(Audit(audit)).themes) == expected


def test_merged_themes_stay_one_when_it_is_read_again(folder: Path, audit: Path) -> None:
    first, second = sorted((id_of(audit, "parking"), id_of(audit, "canteen")))
    result = call(audit, "topics", "merge", first, second, "--author", "AB", "--yes")
    assert result.exit_code == 0, result.output
    assert f"become one, {first}: 16 people, 16 answers." in result.stdout
    assert subject_of(audit)[first] == "parking+canteen"
    assert second not in subject_of(audit)
    assert f"{second}   merged into {first} by AB" in call(audit, "topics", "show").stdout
    assert f"{first} and {second}" in call(audit, "topics", "show", first).stdout

    more = write(folder, "first", [*TEXTS, "There is no parking space left by eleven o'clock.", "I like my team."])
    assert call(audit, "analyse", str(more)).exit_code == 0
    found = {line.theme: line.answers for line in topic_tree.show(Audit(audit)).themes}
    assert found[first] == 17
    assert second not in found


def test_ids_stay_when_answers_come_and_go(folder: Path, audit: Path) -> None:
    before = subject_of(audit)
    changed = [text for number, text in enumerate(TEXTS) if number % 8 != 3]
    changed += ["The lift was stuck again between two floors.", "The rota for December came out far too late."]
    assert call(audit, "analyse", str(write(folder, "first", changed[::-1])), "--round", "first").exit_code == 0
    after = subject_of(audit)
    assert {theme: after[theme] for theme in before} == before
    assert all(theme not in before for theme in set(after) - set(before))


def test_a_merge_is_taken_back(audit: Path) -> None:
    before = subject_of(audit)
    assert call(audit, "topics", "merge", "S01", "S02", "S03", "--yes").exit_code == 0
    assert len(subject_of(audit)) == 4
    result = call(audit, "topics", "undo", "S01", "--yes")
    assert "Suggested again, each by itself: S02, S03" in result.stdout
    assert subject_of(audit) == before


def test_one_part_of_a_merge_is_taken_back(audit: Path) -> None:
    before = subject_of(audit)
    assert call(audit, "topics", "merge", "S01", "S02", "S03", "--yes").exit_code == 0
    assert call(audit, "topics", "undo", "S03", "--yes").exit_code == 0
    after = subject_of(audit)
    assert after["S03"] == before["S03"]
    assert set(after["S01"].split("+")) == {before["S01"], before["S02"]}


def test_what_is_rejected_is_not_suggested_again_until_that_is_taken_back(folder: Path, audit: Path) -> None:
    theme = id_of(audit, "printer")
    assert call(audit, "topics", "reject", theme, "--author", "AB", "--yes").exit_code == 0
    again = write(folder, "first", [*TEXTS, "The printer on the roof floor breaks down every week."])
    assert call(audit, "analyse", str(again)).exit_code == 0
    assert "printer" not in subject_of(audit).values()
    assert "rejected by AB" in call(audit, "topics", "show").stdout
    assert call(audit, "topics", "undo", theme, "--yes").exit_code == 0
    assert subject_of(audit)[theme] == "printer"


def test_an_accepted_theme_is_in_the_codebook_with_nobodys_sentence(audit: Path) -> None:
    theme = id_of(audit, "rota")
    words = ["--label", "Rotas on time", "--definition", "Whether people know early when they work.", "--author", "A B"]
    result = call(audit, "topics", "accept", theme, *words, "--yes")
    assert result.exit_code == 0, result.output
    new = codebook.read(audit / "codebook.xlsx").by_id("T13")
    assert (new.label, new.status, new.set_by) == ("Rotas on time", "accepted", "A B")
    assert new.definition == "Whether people know early when they work."
    assert new.statements == new.statements_good == new.statements_poor == ()
    assert "rota" in new.include
    assert not any(text in " ".join((new.label, new.definition, new.include)) for text in TEXTS)
    assert theme not in subject_of(audit)
    listed = [
        row[0] for row in openpyxl.load_workbook(audit / "codebook.xlsx")["Suggested"].iter_rows(values_only=True)
    ]
    assert theme not in listed
    assert set(listed[1:]) == set(subject_of(audit))
    assert "T13" in call(audit, "topics", "undo", theme, "--yes").stderr


def test_who_accepts_is_remembered_from_the_last_change_of_the_codebook(audit: Path) -> None:
    call(audit, "codebook", "retire", "Respect", "--author", "CD", "--yes")
    result = call(audit, "topics", "accept", id_of(audit, "rota"), "--label", "Rotas on time", "--yes")
    assert result.exit_code == 0, result.output
    assert codebook.read(audit / "codebook.xlsx").by_id("T13").set_by == "CD"


def test_the_answers_are_coded_with_it_at_the_next_analyse(folder: Path, audit: Path) -> None:
    theme = id_of(audit, "rota")
    call(audit, "topics", "accept", theme, "--label", "Rota too late", "--author", "AB", "--yes")
    assert call(audit, "analyse", str(folder / "first.csv")).exit_code == 0
    coded = Audit(audit).load_round("first")
    answers = coded.codings.loc[coded.codings["theme"] == "T13", "answer"]
    texts = coded.responses.answers.set_index("answer")["text"]
    assert sum("rota" in texts[answer] for answer in answers) == 8
    assert "rota" not in subject_of(audit).values()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("show S99", 'There is no suggested theme "S99"'),
        ("show --round second", 'There is no round "second"'),
        ("merge S01 --yes", "One theme alone cannot be merged"),
        ("merge S01 s01 --yes", "One theme alone cannot be merged"),
        ("merge S01 T01 --yes", 'There is no suggested theme "T01"'),
        ("reject S01 --author machine --yes", "cannot be an author"),
        ("accept S01 --label Rotas --yes", "Nobody is named who makes this change. fix: Give a name or initials with"),
        ("accept S01 --label none --author AB --yes", 'The label is "none"'),
        ("accept S01 --label a;b --author AB --yes", 'holds ";"'),
        ("accept S01 --label TRUST --author AB --yes", 'T01 "Trust" is called so'),
        ("undo S01 --yes", "Nothing was decided about S01"),
    ],
)
def test_what_cannot_be_done(audit: Path, words: str, message: str) -> None:
    before = (audit / "audit.sqlite").read_bytes()
    result = call(audit, "topics", *words.split())
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert (audit / "audit.sqlite").read_bytes() == before


@pytest.mark.parametrize("option", ["--label", "--definition"])
def test_a_sentence_of_a_respondent_cannot_be_a_label(audit: Path, option: str) -> None:
    words = {"--label": "Rotas", "--author": "AB", option: "the rota  for MAY came out far too late."}
    result = call(audit, "topics", "accept", "S01", *(part for pair in words.items() for part in pair), "--yes")
    assert result.exit_code == 2
    assert "word for word what a respondent wrote" in " ".join(result.stderr.split())
    assert "rota" not in result.stderr


def test_what_was_decided_stands_where_it_is_asked_for_again(audit: Path) -> None:
    call(audit, "topics", "merge", "S01", "S02", "--yes")
    call(audit, "topics", "reject", "S03", "--author", "AB", "--yes")
    assert "S02 was merged into S01 by analyst" in call(audit, "topics", "show", "S02").stderr
    assert "auditkit topics undo S03" in call(audit, "topics", "merge", "S01", "S03", "--yes").stderr


def test_suggestions_of_two_rounds_are_not_merged(folder: Path, audit: Path) -> None:
    assert call(audit, "analyse", str(write(folder, "second", TEXTS[::-1]))).exit_code == 0
    shown = topic_tree.show(Audit(audit))
    assert shown.round == "second"
    assert [line.theme for line in shown.themes] == [f"S{number:02d}" for number in range(7, 13)]
    assert shown.others == (("first", 6),)
    assert "Also     first: 6 suggested (--round)" in call(audit, "topics", "show").stdout
    with pytest.raises(AuditkitError, match="of several rounds"):
        topic_tree.merging(Audit(audit), ["S01", "S07"])


def test_the_summary_of_analyse_counts_what_is_left(folder: Path, audit: Path) -> None:
    call(audit, "topics", "reject", "S01", "--yes")
    result = call(audit, "analyse", str(folder / "first.csv"))
    assert "Nothing has changed since the last run" in result.stdout
    assert "5 new themes suggested" in result.stdout


def test_the_report_shows_the_map_and_every_suggestion(audit: Path) -> None:
    html = (audit / "out" / "analyst" / "report-first.html").read_text(encoding="utf-8")
    drawing = re.search(r'<div class="map">.*?</svg>', html, re.DOTALL)
    assert drawing is not None
    assert 'viewBox="0 0 720 ' in drawing[0]
    assert drawing[0].count('class="sug"') == 6
    assert drawing[0].count('class="bub"') >= 1
    assert not any(text in drawing[0] for text in TEXTS)
    for theme in ("S01", "S06"):
        assert f">{theme} " in drawing[0]
    assert "10 of 10" in html
    assert "suggested, 8 people, nearest" in drawing[0]


def test_the_map_does_not_depend_on_the_order_of_the_rows(folder: Path, audit: Path, tmp_path: Path) -> None:
    lines = (folder / "first.csv").read_text(encoding="utf-8").splitlines()
    moved = tmp_path / "moved" / "first.csv"
    moved.parent.mkdir()
    moved.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n", encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(audit / "audit.toml", other)
    assert call(other, "analyse", str(moved)).exit_code == 0
    maps = []
    for each in (audit, other):
        html = (each / "out" / "analyst" / "report-first.html").read_text(encoding="utf-8")
        maps.append(re.search(r"<figcaption[^>]*><strong>Farthest.*?</figure>", html, re.DOTALL)[0])  # type: ignore[index]
    assert maps[0] == maps[1]
    assert (
        call(other, "topics", "show").stdout.splitlines()[:-1] == call(audit, "topics", "show").stdout.splitlines()[:-1]
    )


def test_an_engine_is_looked_for_before_anything_is_read(folder: Path, audit: Path) -> None:
    settings = audit / "audit.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("[topics]", '[topics]\nengine = "no_such:thing"'))
    before = (audit / "audit.sqlite").read_bytes()
    for words in (["analyse", str(folder / "first.csv")], ["topics", "reject", "S01", "--yes"]):
        result = call(audit, *words)
        assert result.exit_code == 2
        assert 'engine = "no_such:thing" cannot be imported' in " ".join(result.stderr.split())
    assert (audit / "audit.sqlite").read_bytes() == before


def test_the_reports_say_who_grouped(folder: Path, audit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "by_subject_of_the_test.py").write_text(
        "def group(texts, vectors):\n    return [sum(map(ord, text.split()[1])) for text in texts]\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(folder))
    settings = audit / "audit.toml"
    named = '[topics]\nengine = "by_subject_of_the_test:group"'
    settings.write_text(settings.read_text(encoding="utf-8").replace("[topics]", named), encoding="utf-8")
    assert call(audit, "analyse", str(folder / "first.csv")).exit_code == 0
    assert Audit(audit).load_round("first").engine == "by_subject_of_the_test:group"
    said = "Grouped by by_subject_of_the_test:group, not by auditkit."
    assert said in " ".join(call(audit, "topics", "show").stdout.split())
    assert said in (audit / "out" / "analyst" / "report-first.html").read_text(encoding="utf-8")


def test_accepting_is_a_version_of_the_codebook_and_undo_makes_it_a_suggestion_again(audit: Path) -> None:
    theme = id_of(audit, "rota")
    call(audit, "codebook", "accept", theme, "--label", "Rotas on time", "--author", "AB", "--yes")
    assert theme not in subject_of(audit)
    history = call(audit, "codebook", "history").stdout
    assert "AB" in history
    assert codebook.read(audit / "codebook.xlsx").by_id("T13").label == "Rotas on time"
    assert "accepted by AB as T13" in call(audit, "topics", "show").stdout
    assert call(audit, "codebook", "undo", "--yes").exit_code == 0
    assert "T13" not in {one.id for one in codebook.read(audit / "codebook.xlsx").themes}
    assert subject_of(audit)[theme] == "rota"


def test_what_is_set_in_the_sheet_of_the_codebook_is_not_suggested_again(folder: Path, audit: Path) -> None:
    rota, printer = id_of(audit, "rota"), id_of(audit, "printer")
    book = openpyxl.load_workbook(audit / "codebook.xlsx")
    sheet = book["Suggested"]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        theme = row[at["id"] - 1].value
        if theme in (rota, printer):
            row[at["status"] - 1].value = "accepted" if theme == rota else "rejected"
            row[at["label"] - 1].value = "Rotas in time" if theme == rota else row[at["label"] - 1].value
    book.save(audit / "codebook.xlsx")
    assert call(audit, "analyse", str(folder / "first.csv")).exit_code == 0
    assert {"rota", "printer"} & set(subject_of(audit).values()) == set()
    fate = {one.theme: (one.state, one.became) for one in Audit(audit).suggestions()}
    book_now = codebook.read(audit / "codebook.xlsx")
    (accepted,) = [theme.id for theme in book_now.themes if theme.label == "Rotas in time"]
    assert fate[rota] == ("accepted", accepted)
    assert fate[printer] == ("rejected", "")
    assert [theme.status for theme in book_now.themes if theme.id not in (accepted,)].count("retired") == 1
    assert call(audit, "topics", "undo", printer, "--yes").exit_code == 0
    assert subject_of(audit)[printer] == "printer"


def test_suggestions_are_kept_when_answers_were_read_and_lie_where_they_are_coded(audit: Path) -> None:
    before = Audit(audit).load_round("first")
    review = audit / "review.csv"
    assert call(audit, "review", "export", "--format", "csv", "-o", str(review)).exit_code == 0
    import csv

    with review.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with review.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "themes": "Respect" if "rota" in row["text"] else "none"} for row in rows)
    assert call(audit, "review", "apply", str(review), "--coder", "AB").exit_code == 0
    after = Audit(audit).load_round("first")
    kept = ["theme", "label", "people", "answers"]
    assert after.suggested.reindex(columns=kept).equals(before.suggested.reindex(columns=kept))


@pytest.mark.slow
def test_a_suggestion_is_called_by_no_name_of_a_respondent(tmp_path: Path) -> None:
    parking = ("Ask anna miller where to park at {}.", "seven eight nine ten noon two three four")
    texts = [
        sentence.format(word) for sentence, words in [*list(SUBJECTS.values())[1:], parking] for word in words.split()
    ]
    codes = {0: "anna", 1: "Miller"}
    lines = [f'{codes.get(n, f"p{n:03d}")},ward-{n // 2},doctor,"{text}"' for n, text in enumerate(texts)]
    audit = tmp_path / "audit"
    audit.mkdir()
    (audit / "audit.toml").write_text("[topics]\ngranularity = 1.0\n", encoding="utf-8")
    header = "respondent,pair,role,What gets in the way?"
    (tmp_path / "first.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    assert call(audit, "analyse", str(tmp_path / "first.csv")).exit_code == 0
    told = " ".join(f"{line.label}, {line.phrases}" for line in topic_tree.show(Audit(audit)).themes)
    assert "park" in told
    assert "anna" not in told
    assert "miller" not in told
