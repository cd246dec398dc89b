"""Files taken in: read as audit.toml and the command line say, and what was understood written down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import config
from auditkit.answer_sheets import Reading
from auditkit.audit import Audit, file_hash
from auditkit.columns import PASSING, Overrides
from auditkit.errors import AuditkitError
from auditkit.keyfile import KeyFile, default_path, refuse_beside
from auditkit.wording import placed

if TYPE_CHECKING:
    from auditkit.register import Register
    from auditkit.responses import Responses


@dataclass(frozen=True)
class Options:
    """How files are to be read, as named on the command line."""

    reading: Reading = field(default_factory=Reading)
    round: str | None = None
    columns: Overrides = field(default_factory=Overrides)
    codebook: Path | None = None
    key: Path | None = None
    roster: Path | None = None
    learn_from: Path | None = None
    strict: bool = False

    def text(self) -> str:
        """What of it changes a result."""
        roster = file_hash(self.roster) if self.roster else ""
        learned = [str(self.learn_from.resolve()), Audit(self.learn_from).taught()] if self.learn_from else []
        return json.dumps([asdict(self.reading), self.round, asdict(self.columns), roster, *learned])


def read_rounds(
    audit: Audit, files: Sequence[Path], options: Options, key: KeyFile, *, refuse: bool = True
) -> tuple[list[Responses], Register | None]:
    """The rounds in the files as the settings and options say, and the roster, if one is named."""
    from auditkit import register, responses

    roster = register.read(options.roster, audit.config.roles) if options.roster else None
    if roster is not None:
        roster.codes(key)
    found = responses.read(
        files,
        audit.config,
        codes=key.code,
        reading=options.reading,
        overrides=options.columns,
        register=roster,
        key=key,
        round_name=options.round,
        refuse=refuse,
    )
    return found, roster


def refuse_problems(found: Sequence[Responses], *, strict: bool) -> None:
    """Raise AuditkitError under ``--strict`` where anything is left out or to be checked."""
    rows = [row for one in found for row in one.problems.itertuples() if row.severity != "note"]
    if strict and rows:
        raise AuditkitError(
            f"{len(rows)} problem{'s' if len(rows) > 1 else ''} in {rows[0].file}, so nothing was taken.",
            "Correct them. Without --strict they are listed, and what cannot be read is left out.",
            details=[
                f"{placed(row.file, row.sheet, row.row, row.column)}: {row.found}; {row.taken_as}" for row in rows[:20]
            ],
        )


def hashes_of(files: Sequence[Path]) -> dict[str, str]:
    """File name to the hash of its bytes. Raises AuditkitError for no file, and for two of one name or content."""
    hashes: dict[str, str] = {}
    for file in files:
        refuse_missing(file)
        if file.name in hashes:
            raise AuditkitError(
                f"Two files are called {file.name}.", "Give them different names: rows are traced by them."
            )
        digest = file_hash(file)
        if digest in hashes.values():
            twin = next(name for name, other in hashes.items() if other == digest)
            raise AuditkitError(f"{twin} and {file.name} are the same file.", "Name each file once.")
        hashes[file.name] = digest
    return hashes


def refuse_names_beside(audit: Audit, options: Options, *outputs: Path) -> None:
    """Raise Refused where the key or the roster lies in the audit folder, or in that of a file to be written."""
    key, roster = options.key or audit.key_path, options.roster or audit.roster_path
    if key is not None:
        KeyFile(key).refuse_inside(audit.folder, *outputs)
    if roster is not None:
        fix = "Keep names apart from answers: move it elsewhere, then name it with --roster FILE."
        refuse_beside(roster, audit.folder, *outputs, what="The roster", fix=fix)


def save_settings(audit: Audit, found: Sequence[Responses]) -> None:
    """audit.toml with what was understood of the columns and the answer scales."""
    ratings: dict[str, Any] = {}
    if found[0].scale:
        ratings = {"low": audit.config.ratings.low, "high": audit.config.ratings.high}
    if audit.config.ratings.other:
        ratings["other"] = {header: list(ends) for header, ends in audit.config.ratings.other.items()}
    doubtful = {c.header for one in found for c in one.columns if c.confidence == "doubtful"}
    config.save(audit.settings_path, {"columns": audit.config.columns, "ratings": ratings}, doubtful=doubtful)


def refuse_missing(file: Path) -> None:
    """Raise AuditkitError, as reading would, where there is no such file."""
    if not file.is_file():
        from auditkit.grids import read_grids

        read_grids(file)


def with_columns(audit: Audit, found: Sequence[Responses]) -> config.Config:
    """The settings with what was understood of each column added, and a longer answer scale where there is one."""
    settings, columns = audit.config, dict(audit.config.columns)
    for one in found:
        columns |= {column.header: column.role for column in one.columns if column.reason not in PASSING}
        settings = settings.with_scale(*one.scale) if one.scale else settings
    other = settings.ratings.other | {header: ends for one in found for header, ends in one.other.items()}
    if other:
        settings = settings.model_copy(update={"ratings": settings.ratings.model_copy(update={"other": other})})
    return settings.model_copy(update={"columns": columns})


def key_file(audit: Audit, options: Options) -> KeyFile:
    """Where names get their codes: as named now, else as before, else in the user's data folder."""
    if options.key is not None:
        return KeyFile(options.key)
    before = audit.key_path
    return KeyFile(before or default_path(audit.id), must_exist=before is not None)


def take_people(audit: Audit) -> None:
    """Take what was decided in people.xlsx over into [people] of audit.toml; nothing decided there is lost."""
    from auditkit import people_sheet

    decided = people_sheet.read(audit.people_path) if audit.people_path.exists() else {}
    new = {code: said for code, said in decided.items() if audit.config.people.get(code) != said}
    if new:
        config.save(audit.settings_path, {"people": new})
        audit.config = audit.config.model_copy(update={"people": {**audit.config.people, **new}})
