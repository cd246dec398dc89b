"""Taking the software's codes over unread: off at first, then only where it was tried on these very data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditkit import decided, theme_moves
from auditkit.analysis import MACHINE
from auditkit.codebook_changes import joined
from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.audit import Audit

FROM = 25  # answers read before anything may be taken over
LEAST = 0.98  # probability asked for; from .90 on, codes were right too seldom where answers only hint
CHECKED = 20  # codes that a person must have checked
RIGHT = 0.95  # share of them that must be right


def threshold(read: int) -> float | None:
    """Probability from which a code could be taken over; None before 25 answers were read."""
    return None if read < FROM else LEAST


def candidates(rounds: Sequence[CodedRound], least: float) -> dict[str, list[tuple[str, str]]]:
    """Answers nobody read with at least one code, all of them at least so probable: theme and pole of each. Not
    those that a person decided and that need another look."""
    found: dict[str, list[tuple[str, str]]] = {}
    for coded in rounds:
        waiting = coded.codings[coded.codings["coded"] & (coded.codings["coder"] == MACHINE)]
        waiting = waiting[~waiting["answer"].isin(coded.again)]
        for answer, rows in waiting.groupby("answer", sort=True):
            if rows["score"].min() >= least:
                found[str(answer)] = list(zip(rows["theme"], rows["pole"], strict=True))
    return found


def to_check(rounds: Sequence[CodedRound], least: float) -> list[str]:
    """Twenty of the answers that would be taken over, as if drawn by lot, always the same ones."""
    known = candidates(rounds, least)
    return sorted(known, key=lambda answer: hashlib.sha256(f"check {answer}".encode()).hexdigest())[:CHECKED]


def remember_check(audit: Audit, rounds: Sequence[CodedRound], answers: Sequence[str], least: float) -> None:
    """Keep what the software would have taken over for these answers, before a person looks at them."""
    known = candidates(rounds, least)
    rows = [(answer, theme, pole, least) for answer in answers for theme, pole in known[answer]]
    with audit.store.step():
        audit.store.connection.executemany("INSERT OR REPLACE INTO checks VALUES (?, ?, ?, ?)", rows)


@dataclass(frozen=True)
class Checked:
    """What became of the codes that could have been taken over and that a person has decided since: ``right`` in theme
    and pole, of all ``tried``; and how many of their ``answers`` were ``lacking`` a theme beside."""

    right: int
    tried: int
    lacking: int
    answers: int


def measured(audit: Audit) -> Checked:
    """What a person has decided of the codes that were handed out to be checked."""
    into = theme_moves.gone_into(audit.store, audit.codebook)
    asked: dict[tuple[str, str], str] = {}
    for row in audit.store.rows(
        "SELECT answer, theme, pole FROM checks WHERE answer IN (SELECT answer FROM decisions WHERE unread = 0)"
    ):
        place = (row["answer"], into.get(row["theme"], row["theme"]))
        asked[place] = joined(asked.get(place, ""), row["pole"])
    said = audit.store.rows("SELECT answer, theme, pole FROM decisions WHERE decision != 'rejected'")
    kept = {(row["answer"], row["theme"], row["pole"]) for row in said}
    answers = {answer for answer, _ in asked}
    accepted = {theme.id for theme in audit.codebook.accepted}
    more = {answer for answer, theme, _ in kept if theme in accepted and (answer, theme) not in asked}
    right = sum((*place, pole) in kept for place, pole in asked.items())
    return Checked(right, len(asked), len(more & answers), len(answers))


def why_not(read: int, checked: Checked, left: int) -> str:
    """Why nothing may be taken over yet; empty where it may. ``left``: codes that could be checked still."""
    if read < FROM:
        return f"off until {FROM} answers are read"
    if checked.tried + left < CHECKED:
        return f"off: {checked.tried + left} codes are sure enough so far, too few to be tried"
    if checked.tried < CHECKED:
        so_far = f"{checked.tried} so far: auditkit review export --check"
        return f"off until {CHECKED} of the surest codes are checked ({so_far})"
    if checked.right < RIGHT * checked.tried:
        return f"off: {checked.right} of the {checked.tried} codes that were checked are right, too few"
    return ""


def verdict(rounds: Sequence[CodedRound], least: float) -> decided.Verdict:
    """The decisions that taking over would make."""
    from auditkit.review import decision_rows

    known = candidates(rounds, least)
    rows: list[dict[str, Any]] = []
    for coded in rounds:
        texts = dict(coded.responses.answers[["answer", "text"]].itertuples(index=False, name=None))
        for answer in sorted(set(texts) & set(known)):
            rows += decision_rows(answer, texts[answer], dict(known[answer]), dict(known[answer]))
    return decided.Verdict(rows, unread=True)


def refuse_unless_tried(read: int, checked: Checked, left: int) -> None:
    """Raise AuditkitError where nothing may be taken over unread yet."""
    why = why_not(read, checked, left)
    if why:
        step = "Check them: auditkit review export --check" if "--check" in why else "Read on: auditkit review export."
        raise AuditkitError(f"Nothing can be taken over unread: {why}.", step)
