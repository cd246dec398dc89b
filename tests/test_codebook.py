"""The codebook: what is read, what is refused, and that a file survives being written."""

from __future__ import annotations

import csv
import io
import itertools
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill

from auditkit.codebook import COLUMNS, Codebook, Theme, default, diff, read, write
from auditkit.errors import AuditkitError
from auditkit.paper import LETTERS

TRUST = Theme(
    "T01",
    "Trust",
    definition="Whether they rely on each other.",
    include="Promises kept",
    exclude="Skill",
    statements_good=("I can rely on him.", "She keeps her word."),
    statements_poor=("He broke his promise.",),
    statements=("Trust matters here.",),
    expects=("Q3", "What gets in the way?"),
    parent="Relationship",
)
PARKING = Theme("T02", "Parking", status="retired", set_by="auditkit")
BOOK = Codebook((TRUST, PARKING), ("n/a",), "test")


def sheet(path: Path, rows: list[list[object]], title: str = "Themes", **others: list[list[object]]) -> Path:
    workbook = Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    for name, lines in others.items():
        extra = workbook.create_sheet(name)
        for line in lines:
            extra.append(line)
    workbook.save(path)
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(AuditkitError) as caught:
        read(path)
    assert caught.value.fix
    return " | ".join([caught.value.message, *caught.value.details])


# Reading


def test_only_the_label_is_needed(tmp_path: Path):
    book = read(text(tmp_path / "mine.csv", "label\nTrust\nParking\n"))
    assert [(theme.id, theme.label, theme.status, theme.set_by) for theme in book.themes] == [
        ("T01", "Trust", "accepted", "analyst"),
        ("T02", "Parking", "accepted", "analyst"),
    ]
    assert book.name == "mine"
    assert book.junk == default().junk


@pytest.mark.parametrize("header", ["Statements good", "STATEMENTS_GOOD", " statements (good) ", "statements-good"])
def test_headers_count_without_case_and_punctuation(tmp_path: Path, header: str):
    path = sheet(tmp_path / "a.xlsx", [["Label ", header, "My notes"], ["Trust", "One.\nTwo.\n\nOne.", "x"]])
    assert read(path).themes[0].statements_good == ("One.", "Two.")


def test_a_title_above_the_header_and_blank_rows_do_no_harm(tmp_path: Path):
    rows: list[list[object]] = [
        ["Our codebook 2025"],
        [],
        ["id", "label"],
        [],
        ["T03", "Trust"],
        [None, "Parking"],
    ]
    assert [theme.id for theme in read(sheet(tmp_path / "a.xlsx", rows)).themes] == ["T03", "T04"]


def test_a_row_with_notes_alone_is_blank(tmp_path: Path):
    path = sheet(tmp_path / "a.xlsx", [["label", "my notes"], ["Trust", ""], [None, "to do"]])
    assert len(read(path).themes) == 1


def test_xlsx_takes_the_sheet_themes_else_the_first(tmp_path: Path):
    one = sheet(tmp_path / "a.xlsx", [["something else"]], title="Notes", Themes=[["label"], ["Trust"]])
    two = sheet(tmp_path / "b.xlsx", [["label"], ["Respect"]], title="Codes", Notes=[["something else"]])
    assert read(one).themes[0].label == "Trust"
    assert read(two).themes[0].label == "Respect"


def test_numbers_in_excel_are_read_as_people_see_them(tmp_path: Path):
    theme = read(sheet(tmp_path / "a.xlsx", [["id", "label"], [7.0, 2024]])).themes[0]
    assert (theme.id, theme.label) == ("7", "2024")


@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_csv_of_every_land(tmp_path: Path, comma: str):
    path = text(
        tmp_path / "a.csv",
        "\ufeff" + comma.join(["id", "label", "definition"]) + f"\r\nT9{comma}Trust{comma}x\r\n",
    )
    assert (read(path).themes[0].id, read(path).themes[0].definition) == ("T9", "x")


def test_toml(tmp_path: Path):
    path = text(
        tmp_path / "a.toml",
        '[[theme]]\nlabel = "Trust"\nnotes = {a = 1}\n'
        '"Statements good" = ["One.", "Two."]\n[[theme]]\nid = "T05"\nlabel = "Parking"\n',
    )
    assert [theme.id for theme in read(path).themes] == ["T06", "T05"]
    assert read(path).themes[0].statements_good == ("One.", "Two.")


def test_missing_ids_are_the_next_free_ones_and_never_used_before(tmp_path: Path):
    path = text(tmp_path / "a.csv", "id,label,status\nT02,A,\n,B,\nT04,C,retired\n,D,\nX1,E,\n")
    assert [theme.id for theme in read(path).themes] == ["T02", "T05", "T04", "T06", "X1"]
    assert [theme.id for theme in read(path, taken=["T09"]).themes] == ["T02", "T10", "T04", "T11", "X1"]


def test_decisions_on_suggestions(tmp_path: Path):
    path = sheet(
        tmp_path / "a.xlsx",
        [["id", "label"], ["T01", "Trust"], ["T07", "Parking"]],
        Suggested=[
            ["id", "label", "statements", "status", "set_by"],
            ["S1", "Night work", "We are never there at night.", "Accepted", "auditkit"],
            ["S2", "Coffee", "", "rejected", "auditkit"],
            ["S3", "Lifts", "", "suggested", "auditkit"],
            ["S4", "Stairs", "", "", "auditkit"],
            ["S5", "Parking", "", "retired", "auditkit"],
        ],
    )
    assert [(t.id, t.label, t.status, t.set_by) for t in read(path).themes[2:]] == [
        ("T08", "Night work", "accepted", "analyst"),
        ("T09", "Coffee", "retired", "analyst"),
    ]
    assert read(path).themes[2].statements == ("We are never there at night.",)


def test_an_accepted_suggestion_keeps_its_new_id_once_written(tmp_path: Path):
    path = sheet(
        tmp_path / "a.xlsx",
        [["id", "label"], ["T01", "Trust"]],
        Suggested=[["label", "status"], ["Night work", "accepted"], ["Coffee", "suggested"]],
    )
    first = read(path)
    write(path, first, suggested=[Theme("", "Lifts", status="suggested")])
    assert read(path) == first
    assert [cell.value for cell in load_workbook(path)["Suggested"]["B"]] == ["label", "Lifts"]


# Refusals


def test_a_file_that_is_not_there(tmp_path: Path):
    assert "there is no file" in refusal(tmp_path / "a.xlsx")


def test_another_kind_of_file(tmp_path: Path):
    assert '".docx"' in refusal(text(tmp_path / "a.docx", "x"))


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.toml"])
def test_an_empty_file(tmp_path: Path, name: str):
    path = tmp_path / name
    if name == "a.xlsx":
        sheet(path, [])
    else:
        path.write_bytes(b"")
    assert f"{name}" in refusal(path)
    assert "empty" in refusal(path)


def test_a_header_without_a_theme(tmp_path: Path):
    assert "a.csv holds no theme" in refusal(text(tmp_path / "a.csv", "id,label\n"))


def test_no_label_column_names_what_is_there(tmp_path: Path):
    found = refusal(sheet(tmp_path / "a.xlsx", [["id", "Topic"], ["T01", "Trust"]]))
    assert 'a.xlsx, sheet Themes, row 1: there is no column "label", only id, Topic' in found


FRAMEWORK = [
    ["Category", "Sub-category", "Sub-category description", "Examples"],
    ["Staff", "Staff manner", "How staff treat people.", "Nice staff"],
    ["Staff", "Training", "What staff know and can do.", ""],
    ["Parking", "Parking", "Places to park.", ""],
]


def framework(path: Path, *tables: list[list[str]]) -> Path:
    """A workbook with a sheet a table: One, Two, ..."""
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(tables):
        page = book.create_sheet(("One", "Two", "Three")[number])
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def test_a_framework_is_read_from_the_first_sheet_with_names_of_themes(tmp_path: Path) -> None:
    grid = [["", ""], ["", "Staff"], ["", "Staff manner", "Training"]]
    book = read(framework(tmp_path / "f.xlsx", grid, FRAMEWORK, FRAMEWORK[:2]), from_elsewhere=True)
    assert [(theme.label, theme.parent, theme.definition) for theme in book.themes] == [
        ("Staff manner", "Staff", "How staff treat people."),
        ("Training", "Staff", "What staff know and can do."),
        ("Parking", "", "Places to park."),  # nothing stands under itself
    ]
    assert book.told == (
        "Of the sheets Two is read.",
        "Sub-category read as label, Category as parent, Sub-category description as definition.",
        "Examples: not read.",
    )


def test_a_sheet_with_the_column_label_comes_before_all_others(tmp_path: Path) -> None:
    own = [["label", "Name"], ["Trust", "ignored"]]
    book = read(framework(tmp_path / "f.xlsx", FRAMEWORK, own))
    assert [theme.label for theme in book.themes] == ["Trust"]
    assert book.told == ("Of the sheets Two is read.", "Name: not read.")


@pytest.mark.parametrize(
    ("header", "label", "parent", "definition"),
    [
        ("Theme,Description", "a", "", "b"),
        ("Code,Group,Meaning", "a", "b", "c"),
        ("Theme,Sub theme", "b", "a", ""),
        ("Main theme,Theme,Theme description", "b", "a", "c"),
        ("Name", "a", "", ""),
        ("Category,Subcategory,definition", "b", "a", "c"),
    ],
)
def test_usual_names_of_columns(tmp_path: Path, header: str, label: str, parent: str, definition: str) -> None:
    row = ",".join("abc"[: header.count(",") + 1])
    (theme,) = read(text(tmp_path / "a.csv", f"{header}\n{row}\n")).themes
    assert (theme.label, theme.parent, theme.definition) == (label, parent, definition)


def test_a_cell_alone_in_its_row_is_no_header(tmp_path: Path) -> None:
    rows = [["Theme"], ["Code", "Meaning"], ["Trust", "To rely on each other"]]
    book = read(framework(tmp_path / "f.xlsx", rows))
    assert [theme.label for theme in book.themes] == ["Trust"]


def test_every_sheet_is_named_where_none_holds_themes(tmp_path: Path) -> None:
    path = framework(tmp_path / "f.xlsx", [["Topic", "Text"]], [["Year", "Number"]], [])
    with pytest.raises(AuditkitError) as error:
        read(path)
    assert error.value.message == 'f.xlsx: no sheet has a column "label"'
    assert error.value.details == ("sheet One: Topic, Text", "sheet Two: Year, Number", "sheet Three: empty")


def test_a_framework_is_written_back_under_its_own_names(tmp_path: Path) -> None:
    path = framework(tmp_path / "f.xlsx", FRAMEWORK[:0], FRAMEWORK)
    before = read(path)
    write(path, before)
    assert read(path).themes == before.themes
    assert [cell.value for cell in load_workbook(path)["Two"][1]][:4] == FRAMEWORK[0]


def test_the_nhs_framework_is_read_as_it_is() -> None:
    path = Path(__file__).resolve().parents[2] / "shared/data/nhs-fft/framework.xlsx"
    if not path.exists():
        pytest.skip("the shared NHS framework is not here")
    book = read(path, from_elsewhere=True)
    assert len(book.themes) == 33
    assert book.themes[3].label == "Feeling safe"
    assert book.told[-1] == "Examples, Longer-Examples: not read."


def test_two_columns_of_one_name(tmp_path: Path):
    assert 'two columns are called "Label"' in refusal(text(tmp_path / "a.csv", "label,Label\nA,B\n"))


def test_an_xlsx_that_is_no_zip(tmp_path: Path):
    assert "a.xlsx cannot be read" in refusal(text(tmp_path / "a.xlsx", "label\nTrust\n"))


def test_an_xlsx_that_is_cut_off(tmp_path: Path):
    path = sheet(tmp_path / "a.xlsx", [["label"], ["Trust"]])
    path.write_bytes(path.read_bytes()[:-200])
    assert "a.xlsx cannot be read" in refusal(path)


def test_an_xlsx_without_a_sheet_of_themes(tmp_path: Path):
    assert 'no sheet "Themes"' in refusal(sheet(tmp_path / "a.xlsx", [["label"], ["A"]], title="Suggested"))


def test_a_csv_in_another_encoding_names_the_line(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes("label,definition\nTrust,x\nRôle,y\n".encode("latin-1"))
    assert "a.csv, line 3" in refusal(path)


def test_a_csv_with_a_comma_outside_quotes(tmp_path: Path):
    assert "a.csv, row 2: there are more cells" in refusal(text(tmp_path / "a.csv", "label,definition\nA,b,c\n"))


def test_a_csv_with_quotes_that_do_not_close(tmp_path: Path):
    assert "a.csv is no CSV table" in refusal(text(tmp_path / "a.csv", 'label,definition\nA,"b\n'))


def test_toml_syntax_names_the_line(tmp_path: Path):
    assert "line 2" in refusal(text(tmp_path / "a.toml", '[[theme]]\nlabel = Trust"\n'))


def test_toml_that_is_no_list_of_themes(tmp_path: Path):
    assert '"theme" is no list' in refusal(text(tmp_path / "a.toml", '[theme]\nlabel = "Trust"\n'))
    nested = '[[theme]]\nlabel = "Trust"\nstatements = [["a"]]\n'
    assert 'theme 1: "statements" is no text' in refusal(text(tmp_path / "a.toml", nested))


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("T01,Trust,\nT02,trust ,\n", 'row 3: the label "trust" is also in row 2'),
        ("T01,Trust,\nt01,Respect,\n", 'row 3: the id "t01" is also in row 2'),
        ("T01,Trust; respect,\n", 'row 2: the label "Trust; respect" holds ";"'),
        ("T01,None,\n", 'row 2: the label is "None"'),
        ("T01,,\n", "row 2: the label is missing"),
        ("T01,Trust (Works well),\n", 'row 2: the label "Trust (Works well)" ends with a pole'),
        ("T01,T07,\n", 'row 2: the label "T07" looks like the id of a theme'),
        ("T01,Ok,\n", 'row 2: the label is "Ok"'),
        (f"T01,{'x' * 81},\n", "row 2: the label has 81 characters"),
        ("T01,Trust,draft\n", 'row 2: the status is "draft"'),
    ],
)
def test_rows_that_cannot_be_used(tmp_path: Path, rows: str, found: str):
    assert refusal(text(tmp_path / "a.csv", "id,label,status\n" + rows)) == f"a.csv, {found}"


def test_several_problems_are_told_at_once(tmp_path: Path):
    found = refusal(sheet(tmp_path / "a.xlsx", [["label", "status"], ["A;B", ""], ["A", "old"], ["a", ""]]))
    assert found.startswith("a.xlsx: 3 entries cannot be used | sheet Themes, row 2")
    assert "sheet Themes, row 3" in found
    assert "sheet Themes, row 4" in found


def test_problems_in_the_sheet_of_suggestions(tmp_path: Path):
    rows = [["label", "status"], ["Lifts", "acepted"], ["trust", "accepted"], ["Trust", "suggested"]]
    found = refusal(sheet(tmp_path / "a.xlsx", [["label"], ["Trust"]], Suggested=rows))
    assert 'sheet Suggested, row 2: the status is "acepted"' in found
    assert 'sheet Suggested, row 3: the label "trust" is also in sheet Themes, row 2' in found
    assert "row 4" not in found


# Writing


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.toml"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str):
    for book in (BOOK, default()):
        write(tmp_path / name, book)
        assert read(tmp_path / name).themes == book.themes
        write(tmp_path / name, book)
        assert read(tmp_path / name).themes == book.themes


@pytest.mark.parametrize("name", ["a.csv", "a.toml"])
def test_text_files_are_the_same_to_the_byte(tmp_path: Path, name: str):
    write(tmp_path / name, BOOK)
    first = (tmp_path / name).read_bytes()
    write(tmp_path / name, BOOK)
    assert (tmp_path / name).read_bytes() == first


@pytest.mark.parametrize("name", ["a.xlsx", "a.toml"])
def test_suggestions_are_written_and_not_read_until_someone_decides(tmp_path: Path, name: str):
    write(tmp_path / name, BOOK, [Theme("", "Lifts", statements=("Late.",), status="suggested")])
    assert read(tmp_path / name).themes == BOOK.themes
    write(tmp_path / name, BOOK)
    assert read(tmp_path / name).themes == BOOK.themes


def test_a_csv_has_no_room_for_suggestions(tmp_path: Path):
    with pytest.raises(AuditkitError, match="no room for suggested themes"):
        write(tmp_path / "a.csv", BOOK, [Theme("", "Lifts", status="suggested")])
    assert not (tmp_path / "a.csv").exists()


def test_another_kind_of_file_is_not_written(tmp_path: Path):
    with pytest.raises(AuditkitError, match=r'ends in "\.docx"'):
        write(tmp_path / "a.docx", BOOK)


def test_a_new_workbook_is_easy_to_read_in_excel(tmp_path: Path):
    write(tmp_path / "a.xlsx", BOOK, [Theme("", "Lifts", status="suggested")])
    workbook = load_workbook(tmp_path / "a.xlsx")
    assert workbook.sheetnames == ["Themes", "Suggested"]
    for name, choices in (
        ("Themes", '"accepted,suggested,retired"'),
        ("Suggested", '"suggested,accepted,rejected"'),
    ):
        page = workbook[name]
        assert [cell.value for cell in page[1]] == list(COLUMNS)
        assert page.freeze_panes == "C2"
        assert page["F2"].alignment.wrap_text
        assert page.column_dimensions["C"].width > 40
        assert page.page_setup.orientation == "landscape"
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
        assert page.print_title_rows == "$1:$1"
        (rule,) = page.data_validations.dataValidation
        assert rule.formula1 == choices
        assert "K2" in rule.cells
        assert page["K1"].value == "status"


def test_a_persons_workbook_keeps_its_look(tmp_path: Path):
    path = sheet(
        tmp_path / "a.xlsx",
        [
            ["Our codebook"],
            ["my notes", "Label", "Definition"],
            ["ask Ann", "Trust", "Old."],
            ["", "Parking", ""],
        ],
        title="Codes",
        Diary=[["kept"]],
    )
    workbook = load_workbook(path)
    workbook["Codes"]["B3"].font = Font(color="FF0000", italic=True)
    workbook["Codes"]["C4"].fill = PatternFill("solid", fgColor="FFFF00")
    workbook["Codes"].column_dimensions["C"].width = 77
    workbook["Codes"].row_dimensions[3].height = 50
    workbook.save(path)
    book = read(path)
    changed = replace(book.themes[0], definition="New.", statements_good=("One.", "Two."))
    book = replace(book, themes=(changed, book.themes[1], Theme("T03", "Lifts", definition="Going up.")))
    write(path, book)
    page = load_workbook(path)["Codes"]
    assert load_workbook(path)["Diary"]["A1"].value == "kept"
    assert (page["A1"].value, page["A3"].value, page["C3"].value) == ("Our codebook", "ask Ann", "New.")
    assert page["B3"].font.italic
    assert page["C4"].fill.fgColor.rgb == "00FFFF00"
    assert (page.column_dimensions["C"].width, page.row_dimensions[3].height) == (77, 50)
    assert page["B5"].value == "Lifts"
    assert read(path).themes == book.themes
    write(path, book)
    assert len(load_workbook(path)["Codes"].data_validations.dataValidation) == 1


def test_rows_are_as_high_as_their_texts_and_a_height_set_by_hand_stays(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    long = "Whether what one shift knows reaches the next. " * 5
    book = replace(BOOK, themes=tuple(Theme(f"T0{n}", f"Theme {n}", definition=long) for n in range(1, 5)))
    write(path, book)
    page = load_workbook(path)["Themes"]
    lines = len(textwrap.wrap(long, int(page.column_dimensions["C"].width * LETTERS)))
    assert [page.row_dimensions[row].height for row in range(2, 6)] == [15 * lines] * 4
    workbook = load_workbook(path)
    workbook["Themes"].row_dimensions[3].height = 31.5
    workbook["Themes"].column_dimensions["C"].width = 30
    workbook["Themes"]["C5"].value = "Short."
    workbook.save(path)
    write(path, read(path))
    page = load_workbook(path)["Themes"]
    narrower = 15 * len(textwrap.wrap(long, int(30 * LETTERS)))
    assert [page.row_dimensions[row].height for row in range(2, 6)] == [narrower, 31.5, narrower, 15]


def test_a_persons_page_setup_stays(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    write(path, BOOK)
    workbook = load_workbook(path)
    workbook["Themes"].page_setup.orientation = "portrait"
    workbook.save(path)
    write(path, read(path))
    assert load_workbook(path)["Themes"].page_setup.orientation == "portrait"


def test_rows_of_themes_that_are_gone_are_taken_out(tmp_path: Path):
    rows: list[list[object]] = [["id", "label", "notes"]]
    rows += [[f"T0{number}", label, label.lower()] for number, label in enumerate("ABCDE", start=1)]
    path = sheet(tmp_path / "a.xlsx", rows)
    book = read(path)
    kept = (book.themes[1], replace(book.themes[3], label="Delta"), Theme("T06", "F"))
    write(path, replace(book, themes=kept))
    found = [[cell.value for cell in row[:3]] for row in load_workbook(path)["Themes"].iter_rows(min_row=2)]
    assert found == [["T02", "B", "b"], ["T04", "Delta", "d"], ["T06", "F", None]]


def test_merged_cells_do_not_stop_the_writing(tmp_path: Path):
    path = sheet(tmp_path / "a.xlsx", [["label", "definition"], ["A", "one"], ["B", None]])
    workbook = load_workbook(path)
    workbook["Themes"].merge_cells("B2:B3")
    workbook.save(path)
    book = read(path)
    book = replace(book, themes=(book.themes[0], replace(book.themes[1], definition="two")))
    write(path, book)
    assert read(path).themes == book.themes


def test_bold_words_in_a_cell_stay(tmp_path: Path):
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    path = sheet(tmp_path / "a.xlsx", [["label", "definition"], ["A", "x"]])
    workbook = load_workbook(path)
    workbook["Themes"]["B2"] = CellRichText("Not ", TextBlock(InlineFont(b=True), "this"))
    workbook.save(path)
    book = read(path)
    assert book.themes[0].definition == "Not this"
    write(path, book)
    assert isinstance(load_workbook(path, rich_text=True)["Themes"]["B2"].value, CellRichText)


@pytest.mark.parametrize("start", ["=1+1", "+44", "-", "@home"])
def test_text_never_becomes_a_formula(tmp_path: Path, start: str):
    book = Codebook((Theme("T01", start, statements=(f"{start} really",)),), (), "x")
    write(tmp_path / "a.xlsx", book)
    write(tmp_path / "a.xlsx", book)
    cell = load_workbook(tmp_path / "a.xlsx")["Themes"]["B2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (start, "s", True)
    assert read(tmp_path / "a.xlsx").themes == book.themes


def test_a_formula_is_replaced_by_what_it_showed(tmp_path: Path):
    path = sheet(tmp_path / "a.xlsx", [["label", "definition"], ["A", '="a"&"b"']])
    write(path, Codebook((Theme("T01", "A", definition="ab"),), (), "x"))
    assert load_workbook(path)["Themes"]["B2"].value == "ab"


def test_characters_that_excel_refuses_are_left_out(tmp_path: Path):
    write(tmp_path / "a.xlsx", Codebook((Theme("T01", "A", definition="be\x07ll"),), (), "x"))
    assert read(tmp_path / "a.xlsx").themes[0].definition == "bell"


def test_a_text_too_long_for_a_cell(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    write(path, BOOK)
    before = path.read_bytes()
    long = replace(TRUST, statements=("x" * 40_000,))
    with pytest.raises(AuditkitError, match="sheet Themes, row 2, statements: 40,000 characters"):
        write(path, Codebook((long,), (), "x"))
    assert path.read_bytes() == before


def test_comments_in_a_toml_file_stay(tmp_path: Path):
    path = text(
        tmp_path / "a.toml",
        '# ours\n\n[[theme]]\nid = "T01" # first\nlabel = "Trust"\n# why\ndefinition = "Old."\n'
        'owner = "Ann"\n'
        '\n[[theme]]\nlabel = "Parking"\n',
    )
    book = read(path)
    changed = replace(book.themes[0], definition="New.", statements_good=("One.",))
    write(path, replace(book, themes=(changed, book.themes[1])))
    content = path.read_text(encoding="utf-8")
    for kept in ("# ours", "# first", "# why", 'owner = "Ann"', 'definition = "New."'):
        assert kept in content
    assert read(path).themes == (changed, book.themes[1])
    write(path, read(path))
    assert path.read_text(encoding="utf-8") == content


def test_keys_of_a_toml_file_stay_as_a_person_wrote_them(tmp_path: Path):
    path = text(tmp_path / "a.toml", '[[theme]]\nLabel = "Trust"\n"Statements good" = ["One."]\n')
    theme = read(path).themes[0]
    write(path, Codebook((replace(theme, statements_good=("Two.",)),), (), "a"))
    assert read(path).themes[0].statements_good == ("Two.",)
    write(path, Codebook((replace(theme, statements_good=()),), (), "a"))
    assert read(path).themes[0].statements_good == ()
    assert "statements_good" not in path.read_text(encoding="utf-8")


def test_themes_come_and_go_in_a_toml_file(tmp_path: Path):
    path = text(tmp_path / "a.toml", '[[theme]]\nlabel = "A"\n\n[[theme]]\nlabel = "B"\n\n[other]\nx = 1\n')
    book = read(path)
    write(path, replace(book, themes=(book.themes[1], Theme("T03", "C"))))
    assert [(theme.id, theme.label) for theme in read(path).themes] == [("T02", "B"), ("T03", "C")]
    assert "[other]" in path.read_text(encoding="utf-8")


# Fingerprint, differences


def test_the_fingerprint_minds_no_order():
    one, two = default(), default()
    turned = tuple(
        replace(theme, statements_good=theme.statements_good[::-1], expects=theme.expects[::-1])
        for theme in two.themes[::-1]
    )
    assert replace(two, themes=turned, junk=two.junk[::-1], name="x").fingerprint() == one.fingerprint()
    assert len(one.fingerprint()) == 8
    int(one.fingerprint(), 16)


@pytest.mark.parametrize(
    "change",
    [
        {"label": "x"},
        {"definition": "x"},
        {"statements_good": ("x",)},
        {"statements_poor": ("x",)},
        {"statements": ("x",)},
        {"expects": ("Q7",)},
        {"status": "retired"},
        {"id": "T99"},
    ],
)
def test_the_fingerprint_changes_with_what_coding_uses(change: dict[str, str]):
    other = replace(BOOK, themes=(replace(TRUST, **change), PARKING))
    assert other.fingerprint() != BOOK.fingerprint()


def test_the_fingerprint_tells_poles_apart_and_minds_junk():
    turned = replace(TRUST, statements_good=TRUST.statements_poor, statements_poor=TRUST.statements_good)
    assert replace(BOOK, themes=(turned, PARKING)).fingerprint() != BOOK.fingerprint()
    assert replace(BOOK, junk=("none",)).fingerprint() != BOOK.fingerprint()


def test_the_fingerprint_leaves_out_notes_for_people_and_retired_themes():
    noted = replace(TRUST, include="x", exclude="x", parent="x", set_by="auditkit")
    other = replace(BOOK, themes=(noted, replace(PARKING, label="x")))
    assert other.fingerprint() == BOOK.fingerprint()


def test_diff_says_what_changed():
    assert diff(BOOK, BOOK) == []
    changed = replace(
        TRUST,
        label="Mistrust",
        definition="x",
        include="x",
        exclude="x",
        statements_good=("She keeps her word.", "New.", "Newer."),
        statements_poor=(),
        expects=("Q3",),
        parent="x",
        status="retired",
    )
    new = Codebook((changed, Theme("T03", "Lifts"), Theme("T04", "Stairs", status="suggested")), ("-", "n/a"), "x")
    assert diff(BOOK, new) == [
        'T01 "Trust" is now called "Mistrust".',
        'T01 "Mistrust" is now retired; it was accepted.',
        'T01 "Mistrust": the definition has changed.',
        'T01 "Mistrust": what to include has changed.',
        'T01 "Mistrust": what to leave out has changed.',
        'T01 "Mistrust": the theme above it has changed.',
        'T01 "Mistrust", statements of "works well": 2 added, 1 removed.',
        'T01 "Mistrust", statements of "problem": 1 removed.',
        'T01 "Mistrust", expected questions: 1 removed.',
        'T03 "Lifts" is new.',
        'T04 "Stairs" is new, as suggested.',
        'T02 "Parking" is gone.',
        "Texts that stand for no theme: 1 added.",
    ]


def test_by_id():
    assert BOOK.by_id("T02") is PARKING
    assert BOOK.accepted == (TRUST,)
    with pytest.raises(KeyError):
        BOOK.by_id("T09")


# The shipped codebook


def test_the_shipped_codebook_is_complete():
    book = default()
    assert [theme.id for theme in book.accepted] == [f"T{number:02d}" for number in range(1, 13)]
    assert len({theme.label for theme in book.themes}) == 12
    assert {theme.id: theme.expects for theme in book.themes if theme.expects} == {
        "T03": ("Q4",),
        "T04": ("Q3",),
        "T10": ("Q5",),
    }
    for theme in book.themes:
        assert theme.set_by == "auditkit"
        assert theme.definition
        assert theme.include
        assert theme.exclude
        assert 10 <= len(theme.statements_good) <= 14
        assert 10 <= len(theme.statements_poor) <= 14


def test_shipped_statements_are_whole_sentences_said_once():
    said = [statement for theme in default().themes for statement in (*theme.statements_good, *theme.statements_poor)]
    assert len(set(said)) == len(said)
    for statement in said:
        assert statement[-1] in ".!?"
        assert 3 <= len(statement.split()) <= 25
        assert statement[0].isupper() or statement.startswith("GPs")


def test_shipped_texts_hold_what_a_keyboard_can_type():
    content = [*itertools.chain.from_iterable(_strings(theme) for theme in default().themes), *default().junk]
    assert all(line.isascii() for line in content)


def test_shipped_junk_holds_the_usual_empty_answers_and_both_kinds():
    usual = {
        "n/a",
        "none",
        "no",
        "nil",
        "nothing really",
        "see above",
        "as before",
        "no comment",
        "-",
        "don't know",
    }
    assert usual <= set(default().junk)
    path = Path(__file__).resolve().parents[1] / "src" / "auditkit" / "data" / "junk.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert {row["kind"] for row in rows} == {"empty", "off"}
    assert len({row["text"].casefold() for row in rows}) == len(rows) == len(default().junk)


def _strings(theme: Theme) -> list[str]:
    return [theme.label, theme.definition, theme.include, *theme.statements_good, *theme.statements_poor]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("T01,Talking,Waiting\nT02,Waiting,T01\n", 'row 2, parent: "Talking" stands under "Waiting", and that under'),
        ("T01,Talking,t01\nT02,Waiting,\n", 'row 2, parent: "Talking" stands under "t01"'),
        ("T01,A,B\nT02,B,C\nT03,C,Trust in all\n", 'row 2, parent: "A" stands under "B", which stands under "C"'),
    ],
)
def test_themes_from_elsewhere_stand_on_two_levels(tmp_path: Path, rows: str, found: str):
    path = text(tmp_path / "a.csv", "id,label,parent\n" + rows)
    with pytest.raises(AuditkitError) as caught:
        read(path, from_elsewhere=True)
    assert found in " ".join([caught.value.message, *caught.value.details])
    assert read(path).themes, "a file of one's own is told by codebook check"


def test_a_heading_is_no_level(tmp_path: Path):
    path = text(tmp_path / "a.csv", "id,label,parent\nT01,A,B\nT02,B,Trust in all\n")
    assert len(read(path, from_elsewhere=True).themes) == 2


def test_themes_that_have_lost_their_ids_get_them_back(tmp_path: Path):
    known = [
        Theme("T07", "Trust", statements=("I rely on him.",)),
        Theme("T03", "News", statements_good=("We talk.",), statements_poor=("Nobody tells me.",)),
        Theme("T04", "Posts"),
        Theme("T05", "Rota", statements=("The rota is late.",)),
    ]
    rows = [
        ["label", "statements", "statements_good", "statements_poor"],
        ["TRUST ", "Something else.", "", ""],
        ["Messages", "", "We talk.", "nobody tells me."],
        ["Parking", "The rota is late. Always.", "", ""],
        ["Posts", "", "", ""],
    ]
    found = read(sheet(tmp_path / "a.xlsx", rows), ["T09"], known)
    assert [(t.id, t.label) for t in found.themes] == [
        ("T07", "TRUST"), ("T03", "Messages"), ("T10", "Parking"), ("T04", "Posts"),
    ]  # fmt: skip
    rows = [["id", "label"], ["T07", "Rota"], ["", "Trust"], ["", "Rota 2"]]
    found = read(sheet(tmp_path / "b.xlsx", rows), ["T09"], known)
    assert [t.id for t in found.themes] == ["T07", "T10", "T11"], "T07 is in the file"


def test_rows_that_only_look_like_something_are_nothing(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    write(path, default())
    book = load_workbook(path)
    for row in range(100, 3000):
        book["Themes"].cell(row, 3).font = Font(bold=True)
    book.save(path)
    assert read(path).themes == default().themes


@pytest.mark.parametrize("letters", ["utf-16-le", "utf-16-be"])
def test_a_csv_in_utf_16_without_its_mark(tmp_path: Path, letters: str):
    path = tmp_path / "a.csv"
    path.write_bytes("id,label\nT01,Trust\n".encode(letters))
    assert "the letters are in UTF-16" in refusal(path)
