"""What the review commands print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.console import LOWEST, WIDTH, columns_for, fit, wrapped
from auditkit.summaries import following, quoted
from auditkit.wording import counted, percent

if TYPE_CHECKING:
    from auditkit.review import Taken
    from auditkit.reviewing import Card, Unread

SHORT = {"good": "well", "poor": "problem", "mixed": "both", "": "?"}  # poles, where there is little room
LEAST = 20  # columns of a label beside what is said of it
THEMES = 16  # named at most
CONFLICTS = 8
ThemeKey = tuple[str, str, str | None, float]  # key, label, pole where it is marked, probability
AROUND = 7  # lines of a card that are neither question, text, themes nor what is told
DECISIONS = {"confirmed": "kept", "added": "added", "rejected": "taken off", "changed": "pole changed"}


def handed_out(path: Path, count: int, folder: Path, *, check: bool = False) -> list[str]:
    """The summary of ``review export``."""
    how = "Fill the column themes: labels with ; between them, or none."
    if path.suffix.lower() == ".xlsx":
        how = "ok = x takes the suggestion; else choose the themes. The sheet About says more."
    return [
        f"{counted(count, 'answer')} whose codes are the surest, as if drawn by lot: are they right?"
        if check
        else f"{counted(count, 'answer')} to decide, those first that teach most.",
        f"Written  {path}",
        f"         {how}",
        *following([f"auditkit review apply {quoted(path)} --coder NAME"], folder),
    ]


def taken_over(taken: Taken, file: Path, coder: str, folder: Path) -> list[str]:
    """The summary of ``review apply``: what changed, by theme, and what somebody else decided otherwise."""
    done = taken.decided
    verb = "decided" if taken.is_done else "would be decided"
    lines = [
        f"{counted(done.answers, 'answer')} {verb} by {coder}: {done.without_theme} without a theme, "
        f"{counted(done.changes, 'code')} changed."
    ]
    rows = sorted(done.by_theme.items(), key=lambda row: (-sum(row[1].values()), row[0]))
    named = [row for row in rows if row[0] in taken.labels][:THEMES]
    said = [
        ", ".join(f"{counts[kind]} {words}" for kind, words in DECISIONS.items() if counts.get(kind))
        for _, counts in named
    ]
    lines += _beside([taken.labels[theme] for theme, _ in named], said)
    if len(rows) > THEMES:
        lines.append(f"  and {counted(len(rows) - THEMES, 'more theme')}")
    if taken.is_known:
        again = [] if taken.conflicts is None else wrapped("", f"What others decide otherwise: {taken.conflicts}")
        return [
            f"This sheet was taken over before, by {coder}: nothing has changed.",
            *again,
            *following(["auditkit review status"], folder),
        ]
    if done.notes:
        lines.append(f"{counted(len(done.notes), 'note')} kept.")
    lines.append(f"{counted(done.blank, 'row')} left open.")
    if done.overruled:
        lines += wrapped(
            "",
            f"{counted(done.overruled, 'answer')} had been decided otherwise by somebody else. This "
            "decision counts now; the earlier one is kept in the history.",
        )
    if done.conflicts:
        lines += ["", f"Not taken over: {counted(len(done.conflicts), 'answer')} that somebody else decided otherwise"]
        lines += [f"while you had the sheet ({', '.join(sorted({one.by for one in done.conflicts}))}):"]
        lines += [f"  {one.place}" for one in done.conflicts[:CONFLICTS]]
        if len(done.conflicts) > CONFLICTS:
            lines.append(f"  and {len(done.conflicts) - CONFLICTS} more")
        if taken.conflicts is not None:
            lines.append(f"Both decisions stand in {taken.conflicts}: settle them there, and apply it.")
    if taken.is_done:
        return [*lines, *following(["auditkit review status"], folder)]
    step = f"auditkit review apply {quoted(file)} --coder {quoted(Path(coder))}"
    return [*lines, "Nothing was changed.", *following([step], folder)]


def card(shown: Card, page: int = 0, height: int = LOWEST) -> list[str]:
    """One answer on a screen of 80 columns and ``height`` lines, one of them left for the cursor.

    Question, text and keys are always there. ``page`` says which part is shown of text and themes where they are too
    many: first the text goes on, then the themes do, the likeliest first, and then it starts again. What is marked
    stands on every page, and a theme always has the same letter.
    """
    known = "" if shown.agreement is None else f", about {percent(shown.agreement)} of the other codes right"
    question = _cut(wrapped("", shown.question), height // 8)
    said = _cut(wrapped("", shown.said), 2) if shown.said else []
    text = [part for line in shown.text.splitlines() for part in wrapped("    ", line)]
    room = height - 1 - len(question) - len(said) - AROUND
    rows = -(-len(shown.themes) // 2)
    lines = max(room - rows, min(len(text), room - min(rows, room // 3)))
    parts = _parts(text, lines)
    pages = _pages(shown.themes, 2 * (room - max(map(len, parts))))
    place = page % (len(parts) + len(pages) - 1)
    part, others = (place, 0) if place < len(parts) else (0, place - len(parts) + 1)
    more = "? more text" if place + 1 < len(parts) or len(pages) == 1 else "? more themes"
    return [
        f"{shown.read} of {shown.total} read{known}",
        "",
        *question,
        "",
        *parts[part],
        "",
        *_boxes(pages[others], shown.current),
        "",
        "Enter decide   letter mark      + turn the pole (>)   0 no theme",
        f"Space later    Backspace undo   {more if len(parts) + len(pages) > 2 else '':<22}Esc stop",
        *said,
    ]


def _cut(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], "..."]


def _parts(lines: list[str], room: int) -> list[list[str]]:
    """Lines in parts that fit, with dots where it goes on."""
    if len(lines) <= room:
        return [lines]
    size = room - 2
    starts = range(0, len(lines), size)
    return [
        [
            *(["    ..."] if start else []),
            *lines[start : start + size],
            *(["    ..."] if start + size < len(lines) else []),
        ]
        for start in starts
    ]


def _pages(themes: Sequence[ThemeKey], room: int) -> list[list[ThemeKey]]:
    """Themes in pages that fit: what is marked on each, the likeliest others first, a page in the codebook's order."""
    if len(themes) <= room:
        return [list(themes)]
    marked = [theme for theme in themes if theme[2] is not None]
    kept = marked if len(marked) <= room // 2 else []
    rest = sorted((theme for theme in themes if theme not in kept), key=lambda theme: (theme[2] is None, -theme[3]))
    size = room - len(kept)
    pages = [{theme[0] for theme in (*kept, *rest[start : start + size])} for start in range(0, len(rest), size)]
    return [[theme for theme in themes if theme[0] in page] for page in pages]


def _boxes(themes: Sequence[ThemeKey], current: str) -> list[str]:
    """Themes to be marked, in two columns."""
    cells = []
    for key, label, pole, likely in themes:
        mark = ">" if label == current else " "
        said = f" ({SHORT[pole]})" if pole is not None else ""
        name = fit(label, 28 - len(said)).rstrip() + said
        cells.append(fit(f"{mark}[{' ' if pole is None else 'x'}] {key} {name}", 35) + f"{percent(likely):>4}")
    half = -(-len(cells) // 2)
    return [f"{left}  {right}".rstrip() for left, right in zip(cells[:half], [*cells[half:], ""], strict=False)]


def sat(decided: int, left: int, coder: str, folder: Path) -> list[str]:
    """The summary of ``review next``."""
    step = "auditkit review next --coder NAME" if left else "auditkit review status"
    return [f"{counted(decided, 'answer')} decided by {coder}; {left} left.", *following([step], folder)]


def accepted(unread: Unread, coder: str, folder: Path, *, back: bool) -> list[str]:
    """The summary of ``review accept``; ``back``: what was taken over is to be read again."""
    count = counted(unread.answers, "answer")
    what = f"{count} whose codes all have a probability of {percent(unread.least)} or more"
    if back:
        what = f"{count} that nobody has read"
    said = {
        (True, True): f"To be read again, says {coder}: {what}.",
        (True, False): f"Would be left to be read again: {what}.",
        (False, True): f"Taken over unread by {coder}: {what}.",
        (False, False): f"Would be taken over unread: {what}.",
    }
    counts = [f"{n:>4}" for n in unread.by_label.values()]
    lines = [said[back, unread.done], *_beside(list(unread.by_label), counts)]
    if unread.done:
        return [*lines, *following(["auditkit review status"], folder)]
    again = f"auditkit review accept --coder {quoted(Path(coder))}{' --undo' if back else ''} --yes"
    return [*lines, "Nothing was changed.", *following([again], folder)]


def status(status: Mapping[str, Any], folder: Path) -> list[str]:
    """The summary of ``review status``."""
    lines = [f"{'Round':<28}{'answers':>9}{'read':>8}{'accepted':>10}{'to read':>9}"]
    for one in status["rounds"]:
        read = one["reviewed"] - one["unread"]
        numbers = f"{one['answers']:>9}{read:>8}{one['unread']:>10}{one['answers'] - one['reviewed']:>9}"
        lines.append(f"{fit(one['round'], 28)}{numbers}")
    if any(one["unread"] for one in status["rounds"]):
        lines.append("accepted: taken over from the software without being read.")
    changed = sum(one["changed_text"] for one in status["rounds"])
    if changed:
        lines.append(f"{counted(changed, 'answer')} to read again: the text has changed since they were decided.")
    again = sum(one["again"] for one in status["rounds"])
    if again:
        lines.append(f"{counted(again, 'answer')} to read again: the codebook has changed since they were decided.")
    return [
        *lines,
        "",
        *_expected(status),
        *_accepting(status),
        *_wording(status),
        "",
        *following([status["next"]], folder),
    ]


def _expected(status: Mapping[str, Any]) -> list[str]:
    from auditkit.analysis import ENOUGH_READ, SEEN

    if all(one["reviewed"] - one["unread"] == one["answers"] for one in status["rounds"]):
        lines = ["Agreement  every code was set by a person"]
    elif status["agreement"] is None:
        low, high = SEEN
        more = max(ENOUGH_READ - status["read"], 0)
        lines = wrapped(
            "Agreement  ",
            f"not yet known for your data ({low} to {high}% of the codes were right on other data); "
            f"it will be after {counted(more, 'more answer')}.",
        )
    else:
        now, then = status["agreement"]
        mine = (
            ""
            if status["machine"] is None
            else (f"about {percent(status['machine'])} of the software's codes are what a careful person would set; ")
        )
        lines = wrapped(
            "Agreement  ",
            f"{mine}of all codes about {percent(now)}, and about {percent(then)} after the next 25 answers.",
        )
    if status["shown"]:
        lines += wrapped(
            "           ",
            f"So far people kept {status['kept']} of {status['shown']} suggested codes, "
            f"and added {status['set'] - status['kept']}; the doubtful ones come first.",
        )
    return lines


def _accepting(status: Mapping[str, Any]) -> list[str]:
    about = status["accept"]
    if about["why_not"]:
        return wrapped("Unread     ", f"taking over codes unread is {about['why_not']}.")
    checked = about["checked"]
    lacking = f", and {checked.lacking} of their {checked.answers} answers lacked a theme" if checked.lacking else ""
    return wrapped(
        "Unread     ",
        f"{counted(about['answers'], 'answer')} could be taken over unread, from a probability of "
        f"{percent(about['threshold'])} on; of the {checked.tried} such codes that were checked, {checked.right} were "
        f"right{lacking}: auditkit review accept --coder NAME",
    )


def _wording(status: Mapping[str, Any]) -> list[str]:
    if not status["wording"]:
        return []
    lines = ["", "Where the codebook's wording loses most, without what was learned:"]
    said = [
        f"found {one.found} of {one.people}" + (f", {one.wrong} wrongly" if one.wrong else "")
        for one in status["wording"]
    ]
    return [*lines, *_beside([one.label for one in status["wording"]], said)]


def _beside(labels: Sequence[str], said: Sequence[str]) -> list[str]:
    """Labels with what is said of each, in columns; labels are cut only where the line is full."""
    room = WIDTH - 3 - max(map(len, said), default=0)
    width = columns_for(labels, 30, max(room, LEAST))
    return [f"  {fit(label, width)} {words}" for label, words in zip(labels, said, strict=True)]
