"""The bell, the page of notifications, the choices, and the link in e-mails."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hubportal.notifications.events import Channel
from hubportal.notifications.models import Notification, Preference
from hubportal.notifications.outbox import notify
from hubportal.notifications.unsubscribing import unsubscribe_url
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Role
from tests.notifications.events import BUDGET_ASKED, BUDGET_NEAR

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[str], Client]
INDEX, CHOICES = "/accounts/notifications/", "/accounts/notifications/choices/"


def tell(cast: SimpleNamespace, name: str = "Spring", **changes: Any) -> Notification:
    facts = {"name": name, "share": 80, "left": 20}
    notify(BUDGET_NEAR, team=cast.team, to=[cast.admin.pk], about=facts, link="/t/studio-north/usage/")
    newest = Notification.objects.latest("created_at")
    Notification.objects.filter(pk=newest.pk).update(**changes)
    return newest


def page(client: Client, address: str = INDEX) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).content, "html.parser")


def bell(client: Client) -> str:
    return " ".join(page(client, "/t/studio-north/").select_one(".bell .unseen").get_text().split())


def headlines(found: BeautifulSoup) -> list[str]:
    return [link.get_text() for link in found.select(".told h2 a")]


def test_the_bell_counts_what_was_not_opened(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    adam = browser_of("admin")
    before = bell(adam)
    tell(cast)
    tell(cast, read_at=timezone.now())
    notify(BUDGET_ASKED, team=cast.team, to=[cast.admin.pk], about={"name": "Spring"}, link="/")

    assert (before, bell(adam)) == ("Notifications", "Notifications: 1 you haven't opened")
    assert bell(browser_of("owner")) == "Notifications"


def test_the_bell_counts_no_further_than_99(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    one = tell(cast)
    values = {name: getattr(one, name) for name in ("team", "user", "event", "permission", "facts", "link")}
    Notification.objects.bulk_create(Notification(**values) for _ in range(120))

    assert page(browser_of("admin"), "/t/studio-north/").select_one(".bell .count").get_text() == "99+"


def test_the_bell_costs_a_page_one_query_whatever_there_is(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    adam = browser_of("admin")
    tell(cast)
    adam.get("/t/studio-north/usage/")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        adam.get("/t/studio-north/usage/")

    assert len([query for query in asked if "notifications_" in query["sql"]]) == 1


def test_the_page_lists_what_one_was_told_newest_first(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    tell(cast, "Spring", created_at=timezone.now() - timedelta(days=1))
    tell(cast, "Summer")

    found = page(browser_of("admin"))

    assert headlines(found) == ["Summer is at 80 %", "Spring is at 80 %"]
    assert "20 credits are left." in found.get_text()
    assert headlines(page(browser_of("owner"))) == []


def test_the_page_goes_on_where_it_ends(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    for day in range(52):
        tell(cast, str(day), created_at=timezone.now() - timedelta(days=day))
    adam = browser_of("admin")

    first = page(adam)
    second = page(adam, INDEX + first.select_one("[rel=next]")["href"])

    assert (len(headlines(first)), headlines(second)) == (50, ["50 is at 80 %", "51 is at 80 %"])


def test_opening_one_leads_to_what_it_is_about_and_it_is_read(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    one = tell(cast)
    adam = browser_of("admin")

    response = adam.get(page(adam).select_one(".told h2 a")["href"])

    one.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, "/t/studio-north/usage/")
    assert one.read_at is not None


def test_all_are_read_at_once(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    tell(cast)
    tell(cast)
    adam = browser_of("admin")
    form = page(adam).select_one("main form")

    adam.post(form["action"])
    found = page(adam)

    assert bell(adam) == "Notifications"
    assert found.select("[data-unread], main form") == []
    assert len(headlines(found)) == 2


@pytest.mark.parametrize("how", ["left", "demoted"])
def test_who_left_or_may_not_know_it_any_more_sees_nothing_of_it(
    cast: SimpleNamespace, browser_of: BrowserOf, how: str
) -> None:
    one = tell(cast)
    adam = browser_of("admin")
    place = Membership.objects.filter(user=cast.admin, team=cast.team)
    place.delete() if how == "left" else place.update(role=Role.MEMBER)

    found = page(adam)

    assert headlines(found) == []
    assert found.select(".bell .count") == []
    assert adam.get(reverse("notifications:follow", args=[one.pk])).status_code == 404


@pytest.mark.parametrize("written", [{"event": "from.the.future"}, {"facts": {"label": "Spring"}}, {"facts": []}])
def test_what_another_version_wrote_down_is_no_error(
    cast: SimpleNamespace, browser_of: BrowserOf, written: dict[str, Any]
) -> None:
    tell(cast, **written)

    assert "has no words for" in headlines(page(browser_of("admin")))[0]


def test_words_of_people_are_text(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    tell(cast, "<script>alert(1)</script>")

    assert page(browser_of("admin")).select(".told script") == []


# What one chooses ----------------------------------------------------------------------------------------------


def ticked(found: BeautifulSoup) -> set[str]:
    return {box["value"] for box in found.select(".choices input[checked]")}


def test_the_choices_begin_with_what_the_events_say_and_are_kept(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    adam = browser_of("admin")
    before = ticked(page(adam, CHOICES))
    wanted = before - {"test.budget_near:email"} | {"test.budget_answered:bar"}

    adam.post(CHOICES, {"wanted": sorted(wanted)})

    assert {"test.budget_near:bar", "test.budget_near:email", "test.budget_answered:email"} <= before
    assert ticked(page(adam, CHOICES)) == wanted
    assert Preference.objects.count() == 2
    assert "test.budget_near:email" in ticked(page(browser_of("owner"), CHOICES))


def test_going_back_to_what_the_events_say_forgets_the_choice(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    adam = browser_of("admin")
    before = ticked(page(adam, CHOICES))

    adam.post(CHOICES, {"wanted": []})
    nothing = ticked(page(adam, CHOICES))
    adam.post(CHOICES, {"wanted": sorted(before)})

    assert nothing == set()
    assert not Preference.objects.exists()


def test_only_what_ones_roles_may_know_is_offered(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    offered = {box["value"] for box in page(browser_of("member"), CHOICES).select(".choices input")}

    assert "test.budget_answered:email" in offered
    assert "test.budget_near:email" not in offered


def test_a_box_that_is_not_offered_is_not_heard(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    browser_of("member").post(CHOICES, {"wanted": ["test.budget_near:bar", "nonsense", "a:b:c"]})

    assert not Preference.objects.filter(event=BUDGET_NEAR.code).exists()


# The link in e-mails -------------------------------------------------------------------------------------------


def link(user: Any, event: str = BUDGET_NEAR.code) -> str:
    return unsubscribe_url(user.pk, event).removeprefix("http://testserver")


def stopped(user: Any) -> bool:
    return Preference.objects.filter(user=user, event=BUDGET_NEAR.code, channel=Channel.EMAIL, wanted=False).exists()


def test_the_link_asks_first_and_stops_them_without_signing_in(cast: SimpleNamespace) -> None:
    nobody = Client()

    asked = page(nobody, link(cast.admin))
    before = stopped(cast.admin)
    answered = nobody.post(asked.select_one("form")["action"])

    assert "adam@example.org" in asked.get_text()
    assert (before, stopped(cast.admin), stopped(cast.owner)) == (False, True, False)
    assert "have stopped" in answered.content.decode()


def test_a_mail_programs_one_click_stops_them(cast: SimpleNamespace) -> None:
    program = Client(enforce_csrf_checks=True)

    response = program.post(link(cast.admin), {"List-Unsubscribe": "One-Click"})

    assert (response.status_code, stopped(cast.admin)) == (200, True)


@pytest.mark.parametrize("token", ["made-up", "W10.x", ""])
def test_a_link_that_is_not_ours_stops_nothing(cast: SimpleNamespace, token: str) -> None:
    forged = reverse("notifications:unsubscribe", args=[token]) if token else link(cast.admin)[:-3] + "/"

    assert Client().post(forged).status_code == 404
    assert not Preference.objects.exists()


def test_a_link_of_an_event_that_is_no_more_is_404(cast: SimpleNamespace) -> None:
    assert Client().get(link(cast.admin, "gone")).status_code == 404


def test_what_is_asked_for_by_email_alone_is_not_in_the_list(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    notify(BUDGET_ASKED, team=cast.team, to=[cast.member.pk], about={"name": "Spring"}, link="/")

    assert headlines(page(browser_of("member"))) == []
