"""One round, put together: excerpts, codings by machine and by people, tone, what the codebook misses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.responses import Responses


MACHINE = "machine"
ENOUGH_READ = 25  # answers read from which a figure for the user's own data may be given
AGAIN = "look again"  # what a sheet says of such an answer
SEEN = (40, 58)  # percent of codes set cold that were right, on data that the method was not tuned on

CODINGS = [
    *("answer", "theme", "pole", "excerpt", "score", "coded"),
    *("coder", "decision", "nearest", "matched", "changed_text"),
]
SUGGESTED = [
    *("theme", "label", "phrases", "respondents", "answers", "cohesion", "strength", "statement", "evidence"),
    *("gap", "nearest", "again", "folds"),
]
DISTANCES = ["one", "other", "distance"]


def _no_distances() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=DISTANCES)


@dataclass(frozen=True)
class Look:
    """Why an answer that a person decided needs another look: the codebook has changed since.

    ``was``: themes, id to label, that the person gave it and that are coded no more. ``new``: themes that
    came in after the decision and that the software may set.
    """

    was: Mapping[str, str] = field(default_factory=dict)
    new: Mapping[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """For the sheet in which answers are decided: "look again; was: Trust"."""
        parts = [f"was: {', '.join(self.was.values())}"] if self.was else []
        parts += [f"new: {', '.join(self.new.values())}"] if self.new else []
        return "; ".join([AGAIN, *parts])


@dataclass(frozen=True, eq=False)
class CodedRound:
    """A round with its codings, machine and person in one table.

    ``excerpts``: excerpt, answer, start, end, text. ``codings``: answer, theme, pole, excerpt, score (0 to 1),
    coded, coder, decision (suggested, confirmed, changed, added, rejected), nearest (statement), matched
    (words), changed_text; one row a code that is set or rejected. ``scores``: answer, theme, score, cold (by the
    codebook alone); sentence level in ``excerpt_scores`` (excerpt, theme, score). ``tone``: answer, tone (-1 to 1).
    ``remainder``: answer, theme, label, fit. ``suggested``: theme, label, phrases, respondents (without sponsors),
    answers, cohesion, strength, statement, evidence (answer keys), gap (the lower, the less the codebook says of
    it), nearest (accepted theme), again (of ``folds`` searches without a part of the respondents; 0 of 0: not
    tried). ``cohesion``: theme, cohesion, strength of the answers coded with each accepted theme. ``distances``:
    one, other, distance between themes, accepted and suggested, as the machine coded. ``topics_note`` says why
    there are no suggestions, ``engine`` who grouped the answers. ``silent``: keys of the answers that say nothing.
    ``queue``: answer, place of those that nobody read, in the order that teaches most.
    ``read``: keys of the answers that a person decided; ``unread``: those of them that were taken over from the
    software without being read. Not in ``read``, though decided once, are answers to be read again: ``changed``, whose
    text is another now, and ``again``, which need another look.
    """

    responses: Responses
    codebook: Codebook
    excerpts: pd.DataFrame
    codings: pd.DataFrame
    scores: pd.DataFrame
    excerpt_scores: pd.DataFrame
    tone: pd.DataFrame
    remainder: pd.DataFrame
    suggested: pd.DataFrame
    cohesion: pd.DataFrame
    queue: pd.DataFrame
    topics_note: str = ""
    distances: pd.DataFrame = field(default_factory=_no_distances)
    engine: str = "auditkit"
    silent: frozenset[str] = frozenset()
    read: frozenset[str] = field(default_factory=frozenset)
    changed: frozenset[str] = field(default_factory=frozenset)
    unread: frozenset[str] = field(default_factory=frozenset)
    again: Mapping[str, Look] = field(default_factory=dict)

    @property
    def round(self) -> str:
        return self.responses.round

    @property
    def reviewed(self) -> int:
        return len(self.read)

    @property
    def read_by_people(self) -> frozenset[str]:
        """Answers that a person read and decided, with the text that they have now."""
        return self.read - self.unread - self.changed

    @property
    def is_reviewed(self) -> bool:
        """Every answer has a decision; a round of ratings alone needs none."""
        return self.reviewed == len(self.responses.answers)

    @property
    def by_software(self) -> pd.DataFrame:
        """The codings that no person has read: suggested by the machine, or taken over from it unread."""
        unread = self.codings["answer"].isin(self.unread)
        return self.codings[self.codings["coded"] & ((self.codings["coder"] == MACHINE) | unread)]

    @property
    def expected_agreement(self) -> float | None:
        """Share of the machine's codes that a careful person would set: the mean of their probabilities."""
        codes = self.by_software
        return float(codes["score"].mean()) if len(codes) else None

    @property
    def agreement_words(self) -> str:
        """What is shown wherever machine codes are shown."""
        value = self.expected_agreement
        if value is None:
            return "every code was set by a person" if self.reviewed and self.is_reviewed else "no codes"
        if len(self.read_by_people) < ENOUGH_READ:
            low, high = SEEN
            return f"not yet known for your data ({low} to {high}% right on other data)"
        return f"about {value:.0%} of the software's codes"


def with_decisions(
    coded: CodedRound,
    decisions: pd.DataFrame,
    spans: pd.DataFrame | None = None,
    again: Mapping[str, Look] | None = None,
) -> CodedRound:
    """The round with what people decided in place of what the machine suggests.

    ``decisions``: answer, text_hash, theme, pole, decision, coder; a theme ``none`` says that the answer has
    none. A decision on a text that has changed since is kept and marked ``changed_text``. ``spans``: answer,
    theme, start, end: the words that a person chose as a theme's excerpt, which become excerpts of the round.
    Answers ``again`` keep what was decided, but do not count as read; beside it the machine speaks of their new
    themes alone.
    """
    import pandas as pd

    texts = {row.answer: text_hash(row.text) for row in coded.responses.answers.itertuples()}
    mine = decisions[decisions["answer"].isin(texts)]
    decided = frozenset(mine["answer"])
    again = {answer: look for answer, look in (again or {}).items() if answer in decided}
    changed = frozenset(row.answer for row in mine.itertuples() if row.text_hash != texts[row.answer])
    unread = frozenset(mine.loc[mine["unread"] == 1, "answer"]) if "unread" in mine else frozenset()
    accepted = {theme.id for theme in coded.codebook.accepted}
    machine = coded.codings
    suggested = {(row.answer, row.theme): row for row in machine.itertuples()}
    score_of = {(row.answer, row.theme): row.score for row in coded.scores.itertuples()}
    likest = _likest_excerpts(coded, decided)
    chosen, excerpts = _chosen_excerpts(coded, spans, changed)
    rows: list[dict[str, Any]] = []
    for row in mine[mine["theme"].isin(accepted)].itertuples():
        place = (row.answer, row.theme)
        known, mine_of = suggested.get(place), chosen.get(place, "")
        rows.append(
            {
                "answer": row.answer,
                "theme": row.theme,
                "pole": row.pole,
                "excerpt": mine_of or (known.excerpt if known else likest.get(place, "")),
                "score": score_of.get(place, 0.0),
                "coded": row.decision != "rejected",
                "coder": row.coder,
                "decision": row.decision,
                "nearest": known.nearest if known and mine_of in ("", known.excerpt) else "",
                "matched": known.matched if known and mine_of in ("", known.excerpt) else "",
                "changed_text": row.answer in changed,
            }
        )
    settled = {(row["answer"], row["theme"]) for row in rows}
    is_open = [
        answer not in decided or (answer in again and theme in again[answer].new and (answer, theme) not in settled)
        for answer, theme in zip(machine["answer"], machine["theme"], strict=True)
    ]
    waiting = machine[pd.Series(is_open, index=machine.index, dtype=bool)]
    codings = pd.concat([waiting, pd.DataFrame(rows, columns=CODINGS)]) if rows else waiting
    codings = codings.astype({"coded": bool, "changed_text": bool})
    order = {key: number for number, key in enumerate(coded.responses.answers["answer"])}
    codings = codings.sort_values(
        ["answer", "theme"], key=lambda column: column.map(order) if column.name == "answer" else column
    )
    return replace(
        coded,
        codings=codings.reset_index(drop=True),
        excerpts=excerpts,
        read=decided - again.keys() - changed,
        changed=changed,
        unread=unread - again.keys() - changed,
        again=again,
    )


def _chosen_excerpts(
    coded: CodedRound, spans: pd.DataFrame | None, changed: Collection[str]
) -> tuple[dict[tuple[str, str], str], pd.DataFrame]:
    """The excerpts that people chose, by answer and theme, and all excerpts of the round with them."""
    import pandas as pd

    texts = dict(coded.responses.answers[["answer", "text"]].itertuples(index=False, name=None))
    mine = [] if spans is None else [s for s in spans.itertuples() if s.answer in texts and s.answer not in changed]
    known = {(row.answer, row.start, row.end): row.excerpt for row in coded.excerpts.itertuples()}
    chosen: dict[tuple[str, str], str] = {}
    rows: list[tuple[Any, ...]] = []
    for span in mine:
        place = (span.answer, span.start, span.end)
        if place not in known:
            known[place] = f"{span.answer}-p{1 + sum(row[1] == span.answer for row in rows):02d}"
            rows.append((known[place], *place, texts[span.answer][span.start : span.end]))
        chosen.setdefault((span.answer, span.theme), known[place])
    if not rows:
        return chosen, coded.excerpts
    return chosen, pd.concat([coded.excerpts, pd.DataFrame(rows, columns=list(coded.excerpts.columns))])


def _likest_excerpts(coded: CodedRound, answers: Collection[str]) -> dict[tuple[str, str], str]:
    """The sentence that fits best, by answer and theme, of these answers."""
    sentences = coded.excerpts.loc[coded.excerpts["answer"].isin(answers), ["excerpt", "answer"]]
    scored = coded.excerpt_scores.merge(sentences, on="excerpt")
    best = scored.sort_values(["score", "excerpt"], ascending=[False, True]).drop_duplicates(["answer", "theme"])
    return dict(zip(zip(best["answer"], best["theme"], strict=True), best["excerpt"], strict=True))


def text_hash(text: str) -> str:
    """What a decision remembers of the text it was made on."""
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:16]


def prevalence(coded: CodedRound) -> pd.DataFrame:
    """People, sponsors left out, who name each theme: theme, label, status, set_by, respondents, answers,
    poor, both, good (people: only as a problem, both ways, only as working well), unclear.
    """
    import pandas as pd

    answers = coded.responses.answers
    people = coded.responses.people
    sponsors = set(zip(*(people.loc[people["sponsor"], c] for c in ("pair", "respondent")), strict=True))
    kept = answers.loc[[key not in sponsors for key in zip(answers["pair"], answers["respondent"], strict=True)]]
    set_codes = coded.codings[coded.codings["coded"]].merge(kept[["answer", "respondent"]], on="answer")
    rows = []
    for theme in coded.codebook.accepted:
        named = set_codes[set_codes["theme"] == theme.id]
        kinds = named.groupby("respondent")["pole"].agg(lambda poles: frozenset(poles) - {""})
        both = sum(1 for kind in kinds if "mixed" in kind or {"good", "poor"} <= kind)
        poor = sum(1 for kind in kinds if kind == {"poor"})
        good = sum(1 for kind in kinds if kind == {"good"})
        counts = (poor, both, good, len(kinds) - both - poor - good)
        about = (theme.id, theme.label, theme.status, theme.set_by)
        rows.append((*about, len(kinds), named["answer"].nunique(), *counts))
    columns = ["theme", "label", "status", "set_by", "respondents", "answers", "poor", "both", "good", "unclear"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["respondents", "theme"], ascending=[False, True]).reset_index(drop=True)
