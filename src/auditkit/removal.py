"""What hangs on an answer in audit.sqlite, and how it leaves when the person does."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import audit_log
from auditkit.codebook import plain

if TYPE_CHECKING:
    from auditkit.responses import Responses
    from auditkit.store import Store

TABLES = (
    *("decisions", "earlier_decisions", "spans", "notes", "checks"),
    *("second_codings", "decisions_moved", "second_looks", "missing"),
)
"""Tables with a column ``answer`` whose rows outlive the answer, since a round is put anew at each reading. Of all
others the rows go with their round. A test holds that every table is one or the other."""

SOME = 500  # answers a statement


@dataclass(frozen=True)
class Gone:
    """Answers of a round that a new reading of it no longer holds: of people who ``withdrew`` or said no, and those
    that are only ``missing``."""

    withdrew: frozenset[str]
    missing: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.withdrew or self.missing)


def gone(store: Store, read: Responses) -> Gone:
    """Which answers the store knows of a round and a new reading of the round does not hold.

    Among them are those that were missing in earlier readings already. Where a row that was withdrawn does not tell
    whose it is, all of those whom nothing tells apart count as withdrawn.
    """
    from auditkit.values import fold

    still = set(read.answers["answer"])
    rows = store.rows(
        "SELECT a.answer, a.respondent, p.identity FROM answers a LEFT JOIN people p "
        "ON p.round = a.round AND p.pair = a.pair AND p.respondent = a.respondent WHERE a.round = ? "
        "UNION SELECT answer, respondent, '' FROM missing WHERE round = ? AND respondent != ''",
        (read.round, read.round),
    )
    left = [row for row in rows if row["answer"] not in still]
    withdrew = frozenset(
        row["answer"]
        for row in left
        if fold(row["respondent"]) in read.withdrawn or ("" in read.withdrawn and row["identity"] in ("none", None))
    )
    return Gone(withdrew, frozenset(row["answer"] for row in left) - withdrew)


def counts(store: Store, rounds: Sequence[Responses]) -> dict[str, int]:
    """How many answers would leave with a new reading of these rounds: of people who withdrew, and merely missing."""
    left = [gone(store, one) for one in rounds]
    return {
        "withdrew": sum(len(one.withdrew) for one in left),
        "missing": sum(len(one.missing) for one in left),
    }


def take_leave(store: Store, read: Responses, folder: Path) -> None:
    """Before a new reading of a round is stored: remove all that hangs on answers of people who withdrew, and the
    respondent's words that hang on those that are only missing. Inside ``step``.

    Of a missing answer stays what people decided and noted about it, in case the row was left out by mistake. From the
    audit ``folder`` go the hashes of words, and reports on people who withdrew; both are made anew when needed.
    """
    left = gone(store, read)
    forget(store, left.withdrew)
    _forget_words(store, read, left)
    for answers, action in ((left.withdrew, "forget answers"), (left.missing, "forget words")):
        if answers:
            audit_log.append(store, "auditkit", action, read.round, after=len(answers))
    cached = [folder / "cache" / "vectors.sqlite"] if left else []
    reports = [folder / "out" / "analyst" / f"comparison.{kind}" for kind in ("html", "xlsx")] if left.withdrew else []
    for path in (*cached, *reports):
        with suppress(OSError):
            path.unlink()


def _forget_words(store: Store, read: Responses, left: Gone) -> None:
    """Quotes of answers that are missing, or whose text does not hold them any longer; and who is missing."""
    texts = dict(read.answers[["answer", "text"]].itertuples(index=False, name=None))
    quotes = store.rows("SELECT answer, quote FROM notes WHERE quote != ''")
    stale = [
        row["answer"]
        for row in quotes
        if row["answer"] in left.missing or plain(row["quote"]) not in plain(texts.get(row["answer"], row["quote"]))
    ]
    store.connection.executemany("UPDATE notes SET quote = '' WHERE answer = ?", [(answer,) for answer in stale])
    who = {row["answer"]: row["respondent"] for row in store.rows("SELECT answer, respondent FROM answers")}
    known = {row["answer"]: row["respondent"] for row in store.rows("SELECT answer, respondent FROM missing")}
    store.connection.execute("DELETE FROM missing WHERE round = ?", (read.round,))
    store.connection.executemany(
        "INSERT INTO missing VALUES (?, ?, ?)",
        [(answer, read.round, who.get(answer, known.get(answer, ""))) for answer in sorted(left.missing)],
    )


def forget(store: Store, answers: Collection[str]) -> None:
    """Remove all that hangs on answers but their entries in the log, which hold no words. Inside ``step``."""
    for some in _some(answers):
        marks = ", ".join("?" * len(some))
        for table in TABLES:
            store.connection.execute(f"DELETE FROM {table} WHERE answer IN ({marks})", some)
    if answers:
        for row in store.rows("SELECT theme, members FROM suggestions"):
            members = json.loads(row["members"])
            kept = [answer for answer in members if answer not in answers]
            if len(kept) < len(members):
                changed = (json.dumps(kept), row["theme"])
                store.connection.execute("UPDATE suggestions SET members = ? WHERE theme = ?", changed)


def _some(answers: Collection[str]) -> list[list[str]]:
    listed = sorted(answers)
    return [listed[start : start + SOME] for start in range(0, len(listed), SOME)]
