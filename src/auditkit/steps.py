"""A step that computed something: what it was made from, and with which versions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from auditkit import __version__
from auditkit.errors import AuditkitError


@dataclass(frozen=True)
class Run:
    """One step that computed something. ``files`` maps file names to the hash of their bytes."""

    command: str
    rounds: tuple[str, ...]
    files: dict[str, str]
    settings: str
    codebook: str
    options: str = ""

    @property
    def key(self) -> str:
        """The same for a command that would compute the same."""
        parts = [
            self.command,
            sorted(self.files.items()),
            self.settings,
            self.codebook,
            self.options,
        ]
        return hashlib.sha256(json.dumps([parts, versions()], sort_keys=True).encode()).hexdigest()[:16]


def short_hash(parts: Any) -> str:
    """Eight hex digits over anything that json can hold, the order of its keys aside."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex. Raises AuditkitError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AuditkitError(
            f"{path} cannot be read: {error.strerror}.", "Get the right to read it, or close it in other programs."
        ) from None


@cache
def versions() -> str:
    """auditkit and the libraries whose version can change a figure, without importing them."""
    from importlib.metadata import version

    names = ("numpy", "scipy", "scikit-learn", "onnxruntime", "spacy", "bertopic")
    return ", ".join([f"auditkit {__version__}", *(f"{name} {version(name)}" for name in names)])
