"""The monthly report: when it goes, to whom, what it says, and that it goes once."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core import mail
from django.db import connection
from django.test import Client

from hubportal.accounts.models import User
from hubportal.audit.actor import SITE
from hubportal.generations.models import Visibility
from hubportal.notifications.events import Channel
from hubportal.notifications.models import Notification
from hubportal.notifications.preferences import offered_events
from hubportal.notifications.tasks import deliver
from hubportal.operations.recurring import RECURRING
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from hubportal.usage import monthly_report
from hubportal.usage.budgets import Subject, set_budget
from hubportal.usage.models import BilledGeneration, EntryKind, LedgerEntry, MonthlyReport, Project, Scope
from hubportal.usage.monthly_report import report_month
from hubportal.usage.months import Month
from hubportal.usage.notification_events import MONTHLY_REPORT
from hubportal.usage.tasks import send_monthly_reports
from tests import makers

pytestmark = pytest.mark.django_db

Entry = Callable[..., LedgerEntry]
BrowserOf = Callable[[str], Client]
CHOICES = "/accounts/notifications/choices/"
OCTOBER = date(2026, 10, 12)
# It is the first of November in Europe, and still October in America.
FIRST = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _first_of_november() -> Any:
    with time_machine.travel(FIRST, tick=False) as clock:
        yield clock


def letters() -> dict[str, Any]:
    """What goes out now, by the address it goes to."""
    send_monthly_reports.func()
    deliver.func()
    sent = {letter.to[0]: letter for letter in mail.outbox}
    assert len(sent) == len(mail.outbox)
    mail.outbox.clear()
    return sent


def body(letter: Any) -> str:
    return "\n".join(line.rstrip() for line in letter.body.splitlines())


def choose(client: Client, *, wanted: bool) -> None:
    """Tick, or untick, the report by e-mail on the page of choices, and leave the rest as it is."""
    page = BeautifulSoup(client.get(CHOICES).content, "html.parser")
    field = f"{MONTHLY_REPORT.code}:{Channel.EMAIL.value}"
    ticked = {box["value"] for box in page.select("input[name=wanted][checked]")} - {field}
    client.post(CHOICES, {"wanted": [*ticked, *([field] if wanted else [])]})


def is_ticked(client: Client) -> bool | None:
    """Whether the report by e-mail is ticked; None where it isn't offered."""
    page = BeautifulSoup(client.get(CHOICES).content, "html.parser")
    box = page.select_one(f'input[value="{MONTHLY_REPORT.code}:{Channel.EMAIL.value}"]')
    return box and box.has_attr("checked")


def test_the_owner_is_sent_what_the_month_took(cast: SimpleNamespace, entry: Entry) -> None:
    spring = Project.objects.create(team=cast.team, name="Spring")
    entry(date(2026, 9, 3), 100)
    entry(OCTOBER, 80, pictures=10, project=spring)
    entry(OCTOBER, 48, pictures=6, author=cast.admin)
    entry(OCTOBER, -8, kind=EntryKind.REFUND, pictures=-1)
    entry(date(2026, 11, 1), 1000)

    sent = letters()

    assert list(sent) == ["anna@example.org"]
    letter = sent["anna@example.org"]
    assert letter.subject == "October 2026: 120 credits spent"
    assert "\n".join(
        (
            "Studio North: October 2026: 120 credits spent.",
            "That is 20 % more than in September 2026. 15 pictures were made, for 8.0 credits each on average. "
            "8 credits came back.",
            "",
            "By project",
            "  Spring: 80 credits, 10 pictures",
            "  No project: 40 credits, 5 pictures",
            "",
            "By person",
            "  Mina: 72 credits, 9 pictures",
            "  Adam: 48 credits, 6 pictures",
            "",
            "The page of the month says more, and prints on one sheet of A4.",
            "",
            "http://testserver/t/studio-north/usage/?month=2026-10",
        )
    ) in body(letter)
    assert "You get this once a month because you own the team" in letter.body


def test_its_link_leads_to_the_page_of_that_month(cast: SimpleNamespace, browser_of: BrowserOf, entry: Entry) -> None:
    entry(OCTOBER, 80)
    letters()

    response = browser_of("owner").get(Notification.objects.get().link)

    assert "Spent in October 2026" in response.content.decode()


def test_one_click_stops_it_without_signing_in(cast: SimpleNamespace, entry: Entry, client: Client) -> None:
    entry(OCTOBER, 80)
    [letter] = letters().values()
    head = letter.message()
    entry(date(2026, 11, 3), 80)

    client.post(head["List-Unsubscribe"].strip("<>").removeprefix("http://testserver"))

    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with time_machine.travel(datetime(2026, 12, 1, 1, tzinfo=UTC)):
        assert letters() == {}


# Who --------------------------------------------------------------------------------------------------------------


def test_an_admin_is_sent_it_who_asks_for_it(cast: SimpleNamespace, browser_of: BrowserOf, entry: Entry) -> None:
    entry(OCTOBER, 80)
    before = is_ticked(browser_of("admin"))

    choose(browser_of("admin"), wanted=True)

    assert (before, is_ticked(browser_of("admin")), is_ticked(browser_of("owner"))) == (False, True, True)
    assert set(letters()) == {"adam@example.org", "anna@example.org"}


def test_an_owner_may_do_without(cast: SimpleNamespace, browser_of: BrowserOf, entry: Entry) -> None:
    entry(OCTOBER, 80)

    choose(browser_of("owner"), wanted=False)

    assert is_ticked(browser_of("owner")) is False
    assert letters() == {}


@pytest.mark.parametrize("role", ["member", "reviewer"])
def test_who_may_not_see_what_others_spent_is_offered_none(
    cast: SimpleNamespace, browser_of: BrowserOf, entry: Entry, role: str
) -> None:
    entry(OCTOBER, 80)
    person: User = getattr(cast, role)

    browser_of(role).post(CHOICES, {"wanted": [f"{MONTHLY_REPORT.code}:{Channel.EMAIL.value}"]})

    assert is_ticked(browser_of(role)) is None
    assert MONTHLY_REPORT not in offered_events(person)
    assert person.email not in letters()


@pytest.mark.parametrize("how", ["demoted", "left", "unticked"])
def test_who_may_not_know_it_or_wants_it_no_more_when_it_is_sent_gets_none(
    cast: SimpleNamespace, browser_of: BrowserOf, entry: Entry, how: str
) -> None:
    entry(OCTOBER, 80)
    choose(browser_of("admin"), wanted=True)
    send_monthly_reports.func()

    place = Membership.objects.filter(user=cast.admin)
    if how == "unticked":
        choose(browser_of("admin"), wanted=False)
    elif how == "left":
        place.delete()
    else:
        place.update(role=Role.MEMBER)

    assert set(letters()) == {"anna@example.org"}


def test_who_owns_one_team_and_administers_another_gets_that_ones_alone_until_they_choose_both(
    cast: SimpleNamespace, browser_of: BrowserOf, entry: Entry
) -> None:
    other = makers.make_team("Studio South", cast.admin)
    entry(OCTOBER, 80)
    entry(OCTOBER, 8, team=other, author=cast.admin)
    unasked = body(letters()["adam@example.org"])
    Notification.objects.all().delete()
    MonthlyReport.objects.all().delete()

    choose(browser_of("admin"), wanted=True)
    with time_machine.travel(datetime(2026, 11, 1, 3, tzinfo=UTC)):
        asked = body(letters()["adam@example.org"])

    assert ("Studio South:" in unasked, "Studio North:" in unasked) == (True, False)
    assert ("Studio South:" in asked, "Studio North:" in asked) == (True, True)


# When -------------------------------------------------------------------------------------------------------------


def test_it_goes_when_the_month_is_over_where_the_team_is(cast: SimpleNamespace, entry: Entry) -> None:
    entry(OCTOBER, 80)
    Team.objects.filter(pk=cast.team.pk).update(time_zone="America/New_York")

    at_half_past_midnight_utc = letters()
    with time_machine.travel(datetime(2026, 11, 1, 4, 11, tzinfo=UTC)):
        in_new_york = letters()

    assert (list(at_half_past_midnight_utc), list(in_new_york)) == ([], ["anna@example.org"])


def test_in_the_far_east_it_goes_while_it_is_last_month_elsewhere(cast: SimpleNamespace, entry: Entry) -> None:
    entry(OCTOBER, 80)
    Team.objects.filter(pk=cast.team.pk).update(time_zone="Pacific/Kiritimati")

    with time_machine.travel(datetime(2026, 10, 31, 10, 11, tzinfo=UTC)):
        assert list(letters()) == ["anna@example.org"]


def test_it_goes_once_though_the_task_runs_again(cast: SimpleNamespace, entry: Entry) -> None:
    entry(OCTOBER, 80)

    first, second = letters(), letters()
    with time_machine.travel(datetime(2026, 11, 1, 5, tzinfo=UTC)):
        later = letters()
    again = report_month(cast.team, Month(2026, 10))

    assert (len(first), second, later, again) == (1, {}, {}, False)


def test_a_zone_changed_after_it_went_sends_it_no_second_time(cast: SimpleNamespace, entry: Entry) -> None:
    entry(OCTOBER, 80)
    letters()

    Team.objects.filter(pk=cast.team.pk).update(time_zone="America/New_York")
    with time_machine.travel(datetime(2026, 11, 1, 6, tzinfo=UTC)):
        assert letters() == {}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_it_once(cast: SimpleNamespace, entry: Entry) -> None:
    entry(OCTOBER, 80)

    workers = [threading.Thread(target=_report_in_a_thread, args=[cast.team]) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert Notification.objects.count() == 1


def _report_in_a_thread(team: Team) -> None:
    try:
        report_month(team, Month(2026, 10))
    finally:
        connection.close()


def test_a_team_without_any_movement_gets_none(cast: SimpleNamespace, entry: Entry) -> None:
    entry(date(2026, 9, 30), 80)
    entry(date(2026, 11, 1), 80)

    assert letters() == {}
    assert Notification.objects.count() == 0


@pytest.mark.parametrize(("day", "sent"), [(7, 1), (8, 0), (20, 0)])
def test_a_site_that_was_off_sends_it_in_the_first_week_and_later_none(
    cast: SimpleNamespace, entry: Entry, day: int, sent: int
) -> None:
    entry(OCTOBER, 80)

    with time_machine.travel(datetime(2026, 11, day, 12, tzinfo=UTC)):
        assert len(letters()) == sent


def test_many_teams_are_reported_some_at_a_time(
    cast: SimpleNamespace, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monthly_report, "BATCH_SIZE", 2)
    teams = [makers.make_team(f"Team {number}", cast.owner) for number in range(3)]
    for team in (cast.team, *teams):
        entry(OCTOBER, 8, team=team)

    more = [monthly_report.send_due_reports() for _ in range(3)]

    assert (more, Notification.objects.count()) == ([True, True, False], 4)


def test_the_clock_runs_it_each_hour() -> None:
    assert RECURRING["send_monthly_reports"]["task_path"] == send_monthly_reports.module_path
    assert RECURRING["send_monthly_reports"]["schedule"] == "11 * * * *"


# What -------------------------------------------------------------------------------------------------------------


def test_budgets_are_kept_or_reached_by_what_the_month_took(cast: SimpleNamespace, entry: Entry) -> None:
    entry(OCTOBER, 80)
    entry(OCTOBER, 20, author=cast.admin)
    entry(date(2026, 11, 1), 500)
    for subject, credits in ((Subject.of(None), 200), (Subject(Scope.EVERYONE), 80), (Subject.of(cast.admin), 20)):
        set_budget(cast.team, subject, credits, actor=SITE)
    makers.make_generation(cast.team, cast.member, credits=900)

    text = body(letters()["anna@example.org"])

    assert (
        "\n".join(
            (
                "Budgets, as they are set now",
                "  Each person: 80 of 80 credits by whoever spent the most, reached",
                "  Adam: 20 of 20 credits, reached",
                "  The whole team: 100 of 200 credits, kept",
                "",
            )
        )
        in text
    )


def test_long_lists_end_with_what_the_rest_comes_to(cast: SimpleNamespace, entry: Entry) -> None:
    for number in range(12):
        entry(OCTOBER, 20 - number, author=makers.join(cast.team, f"p{number}@example.org", name=f"P{number}"))

    text = body(letters()["anna@example.org"])

    assert "  P9: 11 credits, 1 picture\n  2 more: 19 credits, 2 pictures\n" in text


def test_private_pictures_count_without_their_prompts(cast: SimpleNamespace) -> None:
    with time_machine.travel(datetime(2026, 10, 12, 9, tzinfo=UTC)):
        secret = makers.make_generation(cast.team, cast.member, "A surprise for Anna", visibility=Visibility.PRIVATE)
        work = BilledGeneration(secret.pk, cast.team.pk, cast.member.pk, None, "gpt-image-2")
        LedgerEntry.objects.record(work, EntryKind.CHARGE, 8, pictures=1)

    text = body(letters()["anna@example.org"])

    assert "Mina: 8 credits, 1 picture" in text
    assert "surprise" not in text + str(Notification.objects.get().facts)
    assert str(secret.pk) not in text


@pytest.mark.parametrize(
    ("before", "spent", "sentence"),
    [
        (160, 80, "That is 50 % less than in September 2026."),
        (80, 80, "That is as much as in September 2026."),
        (0, 80, "1 picture was made, for 80.0 credits."),
    ],
)
def test_it_is_held_against_the_month_before(
    cast: SimpleNamespace, entry: Entry, before: int, spent: int, sentence: str
) -> None:
    if before:
        entry(date(2026, 9, 3), before)
    entry(OCTOBER, spent)

    text = body(letters()["anna@example.org"])

    assert f"\n{sentence}" in text


def test_a_month_in_which_credits_only_came_back_is_told(cast: SimpleNamespace, entry: Entry) -> None:
    entry(OCTOBER, -8, kind=EntryKind.REFUND, pictures=-1)

    [letter] = letters().values()

    assert letter.subject == "October 2026: -8 credits spent"
    assert "No picture was made. 8 credits came back." in body(letter)
