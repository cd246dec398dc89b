"""The fields of the analyst's working report of one round.

The report holds respondents' exact words: it is for the analyst alone and lies apart from the packs.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from auditkit import engines, methods, tones
from auditkit.comparison_report import comparison_report, each
from auditkit.pack_fields import Fact, Share, SpreadRow
from auditkit.poles import WORDS as POLES
from auditkit.source import label
from auditkit.theme_map import theme_map
from auditkit.wording import between, counted, percent, plain

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.config import Config

__all__ = ["analyst_report", "comparison_report"]

SHOWN = 12
"""Excerpts shown as evidence of a theme, the strongest."""
LISTED = 20
"""Answers listed without a theme, and in the remainder; the workbook has all of them."""
PROBLEMS = 60
"""Problems of the file that are listed."""
LONGEST = 600
"""Letters of an excerpt that are shown."""

DECISIONS = {
    "suggested": "waiting",
    "confirmed": "accepted",
    "changed": "changed",
    "added": "added",
    "rejected": "rejected",
}
SEVERITIES = {"error": "left out", "warning": "please check", "note": "settled"}


def analyst_report(
    coded: CodedRound, config: Config, *, made_with: str, decisions: pd.DataFrame | None = None
) -> dict[str, Any]:
    """Everything that ``analyst_report.html`` prints. ``made_with``: the line of provenance; ``decisions``:
    what people decided, as ``Audit.decisions`` gives it.

    Sponsors are counted in no figure; their answers are listed among the others. Pair and role are left out
    of the evidence, so that they do not colour a decision.
    """
    responses, answers = coded.responses, coded.responses.answers
    total, people = len(answers), _people(coded)
    reviewed = coded.reviewed
    name = responses.round
    return {
        "title": f"{name}: working report",
        "eyebrow": f"{config.programme.name} · for the analyst only",
        "lede": "What the answers hold so far, what the software suggested, and what still waits for you.",
        "running": f"{config.programme.name}, {name}: analyst's working report. Not for passing on",
        "wide": True,
        "is_draft": reviewed < total,
        "draft_note": f"{reviewed:,} of {total:,} answers reviewed ({percent(reviewed / max(total, 1))})"
        f"{f', {len(coded.unread):,} of them taken over unread' if coded.unread else ''}. "
        "Suggestions are counted below as if they were right. Packs stay drafts, without quotes, until this "
        "reads 100%.",
        "facts": _facts(coded, people),
        "problems": _problems(responses.problems),
        "problems_more": max(len(responses.problems) - PROBLEMS, 0),
        "people": people,
        "themes": _themes(coded, people) if total else None,
        "agreement": coded.agreement_words,
        "tones": _tones(coded),
        "evidence": _evidence(coded),
        "without": _without(coded),
        "remainder": _remainder(coded),
        "suggested": _suggested(coded),
        "map": theme_map(coded, people),
        "engine": engines.told(coded.engine),
        "topics_note": _as_sentence(coded.topics_note),
        "ratings": _ratings(coded, config),
        "next_steps": _next_steps(coded),
        "method": _method(coded, decisions),
        "made_with": made_with,
    }


def _people(coded: CodedRound) -> int:
    people = coded.responses.people
    return int(people.loc[~people["sponsor"], "respondent"].nunique())


def _facts(coded: CodedRound, people: int) -> list[Fact]:
    answers, everybody = coded.responses.answers, coded.responses.people
    pairs = everybody.loc[~everybody["sponsor"] & (everybody["pair"] != ""), "pair"].nunique()
    facts = [Fact(f"people, in {counted(pairs, 'pair')}" if pairs else "people", f"{people:,}")]
    if len(answers):
        words = statistics.median(len(text.split()) for text in answers["text"])
        waiting, unread = len(coded.codings[coded.codings["decision"] == "suggested"]), len(_unread(coded))
        without = len(_uncoded(coded))
        facts += [
            Fact(f"open answers, median {plain(words, 0)} words", f"{len(answers):,}"),
            Fact("excerpts", f"{len(coded.excerpts):,}"),
            Fact("codings waiting for you", f"{waiting:,}"),
            Fact("codings decided by people", f"{len(coded.codings) - waiting - unread:,}"),
            *([Fact("codings taken over unread", f"{unread:,}")] if unread else []),
            Fact(f"answers without a theme ({percent(without / len(answers))})", f"{without:,}"),
        ]
    if len(coded.responses.ratings):
        facts.append(Fact("ratings", f"{len(coded.responses.ratings):,}"))
    return facts


def _unread(coded: CodedRound) -> pd.DataFrame:
    """Codings that were taken over from the software without being read."""
    return coded.codings[coded.codings["answer"].isin(coded.unread) & (coded.codings["decision"] != "suggested")]


def _problems(problems: pd.DataFrame) -> list[dict[str, str]]:
    order = {"error": 0, "warning": 1, "note": 2}
    ranked = problems.assign(rank=problems["severity"].map(order)).sort_values(
        ["rank", "file", "sheet", "row", "column"], kind="stable"
    )
    return [
        {
            "where": ", ".join(part for part in (p.sheet, f"row {p.row}" if p.row else "", p.column) if part) or p.file,
            "file": p.file,
            "found": p.found,
            "taken_as": p.taken_as,
            "fix": p.fix,
            "severity": p.severity,
            "state": SEVERITIES.get(p.severity, p.severity),
        }
        for p in each(ranked.head(PROBLEMS))
    ]


def _themes(coded: CodedRound, people: int) -> dict[str, Any]:
    from auditkit.analysis import prevalence
    from auditkit.statistics import wilson

    table = prevalence(coded)
    unread = _unread(coded)
    decided = coded.codings.drop(unread.index).groupby(["theme", "decision"]).size()
    accepted = unread.groupby("theme").size()
    rows: list[dict[str, Any]] = []
    for t in each(table):
        counts = {name: int(decided.get((t.theme, name), 0)) for name in DECISIONS}
        done = [counts["confirmed"], counts["changed"] + counts["added"], counts["rejected"]]
        taken = int(accepted.get(t.theme, 0))
        every = sum(counts.values()) + taken
        share = wilson(int(t.respondents), people)
        low, high = (share.low or 0.0, share.high or 0.0) if people else (0.0, 1.0)
        rows.append(
            {
                "label": t.label,
                "people": int(t.respondents),
                "share": percent(t.respondents / people if people else None),
                "interval": f"{between((low * 100, high * 100), 0)}%",
                "poles": [int(t.poor), int(t.both), int(t.good), int(t.unclear)],
                "decided": [*done, counts["suggested"] + taken],
                "reviewed": percent(sum(done) / every) if every else "none",
            }
        )
    top = rows[0] if rows and rows[0]["people"] else None
    unclear = any(row["poles"][3] for row in rows)
    names = ["only as a problem", "both ways", "only as working well", "not clear which"]
    looks = ["l1", "l3", "l5", "wait"]
    part = 4 if unclear else 3
    totals = [sum(row["decided"][i] for row in rows) for i in range(4)]
    return {
        "title": f"Most people name {top['label']}: {top['people']} of {people}" if top else "No theme is named",
        "subtitle": f"Left: people naming a theme, n = {people}, each counted once. "
        f"Right: codings and who decided them, n = {sum(totals)}.",
        "rows": rows,
        "names": names[:part],
        "looks": looks[:part],
        "key": list(zip(looks[:part], names[:part], strict=True)),
        "bars": [(row["label"], row["poles"][:part], str(row["people"])) for row in rows],
        "decided": [(row["label"], row["decided"], row["reviewed"]) for row in rows],
        "totals": totals,
        "kept": f"{totals[0]} of {sum(totals[:3])} decided ({percent(totals[0] / sum(totals[:3]))})"
        if sum(totals[:3])
        else "",
    }


def _tones(coded: CodedRound) -> list[dict[str, Any]]:
    """Tone of what is written about each theme, by pole, one voice a person."""
    return [
        {
            "label": row.label,
            "pole": POLES[row.pole],
            "counts": [int(row.negative), int(row.mixed), int(row.positive)],
            "words": tones.in_words(row.positive, row.mixed, row.negative),
        }
        for row in each(tones.by_theme(coded))
    ]


def _words(coded: CodedRound) -> dict[str, dict[str, str]]:
    """By answer: its text, and its row and question, never its pair or role; in the order of the file."""
    answers = coded.responses.answers.sort_values(["file", "sheet", "row"], kind="stable")
    return {a.answer: {"text": _cut(a.text), "place": f"row {a.row}, {a.question or a.item}"} for a in each(answers)}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"


def _evidence(coded: CodedRound) -> list[dict[str, Any]]:
    words = _words(coded)
    spans = dict(zip(coded.excerpts["excerpt"], coded.excerpts["text"], strict=True))
    ranked = coded.codings.sort_values(["score", "answer"], ascending=[False, True], kind="stable")
    found = []
    for theme in coded.codebook.accepted:
        codings = ranked[ranked["theme"] == theme.id]
        if not len(codings):
            continue
        waiting = int((codings["decision"] == "suggested").sum())
        rows = [
            {
                **words[c.answer],
                **({"text": _cut(spans[c.excerpt])} if c.excerpt in spans else {}),
                "tone": POLES[c.pole],
                "score": plain(c.score, 2),
                "nearest": c.nearest,
                "matched": c.matched,
                "decision": DECISIONS[c.decision],
                "is_person": c.decision not in ("suggested", "rejected"),
                "coder": "suggested by software" if c.decision == "suggested" else c.coder,
            }
            for c in each(codings.head(SHOWN))
        ]
        counts = f"{counted(int(codings['coded'].sum()), 'coding')} counted, {waiting:,} waiting. "
        shown = "All shown." if len(rows) == len(codings) else f"The {len(rows)} strongest shown."
        found.append({"label": theme.label, "subtitle": counts + shown, "rows": rows})
    return found


def _uncoded(coded: CodedRound) -> list[dict[str, str]]:
    held = set(coded.codings.loc[coded.codings["coded"], "answer"])
    return [words for answer, words in _words(coded).items() if answer not in held]


def _without(coded: CodedRound) -> dict[str, Any]:
    without, total = _uncoded(coded), len(coded.responses.answers)
    share = percent(len(without) / total if total else None)
    return {"count": len(without), "total": total, "share": share, "rows": without[:LISTED]}


def _remainder(coded: CodedRound) -> list[dict[str, str]]:
    words = _words(coded)
    return [
        {
            **words[r.answer],
            "label": r.label,
            "fit": plain(r.fit, 2),
        }
        for r in each(coded.remainder.sort_values(["fit", "answer"]).head(LISTED))
    ]


def _suggested(coded: CodedRound) -> list[dict[str, Any]]:
    words = _words(coded)
    names = {theme.id: theme.label for theme in coded.codebook.themes}
    return [
        {
            "label": s.label,
            "phrases": s.phrases,
            "answers": int(s.answers),
            "people": int(s.respondents),
            "cohesion": plain(s.cohesion, 2),
            "bar": round(60 * min(max(float(s.cohesion), 0), 1)),
            "strength": s.strength,
            "again": f"{s.again} of {s.folds}" if s.folds else "",
            "nearest": names.get(s.nearest, ""),
            "id": s.theme,
            "statement": _cut(s.statement),
            "evidence": [words[key] for key in list(s.evidence)[:SHOWN]],
        }
        for s in each(coded.suggested)
    ]


def _as_sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "." if words else ""


def _ratings(coded: CodedRound, config: Config) -> dict[str, Any] | None:
    """Mean of the people's means by scale, and how their answers were spread over the options."""
    responses = coded.responses
    people = responses.people
    sponsors = set(people.loc[people["sponsor"], "pair"])
    ratings = responses.ratings[~responses.ratings["pair"].isin(sponsors)]
    if not len(ratings):
        return None
    low, high = config.ratings.low, config.ratings.high
    options = range(low, high + 1)
    rows, spread = [], []
    for scale, part in ratings.groupby("scale", sort=False):
        name = label(str(scale)) or "All ratings"
        means = part.groupby(["pair", "respondent"])["scored"].mean()
        whole = part["scored"].round().clip(low, high)
        shares = [round(100 * float((whole == option).mean())) for option in options]
        rows.append(
            {
                "label": name,
                "mean": plain(means.mean(), 2),
                "people": len(means),
                "n": len(part),
                "shares": shares,
            }
        )
        bars = tuple(Share(i + 1, i + 1, share) for i, share in enumerate(shares) if share)
        spread.append(SpreadRow(name, f"{plain(means.mean(), 2)}", bars, len(part)))
    words = ("strongly disagree", "disagree", "neither", "agree", "strongly agree")
    names = words if len(options) == 5 else tuple(str(option) for option in options)
    return {"rows": rows, "spread": spread, "options": names, "low": low, "high": high}


def _next_steps(coded: CodedRound) -> list[str]:
    steps = []
    waiting = int((coded.codings["decision"] == "suggested").sum())
    severities = set(coded.responses.problems["severity"])
    if "error" in severities:
        steps.append("Correct what was left out of the file, then run analyse again; your decisions are kept.")
    if waiting:
        steps.append(f"Decide in review.xlsx: {counted(waiting, 'coding')} wait. Then: auditkit review apply")
    if len(coded.suggested):
        steps.append(
            "Look at the suggested themes (auditkit topics show), then merge, accept or reject them there or in "
            "codebook.xlsx, and analyse again."
        )
    if not steps:
        steps.append("Everything is decided. Make the packs with: auditkit feedback --all-packs --final")
    return steps


def _method(coded: CodedRound, decisions: pd.DataFrame | None) -> list[Fact]:
    themes = coded.codebook.accepted
    coders = sorted({c.coder for c in each(coded.codings) if c.decision != "suggested"} - {"machine"})
    plateau = methods.plateau_words(coded)
    facts = [
        Fact(
            "Kind of analysis",
            f"Codebook thematic analysis with {counted(len(themes), 'theme')}; a person adds new ones.",
        ),
        Fact("Unit", "Decisions are on whole answers; an excerpt is the sentence that carries a code."),
        Fact(
            "Suggested by",
            "Closeness to the statements of each theme, and to answers that you have confirmed. The score, "
            "0 to 1, is the share of such codes that a careful person would set, calibrated on other data and, as "
            "reading goes on, on what you have read.",
        ),
        Fact("Expected agreement", coded.agreement_words),
        *([Fact("Plateau", plateau)] if plateau else []),
        Fact("For your own report", methods.paragraph(coded, decisions)),
        Fact("Coders", ", ".join(coders) if coders else "none yet"),
        Fact("People", "Each counted once a theme. Sponsors are in no figure."),
    ]
    return facts if len(coded.responses.answers) else facts[-1:]
