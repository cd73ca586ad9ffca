from typing import Any

from dj_queue.apps import DjQueueConfig
from dj_queue.hooks import on_worker_start, on_worker_stop
from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_save

from hubportal.generations.shutdown import stopping
from hubportal.operations.checks import check_connection_limit


class OperationsConfig(AppConfig):
    name = "hubportal.operations"

    def ready(self) -> None:
        # Models can be imported only now.
        from dj_queue.models import Job

        from hubportal.operations.job_pipe import tell_of_job

        register(check_connection_limit, Tags.database)
        post_save.connect(tell_of_job, sender=Job)
        on_worker_start(allow_long_rounds)
        on_worker_stop(end_rounds)


class EngineConfig(DjQueueConfig):
    """The engine without its pages for Django's admin: this site's admin doesn't show them (operations.admin_site)."""

    def ready(self) -> None:
        """Load nothing."""


def allow_long_rounds(_worker: Any) -> None:
    """The engine replaces a part of itself that lost the database: that one was stopped, the process was not."""
    stopping.clear()


def end_rounds(_worker: Any) -> None:
    """The engine was told to stop: a task that looks at the hub for a round of seconds ends it early."""
    stopping.set()
