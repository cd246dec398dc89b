"""SPSS and Parquet files as cells of text, with the value labels and the wording that SPSS keeps."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from auditkit.errors import AuditkitError
from auditkit.grid import CELLS, Grid, as_text, clean


def read_spss(path: Path) -> Grid:
    """A .sav or .zsav file: codes as they are stored, their labels apart; missing by declaration keeps its code.

    Raises AuditkitError for a broken file.
    """
    import pyreadstat

    try:
        about = pyreadstat.read_sav(str(path), metadataonly=True)[1]
        _check_size(path, about.number_rows or 0, about.number_columns or 0)
        return _of_spss(path, *pyreadstat.read_sav(str(path), user_missing=True, output_format="dict"))
    except (AuditkitError, MemoryError):
        raise
    except Exception:  # whatever a broken file makes of the library, or of what it hands over
        raise _broken(path, "SPSS") from None


def _of_spss(path: Path, columns: dict[str, Any], about: Any) -> Grid:
    names = [name or "" for name in about.column_names]
    labels = {}
    for index, name in enumerate(names):
        known = about.variable_value_labels.get(name) or {}
        if known:
            labels[index] = {as_text(code): clean(str(label)) for code, label in sorted(known.items(), key=_by_number)}
    said = dict(zip(names, about.column_labels, strict=True))
    questions = {index: clean(said[name] or "") for index, name in enumerate(names) if said[name]}
    rows = _rows(names, [columns[name] for name in names])
    return Grid(path.name, "", "sav", rows, labels=labels, questions=questions)


def read_parquet(path: Path) -> Grid:
    """A Parquet file. Raises AuditkitError for a broken one."""
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
        _check_size(path, file.metadata.num_rows, file.metadata.num_columns)
        table = file.read()
        names = [str(name) for name in table.column_names]
        return Grid(path.name, "", "parquet", _rows(names, [column.to_pylist() for column in table.columns]))
    except (AuditkitError, MemoryError):
        raise
    except Exception:  # as for SPSS
        raise _broken(path, "Parquet") from None


def _check_size(path: Path, rows: int, columns: int) -> None:
    if rows * columns > CELLS:
        raise AuditkitError(f"{path.name} holds {rows:,} rows x {columns:,} columns", "Keep only the answers.")


def _broken(path: Path, kind: str) -> AuditkitError:
    return AuditkitError(f"{path.name} is no {kind} file, or a broken one", "Save it again, or save it as .csv.")


def _by_number(item: tuple[Any, Any]) -> tuple[bool, float, str]:
    code = item[0]
    return (False, float(code), "") if isinstance(code, (int, float)) else (True, 0.0, str(code))


def _rows(names: Iterable[str], columns: Iterable[Iterable[Any]]) -> list[list[str]]:
    texts = [[as_text(value) for value in column] for column in columns]
    return [[clean(name) for name in names], *map(list, zip(*texts, strict=True))]
