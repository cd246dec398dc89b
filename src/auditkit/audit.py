"""The audit folder: loads and saves rounds, decisions and runs; what was done with what."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import codebook as codebooks
from auditkit import config as configs
from auditkit.errors import AuditkitError, Refused
from auditkit.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.codebook import Codebook
    from auditkit.config import Config

RESPONSE_TABLES = ("answers", "ratings", "facts", "people", "problems")
ANSWER_TABLES = ("excerpts", "codings", "scores", "excerpt_scores", "tone", "remainder")


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
        return hashlib.sha256(json.dumps([parts, _versions()], sort_keys=True).encode()).hexdigest()[:16]


class Audit:
    """An audit folder, which need not exist yet. Nothing is written before the first ``save``."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise AuditkitError(f"{folder} is a file.", "Name a folder with --audit FOLDER.")
        self.folder = folder
        self.settings_path = folder / "audit.toml"
        self.codebook_path = folder / "codebook.xlsx"
        self.store_path = folder / "audit.sqlite"
        self.cache = folder / "cache"
        self.out = folder / "out"
        self.templates = folder / "templates"

    @property
    def exists(self) -> bool:
        return self.store_path.exists()

    @cached_property
    def store(self) -> Store:
        return Store(self.store_path)

    @cached_property
    def config(self) -> Config:
        return configs.load(self.settings_path)

    @cached_property
    def codebook(self) -> Codebook:
        """The audit's own codebook, else the shipped one."""
        return codebooks.read(self.codebook_path) if self.codebook_path.exists() else codebooks.default()

    @cached_property
    def id(self) -> str:
        """A random name for this audit, by which its key file is found."""
        if self.exists:
            return str(self.store.rows("SELECT value FROM audit WHERE name = 'id'")[0]["value"])
        return secrets.token_hex(4)

    def require(self) -> None:
        """Raise AuditkitError where nothing has been analysed in this folder."""
        if not self.exists or not self.rounds():
            raise AuditkitError(
                f"There is no audit in {self.folder.resolve()}.",
                "Run auditkit analyse FILE first, or name the folder with --audit FOLDER.",
            )

    def rounds(self) -> list[str]:
        """The rounds, in the order of their dates, else of their first reading."""
        if not self.exists:
            return []
        return [
            row["round"] for row in self.store.rows("SELECT round FROM rounds ORDER BY position = '', position, rowid")
        ]

    def round_of(self, name: str) -> dict[str, Any]:
        found = self.store.rows("SELECT * FROM rounds WHERE round = ?", (name,))
        if not found:
            raise AuditkitError(
                f'There is no round "{name}".', f"Rounds of this audit: {', '.join(self.rounds()) or 'none'}."
            )
        return found[0]

    def decisions(self) -> pd.DataFrame:
        """What people decided: answer, text_hash, theme, pole, decision, coder."""
        return self.store.frame(
            "SELECT answer, text_hash, theme, pole, decision, coder FROM decisions ORDER BY answer, theme"
        )

    def decisions_fingerprint(self, rounds: Sequence[str]) -> str:
        """Eight hex digits over all decisions on answers of these rounds; empty where there are none."""
        marks = ", ".join("?" * len(rounds))
        rows = self.store.rows(
            "SELECT d.answer, d.text_hash, d.theme, d.pole, d.decision, d.coder FROM decisions d JOIN answers a "
            f"ON a.answer = d.answer WHERE a.round IN ({marks}) ORDER BY d.answer, d.theme",
            list(rounds),
        )
        return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:8] if rows else ""

    def save_rounds(self, coded: Iterable[CodedRound], run: Run, summary: dict[str, Any]) -> None:
        """Put rounds, freshly coded, in place of what the audit held of them; keeps every decision."""
        with self.store.step():
            self._open_audit()
            for one in coded:
                self._save_round(one, run)
            self._save_run(run, summary)

    def save_run(self, run: Run, summary: dict[str, Any]) -> None:
        """Record a step that stores nothing but itself."""
        with self.store.step():
            self._save_run(run, summary)

    def mark_written(self, run: Run) -> None:
        """Say that every output of a run lies complete on the disk."""
        with self.store.step():
            self.store.connection.execute("UPDATE runs SET written = 1 WHERE key = ?", (run.key,))

    def earlier(self, run: Run) -> dict[str, Any] | None:
        """The summary of an identical run whose outputs are complete, if it is the latest of its rounds."""
        if not self.exists:
            return None
        found = self.store.rows("SELECT * FROM runs WHERE key = ? AND written = 1", (run.key,))
        if not found:
            return None
        later = self.store.rows(
            "SELECT 1 FROM runs WHERE command = ? AND rounds = ? AND run > ?",
            (run.command, found[0]["rounds"], found[0]["run"]),
        )
        return None if later else dict(json.loads(found[0]["summary"]))

    def latest(self, command: str) -> dict[str, Any] | None:
        """The latest run of a command."""
        found = self.store.rows("SELECT * FROM runs WHERE command = ? ORDER BY run DESC LIMIT 1", (command,))
        return found[0] if found else None

    def load_round(self, name: str) -> CodedRound:
        """A stored round, with what people decided so far."""

        from auditkit.analysis import CODINGS, CodedRound, with_decisions
        from auditkit.responses import Responses

        about = self.round_of(name)
        frames: dict[str, pd.DataFrame] = {}
        for table in RESPONSE_TABLES:
            frames[table] = self.store.frame(f"SELECT * FROM {table} WHERE round = ? ORDER BY rowid", (name,))
        for table in ANSWER_TABLES:
            via = "excerpts e JOIN answers a ON a.answer = e.answer" if table == "excerpt_scores" else "answers a"
            on = "t.excerpt = e.excerpt" if table == "excerpt_scores" else "t.answer = a.answer"
            frames[table] = self.store.frame(
                f"SELECT t.* FROM {via} JOIN {table} t ON {on} WHERE a.round = ? ORDER BY t.rowid", (name,)
            )
        frames["people"]["sponsor"] = frames["people"]["sponsor"].astype(bool)
        frames["codings"] = frames["codings"][CODINGS].astype({"coded": bool, "changed_text": bool})
        suggested = self.store.frame("SELECT * FROM suggested WHERE round = ? ORDER BY rowid", (name,))
        cohesion = self.store.frame("SELECT theme, cohesion, strength FROM cohesion WHERE round = ?", (name,))
        suggested["evidence"] = [json.loads(keys) for keys in suggested["evidence"]]
        coded = CodedRound(
            responses=Responses(
                round=name,
                order=about["position"],
                linked=bool(about["linked"]),
                columns=(),
                **{table: frames[table] for table in RESPONSE_TABLES},
            ),
            codebook=self.codebook,
            suggested=suggested.drop(columns="round"),
            cohesion=cohesion,
            topics_note=about["topics_note"],
            **{table: frames[table] for table in ANSWER_TABLES},
        )
        return with_decisions(coded, self.decisions())

    def decide(self, rows: Sequence[dict[str, Any]], coder: str) -> None:
        """Store decisions (answer, text_hash, theme, pole, decision), in place of earlier ones on the answers."""
        now = _now()
        with self.store.step():
            connection = self.store.connection
            for answer in sorted({row["answer"] for row in rows}):
                connection.execute("DELETE FROM decisions WHERE answer = ?", (answer,))
                self._log(coder, "decide", answer)
            connection.executemany(
                "INSERT INTO decisions VALUES (:answer, :text_hash, :theme, :pole, :decision, :coder, :at)",
                [{**row, "coder": coder, "at": now} for row in rows],
            )

    def check_thresholds(self) -> None:
        """Raise Refused where a threshold lies below the one in force since the first import (decisions.md)."""
        asked = self.config.thresholds.model_dump()
        for row in self.store.rows("SELECT name, value FROM floors"):
            if asked[row["name"]] < row["value"]:
                raise Refused(
                    f"{row['name']} = {asked[row['name']]} is below {row['value']}, in force since the first import.",
                    f"Set it to {row['value']} or more in audit.toml: after the first import it can only go up.",
                )

    def _open_audit(self) -> None:
        connection = self.store.connection
        connection.execute("INSERT OR IGNORE INTO audit VALUES ('id', ?)", (self.id,))
        for name, value in self.config.thresholds.model_dump().items():
            connection.execute(
                "INSERT INTO floors VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                (name, value, _now()),
            )

    def _save_round(self, coded: CodedRound, run: Run) -> None:
        store, responses = self.store, coded.responses
        place = store.rows("SELECT rowid AS place FROM rounds WHERE round = ?", (coded.round,))
        store.connection.execute("DELETE FROM rounds WHERE round = ?", (coded.round,))
        files = sorted({*responses.answers["file"], *responses.ratings["file"], *responses.people["file"]})
        store.connection.execute(
            "INSERT INTO rounds (rowid, round, position, file, file_hash, read_as, linked, topics_note, codebook) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                place[0]["place"] if place else None,
                coded.round,
                responses.order,
                ", ".join(files),
                ", ".join(run.files.get(file, "") for file in files),
                _hash([run.options, *((column.header, column.role) for column in responses.columns)]),
                int(responses.linked),
                coded.topics_note,
                coded.codebook.fingerprint(),
            ),
        )
        for table in RESPONSE_TABLES:
            store.add(table, getattr(responses, table))
        for table in ANSWER_TABLES:
            store.add(table, getattr(coded, table))
        evidence = [json.dumps(keys) for keys in coded.suggested["evidence"]]
        store.add("cohesion", coded.cohesion.assign(round=coded.round))
        store.add("suggested", coded.suggested.assign(round=coded.round, evidence=evidence))
        self._log("auditkit", "analyse", coded.round)

    def _save_run(self, run: Run, summary: dict[str, Any]) -> None:
        self.store.connection.execute(
            "INSERT INTO runs (key, command, rounds, files, settings, codebook, versions, at, summary, written) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "
            "ON CONFLICT (key) DO UPDATE SET written = 0, summary = excluded.summary",
            (
                run.key,
                run.command,
                json.dumps(run.rounds),
                json.dumps(run.files, sort_keys=True),
                run.settings,
                run.codebook,
                _versions(),
                _now(),
                json.dumps(summary),
            ),
        )

    def _log(self, who: str, action: str, object_id: str) -> None:
        self.store.connection.execute(
            "INSERT INTO log (at, who, action, object) VALUES (?, ?, ?, ?)", (_now(), who, action, object_id)
        )


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _versions() -> str:
    """auditkit and the libraries whose version can change a figure, without importing them."""
    from importlib.metadata import version

    names = ("auditkit", "numpy", "scipy", "scikit-learn", "onnxruntime", "spacy", "bertopic")
    return ", ".join(f"{name} {version(name)}" for name in names)


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
