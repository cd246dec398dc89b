"""What an audit learns from another one: decided answers, without their words unless the person agreed to quotes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.coding import normal
from auditkit.corpus import NONE
from auditkit.errors import AuditkitError
from auditkit.steps import short_hash

if TYPE_CHECKING:
    import numpy as np

    from auditkit.codebook import Codebook
    from auditkit.corpus import Lessons
    from auditkit.store import Store

    Encode = Callable[[Sequence[str]], np.ndarray]

STAND_IN = 0x20000  # first of the rare signs, one an example, that stand where words were left behind
MOST = 40_000  # as many as there are such signs


def refuse_unfit(folder: Path, own: Path) -> None:
    """Raise AuditkitError where the folder holds no audit to learn from, or is the ``own`` one."""
    if folder.resolve() == own.resolve():
        raise AuditkitError("An audit cannot learn from itself.", "Name the folder of another one.")
    if not (folder / "audit.sqlite").is_file():
        raise AuditkitError(f"There is no audit in {folder.resolve()}.", "Name the folder of an earlier audit.")


def take(store: Store, source: str, theirs: Codebook, codebook: Codebook, encode: Encode) -> list[dict[str, Any]]:
    """The answers that people decided in another audit (its store, id and codebook), as rows of the table examples.

    A theme is the same one if it has the same label, whatever its id; an answer whose themes are all unknown here
    is left out. Words come along only of people who agreed to be quoted word for word, and not of answers marked as
    not for quotation; of the others the vector alone. ``encode`` must remember nothing.
    """
    here = {normal(theme.label): theme.id for theme in codebook.accepted}
    known = {theme.id: here.get(normal(theme.label)) for theme in theirs.themes}
    kept = store.frame("SELECT answer, theme FROM decisions WHERE decision != 'rejected' AND unread = 0 ORDER BY rowid")
    themes: dict[str, list[str]] = {}
    for row in kept.itertuples():
        mine = row.theme if row.theme == NONE else known.get(row.theme)
        if mine:
            themes.setdefault(row.answer, []).append(mine)
    quotable = {
        (row["round"], row["pair"], row["respondent"])
        for row in store.rows("SELECT round, pair, respondent FROM people WHERE consent_quote = 'verbatim'")
    }
    barred = {row["answer"] for row in store.rows("SELECT answer FROM notes WHERE not_for_quotation")}
    answers = [
        row
        for row in store.rows("SELECT answer, round, pair, respondent, item, question, text FROM answers")
        if row["answer"] in themes
    ]
    if not answers:
        return []
    vectors = encode([row["text"] for row in answers])
    examples = []
    for row, vector in zip(answers, vectors, strict=True):
        is_free = (row["round"], row["pair"], row["respondent"]) in quotable and row["answer"] not in barred
        example = {
            "source": source,
            "item": row["item"],
            "question": row["question"],
            "text": row["text"] if is_free else "",
            "vector": vector.astype("float32").tobytes(),
            "themes": json.dumps(sorted(themes[row["answer"]])),
        }
        examples.append(example)
    return _named(examples)[:MOST]


def _named(examples: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Examples under names made of what is kept of them and of nothing else: the key of an answer may be a hash of its
    words."""
    seen: Counter[str] = Counter()
    named = []
    for example in sorted(examples, key=lambda one: [str(value) for value in one.values()]):
        name = hashlib.sha256("\x1f".join(map(str, example.values())).encode()).hexdigest()
        seen[name] += 1
        named.append({"example": hashlib.sha256(f"{name} {seen[name]}".encode()).hexdigest()[:16], **example})
    return sorted(named, key=lambda one: str(one["example"]))


def keep(store: Store, rows: Sequence[Mapping[str, Any]], source: str) -> None:
    """Put the examples of an audit in place of those that were taken from it before. Inside ``step``."""
    store.connection.execute("DELETE FROM examples WHERE source = ?", (source,))
    names = ("example", "source", "item", "question", "text", "vector", "themes")
    store.connection.executemany(
        f"INSERT INTO examples ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [tuple(row[name] for name in names) for row in rows],
    )


def added_to(lessons: Lessons, rows: Sequence[Mapping[str, Any]]) -> Lessons:
    """Lessons with examples of other audits among them."""
    import dataclasses

    import numpy as np
    import pandas as pd

    from auditkit.analysis import text_hash

    if not rows:
        return lessons
    answers, decisions = [], []
    vectors: dict[str, np.ndarray] = {}
    for number, row in enumerate(sorted(rows, key=lambda row: str(row["example"]))):
        text = row["text"] or chr(STAND_IN + number)
        if not row["text"]:
            vectors[text] = np.frombuffer(row["vector"], "float32")
        answers.append((row["example"], row["item"], row["question"], text))
        decisions += [(row["example"], text_hash(text), theme, "confirmed") for theme in json.loads(row["themes"])]
    elsewhere = pd.DataFrame(answers, columns=["answer", "item", "question", "text"])
    said = pd.DataFrame(decisions, columns=["answer", "text_hash", "theme", "decision"])
    return dataclasses.replace(
        lessons,
        decisions=pd.concat([lessons.decisions, said], ignore_index=True),
        elsewhere=pd.concat([lessons.elsewhere, elsewhere], ignore_index=True),
        vectors=vectors,
    )


def as_now(rows: Sequence[Mapping[str, Any]], codebook: Codebook, into: Mapping[str, str]) -> list[dict[str, Any]]:
    """Examples under the themes of today: what went ``into`` another theme is that one, and an example of a theme that
    is coded no more teaches nothing, since nobody has said what it would be called now."""
    accepted = {NONE, *(theme.id for theme in codebook.accepted)}
    found = []
    for row in rows:
        themes = {into.get(theme, theme) for theme in json.loads(row["themes"])}
        if themes <= accepted:
            found.append({**row, "themes": json.dumps(sorted(themes))})
    return found


def held(store: Store) -> list[dict[str, Any]]:
    """The examples that an audit holds."""
    return store.rows("SELECT * FROM examples ORDER BY example")


def fingerprint(rows: Sequence[Mapping[str, Any]]) -> str:
    """Over examples and their themes; empty where there are none."""
    said = sorted((str(row["example"]), row["themes"]) for row in rows)
    return short_hash(said) if said else ""
