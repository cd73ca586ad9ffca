"""The zone that a person's times are told in: their choice, or the browser's."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.date_range import moments
from hubportal.usage.models import today
from tests.accounts.steps import read, sign_in, text
from tests.makers import make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mina() -> User:
    return make_user("mina@example.org", name="Mina")


@pytest.fixture
def browser(client: Client, mina: User) -> Client:
    client.force_login(mina)
    return client


def choose(browser: Client, zone: str, **options: Any) -> Any:
    return browser.post(reverse("accounts:time-zone"), {"time_zone": zone}, **options)


def test_a_zone_is_chosen_from_a_list_and_every_page_is_told_it(browser: Client, mina: User) -> None:
    page = read(browser.get(reverse("accounts:you")))
    offered = {option["value"] for option in page.select("datalist#time-zones option")}

    done = choose(browser, "America/New_York", follow=True)

    mina.refresh_from_db()
    assert {"America/New_York", "Asia/Tokyo", "Europe/Rome", "UTC"} <= offered
    assert not offered & {"localtime", "Factory", "US/Eastern", "Etc/GMT+5"}
    assert page.select("#id_time_zone")[0]["list"] == "time-zones"
    assert page.select("html")[0].get("data-zone") is None
    assert mina.time_zone == "America/New_York"
    assert "Times are told as in America/New_York now." in done.text
    assert read(done).select("html")[0]["data-zone"] == "America/New_York"
    assert read(done).select("#id_time_zone")[0]["value"] == "America/New_York"


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("europe/rome", "Europe/Rome"),
        (" America/New York ", "America/New_York"),
        ("tokyo", "Asia/Tokyo"),
        ("New York", "America/New_York"),
        ("utc", "UTC"),
        ("US/Eastern", "US/Eastern"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_a_zone_is_found_as_people_type_it(browser: Client, mina: User, typed: str, zone: str) -> None:
    choose(browser, typed)

    mina.refresh_from_db()
    assert mina.time_zone == zone


def test_an_empty_choice_is_the_browsers_zone_again(browser: Client, mina: User) -> None:
    choose(browser, "Asia/Tokyo")

    done = choose(browser, "  ", follow=True)

    mina.refresh_from_db()
    assert mina.time_zone == ""
    assert "Times are told as in your browser now." in done.text
    assert read(done).select("html")[0].get("data-zone") is None


@pytest.mark.parametrize("typed", ["Mars/Olympus", "Louisville", "../../etc/passwd", "localtime", "Factory", "x" * 500])
def test_a_zone_that_nobody_knows_is_refused_with_a_sentence(browser: Client, mina: User, typed: str) -> None:
    choose(browser, "Asia/Tokyo")

    refused = choose(browser, typed)

    mina.refresh_from_db()
    field = read(refused).select("#id_time_zone")[0]
    assert (refused.status_code, mina.time_zone) == (422, "Asia/Tokyo")
    assert read(refused).select("html")[0]["data-zone"] == "Asia/Tokyo"
    assert (field["value"], field["aria-invalid"]) == (typed, "true")
    assert field.has_attr("autofocus")
    assert "We don't know that time zone. Choose one from the list" in text(refused)


def test_saving_the_name_leaves_the_zone_alone_and_the_other_way_round(browser: Client, mina: User) -> None:
    choose(browser, "Asia/Tokyo")
    browser.post(reverse("accounts:you"), {"name": "Mina M."})

    mina.refresh_from_db()
    assert (mina.name, mina.time_zone) == ("Mina M.", "Asia/Tokyo")


def test_without_scripts_times_are_in_the_chosen_zone_for_this_person_alone(mina: User, time_machine: Any) -> None:
    browser, other = Client(), Client()
    time_machine.move_to(datetime(2026, 11, 30, 20, tzinfo=UTC), tick=False)
    sign_in(browser, mina.email)
    sign_in(other, make_user("nora@example.org").email)
    choose(browser, "Asia/Tokyo")

    told = [read(one.get(reverse("usersessions_list"))).select("time")[0]["title"] for one in (browser, other)]

    assert told == ["Dec. 1, 2026, 5 a.m.", "Nov. 30, 2026, 8 p.m. (UTC)"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_zone_that_the_machine_has_lost_is_the_sites(browser: Client, mina: User) -> None:
    User.objects.filter(pk=mina.pk).update(time_zone="Mars/Olympus")

    assert browser.get(reverse("accounts:you")).status_code == 200


def test_the_ledgers_day_stays_the_sites_whatever_the_readers_zone(
    browser: Client, mina: User, time_machine: Any
) -> None:
    team = make_team("Studio", mina)
    time_machine.move_to(datetime(2026, 11, 30, 20, tzinfo=UTC), tick=False)
    choose(browser, "Pacific/Kiritimati")

    page = text(browser.get(reverse("usage:overview", args=[team.slug])))

    assert "November 2026" in page
    assert "December 2026" not in page
    with timezone.override("Pacific/Kiritimati"):
        assert str(today()) == "2026-11-30"
        since, _ = moments(today(), None)
    assert since == datetime(2026, 11, 30, tzinfo=UTC)
