"""The clock is set forward or back by hours: nothing stays where it is, and nothing is sent twice."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from hubportal.generations.models import Generation, State
from hubportal.usage.models import LedgerEntry
from tests.reliability.case import Case
from tests.reliability.workers import process, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]

SOON = timedelta(minutes=1)


Jump = Callable[..., None]


@pytest.fixture
def jump(case: Case, tmp_path: Path) -> Jump:
    """A waiting, a sent and a running generation under a worker; then its clock is set so many hours off.

    Returns when all have succeeded.
    """

    def set_clock(hours: float) -> None:
        clock = tmp_path / "clock"
        clock.write_text("0")
        with process(case, "-m", "tests.reliability.jumping", str(clock)):
            running = case.send("[slow 8]")
            waiting = case.ask()
            Generation.objects.filter(pk=waiting.pk).update(due_at=timezone.now() + SOON)
            sending = case.ask("[lateanswer 4]")
            wait_until(lambda: case.read(sending).state == State.SENDING)
            assert case.read(running).state == State.RUNNING
            clock.write_text(str(hours * 3600))
            # After such a jump one is asked about as seldom as one that is hours old.
            wait_until(lambda: _all_have_succeeded(), seconds=150)

    return set_clock


def _all_have_succeeded() -> bool:
    return not Generation.objects.exclude(state=State.SUCCEEDED).exists()


def assert_all_is_well(case: Case) -> None:
    entries = LedgerEntry.objects.order_by("pk").values_list("kind", "credits")
    assert case.posted() == 3
    assert list(entries) == case.hub_ledger() == [("charge", 8)] * 3
    assert set(Generation.objects.values_list("attempts", flat=True)) == {1}


def test_the_clock_is_set_forward(case: Case, jump: Jump) -> None:
    jump(3)

    assert_all_is_well(case)


def test_the_clock_is_set_back(case: Case, jump: Jump) -> None:
    jump(-3)

    assert_all_is_well(case)
