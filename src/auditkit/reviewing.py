"""How far the reading has come, what may be expected of the rest, and where the codebook's wording falls short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditkit.analysis import ENOUGH_READ
from auditkit.corpus import NONE

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound

NEXT = 25  # answers that are looked ahead
COLD_FROM = 0.25  # as coding.CODED_FROM: the codebook alone sets the best theme, and others from here
OFTEN_WRONG = 3  # codes missed or wrong from which a theme's wording is named
SHOWN = 5  # themes whose wording is named


@dataclass(frozen=True)
class Wording:
    """What the codebook's words alone found of one theme in the answers that people read."""

    theme: str
    label: str
    people: int
    found: int
    wrong: int

    @property
    def lost(self) -> int:
        return self.people - self.found + self.wrong


@dataclass(frozen=True)
class Card:
    """What is shown of one answer: nothing of who wrote it. ``themes``: key, label, pole where it is marked, else
    None, probability; ``current``: the label whose pole the next key turns."""

    question: str
    text: str
    themes: tuple[tuple[str, str, str | None, float], ...]
    current: str
    read: int
    total: int
    agreement: float | None
    said: str = ""


@dataclass(frozen=True)
class Unread:
    """Answers that are taken over unread, or back again: how many, their codes by label, from which probability on."""

    answers: int
    by_label: dict[str, int]
    least: float
    done: bool


def read(rounds: Sequence[CodedRound]) -> int:
    """Answers that people read and decided, with the text that they have now."""
    return sum(len(coded.read_by_people) for coded in rounds)


def agreement(rounds: Sequence[CodedRound]) -> tuple[float, float] | None:
    """Share of all codes that a careful person would set, as they stand now and after the next 25 answers.

    Codes that people set count as right, the software's by their calibrated probability, taken over unread or not. None
    before 25 answers were read, since nothing is known of these data then, or where there is no code.
    """
    import pandas as pd

    if read(rounds) < ENOUGH_READ:
        return None
    set_codes = pd.concat([coded.codings[coded.codings["coded"]] for coded in rounds])
    if set_codes.empty:
        return None
    by_people = set_codes["answer"].isin(frozenset().union(*(coded.read_by_people for coded in rounds)))
    right = set_codes["score"].where(~by_people, 1.0)
    queue = pd.concat([coded.queue for coded in rounds]).sort_values(["place", "answer"])
    waiting = queue[~queue["answer"].isin(frozenset().union(*(coded.read for coded in rounds)))]
    soon = set(waiting["answer"].head(NEXT))
    later = right.where(~set_codes["answer"].isin(soon), 1.0)
    return float(right.mean()), float(later.mean())


def of_software(rounds: Sequence[CodedRound]) -> float | None:
    """The mean probability of the codes that the software set and nobody has read."""
    import pandas as pd

    waiting = pd.concat([coded.by_software for coded in rounds])
    return float(waiting["score"].mean()) if len(waiting) else None


def wording(rounds: Sequence[CodedRound], decisions: pd.DataFrame) -> list[Wording]:
    """By theme: what people set, what the codebook alone would have, the themes that lose most first.

    Over the answers that people read and whose text is what they read.
    """
    import numpy as np
    import pandas as pd

    themes = {theme.id: theme.label for coded in rounds for theme in coded.codebook.accepted}
    scores = pd.concat([coded.scores[coded.scores["answer"].isin(coded.read_by_people)] for coded in rounds])
    if scores.empty or not themes:
        return []
    cold = scores.pivot(index="answer", columns="theme", values="cold").reindex(columns=list(themes)).fillna(0.0)
    kept = decisions[(decisions["decision"] != "rejected") & (decisions["theme"] != NONE)]
    said = set(zip(kept["answer"], kept["theme"], strict=True))
    truth = np.array([[(answer, theme) in said for theme in themes] for answer in cold.index])
    value = cold.to_numpy()
    coded = value >= COLD_FROM
    if len(themes) > 1:
        coded[np.arange(len(value)), value.argmax(1)] = True
    found = [
        Wording(
            theme, label, int(truth[:, at].sum()), int((truth & coded)[:, at].sum()), int((~truth & coded)[:, at].sum())
        )
        for at, (theme, label) in enumerate(themes.items())
    ]
    return sorted(
        (one for one in found if one.people and one.lost >= OFTEN_WRONG), key=lambda one: (-one.lost, one.theme)
    )


def of_readers(rounds: Sequence[CodedRound], decisions: pd.DataFrame) -> pd.DataFrame:
    """Of all decisions those that were taken by reading an answer as it is now, on a theme that is still coded."""
    accepted = {theme.id for coded in rounds for theme in coded.codebook.accepted}
    read = frozenset().union(*(coded.read_by_people for coded in rounds))
    return decisions[decisions["theme"].isin(accepted) & decisions["answer"].isin(read)]


def as_shown(rounds: Sequence[CodedRound], decisions: pd.DataFrame) -> tuple[int, int, int]:
    """Codes as the software suggested them to people: how many they kept, were shown, and set in all."""
    mine = of_readers(rounds, decisions)
    kept = int(mine["decision"].isin(["confirmed", "changed"]).sum())
    shown = kept + int((mine["decision"] == "rejected").sum())
    return kept, shown, kept + int((mine["decision"] == "added").sum())
