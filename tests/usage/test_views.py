"""The usage page and its file: they agree with the ledger, and each number leads to what is behind it."""

import csv
import io
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubportal.teams.models import Team
from hubportal.teams.permissions import Role
from hubportal.usage.models import BilledGeneration, EntryKind, LedgerEntry, Reservation
from tests import makers

BrowserOf = Callable[[str], Client]
Entry = Callable[..., LedgerEntry]
# Without what stands on paper alone.
ROWS = "tbody:not(.print-only) tr"
NOVEMBER = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_november() -> Any:
    with time_machine.travel(NOVEMBER, tick=False):
        yield


def address(team: Team, name: str = "overview", month: str = "") -> str:
    return reverse(f"usage:{name}", args=[team.slug]) + (f"?month={month}" if month else "")


def page_of(response: Any) -> Any:
    return BeautifulSoup(response.content, "html.parser")


def number(page: Any, name: str) -> str:
    box = next(box for box in page.select("dl.numbers > div") if name in box.find("dt").get_text())
    return str(box.find("dd").get_text(strip=True))


def table(page: Any, name: str) -> dict[str, list[str]]:
    found = next(table for table in page.find_all("table") if name in table.find("caption").get_text())
    rows = [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in found.select(ROWS)]
    return {first: rest for first, *rest in rows}


def file_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


# Who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", ["nonsense", "2026-13", "2031-01", "%00", "' OR 1=1", "2026-11-01"])
def test_a_month_that_makes_no_sense_falls_back_to_this_one(
    browser_of: BrowserOf, team: Team, entry: Entry, month: str
) -> None:
    entry(date(2026, 11, 3), 8)

    page = page_of(browser_of("member").get(address(team), {"month": month}))

    assert number(page, "Spent this month") == "8"


# What it says --------------------------------------------------------------------------------------------------


@pytest.fixture
def november(cast: SimpleNamespace, entry: Entry) -> SimpleNamespace:
    """Two people, two models, two keys; a partial refund; and months before and after."""
    main, spare = makers.make_key(cast.team, credits=112), makers.make_key(cast.team, credits=500, label="Spare")
    work = uuid.uuid4()
    entry(date(2026, 11, 1), 1024, pictures=128, key=main)
    entry(date(2026, 11, 3), 32, pictures=4, key=main, generation_id=work)
    entry(date(2026, 11, 4), -8, kind=EntryKind.REFUND, pictures=-1, key=main, generation_id=work)
    entry(date(2026, 11, 21), 10, key=spare, author=cast.owner, model="nanobanana2")
    entry(
        date(2026, 11, 21), 2, kind=EntryKind.CORRECTION, pictures=0, key=spare, author=cast.owner, model="nanobanana2"
    )
    entry(date(2026, 10, 31), 7, key=main)
    entry(date(2026, 11, 5), 9999, team=Team.objects.get(name="Elsewhere"), author=cast.stranger)
    return SimpleNamespace(main=main, spare=spare)


def test_the_three_numbers(browser_of: BrowserOf, cast: SimpleNamespace, november: SimpleNamespace) -> None:
    Reservation.objects.reserve(BilledGeneration(uuid.uuid4(), cast.team.pk, cast.member.pk, None, "m"), 16)

    page = page_of(browser_of("reviewer").get(address(cast.team)))

    assert number(page, "Spent this month") == "1,060"
    assert number(page, "Left at the hub") == "612"
    assert number(page, "Reserved") == "16"
    said = page.select_one("dl.numbers").get_text(" ", strip=True)
    assert "132 pictures" in said
    assert "8 came back" in said
    assert "on 2 keys, the first of them checked" in said


def test_the_tables_add_up_to_the_total(browser_of: BrowserOf, team: Team, november: SimpleNamespace) -> None:
    page = page_of(browser_of("owner").get(address(team)))

    assert table(page, "by person") == {"Mina": ["131", "1,048"], "You": ["1", "12"]}
    assert table(page, "by model") == {"GPT IMAGE 2": ["131", "1,048"], "Nano Banana 2": ["1", "12"]}
    assert table(page, "by key") == {
        str(november.main): ["112", "131", "1,048"],
        str(november.spare): ["500", "1", "12"],
    }
    assert table(page, "by day") == {
        "November 1": ["128", "1,024"],
        "November 3": ["4", "32"],
        "November 4": ["-1", "-8"],
        "November 21": ["1", "12"],
    }


def test_each_number_leads_to_the_generations_behind_it(
    browser_of: BrowserOf, cast: SimpleNamespace, november: SimpleNamespace
) -> None:
    page = page_of(browser_of("owner").get(address(cast.team)))

    asked = {}
    for link in page.select("main td.number a, main dl.numbers a, main svg a"):
        parts = urlsplit(link["href"])
        assert parts.path == reverse("generations:list", args=[cast.team.slug])
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked[frozenset(query.items())] = browser_of("owner").get(link["href"]).status_code
    month = {("from", "2026-11-01"), ("to", "2026-11-30")}
    for wanted in (
        month,
        month | {("person", str(cast.member.pk))},
        month | {("model", "nanobanana2")},
        month | {("key", str(november.spare.pk))},
        {("from", "2026-11-03"), ("to", "2026-11-03")},
    ):
        assert asked[frozenset(wanted)] == 200


def test_the_chart_has_a_bar_for_each_day_with_entries(
    browser_of: BrowserOf, team: Team, november: SimpleNamespace
) -> None:
    page = page_of(browser_of("owner").get(address(team)))

    bars = {bar.find("title").get_text(): bar.find_all("rect")[1] for bar in page.select("svg.bars a")}
    assert page.select_one("svg.bars")["viewbox"] == "0 0 30 100"
    assert list(bars) == [
        "November 1: 1,024 credits", "November 3: 32 credits", "November 4: -8 credits", "November 21: 12 credits",
    ]  # fmt: skip
    first, third, fourth, last = bars.values()
    assert (first["x"], first["y"], first["height"]) == ("0.15", "0.00", "100.00")
    assert (third["x"], third["height"]) == ("2.15", "3.12")
    assert fourth["height"] == "0.00"
    assert last["x"] == "20.15"


def test_another_month_is_a_link_away(browser_of: BrowserOf, team: Team, november: SimpleNamespace) -> None:
    Team.objects.filter(pk=team.pk).update(created_at=datetime(2026, 10, 2, tzinfo=UTC))
    browser = browser_of("owner")
    months = {
        link.get_text(strip=True): link["href"] for link in page_of(browser.get(address(team))).select("#months a")
    }
    assert list(months) == ["November 2026", "October 2026"]

    page = page_of(browser.get(address(team) + months["October 2026"]))

    assert number(page, "Spent in October 2026") == "7"
    assert page.select_one("#months [aria-current]").get_text(strip=True) == "October 2026"
    assert page.find("a", href=f"{address(team, 'csv')}?from=2026-10-01&to=2026-10-31")


def test_a_month_without_entries_says_so(browser_of: BrowserOf, team: Team) -> None:
    page = page_of(browser_of("member").get(address(team)))

    assert number(page, "Spent this month") == "0"
    assert "Nothing spent: November 2026" in page.find("main").get_text()
    assert not page.find("main").find_all("table")


def test_a_month_in_which_only_credits_came_back_can_be_shown(browser_of: BrowserOf, team: Team, entry: Entry) -> None:
    entry(date(2026, 11, 1), -8, kind=EntryKind.REFUND, pictures=-1)

    page = page_of(browser_of("member").get(address(team)))

    assert number(page, "Spent this month") == "-8"
    assert page.select_one("svg.bars a rect:nth-of-type(2)")["height"] == "0.00"


def test_a_removed_key_keeps_its_name_and_shows_no_balance(
    browser_of: BrowserOf, team: Team, november: SimpleNamespace
) -> None:
    november.spare.destroy_secret()

    rows = table(page_of(browser_of("owner").get(address(team))), "by key")

    assert rows[f"{november.spare} removed"] == ["–", "1", "12"]


def test_what_no_key_is_known_of_is_counted_too(browser_of: BrowserOf, team: Team, entry: Entry) -> None:
    entry(date(2026, 11, 1), 8)

    assert table(page_of(browser_of("owner").get(address(team))), "by key") == {"Not known": ["–", "1", "8"]}


def test_the_page_takes_the_same_number_of_queries_for_a_busy_month(
    browser_of: BrowserOf, cast: SimpleNamespace, entry: Entry
) -> None:
    browser = browser_of("owner")
    entry(date(2026, 11, 1), 8, key=makers.make_key(cast.team))
    browser.get(address(cast.team))
    with CaptureQueriesContext(connection) as few:
        browser.get(address(cast.team))
    for day in range(1, 21):
        author = makers.join(cast.team, f"p{day}@example.org", Role.MEMBER)
        key = makers.make_key(cast.team, label=f"Key {day}")
        entry(date(2026, 11, day), day, author=author, key=key, model=f"model-{day}")

    with CaptureQueriesContext(connection) as many:
        page = page_of(browser.get(address(cast.team)))

    assert len(table(page, "by person")) == 21
    assert len(many) == len(few)


def test_days_are_those_of_the_sites_time_zone(browser_of: BrowserOf, cast: SimpleNamespace, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    with time_machine.travel(datetime(2026, 11, 30, 16, tzinfo=UTC), tick=False):
        LedgerEntry.objects.record(
            BilledGeneration(uuid.uuid4(), cast.team.pk, cast.member.pk, None, "m"), EntryKind.CHARGE, 8
        )

        page = page_of(browser_of("member").get(address(cast.team)))

        assert number(page, "Spent this month") == "8"
        assert "December 1" in table(page, "by day")


# The file ------------------------------------------------------------------------------------------------------


def test_the_file_has_the_months_entries_as_they_were_written(
    browser_of: BrowserOf, team: Team, november: SimpleNamespace
) -> None:
    response = browser_of("admin").get(address(team, "csv", "2026-11"))

    head, *rows = file_of(response)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="studio-north-2026-11.csv"'
    assert "no-store" in response["Cache-Control"]
    assert head[:9] == ["written_at", "day", "person", "model", "key", "kind", "credits", "pictures", "generation"]
    assert head[9:] == ["project", "tier", "effort", "balance", "since"]
    assert [row[6] for row in rows] == ["1024", "32", "-8", "10", "2"]
    assert rows[0][:6] == [
        "2026-11-01T12:00:00+00:00",
        "2026-11-01",
        "Mina",
        "gpt-image-2",
        str(november.main),
        "charge",
    ]
    assert sum(int(row[6]) for row in rows) == 1060


def test_a_spreadsheet_is_told_that_the_file_is_utf_8(browser_of: BrowserOf, team: Team) -> None:
    response = browser_of("reviewer").get(address(team, "csv"))

    assert response.getvalue().startswith(b"\xef\xbb\xbfwritten_at,")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil","x")'])
def test_a_name_never_becomes_a_formula(browser_of: BrowserOf, cast: SimpleNamespace, entry: Entry, name: str) -> None:
    cast.member.name = name
    cast.member.save(update_fields=["name"])
    entry(date(2026, 11, 1), 8, model=name, key=makers.make_key(cast.team, label=name))

    _, row = file_of(browser_of("owner").get(address(cast.team, "csv")))

    assert (row[2], row[3]) == (f"'{name}", f"'{name}")
    assert row[4].startswith("'")


def test_commas_quotes_and_lines_in_a_name_stay_in_their_cell(
    browser_of: BrowserOf, cast: SimpleNamespace, entry: Entry
) -> None:
    cast.member.name = 'Mina, "the\nquick" — 工作室'
    cast.member.save(update_fields=["name"])
    entry(date(2026, 11, 1), 8)

    _, row = file_of(browser_of("owner").get(address(cast.team, "csv")))

    assert row[2] == 'Mina, "the\nquick" — 工作室'


def test_a_long_file_is_sent_in_pieces_and_complete(
    browser_of: BrowserOf, team: Team, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubportal.usage.export.EXPORT_BATCH_SIZE", 3)
    for credits in range(8):
        entry(date(2026, 11, 1), credits)

    response = browser_of("owner").get(address(team, "csv"))

    assert response.streaming
    assert [row[6] for row in file_of(response)[1:]] == [str(credits) for credits in range(8)]


def test_asking_for_the_head_of_the_file_alone_reads_nothing(browser_of: BrowserOf, team: Team) -> None:
    response = browser_of("owner").head(address(team, "csv"))

    assert (response.status_code, response.getvalue()) == (200, b"")


@pytest.mark.parametrize("page", ["generations:create", "generations:list", "gallery:index", "usage:overview"])
def test_a_page_reads_the_credits_once(browser_of: BrowserOf, team: Team, page: str) -> None:
    makers.make_key(team)
    browser = browser_of("member")

    with CaptureQueriesContext(connection) as queries:
        browser.get(reverse(page, args=[team.slug]))

    reserved = [query["sql"] for query in queries if "usage_reservation" in query["sql"]]
    assert len(reserved) == 1
