"""The processes of a running site: started, started again when they die, and ended together.

Each part is a session of its own, so that Ctrl-C reaches the launcher alone and the parts end in the right order. A
watchdog knows of every part before its first instruction, and ends them all when the launcher is gone.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Never

from hubportal.launcher.messages import say
from hubportal.launcher.process import Part

GRACE = 8.0  # seconds for the parts to end by themselves
LAST_GRACE = 2.0  # seconds, after that, for those that served them
STEADY = 10.0  # seconds after which a part counts as well started
TRIES = 3  # times in a row that a part may die sooner
LOOK = 0.03  # seconds between two looks whether a part is ready


class Family:
    """All parts of one running site. `lock`: a file descriptor that stays open until the last of them has ended."""

    def __init__(self, lock: int) -> None:
        self.parts: list[Part] = []
        self.endings: SimpleQueue[Part] = SimpleQueue()
        self.watchdog = subprocess.Popen(  # noqa: S603 - a script of ours
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[lock],
        )

    def start(self, name: str, *command: str, aloud: bool = True, serves: bool = False) -> Part:
        part = Part(name, command, aloud=aloud, serves=serves)
        self.parts.append(part)
        self._let_go(part)
        return part

    def wait_until(self, ready: Callable[[], bool], part: Part, seconds: float = 30.0) -> None:
        """Raises Refusal when any part dies meanwhile, or when it takes longer."""
        deadline = time.monotonic() + seconds
        while not ready():
            with suppress(Empty):
                raise self.endings.get(timeout=LOOK).failed()
            if time.monotonic() > deadline:
                raise part.failed(f"did not answer within {seconds:.0f} seconds")

    def finish(self, part: Part) -> list[str]:
        """Wait for a part that ends by itself; gives what it said. Raises Refusal when it, or another, failed."""
        ended = self.endings.get()
        if ended is not part:
            raise ended.failed()
        if part.process.returncode != 0:
            raise part.failed("did not succeed")
        self.parts.remove(part)
        return list(part.lines)

    def watch(self) -> Never:
        """Keep all parts up. Raises Refusal when one of them won't stay."""
        while True:
            self._revive(self.endings.get())

    def end(self) -> None:
        """End every part: those that serve the others last, and by force what does not go by itself."""
        for serves, grace in ((False, GRACE), (True, LAST_GRACE)):
            wave = [part for part in self.parts if part.serves is serves]
            for part in wave:
                part.process.terminate()
            deadline = time.monotonic() + grace
            for part in wave:
                part.end(deadline)

    def _tell_watchdog(self, news: str) -> None:
        # A watchdog that somebody has killed is missed only if the launcher is killed as well.
        if self.watchdog.stdin:
            with suppress(BrokenPipeError):
                os.write(self.watchdog.stdin.fileno(), f"{news}\n".encode())

    def _let_go(self, part: Part) -> None:
        self._tell_watchdog(f"+{part.process.pid}")
        part.let_go(self._ended)

    def _ended(self, part: Part) -> None:
        self._tell_watchdog(f"-{part.process.pid}")
        self.endings.put(part)

    def _revive(self, part: Part) -> None:
        part.failures = 1 if time.monotonic() - part.began > STEADY else part.failures + 1
        if part.failures == TRIES:
            raise part.failed()
        say(f"The {part.name} part stopped by itself ({_manner(part.process.returncode)}); starting it again.")
        time.sleep(part.failures)
        part.begin_turn()
        self._let_go(part)


def _manner(returncode: int) -> str:
    return signal.Signals(-returncode).name if returncode < 0 else f"exit status {returncode}"
