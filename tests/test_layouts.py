from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditkit import headers, hints, leftovers
from auditkit.errors import AuditkitError
from auditkit.grids import Grid
from auditkit.layouts import NAMES, Layout, recognise, title
from auditkit.questionnaire import NOT_READ
from auditkit.sheets import Sheet, read_sheets, table


def known(text: str) -> bool:
    return text in ("Code", "Ward", "Role")


def grid(text: str, kind: str = "xlsx", **more: Any) -> Grid:
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").splitlines()]
    return Grid("a.file", "", kind, rows, **more)


def read(text: str, *, layout: str | None = None, row: int | None = None, unfinished: bool = False) -> Layout:
    return recognise(grid(text), known, layout=layout, header_row=row, unfinished=unfinished)


def sheet(text: str, kind: str = "xlsx", **more: Any) -> Sheet:
    found = grid(text, kind, **more)
    return table(found, recognise(found, known))


def questions(layout: Layout) -> str:
    """The columns that are no tool's own, each as "code: shared question > header"."""
    own = [heading for heading in layout.headings if not heading.reason]
    return " / ".join(f"{h.code}{': ' * bool(h.code)}{h.stem}{' > ' * bool(h.stem)}{h.header}" for h in own)


def roles(layout: Layout) -> dict[str, str]:
    """Role and reason of each of the tool's own columns, without the tool's name."""
    own = [heading for heading in layout.headings if heading.reason]
    assert {(heading.stem, heading.reason.partition(": ")[0]) for heading in own} <= {("", title(layout.name))}
    return {h.header: f"{h.role}: {h.reason.partition(': ')[2]}" for h in own}


def without(text: str, *places: int) -> str:
    return "\n".join(line for place, line in enumerate(text.strip("\n").splitlines()) if place not in places)


MICROSOFT = """
ID | Start time    | Completion time | Email     | Name | Last modified time | We talk | What helps? | Email
1  | 1/14/25 9:00  | 1/14/25 9:07    | a@x.ex    | Ann  |                    | 4       | We meet     | weekly
2  | 1/15/25 10:00 | 1/15/25 10:09   | b@x.ex    | Bob  |                    | 5       | We plan     | daily
"""
MICROSOFT_ABROAD = re.sub("Start time|Completion time|Email |Name", "?", MICROSOFT)
GOOGLE = """
Timestamp          | Email Address | Agree? [We talk] | Agree? [We plan] | Agree? [Other] | Score [of 5]
14/01/2025 9:00:00 | a@x.ex        | 4                | 2                |                | 3
15/01/2025 9:00:00 | b@x.ex        | 3                | 5                | the lift       | 4
"""
MONKEY = """
Respondent ID | Collector ID | End Date | IP Address | Custom Data 1 | Role? | | Agree? | | Why?
              |              |          |            |               | Response | Other | We talk | We plan | Open-Ended Response
11840021      | 431822       | 4/2/2025 | 10.20.0.11 | K-1           | Doctor   |       | 4       | 2       | We meet
11840038      | 431822       | 4/3/2025 | 10.20.0.12 | K-2           |          | chief | 3       | 5       | We plan
11840055      | 431822       | 4/3/2025 | 10.20.0.13 | K-3           | Manager  |       | 3       | 5       | We plan
"""  # noqa: E501
QUALTRICS = """
StartDate | Status | Finished | RecordedDate | ResponseId | ExternalReference | DistributionChannel | Q1 | Q2_1 | Q2_2 | Q2_9_TEXT | Q3
Start Date | Response Type | Finished | Recorded Date | Response ID | External Data Reference | Distribution Channel | Ward? | Agree? - We talk | Agree? - We plan | Agree? - Other | How? - Selected Choice
{id} | {id} | {id} | {id} | {id} | {id} | {id} | {id} | {id} | {id} | {id} | {id}
2025-01-14 9:00 | Survey Preview | True  | 2025-01-14 9:08 | R_1 |    | preview   | North | 4 | 5 |      | Phone
2025-01-14 9:00 | Survey Test    | True  | 2025-01-14 9:08 | R_2 |    | test      | North | 4 | 5 |      | Phone
2025-01-14 9:00 | Spam           | True  | 2025-01-14 9:08 | R_3 |    | anonymous | North | 4 | 5 |      | Phone
2025-01-14 9:00 | IP Address     | False | 2025-01-14 9:08 | R_4 | K4 | anonymous | North | 4 | 5 |      | Phone
2025-01-14 9:00 | IP Address     | True  | 2025-01-14 9:08 | R_5 | K5 | anonymous | North | 4 | 5 | Lift | Phone
2025-01-15 9:00 | IP Address     | True  | 2025-01-15 9:08 | R_6 | K6 | anonymous | South | 3 | 2 |      | Phone
""".replace("{id}", '{"ImportId":"x"}')  # noqa: E501
LEGACY = """
V1         | V2          | V3     | V4        | Q1    | LocationLatitude
ResponseID | ResponseSet | Status | StartDate | Ward? | LocationLatitude
R_8hT      | Default     | 0      | 2025-1-14 | North | 50.8
R_9hT      | Default     | 1      | 2025-1-14 | North | 50.8
"""
JISC = """
Unique Response Number | 1. Ward? | 1.a. Please specify: | 2.1. We talk | 2.2. We plan | 2.2.a. Why? | 3.1. Best? | Completed
1204371-12-11          | North    |                      | 4            | 5            | no time     | We meet  | 2025-01-14
1204371-13-12          | Other    | attic                | 3            | 2            |             | We plan  | 2025-01-15
1204371-14-13          | South    |                      | 3            |              |             |          |
"""  # noqa: E501
SMART = """
UserID | UserNo | Email  | IP Address | Started   | Ended     | Status   | Q1. Ward? |        | Q2. Agree? |         | Q3. Email
       |        |        |            |           |           |          |           |        | We talk    | We plan |
       |        |        |            |           |           |          |           | Other: |            |         |
160221 | 1      | a@x.ex | 10.0.0.1   | 2025-1-14 | 2025-1-14 | Complete | North     |        | 4          | 5       | weekly
160234 | 2      | b@x.ex | 10.0.0.2   | 2025-1-15 | 2025-1-15 | Partial  | South     |        | 3          | 2       | daily
160247 | 3      | c@x.ex | 10.0.0.3   | 2025-1-15 |           | Complete | Other     | attic  | 3          | 2       | daily
"""  # noqa: E501
LIME = """
id. Response ID | submitdate. Date submitted | lastpage. Last page | token. Access code | G1. Ward? | G2[A1]. Agree? [We talk] | G2[A2]. Agree? [We plan]
11              | 2025-1-14                  | 3                   | tokA               | North     | 4                        | 5
12              |                            | 1                   | tokB               | South     |                          |
13              | 2025-1-15                  | 3                   | tokC               | South     | 3                        | 2
"""  # noqa: E501
LIME_CODES, LIME_WORDINGS = re.sub(r"\. [^|\n]+", " ", LIME), re.sub(r"\w+(\[A\d\])?\. ", "", LIME)
REDCAP = """
record_id | redcap_event_name | audit_timestamp | ward  | how___1 | how___2 | audit_complete
1         | baseline_arm_1    | 2025-1-14       | North | 1       | 0       | 2
1         | repeat_arm_1      | 2026-1-14       | North | 1       | 0       | 0
2         | repeat_arm_1      | [not completed] | South | 1       | 0       | 0
"""
REDCAP_LABELS = """
Record ID | Survey Timestamp | Ward? | How? (choice=Phone) | How? (choice=E-mail) | Complete?
1         | 2025-1-14        | North | Checked             | Unchecked            | Complete
2         |                  | South | Checked             | Unchecked            | Incomplete
"""
KOBO = """
start     | end       | deviceid | about/ward | ag/We talk | ag/We plan | words/Why? | _id | _uuid | _submission_time | _index
2025-1-14 | 2025-1-14 | ee.kobo  | North      | 4          | 5          | We meet    | 551 | 6f1c  | 2025-1-16        | 1
2025-1-15 | 2025-1-15 | ee.kobo  | South      | 3          | 2          | We plan    | 554 | 7f1c  | 2025-1-16        | 2
"""  # noqa: E501
ODK = """
SubmissionDate   | agree-talk | agree-plan | Long-term: why? | meta-instanceID | SubmitterName | DeviceID
2025-01-14T09:00 | 4          | 5          | We meet         | uuid:0b8a       | Tablet 4      | collect:9x
2025-01-15T09:00 | 3          | 2          | We plan         | uuid:1b8a       | Tablet 4      | collect:9x
"""
LONG = "Code | question | answer\nR1 | Why? | We meet\nR1 | How? | Often\nR2 | Why? | We plan\nR2 | How? | Daily\n"
PLAIN = "Code | Ward | We talk\nR1 | North | 4\nR2 | South | 5\n"


@pytest.mark.parametrize(
    ("text", "name", "depth", "because"),
    [
        (MICROSOFT, "microsoft-forms", 1, "the columns id, start time, completion time and email"),
        (MICROSOFT_ABROAD, "microsoft-forms", 1, "a number, two times and an e-mail address before the questions"),
        (GOOGLE, "google-forms", 1, '"Timestamp" first, a time in each row'),
        (GOOGLE.replace("Timestamp", "Zeitstempel"), "google-forms", 1, '"Zeitstempel" first, a time in each row'),
        (MONKEY, "surveymonkey", 2, "the columns respondent id and collector id"),
        (without(MONKEY, 1), "surveymonkey", 1, "the columns respondent id and collector id"),
        (QUALTRICS, "qualtrics", 3, "a row of ImportIds below the questions"),
        (without(QUALTRICS, 1), "qualtrics", 2, "a row of ImportIds below the questions"),
        (without(QUALTRICS, 2), "qualtrics", 2, "the columns startdate, recordeddate, responseid and external"),
        (without(QUALTRICS, 1, 2), "qualtrics", 1, "the columns startdate, recordeddate, responseid and external"),
        (LEGACY, "qualtrics", 2, "columns V1, V2 … above ResponseID"),
        (JISC, "jisc", 1, "the column unique response number"),
        (SMART, "smartsurvey", 3, "the columns userno, ip address, started and ended"),
        (without(SMART, 2), "smartsurvey", 2, "the columns userno, ip address, started and ended"),
        (without(SMART, 1, 2), "smartsurvey", 1, "the columns userno, ip address, started and ended"),
        (LIME, "limesurvey", 1, "the columns id. response id, submitdate. date submitted and lastpage. last page"),
        (LIME_CODES, "limesurvey", 1, "the columns id, submitdate and lastpage"),
        (LIME_WORDINGS, "limesurvey", 1, "the columns response id, date submitted and last page"),
        (REDCAP, "redcap", 1, "the column redcap_event_name"),
        (REDCAP.replace("redcap_event_name", "event"), "redcap", 1, "the columns record_id and audit_complete"),
        (REDCAP_LABELS, "redcap", 1, "the columns record id and complete?"),
        (KOBO, "kobo", 1, "the columns _id, _uuid, _submission_time and _index"),
        (ODK, "kobo", 1, "the columns submissiondate, meta-instanceid and submittername"),
        (LONG, "long", 1, 'a column "question" beside a column "answer"'),
        (PLAIN, "plain", 1, "no columns of a survey tool"),
    ],
)
def test_each_tools_export_is_known_by_its_columns(text: str, name: str, depth: int, because: str) -> None:
    found = read(text)
    assert (found.name, found.header, found.depth) == (name, 0, depth)
    assert found.because.startswith(because)


@pytest.mark.parametrize(
    "text",
    [
        GOOGLE.replace("15/01/2025", "at"),  # "Timestamp" above what is no time
        MONKEY.replace("Collector ID", "Sex").replace("Response", "x").replace("Open-Ended x", "y"),
        MICROSOFT.replace("Completion time", "Break time").replace("/25 ", "th "),
        REDCAP.replace("redcap_event_name", "event").replace("| 2\n", "| 7\n"),
        KOBO.replace("_uuid", "u").replace("_submission_time", "sent").replace("_index", "i"),
        SMART.replace("IP Address", "Address").replace("Ended", "Closed").replace("Started", "Begun"),
        LIME_CODES.replace("lastpage", "page"),
        LEGACY.replace("ResponseID", "Response"),
        PLAIN.replace("Code", "ResponseId"),
        LONG.replace("Why?", "Who?", 1).replace("How?", "When?", 1),  # no question comes twice
    ],
)
def test_one_sign_alone_is_no_tools_export(text: str) -> None:
    assert read(text).name == "plain"


@pytest.mark.parametrize("text", [MICROSOFT, GOOGLE, MONKEY, QUALTRICS, SMART, LIME, REDCAP_LABELS, KOBO, LONG, PLAIN])
def test_titles_and_blank_rows_above_change_nothing_but_the_place(text: str) -> None:
    plain, below = read(text), read(f"Audit of wards, 2025\n\n{text.strip()}")
    assert (below.header, below.depth, below.headings) == (plain.header + 2, plain.depth, plain.headings)
    assert below.left_out == tuple((place + 2, why) for place, why in plain.left_out)


ASKED = "Q1: Ward? / Q2_1: Agree? > We talk / Q2_2: Agree? > We plan / Q2_9_TEXT: Agree? > Agree? - Other / Q3: How?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MICROSOFT, "We talk / What helps? / Email (2)"),  # a question, though it is called as the tool's column
        (GOOGLE, "Agree? > We talk / Agree? > We plan / Agree? > Agree? [Other] / Score [of 5]"),
        (MONKEY, "Role? / Role? > Role? - Other / Agree? > We talk / Agree? > We plan / Why?"),
        (QUALTRICS, ASKED),
        (without(QUALTRICS, 2), ASKED),
        (without(QUALTRICS, 1), "Q1 / Q2_1 / Q2_2 / Q2_9_TEXT / Q3"),
        (LEGACY, "Q1: Ward?"),
        (JISC, "1: Ward? / 1.a: Please specify: / 2.1: # > We talk / 2.2: # > We plan / 2.2.a: # > Why? / 3.1: Best?"),
        (SMART, "1: Ward? / Ward? > Ward? - Other: / Agree? > We talk / Agree? > We plan / 3: Email (2)"),
        (LIME, "G1: Ward? / G2[A1]: Agree? > We talk / G2[A2]: Agree? > We plan"),
        (LIME_CODES, "G1 / G2 > A1 / G2 > A2"),
        (LIME_WORDINGS, "Ward? / Agree? > We talk / Agree? > We plan"),
        (REDCAP, "ward / how > how___1 / how > how___2"),
        (REDCAP_LABELS, "Ward? / How? > How? (choice=Phone) / How? > How? (choice=E-mail)"),
        (KOBO, "about/ward: about > ward / ag/We talk: ag > We talk / ag/We plan: ag > We plan / words/Why?"),
        (ODK, "agree-talk: agree > talk / agree-plan: agree > plan / Long-term: why?"),
    ],
)
def test_the_questions_of_each_tool(text: str, expected: str) -> None:
    assert questions(read(text)) == expected.replace("#", "Question 2")


@pytest.mark.parametrize(
    ("text", "header", "expected"),
    [
        (MICROSOFT, "Completion time", "date: when it was handed in"),
        (MICROSOFT, "Email", "email: e-mail addresses"),
        (MICROSOFT, "Name", "personal: may identify people: names"),
        (MICROSOFT, "Last modified time", "ignore: empty"),
        (MICROSOFT_ABROAD, "? (2)", "date: when it was handed in"),
        (re.sub("[ab]@x.ex", "anonymous", MICROSOFT), "Email", "ignore: no e-mail addresses"),
        (MONKEY, "Respondent ID", 'ignore: the person is read from "Custom Data 1"'),
        (re.sub("K-.", "", MONKEY), "Respondent ID", f": {hints.RESPONSE_ID}"),
        (MONKEY, "Collector ID", "ignore: kept by the tool, no answer"),
        (re.sub("K-.", "K-1", MONKEY), "Respondent ID", f": {hints.RESPONSE_ID}"),  # one for all
        (MONKEY.replace("K-", "k@x.ex"), "Custom Data 1", "email: e-mail addresses"),
        (QUALTRICS, "RecordedDate", "date: when it was handed in"),
        (LEGACY, "LocationLatitude", "personal: may identify people"),
        (JISC.replace("-12-11", "-13-12").replace("-14-13", "-13-12"), "#", "ignore: tells nobody apart"),
        (LIME, "Access code", "respondent: whom the form was sent to"),
        (re.sub("2025-1-1.", "1980-01-01", LIME), "Date submitted", "ignore: another time, or no date"),
        (REDCAP, "record_id", "respondent: the record, the same in each event"),
        (REDCAP, "redcap_event_name", "round: the event"),
        (REDCAP_LABELS, "Record ID", "ignore: a running number of the export, no person"),
        (KOBO, "_submission_time", "date: when it was handed in"),
        (ODK, "SubmitterName", "ignore: the same in every row"),
    ],
)
def test_what_a_tools_own_columns_say(text: str, header: str, expected: str) -> None:
    assert roles(read(text))[header.replace("#", "Unique Response Number")] == expected


def test_previews_tests_spam_and_unfinished_rows_are_left_out() -> None:
    found = read(QUALTRICS).left_out
    assert found == ((3, "a preview"), (4, "a test"), (5, "spam"), (6, "unfinished"))
    coded = QUALTRICS.replace("Survey Preview", "1").replace("Survey Test", "2").replace("Spam", "8")
    assert read(coded.replace("| preview", "| x").replace("| test", "| x").replace("False", "0")).left_out == found
    assert read(QUALTRICS.replace("Finished", "Progress").replace("False", "40")).left_out == found
    assert read(QUALTRICS, unfinished=True).left_out == found[:3]
    for text, places in ((JISC, [3]), (SMART, [4, 5]), (LIME, [2]), (REDCAP, [3]), (REDCAP_LABELS, [2])):
        assert read(text).left_out == tuple((place, "unfinished") for place in places)
    assert read(re.sub("2025-1-1.", "", LIME)).left_out == ()  # where all are unfinished the mark says nothing
    assert read(LEGACY).left_out == ((3, "a preview"),)
    (problem,) = sheet(LIME).problems
    assert (problem.row, problem.severity, problem.found) == (3, "warning", "unfinished")
    assert problem.fix.startswith('Set unfinished = "read"')


BY_HAND = """
 | Audit of wards, by phone |       |         | |
 |                          |       |         | |
 | Code                     | Ward  | We talk | | Words
 | R1                       | North | 4       | | We meet
 |                          |       |         | |
 | Code                     | Ward  | We talk | | Words
 | R2                       | South | 3       | | Note: left after the spring
 | Audit of wards, by phone |       |         | |
 |                          |       |         | |
 | Average                  |       | 3.5     | |
 | Note: two people asked to be rung again |  | | |
"""


def test_titles_blank_columns_repeats_totals_and_notes_of_a_sheet_made_by_hand() -> None:
    found = read(BY_HAND)
    assert (found.name, found.header, [heading.index for heading in found.headings]) == ("plain", 2, [1, 2, 3, 5])
    again = (leftovers.AGAIN, "left out")
    assert found.left_out == ((5, again[0]), (7, again[0]), (9, "a summary"), (10, "a note"))
    answers = sheet(BY_HAND)
    assert answers.rows == (("R1", "North", "4", "We meet"), ("R2", "South", "3", "Note: left after the spring"))
    assert (answers.numbers, sheet(BY_HAND, "csv").numbers) == ((4, 7), (2, 5))
    assert (6, *again) in [(problem.row, problem.found, problem.taken_as) for problem in answers.problems]


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("Total | | 9", "a summary"),
        ("Total | | many", ""),
        ("N | South | 9", ""),
        ("* by phone | |", "a note"),
        ("Both were rung up again | |", "a note"),
        ("R3 | |", ""),
        (" | | We should both be asked again", ""),
    ],
)
def test_only_remarks_and_sums_below_the_answers_are_no_answers(last: str, reason: str) -> None:
    assert read(PLAIN + last).left_out == (((3, reason),) if reason else ())
    assert read(PLAIN.replace("R2 ", f"{last}\nR2 ")).left_out == ()  # it stands above an answer


def test_an_answer_that_begins_as_a_note_does_is_none() -> None:
    assert leftovers.notes([["We meet when we can do so", "4"], ["Key people do not come here", ""]], [0, 1]) == {}


@pytest.mark.parametrize(
    ("top", "merged", "expected"),
    [
        (" | | Agree? |\nCode | Ward | We talk | We plan", (2, 3), "Code / Ward / # > We talk / # > We plan"),
        ("Code | Ward | Agree? |\n | | We talk | Other", (2, 3), "Code / Ward / # > We talk / # > # - Other"),
        ("Code | Ward | Agree? |\n | | We talk | We plan", (), "Code / Ward / # > We talk / # > We plan"),
        ("Code | In | C1 | C2\n | Ward | We talk | We plan", (), "Code / In: Ward / C1: We talk / C2: We plan"),
        ("Agree? | | |\nCode | Ward | We talk | We plan", (0, 3), ""),  # a title
        (" | | Agree? |\nCode | Ward | We talk | We plan", (), ""),
        ("Code | Ward | We talk | We plan\nAnn B | In the hall | quite often |", (), ""),
        ("Code | Ward | We talk | We plan\nR1 | North | a good many times | very often indeed", (), ""),
        ("Code | Ward | We talk | We plan\nAnn | Bo | a bit | a lot", (), ""),
    ],
)
def test_two_header_rows_of_a_sheet_made_by_hand(top: str, merged: tuple[int, ...], expected: str) -> None:
    spans = [(0, merged[0], 0, merged[1])] if merged else []
    found = recognise(grid(f"{top}\nR1 | North | 4 | 5\nR2 | South | 3 | 2\n", merged=spans), known)
    assert (found.depth, found.because == "two header rows") == ((2, True) if expected else (1, False))
    assert not expected or questions(found) == expected.replace("#", "Agree?")


def test_what_is_said_by_hand_comes_first() -> None:
    assert read(GOOGLE, layout="google-forms", row=1).because.startswith('--layout google-forms, --header-row 1, "Time')
    for text in (LONG, GOOGLE, MONKEY):
        found = read(text, layout="plain")
        assert (found.name, found.because[:14], found.depth) == ("plain", "--layout plain", read(text).depth)
        assert roles(found) == {}
    assert roles(read(PLAIN.replace("Code", "Name"), layout="microsoft-forms"))["Name"].startswith("personal")
    assert roles(read(PLAIN.replace("Ward", "Name"), layout="microsoft-forms")) == {}  # behind a question: one too
    assert [read(f" | Where? | | Why?\n{PLAIN}", row=row).depth for row in (None, 2)] == [2, 1]  # one, as was said
    assert read(PLAIN, row=2).header == 1


@pytest.mark.parametrize(
    ("said", "message", "fix"),
    [
        ({"layout": "Googel forms"}, 'no layout "Googel forms"', "Did you mean google-forms? Use one of: microsoft-"),
        ({"layout": "xyzzy"}, 'no layout "xyzzy"', f"Use one of: {', '.join(NAMES)}."),
        ({"row": 0}, "--header-row 0: a.file has 4 rows", "Give the number that Excel shows"),
        ({"row": 5}, "--header-row 5: a.file has 4 rows", "Give the number that Excel shows"),
        ({"row": 1}, "--header-row 1: a.file has nothing in that row", "Give the number that Excel shows"),
    ],
)
def test_a_layout_or_header_row_that_is_not_there(said: dict[str, Any], message: str, fix: str) -> None:
    with pytest.raises(AuditkitError, match=re.escape(message)) as error:
        read(f"| |\n{PLAIN}", **said)
    assert str(error.value.fix).startswith(fix)


NO_HEADER = "\n".join(f"R{n} | {n % 5 + 1} | We talk {n} times" for n in range(80))


def test_a_sheet_without_a_header_is_said_to_be_one_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(NO_HEADER.replace("|", ","))
    with pytest.raises(AuditkitError, match=r"a\.csv: no header found: every row at the top looks like answers"):
        read_sheets(path, known)
    book = openpyxl.Workbook()
    for name, rows in {"Help": [[NOT_READ], ["x", "y"]], "Raw": grid(NO_HEADER).rows, "New": grid(PLAIN).rows}.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(tmp_path / "a.xlsx")
    (answers,) = read_sheets(tmp_path / "a.xlsx", known)
    assert answers.name == "New"
    assert [(p.sheet, p.severity, p.found) for p in answers.problems] == [("Raw", "warning", "no header found")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Wards | 2025\n{PLAIN.strip()}", 1),  # two known words
        ("Wards\nNames | What helps? | Talk\nAnn | We meet | 4\nBob | We plan | 3", 1),  # the first that is wide
        ("A | 2023 | 2024\nx | 4 | 5\ny | 3 | 2", 0),  # years are headers
        ("Ann | 4 | 5\nBob | 3 | 4\nCy | 4 | 2\nName | Talk | Plan\nDi | 4 | 3", 3),
        ("Names | Talk\nCode | We meet\nBob | We plan", 0),  # one known word says nothing
        (" | ", None),
    ],
)
def test_the_header_row_is_found(text: str, expected: int | None) -> None:
    assert headers.find(grid(text).rows, known) == expected


def test_headers_are_never_the_same_twice() -> None:
    assert headers.unique(["a", "a", "b", "b"], ["", "", "Q", "R"]) == ["a", "a (2)", "Q - b", "R - b"]


def test_spss_files_have_codes_wordings_and_labels() -> None:
    labels = {1: {"10": "East", "2": "South", "1": "North"}}
    asked = {1: "Ward?", 2: "Agree? [We talk]", 3: "Agree? [We plan]"}
    answers = sheet("id | ward | Q3_1 | Q3_2\nR1 | 1 | 4 | 5\nR2 | 3 | 1 | 9", "sav", labels=labels, questions=asked)
    assert (answers.layout.name, answers.layout.because) == ("spss", "names, labels and questions of an SPSS file")
    assert questions(answers.layout) == "id / ward: Ward? / Q3_1: Agree? > We talk / Q3_2: Agree? > We plan"
    assert answers.rows == (("R1", "North", "4", "5"), ("R2", "3", "1", "9"))
    assert list(answers.labels["Ward?"]) == ["1", "2", "10"]
    assert recognise(grid(QUALTRICS, "sav"), known).because.startswith("an SPSS file from Qualtrics: a row of")


def test_text_beside_the_table_and_hidden_titles_are_not_told_of() -> None:
    text = "Audit\nCode | Ward\nR1 | North\n | | aside\nR2 | South"
    answers = sheet(text, "csv", hidden_rows=(0, 4), hidden_columns=(1, 2))
    assert (answers.rows, answers.numbers) == ((("R1", "North"), ("R2", "South")), (2, 4))
    assert [problem.found for problem in answers.problems[1:]] == ["1 hidden row (5)", "1 hidden column (B)"]
    assert sheet(text).headers == ("Code", "Ward", "column C")  # in a workbook it is a column


def test_names_that_repeat_stay_apart_from_names_with_a_number() -> None:
    assert headers.unique(["Q1", "Q1", "Q1 (2)", "Q1"], [""] * 4) == ["Q1", "Q1 (3)", "Q1 (2)", "Q1 (4)"]


def test_two_forms_of_redcap_of_which_one_is_complete_are_an_answer() -> None:
    found = read(
        "Record ID | Survey Timestamp | Your pair | Complete? | Q1 | Complete?\n1 | | w | Complete | x | Incomplete"
    )
    assert found.left_out == ()


def test_previews_of_qualtrics_are_known_by_the_wordings_of_its_columns() -> None:
    text = "Start Date | Response Type | Finished | Recorded Date | Response ID | Distribution Channel | Q1\n"
    text += '{"ImportId":"startDate"} | {"ImportId":"status"} | {"ImportId":"finished"} | {"ImportId":"recordedDate"}'
    text += ' | {"ImportId":"_recordId"} | {"ImportId":"distributionChannel"} | {"ImportId":"QID1"}\n'
    text += "2025-01-01 | Survey Preview | True | 2025-01-01 | R_1 | preview | x\n"
    text += "2025-01-01 | IP Address | True | 2025-01-01 | R_2 | anonymous | y"
    assert [why for _, why in read(text).left_out] == ["a preview"]


def test_a_question_called_start_date_is_no_column_of_surveymonkeys() -> None:
    text = "Respondent ID | Collector ID | Start Date | End Date | What helps? | Start date\n"
    text += " | | | | Open-Ended Response | Response\n1 | 9 | 2025-01-01 | 2025-01-01 | We talk | May"
    assert read(text).depth == 2


def test_a_last_row_that_begins_like_a_name_is_an_answer() -> None:
    assert read("Name | We talk | We plan\nAnn | 4 | 2\nBob | 3 | 5\nMax | 2 | 3").left_out == ()
    assert [why for _, why in read("Name | We talk\nAnn | 4\nBob | 3\nMean | 3.5").left_out] == ["a summary"]
