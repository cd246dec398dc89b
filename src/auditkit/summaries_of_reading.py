"""What the review commands print."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.console import fit, wrapped
from auditkit.summaries import following, quoted
from auditkit.wording import counted, percent

if TYPE_CHECKING:
    from auditkit.review import Taken
    from auditkit.reviewing import Card, Unread

SHORT = {"good": "well", "poor": "problem", "mixed": "both", "": "?"}  # poles, where there is little room
THEMES = 16  # named at most
CONFLICTS = 8
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


def taken_over(taken: Taken, coder: str, folder: Path) -> list[str]:
    """The summary of ``review apply``: what changed, by theme, and what somebody else decided otherwise."""
    done = taken.decided
    lines = [
        f"{counted(done.answers, 'answer')} decided by {coder}: {done.without_theme} without a theme, "
        f"{counted(done.changes, 'code')} changed."
    ]
    rows = sorted(done.by_theme.items(), key=lambda row: (-sum(row[1].values()), row[0]))
    for theme, counts in [row for row in rows if row[0] in taken.labels][:THEMES]:
        said = [f"{counts[kind]} {words}" for kind, words in DECISIONS.items() if counts.get(kind)]
        lines.append(f"  {fit(taken.labels[theme], 30)} {', '.join(said)}")
    if len(rows) > THEMES:
        lines.append(f"  and {counted(len(rows) - THEMES, 'more theme')}")
    if taken.is_known:
        return [
            f"This sheet was taken over before, by {coder}: nothing has changed.",
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
    return [*lines, *following(["auditkit review status"], folder)]


def card(shown: Card) -> list[str]:
    """One answer on a screen of 80 columns."""
    known = "" if shown.agreement is None else f", about {percent(shown.agreement)} of the other codes right"
    lines = [f"{shown.read} of {shown.total} read{known}", "", *wrapped("", shown.question), ""]
    for line in shown.text.splitlines():
        lines += wrapped("    ", line)
    lines.append("")
    cells = []
    for key, label, pole, likely in shown.themes:
        mark = ">" if label == shown.current else " "
        said = f" ({SHORT[pole]})" if pole is not None else ""
        name = fit(label, 28 - len(said)).rstrip() + said
        cells.append(fit(f"{mark}[{' ' if pole is None else 'x'}] {key} {name}", 35) + f"{percent(likely):>4}")
    half = -(-len(cells) // 2)
    for left, right in zip(cells[:half], [*cells[half:], ""], strict=False):
        lines.append(f"{left}  {right}".rstrip())
    return [
        *lines,
        "",
        "Enter decide   letter mark   + turn the pole (>)   0 no theme",
        "Space later    Backspace undo                      Esc stop",
        *([shown.said] if shown.said else []),
    ]


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
    lines = [said[back, unread.done], *(f"  {fit(label, 30)} {n:>4}" for label, n in unread.by_label.items())]
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
        lines = wrapped(
            "Agreement  ",
            f"about {percent(status['machine'])} of the software's codes are what a careful person would set; of all "
            f"codes about {percent(now)}, and about {percent(then)} after the next 25 answers.",
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
    right, tried = about["checked"]
    return wrapped(
        "Unread     ",
        f"{counted(about['answers'], 'answer')} could be taken over unread, from a probability of "
        f"{percent(about['threshold'])} on; of the {tried} such codes that were checked, {right} were right: "
        "auditkit review accept --coder NAME",
    )


def _wording(status: Mapping[str, Any]) -> list[str]:
    if not status["wording"]:
        return []
    lines = ["", "Where the codebook's wording loses most, without what was learned:"]
    for one in status["wording"]:
        lines.append(
            f"  {fit(one.label, 30)} found {one.found} of {one.people}"
            + (f", {one.wrong} wrongly" if one.wrong else "")
        )
    return lines
