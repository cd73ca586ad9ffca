"""Whether a worker lives; without its tables the answer is no, in a sentence."""

from typing import Any

from dj_queue.management.commands import dj_queue_health as engine
from django.core.management.base import CommandError
from django.db import DatabaseError

from hubportal.operations.checks import count_missing_migrations


class Command(engine.Command):
    help = "Ask whether a worker lives; exit status 1 if none does"
    # `migrate` has made them; some ask the database, and would end in a traceback where it can't be reached.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)  # type: ignore[no-untyped-call]
        except DatabaseError as error:
            raise CommandError(_explain(error)) from None


def _explain(error: DatabaseError) -> str:
    try:
        missing = count_missing_migrations()
    except DatabaseError as worse:
        return f"unhealthy: the database can't be used: {worse}"
    if missing:
        return f"unhealthy: the database lacks {missing} migrations, and a worker waits for `manage.py migrate`"
    return f"unhealthy: the database can't be used: {error}"
