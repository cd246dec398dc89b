"""The steps that computed something, as the store keeps them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from auditkit import audit_log
from auditkit.steps import versions

if TYPE_CHECKING:
    from auditkit.steps import Run
    from auditkit.store import Store


def save(store: Store, run: Run, summary: dict[str, Any]) -> None:
    """A new row, in place of one that was cut off before its outputs were complete. Inside ``store.step``."""
    store.connection.execute("DELETE FROM runs WHERE key = ? AND written = 0", (run.key,))
    store.connection.execute(
        "INSERT INTO runs (key, command, rounds, files, settings, codebook, versions, at, summary, written) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (
            run.key,
            run.command,
            json.dumps(run.rounds),
            json.dumps(run.files, sort_keys=True),
            run.settings,
            run.codebook,
            versions(),
            audit_log.now(),
            json.dumps(summary),
        ),
    )


def mark_written(store: Store, run: Run) -> None:
    """Say that every output of a run lies complete on the disk. Inside ``store.step``."""
    store.connection.execute("UPDATE runs SET written = 1 WHERE key = ?", (run.key,))


def earlier(store: Store, run: Run) -> dict[str, Any] | None:
    """The summary of an identical run whose outputs are complete and still stand; None where there is none.

    Rounds stand until another run saves them, other outputs until another run of the same command.
    """
    found = store.rows("SELECT * FROM runs WHERE key = ? ORDER BY run DESC LIMIT 1", (run.key,))
    if not found or not found[0]["written"]:
        return None
    if run.command == "analyse":
        rows = store.rows("SELECT round FROM rounds WHERE run = ? AND codebook = ?", (run.key, run.codebook))
        stands = set(json.loads(found[0]["rounds"])) <= {row["round"] for row in rows}
    else:
        later = "SELECT 1 FROM runs WHERE command = ? AND run > ?"
        stands = not store.rows(later, (run.command, found[0]["run"]))
    return dict(json.loads(found[0]["summary"])) if stands else None


def took_over(store: Store, sheet: str, command: str, coder: str) -> bool:
    """Whether a sheet with this hash has been applied by a command, by ``coder``, or by anybody where that is empty."""
    rows = store.rows("SELECT files, summary FROM runs WHERE command = ? AND written = 1", (command,))
    return any(
        sheet in json.loads(row["files"]).values() and coder in ("", json.loads(row["summary"]).get("coder", coder))
        for row in rows
    )


def latest(store: Store, command: str) -> dict[str, Any] | None:
    """The latest run of a command."""
    found = store.rows("SELECT * FROM runs WHERE command = ? ORDER BY run DESC LIMIT 1", (command,))
    return found[0] if found else None
