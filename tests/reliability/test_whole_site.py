"""The whole site under a load, with people who press the button again: its parts and its database end, one by one."""

import sys
from pathlib import Path

import pytest

from tests.crash.running import counts, run

# The first dozens of prompts of this seed ask for no patience of half a minute ([imagestatus 503 1] does).
SEED = "197"
BLOWS = {"database restarted": 1, "launcher killed": 1, "web killed": 1, "worker killed": 1}


@pytest.mark.postgres
def test_every_part_of_a_running_site_ends_once(tmp_path: Path) -> None:
    what = ("--strike", "site", "--database", "postgres", "--rate", "1", "--seed", SEED, "--data", str(tmp_path))

    done, said = run([sys.executable, "-m", "bench", "--crash", str(len(BLOWS)), *what])

    assert done == 0, said
    assert counts(said, "ends") == BLOWS
    assert counts(said, "records")["succeeded"] >= len(BLOWS)
