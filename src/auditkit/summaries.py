"""The summaries that commands print: at most 40 lines of 80 columns, and the next command to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.console import WIDTH, columns_for, fit, wide, wrapped

if TYPE_CHECKING:
    from auditkit.feedback import Handed

LINES = 40
DRAFT = "DRAFT: suggested by software, not yet reviewed."
FITTING = ((12, 7), (8, 7), (6, 5), (6, 3), (4, 3), (4, 1), (3, 0))
"""Lines of the table of columns and of each round's themes, tried in this order until all fits."""

ROUNDS = 6  # shown at most
SEVERAL = 5  # files of one folder from which on they are counted
WHAT = {
    "/report-": "themes with evidence",
    "analysis.xlsx": "the same as tables, every coding",
    "codebook.xlsx": "the themes, yours to change",
    "comparison.html": "pair by pair, for the analyst",
    "comparison.xlsx": "the same as tables",
    "people.xlsx": "who is in which round, by code",
}
NARROW = 8  # columns for a round's name
STATES = {"one-partner": "one partner"}
POLES = {"good": "works well", "poor": "problem"}


def analysed(summary: Mapping[str, Any], computed: bool, folder: Path) -> list[str]:
    """The summary of ``analyse``."""
    rounds = summary["rounds"]
    last = [*_state(summary), "", *_closing(summary, computed, folder)]
    lines: list[str] = []
    for columns, themes in FITTING:
        lines = _columns(summary["columns"], columns)
        for one in rounds[:ROUNDS]:
            lines += [*([""] if themes or one is rounds[0] else []), *_round(one, themes)]
        if len(rounds) > ROUNDS:
            lines.append(f"and {len(rounds) - ROUNDS} more rounds")
        if len(lines) + 1 + len(last) <= LINES:
            break
    return [*lines, "", *last]


def troubles(summary: Mapping[str, Any]) -> list[str]:
    """What is printed above a summary: what was left out of the files, and what is to be checked."""
    from auditkit.problem_lines import listed

    lines = listed(summary["problems"], kinds=("error", "warning")) if "problems" in summary else []
    return [f"Left out, or to check: {lines[0]}", *lines[1:], ""] if lines else []


def started(written: Sequence[Path], notes: Sequence[str], folder: Path) -> list[str]:
    """The summary of ``init``."""
    lines = [f"{'Written' if number == 0 else '':<9}{path}" for number, path in enumerate(written)]
    for note in notes:
        lines += wrapped("Note     ", note)
    return [
        *(lines or ["Everything is there already; nothing was written."]),
        *wrapped("Next     ", "Give each person a code, send the form. When answers are there:"),
        f"         auditkit check {quoted(folder / 'answers.xlsx')}",
    ]


def compared(summary: Mapping[str, Any], computed: bool, folder: Path) -> list[str]:
    """The summary of ``compare``."""
    from auditkit.outputs import WRONG_WAY_ROUND

    is_linked = summary["design"] == "linked"
    noun = "pair" if is_linked else "group"
    first = wrapped(
        "",
        f"{summary['before']} to {summary['after']}: {summary['compared']} of {summary['pairs']} "
        f"{noun}s compared, {_counted(summary['people'], 'person', 'people')}",
    )
    if summary["not_compared"]:
        first += _left_out(summary["not_compared"], noun)
    if not is_linked:
        first.append("Nobody can be linked between the rounds: groups described, nothing tested.")
    last = ["", "Two moments, no comparison group: this shows what changed, not why."]
    if summary["exceptions"]:
        last.append(
            f"Exceptions: {_counted(summary['exceptions'], noun)}, for the facilitator only (sheet Exceptions)."
        )
    if summary["reviewed"] < summary["answers"]:
        share = _share(summary["reviewed"], summary["answers"])
        last.append(f"{DRAFT} {summary['reviewed']} of {summary['answers']} answers ({share}).")
        last += wrapped("Expected agreement: ", summary["agreement"])
    for note in summary["notes"][:2]:
        if note.endswith(WRONG_WAY_ROUND):
            first = [*wrapped("Note: ", note), *first]
        else:
            last += wrapped("Note: ", note)[:3]
    last.append("")
    if not computed:
        last.append("Nothing has changed since the last run; nothing was written.")
    last += [*_written(summary["written"], folder), *following(["auditkit feedback --all-packs"], folder)]
    room = LINES - len(first) - len(last) - 1
    themes = [] if is_linked and summary["rows"] else _themes_changed(summary)
    ratings = _ratings_changed(summary, room - min(len(themes), 8))
    return [*first, "", *ratings, *themes[: room - len(ratings)], *last]


def handed(result: Handed, folder: Path) -> list[str]:
    """The summary of ``feedback``: files, and what was withheld by which rule, never its value."""
    lines = wrapped(
        "", f"From {result.made_from or ' and '.join(result.rounds)}: {_counted(len(result.packs), 'pack')}"
    )[:4]
    if result.is_draft:
        lines += [f"{result.draft_words}.", f"  {result.draft_note}"]
    folders: dict[str, list[str]] = {}
    withheld: dict[tuple[str, str], list[str]] = {}
    for one in result.packs:
        place = one.path.rpartition("/")[0]
        folders.setdefault(place, []).append(one.path)
        for fact in one.withheld:
            kinds = withheld.setdefault(fact, [])
            if (kind := place.rpartition("/")[2]) not in kinds:
                kinds.append(kind)
    paths = []
    for place, files in folders.items():
        paths += files if len(files) < SEVERAL else [f"{place + '/':<24}{len(files)} packs"]
    lines += ["", *_written(paths, folder)]
    for path in result.recalled:
        lines += wrapped("Removed  ", f"{path}: its reader left, or no longer shares ratings. Ask for copies back.")
    if withheld:
        lines += ["", "Withheld, and by which rule"]
        room = LINES - len(lines) - 4
        last: list[str] = []
        for (term, rule), kinds in withheld.items():
            part = [] if kinds == last else [f"  {', '.join(kinds)}"]
            part += wrapped(f"    {term}: ", rule, 6)[:3]
            room -= len(part)
            if room < 0:
                lines.append("    and more; each pack says what it leaves out")
                break
            lines += part
            last = kinds
    return [*lines, "", "Next     Hand packs of pairs over in a meeting. Do not e-mail them."]


def audited(status: Mapping[str, Any], folder: Path) -> list[str]:
    """The summary of ``status``."""
    lines = [f"{'Round':<28}{'answers':>9}{'reviewed':>10}   file"]
    for one in status["rounds"]:
        share = _share(one["reviewed"], one["answers"])
        lines.append(f"{fit(one['round'], 28)}{one['answers']:>9}{share:>10}   {fit(one['file'], 30).rstrip()}")
    lines.append("")
    for one in status["comparisons"][-5:]:
        lines += wrapped("Compared ", f"{' to '.join(one['rounds'])} (run {one['run']})")
    lines.append(f"Packs    {len(status['packs'])} in out/packs")
    return [*lines, *following([status["next"]], folder)]


def _state(summary: Mapping[str, Any]) -> list[str]:
    """How far the codings can be trusted, what was odd in the file."""
    rounds = summary["rounds"]
    answers = sum(one["answers"] for one in rounds)
    waiting = answers - sum(one["reviewed"] for one in rounds)
    accepted = sum(one.get("accepted", 0) for one in rounds)
    lines = [DRAFT] if waiting else []
    if answers:
        without = sum(one["without"] for one in rounds)
        notes = {one["topics_note"] for one in rounds}
        found = sum(one["suggested"] for one in rounds)
        suggested = f"{_counted(found, 'new theme')} suggested" if found or notes == {""} else min(notes - {""})
        lines += [
            f"  answers reviewed        {answers - waiting} of {answers} ({_share(answers - waiting, answers)})"
            + (f", {accepted} of them taken over unread" if accepted else ""),
            *wrapped("  expected agreement      ", rounds[-1]["agreement"], 26),
            *wrapped("  answers without theme   ", f"{without} ({_share(without, answers)}); {suggested}", 26)[:2],
        ]
    if summary.get("recoded"):
        lines.append("  coded anew              together with the round it was compared with")
    left = summary.get("left", {})
    if left.get("withdrew"):
        lines.append(f"  withdrawn               {_counted(left['withdrew'], 'answer')}, with all that hung on them")
    if left.get("missing"):
        gone = f"{_counted(left['missing'], 'answer')} that the file held before; what was decided on them is kept"
        lines += wrapped("  missing                 ", gone, 26)
    changed = sum(one["changed_text"] for one in rounds)
    if changed:
        said = f"{_counted(changed, 'answer')} to read again: the text has changed since the decision"
        lines += wrapped("  decisions               ", said, 26)
    problems = {name: sum(one["problems"][name] for one in rounds) for name in ("error", "warning", "note")}
    lines.append(
        f"  problems in the file    {_counted(problems['error'], 'error')}, {problems['warning']} to check, "
        f"{_counted(problems['note'], 'note')}"
    )
    for change in summary["codebook"][:2]:
        lines += wrapped("  codebook                ", change, 26)[:2]
    for told in summary.get("codebook_read", []):
        lines += wrapped("                          ", told, 26)
    if summary.get("key"):
        lines += wrapped("  names became codes      ", f"the key is {summary['key']}; keep it apart", 26)
    if summary.get("inside"):
        said = f"{summary['file']} lies in the audit's folder; keep originals elsewhere"
        lines += wrapped("  original file           ", said, 26)[:3]
    return lines


def _closing(summary: Mapping[str, Any], computed: bool, folder: Path) -> list[str]:
    lines = [] if computed else ["Nothing has changed since the last run; nothing was written."]
    shown = [path for path in summary["written"] if path != "audit.toml"]
    lines += _written([*shown[:2], *shown[-2:]] if len(shown) > SEVERAL else shown, folder)
    waiting = any(one["reviewed"] < one["answers"] for one in summary["rounds"])
    return [*lines, *following(["auditkit review export" if waiting else "auditkit feedback --all-packs"], folder)]


def _columns(columns: Sequence[Mapping[str, str]], most: int) -> list[str]:
    """What each column was taken for; neighbours of one kind on one line."""
    if not columns:
        return []
    lines = [f"{'Column':<28}{'taken for':<22}because"]
    grouped: list[tuple[list[str], str, str]] = []
    for column in columns:
        header = " ".join(column["header"].split())
        together = column["role"] in ("rating", "open", "ignore", "fact")
        if grouped and together and column["role"] == grouped[-1][1]:
            grouped[-1][0].append(header)
        else:
            grouped.append(([header], column["role"], column["reason"]))
    for headers, role, reason in grouped[:most]:
        first, last = headers[0], headers[-1]
        each = 27 if len(headers) == 1 else 11
        shown = fit(first, each).rstrip() + (f" .. {fit(last, each).rstrip()}" if len(headers) > 1 else "")
        lines.append(f"{fit(shown, 28)}{role:<22}{fit(reason, 30).rstrip()}")
    if len(grouped) > most:
        lines.append(f"and {len(grouped) - most} more in audit.toml, where all can be changed")
    return lines


def _round(one: Mapping[str, Any], most: int) -> list[str]:
    who = _counted(one["people"], "person", "people")
    who += f" in {_counted(one['pairs'], 'pair')}" if one["pairs"] else ", no pairs"
    what = _counted(one["ratings"], "rating")
    if one["answers"]:
        what = f"{_counted(one['answers'], 'answer')}, {_counted(one['excerpts'], 'excerpt')}"
    lines = [f"{fit(one['round'], 30).rstrip()}: {who}, {what}"]
    if most and one["sponsors"]:
        lines.append(f"{_counted(one['sponsors'], 'sponsor')} kept apart.")
    if most and one["themes"]:
        title = f"People of {one['people']} naming a theme"
        width = columns_for((row["label"] for row in one["themes"][:most]), 38, WIDTH - 36)
        lines.append(f"{title:<{width}}{'All':>6}{'Problem':>10}{'Both':>7}{'Works well':>13}")
        lines.append("-" * (width + 36))
        for row in one["themes"][:most]:
            counts = f"{row['respondents']:>6}{row['poor']:>10}{row['both']:>7}{row['good']:>13}"
            lines.append(fit(row["label"], width) + counts)
        more = one["more_themes"] + len(one["themes"][most:])
        if more:
            lines.append(f"and {_counted(more, 'more theme')}")
    return lines


def _ratings_changed(summary: Mapping[str, Any], room: int) -> list[str]:
    """Main questions with their verdicts, then the other scales, as many as there is room for."""
    rows = [row for row in summary["rows"] if row["change"] is not None]
    main = [row for row in rows if row["measure"] in summary["primaries"]]
    if not rows:
        return []
    before, after = summary["before"], summary["after"]
    if max(wide(before), wide(after)) > NARROW:
        before, after = "Before", "After"
    pairs = {row["n_pairs"] for row in main}
    title = f"Main question, n = {min(pairs)}" if len(pairs) == 1 else "Main question"
    lines = [
        f"{fit(title if main else 'Scale', 24)}{before:>8}{after:>8}{'Change':>8}   {'95% interval':<15}"
        f"{'Up':>4}{'Same':>5}{'Down':>5}",
        "-" * WIDTH,
    ]
    parts = [[_figures(row), *wrapped("  ", row["verdict"])[:2]] for row in main]
    parts += [[_figures(row)] for row in rows if row not in main]
    for number, part in enumerate(parts):
        heading = ["Also asked, not tested"] if main and number == len(main) else []
        if len(lines) + len(heading) + len(part) + 2 > room:
            lines.append(f"and {len(parts) - number} more in comparison.xlsx")
            break
        lines += [*heading, *part]
    return [*lines, "-" * WIDTH]


def _figures(row: Mapping[str, Any]) -> str:
    interval = "" if row["low"] is None else f"{row['low']:z.2f} to {row['high']:z.2f}"
    counts = f"{row['up'] or 0:>4.0f}{row['same'] or 0:>5.0f}{row['down'] or 0:>5.0f}"
    figures = f"{row['before']:>8.2f}{row['after']:>8.2f}{row['change']:>+z8.2f}"
    label = row["label"][:1].upper() + row["label"][1:]
    return f"{fit(label, 24)}{figures}   {interval:<15}{counts}"


def _themes_changed(summary: Mapping[str, Any]) -> list[str]:
    rows = [row for row in summary["themes"] if row["change"] is not None and row["pole"] in POLES]
    rows.sort(key=lambda row: -abs(row["change"]))
    said = [f" ({POLES[row['pole']]})" for row in rows[:8]]
    width = columns_for((row["label"] + pole for row, pole in zip(rows, said, strict=False)), 42, WIDTH - 24)
    lines = []
    if rows:
        lines = [f"{'Theme, share of people':<{width}}{'Before':>8}{'After':>8}{'Change':>8}", "-" * (width + 24)]
    for row, pole in zip(rows, said, strict=False):
        label = fit(fit(row["label"], width - len(pole)).rstrip() + pole, width)
        lines.append(f"{label}{row['before']:>8.0%}{row['after']:>8.0%}{row['change']:>+8.0%}")
    return lines


def _left_out(pairs: Sequence[str], noun: str) -> list[str]:
    """Pairs not compared, those of one state together; how many, where they do not fit on two lines."""
    together: dict[str, list[str]] = {}
    for one in pairs:
        pair, _, state = one.rpartition(" (")
        together.setdefault(STATES.get(state.rstrip(")"), state.rstrip(")")), []).append(pair)
    for parts in (
        [f"{', '.join(names)} ({state})" for state, names in together.items()],
        [f"{_counted(len(names), noun)} ({state})" for state, names in together.items()],
    ):
        lines = wrapped("Not compared: ", ", ".join(parts))
        if len(lines) <= 2:
            break
    return lines[:2]


def _written(paths: Sequence[str], folder: Path) -> list[str]:
    """Paths from the audit's folder, which is named first where it is not the present one."""
    place = [] if _is_here(folder) else [f"in {folder}"]
    width = max(map(wide, paths), default=0) + 2
    notes = [next((what for name, what in WHAT.items() if name in path), "") for path in paths]
    named = [f"{path:<{width}}{note}".rstrip() for path, note in zip(paths, notes, strict=True)]
    if any(wide(line) > WIDTH - 9 for line in named):
        named = list(paths)
    return [f"{'Written' if number == 0 else '':<9}{path}" for number, path in enumerate([*place, *named])]


def following(commands: Sequence[str], folder: Path) -> list[str]:
    """The next commands to run, as they can be typed."""
    where = "" if _is_here(folder) else f" --audit {quoted(folder)}"
    return [f"{'Next' if number == 0 else '':<9}{command}{where}" for number, command in enumerate(commands)]


def quoted(path: Path) -> str:
    """A path as it can be typed."""
    text = str(path)
    return text if text and not set(text) & set(" \t'\"&|<>()$;*?![]{}`\\#~") else f'"{text}"'


def _is_here(folder: Path) -> bool:
    return folder.resolve() == Path.cwd()


def _counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def _share(part: int, total: int) -> str:
    return f"{part / total:.0%}" if total else "-"
