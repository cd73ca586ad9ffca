"""Whatever the order of answers, crashes and settlements: credits counted are credits charged less those returned,
and nothing leaves a final state but a doubt that is settled."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hubportal.accounts.models import User
from hubportal.generations.models import Generation, State
from hubportal.generations.states import FINAL
from hubportal.hub.records import GenerationRecord, parse_generation
from hubportal.usage.models import LedgerEntry, Reservation
from tests import makers, worker

PRICE = 8
credits = st.one_of(st.none(), st.integers(0, 40))


def record(status: str, pictures: int = 0, **usage: int | None) -> GenerationRecord:
    images = [{"id": f"im_{at}", "url": f"https://cdn.example/{at}.png"} for at in range(pictures)]
    said = {name: value for name, value in usage.items() if value is not None}
    return parse_generation({"id": "clx_1", "status": status, "images": images, "usage": said})


class Life(RuleBasedStateMachine):
    """One generation, and everything that can happen to it, in any order and any number of times."""

    def __init__(self) -> None:
        super().__init__()
        self.owner = User.objects.create_user(f"{uuid.uuid4()}@example.org")
        self.team = makers.make_team("Life", self.owner)
        self.key = makers.make_key(self.team)
        self.pk = makers.make_generation(self.team, self.owner, n=2).pk
        self.ended_as = ""

    @property
    def now(self) -> Generation:
        """The row as another process would read it."""
        return Generation.objects.get(pk=self.pk)

    def do(self, verb: Callable[[Generation], object]) -> None:
        verb(self.now)

    @rule()
    def is_claimed(self) -> None:
        Generation.objects.filter(pk=self.pk, state=State.WAITING).update(due_at=timezone.now())
        Generation.objects.claim_for_sending(self.pk, self.key)

    @rule(code=st.sampled_from(["unreachable", "busy"]))
    def never_left(self, code: str) -> None:
        self.do(lambda one: one.record_not_sent(code, again_in=timedelta()))

    @rule(requested=credits, cost=credits, status=st.sampled_from(["queued", "processing", "???", "succeeded"]))
    def is_accepted(self, requested: int | None, cost: int | None, status: str) -> None:
        self.do(lambda one: one.record_accepted(record(status, credits_requested=requested, credits=cost)))

    @rule(status=st.sampled_from(["queued", ""]), problem=st.sampled_from(["unreachable", "busy", ""]))
    def is_looked_at(self, status: str, problem: str) -> None:
        self.do(lambda one: one.record_polled(status, problem=problem))

    @rule()
    def is_refused(self) -> None:
        self.do(lambda one: one.record_refused("invalid_request", ""))

    @rule()
    def is_lost_sight_of(self) -> None:
        self.do(lambda one: one.record_unknown("interrupted"))

    @rule()
    def crashes_while_sending(self) -> None:
        Generation.objects.filter(pk=self.pk, state=State.SENDING).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
        worker.sweep()

    @rule(pictures=st.integers(0, 4), cost=credits)
    def is_answered(self, pictures: int, cost: int | None) -> None:
        self.do(lambda one: one.record_answered(record("succeeded", pictures, credits=cost)))

    @rule(pictures=st.integers(0, 2), cost=credits)
    def fails_at_the_hub(self, pictures: int, cost: int | None) -> None:
        self.do(lambda one: one.record_answered(record("failed", pictures, credits=cost)))

    @rule()
    def pictures_were_tried(self) -> None:
        for image in self.now.images.all():
            makers.leased(image).record_not_downloaded("http-503")

    @rule()
    def is_cancelled(self) -> None:
        self.do(lambda one: one.record_cancelled())

    @rule(accepted=st.booleans())
    def is_settled(self, accepted: bool) -> None:
        self.do(lambda one: (one.settle_as_accepted if accepted else one.settle_as_not_accepted)(self.owner))

    @rule(pictures=st.integers(1, 2), cost=credits, status=st.sampled_from(["queued", "succeeded"]))
    def is_recovered(self, pictures: int, cost: int | None, status: str) -> None:
        self.do(lambda one: one.settle_by_record(self.key, record(status, pictures, credits=cost), self.owner))

    @invariant()
    def credits_add_up(self) -> None:
        counted = sum(entry.credits for entry in LedgerEntry.objects.filter(generation_id=self.pk))
        assert counted == (self.now.cost or 0)
        assert counted >= 0

    @invariant()
    def what_is_open_is_reserved_and_nothing_else(self) -> None:
        held = Reservation.objects.filter(generation_id=self.pk).exists()
        uncharged = self.now.state in (State.WAITING, State.SENDING) or (
            self.now.state == State.UNKNOWN and self.now.charged is None
        )
        assert held == uncharged

    @invariant()
    def the_end_is_the_end(self) -> None:
        state = self.now.state
        assert not self.ended_as or state == self.ended_as
        self.ended_as = state if state in FINAL else ""


@pytest.mark.slow
class TestLife(TestCase, Life.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(
        max_examples=80,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
