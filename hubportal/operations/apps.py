from typing import Any

from dj_queue.hooks import on_start, on_worker_start, on_worker_stop
from django.apps import AppConfig
from django.core.checks import Tags, register

from hubportal.generations.shutdown import stopping
from hubportal.operations.checks import check_connection_limit


class OperationsConfig(AppConfig):
    name = "hubportal.operations"

    def ready(self) -> None:
        # Models can be imported only now.
        from hubportal.operations.clock_monitor import start_clock_monitor

        register(check_connection_limit, Tags.database)
        on_start(start_clock_monitor)
        on_worker_start(allow_long_rounds)
        on_worker_stop(end_rounds)


def allow_long_rounds(_worker: Any) -> None:
    """The engine replaces a part of itself that lost the database: that one was stopped, the process was not."""
    stopping.clear()


def end_rounds(_worker: Any) -> None:
    """The engine was told to stop: a task that looks at the hub for a round of seconds ends it early."""
    stopping.set()
