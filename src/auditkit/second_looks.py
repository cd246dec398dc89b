"""Answers that a person decided and that need another look, because the codebook has changed since."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from auditkit.analysis import Look

if TYPE_CHECKING:
    from auditkit.codebook import Codebook
    from auditkit.store import Store

Coded = Mapping[str, Collection[str]]
"""Answers that people decided, with the ids of the themes they gave them."""


def load(store: Store, codebook: Codebook) -> dict[str, Look]:
    """Answer to look, of those on the list."""
    labels = {theme.id: theme.label for theme in codebook.accepted}
    return {
        row["answer"]: Look(
            was=json.loads(row["lost"]),
            new={theme: labels[theme] for theme in json.loads(row["open"]) if theme in labels},
        )
        for row in store.rows("SELECT answer, open, lost FROM second_looks ORDER BY answer")
    }


def save(store: Store, looks: Mapping[str, Look]) -> None:
    """Put these in place of what is on the list. Inside ``store.step``."""
    store.connection.execute("DELETE FROM second_looks")
    store.connection.executemany(
        "INSERT INTO second_looks (answer, open, lost) VALUES (?, ?, ?)",
        [(answer, json.dumps(sorted(look.new)), json.dumps(dict(look.was))) for answer, look in sorted(looks.items())],
    )


def coded_by_people(store: Store) -> dict[str, set[str]]:
    """Every answer that a person decided, with the themes given, retired ones among them; none: an empty set."""
    found: dict[str, set[str]] = {}
    for row in store.rows("SELECT answer, theme, decision FROM decisions ORDER BY answer"):
        themes = found.setdefault(row["answer"], set())
        if row["decision"] != "rejected" and row["theme"] != "none":
            themes.add(row["theme"])
    return found


def after(
    held: Mapping[str, Look],
    coded: Coded,
    old: Codebook,
    new: Codebook,
    divided: Mapping[str, Collection[str]],
) -> dict[str, Look]:
    """The list after a change of the codebook, as far as the codebook alone tells.

    An answer comes onto it where a person gave it a theme that was ``divided`` (id to the ids that take its
    place), or where every theme that a person gave it has left the codebook. It leaves the list where all that
    was lost has come back. What software finds of a new theme is told by ``unseen``.
    """
    was = {theme.id: theme.label for theme in old.accepted}
    now = {theme.id: theme.label for theme in new.accepted}
    looks = dict(held)
    for answer, themes in coded.items():
        lost = {theme: was[theme] for theme in sorted(set(themes) & (was.keys() - now))}
        parts = {part: now[part] for theme in lost for part in divided.get(theme, ()) if part in now}
        if lost and (parts or not now.keys() & themes):
            before = looks.get(answer, Look())
            looks[answer] = Look({**before.was, **lost}, {**before.new, **parts})
    kept = {
        answer: Look(
            {theme: label for theme, label in look.was.items() if theme not in now},
            {theme: now[theme] for theme in look.new if theme in now},
        )
        for answer, look in looks.items()
    }
    return {answer: look for answer, look in kept.items() if look.was or look.new}


def unseen(old: Codebook, new: Codebook, divided: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Themes, id to label, that whoever decided before could not choose: in where they were not, and no part of one."""
    known = {theme.id for theme in old.accepted} | {part for parts in divided.values() for part in parts}
    return {theme.id: theme.label for theme in new.accepted if theme.id not in known}


def unheard(store: Store) -> frozenset[str]:
    """Themes that came in later and that nobody could choose, or has chosen, yet: decisions teach nothing of them."""
    chosen = "decision != 'rejected' AND answer NOT IN (SELECT answer FROM second_looks)"
    rows = store.rows(
        "SELECT theme FROM theme_ids WHERE version > 1 AND (theme IN (SELECT theme FROM unseen) "
        f"OR theme NOT IN (SELECT theme FROM decisions WHERE {chosen}))"
    )
    waiting = {theme for row in store.rows("SELECT open FROM second_looks") for theme in json.loads(row["open"])}
    return frozenset({row["theme"] for row in rows} | waiting)


def await_coding(store: Store, old: Codebook, new: Codebook, divided: Mapping[str, Collection[str]]) -> None:
    """Remember which themes software has still to look for in which rounds. Inside ``store.step``."""
    now = {theme.id for theme in new.accepted}
    rows = [(row["theme"],) for row in store.rows("SELECT DISTINCT theme FROM unseen") if row["theme"] not in now]
    store.connection.executemany("DELETE FROM unseen WHERE theme = ?", rows)
    for theme in unseen(old, new, divided):
        store.connection.execute("INSERT INTO unseen (round, theme) SELECT round, ? FROM rounds", (theme,))


def settle(store: Store, codebook: Codebook) -> None:
    """Once rounds are coded with new themes, put decided answers that software gave one of them onto the list."""
    fingerprint = codebook.fingerprint()
    coded = "FROM unseen u JOIN rounds r ON r.round = u.round AND r.codebook = ?"
    if not store.rows(f"SELECT 1 {coded} LIMIT 1", (fingerprint,)):
        return
    labels = {theme.id: theme.label for theme in codebook.accepted}
    found = store.rows(
        f"SELECT DISTINCT c.answer, c.theme {coded} JOIN answers a ON a.round = u.round "
        "JOIN codings c ON c.answer = a.answer AND c.theme = u.theme AND c.coded "
        "WHERE c.answer IN (SELECT answer FROM decisions) AND NOT EXISTS "
        "(SELECT 1 FROM decisions d WHERE d.answer = c.answer AND d.theme = c.theme) ORDER BY c.answer, c.theme",
        (fingerprint,),
    )
    with store.step():
        looks = load(store, codebook)
        for row in found:
            look = looks.get(row["answer"], Look())
            looks[row["answer"]] = Look(look.was, {**look.new, row["theme"]: labels[row["theme"]]})
        save(store, looks)
        store.connection.execute(
            "DELETE FROM unseen WHERE round IN (SELECT round FROM rounds WHERE codebook = ?)", (fingerprint,)
        )
