"""Cells of workbooks: their font, no control characters, and never a formula from somebody's words."""

from __future__ import annotations

import re
from typing import Any

FONT = "Calibri"  # the workbook's own; a cell's font without a name is another one outside Excel
LONGEST = 32_767  # characters, Excel's limit
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def writable(text: str) -> str:
    """The text without what a workbook refuses, cut to what a cell can hold."""
    return UNWRITABLE.sub("", text)[:LONGEST]


def put(cell: Any, value: Any) -> None:
    """Set a cell. Text stays text, also where it starts with = + - or @; NaN and None stay empty."""
    if isinstance(value, str):
        cell.value = writable(value)
        cell.data_type = "s"
        if value[:1] in ("=", "+", "-", "@"):
            cell.quotePrefix = True
    elif value is None or value != value:
        cell.value = None
    else:
        cell.value = value.item() if hasattr(value, "item") else value
