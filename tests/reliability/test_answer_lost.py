"""It was sent, and no answer came that can be believed: it may have been charged, so it is never sent again."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from hubportal.generations.models import Generation, ReferenceFile, State
from hubportal.hub.client import GenerationParameters, HubClient
from hubportal.hub.errors import HubInterrupted
from hubportal.hub.records import GenerationRecord
from tests import makers, worker
from tests.hub.conftest import Server, Visit, answering
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db


def assert_left_alone(case: Case, generation: Generation) -> None:
    """However often the worker comes by, now or tomorrow, it is not sent again."""
    for _ in range(2):
        Generation.objects.update(due_at=timezone.now())
        worker.sweep()
        worker.send(generation.pk)
        list(worker.poll_due(timedelta()))
        case.pass_time(hours=30)
    assert case.read(generation).attempts == 1


def test_the_connection_is_lost_before_the_body_is_read(case: Case) -> None:
    case.secret = case.hub.new_key(credits=100, owner=f"[dropunread] {case.secret[-8:]}")
    case.key.destroy_secret()
    makers.make_key(case.team, case.secret, credits=100)

    generation = case.send()

    assert case.hub_ledger() == []
    assert_left_alone(case, generation)
    case.told(generation)


def test_the_connection_is_lost_amid_the_body(case: Case) -> None:
    content = bytes(4_000_000)
    stored = ReferenceFile(
        team=case.team, added_by=case.owner, sha256=hashlib.sha256(content).hexdigest(), content_type="image/png",
        size=len(content), width=1, height=1,
    )  # fmt: skip
    stored.file.save("x", ContentFile(content))
    generation = makers.make_generation(case.team, case.owner, "[dropmidway]", references=[(stored, "a.png")])

    worker.send(generation.pk)

    assert case.hub_ledger() == []
    assert_left_alone(case, generation)
    case.told(generation)


def test_the_connection_is_lost_after_the_body_and_nothing_was_accepted(case: Case) -> None:
    generation = case.send("[dropearly]")

    assert case.hub_ledger() == []
    assert_left_alone(case, generation)
    case.told(generation)


def test_the_connection_is_lost_after_the_body_and_it_was_accepted(case: Case) -> None:
    generation = case.send("[drop]")

    assert case.hub_ledger() == [("charge", 8)]
    assert_left_alone(case, generation)
    case.told(generation)


def test_the_hub_is_gone_altogether_after_the_body(case: Case, settings: Any, serve: Callable[..., Server]) -> None:
    hub = serve(Visit.read)
    settings.HUB_BASE_URL = hub.url

    generation = case.send()

    posts = [visit for visit in hub.visits if visit.method == "POST"]
    assert_left_alone(case, generation)
    assert len(posts) == 1
    case.told(generation, sent=0)


@pytest.mark.usefixtures("impatient")
def test_no_answer_comes_in_time(case: Case) -> None:
    generation = case.send("[lateanswer 2]")

    assert case.hub_ledger() == [("charge", 8)]
    assert_left_alone(case, generation)
    case.told(generation)


@pytest.mark.parametrize("prompt", ["[cut]", "[notjson 200]", "[notjson 202]"], ids=["cut", "page-200", "page-202"])
def test_the_answer_to_an_accepted_one_can_not_be_read(case: Case, prompt: str) -> None:
    generation = case.send(prompt)

    assert case.hub_ledger() == [("charge", 8)]
    assert_left_alone(case, generation)
    case.told(generation)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_answers_for_the_hub(case: Case, status: int) -> None:
    generation = case.send(f"[html {status}]")

    assert case.hub_ledger() == []
    assert_left_alone(case, generation)
    case.told(generation)


@pytest.mark.parametrize("prompt", ["[noid]", "[badid ../x]", "[badid a/../../credits]", "[badid .]"])
def test_the_id_is_missing_or_hostile(case: Case, prompt: str) -> None:
    generation = case.send(prompt)

    assert generation.hub_id == ""
    assert case.hub_ledger() == [("charge", 8)]
    assert_left_alone(case, generation)
    case.told(generation)


def test_the_id_is_another_generations(case: Case) -> None:
    first = case.send("[forever]")

    generation = case.send(f"[badid {first.hub_id}]")

    assert generation.hub_id == ""
    assert_left_alone(case, generation)
    case.told(generation, sent=2)


def test_a_redirect_is_not_followed_with_a_key(case: Case, serve: Callable[..., Server]) -> None:
    elsewhere = serve(answering(202, {}))

    generation = case.send(f"[redirect {elsewhere.url}/api/v1/images/generations]")

    assert elsewhere.connections == 0
    assert_left_alone(case, generation)
    case.told(generation)


def test_an_answer_that_comes_after_the_lease_is_still_taken(case: Case) -> None:
    generation = Generation.objects.claim_for_sending(case.ask().pk, case.key)
    assert generation
    accepted = HubClient(case.url, case.secret).submit(
        GenerationParameters(generation.model, generation.prompt, "64x64")
    )
    Generation.objects.update(lease_until=timezone.now())
    worker.sweep()
    between = case.read(generation).state

    generation.record_accepted(accepted)

    assert between == State.UNKNOWN
    case.told(case.work(generation))


def happening(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Let something happen between the hub's answer and its being written down."""
    submit = HubClient.submit

    def slow(*arguments: Any) -> GenerationRecord:
        try:
            return submit(*arguments)
        finally:
            do()

    monkeypatch.setattr(HubClient, "submit", slow)


def lease_runs_out() -> None:
    Generation.objects.filter(state=State.SENDING).update(lease_until=timezone.now())
    worker.sweep()


def test_a_refusal_that_comes_after_the_lease_is_still_taken(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    happening(monkeypatch, lease_runs_out)

    generation = case.send("[refuse]")

    assert generation.doubted_at
    case.told(generation)


@pytest.mark.parametrize("accepted", [True, False], ids=["went-through", "did-not"])
def test_an_answer_that_comes_after_somebody_settled_it_is_taken_up_as_a_new_one(
    case: Case, monkeypatch: pytest.MonkeyPatch, accepted: bool
) -> None:
    def settled() -> None:
        lease_runs_out()
        doubtful = Generation.objects.get()
        (doubtful.settle_as_accepted if accepted else doubtful.settle_as_not_accepted)(case.owner)

    happening(monkeypatch, settled)

    old = case.send()

    assert (old.state, old.cost or 0) == (State.FAILED, 0)
    case.told(case.work(Generation.objects.exclude(pk=old.pk).get()))


@pytest.mark.django_db(transaction=True)  # the connection is made anew
@pytest.mark.parametrize("written", [False, True], ids=["before-it-wrote", "after-it-wrote"])
def test_the_database_is_away_when_the_hub_accepts(case: Case, monkeypatch: pytest.MonkeyPatch, written: bool) -> None:
    away = iter([OperationalError("the database system is shutting down"), InterfaceError("connection already closed")])
    write = Generation.record_accepted

    def fail_twice(generation: Generation, record: GenerationRecord) -> bool:
        failure = next(away, None)
        done = write(generation, record) if written or not failure else False
        if failure:
            raise failure
        return done

    monkeypatch.setattr(Generation, "record_accepted", fail_twice)
    monkeypatch.setattr(import_module("hubportal.generations.worker.send"), "WRITE_RETRY_INTERVALS", (0.01, 0.01, 0.01))

    generation = case.send()

    assert written or next(away, None) is None
    case.told(case.work(generation))


def test_the_worker_dies_while_it_sends(case: Case) -> None:
    generation = Generation.objects.claim_for_sending(case.ask().pk, case.key)
    assert generation
    HubClient(case.url, case.secret).submit(GenerationParameters(generation.model, generation.prompt, "64x64"))
    case.pass_time(minutes=1)

    worker.sweep()

    assert_left_alone(case, generation)
    case.told(generation)


# The waiting call (hub-api.md, Limits): the worker makes none, but a hub may take any submission for one.


def test_the_hub_answers_at_once_with_the_finished_record(case: Case) -> None:
    generation = case.send("[notasync]", n=2)

    for image in generation.images.all():
        case.keep(image)

    assert generation.images.count() == 2
    case.told(generation)


@pytest.mark.parametrize(("what", "n"), [("noimages", 1), ("partial", 3)], ids=["no-picture", "fewer"])
def test_the_finished_record_that_comes_at_once_is_booked_as_any_other(case: Case, what: str, n: int) -> None:
    generation = case.send(f"[notasync] [{what}]", n=n)

    for image in generation.images.all():
        case.keep(image)

    case.told(generation)


@pytest.mark.usefixtures("impatient")
def test_the_hub_waits_for_the_pictures_longer_than_we_do(case: Case) -> None:
    generation = case.send("[notasync] [slow 1]")

    assert case.hub_ledger() == [("charge", 8)]
    assert_left_alone(case, generation)
    case.told(generation)


def test_a_waiting_call_gets_the_finished_record_however_late(case: Case) -> None:
    client = HubClient(case.url, case.secret, submit_timeout=0.1, wait_timeout=10)

    record = client.submit(GenerationParameters("gpt-image-2", "A boat [slow 0.4]", "64x64"), wait=True)

    assert (record.outcome, len(record.images), record.credits) == ("succeeded", 1, 8)
    assert (case.posted(), case.hub_ledger()) == (1, [("charge", 8)])


def test_a_waiting_call_that_nobody_answers_leaves_the_outcome_unknown(case: Case) -> None:
    client = HubClient(case.url, case.secret, wait_timeout=0.3)

    with pytest.raises(HubInterrupted) as caught:
        client.submit(GenerationParameters("gpt-image-2", "A boat [slow 2]", "64x64"), wait=True)

    assert (caught.value.code, caught.value.outcome_unknown, caught.value.may_resend_post) == ("timeout", True, False)
    assert (case.posted(), case.hub_ledger()) == (1, [("charge", 8)])
