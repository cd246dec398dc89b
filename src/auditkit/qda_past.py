"""What the themes of an audit were called before, and what became of them: a project may have left it long ago."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditkit import qda
from auditkit.qda import plain

if TYPE_CHECKING:
    from auditkit.codebook_history import Version


@dataclass(frozen=True)
class Past:
    """``ids``: a name that a theme had to its id, the latest where several had it; ``names`` and ``descriptions``, as
    ``key`` and ``qda.plain`` make them, by id. ``into``: a theme that is coded no more to the one that it has gone
    into; ``divided``: those that were split."""

    ids: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Collection[str]] = field(default_factory=dict)
    descriptions: Mapping[str, Collection[str]] = field(default_factory=dict)
    into: Mapping[str, str] = field(default_factory=dict)
    divided: Collection[str] = ()


def of(versions: Iterable[Version], into: Mapping[str, str]) -> Past:
    """The past that the versions of a codebook tell, the first one first; ``into`` as in ``Past``."""
    ids: dict[str, str] = {}
    names: dict[str, set[str]] = {}
    descriptions: dict[str, set[str]] = {}
    divided: set[str] = set()
    for version in versions:
        for theme in version.codebook.themes:
            ids[key(theme.label)] = theme.id
            names.setdefault(theme.id, set()).add(key(theme.label))
            described = plain(qda.description(theme.definition, theme.include, theme.exclude))
            descriptions.setdefault(theme.id, set()).add(described)
        divided |= version.divided.keys()
    return Past(ids, names, descriptions, into, divided)


def key(name: str) -> str:
    """A name as names are compared."""
    return plain(name).casefold()
