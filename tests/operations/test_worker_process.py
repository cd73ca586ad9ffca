"""The worker's process sleeps until it is told of a job, and is told of each."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from dj_queue.config import load_backend_config
from dj_queue.models import Job, Process
from dj_queue.runtime.notify import NoopWakeupBackend
from dj_queue.runtime.supervisor import AsyncSupervisor
from dj_queue.runtime.worker import Worker
from django.conf import settings
from django.db import transaction
from django.tasks import task

from hubportal.operations import job_pipe, wakeup
from hubportal.operations.worker import WorkerProcess
from hubportal.settings import TASKS

ON_SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
pytestmark = pytest.mark.django_db(transaction=True)

done = threading.Event()


@task
def note() -> None:
    """A job that says that it ran."""
    done.set()


@pytest.fixture
def process(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerProcess]:
    """All of it, in this process. Nobody looks for jobs by themselves, so that only news of them can wake anybody."""
    monkeypatch.setattr(wakeup, "LOOK_INTERVAL", 3600.0)
    settings.TASKS = TASKS
    done.clear()
    process = WorkerProcess(load_backend_config("default", tasks_settings=TASKS), standalone=False)
    process.start()
    try:
        yield process
    finally:
        process.stop()


@pytest.mark.parametrize("queue", ["send", "poll", "looks", "download", "default"])
def test_a_job_of_each_queue_is_run_when_it_is_committed(process: WorkerProcess, queue: str) -> None:
    time.sleep(0.3)  # the first search of every part is over

    with transaction.atomic():
        note.using(queue_name=queue).enqueue()

    assert done.wait(60)


@pytest.mark.skipif(not ON_SQLITE, reason="SQLite's pipe")
def test_a_job_is_found_without_the_pipe(process: WorkerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_pipe, "_write_news", lambda: None)
    time.sleep(0.3)

    note.enqueue()

    assert done.wait(60)


@pytest.mark.skipif(not ON_SQLITE, reason="SQLite's pipe")
def test_a_file_in_the_place_of_the_pipe_is_replaced() -> None:
    job_pipe.pipe_path().unlink(missing_ok=True)
    job_pipe.pipe_path().write_text("left by a copy")

    with job_pipe.opened_pipe():
        assert job_pipe.pipe_path().is_fifo()


def test_without_a_worker_a_job_is_saved_all_the_same(settings: Any) -> None:
    settings.TASKS = TASKS
    job_pipe.pipe_path().unlink(missing_ok=True)

    note.enqueue()

    assert Job.objects.count() == 1


def test_no_worker_listens_for_itself_neither_at_first_nor_replaced(process: WorkerProcess) -> None:
    workers = [runner for runner in process.runners if isinstance(runner, Worker)]
    assert len(workers) == len(TASKS["default"]["OPTIONS"]["workers"])

    replaced = process._rebuild_runner(workers[0])

    assert all(isinstance(one.wakeup_backend, NoopWakeupBackend) for one in [*workers, replaced])
    replaced.sleeper.close()


def test_the_library_still_has_what_is_overridden() -> None:
    for name in ("_build_runners", "_rebuild_runner", "start_runners", "stop"):
        assert callable(getattr(AsyncSupervisor, name))
    assert AsyncSupervisor.polling_interval == 0.1


def test_it_leaves_no_process_behind_in_the_tables(process: WorkerProcess) -> None:
    assert Process.objects.count() == 7

    process.stop()

    assert Process.objects.count() == 0
