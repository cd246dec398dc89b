"""Agreement in words: what the terminal prints, and the first sheet of agreement.xlsx."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.agreement import FEWEST_POSITIVES, FEWEST_UNITS, GUIDANCE, MAY_BE_LUCK, RELY, TENTATIVE, guidance
from auditkit.console import WIDTH, fit, wrapped
from auditkit.double_coding import A_WEEK, Compared, DoubleCoding, HandedOut, Kept, ThemeAgreement, by_alpha
from auditkit.statistics import Interval
from auditkit.summaries import LINES, following, quoted
from auditkit.wording import counted

if TYPE_CHECKING:
    from auditkit.second_sheet import Returned

MOST_NAMED = 5  # themes to talk about first
MOST_OTHERS = 3  # earlier sheets
HEADINGS = {
    GUIDANCE[2]: f"Not reliable: alpha below {TENTATIVE}",
    GUIDANCE[1]: f"Tentative: alpha from {TENTATIVE}",
    GUIDANCE[0]: f"Rely on it: alpha from {RELY:.3f}",
}
RARE = f"Counts only: fewer than {FEWEST_POSITIVES} answers with the theme"
UNDEFINED = "Undefined: one code for everything"
KEPT = "Share of the software's suggestions that were kept (no agreement of two coders)"


def handed_out(done: HandedOut, folder: Path) -> list[str]:
    """The summary of ``agreement --export``."""
    sample = done.sample
    lines = [
        f"{counted(len(sample.answers), 'answer')} for a second coder, of {sample.decided} decided (draw {done.draw}).",
        "Without round, pair, role, suggestions, or what the first coder set.",
    ]
    if sample.again:
        lines.append(f"{sample.again} of them were in an earlier draw: no others were left.")
    if len(sample.answers) < FEWEST_UNITS:
        lines += wrapped("", f"Fewer than {FEWEST_UNITS}: differences will be listed, but no coefficient given.")
    return [
        *lines,
        f"Written  {done.path}",
        "         Fill the column themes: labels with ; between them, or none.",
        *following([f"auditkit agreement {quoted(done.path)} --coder NAME"], folder),
    ]


def compared(result: Compared, folder: Path) -> list[str]:
    """The summary of ``agreement``, with or without a sheet: at most 40 lines."""
    first = _taken_over(result.returned) if result.returned else []
    last = _kept(result.kept)
    steps = ["", "Nobody has coded a second time yet."] if not result.done else []
    if result.done:
        latest, *others = result.done
        first += [_title(latest), *_notes(latest)]
        last = [*_poles(latest), *_others(others), *last, *_talk(latest)]
    if result.path is None:
        steps = [*steps, *following(["auditkit review export"], folder)]
    else:
        if not result.computed:
            steps.append("Nothing has changed since the last run; nothing was written.")
        steps += [f"Written  {result.path}", *_next(result, folder)]
    if not result.done:
        return [*first, *last, *steps]
    return [*first, "", *_table(result.done[0], LINES - len(first) - len(last) - len(steps) - 1), *last, *steps]


def summary(done: Sequence[DoubleCoding], kept: Sequence[Kept]) -> list[tuple[str, Any]]:
    """The first sheet of agreement.xlsx: names and values."""
    lines: list[tuple[str, Any]] = []
    for one in done:
        overall = one.overall
        lines += [
            ("Coders", _title(one)),
            *(("Note", note) for note in _notes(one)),
            *_overall(overall.note, overall.raw, overall.positive, overall.kappa, overall.alpha),
            *(("Poles", line) for line in _poles(one)),
            ("Themes to talk about first", ", ".join(_named(one.to_talk_about)) or "none below .800"),
            ("Answers coded differently", len(one.disagreements)),
            ("", ""),
        ]
    every = kept[0]
    return [
        *lines,
        ("Suggestions by the software", f"{KEPT}. The coder saw them."),
        ("Kept of those suggested (precision)", _of(every.kept, every.shown, every.precision)),
        ("Suggested of those set (recall)", _of(every.kept, every.given, every.recall)),
        ("", ""),
        *(("" if number else "How to read it", line) for number, line in enumerate(HOW_TO_READ)),
    ]


HOW_TO_READ = (
    f"Alpha from {RELY:.3f}: rely on it. From {TENTATIVE}: tentative. Below: not reliable. Look at the lower end of "
    "the interval too: with few answers a good alpha can be luck.",
    f"Below {FEWEST_UNITS} answers, or {FEWEST_POSITIVES} with the theme, there are counts alone: where a theme is "
    "rare, two coders agree on most answers whatever they do.",
    "Intervals are 95 %, by drawing people, because the answers of one person are not independent.",
    "All themes: kappa and alpha are pooled over the themes.",
    "The first coder saw the software's suggestions, the second did not.",
    "Low agreement says that a definition is too broad: sharpen it in codebook.xlsx, then have a new draw coded.",
    "Disagreements: write what you agree on into the column agreed on, then run auditkit review apply on this file. "
    "What was agreed on does not change the figures.",
)


def figure(alpha: float) -> str:
    """An alpha with two decimals, or with as many as its guidance needs: "0.80", but "0.797" for what is below."""
    if math.isnan(alpha):
        return ""
    texts = [f"{alpha:.{digits}f}" for digits in (2, 3, 4, 6)]
    return next((text for text in texts if guidance(float(text)) == guidance(alpha)), texts[-1])


def _taken_over(returned: Returned) -> list[str]:
    lines = [f"{counted(len(returned.codes), 'answer')} taken over, {returned.blank} left open."]
    if returned.changed:
        lines.append(f"{counted(returned.changed, 'answer')} left out: the text has changed since.")
    if returned.gone:
        lines.append(f"{counted(returned.gone, 'answer')} left out: no longer in the audit, or not decided.")
    return lines


def _title(one: DoubleCoding) -> str:
    what = f"draw {one.draw}: {counted(one.answers, 'answer')} of {counted(one.people, 'person', 'people')}"
    if not one.is_repeat:
        return f"{one.first} (1st) and {one.coder} (2nd), {what}"
    fewest, most = one.days
    apart = counted(most, "day") if fewest == most else f"{fewest} to {counted(most, 'day')}"
    return f"The same coder, {apart} apart: {one.coder}, {what}"


def _notes(one: DoubleCoding) -> list[str]:
    notes = []
    if one.is_repeat and one.days[0] < A_WEEK:
        notes.append("Less than a week lies between: memory may have helped.")
    if one.changed_text:
        notes.append(f"{counted(one.changed_text, 'answer')} left out: the text has changed since.")
    if one.codebook_changed:
        notes.append("The codebook has changed since: this tells of the themes as they were.")
    return notes


def _table(one: DoubleCoding, room: int) -> list[str]:
    """Themes in groups by what their alpha allows; the lowest first."""
    lines = [
        f"{'Theme':<24}{'both':>5}{'only':>5}{'only':>5}{'raw':>6}{'posi-':>6}{'kappa':>7}{'alpha':>7}{'95%':>10}",
        f"{'':<29}{'1st':>5}{'2nd':>5}{'':>6}{'tives':>6}{'':>14}{'interval':>13}",
        "-" * WIDTH,
    ]
    used = [row for row in by_alpha(one.themes) if row.agreement.both + row.agreement.first + row.agreement.second]
    last = [f"{len(one.themes) - len(used)} more not used by either."] if len(used) < len(one.themes) else []
    if any(row.agreement.may_be_luck for row in used):
        last = [f"* no interval, or one that reaches below {TENTATIVE}: {MAY_BE_LUCK}", *last]
    last = ["-" * WIDTH, _row("All themes", one.overall), *last]
    if one.answers < FEWEST_UNITS:
        last += wrapped("", f"Too few to judge: {one.answers} answers, {FEWEST_UNITS} are needed. Counts only.")
    heading = ""
    for number, row in enumerate(used):
        above = _heading(row) if one.answers >= FEWEST_UNITS else ""
        part = [*([above] if above != heading else []), _row(row.label, row.agreement)]
        if len(lines) + len(part) + len(last) + 1 > room:
            lines.append(f"and {len(used) - number} more in the sheet Themes")
            break
        heading = above
        lines += part
    return [*lines, *last]


def _heading(row: ThemeAgreement) -> str:
    found = row.agreement
    if found.guidance:
        return HEADINGS[found.guidance]
    return RARE if found.both + found.first + found.second < FEWEST_POSITIVES else UNDEFINED


def _row(label: str, found: Any) -> str:
    counts = f"{found.both:>5}{found.first:>5}{found.second:>5}"
    kappa = "" if math.isnan(found.kappa.estimate) else f"{found.kappa.estimate:.2f}"
    ends = "" if found.alpha.low is None else f"{found.alpha.low:.2f} to {found.alpha.high:.2f}"
    shares = f"{_percent(found.raw):>6}{_percent(found.positive):>6}"
    alpha = f"{figure(found.alpha.estimate):>7}{'*' if found.may_be_luck else ' '}"
    return f"{fit(label, 24)}{counts}{shares}{kappa:>7}{alpha}{ends:>14}".rstrip()


def _poles(one: DoubleCoding) -> list[str]:
    said, same = sum(row.poles for row in one.themes), sum(row.same_pole for row in one.themes)
    return [f"The same pole in {same} of {said} codes that both set with a pole."] if said else []


def _others(others: Sequence[DoubleCoding]) -> list[str]:
    lines = []
    for one in others[:MOST_OTHERS]:
        alpha = figure(one.overall.alpha.estimate)
        lines.append(f"Also: {_title(one)}, alpha {alpha}" if alpha else f"Also: {_title(one)}")
    return lines


def _kept(kept: Sequence[Kept]) -> list[str]:
    every = kept[0]
    if not every.shown and not every.given:
        return ["Nothing has been decided yet."]
    return [
        KEPT,
        f"  kept of those suggested (precision)  {_of(every.kept, every.shown, every.precision)}",
        f"  suggested of those set (recall)      {_of(every.kept, every.given, every.recall)}",
    ]


def _talk(one: DoubleCoding) -> list[str]:
    named = _named(one.to_talk_about)
    return wrapped("Talk first about ", ", ".join(named), 2) if named else []


def _named(themes: Sequence[ThemeAgreement]) -> list[str]:
    return [f"{row.label} ({figure(row.agreement.alpha.estimate)})" for row in themes[:MOST_NAMED]]


def _next(result: Compared, folder: Path) -> list[str]:
    if not result.done:
        return following(["auditkit agreement --export"], folder)
    latest = result.done[0]
    if not latest.disagreements:
        return following(["auditkit status"], folder)
    shown = result.path if result.path is not None else Path()
    apply = following([f"auditkit review apply {quoted(shown)} --coder NAME"], folder)[0]
    lines = ["Next     Talk over the sheet Disagreements, fill its column agreed on, then:", " " * 9 + apply[9:]]
    if latest.to_talk_about:
        again = following(["auditkit agreement --export --again"], folder)[0]
        lines += ["         Sharpen these themes in codebook.xlsx, then have a new draw coded:", " " * 9 + again[9:]]
    return lines


def _overall(note: str, *figures: Interval) -> list[tuple[str, Any]]:
    if math.isnan(figures[0].estimate):
        return [("All themes", note)]
    names = ("raw agreement", "agreement on positives", "kappa", "alpha")
    rows = []
    for name, value in zip(names, figures, strict=True):
        text = figure(value.estimate) or note
        if value.low is not None and value.high is not None:
            text += f" ({value.low:.2f} to {value.high:.2f})"
        if name == "alpha" and guidance(value.estimate):
            text += f": {guidance(value.estimate)}"
        rows.append((f"All themes: {name}", text))
    return rows


def _of(part: int, whole: int, share: Interval) -> str:
    if share.low is None or share.high is None:
        return "none"
    return f"{share.estimate:.0%} ({part} of {whole}), 95% interval {100 * share.low:.0f} to {share.high:.0%}"


def _percent(share: Interval) -> str:
    return "" if math.isnan(share.estimate) else f"{share.estimate:.0%}"
