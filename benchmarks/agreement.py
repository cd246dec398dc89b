"""How often the intervals of agreement hold the truth: simulated coders.

    uv run python benchmarks/agreement.py

Five hundred double codings for each number of people, with four themes. A person writes one to so many answers and
leans towards some themes; either coder sees what is there with a probability that also differs by person, and else
sets the theme as often as it comes. Coverage: intervals that hold the figure of 150,000 people. Aim: 92.5 % at least,
as for every interval from draws.
"""

from __future__ import annotations

import measures
import numpy as np

from auditkit.agreement import Agreement, agreements

CODINGS, POPULATION = 500, 150_000
COVERAGE = 0.925
DESIGNS = ((10, 8, 0.8), (15, 6, 0.8), (25, 4, 0.8), (40, 4, 0.9), (60, 3, 0.8))
"""People, answers of each at most, how often a coder sees what is there."""

SHARES = np.array([0.3, 0.2, 0.15, 0.1])
LEANING = 0.7  # standard deviation over people, in log odds
FIGURES = ("raw", "positive", "kappa", "alpha")


def coded(
    chance: np.random.Generator, people: int, most: int, seen: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of two coders (answers, themes) and who wrote each answer."""
    person = np.repeat(np.arange(people), chance.integers(1, most + 1, people))
    shape = (len(person), len(SHARES))
    leaning = LEANING * chance.standard_normal((people, len(SHARES)))[person]
    easy = LEANING * chance.standard_normal((people, 1))[person]
    there = chance.random(shape) < _share(SHARES, leaning)
    first, second = (
        np.where(chance.random(shape) < _share(np.array(seen), easy), there, chance.random(shape) < SHARES)
        for _ in range(2)
    )
    return first, second, person


def _share(share: np.ndarray, shift: np.ndarray) -> np.ndarray:
    odds = share / (1 - share) * np.exp(shift)
    return np.asarray(odds / (1 + odds))


def values(found: Agreement) -> list[float]:
    return [getattr(found, name).estimate for name in FIGURES]


def main() -> None:
    rows = []
    for people, most, seen in DESIGNS:
        chance = np.random.default_rng([people, most])
        first, second, _ = coded(chance, POPULATION, most, seen)
        themes, overall = agreements(first, second, [0] * len(first))
        true = np.array([values(found) for found in (*themes, overall)])
        held, given = np.zeros((2, *true.shape))
        for _ in range(CODINGS):
            first, second, person = coded(chance, people, most, seen)
            themes, overall = agreements(first, second, person.tolist())
            for place, found in enumerate((*themes, overall)):
                for figure, name in enumerate(FIGURES):
                    ends = getattr(found, name)
                    if ends.low is not None:
                        given[place, figure] += 1
                        held[place, figure] += ends.low <= true[place, figure] <= ends.high
        shares = held / given
        lowest = f"{100 * shares.min():.1f} %"
        rows.append(
            (
                *(str(people), f"1 to {most}", f"{true[-1, 3]:.2f}"),
                *(f"{100 * share:.1f} %" for share in (*shares[:-1, 3], shares[-1, 3])),
                *(lowest, measures.met(shares.min() >= COVERAGE)),
            )
        )
    shown = (f"alpha, theme in {share:.0%}" for share in SHARES)
    print(measures.table(("people", "answers each", "true alpha", *shown, "alpha, all", "lowest of all", "aim"), rows))


if __name__ == "__main__":
    main()
