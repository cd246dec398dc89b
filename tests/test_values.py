from __future__ import annotations

import pytest

from auditkit import values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4", 4.0),
        ("4.0", 4.0),
        ("5 - Strongly agree", 5.0),
        ("5 – strongly agree", 5.0),
        ("Strongly agree (5)", 5.0),
        ("4/5", 4.0),
        ("Tend to agree", 4.0),
        ("Neither agree nor disagree", 3.0),
        ("STRONGLY\u00a0DISAGREE", 1.0),
        ("very well", 5.0),
        ("", values.BLANK),
        ("-", values.BLANK),
        ("N/A", values.CANNOT_SAY),
        ("Cannot say", values.CANNOT_SAY),
        ("don’t know", values.CANNOT_SAY),
        ("6", "outside 1 to 5"),
        ("15", "outside 1 to 5"),
        ("3.5", "not a whole number"),
        ("four", "not a number"),
        ("4 or 5", "not a number"),
        ("2025-05-01", "not a number"),
    ],
)
def test_rating(text: str, expected: float | str) -> None:
    assert values.rating(text, 1, 5) == expected


def test_rating_takes_the_users_words_and_other_scales() -> None:
    assert values.rating("Four", 1, 5, {"four": 4}) == 4.0
    assert values.rating("nine", 1, 5, {"nine": 9}) == "outside 1 to 5"
    assert values.rating("Strongly agree", 1, 7) == 7.0
    assert values.rating("agree", 1, 7) == 6.0
    assert values.rating("agree", 0, 10) == "not a number"


@pytest.mark.parametrize(
    ("item", "text", "expected"),
    [
        ("MEET", "4 times", 4.0),
        ("MEET", "none", 0.0),
        ("MEET", "55", "outside 0 to 40"),
        ("MEETLEN", "60 min", 60.0),
        ("MEETLEN", "an hour", "not a number"),
        ("OUTLOOK", "Worsen", -1.0),
        ("OUTLOOK", "stay the same", 0.0),
        ("OUTLOOK", "improve", 1.0),
        ("OUTLOOK", "", ""),
    ],
)
def test_fact(item: str, text: str, expected: float | str) -> None:
    assert values.fact(text, item) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Doctor", ("doctor", False)),
        ("Consultant psychiatrist", ("doctor", False)),
        ("lead doctor", ("doctor", False)),
        ("Medical Director", ("doctor", False)),
        ("Clinical lead", ("doctor", False)),
        ("Service manager", ("manager", False)),
        ("Associate Service Director", ("manager", False)),
        ("nurse manager", ("manager", False)),
        ("Nurse", ("staff", False)),
        ("sponsor_doctor", ("sponsor_doctor", True)),
        ("Sponsor (manager)", ("sponsor_manager", True)),
        ("sponsor", ("", True)),
        ("doctor or manager", ("", False)),
        ("gardener", ("", False)),
        ("", ("", False)),
    ],
)
def test_role(text: str, expected: tuple[str, bool]) -> None:
    assert values.role(text, {}) == expected


def test_role_as_the_settings_say() -> None:
    assert values.role("Executive  director", {"executive director": "sponsor_manager"}) == (
        "sponsor_manager",
        True,
    )


@pytest.mark.parametrize("text", ["Ward 3", "ward-3", "WARD  3 ", "ward_3", "ward – 3", "Ward\u00a03"])
def test_pair_code_has_one_spelling(text: str) -> None:
    assert values.pair_code(text) == "ward-3"


def test_pair_code_of_numbers_and_blanks() -> None:
    assert [values.pair_code(text) for text in ("3", "3.0", " ", "n/a", "-")] == ["3", "3", "", "", ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-14", "2025-01-14"),
        ("2025-01-14 09:30:00", "2025-01-14"),
        ("14/01/2025", "2025-01-14"),
        ("3/4/25", "2025-04-03"),
        ("14.01.2025", "2025-01-14"),
        ("14 January 2025", "2025-01-14"),
        ("14-Jan-25", "2025-01-14"),
        ("Jan 14, 2025", "2025-01-14"),
        ("45671", "2025-01-14"),
        ("", ""),
        ("last week", None),
        ("31/02/2025", None),
    ],
)
def test_date(text: str, expected: str | None) -> None:
    assert values.date(text) == expected


def test_month_first_only_where_the_column_shows_it() -> None:
    assert values.month_first(["8/21/2019 13:10:31", "9/4/2019 11:58:32"])
    assert not values.month_first(["21/8/2019", "9/4/2019"])
    assert not values.month_first(["9/4/2019"])
    assert values.date("9/4/2019 11:58:32", month_first=True) == "2019-09-04"


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Yes", "consent_analysis", "yes"),
        ("", "consent_analysis", ""),
        ("maybe", "consent_analysis", "?"),
        ("", "consent_quote", "none"),
        ("Verbatim", "consent_quote", "verbatim"),
        ("yes", "consent_quote", "?"),
        ("", "consent_pair_ratings", "no"),
        ("TRUE", "consent_pair_ratings", "yes"),
        ("paraphrase", "consent_pair_words", "paraphrase"),
        ("no", "consent_pair_words", "no"),
    ],
)
def test_consent(text: str, kind: str, expected: str) -> None:
    assert values.consent(text, kind) == expected


@pytest.mark.parametrize(
    "names",
    [
        ["baseline", "repeat"],
        ["Before", "After"],
        ["1", "2", "10"],
        ["pre-test", "post-test"],
        ["October 2024", "January 2025", "October 2025"],
        ["Round 2", "Round 10"],
        ["baseline", "month 6", "repeat"],
    ],
)
def test_rounds_sort_as_they_happened(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(backwards, key=values.round_key) == names


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        (["a.b@nhs.example", "c@d.example"], "respondent", "e-mail addresses"),
        (["Anna Smith", "Bob Jones"], "respondent", "names"),
        (["Anna", "Bob"], "respondent", "names"),
        (["Smith, Anna", "Jones, Bob"], "respondent", "names"),
        (["R-7KQ2", "R-M4XD"], "respondent", ""),
        (["NEAS PTS 528", "NHFT 1035"], "respondent", ""),
        (["A", "B"], "respondent", ""),
        (["Smith / Jones", "Brown & Green"], "pair", "names"),
        (["Dr Smith and Ms Jones"], "pair", "names"),
        (["Forensic", "Community health services", "See and Convey", "Nottingham West"], "pair", ""),
        (["10.0.0.1", "10.0.0.2"], "", "IP addresses"),
        (["Anna Smith", "Bob Jones", "Carl Brown"], "", "names"),
        (["Good communication", "Trust and respect", "More time"], "", ""),
    ],
)
def test_identifying(cells: list[str], kind: str, expected: str) -> None:
    assert values.identifying(cells, kind) == expected


def test_shape_never_shows_longer_texts() -> None:
    assert values.shape("four") == "'four'"
    assert values.shape("We never meet at all") == "text, 5 words"
