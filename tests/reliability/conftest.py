"""A generation, the worker's own steps, a hub that misbehaves, and the documented row that the test is about."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hubportal.hub.client import HubClient

pytest.register_assert_rewrite("tests.reliability.case")

from tests import makers  # noqa: E402
from tests.hub.conftest import authority, closed_port, serve  # noqa: E402
from tests.reliability.case import Case  # noqa: E402
from tests.reliability.documented import row_of  # noqa: E402

__all__ = ["authority", "closed_port", "serve"]


@pytest.fixture
def case(db: None, sandbox: Any, request: pytest.FixtureRequest) -> Case:
    """A team with one key of 100 credits at the sandbox hub."""
    secret = sandbox.hub.new_key(credits=100)
    owner = makers.make_user("anna@example.org", name="Anna")
    team = makers.make_team(owner=owner)
    browser = Client()
    browser.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return Case(
        team=team,
        owner=owner,
        browser=browser,
        hub=sandbox.hub,
        url=sandbox.url,
        secret=secret,
        key=makers.make_key(team, secret, credits=100),
        row=row_of(Path(request.node.path).name, request.node.name),
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client waits for an answer to a submission for a third of a second only."""
    monkeypatch.setitem(HubClient.__init__.__kwdefaults__, "submit_timeout", 0.3)
