"""Changes of a codebook, each a function from the present one to the next; what they mean for decisions."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from auditkit.cells import writable
from auditkit.codebook import COLUMNS, LINES, NUMBERED, Codebook, Theme, begun, plain
from auditkit.codebook_limits import label_fault, text_faults
from auditkit.errors import AuditkitError

POLES = {"good": "statements_good", "poor": "statements_poor", "": "statements"}
"""Pole to the column of its statements."""

STATEMENTS = tuple(POLES.values())
SHORTEST = 3  # words of a statement
NAMED = 5  # themes that a message lists
Rows = Sequence[dict[str, Any]]
"""Decisions on one answer: text_hash, theme, pole, decision, coder, at."""


@dataclass(frozen=True)
class Change:
    """A codebook before and after.

    ``action``: the command; ``said``: what it does, in sentences. ``into``: theme whose decisions become those
    of another. ``divided``: theme to the themes that take its place, so that a person has to choose.
    ``undoes``: number of the version that is taken back, 0 for none; ``suggestion``: the one that is accepted.
    """

    action: str
    said: tuple[str, ...]
    before: Codebook
    after: Codebook
    into: Mapping[str, str] = field(default_factory=dict)
    divided: Mapping[str, Sequence[str]] = field(default_factory=dict)
    undoes: int = 0
    suggestion: str = ""


def find(codebook: Codebook, typed: str, among: Iterable[Theme] = ()) -> Theme:
    """The theme with this id or label, retired ones too, or the only one whose label begins so.

    Raises AuditkitError where there is none, with the nearest, or with those that begin so. ``among``: further
    themes that may be meant.
    """
    themes = [*codebook.themes, *among]
    wanted = plain(typed)
    for theme in themes:
        if wanted and wanted in (plain(theme.id), plain(theme.label)):
            return theme
    begin = begun(themes, typed)
    if len(begin) == 1:
        return begin[0]
    if begin:
        shown = [name(theme) for theme in begin[:NAMED]]
        more = [f"{len(begin) - NAMED} more"] if len(begin) > NAMED else []
        raise AuditkitError(
            f'{len(begin)} themes begin with "{typed}": {_listed([*shown, *more])}.',
            "Write the label out, or the id.",
        )
    names = {plain(name): theme for theme in themes for name in (theme.label, theme.id)}
    near = difflib.get_close_matches(wanted, list(names), n=1, cutoff=0.5)
    meant = f"Did you mean {name(names[near[0]])}? " if near else ""
    raise AuditkitError(f'There is no theme "{typed}".', f"{meant}auditkit codebook show lists them.")


def name(theme: Theme) -> str:
    """How a theme is called in print: T03 "Trust"."""
    return f'{theme.id} "{theme.label}"'


def statements(theme: Theme) -> list[str]:
    """All sentences that stand for a theme, whatever their pole."""
    return [text for column in STATEMENTS for text in getattr(theme, column)]


def above(codebook: Codebook, theme: Theme) -> Theme | None:
    """The theme that one stands under; ``parent`` may be written as id or label."""
    wanted = plain(theme.parent)
    return next((t for t in codebook.themes if wanted and wanted in (plain(t.id), plain(t.label))), None)


def add(codebook: Codebook, theme: Theme, taken: Collection[str]) -> Change:
    """A new theme, under the next free id. Raises AuditkitError for a label that cannot be, or an unknown parent."""
    label = _label(codebook, theme.label)
    parent = _parent(codebook, find(codebook, theme.parent)).id if theme.parent else ""
    new = replace(theme, id=next_ids(codebook, taken, 1)[0], label=label, parent=parent, status="accepted")
    return change("add", [f"{name(new)} is new.", *_unsaid(new)], codebook, [*codebook.themes, new])


def rename(codebook: Codebook, typed: str, label: str) -> Change:
    """Another label; the id stays, and with it every decision."""
    theme = find(codebook, typed)
    new = replace(theme, label=_label(codebook, label, theme))
    if new == theme:
        raise AuditkitError(f"{name(theme)} is called so already.", "Give it another label.")
    said = f'{name(theme)} is now called "{new.label}".'
    return change("rename", [said], codebook, _with(codebook, new, adopt=(theme.id, theme.id)))


def merge(codebook: Codebook, typed: str, into: str) -> Change:
    """The statements and decisions of one theme become those of another; the first is retired, never deleted."""
    old, target = (_accepted(find(codebook, each)) for each in (typed, into))
    if old.id == target.id:
        raise AuditkitError(f"{name(old)} cannot be merged into itself.", "Name two themes.")
    gained = {column: _joined(getattr(target, column), getattr(old, column)) for column in sorted(LINES)}
    parent = old.parent if above(codebook, target) == old else target.parent
    new = replace(target, parent=parent, **gained)  # type: ignore[arg-type]
    themes = _with(codebook, new, replace(old, status="retired"), adopt=(old.id, parent or target.id))
    said = f"{name(old)} goes into {name(target)} and is retired."
    return change("merge", [said, *_gains(target, new)], codebook, themes, into={old.id: target.id})


def split(
    codebook: Codebook,
    typed: str,
    labels: Sequence[str],
    taken: Collection[str],
    share: Mapping[str, int] | None = None,
    definitions: Sequence[str] = (),
) -> Change:
    """New themes in place of one, which is retired.

    ``share``: statement to the place of the label that gets it; a statement not named goes to the first.
    ``definitions`` of the labels, in their order; a part without one keeps that of the old theme, so that its answers
    are still found until somebody has written what sets the parts apart.
    """
    old = _accepted(find(codebook, typed))
    if len(labels) < 2:
        raise AuditkitError(f"{name(old)} is split into two themes or more.", "Give two labels or more.")
    cleaned: list[str] = []
    for each in labels:
        label = _label(codebook, each)
        if plain(label) in map(plain, cleaned):
            raise AuditkitError(f'The label "{label}" is given twice.', "Give each new theme its own.")
        cleaned.append(label)
    if definitions and len(definitions) != len(cleaned):
        raise AuditkitError(
            f"There {'is' if len(definitions) == 1 else 'are'} {_count(len(definitions), 'definition')} for "
            f"{len(cleaned)} themes.",
            'Give --definition once for each label, in their order; "" for one that keeps the old definition.',
        )
    share = share or {}
    own_words = [_line(text) for text in definitions] or [""] * len(cleaned)
    parts = []
    for place, (id, label) in enumerate(zip(next_ids(codebook, taken, len(labels)), cleaned, strict=True)):
        own = {column: tuple(s for s in getattr(old, column) if share.get(s, 0) == place) for column in STATEMENTS}
        note = f"Split from {name(old)}."
        if old.definition and not own_words[place]:
            note += " The definition is that of the old theme: edit it."
        definition = own_words[place] or old.definition
        parts.append(
            Theme(id, label, definition, include=note, expects=old.expects, parent=old.parent, **own)  # type: ignore[arg-type]
        )
    said = [f"{name(old)} is retired; in its place {_listed(map(name, parts))}."]
    said += [
        f"{name(part)} gets {_count(len(statements(part)), 'statement')} of it." for part in parts if statements(old)
    ]
    kept = [name(part) for part, words in zip(parts, own_words, strict=True) if old.definition and not words]
    if kept:
        verb = "keep" if len(kept) > 1 else "keeps"
        said.append(f"{_listed(kept)} {verb} its definition: edit that, or software cannot tell the parts by it.")
    bare = [name(part) for part in parts if not (statements(part) or part.definition)]
    if bare:
        verb, it = ("have", "them") if len(bare) > 1 else ("has", "it")
        said.append(f"{_listed(bare)} {verb} no statement and no definition, so software will hardly find {it}.")
    themes = [*_with(codebook, replace(old, status="retired"), adopt=(old.id, old.parent)), *parts]
    return change("split", said, codebook, themes, divided={old.id: [part.id for part in parts]})


def retire(codebook: Codebook, typed: str) -> Change:
    """A theme that is coded no more; its id, statements and decisions are kept."""
    theme = _accepted(find(codebook, typed))
    themes = _with(codebook, replace(theme, status="retired"), adopt=(theme.id, theme.parent))
    return change("retire", [f"{name(theme)} is retired."], codebook, themes)


def restore(codebook: Codebook, typed: str) -> Change:
    """A retired theme that is coded again, with the decisions that are held on it."""
    theme = find(codebook, typed)
    if theme.status != "retired":
        raise AuditkitError(f"{name(theme)} is not retired: it is {theme.status}.", "Name a retired theme.")
    over = above(codebook, theme)
    kept = over is not None and over.status == "accepted" and not over.parent
    new = replace(theme, status="accepted", parent=theme.parent if kept else "")
    return change("restore", [f"{name(theme)} is coded again."], codebook, _with(codebook, new))


def move(codebook: Codebook, typed: str, parent: str) -> Change:
    """A theme under another one, or on top where ``parent`` is empty. Two levels, and no circle."""
    theme = find(codebook, typed)
    if not parent:
        new, said = replace(theme, parent=""), f"{name(theme)} stands on top."
    else:
        over = _parent(codebook, find(codebook, parent))
        if over.id == theme.id:
            raise AuditkitError(f"{name(theme)} cannot stand under itself.", "Name another theme with --under.")
        below = [other for other in codebook.themes if above(codebook, other) == theme and other.status != "retired"]
        if below:
            raise AuditkitError(
                f"{name(theme)} has themes under it: {_listed(map(name, below))}. There are two levels.",
                "Move those first.",
            )
        new, said = replace(theme, parent=over.id), f"{name(theme)} stands under {name(over)}."
    if new == theme:
        raise AuditkitError(f"{name(theme)} stands there already.", "Name another theme with --under.")
    return change("move", [said], codebook, _with(codebook, new))


def add_statement(codebook: Codebook, typed: str, text: str, pole: str) -> Change:
    """One more sentence that stands for a theme; ``pole`` is good, poor or empty."""
    theme, text = find(codebook, typed), _line(text)
    if pole not in POLES:
        raise AuditkitError(f'There is no pole "{pole}".', "Use good (works well) or poor (problem), or leave it out.")
    if len(text.split()) < SHORTEST:
        raise AuditkitError("The statement is too short to say what is meant.", f"Write {SHORTEST} words or more.")
    held = next((c for c in STATEMENTS if plain(text) in map(plain, getattr(theme, c))), None)
    if held:
        raise AuditkitError(f"{name(theme)} holds this statement already.", "Write another one.")
    column = POLES[pole]
    new = replace(theme, **{column: (*getattr(theme, column), text)})  # type: ignore[arg-type]
    return change("add-statement", _gains(theme, new), codebook, _with(codebook, new))


def accept(codebook: Codebook, suggested: Theme, taken: Collection[str], label: str = "") -> Change:
    """A suggested theme becomes one that is coded."""
    if suggested.status != "suggested":
        raise AuditkitError(
            f"{name(suggested)} is {suggested.status}.",
            "auditkit codebook restore brings a retired theme back."
            if suggested.status == "retired"
            else "Only suggested themes can be accepted: auditkit codebook show lists them.",
        )
    known = suggested in codebook.themes
    id = suggested.id if known else next_ids(codebook, taken, 1)[0]
    wanted = _label(codebook, label or suggested.label, suggested if known else None)
    new = replace(suggested, id=id, label=wanted, status="accepted", set_by="analyst")
    themes = _with(codebook, new) if known else [*codebook.themes, new]
    return change("accept", [f"{name(suggested)} becomes {name(new)}.", *_unsaid(new)], codebook, themes)


def signed(change: Change, who: str) -> Change:
    """The change with the name of whoever makes it on the themes that it brings in."""
    known = {theme.id for theme in change.before.themes}
    suggested = {theme.id for theme in change.before.themes if theme.status == "suggested"}
    themes = [
        replace(theme, set_by=who)
        if theme.set_by == "analyst"
        and (theme.id not in known or (theme.id in suggested and theme.status == "accepted"))
        else theme
        for theme in change.after.themes
    ]
    return replace(change, after=replace(change.after, themes=tuple(themes)))


def moved(rows: Rows, into: Mapping[str, str]) -> list[dict[str, Any]]:
    """The decisions on one answer once themes have gone into others; each keeps who took it.

    Where both themes stood on the answer they become one: the poles together, both where they differ.
    """
    kept = {row["theme"]: row for row in rows if row["theme"] not in into}
    for row in rows:
        if row["theme"] not in into:
            continue
        target = into[row["theme"]]
        new, there = {**row, "theme": target}, kept.get(target)
        if there is None or (there["decision"] == "rejected" and row["decision"] != "rejected"):
            kept[target] = new
        elif row["decision"] != "rejected":
            pole = joined(there["pole"], row["pole"])
            decision = "changed" if there["decision"] == "confirmed" and pole != there["pole"] else there["decision"]
            kept[target] = {**there, "pole": pole, "decision": decision}
    return sorted(kept.values(), key=lambda row: str(row["theme"]))


def joined(one: str, other: str) -> str:
    """The pole of two themes that became one."""
    poles = {one, other} - {""}
    return poles.pop() if len(poles) == 1 else "mixed" if poles else ""


def change(action: str, said: Sequence[str], before: Codebook, themes: Sequence[Theme], **further: Any) -> Change:
    """A change to these themes. Raises AuditkitError where a new one has a text that is too long."""
    held = set(before.themes)
    for theme in themes:
        for column, found, fix in () if theme in held else text_faults(theme):
            raise AuditkitError(f"{name(theme)}, {column}: {found}.", fix)
    return Change(action, tuple(said), before, replace(before, themes=tuple(map(_as_read, themes))), **further)


def _as_read(theme: Theme) -> Theme:
    """A theme as it comes back from a workbook."""
    cells = {name: getattr(theme, name) for name in COLUMNS}
    lines = {name: tuple(dict.fromkeys(filter(None, map(_line, cells.pop(name))))) for name in sorted(LINES)}
    return Theme(**{name: writable(text).strip() for name, text in cells.items()}, **lines)  # type: ignore[arg-type]


def _line(text: str) -> str:
    return " ".join(writable(text).split())


def _with(codebook: Codebook, *changed: Theme, adopt: tuple[str, str] = ("", "")) -> list[Theme]:
    """The themes with some in a new form; ``adopt``: what stood under the first id stands under the second."""
    new = {theme.id: theme for theme in changed}
    old, parent = adopt
    below = {theme.id for theme in codebook.themes if (over := above(codebook, theme)) and over.id == old} - {parent}
    themes = [new.get(theme.id, theme) for theme in codebook.themes]
    return [replace(theme, parent=parent) if theme.id in below else theme for theme in themes]


def _label(codebook: Codebook, text: str, own: Theme | None = None) -> str:
    """A label as it is kept. Raises AuditkitError where it cannot be one, or another theme has it."""
    label = _line(text)
    if (fault := label_fault(label)) is not None:
        raise AuditkitError(f"{fault[0][:1].upper()}{fault[0][1:]}.", fault[1])
    for theme in codebook.themes:
        if own is not None and theme.id == own.id:
            continue
        if plain(label) == plain(theme.label):
            again = f', or bring it back: auditkit codebook restore "{theme.id}"' if theme.status == "retired" else ""
            what = "is called so and is retired" if again else "is called so"
            raise AuditkitError(f"{name(theme)} {what}.", f"Choose another label{again}.")
        if plain(label) == plain(theme.id):
            raise AuditkitError(f'"{label}" is the id of {name(theme)}.', "Choose another label.")
    return label


def _accepted(theme: Theme) -> Theme:
    if theme.status != "accepted":
        verb = "restore" if theme.status == "retired" else "accept"
        raise AuditkitError(
            f"{name(theme)} is {theme.status}: it is not coded.", f"First: auditkit codebook {verb} {theme.id}"
        )
    return theme


def _parent(codebook: Codebook, theme: Theme) -> Theme:
    """A theme that others can stand under. Raises AuditkitError where it stands under one itself, or is not coded."""
    over = above(codebook, _accepted(theme))
    if over:
        raise AuditkitError(
            f"{name(theme)} stands under {name(over)}. There are two levels, so nothing can stand under it.",
            f"Name {name(over)}, or move {theme.id} to the top first.",
        )
    return theme


def next_ids(codebook: Codebook, taken: Collection[str], count: int) -> list[str]:
    numbers = [NUMBERED.fullmatch(id) for id in (*(theme.id for theme in codebook.themes), *taken)]
    last = max((int(number[1]) for number in numbers if number), default=0)
    return [f"T{last + step:02d}" for step in range(1, count + 1)]


def _joined(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    known = {plain(text) for text in one}
    return (*one, *(text for text in other if plain(text) not in known))


def _unsaid(theme: Theme) -> list[str]:
    return [] if statements(theme) else ["It has no statement yet, so software will hardly find it."]


def _gains(old: Theme, new: Theme) -> list[str]:
    gained = len(statements(new)) - len(statements(old))
    return [f"{name(new)} gets {_count(gained, 'statement')} more."] if gained else []


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
