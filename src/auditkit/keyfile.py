"""The key: which code stands for which name. It lies outside the audit folder, and nothing else reads it."""

from __future__ import annotations

import csv
import io
import os
import secrets
import sys
from pathlib import Path

from auditkit.errors import AuditkitError, Refused
from auditkit.files import write_text

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that can be mistaken for something else
LENGTH = 5


class KeyFile:
    """Codes for names met while reading. Random, never derived from the name; kept across rounds.

    ``must_exist``: codes were given before, so that a missing file would give the same people other ones.
    Raises AuditkitError where the file is not a key.
    """

    def __init__(self, path: Path, *, must_exist: bool = False) -> None:
        self.path = path
        self._codes: dict[str, str] = {}
        self._new = False
        self._lost = must_exist and not path.exists()
        if path.exists():
            try:
                with path.open(encoding="utf-8", newline="") as file:
                    self._codes = {row["original"]: row["code"] for row in csv.DictReader(file)}
            except (OSError, ValueError, KeyError, csv.Error):
                raise AuditkitError(
                    f"{path} cannot be read as a key file.",
                    "Put back a copy of it, or name another file with --key FILE.",
                ) from None

    def code(self, original: str) -> str:
        """The code of a name or e-mail; a new one where it has none. Raises AuditkitError where the key is lost."""
        if self._lost:
            raise AuditkitError(
                f"The key file of this audit, {self.path}, is missing: people would get other codes than before.",
                "Put it back, or say with --key FILE where it lies.",
            )
        name = " ".join(original.casefold().split())
        if name not in self._codes:
            taken = set(self._codes.values())
            while (code := "R-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))) in taken:
                pass
            self._codes[name] = code
            self._new = True
        return self._codes[name]

    def refuse_inside(self, audit: Path) -> None:
        """Raise Refused where the key would lie in the audit folder."""
        if self.path.resolve().is_relative_to(audit.resolve()):
            raise Refused(
                f"The key file {self.path} would lie in the audit folder, beside the answers.",
                "Name a place elsewhere with --key FILE.",
            )

    def save(self, audit: Path) -> bool:
        """Write new codes, if any; says whether it did. Raises Refused inside the audit folder."""
        if not self._new:
            return False
        self.refuse_inside(audit)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["code", "original"])
        writer.writerows(sorted((code, original) for original, code in self._codes.items()))
        write_text(self.path, text.getvalue())
        self._new = False
        return True


def default_path(audit_id: str) -> Path:
    """Where the key of an audit lies: the user's own data folder."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA", home / "AppData" / "Roaming"))
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    return folder / "auditkit" / f"key-{audit_id}.csv"
