"""The record of who did what: one entry a change, ids and never a word of anybody's, chained by hashes."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from auditkit.steps import versions

if TYPE_CHECKING:
    from auditkit.store import Store

SIGNED = ("at", "who", "action", "object", "before", "after", "codebook", "version", "previous")


def now() -> str:
    """The present time, UTC, to the thousandth of a second: two people may decide within one."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def append(
    store: Store,
    who: str,
    action: str,
    object_id: str,
    *,
    before: object = None,
    after: object = None,
    codebook: str = "",
) -> None:
    """Add an entry; its hash covers it and the hash of the one before. Inside ``step``."""
    last = store.rows("SELECT hash FROM log ORDER BY entry DESC LIMIT 1")
    entry = {
        "at": now(),
        "who": who,
        "action": action,
        "object": object_id,
        "before": "" if before is None else json.dumps(before, sort_keys=True),
        "after": "" if after is None else json.dumps(after, sort_keys=True),
        "codebook": codebook,
        "version": versions().partition(",")[0],
        "previous": last[0]["hash"] if last else "",
    }
    entry["hash"] = _hash(entry)
    names = ", ".join(entry)
    store.connection.execute(f"INSERT INTO log ({names}) VALUES ({', '.join('?' * len(entry))})", tuple(entry.values()))


def broken(store: Store) -> int | None:
    """Number of the first entry that was changed, or before which one is missing; None where the chain is whole.

    Entries from before there was a chain carry no hash and are not looked at.
    """
    previous = ""
    for entry in store.rows("SELECT * FROM log ORDER BY entry"):
        if not entry["hash"]:
            if previous:
                return int(entry["entry"])
            continue
        if entry["previous"] != previous or entry["hash"] != _hash(entry):
            return int(entry["entry"])
        previous = entry["hash"]
    return None


def _hash(entry: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([entry[name] for name in SIGNED]).encode()).hexdigest()
