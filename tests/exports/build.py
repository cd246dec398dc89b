"""Write the described exports as files: ``python tests/exports/build.py FOLDER`` writes them all.

build("qualtrics", folder)      the files of one description, in the order that it names them
"""

from __future__ import annotations

import csv
import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from exports import describe, tools
from exports.tools import File


def build(name: str, folder: Path) -> list[Path]:
    """Write the files of a description into ``folder``."""
    paths = []
    for file in tools.render(describe.load(name)):
        path = folder / file.name
        WRITERS[path.suffix](file, path)
        paths.append(path)
    return paths


def write_text(file: File, path: Path) -> None:
    with path.open("w", encoding=file.encoding, newline="") as stream:
        csv.writer(stream, delimiter=file.delimiter).writerows(file.sheets[0].rows)


def write_xlsx(file: File, path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in file.sheets:
        page = book.create_sheet(sheet.name)
        for number, row in enumerate(sheet.rows, start=1):
            for place, value in enumerate(row, start=1):
                cell = page.cell(number, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # a text that begins with "=" is no formula
        for cells in sheet.merged:
            page.merge_cells(cells)
        page.sheet_state = "hidden" if sheet.hidden else "visible"
    book.save(path)


def write_xls(file: File, path: Path) -> None:
    import xlwt

    book = xlwt.Workbook()
    book.dates_1904 = True
    date = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for sheet in file.sheets:
        page = book.add_sheet(sheet.name)
        for number, row in enumerate(sheet.rows):
            for place, value in enumerate(row):
                if isinstance(value, datetime.datetime):
                    page.write(number, place, value, date)
                elif value is not None:
                    page.write(number, place, value)
    book.save(str(path))


def write_ods(file: File, path: Path) -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    def cell(value: Any) -> TableCell:
        if value is None:
            return TableCell()
        if isinstance(value, datetime.datetime):
            made = TableCell(valuetype="date", datevalue=value.date().isoformat())
            made.addElement(P(text=f"{value:%d/%m/%Y}"))
        elif isinstance(value, (int, float)):
            made = TableCell(valuetype="float", value=value)
            made.addElement(P(text=str(value)))
        else:
            made = TableCell(valuetype="string")
            made.addElement(P(text=value))
        return made

    book = OpenDocumentSpreadsheet()
    for sheet in file.sheets:
        page = Table(name=sheet.name)
        for values in sheet.rows:
            row = TableRow()
            for value in values or [None]:
                row.addElement(cell(value))
            page.addElement(row)
        book.spreadsheet.addElement(page)
    book.save(str(path))


def write_sav(file: File, path: Path) -> None:
    import pandas as pd
    import pyreadstat

    header, *rows = file.sheets[0].rows
    pyreadstat.write_sav(
        pd.DataFrame(rows, columns=header),
        str(path),
        column_labels={variable.name: variable.label for variable in file.variables},
        variable_value_labels={variable.name: variable.values for variable in file.variables if variable.values},
        missing_ranges={variable.name: list(variable.missing) for variable in file.variables if variable.missing},
        compress=path.suffix == ".zsav",
    )


def write_parquet(file: File, path: Path) -> None:
    """Texts that repeat become dictionary columns, dates timestamps, numbers nullable small integers."""
    import pyarrow as pa
    import pyarrow.parquet

    header, *rows = file.sheets[0].rows
    columns = {}
    for name, values in zip(header, zip(*rows, strict=True), strict=True):
        if any(isinstance(value, int) for value in values):
            columns[name] = pa.array(values, pa.int8())
        elif any(isinstance(value, datetime.datetime) for value in values):
            columns[name] = pa.array(values, pa.timestamp("us"))
        elif len(set(values)) <= len(values) // 2:
            columns[name] = pa.array(values, pa.string()).dictionary_encode()
        else:
            columns[name] = pa.array(values, pa.string())
    pyarrow.parquet.write_table(pa.table(columns), path)


WRITERS: dict[str, Callable[[File, Path], None]] = {
    ".csv": write_text,
    ".txt": write_text,
    ".xlsx": write_xlsx,
    ".xls": write_xls,
    ".ods": write_ods,
    ".sav": write_sav,
    ".zsav": write_sav,
    ".parquet": write_parquet,
}


if __name__ == "__main__":
    for described in describe.names():
        target = Path(sys.argv[1]) / described
        target.mkdir(parents=True, exist_ok=True)
        build(described, target)
