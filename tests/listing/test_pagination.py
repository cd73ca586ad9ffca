"""Pages by key: every row once, in both directions, whatever the cursor says."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hubportal.generations.models import Generation
from hubportal.listing.pagination import Page, page_of
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def rows(team: Team) -> list[Generation]:
    """Seven, newest first; three of them of the very same moment."""
    author = team.memberships.get(role="owner").user
    made = [makers.make_generation(team, author) for _ in range(7)]
    for minutes, generation in zip((0, 1, 2, 2, 2, 3, 4), made, strict=True):
        Generation.objects.filter(pk=generation.pk).update(created_at=NOON + timedelta(minutes=minutes))
    return list(Generation.objects.newest())


def page(cursor: str | None = "", size: int = 3) -> Page[Generation]:
    return page_of(Generation.objects.all(), cursor or "", size)


def test_walking_older_shows_every_row_once(rows: list[Generation]):
    first = page()
    second = page(first.older)
    third = page(second.older)

    assert first.items + second.items + third.items == rows
    assert first.newer is None
    assert third.older is None


def test_walking_back_shows_the_same_pages(rows: list[Generation]):
    second = page(page().older)
    third = page(second.older)

    assert page(third.newer) == second
    assert page(second.newer).items == page().items
    assert page(second.newer).newer is None


def test_rows_that_came_meanwhile_do_not_shift_an_older_page(rows: list[Generation], team: Team):
    cursor = page().older
    before = page(cursor).items

    makers.make_generation(team, rows[0].author)

    assert page(cursor).items == before


def test_going_back_to_a_half_page_shows_a_whole_first_page(rows: list[Generation]):
    second = page(page(size=2).older, size=3)

    assert page(second.newer, size=3) == page(size=3)


@pytest.mark.parametrize("cursor", [
    "nonsense", "%00", "é", "bi4xLjI", base64.urlsafe_b64encode(b"o.9" + b"9" * 40 + b".x").decode(),
    base64.urlsafe_b64encode(b"x.1.2").decode(), base64.urlsafe_b64encode(b"o.1").decode(), "A" * 5000,
])  # fmt: skip
def test_a_cursor_that_makes_no_sense_gives_the_first_page(rows: list[Generation], cursor: str):
    assert page(cursor) == page()


def test_a_cursor_past_the_end_gives_the_first_page(rows: list[Generation]):
    cursor = page(size=6).older
    Generation.objects.filter(pk=rows[6].pk).delete()

    assert page(cursor) == page()


def test_no_rows_make_an_empty_page_without_neighbours(team: Team):
    assert page() == Page([], newer=None, older=None)


def test_a_page_is_one_query(rows: list[Generation]):
    cursor = page().older

    with CaptureQueriesContext(connection) as queries:
        page(cursor)

    assert len(queries) == 1
