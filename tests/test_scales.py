from __future__ import annotations

import random
import time

import pytest

from auditkit import answer_words, scales, values
from auditkit.config import Ratings
from auditkit.scales import AnswerScale

SEVEN = (
    "Strongly disagree|Disagree|Somewhat disagree|Neither agree nor disagree|Somewhat agree|Agree|Strongly agree"
).split("|")


def recognised(
    cells: str, header: str = "", labels: dict[str, str] | None = None, **settings: object
) -> AnswerScale | None:
    return scales.recognise(cells.split("|"), Ratings.model_validate(settings), header=header, labels=labels)


def known(cells: str, header: str = "", labels: dict[str, str] | None = None, **settings: object) -> AnswerScale:
    found = recognised(cells, header, labels, **settings)
    assert found is not None
    return found


def read(cells: str, header: str = "", labels: dict[str, str] | None = None, **settings: object) -> list[float | str]:
    scale = known(cells, header, labels, **settings)
    return [scale.read(cell) for cell in cells.split("|")]


@pytest.mark.parametrize(
    "words",
    [
        "Strongly disagree|Disagree|Neither agree nor disagree|Agree|Strongly agree",
        "Completely disagree|Tend to disagree|Neither/nor|Tend to agree|Completely agree",
        "Disagree strongly|Disagree slightly|Undecided|Agree slightly|Agree strongly",
        "Totally disagree|Rather disagree|Neutral|Rather agree|Totally agree",
        "Definitely disagree|Mostly disagree|Neither|Mostly agree|Definitely agree",
        "I strongly disagree|I disagree|Neutral|I agree|I strongly agree",
        "Very dissatisfied|Fairly dissatisfied|Neither satisfied nor dissatisfied|Fairly satisfied|Very satisfied",
        "Extremely dissatisfied|Somewhat dissatisfied|Neither satisfied nor dissatisfied|Satisfied|Extremely satisfied",
        "Very poor|Poor|Neither good nor poor|Good|Very good",
        "Poor|Fair|Good|Very good|Excellent",
        "Very poor|Poor|Average|Good|Excellent",
        "Never|Rarely|Sometimes|Often|Always",
        "None of the time|A little of the time|Some of the time|Most of the time|All of the time",
        "Never|Sometimes|About half the time|Most of the time|Always",
        "Never|Almost never|Sometimes|Fairly often|Very often",
        "Not at all|A little|Somewhat|Quite a bit|A great deal",
        "To a very small extent|To a small extent|To some extent|To a great extent|To a very great extent",
        "Minimal|Slight|Moderate|Good|Extensive",
        "Not at all confident|Slightly confident|Somewhat confident|Very confident|Extremely confident",
        "Not at all knowledgable|A little knowledgeable|Somewhat knowledgable|Very knowledgable|Extremely knowledgable",
        "Not at all true of me|Slightly true of me|Moderately true of me|Mostly true of me|Completely true of me",
        "Not at all likely|Slightly likely|Somewhat likely|Very likely|Extremely likely",
        "Very unlikely|Unlikely|Neither likely nor unlikely|Likely|Very likely",
        "Definitely not|Probably not|Might or might not|Probably|Definitely",
        "Much worse|Somewhat worse|About the same|Somewhat better|Much better",
        "Very poorly|Poorly|Fairly well|Well|Very well",
        "Very untrue|Untrue|Neither|True|Very true",
        "Very unimportant|Unimportant|Neutral|Important|Very important",
        "Very disorganised|Disorganised|Neither|Organised|Very organised",
        "Very low|Low|Medium|High|Very high",
        "Very difficult|Difficult|Neither easy nor difficult|Easy|Very easy",
    ],
)
def test_words_have_their_place_in_any_order(words: str) -> None:
    cells = words.split("|")
    assert read(words) == [1.0, 2.0, 3.0, 4.0, 5.0]
    shuffled = random.Random(words).sample(cells, 5)
    scale = known("|".join([*shuffled, *shuffled, "", "Don't know"]))
    assert [scale.read(cell.upper()) for cell in cells] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert (scale.low, scale.high, scale.confidence) == (1, 5, "sure")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("|".join(SEVEN), [1, 2, 3, 4, 5, 6, 7]),
        ("Completely agree|Mostly agree|Slightly agree|Slightly disagree", [7, 6, 5, 3]),
        ("Extremely dissatisfied|Moderately dissatisfied|Slightly dissatisfied|Slightly satisfied", [1, 2, 3, 5]),
        ("Very confident|Fairly confident|Not very confident|Not at all confident", [4, 3, 2, 1]),
        ("Inadequate|Requires improvement|Good|Outstanding", [1, 2, 3, 4]),
    ],
)
def test_scales_of_other_lengths(words: str, expected: list[int]) -> None:
    assert read(words) == expected


def test_unused_options_leave_the_others_where_they_are() -> None:
    assert read("Agree|Disagree|Agree") == [4, 2, 4]
    assert read("Strongly agree|Agree|Agree") == [5, 4, 4]
    assert read("Not at all confident|Slightly confident|Somewhat confident") == [1, 2, 3]
    assert read("Very confident|Extremely confident") == [4, 5]
    assert read("Good|Extensive|Good") == [4, 5, 4]


def test_the_settings_length_decides_where_words_fit_several() -> None:
    likely = known("Agree|Disagree")
    assert likely.confidence == "likely"
    assert "would also fit" in likely.reason
    assert read("Agree|Disagree", low=1, high=7) == [6, 2]
    assert read("Strongly agree|Agree|Disagree", low=1, high=4) == [4, 3, 2]
    assert read("Strongly agree|Agree|Disagree", low=0, high=4) == [4, 3, 1]
    assert read("Strongly agree|Agree|Disagree", low=0, high=10) == [5, 4, 2]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("5 - Strongly agree|4 - Agree|2 – Disagree", [5, 4, 2]),
        ("Strongly agree (5)|Agree (4)|Disagree (2)", [5, 4, 2]),
        ("(5) Strongly agree|5: strongly agree|5=Strongly agree|5. Strongly agree|4 agree", [5, 5, 5, 5, 4]),
        ("5 - Strongly agree|4|2|3|Agree", [5, 4, 2, 3, 4]),
        ("1 - Not at all|2|3|4|5 - Completely", [1, 2, 3, 4, 5]),
        ("1 (Not at all)|2|6|7 (Completely)", [1, 2, 6, 7]),
        ("0 - Never|1 - Rarely|4 - Always|3", [0, 1, 4, 3]),
        ("Not at all|2|3|6|Completely", [1, 2, 3, 6, 7]),
        ("1 - awful-ish|2 - so so|3 - fine|4 - lovely|2", [1, 2, 3, 4, 2]),
        ("4/5|3/5|5 out of 5", [4, 3, 5]),
        ("4|4.0|4,0|3|5|5", [4, 4, 4, 3, 5, 5]),
        ("★★★☆☆|★★★★★|★★☆☆☆", [3, 5, 2]),
    ],
)
def test_numbers_with_words(cells: str, expected: list[int]) -> None:
    assert read(cells) == expected


def test_words_decide_where_numbers_run_the_other_way() -> None:
    cells = "1 - Strongly agree|2 - Agree|3 - Neutral|4 - Disagree|5 - Strongly disagree|2|6 - Cannot say"
    scale = known(cells)
    assert [scale.read(cell) for cell in cells.split("|")] == [5, 4, 3, 2, 1, 4, values.CANNOT_SAY]
    assert "other way" in scale.reason


def test_a_cell_whose_number_and_words_differ_is_an_error() -> None:
    scale = known("5 - Strongly agree|4 - Agree|4 - Agree|2 - Disagree|1 - Strongly disagree|5 - Strongly disagree")
    assert scale.read("5 - Strongly disagree") == "number and words differ"


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("We trust each other (1 = strongly agree, 5 = strongly disagree)", "1|2|4|4", [5, 4, 2, 2]),
        ("How likely are you to say so? (0 = not at all, 10 = completely)", "0|2|9", [0, 2, 9]),
        ("From 1 (strongly disagree) to 7 (strongly agree)", "3|2|7", [3, 2, 7]),
        ("from strongly agree (1) to strongly disagree (7)", "3|2|7", [5, 6, 1]),
        ("Rate it: 1 = best, 5 = worst", "1|2|5", [5, 4, 1]),
        ("Rate it: 1 = low, 5 = high, 9 = don't know", "1|2|9", [1, 2, values.CANNOT_SAY]),
        ("On a scale from 1 to 10, how well?", "3|2|4", [3, 2, 4]),
        ("How well? (1-7)", "3|2|4", [3, 2, 4]),
        ("How well, out of 10?", "3|2|4", [3, 2, 4]),
    ],
)
def test_a_header_tells_what_its_numbers_mean(header: str, cells: str, expected: list[float | str]) -> None:
    assert read(cells, header) == expected


def test_the_ends_in_a_header() -> None:
    ends = {header: known("3|2|4", header) for header in ("Scale from 1 to 10", "(1-7)", "out of 10", "1 to 4")}
    assert {header: (scale.low, scale.high) for header, scale in ends.items()} == {
        "Scale from 1 to 10": (1, 10),
        "(1-7)": (1, 7),
        "out of 10": (0, 10),
        "1 to 4": (1, 4),
    }
    weeks = known("3|2|4|5", "Over the last 1-4 weeks, how well?")
    assert (weeks.low, weeks.high) == (1, 5)


OFFSET = {str(15 + place): label for place, label in enumerate(SEVEN)}


def test_offset_codes_are_read_by_their_labels() -> None:
    assert read("Somewhat agree|Agree|Refused", labels={**OFFSET, "-9": "Refused"}) == [5, 6, values.CANNOT_SAY]
    assert read("15|21|18|9", labels={**OFFSET, "9": "Don't know"}) == [1, 7, 4, values.CANNOT_SAY]
    scale = known("15|21|18", labels=OFFSET)
    assert (scale.low, scale.high, scale.confidence) == (1, 7, "sure")
    assert scale.read("3") == "outside 15 to 21"


def test_reversed_codes_and_the_number_of_labels() -> None:
    four = {"1": "Strongly agree", "2": "Agree", "3": "Disagree", "4": "Strongly disagree"}
    assert read("Agree|Disagree|1", labels=four) == [3, 2, 4]
    steps = {"20": "Very poor", "40": "Poor", "60": "Fair", "80": "Good", "100": "Very good"}
    assert read("20|100|60|Good", labels=steps) == [1, 5, 3, 4]


def test_labels_at_the_ends_only() -> None:
    assert read("Not at all|16|20|Completely", labels={"15": "Not at all", "21": "Completely"}) == [1, 2, 6, 7]
    assert read("2|9|4", labels={"1": "Excellent", "10": "Poor"}) == [9, 2, 7]
    unknown = known("Gar nicht|16|20|19|Sehr", labels={"15": "Gar nicht", "21": "Sehr"})
    assert [unknown.read(cell) for cell in ("Gar nicht", "16", "Sehr")] == [1, 2, 7]
    assert unknown.confidence == "doubtful"


def test_labels_of_kinds_are_no_scale() -> None:
    assert recognised("Male|Female|Male", labels={"1": "Male", "2": "Female"}) is None
    assert recognised("1|2|3|2", labels={"1": "North", "2": "South", "3": "West"}) is None
    assert recognised("1|2|5|3|-9", labels={"-9": "Refused"}) is not None


@pytest.mark.parametrize(
    "cells",
    [
        "Yes|No|Partly|Yes",
        "TRUE|FALSE",
        "0|1|1|0",
        "3|3|3|3|3",
        "1|2|3|4|5|6",
        "ward-1|ward-2|ward-3|ward-2",
        "1975|1980|2001",
        "34|45|51",
        "4 days|3 days|2 days",
        "Trust|Communication|Patience",
        "Agree|blue|green|red",
        "Good|It was all fine really|Poor show|Lovely",
        "Full time|Part time",
        "N/A|Don't know|-",
        "R1|R2|R3",
        "80|75|90",
    ],
)
def test_what_holds_no_ratings(cells: str) -> None:
    assert recognised(cells) is None


@pytest.mark.parametrize(
    "header", ["How many times did you meet?", "Number of meetings", "Years in post", "Age", "Age group"]
)
def test_counts_and_ages_are_no_ratings(header: str) -> None:
    assert recognised("1|2|5|3|2", header) is None
    assert recognised("1|2|5|3|2", "How well do you work together this year?") is not None


@pytest.mark.parametrize(
    ("cells", "ends", "confidence"),
    [
        ("2|3|3|2", (1, 5), "likely"),
        ("4|6|7|5|2", (1, 7), "likely"),
        ("0|10|8|7|3", (0, 10), "likely"),
        ("0|6|8|7|3", (0, 10), "doubtful"),
        ("0|4|2|2|3", (0, 4), "doubtful"),
        ("7|8|9|9|7", (0, 10), "doubtful"),
        ("4|5|55|3|2|4|4|5|3|2", (1, 5), "likely"),
    ],
)
def test_numbers_alone(cells: str, ends: tuple[int, int], confidence: str) -> None:
    scale = known(cells)
    assert ((scale.low, scale.high), scale.confidence) == (ends, confidence)


def test_a_longer_scale_needs_more_than_a_tenth_beyond_the_audits_own() -> None:
    assert known("|".join(["1"] * 50 + ["3"] * 45 + ["7"] * 5)).high == 5
    assert known("|".join(["1"] * 45 + ["3"] * 40 + ["7"] * 15)).high == 7


def test_ends_set_by_hand_win() -> None:
    scale = known("2|3|3|2|9", low=1, high=10)
    assert ((scale.low, scale.high), scale.confidence) == ((1, 10), "sure")
    assert known("2|3|4|2", "Rate it (1-7)", low=1, high=4).high == 4
    assert known("80|75|90", "Per cent of the time").high == 100


def test_errors_in_words() -> None:
    scale = known("4|5|3|2|1|4")
    assert scale.read("6") == "outside 1 to 5"
    assert scale.read("3.5") == "not a whole number"
    assert scale.read("4 or 5") == "not a number"
    assert scale.read("2025-05-01") == "not a number"
    assert scale.read("9/10") == "not a number"
    assert scale.read("-") == values.BLANK
    assert scale.read("N/A") == values.CANNOT_SAY


def test_a_mistyped_word_is_one_bad_cell_and_no_end_of_the_column() -> None:
    assert read("Agree|Agree|Strongly agree|Agre|Disagree|Agree") == [4, 4, 5, "not a number", 2, 4]


def test_own_words() -> None:
    assert read("four|5|3", words={"Four": 4}) == [4, 5, 3]
    assert read("Brilliant|Agree|Disagree|Agree", words={"brilliant": 5}) == [5, 4, 2, 4]
    assert scales.by_settings(Ratings(words={"nine": 9})).read("Nine") == "outside 1 to 5"


def test_scored_on_the_audits_scale() -> None:
    seven = known("1|7|4|6")
    assert [seven.scored(value, 1, 5, False) for value in (1.0, 4.0, 6.0, 7.0)] == [1, 3, pytest.approx(4.333333333), 5]
    assert seven.scored(6, 1, 7, True) == 2
    ten = known("0|10|8|7|3")
    assert ten.scored(10, 1, 5, True) == 1
    assert ten.scored(2.5, 1, 5, False) == 2


@pytest.mark.parametrize(
    ("header", "marked"),
    [
        ("We avoid difficult subjects (r)", True),
        ("Q3 [Reversed]", True),
        ("Avoidance (R)", True),
        ("DIS3 (reverse scored)", True),
        ("Reverse-coded: we avoid", True),
        ("DIS3_r", False),
        ("Rate (or not)", False),
        ("R", False),
    ],
)
def test_marked_reversed(header: str, marked: bool) -> None:
    assert scales.marked_reversed(header) is marked


def test_the_order_of_rows_changes_nothing() -> None:
    cells = "Poor|Fair|Good|Good|Very good|Agree".split("|")
    random.Random(3).shuffle(cells)
    found = {str(scales.recognise(sorted(cells, reverse=turn), Ratings())) for turn in (True, False)}
    assert len(found) == 1


def test_every_phrase_of_the_file_is_read_on_its_own_scale() -> None:
    for points in (3, 4, 5, 6, 7):
        places = answer_words.of_length(points)
        assert set(places.values()) == set(range(1, points + 1))
        scale = scales.usual(1.0, float(points))
        assert all(scale.read(word) == place for word, place in places.items())


@pytest.mark.parametrize("text", ["not " * 8000, "1" * 32000, "1 (" * 8000, " 1 - a" * 5000, "☆" * 32000, "a-" * 16000])
def test_long_texts_take_no_time(text: str) -> None:
    began = time.perf_counter()
    assert scales.recognise([text, text + "x", "Agree"], Ratings()) is None
    scales.recognise(["1", "3", "2"], Ratings(), header=text, labels={"1": text, "5": text})
    assert scales.usual(1.0, 5.0).read(text) == "not a number"
    assert time.perf_counter() - began < 1


def test_a_million_cells_are_read_in_seconds() -> None:
    words = ["Strongly agree", "Agree", "Neither agree nor disagree", "Disagree", "Don't know", ""]
    cells = [random.Random(1).choice(words) for _ in range(1000)] * 1000
    began = time.perf_counter()
    scale = scales.recognise([cell for cell in cells if cell], Ratings())
    assert scale is not None
    assert sum(scale.read(cell) == 4.0 for cell in cells) > 1000
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            "Stimme voll zu|Stimme eher zu|Teils, teils|Stimme eher nicht zu|Keine Angabe",
            [5, 4, 3, 2, values.CANNOT_SAY],
        ),
        ("trifft zu|trifft eher zu|trifft eher nicht zu|trifft nicht zu", [4, 3, 2, 1]),
        ("stimme zu|stimme nicht zu|weder noch|stimme überhaupt nicht zu", [4, 2, 3, 1]),
        ("Tout à fait d’accord|D'accord|Pas d'accord|Neutre|Pas du tout d'accord", [5, 4, 2, 3, 1]),
        ("Muy de acuerdo|De acuerdo|En desacuerdo|No aplica", [5, 4, 2, values.CANNOT_SAY]),
        ("Helemaal mee eens|Mee eens|Neutraal|Mee oneens", [5, 4, 3, 2]),
        ("immer|oft|manchmal|selten|nie", [5, 4, 3, 2, 1]),
    ],
)
def test_scales_of_other_languages(cells: str, said: list[object]) -> None:
    assert read(cells) == said
