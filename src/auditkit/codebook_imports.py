"""Another codebook in place of the present one, theme by theme, so that decisions stay where they belong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from auditkit.codebook import LINES, Codebook, Theme, plain
from auditkit.codebook_changes import Change, change, next_ids, statements
from auditkit.codebook_limits import LABEL


def take(codebook: Codebook, other: Codebook, taken: Collection[str]) -> Change:
    """Another codebook in place of the present one, so that every decision stays with its theme.

    A theme of ``other`` is the present one with its label; else the one with its id, if the two share a
    statement or the definition; else it is new, under a new id. One that comes without any statement, as from a
    .qdc, keeps those it has. Present themes that ``other`` lacks are retired.
    """
    by_label = {plain(theme.label): theme for theme in codebook.themes}
    by_id = {plain(theme.id): theme for theme in codebook.themes}
    known: dict[str, Theme] = {}
    for theme in other.themes:
        same = by_label.get(plain(theme.label))
        if same is None and (held := by_id.get(plain(theme.id))) and _akin(held, theme):
            same = held
        if same is not None and same.id not in {one.id for one in known.values()}:
            known[theme.id] = same
    fresh = iter(next_ids(codebook, [*taken, *(theme.id for theme in other.themes)], len(other.themes)))
    ids = {theme.id: known[theme.id].id if theme.id in known else "" for theme in other.themes}
    free = {theme.id for theme in other.themes} - {*by_id, *(theme.id for theme in codebook.themes), *taken}
    ids = {id: given or (id if id in free else next(fresh)) for id, given in ids.items()}
    named = {plain(each): ids[theme.id] for theme in other.themes for each in (theme.id, theme.label)}
    themes = [
        replace(
            _said(theme, known.get(theme.id)),
            id=ids[theme.id],
            parent=named.get(plain(theme.parent), theme.parent),
        )
        for theme in other.themes
    ]
    left = [theme for theme in codebook.themes if theme.id not in ids.values()]
    themes += [replace(theme, status="retired") for theme in left]
    return change("import", [f"The codebook {other.name} is taken over."], codebook, _unique(themes))


def _said(theme: Theme, known: Theme | None) -> Theme:
    """A theme with the sentences that it is known by, where it comes without any."""
    if known is None or statements(theme):
        return theme
    kept = {column: getattr(known, column) for column in sorted(LINES)}
    return replace(theme, **kept)


def _akin(one: Theme, other: Theme) -> bool:
    """Whether two themes share a statement or the definition."""
    shared = {plain(text) for text in statements(one)} & {plain(text) for text in statements(other)}
    return bool(shared) or (bool(one.definition) and plain(one.definition) == plain(other.definition))


def _unique(themes: Sequence[Theme]) -> list[Theme]:
    """Themes whose labels are unique: a retired one that shares its label gets its id behind it."""
    seen: set[str] = set()
    found = []
    for theme in themes:
        behind = f" ({theme.id})"
        label = theme.label if plain(theme.label) not in seen else f"{theme.label[: LABEL - len(behind)]}{behind}"
        seen.add(plain(label))
        found.append(replace(theme, label=label))
    return found
