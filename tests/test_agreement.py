"""Agreement of two coders as a statistic: vectors, floors, intervals, and what may change nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest

from auditkit import agreement
from auditkit.agreement import Agreement, agreements, cohen_kappa, guidance, krippendorff_nominal
from auditkit.statistics import Interval

Codes = list[list[int]]


def table(both: int, first: int, second: int, neither: int) -> tuple[Codes, Codes]:
    """Codes of one theme by two coders, from how often each combination comes."""
    cells = [(1, 1)] * both + [(1, 0)] * first + [(0, 1)] * second + [(0, 0)] * neither
    return [[one] for one, _ in cells], [[other] for _, other in cells]


def of(both: int, first: int, second: int, neither: int) -> Agreement:
    """One theme, every answer by another person."""
    one, other = table(both, first, second, neither)
    return agreements(one, other, range(len(one)))[0][0]


def estimates(found: Agreement) -> list[float]:
    return [value.estimate for value in (found.raw, found.positive, found.kappa, found.alpha)]


def draw(answers: int, themes: int, *, seed: int = 1, share: float = 0.25, noise: float = 0.15) -> tuple[Codes, Codes]:
    chance = random.Random(seed)
    first = [[int(chance.random() < share) for _ in range(themes)] for _ in range(answers)]
    second = [[code if chance.random() > noise else int(chance.random() < share) for code in row] for row in first]
    return first, second


# Vectors


def test_a_rare_code_on_different_segments() -> None:
    """Ten segments, one positive each on another one: 80 % raw, kappa -.11, alpha -.056."""
    a, b = [0] * 9 + [1], [0] * 8 + [1, 0]
    assert sum(x == y for x, y in zip(a, b, strict=True)) / 10 == 0.8
    assert cohen_kappa(a, b) == pytest.approx(-0.1111111, abs=1e-7)
    assert krippendorff_nominal([a, b]) == pytest.approx(-0.0555556, abs=1e-7)
    found = of(both=0, first=1, second=1, neither=8)
    assert all(map(math.isnan, estimates(found)))
    assert (found.both, found.first, found.second, found.neither) == (0, 1, 1, 8)


def test_figures_by_hand() -> None:
    """both 10, only first 4, only second 2, neither 24; n = 40."""
    found = of(10, 4, 2, 24)
    raw, by_chance = 34 / 40, (14 * 12 + 26 * 28) / 40**2
    assert found.raw.estimate == pytest.approx(raw)
    assert found.positive.estimate == pytest.approx(20 / 26)
    assert found.kappa.estimate == pytest.approx((raw - by_chance) / (1 - by_chance))
    assert found.alpha.estimate == pytest.approx(1 - (80 - 1) * 6 / (26 * 54))


def test_an_estimate_is_that_of_the_published_formulas() -> None:
    first, second = draw(80, 5)
    themes, _ = agreements(first, second, range(80))
    for k, found in enumerate(themes):
        one, other = [row[k] for row in first], [row[k] for row in second]
        assert found.kappa.estimate == cohen_kappa(one, other)
        assert found.alpha.estimate == krippendorff_nominal([one, other])


def test_all_themes_are_pooled_and_not_thrown_together() -> None:
    """A frequent and a rare theme on which two coders agree by chance alone: thrown together they seem to agree."""
    frequent, rare = (36, 4, 4, 0), (0, 4, 4, 36)
    (f1, f2), (r1, r2) = table(*frequent), table(*rare)
    first = [[a[0], b[0]] for a, b in zip(f1, r1, strict=False)]
    second = [[a[0], b[0]] for a, b in zip(f2, r2, strict=False)]
    cells = [code for row in first for code in row], [code for row in second for code in row]
    assert cohen_kappa(*cells) > 0.6
    themes, overall = agreements(first, second, range(len(first)))
    assert all(found.kappa.estimate < 0 for found in themes)
    assert overall.kappa.estimate < 0
    assert overall.alpha.estimate < 0
    n = len(first)
    observed = [(found.both + found.neither) / n for found in themes]
    chance = [
        ((t.both + t.first) * (t.both + t.second) + (t.neither + t.first) * (t.neither + t.second)) / n**2
        for t in themes
    ]
    assert overall.kappa.estimate == pytest.approx((sum(observed) - sum(chance)) / (2 - sum(chance)))
    assert (overall.both, overall.first, overall.second, overall.neither) == (36, 8, 8, 36)


def test_one_theme_over_all_is_that_theme() -> None:
    first, second = table(10, 4, 2, 24)
    (found,), overall = agreements(first, second, range(40))
    assert estimates(overall) == pytest.approx(estimates(found))
    assert overall.alpha.low == found.alpha.low


# Floors


def test_thirty_answers_are_needed() -> None:
    assert of(10, 2, 2, 15).note == agreement.TOO_FEW
    assert all(map(math.isnan, estimates(of(10, 2, 2, 15))))
    assert of(10, 2, 2, 16).note == ""
    assert not any(map(math.isnan, estimates(of(10, 2, 2, 16))))


def test_five_answers_with_the_theme_are_needed() -> None:
    assert of(2, 1, 1, 56).note == agreement.TOO_RARE
    assert all(map(math.isnan, estimates(of(2, 1, 1, 56))))
    assert not any(map(math.isnan, estimates(of(3, 1, 1, 55))))
    assert of(0, 0, 0, 60).note == agreement.NOT_USED


def test_a_theme_that_one_coder_never_sets_is_no_rare_theme() -> None:
    found = of(0, 10, 0, 30)
    assert found.kappa.estimate == 0
    assert found.positive.estimate == 0
    assert found.guidance == "not reliable"


def test_one_code_for_everything_is_undefined() -> None:
    found = of(40, 0, 0, 0)
    assert (found.raw.estimate, found.positive.estimate) == (1, 1)
    assert math.isnan(found.kappa.estimate)
    assert math.isnan(found.alpha.estimate)
    assert found.note == "one code for everything: undefined"
    assert found.guidance == ""


@pytest.mark.parametrize(
    ("alpha", "words"),
    [
        (1.0, "rely on it"),
        (0.8, "rely on it"),
        (0.7999999, "tentative"),
        (0.667, "tentative"),
        (0.6669999, "not reliable"),
        (-0.2, "not reliable"),
        (math.nan, ""),
    ],
)
def test_the_words_of_guidance(alpha: float, words: str) -> None:
    assert guidance(alpha) == words


def test_a_good_alpha_of_few_answers_may_be_luck() -> None:
    few, many = of(5, 0, 1, 54), of(60, 3, 3, 94)
    assert few.guidance == many.guidance == "rely on it"
    assert few.may_be_luck
    assert not many.may_be_luck
    assert of(6, 0, 0, 54).may_be_luck, "complete agreement has no interval"
    assert not of(6, 8, 8, 40).may_be_luck


def test_shapes_that_do_not_match() -> None:
    with pytest.raises(ValueError, match="people"):
        agreements([[1], [0]], [[1], [0]], ["a"])
    with pytest.raises(ValueError, match="codes"):
        agreements([[1, 0]], [[1]], ["a"])


def test_nothing_coded() -> None:
    themes, overall = agreements(np.zeros((0, 2)), np.zeros((0, 2)), [])
    assert [found.note for found in (*themes, overall)] == [agreement.TOO_FEW] * 3


# Intervals


def ends(found: Agreement) -> list[Interval]:
    return [found.raw, found.positive, found.kappa, found.alpha]


def shuffled(order: Sequence[int], *columns: Sequence[object]) -> list[list[object]]:
    return [[column[place] for place in order] for column in columns]


def test_the_order_of_the_answers_and_what_people_are_called_change_nothing() -> None:
    first, second = draw(90, 4)
    people = [f"r{number // 3}" for number in range(90)]
    plain = agreements(first, second, people)
    order = random.Random(3).sample(range(90), 90)
    assert agreements(*shuffled(order, first, second, people)) == plain  # type: ignore[arg-type]
    renamed = {name: str(hash(name)) for name in people}
    assert agreements(first, second, [renamed[name] for name in people]) == plain


def test_the_same_data_gives_the_same_interval_and_other_data_another() -> None:
    assert of(10, 4, 2, 24) == of(10, 4, 2, 24)
    assert of(10, 4, 2, 24).alpha.low != of(10, 4, 2, 25).alpha.low


def test_people_are_drawn_and_not_answers() -> None:
    """Thirty people who each write one thing three times know no more than thirty answers."""
    first, second = table(8, 3, 3, 16)
    (once,), _ = agreements(first, second, range(30))
    thrice = (first * 3, second * 3, [number % 30 for number in range(90)])
    (by_person,), _ = agreements(*thrice)
    (by_answer,), _ = agreements(thrice[0], thrice[1], range(90))
    width = [value.high - value.low for value in (once.kappa, by_person.kappa, by_answer.kappa)]  # type: ignore[operator]
    assert width[1] == pytest.approx(width[0], rel=0.1)
    assert width[2] < 0.7 * width[1]


def test_an_interval_holds_its_estimate_and_stays_in_range() -> None:
    for seed in range(20):
        first, second = draw(60, 3, seed=seed)
        themes, overall = agreements(first, second, [number // 2 for number in range(60)])
        for value in (interval for found in (*themes, overall) for interval in ends(found)):
            if value.low is not None and value.high is not None:
                assert -1 <= value.low <= value.estimate <= value.high <= 1


def test_complete_agreement_has_no_interval() -> None:
    found = of(10, 0, 0, 30)
    assert estimates(found) == [1, 1, 1, 1]
    assert all(value.low is None for value in ends(found))
    assert found.note == agreement.NO_INTERVAL


def test_ten_people_are_needed_for_an_interval() -> None:
    first, second = table(10, 4, 2, 24)
    for people, known in ((9, False), (10, True)):
        (found,), _ = agreements(first, second, [number % people for number in range(40)])
        assert not math.isnan(found.alpha.estimate)
        assert (found.alpha.low is not None) is known


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Two coders who are right in 85 % of the answers, and guess else: the true alpha is that of 200,000."""
    chance = random.Random(11)

    def coded(people: int) -> tuple[Codes, Codes, list[int]]:
        first, second, who = [], [], []
        for person in range(people):
            leaning = chance.gauss(-0.8, 0.7)
            for _ in range(chance.randint(1, 4)):
                true = chance.random() < 1 / (1 + math.exp(-leaning))
                pair = [true if chance.random() < 0.85 else chance.random() < 0.35 for _ in range(2)]
                first.append([int(pair[0])])
                second.append([int(pair[1])])
                who.append(person)
        return first, second, who

    first, second, _ = coded(80_000)
    truth = krippendorff_nominal([[row[0] for row in first], [row[0] for row in second]])
    held, runs = 0, 200
    for _ in range(runs):
        (found,), _ = agreements(*coded(25))
        low, high = found.alpha.low, found.alpha.high
        held += low is not None and high is not None and low <= truth <= high
    assert held / runs >= 0.925
