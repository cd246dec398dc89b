"""Writing files so that a reader, or a crash, never meets half of one."""

from __future__ import annotations

import codecs
import errno
import gc
import glob
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from auditkit.errors import AuditkitError

PRIVATE = 0o600
STALE_SECONDS = 600
SAMPLE = 1_000  # bytes in which a text shows how it is written
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Meanwhile(AuditkitError):
    """A file that was to be written has been changed by somebody since it was read."""


@contextmanager
def replacing(path: Path, last: Callable[[], None] = lambda: None) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success rename it over, else remove it.

    ``last`` is called just before that; what it raises leaves the file as it is.

    The result has mode 0600 where the system has modes. What a killed process left of the same file is
    removed after ten minutes. Raises AuditkitError where the file cannot be written, for example because
    Excel holds it open, or the disk is full.
    """
    prefix = f".writing-{path.name[:100]}-"
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f"{glob.escape(prefix)}*"):
            with suppress(OSError):
                if left.stat().st_mtime < time.time() - STALE_SECONDS:
                    left.unlink()
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(PRIVATE)
        last()
        temporary.replace(path)
    except OSError as error:
        raise AuditkitError(
            f"{path} cannot be written: {error.strerror or type(error).__name__}.",
            "Close it in other programs, or choose another place; then run the command again.",
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with plain newlines on every system, whole or not at all; not where it stands there already."""
    content = text.encode("utf-8", "replace")
    with suppress(OSError):
        if path.read_bytes() == content:
            return
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def save_book(book: Any, path: Path, last: Callable[[], None] = lambda: None) -> None:
    """Save an openpyxl workbook, whole or not at all; ``last`` and errors as for ``replacing``."""
    with replacing(path, last) as temporary:
        failure = _failure(book, temporary)
        if failure:
            raise OSError(failure, os.strerror(failure))


def _failure(book: Any, path: Path) -> int:
    """The system's number for why a workbook could not be saved, 0 where it was.

    A full disk shows itself in several ways, and again when what was half-written is thrown away.
    """
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    failure = 0
    try:
        book.save(path)
    except OSError as error:
        failure = error.errno or errno.EIO
    except Exception as error:
        if type(error).__name__ != "SerialisationError":  # of lxml, which openpyxl writes with where it is installed
            raise
        failure = errno.ENOSPC
    finally:
        if failure:
            gc.collect()
        sys.unraisablehook = hook
    return failure


def refuse_utf_16(data: bytes, name: str) -> None:
    """Raise AuditkitError for a text in UTF-16 without the mark that says so: nothing in it could be told apart."""
    if b"\0" in data[:SAMPLE] and data[:2] not in UTF_16:
        raise AuditkitError(
            f"{name}: the letters are in UTF-16, and the mark at the beginning that says so is missing.",
            'Save it from Excel as "CSV UTF-8 (comma delimited)".',
        )
