"""Any file of answers as cells of text: which kind it is, and what stands in each cell."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections import Counter
from pathlib import Path

from auditkit import data_files, spreadsheets
from auditkit.errors import AuditkitError
from auditkit.grid import Grid as Grid
from auditkit.grid import Problem as Problem
from auditkit.grid import at as at
from auditkit.grid import clean
from auditkit.grid import letters as letters

LARGEST = 1_000_000_000
"""Bytes of a file; a larger one is no survey."""

SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
DATA = (".sav", ".zsav", ".parquet")
KINDS = (*SPREADSHEETS, *TEXTS, *DATA)


def read_grids(path: Path) -> list[Grid]:
    """Every sheet that holds something, of a workbook, a text file, an SPSS or a Parquet file.

    What the bytes are counts for more than the ending. Raises AuditkitError where the file is missing (near
    names offered), a folder, empty, protected by a password, broken, far too large, or of another kind.
    """
    if path.is_dir():
        raise AuditkitError(f"{path} is a folder, not a spreadsheet", "Name the file inside it.")
    if not path.exists():
        near = difflib.get_close_matches(path.name, _names(path.parent), n=3)
        fix = f"Did you mean {' or '.join(near)}?" if near else "Check the name and the folder."
        raise AuditkitError(f"{path} does not exist", fix)
    ending = path.suffix.lower()
    if ending not in KINDS:
        raise AuditkitError(
            f"{path.name} is not a kind of file that can be read ({ending or 'no ending'})",
            f"Save it as .xlsx or .csv (in Excel: File, Save as). Can be read: {', '.join(KINDS)}.",
        )
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise AuditkitError(
            f"{path.name} cannot be read: {error.strerror}", "Close it in other programs, check your rights."
        ) from None
    if not start:
        raise AuditkitError(f"{path.name} is empty (0 bytes)", "Export or save the answers again.")
    if size > LARGEST:
        raise AuditkitError(f"{path.name} is {size // 1_000_000:,} MB large", "Keep only the answers, and save again.")
    return _read(path, ending, start)


def _read(path: Path, ending: str, start: bytes) -> list[Grid]:
    if start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        if ending in TEXTS or ending in DATA:
            raise AuditkitError(f"{path.name} is a workbook with the ending {ending}", "Rename it to .xlsx.")
        return spreadsheets.read(path, zipped=start.startswith(b"PK"))
    if start.startswith(b"PAR1"):
        return [data_files.read_parquet(path)]
    if start.startswith((b"$FL2", b"$FL3")):
        return [data_files.read_spss(path)]
    if ending in SPREADSHEETS:
        if ending == ".xls" and _is_text(path):
            return [_read_text(path, "a text file with the ending .xls")]
        raise AuditkitError(
            f"{path.name} is no Excel workbook, or a broken one", "Open it in Excel and save it again as .xlsx."
        )
    if ending in DATA:
        what = "SPSS" if ending != ".parquet" else "Parquet"
        raise AuditkitError(f"{path.name} is no {what} file, or a broken one", "Save it again, or save it as .csv.")
    return [_read_text(path, "")]


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.is_file()) if folder.is_dir() else []


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(4096)
    return b"\0" not in start and not start.lstrip().startswith(b"<") and (b"\t" in start or b"," in start)


def _read_text(path: Path, odd: str) -> Grid:
    text, encoding = _decode(path)
    problems = [Problem(path.name, "", 0, "", "note", odd, "read as text", "")] if odd else []
    if encoding:
        problems.append(Problem(path.name, "", 0, "", "note", "not UTF-8", f"read as {encoding}", ""))
    if found := re.match(r"sep=(.)\r?\n", text):
        delimiter, text = found[1], text[found.end() :]
    else:
        delimiter = _delimiter(text)
    rows, matching = _records(text, delimiter)
    if rows and max(map(len, rows[:200])) == 1 and ";" in rows[0][0]:
        inner, fine = _records("\n".join(row[0] for row in rows), ";")  # each line was put into quotation marks
        if len({len(row) for row in inner[:50]}) == 1:
            rows, matching = inner, fine
    if not matching:
        found_odd = "quotation marks that do not match"
        problems.append(Problem(path.name, "", 0, "", "warning", found_odd, "read as they are", "Check rows."))
    if not any(any(row) for row in rows):
        raise AuditkitError(f"{path.name} holds no text", "Export or save the answers again.")
    return Grid(path.name, "", "csv", rows, problems=tuple(problems))


def _records(text: str, delimiter: str) -> tuple[list[list[str]], bool]:
    """The cells of each record that is no empty line, and whether the quotation marks match."""
    csv.field_size_limit(50_000_000)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        matching = True
    except csv.Error:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        matching = False
    return [[clean(cell) for cell in record] for record in records if record], matching


def _decode(path: Path) -> tuple[str, str]:
    """The text, and the encoding where it is neither UTF-8 nor marked."""
    data = path.read_bytes()
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(encoding), ""
            except UnicodeDecodeError:
                break
    if b"\0" in data:
        return _wide(path, data)
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return _guessed(path, data)


def _wide(path: Path, data: bytes) -> tuple[str, str]:
    """UTF-16 without its mark: every second byte of plain letters is 0; anything else is no text."""
    for encoding, zeros in (("utf-16-le", data[1:2000:2]), ("utf-16-be", data[0:2000:2])):
        if zeros.count(0) > 0.4 * len(zeros):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if sum(sign.isascii() and (sign.isprintable() or sign.isspace()) for sign in text[:1000]) > 0.6 * len(
                text[:1000]
            ):
                return text, encoding.upper()
    raise AuditkitError(
        f"{path.name} is not text (no UTF-8, no Windows-1252)", "Export the answers as CSV UTF-8, or .xlsx."
    )


def _guessed(path: Path, data: bytes) -> tuple[str, str]:
    """Text in an older encoding, found by how its letters read."""
    from charset_normalizer import from_bytes

    if sum(byte < 9 or 13 < byte < 32 for byte in data[:4000]) > 0.02 * len(data[:4000]):
        raise AuditkitError(
            f"{path.name} is not text (no UTF-8, no Windows-1252)", "Export the answers as CSV UTF-8, or .xlsx."
        )
    try:
        western = data.decode("cp1252")
    except UnicodeDecodeError:
        western = ""
    best = from_bytes(
        data[:200_000], cp_isolation=["cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "cp1254"]
    ).best()
    name = best.encoding if best else ""
    if western and name in ("", "cp1252", "cp1250", "cp1254"):
        return western, "Windows-1252"
    for encoding in (name, "mac_roman", "latin-1"):
        if encoding:
            try:
                return data.decode(encoding), encoding.replace("_", " ")
            except UnicodeDecodeError:
                continue
    return data.decode("latin-1"), "latin 1"


def _delimiter(text: str) -> str:
    """The separator that gives the widest table over the first 200 records, most of them equally wide."""
    best, best_score = ",", 0.0
    for delimiter in (",", ";", "\t", "|"):
        reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
        try:
            widths = [len(record) for record, _ in zip(reader, range(200), strict=False) if record]
        except csv.Error:
            continue
        if not widths:
            continue
        width, times = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))
        if width > 1 and width * times / len(widths) > best_score:
            best, best_score = delimiter, width * times / len(widths)
    return best
