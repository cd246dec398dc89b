"""How often the verdicts err: simulated audits in which nothing changed, and the coverage of the intervals.

    uv run python benchmarks/verdicts.py

Two thousand audits for each number of pairs, with three main questions of 3, 6 and 9 items from 1 to 5. A rating is
what the person holds (the same in both rounds) plus noise, rounded and cut at the ends of the scale; partners share
part of their view. False positive: an audit in which any main question is called clear, or small but consistent.
Coverage: intervals that hold the true mean change, here of 0, and where pairs change by half a point on average, each
by its own. Levels in the middle, and near the top of the scale. Aims: 6 % at most (5 % and two Monte-Carlo errors),
93 % at least.
"""

from __future__ import annotations

import math

import measures
import numpy as np
import pandas as pd

from auditkit import changes
from auditkit.config import Config

AUDITS, PAIRS = 2000, (6, 8, 12, 20)
FALSE_POSITIVES, COVERAGE = 0.06, 0.93
QUESTIONS = {"communication": 3, "relationship": 6, "working together": 9}  # items
LEVELS = {"middle": 3.2, "near the top": 4.4}
PAIR, PERSON, NOISE = 0.5, 0.5, 0.8  # standard deviations
PLANTED, UNEVEN = 0.5, 0.5  # mean change and its spread over pairs
POPULATION = 400_000  # pairs from which the true mean change is known, to about 0.001
CALLED = ("clear", "small but consistent")


def pairs(chance: np.random.Generator, n: int, level: float, change: float, spread: float) -> np.ndarray:
    """Pair means (questions, 2 rounds, n)."""
    shared = level + PAIR * chance.standard_normal(n)
    moved = change + spread * chance.standard_normal(n)
    held = shared[:, None] + PERSON * chance.standard_normal((n, 2))
    means = []
    for items in QUESTIONS.values():
        rounds = []
        for shift in (np.zeros(n), moved):
            ratings = held[:, :, None] + shift[:, None, None] + NOISE * chance.standard_normal((n, 2, items))
            rounds.append(np.clip(np.rint(ratings), 1, 5).mean((1, 2)))
        means.append(rounds)
    return np.array(means)


def judged(means: np.ndarray) -> pd.DataFrame:
    """The programme's rows of the comparison for an audit's pair means, as the product makes them."""
    codes = [f"p{number}" for number in range(means.shape[2])]
    cells = pd.DataFrame(
        [
            ("scale", question, "", pair, 2, before, after)
            for question, (first, second) in zip(QUESTIONS, means, strict=True)
            for pair, before, after in zip(codes, first, second, strict=True)
        ],
        columns=changes.CELLS,
    )
    wanted = [changes.Row("scale", question, "", question, primary=True) for question in QUESTIONS]
    thresholds = dict.fromkeys(QUESTIONS, 0.5)
    table = changes.linked(
        cells, wanted, pairs=codes, sponsors=[], m=len(wanted), thresholds=thresholds, config=Config()
    )
    return table[table["level"] == "programme"]


def rates(n: int, level: float, change: float, spread: float) -> tuple[float, float]:
    """Share of audits with a change called, and share of intervals that hold the true mean change."""
    chance = np.random.default_rng([n, round(10 * level), round(10 * change)])
    first, second = pairs(chance, POPULATION, level, change, spread).mean(2).T if change else (0.0, 0.0)
    true = np.broadcast_to(second - first, len(QUESTIONS))
    called, held = [], []
    for _ in range(AUDITS):
        table = judged(pairs(chance, n, level, change, spread))
        called.append(table["verdict"].str.startswith(CALLED).any())
        for low, high, estimate, truth in zip(table["low"], table["high"], table["change"], true, strict=True):
            held.append(low <= truth <= high if not math.isnan(low) else math.isclose(estimate, truth))
    return float(np.mean(called)), float(np.mean(held))


def main() -> None:
    rows = []
    for name, level in LEVELS.items():
        for n in PAIRS:
            called, held = rates(n, level, 0.0, 0.0)
            found, held_changed = rates(n, level, PLANTED, UNEVEN)
            reached = called <= FALSE_POSITIVES and min(held, held_changed) >= COVERAGE
            figures = (called, held, held_changed, found)
            rows.append((name, str(n), *(f"{100 * figure:.1f} %" for figure in figures), measures.met(reached)))
    header = ("level", "pairs", "false positives", "coverage, no change", "coverage, changed", "change called", "aims")
    print(measures.table(header, rows))


if __name__ == "__main__":
    main()
