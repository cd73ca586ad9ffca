"""Stops the processes of the site when the launcher is gone, however it went: after kill -9 nobody else can.

Run as a plain script in a session of its own, with the launcher's pipe as standard input. The launcher writes `+123`
when the process group 123 starts and `-123` when it has ended; the end of the pipe is the end of the launcher.
Uses the standard library alone, so that it runs before the first process does.
"""

import os
import signal
import sys
import time
from contextlib import suppress

STOP_TIMEOUT = 5.0  # seconds
POLL_INTERVAL = 0.05  # seconds


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    stop(groups)


def stop(groups: set[int]) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT
    left = send(signal.SIGTERM, groups)
    while left and time.monotonic() < deadline:
        time.sleep(POLL_INTERVAL)
        left = send(0, left)
    send(signal.SIGKILL, left)


def send(number: int, groups: set[int]) -> set[int]:
    """Signal each process group, and give those that still exist; signal 0 only asks."""
    existing = set()
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, number)
            existing.add(group)
    return existing


if __name__ == "__main__":
    main()
