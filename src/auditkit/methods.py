"""What a report says of how it was made: the methods paragraph, and how full the themes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, fsum
from typing import TYPE_CHECKING

from auditkit.analysis import MACHINE
from auditkit.wording import counted, plain

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound

BASE, RUN = 4, 2  # people first heard, and last


@dataclass(frozen=True)
class Plateau:
    """Themes that the last people name and nobody before them did, beside those of the first, on average over all
    orders in which they could have been heard."""

    people: int
    base: float
    new: float


def plateau(people_of_themes: Sequence[int], people: int) -> Plateau | None:
    """How full the themes are, from how many of the people name each; None with too few people to say.

    Base size 4, run length 2. The mean over all orders is exact: of n people, k of whom name a theme, none of k
    is among the first m in C(n - k, m) of C(n, m) orders. It describes these data only and is no rule for
    stopping, since everybody was asked. Source: Guest, Namey and Chen 2020, averaged over orders.
    """
    if people < BASE + RUN:
        return None

    def unheard(first: int) -> float:
        return fsum(comb(people - k, first) / comb(people, first) for k in people_of_themes if k)

    named = sum(1 for k in people_of_themes if k)
    return Plateau(people, named - unheard(BASE), unheard(people - RUN))


def plateau_words(coded: CodedRound) -> str:
    """A sentence on the plateau of a round, sponsors left out; empty where nothing can be said."""
    from auditkit.analysis import prevalence

    people = coded.responses.people
    answered = set(coded.responses.answers["respondent"])
    asked = set(people.loc[~people["sponsor"], "respondent"]) & answered
    found = plateau(prevalence(coded)["respondents"].tolist(), len(asked))
    if found is None or not found.base:
        return ""
    return (
        f"The last {RUN} of {found.people} people name {plain(found.new, 2)} themes that nobody before them did; the "
        f"first {BASE} name {plain(found.base)}. On average over all orders; it describes these data only."
    )


def paragraph(coded: CodedRound, decisions: pd.DataFrame | None = None) -> str:
    """How the written answers of a round were analysed, to be put into a report as it is.

    ``decisions``: as ``Audit.decisions`` gives them.
    """
    answers, themes = coded.responses.answers, coded.codebook.accepted
    own = [theme for theme in themes if theme.set_by != "auditkit"]
    origin = "as shipped" if not own else f"{len(themes) - len(own)} as shipped, {len(own)} set by people"
    parts = [
        f"Written answers were analysed by codebook thematic analysis. The codebook (version "
        f"{coded.codebook.fingerprint()}) holds {counted(len(themes), 'theme')}, {origin}. The material was "
        f"{counted(len(answers), 'answer')} of {counted(answers['respondent'].nunique(), 'person', 'people')} to "
        f"{counted(answers['question'].nunique(), 'question')}; a code is on a whole answer, and the sentence that "
        "carries it is kept as evidence.",
        "Software suggested themes from the statements of the codebook and, as reading went on, from what had been "
        "decided.",
    ]
    by_people = coded.codings["answer"].isin(coded.read_by_people)
    coders = sorted(set(coded.codings.loc[by_people & (coded.codings["coder"] != MACHINE), "coder"]))
    read = len(coded.read_by_people)
    if not coders and not read:
        parts.append("Nobody has read the answers yet: all codes are the software's.")
    else:
        who = f" by {' and '.join(coders)}" if coders else ""
        parts.append(f"{read} of {len(answers)} answers were read and decided{who}.")
        parts += _held_against(coded, decisions)
    if coded.unread:
        parts.append(f"Of {counted(len(coded.unread), 'answer')} the codes were taken over unread, after a check.")
    parts.append("People are counted, not mentions.")
    return " ".join(parts)


def _held_against(coded: CodedRound, decisions: pd.DataFrame | None) -> list[str]:
    from auditkit.reviewing import as_shown

    if decisions is None:
        return []
    mine = decisions[decisions["answer"].isin(coded.read_by_people)]
    kept, shown, set_by_people = as_shown([coded], decisions)
    blind = mine.loc[mine["blind"] == 1, "answer"].nunique()
    said = [f"{blind} of them without being shown the round, the pair and the role."] if blind else []
    if shown:
        said.append(f"Of {counted(shown, 'suggested code')} people kept {kept}, and added {set_by_people - kept}.")
    return said
