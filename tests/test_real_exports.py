"""Exports that nobody here made: how many people, answers and ratings, and their values, without an option."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from auditkit import responses
from auditkit.config import Config
from auditkit.errors import AuditkitError
from auditkit.responses import Responses

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
EXPORTS = DATA / "survey-exports"
MONKEY = EXPORTS / "surveymonkey_two_rounds"
FREE_TEXT = "This is a free text question."
POINTS = {
    **{"Not at all confident": 1, "Slightly confident": 2, "Somewhat confident": 3, "Very confident": 4},
    **{"Extremely confident": 5, "Not at all knowledgable": 1, "A little knowledgable": 2},
    **{"Somewhat knowledgable": 3, "Very knowledgable": 4, "Extremely knowledgable": 5},
    **{"Minimal": 1, "Slight": 2, "Moderate": 3, "Good": 4, "Extensive": 5},
}

pytestmark = pytest.mark.skipif(not EXPORTS.exists(), reason="the real data are not here")


def read(path: Path) -> list[Responses]:
    return responses.read(path, Config(), codes=lambda name: f"R-{len(name)}")


@pytest.mark.parametrize(
    ("file", "layout", "people", "answers", "ratings", "identity"),
    [
        ("google_forms_autistica/form_responses.csv", "google-forms", 42, 28, 0, "none"),
        ("qualtrics_qualtRics_pkg/sample.csv", "qualtrics", 1, 1, 1, "none"),
        ("qualtrics_qualtRics_pkg/sample_legacy.csv", "qualtrics", 1, 1, 1, "none"),
        ("surveymonkey_two_rounds/fake_sm_pre.csv", "surveymonkey", 4, 0, 60, "respondent"),
        ("surveymonkey_two_rounds/fake_sm_post.csv", "surveymonkey", 4, 0, 59, "respondent"),
        ("surveymonkey_two_rounds/fake_sm_post_excel.xlsx", "surveymonkey", 4, 0, 59, "none"),
        ("nhs_fft_upload_template/New general trust template.xlsx", "plain", 2, 4, 2, "none"),
    ],
)
def test_what_each_export_holds(file: str, layout: str, people: int, answers: int, ratings: int, identity: str) -> None:
    (found,) = read(EXPORTS / file)
    assert found.layout == layout
    assert (len(found.people), len(found.answers), len(found.ratings)) == (people, answers, ratings)
    assert set(found.people["identity"]) == {identity}
    assert "error" not in set(found.problems["severity"])


@pytest.mark.parametrize("file", ["sample.csv", "sample_legacy.csv"])
def test_values_of_qualtrics(file: str) -> None:
    (found,) = read(EXPORTS / "qualtrics_qualtRics_pkg" / file)
    assert found.answers[["question", "text"]].values.tolist() == [[FREE_TEXT, "Hello World!"]]
    assert (found.ratings["rating"].tolist(), found.order) == ([2.0], "2017-07-18")


@pytest.mark.parametrize("name", ["pre", "post"])
def test_every_rating_of_surveymonkey(name: str) -> None:
    """Each rating against a table of the words' points, cell by cell."""
    with (MONKEY / f"fake_sm_{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        questions, options, *rows = list(csv.reader(file))
    asked = [option if option not in ("", "Response") else questions[n] for n, option in enumerate(options)]
    expected = {(row[8], asked[place]): POINTS[row[place]] for row in rows for place in range(9, 24) if row[place]}
    (found,) = read(MONKEY / f"fake_sm_{name}.csv")
    assert (
        dict(
            zip(
                zip(found.ratings["respondent"], found.ratings["item"], strict=True),
                found.ratings["rating"],
                strict=True,
            )
        )
        == expected
    )
    assert Counter(found.ratings["scale"]).most_common() == [
        ("Please rate your level of confidence in performing the…", 32 if name == "pre" else 31),
        ("Please rate your ability to do the following on a scale…", 24),
        ("all ratings", 4),
    ]


def test_the_same_people_before_and_after() -> None:
    before, after = (read(MONKEY / f"fake_sm_{name}.csv")[0] for name in ("pre", "post"))
    assert set(before.people["respondent"]) == set(after.people["respondent"])
    assert before.linked
    assert after.linked


def test_values_of_the_google_form() -> None:
    (found,) = read(EXPORTS / "google_forms_autistica" / "form_responses.csv")
    with (EXPORTS / "google_forms_autistica" / "form_responses.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = list(csv.reader(file))
    texts = {" ".join(row[2].split()) for row in rows if row[2].strip()}
    assert {" ".join(text.split()) for text in found.answers["text"]} == texts
    assert (min(found.people["date"]), max(found.people["date"])) == ("2019-08-21", "2021-01-28")
    doubtful = {column.reason for column in found.columns if column.confidence == "doubtful"}
    assert doubtful == {"may be a consent: not read"}


def test_the_upload_template() -> None:
    (found,) = read(EXPORTS / "nhs_fft_upload_template" / "New general trust template.xlsx")
    assert found.ratings["rating"].tolist() == [1.0, 1.0]
    assert set(found.answers["question"]) == {"question_1", "question_2"}
    assert sorted(set(found.people["date"])) == ["2021-09-30", "2022-10-27"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("surveymonkey_two_rounds/fake_codebook.csv", "a list of questions"),
        ("nhs_fft_upload_template/phase_2_schema.csv", "no column holds open answers or ratings"),
    ],
)
def test_what_holds_no_answers_is_said_to(file: str, message: str) -> None:
    with pytest.raises(AuditkitError, match=message):
        read(EXPORTS / file)


def test_two_rounds_one_answer_a_row() -> None:
    with (DATA / "nhs-fft" / "two_rounds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for one in read(DATA / "nhs-fft" / "two_rounds.csv"):
        raw = [row for row in rows if row["round"] == one.round]
        given = {row["respondent_id"]: float(row["rating_fft"]) for row in raw if row["rating_fft"] in "12345"}
        assert dict(zip(one.ratings["respondent"], one.ratings["rating"], strict=True)) == given
        assert len(one.answers) == len(raw)
        assert set(one.people["respondent"]) == {row["respondent_id"] for row in raw}
        assert one.people["pair"].nunique() == len({row["group"] for row in raw})


def test_one_round_one_answer_a_row() -> None:
    (found,) = read(DATA / "nhs-fft" / "comments.csv")
    with (DATA / "nhs-fft" / "comments.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(found.answers) == len([row for row in rows if row["text"].strip()])
    assert found.people["respondent"].nunique() == len({row["respondent_id"] for row in rows})
