"""The second step in a real browser: an app with its codes, a recovery code, and a passkey of a made-up device."""

import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

PHONE = {"width": 390, "height": 844}
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/?next=/accounts/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")


def show_it_is_you(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def on_the_persons_page(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def code(secret: str, steps_ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps_ahead))


def give_code(page: Page, given: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    page.locator("[name=code]").fill(given)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_an_app_is_set_up_and_asked_for_and_a_recovery_code_stands_in(
    site: Site, open_browser: Callable[..., Page], problems: list[str], scripts: bool
):
    email = f"tove-{scripts}@example.org".lower()
    site.new_team("Studio West", email)
    page = open_browser(viewport=PHONE, java_script_enabled=scripts)

    sign_in(page, email)
    page.get_by_role("link", name="Set up two-factor").click()
    page.get_by_role("link", name="Set up an app").click()
    show_it_is_you(page)
    expect(page.locator("svg.qr")).to_be_visible()
    secret = page.locator("#secret").inner_text()
    page.locator("[name=code]").fill(code(secret))
    page.get_by_role("button", name="Turn on").click()
    codes = page.locator("#codes").inner_text().split()
    if scripts:
        with page.expect_download() as kept:
            page.get_by_role("button", name="Download").click()
        assert kept.value.path().read_text().split() == codes
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 left")).to_be_visible()

    sign_out(page)
    sign_in(page, email)
    give_code(page, code(secret, steps_ahead=1))
    on_the_persons_page(page)
    sign_out(page)
    sign_in(page, email)
    give_code(page, codes[0])
    on_the_persons_page(page)
    expect(page.get_by_text("9 recovery codes left")).to_be_visible()
    assert problems == []


@pytest.fixture
def at_localhost(site: Site) -> str:
    """The site where browsers allow passkeys without https: not at an address of numbers."""
    return site.url.replace("127.0.0.1", "localhost")


def with_device(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_a_passkey_is_added_named_and_signs_in_by_itself(
    site: Site, open_browser: Callable[..., Page], problems: list[str], at_localhost: str
):
    site.new_team("Studio Pass", "pia@example.org")
    page = open_browser(viewport=PHONE, base_url=at_localhost)
    with_device(page)

    sign_in(page, "pia@example.org")
    page.get_by_role("link", name="Add passkeys").click()
    show_it_is_you(page)
    page.locator("[name=name]").fill("My phone")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.locator("#codes")).to_be_visible()
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("heading", name="My phone")).to_be_visible()

    sign_out(page)
    page.goto("/accounts/login/?next=/accounts/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    on_the_persons_page(page)

    sign_out(page)
    sign_in(page, "pia@example.org")
    page.get_by_role("button", name="Use a passkey").click()
    on_the_persons_page(page)

    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove… My phone").click()
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("main")).to_contain_text("You have none")
    assert problems == []


def test_where_passkeys_cannot_work_the_page_says_so(site: Site, open_browser: Callable[..., Page]):
    page = open_browser(viewport=PHONE)
    page.goto("/accounts/login/")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.locator("p[data-trouble]")).to_contain_text("Passkeys work on addresses with https, or on localhost")
