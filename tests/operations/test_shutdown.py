"""A worker that is told to stop keeps nobody waiting, and loses no job."""

import threading
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from dj_queue.config import load_backend_config
from dj_queue.models import ClaimedExecution, FailedExecution, ReadyExecution
from dj_queue.runtime.worker import Worker
from django.tasks import task

from hubportal.generations.models import Generation
from hubportal.generations.shutdown import stopping
from hubportal.hub.records import parse_generation
from hubportal.operations.apps import allow_long_rounds, end_rounds
from hubportal.settings import TASKS
from tests import makers, worker


@pytest.mark.django_db(transaction=True)
def test_a_round_ends_when_the_worker_is_told_to_stop(cast: SimpleNamespace) -> None:
    waiting = makers.make_generation(cast.team, cast.member)
    claimed = Generation.objects.claim_for_sending(waiting.pk, makers.make_key(cast.team))
    assert claimed
    claimed.record_accepted(parse_generation({"id": "clx_1", "status": "queued"}))
    began = time.monotonic()
    try:
        end_rounds(None)
        list(worker.poll_due(timedelta(seconds=20)))
    finally:
        stopping.clear()

    assert time.monotonic() - began < 15


def test_rounds_last_again_when_the_engine_replaces_a_part_of_itself() -> None:
    end_rounds(None)

    allow_long_rounds(None)

    assert not stopping.is_set()


begun = threading.Semaphore(0)
may_end = threading.Event()


@task
def wait() -> None:
    """A job that lasts longer than a stop."""
    begun.release()
    may_end.wait(30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queue", [each["queues"][0] for each in TASKS["default"]["OPTIONS"]["workers"]])
def test_a_stop_that_outlasts_its_time_has_claimed_no_job_that_was_not_begun(settings: Any, queue: str) -> None:
    settings.TASKS = TASKS
    config = load_backend_config("default", tasks_settings=TASKS)
    of_queue = next(one for one in config.workers if queue in one.queues)
    for _ in range(3 * of_queue.threads):
        wait.using(queue_name=queue).enqueue()
    engine = Worker(of_queue, backend_config=config, heartbeat_interval=0)
    try:
        engine.poll_once()
        engine.poll_once()
        began = sum(begun.acquire(timeout=5) for _ in range(of_queue.threads))
        drained = engine.stop(timeout=0.1)
        left = [model.objects.count() for model in (ClaimedExecution, ReadyExecution, FailedExecution)]
    finally:
        may_end.set()
        # The engine finishes its stop when the last job ends.
        while engine.process:
            time.sleep(0.02)
        may_end.clear()

    assert not drained
    assert left == [began, 2 * of_queue.threads, 0]
    assert not begun.acquire(blocking=False)
