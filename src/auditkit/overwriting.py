"""Which file a command may write over: none that somebody needs, only an earlier one of its own of the same kind."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.audit import file_hash
from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    from auditkit.audit import Audit

FIX = "Name another file with -o FILE."


def refuse(audit: Audit, path: Path, *, sheets: Sequence[str], columns: Sequence[str]) -> None:
    """Raise AuditkitError where writing to ``path`` would destroy something.

    That is a file or folder that the audit needs, the answers of a round, or any other file that is there, unless
    auditkit wrote it as the same kind of output: a workbook with these ``sheets``, or a csv or json with these
    ``columns``.
    """
    if any(_is_same(path, one) for one in _needed(audit)) or any(_is_inside(path, one) for one in _folders(audit)):
        raise AuditkitError(f"{path} belongs to the audit itself.", FIX)
    if not path.exists():
        return
    if path.is_dir():
        raise AuditkitError(f"{path} is a folder.", FIX)
    if any(file_hash(path) in audit.round_of(name)["file_hash"] for name in audit.rounds()):
        raise AuditkitError(f"{path} holds the answers of a round.", FIX)
    if path.stat().st_size and not _is_earlier(path, sheets, columns):
        raise AuditkitError(
            f"{path} is there already, and is no earlier file of this kind that auditkit wrote.",
            "Name another file with -o FILE, or move that one away.",
        )


def _needed(audit: Audit) -> list[Path]:
    paths = [audit.settings_path, audit.codebook_path, audit.people_path, audit.store_path]
    return [*paths, *filter(None, (audit.key_path, audit.roster_path))]


def _folders(audit: Audit) -> list[Path]:
    """Folders with files of the audit's own, and with packs, which are handed out and hold no words."""
    return [audit.cache, audit.out / "packs", audit.templates]


def _is_same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))
    return False


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _is_earlier(path: Path, sheets: Sequence[str], columns: Sequence[str]) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(2)
        if start == b"PK":
            return _is_own_book(path, sheets)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    if text.lstrip()[:1] == "[":
        with suppress(ValueError):
            return all(isinstance(row, dict) and row.keys() >= set(columns) for row in json.loads(text))
    first = text.partition("\n")[0]
    return any(set(columns) <= set(next(csv.reader([first], delimiter=mark), [])) for mark in ",;\t")


def _is_own_book(path: Path, sheets: Sequence[str]) -> bool:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except Exception:  # whatever it is, it is none of ours
        return False
    try:
        return book.properties.creator == "auditkit" and set(book.sheetnames) == set(sheets)
    finally:
        book.close()
