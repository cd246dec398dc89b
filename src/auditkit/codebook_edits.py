"""Changing an audit's codebook: what a change would do, and doing it. Nothing here prints."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import (
    codebook,
    codebook_changes,
    codebook_check,
    codebook_history,
    codebook_imports,
    holdings,
    outputs,
    second_looks,
    topic_tree,
)
from auditkit.analysis import Look
from auditkit.audit import Audit
from auditkit.codebook_changes import Change
from auditkit.errors import AuditkitError
from auditkit.holdings import Progress

if TYPE_CHECKING:
    from auditkit.codebook import Codebook, Theme
    from auditkit.codebook_history import Effects
    from auditkit.corpus import Lessons
    from auditkit.statements import Offer

Make = Callable[["Codebook", Collection[str]], Change]
"""A change, from the present codebook and every id that was ever a theme's."""

NAMED = ("add", "split", "accept")
"""Changes that bring in themes of whoever makes them."""

Place = tuple[str, int]
"""Round and row of an answer."""


@dataclass(frozen=True)
class Shift:
    """How many answers that nobody has read software gives a theme, before a change and after it."""

    label: str
    before: int
    after: int


@dataclass(frozen=True)
class Plan:
    """What a change would do. ``by_hand``: edits of codebook.xlsx that become a version first. ``moved`` answers
    whose decisions change, ``joined`` those on which two themes became one, ``both`` those of them whose poles
    differ; ``kept``: answers that undo leaves, as they were decided since. ``again``: answers that come onto the
    list of those to look at again, ``off``: how many leave it. ``codes``: codes of software on answers that nobody
    has read, as coded anew, and as they were; ``shifts``: the themes whose number changes, those that move most first.
    """

    change: Change
    author: str
    by_hand: tuple[str, ...]
    moved: int
    joined: int
    both: int
    kept: tuple[Place, ...]
    again: tuple[Place, ...]
    off: int
    codes: tuple[int, int]
    shifts: tuple[Shift, ...]

    @property
    def is_empty(self) -> bool:
        return codebook_history.same(self.change.before, self.change.after)


@dataclass(frozen=True)
class Done:
    """A change that was carried out: its version, how many answers now need another look, files written."""

    version: int
    again: int
    written: tuple[str, ...]


def propose(audit: Audit, make: Make, author: str | None, progress: Progress) -> Plan:
    """What a change would do to the audit. Nothing is changed.

    Raises AuditkitError where the change cannot be made or brings in what a respondent wrote, nobody is named who
    makes it, or audit.toml has changed how the answers are read.
    """
    audit.require()
    holdings.refuse_outdated(audit, audit.rounds())
    change = make(audit.codebook, codebook_history.ids(audit))
    audit.refuse_borrowed(change.after, by_chance=change.action == "import")
    who = codebook_history.author(audit, author)
    if change.action in NAMED:
        change = codebook_changes.signed(change, who)
    if not change.after.accepted:
        raise AuditkitError("No theme would be left to code with.", "Keep or add one that is accepted.")
    effects = codebook_history.effects(audit.store, change)
    held = second_looks.load(audit.store, audit.codebook)
    looks = dict(effects.looks)
    codes: tuple[int, int] = (0, 0)
    shifts: tuple[Shift, ...] = ()
    if change.after.fingerprint() != change.before.fingerprint():
        coded = holdings.code_under(audit, change.after, _lessons(audit, change, effects), progress)
        before, after = (
            _machine(audit),
            {(row.answer, row.theme) for one in coded for row in one.codings[one.codings["coded"]].itertuples()},
        )
        decided = second_looks.coded_by_people(audit.store)
        unseen = second_looks.unseen(change.before, change.after, change.divided)
        on_it = {(row["answer"], row["theme"]) for row in audit.store.rows("SELECT answer, theme FROM decisions")}
        on_it |= {(answer, row["theme"]) for answer, (_, rows) in effects.moves.items() for row in rows}
        for answer, theme in sorted(after - on_it):
            if answer in decided and theme in unseen:
                looks.setdefault(answer, Look(new={theme: unseen[theme]}))
        before, after = ({code for code in some if code[0] not in decided} for some in (before, after))
        if before != after:
            codes, shifts = (len(before), len(after)), _shifts(change, before, after)
    places = _places(audit)
    return Plan(
        change=change,
        author=who,
        by_hand=tuple(codebook_history.by_hand(audit)) if not _of_hand(audit, change) else (),
        moved=sum(_given(before) != _given(after) for before, after in effects.moves.values()),
        joined=effects.joined,
        both=effects.both,
        kept=_sorted(places, effects.kept),
        again=_sorted(places, looks.keys() - held.keys()),
        off=len(held.keys() - looks.keys()),
        codes=codes,
        shifts=shifts,
    )


def apply(audit: Audit, plan: Plan, reason: str, progress: Progress) -> Done:
    """Carry a change out, code the rounds anew and bring the reports up to date; decisions stay.

    Raises AuditkitError, with nothing changed, where codebook.xlsx cannot be written or was changed meanwhile.
    """
    change = plan.change
    if audit.said().is_somebodys(reason):
        raise AuditkitError("The reason is word for word what a respondent wrote.", "Say it in words of your own.")
    audit.refuse_changed_codebook()
    holdings.keep_codebook(audit)
    if not codebook_history.same(audit.codebook, change.before):
        raise AuditkitError("codebook.xlsx was changed in the meantime.", "Run the command again.")
    number = codebook_history.commit(
        audit, change, plan.author, " ".join(reason.split()), lambda: holdings.save_codebook(audit)
    )
    _settle(audit, change, plan.author)
    holdings.recode_stale(audit, audit.rounds(), progress)
    if change.after.fingerprint() == change.before.fingerprint():
        with outputs.once_changed():
            holdings.write_codebook(audit)
        outputs.write_rounds(audit)
    waiting = len(second_looks.load(audit.store, audit.codebook))
    return Done(number, waiting, ("codebook.xlsx", *outputs.paths(audit.rounds())))


def _settle(audit: Audit, change: Change, who: str) -> None:
    """Say what has become of suggested themes."""
    known = {theme.id for theme in change.before.themes}
    new = next((theme.id for theme in change.after.themes if theme.id not in known), "")
    audit.save_decided_suggestions(topic_tree.settled(audit, change.suggestion, new, who), who)


def undo(audit: Audit) -> Make:
    """The change that takes back the latest version, or what was changed by hand since."""

    def make(book: Codebook, taken: Collection[str]) -> Change:
        last = codebook_history.latest(audit)
        if last is None or codebook_history.same(last.codebook, book):
            return codebook_history.undo(audit)
        said = f"What was changed by hand since version {last.version} is taken back."
        return Change("undo", (said,), book, last.codebook, undoes=last.version + 1)

    return make


def split(audit: Audit, typed: str, labels: Sequence[str], definitions: Sequence[str] = ()) -> Make:
    """A split whose statements go to the label that they are most like; ``definitions`` of the labels, in order."""

    def make(book: Codebook, taken: Collection[str]) -> Change:
        codebook_changes.split(
            book, typed, labels, taken, None, definitions
        )  # whatever is wrong is said before anything is computed
        texts = codebook_changes.statements(codebook_changes.find(book, typed))
        encode = holdings.encoder(audit, lambda step, done, total: None)
        share = (encode(texts) @ encode(list(labels)).T).argmax(1).tolist() if texts else []
        return codebook_changes.split(book, typed, labels, taken, dict(zip(texts, share, strict=True)), definitions)

    return make


def accept(
    audit: Audit, typed: str, label: str, definition: str = "", good: Sequence[str] = (), poor: Sequence[str] = ()
) -> Make:
    """A suggested theme, of the sheet Suggested or of the sheet Themes, becomes one that is coded."""

    def make(book: Codebook, taken: Collection[str]) -> Change:
        audit.require()
        suggested = holdings.suggested_themes(audit)
        topic_tree.refuse_gone(audit, typed)
        theme = codebook_changes.find(book, typed, suggested)
        is_found = theme in suggested
        theme = dataclasses.replace(
            theme,
            definition=definition.strip() or theme.definition,
            statements_good=(*theme.statements_good, *good),
            statements_poor=(*theme.statements_poor, *poor),
        )
        change = codebook_changes.accept(book, theme, taken, label)
        return dataclasses.replace(change, suggestion=theme.id if is_found else "")

    return make


def take(audit: Audit, file: Path) -> Make:
    """The codebook of a file in place of the present one; an older version of this audit's is named as such."""

    def make(book: Codebook, taken: Collection[str]) -> Change:
        other = codebook.read(file, from_elsewhere=True)
        change = codebook_imports.take(book, other, taken)
        old = [one for one in codebook_history.versions(audit) if codebook_history.same(one.codebook, other)]
        said = [f"{file.name} is taken over.", *other.told]
        if old and not codebook_history.same(old[-1].codebook, book):
            one = old[-1]
            said.append(f"It is older: version {one.version} of this codebook, of {one.at[:10]}.")
        return dataclasses.replace(change, said=tuple(said))

    return make


def counts(audit: Audit) -> dict[str, dict[str, int]]:
    """Answers by theme, over all rounds: how many a person gave the theme, and how many software, read by nobody."""
    query = (
        "SELECT d.theme, sum(1 - d.unread) AS person, sum(d.unread) AS software FROM decisions d JOIN answers a "
        "ON a.answer = d.answer WHERE d.decision != 'rejected' GROUP BY d.theme UNION ALL "
        "SELECT c.theme, 0, count(*) FROM codings c "
        "WHERE c.coded AND c.answer NOT IN (SELECT answer FROM decisions) GROUP BY c.theme"
    )
    found: dict[str, dict[str, int]] = {}
    for row in audit.store.rows(query) if audit.exists else []:
        held = found.setdefault(row["theme"], {"person": 0, "software": 0})
        held["person"] += row["person"]
        held["software"] += row["software"]
    return found


def check(audit: Audit, file: Path | None, progress: Progress) -> list[codebook_check.Finding]:
    """What is weak in the audit's codebook, or in that of a file, held against the answers where there are any."""
    from auditkit.encoder import Encoder

    book = codebook.read(file) if file else audit.codebook
    rows = audit.store.rows("SELECT DISTINCT item, question, text FROM answers") if audit.exists else []
    return codebook_check.check(
        book,
        holdings.encoder(audit, progress) if audit.exists else Encoder(None).encode,
        questions={text for row in rows for text in (row["item"], row["question"])} if rows else None,
        answers=[row["text"] for row in rows] if rows else None,
    )


def statements(audit: Audit, typed: str | None) -> list[tuple[Theme, list[Offer]]]:
    """Themes that people coded, each with the phrases that could become statements of it."""
    from auditkit import statements as phrases

    audit.require()
    themes = [codebook_changes.find(audit.codebook, typed)] if typed else list(audit.codebook.accepted)
    rounds = [audit.load_round(name) for name in audit.rounds()]
    coded = {theme for themes in second_looks.coded_by_people(audit.store).values() for theme in themes}
    least, deny = audit.config.thresholds.k_theme, holdings.denied(audit)
    return [(theme, phrases.offers(rounds, theme, least, deny)) for theme in themes if typed or theme.id in coded]


def has_pairs(audit: Audit) -> bool:
    """Whether anybody in the audit belongs to a pair."""
    return bool(audit.store.rows("SELECT 1 FROM people WHERE pair != '' LIMIT 1"))


def book_of(audit: Audit, said: str) -> Codebook:
    """A codebook named in words: the number of a version, or a file, whose themes get the ids that they have here."""
    held = {str(one.version): one.codebook for one in codebook_history.versions(audit)}
    if said in held:
        return held[said]
    if said.isdecimal():
        raise AuditkitError(f"There is no version {said}.", f"Versions of this codebook: {', '.join(held) or 'none'}.")
    taken = codebook_history.ids(audit) if audit.exists else []
    return codebook_imports.take(audit.codebook, codebook.read(Path(said)), taken).after


def compared(audit: Audit, one: str | None, other: str | None) -> tuple[Codebook, Codebook, str]:
    """Two codebooks to compare, and what they are, by words of the command line.

    Without words: what was changed by hand since the last version, else by the last version itself. With one, a
    version against the present codebook, or the present codebook against a file.
    """
    if one is None:
        held = codebook_history.versions(audit)
        if held and not codebook_history.same(held[-1].codebook, audit.codebook):
            return held[-1].codebook, audit.codebook, f"Changed by hand since version {held[-1].version}"
        if len(held) < 2:
            return audit.codebook, audit.codebook, "There is one version"
        return held[-2].codebook, held[-1].codebook, f"Version {held[-2].version} to version {held[-1].version}"
    if other is None:
        if one.isdecimal():
            return book_of(audit, one), audit.codebook, f"Version {one} to the present codebook"
        return audit.codebook, book_of(audit, one), f"The present codebook to {Path(one).name}"
    said = [f"version {each}" if each.isdecimal() else Path(each).name for each in (one, other)]
    return book_of(audit, one), book_of(audit, other), f"{said[0][:1].upper()}{said[0][1:]} to {said[1]}"


def export(audit: Audit, file: Path) -> None:
    """Write the codebook to a new file. Raises AuditkitError where one is there, or for another kind of file."""
    if file.exists():
        raise AuditkitError(f"{file} is there already.", "Name another file, or move it away.")
    codebook.write(file, audit.codebook)


def _lessons(audit: Audit, change: Change, effects: Effects) -> Lessons | None:
    """What the coder will learn from after a change."""
    import pandas as pd

    held = audit.lessons(audit.rounds())
    if held is None:
        return None
    known = held.decisions.assign(theme=held.decisions["theme"].replace(dict(change.into)))
    gone = known["answer"].isin({*effects.moves, *effects.looks})
    rows = [
        {**{name: row.get(name) for name in known.columns}, "answer": answer}
        for answer, (_, after) in effects.moves.items()
        if answer not in effects.looks
        for row in after
        if not row["unread"]
    ]
    new = {*second_looks.unseen(change.before, change.after, {}), *held.unheard}
    return dataclasses.replace(
        held,
        decisions=pd.concat([known[~gone], pd.DataFrame(rows, columns=known.columns)], ignore_index=True),
        unheard=frozenset(new),
    )


def _shifts(
    change: Change, before: Collection[tuple[str, str]], after: Collection[tuple[str, str]]
) -> tuple[Shift, ...]:
    """By theme, from codes (answer, theme) before and after."""
    labels = {theme.id: theme.label for book in (change.before, change.after) for theme in book.themes}
    had, has = (Counter(theme for _, theme in codes) for codes in (before, after))
    found = [Shift(labels[theme], had[theme], has[theme]) for theme in {*had, *has} if had[theme] != has[theme]]
    return tuple(sorted(found, key=lambda one: (-abs(one.after - one.before), one.label)))


def _of_hand(audit: Audit, change: Change) -> bool:
    """Whether an undo takes back what was changed by hand."""
    last = codebook_history.latest(audit)
    return last is not None and change.undoes > last.version


def _given(rows: codebook_changes.Rows) -> dict[str, str]:
    """Theme to pole of what a person gave an answer."""
    return {row["theme"]: row["pole"] for row in rows if row["decision"] != "rejected"}


def _machine(audit: Audit) -> set[tuple[str, str]]:
    return {(row["answer"], row["theme"]) for row in audit.store.rows("SELECT answer, theme FROM codings WHERE coded")}


def _places(audit: Audit) -> dict[str, Place]:
    order = {name: place for place, name in enumerate(audit.rounds())}
    rows = sorted(
        audit.store.rows('SELECT answer, round, "row" FROM answers'), key=lambda row: (order[row["round"]], row["row"])
    )
    return {row["answer"]: (row["round"], row["row"]) for row in rows}


def _sorted(places: dict[str, Place], answers: Collection[str]) -> tuple[Place, ...]:
    return tuple(place for answer, place in places.items() if answer in answers)
