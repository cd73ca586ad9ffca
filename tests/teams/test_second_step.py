"""A team that requires two-factor: who has none is led to set it up, and can do nothing else there but leave."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubportal.audit.actor import SITE
from hubportal.generations.models import Generation
from hubportal.teams.models import Team
from hubportal.teams.permissions import Permission
from hubportal.teams.teams import require_two_factor
from tests import makers
from tests.gallery.kept import picture
from tests.generations.pages import submit
from tests.test_every_address import Address, addresses, place_of, world  # noqa: F401

BrowserOf = Callable[[str], Client]
TEAM_PAGES = [address for address in addresses() if address.route.startswith("t/<slug:team>/")]
# A person may always leave, and be told what to do.
OPEN = Permission.LEAVE


def page_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text(tag: Any) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def second_step_page(team: Team) -> str:
    return reverse("teams:second-step", args=[team.slug])


def give_two_factor(user: Any, kind: str = Authenticator.Type.TOTP) -> None:
    Authenticator.objects.create(user=user, type=kind, data={"secret": "x"})


@pytest.fixture
def strict(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, whose team requires two-factor; nobody has it yet."""
    require_two_factor(cast.team, True, actor=SITE)
    return cast


@pytest.mark.one_database
@pytest.mark.parametrize("address", TEAM_PAGES, ids=lambda address: address.name)
def test_no_page_of_the_team_opens_without_two_factor(
    browser_of: BrowserOf,
    world: SimpleNamespace,  # noqa: F811
    address: Address,
) -> None:
    require_two_factor(world.team, True, actor=SITE)
    browser, place = browser_of("owner"), place_of(address, world)
    if address.view.permission is OPEN:
        assert browser.get(place).status_code in {200, 302, 405, 409}
        return

    looked = browser.get(place)
    by_htmx = browser.get(place, headers={"HX-Request": "true"})
    changed = {method: browser.generic(method, place) for method in ("POST", "PUT", "PATCH", "DELETE")}

    assert (looked.status_code, looked["Location"]) == (302, second_step_page(world.team))
    assert (by_htmx.status_code, by_htmx["HX-Redirect"], by_htmx.content) == (200, second_step_page(world.team), b"")
    assert {response.status_code for response in changed.values()} == {403}
    assert "Nothing was changed" in text(page_of(changed["POST"]).main)


@pytest.mark.one_database
@pytest.mark.parametrize("address", TEAM_PAGES, ids=lambda address: address.name)
def test_to_strangers_and_nobody_the_team_is_what_it_was(
    browser_of: BrowserOf,
    world: SimpleNamespace,  # noqa: F811
    address: Address,
) -> None:
    require_two_factor(world.team, True, actor=SITE)
    place = place_of(address, world)

    assert browser_of("stranger").get(place).status_code == 404
    assert browser_of("stranger").post(place).status_code == 404
    assert browser_of("nobody").get(place)["Location"].startswith("/accounts/login/")


def test_media_is_found_by_nobody_without_two_factor(browser_of: BrowserOf, strict: SimpleNamespace) -> None:
    image = picture(strict.team, strict.member)
    browser = browser_of("member")
    links = [reverse("media", kwargs={"pk": image.pk, "kind": kind}) for kind in ("thumb", "original", "download")]

    shut = {browser.get(link).status_code for link in links}
    give_two_factor(strict.member, Authenticator.Type.WEBAUTHN)

    assert shut == {404}
    assert {browser.get(link).status_code for link in links} == {200}


def test_references_are_found_by_nobody_without_two_factor(
    browser_of: BrowserOf, cast: SimpleNamespace, settings: Any
) -> None:
    makers.make_key(cast.team)
    submit(browser_of("member"), cast.team, references=makers.upload())
    reference = Generation.objects.get().references.get()
    link = reverse("media", kwargs={"pk": reference.pk, "kind": "reference"})
    assert browser_of("reviewer").get(link).status_code == 200

    require_two_factor(cast.team, True, actor=SITE)

    assert browser_of("reviewer").get(link).status_code == 404
    give_two_factor(cast.reviewer)
    assert browser_of("reviewer").get(link).status_code == 200


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_the_team_opens_with_an_authenticator_app_or_a_passkey(
    browser_of: BrowserOf, strict: SimpleNamespace, kind: str
) -> None:
    give_two_factor(strict.member, kind)
    browser = browser_of("member")

    assert browser.get(reverse("gallery:index", args=[strict.team.slug])).status_code == 200
    assert browser.get(second_step_page(strict.team))["Location"] == reverse(
        "generations:create", args=[strict.team.slug]
    )


def test_recovery_codes_alone_open_nothing(browser_of: BrowserOf, strict: SimpleNamespace) -> None:
    give_two_factor(strict.member, Authenticator.Type.RECOVERY_CODES)

    assert browser_of("member").get(reverse("gallery:index", args=[strict.team.slug])).status_code == 302


def test_another_persons_authenticator_opens_nothing(browser_of: BrowserOf, strict: SimpleNamespace) -> None:
    give_two_factor(strict.owner)

    assert browser_of("member").get(reverse("gallery:index", args=[strict.team.slug])).status_code == 302


def test_the_second_step_page_says_why_leads_to_set_up_and_shows_nothing_of_the_team(
    browser_of: BrowserOf, strict: SimpleNamespace
) -> None:
    makers.make_key(strict.team, credits=4321)
    second = makers.make_team("Pier", strict.owner)

    page = page_of(browser_of("owner").get(second_step_page(strict.team)))

    back = reverse("generations:create", args=[strict.team.slug])
    assert "Studio North requires that everybody signs in with a second step" in text(page.main)
    assert page.main.select_one(f"a[href='{reverse('mfa_activate_totp')}?next={back}']")
    assert page.main.select_one(f"a[href='{reverse('generations:create', args=[second.slug])}']")
    assert not page.select(".nav, #credits")
    assert "4,321" not in page.get_text()
    assert len(page.find_all("h1")) == 1


def test_somebody_who_would_rather_leave_may_and_sees_nothing_of_the_team(
    browser_of: BrowserOf, strict: SimpleNamespace
) -> None:
    makers.make_key(strict.team, credits=4321)
    browser = browser_of("member")
    link = page_of(browser.get(second_step_page(strict.team))).main.find("a", string="Leave the team")["href"]

    page = page_of(browser.get(link))
    left = browser.post(link)

    assert not page.select(".nav, #credits")
    assert left.status_code == 302
    assert not strict.team.memberships.filter(user=strict.member).exists()


def test_the_start_leads_to_the_second_step_page_and_stops_there(
    browser_of: BrowserOf, strict: SimpleNamespace
) -> None:
    response = browser_of("member").get("/", follow=True)

    assert response.redirect_chain[-1] == (second_step_page(strict.team), 302)
    assert len(response.redirect_chain) == 2
    assert response.status_code == 200


def test_the_persons_other_teams_are_open_as_before(browser_of: BrowserOf, strict: SimpleNamespace) -> None:
    second = makers.make_team("Pier", strict.owner)

    assert browser_of("owner").get(reverse("gallery:index", args=[second.slug])).status_code == 200


def test_only_a_team_that_requires_it_asks_the_database_once_more(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    give_two_factor(cast.member)
    browser, image = browser_of("member"), picture(cast.team, cast.member)
    links = [
        reverse("gallery:index", args=[cast.team.slug]),
        reverse("media", kwargs={"pk": image.pk, "kind": "thumb"}),
    ]
    for link in links:
        browser.get(link)

    def queries(link: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(link).status_code == 200
        return len(asked)

    before = [queries(link) for link in links]
    require_two_factor(cast.team, True, actor=SITE)

    assert [queries(link) for link in links] == [number + 1 for number in before]
