"""Ends the parts of the site when the launcher is gone, however it went: kill -9 leaves nobody else to do it.

Run as a plain script in a session of its own, with the launcher's pipe as standard input. The launcher writes `+123`
when the process group 123 begins and `-123` when it is over; the end of the pipe is the end of the launcher.
Knows the standard library alone, so that it stands before the first part does.
"""

import os
import signal
import sys
import time
from contextlib import suppress

GRACE = 5.0  # seconds


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    end(groups)


def end(groups: set[int]) -> None:
    deadline = time.monotonic() + GRACE
    left = signalled(groups, signal.SIGTERM)
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = signalled(left, 0)
    signalled(left, signal.SIGKILL)


def signalled(groups: set[int], number: int) -> set[int]:
    """Those of the groups that were there to be signalled; signal 0 only asks."""
    reached = set()
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, number)
            reached.add(group)
    return reached


if __name__ == "__main__":
    main()
