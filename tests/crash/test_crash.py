"""The short form of the crash test; `./bin/bench --crash` is the whole one."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
KILLS = 7
PATIENCE = 240  # seconds


def test_killing_the_worker_at_random_loses_nothing_and_pays_nothing_twice(tmp_path: Path):
    command = [sys.executable, "-m", "bench", "--crash", str(KILLS), "--data", str(tmp_path)]

    done, said = _run(command)

    ends, records = _counts(said, "ends"), _counts(said, "records")
    assert done == 0, said
    assert sum(ends.values()) == KILLS
    assert ends["kill -9"] >= 1
    assert {"succeeded", "failed", "unknown"} <= set(records)
    assert sum(records.values()) >= 2 * KILLS


def _run(command: list[str]) -> tuple[int, str]:
    """Exit status and output. When it takes too long it is asked to end, so that it can end its own processes."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            said, _ = running.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            running.terminate()
            said, _ = running.communicate()
    return running.returncode, said


def _counts(said: str, what: str) -> dict[str, int]:
    """`ends: 6 kill -9, 1 SIGTERM` as a mapping."""
    line = re.search(rf"^{what}: +(.+)$", said, re.MULTILINE)
    assert line, said
    return {how: int(count) for count, how in (part.split(" ", 1) for part in line[1].split(", "))}
