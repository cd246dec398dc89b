"""A coded round in the store: its rows put there, and put together again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditkit import audit_log, suggested_rows

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.codebook import Codebook
    from auditkit.store import Store

RESPONSE_TABLES = ("answers", "ratings", "facts", "people", "problems")
ANSWER_TABLES = ("excerpts", "codings", "scores", "excerpt_scores", "tone", "remainder", "queue")


def people(store: Store, name: str) -> pd.DataFrame:
    """Who answered in a round, as in responses.PEOPLE."""
    from auditkit.responses import PEOPLE

    frame = store.frame("SELECT * FROM people WHERE round = ? ORDER BY rowid", (name,))
    return frame[PEOPLE].astype({"sponsor": bool})


def load(store: Store, about: dict[str, Any], codebook: Codebook) -> CodedRound:
    """The round of a row of the table rounds, as the machine left it; themes no longer accepted left out."""
    from auditkit.analysis import CODINGS, CodedRound
    from auditkit.responses import Responses

    name = about["round"]
    frames = {"people": people(store, name)}
    for table in RESPONSE_TABLES:
        if table not in frames:
            frames[table] = store.frame(f"SELECT * FROM {table} WHERE round = ? ORDER BY rowid", (name,))
    for table in ANSWER_TABLES:
        via = "excerpts e JOIN answers a ON a.answer = e.answer" if table == "excerpt_scores" else "answers a"
        on = "t.excerpt = e.excerpt" if table == "excerpt_scores" else "t.answer = a.answer"
        frames[table] = store.frame(
            f"SELECT t.* FROM {via} JOIN {table} t ON {on} WHERE a.round = ? ORDER BY t.rowid", (name,)
        )
    codings = frames["codings"][CODINGS].astype({"coded": bool, "changed_text": bool})
    accepted = {theme.id for theme in codebook.accepted}
    frames["codings"] = codings[codings["theme"].isin(accepted)].reset_index(drop=True)
    cohesion = store.frame("SELECT theme, cohesion, strength FROM cohesion WHERE round = ?", (name,))
    return CodedRound(
        responses=Responses(
            round=name,
            order=about["position"],
            linked=bool(about["linked"]),
            columns=(),
            **{table: frames[table] for table in RESPONSE_TABLES},
        ),
        codebook=codebook,
        cohesion=cohesion,
        topics_note=about["topics_note"],
        engine=about["engine"],
        **suggested_rows.load(store, name),
        **{table: frames[table] for table in ANSWER_TABLES},
    )


def save(store: Store, coded: CodedRound, row: dict[str, Any]) -> None:
    """Put a round in place of what was held of it; ``row`` is its row of the table rounds. Inside ``step``."""
    place = store.rows("SELECT rowid AS place FROM rounds WHERE round = ?", (coded.round,))
    store.connection.execute("DELETE FROM rounds WHERE round = ?", (coded.round,))
    row = {"rowid": place[0]["place"] if place else None, **row}
    store.connection.execute(
        f"INSERT INTO rounds ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
    )
    for table in RESPONSE_TABLES:
        store.add(table, getattr(coded.responses, table))
    for table in ANSWER_TABLES:
        store.add(table, getattr(coded, table))
    store.add("cohesion", coded.cohesion.assign(round=coded.round))
    suggested_rows.save(store, coded, audit_log.now())
