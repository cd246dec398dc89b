"""Workbooks as cells of text: xlsx, xlsm, xls and ods, judged for their size before they are read."""

from __future__ import annotations

import gc
import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditkit.errors import AuditkitError
from auditkit.grid import CELLS, ENDS, Grid, Problem, as_text, clean, letters

UNPACKED = 1_000_000_000  # bytes
PARTS = 10_000
FILLED_IN = 5_000_000  # cells of a sheet that auditkit hands out to be filled in
EXACT = 50_000_000  # bytes of a sheet's XML up to which every reference is looked at
SAMPLED = 200  # rows at each end of a very large sheet that are looked at first
OLD_SECONDS = 9
OLD_BYTES = 3_000_000_000
_LOCKED = 4  # the child's exit code for a workbook with a password
UNCOMPUTED = "#FORMULA"
"""Stands for a formula whose result was never stored."""

_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_EMPTY_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*(?:/>|>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</(?:\w+:)?c>)")
_HIDDEN_ROW = re.compile(rb"""<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)\"""")
_HIDDEN_COLUMNS = re.compile(rb"""<col\b(?=[^>]*\bhidden="(?:1|true)")(?=[^>]*\bmin="(\d+)")[^>]*?\bmax="(\d+)\"""")
_ERROR = re.compile(
    rb"""<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*(?:<f\b[^>]*(?:/>|>[^<]*</f>))?\s*<v>([^<]{1,20})</v>"""
)
_NO_RESULT = re.compile(
    rb"""<c\b[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
)
_ODS_PART = re.compile(rb"<table:table-row\b([^>]*)>|<table:(?:covered-)?table-cell\b([^>]*)>|<table:table\b")
_ODS_COLUMNS = re.compile(rb'number-columns-repeated="(\d+)"')
_ODS_ROWS = re.compile(rb'number-rows-repeated="(\d+)"')


@dataclass(frozen=True)
class _About:
    """What the reader does not tell of a sheet: found in its XML."""

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    broken: dict[tuple[int, int], str] = field(default_factory=dict)


def read(path: Path, *, zipped: bool) -> list[Grid]:
    """Every sheet of a workbook that holds something. Formulas and links are never followed.

    ``zipped``: an .xlsx or .ods by its first bytes, else an .xls. Raises AuditkitError for a password, a broken or
    an absurdly large workbook.
    """
    kind, abouts = _judge_zip(path) if zipped else (_judge_old(path), {})
    problems = []
    if path.suffix.lower().lstrip(".") not in (kind, "xlsm"):
        found = f"an {kind} workbook with the ending {path.suffix}"
        problems.append(Problem(path.name, "", 0, "", "note", found, f"read as {kind}", ""))
    grids = []
    for name, visible, rows, merged in _sheets_apart(path) if kind == "xls" else _sheets(path):
        about = abouts.get(name, _About())
        cells = _texts(rows)
        for row, column in about.broken:
            if row < len(cells):
                cells[row] += [""] * (column + 1 - len(cells[row]))
                cells[row][column] = ""
        if not any(map(any, cells)) and not about.broken:
            continue
        grids.append(
            Grid(
                path.name,
                clean(" ".join(name.split())),
                kind,
                cells,
                hidden=not visible,
                hidden_rows=tuple(row for row in about.hidden_rows if row < len(cells) and any(cells[row])),
                hidden_columns=about.hidden_columns,
                merged=merged,
                broken=about.broken,
                problems=tuple(problems),
            )
        )
    return grids


def refuse_vast(path: Path) -> None:
    """Raise AuditkitError where a workbook to be filled in has a cell so far out that all up to it cannot be read.

    What is no zip at all is left to the reader.
    """
    if zipfile.is_zipfile(path):
        _judge_zip(path, FILLED_IN)


def _broken(path: Path) -> AuditkitError:
    return AuditkitError(
        f"{path.name} is no Excel workbook, or a broken one", "Open it in Excel and save it again as .xlsx."
    )


def _locked(path: Path) -> AuditkitError:
    return AuditkitError(
        f"{path.name} is protected by a password", "Open it, save it without a password, and try again."
    )


def _sheets_apart(path: Path) -> list[Any]:
    """As ``_sheets``, in a process of its own with bounded memory and time: a broken .xls can take all of both."""
    import pickle
    import subprocess
    import sys

    command = [sys.executable, "-c", "from auditkit.spreadsheets import hand_over; hand_over()", str(path.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=OLD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _broken(path) from None
    if done.returncode == _LOCKED:
        raise _locked(path)
    if done.returncode != 0:
        raise _broken(path)
    return list(pickle.loads(done.stdout))


def hand_over() -> None:
    """The child's part of ``_sheets_apart``: the sheets of the file named on the command line, to standard output."""
    import pickle
    import sys

    try:
        import resource
    except ImportError:  # Windows has no such limits; the time is bounded there too
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (OLD_BYTES, OLD_BYTES))
    try:
        sheets = list(_sheets(Path(sys.argv[1])))
    except AuditkitError as error:
        sys.exit(_LOCKED if "password" in error.message else 1)
    except MemoryError:
        sys.exit(1)
    sys.stdout.buffer.write(pickle.dumps(sheets))


def _sheets(path: Path) -> Iterator[tuple[str, bool, list[list[Any]], tuple[tuple[int, int, int, int], ...]]]:
    """Name, whether visible, cells and merged areas of each worksheet. The reader is in Rust: its panics are caught."""
    import python_calamine

    collecting = gc.isenabled()
    gc.disable()  # millions of cells and no cycles among them: looking for some doubles the time
    try:
        with _quiet(), path.open("rb") as file:  # by content: the reader would go by the ending
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            for index, about in enumerate(book.sheets_metadata):
                if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_index(index)
                rows = sheet.to_python(skip_empty_area=False)
                areas = getattr(sheet, "merged_cell_ranges", None) or ()
                merged = tuple(sorted((top, left, bottom, right) for (top, left), (bottom, right) in areas))
                yield about.name, about.visible == python_calamine.SheetVisibleEnum.Visible, rows, merged
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        if "assword" in str(error):
            raise _locked(path) from None
        raise _broken(path) from None
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what a Rust library prints of its own failure, which may hold a cell, out of the terminal."""
    import os
    import sys

    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silent)


class _Numbers(dict[float, str]):
    def __missing__(self, value: float) -> str:
        self[value] = as_text(value)
        return self[value]


def _texts(rows: list[list[Any]]) -> list[list[str]]:
    numbers = _Numbers()
    return [
        [
            (cell.strip(ENDS) if cell.isprintable() else clean(cell))
            if cell.__class__ is str
            else numbers[cell]
            if cell.__class__ is float
            else as_text(cell)
            for cell in row
        ]
        for row in rows
    ]


def _judge_old(path: Path) -> str:
    """ "xls" for an old workbook; refuses a new one that is locked inside the same container."""
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise _locked(path)
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return "xls"
    raise _broken(path)


def _judge_zip(path: Path, most: int = CELLS) -> tuple[str, dict[str, _About]]:
    """ "xlsx" or "ods", with what each sheet's XML tells. Refuses what would not fit into memory, before it is read:
    sheets with more than ``most`` cells.

    Every part that the reader needs is unpacked once, which checks its length and its checksum.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > UNPACKED or len(entries) > PARTS:
                raise AuditkitError(
                    f"{path.name} unpacks to {unpacked // 1_000_000:,} MB in {len(entries):,} parts",
                    "Keep only the sheet with the answers.",
                )
            names = {entry.filename for entry in entries}
            if len(names) < len(entries):
                raise _broken(path)
            if "content.xml" in names:
                return "ods", _judge_ods(path, archive)
            sheets = _parts_of(archive)
            for name in names - set(sheets.values()):
                if name.startswith("xl/") and name.endswith(".xml"):
                    with archive.open(name) as part:
                        while part.read(1 << 20):
                            pass
            return "xlsx", {name: _judge_sheet(path, name, archive.read(part), most) for name, part in sheets.items()}
    except AuditkitError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, KeyError, ValueError, SyntaxError):
        raise _broken(path) from None
    except (NotImplementedError, RuntimeError):  # an unknown compression, or parts that are locked one by one
        raise _locked(path) from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise _broken(path) from None
        raise


def _parts_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name to the part of the archive that holds it."""
    from xml.etree import ElementTree

    rels = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in rels}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    parts = {}
    names = set(archive.namelist())
    for each in book.iter():
        if not each.tag.endswith("}sheet"):
            continue
        target = next((targets.get(value, "") for key, value in each.attrib.items() if key.endswith("}id")), "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if part in names and part.startswith("xl/worksheets/"):
            parts[each.get("name", "")] = part
    return parts


def _judge_sheet(path: Path, name: str, data: bytes, most: int) -> _About:
    rows, columns = _extent(data)
    if rows * columns > most:
        raise AuditkitError(
            f"{path.name}, sheet {name}: {rows:,} rows x {columns:,} columns are in use, so a cell far from"
            " the others must hold something",
            "Delete the empty rows below and the empty columns beside what belongs there, save, and try again.",
        )
    broken = {}
    if b't="e"' in data:
        broken = {_place(found[1]): found[2].decode("ascii", "replace") for found in _ERROR.finditer(data)}
    if b"<f" in data:
        broken |= {_place(found[1]): UNCOMPUTED for found in _NO_RESULT.finditer(data)}
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: set[int] = set()
    if b"hidden=" in data:
        hidden_rows = tuple(sorted(int(found[1]) - 1 for found in _HIDDEN_ROW.finditer(data)))
        for found in _HIDDEN_COLUMNS.finditer(data[: data.find(b"<sheetData")]):
            hidden_columns |= set(range(int(found[1]) - 1, min(int(found[2]), columns)))
    return _About(hidden_rows, tuple(sorted(hidden_columns)), broken)


def _extent(data: bytes) -> tuple[int, int]:
    """The last row and column of a sheet's XML in which a cell may hold something.

    Exact for usual sizes. In a very large sheet the columns are exact, and the rows have at most as many digits.
    """
    if len(data) <= EXACT:
        places = [_place(b"".join(found)) for found in _REFERENCE.findall(_EMPTY_CELL.sub(b"", data))]
        return max((row for row, _ in places), default=0) + 1, max((column for _, column in places), default=0) + 1
    chunks = data.split(b"</row>")
    for some in (chunks[:SAMPLED] + chunks[-SAMPLED:], chunks):
        last_row, last_column = _furthest(some)
        if not _beyond(letters(last_column), len(str(last_row + 1))).search(data):
            return last_row + 1, last_column + 1
    cells = [_place(b"".join(each)) for each in _REFERENCE.findall(_EMPTY_CELL.sub(b"", data))]
    return max(row for row, _ in cells) + 1, max(column for _, column in cells) + 1


def _furthest(chunks: Sequence[bytes]) -> tuple[int, int]:
    """Row and column, from 0, of the cells furthest down and right at the ends of rows that hold something."""
    last_row = last_column = 0
    for chunk in chunks:
        if b"<v" in chunk or b"<is" in chunk:
            place = chunk.rfind(b' r="')
            found = _REFERENCE.match(chunk, place + 1) if place >= 0 else None
            if found:
                row, column = _place(found[1] + found[2])
                last_row, last_column = max(last_row, row), max(last_column, column)
    return last_row, last_column


def _beyond(last: str, digits: int) -> re.Pattern[bytes]:
    """References to columns after ``last``, or to rows of more digits."""
    longer = [rf"[A-Z]{{{len(last) + 1},3}}\d"] if len(last) < 3 else []
    later = [
        rf"{last[:place]}[{chr(ord(letter) + 1)}-Z][A-Z]{{{len(last) - place - 1}}}\d"
        for place, letter in enumerate(last)
        if letter != "Z"
    ]
    return re.compile(f' r="(?:{"|".join([*longer, *later, rf"[A-Z]{{1,3}}[0-9]{{{digits + 1},7}}"])})'.encode())


def _place(reference: bytes) -> tuple[int, int]:
    """Row and column, from 0, of a reference such as b"AN12"."""
    column = row = 0
    for sign in reference.upper():
        if sign >= 65:
            column = column * 26 + sign - 64
        else:
            row = row * 10 + sign - 48
    return row - 1, column - 1


def _judge_ods(path: Path, archive: zipfile.ZipFile) -> dict[str, _About]:
    """Nothing of the sheets of an OpenDocument workbook, but refuses repeats that would fill the memory."""
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise _locked(path)
    rows = columns = here = times = most = 0
    for found in _ODS_PART.finditer(archive.read("content.xml")):
        if found[2] is not None:
            repeat = _ODS_COLUMNS.search(found[2])
            here += int(repeat[1]) if repeat else 1
            if b"value-type" in found[2]:
                most = here
        else:
            if most:
                rows, columns = rows + times, max(columns, most)
            here = most = 0
            repeat = _ODS_ROWS.search(found[1]) if found[1] is not None else None
            times = int(repeat[1]) if repeat else 1
            if found[1] is None:
                rows = columns = 0
        if (rows + times * bool(most)) * max(columns, most) > CELLS:
            raise AuditkitError(
                f"{path.name}: a filled cell is repeated over {rows + times:,} rows x {max(columns, most):,} columns",
                "Delete the rows below and the columns beside the answers, save, and try again.",
            )
    return {}
