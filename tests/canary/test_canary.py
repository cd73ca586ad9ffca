"""A secret is decrypted in one place: whatever the site does with a key, nothing it lets out or writes down shows it.

The canary is a key. A whole site of processes is driven through successes and every fault with it; then everything the
site produced is searched for the key, its disguises, and any run of twelve characters of either.
"""

from pathlib import Path

import pytest

from tests.canary.drive import Produced, drive
from tests.canary.traces import traces
from tests.commands.launched import clone

# In earnest with logs for machines, and as a developer runs it: with Django's page of what went wrong.
MANNERS = {"production": {"DEBUG": "false", "LOG_FORMAT": "json"}, "debug": {"DEBUG": "true", "LOG_FORMAT": "text"}}


@pytest.mark.parametrize("manner", MANNERS)
def test_nothing_that_the_site_produced_shows_the_key(manner: str, tmp_path: Path) -> None:
    produced = drive(clone(tmp_path / "checkout"), tmp_path / "site", **MANNERS[manner])

    assert_everything_was_gathered(produced)
    assert {where: how for where, content in produced.pieces.items() if (how := traces(produced.secret, content))} == {}


def assert_everything_was_gathered(produced: Produced) -> None:
    said = produced.pieces["what it said"]
    assert {"every row", "data/db.sqlite3", "GET /metrics", "GET /t/studio/usage.csv"} <= set(produced.pieces)
    assert b"invalidApiKey" in produced.pieces["every row"]
    assert b"nowhere" in said, "the crashes left no traceback in the logs"
    assert len(produced.pieces) > 60
