from __future__ import annotations

import numpy as np
import pytest

from auditkit import nearness

NAMES = ["T01", "T02", "S01", "S02"]
APART = np.array([[0, 0.2, 1.0, 1.1], [0.2, 0, 1.0, 1.1], [1.0, 1.0, 0, 0.4], [1.1, 1.1, 0.4, 0]])


def test_distance_is_between_mean_answers_with_the_mean_of_all_taken_off() -> None:
    vectors = np.array([[1.0, 0, 5], [1.0, 0, 5], [0, 1.0, 5], [0, 1.0, 5]])
    found = nearness.distances({"b": [0, 1], "a": [2, 3], "c": [0, 1, 2, 3], "none": []}, vectors)
    assert [(one, other) for one, other, _ in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found[0][2] == pytest.approx(2)  # opposite once the mean is taken off
    assert nearness.distances({}, vectors) == []


def test_a_theme_that_is_not_there_is_left_out_of_the_table() -> None:
    table = nearness.square(["a", "c"], [("a", "b", 0.3), ("a", "c", 0.5), ("b", "c", 0.7)])
    assert table.tolist() == [[0, 0.5], [0.5, 0]]


def test_the_likest_join_first_and_the_earlier_stand_first() -> None:
    tree = nearness.tree(NAMES, APART)
    assert tree is not None
    assert tree.themes == ("T01", "T02", "S01", "S02")
    assert tree.parts is not None
    first, second = tree.parts
    assert (first.themes, second.themes) == (("T01", "T02"), ("S01", "S02"))
    assert first.height == pytest.approx(0.2)
    assert first.height < second.height < tree.height
    moved = nearness.tree(["S02", "T02"], APART[np.ix_([3, 1], [3, 1])])
    assert moved is not None
    assert moved.themes == ("S02", "T02")


def test_trees_of_none_and_one() -> None:
    assert nearness.tree([], np.zeros((0, 0))) is None
    assert nearness.tree(["S01"], np.zeros((1, 1))) == nearness.Branch(("S01",))


def test_a_flat_figure_is_laid_out_as_it_is() -> None:
    corners = np.array([[0, 0], [4, 0], [4, 1], [0, 1]], float)
    apart = np.linalg.norm(corners[:, None] - corners[None], axis=2)
    places = nearness.layout(apart)
    again = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert again == pytest.approx(apart, abs=1e-3)
    assert nearness.misfit(apart, places) == pytest.approx(0, abs=1e-3)
    assert np.ptp(places[:, 0]) > np.ptp(places[:, 1]), "the long side lies across"
    for axis in (0, 1):
        assert places[np.abs(places[:, axis]).argmax(), axis] > 0


def test_what_does_not_fit_on_paper_is_told() -> None:
    apart = 1 - np.eye(6)  # six themes, all as far from each other
    places = nearness.layout(apart)
    assert nearness.misfit(apart, places) > 0.2
    assert (places == nearness.layout(apart)).all()
    assert len({tuple(place) for place in places.tolist()}) == 6


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_themes_are_laid_out_too(count: int) -> None:
    places = nearness.layout(1 - np.eye(count))
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    if count == 2:
        assert abs(places[0, 0] - places[1, 0]) == pytest.approx(1, abs=1e-4)


def test_two_themes_of_the_same_answers_lie_on_one_place() -> None:
    apart = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]], float)
    places = nearness.layout(apart)
    assert np.isfinite(places).all()
    assert places[0] == pytest.approx(places[1], abs=1e-3)
