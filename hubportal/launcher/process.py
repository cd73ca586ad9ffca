"""One process of a running site: started, its output passed on, its exit reported, started again."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from hubportal.launcher.messages import StartupError, print_line

MAX_OUTPUT_LINES = 20  # kept for the message that says why it failed
# The command runs once a line comes through this pipe. If the launcher dies before it has told the watchdog of the
# process, no line comes, the pipe closes, and the command never runs.
START_GATE = ("/bin/sh", "-c", 'read -r go && exec "$@" </dev/null', "sh")


class ManagedProcess:
    """`echo`: its output goes to the terminal. `is_dependency`: the others need it for as long as they live."""

    def __init__(self, name: str, command: tuple[str, ...], *, echo: bool, is_dependency: bool) -> None:
        self.name = name
        self.command = command
        self.echo = echo
        self.is_dependency = is_dependency
        self.failures = 0
        self.waiter: threading.Thread | None = None
        self.lines: deque[str] = deque(maxlen=MAX_OUTPUT_LINES)
        self.spawn()

    def spawn(self) -> None:
        """Start a process, in a session of its own, that waits at its gate."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - a command of ours
            [*START_GATE, *self.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def open_gate(self, on_exit: Callable[["ManagedProcess"], None]) -> None:
        """Let the command run. `on_exit` is called, in another thread, when it and all it started are gone."""
        if self.process.stdin:
            with suppress(BrokenPipeError), self.process.stdin as gate:
                gate.write("go\n")
        self.waiter = threading.Thread(target=self._wait, args=(self.process, on_exit), daemon=True)
        self.waiter.start()

    def stop(self, deadline: float) -> None:
        """Wait until `deadline`, by time.monotonic(), for it to end after SIGTERM; then kill it."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        _kill_group(self.process.pid)
        self.process.wait()
        if self.waiter:
            self.waiter.join(1.0)

    def failure(self, how: str = "does not stay up") -> StartupError:
        """The error to raise, with the last lines that the process wrote."""
        output = "\n".join(f"  {line}" for line in self.lines) or "  (none)"
        return StartupError(f"The {self.name} process {how}, so everything is stopped. Its last output:\n{output}")

    def _wait(self, process: "subprocess.Popen[str]", on_exit: Callable[["ManagedProcess"], None]) -> None:
        reader = threading.Thread(target=self._read_output, args=(process.stdout,), daemon=True)
        reader.start()
        process.wait()
        # Processes that it leaves behind would keep its port and the pipe open.
        _kill_group(process.pid)
        reader.join()
        on_exit(self)

    def _read_output(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self.lines.append(line.rstrip("\n"))
                if self.echo:
                    print_line(f"{self.name:8}│ {self.lines[-1]}")


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
