"""How the engine's workers are told of jobs, so that they need not ask for them.

On PostgreSQL the engine sends a notification with each job, and one connection listens for all workers. SQLite has
none: there whoever enqueues a job writes a byte into a pipe in the data folder. Both only say that there may be a job;
one query then tells which queues have some. What a pipe doesn't tell, since another machine's container has no part in
it, a counter does that SQLite moves with every commit.
"""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from dj_queue.models import ReadyExecution
from dj_queue.runtime.notify import NotifyWakeupBackend
from django.db import Error, connection
from django.db.backends.utils import CursorWrapper

from hubportal.operations.job_pipe import opened_pipe, read_news

log = structlog.get_logger(__name__)

# Seconds after which jobs are looked for although nothing was heard of any.
LOOK_INTERVAL = 5.0
COUNTER_INTERVAL = 0.25  # seconds between two readings of SQLite's counter
RETRY_INTERVAL = 1.0  # seconds, after the database failed


class Wakeup:
    """Calls `wake` with the names of the queues that have jobs, from a thread of its own, until `stop`."""

    def __init__(self, wake: Callable[[set[str]], object]) -> None:
        self._wake = wake
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wakeup", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the last look is over."""
        self._stopping.set()
        self._news.set()
        self._thread.join()

    def look(self) -> None:
        """One query for all queues."""
        queues = set(ReadyExecution.objects.order_by().values_list("queue_name", flat=True).distinct())
        if queues:
            self._wake(queues)

    def _run(self) -> None:
        watch = self._watch_pipe if connection.vendor == "sqlite" else self._watch_notifications
        while not self._stopping.is_set():
            try:
                watch()
            except (Error, OSError):
                log.warning("jobs not looked for", exc_info=True)
                self._stopping.wait(RETRY_INTERVAL)
            finally:
                connection.close()

    def _watch_pipe(self) -> None:
        turns = round(LOOK_INTERVAL / COUNTER_INTERVAL)
        with opened_pipe() as pipe, connection.cursor() as cursor:
            while True:
                before = _count_commits(cursor)
                self.look()
                for _ in range(turns):
                    if self._stopping.is_set():
                        return
                    if read_news(pipe, COUNTER_INTERVAL) or _count_commits(cursor) != before:
                        break

    def _watch_notifications(self) -> None:
        listener = NotifyWakeupBackend(backend_alias="default", wake_up=self._news.set)  # type: ignore[no-untyped-call]
        listener.start()  # type: ignore[no-untyped-call]
        try:
            while not self._stopping.is_set():
                self.look()
                self._news.wait(LOOK_INTERVAL)
                self._news.clear()
        finally:
            listener.stop()  # type: ignore[no-untyped-call]


def _count_commits(cursor: CursorWrapper) -> Any:
    """A number that changes when another connection has committed (sqlite.org/pragma.html#pragma_data_version)."""
    return cursor.execute("PRAGMA data_version").fetchone()
