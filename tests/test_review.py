from __future__ import annotations

import csv
import dataclasses
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit import decisions, intake, reading_list, review_files, runs
from auditkit.audit import Audit
from auditkit.errors import AuditkitError
from auditkit.review import Decided

Rows = list[dict[str, str]]


def quiet(step: str, done: int, total: int) -> None:
    pass


def export(folder: Path, name: str = "review.csv", limit: int | None = None) -> Path:
    path, _ = decisions.hand_out(Audit(folder / "audit"), folder / name, None, limit)
    return path


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Rows, **how: Any) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(
        text, list(rows[0]), delimiter=how.get("delimiter", ","), lineterminator=how.get("end", "\n")
    )
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(how.get("encoding", "utf-8")))
    return path


def filled(folder: Path, decide: Callable[[dict[str, str]], str], **how: Any) -> Path:
    path = export(folder)
    return write(path, [{**row, "themes": decide(row)} for row in read(path)], **how)


def apply(folder: Path, path: Path, coder: str = "AB") -> Decided:
    return decisions.take_over(Audit(folder / "audit"), path, coder, quiet).decided


def decided(folder: Path) -> set[tuple[str, str, str, str, str]]:
    """Respondent and question, with theme, pole and decision, of what people decided."""
    audit = Audit(folder / "audit")
    return {
        (row["respondent"], row["question"][:9], row["theme"], row["pole"], row["decision"])
        for row in audit.store.rows(
            "SELECT a.respondent, a.question, d.theme, d.pole, d.decision FROM decisions d "
            "JOIN answers a ON a.answer = d.answer WHERE a.round = 'baseline'"
        )
    }


def only(text: str, themes: str) -> Callable[[dict[str, str]], str]:
    return lambda row: themes if row["text"].startswith(text) and row["round"] == "baseline" else ""


def codings(folder: Path) -> Rows:
    text = runs.export(Audit(folder / "audit"), "codings", "csv", None, all_scores=True)
    return list(csv.DictReader(io.StringIO(text or "")))


def test_the_csv_contract(small: Path) -> None:
    rows = read(export(small))
    assert list(rows[0]) == ["round", "row", "respondent", "question", "text", "suggested", "themes"]
    assert len(rows) == 23
    assert {row["themes"] for row in rows} == {""}
    labels = {theme.label for theme in Audit(small / "audit").codebook.accepted}
    several = [row["suggested"] for row in rows if ";" in row["suggested"]]
    assert all("; " in cell for cell in several)
    assert {label for row in rows for label in row["suggested"].split("; ")} - {""} <= labels
    row = next(row for row in rows if row["respondent"] == "b2" and row["text"].startswith("I can rely"))
    assert row["row"] == "5"
    assert read(export(small, limit=4)) == rows[:4]
    assert rows != sorted(rows, key=lambda row: (row["round"], int(row["row"]))), "mixed, so that it reads blind"


def book_rows(path: Path, name: str = "Review") -> Rows:
    header, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    return [{str(k): "" if v is None else str(v) for k, v in zip(header, row, strict=True)} for row in rows]


def fill_book(path: Path, fill: Callable[[dict[str, Any]], dict[str, str]], name: str = "Review") -> Path:
    """Fill cells of a sheet as a person would: ``fill`` has the row and says what is typed where."""
    book = openpyxl.load_workbook(path)
    header = [cell.value for cell in book[name][1]]
    for row in book[name].iter_rows(min_row=2):
        typed = fill({k: "" if cell.value is None else cell.value for k, cell in zip(header, row, strict=True)})
        for column, value in typed.items():
            row[header.index(column)].value = value
    book.save(path)
    return path


def test_the_xlsx_sheet_has_the_same_answers_and_says_nothing_of_who_wrote_them(small: Path) -> None:
    path = export(small, "review.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Review", "Excerpts", "Noted", "Labels", "About"]
    rows, plain = book_rows(path), read(export(small))
    assert list(rows[0]) == list(review_files.BOOK)
    assert [row["text"] for row in rows] == [row["text"] for row in plain]
    for row, other in zip(rows, plain, strict=True):
        labels = [part.rpartition(" (")[0] or part for part in row["suggested"].split("; ")]
        assert labels == (other["suggested"].split("; ") if other["suggested"] else ["none"])
        assert row["suggested"] == "none" or row["suggested"].endswith(
            ("(works well)", "(problem)", "(both)", "(not clear)")
        )
        assert other["suggested"] == "" or 'like "' in row["why"]
    said = {str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    for who in {row["respondent"] for row in plain} | {row["round"] for row in plain} | {"ward-1", "doctor", "manager"}:
        assert who not in said
    labels = [row[0] for row in book["Labels"].iter_rows(values_only=True)]
    assert labels == [*(theme.label for theme in Audit(small / "audit").codebook.accepted), "none"]
    offered = {str(rule.sqref): rule.formula1 for rule in book["Review"].data_validations.dataValidation}
    assert offered["F2:F24"] == offered["G2:G24"] == offered["H2:H24"] == f"Labels!$A$1:$A${len(labels)}"
    assert offered["E2:E24"] == '"x"'


def test_the_reasons_are_short_and_those_of_the_three_likeliest(small: Path) -> None:
    """What is suggested stands in full; the codebook's text that is quoted for it ends at a word."""
    coded = Audit(small / "audit").load_round("baseline")
    long = "Whether people say what they think, at the table and not behind each other's backs, every single day"
    answer = coded.codings["answer"].iat[0]
    rows = coded.codings.drop_duplicates("theme").head(4)
    rows = rows.assign(answer=answer, pole="good", coded=True, score=[0.5, 0.9, 0.7, 0.6], matched="", nearest=long)
    labels, poles, why = reading_list.suggestions(dataclasses.replace(coded, codings=rows))[answer]
    assert (len(labels), len(poles), len(why)) == (4, 4, 3)
    quoted = 'like "Whether people say what they think, at the table and not behind ..."'
    assert [line.endswith(quoted) for line in why] == [True] * 3
    assert [line.split("%")[0][-2:] for line in why] == ["90", "70", "60"]


def test_what_is_typed_stands_in_sight_next_to_what_is_suggested(small: Path) -> None:
    """On a screen of 1920 dots, about seven a letter and five more a column."""
    sheet = openpyxl.load_workbook(export(small, "review.xlsx"))["Review"]
    header = [cell.value for cell in sheet[1]]
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
    seen = header[: header.index("themes") + 1]
    assert {"id", "question", "text", "suggested", "ok", "themes"} == set(seen)
    assert sum(7 * width + 5 for width in widths[: len(seen)]) < 1366 - 60
    assert sum(7 * width + 5 for width in widths[: header.index("pole") + 1]) < 1920 - 60
    assert widths[0] > 12 * 1.3, "twelve capital letters"
    assert not any(column.hidden for column in sheet.column_dimensions.values())


@pytest.mark.parametrize("name", ["Review", "Excerpts", "Labels", "About"])
def test_every_sheet_prints_across_one_page_with_room_for_its_footer(small: Path, name: str) -> None:
    sheet = openpyxl.load_workbook(export(small, "review.xlsx"))[name]
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.page_margins.bottom - sheet.page_margins.footer >= 0.4


def test_only_what_is_to_be_filled_can_be_typed_into(small: Path) -> None:
    book = openpyxl.load_workbook(export(small, "review.xlsx"))
    sheet = book["Review"]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert not any((sheet.protection.sort, sheet.protection.autoFilter, sheet.protection.deleteRows))
    locked = {sheet.cell(1, cell.column).value: cell.protection.locked for cell in sheet[2]}
    assert {name for name, is_locked in locked.items() if is_locked} == {"id", "question", "text", "suggested", "why"}
    assert not book["Excerpts"]["A2"].protection.locked


def test_a_filled_cell_is_the_whole_decision(small: Path) -> None:
    path = filled(small, only("She keeps", "Communication; Trust (problem)"))
    done = apply(small, path, "Zoë  Ñandú")
    assert (done.answers, done.blank, done.without_theme) == (1, 22, 0)
    after = [row for row in codings(small) if row["coder"] == "Zoë Ñandú"]
    assert {(row["label"], row["pole"], row["coded"]) for row in after} >= {("Trust", "poor", "true")}
    assert {row["label"] for row in after if row["coded"] == "true"} == {"Communication", "Trust"}
    machines = [row for row in codings(small) if row["coder"] == "machine"]
    mine = {("a2", "baseline", "What works well?")}
    assert not mine & {(row["respondent"], row["round"], row["question"]) for row in machines}
    assert {(row["respondent"], row["round"], row["question"]) for row in after} == mine
    assert {row["decision"] for row in machines} == {"suggested"}


@pytest.mark.slow
def test_what_a_decision_says_of_the_suggestion(small: Path) -> None:
    machine = Audit(small / "audit").load_round("baseline", read=False)
    rows = machine.codings.merge(machine.responses.answers[["answer", "text", "respondent"]], on="answer")
    (trust,) = rows[rows["text"].str.startswith("I can rely") & (rows["theme"] == "T01")]["pole"]
    assert trust == "good"
    kept = "I can rely"
    for themes, expected in (
        ("Trust", {("T01", "good", "confirmed")}),
        ("Trust (works well)", {("T01", "good", "confirmed")}),
        ("Trust (both)", {("T01", "mixed", "changed")}),
        ("trust (PROBLEM); time together", {("T01", "poor", "changed"), ("T07", "good", "added")}),
        ("T07", {("T01", "good", "rejected"), ("T07", "good", "added")}),
        ("none", {("T01", "good", "rejected"), ("none", "", "changed")}),
    ):
        path = filled_again(small, kept, themes)
        apply(small, path)
        found = {row[2:] for row in decided(small) if row[0] == "b2"}
        suggested_too = {row for row in found if row[0] not in ("T01", "T07", "none")}
        assert found - suggested_too == expected, themes
        assert {row[2] for row in suggested_too} <= {"rejected"}


def filled_again(folder: Path, text: str, themes: str) -> Path:
    """A sheet with one answer, whether it was decided before or not."""
    audit = Audit(folder / "audit")
    answers = audit.load_round("baseline").responses.answers
    row = answers[answers["text"].str.startswith(text)].iloc[0]
    cells = {name: str(row[name]) for name in ("round", "row", "respondent", "question", "text")}
    return write(folder / "again.csv", [{**cells, "themes": themes}])


def test_none_on_an_answer_without_suggestion_confirms_it(small: Path) -> None:
    done = apply(small, filled(small, lambda row: "none" if not row["suggested"] else ""))
    assert done.answers == done.without_theme > 0
    assert done.changes == 0
    assert {row[2:] for row in decided(small)} == {("none", "", "confirmed")}


def test_applied_twice_is_applied_once(small: Path) -> None:
    path = filled(small, lambda row: "Trust; Shared goals")
    apply(small, path)
    before = (small / "audit" / "audit.sqlite").read_bytes()
    apply(small, path)
    assert (small / "audit" / "audit.sqlite").read_bytes() == before
    rows = read(path)
    write(path, [{**row, "themes": row["themes"] + " "} for row in rows])
    apply(small, path)
    audit = Audit(small / "audit")
    assert len(audit.store.rows("SELECT 1 FROM log WHERE action = 'decide'")) == 23, "the same decisions are not new"


@pytest.mark.slow
def test_a_later_sheet_takes_the_place_of_an_earlier_one(small: Path) -> None:
    first = filled(small, lambda row: "Trust")
    shutil.copy(first, small / "first.csv")
    apply(small, small / "first.csv", "AB")
    apply(small, filled_again(small, "She keeps", "none"), "CD")
    assert {row["coder"] for row in codings(small)} == {"AB", "CD", ""}
    again = decisions.take_over(Audit(small / "audit"), small / "first.csv", "AB", quiet)
    assert again.is_known
    assert {row["coder"] for row in codings(small)} == {"AB", "CD", ""}, "a sheet counts once, whatever came later"


def sort(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: row["text"], reverse=True)


def more_columns(rows: Rows) -> Rows:
    return [{"memo": "=1+1", **row, "": "", "colour": "red"} for row in rows]


def fewer_rows(rows: Rows) -> Rows:
    return [row for row in rows if row["themes"]]


def floats(rows: Rows) -> Rows:
    return [{**row, "row": f"{row['row']}.0"} for row in rows]


def spaces(rows: Rows) -> Rows:
    return [
        {**row, "text": f" {row['text']}\r\n", "themes": f"  {row['themes'].upper()} ;"} if row["themes"] else row
        for row in rows
    ]


def without_row(rows: Rows) -> Rows:
    return [{name: cell for name, cell in row.items() if name not in ("row", "suggested")} for row in rows]


def capitals(rows: Rows) -> Rows:
    return [{name.upper(): cell for name, cell in row.items()} for row in rows]


def mangled_respondents(rows: Rows) -> Rows:
    """As where a spreadsheet takes a code for a number or a date."""
    return [{**row, "respondent": "01-Jan"} for row in rows]


@pytest.mark.parametrize(
    "change", [sort, more_columns, fewer_rows, floats, spaces, without_row, capitals, mangled_respondents]
)
def test_what_people_do_to_a_sheet(small: Path, change: Callable[[Rows], Rows]) -> None:
    path = filled(small, only("I can rely", "Trust"))
    write(path, change(read(path)))
    assert apply(small, path).answers == 1
    assert ("b2", "What work", "T01", "good", "confirmed") in decided(small)


@pytest.mark.parametrize(
    "how",
    [
        {"end": "\r\n"},
        {"encoding": "utf-8-sig", "end": "\r\n"},
        {"delimiter": ";", "encoding": "utf-8-sig"},
        {"delimiter": "\t", "encoding": "utf-16"},
        {"delimiter": ";", "encoding": "cp1252", "end": "\r\n"},
    ],
)
def test_how_spreadsheets_save_csv(small: Path, how: dict[str, str]) -> None:
    path = filled(small, only("I can rely", "Trust; Communication"), **how)
    assert apply(small, path).answers == 1
    assert {row[2] for row in decided(small) if row[4] != "rejected"} == {"T01", "T02"}


def test_the_xlsx_sheet_comes_back(small: Path) -> None:
    path = fill_book(
        export(small, "review.xlsx"),
        lambda row: {"themes": "Trust"} if row["text"].startswith("I can rely") else {},
    )
    rows = [row["text"] for row in book_rows(path) if row["themes"]]
    book = openpyxl.load_workbook(path)
    book.move_sheet("Labels", -1)
    book.save(path)
    assert apply(small, path).answers == len(rows) > 0
    assert {row[2] for row in decided(small)} >= {"T01"}


@pytest.mark.slow
def test_the_xlsx_sheet_saved_by_libreoffice(small: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    path = export(small, "review.xlsx")
    fill_book(path, lambda row: {"themes": "Trust"})
    for form, place in (("xlsx", "x"), ("csv", "c")):
        subprocess.run([office, "--headless", "--convert-to", form, "--outdir", small / place, path], check=True)
        assert apply(small, small / place / f"review.{form}", form).answers == 23


def add_rows(folder: Path, name: str, rows: list[str]) -> None:
    path = folder / f"{name}.csv"
    path.write_text("respondent,pair,role,What gets in the way?\n" + "\n".join(rows), encoding="utf-8")
    runs.analyse(Audit(folder / "audit"), [path], intake.Options(), quiet)


def test_the_same_words_in_two_pairs_are_two_answers(tmp_path: Path) -> None:
    rows = [f"dir,{pair},doctor,There is no time to meet." for pair in ("ward-1", "ward-2")]
    rows += ["m1,ward-1,manager,There is no time to meet.", "m2,ward-2,manager,Nothing."]
    add_rows(tmp_path, "first", rows)
    path = filled(tmp_path, lambda row: "Trust" if row["row"] == "2" else "Communication" if row["row"] == "3" else "")
    assert apply(tmp_path, path).answers == 2
    found = {
        (row["pair"], row["label"]) for row in codings(tmp_path) if row["coder"] == "AB" and row["coded"] == "true"
    }
    assert found == {("ward-1", "Trust"), ("ward-2", "Communication")}
    write(path, without_row(read(path)))
    with pytest.raises(AuditkitError, match="2 rows cannot be taken over") as caught:
        apply(tmp_path, path)
    assert all("no column tells which" in line for line in caught.value.details)


def test_everything_wrong_is_listed_and_nothing_is_applied(small: Path) -> None:
    answers = {
        "She keeps": "Trusst", "I can rely": "Trust; none", "We want": " ; ", "He decides": "Trust (sometimes)",
        "We talk openly": "Trust (problem); Trust (works well)", "Nobody": "Trust",
    }  # fmt: skip
    path = filled(
        small,
        lambda row: (
            next((what for start, what in answers.items() if row["text"].startswith(start)), "")
            if row["round"] == "baseline"
            else ""
        ),
    )
    rows = read(path)
    rows += [next({**row, "themes": "Communication"} for row in rows if row["text"].startswith("Nobody"))]
    rows += [{**rows[0], "text": "words that nobody wrote", "themes": "Trust"}]
    write(path, rows)
    with pytest.raises(AuditkitError, match=r"review\.csv: 7 rows cannot be taken over; nothing was") as caught:
        apply(small, path)
    assert caught.value.exit_code == 2
    details = "\n".join(caught.value.details)
    for said in (
        'there is no theme "Trusst"; did you mean "Trust"?',
        "none stands beside a label",
        "no label; write none",
        'there is no theme "Trust (sometimes)"',
        '"Trust" stands there with two poles',
        "the same answer as line",
        "line 26: this answer is not in the audit, or its text was changed",
    ):
        assert said in details
    assert "words that nobody wrote" not in details
    assert decided(small) == set()
    assert Audit(small / "audit").store.rows("SELECT 1 FROM runs WHERE command = 'review'") == []


def test_many_wrong_lines_are_all_listed(small: Path) -> None:
    with pytest.raises(AuditkitError, match="23 rows") as caught:
        apply(small, filled(small, lambda row: "Weather"))
    assert len(caught.value.details) == 23


def test_the_sheet_of_another_audit_is_refused(small: Path, tmp_path: Path) -> None:
    add_rows(tmp_path, "other", ["x1,ward-1,doctor,We see nobody.", "x2,ward-1,manager,We never plan."])
    with pytest.raises(AuditkitError, match="2 rows cannot"):
        apply(small, filled(tmp_path, lambda row: "Trust"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"sheet\.csv is empty"),
        (b"round,row,respondent,question,text\n", "no column themes"),
        (b"PK\x03\x04 not a workbook", "is a workbook with the ending .csv"),
        (b'round,"row\n' * 3, "no column"),
    ],
)
def test_a_file_that_is_no_review_sheet(small: Path, content: bytes, message: str) -> None:
    path = small / "sheet.csv"
    path.write_bytes(content)
    with pytest.raises(AuditkitError, match=message):
        apply(small, path)


def test_files_that_cannot_be_read_or_written(small: Path) -> None:
    (small / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(AuditkitError, match="is no Excel workbook, or a broken one"):
        apply(small, small / "broken.xlsx")
    with pytest.raises(AuditkitError, match="There is no file"):
        apply(small, small / "gone.xlsx")
    with pytest.raises(AuditkitError, match='cannot be "pdf"'):
        export(small, "review.pdf")


@pytest.mark.parametrize("coder", ["", "  ", "machine", "Auditkit", "x" * 41])
def test_who_decided_is_a_person(small: Path, coder: str) -> None:
    with pytest.raises(AuditkitError, match="cannot be a coder"):
        apply(small, export(small), coder)


def test_a_pole_behind_a_label_is_never_part_of_it(small: Path) -> None:
    themes = small / "themes.csv"
    options = intake.Options(codebook=themes)
    themes.write_text("label,statements\nTalking (problem),We speak\n", encoding="utf-8")
    with pytest.raises(AuditkitError, match="ends with a pole"):
        runs.analyse(Audit(small / "audit"), [small / "baseline.csv"], options, quiet)
    themes.write_text("label,statements\nTalking,We speak\n", encoding="utf-8")
    runs.analyse(Audit(small / "audit"), [small / "baseline.csv"], options, quiet)
    ids = {theme.label: theme.id for theme in Audit(small / "audit").codebook.accepted}
    apply(small, filled(small, only("I can rely", "talking (Problem)")))
    assert {row[2:4] for row in decided(small) if row[4] != "rejected"} == {(ids["Talking"], "poor")}
    apply(small, filled_again(small, "I can rely", "Talking (both)"))
    assert {row[2:4] for row in decided(small) if row[4] != "rejected"} == {(ids["Talking"], "mixed")}


def test_decisions_that_were_not_taken_over_are_not_overwritten(small: Path) -> None:
    path = filled(small, only("I can rely", "Trust"))
    before = path.read_bytes()
    with pytest.raises(AuditkitError, match="holds decisions on 1 answer that were not taken over"):
        export(small)
    assert path.read_bytes() == before
    apply(small, path)
    assert len(read(export(small))) == 22


def test_a_decision_changed_in_an_applied_sheet_is_not_overwritten(small: Path) -> None:
    path = filled(small, only("I can rely", "Trust"))
    apply(small, path)
    path.write_text(path.read_text(encoding="utf-8").replace(",Trust\n", ",Communication\n"), encoding="utf-8")
    with pytest.raises(AuditkitError, match="that were not taken over"):
        export(small)


def test_status_counts_what_is_read(small: Path) -> None:
    audit = Audit(small / "audit")
    status = decisions.progress(audit)
    assert [(row["answers"], row["reviewed"]) for row in status["rounds"]] == [(11, 0), (12, 0)]
    assert status["next"] == "auditkit review export"
    apply(small, filled(small, lambda row: "none" if row["round"] == "baseline" else ""))
    status = decisions.progress(Audit(small / "audit"))
    assert [(row["answers"], row["reviewed"]) for row in status["rounds"]] == [(11, 11), (12, 0)]
    assert [row["reviewed"] for row in runs.status(Audit(small / "audit"))["rounds"]] == [11, 0]
    assert {row["round"] for row in read(export(small))} == {"repeat"}
    apply(small, filled(small, lambda row: "Trust"))
    assert decisions.progress(Audit(small / "audit"))["next"] == "auditkit feedback --all-packs --final"
    assert read_empty(export(small)) == 1


def read_empty(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
