"""The short form of the crash test; `./bin/bench --crash` is the whole one."""

import sys
from pathlib import Path

from tests.crash.running import counts, run

KILLS = 7


def test_killing_the_worker_at_random_loses_nothing_and_pays_nothing_twice(tmp_path: Path):
    command = [sys.executable, "-m", "bench", "--crash", str(KILLS), "--data", str(tmp_path)]

    done, said = run(command)

    ends, records = counts(said, "ends"), counts(said, "records")
    assert done == 0, said
    assert sum(ends.values()) == KILLS
    assert ends["kill -9"] >= 1
    assert {"succeeded", "failed", "unknown"} <= set(records)
    assert sum(records.values()) >= 2 * KILLS
