"""The key: which code stands for which name. It lies outside the audit folder, and nothing else reads it."""

from __future__ import annotations

import csv
import io
import os
import secrets
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from auditkit.errors import AuditkitError, Refused
from auditkit.files import write_text
from auditkit.spellings import near_person, person_key

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that can be mistaken for something else
LENGTH = 5


@dataclass(frozen=True)
class NearCodes:
    """Two codes whose names or e-mail addresses may be one person's. ``why`` holds neither."""

    before: str
    after: str
    likeness: float
    why: str


@dataclass(frozen=True)
class _Known:
    """A person of the roster: the roster's own code, or "", and names and e-mails as ``person_key`` spells them."""

    code: str
    names: tuple[str, ...]


class KeyFile:
    """Codes for names met while reading. Random, never derived from the name; kept across rounds.

    ``must_exist``: codes were given before, so that a missing file would give the same people other ones.
    Raises AuditkitError where the file is not a key.
    """

    def __init__(self, path: Path, *, must_exist: bool = False) -> None:
        self.path = path
        self._codes: dict[str, str] = {}
        self._replaced: dict[str, str] = {}  # a code given before, and the one that stands in its place
        self._known: dict[str, _Known] = {}
        self._given: dict[_Known, str] = {}
        self._new = False
        self._lost = must_exist and not path.exists()
        if path.exists():
            try:
                with path.open(encoding="utf-8", newline="") as file:
                    for row in csv.DictReader(file):
                        self._codes[row["original"]] = row["code"]
                        if old := row.get("replaces"):
                            self._replaced |= dict.fromkeys(old.split(), row["code"])
            except (OSError, ValueError, KeyError, csv.Error):
                raise AuditkitError(
                    f"{path} cannot be read as a key file.",
                    "Put back a copy of it, or name another file with --key FILE.",
                ) from None

    def know(self, people: Iterable[tuple[str, Collection[str]]]) -> None:
        """People of a roster: (own code or "", names and e-mail addresses of one person).

        From then on every spelling of a person has one code, the roster's own where there is one; ``same`` tells
        which codes given before it replaces. Of the roster nothing is written but the codes of names that are met
        in answers. A spelling that two people share stands for neither.
        """
        shared: dict[str, _Known | None] = {}
        for code, names in people:
            person = _Known(code, tuple(sorted({_person(name) for name in names} - {""})))
            for name in person.names:
                shared[name] = None if name in shared else person
        self._known = {name: person for name, person in shared.items() if person}
        self._given = {}
        own = {person.code for person in self._known.values()}
        self._replaced = {old: code for old, code in self._replaced.items() if old not in own}
        for original, code in sorted(self._codes.items()):
            found = self._known.get(_person(original))
            if found is None:
                continue
            today = found.code or self._given.setdefault(found, code)
            if today != code:
                self._codes[original] = today
                self._new = True
                if code not in own:
                    self._replaced[code] = today

    def code(self, original: str) -> str:
        """The code of a name or e-mail; a new one where it has none. Raises AuditkitError where the key is lost."""
        if self._lost:
            raise AuditkitError(
                f"The key file of this audit, {self.path}, is missing: people would get other codes than before.",
                "Put it back, or say with --key FILE where it lies.",
            )
        code, name = self.known(original), _normal(original)
        if not code:
            taken = {*self._codes.values(), *self._replaced, *(person.code for person in self._known.values())}
            while (code := random_code()) in taken:
                pass
            if person := self._known.get(_person(original)):
                self._given[person] = code
        if self._codes.get(name) != code:
            self._codes[name] = code
            self._new = True
        return code

    def known(self, original: str) -> str:
        """The code that a name or e-mail has already, or ""; none is given."""
        person = self._known.get(_person(original))
        if person is None:
            return self._codes.get(_normal(original), "")
        return person.code or self._given.get(person, "")

    def originals(self) -> list[str]:
        """Every name and e-mail address that was met: what must not appear. Never to be printed."""
        return sorted(self._codes)

    def same(self) -> dict[str, str]:
        """Codes given before, of people who have another one by now: old code to the one of today."""
        return dict(sorted(self._replaced.items()))

    def near(self, before: Collection[str], after: Collection[str]) -> tuple[NearCodes, ...]:
        """Codes of an earlier and a later round whose names or e-mail addresses may be one person's.

        Only codes of the key are looked at. Sorted by code; the names behind them are not given.
        """
        originals: dict[str, list[str]] = defaultdict(list)
        for original, code in sorted(self._codes.items()):
            originals[code].append(original)
        found = []
        for old in sorted({*before} & originals.keys()):
            for new in sorted({*after} & originals.keys() - {old}):
                alike = [near for a in originals[old] for b in originals[new] if (near := near_person(a, b))]
                if alike:
                    found.append(NearCodes(old, new, *max(alike)))
        return tuple(found)

    def refuse_inside(self, audit: Path, *outputs: Path) -> None:
        """Raise Refused where the key lies in the audit folder, or in the folder of a file to be written."""
        fix = "Name a place elsewhere with --key FILE."
        refuse_beside(self.path, audit, *outputs, what="The key file", fix=fix)

    def save(self, audit: Path) -> bool:
        """Write new codes, if any; says whether it did. Raises Refused inside the audit folder."""
        if not self._new:
            return False
        self.refuse_inside(audit)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        replaces = {
            code: " ".join(sorted(o for o, c in self._replaced.items() if c == code)) for code in self._codes.values()
        }
        writer.writerow(["code", "original", "replaces"])
        writer.writerows(sorted((code, original, replaces[code]) for original, code in self._codes.items()))
        write_text(self.path, text.getvalue())
        self._new = False
        return True


def refuse_beside(path: Path, audit: Path, *outputs: Path, what: str, fix: str) -> None:
    """Raise Refused where a file with names lies in ``audit`` or below, or in the folder of one of ``outputs``.

    ``outputs``: paths of files that are to be written. Links are followed, and the place of a link counts as
    well as what it points to; on file systems that ignore case, so does this.
    """
    places = {path.resolve(), path.parent.resolve() / path.name}
    for place in sorted(places):
        if any(_same(folder, audit) for folder in place.parents):
            raise Refused(f"{what} {path} is in the audit folder, beside the answers.", fix)
        for output in outputs:
            if _same(place.parent, output.parent):
                raise Refused(f"{what} {path} is in the folder into which {output.name} is to be written.", fix)


def random_code() -> str:
    """A code for a person, which says nothing."""
    return "R-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


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


def _normal(original: str) -> str:
    return " ".join(original.casefold().split())


def _person(original: str) -> str:
    """A name as the roster's are compared: without titles and accents; else as it is written."""
    return person_key(original) or _normal(original)


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one folder; where one does not exist yet, whether they differ in case at most."""
    try:
        return one.samefile(other)
    except OSError:
        return _spelled(one) == _spelled(other)


def _spelled(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path.resolve())).casefold()
