"""The gallery's months: how many pictures each has, where it leads, and what filters leave of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hubportal.gallery import months
from hubportal.generations.models import Image, Visibility
from tests.gallery.kept import many, picture
from tests.gallery.reading import open_gallery, parsed, shown_pictures

Browsers = Callable[[str], Client]


def open_months(browser: Client, team: Any, **asked: str) -> BeautifulSoup:
    return parsed(browser.get(reverse("gallery:months", args=[team.slug]), asked))


def told(page: BeautifulSoup) -> dict[str, list[str]]:
    """The months of each year, in words."""
    return {
        str(year.h2 and year.h2.text): [" ".join(link.text.split()) for link in year.select("a")]
        for year in page.select(".months-year")
    }


@pytest.fixture
def pictures(cast: SimpleNamespace) -> list[Image]:
    """Two of November and one of March 2026, and one of the last moment of 2024; the newest first."""
    moments = [(2026, 11, 20), (2026, 11, 1), (2026, 3, 31, 23, 59), (2024, 12, 31, 23, 59, 59, 999_999)]
    return [
        picture(cast.team, cast.member, f"Boat {at}", created_at=datetime(*moment, tzinfo=UTC))  # type: ignore[misc, arg-type]
        for at, moment in enumerate(moments)
    ]


def test_each_month_says_how_many_pictures_it_has(
    cast: SimpleNamespace, browser_of: Browsers, pictures: list[Image]
) -> None:
    page = open_months(browser_of("reviewer"), cast.team)

    assert told(page) == {"2026": ["November 2 pictures", "March 1 picture"], "2024": ["December 1 picture"]}


def test_a_month_leads_to_its_place_in_the_gallery(
    cast: SimpleNamespace, browser_of: Browsers, pictures: list[Image]
) -> None:
    mina = browser_of("member")
    links = [str(link["href"]) for link in open_months(mina, cast.team).select(".months a")]

    shown = [shown_pictures(open_gallery(mina, cast.team, link)) for link in links]

    ids = [str(image.pk) for image in pictures]
    assert shown == [ids, ids[2:], ids[3:]]


def test_months_are_those_of_the_readers_clock(
    cast: SimpleNamespace, browser_of: Browsers, pictures: list[Image]
) -> None:
    cast.member.time_zone = "Asia/Tokyo"
    cast.member.save()

    page = open_months(browser_of("member"), cast.team)

    assert told(page) == {
        "2026": ["November 2 pictures", "April 1 picture"],
        "2025": ["January 1 picture"],
    }


def test_filters_hold_for_the_months_and_for_where_they_lead(
    cast: SimpleNamespace, browser_of: Browsers, pictures: list[Image]
) -> None:
    mina = browser_of("member")
    asked = {"q": "boat 1", "from": "2026-01-01"}

    page = open_months(mina, cast.team, **asked)

    assert told(page) == {"2026": ["November 1 picture"]}
    [link] = page.select(".months a")
    assert "q=boat" in str(link["href"])
    assert shown_pictures(open_gallery(mina, cast.team, str(link["href"]))) == [str(pictures[1].pk)]


def test_days_within_a_month_are_counted_alone(
    cast: SimpleNamespace, browser_of: Browsers, pictures: list[Image]
) -> None:
    page = open_months(browser_of("member"), cast.team, **{"from": "2026-11-02"})

    assert told(page) == {"2026": ["November 1 picture"]}


def test_others_private_pictures_are_not_counted(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.owner, visibility=Visibility.PRIVATE)

    assert told(open_months(browser_of("member"), cast.team)) == {}
    assert len(told(open_months(browser_of("owner"), cast.team))) == 1


def test_where_nothing_fits_it_says_so(cast: SimpleNamespace, browser_of: Browsers) -> None:
    page = open_months(browser_of("member"), cast.team, q="whale")

    assert "There are no pictures that fit" in page.text


def test_a_filter_that_makes_no_sense_is_left_out(
    cast: SimpleNamespace, browser_of: Browsers, pictures: list[Image]
) -> None:
    place = reverse("gallery:months", args=[cast.team.slug])

    response = browser_of("member").get(place, {"shape": "round", "from": "2026-13-45"})

    assert response.status_code == 422
    assert len(told(parsed(response))) == 2


def test_of_very_many_it_says_more_than_it_counted(
    cast: SimpleNamespace, browser_of: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(months, "COUNT_TO", 5)
    many(cast.team, cast.member, 8)

    [[month]] = told(open_months(browser_of("member"), cast.team)).values()

    assert month.endswith("More than 5 pictures")


def test_it_costs_a_question_a_month(
    cast: SimpleNamespace, browser_of: Browsers, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for month in (1, 2, 3):
        picture(cast.team, cast.member, created_at=datetime(2026, month, 5, tzinfo=UTC))
    mina = browser_of("member")
    open_months(mina, cast.team)

    # Two of them ask whether the team has tags and collections, which the form offers.
    with django_assert_max_num_queries(20):
        open_months(mina, cast.team)


def test_it_ends_after_ten_years(
    cast: SimpleNamespace, browser_of: Browsers, monkeypatch: pytest.MonkeyPatch, pictures: list[Image]
) -> None:
    monkeypatch.setattr(months, "MAX_MONTHS", 9)

    assert told(open_months(browser_of("member"), cast.team)) == {"2026": ["November 2 pictures", "March 1 picture"]}
