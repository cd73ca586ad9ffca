"""A worker that is told to stop doesn't keep whoever waits for it."""

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest

from hubportal.generations.models import Generation
from hubportal.generations.shutdown import stopping
from hubportal.hub.records import parse_generation
from hubportal.operations.apps import end_the_round, let_rounds_last
from tests import makers, worker


@pytest.mark.django_db(transaction=True)
def test_a_round_ends_when_the_worker_is_told_to_stop(cast: SimpleNamespace) -> None:
    waiting = makers.make_generation(cast.team, cast.member)
    claimed = Generation.objects.claim_for_sending(waiting.pk, makers.make_key(cast.team))
    assert claimed
    claimed.record_accepted(parse_generation({"id": "clx_1", "status": "queued"}))
    began = time.monotonic()
    try:
        end_the_round(None)
        list(worker.poll_due(timedelta(seconds=20)))
    finally:
        stopping.clear()

    assert time.monotonic() - began < 15


def test_rounds_last_again_when_the_engine_replaces_a_part_of_itself() -> None:
    end_the_round(None)

    let_rounds_last(None)

    assert not stopping.is_set()
