"""Problems of files as ``check`` and ``analyse`` print them: the worst first, the same one in many rows once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from auditkit.console import wrapped
from auditkit.wording import counted, placed

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20
ROWS = 8  # of one problem, named
ORDER = {"error": 0, "warning": 1, "note": 2}


def worst(problems: pd.DataFrame) -> dict[str, Any]:
    """What is printed of problems, as plain values: how many of each kind, and the first twenty with their rows."""
    rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for one in problems.itertuples():
        rows[one.severity, one.file, one.sheet, one.column, one.found, one.taken_as, one.fix].append(int(one.row))
    names = ("severity", "file", "sheet", "column", "found", "taken_as", "fix")
    ordered = sorted(rows.items(), key=lambda one: ORDER[one[0][0]])
    found = [dict(zip(names, key, strict=True)) | {"rows": sorted(where)} for key, where in ordered]
    counts = {severity: int((problems["severity"] == severity).sum()) for severity in ORDER}
    return {"counts": counts, "several": int(problems["file"].nunique()) > 1, "first": found[:SHOWN]}


def joined(several: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The problems of several readings as those of one."""
    first = sorted((one for found in several for one in found["first"]), key=lambda one: ORDER[one["severity"]])
    counts = {severity: sum(found["counts"][severity] for found in several) for severity in ORDER}
    return {"counts": counts, "several": len({one["file"] for one in first}) > 1, "first": first[:SHOWN]}


def listed(found: Mapping[str, Any], *, kinds: Sequence[str] = tuple(ORDER)) -> list[str]:
    """The lines for some kinds of problems; nothing where there are none."""
    counts = {severity: times for severity, times in found["counts"].items() if severity in kinds and times}
    if not counts:
        return []
    lines = [", ".join(counted(times, severity) for severity, times in counts.items())]
    left = sum(counts.values())
    for one in found["first"]:
        if one["severity"] in kinds:
            where = _where(one, several=found["several"])
            said = f"{where}: {one['found']}" if where else one["found"]
            lines += wrapped(f"  {one['severity']:<9}", f"{said} -> {one['taken_as']}. {one['fix']}".strip(), 11)
            left -= len(one["rows"])
    if left:
        lines.append(f"  and {left} more; after analyse: auditkit export problems")
    return lines


def _where(one: Mapping[str, Any], *, several: bool) -> str:
    file, rows = one["file"] if several else "", one["rows"]
    if len(rows) == 1:
        return placed(file, one["sheet"], rows[0], one["column"])
    more = f" and {len(rows) - ROWS} more" if len(rows) > ROWS else ""
    place = placed(file, one["sheet"], 0, "")
    listing = f"rows {', '.join(map(str, rows[:ROWS]))}{more}"
    return ", ".join(part for part in (place, listing, placed("", "", 0, one["column"])) if part)
