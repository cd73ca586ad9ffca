"""rebuild_totals counts anew and says what differed; the doctor says when it is time to."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from hubportal.teams.models import Team
from hubportal.usage.models import BilledGeneration, DailyTotal, EntryKind, LedgerEntry, MonthlyTotal
from hubportal.usage.models.totals import SUMS, Total
from hubportal.usage.recount import recount
from hubportal.usage.totals_check import teams_that_differ
from tests import makers

pytestmark = pytest.mark.django_db
Entry = Callable[..., LedgerEntry]


def rebuild() -> list[str]:
    out = StringIO()
    call_command("rebuild_totals", stdout=out)
    return out.getvalue().splitlines()


def rows(total: type[Total]) -> set[tuple[object, ...]]:
    return set(total._default_manager.values_list(total.span, "team", "author", "key", "model", *SUMS))


@pytest.fixture
def counted(cast: SimpleNamespace, entry: Entry) -> None:
    """Two months of two people, two keys and a refund in the month after; and another team's."""
    main, work = makers.make_key(cast.team), uuid.uuid4()
    entry(date(2026, 10, 30), 32, pictures=4, key=main, generation_id=work)
    entry(date(2026, 10, 30), 8)
    entry(date(2026, 10, 31), 10, key=main, author=cast.owner, model="nanobanana2")
    entry(date(2026, 11, 1), -8, kind=EntryKind.REFUND, pictures=-1, key=main, generation_id=work)
    entry(date(2026, 11, 1), -3, kind=EntryKind.CORRECTION, pictures=0, key=main, generation_id=work)
    entry(date(2026, 11, 5), 24, team=Team.objects.get(name="Elsewhere"), author=cast.stranger)


@pytest.mark.usefixtures("counted")
def test_totals_that_agree_are_left_alone() -> None:
    before = set(DailyTotal.objects.values_list("pk", flat=True))

    assert rebuild() == ["All 7 totals of days and months agree with the ledger."]
    assert set(DailyTotal.objects.values_list("pk", flat=True)) == before


@pytest.mark.usefixtures("counted")
def test_totals_that_are_gone_are_made_anew() -> None:
    days, months = rows(DailyTotal), rows(MonthlyTotal)
    DailyTotal.objects.all().delete()
    MonthlyTotal.objects.all().delete()

    said = rebuild()

    assert (rows(DailyTotal), rows(MonthlyTotal)) == (days, months)
    assert said[0] == "elsewhere 2026-11-05: the totals said 0 credits, the ledger says 24."
    assert said[-1] == "7 of 7 totals of days and months differed; all are right now."


@pytest.mark.usefixtures("counted")
def test_the_migration_fills_them_from_a_ledger_that_is_there() -> None:
    days, months = rows(DailyTotal), rows(MonthlyTotal)
    DailyTotal.objects.all().delete()
    MonthlyTotal.objects.all().delete()

    makers.fill_totals()

    assert (rows(DailyTotal), rows(MonthlyTotal)) == (days, months)


@pytest.mark.usefixtures("counted")
def test_what_differed_is_said_and_corrected(cast: SimpleNamespace) -> None:
    days, months = rows(DailyTotal), rows(MonthlyTotal)
    DailyTotal.objects.filter(team=cast.team, day="2026-10-31").update(charged=1010)
    DailyTotal.objects.filter(team=cast.team, day="2026-11-01").update(author=cast.admin)
    DailyTotal.objects.create(team=cast.team, day="2026-12-24", author=cast.member, model="m", charged=5, charges=1)
    MonthlyTotal.objects.filter(team=cast.team, month="2026-10-01").update(pictures=F("pictures") + 1)

    assert rebuild() == [
        "studio-north 2026-10-31: the totals said 1,010 credits, the ledger says 10.",
        "studio-north 2026-11-01: -11 credits in all, but 2 rows by person, key and model were wrong.",
        "studio-north 2026-12-24: the totals said 5 credits, the ledger says 0.",
        "studio-north 2026-10, as a month: 50 credits in all, but 3 rows by person, key and model were wrong.",
        "4 of 9 totals of days and months differed; all are right now.",
    ]
    assert (rows(DailyTotal), rows(MonthlyTotal)) == (days, months)


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("total", [DailyTotal, MonthlyTotal])
@pytest.mark.parametrize("field", ["charged", "pictures", "charges"])
def test_the_doctors_look_names_the_team(cast: SimpleNamespace, total: type[Total], field: str) -> None:
    assert teams_that_differ() == []
    total._default_manager.filter(team=cast.team).update(**{field: 77})

    assert teams_that_differ() == [cast.team]


@pytest.mark.usefixtures("counted")
def test_a_ledger_without_totals_and_totals_without_a_ledger_are_noticed(cast: SimpleNamespace) -> None:
    DailyTotal.objects.filter(team=cast.team).delete()
    empty = makers.make_team("Nothing spent", cast.owner)
    MonthlyTotal.objects.create(team=empty, month="2026-11-01", author=cast.owner, model="m", charged=5, charges=1)

    assert teams_that_differ() == [empty, cast.team]


@pytest.mark.django_db(transaction=True)
def test_what_is_recorded_during_a_recount_is_counted_once(cast: SimpleNamespace) -> None:
    """Half of the entries were never counted; while they are, others come."""
    work = [BilledGeneration(uuid.uuid4(), cast.team.pk, cast.member.pk, None, "m") for _ in range(80)]
    for one in work[:20]:
        LedgerEntry.objects.record(one, EntryKind.CHARGE, 8, pictures=1)
    DailyTotal.objects.all().delete()
    start = threading.Barrier(4, timeout=20)

    def act(what: Callable[[], None]) -> None:
        try:
            start.wait()
            what()
        finally:
            connection.close()

    def recount_often() -> None:
        for _ in range(10):
            recount(cast.team)

    def record(some: list[BilledGeneration]) -> None:
        for one in some:
            LedgerEntry.objects.record(one, EntryKind.CHARGE, 8, pictures=1)

    with ThreadPoolExecutor(4) as pool:
        writers = [lambda part=part: record(work[20 + part :: 3]) for part in range(3)]
        list(pool.map(act, [recount_often, *writers]))

    assert (DailyTotal.objects.get().charges, MonthlyTotal.objects.get().charges) == (80, 80)
