"""`python -m tests.reliability.jumping FILE`: a worker whose clock is off by as many seconds as the file says now.

It is the real worker and the real engine; the clock is Python's, in all of the process. Time that passes (monotonic)
goes on as ever, as it does when somebody sets a machine's clock.
"""

import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import time_machine
from django.core.management import execute_from_command_line

from hubportal.generations import timing


def follow(path: Path) -> None:
    """Set the clock as the file says, whenever it says something else."""
    off, travel = 0.0, None
    while True:
        wanted = float(path.read_text() or off)
        if wanted != off:
            if travel:
                travel.stop()
            travel = time_machine.travel(time.time() + wanted, tick=True)
            travel.start()
            off = wanted
        time.sleep(0.05)


if __name__ == "__main__":
    # What is hours old by such a clock would be asked about every two minutes.
    timing.MAX_POLL_INTERVAL = timedelta(seconds=1)
    threading.Thread(target=follow, args=(Path(sys.argv[1]),), daemon=True).start()
    execute_from_command_line(["manage.py", "dj_queue", "--mode", "async"])
