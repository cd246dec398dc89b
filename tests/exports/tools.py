"""How each survey tool lays out its export: a function a tool, from a described form to sheets of cells."""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from exports.describe import BLANK, CANNOT_SAY, Column, Form, Row

Cell = str | int | float | datetime.datetime | None


@dataclass(frozen=True)
class Sheet:
    rows: list[list[Cell]]
    name: str = "Sheet1"
    hidden: bool = False
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class File:
    """A file to write; its name's ending says of what kind. ``variables`` is for SPSS alone."""

    name: str
    sheets: tuple[Sheet, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True)
class Variable:
    """An SPSS variable: its label, its value labels and the codes declared missing."""

    name: str
    label: str
    values: dict[float, str] = field(default_factory=dict)
    missing: tuple[int, ...] = ()


def render(form: Form) -> list[File]:
    return TOOLS[form.tool](form)


def _cells(form: Form, row: Row) -> list[Cell]:
    return [form.value(row, column) for column in form.columns()]


def _texts(form: Form) -> list[Cell]:
    return [column.text for column in form.columns()]


def _of_kind(form: Form, *kinds: str) -> list[Column]:
    return [column for column in form.columns() if column.kind in kinds]


def _about(form: Form) -> list[Column]:
    return [column for column in form.columns() if column.kind not in ("item", "open")]


def _later(row: Row, minutes: int) -> datetime.datetime:
    return row.day + datetime.timedelta(minutes=minutes)


def _stamp(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _plain(form: Form, rows: Iterable[Row]) -> list[list[Cell]]:
    return [_texts(form), *(_cells(form, row) for row in rows)]


# Microsoft Forms: ID, times, e-mail and name, then each question; a Likert statement is a column of its own.


def _microsoft_rows(form: Form, rows: Sequence[Row], first: str, modified: bool) -> list[list[Cell]]:
    questions = [
        column.text.replace(" ", "\u00a0", 1) if column.kind == "open" else column.text for column in form.columns()
    ]
    changed: list[Cell] = ["Last modified time"] if modified else []
    grid: list[list[Cell]] = [[first, "Start time", "Completion time", "Email", "Name", *changed, *questions]]
    for number, row in enumerate(rows, start=1):
        who: list[Cell] = [row["email"] or "anonymous", row["name"] or None]
        grid.append([number, row.day, _later(row, 7), *who, *([None] if modified else []), *_cells(form, row)])
    return grid


def microsoft_forms(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet(_microsoft_rows(form, form.rows, "ID", modified=True)),))]


def microsoft_forms_anonymous(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet(_microsoft_rows(form, form.rows, "Id", modified=False)),))]


def two_files(form: Form) -> list[File]:
    return [
        File(name, (Sheet(_microsoft_rows(form, [row for row in form.rows if row["file"] == str(i)], "ID", True)),))
        for i, name in enumerate(form.files)
    ]


# Google Forms: a timestamp first, the question as header, a grid as "Question [Row]".


def _google_rows(form: Form, rows: Sequence[Row], first: str, style: str) -> list[list[Cell]]:
    header: list[Cell] = [first]
    for column in form.columns():
        text = column.text.replace("⏎", "\n")
        header.append(f"{form.stem.replace('⏎', chr(10))} [{text}]" if column.kind == "item" and form.stem else text)
    return [header, *([f"{row.day:{style}}", *_cells(form, row)] for row in rows)]


def google_forms(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet(_google_rows(form, form.rows, "Timestamp", "%d/%m/%Y %H:%M:%S")),))]


def google_forms_german(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet(_google_rows(form, form.rows, "Zeitstempel", "%d.%m.%Y %H:%M:%S")),))]


def self_made_codes(form: Form) -> list[File]:
    style = "%Y/%m/%d 9:14:21 am GMT"
    return [
        File(
            name,
            (Sheet(_google_rows(form, [r for r in form.rows if f"{r['round']}.csv" == name], "Timestamp", style)),),
        )
        for name in form.files
    ]


# SurveyMonkey: the question above its first column, below it "Response", the row of a grid, or what is typed.

_MONKEY = "Respondent ID|Collector ID|Start Date|End Date|IP Address|Email Address|First Name|Last Name|Custom Data 1"


def surveymonkey(form: Form) -> list[File]:
    above: list[Cell] = [*_MONKEY.split("|")]
    below: list[Cell] = [None] * len(above)
    for column in form.columns():
        above.append(column.text)
        below.append("Open-Ended Response" if column.kind == "open" else "Response")
        if column.kind == "how":
            above.append(None)
            below.append("Other (please specify)")
        elif column.kind == "item":
            above[-1] = form.stem if column.place == 0 else None
            below[-1] = column.text
    grid = [above, below]
    for number, row in enumerate(form.rows):
        meta: list[Cell] = [118_400_210_031 + 17 * number, 431822954, row.day, _later(row, 9), row["ip"]]
        cells = _cells(form, row)
        cells.insert(3, row["other"] or None)
        grid.append([*meta, None, None, None, None, *cells])
    return [File(form.files[0], (Sheet(grid, "Sheet"),))]


def surveymonkey_condensed(form: Form) -> list[File]:
    typed = ("open", "pair")
    below = ["Open-Ended Response" if column.kind in typed else "Response" for column in form.columns()]
    grid: list[list[Cell]] = [[*_MONKEY.split("|"), *_texts(form)], [*[None] * 9, *below]]
    for number, row in enumerate(form.rows):
        times: list[Cell] = [f"{moment:%m/%d/%Y %I:%M:%S %p}" for moment in (row.day, _later(row, 6))]
        who: list[Cell] = [118_500_770_100 + 31 * number, 431900001]
        grid.append([*who, *times, row["ip"], "", "", "", "", *_cells(form, row)])
    return [File(form.files[0], (Sheet(grid),), encoding="utf-8-sig")]


# Qualtrics: short names, wordings, and a row of ImportIds.

_QUALTRICS = {
    "StartDate": ("Start Date", "startDate"),
    "EndDate": ("End Date", "endDate"),
    "Status": ("Response Type", "status"),
    "IPAddress": ("IP Address", "ipAddress"),
    "Progress": ("Progress", "progress"),
    "Duration (in seconds)": ("Duration (in seconds)", "duration"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"),
    "ResponseId": ("Response ID", "_recordId"),
    "RecipientLastName": ("Recipient Last Name", "recipientLastName"),
    "RecipientFirstName": ("Recipient First Name", "recipientFirstName"),
    "RecipientEmail": ("Recipient Email", "recipientEmail"),
    "ExternalReference": ("External Data Reference", "externalDataReference"),
    "LocationLatitude": ("Location Latitude", "locationLatitude"),
    "LocationLongitude": ("Location Longitude", "locationLongitude"),
    "DistributionChannel": ("Distribution Channel", "distributionChannel"),
    "UserLanguage": ("User Language", "userLanguage"),
}


def _qualtrics_meta(row: Row, number: int, codes: bool) -> list[Cell]:
    status = {"preview": ("Survey Preview", 1), "test": ("Survey Test", 2)}.get(row["skip"], ("IP Address", 0))
    done = row["skip"] != "unfinished"
    channel = row["skip"] if row["skip"] in ("preview", "test") else "anonymous"
    finished: Cell = (1 if done else 0) if codes else str(done)
    start, end, recorded = _stamp(row.day), _stamp(_later(row, 8)), _stamp(_later(row, 8))
    times: list[Cell] = [start, end, status[1] if codes else status[0], row["ip"], 100 if done else 40, 480]
    who: list[Cell] = [finished, recorded, f"R_{number}aQ7{number}kZt{number}9Lm", "", "", "", row["who"]]
    return [*times, *who, "50.82", "-0.14", channel, "EN"]


def _short_names(form: Form) -> list[tuple[str, str, str]]:
    """(short name, wording, ImportId) of each question; the items are the rows of one matrix."""
    found = []
    about = len(_about(form))
    for number, column in enumerate(_about(form), start=1):
        found.append((f"Q{number}", column.text, f"QID{number}"))
    for place, item in enumerate(form.items, start=1):
        found.append((f"Q{about + 1}_{place}", f"{form.stem} - {item}", f"QID{about + 1}_{place}"))
    for number, question in enumerate(form.questions, start=about + 2):
        found.append((f"Q{number}", question, f"QID{number}_TEXT"))
    return found


def qualtrics(form: Form) -> list[File]:
    questions = _short_names(form)
    ids = [*(name for _, name in _QUALTRICS.values()), *(name for *_, name in questions)]
    grid: list[list[Cell]] = [
        [*_QUALTRICS, *(short for short, *_ in questions)],
        [*(wording for wording, _ in _QUALTRICS.values()), *(wording for _, wording, _ in questions)],
        [json.dumps({"ImportId": name}, separators=(",", ":")) for name in ids],
    ]
    for number, row in enumerate(form.rows):
        grid.append([*_qualtrics_meta(row, number, codes=False), *_cells(form, row)])
    return [File(form.files[0], (Sheet(grid),))]


def qualtrics_numeric(form: Form) -> list[File]:
    """Two header rows only; what ``asked`` holds is embedded data and stands last."""
    questions = [
        (short, wording) for short, wording, _ in _short_names(form) if "_" in short or wording in form.questions
    ]
    embedded = [column.text for column in _about(form)]
    wordings = [wording for wording, _ in _QUALTRICS.values()]
    grid: list[list[Cell]] = [
        [*_QUALTRICS, *(short for short, _ in questions), *embedded],
        [*wordings, *(wording for _, wording in questions), *embedded],
    ]
    for number, row in enumerate(form.rows):
        about = [form.value(row, column) for column in _about(form)]
        answers = [form.value(row, column) for column in _of_kind(form, "item", "open")]
        grid.append([*_qualtrics_meta(row, number, codes=True), *answers, *about])
    return [File(form.files[0], (Sheet(grid),))]


def qualtrics_legacy(form: Form) -> list[File]:
    names = "ResponseID|ResponseSet|Name|ExternalDataReference|EmailAddress|IPAddress|Status|StartDate|EndDate|Finished"
    place = ["LocationLatitude", "LocationLongitude", "LocationAccuracy", None]
    numbers = [f"Q{number}" for number in range(1, len(form.columns()) + 1)]
    grid: list[list[Cell]] = [
        [*(f"V{number}" for number in range(1, 11)), *numbers, *place],
        [*names.split("|"), *_texts(form), *place],
    ]
    for number, row in enumerate(form.rows):
        who: list[Cell] = [f"R_8{number}hTz4{number}QwE", "Default Response Set", "Anonymous", "", "", row["ip"], 0]
        times: list[Cell] = [_stamp(row.day), _stamp(_later(row, 5)), 1]
        grid.append([*who, *times, *_cells(form, row), "50.8", "-0.1", -1, None])
    return [File(form.files[0], (Sheet(grid),), encoding="utf-8-sig")]


# British tools: Jisc Online Surveys numbers its questions, SmartSurvey heads them with three rows.


def jisc(form: Form) -> list[File]:
    header: list[Cell] = ["Unique Response Number"]
    about = len(_about(form))
    for number, column in enumerate(_about(form), start=1):
        header.append(f"{number}. {column.text}")
    header.append(f"{about}.a. If you selected Other, please specify:")
    header += [f"{about + 1}.{place}. {item}" for place, item in enumerate(form.items, start=1)]
    header += [f"{number}. {question}" for number, question in enumerate(form.questions, start=about + 2)]
    grid = [header]
    for number, row in enumerate(form.rows):
        cells = _cells(form, row)
        grid.append([f"1204371-{1204355 + number}-{117330412 + 97 * number}", *cells[:about], None, *cells[about:]])
    return [File(form.files[0], (Sheet(grid),))]


def smartsurvey(form: Form) -> list[File]:
    meta: list[Cell] = ["UserID", "UserNo", "Name", "Email", "IP Address", "Unique ID", "Started", "Ended"]
    first, second, third = [*meta], [*[None] * 8], [*[None] * 8]
    about = len(_about(form))
    for number, column in enumerate(_about(form), start=1):
        first.append(f"Q{number}. {column.text}")
        second.append(None)
        third.append(None)
    first.append(None)
    second.append(None)
    third.append("Other (please specify):")
    for place, item in enumerate(form.items):
        first.append(f"Q{about + 1}. {form.stem}" if place == 0 else None)
        second.append(item)
        third.append(None)
    for number, question in enumerate(form.questions, start=about + 2):
        first.append(f"Q{number}. {question}")
        second.append(None)
        third.append(None)
    grid = [first, second, third]
    for number, row in enumerate(form.rows, start=1):
        who: list[Cell] = [160_221_300 + 13 * number, number, row["name"], row["email"], row["ip"], None]
        cells = _cells(form, row)
        grid.append([*who, row.day, _later(row, 12), *cells[:about], None, *cells[about:]])
    return [File(form.files[0], (Sheet(grid, "Raw Data"),))]


# LimeSurvey: codes or wordings; rows that were never submitted have no date of submission.

_LIME = {
    "id": "Response ID",
    "submitdate": "Date submitted",
    "lastpage": "Last page",
    "startlanguage": "Start language",
    "seed": "Seed",
    "startdate": "Date started",
    "datestamp": "Date last action",
}


def _lime_meta(row: Row, number: int) -> list[Cell]:
    sent, page = (None, 1) if row["skip"] else (_stamp(_later(row, 9)), 3)
    return [number, sent, page, "en", 1_102_934_811 + number, _stamp(row.day), _stamp(_later(row, 9))]


def limesurvey(form: Form) -> list[File]:
    header: list[Cell] = [f"{code}. {text}" for code, text in _LIME.items()]
    header += [f"G01Q{number:02}. {column.text}" for number, column in enumerate(_about(form), start=1)]
    header += [f"{code}. {form.stem} [{item}]" for code, item in zip(form.codes, form.items, strict=True)]
    header += [f"G03Q{number:02}. {question}" for number, question in enumerate(form.questions, start=5)]
    rows = [[*_lime_meta(row, number), *_cells(form, row)] for number, row in enumerate(form.rows, start=11)]
    return [File(form.files[0], (Sheet([header, *rows]),), encoding="utf-8-sig", delimiter=";")]


def limesurvey_full_text(form: Form) -> list[File]:
    header: list[Cell] = [*_LIME.values(), "Access code"]
    header += [column.text for column in _about(form)]
    header += [f"{form.stem} [{item}]" for item in form.items]
    header += form.questions
    rows = [[*_lime_meta(row, number), row["who"], *_cells(form, row)] for number, row in enumerate(form.rows, start=3)]
    return [File(form.files[0], (Sheet([header, *rows]),))]


# REDCap: a row an event, variable names or field labels.


def redcap_raw(form: Form) -> list[File]:
    meta = ["record_id", "redcap_event_name", "redcap_survey_identifier", "cultural_audit_timestamp"]
    grid: list[list[Cell]] = [[*meta, *_texts(form), "cultural_audit_complete"]]
    for row in form.rows:
        stamp = "[not completed]" if row["skip"] else _stamp(row.day)
        who: list[Cell] = [row["who"], f"{row['round']}_arm_1", "", stamp]
        grid.append([*who, *_cells(form, row), 0 if row["skip"] else 2])
    return [File(form.files[0], (Sheet(grid),))]


def redcap_enrolment(form: Form) -> list[File]:
    """The pair and the role stand in a record's first event alone."""
    first = form.rows[0]["round"]
    grid: list[list[Cell]] = [["record_id", "redcap_event_name", *_texts(form), "audit_complete"]]
    for row in form.rows:
        cells = [
            form.value(row, column) if row["round"] == first or column.kind in ("item", "open") else None
            for column in form.columns()
        ]
        grid.append([row["who"], f"{row['round']}_arm_1", *cells, 2])
    return [File(form.files[0], (Sheet(grid),))]


def redcap_labels(form: Form) -> list[File]:
    meta = ["Record ID", "Event Name", "Survey Identifier", "Survey Timestamp"]
    grid: list[list[Cell]] = [[*meta, *_texts(form), "Complete?"]]
    for row in form.rows:
        grid.append([row["who"], row["round"], "", _stamp(row.day), *_cells(form, row), "Complete"])
    return [File(form.files[0], (Sheet(grid),))]


# KoBoToolbox and ODK Central: names with the groups they stand in, and the server's own columns.


def _grouped(form: Form, separator: str) -> list[Cell]:
    group = {"item": "group_ratings", "open": "group_words"}
    return [f"{group.get(column.kind, 'group_about')}{separator}{column.text}" for column in form.columns()]


def kobo(form: Form) -> list[File]:
    own = "_id|_uuid|_submission_time|_validation_status|_notes|_status|_submitted_by|__version__|_tags|_index"
    grid: list[list[Cell]] = [["start", "end", "deviceid", *_grouped(form, "/"), *own.split("|")]]
    for number, row in enumerate(form.rows, start=1):
        uuid = f"6f1c2b{number:02}-9d1e-4c55-8a0b-77aa00cc11{number:02}"
        times: list[Cell] = [f"{moment:%Y-%m-%dT%H:%M:%S.000+01:00}" for moment in (row.day, _later(row, 9))]
        server: list[Cell] = [55_100_000 + number, uuid, _later(row, 10), None, None, "submitted_via_web", "audit_team"]
        grid.append([*times, "ee.kobo:xx", *_cells(form, row), *server, "vAu7dItPaIrS", None, number])
    repeat: list[list[Cell]] = [
        ["meetings/day", "meetings/minutes", "_index", "_parent_table_name", "_parent_index", "_submission__id"]
    ]
    for number, row in enumerate(form.rows, start=1):
        repeat.append([f"{row.day:%Y-%m-%d}", 20 + 5 * number, number, "Pairs audit", number, 55_100_000 + number])
    return [File(form.files[0], (Sheet(grid, "Pairs audit"), Sheet(repeat, "meetings")))]


def odk(form: Form) -> list[File]:
    own = "meta-instanceID|KEY|SubmitterID|SubmitterName|AttachmentsPresent|AttachmentsExpected|Status|ReviewState"
    grid: list[list[Cell]] = [
        ["SubmissionDate", "start", "end", *_grouped(form, "-"), *own.split("|"), "DeviceID", "Edits", "FormVersion"]
    ]
    for number, row in enumerate(form.rows, start=1):
        key = f"uuid:0b8a{number:02}c7-3f2d-4a61-9c55-1d2e3f4a5b{number:02}"
        sent = f"{_later(row, 30):%Y-%m-%dT%H:%M:%S.120Z}"
        times: list[Cell] = [f"{moment:%Y-%m-%dT%H:%M:%S.000+03:00}" for moment in (row.day, _later(row, 9))]
        server: list[Cell] = [key, key, 112, "Tablet 4", 0, 0, None, None, "collect:9xK2", 0, "2025081101"]
        grid.append([sent, *times, *_cells(form, row), *server])
    return [File(form.files[0], (Sheet(grid),))]


# SPSS: short names with labels, codes with value labels.


def _spss(form: Form, items: list[Variable], code: Callable[[str, int], Cell]) -> File:
    roles = {float(number): role for number, role in enumerate(form.roles, start=1)}
    variables = [
        Variable("id", "Respondent ID"),
        Variable("pair", form.asked["pair"]),
        Variable("role", form.asked["role"], roles),
        Variable("done_on", "Date completed"),
        *items,
        *(Variable(f"t{number}", question) for number, question in enumerate(form.questions, start=1)),
    ]
    numbers = {role: number for number, role in roles.items()}
    rows: list[list[Cell]] = [[variable.name for variable in variables]]
    for row in form.rows:
        pair: Cell = float(row["pair"]) if row["pair"].isdigit() else row["pair"]
        ratings = [code(given, place) for place, given in enumerate(row.ratings)]
        rows.append([float(row["who"]), pair, numbers[row["role"]], row.day, *ratings, *row.answers])
    return File(form.files[0], (Sheet(rows),), variables=tuple(variables))


def spss(form: Form) -> list[File]:
    """The last item is labelled at its ends only and stored as 1 to 5; the others as 11 to 15, 88 and 99."""
    values = {10.0 + number: point for number, point in enumerate(form.points, start=1)}
    values |= {88.0: form.cannot_say, 99.0: "Not answered"}
    ends = {1.0: form.points[0], 5.0: form.points[-1]}
    *full, last = zip(form.codes, form.items, strict=True)
    items = [Variable(name, label, values, (99,)) for name, label in full] + [Variable(*last, ends)]

    def code(given: str, place: int) -> Cell:
        if place == len(full):
            return None if given == BLANK else float(given)
        return {BLANK: 99.0, CANNOT_SAY: 88.0}.get(given) or 10.0 + float(given)

    return [_spss(form, items, code)]


def spss_reversed(form: Form) -> list[File]:
    values = {6.0 - number: point for number, point in enumerate(form.points, start=1)} | {-1.0: form.cannot_say}
    items = [Variable(name, label, values, (-1,)) for name, label in zip(form.codes, form.items, strict=True)]
    return [_spss(form, items, lambda given, _: -1.0 if given == CANNOT_SAY else 6.0 - float(given))]


# Sheets made by hand.


def hand_made(form: Form) -> list[File]:
    blank: list[Cell] = [None] * (len(form.columns()) + 1)
    places = [i for i, column in enumerate(form.columns()) if column.kind == "item"]
    average: list[Cell] = [None, "Average", *[None] * (len(form.columns()) - 1)]
    for place, item in enumerate(places):
        numbers = [float(row.ratings[place]) for row in form.rows if row.ratings[place] != BLANK]
        average[item + 1] = round(sum(numbers) / len(numbers), 2)
    grid: list[list[Cell]] = [
        [None, "Cultural audit of ward pairs", *blank[2:]],
        [None, "Collected by phone in spring, 1 = not at all, 5 = fully", *blank[2:]],
        blank,
        [None, *_texts(form)],
        *([None, *_cells(form, row)] for row in form.rows),
        blank,
        average,
        blank,
        [None, "Note: two people asked to be rung again in the summer", *blank[2:]],
    ]
    last = chr(ord("A") + len(form.columns()))
    return [File(form.files[0], (Sheet(grid, "Answers", merged=(f"B1:{last}1", f"B2:{last}2")),))]


def several_sheets(form: Form) -> list[File]:
    rounds = list(dict.fromkeys(row["round"] for row in form.rows))
    pairs = list(dict.fromkeys(row["pair"] for row in form.rows))
    names = list(dict.fromkeys((row["who"], row["name"]) for row in form.rows))
    lookup: list[list[Cell]] = [["Pair", "Service", "Site"], *([pair, f"Service {pair[-1]}", "Main"] for pair in pairs)]
    sheets = [Sheet(_plain(form, [row for row in form.rows if row["round"] == name]), name) for name in rounds]
    sheets.append(Sheet(lookup, "Pairs"))
    sheets.append(Sheet([["Person code", "Name"], *map(list, names)], "Names", hidden=True))
    return [File(form.files[0], tuple(sheets))]


def sheet_a_service(form: Form) -> list[File]:
    pairs = list(dict.fromkeys(row["pair"] for row in form.rows))
    sheets = [Sheet(_plain(form, [row for row in form.rows if row["pair"] == pair]), pair) for pair in pairs]
    return [File(form.files[0], tuple(sheets))]


def dates_only(form: Form) -> list[File]:
    rows: list[list[Cell]] = [_texts(form)]
    for row in form.rows:
        cells = _cells(form, row)
        cells[list(form.asked).index("date")] = f"{row.day:%d/%m/%Y}"
        rows.append(cells)
    return [File(form.files[0], (Sheet(rows),))]


def long(form: Form) -> list[File]:
    grid: list[list[Cell]] = [["respondent_id", "pair_id", "role", "round", "question", "answer"]]
    for row in form.rows:
        who: list[Cell] = [row["who"], row["pair"], row["role"], row["round"]]
        for column in form.columns():
            if (given := form.value(row, column)) is not None:
                grid.append([*who, column.text, given])
    return [File(form.files[0], (Sheet(grid),))]


def excel_unicode_text(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet(_plain(form, form.rows)),), encoding="utf-16", delimiter="\t")]


def windows_1252(form: Form) -> list[File]:
    rows: list[list[Cell]] = [_texts(form)]
    for row in form.rows:
        cells = [f"{cell},0" if isinstance(cell, int) else cell for cell in _cells(form, row)]
        cells[list(form.asked).index("date")] = f"{row.day:%d/%m/%Y}"
        rows.append(cells)
    return [File(form.files[0], (Sheet(rows),), encoding="cp1252", delimiter=";")]


def _with_dates(form: Form, rows: Iterable[Row]) -> list[list[Cell]]:
    place = list(form.asked).index("date")
    grid = _plain(form, rows)
    for cells, row in zip(grid[1:], form.rows, strict=True):
        cells[place] = row.day
    return grid


def xls_1904(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet(_with_dates(form, form.rows), "Audit"),))]


def ods(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet([[], [], *_with_dates(form, form.rows)], "Round one"),))]


def parquet(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet(_with_dates(form, form.rows)),))]


def plain_sheet(form: Form) -> list[File]:
    return [File(form.files[0], (Sheet(_plain(form, form.rows)),))]


def scale_0_to_10(form: Form) -> list[File]:
    rows = [[str(cell) if isinstance(cell, int) else cell for cell in row] for row in _plain(form, form.rows)]
    return [File(form.files[0], (Sheet(rows),))]


def wide_rounds(form: Form) -> list[File]:
    about, answers = _about(form), _of_kind(form, "item", "open")
    rounds = form.truth["names"]
    header: list[Cell] = [column.text for column in about]
    header += [f"{column.text} ({name})" for column, name in itertools.product(answers, rounds)]
    grid = [header]
    for who in dict.fromkeys(row["who"] for row in form.rows):
        of_round = {row["round"]: row for row in form.rows if row["who"] == who}
        cells = [form.value(next(iter(of_round.values())), column) for column in about]
        for column, name in itertools.product(answers, rounds):
            cells.append(form.value(of_round[name], column) if name in of_round else None)
        grid.append(cells)
    return [File(form.files[0], (Sheet(grid),))]


TOOLS: dict[str, Any] = {
    "dates_only": dates_only,
    "excel_unicode_text": excel_unicode_text,
    "google_forms": google_forms,
    "google_forms_german": google_forms_german,
    "hand_made": hand_made,
    "jisc": jisc,
    "kobo": kobo,
    "limesurvey": limesurvey,
    "limesurvey_full_text": limesurvey_full_text,
    "long": long,
    "microsoft_forms": microsoft_forms,
    "microsoft_forms_anonymous": microsoft_forms_anonymous,
    "odk": odk,
    "ods": ods,
    "parquet": parquet,
    "qualtrics": qualtrics,
    "qualtrics_legacy": qualtrics_legacy,
    "qualtrics_numeric": qualtrics_numeric,
    "redcap_enrolment": redcap_enrolment,
    "redcap_labels": redcap_labels,
    "redcap_raw": redcap_raw,
    "scale_0_to_10": scale_0_to_10,
    "self_made_codes": self_made_codes,
    "several_sheets": several_sheets,
    "sheet_a_service": sheet_a_service,
    "smartsurvey": smartsurvey,
    "spss": spss,
    "spss_reversed": spss_reversed,
    "surveymonkey": surveymonkey,
    "surveymonkey_condensed": surveymonkey_condensed,
    "traps": plain_sheet,
    "two_files": two_files,
    "wide_rounds": wide_rounds,
    "windows_1252": windows_1252,
    "xls_1904": xls_1904,
}
