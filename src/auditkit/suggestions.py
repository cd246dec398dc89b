"""The suggested themes of a round: found, held against what was suggested and decided before, and numbered."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditkit import names
from auditkit.analysis import DISTANCES, SUGGESTED, CodedRound

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.coding import Encode
    from auditkit.config import Topics
    from auditkit.responses import Responses
    from auditkit.topics import Found, Suggestion

OPEN, MERGED, ACCEPTED, REJECTED = "suggested", "merged", "accepted", "rejected"
NUMBER = re.compile(r"S(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Earlier:
    """A theme suggested by an earlier search: its answers (keys), and what was decided about it.

    ``state``: suggested, merged, accepted or rejected; ``became``: the suggestion that it was merged into, or the
    theme of the codebook; ``who`` decided it.
    """

    theme: str
    round: str
    label: str
    members: frozenset[str]
    state: str = OPEN
    became: str = ""
    who: str = ""


@dataclass(frozen=True, eq=False)
class Suggested:
    """Suggested themes (``analysis.SUGGESTED``), how near all themes lie (``analysis.DISTANCES``), why there are
    no suggestions, who grouped the answers, and which of them (keys) say nothing.
    """

    table: pd.DataFrame
    distances: pd.DataFrame
    note: str
    engine: str
    silent: frozenset[str] = frozenset()

    def fields(self) -> dict[str, Any]:
        """The fields of a CodedRound that hold it."""
        about = {"topics_note": self.note, "engine": self.engine, "silent": self.silent}
        return {"suggested": self.table, "distances": self.distances, **about}


def find(
    one: Responses,
    silent: Collection[str],
    codings: pd.DataFrame,
    vectors: np.ndarray,
    codebook: Codebook,
    encode: Encode,
    settings: Topics,
    earlier: Sequence[Earlier] = (),
    *,
    least: int = 1,
    deny: Collection[str] = (),
) -> Suggested:
    """The suggested themes of a round, from its answers but the ``silent`` ones (keys).

    ``vectors`` (n, d) belong to the answers of the round in its own order. ``codings`` say where the accepted
    themes lie. What was merged before is merged again, what was decided is not suggested again. ``least`` people of
    a group must have written a phrase that it is called by, and no name: none of the words ``deny``, and nothing
    that the answers write as one. Raises AuditkitError where the engine cannot be used.
    """
    from auditkit import engines, topic_names, topics
    from auditkit.coding import codebook_texts

    answers, own = _speaking(one, silent, vectors)
    texts = codebook_texts(codebook) if codebook.accepted else []
    mine = [known for known in earlier if known.round == one.round]
    at = {key: position for position, key in enumerate(answers["answer"])}
    barred = {*deny, *names.called(one.answers["text"])}
    found = topics.suggest(
        answers["text"].tolist(),
        own,
        encode([text for text, _, _ in texts]) if texts else own[:0],
        encode,
        labels=[theme.label for theme in codebook.themes],
        granularity=settings.granularity,
        show=settings.show,
        engine=engines.load(settings.engine),
        people=answers["respondent"].tolist(),
        together=[_positions(whole(mine, known), at) for known in mine if is_merged(mine, known)],
        without=[_positions(whole(mine, known), at) for known in mine if is_decided(known, codebook)],
        name=topic_names.Names(answers["text"].tolist(), answers["respondent"].tolist(), least, barred).phrases_of,
    )
    theme_of = [codebook.accepted[theme].id for _, theme, _ in texts]
    table = _table(found, answers, one.people, codings, codebook, theme_of)
    apart = _apart(table, codings, answers, own)
    return Suggested(table, apart, found.why, settings.engine, frozenset(silent))


def placed(found: Suggested, one: Responses, codings: pd.DataFrame, vectors: np.ndarray) -> Suggested:
    """What was suggested before, beside the accepted themes as their answers are coded now."""
    return dataclasses.replace(found, distances=_apart(found.table, codings, *_speaking(one, found.silent, vectors)))


def held(coded: CodedRound) -> Suggested:
    """What is suggested in a round already."""
    return Suggested(coded.suggested, coded.distances, coded.topics_note, coded.engine, coded.silent)


def silent(answers: pd.DataFrame, empty: Collection[str], codebook: Codebook, encode: Encode) -> frozenset[str]:
    """Of the ``empty`` answers (keys), which have no theme, those that say nothing."""
    from auditkit import junk

    without = answers[answers["answer"].isin(set(empty))]
    return frozenset(without.loc[junk.silent(without["text"].tolist(), codebook, encode), "answer"])


def nothing(settings: Topics, why: str) -> Suggested:
    """Of a round without anything to look for themes in."""
    import pandas as pd

    return Suggested(pd.DataFrame(columns=SUGGESTED), pd.DataFrame(columns=DISTANCES), why, settings.engine)


def numbered(rounds: Iterable[CodedRound], earlier: Sequence[Earlier]) -> list[CodedRound]:
    """The rounds with ids for their suggestions that no other suggestion of the audit ever had.

    A group that shares half of its answers or more with an earlier suggestion of its round keeps that one's id.
    """
    rounds = list(rounds)
    used = [known.theme for known in earlier] + [theme.id for one in rounds for theme in one.codebook.themes]
    last = max((int(number[1]) for name in used if (number := NUMBER.fullmatch(name))), default=0)
    found = []
    for one in rounds:
        mine = [known for known in earlier if known.round == one.round and known.state == OPEN]
        groups = [frozenset(keys) for keys in one.suggested["evidence"]]
        kept = _kept(groups, {known.theme: whole(earlier, known) for known in mine})
        ids = []
        for position in range(len(groups)):
            if position not in kept:
                last += 1
            ids.append(kept.get(position, f"S{last:02d}"))
        renamed = dict(zip(one.suggested["theme"], ids, strict=True))
        apart = one.distances.assign(
            one=[renamed.get(name, name) for name in one.distances["one"]],
            other=[renamed.get(name, name) for name in one.distances["other"]],
        )
        suggested = one.suggested.assign(theme=ids)
        found.append(dataclasses.replace(one, suggested=suggested, distances=apart))
    return found


def whole(earlier: Sequence[Earlier], known: Earlier) -> frozenset[str]:
    """The answers of a suggestion with those of all that was merged into it."""
    inside = [whole(earlier, part) for part in earlier if part.state == MERGED and part.became == known.theme]
    return known.members.union(*inside)


def is_merged(earlier: Sequence[Earlier], known: Earlier) -> bool:
    """Whether others were merged into this suggestion, and it into none."""
    return known.state != MERGED and any(part.state == MERGED and part.became == known.theme for part in earlier)


def is_decided(known: Earlier, codebook: Codebook) -> bool:
    """Whether a person accepted or rejected a suggestion, or the codebook has a theme of its name."""
    labels = {theme.label.casefold() for theme in codebook.accepted}
    return known.state in (ACCEPTED, REJECTED) or (known.state == OPEN and known.label.casefold() in labels)


def set_in_sheet(
    earlier: Sequence[Earlier], rows: Sequence[Mapping[str, str]], codebook: Codebook, who: str = "analyst"
) -> list[Earlier]:
    """Suggestions that a person accepted or rejected in the sheet of the codebook, whatever they are called there."""
    themes = {theme.label.casefold(): theme.id for theme in codebook.themes}
    still_open = {known.theme.casefold(): known for known in earlier if known.state == OPEN}
    found = []
    for cells in rows:
        known = still_open.get(cells.get("id", "").strip().casefold())
        status = cells.get("status", "").strip().casefold()
        if known is not None and status in (ACCEPTED, REJECTED, "retired"):
            became = themes.get(" ".join(cells["label"].split()).casefold(), "") if status == ACCEPTED else ""
            state = ACCEPTED if status == ACCEPTED else REJECTED
            found.append(dataclasses.replace(known, state=state, became=became, who=who))
    return found


def people_counted(answers: pd.DataFrame, people: pd.DataFrame) -> int:
    """How many people wrote these answers, sponsors left out."""
    sponsors = set(zip(*(people.loc[people["sponsor"], c] for c in ("pair", "respondent")), strict=True))
    wrote = zip(answers["pair"], answers["respondent"], strict=True)
    return len({respondent for pair, respondent in wrote if (pair, respondent) not in sponsors})


def _nearest(members: Sequence[str], codings: pd.DataFrame, book: Codebook, likest: str) -> str:
    """The accepted theme (id) that most of some answers are coded with, the surest of several, else the ``likest``.

    How like a group is to the words of a codebook says little where those are few: the coder knows more.
    """
    own = codings[codings["answer"].isin(set(members)) & codings["coded"].astype(bool)]
    own = own[own["theme"].isin({theme.id for theme in book.accepted})]
    score = own["score"].astype(float).fillna(1.0)
    held = own.assign(sure=score).groupby("theme")["sure"].agg(["size", "sum"])
    if held.empty:
        return likest
    return str(min(held.itertuples(), key=lambda row: (-row[1], -round(row[2], 4), row[0]))[0])


def _label(one: Suggestion, nearest: str, book: Codebook, taken: set[str]) -> str:
    """What a suggestion is called: by its phrases, else by the theme that it lies near."""
    from auditkit import topic_names, topics

    if one.phrases or not nearest:
        return one.label
    return topics.unlike(f"near {book.by_id(nearest).label}"[: topic_names.ROOM].rstrip(), taken)


def _positions(keys: Collection[str], at: dict[str, int]) -> list[int]:
    return sorted(at[key] for key in keys if key in at)


def _speaking(one: Responses, silent: Collection[str], vectors: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """The answers of a round that say something, and their vectors."""
    content = ~one.answers["answer"].isin(set(silent))
    return one.answers[content].reset_index(drop=True), vectors[content.to_numpy()]


def _kept(groups: Sequence[frozenset[str]], before: dict[str, frozenset[str]]) -> dict[int, str]:
    """Position of each group that is an earlier one, and that one's id; where several could be, the largest share."""
    from auditkit.topics import HALF

    shared = sorted(
        (-len(group & members), theme, position)
        for position, group in enumerate(groups)
        for theme, members in before.items()
        if len(group & members) >= HALF * len(group)
    )
    kept: dict[int, str] = {}
    for _, theme, position in shared:
        if position not in kept and theme not in kept.values():
            kept[position] = theme
    return kept


def _table(
    found: Found,
    answers: pd.DataFrame,
    people: pd.DataFrame,
    codings: pd.DataFrame,
    book: Codebook,
    theme_of: Sequence[str],
) -> pd.DataFrame:
    """``theme_of``: the theme (id) of each of the codebook's texts."""
    import pandas as pd

    rows = []
    taken = {*(theme.label.casefold() for theme in book.themes), *(one.label.casefold() for one in found.suggestions)}
    for number, one in enumerate(found.suggestions, start=1):
        members = answers.iloc[list(one.members)]
        likest = theme_of[one.nearest] if one.nearest >= 0 else ""
        nearest = _nearest(members["answer"].tolist(), codings, book, likest)
        rows.append(
            (
                f"new {number}",
                _label(one, nearest, book, taken),
                ", ".join(one.phrases),
                people_counted(members, people),
                len(members),
                one.cohesion,
                one.strength,
                answers["text"].iat[one.central],
                members["answer"].tolist(),
                one.gap,
                nearest,
                one.again,
                one.folds,
            )
        )
    return pd.DataFrame(rows, columns=SUGGESTED)


def _apart(table: pd.DataFrame, codings: pd.DataFrame, answers: pd.DataFrame, vectors: np.ndarray) -> pd.DataFrame:
    """Distances between the accepted themes with three answers or more and the suggested ones."""
    import pandas as pd

    from auditkit import nearness, topics

    order = sorted(range(len(answers)), key=answers["answer"].tolist().__getitem__)  # not that of the rows
    row = {answers["answer"].iat[position]: number for number, position in enumerate(order)}
    members = {
        str(theme): [row[key] for key in part["answer"] if key in row] for theme, part in codings.groupby("theme")
    }
    members = {theme: rows for theme, rows in members.items() if len(rows) >= topics.SMALLEST}
    members |= {
        theme: [row[key] for key in keys] for theme, keys in zip(table["theme"], table["evidence"], strict=True)
    }
    return pd.DataFrame(nearness.distances(members, vectors[order].astype(float)), columns=DISTANCES)
