"""What the Usage page says beside the plain numbers, who sees whose, and its files to the letter."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubportal.audit.actor import SITE
from hubportal.generations.models import Generation, Image
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.budgets import Subject, set_budget
from hubportal.usage.models import AccountBalance, EntryKind, LedgerEntry, Project
from tests import makers
from tests.generations.pages import read
from tests.generations.test_generation import accepted, finished, keep, sent
from tests.usage.test_views import file_of, number, page_of, table

Browsers = Callable[[str], Any]
Entry = Callable[..., LedgerEntry]
GOLDEN = Path(__file__).parent / "golden"
# The 21st: what November is compared with are the first 21 days of October.
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_november() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(browser_of: Browsers, team: Team) -> Any:
    Team.objects.filter(pk=team.pk).update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    return browser_of("owner")


def usage(client: Any, team: Team, name: str = "overview", **asked: Any) -> Any:
    return client.get(reverse(f"usage:{name}", args=[team.slug]), asked)


def notes(page: Any, name: str) -> str:
    box = next(box for box in page.select("dl.numbers > div") if name in box.find("dt").get_text())
    return " ".join(note.get_text(" ", strip=True) for note in box.select("dd.note"))


# Compared ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "before", "said"),
    [
        ({}, date(2026, 10, 21), "12 % more than the same days of October 2026"),
        ({"from": "2026-11-21", "to": "2026-11-21"}, date(2026, 11, 20), "12 % more than Nov. 20, 2026"),
        ({"from": "2026-11-15", "to": "2026-11-21"}, date(2026, 11, 8), "12 % more than Nov. 8, 2026 to Nov. 14, 2026"),
        ({"from": "2026-01-01", "to": "2026-12-31"}, date(2025, 11, 21), "12 % more than the same days of 2025"),
    ],
)
def test_a_period_is_compared_with_the_one_before(
    owner: Any, team: Team, entry: Entry, asked: dict[str, str], before: date, said: str
) -> None:
    entry(date(2026, 11, 21), 112)
    entry(before, 100)

    assert said in notes(page_of(usage(owner, team, **asked)), "Spent")


@pytest.mark.parametrize(("spent", "said"), [(50, "50 % less than October 2026"), (100, "as much as October 2026")])
def test_a_month_that_is_over_is_compared_whole(owner: Any, team: Team, entry: Entry, spent: int, said: str) -> None:
    entry(date(2026, 10, 31), 100)
    entry(date(2026, 11, 2), spent)

    with time_machine.travel(datetime(2026, 12, 5, tzinfo=UTC), tick=False):
        assert said in notes(page_of(usage(owner, team, month="2026-11")), "Spent")


def test_nothing_is_said_where_there_is_nothing_to_compare(owner: Any, team: Team, entry: Entry) -> None:
    entry(date(2026, 11, 21), 112)
    # Later in its month than this one has come.
    entry(date(2026, 10, 22), 100)

    assert "%" not in notes(page_of(usage(owner, team)), "Spent")


# The pace ----------------------------------------------------------------------------------------------------------


def test_it_says_until_when_the_credits_last_at_this_pace(owner: Any, team: Team, entry: Entry) -> None:
    makers.make_key(team, credits=100)
    # 280 within 28 days are ten a day, whatever period is looked at; what was before does not count.
    entry(date(2026, 10, 25), 280)
    entry(date(2026, 10, 24), 5000)

    for asked in ({}, {"from": "2026-01-01", "to": "2026-12-31"}, {"month": "2026-03"}):
        said = notes(page_of(usage(owner, team, **asked)), "Left at the hub")
        assert "at this pace they last until about December 1" in said

    Key.objects.update(next_expiration=datetime(2026, 11, 25, tzinfo=UTC))
    said = notes(page_of(usage(owner, team)), "Left at the hub")
    assert "at this pace they last until about December 1, but some expire on November 25" in said


@pytest.mark.parametrize("spent", [0, 1])
def test_it_says_nothing_of_a_pace_that_tells_nothing(owner: Any, team: Team, entry: Entry, spent: int) -> None:
    makers.make_key(team, credits=100_000)
    entry(date(2026, 11, 20), spent)

    assert "pace" not in notes(page_of(usage(owner, team)), "Left at the hub")


# What failed, and what a picture cost ------------------------------------------------------------------------------


def test_it_says_what_came_back_and_what_a_picture_cost(owner: Any, team: Team, entry: Entry) -> None:
    work = uuid.uuid4()
    entry(date(2026, 11, 3), 32, pictures=4, generation_id=work)
    entry(date(2026, 11, 4), -8, kind=EntryKind.REFUND, pictures=-1, generation_id=work)
    entry(date(2026, 11, 5), 10)

    page = page_of(usage(owner, team))

    assert number(page, "Came back") == "8"
    assert "for 1 generation that failed" in notes(page, "Came back")
    assert number(page, "A picture on average") == "8.5"


def test_what_came_back_leads_to_all_of_which_it_did_finished_or_not(owner: Any, cast: SimpleNamespace) -> None:
    failed, fewer, arriving, whole = (sent(cast.team, n=2) for _ in range(4))
    for work in (failed, fewer, arriving, whole):
        work.record_accepted(replace(accepted(credits=0, credits_requested=16), id=work.pk.hex))
    failed.record_answered(finished(images=0, status="failed"))
    for work, pictures in ((fewer, 1), (arriving, 1), (whole, 2)):
        work.record_answered(finished(images=pictures))
    for image in Image.objects.exclude(generation=arriving):
        keep(image)

    page = page_of(usage(owner, cast.team))
    history = read(owner.get(link_of(page, "Came back")))

    assert number(page, "Came back") == "32"
    assert Generation.objects.get(pk=fewer.pk).state == "succeeded"
    listed = {row["data-generation"] for row in history.select("tbody tr")}
    assert listed == {str(work.pk) for work in (failed, fewer, arriving)}
    assert history.select_one("[name=state] [selected]").get_text() == "Credits came back"


def link_of(page: Any, name: str) -> str:
    return next(box for box in page.select("dl.numbers > div") if name in box.get_text()).select_one("a")["href"]


# One project -------------------------------------------------------------------------------------------------------


@pytest.fixture
def spring(team: Team) -> Project:
    return Project.objects.create(team=team, name="Spring")


def test_everything_can_be_narrowed_to_one_project(owner: Any, team: Team, entry: Entry, spring: Project) -> None:
    entry(date(2026, 11, 3), 32, project=spring)
    entry(date(2026, 11, 4), 8)
    entry(date(2026, 10, 4), 16, project=spring)
    entry(date(2026, 10, 4), 500)

    page = page_of(usage(owner, team, project=spring.pk))

    assert number(page, "Spent this month") == "32"
    assert "100 % more" in notes(page, "Spent this month")
    assert table(page, "by project") == {"Spring": ["1", "32"]}
    assert table(page, "by day") == {"November 3": ["1", "32"]}
    for link in page.select("main td.number a, main svg a, main .periods nav a"):
        assert f"project={spring.pk}" in link["href"]
    none = page_of(usage(owner, team, project="none"))
    assert number(none, "Spent this month") == "8"
    assert table(none, "by project") == {"No project": ["1", "8"]}
    assert [row[6] for row in file_of(usage(owner, team, "csv", project=spring.pk))[1:]] == ["32"]
    assert [row[6] for row in file_of(usage(owner, team, "csv", project="none"))[1:]] == ["8"]


@pytest.mark.parametrize("asked", [{"project": "nonsense"}, {"project": str(uuid.UUID(int=3))}, {"rows": "all"}])
def test_what_makes_no_sense_is_told(owner: Any, team: Team, asked: dict[str, str]) -> None:
    page = usage(owner, team, **asked)

    assert page.status_code == 422
    assert "This is left out." in read(page).select_one(".field-error").get_text()  # type: ignore[union-attr]
    assert usage(owner, team, "csv", **asked).status_code == 422
    assert list(usage(owner, team, "json", **asked).json()["errors"]) == list(asked)


def test_a_team_without_projects_is_told_of_none(owner: Any, team: Team, entry: Entry) -> None:
    entry(date(2026, 11, 3), 32)

    page = page_of(usage(owner, team))

    assert page.select("[name=project]") == []
    assert "By project" not in page.get_text()


# Who sees whose ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["member", "reviewer"])
def test_others_see_their_own_numbers_and_the_teams(
    cast: SimpleNamespace, browser_of: Browsers, entry: Entry, who: str
) -> None:
    main = makers.make_key(cast.team)
    entry(date(2026, 11, 3), 32, author=getattr(cast, who), key=main)
    entry(date(2026, 11, 3), 999, author=cast.owner, key=main)
    outside(cast.team, main)
    browser = browser_of(who)

    page = page_of(usage(browser, cast.team))

    assert number(page, "Spent this month") == "1,031"
    assert "32 of it yours" in notes(page, "Spent this month")
    assert table(page, "by person") == {"You": ["1", "32"]}
    foot = page.select_one("#by-person").find_parent("section").select_one("tfoot")
    assert "1,031" in foot.get_text()
    assert "999" not in page.get_text()
    assert [row[6] for row in file_of(usage(browser, cast.team, "csv"))[1:]] == ["32"]
    told = usage(browser, cast.team, "json", by="person").json()
    assert [line["credits"] for line in told["lines"]] == [32]
    assert told["total"]["credits"] == 1031
    totals = file_of(usage(browser, cast.team, "csv", rows="totals", by="person"))
    assert [row[2] for row in totals[1:]] == ["32"]


def test_who_may_not_spend_is_told_nothing_of_their_own(
    cast: SimpleNamespace, browser_of: Browsers, entry: Entry
) -> None:
    entry(date(2026, 11, 3), 32)

    reviewers, members = (page_of(usage(browser_of(who), cast.team)) for who in ("reviewer", "member"))

    assert "of it yours" not in reviewers.get_text()
    assert "your own credits" not in reviewers.get_text()
    assert reviewers.select("#by-person") == []
    assert "32 of it yours" in members.get_text()
    assert "Have each month sent" not in reviewers.get_text()


def test_what_somebody_spent_before_they_came_to_review_is_still_told_to_them(
    cast: SimpleNamespace, browser_of: Browsers, entry: Entry
) -> None:
    entry(date(2026, 11, 3), 32, author=cast.reviewer)

    assert "32 of it yours" in page_of(usage(browser_of("reviewer"), cast.team)).get_text()


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_admins_see_everybodys(cast: SimpleNamespace, browser_of: Browsers, entry: Entry, who: str) -> None:
    entry(date(2026, 11, 3), 32)
    entry(date(2026, 11, 3), 999, author=cast.reviewer)

    page = page_of(usage(browser_of(who), cast.team))

    assert table(page, "by person") == {"Rob": ["1", "999"], "Mina": ["1", "32"]}
    assert "of it yours" not in page.get_text()


# Days are the team's -----------------------------------------------------------------------------------------------


def test_today_is_the_teams(cast: SimpleNamespace, browser_of: Browsers, entry: Entry) -> None:
    Team.objects.filter(pk=cast.team.pk).update(time_zone="Pacific/Auckland")
    entry(date(2026, 12, 1), 8)

    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False):
        page = page_of(usage(browser_of("owner"), cast.team))

    assert number(page, "Spent this month") == "8"
    assert page.select_one(".periods nav a")["href"].endswith("?from=2026-12-01&to=2026-12-01")


# The files, to the letter ------------------------------------------------------------------------------------------


def outside(team: Team, key: Key) -> LedgerEntry:
    since, until = datetime(2026, 11, 5, 14, 2, tzinfo=UTC), datetime(2026, 11, 5, 14, 20, tzinfo=UTC)
    with time_machine.travel(until, tick=False):
        return LedgerEntry.objects.record_outside(
            team, key, EntryKind.OUTSIDE, 24, since=since, until=until, balance=876
        )


@pytest.fixture
def month(cast: SimpleNamespace, entry: Entry) -> SimpleNamespace:
    """A month with all that a file can have, names that try to be formulas, and ids that are always the same."""
    key = makers.make_key(cast.team, "gih_live_" + "0" * 28 + "1234", label="=Main")
    spring = Project.objects.create(id=uuid.UUID(int=1), team=cast.team, name="+Spring, 2026")
    first, second = uuid.UUID(int=2), uuid.UUID(int=3)
    how = {"key": key, "tier": "2K", "effort": "high"}
    entry(date(2026, 11, 1), 32, pictures=4, generation_id=first, project=spring, balance=932, **how)
    entry(date(2026, 11, 2), -8, kind=EntryKind.REFUND, pictures=-1, generation_id=first, project=spring, **how)
    entry(date(2026, 11, 3), 10, generation_id=second, author=cast.owner, model="nanobanana2", key=key)
    outside(cast.team, key)
    return SimpleNamespace(key=key, spring=spring)


@pytest.mark.parametrize(
    ("golden", "asked"),
    [
        ("movements", {}),
        ("movements-of-a-project", {"project": str(uuid.UUID(int=1))}),
        ("totals-by-day", {"rows": "totals", "by": "day"}),
        ("totals-by-project", {"rows": "totals", "by": "project"}),
        ("totals-by-model", {"rows": "totals", "by": "model"}),
    ],
)
def test_a_file_is_this_to_the_letter(
    owner: Any, team: Team, month: SimpleNamespace, golden: str, asked: dict[str, str]
) -> None:
    file = usage(owner, team, "csv", **asked).getvalue()

    assert file.decode("utf-8-sig") == (GOLDEN / f"{golden}.csv").read_bytes().decode()


def test_the_file_of_a_member_has_no_movement_of_an_account(
    cast: SimpleNamespace, browser_of: Browsers, month: SimpleNamespace
) -> None:
    kinds = [row[5] for row in file_of(usage(browser_of("member"), cast.team, "csv"))[1:]]

    assert kinds == ["charge", "refund"]


# Speed, and paper --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [{}, {"from": "2025-12-05", "to": "2026-11-22"}])
def test_the_page_asks_twelve_questions_with_all_that_an_owner_is_shown(
    owner: Any, cast: SimpleNamespace, entry: Entry, spring: Project, asked: dict[str, str]
) -> None:
    for day in range(1, 15):
        author = makers.join(cast.team, f"p{day}@example.org")
        key = makers.make_key(cast.team, label=f"Key {day}")
        entry(date(2026, 11, day), day, author=author, key=key, project=spring)
        AccountBalance.objects.create(account=key.account, team=cast.team, balance=9, told_at=NOW, looked_at=NOW)
        LedgerEntry.objects.record_outside(cast.team, key, EntryKind.OUTSIDE, 8, since=NOW, until=NOW, balance=1)
        set_budget(cast.team, Subject.of(key), 100, actor=SITE)
    makers.make_generation(cast.team, cast.member)
    usage(owner, cast.team, **asked)

    with CaptureQueriesContext(connection) as queries:
        page = page_of(usage(owner, cast.team, **asked))

    assert len(page.select("[data-account]")) == 14
    assert len(page.select("#by-key, #by-project, #by-person, #by-model, .points")) == 5
    # Seven are every page's: who it is, the bar with its counts, and the hub's models. Five are its own: projects,
    # totals, people, keys with their accounts and what is reserved, and what moved outside.
    assert len(queries) == 7 + 5, "\n".join(query["sql"][:200] for query in queries)


def test_on_paper_a_long_table_ends_with_what_the_rest_comes_to(
    owner: Any, cast: SimpleNamespace, entry: Entry
) -> None:
    for number_ in range(20):
        entry(date(2026, 11, 1), 20 - number_, model=f"model-{number_:02}")

    section = page_of(usage(owner, cast.team)).select_one("#by-model").find_parent("section")

    assert len(section.select("tbody:not(.print-only) tr:not(.screen-only)")) == 6
    assert section.select_one("tbody.print-only").get_text(" ", strip=True) == "14 more 14 105"


def test_on_paper_what_moved_outside_and_the_accounts_are_told_in_short(owner: Any, team: Team) -> None:
    for number_ in range(6):
        key = makers.make_key(team, label=f"Key {number_}")
        balance = {"team": team, "balance": 1000, "told_at": NOW, "looked_at": NOW}
        AccountBalance.objects.create(account=key.account, difference=24 if number_ < 4 else 0, **balance)
        outside(team, key)

    section = page_of(usage(owner, team)).select_one("#at-the-hub").find_parent("section")

    assert len(section.select("[data-account]")) == len(section.select("li")) == 6
    assert len(section.select("[data-account]:not(.screen-only)")) == 2
    assert len(section.select("li:not(.screen-only)")) == 3
    assert [" ".join(line.get_text().split()) for line in section.select("p.print-only")] == [
        "On 2 accounts more it differs. On 2 accounts the ledger agrees with the hub.",
        "3 movements before that are in the CSV.",
    ]


def test_the_chart_has_an_axis_of_round_values(owner: Any, team: Team, entry: Entry) -> None:
    entry(date(2026, 11, 1), 1024)

    page = page_of(usage(owner, team))

    values = [(value.get_text(), value["y"]) for value in page.select(".chart-values text")]
    assert values == [("500", "51.17%"), ("1,000", "2.34%")]
    assert [line["y1"] for line in page.select("svg.bars line")] == ["51.17", "2.34"]
