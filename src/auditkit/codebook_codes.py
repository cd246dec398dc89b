"""Codebooks as the codes of software for qualitative analysis: REFI-QDA codebooks (.qdc) and projects (.qdpx)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from auditkit import qda
from auditkit.codebook_sheets import Cells, Rows
from auditkit.errors import AuditkitError
from auditkit.qda import Code

READ = (".qdc", ".qdpx", ".qde")
NUMBERS = range(1, 1000)


def read_codes(path: Path, columns: Collection[str]) -> Rows:
    """A row a code: its label, what its description says to include and leave out, and the code above it.

    Left out are codes that only hold others together, which become the parent of those below, the code "none",
    and the poles of a theme. Where a name stands there twice, that of the code above is put before it.
    """
    from auditkit import qda_files

    found = [
        (code, above)
        for code, above in qda.every_code(qda_files.read_codes(path))
        if code.name and code.is_codable and not is_pole(code, above) and code.name.casefold() != qda.NONE
    ]
    if not found:
        raise AuditkitError(f"{path.name} holds no code.", "Export the codebook with its codes.")
    labels = labels_of(found)
    ids = {theme_guid(f"T{number:02d}"): f"T{number:02d}" for number in NUMBERS}
    rows = []
    for number, (code, above) in enumerate(found, start=1):
        parent = above[-1] if above else None
        cells = {
            "id": ids.get(code.guid, ""),
            "label": labels[code.guid],
            "parent": "" if parent is None else labels.get(parent.guid, parent.name),
            **qda.described(code.description),
        }
        rows.append((f"code {number}", {name: text for name, text in cells.items() if name in columns}))
    return rows


def write_codes(path: Path, themes: Sequence[Cells]) -> None:
    """Write the accepted themes as .qdc. There is room for label, definition, include, exclude and parent alone."""
    from auditkit import qda_writer

    accepted = {row["id"] or row["label"]: row for row in themes if row["status"] == "accepted"}
    if not accepted:
        raise AuditkitError(f"{path.name}: there is no accepted theme to write.", "Accept one in the codebook.")
    codes = {
        key: Code(
            theme_guid(row["id"] or row["label"]),
            row["label"],
            qda.description(row["definition"], row["include"], row["exclude"]),
        )
        for key, row in accepted.items()
    }
    qda_writer.write_codes(path, qda.nested(codes, {key: row["parent"] for key, row in accepted.items()}))


def theme_guid(id: str) -> str:
    """The guid of a theme in a codebook file."""
    return qda.derived("theme", id)


def is_pole(code: Code, above: Sequence[Code]) -> bool:
    """Whether a code is a pole of the one above it, as "Trust (problem)" below "Trust"."""
    name, pole = qda.split_pole(code.name)
    return bool(pole and above and name.casefold() == above[-1].name.casefold())


def labels_of(codes: Sequence[tuple[Code, tuple[Code, ...]]]) -> dict[str, str]:
    """A label for each code by its guid: its name without ";".

    Where another has the same name, that of the code above stands before it, or of all above.
    """
    paths = {code.guid: [one.name.replace(";", ",") for one in (*above, code)] for code, above in codes}
    labels = {guid: path[-1] for guid, path in paths.items()}
    for length in (2, 0):
        often = Counter(label.casefold() for label in labels.values())
        labels |= {
            guid: ": ".join(paths[guid][-length:]) for guid, label in labels.items() if often[label.casefold()] > 1
        }
    return labels
