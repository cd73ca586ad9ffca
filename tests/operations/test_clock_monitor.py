"""The clock of the machine, and what waits for it."""

from datetime import timedelta

import pytest
from dj_queue.models import RecurringExecution, RecurringTask
from django.utils import timezone

from hubportal.generations.models import Generation, Image, State
from hubportal.generations.worker.sweep import restart_waits
from hubportal.hub.records import parse_generation
from hubportal.keys.models import Key
from hubportal.operations.clock_monitor import reset_if_clock_went_back
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db

HOURS = timedelta(hours=3)


def schedule(in_: timedelta) -> RecurringTask:
    """A beat that is to come, and the last one that was."""
    now = timezone.now()
    RecurringExecution.objects.create(backend_alias="default", task_key="poll", run_at=now + in_ - timedelta(seconds=9))
    return RecurringTask.objects.create(
        key="poll", task_path="x", schedule="*/10 * * * * *", queue_name="poll", static=True, next_run_at=now + in_
    )


def test_a_schedule_of_hours_ahead_begins_anew() -> None:
    beat = schedule(in_=HOURS)

    assert reset_if_clock_went_back()

    beat.refresh_from_db()
    assert beat.next_run_at is None
    assert not RecurringExecution.objects.exists()


def test_a_schedule_of_seconds_ahead_is_left_alone(team: Team) -> None:
    beat = schedule(in_=timedelta(seconds=12))
    busy = makers.make_generation(team, team.memberships.first().user)
    Generation.objects.update(due_at=timezone.now() + timedelta(minutes=30))

    assert not reset_if_clock_went_back()

    beat.refresh_from_db()
    busy.refresh_from_db()
    assert beat.next_run_at
    assert busy.due_at > timezone.now() + timedelta(minutes=29)


def test_whatever_waits_for_the_old_clock_begins_anew(team: Team) -> None:
    ahead, now = timezone.now() + HOURS, timezone.now()
    owner, key = team.memberships.first().user, makers.make_key(team)
    waiting, sending, running, answered = (makers.make_generation(team, owner) for _ in range(4))
    for one in (sending, running, answered):
        Generation.objects.claim_for_sending(one.pk, key)
        one.refresh_from_db()
    for one in (running, answered):
        one.record_accepted(parse_generation({"id": f"clx_{one.pk}", "status": "queued"}))
    finished = {"id": answered.hub_id, "status": "succeeded", "images": [{"url": "https://example.org/a.png"}]}
    [image] = answered.record_answered(parse_generation(finished))
    Generation.objects.filter(state=State.WAITING).update(due_at=ahead)
    Generation.objects.filter(state=State.SENDING).update(lease_until=ahead)
    Generation.objects.filter(pk=running.pk).update(due_at=ahead, lease_until=ahead)
    Image.objects.update(due_at=ahead, lease_until=ahead)
    Key.objects.update(busy_until=ahead)

    restart_waits(now)

    assert Generation.objects.due_to_send(now).get() == waiting
    assert Generation.objects.lost_while_sending(now + timedelta(minutes=1)).get() == sending
    later = Generation.objects.get(pk=running.pk)
    assert later.due_at == now
    assert later.lease_until <= now + timedelta(minutes=1)
    assert Image.objects.due_to_download(now + timedelta(minutes=1)).get() == image
    assert Key.objects.get().has_free_slot(0)
