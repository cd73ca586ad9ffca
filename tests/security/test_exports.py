"""A file that could not be written whole never looks as if it were: tried against the very server that serves it."""

import sqlite3
import uuid
from contextlib import closing

import pytest

from tests.security.site import Site, Visitor

pytestmark = pytest.mark.process

# A month that no other test of this site looks at.
MONTH = "2001-01"


def charge(database: sqlite3.Connection, times: int, written_at: str) -> None:
    """Entries of the team's owner in MONTH, as the site writes them but for the moment."""
    database.executemany(
        "INSERT INTO usage_ledgerentry"
        " (team_id, author_id, generation_id, model, kind, credits, pictures, day, written_at)"
        " SELECT team_id, user_id, ?, 'gpt-image-2', 'charge', 8, 1, ?, ? FROM teams_membership LIMIT 1",
        [(uuid.uuid4().hex, f"{MONTH}-03", written_at) for _ in range(times)],
    )


def test_an_export_that_fails_half_way_is_an_error_and_no_file(site: Site, anna: Visitor) -> None:
    with closing(sqlite3.connect(site.data / "db.sqlite3")) as database, database:
        charge(database, 1500, "2001-01-03 12:00:00")
    whole = anna.get(f"/t/studio-north/usage.csv?month={MONTH}")
    with closing(sqlite3.connect(site.data / "db.sqlite3")) as database, database:
        charge(database, 1, "no moment at all")
    broken = anna.get(f"/t/studio-north/usage.csv?month={MONTH}")

    assert broken.status == 500
    assert b"Something went wrong on our side" in broken.body
    assert "content-disposition" not in broken.headers
    assert (whole.status, whole.body.count(b"\r\n")) == (200, 1501)
    assert int(whole.headers["content-length"]) == len(whole.body)
