"""The NHS Friends and Family comments as the benchmarks use them: tables, human labels and their codebook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from auditkit import codebook as codebooks
from auditkit.codebook import Codebook, Theme

FEWEST = 40  # comments that a theme needs to be counted


def table(data: Path, name: str) -> pd.DataFrame:
    """nhs-fft/``name`` of the folder ``data``, every cell a string; adds ``said``: the labels as a set."""
    frame = pd.read_csv(data / "nhs-fft" / name, dtype=str, keep_default_na=False)
    return frame.assign(said=[frozenset(cell.split("; ")) - {""} for cell in frame["labels"]])


def labels(comments: pd.DataFrame) -> list[str]:
    """The human themes of at least 40 comments, in order."""
    counts = comments["said"].explode().value_counts()
    return sorted(counts.index[counts >= FEWEST])


def truth(comments: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Whether people gave a comment a label (comments, labels)."""
    return np.array([[name in said for name in names] for said in comments["said"]])


def codebook(names: Sequence[str], data: Path, *, described: bool = True) -> Codebook:
    """The labels in use, with the framework's description where the name matches; never its quotes."""
    found: dict[str, str] = {}
    framework = pd.read_excel(data / "nhs-fft" / "framework.xlsx", sheet_name=None, dtype=str, keep_default_na=False)
    for sheet in framework.values():
        if "Sub-category description" in sheet:
            for name, text in zip(sheet["Sub-category"], sheet["Sub-category description"], strict=True):
                found.setdefault(_plain(name), text)
    themes = [
        Theme(id=f"N{number:02d}", label=name, definition=found.get(_plain(name), "") if described else "")
        for number, name in enumerate(names, 1)
    ]
    return Codebook(tuple(themes), codebooks.default().junk, "nhs")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]+", " ", text.casefold()).strip()
