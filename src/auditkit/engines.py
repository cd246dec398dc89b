"""Who groups the answers: auditkit itself, BERTopic with its own defaults, or a function of the user's."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    import numpy as np

    Engine = Callable[[Sequence[str], np.ndarray], np.ndarray]
    """From texts (n) and their vectors (n, d) to the group of each (n), -1 for none."""

OWN, BERTOPIC = "auditkit", "bertopic"
PACKAGES = {"umap": "umap-learn", "hdbscan": "hdbscan"}
SEED = 1
BACK = 'Or write engine = "auditkit" under [topics] in audit.toml.'


def load(name: str) -> Engine | None:
    """The engine of this name in ``[topics]``; None for auditkit's own search.

    Raises AuditkitError where a package is missing, or a function cannot be imported or called.
    """
    if name == OWN:
        return None
    if name == BERTOPIC:
        missing = [package for module, package in PACKAGES.items() if not _installed(module)]
        if missing:
            raise AuditkitError(
                f'engine = "bertopic" needs {" and ".join(missing)}, which {_verb(missing)} not installed.',
                f"Install {_it(missing)}: pip install {' '.join(missing)}. {BACK}",
            )
        return _bertopic
    module, _, function = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except Exception as error:
        raise AuditkitError(
            f'engine = "{name}" cannot be imported: {type(error).__name__}, {error}.',
            f"Install the module {module} where auditkit is installed, or put its folder on PYTHONPATH. {BACK}",
        ) from None
    if not callable(found):
        raise AuditkitError(f'engine = "{name}" is no function.', f"Name one as module:function. {BACK}")
    return _checked(name, found)


def told(name: str) -> str:
    """What stands beside suggestions that another engine found; empty for auditkit's own."""
    if name == OWN:
        return ""
    if name == BERTOPIC:
        return (
            "Grouped by BERTopic's own defaults (UMAP and HDBSCAN), which depend on a seed and on the order of the "
            f"answers. Both are held fixed (seed {SEED}), but another seed would give other groups."
        )
    return f"Grouped by {name}, not by auditkit. Whether it depends on chance is for whoever wrote it to say."


def _checked(name: str, function: Callable[..., Any]) -> Engine:
    """The function, held to what it promises; what it raises never shows an answer."""

    def engine(texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        import numpy as np

        try:
            labels = np.asarray(function(list(texts), vectors.copy()))
        except Exception as error:
            raise AuditkitError(
                f'engine = "{name}" failed with {type(error).__name__}.', f"Correct that function. {BACK}"
            ) from None
        if labels.shape != (len(texts),) or labels.dtype.kind not in "iu":
            raise AuditkitError(
                f'engine = "{name}" was given {len(texts)} answers and did not give back as many whole numbers.',
                f"It is to return the group of each answer, -1 for none. {BACK}",
            )
        return np.asarray(np.maximum(labels.astype(np.int64), -1))

    return engine


def _bertopic(texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """BERTopic as it comes, but for a fixed seed: UMAP to five dimensions, then HDBSCAN."""
    import warnings

    import numpy as np
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from hdbscan import HDBSCAN
    from umap import UMAP

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of UMAP, that a seed makes it use one processor
        model = BERTopic(
            embedding_model=BaseEmbedder(),
            umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED),
            hdbscan_model=HDBSCAN(
                min_cluster_size=10, metric="euclidean", cluster_selection_method="eom", prediction_data=True
            ),
        )
        try:
            labels, _ = model.fit_transform(list(texts), vectors.astype(np.float32))
        except ValueError:  # nothing but stop words, or too few answers for its reduction
            return np.full(len(texts), -1)
    return np.asarray(labels)


def _installed(module: str) -> bool:
    try:
        found = importlib.util.find_spec(module)
    except ValueError:  # it is there without a specification
        return False
    return found is not None and found.origin is not None  # a mere folder of that name has none


def _verb(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"
