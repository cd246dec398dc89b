"""A coded round in the store: its rows put there, and put together again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auditkit import audit_log, suggested_rows

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.codebook import Codebook
    from auditkit.responses import Responses
    from auditkit.store import Store

RESPONSE_TABLES = ("answers", "ratings", "facts", "people", "problems")
MANY = 100  # keys of one person's answers to one question among which a free one is looked for
PERSONS = ["pair", "respondent", "question"]
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


def with_keys_kept(store: Store, responses: Responses) -> Responses:
    """A round that is read again, each answer with the key that it had.

    Only where one person answered a question several times do the keys hang on the number of answers before it: there
    the same words keep their key, a single text that is another now keeps the one that is left, and what is new gets a
    key that no other words were decided under.
    """
    from auditkit.analysis import text_hash
    from auditkit.responses import answer_key

    decided = {row["answer"]: row["text_hash"] for row in store.rows("SELECT answer, text_hash FROM decisions")}
    held: dict[tuple[str, ...], dict[str, str]] = {}
    for row in store.rows(
        f"SELECT {', '.join(PERSONS)}, answer, text FROM answers WHERE round = ?", (responses.round,)
    ):
        held.setdefault(tuple(row[name] for name in PERSONS), {})[row["answer"]] = row["text"]
    answers = responses.answers.copy()
    for (pair, respondent, question), rows in answers.groupby(PERSONS, sort=False):
        who = (pair, respondent, question)
        before = dict(held.get(who, {}))
        if len(rows) == len(before) == 1 or not before:
            continue
        found: dict[int, str] = {}
        for place, text in rows["text"].items():
            same = next((key for key, known in before.items() if known == text), None)
            if same is not None:
                del before[same]
                found[place] = same
        left = [place for place in rows.index if place not in found]
        if len(left) == len(before) == 1:
            found[left[0]] = next(iter(before))
        keys = [answer_key(responses.round, pair, respondent, question, n) for n in range(1, MANY + len(rows))]
        free = [key for key in keys if key not in held[who]]
        for place in left:
            if place not in found:
                said = text_hash(rows["text"][place])
                found[place] = min(free, key=lambda key: (decided.get(key, "") not in ("", said), key not in decided))
                free.remove(found[place])
        answers.loc[rows.index, "answer"] = [found[place] for place in rows.index]
    return replace(responses, answers=answers)


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
