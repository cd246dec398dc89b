from __future__ import annotations

import pytest

from auditkit import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-14", "2025-01-14"),
        ("2025/1/14", "2025-01-14"),
        ("2025-01-14 09:30:00", "2025-01-14"),
        ("2025-01-14T09:30:00Z", "2025-01-14"),
        ("2025-01-14T09:30:00.123+01:00", "2025-01-14"),
        ("2025-01-14 09:30:00 UTC", "2025-01-14"),
        ("20250114", "2025-01-14"),
        ("14/01/2025", "2025-01-14"),
        ("14/01/2025 13:10:31", "2025-01-14"),
        ("14/01/2025 1:10 pm", "2025-01-14"),
        ("14/01/2025, 1:10:31 p.m.", "2025-01-14"),
        ("3/4/25", "2025-04-03"),
        ("14.01.2025", "2025-01-14"),
        ("14–01–2025", "2025-01-14"),
        ("14 January 2025", "2025-01-14"),
        ("14-Jan-25", "2025-01-14"),
        ("14th Sept 2025", "2025-09-14"),
        ("Tuesday, 14 January 2025", "2025-01-14"),
        ("Jan 14, 2025", "2025-01-14"),
        ("January 14th, 2025 9:30 AM", "2025-01-14"),
        ("14. Januar 2025", "2025-01-14"),
        ("14. März 2025", "2025-03-14"),
        ("14 février 2025", "2025-02-14"),
        ("14 de enero de 2025", "2025-01-14"),
        ("45671", "2025-01-14"),
        ("45671.396", "2025-01-14"),
        ("", ""),
        ("-", ""),
        ("last week", None),
        ("31/02/2025", None),
        ("14 Janxyz 2025", None),
        ("14/01/1965", None),
        ("2025-13-01", None),
        ("99999", None),
        ("Ward 3", None),
        ("12", None),
        ("4.5", None),
    ],
)
def test_date(text: str, expected: str | None) -> None:
    assert dates.date(text) == expected


def test_serial_numbers_of_1904() -> None:
    assert dates.date("44209", from_1904=True) == "2025-01-14"


def test_the_column_shows_which_number_is_the_month() -> None:
    assert dates.order(["8/21/2019 13:10:31", "9/4/2019 11:58:32"]) == "month"
    assert dates.order(["21/8/2019", "9/4/2019"]) == "day"
    assert dates.order(["9/4/2019", "1/2/2019"]) == "unclear"
    assert dates.order(["4/4/2019", "2025-01-14", "14 Jan 2025"]) == "day"
    assert dates.date("9/4/2019 11:58:32", month_first=True) == "2019-09-04"


def test_both_orders_in_one_column() -> None:
    texts = ["21/8/2019", "25/8/2019", "8/21/2019", "9/4/2019"]
    assert dates.order(texts) == "day"
    assert dates.mixed(texts)
    assert not dates.mixed(["21/8/2019", "9/4/2019"])
    assert dates.date("8/21/2019") is None


def test_how_many_dates_hang_on_the_order() -> None:
    assert dates.unclear(["9/4/2019", "4/4/2019", "21/8/2019", "2025-01-02"]) == 1
