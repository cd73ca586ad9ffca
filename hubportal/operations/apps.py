from typing import Any

from dj_queue.hooks import on_start, on_worker_start, on_worker_stop
from django.apps import AppConfig

from hubportal.generations.shutdown import stopping


class OperationsConfig(AppConfig):
    name = "hubportal.operations"

    def ready(self) -> None:
        on_start(keep_watch_of_the_clock)
        on_worker_start(let_rounds_last)
        on_worker_stop(end_the_round)


def let_rounds_last(worker: Any) -> None:
    """The engine replaces a part of itself that lost the database: that one was stopped, the process was not."""
    stopping.clear()


def end_the_round(worker: Any) -> None:
    """The engine was told to stop: whoever follows needn't look on until the round is over."""
    stopping.set()


def keep_watch_of_the_clock(supervisor: Any) -> None:
    # Models can be imported only now.
    from hubportal.operations.clock_monitor import keep_watch

    keep_watch(supervisor)
