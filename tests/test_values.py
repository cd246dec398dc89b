from __future__ import annotations

import csv
from pathlib import Path

import pytest

from auditkit import scales, values
from auditkit.config import ROLES


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
    assert scales.usual(1, 5).read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Cannot say",
        "N/A",
        "n.a.",
        "Not applicable",
        "Don’t know / not sure",
        "I don't know",
        "DK/NA",
        "Prefer not to say",
        "No opinion",
        "Unable to comment",
        "Not applicable (N/A)",
        "Refused",
    ],
)
def test_cannot_say(text: str) -> None:
    assert values.cannot_say(text)


@pytest.mark.parametrize("text", ["", "no", "None", "nothing", "I do not know him well", "not at all", "Agree"])
def test_what_is_no_cannot_say(text: str) -> None:
    assert not values.cannot_say(text)


def test_rating_takes_the_users_words_and_other_scales() -> None:
    assert scales.usual(1, 5, (("four", 4),)).read("Four") == 4.0
    assert scales.usual(1, 5, (("nine", 9),)).read("nine") == "outside 1 to 5"
    assert scales.usual(1, 7).read("Strongly agree") == 7.0
    assert scales.usual(1, 7).read("agree") == 6.0
    assert scales.usual(0, 10).read("agree") == "not a number"


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
        ("GP partner", ("doctor", False)),
        ("ST6", ("doctor", False)),
        ("SAS doctor", ("doctor", False)),
        ("Speciality  Doctor", ("doctor", False)),
        ("Lead clinician", ("doctor", False)),
        ("Facharzt", ("doctor", False)),
        ("Associate Medical Director", ("doctor", False)),
        ("Consultant in perinatal psychiatry", ("doctor", False)),
        ("Associate Director of Operations", ("manager", False)),
        ("Operations lead", ("manager", False)),
        ("Ward manager", ("manager", False)),
        ("AD", ("manager", False)),
        ("Deputy hospice manager", ("manager", False)),
        ("HCA", ("staff", False)),
        ("Clinical psychologist", ("staff", False)),
        ("Consultant clinical psychologist", ("staff", False)),
        ("Medical secretary", ("staff", False)),
        ("Nurse consultant", ("staff", False)),
        ("Admin", ("staff", False)),
        ("Executive sponsor", ("sponsor_manager", True)),
        ("Medical director (sponsor)", ("sponsor_doctor", True)),
        ("Consutlant psychiatrist", ("", False)),
        ("Servcie manager", ("", False)),
        ("Matron", ("", False)),
        ("Departmental manager", ("manager", False)),
        ("Radiography manager", ("manager", False)),
        ("", ("", False)),
    ],
)
def test_role(text: str, expected: tuple[str, bool]) -> None:
    assert values.role(text, {}) == expected


def test_near_roles_are_named_and_not_taken() -> None:
    assert values.near_role("Consutlant psychiatrist", {}) == "Consultant psychiatrist"
    assert values.near_role("Servise manger", {}) == "Service manager"
    assert values.near_role("Hd of Tribal", {"Head of Tribe": "manager"}) == ""
    assert values.near_role("Head of Tribes", {"Head of Tribe": "manager"}) == "Head of Tribe"
    assert values.near_role("gardener", {}) == ""


def test_every_role_of_the_file_is_one_of_the_settings() -> None:
    with (Path(values.__file__).parent / "data" / "role_words.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["role"], word) for row in csv.DictReader(file) for word in row["words"].split("; ")]
    assert len(rows) > 300
    assert len({word for _, word in rows}) == len(rows)
    assert {role for role, _ in rows} == set(ROLES)
    assert all(values.role(word, {})[0] == role for role, word in rows)


def test_role_as_the_settings_say() -> None:
    assert values.role("Executive  director", {"executive director": "sponsor_manager"}) == (
        "sponsor_manager",
        True,
    )


@pytest.mark.parametrize("text", ["Ward 3", "ward-3", "WARD  3 ", "ward_3", "ward – 3", "Ward\u00a03"])
def test_pair_code_has_one_spelling(text: str) -> None:
    assert values.pair_code(text) == "ward-3"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Café & Bar", "cafe-and-bar"),
        ("Cafe and bar", "cafe-and-bar"),
        ("A&E", "a-and-e"),
        ("Ward ３", "ward-3"),
        ("Ward 03", "ward-03"),
        ("Mölln", "molln"),
    ],
)
def test_pair_code_of_other_signs(text: str, code: str) -> None:
    assert values.pair_code(text) == code


def test_pair_code_of_numbers_and_blanks() -> None:
    assert [values.pair_code(text) for text in ("3", "3.0", " ", "n/a", "-")] == ["3", "3", "", "", ""]


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
        ("Yes, I agree", "consent_analysis", "yes"),
        ("I agree that my answers may be analysed", "consent_analysis", "yes"),
        ("I have read the information and agree to take part", "consent_analysis", "yes"),
        ("Yes, anonymously", "consent_analysis", "yes"),
        ("✓", "consent_analysis", "yes"),
        ("☑", "consent_analysis", "yes"),
        ("✗", "consent_analysis", "no"),
        ("☐", "consent_analysis", ""),
        ("x", "consent_analysis", "?"),
        ("I do not agree", "consent_analysis", "no"),
        ("I don’t consent", "consent_analysis", "no"),
        ("No thanks", "consent_analysis", "no"),
        ("Prefer not to", "consent_analysis", "no"),
        ("No problem", "consent_analysis", "?"),
        ("Yes, but only the ratings", "consent_analysis", "?"),
        ("Yes if my manager never sees it", "consent_analysis", "?"),
        ("I agree with nothing without asking me", "consent_analysis", "?"),
        ("Yes - ratings", "consent_analysis", "?"),
        ("Yes, ratings and comments", "consent_analysis", "yes"),
        ("yes/no", "consent_analysis", "?"),
        ("Yes, my comments", "consent_pair_ratings", "?"),
        ("Not yet, but yes", "consent_analysis", "?"),
        ("I agree, I think", "consent_analysis", "?"),
        ("Yes - but not word for word", "consent_quote", "paraphrase"),
        ("Yes, but please change the words", "consent_quote", "paraphrase"),
        ("Yes, anonymously", "consent_quote", "paraphrase"),
        ("You may paraphrase me", "consent_quote", "paraphrase"),
        ("I agree to be quoted", "consent_quote", "paraphrase"),
        ("Yes, word for word", "consent_quote", "verbatim"),
        ("Yes, in my own words", "consent_quote", "verbatim"),
        ("Yes, verbatim, but ask me first", "consent_quote", "?"),
        ("You can quote me, but not by name", "consent_quote", "paraphrase"),
        ("Not verbatim", "consent_quote", "?"),
        ("May not be quoted verbatim", "consent_quote", "?"),
        ("Verbatim only, do not paraphrase", "consent_quote", "?"),
        ("Please do not quote me", "consent_quote", "none"),
        ("I do not want to be quoted word for word", "consent_quote", "none"),
        ("Do not paraphrase", "consent_quote", "none"),
        ("Yes, I agree", "consent_quote", "?"),
        ("x", "consent_quote", "?"),
        ("Yes, anonymously", "consent_pair_ratings", "?"),
        ("Yes, my partner may see them", "consent_pair_ratings", "yes"),
        ("Yes, but not the low ones", "consent_pair_ratings", "?"),
        ("No - not to my partner", "consent_pair_words", "no"),
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
        (["07700 900123", "+44 20 7946 0018", "01632 960001"], "", "phone numbers"),
        (["0001", "0002", "0013"], "", ""),
        (["SW1A 1AA", "m1 1ae", "LS2 9JT"], "", "postcodes"),
        (["AB12CD", "EF34GH"], "", ""),
        (["943 476 5919", "4505577104", "9434765870"], "", "NHS numbers"),
        (["9434765919", "1234567890", "5556667778"], "", ""),
    ],
)
def test_identifying(cells: list[str], kind: str, expected: str) -> None:
    assert values.identifying(cells, kind) == expected


def test_shape_never_shows_longer_texts() -> None:
    assert values.shape("four") == "'four'"
    assert values.shape("We never meet at all") == "text, 5 words"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["INTJ", "ENFP", "ISTP", ""], True),
        (["INTJ-A", "enfp (Campaigner)", "ESTJ – Executive"], True),
        (["INTJ"], True),
        (["Plant", "Shaper", "Completer Finisher"], True),
        (["Dominance", "Steadiness", "Influence"], True),
        (["5w4", "9w1"], True),
        (["Specialist", "Specialist"], False),
        (["INTJ", "yes", "no", "perhaps"], False),
        (["D", "I", "S", "C"], False),
        (["ENTER", "INTRO"], False),
        ([], False),
    ],
)
def test_personality_types(cells: list[str], expected: bool) -> None:
    assert values.personality_types(cells) is expected
