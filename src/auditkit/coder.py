"""The machine's part: the answers of one or more rounds split, coded and toned, suggested themes beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from auditkit.analysis import CODINGS, MACHINE, CodedRound

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.config import Config
    from auditkit.responses import Responses
    from auditkit.suggestions import Earlier

    Encode = Callable[[Sequence[str]], np.ndarray]

REMAINDER = 0.30  # share of answers, those that fit the codebook least, listed for a person to look at


def code_rounds(
    found: Sequence[Responses],
    codebook: Codebook,
    encode: Encode,
    config: Config,
    progress: Callable[[str, int, int], None] | None = None,
    earlier: Sequence[Earlier] = (),
) -> list[CodedRound]:
    """Split, code and tone the answers of rounds, and look for what the codebook misses. No decisions yet.

    The rounds are coded in one go, so that the same words get the same codes in each: what differs between
    them is then what people wrote, not how it was read. ``encode`` turns texts into unit vectors; ``progress``
    is told step, done and total. ``earlier``: what was suggested and decided before.
    """
    import pandas as pd

    from auditkit import coding, excerpts, poles, questions, suggestions, tone

    encode = _remembering(encode)

    def told(step: str) -> None:
        if progress:
            progress(step, 0, 1)

    if not any(len(one.answers) for one in found):
        return [_empty(one, codebook, config) for one in found]
    answers = pd.concat([one.answers for one in found if len(one.answers)], ignore_index=True)
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
    tables = _tables(answers, parts, codebook, scored, pole)
    tables["tone"] = pd.DataFrame({"answer": answers["answer"], "tone": tone.score(whole).round(4)})
    tables["excerpts"] = parts
    told("Suggesting themes")
    empty = set() if scored is None else {key for key, nothing in zip(position, scored.empty, strict=True) if nothing}
    rounds = [
        _round(one, codebook, tables, position, whole, empty, encode, config, earlier)
        if len(one.answers)
        else _empty(one, codebook, config)
        for one in found
    ]
    return suggestions.numbered(rounds, earlier)


def _round(
    one: Responses,
    codebook: Codebook,
    tables: dict[str, pd.DataFrame],
    position: dict[str, int],
    vectors: np.ndarray,
    empty: set[str],
    encode: Encode,
    config: Config,
    earlier: Sequence[Earlier],
) -> CodedRound:
    """One round's part of the tables of all, with its own remainder and suggested themes."""
    from auditkit import suggestions

    keys = set(one.answers["answer"])
    by_answer = [name for name in tables if name not in ("excerpt_scores", "cohesion")]
    own = {name: tables[name][tables[name]["answer"].isin(keys)] for name in by_answer}
    sentences = tables["excerpt_scores"]
    own["excerpt_scores"] = sentences[sentences["excerpt"].isin(set(own["excerpts"]["excerpt"]))]
    own = {name: table.reset_index(drop=True) for name, table in own.items()}
    own["remainder"] = own["remainder"].head(round(REMAINDER * len(own["remainder"])))
    silent = suggestions.silent(one.answers, empty, codebook, encode)
    mine = vectors[[position[key] for key in one.answers["answer"]]]
    found = suggestions.find(one, silent, own["codings"], mine, codebook, encode, config.topics, earlier)
    return CodedRound(
        responses=one,
        codebook=codebook,
        suggested=found.table,
        cohesion=_cohesion(own["codings"], {key: position[key] for key in keys}, vectors),
        topics_note=found.note,
        distances=found.distances,
        engine=found.engine,
        silent=silent,
        **own,
    )


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
) -> dict[str, pd.DataFrame]:
    import numpy as np
    import pandas as pd

    from auditkit import excerpts

    if scored is None:
        return _empty_tables()
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
    return {
        "codings": codings,
        "scores": scores,
        "excerpt_scores": sentence_scores,
        "remainder": remainder.sort_values(["fit", "answer"]),
    }


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

    order = {answer: place for place, answer in enumerate(sorted(position))}  # that of the rows must not matter
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


def _empty(responses: Responses, codebook: Codebook, config: Config) -> CodedRound:
    from auditkit import suggestions

    nothing = suggestions.nothing(config.topics, "no open answers")
    return CodedRound(
        responses=responses,
        codebook=codebook,
        suggested=nothing.table,
        topics_note=nothing.note,
        engine=nothing.engine,
        **_empty_tables(),
    )
