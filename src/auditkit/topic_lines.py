"""What ``topics`` prints: suggested themes, the tree that they make, and what a change would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.console import WIDTH, fit, wrapped
from auditkit.summaries import following
from auditkit.wording import counted

if TYPE_CHECKING:
    from auditkit.nearness import Branch
    from auditkit.suggestions import Earlier
    from auditkit.topic_tree import Change, Line, Opened, Shown

NAMES = 42  # columns of a name
BESIDE = 12  # suggestions up to which the nearest theme stands below each
ANSWERS = 20  # printed of one suggestion
FIRST = 3  # columns of the tree up to where the likest meet


def shown(found: Shown, folder: Path) -> list[str]:
    """The list, the tree, and what was decided."""
    many = counted(len(found.themes), "suggested theme") if found.themes else "no suggested themes"
    lines = wrapped("", f"{found.round}: {many}, from {counted(found.answers, 'answer')} that say something")
    if found.why:
        lines += [*wrapped("", f"{found.why[:1].upper()}{found.why[1:]}."), *_instead(found)]
    if found.themes:
        lines += [
            "Groups of answers; a name is their key phrases. The codebook says least about",
            "the first.",
            "",
            *_listed(found.themes),
        ]
    if len(found.themes) > 1 and found.tree is not None:
        lines += ["", "Which lie together: the further right they meet, the less alike", *_drawn(found)]
    if found.engine:
        lines += ["", *wrapped("Note     ", found.engine)]
    if found.decided:
        lines += ["", "Decided", *(line for one in found.decided for line in wrapped(f"  {one.theme:<5} ", _fate(one)))]
    lines.append("")
    for other, number in found.others:
        lines += wrapped("Also     ", f"{other}: {number} suggested (--round)")
    first = found.themes[0].theme if found.themes else ""
    steps = [f"auditkit topics show {first}"] if first else ["auditkit review export"]
    return [*lines, *following(steps, folder)]


def opened(found: Opened, folder: Path, *, every: bool = False) -> list[str]:
    """One suggestion with its answers, for the analyst alone."""
    line = found.line
    lines = [
        *wrapped(f"{line.theme}  ", line.label),
        *_about("round", found.round),
        *_about("who", f"{counted(line.people, 'person', 'people')}, {counted(line.answers, 'answer')}"),
        *_about("holds together", line.strength or "hardly"),
        *_about("place", f"{found.place} of {found.of}; the codebook says least about the first"),
    ]
    if line.nearest:
        has = f": {line.covered} of {counted(line.answers, 'answer')} have it" if line.covered else ""
        lines += _about("nearest theme", f"{line.nearest}{has}")
    if line.folds:
        lines += _about("came again", f"in {line.again} of {line.folds} searches, each without a tenth of the people")
    if found.parts:
        lines += _about("merged from", f"{line.theme} and {', '.join(found.parts)}")
    lines += ["", "What people wrote, the likest first. For your eyes only."]
    for place, text in found.answers if every else found.answers[:ANSWERS]:
        lines += [*wrapped("  ", f"{place}:"), *wrapped("      ", " ".join(text.split()))]
    if not every and len(found.answers) > ANSWERS:
        lines.append(f"  and {len(found.answers) - ANSWERS} more: --all")
    steps = [
        f'auditkit topics accept {line.theme} --label "..." --author NAME',
        f"auditkit topics reject {line.theme}",
    ]
    return [*lines, "", *following(steps, folder)]


def preview(change: Change) -> list[str]:
    """What a command would do."""
    lines = _listed(change.lines, beside=False) if change.lines else []
    if change.kind == "merge":
        first = change.lines[0].theme
        people = counted(change.people, "person", "people")
        lines += [f"become one, {first}: {people}, {counted(change.answers, 'answer')}."]
    elif change.kind == "reject":
        lines += ["No theme; not suggested again. Others may move up in the list."]
    else:
        lines += wrapped("Suggested again, each by itself: ", ", ".join(change.freed))
    return lines


def done(change: Change, found: Shown, paths: Sequence[Path], folder: Path) -> list[str]:
    """What a command has done, and what comes next."""
    lines = [f"{found.round}: {counted(len(found.themes), 'suggested theme')} now."]
    lines += [f"{'Written' if number == 0 else '':<9}{path}" for number, path in enumerate(paths)]
    if change.kind != "undo":
        lines += wrapped("         ", f"To take it back: auditkit topics undo {change.decided[0].theme}")
    return [*lines, *following(["auditkit topics show"], folder)]


def _listed(themes: Sequence[Line], *, beside: bool = True) -> list[str]:
    """A table of suggestions; how often each came again, where that was tried."""
    tried = any(line.folds for line in themes)
    head = f"{'Id':<6}{'Key phrases':<{NAMES}}{'People':>7}{'Answers':>9}  {'Holds':<6}{'Again' if tried else ''}"
    lines = [head.rstrip(), "-" * (WIDTH if tried else WIDTH - 6)]
    for line in themes:
        again = f"{line.again}/{line.folds}" if line.folds else "-" if tried else ""
        counts = f"{line.people:>7}{line.answers:>9}  {line.strength or '-':<6}{again}"
        lines.append(f"{line.theme:<6}{fit(line.label, NAMES)}{counts}".rstrip())
        if beside and len(themes) <= BESIDE and line.nearest:
            has = f" ({line.covered} of {line.answers} have it)" if line.covered else ""
            lines.append(f"      nearest theme: {fit(line.nearest, 58 - len(has)).rstrip()}{has}")
    if tried and beside:
        lines.append("Again: found again in so many searches, each without a tenth of the people.")
    return lines


def _drawn(found: Shown) -> list[str]:
    """The tree as lines of text, a leaf each, in the order of the tree."""
    assert found.tree is not None
    labels = {line.theme: line.label for line in found.themes}
    left = NAMES - 6
    width = WIDTH - 6 - left
    rows = {theme: number for number, theme in enumerate(found.tree.themes)}
    grid = [[" "] * width for _ in rows]
    _draw(found.tree, rows, grid, _heights(found.tree))
    return [f"{theme:<6}{fit(labels[theme], left)}{''.join(grid[row])}".rstrip() for theme, row in rows.items()]


def _heights(branch: Branch) -> list[float]:
    return [] if branch.parts is None else [branch.height, *(h for part in branch.parts for h in _heights(part))]


def _draw(branch: Branch, rows: dict[str, int], grid: list[list[str]], heights: Sequence[float]) -> tuple[int, int]:
    """Draw a branch into the grid, the lowest of all ``heights`` near the left edge, the highest at the right one;
    the row and the first free column of its stem.
    """
    if branch.parts is None:
        return rows[branch.themes[0]], 0
    last, low, high = len(grid[0]) - 1, min(heights), max(heights)
    (upper, start), (lower, beginning) = (_draw(part, rows, grid, heights) for part in branch.parts)
    share = (branch.height - low) / (high - low) if high > low else 1.0
    at = min(max(FIRST + round(share * (last - FIRST)), start, beginning), last)
    for row, first in ((upper, start), (lower, beginning)):
        grid[row][first:at] = "-" * (at - first)
    for row in range(upper, lower + 1):
        grid[row][at] = "+" if row in (upper, lower) else "|"
    stem = (upper + lower) // 2
    if branch.height < high:
        grid[stem][at] = "+"
    return stem, min(at + 1, last)


def _fate(one: Earlier) -> str:
    if one.state == "merged":
        return f"merged into {one.became} by {one.who}"
    if one.state == "accepted":
        return f"accepted by {one.who} as {one.became} of the codebook"
    return f"rejected by {one.who}: {one.label}"


def _instead(found: Shown) -> list[str]:
    if found.decided and not found.themes:
        return []
    return [
        "Groups would be chance where few answers repeat each other. Read the answers",
        "that no theme has caught, in the report of the round, instead.",
    ]


def _about(term: str, text: str) -> list[str]:
    return wrapped(f"  {term:<17}", text)
