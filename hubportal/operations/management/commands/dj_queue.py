"""The worker, which waits for a database that is not migrated yet and says so in a sentence."""

import time
from typing import Any

from dj_queue.management.commands import dj_queue as engine
from django.core.management.base import CommandError
from django.db import DatabaseError

from hubportal.operations.checks import count_missing_migrations

LOOK_INTERVAL = 1.0  # seconds


class Command(engine.Command):
    help = "Be the worker; waits until the database is migrated"
    # `migrate` has made them; some ask the database, and would end in a traceback where it can't be reached.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self._wait_for_migrations(options["migration_wait_timeout"])
        super().handle(*args, **options)  # type: ignore[no-untyped-call]

    def _wait_for_migrations(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        announced = False
        while missing := self._count_missing():
            if time.monotonic() > deadline:
                raise CommandError(
                    f"After {timeout:.0f} seconds the database still lacks {missing} migrations: run `manage.py"
                    " migrate`, then start the worker again."
                )
            if not announced:
                self.stdout.write(f"The database lacks {missing} migrations: the worker waits for `manage.py migrate`.")
                self.stdout.flush()
                announced = True
            time.sleep(LOOK_INTERVAL)

    def _count_missing(self) -> int:
        try:
            return count_missing_migrations()
        except DatabaseError as error:
            raise CommandError(f"The database can't be used: {error}") from None
