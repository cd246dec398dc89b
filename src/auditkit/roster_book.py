"""roster.xlsx: who has which code. It holds names, so it lies apart from the audit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from auditkit import entry_sheets
from auditkit.config import ROLES
from auditkit.entry_sheets import Field
from auditkit.files import save_book
from auditkit.person_codes import Seat

APART = "Keep this file apart from the audit."
SPARE = 20

_PAIR_LIST = f"Pairs!$A$2:$A${entry_sheets.LAST_ROW}"
_SERVICE_LIST = f"Services!$A$2:$A${entry_sheets.LAST_ROW}"
_START = Field("start", 13, "The first day. Empty: from the beginning.", kind="date")
_END = Field("end", 13, "The last day. Empty: still there.", kind="date")
_PEOPLE = (
    Field("code", 13, "The code of codes.csv. Do not change it once it has been given to a person."),
    Field("name", 28, "First name and surname."),
    Field("e-mail", 32, "The address that the form tool records, if it records one."),
    Field("pair", 10, "The pair that the person belongs to.", source=_PAIR_LIST),
    Field("role", 17, "The role in the pair.", ROLES),
    Field("sponsor", 11, "Is this a senior leader who leads the programme?", ("yes", "no")),
    _START,
    _END,
    Field("nicknames", 34, "Other names that colleagues use, with ; between them: Liz; Dr B"),
)
_PAIRS = (
    Field("pair", 10, "The code of the pair, as in codes.csv."),
    Field("service", 12, "The service that the pair runs.", source=_SERVICE_LIST),
    _START,
    _END,
)
_SERVICES = (
    Field("service", 12, "A code of your own, for example S-03."),
    Field("name", 44, "The name of the service, ward or team."),
    Field("expected", 11, "How many staff are asked to answer.", kind="number"),
)
KINDS = ("name", "place", "team", "other")
_WORDS = (
    Field("word", 34, "A word that must not be printed: a nickname, a site, a team, a project."),
    Field("kind", 12, "What it is.", KINDS),
)


def write(path: Path, places: Sequence[Seat]) -> None:
    """Write the workbook with the codes, pairs and roles of ``places`` filled in."""
    import openpyxl

    book = openpyxl.Workbook()
    first: Any = book.worksheets[0]
    first.title = "Read me"
    entry_sheets.explain(first, _READ_ME)
    pairs = list(dict.fromkeys(place.pair for place in places))
    people = [[place.code, "", "", place.pair, place.role, "no"] for place in places]
    for title, fields, rows in (
        ("People", _PEOPLE, people),
        ("Pairs", _PAIRS, [[pair] for pair in pairs]),
        ("Services", _SERVICES, []),
        ("Words", _WORDS, []),
    ):
        sheet: Any = book.create_sheet(title)
        entry_sheets.fill(sheet, fields, rows, spare=SPARE)
        if len(fields) < 5:
            sheet.page_setup.orientation, sheet.page_setup.fitToWidth = "portrait", None
            sheet.sheet_properties.pageSetUpPr.fitToPage = False
    book.active = 1
    first.sheet_view.tabSelected = False
    book.properties.creator = "auditkit"
    save_book(book, path)


_READ_ME = (
    (
        APART,
        (
            "This file says who stands behind a code. Keep it where only the people who run the audit can open it, "
            "never in the audit folder, never beside the answers, and send it to nobody who has the answers.",
            "auditkit reads it where you name it with --roster, to say who has not answered yet and to give every "
            "spelling of a name the person's code. It copies no name into the audit.",
        ),
    ),
    (
        "People",
        (
            "Write a name beside each code, and give the person the letter or link with that code. If somebody leaves, "
            "fill in end and add a row with a new code for whoever follows. Never give a code twice.",
            "Add rows for sponsors, with yes in the column sponsor.",
        ),
    ),
    ("Pairs and Services", ("Say which service each pair runs. Several pairs may run the same service.",)),
    (
        "Words",
        (
            "List words by which somebody could be recognised: sites, teams, projects, initials. Names and nicknames "
            "of the sheet People need not be repeated.",
        ),
    ),
    ("Later", ("Delete this file when the audit is over and nobody needs to be found any more.",)),
)
