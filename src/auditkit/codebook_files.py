"""The files that a codebook lives in: .xlsx, .csv, .toml or .qdc, by the ending of their name."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from auditkit import codebook_codes
from auditkit.codebook_columns import cell_text, plain_name
from auditkit.codebook_sheets import Cells, Rows, read_csv, read_xlsx, write_xlsx
from auditkit.errors import AuditkitError
from auditkit.files import write_text

CODES = codebook_codes.READ
"""Endings of files that hold the codes of another program."""


def load(path: Path, columns: Collection[str], needed: str, told: list[str] | None = None) -> tuple[Rows, Rows]:
    """Themes and suggested themes of a file: where each stands ("row 7"), and the text of its cells.

    Headers count without case, blanks and punctuation; other columns than ``columns`` are left out. ``told`` gets, in
    sentences, what was read under another name and what was left out of a table.
    Raises AuditkitError where the file is missing, of another kind, broken, empty, or without ``needed``.
    """
    if not path.is_file():
        raise AuditkitError(f"there is no file {path}", "Check the name and the folder.")
    kind = path.suffix.casefold()
    if kind == ".xlsx":
        return read_xlsx(path, columns, needed, told)
    if kind == ".csv":
        return read_csv(path, columns, needed, told), []
    if kind == ".toml":
        return _read_toml(path, columns)
    if kind in CODES:
        return codebook_codes.read_codes(path, columns), []
    raise _unknown_kind(path)


def save(
    path: Path,
    themes: Sequence[Cells],
    suggested: Sequence[Cells],
    *,
    columns: Sequence[str],
    lists: Collection[str],
    choices: Mapping[str, Sequence[str]],
    last: Callable[[], None],
) -> None:
    """Write themes and suggested themes; each row has every one of ``columns``.

    ``lists`` are the columns with one entry a line; ``choices`` are the statuses offered in the sheet of
    ``themes`` and in that of ``suggested``. Raises AuditkitError as ``codebook.write`` says.
    """
    kind = path.suffix.casefold()
    if kind == ".xlsx":
        write_xlsx(path, themes, suggested, columns, choices, last)
    elif kind in (".csv", ".qdc") and suggested:
        raise AuditkitError(f"{path.name} has no room for suggested themes", "Write the codebook as .xlsx or .toml.")
    elif kind == ".qdc":
        codebook_codes.write_codes(path, themes)
    elif kind == ".csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(themes)
        write_text(path, text.getvalue())
    elif kind == ".toml":
        write_text(path, _toml(path, themes, suggested, lists))
    else:
        raise _unknown_kind(path)


def _unknown_kind(path: Path) -> AuditkitError:
    return AuditkitError(
        f'{path.name} is no codebook file: its name ends in "{path.suffix}"',
        "Save it as .xlsx, .csv, .toml or .qdc.",
    )


def _read_toml(path: Path, columns: Collection[str]) -> tuple[Rows, Rows]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuditkitError(f"{path.name} cannot be read: {error}", "Correct that place in the file.") from None

    def tables(key: str, noun: str) -> Rows:
        found = data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
            raise AuditkitError(f'{path.name}: "{key}" is no list of tables', f"Begin each with [[{key}]].")
        return [
            (f"{noun} {number}", _toml_cells(table, f"{path.name}, {noun} {number}", columns))
            for number, table in enumerate(found, start=1)
        ]

    themes = tables("theme", "theme")
    if not themes:
        raise AuditkitError(f"{path.name} is empty: it has no [[theme]]", "Begin each theme with [[theme]].")
    return themes, tables("suggested", "suggested theme")


def _toml_cells(table: dict[str, Any], place: str, columns: Collection[str]) -> Cells:
    cells: Cells = {}
    for key, value in table.items():
        if plain_name(key) not in columns:
            continue
        entries = value if isinstance(value, list) else [value]
        if any(isinstance(entry, dict | list) for entry in entries):
            raise AuditkitError(f'{place}: "{key}" is no text', "Use a text, or a list of texts.")
        cells[plain_name(key)] = "\n".join(cell_text(entry) for entry in entries)
    return cells


def _toml(path: Path, themes: Sequence[Cells], suggested: Sequence[Cells], lists: Collection[str]) -> str:
    import tomlkit

    document = tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.exists() else tomlkit.document()
    for key, rows in (("theme", themes), ("suggested", suggested)):
        if rows:
            if key not in document:
                document[key] = tomlkit.aot()
            _fill_tables(document[key], rows, lists)
        elif key in document:
            del document[key]
    return tomlkit.dumps(document)


def _fill_tables(tables: Any, rows: Sequence[Cells], lists: Collection[str]) -> None:
    """Change tables in place where their id or label stands there, append the others, remove the rest."""
    import tomlkit

    left = list(rows)
    for position in reversed(range(len(tables))):
        known = {plain_name(key): str(value).casefold() for key, value in tables[position].items()}
        name = known.get("id") or known.get("label")
        row = next((row for row in left if name in (row["id"].casefold(), row["label"].casefold())), None)
        if row is None:
            del tables[position]
        else:
            left.remove(row)
            _fill_table(tables[position], row, lists)
    for row in left:
        table = tomlkit.table()
        _fill_table(table, row, lists)
        tables.append(table)


def _fill_table(table: Any, row: Cells, lists: Collection[str]) -> None:
    import tomlkit

    keys = {plain_name(key): key for key in table}
    for column, text in row.items():
        key = keys.get(column, column)
        value = text.splitlines() if column in lists else text
        if not value:
            table.pop(key, None)
        elif table.get(key) != value:
            table[key] = tomlkit.array().multiline(True) if column in lists else text
            if column in lists:
                table[key].extend(value)
