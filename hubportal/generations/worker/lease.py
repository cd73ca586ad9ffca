"""Keeping a lease alive while a step waits for the network, so that a short one is enough after a crash."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connection

log = structlog.get_logger(__name__)

BEAT = 10.0  # seconds; a lease (models/) outlives three missed ones


@contextmanager
def kept_alive(renew: Callable[[], None], every: float = BEAT) -> Iterator[None]:
    """Call `renew` every so many seconds, from a thread with a database connection of its own."""
    done = threading.Event()

    def beat() -> None:
        try:
            while not done.wait(every):
                try:
                    renew()
                except DatabaseError:
                    # The next beat may succeed; if none does, the lease runs out, as it should.
                    log.warning("lease not renewed", exc_info=True)
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
