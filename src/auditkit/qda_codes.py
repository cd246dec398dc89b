"""The codes of a project as themes of an audit: known ones, renamed ones, and those that a person made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from auditkit import codebook as codebooks
from auditkit import qda
from auditkit.codebook import Codebook, Theme
from auditkit.codebook_codes import is_pole, labels_of
from auditkit.codebook_limits import label_fault, text_faults
from auditkit.codebook_words import Said
from auditkit.qda import NONE, POLES, Code, plain
from auditkit.qda_past import Past, key
from auditkit.qda_project import code_guid

UNKNOWN = "codings whose code is not in the project, or has no name"
RETIRED = "codings with a theme that is retired"
SPLIT = "codings with a theme that was split since"
BORROWED = (
    "codings with a code whose name or description is a respondent's own words; rename that code in the other "
    "program, in words of your own, and import again"
)
UNFIT = (
    "codings with a code whose name cannot be a label (it is too long, or looks like an id, a pole or a mark); rename "
    "that code in the other program and import again"
)
UNREADABLE = (UNKNOWN, SPLIT, BORROWED, UNFIT)
"""Why a coding says nothing that could be taken over, so that the answer cannot be decided by the others."""


@dataclass(frozen=True)
class Meant:
    """What a code stands for: a theme by id, or ``NONE``. ``pole``: None where the code says none."""

    theme: str
    pole: str | None


class Codes:
    """The codes of a project, beside the codebook of the audit.

    A code is known by its guid, else by its name. One that is neither becomes an accepted theme, but only when
    ``new`` is asked for it: a code that nobody used on an answer is none. A theme whose code has another name now
    is renamed, if no other has that name, and if it was not called so before. ``taken``: ids that were ever a
    theme's; ``past``: what became of them; ``said``: what respondents wrote, which no theme is called.
    """

    def __init__(
        self,
        audit_id: str,
        book: Codebook,
        codes: Iterable[Code],
        taken: Collection[str],
        past: Past | None = None,
        said: Said | None = None,
    ) -> None:
        found = list(qda.every_code(tuple(codes)))
        self._by_guid = {code.guid: (code, above) for code, above in found}
        self._themes = {theme.id: theme for theme in book.themes}
        self._past, self._said = past or Past(), said or Said([], 1)
        self._exported = {code_guid(audit_id, NONE): Meant(NONE, None)}
        self._own: dict[str, str] = {}
        for id in dict.fromkeys([*self._themes, *taken]):
            if id != NONE:
                self._own[code_guid(audit_id, id)] = id
                self._exported[code_guid(audit_id, id)] = Meant(id, None)
                self._exported |= {code_guid(audit_id, id, pole): Meant(id, pole) for pole in POLES.values()}
        self._meant: dict[str, Meant | str] = {}
        self._there = {self._own[code.guid] for code, _ in found if code.guid in self._own}
        self._before = book
        self._ids = codebooks.free_ids([*self._themes, *taken])
        self.not_renamed: list[str] = []
        self.redescribed = self.renamed_before = self.unfit_names = 0
        self._rename([code for code, _ in found if self._own.get(code.guid) in self._themes])
        self._labels = {key(theme.label): theme.id for theme in self._themes.values()}
        strange = [(c, above) for c, above in found if c.guid not in self._exported and not self._known_as(c.name)]
        self._new_labels = labels_of(strange)

    @property
    def codebook(self) -> Codebook:
        """The codebook with what was renamed, accepted and added."""
        return replace(self._before, themes=tuple(self._themes.values()))

    @property
    def missing(self) -> list[str]:
        """Labels of accepted themes that have no code in the project any more, known by guid or by name."""
        named = {self._known_as(code.name) for code, _ in self._by_guid.values()}
        return [t.label for t in self._before.accepted if t.id not in self._there | named]

    @property
    def unused(self) -> int:
        """Codes that are no theme: strange to the audit and not used on an answer that it knows."""
        codes = (self._by_guid[guid] for guid in self._new_labels if guid not in self._meant)
        return sum(code.is_codable and not is_pole(code, above) for code, above in codes)

    def as_exported(self, guid: str) -> Meant | str:
        """What a code meant when the project left the audit, whatever became of that theme since."""
        if guid in self._exported:
            return self._exported[guid]
        if guid not in self._by_guid:
            return UNKNOWN
        code, _ = self._by_guid[guid]
        return self._named(code.name) or UNKNOWN

    def new(self, guid: str, coder: str) -> Meant | str:
        """What a code means that ``coder`` has used; else why it means nothing, as it is told to a person."""
        if guid not in self._meant:
            if guid in self._exported:
                meant: Meant | str = self._exported[guid]
            elif guid in self._by_guid:
                meant = self._by_name(*self._by_guid[guid], coder)
            else:
                meant = UNKNOWN
            self._meant[guid] = self._today(meant, coder) if isinstance(meant, Meant) else meant
        return self._meant[guid]

    def _today(self, meant: Meant, coder: str) -> Meant | str:
        """The theme that one is now; a suggested one is accepted."""
        theme = self._themes.get(meant.theme)
        if meant.theme == NONE or (theme is not None and theme.status == "accepted"):
            return meant
        if theme is not None and theme.status == "suggested":
            self._themes[theme.id] = replace(theme, status="accepted", set_by=coder)
            return meant
        if target := self._past.into.get(meant.theme):
            return replace(meant, theme=target)
        return SPLIT if meant.theme in self._past.divided else RETIRED

    def _rename(self, codes: Iterable[Code]) -> None:
        """Take over the names of the codes that are the audit's accepted themes, if they never had that name."""
        names: dict[str, str] = {}
        for code in codes:
            theme = self._themes[self._own[code.guid]]
            written = plain(qda.description(theme.definition, theme.include, theme.exclude))
            known = {written, *self._past.descriptions.get(theme.id, ())}
            self.redescribed += bool(code.description) and plain(code.description) not in known
            name = _as_label(code.name)
            if theme.status != "accepted" or name in ("", theme.label):
                continue
            if key(name) in self._past.names.get(theme.id, ()) and key(name) != key(theme.label):
                self.renamed_before += 1
            elif label_fault(name) is not None or self._said.is_somebodys(name):
                self.unfit_names += 1
            else:
                names[theme.id] = name
        often = Counter(key(names.get(theme.id, theme.label)) for theme in self._themes.values())
        for id, name in names.items():
            if often[key(name)] > 1:
                self.not_renamed.append(self._themes[id].label)
            else:
                self._themes[id] = replace(self._themes[id], label=name)

    def _known_as(self, name: str) -> str:
        """The theme that is called so; else the one that was, if the project does not know it by its id; else ""."""
        before = self._past.ids.get(key(name), "")
        return self._labels.get(key(name), "") or ("" if before in self._there else before)

    def _named(self, name: str) -> Meant | None:
        """What a name means that the audit knows, with or without a pole."""
        alone, pole = qda.split_pole(name)
        if key(name) == NONE:
            return Meant(NONE, None)
        if id := self._known_as(name):
            return Meant(id, None)
        return Meant(id, pole) if pole and (id := self._known_as(alone)) else None

    def _by_name(self, code: Code, above: tuple[Code, ...], coder: str) -> Meant | str:
        if known := self._named(code.name):
            return known
        name, pole = qda.split_pole(code.name)
        if above and (key(code.name) in POLES or is_pole(code, above)):
            parent = self.new(above[-1].guid, coder)
            return replace(parent, pole=pole or POLES[key(code.name)]) if isinstance(parent, Meant) else parent
        label = _as_label(qda.split_pole(self._new_labels[code.guid])[0] if pole else self._new_labels[code.guid])
        if not label:
            return UNKNOWN
        if key(label) in self._labels:
            return Meant(self._labels[key(label)], pole or None)
        said = qda.described(code.description)
        if any(map(self._said.is_somebodys, (name, label, *said.values()))):
            return BORROWED
        theme = Theme(
            id="",
            label=label,
            definition=said["definition"],
            include=said["include"],
            exclude=said["exclude"],
            parent=self._name_of(above[-1]) if above else "",
            set_by=coder,
        )
        if label_fault(label) is not None or list(text_faults(theme)):
            return UNFIT
        id = next(self._ids)
        self._themes[id] = replace(theme, id=id)
        self._labels[key(label)] = id
        return Meant(id, pole or None)

    def _name_of(self, code: Code) -> str:
        """What the theme above is called; "" where that is a respondent's own words."""
        meant = self._meant.get(code.guid, self._exported.get(code.guid))
        known = meant.theme if isinstance(meant, Meant) else self._labels.get(key(code.name), "")
        if known in self._themes:
            return self._themes[known].label
        return "" if self._said.is_somebodys(code.name) else _as_label(code.name)


def _as_label(name: str) -> str:
    return " ".join(name.replace(";", ",").split())
