"""What can't be timed from outside: a process whose launcher dies before the watchdog knows of it."""

from pathlib import Path
from queue import SimpleQueue

from hubportal.launcher.process import ManagedProcess


def test_a_process_runs_only_after_the_watchdog_was_told(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    process = ManagedProcess("trial", ("touch", str(trace)), echo=False, is_dependency=False)

    assert process.process.stdin
    process.process.stdin.close()  # as the death of the launcher would

    assert process.process.wait(60) != 0
    assert not trace.exists()


def test_a_process_runs_once_its_gate_opens_and_its_exit_is_reported_with_its_output() -> None:
    ended: SimpleQueue[ManagedProcess] = SimpleQueue()
    process = ManagedProcess("trial", ("sh", "-c", "echo some words; exit 3"), echo=False, is_dependency=False)

    process.open_gate(ended.put)

    assert ended.get(timeout=10) is process
    assert process.process.returncode == 3
    assert list(process.lines) == ["some words"]
