"""Processes: starting and ending them by their own ids, and their CPU time and memory from Linux's /proc."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # a second


class Process:
    """A process in a session of its own; it prints to the file `output`."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], output: Path, cores: set[int] | None = None
    ) -> None:
        with output.open("ab") as file:
            self._child = subprocess.Popen(  # noqa: S603 - a command of ours
                command, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
            )
        self.pid = self._child.pid
        if cores:
            os.sched_setaffinity(self.pid, cores)

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def terminate(self) -> None:
        """Ask it to end (SIGTERM)."""
        if self.is_alive:
            self._child.terminate()

    def kill(self) -> None:
        """kill -9 its whole session, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._child.wait()

    def end(self, grace: float = 10.0) -> None:
        """Ask it to end (SIGTERM), and kill it after `grace` seconds."""
        self.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(grace)
        self.kill()


@contextmanager
def running(process: Process, grace: float = 10.0) -> Iterator[Process]:
    """End the process when the block does."""
    try:
        yield process
    finally:
        process.end(grace)


def cpu_seconds(pid: int) -> float:
    """CPU time of all its threads since it began, user's and system's."""
    user, system = _stat(pid)[11:13]
    return (int(user) + int(system)) / TICKS


def core_seconds(core: int) -> float:
    """CPU seconds that all processes together took of one core since the machine started (proc(5), stat)."""
    lines = (line.split() for line in Path("/proc/stat").read_text().splitlines())
    user, nice, system, _idle, _waiting, *rest = next(line[1:] for line in lines if line[0] == f"cpu{core}")
    # The last two, guests, are counted among user and nice already.
    return sum(map(int, [user, nice, system, *rest[:3]])) / TICKS


def resident_bytes(pid: int) -> int:
    """Its resident memory now."""
    return _status(pid, "VmRSS")


def proportional_bytes(pid: int) -> int:
    """Its memory now, with what it shares with others divided among them (proc(5), smaps_rollup, Pss)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024


def peak_bytes(pid: int) -> int:
    """The peak of its resident memory since `reset_peak`."""
    return _status(pid, "VmHWM")


def reset_peak(pid: int) -> None:
    """Start counting its peak anew (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def command_line(pid: int) -> list[str]:
    """Its command line; empty for one that is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    return []


def is_running(pid: int) -> bool:
    """Whether it exists and is no zombie."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    return False


def descendants(pid: int) -> list[int]:
    """Its children, theirs and so on."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int(_stat(int(folder.name))[1])
    create_team = [pid]
    for ancestor in create_team:
        create_team += [child for child, parent in parents.items() if parent == ancestor]
    return create_team[1:]


def _stat(pid: int) -> list[str]:
    # The name stands in brackets and may hold anything; what follows the last one begins with field 3.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024
