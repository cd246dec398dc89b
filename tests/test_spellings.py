"""Near-misses: what a person would look at is offered, and nothing that differs in a number."""

from __future__ import annotations

import re
import string
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.errors import AuditkitError
from auditkit.spellings import SHOWN, Near, decided, near, near_code, near_person, person_key, squeeze


def kinds(*codes: str, times: int = 2) -> dict[tuple[str, str], str]:
    return {(one.a, one.b): one.kind for one in near(dict.fromkeys(codes, times))}


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("ward-3", "wrad-3", "a typing mistake"),
        ("cardiology", "cardiolgy", "a typing mistake"),
        ("tower-hamlets", "tower-hamlest", "a typing mistake"),
        ("elderly-medicine", "eldrely-medicnie", "a typing mistake"),
        ("ward-3", "ward-03", "a leading zero"),
        ("p-1", "p-01", "a leading zero"),
        ("ward-3", "ward3", "blanks and signs"),
        ("older-people's", "older-peoples", "blanks and signs"),
        ("heart-and-lung", "heart-lung", '"&" or a small word'),
        ("dept-of-medicine", "department-of-medicine", "an abbreviation"),
        ("st-mary's", "saint-marys", "an abbreviation"),
        ("older-people-medicine", "medicine-older-people", "the order of the words"),
        ("cardiology", "cardiology-ward", "a general word more, such as ward or team"),
        ("ward-3", "3", "a general word more, such as ward or team"),
        ("a&e", "accident-and-emergency", "initials"),
        ("camhs", "child-and-adolescent-mental-health-service", "initials"),
    ],
)
def test_what_a_person_would_look_at_is_offered(one: str, other: str, kind: str) -> None:
    found = kinds(one, other)
    assert len(found) == 1
    ((pair, why),) = found.items()
    assert set(pair) == {one, other}
    assert why == kind


@pytest.mark.parametrize(
    "codes",
    [
        "ward-1 ward-2 ward-11 ward-12 ward-21",
        "p-01 p-02 p-10 p-20",
        "ward-a ward-b ward-3a ward-3b ward-3",
        "ward-ii ward-iii team-one team-two",
        "north south east west north-1 south-1",
        "male female elm elk ash oak inpatient outpatient internal-medicine external-medicine",
        "hypertension-clinic hypotension-clinic neurology neurosurgery",
        "ward-3 team-3 clinic-3",
        "r-7kq2 r-7kq3 r-m4xd r-m4xe r-7kqz r-7kqx",
    ],
)
def test_names_that_differ_for_good_are_not_offered(codes: str) -> None:
    assert kinds(*codes.split()) == {}


def test_a_code_with_one_row_beside_a_full_pair_is_offered_only_if_it_is_no_other_number() -> None:
    assert near({"r-7kqz2": 2, "r-7kqz3": 1}) == ()


def test_the_name_met_more_often_is_kept_and_its_line_fits_audit_toml() -> None:
    (found,) = near({"wrad-3": 1, "ward-3": 5})
    assert found == Near("ward-3", "wrad-3", 0.83, "a typing mistake")
    assert tomllib.loads(f"[pairs]\n{found.line}") == {"pairs": {"wrad-3": "ward-3"}}
    odd = Near('the "big" ward', "a\\b", 0.5, "")
    assert tomllib.loads(odd.line) == {"a\\b": 'the "big" ward'}


def test_many_spellings_of_one_name_are_offered_once_each() -> None:
    found = near({"ward-3": 9, "ward-03": 1, "ward3": 1, "wrad-3": 1})
    assert [(one.a, one.b) for one in found] == [("ward-3", "ward-03"), ("ward-3", "ward3"), ("ward-3", "wrad-3")]


def test_what_was_decided_is_not_offered_again() -> None:
    codes = {"ward-3": 5, "wrad-3": 1}
    assert near(codes, {"wrad-3": "ward-3"}) == ()
    assert near(codes, {"WRAD 3": "wrad-3"}) == ()  # stays itself


def test_no_more_than_a_person_reads() -> None:
    codes = {name: 2 for letter in string.ascii_lowercase for name in (f"{letter}ardiology", f"{letter}ardiolgoy")}
    assert len(near(codes)) == SHOWN


def test_decisions_are_followed_in_any_spelling_and_never_in_a_circle() -> None:
    table = {"Wrad 3": "ward-03", "ward-03": "ward-3", "elm": "elm"}
    assert decided("wrad-3", table) == "ward-3"
    assert decided("elm", table) == "elm"
    assert decided("ward-4", table) == "ward-4"
    with pytest.raises(AuditkitError, match=r"audit\.toml"):
        decided("a-1", {"a-1": "b-1", "b-1": "a-1"})


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("MA12", "MA13", "one sign apart"),
        ("MA12", "AM12", "two signs turned round"),
        ("M0A1", "mo-al", "signs that look alike, such as 0 and O"),
        ("P-7", "P-07", "a leading zero"),
    ],
)
def test_codes_that_were_typed_wrongly(one: str, other: str, why: str) -> None:
    found = near_code(one, other)
    assert found is not None
    assert found[1] == why


@pytest.mark.parametrize(("one", "other"), [("MA12", "MA12"), ("MA12", "ma-12"), ("a1", "a2"), ("MA12", "XY34")])
def test_codes_that_are_equal_or_far_apart_are_no_near_miss(one: str, other: str) -> None:
    assert near_code(one, other) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("j.smith@trust.nhs.uk", "john.smith@trust.nhs.uk"),
        ("john.smith@trust.nhs.uk", "john.smith@nhs.net"),
        ("jon.smith@trust.nhs.uk", "john.smith@trust.nhs.uk"),
        ("john.smith@trsut.nhs.uk", "john.smith@trust.nhs.uk"),
        ("smith.john@trust.nhs.uk", "john.smith@trust.nhs.uk"),
        ("Smith, John", "Dr John Smith"),
        ("John A. Smith", "John Smith"),
        ("John Smith", "john.smith@trust.nhs.uk"),
        ("jsmith@trust.nhs.uk", "John Smith"),
        ("José Núñez", "jose nunez"),
    ],
)
def test_names_and_addresses_of_one_person(one: str, other: str) -> None:
    found = near_person(one, other)
    assert found is not None
    assert found == near_person(other, one)
    assert 0.5 < found[0] < 1
    assert not {"john", "smith", "jose"} & set(re.findall(r"\w+", found[1].casefold()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jane.smith@trust.nhs.uk", "john.smith@trust.nhs.uk"),
        ("john.smith@trust.nhs.uk", "john.smith2@trust.nhs.uk"),
        ("john.smith@trust.nhs.uk", "john.jones@trust.nhs.uk"),
        ("info@trust.nhs.uk", "info@hospital.nhs.uk"),
        ("Ada Byron", "Grace Hopper"),
        ("12345", "12346"),
    ],
)
def test_names_and_addresses_of_two_people(one: str, other: str) -> None:
    assert near_person(one, other) is None


def test_titles_accents_and_order_do_not_make_another_name() -> None:
    spelled = {person_key(text) for text in ("Dr Ada Byron", "BYRON, Ada", "Prof. Ada  Býron")}
    assert spelled == {"ada byron"}
    assert person_key(" Ada.Byron@X.uk ") == "ada.byron@x.uk"


NAMES = st.lists(
    st.one_of(
        st.from_regex(r"(ward|wrad|unit|st|saint|north|dept|heart)-?(and-|&)?(0?[1-9]|1[0-9]|a|b)?", fullmatch=True),
        st.text("abdorw-& 0123", min_size=1, max_size=12),
    ),
    unique=True,
    max_size=12,
)


@given(NAMES, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_names_changes_nothing_and_numbers_keep_names_apart(names: list[str], random: object) -> None:
    counts = {name: 1 + len(name) % 3 for name in names}
    shuffled = list(counts.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = near(counts)
    assert found == near(dict(shuffled))
    assert len({frozenset((one.a, one.b)) for one in found}) == len(found) <= SHOWN
    for one in found:
        assert one.a != one.b
        assert counts[one.a] >= counts[one.b]
        assert 0 <= one.likeness <= 1
        numbers = [sorted(int(digits) for digits in re.findall(r"\d+", name)) for name in (one.a, one.b)]
        assert numbers[0] == numbers[1]


@given(st.text("MA01OIl-é", max_size=7), st.text("MA01OIl-é", max_size=7))
@settings(max_examples=200, deadline=None)
def test_likeness_of_codes_and_people_goes_both_ways(one: str, other: str) -> None:
    assert near_code(one, other) == near_code(other, one)
    assert near_person(one, other) == near_person(other, one)
    if squeeze(one) == squeeze(other):
        assert near_code(one, other) is None
