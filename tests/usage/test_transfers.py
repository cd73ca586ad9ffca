"""What a generation cost goes with it to another project: the ledger is corrected, never changed."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from hubportal.generations.models import Generation
from hubportal.hub.records import parse_generation
from hubportal.teams.models import Team
from hubportal.usage.models import DailyTotal, EntryKind, LedgerEntry, Project, Reservation
from hubportal.usage.recount import recount
from hubportal.usage.totals_check import teams_that_differ
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def projects(cast: SimpleNamespace) -> tuple[Project, Project]:
    first, second = (Project.objects.create(team=cast.team, name=name) for name in ("Harbour", "Castle"))
    return first, second


def accept(generation: Generation) -> Generation:
    """The same, sent with a new key and accepted by the hub at its price."""
    claimed = Generation.objects.claim_for_sending(generation.pk, makers.make_key(generation.team))
    assert claimed is not None
    requested = {"credits": 0, "credits_requested": generation.expected_credits}
    assert claimed.record_accepted(
        parse_generation({"id": "clx_1", "status": "queued", "images": [], "usage": requested})
    )
    return claimed


def answer(generation: Generation, *, pictures: int, credits: int) -> None:
    """The hub has finished, with so many pictures for so many credits."""
    images = [{"id": f"im_{at}", "url": f"https://cdn.example/{at}.png"} for at in range(pictures)]
    record = {"id": "clx_1", "status": "succeeded", "images": images, "usage": {"credits": credits}}
    generation.record_answered(parse_generation(record))


def spent_for(team: Team) -> dict[str, tuple[int, int]]:
    """Credits and pictures by project, from the totals."""
    names = {project.pk: project.name for project in Project.objects.filter(team=team)}
    found: dict[str, tuple[int, int]] = {}
    for row in DailyTotal.objects.filter(team=team):
        credits, pictures = found.get(name := names.get(row.project, "none"), (0, 0))
        found[name] = (credits + row.charged + row.refunded + row.corrected, pictures + row.pictures)
    return found


def test_what_it_cost_is_taken_off_one_project_and_put_on_the_other(
    cast: SimpleNamespace, projects: tuple[Project, Project]
) -> None:
    generation = accept(makers.make_generation(cast.team, cast.member, n=2))
    assert spent_for(cast.team) == {"none": (16, 2)}

    assert generation.record_project(projects[0])
    assert generation.record_project(projects[1])

    assert spent_for(cast.team) == {"none": (0, 0), "Harbour": (0, 0), "Castle": (16, 2)}
    entries = LedgerEntry.objects.filter(kind=EntryKind.TRANSFER).order_by("pk")
    assert list(entries.values_list("credits", "number")) == [(-16, 1), (16, 2), (-16, 3), (16, 4)]
    assert not teams_that_differ()
    assert not recount(cast.team).wrong_days


def test_what_comes_back_later_comes_back_to_the_project_it_is_for_then(
    cast: SimpleNamespace, projects: tuple[Project, Project]
) -> None:
    generation = accept(makers.make_generation(cast.team, cast.member, n=2, project=projects[0]))
    generation.record_project(projects[1])

    answer(generation, pictures=1, credits=8)

    assert spent_for(cast.team) == {"Harbour": (0, 0), "Castle": (8, 1)}


def test_moving_it_to_where_it_is_changes_nothing(cast: SimpleNamespace, projects: tuple[Project, Project]) -> None:
    generation = accept(makers.make_generation(cast.team, cast.member, project=projects[0]))

    assert not generation.record_project(projects[0])
    assert generation.record_project(None)
    assert not generation.record_project(None)

    assert spent_for(cast.team) == {"Harbour": (0, 0), "none": (8, 1)}


def test_what_is_reserved_goes_along_and_what_cost_nothing_leaves_no_entry(
    cast: SimpleNamespace, projects: tuple[Project, Project]
) -> None:
    generation = makers.make_generation(cast.team, cast.member)

    assert generation.record_project(projects[0])

    assert Reservation.objects.get().project == projects[0]
    assert not LedgerEntry.objects.exists()


def test_a_correction_is_dated_when_it_is_made(cast: SimpleNamespace, projects: tuple[Project, Project]) -> None:
    """What was reported for a month that is over stays as it was."""
    with time_machine.travel(datetime(2026, 10, 31, 12, tzinfo=UTC), tick=False):
        generation = accept(makers.make_generation(cast.team, cast.member))
    with time_machine.travel(datetime(2026, 11, 1, 12, tzinfo=UTC), tick=False):
        Generation.objects.get(pk=generation.pk).record_project(projects[0])

    days = LedgerEntry.objects.order_by("pk").values_list("kind", "day")
    assert list(days) == [
        ("charge", date(2026, 10, 31)),
        ("transfer", date(2026, 11, 1)),
        ("transfer", date(2026, 11, 1)),
    ]


def test_a_day_turns_in_the_teams_time_zone(cast: SimpleNamespace) -> None:
    Team.objects.filter(pk=cast.team.pk).update(time_zone="Asia/Tokyo")
    cast.team.refresh_from_db()
    with time_machine.travel(datetime(2026, 10, 31, 15, tzinfo=UTC), tick=False):
        accept(makers.make_generation(cast.team, cast.member))

    assert LedgerEntry.objects.get().day == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("kind", "credits", "is_right"),
    [
        (EntryKind.TOPUP, -500, True),
        (EntryKind.TOPUP, 500, False),
        (EntryKind.EXPIRY, 20, True),
        (EntryKind.EXPIRY, -20, False),
        (EntryKind.OUTSIDE, 24, True),
        (EntryKind.OUTSIDE, -24, True),
        (EntryKind.CHARGE, 24, False),
    ],
)
def test_what_moved_outside_is_an_entry_of_a_key_and_of_nobody(
    cast: SimpleNamespace, kind: EntryKind, credits: int, is_right: bool
) -> None:
    key, now = makers.make_key(cast.team), timezone.now()

    def write() -> None:
        with transaction.atomic():
            LedgerEntry.objects.record_outside(cast.team, key, kind, credits, since=now, until=now, balance=476)

    if not is_right:
        with pytest.raises(IntegrityError):
            write()
        return
    write()
    write()  # there may be any number of them
    assert not DailyTotal.objects.exists()
    assert not teams_that_differ()
