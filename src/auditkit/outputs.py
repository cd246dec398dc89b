"""What an analyst finds in out/analyst after a step: reports, workbooks, and the figures of the summary."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import __version__
from auditkit.errors import AuditkitError
from auditkit.files import write_text

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.audit import Audit
    from auditkit.comparison import Comparison

SHOWN_THEMES = 7  # in the terminal
WRONG_WAY_ROUND = "were the files named the wrong way round?"


KEPT = "What this command changed is kept; only the reports are old."


@contextmanager
def once_changed() -> Iterator[None]:
    """What is written once a change lies in the store: where it cannot be, that must not look as if nothing had been
    done, nor ask for the change again."""
    try:
        yield
    except AuditkitError as error:
        if KEPT in error.message:
            raise
        raise AuditkitError(
            f"{error.message} {KEPT}",
            "Close that file in other programs, or move it away. Then write the reports: auditkit feedback "
            "--audience analyst",
            details=error.details,
        ) from None


@once_changed()
def write_rounds(audit: Audit) -> list[Path]:
    """Write the analyst's workbook over all rounds, and a report a round. Call it once the store is up to date."""
    from auditkit import render, reports, tables, workbook

    rounds = [audit.load_round(name) for name in audit.rounds()]
    decisions = audit.decisions()
    folder = audit.out / "analyst"
    written = []
    for coded in rounds:
        path = folder / f"report-{stem(coded.round)}.html"
        fields = reports.analyst_report(coded, audit.config, made_with=made_with(audit), decisions=decisions)
        write_text(path, render.render("analyst_report.html", fields, user_templates=audit.templates))
        written.append(path)
    path = folder / "analysis.xlsx"
    names = ("themes", "codings", "ratings", "problems")
    built = {name: tables.build(name, audit, rounds, None) for name in names}
    built["codings"] = _evidence(rounds)
    built["remainder"] = _with_text(rounds, "remainder")
    built["suggested"] = _suggested(rounds)
    order = ("themes", "codings", "remainder", "suggested", "ratings", "problems")
    workbook.analysis(path, rounds, {name: built[name] for name in order})
    return [*written, path]


@once_changed()
def write_comparison(audit: Audit, rounds: Sequence[CodedRound], compared: Comparison, paths: Sequence[Path]) -> None:
    """Write comparison.html and comparison.xlsx."""
    from auditkit import render, workbook
    from auditkit.comparison_report import comparison_report

    draft = not all(coded.is_reviewed for coded in rounds)
    fields = comparison_report(compared, rounds, audit.config, made_with=made_with(audit))
    write_text(paths[0], render.render("comparison.html", fields, user_templates=audit.templates))
    workbook.comparison(
        paths[1],
        compared,
        {
            "comparison": compared.table,
            "pairs": compared.pairs,
            "exceptions": compared.exceptions,
            "sensitivity": compared.sensitivity,
            "themes by pair": compared.themes_by_pair,
            "ratings": compared.ratings,
            "people": compared.people,
            "not comparable": compared.not_comparable,
        },
        draft=draft,
    )


def made_with(audit: Audit) -> str:
    """The line of provenance at the foot of every report and pack; without a time, so that bytes repeat."""
    return f"auditkit {__version__}. Codebook {audit.codebook.fingerprint()}, settings {audit.config.fingerprint()}"


def stem(round_name: str) -> str:
    """The name of a round as part of a file name."""
    from auditkit.pack import file_stem

    return file_stem(round_name.casefold().replace(" ", "-"))


def paths(rounds: Sequence[str]) -> list[str]:
    """What ``write_rounds`` writes for these rounds, from the audit folder."""
    return [*(f"out/analyst/report-{stem(name)}.html" for name in rounds), "out/analyst/analysis.xlsx"]


def round_summary(coded: CodedRound) -> dict[str, Any]:
    from auditkit.analysis import prevalence

    people = coded.responses.people
    counted = people[~people["sponsor"]]
    table = prevalence(coded)
    named = table[table["respondents"] > 0]
    severities = coded.responses.problems["severity"].value_counts().to_dict()
    coded_answers = set(coded.codings.loc[coded.codings["coded"], "answer"])
    return {
        "round": coded.round,
        "people": int(counted["respondent"].nunique()),
        "pairs": int(counted.loc[counted["pair"] != "", "pair"].nunique()),
        "sponsors": int(people["sponsor"].sum()),
        "answers": len(coded.responses.answers),
        "excerpts": len(coded.excerpts),
        "ratings": len(coded.responses.ratings),
        "themes": named.head(SHOWN_THEMES)[["label", "respondents", "poor", "both", "good"]].to_dict("records"),
        "more_themes": max(0, len(named) - SHOWN_THEMES),
        "reviewed": coded.reviewed,
        "accepted": len(coded.unread),
        "without": len(coded.responses.answers) - len(coded_answers),
        "suggested": len(coded.suggested),
        "topics_note": coded.topics_note,
        "changed_text": len(coded.changed),
        "agreement": coded.agreement_words,
        "problems": {name: int(severities.get(name, 0)) for name in ("error", "warning", "note")},
    }


def comparison_summary(compared: Comparison, rounds: Sequence[CodedRound]) -> dict[str, Any]:
    table = compared.table
    shown = table[(table["level"] == "programme") & (table["kind"] == "scale")]
    themes = table[(table["level"] == "programme") & (table["kind"] == "theme") & (table["pole"] != "any")]
    columns = [
        "measure",
        "label",
        "n_pairs",
        "before",
        "after",
        "change",
        "low",
        "high",
        "up",
        "same",
        "down",
        "verdict",
    ]
    kept = compared.pairs[~compared.pairs["sponsor"]]
    done = kept[kept["state"].isin(["complete", "group", "unlinked"])]
    people = compared.people[~compared.people["sponsor"] & compared.people["pair"].isin(done["pair"])]
    return {
        "before": compared.before,
        "after": compared.after,
        "design": compared.design,
        "pairs": len(kept),
        "compared": len(done),
        "people": int((people["state"] == "matched").sum()) if compared.design == "linked" else len(people),
        "not_compared": [f"{row.pair} ({row.state})" for row in kept.itertuples() if row.pair not in set(done["pair"])],
        "primaries": list(compared.primaries),
        "rows": json.loads(shown[columns].to_json(orient="records", double_precision=10)),
        "themes": json.loads(
            themes[["label", "pole", "before", "after", "change", "low", "high"]].to_json(orient="records")
        ),
        "exceptions": len(set(compared.exceptions["pair"]) - {""}),
        "answers": sum(len(coded.responses.answers) for coded in rounds),
        "reviewed": sum(coded.reviewed for coded in rounds),
        "agreement": rounds[-1].agreement_words,
        "notes": list(compared.notes),
    }


def _evidence(rounds: Sequence[CodedRound]) -> pd.DataFrame:
    """Codings with what they rest on: the excerpt's words, the nearest statement, matched words."""
    import pandas as pd

    parts = []
    for coded in rounds:
        labels = {theme.id: theme.label for theme in coded.codebook.accepted}
        texts = coded.excerpts[["excerpt", "text"]]
        places = coded.responses.answers[["answer", "round", "sheet", "row", "respondent", "question"]]
        table = coded.codings.merge(places, on="answer").merge(texts, on="excerpt", how="left")
        parts.append(table.assign(label=table["theme"].map(labels)))
    columns = [
        "round",
        "sheet",
        "row",
        "respondent",
        "question",
        "label",
        "pole",
        "score",
        "coder",
        "decision",
    ]
    return pd.concat(parts)[[*columns, "text", "nearest", "matched"]]


def _with_text(rounds: Sequence[CodedRound], name: str) -> pd.DataFrame:
    import pandas as pd

    parts = []
    for coded in rounds:
        places = coded.responses.answers[["answer", "round", "sheet", "row", "respondent", "question", "text"]]
        parts.append(getattr(coded, name).merge(places, on="answer"))
    return pd.concat(parts)[["round", "sheet", "row", "respondent", "question", "text", "label", "fit"]]


def _suggested(rounds: Sequence[CodedRound]) -> pd.DataFrame:
    import pandas as pd

    parts = []
    for coded in rounds:
        labels = {theme.id: theme.label for theme in coded.codebook.themes}
        again = [
            f"{again} of {folds}" if folds else ""
            for again, folds in zip(coded.suggested["again"], coded.suggested["folds"], strict=True)
        ]
        nearest = coded.suggested["nearest"].map(labels).fillna("")
        parts.append(coded.suggested.assign(**{"round": coded.round, "nearest theme": nearest, "came again": again}))
    columns = ["round", "theme", "label", "phrases", "respondents", "answers", "cohesion", "strength"]
    return pd.concat(parts)[[*columns, "nearest theme", "came again", "statement"]]
