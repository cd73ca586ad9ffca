"""Somebody who watches a card sees it change sooner, and costs one look, however many watch."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.utils import timezone

from hubportal.generations.models import Generation
from hubportal.hub.records import parse_generation
from tests import makers


def test_asking_for_a_card_brings_its_next_look_forward_once(
    cast: SimpleNamespace, browser_of: Callable[[str], Client]
):
    waiting = makers.make_generation(cast.team, cast.member)
    claimed = Generation.objects.claim_for_sending(waiting.pk, makers.make_key(cast.team))
    assert claimed
    claimed.record_accepted(parse_generation({"id": "clx_1", "status": "queued"}))
    Generation.objects.update(due_at=timezone.now() + timedelta(minutes=8))
    claimed.refresh_from_db()
    address = f"/t/{cast.team.slug}/cards/?card={claimed.pk}.{claimed.version}"

    answers = [browser_of(who).get(address).status_code for who in ("member", "reviewer")]

    assert answers == [204, 204]
    claimed.refresh_from_db()
    assert claimed.due_at is not None
    assert claimed.due_at < timezone.now() + timedelta(seconds=4)
