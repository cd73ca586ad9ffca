"""Whatever is recorded, every grouping of every range of days is the sum of the ledger's entries."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubportal.usage.export import report_as_json
from hubportal.usage.models import BilledGeneration, EntryKind, LedgerEntry
from hubportal.usage.periods import By, Period
from hubportal.usage.report import Report
from hubportal.usage.totals_check import teams_that_differ
from tests import makers

pytestmark = pytest.mark.django_db
FIRST = date(2026, 1, 28)
DAYS = st.integers(0, 70).map(lambda days: FIRST + timedelta(days=days))
# Who, with which key, on which model; when it was charged, and when something came back or was corrected, if anything.
WORK = st.tuples(
    st.integers(0, 1),
    st.integers(0, 2),
    st.sampled_from(["gpt-image-2", "nanobanana2"]),
    DAYS,
    st.integers(0, 64),
    st.none() | st.tuples(st.sampled_from(["refund", "correction"]), st.integers(0, 64), st.integers(0, 40)),
)


def record(work: BilledGeneration, kind: str, credits: int, pictures: int, day: date) -> None:
    with time_machine.travel(datetime.combine(day, time(12), UTC), tick=False):
        LedgerEntry.objects.record(work, EntryKind(kind), credits, pictures=pictures)


def subject_of(entry: LedgerEntry, by: By) -> Any:
    of = {
        By.DAY: entry.day.isoformat(),
        By.MONTH: f"{entry.day:%Y-%m}",
        By.PERSON: entry.author_id,
        By.PROJECT: entry.project_id,
        By.MODEL: entry.model,
        By.KEY: entry.key_id,
    }
    return of[by]


def sums_of_ledger(team: Any, period: Period, by: By) -> dict[Any, tuple[int, int, int]]:
    """Credits, pictures and accepted generations, added up in Python."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry in LedgerEntry.objects.filter(team=team, day__range=(period.first, period.last)):
        sums = found[subject_of(entry, by)]
        sums[0] += entry.credits
        sums[1] += entry.pictures
        sums[2] += entry.kind == "charge"
    return {subject: (credits, pictures, number) for subject, (credits, pictures, number) in found.items()}


@pytest.mark.slow
@given(works=st.lists(WORK, max_size=12), ends=st.tuples(DAYS, DAYS).map(sorted), whole=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_grouping_of_every_range_is_the_sum_of_the_ledger(
    cast: SimpleNamespace, keys: list[Any], works: list[Any], ends: list[date], whole: bool
) -> None:
    period = Period(ends[0].replace(day=1), date(2026, 4, 30)) if whole else Period(*ends)
    with transaction.atomic():
        for author, key, model, day, credits, more in works:
            person = (cast.member, cast.owner)[author]
            work = BilledGeneration(uuid.uuid4(), cast.team.pk, person.pk, keys[key], model)
            record(work, "charge", credits, 4, day)
            if more:
                kind, changed, later = more
                record(work, kind, -changed, -1, day + timedelta(days=later))

        for by in By:
            told = report_as_json(Report(cast.team, period, ()), by)
            lines = {line[by.value]: (line["credits"], line["pictures"], line["generations"]) for line in told["lines"]}
            expected = sums_of_ledger(cast.team, period, by)
            assert lines == expected
            assert told["total"]["credits"] == sum(credits for credits, *_ in expected.values())
            assert told["total"]["pictures"] == sum(pictures for _, pictures, _ in expected.values())
        assert teams_that_differ() == []
        transaction.set_rollback(True)


@pytest.fixture
def keys(cast: SimpleNamespace) -> list[Any]:
    return [None, makers.make_key(cast.team).pk, makers.make_key(cast.team, label="Spare").pk]


# A period is read as whole months and the days at its ends ---------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "months", "edges"),
    [
        ("2026-11-01", "2026-11-30", ("2026-11-01", "2026-11-01"), []),
        ("2026-11-01", "2026-11-29", None, [("2026-11-01", "2026-11-29")]),
        ("2026-01-01", "2026-12-31", ("2026-01-01", "2026-12-01"), []),
        ("2025-12-31", "2026-02-28", ("2026-01-01", "2026-02-01"), [("2025-12-31", "2025-12-31")]),
        ("2024-02-01", "2024-02-28", None, [("2024-02-01", "2024-02-28")]),
        ("2024-02-01", "2024-02-29", ("2024-02-01", "2024-02-01"), []),
        ("2026-10-31", "2026-11-01", None, [("2026-10-31", "2026-11-01")]),
        ("2026-09-15", "2026-11-15", ("2026-10-01", "2026-10-01"),
         [("2026-09-15", "2026-09-30"), ("2026-11-01", "2026-11-15")]),
    ],
)  # fmt: skip
def test_a_period_is_whole_months_and_the_days_at_its_ends(
    first: str, last: str, months: tuple[str, str] | None, edges: list[tuple[str, str]]
) -> None:
    def days(pair: tuple[str, str]) -> tuple[date, date]:
        return date.fromisoformat(pair[0]), date.fromisoformat(pair[1])

    period = Period(*days((first, last)))

    assert period.whole_months == (months and days(months))
    assert period.edges == [days(edge) for edge in edges]


def test_more_comes_back_than_was_spent_in_a_later_month(cast: SimpleNamespace, entry: Callable[..., Any]) -> None:
    work = uuid.uuid4()
    entry(date(2026, 10, 31), 32, pictures=4, generation_id=work)
    entry(date(2026, 11, 1), -8, kind="refund", pictures=-1, generation_id=work)

    october = Report(cast.team, Period(date(2026, 10, 1), date(2026, 10, 31)), ())
    november = Report(cast.team, Period(date(2026, 11, 1), date(2026, 11, 30)), ())

    assert (october.total.sums.credits, november.total.sums.credits) == (32, -8)
    assert (november.total.sums.refunded, november.total.sums.charges) == (-8, 0)
