"""What the terminal shows: plain ASCII but for the bar, 80 columns, at most 40 lines a summary."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditkit.errors import AuditkitError
    from auditkit.feedback import Handed

WIDTH = 80
LINES = 40
DRAFT = "DRAFT: suggested by software, not yet reviewed."
COLUMN_LINES = 12  # of the table of columns


def say(lines: Sequence[str]) -> None:
    """Print lines, cut to the width, to standard output."""
    sys.stdout.write("".join(f"{plain(line)[:WIDTH].rstrip()}\n" for line in lines))


def complain(error: AuditkitError) -> None:
    """An error in two parts: what was found and where, and what to do."""
    text = [*_wrapped("error: ", error.message), *(f"       {line}" for line in error.details)]
    text += _wrapped("fix:   ", error.fix)
    sys.stderr.write("".join(f"{line}\n" for line in text))


def plain(text: str) -> str:
    """Text without typographic signs: a terminal may not have them."""
    for sign, instead in (("−", "-"), ("→", "->"), ("–", "-"), ("’", "'"), ("·", "-"), ("…", "...")):
        text = text.replace(sign, instead)
    return text


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, where that is a terminal; steps that cannot be counted show their name."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description:<26}"),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[count]:<14}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, Any] = {}
    with bar:

        def tell(step: str, done: int, total: int) -> None:
            for name, task in tasks.items():
                if name != step:
                    bar.update(task, total=1, completed=1)
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total or None, count="")
            count = f"{done} of {total}" if total > 1 else ""
            bar.update(tasks[step], completed=done, total=total or None, count=count)

        yield tell


def analysed(summary: Mapping[str, Any], computed: bool) -> list[str]:
    """The summary of ``analyse``."""
    lines: list[str] = []
    rounds = summary["rounds"]
    lines += _columns(summary["columns"], COLUMN_LINES if len(rounds) == 1 else 6)
    most = 7 if len(rounds) == 1 else 3
    for one in rounds:
        lines += ["", *_round(one, most)]
    last = rounds[-1]
    waiting = sum(one["answers"] - one["reviewed"] for one in rounds)
    lines.append("")
    if waiting:
        lines.append(DRAFT)
    answers = sum(one["answers"] for one in rounds)
    if answers:
        reviewed = answers - waiting
        without = sum(one["without"] for one in rounds)
        suggested = last["topics_note"] or f"{sum(one['suggested'] for one in rounds)} new themes suggested"
        lines += [
            f"  answers reviewed        {reviewed} of {answers} ({_share(reviewed, answers)})",
            *_wrapped("  expected agreement      ", last["agreement"]),
            f"  answers without theme   {without} ({_share(without, answers)}); {suggested}",
        ]
    problems = {name: sum(one["problems"][name] for one in rounds) for name in ("error", "warning", "note")}
    lines.append(
        f"  problems in the file    {problems['error']} left out, {problems['warning']} to check, {problems['note']} notes"
    )
    for change in summary["codebook"][:2]:
        lines.append(f"  codebook                {change}")
    if summary.get("key"):
        lines.append("  names were replaced by codes; the key lies outside this folder")
    lines.append("")
    if not computed:
        lines.append("Nothing has changed since the last run; nothing was written.")
    lines += _written(summary["written"][:3])
    step = "auditkit review export" if waiting else "auditkit feedback --all-packs"
    lines.append(f"Next     {step}")
    return lines[:LINES]


def compared(summary: Mapping[str, Any], computed: bool) -> list[str]:
    """The summary of ``compare``."""
    lines = [
        f"{summary['before']} to {summary['after']}: {summary['compared']} of {summary['pairs']} "
        f"{'pairs' if summary['design'] == 'linked' else 'groups'} compared, {summary['people']} people"
    ]
    if summary["not_compared"]:
        lines += _wrapped("Not compared: ", ", ".join(summary["not_compared"]))[:2]
    if summary["design"] == "unlinked":
        lines.append("Nobody can be linked between the rounds: groups described, nothing tested.")
    lines.append("")
    rows = summary["rows"]
    main = [row for row in rows if row["measure"] in summary["primaries"] and row["change"] is not None]
    rest = [row for row in rows if row["measure"] not in summary["primaries"] and row["change"] is not None]
    if rows:
        before, after = _short(summary["before"]), _short(summary["after"])
        lines += [
            f"{'Main question':<23}{before:>8}{after:>8}{'Change':>8}  {'95% interval':<15}{'Up':>5}{'Same':>5}{'Down':>5}"
        ]
        lines.append("-" * 77)
        for row in main:
            lines += [_figures(row), f"  {row['verdict']}"]
        if rest:
            lines.append("Also asked, not tested")
            lines += [_figures(row) for row in rest[:8]]
        lines.append("-" * 77)
    if not rows or summary["design"] == "unlinked":
        lines += _themes_changed(summary)
    lines += ["", "Two moments, no comparison group: this shows what changed, not why."]
    if summary["exceptions"]:
        lines.append(f"Exceptions: {summary['exceptions']} pairs, for the facilitator only (sheet Exceptions).")
    if summary["reviewed"] < summary["answers"]:
        share = _share(summary["reviewed"], summary["answers"])
        lines.append(f"{DRAFT} {summary['reviewed']} of {summary['answers']} answers ({share}).")
        lines += _wrapped("Expected agreement: ", summary["agreement"])
    lines += [line for note in summary["notes"][:2] for line in _wrapped("Note: ", note)[:2]]
    lines.append("")
    if not computed:
        lines.append("Nothing has changed since the last run; nothing was written.")
    lines += _written(summary["written"])
    lines.append("Next     auditkit feedback --all-packs")
    return lines[:LINES]


def handed(result: Handed) -> list[str]:
    """The summary of ``feedback``: files, and what was withheld by which rule, never its value."""
    lines = [f"From {' and '.join(result.rounds)}: {len(result.packs)} pack{'s' if len(result.packs) > 1 else ''}"]
    if result.is_draft:
        lines += [DRAFT, f"  {result.draft_note}"]
    lines.append("")
    for one in result.packs[:12]:
        lines.append(f"Written  {one.path}")
    if len(result.packs) > 12:
        lines.append(f"         and {len(result.packs) - 12} more")
    withheld = list(dict.fromkeys(fact for one in result.packs for fact in one.withheld))
    if withheld:
        lines += ["", "Withheld"]
        for term, rule in withheld[:10]:
            lines += _wrapped(f"  {term}: ", rule)[:2]
    lines += ["", "Next     Hand packs of pairs over in a meeting. Do not e-mail them."]
    return lines[:LINES]


def reviewed(status: Mapping[str, Any]) -> list[str]:
    """The summary of ``review status``."""
    lines = [f"{'Round':<28}{'answers':>9}{'read':>8}{'to read':>9}   expected agreement"]
    for one in status["rounds"]:
        lines.append(
            f"{one['round'][:27]:<28}{one['answers']:>9}{one['reviewed']:>8}{one['answers'] - one['reviewed']:>9}"
            f"   {one['agreement'].split(' (')[0]}"
        )
    lines.append(f"Next     {status['next']}")
    return lines


def audited(status: Mapping[str, Any]) -> list[str]:
    """The summary of ``status``."""
    lines = [f"{'Round':<28}{'answers':>9}{'reviewed':>10}   file"]
    for one in status["rounds"]:
        share = _share(one["reviewed"], one["answers"])
        lines.append(f"{one['round'][:27]:<28}{one['answers']:>9}{share:>10}   {one['file']}")
    for one in status["comparisons"][-5:]:
        lines.append(f"Compared {' to '.join(one['rounds'])} (run {one['run']})")
    lines.append(f"Packs    {len(status['packs'])} in out/packs")
    lines.append(f"Next     {status['next']}")
    return lines


def _columns(columns: Sequence[Mapping[str, str]], most: int) -> list[str]:
    if not columns:
        return []
    lines = [f"{'Column':<26}{'taken for':<22}because"]
    grouped: list[tuple[str, str, str]] = []
    for column in columns:
        header = " ".join(column["header"].split())
        if grouped and column["role"] == grouped[-1][1] and column["role"] in ("rating", "open", "ignore", "fact"):
            first = grouped[-1][0].split(" .. ")[0]
            grouped[-1] = (f"{first} .. {header}", column["role"], grouped[-1][2])
        else:
            grouped.append((header, column["role"], column["reason"]))
    for header, role, reason in grouped[:most]:
        shown = header if len(header) <= 25 else f"{header[:11]}..{header[-12:]}"
        lines.append(f"{shown:<26}{role:<22}{reason}")
    if len(grouped) > most:
        lines.append(f"and {len(grouped) - most} more in audit.toml, where all can be changed")
    return lines


def _round(one: Mapping[str, Any], most: int) -> list[str]:
    name = one["round"]
    who = f"{one['people']} people" + (f" in {one['pairs']} pairs" if one["pairs"] else ", no pairs")
    what = f"{one['answers']} answers, {one['excerpts']} excerpts" if one["answers"] else f"{one['ratings']} ratings"
    lines = [f"{name}: {who}, {what}"]
    if one["sponsors"]:
        lines.append(f"{one['sponsors']} sponsors kept apart.")
    if one["themes"]:
        title = f"People of {one['people']} naming a theme"
        lines.append(f"{title:<36}{'All':>6}{'Problem':>10}{'Both':>7}{'Works well':>13}")
        lines.append("-" * 72)
        for row in one["themes"][:most]:
            lines.append(
                f"{row['label'][:35]:<36}{row['respondents']:>6}{row['poor']:>10}{row['both']:>7}{row['good']:>13}"
            )
        more = one["more_themes"] + len(one["themes"][most:])
        if more:
            lines.append(f"and {more} more themes")
    return lines


def _figures(row: Mapping[str, Any]) -> str:
    label = str(row["measure"]).capitalize()[:22]
    interval = "" if row["low"] is None else f"{row['low']:.2f} to {row['high']:.2f}"
    counts = "".join(f"{row[name] or 0:>5.0f}" for name in ("up", "same", "down"))
    return f"{label:<23}{row['before']:>8.2f}{row['after']:>8.2f}{row['change']:>+8.2f}  {interval:<15}{counts}"


def _themes_changed(summary: Mapping[str, Any]) -> list[str]:
    rows = [row for row in summary["themes"] if row["change"] is not None and row["pole"] in ("good", "poor")]
    rows.sort(key=lambda row: -abs(row["change"]))
    words = {"good": "works well", "poor": "problem"}
    lines = [f"{'Theme, share of people':<40}{'Before':>8}{'After':>8}{'Change':>8}"] if rows else []
    for row in rows[:8]:
        label = f"{row['label'][:26]} ({words[row['pole']]})"
        lines.append(f"{label:<40}{row['before']:>8.0%}{row['after']:>8.0%}{row['change']:>+8.0%}")
    return lines


def _written(paths: Sequence[str]) -> list[str]:
    return [f"{'Written' if number == 0 else '':<9}{path}" for number, path in enumerate(paths)]


def _wrapped(start: str, text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=" " * min(len(start), 26), break_on_hyphens=False
    ) or [start]


def _share(part: int, total: int) -> str:
    return f"{part / total:.0%}" if total else "-"


def _short(name: str) -> str:
    return name if len(name) <= 8 else f"{name[:6]}.."
