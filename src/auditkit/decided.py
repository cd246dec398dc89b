"""What people decided, as the store keeps it: decisions, the words that carry them, notes on answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditkit import audit_log, experience, second_looks, theme_moves
from auditkit.errors import AuditkitError
from auditkit.steps import short_hash

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.corpus import Lessons
    from auditkit.store import Store

COLUMNS = ("answer", "text_hash", "theme", "pole", "decision", "coder")
DECISION = ("text_hash", "theme", "pole", "decision")
READ = "unread = 0 AND answer NOT IN (SELECT answer FROM second_looks)"
"""Of decisions: those that were taken by reading, under a codebook that left no doubt of them since."""

NOTES = ("memo", "quote", "paraphrase", "not_for_quotation")

NOBODY = ("machine", "auditkit")
LONGEST_NAME = 40

Rows = Sequence[Mapping[str, Any]]
Decisions = Mapping[str, set[tuple[str, ...]]]
"""By answer: text_hash, theme, pole, decision, coder."""


@dataclass(frozen=True)
class Verdict:
    """What one person decided: ``decisions`` (answer, text_hash, theme, pole, decision), ``spans`` of the words
    that carry a theme (answer, theme, start, end), ``notes`` (answer and NOTES). A decision may have a ``coder`` of
    its own. ``unread``: taken over from the software without having been read; ``blind``: decided without being
    shown the round, the pair and the role.
    """

    decisions: Rows
    spans: Rows = ()
    notes: Rows = ()
    unread: bool = False
    blind: bool = False


def person(typed: str, what: str = "a coder", option: str = "--coder", also: Sequence[str] = ()) -> str:
    """A person's name or initials as they are kept. Raises AuditkitError for what cannot be one; ``also``: further
    names that nobody has."""
    name = " ".join(typed.split())
    if not name or name.casefold() in (*NOBODY, *also) or len(name) > LONGEST_NAME:
        raise AuditkitError(f'"{typed}" cannot be {what}.', f"Give a name or initials with {option}.")
    return name


def decisions(store: Store) -> pd.DataFrame:
    """answer, text_hash, theme, pole, decision, coder, at, unread, blind."""
    return store.frame(f"SELECT {', '.join(COLUMNS)}, at, unread, blind FROM decisions ORDER BY answer, theme")


def spans(store: Store) -> pd.DataFrame:
    """answer, theme, start, end, coder: words that a person chose as what carries a theme."""
    return store.frame('SELECT answer, theme, start, "end", coder FROM spans ORDER BY answer, theme, start')


def notes(store: Store) -> pd.DataFrame:
    """answer, memo, quote, paraphrase, not_for_quotation, coder, at."""
    return store.frame(f"SELECT answer, {', '.join(NOTES)}, coder, at FROM notes ORDER BY answer")


def fingerprint(store: Store, rounds: Sequence[str]) -> str:
    """Eight hex digits over all decisions on answers of these rounds, and which of them need another look; empty
    where there are none."""
    marks = ", ".join("?" * len(rounds))
    rows = store.rows(
        f"SELECT {', '.join('d.' + name for name in COLUMNS)} FROM decisions d JOIN answers a "
        f"ON a.answer = d.answer WHERE a.round IN ({marks}) ORDER BY d.answer, d.theme",
        list(rounds),
    )
    rows += store.rows(
        f"SELECT l.* FROM second_looks l JOIN answers a ON a.answer = l.answer WHERE a.round IN ({marks}) "
        "ORDER BY l.answer",
        list(rounds),
    )
    return short_hash(rows) if rows else ""


def reviewed(store: Store, name: str) -> tuple[int, int]:
    """How many answers a round has, and on how many a decision stands, as ``CodedRound.reviewed`` counts them."""
    from auditkit.analysis import text_hash

    answers = store.rows("SELECT answer, text FROM answers WHERE round = ?", (name,))
    held: dict[str, set[str]] = {}
    for row in store.rows(
        "SELECT answer, text_hash FROM decisions WHERE answer NOT IN (SELECT answer FROM second_looks)"
    ):
        held.setdefault(row["answer"], set()).add(row["text_hash"])
    return len(answers), sum(held.get(row["answer"]) == {text_hash(row["text"])} for row in answers)


def taught(store: Store) -> str:
    """Eight hex digits over all that the coder learns from; empty where nobody has read anything."""
    rows = store.rows(
        f"SELECT answer, {', '.join(DECISION)} FROM decisions WHERE {READ} ORDER BY answer, theme, pole, decision"
    )
    examples = experience.fingerprint(experience.held(store))
    return short_hash([rows, examples, sorted(second_looks.unheard(store))]) if rows or examples else ""


def lessons(store: Store, codebook: Codebook, rounds: Sequence[str], examples: Rows = ()) -> Lessons:
    """What people decided, and the answers of other rounds than these that they decided about; and examples of
    other audits, ``examples`` in place of those held of the same audit, under the themes of ``codebook``."""
    from auditkit.analysis import CODINGS
    from auditkit.corpus import Lessons

    read = f"answer IN (SELECT answer FROM decisions WHERE {READ})"
    marks = ", ".join("?" * len(rounds))
    elsewhere = store.frame(
        f"SELECT answer, item, question, text FROM answers WHERE {read} AND round NOT IN ({marks}) ORDER BY rowid",
        list(rounds),
    )
    shown = store.frame(
        f"SELECT {', '.join(CODINGS)} FROM codings WHERE answer IN (SELECT answer FROM decisions) ORDER BY rowid"
    )
    known = store.frame(f"SELECT {', '.join(COLUMNS)} FROM decisions WHERE {READ} ORDER BY answer, theme")
    new = {row["source"] for row in examples}
    others = [row for row in experience.held(store) if row["source"] not in new]
    mine = Lessons(known, elsewhere, shown, unheard=second_looks.unheard(store))
    into = theme_moves.gone_into(store, codebook)
    return experience.added_to(mine, experience.as_now([*others, *examples], codebook, into))


def put(store: Store, verdict: Verdict, coder: str, codebook: str) -> int:
    """Store what a person decided, in place of what stood there, which is kept as history. Inside ``step``.

    An answer decided just so by the same person before is left alone, whatever the software had suggested then
    and suggests now; returns how many were not.
    """
    wanted: dict[str, set[tuple[str, ...]]] = {}
    for row in verdict.decisions:
        who = row.get("coder", coder)
        wanted.setdefault(row["answer"], set()).add((*(row[name] for name in DECISION), who))
    held: dict[str, set[tuple[str, ...]]] = {}
    unread = {row["answer"] for row in store.rows("SELECT answer FROM decisions WHERE unread = 1")}
    for known in store.rows(f"SELECT answer, {', '.join(DECISION)}, coder FROM decisions"):
        held.setdefault(known.pop("answer"), set()).add(tuple(known.values()))
    at, changed, name = audit_log.now(), 0, store.blind_id
    for answer, decided in sorted(wanted.items(), key=lambda item: store.blind_id(item[0])):
        store.connection.execute("DELETE FROM second_looks WHERE answer = ?", (answer,))
        before, after = _kept(held.get(answer, set())), _kept(decided)
        if before == after and (verdict.unread or answer not in unread):
            continue
        remove(store, answer, at)
        store.connection.executemany(
            "INSERT INTO decisions (answer, text_hash, theme, pole, decision, coder, at, unread, blind) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(answer, *parts, at, int(verdict.unread), int(verdict.blind)) for parts in sorted(decided)],
        )
        said = [[[theme, pole] for _, theme, pole, _ in sorted(rows)] for rows in (before, after)]
        action = "accept unread" if verdict.unread else "decide blind" if verdict.blind else "decide"
        who = ", ".join(sorted({parts[-1] for parts in decided}))
        audit_log.append(store, who, action, name(answer), before=said[0], after=said[1], codebook=codebook)
        changed += 1
    _put_spans(store, verdict, coder, wanted, held)
    _put_notes(store, verdict.notes, coder)
    return changed


OF_AN_ANSWER = ("decisions", "spans", "second_looks")
"""Tables with what is decided on an answer, and whether that needs another look."""


def standing(store: Store, answer: str) -> dict[str, Rows]:
    """All that is decided on an answer, by table."""
    return {table: store.rows(f"SELECT * FROM {table} WHERE answer = ?", (answer,)) for table in OF_AN_ANSWER}


def put_back(store: Store, answer: str, earlier: Mapping[str, Rows]) -> None:
    """Put what ``standing`` said in place of what is decided now, which goes into the history. Inside ``step``."""
    remove(store, answer, audit_log.now())
    for table, rows in earlier.items():
        store.connection.execute(f"DELETE FROM {table} WHERE answer = ?", (answer,))
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" * len(row))
            store.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))


def remove(store: Store, answer: str, at: str) -> None:
    """Take the decision on an answer out of force, into the history. Inside ``step``."""
    store.connection.execute(
        f"INSERT INTO earlier_decisions ({', '.join(COLUMNS)}, at, until) "
        f"SELECT {', '.join(COLUMNS)}, at, ? FROM decisions WHERE answer = ?",
        (at, answer),
    )
    store.connection.execute("DELETE FROM decisions WHERE answer = ?", (answer,))


def _put_spans(store: Store, verdict: Verdict, coder: str, wanted: Decisions, held: Decisions) -> None:
    """Words that carry a theme, in place of those chosen before; a theme that stays keeps its words if none are new and
    the text is the one that they were chosen in."""
    new = {(row["answer"], row["theme"]) for row in verdict.spans}
    for answer, decided in wanted.items():
        same_text = {text for text, *_ in decided} == {text for text, *_ in held.get(answer, set())}
        stay = {theme for _, theme, _, decision, _ in decided if decision != "rejected"} if same_text else set()
        for row in store.rows("SELECT DISTINCT theme FROM spans WHERE answer = ?", (answer,)):
            if row["theme"] not in stay or (answer, row["theme"]) in new:
                place = (answer, row["theme"])
                store.connection.execute("DELETE FROM spans WHERE answer = ? AND theme = ?", place)
    store.connection.executemany(
        'INSERT INTO spans (answer, theme, start, "end", coder, at) VALUES (?, ?, ?, ?, ?, ?)',
        [(row["answer"], row["theme"], row["start"], row["end"], coder, audit_log.now()) for row in verdict.spans],
    )


def _put_notes(store: Store, notes: Rows, coder: str) -> None:
    for row in sorted(notes, key=lambda row: store.blind_id(row["answer"])):
        store.connection.execute("DELETE FROM notes WHERE answer = ?", (row["answer"],))
        if any(row[name] for name in NOTES):
            store.connection.execute(
                f"INSERT INTO notes (answer, {', '.join(NOTES)}, coder, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row["answer"], *(row[name] for name in NOTES), row.get("coder", coder), audit_log.now()),
            )
        marks = sorted(name for name in NOTES if row[name])
        audit_log.append(store, coder, "note", store.blind_id(row["answer"]), after=marks)


def _kept(rows: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Of decisions (text_hash, theme, pole, decision, coder) what an answer has in the end, and by whom."""
    return {(*parts, coder) for *parts, decision, coder in rows if decision != "rejected"}
