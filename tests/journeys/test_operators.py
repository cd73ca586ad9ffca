"""Whoever runs the site comes in by single sign-on, with and without scripts, and looks round the admin."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.accounts.provider import COME_BACK, Provider, running
from tests.browser import EXPECT_TIMEOUT
from tests.security.site import EMAIL, NAME, PASSWORD
from tests.security.site import Site as Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as provider:
        provider.person("anna", email=EMAIL, email_verified=True)
        yield provider


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("operators"), TRUSTED_PROXIES="", OIDC_NAME="Studio Login")
    here = f"http://127.0.0.1:{server.port}"
    client, secret = provider.register(here + COME_BACK)
    server.environment |= {"ALLOWED_HOSTS": f"127.0.0.1,{NAME}"}
    server.environment |= {"SITE_URL": here, "OIDC_ISSUER": provider.url, "OIDC_CLIENT_ID": client}
    server.environment |= {"OIDC_CLIENT_SECRET": secret}
    server.manage("migrate", "--verbosity=0")
    server.manage("create_team", "Studio North", "--owner", EMAIL, "--password-stdin", said=PASSWORD)
    server.manage("shell", "-c", "from hubportal.accounts.models import User; User.objects.update(is_superuser=True)")
    with server.running():
        yield server


@pytest.mark.parametrize("scripts", [True, False])
def test_single_sign_on_and_the_admin_work_under_the_policy(
    browser: Browser, server: Server, provider: Provider, scripts: bool
) -> None:
    problems: list[str] = []
    here = f"http://127.0.0.1:{server.port}"
    context: Any = browser.new_context(base_url=here, java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(EXPECT_TIMEOUT)
    page.on("pageerror", lambda error: problems.append(str(error)))
    # The provider's own page complains too, of what is none of ours.
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" and here in page.url else None)
    page.goto("/admin/")
    page.get_by_role("button", name="Sign in with Studio Login").click()
    page.wait_for_url(f"{provider.url}/**")
    page.get_by_label("Subject", exact=True).fill("anna")
    page.get_by_role("button", name="Authorize", exact=True).click()

    page.wait_for_url("**/admin/")
    page.get_by_role("link", name="Users").first.click()
    page.get_by_role("link", name=EMAIL).click()
    page.get_by_label("Name").fill("Anna N")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    assert problems == []
    context.close()
