"""Train the tone head on comments whose sentiment people judged: ``src/auditkit/data/tone.json``.

    python scripts/train_tone.py comments.csv

The CSV needs the columns comment_id, trust, text and sentiment (1 very positive ... 5 very negative, empty
where nobody judged), as in the Friends and Family Test comments published with pxtextmining (MIT, (c) 2021
NHS England, github.com/The-Strategy-Unit/pxtextmining). Neither texts nor vectors are stored.

Before the head is trained on everything, it is trained on each trust alone and tested on the other, whose
respondents, services and questions it has never seen; the figures go into the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import encoder, files, tone

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

STRENGTH = 1.0  # inverse of the ridge penalty; 0.3 and 3 give the same figures within 0.04
DECIMALS = 3
SOURCE = "Friends and Family Test comments, MIT, (c) 2021 NHS England, The-Strategy-Unit/pxtextmining"


def judged(path: Path) -> pd.DataFrame:
    """The comments with a text and a sentiment, in an order that does not depend on the file's."""
    import pandas as pd

    comments = pd.read_csv(path, keep_default_na=False, dtype=str)
    comments["sentiment"] = pd.to_numeric(comments["sentiment"], errors="coerce")
    there = comments["sentiment"].notna() & comments["text"].str.strip().ne("")
    return comments[there].sort_values(["comment_id", "text"], ignore_index=True)


def train(vectors: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
    """The head for classes -1, 0 and 1, each of the same total weight, as log odds against class 0."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=5000, tol=1e-8)
    model.fit(vectors.astype(float), classes)
    place = {value: position for position, value in enumerate(model.classes_.tolist())}
    head = {}
    for name, value in (("positive", 1), ("negative", -1)):
        weights = model.coef_[place[value]] - model.coef_[place[0]]
        intercept = model.intercept_[place[value]] - model.intercept_[place[0]]
        head[name] = {
            "intercept": round(float(intercept), DECIMALS),
            "weights": [round(float(weight), DECIMALS) for weight in weights],
        }
    return head


def tested(scores: np.ndarray, sentiment: np.ndarray) -> dict[str, float]:
    """Macro-F1 over the three words, and rank correlation with the five degrees of sentiment."""
    from scipy.stats import spearmanr
    from sklearn.metrics import f1_score

    words = [tone.word(value) for value in scores]
    human = ["positive" if degree < 3 else "negative" if degree > 3 else "mixed" for degree in sentiment]
    return {
        "macro_f1": round(float(f1_score(human, words, average="macro")), 3),
        "spearman": round(float(spearmanr(scores, 3 - sentiment).statistic), 3),
    }


def main(path: Path) -> None:
    import numpy as np

    comments = judged(path)
    sentiment = comments["sentiment"].to_numpy()
    trust = comments["trust"].to_numpy()
    vectors = encoder.Encoder(None).encode(list(comments["text"]))
    classes = np.sign(3 - sentiment).astype(int)

    across = []
    for one in sorted(set(trust)):
        here, there = trust == one, trust != one
        scores = tone.score(vectors[there], train(vectors[here], classes[here]))
        figures = {"trained_on": one, "comments": int(here.sum()), "tested_on": int(there.sum())}
        across.append(figures | tested(scores, sentiment[there]))
        print(across[-1])

    head = {
        "model": encoder.MODEL_ID,
        "source": SOURCE,
        "comments": len(comments),
        "across_trusts": across,
        **train(vectors, classes),
    }
    files.write_text(tone.HEAD, json.dumps(head) + "\n")
    tone.HEAD.chmod(0o644)  # package data, for every user of the machine
    print(f"{tone.HEAD.name}: {tone.HEAD.stat().st_size:,} bytes from {len(comments)} comments")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
