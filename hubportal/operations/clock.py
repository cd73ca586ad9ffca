"""The worker's clock: it enqueues what is needed now, and notices when the machine's clock was set back.

An idle site costs it a few queries that find nothing. With several workers each has a clock: what is enqueued twice
does no harm, a task is only a nudge.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import Error, connection
from django.utils.module_loading import import_string

from hubportal.operations.clock_monitor import reset_if_clock_went_back

log = structlog.get_logger(__name__)

MAX_INTERVAL = 5.0  # seconds between two beats


@dataclass(slots=True)
class NeededTask:
    """One of settings.TASKS_WHILE_NEEDED. `due` is by time.monotonic(), which goes on when somebody sets the clock."""

    enqueue: Callable[[], object]
    is_needed: Callable[[], bool]
    interval: float
    due: float = 0.0


class Clock:
    """Beats in a thread of its own, until `stop`."""

    def __init__(self) -> None:
        self._tasks = needed_tasks()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the last beat is over."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        interval = min(MAX_INTERVAL, *(task.interval for task in self._tasks))
        while not self._stopping.is_set():
            try:
                beat(self._tasks, time.monotonic())
            except Error:
                log.warning("clock missed a beat", exc_info=True)
                connection.close()
            self._stopping.wait(interval)
        connection.close()


def needed_tasks() -> list[NeededTask]:
    return [
        NeededTask(import_string(one.task).enqueue, import_string(one.needed), one.interval)
        for one in settings.TASKS_WHILE_NEEDED.values()
    ]


def beat(tasks: list[NeededTask], now: float) -> None:
    """Enqueue each task that is due and has work. `now` is by time.monotonic()."""
    reset_if_clock_went_back()
    for task in tasks:
        if task.due <= now:
            if task.is_needed():
                task.enqueue()
            # Only now: what failed is due again at the next beat.
            task.due = now + task.interval
