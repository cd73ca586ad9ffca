"""The rooms that keep records, once more, on a real PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import cluster

ROOT = Path(__file__).parent.parent
# What asks the database something that SQLite and PostgreSQL may answer differently: constraints, races, sums,
# searches, pages, and faults in the middle of a transaction. Everything else is the same code above them.
FAULTS = ("answer_lost", "key_lost", "storage", "at_once", "clock_jumps")
RECORDS = {
    "work": [f"generations/test_{what}.py" for what in ("generation", "steps", "clearing", "departed", "retiring")],
    "pages": ["generations/test_history.py", "gallery"],
    "money": ["usage", "keys"],
    "people": ["teams"],
    "faults": [f"reliability/test_{what}.py" for what in FAULTS],
}
# The many of these rooms that ask nothing of the kind: who is shown which door, and how words are read.
BESIDES = (
    "teams/test_second_step",
    "teams/test_addresses",
    "keys/test_pasted",
    "keys/test_outlook",
    "gallery/test_names",
)


@pytest.mark.postgres
@pytest.mark.parametrize("records", RECORDS)
def test_these_tests_pass_on_postgresql(records: str, postgres_url: str):
    inner = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-m", "not browser and not postgres", "-p", "no:cacheprovider"),
            *(f"tests/{path}" for path in RECORDS[records]),
            *(f"--ignore=tests/{path}.py" for path in BESIDES),
        ],
        cwd=ROOT,
        env=inner | {"HUBPORTAL_TEST_DATABASE_URL": postgres_url},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


@pytest.fixture(scope="module")
def postgres_url():
    with cluster() as url:
        yield url
