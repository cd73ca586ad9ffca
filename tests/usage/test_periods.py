"""Any range of days, by its address: as a page, as a file and for a program."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry
from tests import makers

BrowserOf = Callable[[str], Client]
Entry = Callable[..., LedgerEntry]


@pytest.fixture(autouse=True)
def _in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def page(browser_of: BrowserOf, team: Team) -> Callable[..., Any]:
    """The parsed page for a query; `status` is its status."""

    def get(status: int = 200, **asked: str) -> Any:
        response = browser_of("owner").get(reverse("usage:overview", args=[team.slug]), asked)
        assert response.status_code == status
        return BeautifulSoup(response.content, "html.parser")

    return get


@pytest.fixture
def told(browser_of: BrowserOf, team: Team) -> Callable[..., Any]:
    """The JSON for a query."""

    def get(status: int = 200, **asked: str) -> Any:
        response = browser_of("admin").get(reverse("usage:json", args=[team.slug]), asked)
        assert response.status_code == status
        return response.json()

    return get


def spent(page: Any) -> str:
    return str(page.select_one("dl.numbers dd").get_text(strip=True))


def chart(page: Any) -> tuple[str, list[str]]:
    """Its caption, and the titles of its bars."""
    bars = page.select_one("svg.bars")
    return bars["aria-label"], [title.get_text() for title in bars.find_all("title")]


@pytest.fixture(autouse=True)
def _two_years(entry: Entry, team: Team) -> None:
    Team.objects.filter(pk=team.pk).update(created_at=datetime(2024, 12, 2, tzinfo=UTC))
    entry(date(2024, 12, 5), 1)
    entry(date(2026, 1, 1), 2)
    entry(date(2026, 10, 31), 4)
    entry(date(2026, 11, 1), 8)
    entry(date(2026, 11, 21), 16)


@pytest.mark.parametrize(
    ("asked", "credits"),
    [
        ({}, 24),
        ({"month": "2026-10"}, 4),
        ({"from": "2026-10-01", "to": "2026-10-31"}, 4),
        ({"from": "2026-10-31", "to": "2026-11-01"}, 12),
        ({"from": "2026-11-21", "to": "2026-11-21"}, 16),
        ({"from": "2026-01-01", "to": "2026-12-31"}, 30),
        ({"from": "2024-01-01", "to": "2026-11-20"}, 15),
        ({"from": "2026-10-31"}, 28),
        ({"to": "2026-10-31"}, 7),
        ({"to": "2020-01-01"}, 0),
        ({"from": "2027-01-01"}, 0),
        ({"from": "2026-10-31", "month": "2026-01"}, 28),
        ({"from": "2000-01-01", "to": "9000-01-01"}, 31),
    ],
)
def test_any_days_can_be_asked_for(page: Any, told: Any, asked: dict[str, str], credits: int) -> None:
    assert spent(page(**asked)) == str(credits)
    assert told(**asked)["total"]["credits"] == credits


@pytest.mark.parametrize(
    ("asked", "field", "credits"),
    [
        ({"from": "yesterday"}, "from", 24),
        ({"from": "2026-02-30", "to": "2026-11-01"}, "from", 15),
        ({"from": "1999-12-31"}, "from", 24),
        ({"to": "9999-12-31"}, "to", 24),
        ({"from": "2026-11-09", "to": "2026-11-03"}, "to", 16),
        ({"by": "week"}, "by", 24),
        ({"from": "2026-01-01", "to": "2026-11-30", "by": "day"}, "by", 30),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field_and_left_out(
    page: Any, told: Any, asked: dict[str, str], field: str, credits: int
) -> None:
    shown = page(422, **asked)

    assert spent(shown) == str(credits)
    assert shown.find(id=f"id_{field}_error").get_text(strip=True).endswith("This is left out.")
    assert list(told(422, **asked)["errors"]) == [field]


def test_the_form_has_the_days_that_are_shown(page: Any) -> None:
    shown = page(**{"from": "2026-10-31", "to": "2026-11-01"})

    assert {one["name"]: one["value"] for one in shown.select(".periods form input")} == {
        "from": "2026-10-31",
        "to": "2026-11-01",
    }
    assert not shown.select(".periods [aria-current]")


@pytest.mark.parametrize(
    ("name", "credits"), [("This month", "24"), ("Last month", "4"), ("This year", "30"), ("October 2026", "4")]
)
def test_what_most_people_ask_for_is_a_link(browser_of: BrowserOf, page: Any, name: str, credits: str) -> None:
    here = reverse("usage:overview", args=["studio-north"])
    link = next(one for one in page().select(".periods a") if one.get_text(strip=True) == name)

    found = BeautifulSoup(browser_of("owner").get(here + "?" + link["href"].split("?")[1]).content, "html.parser")

    assert spent(found) == credits
    assert name in {one.get_text(strip=True) for one in found.select(".periods [aria-current]")} | {"October 2026"}


def test_days_up_to_two_months_then_months(page: Any) -> None:
    assert chart(page(**{"from": "2026-10-01", "to": "2026-11-30"})) == (
        "Credits by day", ["October 31: 4 credits", "November 1: 8 credits", "November 21: 16 credits"],
    )  # fmt: skip
    by_month = ["October 2026: 4 credits", "November 2026: 24 credits"]
    assert chart(page(**{"from": "2026-10-01", "to": "2026-11-30", "by": "month"})) == ("Credits by month", by_month)
    assert chart(page(**{"from": "2026-09-30", "to": "2026-12-01"})) == ("Credits by month", by_month)


def test_a_bar_leads_to_the_days_of_its_month_that_are_shown(page: Any) -> None:
    shown = page(**{"from": "2026-01-01", "to": "2026-11-20"})

    links = [bar["href"].split("?")[1] for bar in shown.select("svg.bars a")]

    assert links == [
        "from=2026-01-01&to=2026-01-31",
        "from=2026-10-01&to=2026-10-31",
        "from=2026-11-01&to=2026-11-20",
    ]


def test_years_without_entries_are_not_drawn(page: Any) -> None:
    shown = page(**{"from": "2000-01-01", "to": "9000-01-01"})

    assert shown.select_one("svg.bars")["viewbox"] == "0 0 24 100"
    assert [mark.get_text() for mark in shown.select(".chart-axis span")] == [
        "December 2024",
        "November 2025",
        "November 2026",
    ]


def test_the_table_that_is_asked_for_comes_first(page: Any) -> None:
    def order(**asked: str) -> list[str]:
        return [section["aria-labelledby"] for section in page(**asked).select(".two section")]

    assert order() == ["by-person", "by-key", "by-model"]
    assert order(by="model") == ["by-model", "by-person", "by-key"]


def test_the_file_has_the_entries_of_the_days_in_order(browser_of: BrowserOf, team: Team) -> None:
    place = reverse("usage:csv", args=[team.slug])

    response = browser_of("owner").get(place, {"from": "2026-01-01", "to": "2026-11-01"})

    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [row["credits"] for row in rows] == ["2", "4", "8"]
    assert response["Content-Disposition"] == 'attachment; filename="studio-north-2026-01-01_2026-11-01.csv"'


def test_instead_of_a_file_for_other_days_there_is_the_page(browser_of: BrowserOf, team: Team) -> None:
    response = browser_of("owner").get(reverse("usage:csv", args=[team.slug]), {"from": "yesterday"})

    assert (response.status_code, response["Content-Type"]) == (422, "text/html; charset=utf-8")


def test_a_program_is_told_the_numbers_of_the_page(cast: SimpleNamespace, entry: Entry, told: Any) -> None:
    key = makers.make_key(cast.team)
    entry(date(2026, 11, 5), 12, key=key, pictures=3, author=cast.owner, model="nanobanana2")
    entry(date(2026, 11, 6), -4, kind="refund", key=key, pictures=-1, author=cast.owner, model="nanobanana2")
    sums = {"credits": 8, "charged": 12, "refunded": -4, "corrected": 0, "generations": 1, "pictures": 2, "refunds": 1}
    rest = {"credits": 24, "charged": 24, "refunded": 0, "corrected": 0, "generations": 2, "pictures": 2, "refunds": 0}

    assert told(by="key") == {
        "team": "studio-north",
        "from": "2026-11-01",
        "to": "2026-11-30",
        "by": "key",
        "total": {
            "credits": 32,
            "charged": 36,
            "refunded": -4,
            "corrected": 0,
            "generations": 3,
            "pictures": 4,
            "refunds": 1,
        },
        "lines": [{"key": None, "name": "Not known", **rest}, {"key": str(key.pk), "name": str(key), **sums}],
    }
    assert told(by="person")["lines"] == [
        {"person": cast.member.pk, "name": "Mina", **rest},
        {"person": cast.owner.pk, "name": "Anna", **sums},
    ]
    assert told(by="model")["lines"][1] == {"model": "nanobanana2", "name": "Nano Banana 2", **sums}
    assert [line["day"] for line in told()["lines"]] == ["2026-11-01", "2026-11-05", "2026-11-06", "2026-11-21"]
    assert [line["month"] for line in told(by="month")["lines"]] == ["2026-11"]
