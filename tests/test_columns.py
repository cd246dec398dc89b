from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from auditkit.columns import MAY_BE_CONSENT, PASSING, Column, Overrides, decide, recognised, toml_lines
from auditkit.config import Config
from auditkit.errors import AuditkitError
from auditkit.grids import Grid
from auditkit.layouts import recognise
from auditkit.questionnaire import ABOUT
from auditkit.sheets import Sheet, read_sheets, table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def sheet(text: str) -> Sheet:
    header, *rows = list(csv.reader(io.StringIO(text.strip())))
    grid = Grid("a.csv", "", "csv", [header, *rows])
    return table(grid, recognise(grid, recognised))


def roles(text: str, config: Config | None = None, overrides: Overrides | None = None) -> dict[str, str]:
    columns = decide(sheet(text), config or Config(), overrides or Overrides())
    return {column.header: column.role for column in columns}


WIDE = """
respondent_id,pair_id,service_id,role,round,answered_on,consent_analysis,consent_quote,COM1,MEET,OVERALL,Q1,withdrawn_on
R-1,P-1,S-1,doctor,baseline,2025-01-14,yes,none,2,0,3,We both care about the patients.,2025-02-01
R-2,P-1,S-1,manager,baseline,2025-01-15,yes,none,3,1,4,Goodwill on both sides.,
"""


def test_the_questionnaires_own_sheet() -> None:
    assert roles(WIDE) == {
        "respondent_id": "respondent",
        "pair_id": "pair",
        "service_id": "service",
        "role": "role",
        "round": "round",
        "answered_on": "date",
        "consent_analysis": "consent_analysis",
        "consent_quote": "consent_quote",
        "COM1": "rating",
        "MEET": "fact",
        "OVERALL": "rating",
        "Q1": "open",
        "withdrawn_on": "withdrawn",
    }


FOREIGN = """
ID,Name,Email address,Ward,Your role,We trust each other,Priorities clear,What helps you both?,Site,IP,Age
1,Ann Smith,a@x.example,North,Lead doctor,4,Agree,Talking early and often helps us both,A,10.0.0.1,44
2,Bob Jones,b@x.example,North,Service manager,5,Strongly agree,We share one office since spring,A,10.0.0.2,51
3,Cy Brown,c@x.example,South,Lead doctor,2,Disagree,Nothing much comes to mind here,B,10.0.0.3,39
4,Di Green,d@x.example,South,Service manager,3,Agree,A monthly meeting that nobody skips,B,10.0.0.4,47
"""


def test_a_foreign_wide_sheet() -> None:
    found = roles(FOREIGN)
    assert found["ID"] == "ignore"  # a running number is no person
    assert found["Email address"] == "email"
    assert found["Name"] == "ignore"
    assert found["Ward"] == "pair"
    assert found["Site"] == "service"
    assert found["Your role"] == "role"
    assert found["We trust each other"] == "rating"
    assert found["Priorities clear"] == "rating"
    assert found["What helps you both?"] == "open"
    assert found["IP"] == "ignore"
    assert found["Age"] == "ignore"


LONG = """
comment_id,respondent_id,group,round,question,rating_score,sentiment,text,labels,n_labels
R1-a,R1,North,1,What was good?,1,1.0,Staff were kind to us all,Staff; Kindness,2
R1-b,R1,North,1,What could we do better?,1,3.0,Shorten the long wait please,Waiting,1
R2-a,R2,South,2,What was good?,4,2.0,The new rooms are much better,Place,1
R2-b,R2,South,2,What could we do better?,4,5.0,Answer the phone when we call,Phone; Access,2
"""


def test_one_answer_a_row() -> None:
    found = roles(LONG)
    assert found["question"] == "question"
    assert found["text"] == "open"
    assert found["rating_score"] == "rating"
    assert {header for header, role in found.items() if role == "ignore"} == {
        "comment_id",
        "sentiment",
        "labels",
        "n_labels",
    }


def test_command_line_before_settings_before_headers() -> None:
    config = Config(columns={"Site": "pair", "Age": "ignore"})
    assert roles(FOREIGN, config)["Site"] == "pair"
    assert roles(FOREIGN, config)["Ward"] == "ignore"
    found = roles(FOREIGN, config, Overrides(pair="ward", respondent="name"))
    assert found["Ward"] == "pair"
    assert found["Site"] == "service"
    assert found["Name"] == "respondent"
    assert found["Email address"] == "ignore"


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Ward / team", "pair"),
        ("Which is your team?", "pair"),
        ("Participant no.", "respondent"),
        ("Your job title", "role"),
        ("The team listens", "ignore"),
        ("Which ward do you work on?", "pair"),
        ("Please select your main role", "role"),
        ("Staff code", "respondent"),
    ],
)
def test_headers_of_several_known_words(header: str, role: str) -> None:
    assert roles(f"{header},Q1\nA1 x,We talk\nB2 y,We do not\n")[header] == role


def test_words_about_the_team_are_no_name_of_it() -> None:
    rows = "R1,We plan the week together.\nR2,We share the bad news early.\n"
    text = f"respondent_id,What do you work on in your team?\n{rows}"
    assert roles(text)["What do you work on in your team?"] == "open"


def test_names_with_a_number_are_no_ratings() -> None:
    rows = "\n".join(
        f"R{n},ward-{n % 5 + 1},{n % 5 + 1} - {'poor fair so-so good great'.split()[n % 5]}" for n in range(10)
    )
    found = roles(f"respondent_id,Place,How was it?\n{rows}\n")
    assert found["Place"] == "ignore"
    assert found["How was it?"] == "rating"


def test_leave_to_analyse_is_seen_in_other_words_and_other_consents_are_not_guessed() -> None:
    text = "respondent_id,May we analyse your answers?,Do you agree to be quoted?,COM1\nR1,Yes,No,3\nR2,No,Yes,4\n"
    columns = {column.header: column for column in decide(sheet(text), Config(), Overrides())}
    assert columns["May we analyse your answers?"].role == "consent_analysis"
    quoted = columns["Do you agree to be quoted?"]
    assert (quoted.role, quoted.reason) == ("ignore", "may be a consent: not read")
    assert quoted.reason in PASSING


def test_an_invitation_to_write_is_open_though_many_wrote_the_same() -> None:
    rows = "\n".join(
        f"R{n},{('There is no time at all.', 'Nothing to add from me.', 'We never meet at all.')[n % 3]}"
        for n in range(12)
    )
    assert roles(f"respondent_id,Please tell us more\n{rows}\n")["Please tell us more"] == "open"
    assert roles(f"respondent_id,Which is true?\n{rows}\n")["Which is true?"] == "ignore"


def test_short_answers_to_an_open_question_are_open() -> None:
    """In a small audit people answer in a word or two; numbers, codes and choices are no answers."""
    found = roles("""
code,ward,What works well?,Which badge do you wear?,Do you like it?
a,1,Trust,B-17,mostly
b,1,Communication,B-22,mostly
c,2,Patience,C-03,hardly
d,2,nothing,C-09,hardly
""")
    assert found["What works well?"] == "open"
    assert "open" not in (found["Which badge do you wear?"], found["Do you like it?"])


def test_a_remark_below_the_table_is_no_code() -> None:
    rows = "\n".join(f"AB-{letter}QX,ward-1,4" for letter in "KLMNPR")
    text = f"Reference,pair_id,COM1,Q1\n{rows},\nNotes: two answered on paper,,,\nExported in March,,,\n".replace(
        ",4", ",4,"
    )
    assert roles(text)["Reference"] == "respondent"


def test_text_columns_named_by_hand_replace_the_others() -> None:
    found = roles(WIDE, overrides=Overrides(text=("service_id",)))
    assert found["service_id"] == "open"
    assert found["Q1"] == "ignore"


def test_a_column_that_is_not_there_gets_near_ones() -> None:
    with pytest.raises(AuditkitError, match='--pair-column: there is no column "Wrad"') as error:
        roles(FOREIGN, overrides=Overrides(pair="Wrad"))
    assert error.value.fix == 'Did you mean "Ward"?'


def test_samples_never_show_a_value() -> None:
    columns = decide(sheet(FOREIGN), Config(), Overrides())
    samples = {column.header: column.samples for column in columns}
    assert samples["What helps you both?"] == ("text, 7 words", "text, 6 words", "text, 6 words")
    assert samples["We trust each other"] == ("4", "2", "3")  # points of a scale tell nothing of a person
    assert samples["Name"] == ("text, 2 words",) * 3
    assert samples["Email address"] == ("e-mail",) * 3


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "nhs-fft/comments.csv",
            {
                "respondent": "respondent_id",
                "pair": "service",
                "date": "date",
                "question": "question",
                "rating": "rating_fft",
                "open": "text",
            },
        ),
        (
            "nhs-fft/two_rounds.csv",
            {
                "respondent": "respondent_id",
                "service": "service",
                "pair": "group",
                "round": "round",
                "date": "date",
                "question": "question",
                "rating": "rating_fft",
                "open": "text",
            },
        ),
        (
            "survey-exports/google_forms_autistica/form_responses.csv",
            {
                "date": "Timestamp",
                "open": "Q1: What information would you like us to know about your needs, priorities, "
                "desires and concerns for the citizen science platform?",
            },
        ),
    ],
)
def test_real_files(file: str, expected: dict[str, str]) -> None:
    path = DATA / file
    if not path.exists():
        pytest.skip("the real data are not here")
    (table,) = read_sheets(path, lambda text: False)
    columns = decide(table, Config(), Overrides())
    assert {column.role: column.header for column in columns if column.role != "ignore"} == expected


def test_a_code_that_comes_too_often_names_no_person() -> None:
    rows = "\n".join(f"o{n % 2},{n % 5 + 1},{n % 3 + 2}" for n in range(12))
    columns = decide(sheet(f"respondent_id,We plan,We talk\n{rows}"), Config(), Overrides())
    assert (columns[0].role, columns[0].reason) == ("ignore", "comes too often to name one person")


def test_words_of_the_other_ratings_are_ratings_too() -> None:
    text = """
Q1,Our aims are clear?,We meet?
Strongly Agree,Agree,Yes
Disagree,Somewhat Agree,No
Strongly Disagree,Strongly Agree,Yes
"""
    assert roles(text) == {"Q1": "rating", "Our aims are clear?": "rating", "We meet?": "ignore"}


def test_ranks_are_no_ratings() -> None:
    rows = "\n".join(f"{n % 5 + 1},{(n + 2) % 5 + 1}" for n in range(12))
    assert roles(f"Rank these from 1 to 5: trust,How far do you trust us?\n{rows}") == {
        "Rank these from 1 to 5: trust": "ignore",
        "How far do you trust us?": "rating",
    }


def test_personality_types_and_phones_are_named_and_kept_out() -> None:
    text = "respondent_id,Type,Contact,Q1\nR1,INTJ,07700 900123,We talk\nR2,ENFP,07700 900456,We plan\nR3,ISFJ,,Ok"
    found = {column.header: (column.role, column.reason) for column in decide(sheet(text), Config(), Overrides())}
    assert found["Type"] == ("ignore", "personality types: kept out of outputs")
    assert found["Contact"] == ("ignore", "looks like phone numbers")


def test_lines_for_audit_toml_quote_what_toml_needs() -> None:
    doubtful = Column('Say "why"\nplease', "open", "doubtful", "few texts")
    sure = Column("Q1", "open", "sure", "header")
    assert toml_lines([doubtful, sure]) == ["# few texts", "# or: ignore, fact", '"Say \\"why\\"\\nplease" = "open"']


def answered(header: str, cells: list[str]) -> tuple[str, str]:
    """Role and reason of one column beside a code and an open answer."""
    rows = [["respondent_id", "Q1", header], *([f"R{n}x", f"We talk {n}", cell] for n, cell in enumerate(cells))]
    grid = Grid("a.csv", "", "csv", rows)
    columns = decide(table(grid, recognise(grid, recognised)), Config(), Overrides())
    return next((column.role, column.reason) for column in columns if column.header == header)


def test_a_second_question_for_leave_is_told() -> None:
    """Who agreed to take part and refused analysis must not be analysed unseen."""
    rows = "R1,yes,no,3\nR2,yes,yes,4\nR3,yes,yes,2\n"
    columns = decide(sheet(f"respondent_id,Consent,May my answers be analysed?,COM1\n{rows}"), Config(), Overrides())
    assert [column.role for column in columns[1:3]] == ["consent_analysis", "ignore"]
    assert columns[2].reason == MAY_BE_CONSENT


@pytest.mark.parametrize(
    ("header", "cells", "role"),
    [
        ("Are you willing to take part?", ["Yes", "No", "Yes"], "consent_analysis"),
        ("Do you give permission for your data to be processed?", ["Yes", "No", "Yes"], "consent_analysis"),
        ("I agree to my responses being used for the evaluation", ["Yes", "No", "Yes"], "consent_analysis"),
        ("I agree to take part in this audit", ["1", "0", "1"], "consent_analysis"),
        ("I agree to my answers being used for publicity", ["Yes", "No", "Yes"], MAY_BE_CONSENT),
        ("I agree for my answers to be analysed", ["1", "2", "1", "1"], MAY_BE_CONSENT),
        ("Data sharing agreement", ["Yes", "No", "Yes"], MAY_BE_CONSENT),
    ],
)
def test_questions_for_leave(header: str, cells: list[str], role: str) -> None:
    assert role in answered(header, cells)


def test_an_agreement_item_in_numbers_is_no_leave() -> None:
    assert answered("I agree with how our analysis days are planned", ["1", "4", "5", "2", "3", "4"])[0] == "rating"


@pytest.mark.parametrize("header", ["2. Ward", "Q3. Which team do you work in?", "Ward (required)", "Ward *"])
def test_numbers_and_marks_of_a_form_are_no_part_of_a_header(header: str) -> None:
    assert answered(header, ["North", "South", "North", "South"])[0] == "pair"


def test_words_of_a_scale_are_no_name_of_a_pair() -> None:
    cells = ["Good", "Poor", "Fair", "Very good", "Good", "Poor"]
    assert answered("Service", cells)[0] == "rating"
    assert answered("Team", ["Disagree", "Agree", "Strongly agree", "Agree"])[0] == "rating"


def test_times_of_a_day_are_no_round() -> None:
    assert answered("Time", ["9:10:00", "10:15:30", "14:02:00"])[0] == "ignore"
    assert answered("Time", ["T1", "T2", "T1", "T2"])[0] == "round"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Which band are you?", ["5", "6", "7", "6", "5", "7"]),
        ("How many children do you have?", ["1", "2", "0", "4"]),
        ("How many staff do you manage?", ["3", "12", "40", "7"]),
    ],
)
def test_questions_about_the_person_are_no_answers(header: str, cells: list[str]) -> None:
    assert answered(header, cells)[0] == "ignore"


def test_a_question_for_words_is_open_though_many_wrote_little_or_the_same() -> None:
    little = [
        "We meet every week",
        "More time together",
        "Nothing",
        "n/a",
        "She listens to me",
        "No",
        "None",
        "Nothing",
    ]
    same = ["Lack of time here.", "We have no time to meet.", "Too many targets.", "No time.", "Lack of time here."] * 2
    assert answered("What could be better?", little)[0] == "open"
    assert answered("What gets in the way of working together?", same)[0] == "open"
    assert answered("What is your site?", ["North", "South", "East"] * 3)[0] != "open"


def test_the_number_of_the_response_names_people_where_pair_and_role_do_not() -> None:
    seats = ["P1,doctor", "P1,manager", "P2,doctor", "P2,manager"]
    unique = "\n".join(f"R_{n}aQx9,{seat},We talk often {n}" for n, seat in enumerate(seats))
    assert roles(f"Response ID,pair_id,role,Q1\n{unique}")["Response ID"] == "ignore"
    twice = "\n".join(f"R_{n}aQx9,{seat},We talk often {n}" for n, seat in enumerate(seats * 2))
    assert roles(f"Response ID,pair_id,role,Q1\n{twice}")["Response ID"] == "respondent"


def test_a_code_of_their_own_making_asked_for_in_german() -> None:
    header = "Bitte bilden Sie einen persönlichen Code (2 Buchstaben des Vornamens Ihrer Mutter)"
    rows = "\n".join(f"{code},We talk {code}" for code in ("MA12", "BE07", "KU30", "LO19"))
    assert roles(f"{header},Q1\n{rows}\n")[header] == "self_code"


def test_wards_with_a_number_are_pairs_however_they_are_written() -> None:
    rows = "\n".join(f"R{n},ward-{n // 2 + 1},{('doctor', 'manager')[n % 2]},{n % 5 + 1}" for n in range(16))
    assert roles(f"respondent_id,pair_id,role,COM1\n{rows}")["pair_id"] == "pair"


ITEMS = "We meet often enough,We know our aims,We plan together,We share bad news"


def test_what_says_too_little_alone_is_a_rating_among_ratings() -> None:
    rows = "4,2,5,4,1,4", "3,2,4,4,2,2", "5,4,4,4,3,1", "2,2,3,4,4,3", "4,2,2,4,5,3"
    found = roles("\n".join((f"{ITEMS},We talk daily,We agree on aims", *rows)))
    assert set(found.values()) == {"rating"}


def test_one_number_among_few_or_other_columns_is_no_rating() -> None:
    assert roles("Team size,Wing\n" + "\n".join(["4,4"] * 5)) == {"Team size": "ignore", "Wing": "ignore"}


def test_what_one_file_says_too_little_of_does_not_bind_the_next() -> None:
    columns = decide(
        sheet("Colour,Level,What helps?\n" + "\n".join(f"blue,3,We meet {n} times" for n in range(6))),
        Config(),
        Overrides(),
    )
    assert {column.header for column in columns if column.reason in PASSING} == {"Colour", "Level"}


def test_a_header_that_names_a_rating_is_believed_of_one_number() -> None:
    assert roles("fft_score,What helps?\n1,We meet in the mornings\n1,We talk when it matters")["fft_score"] == "rating"


def test_a_sentence_that_begins_with_not_is_no_scale() -> None:
    text = "Any remarks,What helps?\nNot really everything very professional,A\nVery efficient,We talk"
    assert roles(text)["Any remarks"] == "open"


def test_the_staff_form() -> None:
    text = "service_id,role,SCOM1,SCOM3,SQ1\nNorth,staff,4,2,We are told early\nSouth,staff,3,5,Nothing so far"
    assert roles(text) == {
        **{"service_id": "service", "role": "role", "SCOM1": "rating", "SCOM3": "rating", "SQ1": "open"}
    }


def test_consents_in_the_words_of_the_forms_though_all_say_no() -> None:
    asked = list(ABOUT.items())[5:]
    text = ",".join(f'"{wording}"' for _, wording in asked) + ",What helps?\n"
    text += "\n".join(f"Yes,No,No,No,We meet on day {n} each week" for n in range(5))
    assert list(roles(text).values()) == [*(role for role, _ in asked), "open"]
