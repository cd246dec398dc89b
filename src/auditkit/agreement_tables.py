"""The sheets of agreement.xlsx: what two codings of the same answers say, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from auditkit.agreement import MAY_BE_LUCK
from auditkit.corpus import NONE
from auditkit.double_coding import DoubleCoding, Kept, ThemeAgreement, apart, by_alpha, labels_of
from auditkit.poles import WORDS
from auditkit.review_files import AGREED, SEPARATOR
from auditkit.statistics import Interval

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.blind_ids import BlindId
    from auditkit.second_codings import SecondCoding

SINCE = "decided since"
DIGITS = 4  # of the workbook
DISAGREEMENTS = [
    *("question", "text", "first", "second", "differ on", SINCE, AGREED),
    *("first coder", "second coder", "id"),
]


def themes_table(done: Sequence[DoubleCoding]) -> pd.DataFrame:
    """The sheet Themes: a row a second coder's sheet and theme, the lowest alpha first, all themes together on top."""
    import pandas as pd

    rows = []
    for one in done:
        overall = ThemeAgreement("", "All themes", one.overall, *_pole_sums(one), "")
        rows += [_theme_row(one, row) for row in (overall, *by_alpha(one.themes))]
    return pd.DataFrame(rows)


def disagreements_table(
    rounds: Sequence[CodedRound], done: Sequence[DoubleCoding], decisions: pd.DataFrame, blind_id: BlindId
) -> pd.DataFrame:
    """The sheet Disagreements: what either coder set, and an empty column for what they agree on in their talk.

    What was decided since (``decisions``: those that count now) stands beside it, and such answers last. ``review
    apply`` finds an answer by its ``id``. Nothing tells who wrote an answer and when, so that the talk stays blind.
    """
    import pandas as pd

    labels = labels_of(rounds[0])
    answers = _answers(rounds)
    rows = []
    for one in done:
        for coding in sorted(one.disagreements, key=lambda coding: blind_id(coding.answer)):
            place = answers.loc[coding.answer]
            themes, poles = apart(coding)
            differ = [
                f"{labels[theme]} (pole)" if theme in poles else labels[theme]
                for theme in labels
                if theme in themes | poles
            ]
            rows.append(
                {
                    "question": place["question"],
                    "text": place["text"],
                    "first": _said(coding.first_themes, labels),
                    "second": _said(coding.themes, labels),
                    "differ on": f"{SEPARATOR} ".join(differ),
                    SINCE: _since(coding, decisions, labels),
                    AGREED: "",
                    "first coder": coding.first_coder,
                    "second coder": coding.coder,
                    "id": blind_id(coding.answer),
                }
            )
    rows.sort(key=lambda row: row[SINCE] != "")
    return pd.DataFrame(rows, columns=DISAGREEMENTS)


def codes_table(rounds: Sequence[CodedRound], done: Sequence[DoubleCoding], blind_id: BlindId) -> pd.DataFrame:
    """The sheet Codes, for other programs: 1 or 0 by either coder, a row an answer and theme, blind to who wrote it."""
    import pandas as pd

    labels = labels_of(rounds[0])
    answers = _answers(rounds)
    rows = [
        {
            "second coder": one.coder,
            "draw": one.draw,
            "id": blind_id(coding.answer),
            "question": answers.at[coding.answer, "question"],
            "theme": label,
            "set by first": int(theme in coding.first_themes),
            "set by second": int(theme in coding.themes),
        }
        for one in done
        for coding in sorted(one.codings, key=lambda coding: blind_id(coding.answer))
        for theme, label in labels.items()
    ]
    return pd.DataFrame(rows)


def software_table(rows: Sequence[Kept]) -> pd.DataFrame:
    """The sheet Software: precision and recall of the suggestions, all themes together on top."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "theme": row.label,
                "suggested": row.shown,
                "of these kept": row.kept,
                "set by a person": row.given,
                **_figure("precision", row.precision),
                **_figure("recall", row.recall),
            }
            for row in rows
        ]
    )


def _answers(rounds: Sequence[CodedRound]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat([coded.responses.answers for coded in rounds]).set_index("answer")


def _pole_sums(one: DoubleCoding) -> tuple[int, int]:
    return sum(row.poles for row in one.themes), sum(row.same_pole for row in one.themes)


def _since(coding: SecondCoding, decisions: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """What a person decided on the answer after it was coded twice, as it would be written; "" where nobody has."""
    rows = decisions[(decisions["answer"] == coding.answer) & (decisions["at"] > coding.at)]
    if rows.empty:
        return ""
    kept = rows[rows["decision"] != "rejected"]
    return _said(dict(zip(kept["theme"], kept["pole"], strict=True)), labels)


def _said(themes: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """As it would be written into a sheet."""
    parts = [
        f"{label} ({WORDS[themes[theme]]})" if themes[theme] else label
        for theme, label in labels.items()
        if theme in themes
    ]
    return f"{SEPARATOR} ".join(parts) or NONE


def _theme_row(one: DoubleCoding, row: ThemeAgreement) -> dict[str, Any]:
    found = row.agreement
    return {
        "first coder": one.first,
        "second coder": one.coder,
        "draw": one.draw,
        "theme": row.label,
        "both": found.both,
        "only first": found.first,
        "only second": found.second,
        "neither": found.neither,
        "guidance": found.guidance,
        "remark": "; ".join(filter(None, [found.note, MAY_BE_LUCK if found.may_be_luck else ""])),
        **_figure("alpha", found.alpha),
        **_figure("kappa", found.kappa),
        **_figure("positives", found.positive),
        **_figure("raw", found.raw),
        "poles compared": row.poles,
        "same pole": row.same_pole,
        "set instead": row.instead,
    }


def _figure(name: str, value: Interval) -> dict[str, float | None]:
    ends = (None if end is None else round(end, DIGITS) for end in (value.low, value.high))
    low, high = ends
    return {name: round(value.estimate, DIGITS), f"{name} low": low, f"{name} high": high}
