"""What can't be timed from outside: a part whose launcher dies before the watchdog knows of it."""

from pathlib import Path
from queue import SimpleQueue

from hubportal.launcher.process import Part


def test_a_part_runs_only_after_the_watchdog_was_told(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    part = Part("trial", ("touch", str(trace)), aloud=False, serves=False)

    assert part.process.stdin
    part.process.stdin.close()  # as the death of the launcher would

    assert part.process.wait(10) != 0
    assert not trace.exists()


def test_a_part_that_was_let_go_runs_and_its_end_is_told_with_its_words() -> None:
    ended: SimpleQueue[Part] = SimpleQueue()
    part = Part("trial", ("sh", "-c", "echo some words; exit 3"), aloud=False, serves=False)

    part.let_go(ended.put)

    assert ended.get(timeout=10) is part
    assert part.process.returncode == 3
    assert list(part.lines) == ["some words"]
