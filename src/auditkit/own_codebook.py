"""The codebook that lies in an audit folder: read, held against what respondents wrote, never written over unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import codebook as codebooks
from auditkit.codebook_words import Said, refuse_borrowed, texts
from auditkit.files import Meanwhile

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.store import Store


def state(path: Path) -> str:
    """By what it is seen that a file has changed; "" where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def refuse_changed(path: Path, held: str) -> None:
    """Raise Meanwhile where a file is not as it was when it was read."""
    if state(path) != held:
        raise Meanwhile(
            f"{path.name} was changed in the meantime: somebody, or another auditkit, saved it while this command ran.",
            "Nothing was written over it. Run the command again.",
        )


def read(path: Path, store: Store | None) -> Codebook:
    """The codebook of a file, else the shipped one; no id that ever was a theme's is given to another."""
    if not path.exists():
        return codebooks.default()
    if store is None:
        return codebooks.read(path)
    taken = [row["theme"] for row in store.rows("SELECT theme FROM theme_ids")]
    last = store.rows("SELECT codebook FROM codebook_versions WHERE written ORDER BY version DESC LIMIT 1")
    known = [theme for row in last for theme in codebooks.stored(json.loads(row["codebook"])).themes]
    return codebooks.read(path, taken, known)


def said(store: Store, least: int) -> Said:
    """What respondents wrote, in all rounds."""
    rows = store.rows(
        "SELECT round, respondent, text FROM answers UNION "
        "SELECT a.round, a.respondent, e.text FROM excerpts e JOIN answers a ON a.answer = e.answer"
    )
    return Said([(row["round"], row["respondent"], row["text"]) for row in rows], least)


def wrote(frames: Iterable[pd.DataFrame], least: int) -> Said:
    """What respondents wrote in answers that are not stored yet: frames with round, answer, respondent, text."""
    from auditkit.excerpts import split

    rows = []
    for answers in frames:
        who = answers.set_index("answer")[["round", "respondent"]]
        for part in (answers, split(answers)):
            places = who.loc[part["answer"]].itertuples(index=False, name=None)
            rows += [(*place, text) for place, text in zip(places, part["text"], strict=True)]
    return Said(rows, least)


def refuse_words(
    book: Codebook,
    store: Store | None,
    least: int,
    place: str,
    answers: Sequence[pd.DataFrame] | None = None,
    *,
    by_chance: bool = False,
) -> None:
    """Raise AuditkitError where a codebook brings in what a respondent wrote; what an earlier version had stays.

    ``answers``: what is compared, as ``wrote`` takes it, instead of all that the audit holds; ``by_chance`` as in
    ``refuse_borrowed``.
    """
    known = texts(codebooks.default())
    for row in store.rows("SELECT codebook FROM codebook_versions WHERE written") if store is not None else []:
        known |= texts(codebooks.stored(json.loads(row["codebook"])))
    if texts(book) <= known:
        return
    if answers is not None:
        refuse_borrowed(book, known, wrote(answers, least), place, by_chance=by_chance)
    elif store is not None:
        refuse_borrowed(book, known, said(store, least), place, by_chance=by_chance)
