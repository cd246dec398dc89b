"""Reading a large workbook: auditkit beside pandas with the same reader.

    uv run python benchmarks/reading.py

Makes a workbook of 100,000 rows and 40 columns in a temporary folder, and reads it three times with each, in turn.
pandas gives a frame of what the cells hold; auditkit gives clean text with its header, layout, hidden rows and broken
cells. Aim: at least .8 x the speed of pandas, by the best of three.
"""

from __future__ import annotations

import datetime
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import measures

ROWS, ITEMS, QUESTIONS, RUNS, AIM = 100_000, 30, 6, 3, 0.8
WORDS = "we meet every monday and sort things out early but the targets from above still cut across us".split()


def make(path: Path) -> None:
    """A sheet of codes, roles, dates, ratings from 1 to 5 and answers of 3 to 20 words."""
    import openpyxl

    draw = random.Random(1)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Answers")
    items, questions = [f"I{n}" for n in range(ITEMS)], [f"Question number {n}?" for n in range(QUESTIONS)]
    sheet.append(["respondent_id", "pair_id", "role", "answered_on", *items, *questions])
    for n in range(ROWS):
        who = [f"R-{n:06d}", f"ward-{n // 2}", ("doctor", "manager")[n % 2], datetime.date(2025, 1, 1 + n % 28)]
        answers = [" ".join(draw.choices(WORDS, k=draw.randint(3, 20))) for _ in range(QUESTIONS)]
        sheet.append([*who, *(draw.randint(1, 5) for _ in range(ITEMS)), *answers])
    book.save(path)


def seconds(read: Callable[[], object]) -> float:
    began = time.perf_counter()
    read()
    return time.perf_counter() - began


def main() -> None:
    import pandas as pd

    from auditkit.columns import recognised
    from auditkit.sheets import read_sheets

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.xlsx"
        make(path)
        times: dict[str, list[float]] = {"pandas": [], "auditkit": []}
        for _ in range(RUNS):
            times["pandas"].append(seconds(lambda: pd.read_excel(path, engine="calamine")))
            times["auditkit"].append(seconds(lambda: read_sheets(path, recognised)))
    best = {name: min(found) for name, found in times.items()}
    speed = best["pandas"] / best["auditkit"]
    row = [f"{best['pandas']:.2f} s", f"{best['auditkit']:.2f} s", f"{speed:.2f}", measures.met(speed >= AIM)]
    print(measures.table(["pandas", "auditkit", "speed", "aim .8"], [row]))


if __name__ == "__main__":
    main()
