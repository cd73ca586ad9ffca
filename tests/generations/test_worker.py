"""The worker's steps against the sandbox hub: what is sent, followed, kept, and found again after a crash."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image as Pillow

from hubportal.generations import tasks, timing
from hubportal.generations.models import Generation, Image, ReferenceFile, State
from hubportal.generations.timing import SEND_DEADLINE
from hubportal.generations.worker import download, lease
from hubportal.hub.client import HubClient
from hubportal.hub.errors import HubBusy
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry, Reservation
from tests import makers, worker

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


def keep_reference(team: Team, content: bytes) -> ReferenceFile:
    """A JPEG that somebody uploaded."""
    stored = ReferenceFile(
        team=team,
        added_by=team.memberships.get(role="owner").user,
        sha256=sha256(content).hexdigest(),
        content_type="image/jpeg",
        size=len(content),
        width=64,
        height=48,
    )
    stored.file.save("x", ContentFile(content))
    return stored


def work_until(generation: Generation, *states: str, patience: float = 10.0) -> Generation:
    """Do the worker's rounds until the generation is in one of the states, or patience (seconds) is out."""
    worker.send(generation.pk)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        generation.refresh_from_db()
        if generation.state in states:
            return generation
        Generation.objects.filter(pk=generation.pk, state=State.RUNNING).update(due_at=timezone.now())
        for images in worker.poll_due(timedelta()):
            for image in images:
                worker.download_image(image.pk)
    raise AssertionError(f"still {generation.state} ({generation.hub_status})")


def credits_counted(team: Team) -> int:
    return sum(entry.credits for entry in LedgerEntry.objects.filter(team=team))


@pytest.mark.parametrize("with_reference", [False, True])
def test_effort_and_parameters_reach_the_hub_as_they_were_asked(
    team: Team, key: Key, sandbox: Any, secret: str, with_reference: bool
):
    references = [(keep_reference(team, makers.picture_bytes("JPEG")), "boat.jpg")] if with_reference else []
    asked = {"model": "nanobananapro", "effort": "xhigh", "options": {"background": "transparent"}}

    generation = ask(team, "A red boat [forever]", credits=30, references=references, **asked)
    worker.send(generation.pk)

    [heard] = sandbox.hub.generations(secret)
    assert (heard.fields["quality"], heard.fields["background"]) == ("xhigh", "transparent")
    assert len(heard.references) == len(references)
    generation.refresh_from_db()
    assert generation.charged == heard.price == 30


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
    content = makers.picture_bytes("JPEG")
    stored = keep_reference(team, content)
    owner = team.memberships.get(role="owner").user
    generation = makers.make_generation(team, owner, "like this", references=[(stored, "harbour ☀.jpg")])

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
    Generation.objects.update(unsent_since=timezone.now() - SEND_DEADLINE - timedelta(seconds=1), due_at=timezone.now())

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


def test_an_answer_that_was_on_its_way_when_its_key_was_refused_does_not_bring_the_key_back(
    team: Team, key: Key, monkeypatch: pytest.MonkeyPatch
):
    """The hub sends the finished record, with a balance; another look meets a 401 before that is written down."""
    generation = ask(team, "A red boat", size="64x64")
    answer = HubClient.generation

    def refused_meanwhile(self: HubClient, hub_id: str) -> Any:
        found = answer(self, hub_id)
        if found.outcome != "running":
            key.record_problem("invalidApiKey")
            connection.close()  # of the thread that asks
        return found

    monkeypatch.setattr(HubClient, "generation", refused_meanwhile)

    work_until(generation, State.SUCCEEDED)

    assert Key.objects.get(pk=key.pk).problem == "invalidApiKey"


def test_an_answer_at_once_does_not_bring_back_a_key_that_was_refused_meanwhile(
    team: Team, key: Key, monkeypatch: pytest.MonkeyPatch
):
    submit = HubClient.submit

    def refused_meanwhile(self: HubClient, *order: Any) -> Any:
        finished = submit(self, *order)
        key.record_problem("invalidApiKey")
        return finished

    monkeypatch.setattr(HubClient, "submit", refused_meanwhile)

    worker.send(ask(team, "[notasync] a boat", size="64x64").pk)

    assert Key.objects.get(pk=key.pk).problem == "invalidApiKey"


def test_a_404_right_after_acceptance_is_given_time(team: Team, key: Key):
    generation = work_until(ask(team, "[lost 1] a boat"), State.SUCCEEDED)

    assert generation.images.count() == 1


def test_a_picture_that_is_no_picture_is_kept_as_a_file_tried_again_later_and_keeps_its_address(team: Team, key: Key):
    generation = work_until(ask(team, "[badimage] a boat"), State.SUCCEEDED)

    image = generation.images.get()
    assert (image.is_file, image.problem, image.tries) == (True, "unreadable", 1)
    assert image.url
    assert image.due_at > timezone.now()
    assert generation.cost == 8


def test_a_look_that_meets_trouble_is_one_write_besides_its_lease(team: Team, key: Key, settings: Any):
    generation = ask(team, "[forever] a boat")
    worker.send(generation.pk)
    settings.HUB_BASE_URL = "http://127.0.0.1:9"
    Generation.objects.update(due_at=timezone.now())

    with CaptureQueriesContext(connection) as queries:
        list(worker.poll_due(timedelta()))

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
    assert nudged == [("download", images[0]), ("download", images[1])]


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

    assert nudged == [("poll",)]


def test_a_running_generation_without_an_end_is_unknown_after_a_day(team: Team, key: Key):
    generation = ask(team, "[forever] a boat")
    worker.send(generation.pk)
    yesterday = timezone.now() - timedelta(hours=25)
    Generation.objects.update(accepted_at=yesterday, due_at=yesterday)

    list(worker.poll_due(timedelta()))

    generation.refresh_from_db()
    assert (generation.state, generation.error_code) == (State.UNKNOWN, "deadline")


def test_a_lease_that_ran_out_in_sending_becomes_unknown_with_the_balance(team: Team, key: Key):
    generation = Generation.objects.claim_for_sending(ask(team, "A red boat").pk, key)
    assert generation
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    left = worker.sweep()

    generation.refresh_from_db()
    assert (generation.state, generation.error_code, generation.balance_after) == (State.UNKNOWN, "interrupted", 100)
    assert (left.waiting, left.interrupted) == (0, [key.pk])


def test_the_sweep_finds_what_a_lost_nudge_left_waiting(team: Team, key: Key):
    generation = ask(team, "A red boat")

    left = worker.sweep()

    assert generation.state == State.WAITING
    assert left.waiting == 1


def test_the_sweep_finds_pictures_whose_fetcher_died(team: Team, key: Key):
    generation = ask(team, "A red boat")
    worker.send(generation.pk)
    until = time.monotonic() + 60
    while not Image.objects.exists() and time.monotonic() < until:
        Generation.objects.filter(answered_at=None).update(due_at=timezone.now())
        list(worker.poll_due(timedelta()))
    image = Image.objects.get()
    Image.objects.claim_for_download(image.pk)
    assert worker.sweep().images == []

    Image.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert worker.sweep().images == [image.pk]


def test_reference_files_nobody_uses_go_when_their_time_is_over(team: Team, settings: Any):
    from django.core.files.base import ContentFile

    owner = team.memberships.get(role="owner").user
    stored = ReferenceFile(
        team=team, added_by=owner, sha256="a" * 64, content_type="image/png", size=1, width=1, height=1
    )
    stored.file.save("x", ContentFile(b"x"))
    ReferenceFile.objects.delete_unused(timezone.now())
    assert stored.file.storage.exists(stored.file.name)

    ReferenceFile.objects.update(added_at=timezone.now() - 2 * timing.UNUSED_REFERENCE_RETENTION)
    tasks.delete_unused_references.func()

    assert not ReferenceFile.objects.exists()
    assert not stored.file.storage.exists(stored.file.name)


def test_a_batch_that_lasts_longer_than_a_lease_is_asked_about_once(
    team: Team, key: Key, sandbox: Any, secret: str, monkeypatch: pytest.MonkeyPatch
):
    """A hub that hangs: while one worker still waits for it, another one finds nothing to ask about."""
    monkeypatch.setattr(timing, "POLL_LEASE", timedelta(seconds=2))
    monkeypatch.setattr(lease, "LEASE_RENEWAL_INTERVAL", 0.2)
    generations = [ask(team, f"[slow 30] boat {at}") for at in range(3)]
    for generation in generations:
        worker.send(generation.pk)
    Generation.objects.update(due_at=timezone.now())
    asked: list[str] = []

    def hang(self: HubClient, hub_id: str) -> Any:
        asked.append(hub_id)
        time.sleep(4)
        raise HubBusy("busy", retry_after=60)

    monkeypatch.setattr(HubClient, "generation", hang)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_poll_once)
        time.sleep(3)
        second = pool.submit(_poll_once)
        first.result(), second.result()

    assert len(asked) == len(set(asked)) == 3


def _poll_once() -> None:
    try:
        list(worker.poll_due(timedelta()))
    finally:
        connection.close()


def test_of_two_that_download_one_picture_the_loser_leaves_no_file(
    team: Team, key: Key, sandbox: Any, secret: str, monkeypatch: pytest.MonkeyPatch
):
    """The first worker loses its lease while it downloads, and a second one finishes before it."""
    generation = ask(team, "A red boat")
    worker.send(generation.pk)
    until = time.monotonic() + 60
    while not Image.objects.exists() and time.monotonic() < until:
        Generation.objects.filter(answered_at=None).update(due_at=timezone.now())
        list(worker.poll_due(timedelta()))
    image = Image.objects.get()
    fetch = download.fetch_image

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(download, "fetch_image", fetch)
        Image.objects.update(lease_until=timezone.now() - timedelta(seconds=1), due_at=timezone.now())
        assert worker.download_image(image.pk)
        return fetch(*args, **kwargs)

    monkeypatch.setattr(download, "fetch_image", overtaken)

    assert not worker.download_image(image.pk)

    image.refresh_from_db()
    folder = image.original.name.rpartition("/")[0]
    names = {file.name.rpartition("/")[2] for file in (image.original, image.thumb, image.thumb_small)}
    assert set(default_storage.listdir(folder)[1]) == names
    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED


def test_the_hub_is_asked_for_the_balance_once_a_key_and_not_once_a_generation(
    team: Team, key: Key, monkeypatch: pytest.MonkeyPatch
):
    """Five were being sent with the key when the worker died."""
    for at in range(5):
        Generation.objects.claim_for_sending(ask(team, f"boat {at}").pk, key)
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    asked: list[HubClient] = []
    credits = HubClient.credits
    monkeypatch.setattr(HubClient, "credits", lambda self: asked.append(self) or credits(self))

    worker.sweep()

    assert len(asked) == 1
    assert set(Generation.objects.values_list("state", "balance_after")) == {(State.UNKNOWN, 100)}


def test_a_reference_that_a_form_takes_up_at_this_moment_is_not_deleted(team: Team, monkeypatch: pytest.MonkeyPatch):
    owner = team.memberships.get(role="owner").user
    stored = ReferenceFile.objects.create(
        team=team, added_by=owner, sha256="ab" * 32, content_type="image/png", size=1, width=1, height=1
    )
    ReferenceFile.objects.update(added_at=timezone.now() - 2 * timing.UNUSED_REFERENCE_RETENTION)
    (chosen,) = ReferenceFile.objects.filter(uses=None)
    # The sweep has read it, and now a form counts it anew.
    ReferenceFile.objects.update(added_at=timezone.now())

    assert not chosen._delete_if_unused(chosen.added_at)

    assert ReferenceFile.objects.filter(pk=stored.pk).exists()
