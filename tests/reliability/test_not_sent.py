"""Of these nothing reached the hub, or nothing was accepted: the worker tries again by itself, and not for ever."""

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hubportal.generations.models import Generation, ReferenceFile
from tests import makers, worker
from tests.hub.conftest import Authority, Server, answering
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db


def pause(generation: Generation) -> timedelta:
    assert generation.due_at
    return generation.due_at - timezone.now()


def send_again(case: Case, generation: Generation) -> Generation:
    Generation.objects.update(due_at=timezone.now())
    worker.send(generation.pk)
    return case.read(generation)


def test_no_connection_is_tried_again(case: Case, settings: Any, closed_port: int) -> None:
    settings.HUB_BASE_URL = f"http://127.0.0.1:{closed_port}"
    generation = case.send()
    case.told(generation, sent=0)
    pauses = [pause(generation), pause(send_again(case, generation)), pause(send_again(case, generation))]

    settings.HUB_BASE_URL = case.url
    send_again(case, generation)

    assert pauses == sorted(pauses)
    assert pauses[0] > timedelta(seconds=2)
    assert case.work(generation).state == "succeeded"
    assert case.posted() == 1


def test_no_connection_for_an_hour(case: Case, settings: Any, closed_port: int) -> None:
    settings.HUB_BASE_URL = f"http://127.0.0.1:{closed_port}"
    generation = case.send()
    case.pass_time(hours=1)

    send_again(case, generation)

    case.told(generation, sent=0)


def test_one_failed_connection_after_hours_in_the_queue(case: Case, settings: Any, closed_port: int) -> None:
    settings.HUB_BASE_URL = f"http://127.0.0.1:{closed_port}"
    generation = case.ask()
    case.pass_time(hours=5)

    worker.send(generation.pk)

    case.told(generation, sent=0)


def test_one_failed_connection_after_hours_of_a_busy_hub(case: Case, settings: Any, closed_port: int) -> None:
    generation = case.send("[busy 5]")
    case.pass_time(hours=5)
    settings.HUB_BASE_URL = f"http://127.0.0.1:{closed_port}"

    send_again(case, generation)

    case.told(generation)


def test_a_name_that_does_not_resolve(case: Case, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    settings.HUB_BASE_URL = "https://hub.test"
    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    generation = case.send()

    case.told(generation, sent=0)


def untrusted(serve: Callable[..., Server], authority: Authority) -> Server:
    """A hub whose certificate nobody we trust has signed."""
    return serve(answering(202, {}), authority.context_for("127.0.0.1"))


def test_a_certificate_that_nobody_trusts(
    case: Case, settings: Any, serve: Callable[..., Server], authority: Authority
) -> None:
    hub = untrusted(serve, authority)
    settings.HUB_BASE_URL = hub.url

    generation = case.send()

    assert [visit.method for visit in hub.visits] in ([], [""])
    case.told(generation, sent=0)


def test_a_server_that_speaks_no_tls(case: Case, settings: Any, serve: Callable[..., Server]) -> None:
    hub = serve(lambda visit: visit.send(400))
    settings.HUB_BASE_URL = hub.url.replace("http:", "https:")

    generation = case.send()

    case.told(generation, sent=0)


def test_no_safe_connection_for_an_hour(
    case: Case, settings: Any, serve: Callable[..., Server], authority: Authority
) -> None:
    settings.HUB_BASE_URL = untrusted(serve, authority).url
    generation = case.send()
    case.pass_time(hours=1)

    send_again(case, generation)

    case.told(generation, sent=0)


@pytest.mark.parametrize("prompt", ["[busy 300]", "[busyuntil 300]"], ids=["seconds", "date"])
def test_a_busy_hub_is_left_alone_for_as_long_as_it_asks(case: Case, prompt: str) -> None:
    generation = case.send(prompt)

    assert timedelta(seconds=290) < pause(generation) <= timedelta(seconds=300)
    case.told(generation)


def test_a_busy_hub_that_asks_for_a_week_is_asked_again_within_the_hour(case: Case) -> None:
    generation = case.send("[busy 604800]")

    assert timedelta(minutes=59) < pause(generation) <= timedelta(hours=1)
    case.told(generation)


def test_a_hub_that_is_busy_for_a_day(case: Case) -> None:
    generation = case.send("[busy 5]")
    case.pass_time(hours=23)
    still = send_again(case, generation).state
    case.pass_time(hours=1)

    send_again(case, generation)

    assert still == "waiting"
    case.told(generation, sent=3)


def test_a_team_without_a_key_that_works(case: Case) -> None:
    case.key.remove()

    generation = case.send()

    case.told(generation, sent=0)


def test_a_key_that_can_not_be_opened(case: Case) -> None:
    type(case.key).objects.update(sealed="v1.t1.bm90IHNlYWxlZCBoZXJl")

    generation = case.send()

    case.key.refresh_from_db()
    assert case.key.problem == "decryptionFailed"
    case.told(generation, sent=0)


def test_a_reference_that_can_not_be_read_any_more(case: Case) -> None:
    lost = ReferenceFile.objects.create(
        team=case.team, added_by=case.owner, sha256="0" * 64, file="references/gone", content_type="image/png", size=9,
        width=1, height=1,
    )  # fmt: skip
    generation = makers.make_generation(case.team, case.owner, "like this", references=[(lost, "gone.png")])

    worker.send(generation.pk)

    case.told(generation, sent=0)
