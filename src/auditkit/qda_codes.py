"""The codes of a project as themes of an audit: known ones, renamed ones, and those that a person made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from auditkit import codebook as codebooks
from auditkit import qda
from auditkit.codebook import Codebook, Theme
from auditkit.codebook_codes import is_pole, labels_of
from auditkit.qda import NONE, POLES, Code, plain
from auditkit.qda_project import code_guid

UNKNOWN = "codings whose code is not in the project, or has no name"
RETIRED = "codings with a theme that is retired"


@dataclass(frozen=True)
class Meant:
    """What a code stands for: a theme by id, or ``NONE``. ``pole``: None where the code says none."""

    theme: str
    pole: str | None


class Codes:
    """The codes of a project, beside the codebook of the audit.

    A code is known by its guid, else by its name. One that is neither becomes an accepted theme, but only when
    ``new`` is asked for it: a code that nobody used on an answer is none. A theme whose code has another name now
    is renamed, if no other has that name.
    """

    def __init__(self, audit_id: str, book: Codebook, codes: Iterable[Code], taken: Collection[str]) -> None:
        found = list(qda.every_code(tuple(codes)))
        self._by_guid = {code.guid: (code, above) for code, above in found}
        self._meant: dict[str, Meant | str] = {code_guid(audit_id, NONE): Meant(NONE, None)}
        self._themes = {theme.id: theme for theme in book.themes}
        self._own: dict[str, str] = {}
        for theme in book.themes:
            self._own[code_guid(audit_id, theme.id)] = theme.id
            self._meant[code_guid(audit_id, theme.id)] = Meant(theme.id, None)
            for pole in POLES.values():
                self._meant[code_guid(audit_id, theme.id, pole)] = Meant(theme.id, pole)
        self._before = book
        self._ids = codebooks.free_ids([*self._themes, *taken])
        self.not_renamed: list[str] = []
        self.redescribed = 0
        self._rename([code for code, _ in found if code.guid in self._own])
        self._labels = {_key(theme.label): theme.id for theme in self._themes.values()}
        strange = [(c, above) for c, above in found if c.guid not in self._meant and _key(c.name) not in self._labels]
        self._new_labels = labels_of(strange)

    @property
    def codebook(self) -> Codebook:
        """The codebook with what was renamed, accepted and added."""
        return replace(self._before, themes=tuple(self._themes.values()))

    @property
    def missing(self) -> list[str]:
        """Labels of accepted themes that have no code in the project any more, known by guid or by name."""
        names = {_key(code.name) for code, _ in self._by_guid.values()}
        there = {self._own[guid] for guid in self._by_guid if guid in self._own}
        return [t.label for t in self._before.accepted if t.id not in there and _key(t.label) not in names]

    @property
    def unused(self) -> int:
        """Codes that are no theme: strange to the audit and not used on an answer that it knows."""
        codes = (self._by_guid[guid] for guid in self._new_labels if guid not in self._meant)
        return sum(code.is_codable and not is_pole(code, above) for code, above in codes)

    def new(self, guid: str, coder: str) -> Meant | str:
        """What a code means that ``coder`` has used; else why it means nothing, as it is told to a person."""
        if guid not in self._by_guid and guid not in self._meant:
            return UNKNOWN
        if guid not in self._meant:
            self._meant[guid] = self._by_name(*self._by_guid[guid], coder)
        meant = self._meant[guid]
        if isinstance(meant, Meant) and meant.theme != NONE:
            theme = self._themes[meant.theme]
            if theme.status == "retired":
                return RETIRED
            if theme.status == "suggested":
                self._themes[theme.id] = replace(theme, status="accepted", set_by=coder)
        return meant

    def _rename(self, codes: Iterable[Code]) -> None:
        """Take over the names of the codes that are the audit's accepted themes."""
        names: dict[str, str] = {}
        for code in codes:
            theme = self._themes[self._own[code.guid]]
            written = qda.description(theme.definition, theme.include, theme.exclude)
            self.redescribed += bool(code.description) and plain(code.description) != plain(written)
            name = _as_label(code.name)
            if theme.status == "accepted" and name not in ("", theme.label):
                names[theme.id] = name
        often = Counter(_key(names.get(theme.id, theme.label)) for theme in self._themes.values())
        for id, name in names.items():
            if often[_key(name)] > 1 or _key(name) == NONE:
                self.not_renamed.append(self._themes[id].label)
            else:
                self._themes[id] = replace(self._themes[id], label=name)

    def _by_name(self, code: Code, above: tuple[Code, ...], coder: str) -> Meant | str:
        name, pole = qda.split_pole(code.name)
        if _key(code.name) == NONE:
            return Meant(NONE, None)
        if _key(code.name) in self._labels:
            return Meant(self._labels[_key(code.name)], None)
        if pole and _key(name) in self._labels:
            return Meant(self._labels[_key(name)], pole)
        if above and (_key(code.name) in POLES or is_pole(code, above)):
            parent = self.new(above[-1].guid, coder)
            return replace(parent, pole=pole or POLES[_key(code.name)]) if isinstance(parent, Meant) else parent
        label = _as_label(self._new_labels[code.guid])
        if not label:
            return UNKNOWN
        if _key(label) in self._labels:
            return Meant(self._labels[_key(label)], None)
        id, said = next(self._ids), qda.described(code.description)
        self._themes[id] = Theme(
            id=id,
            label=label,
            definition=said["definition"],
            include=said["include"],
            exclude=said["exclude"],
            parent=self._name_of(above[-1]) if above else "",
            set_by=coder,
        )
        self._labels[_key(label)] = id
        return Meant(id, None)

    def _name_of(self, code: Code) -> str:
        meant = self._meant.get(code.guid)
        known = meant.theme if isinstance(meant, Meant) else self._labels.get(_key(code.name), "")
        return self._themes[known].label if known in self._themes else _as_label(code.name)


def _key(name: str) -> str:
    return plain(name).casefold()


def _as_label(name: str) -> str:
    return " ".join(name.replace(";", ",").split())
