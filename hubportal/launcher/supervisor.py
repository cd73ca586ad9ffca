"""The processes of a running site: started, started again when they die, and stopped together.

Each is a session of its own, so that Ctrl-C reaches the launcher alone and the processes are stopped in the right
order. A watchdog knows of every process before its first instruction, and stops them all when the launcher is gone.
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

from hubportal.launcher.messages import print_line
from hubportal.launcher.process import ManagedProcess

STOP_TIMEOUT = 8.0  # seconds for the processes to end by themselves
DEPENDENCY_STOP_TIMEOUT = 2.0  # seconds, after that, for those that the others needed
READY_TIMEOUT = 30.0  # seconds
READY_POLL_INTERVAL = 0.03  # seconds
STABLE_AFTER = 10.0  # seconds after which a process counts as well started
MAX_FAILURES = 3  # times in a row that a process may die sooner


class Supervisor:
    """All processes of one site. `lock`: a file descriptor that stays open until the last of them has ended."""

    def __init__(self, lock: int) -> None:
        self.processes: list[ManagedProcess] = []
        self.exits: SimpleQueue[ManagedProcess] = SimpleQueue()
        self.watchdog = subprocess.Popen(  # noqa: S603 - a script of ours
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[lock],
        )

    def start(self, name: str, *command: str, echo: bool = True, is_dependency: bool = False) -> ManagedProcess:
        process = ManagedProcess(name, command, echo=echo, is_dependency=is_dependency)
        self.processes.append(process)
        self._open_gate(process)
        return process

    def wait_until(self, is_ready: Callable[[], bool], process: ManagedProcess) -> None:
        """Raises StartupError when any process dies meanwhile, or when `process` takes longer than READY_TIMEOUT."""
        deadline = time.monotonic() + READY_TIMEOUT
        while not is_ready():
            with suppress(Empty):
                raise self.exits.get(timeout=READY_POLL_INTERVAL).failure()
            if time.monotonic() > deadline:
                raise process.failure(f"did not answer within {READY_TIMEOUT:.0f} seconds")

    def wait_for_exit(self, process: ManagedProcess) -> list[str]:
        """Wait for a process that ends by itself; gives its output. Raises StartupError when it, or another, fails."""
        ended = self.exits.get()
        if ended is not process:
            raise ended.failure()
        if process.process.returncode != 0:
            raise process.failure("did not succeed")
        self.processes.remove(process)
        return list(process.lines)

    def keep_running(self) -> Never:
        """Start processes that die again. Raises StartupError when one of them won't stay up."""
        while True:
            self._restart(self.exits.get())

    def stop(self) -> None:
        """Stop every process, by force what does not end by itself: the dependencies last."""
        for is_dependency, timeout in ((False, STOP_TIMEOUT), (True, DEPENDENCY_STOP_TIMEOUT)):
            group = [process for process in self.processes if process.is_dependency is is_dependency]
            for process in group:
                process.process.terminate()
            deadline = time.monotonic() + timeout
            for process in group:
                process.stop(deadline)

    def _restart(self, process: ManagedProcess) -> None:
        is_stable = time.monotonic() - process.started_at > STABLE_AFTER
        process.failures = 1 if is_stable else process.failures + 1
        if process.failures == MAX_FAILURES:
            raise process.failure()
        code = process.process.returncode
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        print_line(f"The {process.name} process stopped by itself ({how}); starting it again.")
        time.sleep(process.failures)
        process.spawn()
        self._open_gate(process)

    def _open_gate(self, process: ManagedProcess) -> None:
        self._tell_watchdog(f"+{process.process.pid}")
        process.open_gate(self._handle_exit)

    def _handle_exit(self, process: ManagedProcess) -> None:
        self._tell_watchdog(f"-{process.process.pid}")
        self.exits.put(process)

    def _tell_watchdog(self, change: str) -> None:
        # A watchdog that somebody has killed is missed only if the launcher is killed as well.
        if self.watchdog.stdin:
            with suppress(BrokenPipeError):
                os.write(self.watchdog.stdin.fileno(), f"{change}\n".encode())
