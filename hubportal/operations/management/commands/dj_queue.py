"""The worker, which waits for a database that is not migrated yet and says so in a sentence."""

import time
from typing import Any

from dj_queue.management.commands import dj_queue as engine
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import DatabaseError

from hubportal.operations.checks import count_missing_migrations
from hubportal.operations.worker import WorkerProcess

LOOK_INTERVAL = 1.0  # seconds
# Options of the command that the engine's configuration knows too.
OVERRIDES = ("config", "mode", "only_work", "only_dispatch", "skip_recurring")


class Command(engine.Command):
    help = "Be the worker; waits until the database is migrated"
    # `migrate` has made them; some ask the database, and would end in a traceback where it can't be reached.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if options["mode"] == "fork":
            raise CommandError("This worker is one process with threads: leave out --mode, or say --mode async.")
        self._wait_for_migrations(options["migration_wait_timeout"])
        overrides = {name: options[name] for name in OVERRIDES if options[name] is not None}
        try:
            process = WorkerProcess.from_backend_config(backend_alias=options["backend"], cli_overrides=overrides)  # type: ignore[no-untyped-call]
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        process.run()

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
