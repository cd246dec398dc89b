"""What second coders set, as audit.sqlite holds it, beside what the first coder had decided by then."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditkit import audit_log
from auditkit.codebook_changes import joined
from auditkit.store import Store

Themes = Mapping[str, str]
"""Theme id to pole (good, poor, mixed, or "" where none was said); empty: the answer has no theme."""


@dataclass(frozen=True)
class SecondCoding:
    """One answer, coded by two people, neither of whom knew what the other had set.

    ``draw``: the number of the sample that the answer was in. ``first_themes`` are kept as they were when the
    second coder's sheet was first taken over: what the two agree on in their talk is no agreement of two coders.
    ``at`` and ``first_at``: ISO times. ``codebook``: fingerprint of the codebook in force.
    """

    answer: str
    text_hash: str
    draw: int
    coder: str
    at: str
    themes: Themes
    first_coder: str
    first_at: str
    first_themes: Themes
    codebook: str

    @property
    def is_repeat(self) -> bool:
        """Whether one person coded the answer twice."""
        return same_person(self.coder, self.first_coder)


def same_person(one: str, other: str) -> bool:
    """Whether two coders' names are one; case and blanks do not count."""
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def load(store: Store) -> list[SecondCoding]:
    """All of them, by draw, coder and answer."""
    rows = store.rows("SELECT * FROM second_codings ORDER BY draw, coder, answer")
    return [
        SecondCoding(
            **row | {"themes": json.loads(row["themes"]), "first_themes": json.loads(row["first_themes"])},
        )
        for row in rows
    ]


def moved(codings: Sequence[SecondCoding], into: Mapping[str, str]) -> list[SecondCoding]:
    """Codings once themes have gone into others, as the first coder's decisions have: id to id."""
    return [
        replace(one, themes=_moved(one.themes, into), first_themes=_moved(one.first_themes, into)) for one in codings
    ]


def _moved(themes: Themes, into: Mapping[str, str]) -> Themes:
    found: dict[str, str] = {}
    for theme, pole in themes.items():
        target = into.get(theme, theme)
        found[target] = joined(found.get(target, ""), pole)
    return found


def put(store: Store, codings: Sequence[SecondCoding], coder: str) -> None:
    """Store codings, in place of earlier ones of the same answer, draw and coder. Inside ``Store.step``.

    What the first coder had set stays as it was first stored, unless the answer's text has changed since.
    """
    held = {(known.answer, known.draw, known.coder): known for known in load(store)}
    name = store.blind_id
    for coding in sorted(codings, key=lambda one: store.blind_id(one.answer)):
        known = held.get((coding.answer, coding.draw, coding.coder))
        if known and known.text_hash == coding.text_hash:
            if known.themes == coding.themes:
                continue
            first = (known.first_coder, known.first_at, known.first_themes)
            coding = replace(coding, first_coder=first[0], first_at=first[1], first_themes=first[2])
        store.connection.execute(
            "INSERT OR REPLACE INTO second_codings (answer, text_hash, draw, coder, at, themes, first_coder, first_at, "
            "first_themes, codebook) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(coding.answer, coding.text_hash, coding.draw, coding.coder, coding.at, _text(coding.themes)),
                *(coding.first_coder, coding.first_at, _text(coding.first_themes), coding.codebook),
            ),
        )
        before = sorted(known.themes) if known else None
        after = sorted(coding.themes)
        audit_log.append(
            store, coder, "code again", name(coding.answer), before=before, after=after, codebook=coding.codebook
        )


def _text(themes: Themes) -> str:
    return json.dumps(dict(sorted(themes.items())))
