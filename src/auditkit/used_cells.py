"""The part of a sheet in which something stands: for a stray cell far below nobody goes through all between."""

from __future__ import annotations

from typing import Any

from auditkit.errors import AuditkitError

MOST = 5_000_000  # cells of a sheet


def extent(sheet: Any, place: str) -> tuple[int, int]:
    """The last row and the last column of an openpyxl sheet in which something stands; blanks and looks are nothing.

    Raises AuditkitError, naming the cell furthest down, where that is more than can be read. ``place``: the file.
    """
    used = [at for at, cell in sheet._cells.items() if cell.value is not None and str(cell.value).strip()]
    rows, columns = max((row for row, _ in used), default=0), max((column for _, column in used), default=0)
    if rows * columns > MOST:
        last = sheet.cell(*max(used)).coordinate
        raise AuditkitError(
            f"{place}, sheet {sheet.title}: {rows:,} rows x {columns:,} columns are in use; {last} is the last cell"
            " with something in it.",
            f"Empty {last}, and whatever else stands far from the table; save, and try again.",
        )
    return rows, columns


def rows(sheet: Any, place: str) -> list[tuple[Any, ...]]:
    """The values of all rows down to the last that holds something, as wide as the widest."""
    last, wide = extent(sheet, place)
    return list(sheet.iter_rows(max_row=last, max_col=wide, values_only=True)) if last else []
