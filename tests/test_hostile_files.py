"""Files that are broken or meant to do harm: refused in words, in time, and with nothing left behind."""

from __future__ import annotations

import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.errors import AuditkitError
from auditkit.grids import read_grids
from auditkit.spreadsheets import _extent
from test_grids import ods, parquet, xls, xlsx

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "survey-exports"
SECONDS = 10


def rewrite(source: Path, target: Path, change: dict[str, bytes]) -> Path:
    """A workbook with some of its parts replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
    return target


def sheet_xml(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c><c s='0' r = 'XFD1048576'><v>1</v></c></row>",
    ],
)
def test_a_stray_cell_in_the_far_corner(tmp_path: Path, rows: str) -> None:
    path = rewrite(xlsx(tmp_path / "a.xlsx"), tmp_path / "b.xlsx", {"xl/worksheets/sheet1.xml": sheet_xml(rows)})
    with pytest.raises(AuditkitError, match="1,048,576 rows x 16,384 columns are in use"):
        read_grids(path)


def test_formatted_blank_cells_are_no_content(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["respondent_id", "Q1"])
    book.active.append(["R1", "We talk"])
    book.active["XFD1048576"].font = openpyxl.styles.Font(bold=True)
    book.save(tmp_path / "a.xlsx")
    (grid,) = read_grids(tmp_path / "a.xlsx")
    assert grid.rows == [["respondent_id", "Q1"], ["R1", "We talk"]]


def test_as_many_columns_as_a_sheet_can_have(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([f"c{n}" for n in range(16_384)])
    book.active.append([n % 5 for n in range(16_384)])
    book.save(tmp_path / "a.xlsx")
    (grid,) = read_grids(tmp_path / "a.xlsx")
    assert len(grid.rows[1]) == 16_384


@given(
    places=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60), st.booleans()), min_size=1, max_size=30),
)
def test_the_extent_is_that_of_the_filled_cells(places: list[tuple[int, int, bool]]) -> None:
    from openpyxl.utils import get_column_letter

    cells = "".join(
        f'<row r="{row}"><c r="{get_column_letter(column + 1)}{row}"'
        + ("><v>1</v></c></row>" if filled else ' s="1"/></row>')
        for row, column, filled in places
    )
    rows = max((row for row, _, filled in places if filled), default=1)
    columns = max((column for _, column, filled in places if filled), default=0) + 1
    assert _extent(sheet_xml(cells)) == (rows, columns)


def test_repeats_of_a_filled_cell_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(ods(tmp_path / "a.ods")) as archive:
        content = archive.read("content.xml")
    filled = b'<table:table-cell table:number-columns-repeated="16384" office:value-type="string"'
    content = content.replace(b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000">', 1)
    content = content.replace(b'<table:table-cell office:value-type="string"', filled, 1)
    with pytest.raises(AuditkitError, match="a filled cell is repeated over 1,000,000 rows"):
        read_grids(rewrite(tmp_path / "a.ods", tmp_path / "b.ods", {"content.xml": content}))


def test_entities_and_deep_nesting(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    source = xlsx(tmp_path / "a.xlsx")
    with zipfile.ZipFile(source) as archive:
        book = archive.read("xl/workbook.xml")
    for name, part in (("xl/workbook.xml", bomb + b"]><x>&j;</x>"), ("xl/workbook.xml", b"<a>" * 200_000 + book)):
        with pytest.raises(AuditkitError):
            read_grids(rewrite(source, tmp_path / "b.xlsx", {name: part}))


def test_a_length_that_lies(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx")
    data = bytearray(path.read_bytes())
    place = data.rfind(b"PK\1\2", 0, data.rfind(b"xl/worksheets/sheet1.xml"))  # its entry in the archive's list
    data[place + 24 : place + 28] = (7).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(AuditkitError):
        read_grids(path)


def kinds(folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    made = [make(folder / f"a.{make.__name__}") for make in (xlsx, xls, ods, parquet)]
    text = "respondent_id,pair_id,We talk,Q1\nR1,a,4,We talk\nR2,a,5,“Fine” – café\n"
    for name, encoding in (("u8.csv", "utf-8"), ("u16.txt", "utf-16"), ("w.csv", "cp1252")):
        (folder / name).write_bytes(text.encode(encoding))
        made.append(folder / name)
    import pandas as pd
    import pyreadstat

    pyreadstat.write_sav(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), str(folder / "a.sav"))
    real = [path for path in sorted(DATA.rglob("*")) if path.suffix in (".csv", ".xlsx")]
    return [*made, folder / "a.sav", *real]


def mutated(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 3, 10, 40))):
        place = draw.randrange(len(changed))
        how = draw.random()
        if how < 0.6:
            changed[place] = draw.randrange(256)
        elif how < 0.8:
            del changed[place : place + draw.randrange(1, 40)]
        else:
            changed[place:place] = draw.randbytes(draw.randrange(1, 20))
        if not changed:
            return b"x"
    return bytes(changed)


def attack(folder: Path, number: int, seed: int) -> int:
    """Read mutated files; only AuditkitError may come out, and none may take long. How many could be read."""
    draw, files, read = random.Random(seed), kinds(folder), 0
    for _ in range(number):
        source = draw.choice(files)
        path = folder / f"mutated{source.suffix}"
        path.write_bytes(mutated(source.read_bytes(), draw))
        began = time.perf_counter()
        try:
            read_grids(path)
            read += 1
        except AuditkitError:
            pass
        assert time.perf_counter() - began < SECONDS, f"{source.name} took too long"
    return read


def test_bytes_changed_at_random(tmp_path: Path) -> None:
    assert attack(tmp_path / "f", 80, 5) > 0


@pytest.mark.slow
def test_two_thousand_files_with_changed_bytes_in_a_process_that_lives(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom test_hostile_files import attack\n"
        "print(attack(Path(sys.argv[1]), 2000, 11))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "f")],
        cwd=Path(__file__).parent, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-600:]
    assert int(done.stdout) > 0


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=30), max_size=6), max_size=8))
def test_any_text_in_a_csv_is_read_or_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    import csv

    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="", errors="surrogatepass") as file:
        csv.writer(file).writerows(rows)
    try:
        (grid,) = read_grids(path)
    except AuditkitError:
        return
    assert all(isinstance(cell, str) for row in grid.rows for cell in row)


@pytest.mark.parametrize("place", ["A1048576", "XFD1048576"])
def test_a_stray_cell_in_a_sheet_to_be_filled_in(place: str, small: Path) -> None:
    """In the review sheet and in the codebook it is named, before all that lies between is read."""
    from auditkit.audit import Audit
    from test_review import apply, export

    review, codebook = export(small, "review.xlsx"), small / "audit" / "codebook.xlsx"
    for path, sheet in ((review, "Review"), (codebook, "Themes")):
        book = openpyxl.load_workbook(path)
        book[sheet][place] = "x"
        book.save(path)
    with pytest.raises(AuditkitError, match=r"codebook\.xlsx, sheet Themes: 1,048,576 rows") as caught:
        _ = Audit(small / "audit").codebook
    assert "Delete the empty rows below" in caught.value.fix
    codebook.unlink()
    with pytest.raises(AuditkitError, match=r"review\.xlsx, sheet Review: 1,048,576 rows"):
        apply(small, review)
