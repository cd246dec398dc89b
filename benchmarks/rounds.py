"""Whether the comparison sees the change that people see: two rounds of NHS comments, nobody linked.

    uv run python benchmarks/rounds.py --data FOLDER

FOLDER holds nhs-fft/two_rounds.csv and nhs-fft/framework.xlsx. Machine codings only; r is the correlation of the
product's change with the change in the human themes, over groups of at least 20 respondents in both rounds and
themes of at least 40 comments, cells weighted by the respondents of both rounds.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from pathlib import Path

import measures
import nhs
import numpy as np
import pandas as pd

from auditkit import codebook, intake, runs
from auditkit.audit import Audit
from auditkit.values import pair_code

FEWEST = 20  # respondents of a group in each round


def compared(file: Path, themes: Path | None) -> tuple[pd.DataFrame, float]:
    """The exported comparison of a file in a new audit folder, and the seconds that comparing took."""
    with tempfile.TemporaryDirectory() as folder:
        audit = Audit(Path(folder))
        start = time.perf_counter()
        runs.compare(audit, [file], intake.Options(codebook=themes), lambda step, done, total: None)
        seconds = time.perf_counter() - start
        text = runs.export(audit, "comparison", "csv", None)
    return pd.read_csv(io.StringIO(text), dtype={"pair": str}, keep_default_na=False, na_values=[""]), seconds


def human(comments: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Share of respondents with each label, by group: pair, label, n1, n2, human_before, human_after."""
    kept = comments[(comments["group"] != "") & (comments["text"].str.strip() != "")]
    said = pd.DataFrame(nhs.truth(kept, names), columns=names, index=kept.index)
    people = said.groupby([kept["group"], kept["round"], kept["respondent_id"]]).any()
    shares = people.groupby(level=[0, 1]).mean().stack().rename("share")
    n = people.groupby(level=[0, 1]).size()
    rows = []
    for (group, label), part in shares.groupby(level=[0, 2]):
        by_round = part.droplevel([0, 2])
        if len(by_round) == 2 and n[group].min() >= FEWEST:
            rows.append((pair_code(group), label, n[group]["1"], n[group]["2"], by_round["1"], by_round["2"]))
    return pd.DataFrame(rows, columns=["pair", "label", "n1", "n2", "human_before", "human_after"])


def weighted_r(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> float:
    centred = [values - np.average(values, weights=weights) for values in (x, y)]
    cross = [np.average(a * b, weights=weights) for a in centred for b in centred]
    return float(cross[1] / np.sqrt(cross[0] * cross[3]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    file = arguments.data / "nhs-fft" / "two_rounds.csv"
    comments = nhs.table(arguments.data, file.name)
    names = nhs.labels(comments)
    people = human(comments, names)
    with tempfile.TemporaryDirectory() as folder:
        themes = Path(folder) / "nhs.csv"
        codebook.write(themes, nhs.codebook(names, arguments.data))
        table, seconds = compared(file, themes)
    _, without_options = compared(file, None)
    changes = table[(table["level"] == "pair") & (table["kind"] == "theme")]
    rows = []
    for pole in ("any", "good", "poor"):
        both = people.merge(changes[changes["pole"] == pole], on=["pair", "label"])
        theirs, weights = both["human_after"] - both["human_before"], both["n1"] + both["n2"]
        r = weighted_r(both["change"].to_numpy(), theirs.to_numpy(), weights.to_numpy(float))
        rows.append((pole, str(len(both)), f"{r:.2f}"))
    print(measures.table(("pole", "cells", "r"), rows))
    print(f"\n{len(comments)} comments: {seconds:.0f} s with this codebook, {without_options:.0f} s without options")


if __name__ == "__main__":
    main()
