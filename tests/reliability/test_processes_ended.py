"""Web and worker end while they are at work: asked to, or by kill -9."""

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from bench.browser import Browser
from hubportal.generations.models import Generation, ReferenceFile, State
from hubportal.launcher.ports import free_port
from hubportal.usage.models import Reservation
from tests import makers
from tests import worker as steps
from tests.reliability.case import Case
from tests.reliability.workers import wait_until, web, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]


def wait_for_the_post(case: Case, generation: Generation) -> None:
    wait_until(lambda: case.posted() == 1)
    assert case.read(generation).state == State.SENDING


def test_the_worker_is_asked_to_end_while_it_sends(case: Case) -> None:
    generation = case.ask("[lateanswer 2]")
    with worker(case) as first:
        wait_for_the_post(case, generation)
        first.terminate()
        wait_until(lambda: not first.is_alive)
    assert case.read(generation).state == State.RUNNING

    with worker(case):
        wait_until(lambda: case.read(generation).state == State.SUCCEEDED)

    case.told(generation)


def test_the_worker_is_killed_since_it_does_not_end_in_time(case: Case) -> None:
    generation = case.ask("[lateanswer 9]")
    with worker(case) as first:
        wait_for_the_post(case, generation)
        first.terminate()
        first.kill()
    assert case.read(generation).state == State.SENDING

    with worker(case):
        wait_until(lambda: case.read(generation).state != State.SENDING)

    case.told(generation)


class Form:
    """An order with two references, sent as often as need be: always the same form."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.port = free_port(0)
        self._path = f"/t/{case.team.slug}/generations/"
        self._cookies = {name: morsel.value for name, morsel in case.browser.cookies.items()}
        self._fields = {"prompt": "A red boat", "model": "gpt-image-2", "size": "1024x1024", "quality": "auto"}
        self._fields |= {"n": "1", "visibility": "team", "token": str(uuid.uuid4())}
        self._files = [folder / "first.png", folder / "second.png"]
        for file, colour in zip(self._files, ("teal", "red"), strict=True):
            file.write_bytes(makers.picture_bytes(size=(2000, 2000), colour=colour))

    def send(self) -> None:
        browser = Browser(self.port, self._cookies)
        browser.get(self._path.replace("generations/", ""))
        browser.upload(self._path, self._fields, self._files, 302)

    def send_in_vain(self) -> None:
        with suppress(OSError, HTTPException):
            self.send()


INSTANTS: dict[str, Callable[[], bool]] = {
    "a-reference-is-stored": ReferenceFile.objects.exists,
    "it-is-written": Generation.objects.exists,
}


def assert_whole(generation: Generation) -> None:
    assert generation.references.count() == 2
    assert all(used.stored.file.size == used.stored.size for used in generation.references.all())
    assert Reservation.objects.reserved_credits(generation.team) == 8


@pytest.mark.parametrize("instant", INSTANTS)
def test_web_is_killed_while_an_order_comes_in(case: Case, tmp_path: Path, instant: str) -> None:
    form = Form(case, tmp_path)
    with web(case, form.port) as first:
        sending = threading.Thread(target=form.send_in_vain)
        sending.start()
        wait_until(INSTANTS[instant])
        first.kill()
        sending.join()
    for generation in Generation.objects.all():
        assert_whole(generation)

    with web(case, form.port):
        form.send()

    generation = Generation.objects.get()
    assert_whole(generation)
    steps.send(generation.pk)
    case.work(generation)
    case.told(generation)
