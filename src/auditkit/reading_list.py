"""What is to be read next, with what the software suggests and why."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from auditkit import sheet_notes
from auditkit.analysis import AGAIN, MACHINE
from auditkit.corpus import NONE
from auditkit.review_files import BOOK, COLUMNS, NOTES, SEPARATOR

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.blind_ids import BlindId
    from auditkit.codebook import Codebook

REASONS = 3  # suggestions of an answer whose evidence is told, the likeliest
QUOTED = 70  # letters of the codebook's text that is quoted as evidence
OTHER_TEXT = "the text has changed since it was decided"


def waiting(rounds: Sequence[CodedRound], limit: int | None = None) -> pd.DataFrame:
    """The answers nobody has decided yet: ``review_files.COLUMNS``, then id, poles and why; at most ``limit``.

    First what needs another look since the codebook or the text was changed, which says so in why. Then those that
    teach most, whatever their round, pair and role, which so do not colour the reading.
    """
    import pandas as pd

    rows = []
    for coded in rounds:
        places = dict(coded.queue[["answer", "place"]].itertuples(index=False, name=None))
        said = suggestions(coded)
        for row in coded.responses.answers.itertuples():
            if row.answer not in coded.read:
                labels, poles, why = said.get(row.answer, ([], [], []))
                if row.answer in coded.changed:
                    why = [OTHER_TEXT, *why]
                if row.answer in coded.again:
                    why = [coded.again[row.answer].note, *why]
                late = hashlib.sha256(row.answer.encode()).hexdigest()
                rows.append(
                    {
                        "round": row.round,
                        "row": row.row,
                        "respondent": row.respondent,
                        "question": row.question,
                        "text": row.text,
                        "suggested": f"{SEPARATOR} ".join(labels),
                        "themes": "",
                        "id": row.answer,
                        "poles": f"{SEPARATOR} ".join(poles),
                        "why": "\n".join(why),
                        "place": (
                            row.answer not in {*coded.again, *coded.changed},
                            places.get(row.answer, len(places) + 1),
                            late,
                        ),
                    }
                )
    rows.sort(key=lambda row: row["place"])
    return pd.DataFrame(rows[:limit], columns=[*COLUMNS, "id", "poles", "why"])


def suggestions(coded: CodedRound) -> dict[str, tuple[list[str], list[str], list[str]]]:
    """Labels, poles and evidence that the software suggests, by answer, the likeliest first; evidence of REASONS."""
    from auditkit.poles import WORDS

    labels = {theme.id: theme.label for theme in coded.codebook.accepted}
    found: dict[str, tuple[list[str], list[str], list[str]]] = {}
    strongest = coded.codings[coded.codings["coded"]].sort_values(["score", "theme"], ascending=[False, True])
    for row in strongest.itertuples():
        said = found.setdefault(row.answer, ([], [], []))
        said[0].append(labels[row.theme])
        said[1].append(WORDS[row.pole])
        words = f" ({row.matched})" if row.matched else ""
        if len(said[2]) < REASONS and row.coder != MACHINE:
            said[2].append(f"{labels[row.theme]}: set by {row.coder}")
        elif len(said[2]) < REASONS:
            like = textwrap.shorten(row.nearest, QUOTED, placeholder=" ...")
            said[2].append(f'{labels[row.theme]} {row.score:.0%}{words}: like "{like}"')
    return found


def book_rows(frame: pd.DataFrame, notes: pd.DataFrame, blind_id: BlindId) -> pd.DataFrame:
    """The waiting answers as rows of review.xlsx: with an id in place of who said it, labels with poles, and the
    ``notes`` that were made on them."""
    labels = frame["suggested"].str.split(f"{SEPARATOR} ")
    poles = frame["poles"].str.split(f"{SEPARATOR} ")
    nothings = ["" if why.startswith(AGAIN) else NONE for why in frame["why"]]  # it had a theme: "none" must be said
    said = [
        f"{SEPARATOR} ".join(f"{label} ({pole})" if label else nothing for label, pole in zip(*both, strict=True))
        for *both, nothing in zip(labels, poles, nothings, strict=True)
    ]
    return with_notes(frame.assign(suggested=said), notes, blind_id)


def with_notes(frame: pd.DataFrame, notes: pd.DataFrame, blind_id: BlindId) -> pd.DataFrame:
    """Rows of a review sheet, ``id`` an answer's key until now, with what was noted on the answers."""
    table = frame.reindex(columns=list(BOOK), fill_value="")
    table["id"] = [blind_id(answer) for answer in frame["id"]]
    shown = sheet_notes.as_shown(notes, blind_id)
    for name in NOTES:
        table[name] = [shown.get(answer, {}).get(name, "") for answer in table["id"]]
    return table


def disputed(rounds: Sequence[CodedRound], said: Mapping[str, Mapping[str, Sequence[tuple[str, str]]]]) -> pd.DataFrame:
    """Answers that two people decided otherwise, as rows for ``with_notes``; ``said``: who says what, by answer, the
    one whose decision stands first."""
    import pandas as pd

    rows = []
    for coded in rounds:
        for row in coded.responses.answers.itertuples():
            if row.answer in said:
                words = {who: in_words(coded.codebook, themes) for who, themes in said[row.answer].items()}
                rows.append(
                    {
                        "id": row.answer,
                        "question": row.question,
                        "text": row.text,
                        "suggested": next(iter(words.values())),
                        "why": "\n".join(f"{who}: {themes}" for who, themes in words.items()),
                    }
                )
    return pd.DataFrame(rows)


def in_words(codebook: Codebook, themes: Sequence[tuple[str, str]]) -> str:
    """Ids of themes with their poles as a person writes them into a sheet."""
    from auditkit.poles import WORDS

    labels = {theme.id: theme.label for theme in codebook.themes}
    named = [f"{labels.get(theme, theme)} ({WORDS[pole]})" for theme, pole in themes if theme != NONE]
    return f"{SEPARATOR} ".join(named) or NONE
