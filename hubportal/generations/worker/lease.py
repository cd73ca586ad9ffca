"""Renewing a lease while a step waits for the network, so that a short one is enough after a crash."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connection

from hubportal.generations.timing import LEASE_RENEWAL_INTERVAL

log = structlog.get_logger(__name__)


@contextmanager
def renewing(renew: Callable[[], object]) -> Iterator[None]:
    """Call `renew` every LEASE_RENEWAL_INTERVAL seconds, from a thread with a database connection of its own."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(LEASE_RENEWAL_INTERVAL):
            try:
                renew()
            except DatabaseError:
                # The next attempt may succeed; if none does, the lease runs out, as it should.
                log.warning("lease not renewed", exc_info=True)
            finally:
                connection.close()

    thread = threading.Thread(target=run, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
