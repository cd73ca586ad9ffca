"""The month an address asks for."""

from datetime import date

import pytest

from hubportal.usage.months import Month, months_back, read_month

TODAY = date(2026, 11, 21)
NOW = Month(2026, 11)


@pytest.mark.parametrize(
    ("text", "month"), [("2026-11", NOW), ("2026-01", Month(2026, 1)), ("1999-12", Month(1999, 12))]
)
def test_a_month_is_read(text: str, month: Month) -> None:
    assert read_month(text, TODAY) == month
    assert str(month) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "0000-01",
        "2026-11-01",
        "november",
        "２０２６-11",
        "2026-11\n",
        "-1-01",
        "9999-12",
    ],
)
def test_nonsense_and_the_future_fall_back_to_this_month(text: str) -> None:
    assert read_month(text, TODAY) == NOW


@pytest.mark.parametrize(
    ("month", "last"), [(Month(2026, 2), 28), (Month(2028, 2), 29), (Month(2026, 12), 31), (Month(9999, 12), 31)]
)
def test_a_month_knows_its_days(month: Month, last: int) -> None:
    assert (month.first.day, month.last.day) == (1, last)


def test_months_go_back_to_the_first_entry() -> None:
    months = months_back(Month(2027, 2), date(2026, 11, 30))

    assert [str(month) for month in months] == ["2027-02", "2027-01", "2026-12", "2026-11"]


@pytest.mark.parametrize("since", [None, date(2026, 11, 1), date(2027, 1, 1)])
def test_without_older_entries_there_is_this_month(since: date | None) -> None:
    assert months_back(NOW, since) == [NOW]
