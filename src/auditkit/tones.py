"""The tone of what people write about a theme: one voice a person, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditkit import tone

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound

WORDS = ("positive", "mixed", "negative")


def by_theme(coded: CodedRound) -> pd.DataFrame:
    """People, sponsors left out, by the tone in which they name a theme: theme, label, pole, positive, mixed,
    negative.

    A person's tone is the mean over their answers that have the theme with this pole, so that nobody counts twice.
    Themes in the order of the codebook; poles good, poor, mixed.
    """
    import pandas as pd

    people = coded.responses.people
    sponsors = set(people.loc[people["sponsor"], "respondent"])
    answers = coded.responses.answers[["answer", "respondent"]]
    said = coded.codings[coded.codings["coded"]].merge(answers, on="answer").merge(coded.tone, on="answer")
    said = said[~said["respondent"].isin(sponsors)]
    mean = said.groupby(["theme", "pole", "respondent"])["tone"].mean()
    rows = []
    for theme in coded.codebook.accepted:
        for pole in ("good", "poor", "mixed"):
            if (theme.id, pole) in mean.index.droplevel("respondent"):
                words = [tone.word(float(value)) for value in mean.loc[theme.id, pole]]
                rows.append((theme.id, theme.label, pole, *(words.count(word) for word in WORDS)))
    return pd.DataFrame(rows, columns=["theme", "label", "pole", *WORDS])


def in_words(positive: int, mixed: int, negative: int) -> str:
    """How a theme is spoken of: "nearly all negative", "mostly positive", "divided"; empty where nobody speaks."""
    every = positive + mixed + negative
    if not every:
        return ""
    most, word = max((positive, "positive"), (mixed, "mixed"), (negative, "negative"))
    if most > 0.8 * every:
        return f"nearly all {word}" if every > 1 else word
    return f"mostly {word}" if most > 0.5 * every else "divided"
