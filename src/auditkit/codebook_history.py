"""The versions of an audit's codebook: who changed what, when and why, and what came of decisions by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from auditkit import audit_log, decided, second_looks
from auditkit import codebook as codebooks
from auditkit.codebook import Codebook
from auditkit.codebook_changes import Change, moved
from auditkit.errors import AuditkitError
from auditkit.files import Meanwhile, replacing

if TYPE_CHECKING:
    from auditkit.analysis import Look
    from auditkit.audit import Audit
    from auditkit.store import Store

BY_HAND, SOFTWARE = "by hand", "auditkit"
ROW = ("text_hash", "theme", "pole", "decision", "coder", "at", "unread", "blind")
SPAN = ("theme", "start", "end", "coder", "at")


@dataclass(frozen=True)
class Version:
    """One state of the codebook. ``at``: UTC, ISO. ``said``: what changed, in sentences; ``undoes``: the version
    that it takes back, or 0; ``divided``: theme to the themes that took its place."""

    version: int
    at: str
    author: str
    action: str
    reason: str
    said: tuple[str, ...]
    fingerprint: str
    codebook: Codebook
    undoes: int
    divided: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Effects:
    """What a change does to decisions: ``moves`` answer to its decisions before and after; ``joined`` answers on
    which two themes became one, ``both`` those of them whose poles differ; ``kept`` answers that undo leaves as
    they were decided since; ``looks``: the list of answers that need another look."""

    moves: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]]
    joined: int
    both: int
    kept: tuple[str, ...]
    looks: dict[str, Look]


def versions(audit: Audit) -> list[Version]:
    """Every version, the first one first; none before the first analysis."""
    rows = audit.store.rows("SELECT * FROM codebook_versions WHERE written ORDER BY version") if audit.exists else []
    return [_version(row) for row in rows]


def latest(audit: Audit) -> Version | None:
    """The version in force."""
    query = "SELECT * FROM codebook_versions WHERE written ORDER BY version DESC LIMIT 1"
    rows = audit.store.rows(query) if audit.exists else []
    return _version(rows[0]) if rows else None


def earlier(audit: Audit, fingerprint: str) -> Codebook | None:
    """An earlier codebook by its fingerprint; None for the present one, or one that this audit never had."""
    if fingerprint == audit.codebook.fingerprint():
        return None
    found = [one.codebook for one in versions(audit) if one.fingerprint == fingerprint]
    return found[-1] if found else None


def ids(audit: Audit) -> dict[str, int]:
    """Every id that a theme of this audit ever had, with the version in which it came."""
    return {row["theme"]: row["version"] for row in audit.store.rows("SELECT theme, version FROM theme_ids")}


def author(audit: Audit, said: str | None) -> str:
    """Who makes a change: as said, else as last time. Raises AuditkitError where nobody is named."""
    held = audit.store.rows("SELECT value FROM audit WHERE name = 'author'")
    name = " ".join((said if said is not None else held[0]["value"] if held else "").split())
    if not name:
        raise AuditkitError("Nobody is named who makes this change.", "Give a name or initials with --author NAME.")
    return decided.person(name, "an author", "--author", also=(BY_HAND,))


def same(one: Codebook, other: Codebook) -> bool:
    """Whether two codebooks hold the same themes, in any order."""
    return {theme.id: theme for theme in one.themes} == {theme.id: theme for theme in other.themes}


def by_hand(audit: Audit) -> list[str]:
    """What a person changed in codebook.xlsx since the last version, in sentences."""
    last = latest(audit)
    if last is None or same(last.codebook, audit.codebook):
        return []
    return codebooks.diff(last.codebook, audit.codebook) or ["Who set a theme has changed."]


def is_behind(audit: Audit) -> bool:
    """Whether the codebook in hand is no version yet, or a change was cut off."""
    last = latest(audit)
    cut_off = audit.store.rows("SELECT 1 FROM codebook_versions WHERE NOT written")
    return last is None or bool(cut_off) or not same(last.codebook, audit.codebook)


def take_up(audit: Audit) -> None:
    """Make a version of the codebook that lies in the audit folder, if it is not one yet.

    Call it when codebook.xlsx is as ``audit.codebook`` says. Finishes a change that was cut off.
    """
    recover(audit)
    last, present, source = latest(audit), audit.codebook, audit.codebook_source
    if last is None:
        said = [f"{len(present.accepted)} themes, as first analysed."]
        first = Change("first", tuple(said), replace(present, themes=()), present)
        shipped = same(present, codebooks.default())
        _record(audit, first, SOFTWARE if shipped else BY_HAND, f"from {source}" if source else "")
    elif not same(last.codebook, present):
        changes = codebooks.diff(last.codebook, present) or ["Who set a theme has changed."]
        action, reason = ("import", f"from {source}") if source else ("edit", "changed in codebook.xlsx")
        _record(audit, Change(action, tuple(changes), last.codebook, present), BY_HAND, reason)
    second_looks.settle(audit.store, present)


def commit(
    audit: Audit,
    change: Change,
    who: str,
    reason: str,
    write: Callable[[], None],
    beside: Callable[[Callable[[], None]], object] | None = None,
) -> int:
    """Carry a change out: codebook.xlsx (by ``write``) and decisions, all of it or nothing; the version's number.

    The version is noted down first. Killed in between, ``recover`` tells by codebook.xlsx whether it took place.
    ``beside``: one step of the store that does something else as well, and what it is given last.
    """
    held = audit.codebook_path.read_bytes() if audit.codebook_path.exists() else None
    with audit.store.step():
        number = _insert(audit, change, who, reason, is_beside=beside is not None)

    def carry_out() -> None:
        _carry_out(audit.store, number, change, who)
        write()

    try:
        audit.codebook = change.after
        if beside is not None:
            beside(carry_out)
        else:
            with audit.store.step():
                carry_out()
    except BaseException as error:
        audit.codebook = change.before
        if held is not None and not isinstance(error, Meanwhile) and audit.codebook_path.read_bytes() != held:
            with replacing(audit.codebook_path) as temporary:
                temporary.write_bytes(held)
        with audit.store.step():
            _forget(audit.store, number)
        raise
    return number


def recover(audit: Audit) -> None:
    """Finish a change that was cut off, or forget it, as codebook.xlsx shows.

    One that something else belonged to is forgotten, and ``audit.codebook`` is as it was before: write it.
    """
    for row in audit.store.rows("SELECT * FROM codebook_versions WHERE NOT written ORDER BY version"):
        cut, last = _version(row), latest(audit)
        with audit.store.step():
            means = json.loads(row["means"])
            is_beside = means.pop("beside", False)
            if last is None or not same(cut.codebook, audit.codebook):
                _forget(audit.store, cut.version)
            elif is_beside:
                _forget(audit.store, cut.version)
                audit.codebook = last.codebook
            else:
                change = Change(cut.action, cut.said, last.codebook, cut.codebook, **means)
                _carry_out(audit.store, cut.version, change, cut.author)


def undo(audit: Audit) -> Change:
    """The change that takes the latest version back that is not taken back yet. Raises AuditkitError at the first."""
    held = versions(audit)
    gone = {one.undoes for one in held}
    left = [one for one in held if not one.undoes and one.version not in gone]
    if len(left) < 2:
        raise AuditkitError("There is nothing to undo: this is the first version.", "auditkit codebook history")
    last = left[-1]
    before = next(one for one in reversed(held) if one.version < last.version)
    said = f"Version {last.version} ({last.action}) is taken back: {last.said[0]}"
    parts = {part: theme for theme, parts in last.divided.items() for part in parts}  # decided since: the whole again
    return Change("undo", (said,), audit.codebook, before.codebook, into=parts, undoes=last.version)


def effects(store: Store, change: Change) -> Effects:
    """What a change would do to the decisions in the store. Nothing is changed."""
    held: dict[str, list[dict[str, Any]]] = {}
    for row in store.rows(f"SELECT answer, {', '.join(ROW)} FROM decisions ORDER BY answer, theme"):
        held.setdefault(row.pop("answer"), []).append(row)
    moves, kept, joined, both = {}, [], 0, 0
    for answer, rows in held.items():
        if not {row["theme"] for row in rows} & (change.into.keys() | change.divided.keys()):
            continue
        after = moved(rows, change.into)
        moves[answer] = (rows, after)
        given = {row["theme"]: row["pole"] for row in rows if row["decision"] != "rejected"}
        for old, new in change.into.items():
            joined += old in given and new in given
            both += old in given and new in given and len({given[old], given[new]} - {""}) > 1
    if change.undoes:
        query = "SELECT answer, before, after FROM decisions_moved WHERE version = ? ORDER BY answer"
        for row in store.rows(query, (change.undoes,)):
            answer, before, after = row["answer"], *(json.loads(row[k])["decisions"] for k in ("before", "after"))
            if held.get(answer) != after:
                kept += [answer] if answer not in moves else []
            elif before != after:
                moves[answer] = (after, before)
    coded = second_looks.coded_by_people(store)
    for answer, (_, after) in moves.items():
        coded[answer] = {r["theme"] for r in after if r["decision"] != "rejected" and r["theme"] != "none"}
    list_now = second_looks.load(store, change.before)
    looks = second_looks.after(list_now, coded, change.before, change.after, change.divided)
    return Effects(moves, joined, both, tuple(kept), looks)


def _record(audit: Audit, change: Change, who: str, reason: str) -> None:
    with audit.store.step():
        number = _insert(audit, change, who, reason)
        _carry_out(audit.store, number, change, who)


def _insert(audit: Audit, change: Change, who: str, reason: str, *, is_beside: bool = False) -> int:
    means: dict[str, Any] = {"into": dict(change.into), "divided": dict(change.divided), "undoes": change.undoes}
    means |= {"beside": True} if is_beside else {}
    number = audit.store.rows("SELECT coalesce(max(version), 0) + 1 AS next FROM codebook_versions")[0]["next"]
    audit.store.connection.execute(
        "INSERT INTO codebook_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            audit_log.now(),
            who,
            change.action,
            reason,
            json.dumps(change.said),
            change.after.fingerprint(),
            json.dumps([asdict(theme) for theme in change.after.themes]),
            json.dumps(means),
            0,
        ),
    )
    return int(number)


def _carry_out(store: Store, number: int, change: Change, who: str) -> None:
    """Decisions, the list of second looks and the log, as a change means it. Inside ``store.step``."""
    found, connection, name = effects(store, change), store.connection, store.blind_id
    fingerprint = change.after.fingerprint()
    for answer, (before, after) in sorted(found.moves.items(), key=lambda move: store.blind_id(move[0])):
        spans = _spans(store, answer)
        moved_spans = _spans_after(store, answer, spans, change)
        connection.execute(
            "INSERT INTO decisions_moved (version, answer, before, after) VALUES (?, ?, ?, ?)",
            (
                number,
                answer,
                json.dumps({"decisions": before, "spans": spans}),
                json.dumps({"decisions": after, "spans": moved_spans}),
            ),
        )
        if before != after:
            decided.remove(store, answer, audit_log.now())
            _put(store, "decisions", ROW, answer, after)
            said = [sorted([row["theme"], row["pole"]] for row in rows) for rows in (before, after)]
            action = f"codebook version {number}: {change.action}"
            audit_log.append(store, who, action, name(answer), before=said[0], after=said[1], codebook=fingerprint)
        if spans != moved_spans:
            connection.execute("DELETE FROM spans WHERE answer = ?", (answer,))
            _put(store, "spans", SPAN, answer, moved_spans)
    second_looks.save(store, found.looks)
    second_looks.await_coding(store, change.before, change.after, change.divided)
    for theme in change.after.themes:
        connection.execute(
            "INSERT INTO theme_ids VALUES (?, ?, ?) ON CONFLICT (theme) DO UPDATE SET label = excluded.label",
            (theme.id, theme.label, number),
        )
    if who not in (BY_HAND, *decided.NOBODY):
        connection.execute("INSERT OR REPLACE INTO audit VALUES ('author', ?)", (who,))
    done = connection.execute("UPDATE codebook_versions SET written = 1 WHERE version = ?", (number,))
    if not done.rowcount:
        raise AuditkitError(
            "Another auditkit changes this codebook.", "Wait for it to end, then run the command again."
        )
    if change.action != "first":
        audit_log.append(store, who, f"codebook {change.action}", f"version {number}", codebook=fingerprint)


def _forget(store: Store, number: int) -> None:
    store.connection.execute("DELETE FROM codebook_versions WHERE version = ?", (number,))


def _version(row: dict[str, Any]) -> Version:
    return Version(
        version=row["version"],
        at=row["at"],
        author=row["author"],
        action=row["action"],
        reason=row["reason"],
        said=tuple(json.loads(row["said"])),
        fingerprint=row["fingerprint"],
        codebook=codebooks.stored(json.loads(row["codebook"])),
        undoes=json.loads(row["means"])["undoes"],
        divided=json.loads(row["means"])["divided"],
    )


def _spans(store: Store, answer: str) -> list[dict[str, Any]]:
    """The words that people chose in an answer."""
    return store.rows(
        'SELECT theme, start, "end", coder, at FROM spans WHERE answer = ? ORDER BY theme, start', (answer,)
    )


def _spans_after(store: Store, answer: str, spans: list[dict[str, Any]], change: Change) -> list[dict[str, Any]]:
    """The same once themes have gone into others, or come back."""
    if change.undoes:
        query = "SELECT before FROM decisions_moved WHERE version = ? AND answer = ?"
        return list(json.loads(store.rows(query, (change.undoes, answer))[0]["before"])["spans"])
    return [{**span, "theme": change.into.get(span["theme"], span["theme"])} for span in spans]


def _put(store: Store, table: str, columns: Sequence[str], answer: str, rows: Sequence[Mapping[str, Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    store.connection.executemany(
        f"INSERT INTO {table} (answer, {names}) VALUES ({', '.join('?' * (len(columns) + 1))})",
        [(answer, *(row[name] for name in columns)) for row in rows],
    )
