"""A secret has one door: whatever the site does with a key, nothing that it lets out or writes down shows it.

The canary is a key. A whole site of processes is driven through successes and every fault with it; then everything the
site produced is searched for the key, its disguises, and any run of twelve characters of either.
"""

import pytest

from tests.canary.drive import Produced, drive
from tests.canary.traces import traces
from tests.commands.launched import clone

# In earnest with logs for machines, and as a developer runs it: with Django's page of what went wrong.
MANNERS = {"production": {"DEBUG": "false", "LOG_FORMAT": "json"}, "debug": {"DEBUG": "true", "LOG_FORMAT": "text"}}


@pytest.fixture(scope="module", params=MANNERS)
def produced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Produced:
    place = tmp_path_factory.mktemp("canary")
    return drive(clone(place / "checkout"), place / "site", **MANNERS[request.param])


def test_everything_was_gathered(produced: Produced) -> None:
    said = produced.pieces["what it said"]
    assert {"every row", "data/db.sqlite3", "GET /metrics", "GET /t/studio/usage.csv"} <= set(produced.pieces)
    assert b"invalidApiKey" in produced.pieces["every row"]
    assert b"nowhere" in said, "the crashes left no traceback in the logs"
    assert len(produced.pieces) > 60


def test_nothing_shows_the_key(produced: Produced) -> None:
    found = {where: how for where, content in produced.pieces.items() if (how := traces(produced.secret, content))}

    assert found == {}
