from typing import Any

from dj_queue.hooks import on_worker_stop
from django.apps import AppConfig

from hubportal.generations.stopping import stopping


class OperationsConfig(AppConfig):
    name = "hubportal.operations"

    def ready(self) -> None:
        on_worker_stop(end_the_round)


def end_the_round(worker: Any) -> None:
    """The engine was told to stop: whoever follows needn't look on until the round is over."""
    stopping.set()
