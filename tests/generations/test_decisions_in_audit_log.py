"""Settling and recovering stand in the audit log, once each, and without anybody's prompt."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from hubportal.audit.models import AuditEntry
from hubportal.generations.audit_actions import GenerationAction
from hubportal.generations.models import Generation, State
from tests import makers, worker

# The followers ask from threads of their own, and tasks are nudged on commit: the rows must really be committed.
pytestmark = pytest.mark.django_db(transaction=True)
BrowserOf = Callable[[str], Client]


def decide(browser: Client, generation: Generation, decision: str, **fields: str) -> None:
    address = f"/t/{generation.team.slug}/generations/{generation.pk}/{decision}/"
    assert browser.post(address, fields).status_code in {302, 422}


def written() -> list[tuple[Any, ...]]:
    verdicts = AuditEntry.objects.filter(action__startswith="generation.").order_by("pk")
    return [(one.action, one.by_name, one.about_id, one.detail) for one in verdicts]


@pytest.fixture
def secret(sandbox: Any) -> str:
    return sandbox.hub.new_key(credits=128)


@pytest.fixture
def dropped(cast: SimpleNamespace, secret: str) -> Generation:
    """Really accepted by the sandbox, whose answer was lost."""
    makers.make_key(cast.team, secret, credits=128, label="Sandbox")
    generation = makers.make_generation(cast.team, cast.member, prompt="[drop] a secret boat")
    worker.send(generation.pk)
    generation.refresh_from_db()
    assert generation.state == State.UNKNOWN
    return generation


@pytest.mark.parametrize("outcome", ["accepted", "not_accepted"])
def test_a_settled_doubt_is_written_once_with_the_verdict(
    browser_of: BrowserOf, dropped: Generation, outcome: str
) -> None:
    for who in ("member", "admin"):
        decide(browser_of(who), dropped, "settlement", outcome=outcome)

    assert written() == [("generation.settled", "Mina", str(dropped.pk), {"verdict": outcome})]


def test_a_form_that_comes_back_is_no_act(browser_of: BrowserOf, dropped: Generation) -> None:
    decide(browser_of("member"), dropped, "settlement", outcome="perhaps")
    decide(browser_of("admin"), dropped, "recovery", hub_id="no id")

    assert written() == []


@pytest.mark.parametrize(("who", "decision"), [("member", "settlement"), ("admin", "recovery")])
def test_a_recovered_generation_is_written_once_with_the_hubs_id(
    browser_of: BrowserOf, sandbox: Any, secret: str, dropped: Generation, who: str, decision: str
) -> None:
    (seen,) = sandbox.hub.generations(secret)

    for _time in range(2):
        decide(browser_of(who), dropped, decision, outcome="accepted", hub_id=seen.id)

    name = {"member": "Mina", "admin": "Adam"}[who]
    assert written() == [("generation.recovered", name, str(dropped.pk), {"hub_id": seen.id})]


def test_the_audit_log_holds_no_prompt(browser_of: BrowserOf, dropped: Generation) -> None:
    decide(browser_of("member"), dropped, "settlement", outcome="accepted")

    assert "boat" not in str(list(AuditEntry.objects.values()))
    assert AuditEntry.objects.get(action=GenerationAction.SETTLED).about == str(dropped.pk)[:8]
