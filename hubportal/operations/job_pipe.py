"""A pipe in the data folder through which the worker is told of jobs on SQLite (wakeup.py).

Apart from it, since the web server writes into it and has no use for the engine's own machinery.
"""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction


def tell_of_job(**_signal: Any) -> None:
    """A job was saved: tell the worker once it is committed. PostgreSQL's engine does so itself."""
    if connection.vendor == "sqlite":
        transaction.on_commit(_write_news)


def pipe_path() -> Path:
    return settings.DATA_DIR / "wakeup"


@contextmanager
def opened_pipe() -> Iterator[int]:
    """The worker's end of the pipe. It is open for writing too, so that nobody who closes theirs ends it."""
    if not pipe_path().is_fifo():
        pipe_path().unlink(missing_ok=True)
        with suppress(FileExistsError):
            os.mkfifo(pipe_path(), 0o600)
    pipe = os.open(pipe_path(), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield pipe
    finally:
        os.close(pipe)


def _write_news() -> None:
    # No pipe or no reader: no worker runs, or it finds the job by the counter. A full pipe tells enough.
    with suppress(OSError):
        pipe = os.open(pipe_path(), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.write(pipe, b".")
        finally:
            os.close(pipe)


def read_news(pipe: int, seconds: float) -> bool:
    """Wait for so long until somebody writes. Whether somebody did."""
    readable, _, _ = select.select([pipe], [], [], seconds)
    return bool(readable and os.read(pipe, 65536))
