"""The worker's clock enqueues what has work, and nothing else."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.tasks import default_task_backend
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.generations.models import Generation, State
from hubportal.hub.records import parse_generation
from hubportal.keys.models import Key
from hubportal.operations.clock import NeededTask, beat, needed_tasks
from hubportal.settings import TASKS, TASKS_WHILE_NEEDED
from hubportal.teams.invitations import invite_people
from hubportal.teams.permissions import Role
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_enqueued(settings: Any) -> None:
    settings.TASKS_WHILE_NEEDED = TASKS_WHILE_NEEDED
    default_task_backend.clear()


def enqueued() -> list[str]:
    """The tasks of one beat, by their last names."""
    beat(needed_tasks(), now=1000.0)
    return [result.task.module_path.rpartition(".")[2] for result in default_task_backend.results]


def test_an_idle_site_gets_no_task_and_few_queries(cast: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert enqueued() == []

    # Once a minute or half; each finds nothing in an index.
    assert len(queries) <= 15
    assert all(query["sql"].startswith("SELECT") for query in queries)


def test_what_runs_is_polled(cast: SimpleNamespace) -> None:
    waiting = makers.make_generation(cast.team, cast.member)
    claimed = Generation.objects.claim_for_sending(waiting.pk, makers.make_key(cast.team))
    assert claimed
    claimed.record_accepted(parse_generation({"id": "clx_1", "status": "queued"}))
    Key.objects.update(told_balance=None)

    assert enqueued() == ["poll"]


@pytest.mark.parametrize("state", [State.WAITING, State.SENDING])
def test_what_a_lost_nudge_or_a_dead_worker_left_is_swept(cast: SimpleNamespace, state: State) -> None:
    waiting = makers.make_generation(cast.team, cast.member)
    if state == State.SENDING:
        Generation.objects.claim_for_sending(waiting.pk, makers.make_key(cast.team))
        Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        Key.objects.update(told_balance=None)

    assert enqueued() == ["sweep"]


def test_a_balance_that_the_hub_told_is_compared_with_the_ledger(cast: SimpleNamespace) -> None:
    makers.make_key(cast.team)

    assert enqueued() == ["compare_balances"]


def test_a_retiring_key_is_looked_after(cast: SimpleNamespace) -> None:
    makers.make_key(cast.team)
    Key.objects.update(retiring_since=timezone.now(), is_default=False, told_balance=None)

    assert enqueued() == ["retire_keys"]


def test_an_invitation_that_is_due_is_mailed(cast: SimpleNamespace) -> None:
    invite_people(cast.team, ["otto@example.org"], Role.MEMBER, actor=Actor(cast.owner))

    assert enqueued() == ["mail_invitations"]


def test_a_task_is_enqueued_once_an_interval_and_at_once_after_an_error() -> None:
    calls, answers = [], [True, DatabaseError(), True, True]

    def is_needed() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, DatabaseError):
            raise answer
        return answer

    task = NeededTask(lambda: calls.append(1), is_needed, interval=10)
    beat([task], 100.0)
    beat([task], 105.0)
    assert len(calls) == 1
    with pytest.raises(DatabaseError):
        beat([task], 110.0)
    beat([task], 111.0)
    assert len(calls) == 2


def test_nothing_is_both_the_clocks_and_the_engines() -> None:
    recurring = {task["task_path"] for task in TASKS["default"]["OPTIONS"]["recurring"].values()}

    assert recurring.isdisjoint(one.task for one in TASKS_WHILE_NEEDED.values())
