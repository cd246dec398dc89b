"""One round, put together: excerpts, codings, tone, and what the codebook misses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.config import Config
    from auditkit.responses import Responses

    Encode = Callable[[Sequence[str]], np.ndarray]

MACHINE = "machine"
REMAINDER = 0.30  # share of answers, those that fit the codebook least, listed for a person to look at
ENOUGH_READ = 25  # answers read from which a figure for the user's own data may be given
SEEN = (40, 58)  # percent of codes set cold that were right, on data that the method was not tuned on

DECISIONS = ["answer", "text_hash", "theme", "pole", "decision", "coder"]
CODINGS = [
    *("answer", "theme", "pole", "excerpt", "score", "coded"),
    *("coder", "decision", "nearest", "matched", "changed_text"),
]


@dataclass(frozen=True, eq=False)
class CodedRound:
    """A round with its codings, machine and person in one table.

    ``excerpts``: excerpt, answer, start, end, text. ``codings``: answer, theme, pole, excerpt, score (0 to 1),
    coded, coder, decision (suggested, confirmed, changed, added, rejected), nearest (statement), matched
    (words), changed_text; one row a code that is set or rejected. ``scores``: answer, theme, score, sentence
    level in ``excerpt_scores`` (excerpt, theme, score). ``tone``: answer, tone (-1 to 1). ``remainder``:
    answer, theme, label, fit. ``suggested``: theme, label, phrases, respondents, answers, cohesion, strength,
    statement, evidence (answer keys). ``cohesion``: theme, cohesion, strength of the answers coded with each
    accepted theme. ``read``: keys of the answers that a person decided.
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
    topics_note: str = ""
    read: frozenset[str] = field(default_factory=frozenset)

    @property
    def round(self) -> str:
        return self.responses.round

    @property
    def reviewed(self) -> int:
        return len(self.read)

    @property
    def is_reviewed(self) -> bool:
        """Every answer has a decision; a round of ratings alone needs none."""
        return self.reviewed == len(self.responses.answers)

    @property
    def expected_agreement(self) -> float | None:
        """Share of the machine's codes that a careful person would set: the mean of their probabilities."""
        waiting = self.codings[self.codings["coded"] & (self.codings["coder"] == MACHINE)]
        return float(waiting["score"].mean()) if len(waiting) else None

    @property
    def agreement_words(self) -> str:
        """What is shown wherever machine codes are shown."""
        value = self.expected_agreement
        if value is None:
            return "every code was set by a person" if self.reviewed else "no codes"
        if self.reviewed < ENOUGH_READ:
            low, high = SEEN
            return f"not yet known for your data ({low} to {high}% right on other data)"
        return f"about {value:.0%} of the software's codes"


def code_round(
    responses: Responses,
    codebook: Codebook,
    encode: Encode,
    config: Config,
    progress: Callable[[str, int, int], None] | None = None,
) -> CodedRound:
    """Split, code and tone one round's answers, and look for what the codebook misses. No decisions yet.

    ``encode`` turns texts into unit vectors; ``progress`` is told step, done and total.
    """
    import pandas as pd

    from auditkit import coding, excerpts, poles, questions, tone, topics

    encode = _remembering(encode)

    def told(step: str) -> None:
        if progress:
            progress(step, 0, 1)

    answers = responses.answers
    if not len(answers):
        return _empty(responses, codebook)
    told("Splitting answers")
    parts = excerpts.split(answers)
    position = {key: number for number, key in enumerate(answers["answer"])}
    owner = [position[key] for key in parts["answer"]]
    units = coding.Units(
        answers=answers["text"].tolist(),
        questions=answers["question"].tolist(),
        items=answers["item"].tolist(),
        sentences=parts["text"].tolist(),
        owner=owner,
    )
    told("Reading the answers")
    encode([*units.answers, *units.sentences])
    told("Coding")
    whole = encode(units.answers)
    heard = questions.leans(sorted(set(units.questions)), encode)
    leans = [heard[question] for question in units.questions]
    scored = coding.score(units, codebook, encode, leans) if codebook.accepted else None
    pole = []
    if scored is not None:
        tones = tone.score(encode(units.sentences))
        pole = poles.poles(scored, owner, leans, tones)
    codings, scores, sentence_scores, remainder = _tables(answers, parts, codebook, scored, pole)
    told("Suggesting themes")
    content = [i for i in range(len(answers)) if scored is None or not scored.empty[i]]
    known = encode([text for text, _, _ in coding.codebook_texts(codebook)]) if codebook.accepted else whole[:0]
    found = topics.suggest(
        [units.answers[i] for i in content],
        whole[content],
        known,
        encode,
        labels=[theme.label for theme in codebook.themes],
        granularity=config.topics.granularity,
        show=config.topics.show,
    )
    return CodedRound(
        responses=responses,
        codebook=codebook,
        excerpts=parts,
        codings=codings,
        scores=scores,
        excerpt_scores=sentence_scores,
        tone=pd.DataFrame({"answer": answers["answer"], "tone": tone.score(whole).round(4)}),
        remainder=remainder,
        suggested=_suggested(found, answers.iloc[content].reset_index(drop=True)),
        cohesion=_cohesion(codings, position, whole),
        topics_note=found.why,
    )


def with_decisions(coded: CodedRound, decisions: pd.DataFrame) -> CodedRound:
    """The round with what people decided in place of what the machine suggests.

    ``decisions``: answer, text_hash, theme, pole, decision, coder; a theme ``none`` says that the answer has
    none. A decision on a text that has changed since is kept and marked ``changed_text``.
    """
    import pandas as pd

    texts = {row.answer: text_hash(row.text) for row in coded.responses.answers.itertuples()}
    mine = decisions[decisions["answer"].isin(texts)]
    read = frozenset(mine["answer"])
    accepted = {theme.id for theme in coded.codebook.accepted}
    machine = coded.codings
    suggested = {(row.answer, row.theme): row for row in machine.itertuples()}
    score_of = {(row.answer, row.theme): row.score for row in coded.scores.itertuples()}
    likest = _likest_excerpts(coded, read)
    rows: list[dict[str, Any]] = []
    for row in mine[mine["theme"].isin(accepted)].itertuples():
        place = (row.answer, row.theme)
        known = suggested.get(place)
        rows.append(
            {
                "answer": row.answer,
                "theme": row.theme,
                "pole": row.pole,
                "excerpt": known.excerpt if known else likest.get(place, ""),
                "score": score_of.get(place, 0.0),
                "coded": row.decision != "rejected",
                "coder": row.coder,
                "decision": row.decision,
                "nearest": known.nearest if known else "",
                "matched": known.matched if known else "",
                "changed_text": row.text_hash != texts[row.answer],
            }
        )
    waiting = machine[~machine["answer"].isin(read)]
    codings = pd.concat([waiting, pd.DataFrame(rows, columns=CODINGS)]) if rows else waiting
    codings = codings.astype({"coded": bool, "changed_text": bool})
    order = {key: number for number, key in enumerate(coded.responses.answers["answer"])}
    codings = codings.sort_values(
        ["answer", "theme"], key=lambda column: column.map(order) if column.name == "answer" else column
    )
    return replace(coded, codings=codings.reset_index(drop=True), read=read)


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


def _remembering(encode: Encode) -> Encode:
    """``encode`` that computes no text twice, even where there is no cache to read it back from."""
    import numpy as np

    known: dict[str, np.ndarray] = {}

    def look_up(texts: Sequence[str]) -> np.ndarray:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, encode(missing), strict=True))
        return np.stack([known[text] for text in texts]) if len(texts) else encode(texts)

    return look_up


def _tables(
    answers: pd.DataFrame,
    parts: pd.DataFrame,
    codebook: Codebook,
    scored: Any,
    pole: Sequence[Sequence[str]],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    import numpy as np
    import pandas as pd

    from auditkit import excerpts

    if scored is None:
        empty = _empty_tables()
        return empty["codings"], empty["scores"], empty["excerpt_scores"], empty["remainder"]
    themes = codebook.accepted
    keys = answers["answer"].tolist()
    excerpt_keys = parts["excerpt"].tolist()
    rows = []
    for i, t in zip(*np.nonzero(scored.coded), strict=True):
        sentence = scored.sentence[i, t]
        carrier = parts["text"].iat[sentence] if sentence >= 0 else answers["text"].iat[i]
        nearest = scored.texts[scored.nearest[i, t]]
        rows.append(
            (
                keys[i],
                themes[t].id,
                pole[i][t],
                excerpt_keys[sentence] if sentence >= 0 else "",
                round(float(scored.probability[i, t]), 4),
                True,
                MACHINE,
                "suggested",
                nearest,
                ", ".join(excerpts.matched(carrier, nearest)),
                False,
            )
        )
    codings = pd.DataFrame(rows, columns=CODINGS).astype({"coded": bool, "changed_text": bool})
    ids = [theme.id for theme in themes]
    scores = _long(keys, ids, scored.probability, "answer")
    sentence_scores = _long(excerpt_keys, ids, scored.sentence_probability, "excerpt")
    best = scored.probability.argmax(1)
    remainder = pd.DataFrame(
        {
            "answer": keys,
            "theme": [ids[t] for t in best],
            "label": [themes[t].label for t in best],
            "fit": np.round(scored.fit, 4),
        }
    )[~scored.empty]
    remainder = remainder.sort_values(["fit", "answer"]).head(round(REMAINDER * len(remainder)))
    return codings, scores, sentence_scores, remainder.reset_index(drop=True)


def _long(keys: Sequence[str], ids: Sequence[str], values: np.ndarray, name: str) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    return pd.DataFrame(
        {
            name: np.repeat(np.array(keys, object), len(ids)),
            "theme": np.tile(np.array(ids, object), len(keys)),
            "score": np.round(values.ravel().astype(float), 4),
        }
    )


def _cohesion(codings: pd.DataFrame, position: dict[str, int], vectors: np.ndarray) -> pd.DataFrame:
    """How well the answers coded with each theme hold together; themes of fewer than 3 answers left out."""
    import numpy as np
    import pandas as pd

    from auditkit import topics

    order = {answer: place for place, answer in enumerate(sorted(position))}  # the rows' own must not matter
    centred = vectors[[position[answer] for answer in order]].astype(float)
    centred -= centred.mean(0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    rows = []
    for theme, part in codings.groupby("theme", sort=True):
        members = sorted(order[answer] for answer in part["answer"])
        if len(members) >= topics.SMALLEST:
            value = topics.cohesion(centred[members])
            rows.append((theme, round(value, 4), topics.strength(value) if value >= topics.LOOSE else ""))
    return pd.DataFrame(rows, columns=["theme", "cohesion", "strength"])


def _suggested(found: Any, answers: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns = ["theme", "label", "phrases", "respondents", "answers", "cohesion", "strength", "statement", "evidence"]
    rows = []
    for number, one in enumerate(found.suggestions, start=1):
        members = answers.iloc[list(one.members)]
        rows.append(
            (
                f"S{number:02d}",
                one.label,
                ", ".join(one.phrases),
                members["respondent"].nunique(),
                len(members),
                one.cohesion,
                one.strength,
                answers["text"].iat[one.central],
                members["answer"].tolist(),
            )
        )
    return pd.DataFrame(rows, columns=columns)


def _empty_tables() -> dict[str, pd.DataFrame]:
    import pandas as pd

    return {
        "excerpts": pd.DataFrame(columns=["excerpt", "answer", "start", "end", "text"]),
        "codings": pd.DataFrame(columns=CODINGS).astype({"coded": bool, "changed_text": bool, "score": float}),
        "scores": pd.DataFrame(columns=["answer", "theme", "score"]),
        "excerpt_scores": pd.DataFrame(columns=["excerpt", "theme", "score"]),
        "tone": pd.DataFrame(columns=["answer", "tone"]),
        "remainder": pd.DataFrame(columns=["answer", "theme", "label", "fit"]),
        "cohesion": pd.DataFrame(columns=["theme", "cohesion", "strength"]),
    }


def _empty(responses: Responses, codebook: Codebook) -> CodedRound:
    from auditkit.topics import Found

    nothing = Found((), "no open answers")
    return CodedRound(
        responses=responses,
        codebook=codebook,
        suggested=_suggested(nothing, responses.answers),
        topics_note=nothing.why,
        **_empty_tables(),
    )
