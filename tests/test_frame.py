"""What surrounds every page: who sees which links, what is left, light and dark, and the way out of a dead end."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from django.db import OperationalError
from django.test import Client, override_settings

from tests import makers

BrowserOf = Callable[[str], Client]


def page(client: Client, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).content, "html.parser")


def words(found: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(tag.get_text().split()) for tag in found.select(selector)]


@pytest.mark.parametrize(
    ("who", "links"),
    [
        ("owner", ["Create", "Gallery", "History", "Usage", "Keys", "Members"]),
        ("admin", ["Create", "Gallery", "History", "Usage", "Keys", "Members"]),
        ("member", ["Create", "Gallery", "History", "Usage"]),
        ("reviewer", ["Create", "Gallery", "History", "Usage"]),
    ],
)
def test_the_bar_offers_what_the_role_may_open(
    cast: SimpleNamespace, browser_of: BrowserOf, who: str, links: list[str]
) -> None:
    found = page(browser_of(who), f"/t/{cast.team.slug}/gallery/")

    assert words(found, ".nav a") == links
    assert words(found, ".nav [aria-current=page]") == ["Gallery"]
    assert all(link["href"] for link in found.select(".nav a"))


def test_the_team_switch_lists_the_persons_teams_and_no_others(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    second = makers.make_team("Pier", cast.owner)

    found = page(browser_of("owner"), f"/t/{cast.team.slug}/gallery/")

    teams = found.select("#team-menu a:not(hr ~ a)")
    assert {link["href"] for link in teams} == {f"/t/{t.slug}/" for t in (cast.team, second)}
    assert [link["href"] for link in found.select("#team-menu [aria-current]")] == [f"/t/{cast.team.slug}/"]


NO_TEAM_IN_THEM = [
    "/accounts/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/logout/",
    "/nowhere/",
    "/t/nobodys/gallery/",
]


@pytest.mark.parametrize("address", NO_TEAM_IN_THEM)
def test_the_persons_pages_and_a_dead_end_keep_the_bar_of_the_last_team(
    cast: SimpleNamespace, browser_of: BrowserOf, address: str
) -> None:
    makers.make_team("Pier", cast.owner)
    makers.make_key(cast.team)
    client = browser_of("owner")
    client.get(f"/t/{cast.team.slug}/gallery/")

    found = page(client, address)

    assert words(found, ".nav a") == ["Create", "Gallery", "History", "Usage", "Keys", "Members"]
    assert {str(link["href"]).split("/")[2] for link in found.select(".nav a")} == {cast.team.slug}
    assert found.select(".nav [aria-current]") == []
    assert words(found, ".team-name") == [cast.team.name]
    assert words(found, "#credits") == ["1,000 left"]
    assert found.select("#person-menu")


def test_there_the_bar_offers_what_the_role_may_open(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    client = browser_of("member")
    client.get(f"/t/{cast.team.slug}/gallery/")

    found = page(client, "/accounts/")

    assert words(found, ".nav a") == ["Create", "Gallery", "History", "Usage"]
    assert not found.select(f"#team-menu a[href='/t/{cast.team.slug}/settings/']")


def test_the_pages_that_stop_a_form_or_a_fault_keep_the_bar_too(
    cast: SimpleNamespace, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in = browser_of("member")
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = signed_in.cookies
    careful.raise_request_exception = False

    forged = careful.post("/accounts/theme/", {"theme": "dark"})
    often = [signed_in.post("/accounts/password/change/", {}) for _ in range(6)][-1]
    monkeypatch.setattr("hubportal.accounts.views._sign_in_facts", lambda user: 1 / 0)
    broken = careful.get("/accounts/")

    for answer, status in ((forged, 403), (often, 429), (broken, 500)):
        found = BeautifulSoup(answer.content, "html.parser")
        assert answer.status_code == status
        assert words(found, ".nav a") == ["Create", "Gallery", "History", "Usage"]
        assert len(found.select("h1")) == 1


def test_a_fault_of_the_database_is_told_without_asking_it_again(
    cast: SimpleNamespace, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(user: object) -> None:
        raise OperationalError("the database is away")

    client = browser_of("member")
    client.raise_request_exception = False
    monkeypatch.setattr("hubportal.accounts.views._sign_in_facts", fail)

    answer = client.get("/accounts/")

    found = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 500
    assert words(found, "h1") == ["Something went wrong on our side"]
    assert not found.select(".nav")


def test_a_fault_in_the_bar_itself_is_told_without_the_bar(
    cast: SimpleNamespace, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_of("member")
    client.raise_request_exception = False
    monkeypatch.setattr("hubportal.usage.credits.credits_of", lambda team: 1 / 0)

    answer = client.get(f"/t/{cast.team.slug}/gallery/")

    found = BeautifulSoup(answer.content, "html.parser")
    assert (answer.status_code, words(found, "h1")) == (500, ["Something went wrong on our side"])


@pytest.mark.parametrize("address", ["/accounts/login/", "/nowhere/"])
def test_nobody_in_particular_gets_no_teams_bar(client: Client, db: None, address: str) -> None:
    found = page(client, address)

    assert found.select("h1")
    assert not found.select(".nav")


def test_a_team_that_wants_a_second_step_first_shows_nothing_around_other_pages(
    cast: SimpleNamespace, browser_of: BrowserOf
) -> None:
    client = browser_of("member")
    client.get(f"/t/{cast.team.slug}/gallery/")
    cast.team.requires_two_factor = True
    cast.team.save(update_fields=["requires_two_factor"])

    found = page(client, "/accounts/")

    assert not found.select(".nav")
    assert not found.select("#credits")


@pytest.mark.parametrize(
    ("address", "here"), [("members/", "Members"), ("settings/", "Settings"), ("audit/", "Audit log")]
)
def test_the_pages_about_the_team_lead_to_each_other(
    cast: SimpleNamespace, browser_of: BrowserOf, address: str, here: str
) -> None:
    found = page(browser_of("admin"), f"/t/{cast.team.slug}/{address}")

    assert words(found, ".tabs a") == ["Members", "Settings", "Budgets", "Projects", "Channels", "Audit log"]
    # First on each, in a page of one width: they stay in their place from one to the next.
    assert found.select("main > *")[0]["class"] == ["tabs"]
    assert found.select("main")[0]["class"] == ["page"]
    assert words(found, ".tabs [aria-current=page]") == [here]


@pytest.mark.parametrize("superuser", [True, False])
def test_only_a_superusers_own_menu_names_the_admin(
    cast: SimpleNamespace, browser_of: BrowserOf, superuser: bool
) -> None:
    cast.member.is_superuser = superuser
    cast.member.save(update_fields=["is_superuser"])

    found = page(browser_of("member"), f"/t/{cast.team.slug}/gallery/")

    assert bool(found.select("#person-menu a[href='/admin/']")) == superuser


def test_signing_out_and_changing_the_theme_are_posts_with_a_token(
    cast: SimpleNamespace, browser_of: BrowserOf
) -> None:
    found = page(browser_of("member"), f"/t/{cast.team.slug}/gallery/")

    forms = found.select("#person-menu form")
    assert {form["action"] for form in forms} == {"/accounts/logout/", "/accounts/theme/"}
    assert all(form["method"] == "post" and form.select("[name=csrfmiddlewaretoken]") for form in forms)


@pytest.mark.parametrize(("theme", "attribute"), [("system", None), ("light", "light"), ("dark", "dark")])
def test_the_page_wears_the_theme_the_person_chose(
    cast: SimpleNamespace, browser_of: BrowserOf, theme: str, attribute: str | None
) -> None:
    client = browser_of("member")

    client.post("/accounts/theme/", {"theme": theme})

    found = page(client, f"/t/{cast.team.slug}/gallery/")
    assert found.select("html")[0].get("data-theme") == attribute
    assert [button["value"] for button in found.select(".themes [aria-pressed=true]")] == [theme]


@pytest.mark.parametrize("sandbox", [True, False])
def test_every_page_says_when_nothing_is_spent(cast: SimpleNamespace, browser_of: BrowserOf, sandbox: bool) -> None:
    with override_settings(HUB_SANDBOX=sandbox):
        found = page(browser_of("member"), f"/t/{cast.team.slug}/gallery/")

    said = words(found, ".notice p")
    assert said == (["You are painting with the sandbox: nothing is spent."] if sandbox else [])


@pytest.mark.parametrize(("who", "told"), [("owner", True), ("admin", True), ("member", False), ("reviewer", False)])
@override_settings(HUB_SANDBOX=True)
def test_those_who_look_after_keys_read_how_to_get_to_the_real_hub(
    cast: SimpleNamespace, browser_of: BrowserOf, who: str, told: bool
) -> None:
    found = page(browser_of(who), f"/t/{cast.team.slug}/gallery/")

    assert ("HUB_BASE_URL=https://www.gptimagehub.com" in words(found, ".notice p")[0]) is told
    assert bool(found.select(f".notice a[href='/t/{cast.team.slug}/keys/']")) is told


@override_settings(HUB_SANDBOX=True)
def test_a_closed_sandbox_notice_stays_closed_for_this_person_in_this_browser(
    cast: SimpleNamespace, browser_of: BrowserOf
) -> None:
    client, address = browser_of("member"), f"/t/{cast.team.slug}/gallery/"
    form = page(client, address).select(".notice form")[0]

    answer = client.post(form["action"], headers={"Referer": f"http://testserver{address}"})

    assert (answer.status_code, answer["Location"]) == (302, f"http://testserver{address}")
    assert words(page(client, address), ".notice") == []
    client.force_login(cast.admin)
    assert len(words(page(client, address), ".notice")) == 1
    assert len(words(page(browser_of("member"), address), ".notice")) == 1


@override_settings(HUB_SANDBOX=True)
def test_with_scripts_the_notice_alone_goes(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    client = browser_of("member")
    form = page(client, f"/t/{cast.team.slug}/gallery/").select(".notice form")[0]

    answer = client.post(form["hx-post"], headers={"HX-Request": "true"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert words(page(client, f"/t/{cast.team.slug}/gallery/"), ".notice") == []


def test_a_role_that_is_too_small_is_named_and_so_is_who_can_help(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    answer = browser_of("reviewer").get(f"/t/{cast.team.slug}/keys/")

    text = " ".join(BeautifulSoup(answer.content, "html.parser").select("main")[0].get_text().split())
    assert answer.status_code == 403
    assert f"Your role in {cast.team.name} is Reviewer" in text
    assert "An owner or an admin of the team can" in text
