"""One round, put together: excerpts, codings, tone, and what the codebook misses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
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
SEEN = (0.32, 0.64)  # kappa of cold coding with a careful person, on data that the method was not tuned on

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
            return f"not yet known for your data (kappa {low:.2f} to {high:.2f} on other data)"
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
        pole = poles.poles(scored, units.sentences, owner, leans, tones, encode)
    codings, scores, sentence_scores, remainder = _tables(answers, parts, codebook, scored, pole)
    told("Suggesting themes")
    content = [i for i in range(len(answers)) if scored is None or not scored.empty[i]]
    known = encode([text for text, _, _ in coding.codebook_texts(codebook)]) if codebook.accepted else whole[:0]
    found = topics.suggest(
        [units.answers[i] for i in content],
        whole[content],
        known,
        encode,
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
    evidence = machine.set_index(["answer", "theme"])
    score_of = {(row.answer, row.theme): row.score for row in coded.scores.itertuples()}
    first_excerpt = coded.excerpts.groupby("answer")["excerpt"].first().to_dict()
    rows: list[dict[str, Any]] = []
    for row in mine.itertuples():
        if row.theme not in accepted:
            continue
        place = (row.answer, row.theme)
        known = evidence.loc[place].to_dict() if place in evidence.index else {}
        rows.append(
            {
                "answer": row.answer,
                "theme": row.theme,
                "pole": row.pole,
                "excerpt": known.get("excerpt", first_excerpt.get(row.answer, "")),
                "score": score_of.get(place, 0.0),
                "coded": row.decision != "rejected",
                "coder": row.coder,
                "decision": row.decision,
                "nearest": known.get("nearest", ""),
                "matched": known.get("matched", ""),
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
    kept = answers[[key not in sponsors for key in zip(answers["pair"], answers["respondent"], strict=True)]]
    set_codes = coded.codings[coded.codings["coded"]].merge(kept[["answer", "respondent"]], on="answer")
    rows = []
    for theme in coded.codebook.accepted:
        named = set_codes[set_codes["theme"] == theme.id]
        kinds = named.groupby("respondent")["pole"].agg(lambda poles: frozenset(poles) - {""})
        both = sum(1 for kind in kinds if "mixed" in kind or {"good", "poor"} <= kind)
        poor = sum(1 for kind in kinds if kind == {"poor"})
        good = sum(1 for kind in kinds if kind == {"good"})
        rows.append(
            {
                "theme": theme.id,
                "label": theme.label,
                "status": theme.status,
                "set_by": theme.set_by,
                "respondents": len(kinds),
                "answers": named["answer"].nunique(),
                "poor": poor,
                "both": both,
                "good": good,
                "unclear": len(kinds) - both - poor - good,
            }
        )
    columns = [
        "theme",
        "label",
        "status",
        "set_by",
        "respondents",
        "answers",
        "poor",
        "both",
        "good",
        "unclear",
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["respondents", "theme"], ascending=[False, True]).reset_index(drop=True)


def _tables(
    answers: pd.DataFrame,
    parts: pd.DataFrame,
    codebook: Codebook,
    scored: Any,
    pole: Sequence[Sequence[str]],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    import numpy as np
    import pandas as pd

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
                ", ".join(_shared_words(carrier, nearest)),
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

    centred = vectors.astype(float) - vectors.astype(float).mean(0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    rows = []
    for theme, part in codings.groupby("theme", sort=True):
        members = [position[answer] for answer in part["answer"]]
        if len(members) >= topics.SMALLEST:
            value = topics.cohesion(centred[members])
            rows.append((theme, round(value, 4), topics.strength(value) if value >= topics.LOOSE else ""))
    return pd.DataFrame(rows, columns=["theme", "cohesion", "strength"])


def _suggested(found: Any, answers: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns = [
        "theme",
        "label",
        "phrases",
        "respondents",
        "answers",
        "cohesion",
        "strength",
        "statement",
        "evidence",
    ]
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


def _shared_words(carrier: str, nearest: str) -> list[str]:
    """Words of the sentence that stand, in some form, in the statement nearest to it."""
    stems = {_stem(word) for word in _words(nearest)}
    return list(dict.fromkeys(word for word in _words(carrier) if _stem(word) in stems))


def _words(text: str) -> Iterable[str]:
    return (word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) > 3 and word not in COMMON)


def _stem(word: str) -> str:
    return re.sub(r"(ings?|ed|ies|es|s|ly)$", "", word)[:6]


COMMON = frozenset(
    "about after also always been before being both could does done each even ever from have having here into "
    "just like made make many more most much must need never only other ours over really same should some "
    "such than that their them then there these they thing things this those time very want well were what "
    "when where which while will with work would your".split()
)
"""Words so common that sharing them is no evidence."""


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
