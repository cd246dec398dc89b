from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auditkit import engines
from auditkit.errors import AuditkitError

TEXTS, VECTORS = ["she keeps her promises", "b", "c"], np.eye(3)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """A module of the user's with the function ``group``; gives its name as an engine."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(body: str) -> str:
        (tmp_path / "mine_of_the_test.py").write_text(f"import numpy as np\ndef group(texts, vectors):\n    {body}\n")
        monkeypatch.delitem(sys.modules, "mine_of_the_test", raising=False)
        return "mine_of_the_test:group"

    return write


def test_auditkit_needs_no_engine() -> None:
    assert engines.load("auditkit") is None
    assert engines.told("auditkit") == ""


def test_a_function_of_the_users_groups_the_texts(module: Callable[[str], str]) -> None:
    engine = engines.load(module("vectors[:] = 9; return [len(texts), len(texts), -7]"))
    assert engine is not None
    assert engine(TEXTS, VECTORS).tolist() == [3, 3, -1]
    assert VECTORS.tolist() == np.eye(3).tolist(), "what it does to its vectors touches nobody else's"


@pytest.mark.parametrize(
    "body",
    [
        "return [0, 1]",
        "return [0, 1, 2, 3]",
        "return [[0, 1, 2]]",
        "return ['a', 'b', 'c']",
        "return [0.5, 1, 2]",
        "return None",
        "raise ValueError(texts[0])",
        "return [np.eye(2), 1, [2]]",
    ],
)
def test_what_is_no_grouping_is_refused_without_an_answers_words(module: Callable[[str], str], body: str) -> None:
    engine = engines.load(module(body))
    assert engine is not None
    with pytest.raises(AuditkitError, match="mine_of_the_test:group") as caught:
        engine(TEXTS, VECTORS)
    assert "promises" not in f"{caught.value.message} {caught.value.fix}"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere_at_all:group", "cannot be imported: ModuleNotFoundError"),
        ("math:no_such_function", "cannot be imported: AttributeError"),
        ("math:pi", "is no function"),
    ],
)
def test_a_function_that_is_not_there_is_refused(name: str, message: str) -> None:
    with pytest.raises(AuditkitError, match=message) as caught:
        engines.load(name)
    assert 'engine = "auditkit"' in caught.value.fix


def test_bertopics_own_parts_are_named_where_they_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def find(module: str) -> Any:
        return None if module == "hdbscan" else type("Spec", (), {"origin": "umap/__init__.py"})()

    monkeypatch.setattr("importlib.util.find_spec", find)
    with pytest.raises(AuditkitError, match="needs hdbscan, which is not installed") as caught:
        engines.load("bertopic")
    assert "pip install hdbscan." in caught.value.fix


def test_a_folder_called_like_a_package_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "umap_like_folder").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not engines._installed("umap_like_folder")
    assert engines._installed("numpy")


def test_it_is_told_that_bertopic_depends_on_a_seed() -> None:
    assert "depend on a seed" in engines.told("bertopic")
    assert "mine:group" in engines.told("mine:group")


def test_bertopic_with_its_own_defaults_groups_the_same_twice() -> None:
    if not (engines._installed("umap") and engines._installed("hdbscan")):
        pytest.skip("umap-learn and hdbscan are not installed")
    engine = engines.load("bertopic")
    assert engine is not None
    rng = np.random.default_rng(5)
    vectors = np.repeat(np.eye(4), 15, axis=0) @ rng.normal(size=(4, 16)) + 0.05 * rng.normal(size=(60, 16))
    texts = [f"{'parking rota canteen printer'.split()[number // 15]} {number}" for number in range(60)]
    labels = engine(texts, vectors)
    assert labels.shape == (60,)
    assert labels.tolist() == engine(texts, vectors).tolist()
    for kind in range(4):
        inside = set(labels[15 * kind : 15 * kind + 15].tolist()) - {-1}
        outside = set(np.delete(labels, slice(15 * kind, 15 * kind + 15)).tolist())
        assert not inside & outside
