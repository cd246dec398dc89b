"""What a person types into the theme cells of a sheet: labels, with or without a pole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditkit.codebook import begun, plain
from auditkit.corpus import NONE
from auditkit.review_files import SEPARATOR

if TYPE_CHECKING:
    from auditkit.codebook import Codebook

POLES = {
    "works well": "good",
    "good": "good",
    "problem": "poor",
    "poor": "poor",
    "both": "mixed",
    "mixed": "mixed",
    "not clear": "",
}
THEME_CELLS = ("themes", "second theme", "third theme")
SHOWN = 60  # characters of a cell that are repeated


def themes_in(codebook: Codebook, filled: str, pole: str) -> tuple[dict[str, str | None], list[str]]:
    """As ``labels_in``, with the pole that a row gives all its themes, where it does."""
    wanted, wrong = labels_in(codebook, filled)
    of_row = plain(pole)
    if of_row and of_row not in POLES:
        wrong.append(f'pole: "{shortened(pole)}" is none of works well, problem, both')
    elif of_row:
        wanted = dict.fromkeys(wanted, POLES[of_row])
    return wanted, wrong


def labels_in(codebook: Codebook, filled: str) -> tuple[dict[str, str | None], list[str]]:
    """Ids of the themes that a cell names, with the poles it gives, and what is wrong with it."""
    known = {plain(theme.label): theme.id for theme in codebook.accepted}
    known |= {plain(theme.id): theme.id for theme in codebook.accepted}
    parts = [part.strip() for part in filled.split(SEPARATOR) if part.strip()]
    if not parts:
        return {}, ["no label; write none where there is no theme"]
    if NONE in map(plain, parts):
        return {}, [] if len(parts) == 1 else ["none stands beside a label"]
    wanted: dict[str, str | None] = {}
    wrong = []
    for label in parts:
        pole = None
        if plain(label) not in known and label.endswith(")") and "(" in label:
            before, _, inside = label[:-1].rpartition("(")
            if plain(inside) in POLES:
                label, pole = before.strip(), POLES[plain(inside)]
        theme = known.get(plain(label)) or _begun(codebook, label)
        if theme is None:
            wrong.append(f'there is no theme "{shortened(label)}"{_gone(codebook, label) or _near(codebook, label)}')
        elif wanted.get(theme) is not None and pole is not None and wanted[theme] != pole:
            wrong.append(f'"{label}" stands there with two poles; (both) says so')
        else:
            wanted[theme] = wanted.get(theme) if pole is None else pole
    return wanted, wrong


def _begun(codebook: Codebook, typed: str) -> str | None:
    """The only theme whose label begins so; none where a label that is no longer in use reads just so."""
    found = begun(codebook.themes, typed)
    return found[0].id if len(found) == 1 and found[0].status == "accepted" else None


def shortened(typed: str) -> str:
    """A cell as it is repeated in a message."""
    return typed if len(typed) <= SHOWN else f"{typed[:SHOWN]}..."


def _gone(codebook: Codebook, label: str) -> str:
    retired = {plain(theme.label) for theme in codebook.themes if theme.status == "retired"}
    return " any longer: it was retired, merged or split" if plain(label) in retired else ""


def _near(codebook: Codebook, label: str) -> str:
    import difflib

    labels = {plain(theme.label): theme.label for theme in codebook.accepted}
    near = difflib.get_close_matches(plain(label[:200]), list(labels), n=1, cutoff=0.5)
    return f'; did you mean "{labels[near[0]]}"?' if near else ""
