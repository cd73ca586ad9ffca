"""One process of a running site, and its turns: what it says is kept and passed on, and its end is reported."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from hubportal.launcher.messages import Refusal, say

# It begins when a line comes through this pipe; if the launcher dies before it has told the watchdog, none comes.
GATE = ("/bin/sh", "-c", 'read -r go && exec "$@" </dev/null', "sh")


class Part:
    """`aloud`: its lines go to the terminal. `serves`: other parts need it for as long as they live."""

    def __init__(self, name: str, command: tuple[str, ...], *, aloud: bool, serves: bool) -> None:
        self.name = name
        self.command = command
        self.aloud = aloud
        self.serves = serves
        self.failures = 0
        self.attendant: threading.Thread | None = None
        self.lines: deque[str] = deque(maxlen=20)
        self.begin_turn()

    def begin_turn(self) -> None:
        """Make a process, in a session of its own, that waits at its gate."""
        self.began = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - a command of ours
            [*GATE, *self.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def let_go(self, ended: Callable[["Part"], None]) -> None:
        """Open the gate. `ended` is called, in another thread, when the process and all it started are gone."""
        if self.process.stdin:
            with suppress(BrokenPipeError), self.process.stdin as gate:
                gate.write("go\n")
        self.attendant = threading.Thread(target=self._attend, args=(self.process, ended), daemon=True)
        self.attendant.start()

    def end(self, deadline: float) -> None:
        """Wait until `deadline`, by time.monotonic(), for it to end as it was asked to; then make it."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        _kill_group(self.process.pid)
        self.process.wait()
        if self.attendant:
            self.attendant.join(1.0)

    def failed(self, how: str = "does not stay up") -> Refusal:
        told = "\n".join(f"  {line}" for line in self.lines) or "  (it said nothing)"
        return Refusal(f"The {self.name} part {how}, so everything is stopped. Its last words:\n{told}")

    def _attend(self, process: "subprocess.Popen[str]", ended: Callable[["Part"], None]) -> None:
        listener = threading.Thread(target=self._hear, args=(process.stdout,), daemon=True)
        listener.start()
        process.wait()
        # What it leaves behind would hold on to its port, and to the pipe.
        _kill_group(process.pid)
        listener.join()
        ended(self)

    def _hear(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self.lines.append(line.rstrip("\n"))
                if self.aloud:
                    say(f"{self.name:8}│ {self.lines[-1]}")


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
