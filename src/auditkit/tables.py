"""The tables that can be exported: a contract, one row a fact. docs/tables.md documents every column."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import codebook_history, decided
from auditkit.errors import AuditkitError
from auditkit.files import write_text

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.audit import Audit
    from auditkit.comparison import Comparison

WHERE = ["round", "file", "sheet", "row"]
TABLES = (
    *("answers", "ratings", "codings", "themes", "comparison", "excerpts"),
    *("exceptions", "people", "problems", "notes", "runs", "log", "versions"),
)
WITHOUT_ROUNDS = ("runs", "log", "versions", "comparison", "exceptions")
"""Tables that are built without the rounds."""

FORMATS = ("csv", "json", "xlsx")
LEVELS = ("answer", "excerpt")
CODINGS = [
    "respondent",
    "pair",
    "role",
    "question",
    "theme",
    "label",
    "pole",
    "score",
    "coded",
    "coder",
    "decision",
]
DIGITS = 6


def build(
    name: str,
    audit: Audit,
    rounds: Sequence[CodedRound],
    comparison: Comparison | None,
    *,
    level: str = "answer",
    all_scores: bool = False,
) -> pd.DataFrame:
    """One table over all rounds given. ``comparison`` is needed for comparison and exceptions.

    Raises AuditkitError for a table that does not exist or that needs a comparison there is none of.
    """
    if name not in TABLES:
        raise AuditkitError(f'There is no table "{name}".', f"Use one of: {', '.join(TABLES)}.")
    if name in ("comparison", "exceptions"):
        if comparison is None:
            raise AuditkitError("Nothing has been compared yet.", "Run auditkit compare first.")
        return comparison.table if name == "comparison" else comparison.exceptions
    if name == "runs":
        return runs(audit)
    if name == "log":
        return log(audit)
    if name == "notes":
        return _joined([notes(coded, decided.notes(audit.store)) for coded in rounds])
    if name == "versions":
        return versions(audit)
    if name == "themes":
        import pandas as pd

        known = codebook_history.ids(audit)
        table = _joined([themes(coded) for coded in rounds])
        since = [known.get(theme) for theme in table["theme"]]
        return table.assign(since=pd.Series(since, index=table.index, dtype=object))  # whole numbers, or nothing
    if name == "codings":
        return _joined([codings(coded, level, all_scores=all_scores) for coded in rounds])
    if name == "people":
        return _joined([people(coded, comparison) for coded in rounds])
    single = {
        "answers": answers,
        "ratings": ratings,
        "excerpts": excerpts,
        "problems": problems,
    }
    return _joined([single[name](coded) for coded in rounds])


def answers(coded: CodedRound) -> pd.DataFrame:
    """round, file, sheet, row, respondent, pair, role, item, question, text."""
    return coded.responses.answers[[*WHERE, "respondent", "pair", "role", "item", "question", "text"]]


def ratings(coded: CodedRound) -> pd.DataFrame:
    """round, file, sheet, row, respondent, pair, role, item, scale, rating (as answered), scored."""
    return coded.responses.ratings[[*WHERE, "respondent", "pair", "role", "item", "scale", "rating", "scored"]]


def excerpts(coded: CodedRound) -> pd.DataFrame:
    """round, file, sheet, row, respondent, question, excerpt, start, end, text."""
    place = coded.responses.answers[["answer", *WHERE, "respondent", "question"]]
    return coded.excerpts.merge(place, on="answer")[
        [*WHERE, "respondent", "question", "excerpt", "start", "end", "text"]
    ]


def problems(coded: CodedRound) -> pd.DataFrame:
    """round, file, sheet, row, column, severity, found, taken_as, fix; errors first."""
    table = coded.responses.problems[[*WHERE, "column", "severity", "found", "taken_as", "fix"]]
    rank = table["severity"].map({"error": 0, "warning": 1, "note": 2})
    order = ["rank", "column", "found", "taken_as", "fix", "sheet", "row"]
    return table.assign(rank=rank).sort_values(order).drop(columns="rank").reset_index(drop=True)


def people(coded: CodedRound, comparison: Comparison | None) -> pd.DataFrame:
    """round, file, sheet, row, respondent, pair, role, sponsor, date, consents, state across the rounds."""
    table = coded.responses.people
    columns = [*WHERE, "respondent", "pair", "role", "service", "identity", "sponsor", "date"]
    columns += ["consent_quote", "consent_pair_ratings", "consent_pair_words"]
    if comparison is None:
        return table[columns].assign(state="")
    known = comparison.people.drop_duplicates(["pair", "respondent"])
    states = dict(zip(zip(known["pair"], known["respondent"], strict=True), known["state"], strict=True))
    places = zip(table["pair"], table["respondent"], strict=True)
    return table[columns].assign(state=[states.get(place, "") for place in places])


def themes(coded: CodedRound) -> pd.DataFrame:
    """round, theme, label, status, set_by, respondents, answers, cohesion, strength.

    Accepted themes, then suggested, then retired. Cohesion and strength of an accepted theme are those of the
    answers coded with it.
    """
    import pandas as pd

    from auditkit.analysis import MACHINE, prevalence

    columns = [
        "round",
        "theme",
        "label",
        "status",
        "set_by",
        "respondents",
        "answers",
        "cohesion",
        "strength",
    ]
    accepted = prevalence(coded).merge(coded.cohesion, on="theme", how="left")
    suggested = coded.suggested.assign(status="suggested", set_by=MACHINE)
    retired = pd.DataFrame(
        [
            (theme.id, theme.label, theme.status, theme.set_by, 0, 0)
            for theme in coded.codebook.themes
            if theme.status == "retired"
        ],
        columns=["theme", "label", "status", "set_by", "respondents", "answers"],
    )
    parts = [
        part.assign(round=coded.round).reindex(columns=columns) for part in (accepted, suggested, retired) if len(part)
    ]
    table = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    return table.assign(strength=table["strength"].fillna("")).reset_index(drop=True)


def codings(coded: CodedRound, level: str = "answer", *, all_scores: bool = False) -> pd.DataFrame:
    """round, file, sheet, row, respondent, pair, role, question, theme, label, pole, score, coded, coder,
    decision; at excerpt level also excerpt. ``all_scores`` adds the pairs that are not coded.
    """
    if level not in LEVELS:
        raise AuditkitError(f'There is no level "{level}".', f"Use one of: {', '.join(LEVELS)}.")
    keys = ["answer", "theme"] if level == "answer" else ["excerpt", "theme"]
    scores = coded.scores if level == "answer" else coded.excerpt_scores
    unread = coded.codings["coded"] & coded.codings["answer"].isin(coded.unread)
    set_codes = coded.codings.assign(decision=coded.codings["decision"].where(~unread, "suggested"))
    set_codes = set_codes[[*keys, "pole", "coded", "coder", "decision"]]
    table = scores.merge(set_codes, on=keys, how="outer")  # a person may have set a theme that is newer than the scores
    if level == "excerpt":
        table = table.merge(coded.excerpts[["excerpt", "answer"]], on="excerpt")
    table["coded"] = table["coded"].eq(True)
    table["score"] = table["score"].fillna(0.0)
    for column in ("pole", "coder", "decision"):
        table[column] = table[column].fillna("")
    if not all_scores:
        table = table[table["coded"]]
    accepted = {theme.id: theme.label for theme in coded.codebook.accepted}
    table = table[table["theme"].isin(accepted)]
    order = {key: number for number, key in enumerate(coded.responses.answers["answer"])}
    table = table.assign(label=table["theme"].map(accepted), place=table["answer"].map(order))
    table = table.sort_values(["place", *(["excerpt"] if level == "excerpt" else []), "theme"])
    places = coded.responses.answers[["answer", *WHERE, "respondent", "pair", "role", "question"]]
    columns = [*WHERE, *CODINGS, *(["excerpt"] if level == "excerpt" else [])]
    return table.merge(places, on="answer")[columns].reset_index(drop=True)


def runs(audit: Audit) -> pd.DataFrame:
    """run, command, rounds, files (with hashes), settings, codebook, versions, at."""
    return audit.store.frame(
        "SELECT run, command, rounds, files, settings, codebook, versions, at FROM runs ORDER BY run"
    )


def notes(coded: CodedRound, kept: pd.DataFrame) -> pd.DataFrame:
    """round, file, sheet, row, respondent, question, memo, quote, paraphrase, not_for_quotation, coder."""
    place = coded.responses.answers[["answer", *WHERE, "respondent", "question"]]
    columns = ["memo", "quote", "paraphrase", "not_for_quotation", "coder"]
    people = coded.responses.people
    agreed = people.loc[people["consent_quote"] == "verbatim", "respondent"]
    table = kept.merge(place, on="answer")[[*WHERE, "respondent", "question", *columns]]
    table["quote"] = table["quote"].where(table["respondent"].isin(agreed), "")
    return table.assign(not_for_quotation=table["not_for_quotation"].eq(1))


def log(audit: Audit) -> pd.DataFrame:
    """entry, at, who, action, object, before, after, codebook, version, previous, hash: each covers the one before."""
    return audit.store.frame("SELECT * FROM log ORDER BY entry")


def versions(audit: Audit) -> pd.DataFrame:
    """version, at, author, action, said, reason, codebook (fingerprint), undoes; of the codebook."""
    import pandas as pd

    rows = [
        (v.version, v.at, v.author, v.action, "\n".join(v.said), v.reason, v.fingerprint, v.undoes or None)
        for v in codebook_history.versions(audit)
    ]
    columns = ["version", "at", "author", "action", "said", "reason", "codebook", "undoes"]
    return pd.DataFrame(rows, columns=columns).astype({"undoes": object})


def text(frame: pd.DataFrame, form: str) -> str:
    """A table as csv or json, the same bytes for the same rows on every system."""
    tidy = frame.copy()
    for column in tidy.select_dtypes("float"):
        tidy[column] = tidy[column].round(DIGITS)
    if form == "csv":
        for column in tidy.select_dtypes("bool"):
            tidy[column] = tidy[column].map({True: "true", False: "false"})
        return str(tidy.to_csv(index=False, lineterminator="\n"))
    records = json.loads(tidy.to_json(orient="records", double_precision=DIGITS, force_ascii=False))
    return json.dumps(records, ensure_ascii=False, indent=1) + "\n"


def save(frame: pd.DataFrame, name: str, form: str, path: Path) -> None:
    """Write a table to a file, whole or not at all."""
    from auditkit import workbook

    if form == "xlsx":
        workbook.table(path, name.capitalize(), frame)
    else:
        write_text(path, text(frame, form))


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]
