"""Suggested themes in audit.sqlite: those of each round, and what was ever suggested and decided."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from auditkit.suggestions import Earlier, is_merged

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.store import Store


def load(store: Store, name: str) -> dict[str, Any]:
    """Suggested themes, distances between themes and silent answers of a round, as ``CodedRound`` has them."""
    suggested = store.frame("SELECT * FROM suggested WHERE round = ? ORDER BY rowid", (name,)).drop(columns="round")
    suggested["evidence"] = [json.loads(keys) for keys in suggested["evidence"]]
    apart = store.frame("SELECT one, other, distance FROM theme_distances WHERE round = ? ORDER BY rowid", (name,))
    silent = store.rows(
        "SELECT b.answer FROM silent_answers b JOIN answers a ON a.answer = b.answer WHERE a.round = ?", (name,)
    )
    return {"suggested": suggested, "distances": apart, "silent": frozenset(row["answer"] for row in silent)}


def save(store: Store, coded: CodedRound, at: str) -> None:
    """Add what ``load`` reads, for a round of which nothing is there. Inside ``step``."""
    import pandas as pd

    store.add("silent_answers", pd.DataFrame({"answer": sorted(coded.silent)}))
    _add(store, coded, at)


def replace(store: Store, coded: CodedRound, at: str) -> None:
    """Put a round's suggested themes in place of what was there; the rest of the round stays. Inside ``step``."""
    for table in ("suggested", "theme_distances"):
        store.connection.execute(f"DELETE FROM {table} WHERE round = ?", (coded.round,))
    about = (coded.topics_note, coded.engine, coded.round)
    store.connection.execute("UPDATE rounds SET topics_note = ?, engine = ? WHERE round = ?", about)
    _add(store, coded, at)


def earlier(store: Store) -> list[Earlier]:
    """Everything that was ever suggested, in the order of its ids."""
    rows = store.rows("SELECT theme, round, label, members, state, became, who FROM suggestions")
    found = [Earlier(**{**row, "members": frozenset(json.loads(row["members"]))}) for row in rows]
    return sorted(found, key=lambda known: (len(known.theme), known.theme))


def decide(store: Store, decided: Iterable[Earlier], at: str) -> None:
    """Keep what a person decided about suggestions. Inside ``step``."""
    store.connection.executemany(
        "INSERT OR REPLACE INTO suggestions (theme, round, label, members, state, became, who, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (one.theme, one.round, one.label, json.dumps(sorted(one.members)), one.state, one.became, one.who, at)
            for one in decided
        ],
    )


def _add(store: Store, coded: CodedRound, at: str) -> None:
    evidence = [json.dumps(keys) for keys in coded.suggested["evidence"]]
    store.add("suggested", coded.suggested.assign(round=coded.round, evidence=evidence))
    store.add("theme_distances", coded.distances.assign(round=coded.round))
    known = earlier(store)
    before = {one.theme: one for one in known}
    decide(
        store,
        [
            Earlier(theme, coded.round, label, frozenset(keys))
            for theme, label, keys in coded.suggested[["theme", "label", "evidence"]].itertuples(index=False)
            if theme not in before or not is_merged(known, before[theme])  # the parts of a merged one stay apart
        ],
        at,
    )
