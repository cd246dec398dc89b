"""A small audit of two rounds, made once and copied for each test that needs one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

HEADER = "respondent,pair,role,date,COM1,TRU1,What works well?,What gets in the way?"
ROUNDS = {
    "baseline": """
a1,ward-1,doctor,2025-01-10,2,3,We talk openly every Monday.,Nobody tells me about decisions in time.
a2,ward-1,manager,2025-01-10,3,3,She keeps her promises.,There is never enough time to meet.
b1,ward-2,doctor,2025-01-11,4,4,We want the same things for the patients.,None
b2,ward-2,manager,2025-01-11,2,2,"I can rely on him, always.",He decides alone and I hear it last.
c1,ward-3,doctor,2025-01-12,1,2,,Too many targets from above.
c2,ward-3,manager,2025-01-12,3,4,We know what the other one worries about.,None
""",
    "repeat": """
a1,ward-1,doctor,2026-01-10,4,4,We decide together now.,Nothing gets in the way.
a2,ward-1,manager,2026-01-10,4,4,She keeps her promises.,There is never enough time to meet.
b1,ward-2,doctor,2026-01-11,4,5,We want the same things for the patients.,None
b2,ward-2,manager,2026-01-11,3,3,"I can rely on him, always.",The board does not back us.
c1,ward-3,doctor,2026-01-12,2,3,We talk every week.,Too many targets from above.
c2,ward-3,manager,2026-01-12,3,4,We know what the other one worries about.,None
""",
}


def write_round(folder: Path, name: str, rows: str | None = None) -> Path:
    """A CSV of one round; ``rows`` instead of its usual ones."""
    path = folder / f"{name}.csv"
    path.write_text(f"{HEADER}\n{(rows or ROUNDS[name]).strip()}\n", encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys of names go here and not into the data folder of whoever runs the tests."""
    folder = tmp_path / "data-folder"
    for name in ("XDG_DATA_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from auditkit import intake, runs
    from auditkit.audit import Audit

    folder = tmp_path_factory.mktemp("small")
    files = [write_round(folder, name) for name in ROUNDS]
    audit = Audit(folder / "audit")
    runs.compare(audit, files, intake.Options(), lambda step, done, total: None)
    audit.store.close()
    return folder


@pytest.fixture
def small(_made_once: Path, tmp_path: Path) -> Path:
    """A folder with baseline.csv, repeat.csv and ``audit``, in which both are analysed and compared."""
    folder = tmp_path / "work"
    shutil.copytree(_made_once, folder)
    return folder
