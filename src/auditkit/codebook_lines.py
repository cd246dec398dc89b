"""What ``auditkit codebook`` prints: themes, versions, differences, and what a change would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import codebook
from auditkit.codebook_changes import POLES, above, name
from auditkit.console import fit, wrapped
from auditkit.poles import WORDS
from auditkit.summaries import following, quoted
from auditkit.wording import counted

if TYPE_CHECKING:
    from auditkit.codebook import Codebook, Theme
    from auditkit.codebook_check import Finding
    from auditkit.codebook_edits import Done, Place, Plan
    from auditkit.codebook_history import Version
    from auditkit.statements import Offer

ROWS_SHOWN = 8  # rows of a round that are named
LISTED = 12  # findings of a kind
SHIFTS = 5  # themes whose codes move most that are shown
HISTORY = 12  # versions shown unless all are asked for
SAID = 3  # sentences of a version that are shown
KINDS = {
    "overlap": "Statements nearer to another theme than to their own",
    "pole": "Themes without both poles",
    "statement": "Statements",
    "label": "Labels that can be mixed up",
    "parent": "Themes above",
    "question": "Expected questions",
    "heading": "Note: headings that are no themes, so nothing is coded with them",
    "word": "Note: words of statements that nobody wrote",
}


def themes(book: Codebook, suggested: Sequence[Theme], counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The list of ``codebook show``: accepted themes under the one above them, then suggested and retired ones."""
    lines = [
        f"{'':<40}{'Statements':>14}{'Answers':>23}",
        f"{'Theme':<40}{'+':>6}{'-':>4}{'no':>4}{'person':>13}{'software':>10}",
        "-" * 77,
    ]
    ordered: list[Theme] = []
    for theme in book.accepted:
        if above(book, theme) is None:
            ordered += [theme, *(t for t in book.accepted if above(book, t) == theme)]
    ordered += [theme for theme in book.accepted if theme not in ordered]
    for theme in ordered:
        held = counts.get(theme.id, {})
        indent = "  " if above(book, theme) else ""
        numbers = f"{len(theme.statements_good):>6}{len(theme.statements_poor):>4}{_plus(len(theme.statements)):>4}"
        label = fit(f"{indent}{theme.id} {theme.label}", 40)
        lines.append(f"{label}{numbers}{held.get('person', 0):>13}{held.get('software', 0):>10}")
    for title, some in (
        ("Suggested, not coded", [*(t for t in book.themes if t.status == "suggested"), *suggested]),
        ("Retired, not coded", [theme for theme in book.themes if theme.status == "retired"]),
    ):
        if some:
            lines += ["", title, *(f"  {fit(f'{theme.id} {theme.label}', 76).rstrip()}" for theme in some)]
    return lines


def theme(book: Codebook, one: Theme, since: int, counts: Mapping[str, int]) -> list[str]:
    """Everything about one theme."""
    over = above(book, one)
    under = [name(other) for other in book.accepted if above(book, other) == one]
    lines = [name(one)]
    facts = [
        ("Status", f"{one.status}, set by {one.set_by}" + (f", since version {since}" if since else "")),
        ("Under", name(over) if over else one.parent),
        ("Above", ", ".join(under)),
        ("Definition", one.definition),
        ("Include", one.include),
        ("Leave out", one.exclude),
        ("Expected", ", ".join(one.expects)),
        ("Answers", f"{counts.get('person', 0)} by a person, {counts.get('software', 0)} by software alone"),
    ]
    for title, text in facts:
        if text:
            lines += wrapped(f"{title:<12}", text)
    for pole, column in POLES.items():
        held = getattr(one, column)
        if held:
            lines += ["", f"Statements: {WORDS[pole] if pole else 'without a pole'}"]
            lines += [line for text in held for line in wrapped("  ", text, 4)]
    return lines


def proposed(plan: Plan) -> list[str]:
    """The preview of a change: what it does to themes, decisions and codes; rows, never words."""
    change = plan.change
    lines: list[str] = []
    for sentence in change.said:
        lines += wrapped("", sentence, 2)
    if plan.is_empty:
        return [*lines, "That changes nothing."]
    said = " ".join(change.said)
    if change.action in ("import", "undo"):
        differences = [one for one in codebook.diff(change.before, change.after) if one not in said]
        lines += [line for one in differences[:20] for line in wrapped("  ", one, 4)]
        lines += [f"  and {len(differences) - 20} more differences"] if len(differences) > 20 else []
    if plan.by_hand:
        text = f"{counted(len(plan.by_hand), 'change')} in codebook.xlsx since the last version; a version first"
        lines += wrapped("By hand       ", text)
    decisions = "all stay as they are"
    if plan.again:
        decisions = "all are kept, but some answers need another look"
    if plan.again and change.divided:
        decisions = "kept until somebody says which of the new themes is meant"
    if plan.moved:
        where = "move back" if change.action == "undo" else "move with the theme"
        decisions = f"those of people on {counted(plan.moved, 'answer')} {where}"
    if plan.joined:
        decisions += f"; {counted(plan.joined, 'answer')} had both themes"
        decisions += f", {plan.both} of them with two poles: now both" if plan.both else ""
    lines += wrapped("Decisions     ", decisions)
    if plan.kept:
        text = f"{_rows(plan.kept)}: decided since, they stay as they are"
        lines += wrapped("Kept          ", text)
    if plan.again:
        lines += wrapped("Look again    ", f"{counted(len(plan.again), 'answer')}: {_rows(plan.again)}")
    elif not plan.off:
        lines.append("Look again    none")
    if plan.off:
        lines += wrapped("Off the list  ", f"{counted(plan.off, 'answer')} need no other look any more")
    if any(plan.codes):
        lines += _coded_anew(plan)
    return lines


def _coded_anew(plan: Plan) -> list[str]:
    """What becomes of the codes of software, by theme, those that move most first."""
    before, after = plan.codes
    lines = wrapped("Coded anew    ", f"codes of software on answers that nobody has read: {before} -> {after}")
    for one in plan.shifts[:SHIFTS]:
        lines.append(f"  {fit(one.label, 46)}software {one.before:>5} -> {one.after}")
    left = plan.shifts[SHIFTS:]
    if left:
        most = abs(left[0].after - left[0].before)
        lines.append(
            f"  and {counted(len(left), 'more theme')}, by {most} at most"
            if len(left) > 1
            else f"  and 1 more theme, by {most}"
        )
    if not plan.shifts:
        lines.append("  Each theme has as many as before, partly on other answers.")
    return lines


def done(plan: Plan, result: Done, folder: Path) -> list[str]:
    """After a change."""
    lines = ["", f"Version {result.version} of the codebook, by {plan.author}."]
    written = result.written
    shown = [*written[:2], written[-1]] if len(written) > 3 else list(written)
    lines += [f"{'Written' if number == 0 else '':<9}{path}" for number, path in enumerate(shown)]
    if result.again:
        need = "needs" if result.again == 1 else "need"
        lines += wrapped("Review   ", f"{counted(result.again, 'answer')} {need} another look: they are to read again")
    return [*lines, *following(["auditkit review export" if result.again else "auditkit status"], folder)]


def history(versions: Sequence[Version], by_hand: Sequence[str], *, everything: bool) -> list[str]:
    """The versions, the newest first."""
    if not versions:
        return ["There is no version yet: the first analysis makes one."]
    lines = []
    if by_hand:
        text = f"{counted(len(by_hand), 'change')} in codebook.xlsx; the next step takes it up as a version"
        lines += [*wrapped("Now      ", text), ""]
    lines.append(f"{'Version':<9}{'Date':<12}{'Author':<16}What")
    lines.append("-" * 77)
    shown = list(reversed(versions))[: None if everything else HISTORY]
    for one in shown:
        start = f"{one.version:>5}    {one.at[:10]:<12}{fit(one.author, 16)}"
        said = [*one.said[:SAID], *([f"and {len(one.said) - SAID} more"] if len(one.said) > SAID else [])]
        first = wrapped(start, f"{one.action}: {said[0]}", 21)
        lines += [*first, *(line for text in said[1:] for line in wrapped(" " * 21, text, 23))]
        if one.reason:
            lines += wrapped(" " * 21 + "reason: ", one.reason, 23)
    if len(shown) < len(versions):
        lines.append(f"and {counted(len(versions) - len(shown), 'earlier version')}: --all shows them")
    return lines


def differences(old: Codebook, new: Codebook, title: str) -> list[str]:
    """What changed from one codebook to another; statements with a plus or a minus before them."""
    changed = codebook.diff(old, new)
    lines = wrapped("", f"{title}: {counted(len(changed), 'difference') if changed else 'no difference'}.")
    before = {theme.id: theme for theme in old.themes}
    for sentence in changed:
        lines += wrapped("  ", sentence, 4)
    for theme in new.themes:
        old_theme = before.get(theme.id)
        if old_theme is None:
            continue
        signed = [
            (sign, text)
            for column in POLES.values()
            for sign, one, other in (("+", theme, old_theme), ("-", old_theme, theme))
            for text in getattr(one, column)
            if text not in getattr(other, column)
        ]
        if signed:
            lines += ["", name(theme), *(line for sign, text in signed for line in wrapped(f"  {sign} ", text))]
    return lines


def findings(found: Sequence[Finding], title: str, *, everything: bool = False) -> list[str]:
    """What ``codebook check`` found, by kind; of each the first twelve unless ``everything`` is asked for."""
    weak = [one for one in found if one.kind not in ("heading", "word")]
    lines = [f"{title}: {counted(len(weak), 'thing')} to look at." if weak else f"{title}: nothing to look at."]
    for kind, heading in KINDS.items():
        some = _together([one for one in found if one.kind == kind])
        shown = some if everything else some[:LISTED]
        if some:
            lines += ["", heading, *(line for text in shown for line in wrapped("  ", text, 4))]
        if len(some) > len(shown):
            lines.append(f"  and {len(some) - len(shown)} more: --all")
    return lines


def _together(found: Sequence[Finding]) -> list[str]:
    """Findings as sentences; what several themes have in common is one."""
    said: list[str] = []
    for text, some in groupby(sorted(found, key=lambda one: one.text if one.theme else ""), lambda one: one.text):
        same = list(some)
        named = [one.theme for one in same if one.theme]
        if not named:
            said += [text] * len(same)
        elif len(named) == 1:
            said.append(f"{named[0]} has {text}.")
        else:
            said.append(f"{len(named)} themes have {text}: {', '.join(named)}.")
    return said


def offered(
    found: Sequence[tuple[Theme, Sequence[Offer]]], least: int, folder: Path, *, has_pairs: bool = True
) -> list[str]:
    """Phrases that could become statements, with the command that adds each."""
    lines: list[str] = []
    commands = 0
    where = following([""], folder)[0][9:]
    for theme, offers in found:
        if not offers:
            continue
        lines += [name(theme)]
        for offer in offers:
            lines += wrapped("  ", f'"{offer.text}", by {offer.people} people of {offer.pairs} pairs', 4)
            pole = f" --pole {offer.pole}" if offer.pole else ""
            lines.append(f'    auditkit codebook add-statement {theme.id} "{offer.text}"{pole}{where}')
            commands += 1
    if commands:
        return [*lines, "", "Read each before you add it: it will stand in the codebook for everybody to see."]
    if not has_pairs:
        text = (
            "Nothing to offer: this audit has no pairs. Words are offered that people from two pairs share, so that "
            "nobody's own get into a codebook. Write statements in your own words:"
        )
        return [*wrapped("", text), *following(['auditkit codebook add-statement THEME "..." --pole good'], folder)]
    text = (
        f"Nothing to offer: no words that {least} people from two pairs share, under a theme that a person set. "
        "A sentence of one person is never offered, as a codebook is not confidential. Write one in your own words:"
    )
    return [*wrapped("", text), *following(['auditkit codebook add-statement THEME "..." --pole good'], folder)]


def written(path: Path, notes: Iterable[str]) -> list[str]:
    """After a file was written."""
    return [f"Written  {quoted(path)}", *(line for note in notes for line in wrapped("         ", note))]


def _rows(places: Sequence[Place]) -> str:
    """Rows by round: "baseline rows 3, 5 and 9; repeat row 4"."""
    parts = []
    for round_name, some in groupby(places, key=lambda place: place[0]):
        rows = sorted({row for _, row in some})
        shown = [str(row) for row in rows[:ROWS_SHOWN]]
        more = f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else ""
        parts.append(f"{round_name} {'row' if len(rows) == 1 else 'rows'} {', '.join(shown)}{more}")
    return "; ".join(parts)


def _plus(number: int) -> str:
    return f"{number}" if number else ""
