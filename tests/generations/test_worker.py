"""The worker's steps against the sandbox hub: what is sent, followed, kept, and found again after a crash."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image as Pillow

from hubportal.generations import tasks, worker
from hubportal.generations.models import Generation, Image, ReferenceFile, State
from hubportal.generations.worker.send import GIVE_UP_AFTER
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry, Reservation
from tests import makers

# The followers ask from threads of their own, so the rows must really be committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def secret(sandbox: Any) -> str:
    return sandbox.hub.new_key(credits=100)


@pytest.fixture
def key(team: Team, secret: str) -> Key:
    return makers.make_key(team, secret, credits=100)


def ask(team: Team, prompt: str, **order: Any) -> Generation:
    return makers.make_generation(team, team.memberships.get(role="owner").user, prompt, **order)


def work_until(generation: Generation, *states: str, patience: float = 10.0) -> Generation:
    """Do the worker's rounds until the generation is in one of the states, or patience (seconds) is out."""
    worker.send(generation.pk)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        generation.refresh_from_db()
        if generation.state in states:
            return generation
        Generation.objects.filter(pk=generation.pk, state=State.RUNNING).update(due_at=timezone.now())
        for images in worker.follow(timedelta()):
            for image in images:
                worker.keep(image.pk)
    raise AssertionError(f"still {generation.state} ({generation.hub_status})")


def credits_counted(team: Team) -> int:
    return sum(entry.credits for entry in LedgerEntry.objects.filter(team=team))


def test_a_generation_goes_from_the_row_to_kept_pictures(team: Team, key: Key, sandbox: Any, secret: str):
    generation = work_until(ask(team, "A red boat", n=2, size="1536x1024"), *[State.SUCCEEDED])

    images = list(generation.images.all())
    assert [(image.width, image.height, image.content_type) for image in images] == [(1536, 1024, "image/png")] * 2
    with images[0].original.open() as file, Pillow.open(file) as picture:
        assert picture.size == (1536, 1024)
    with images[0].thumb.open() as file, Pillow.open(file) as thumb:
        assert (thumb.format, thumb.size) == ("WEBP", (640, 427))
    assert (generation.aspect_ratio, generation.tier) == ("3:2", "1K")
    assert credits_counted(team) == 16 == 100 - sandbox.hub.credits(secret)
    assert Reservation.objects.reserved_credits(team) == 0
    key.refresh_from_db()
    assert key.balance == 84


def test_the_references_reach_the_hub_byte_for_byte(team: Team, key: Key, sandbox: Any, secret: str):
    from hashlib import sha256

    from django.core.files.base import ContentFile

    content = makers.picture_bytes("JPEG")
    owner = team.memberships.get(role="owner").user
    stored = ReferenceFile(
        team=team,
        added_by=owner,
        sha256=sha256(content).hexdigest(),
        content_type="image/jpeg",
        size=len(content),
        width=64,
        height=48,
    )
    stored.file.save("x", ContentFile(content))
    order = makers.Order(prompt="like this", model="gpt-image-2", credits=8)
    generation, _ = Generation.objects.submit(team, owner, order, references=[(stored, "harbour ☀.jpg")])

    work_until(generation, State.SUCCEEDED)

    (seen,) = sandbox.hub.generations(secret)
    assert [(ref.sha256, ref.size) for ref in seen.references] == [(sha256(content).hexdigest(), len(content))]


def test_a_failure_gives_everything_back_and_says_why(team: Team, key: Key, sandbox: Any, secret: str):
    generation = work_until(ask(team, "[fail] a boat"), State.FAILED)

    assert generation.error_message
    assert generation.cost == 0
    assert credits_counted(team) == 0
    assert sandbox.hub.credits(secret) == 100


def test_fewer_pictures_are_still_a_success(team: Team, key: Key, sandbox: Any, secret: str):
    generation = work_until(ask(team, "[partial] boats", n=4), State.SUCCEEDED)

    assert generation.images.count() == 3
    assert (generation.returned, credits_counted(team)) == (8, 24)
    assert sandbox.hub.credits(secret) == 76


@pytest.mark.parametrize(
    ("prompt", "code"),
    [("[refuse]", "invalid_request"), ("[nocredits]", "insufficientCredits"), ("[500]", "generationFailed")],
)
def test_a_clear_no_costs_nothing(team: Team, key: Key, prompt: str, code: str):
    generation = work_until(ask(team, prompt), State.FAILED)

    assert generation.error_code == code
    assert not LedgerEntry.objects.exists()
    assert Reservation.objects.reserved_credits(team) == 0


@pytest.mark.parametrize("prompt", ["[drop]", "[dropearly]", "[cut]", "[html 502]"])
def test_every_doubt_ends_as_unknown_and_is_not_sent_again(
    team: Team, key: Key, sandbox: Any, secret: str, prompt: str
):
    generation = work_until(ask(team, prompt), State.UNKNOWN)
    worker.sweep()
    worker.send(generation.pk)

    generation.refresh_from_db()
    assert generation.state == State.UNKNOWN
    assert generation.balance_before == 100
    assert generation.balance_after == sandbox.hub.credits(secret)
    assert sandbox.hub.requests(secret)["submissions"] == 1
    assert Reservation.objects.reserved_credits(team) == 8


def test_a_busy_hub_is_tried_again_when_it_asked_to(team: Team, key: Key):
    generation = ask(team, "[busy 30] a boat")

    worker.send(generation.pk)

    generation.refresh_from_db()
    assert generation.state == State.WAITING
    assert timedelta(seconds=25) < generation.due_at - timezone.now() <= timedelta(seconds=30)


def test_a_hub_that_nobody_can_connect_to_is_tried_again_and_charges_nothing(team: Team, key: Key, settings: Any):
    settings.HUB_BASE_URL = "http://127.0.0.1:9"
    generation = ask(team, "A red boat")

    worker.send(generation.pk)

    generation.refresh_from_db()
    assert (generation.state, generation.error_code) == (State.WAITING, "unreachable")
    assert generation.due_at > timezone.now()


def test_after_an_hour_without_a_connection_the_person_is_told(team: Team, key: Key, settings: Any):
    settings.HUB_BASE_URL = "http://127.0.0.1:9"
    generation = ask(team, "A red boat")
    worker.send(generation.pk)
    Generation.objects.update(tried_since=timezone.now() - GIVE_UP_AFTER - timedelta(seconds=1), due_at=timezone.now())

    worker.send(generation.pk)

    generation.refresh_from_db()
    assert (generation.state, generation.error_code) == (State.FAILED, "unreachable")
    assert Reservation.objects.reserved_credits(team) == 0


def test_without_a_usable_key_nothing_is_sent(team: Team):
    generation = ask(team, "A red boat")

    worker.send(generation.pk)

    generation.refresh_from_db()
    assert (generation.state, generation.error_code) == (State.FAILED, "noKey")


def test_a_revoked_key_is_marked_and_not_used_for_new_work(team: Team, key: Key, sandbox: Any, secret: str):
    sandbox.hub.revoke(secret)

    work_until(ask(team, "A red boat"), State.FAILED)

    key.refresh_from_db()
    assert key.problem == "invalidApiKey"
    assert not Key.objects.usable().exists()


def test_a_404_right_after_acceptance_is_given_time(team: Team, key: Key):
    generation = work_until(ask(team, "[lost 1] a boat"), State.SUCCEEDED)

    assert generation.images.count() == 1


def test_a_picture_that_is_no_picture_is_tried_again_later_and_keeps_its_address(team: Team, key: Key):
    generation = work_until(ask(team, "[badimage] a boat"), State.SUCCEEDED)

    image = generation.images.get()
    assert (image.kept_at, image.problem, image.tries) == (None, "unreadable", 1)
    assert image.url
    assert image.due_at > timezone.now()
    assert generation.cost == 8


def test_a_look_that_meets_trouble_is_one_write_besides_its_lease(team: Team, key: Key, settings: Any):
    generation = ask(team, "[forever] a boat")
    worker.send(generation.pk)
    settings.HUB_BASE_URL = "http://127.0.0.1:9"
    Generation.objects.update(due_at=timezone.now())

    with CaptureQueriesContext(connection) as queries:
        list(worker.follow(timedelta()))

    writes = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "generations_generation"')]
    generation.refresh_from_db()
    assert generation.error_code == "unreachable"
    assert len(writes) == 2


def nudges_of(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    nudged: list[tuple[str, ...]] = []
    monkeypatch.setattr(type(tasks.send), "enqueue", lambda task, *arguments: nudged.append((task.name, *arguments)))
    return nudged


def test_the_pictures_of_one_that_is_answered_at_once_are_kept_right_away(
    team: Team, key: Key, monkeypatch: pytest.MonkeyPatch
):
    generation = ask(team, "[notasync] boats", n=2, size="64x64")
    nudged = nudges_of(monkeypatch)

    tasks.send.call()

    images = [str(pk) for pk in generation.images.values_list("pk", flat=True)]
    assert nudged == [("keep", images[0]), ("keep", images[1])]


def test_one_that_is_answered_at_once_makes_room_for_the_next(team: Team, key: Key, monkeypatch: pytest.MonkeyPatch):
    ask(team, "[notasync] [noimages]", size="64x64")
    ask(team, "A red boat", size="64x64")
    nudged = nudges_of(monkeypatch)

    tasks.send.call()

    assert nudged == [("send",)]


def test_one_that_is_being_painted_is_followed(team: Team, key: Key, monkeypatch: pytest.MonkeyPatch):
    ask(team, "A red boat", size="64x64")
    nudged = nudges_of(monkeypatch)

    tasks.send.call()
    tasks.send.call()

    assert nudged == [("follow",)]


def test_a_running_generation_without_an_end_is_unknown_after_a_day(team: Team, key: Key):
    generation = ask(team, "[forever] a boat")
    worker.send(generation.pk)
    yesterday = timezone.now() - timedelta(hours=25)
    Generation.objects.update(accepted_at=yesterday, due_at=yesterday)

    list(worker.follow(timedelta()))

    generation.refresh_from_db()
    assert (generation.state, generation.error_code) == (State.UNKNOWN, "deadline")


def test_a_lease_that_ran_out_in_sending_becomes_unknown_with_the_balance(team: Team, key: Key):
    generation = Generation.objects.claim_for_sending(ask(team, "A red boat").pk, key)
    assert generation
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    left = worker.sweep()

    generation.refresh_from_db()
    assert (generation.state, generation.error_code, generation.balance_after) == (State.UNKNOWN, "interrupted", 100)
    assert left.to_send == []


def test_the_sweep_finds_what_a_lost_nudge_left_waiting(team: Team, key: Key):
    generation = ask(team, "A red boat")

    left = worker.sweep()

    assert left.to_send == [generation.pk]


def test_the_sweep_finds_pictures_whose_fetcher_died(team: Team, key: Key):
    generation = ask(team, "A red boat")
    worker.send(generation.pk)
    until = time.monotonic() + 10
    while not Image.objects.exists() and time.monotonic() < until:
        Generation.objects.filter(answered_at=None).update(due_at=timezone.now())
        list(worker.follow(timedelta()))
    image = Image.objects.get()
    Image.objects.claim(image.pk)
    assert worker.sweep().to_keep == []

    Image.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert worker.sweep().to_keep == [image.pk]


def test_reference_files_nobody_uses_go_after_a_day(team: Team, settings: Any):
    from django.core.files.base import ContentFile

    owner = team.memberships.get(role="owner").user
    stored = ReferenceFile(
        team=team, added_by=owner, sha256="a" * 64, content_type="image/png", size=1, width=1, height=1
    )
    stored.file.save("x", ContentFile(b"x"))
    worker.sweep()
    assert stored.file.storage.exists(stored.file.name)

    ReferenceFile.objects.update(added_at=timezone.now() - timedelta(days=2))
    worker.sweep()

    assert not ReferenceFile.objects.exists()
    assert not stored.file.storage.exists(stored.file.name)
