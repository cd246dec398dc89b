"""audit.sqlite: one file that holds what a person may need to see, decide, or remove.

Every step is one transaction, so a killed process leaves the audit as it was before the step or after it.
Removed rows are overwritten (``secure_delete``). No write-ahead log, so that a network drive works.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import blind_ids
from auditkit.errors import AuditkitError
from auditkit.files import PRIVATE

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.blind_ids import BlindId

WAIT_SECONDS = 20
UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)

# One script a schema version, run in order; a released one is never edited, only followed by another.
MIGRATIONS = [
    """
    CREATE TABLE schema_version (version INTEGER NOT NULL);
    INSERT INTO schema_version VALUES (0);
    CREATE TABLE audit (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE rounds (
        round TEXT PRIMARY KEY, position TEXT NOT NULL, file TEXT NOT NULL, file_hash TEXT NOT NULL,
        read_as TEXT NOT NULL, columns TEXT NOT NULL, settings TEXT NOT NULL, run TEXT NOT NULL,
        coded_by TEXT NOT NULL, linked INTEGER NOT NULL, topics_note TEXT NOT NULL, codebook TEXT NOT NULL);
    CREATE TABLE answers (
        answer TEXT PRIMARY KEY, round TEXT NOT NULL REFERENCES rounds ON DELETE CASCADE, file TEXT, sheet TEXT,
        "row" INTEGER, respondent TEXT, pair TEXT, role TEXT,
        item TEXT, question TEXT, occurrence INTEGER, text TEXT);
    CREATE TABLE ratings (
        round TEXT NOT NULL REFERENCES rounds ON DELETE CASCADE, file TEXT, sheet TEXT, "row" INTEGER,
        respondent TEXT, pair TEXT, role TEXT, item TEXT, scale TEXT, rating REAL, scored REAL);
    CREATE TABLE facts (
        round TEXT NOT NULL REFERENCES rounds ON DELETE CASCADE, file TEXT, sheet TEXT, "row" INTEGER,
        respondent TEXT, pair TEXT, role TEXT, item TEXT, value REAL);
    CREATE TABLE people (
        round TEXT NOT NULL REFERENCES rounds ON DELETE CASCADE, file TEXT, sheet TEXT, "row" INTEGER,
        respondent TEXT, pair TEXT, role TEXT, sponsor INTEGER, date TEXT, consent_quote TEXT,
        consent_pair_ratings TEXT, consent_pair_words TEXT);
    CREATE TABLE problems (
        round TEXT NOT NULL REFERENCES rounds ON DELETE CASCADE, file TEXT, sheet TEXT, "row" INTEGER,
        "column" TEXT, severity TEXT, found TEXT, taken_as TEXT, fix TEXT);
    CREATE TABLE excerpts (
        excerpt TEXT PRIMARY KEY, answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE,
        start INTEGER, "end" INTEGER, text TEXT);
    CREATE TABLE codings (
        answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, theme TEXT, pole TEXT, excerpt TEXT,
        score REAL, coded INTEGER, coder TEXT, decision TEXT, nearest TEXT, matched TEXT, changed_text INTEGER);
    CREATE TABLE scores (
        answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, theme TEXT, score REAL);
    CREATE TABLE excerpt_scores (
        excerpt TEXT NOT NULL REFERENCES excerpts ON DELETE CASCADE, theme TEXT, score REAL);
    CREATE TABLE tone (answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, tone REAL);
    CREATE TABLE remainder (
        answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, theme TEXT, label TEXT, fit REAL);
    CREATE TABLE suggested (
        round TEXT NOT NULL REFERENCES rounds ON DELETE CASCADE, theme TEXT, label TEXT, phrases TEXT,
        respondents INTEGER, answers INTEGER, cohesion REAL, strength TEXT, statement TEXT, evidence TEXT);
    CREATE TABLE cohesion (
        round TEXT NOT NULL REFERENCES rounds ON DELETE CASCADE, theme TEXT, cohesion REAL, strength TEXT);
    CREATE TABLE decisions (
        answer TEXT NOT NULL, text_hash TEXT NOT NULL, theme TEXT NOT NULL, pole TEXT NOT NULL,
        decision TEXT NOT NULL, coder TEXT NOT NULL, at TEXT NOT NULL);
    CREATE TABLE runs (
        run INTEGER PRIMARY KEY, key TEXT NOT NULL, command TEXT NOT NULL, rounds TEXT NOT NULL,
        files TEXT NOT NULL, settings TEXT NOT NULL, codebook TEXT NOT NULL, versions TEXT NOT NULL,
        at TEXT NOT NULL, summary TEXT NOT NULL, written INTEGER NOT NULL);
    CREATE TABLE floors (name TEXT PRIMARY KEY, value INTEGER NOT NULL, at TEXT NOT NULL);
    CREATE TABLE log (
        entry INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
        object TEXT NOT NULL);
    CREATE INDEX answers_round ON answers (round);
    CREATE INDEX codings_answer ON codings (answer);
    CREATE INDEX scores_answer ON scores (answer);
    CREATE INDEX excerpts_answer ON excerpts (answer);
    CREATE INDEX excerpt_scores_excerpt ON excerpt_scores (excerpt);
    CREATE INDEX tone_answer ON tone (answer);
    CREATE INDEX remainder_answer ON remainder (answer);
    CREATE INDEX decisions_answer ON decisions (answer);
    """,
    """
    ALTER TABLE people ADD COLUMN service TEXT NOT NULL DEFAULT '';
    ALTER TABLE people ADD COLUMN identity TEXT NOT NULL DEFAULT '';
    """,
    """
    ALTER TABLE scores ADD COLUMN cold REAL NOT NULL DEFAULT 0;
    ALTER TABLE rounds ADD COLUMN learned TEXT NOT NULL DEFAULT '';
    CREATE TABLE queue (answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, place INTEGER NOT NULL);
    CREATE INDEX queue_answer ON queue (answer);
    """,
    """
    ALTER TABLE decisions ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE decisions ADD COLUMN blind INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE earlier_decisions (
        answer TEXT NOT NULL, text_hash TEXT NOT NULL, theme TEXT NOT NULL, pole TEXT NOT NULL,
        decision TEXT NOT NULL, coder TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL);
    CREATE TABLE spans (
        answer TEXT NOT NULL, theme TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        coder TEXT NOT NULL, at TEXT NOT NULL);
    CREATE TABLE notes (
        answer TEXT PRIMARY KEY, memo TEXT NOT NULL, quote TEXT NOT NULL, paraphrase TEXT NOT NULL,
        not_for_quotation INTEGER NOT NULL, coder TEXT NOT NULL, at TEXT NOT NULL);
    CREATE TABLE examples (
        example TEXT PRIMARY KEY, source TEXT NOT NULL, item TEXT NOT NULL, question TEXT NOT NULL,
        text TEXT NOT NULL, vector BLOB NOT NULL, themes TEXT NOT NULL);
    CREATE TABLE checks (
        answer TEXT NOT NULL, theme TEXT NOT NULL, pole TEXT NOT NULL, threshold REAL NOT NULL,
        PRIMARY KEY (answer, theme));
    ALTER TABLE log ADD COLUMN before TEXT NOT NULL DEFAULT '';
    ALTER TABLE log ADD COLUMN after TEXT NOT NULL DEFAULT '';
    ALTER TABLE log ADD COLUMN codebook TEXT NOT NULL DEFAULT '';
    ALTER TABLE log ADD COLUMN version TEXT NOT NULL DEFAULT '';
    ALTER TABLE log ADD COLUMN previous TEXT NOT NULL DEFAULT '';
    ALTER TABLE log ADD COLUMN hash TEXT NOT NULL DEFAULT '';
    """,
    """
    CREATE TABLE second_codings (
        answer TEXT NOT NULL, text_hash TEXT NOT NULL, draw INTEGER NOT NULL, coder TEXT NOT NULL, at TEXT NOT NULL,
        themes TEXT NOT NULL, first_coder TEXT NOT NULL, first_at TEXT NOT NULL, first_themes TEXT NOT NULL,
        codebook TEXT NOT NULL, PRIMARY KEY (answer, draw, coder));
    """,
    """
    ALTER TABLE rounds ADD COLUMN engine TEXT NOT NULL DEFAULT 'auditkit';
    ALTER TABLE suggested ADD COLUMN gap REAL NOT NULL DEFAULT 0;
    ALTER TABLE suggested ADD COLUMN nearest TEXT NOT NULL DEFAULT '';
    ALTER TABLE suggested ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE suggested ADD COLUMN folds INTEGER NOT NULL DEFAULT 0;
    UPDATE suggested SET theme = printf('S%02d', rowid);
    CREATE TABLE suggestions (
        theme TEXT PRIMARY KEY, round TEXT NOT NULL, label TEXT NOT NULL, members TEXT NOT NULL,
        state TEXT NOT NULL, became TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL);
    INSERT INTO suggestions SELECT theme, round, label, evidence, 'suggested', '', '', '' FROM suggested;
    CREATE TABLE theme_distances (
        round TEXT NOT NULL REFERENCES rounds ON DELETE CASCADE, one TEXT, other TEXT, distance REAL);
    CREATE TABLE silent_answers (answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE);
    CREATE INDEX silent_answers_answer ON silent_answers (answer);
    """,
    """
    CREATE TABLE codebook_versions (
        version INTEGER PRIMARY KEY, at TEXT NOT NULL, author TEXT NOT NULL, action TEXT NOT NULL,
        reason TEXT NOT NULL, said TEXT NOT NULL, fingerprint TEXT NOT NULL, codebook TEXT NOT NULL,
        means TEXT NOT NULL, written INTEGER NOT NULL);
    CREATE TABLE theme_ids (theme TEXT PRIMARY KEY, label TEXT NOT NULL, version INTEGER NOT NULL);
    CREATE TABLE decisions_moved (
        version INTEGER NOT NULL, answer TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
    CREATE TABLE second_looks (answer TEXT PRIMARY KEY, open TEXT NOT NULL, lost TEXT NOT NULL);
    CREATE TABLE unseen (round TEXT NOT NULL, theme TEXT NOT NULL);
    """,
    """
    INSERT INTO audit VALUES ('secret', lower(hex(randomblob(16))));
    CREATE TABLE missing (answer TEXT PRIMARY KEY, round TEXT NOT NULL, respondent TEXT NOT NULL);
    """,
]
VERSION = len(MIGRATIONS)


class Store:
    """An open audit.sqlite. Use ``step`` for everything that writes."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, mode 0600, and bring its schema up to date.

        Raises AuditkitError where it is no audit, is busy or cannot be written, or was made by a newer auditkit.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE))
        except OSError as error:
            raise AuditkitError(
                f"{path} cannot be written: {error.strerror}.", "Choose another folder with --audit FOLDER."
            ) from None
        self.connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            with self._explained():
                self.connection.execute("PRAGMA foreign_keys = ON")
                self.connection.execute("PRAGMA secure_delete = ON")
                self.connection.execute("PRAGMA journal_mode = DELETE")
                self.connection.execute("PRAGMA synchronous = FULL")
                version = self._version()
            if version > VERSION:
                raise AuditkitError(
                    f"{path} was made by a newer auditkit (schema {version}, this one knows {VERSION}).",
                    "Install the newer auditkit.",
                )
            if version < VERSION:
                self._migrate()
        except BaseException:
            self.connection.close()
            raise

    def _version(self) -> int:
        tables = {row[0] for row in self.connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return 0
        if "schema_version" not in tables:
            raise self._no_audit()
        return int(self.connection.execute("SELECT version FROM schema_version").fetchone()[0])

    def _migrate(self) -> None:
        with self.step():  # looks again: another process may have been first
            for number, script in enumerate(MIGRATIONS[self._version() :], start=self._version() + 1):
                for statement in script.split(";"):
                    self.connection.execute(statement)
                self.connection.execute("UPDATE schema_version SET version = ?", (number,))

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def step(self) -> Iterator[None]:
        """One transaction: all of it or nothing. Raises AuditkitError while another process writes."""
        with self._explained():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What SQLite cannot do, in words for a person; what is a bug stays one."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF  # of an extended code, what it is about
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise AuditkitError(
                    "Another auditkit is writing to this audit.",
                    "Wait for it to end, then run the command again.",
                ) from None
            if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise self._no_audit() from None
            if code in UNWRITABLE:
                raise AuditkitError(
                    f"{self.path} cannot be written: {error}.",
                    "Make room, or get the right to write there, then run the command again.",
                ) from None
            raise

    def _no_audit(self) -> AuditkitError:
        return AuditkitError(
            f"{self.path} is not an audit that can be opened.",
            "Put back a copy of it, or move it away to start anew.",
        )

    @cached_property
    def blind_id(self) -> BlindId:
        """What the answers of this audit are called outside it."""
        return blind_ids.under(str(self.rows("SELECT value FROM audit WHERE name = 'secret'")[0]["value"]))

    def frame(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows of a query as a frame; missing text is an empty string."""
        import pandas as pd

        with self._explained():
            cursor = self.connection.execute(query, parameters)
            return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries, without pandas."""
        with self._explained():
            cursor = self.connection.execute(query, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Append a frame whose columns are columns of the table. Inside ``step``."""
        names = ", ".join(f'"{name}"' for name in frame.columns)
        marks = ", ".join("?" * len(frame.columns))
        plain = frame.astype(object).to_numpy().tolist()
        self.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", plain)
