"""The machine's part: the answers of one or more rounds split, coded and toned, suggested themes beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from auditkit import corpus, excerpts, suggestions, tone, topics
from auditkit.analysis import CODINGS, MACHINE, CodedRound

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from auditkit.codebook import Codebook
    from auditkit.config import Config
    from auditkit.corpus import Corpus, Lessons
    from auditkit.responses import Responses
    from auditkit.suggestions import Earlier, Suggested

    Encode = Callable[[Sequence[str]], np.ndarray]

REMAINDER = 0.30  # share of answers, those that fit the codebook least, listed for a person to look at


def code_rounds(
    found: Sequence[Responses],
    codebook: Codebook,
    encode: Encode,
    config: Config,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    lessons: Lessons | None = None,
    kept: Mapping[str, Suggested] | None = None,
    earlier: Sequence[Earlier] = (),
    deny: Collection[str] = (),
) -> list[CodedRound]:
    """Split, code and tone the answers of rounds, and look for what the codebook misses.

    The rounds are coded in one go, so that the same words get the same codes in each: what differs between
    them is then what people wrote, not how it was read. ``encode`` turns texts into unit vectors; ``lessons``:
    what people decided so far, to be learned from, never to be put in place of; ``kept``: suggested themes, by
    round, that still hold and are not looked for again; ``earlier``: what was suggested and decided before;
    ``deny``: words that no suggestion may be called by.
    ``progress`` is told step, done and total.
    """
    import pandas as pd

    encode = corpus.remembering(encode, lessons.vectors if lessons is not None else None)

    def told(step: str) -> None:
        if progress:
            progress(step, 0, 1)

    with_answers = [one.answers for one in found if len(one.answers)]
    if not with_answers:
        return [_empty(one, codebook, config) for one in found]
    elsewhere = [lessons.elsewhere] if lessons is not None and len(lessons.elsewhere) else []
    answers = pd.concat([*with_answers, *elsewhere], ignore_index=True)
    ready = corpus.prepare(answers, codebook, encode, told)
    tables, empty = _tables(ready, lessons)
    whole = encode(ready.units.answers)
    tables["tone"] = pd.DataFrame({"answer": answers["answer"], "tone": tone.score(whole).round(4)})
    tables["excerpts"] = ready.parts
    position = {key: number for number, key in enumerate(answers["answer"])}

    def suggested(one: Responses) -> Suggested:
        mine = whole[[position[key] for key in one.answers["answer"]]]
        if kept is not None and one.round in kept:
            return suggestions.placed(kept[one.round], one, tables["codings"], mine)
        told("Suggesting themes")
        silent = suggestions.silent(one.answers, empty, codebook, encode)
        return suggestions.find(
            one,
            silent,
            tables["codings"],
            mine,
            codebook,
            encode,
            config.topics,
            earlier,
            least=config.thresholds.k_theme,
            deny=deny,
        )

    rounds = [
        _round(one, codebook, tables, position, whole, suggested(one))
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
    suggested: Suggested,
) -> CodedRound:
    """One round's part of the tables of all, with its own remainder and suggested themes."""
    keys = set(one.answers["answer"])
    by_answer = [name for name in tables if name not in ("excerpt_scores", "cohesion")]
    own = {name: tables[name][tables[name]["answer"].isin(keys)] for name in by_answer}
    sentences = tables["excerpt_scores"]
    own["excerpt_scores"] = sentences[sentences["excerpt"].isin(set(own["excerpts"]["excerpt"]))]
    own = {name: table.reset_index(drop=True) for name, table in own.items()}
    own["remainder"] = own["remainder"].head(round(REMAINDER * len(own["remainder"])))
    return CodedRound(
        responses=one,
        codebook=codebook,
        cohesion=_cohesion(own["codings"], {key: position[key] for key in keys}, vectors),
        **suggested.fields(),
        **own,
    )


def _tables(ready: Corpus, lessons: Lessons | None) -> tuple[dict[str, pd.DataFrame], set[str]]:
    """The tables of codings, and the keys of the answers in which the codebook finds nothing."""
    import numpy as np
    import pandas as pd

    if ready.scores is None or ready.learner is None:
        return _empty_tables(), set()
    answers, parts, themes = ready.answers, ready.parts, ready.codebook.accepted
    read, truth = ready.read(lessons.decisions) if lessons is not None else ([], np.zeros((0, len(themes)), bool))
    unheard = lessons.unheard if lessons is not None else frozenset()
    learned = corpus.with_unheard(ready.learner.learn(read, truth), ready.learner.cold, ready.codebook, unheard)
    queue = ready.learner.reading_order(learned, read)
    scored = corpus.taught(ready.scores, learned)
    pole = ready.poles(scored)
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
    codings = pd.DataFrame(rows, columns=CODINGS)
    if lessons is not None and len(lessons.shown):
        decided = {keys[answer] for answer in read}
        shown = lessons.shown[lessons.shown["answer"].isin(decided)]
        new = codings["theme"].isin(unheard - set(shown["theme"]))
        codings = pd.concat([codings[~codings["answer"].isin(decided) | new], shown], ignore_index=True)
    codings = codings.astype({"coded": bool, "changed_text": bool})
    ids = [theme.id for theme in themes]
    scores = _long(keys, ids, scored.probability, "answer").assign(
        cold=np.round(ready.scores.probability.ravel().astype(float), 4)
    )
    sentence_scores = _long(excerpt_keys, ids, scored.sentence_probability, "excerpt")
    best = scored.probability.argmax(1)
    remainder = pd.DataFrame(
        {
            "answer": keys,
            "theme": [ids[t] for t in best],
            "label": [themes[t].label for t in best],
            "fit": np.round(scored.fit, 4),
        }
    )[~ready.scores.empty]
    return {
        "codings": codings,
        "scores": scores,
        "excerpt_scores": sentence_scores,
        "remainder": remainder.sort_values(["fit", "answer"]),
        "queue": pd.DataFrame({"answer": [keys[one] for one in queue], "place": range(1, len(queue) + 1)}),
    }, {keys[answer] for answer in np.flatnonzero(ready.scores.empty)}


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
        "scores": pd.DataFrame(columns=["answer", "theme", "score", "cold"]),
        "excerpt_scores": pd.DataFrame(columns=["excerpt", "theme", "score"]),
        "tone": pd.DataFrame(columns=["answer", "tone"]),
        "remainder": pd.DataFrame(columns=["answer", "theme", "label", "fit"]),
        "queue": pd.DataFrame(columns=["answer", "place"]),
        "cohesion": pd.DataFrame(columns=["theme", "cohesion", "strength"]),
    }


def _empty(responses: Responses, codebook: Codebook, config: Config) -> CodedRound:
    nothing = suggestions.nothing(config.topics, "no open answers")
    return CodedRound(responses=responses, codebook=codebook, **nothing.fields(), **_empty_tables())
