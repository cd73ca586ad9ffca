"""What the author of a generation is told of it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hubportal.generations.models import Generation, Image
from hubportal.generations.notification_events import GENERATION_DONE, GENERATION_FAILED
from hubportal.notifications.events import Channel
from hubportal.notifications.models import Notification, Preference
from hubportal.notifications.preferences import stop
from hubportal.notifications.wording import sentences_of
from tests import makers
from tests.generations.test_generation import finished, keep, running, sent

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str, str]]:
    """To whom, and what."""
    return [(str(one.user), *sentences_of(one)) for one in Notification.objects.order_by("created_at")]


def make_done(generation: Generation) -> None:
    generation.record_answered(finished())
    for image in Image.objects.filter(generation=generation):
        keep(image)
    assert Generation.objects.get(pk=generation.pk).state == "succeeded"


def test_a_refusal_is_told_to_who_asked_with_what_it_cost(cast: SimpleNamespace) -> None:
    generation = sent(cast.team)

    generation.record_refused("invalid_request", "No.")

    assert told() == [(str(generation.author), "“A red boat” couldn't be made", "It cost nothing.")]
    link = Notification.objects.get().link
    assert link == f"/t/studio-north/generations/{generation.pk}/"


def test_a_failure_is_told_with_the_credits_that_came_back(cast: SimpleNamespace) -> None:
    running(cast.team).record_answered(finished(images=0, status="failed"))

    assert [said[1:] for said in told()] == [("“A red boat” couldn't be made", "8 credits came back.")]


def test_a_doubt_is_told_as_something_to_decide(cast: SimpleNamespace) -> None:
    sent(cast.team).record_unknown("timeout")

    [(_who, headline, text)] = told()
    assert headline == "Nobody is sure whether the hub accepted “A red boat”"
    assert "waits for you" in text


def test_a_lost_race_tells_nothing(cast: SimpleNamespace) -> None:
    generation = sent(cast.team)
    stale = Generation.objects.get(pk=generation.pk)
    generation.record_unknown("timeout")

    stale.record_unknown("timeout")

    assert len(told()) == 1


@pytest.mark.parametrize("wanted", [True, False])
def test_that_it_is_done_is_told_to_who_asks_for_it_alone(cast: SimpleNamespace, wanted: bool) -> None:
    if wanted:
        Preference.objects.create(user=cast.owner, event=GENERATION_DONE.code, channel=Channel.EMAIL, wanted=True)

    make_done(running(cast.team))

    assert [headline for _who, headline, _text in told()] == ["“A red boat” is done"] * wanted


def test_what_is_private_is_told_without_its_prompt(cast: SimpleNamespace) -> None:
    generation = sent(cast.team)
    generation.record_visibility("private")

    generation.record_refused("invalid_request", "No.")

    assert [headline for _who, headline, _text in told()] == ["A private generation of yours couldn't be made"]
    assert "boat" not in str(Notification.objects.get().facts)


def test_who_settles_a_doubt_is_not_told_what_they_said(cast: SimpleNamespace) -> None:
    mine, theirs = sent(cast.team), sent(cast.team)
    for generation in (mine, theirs):
        generation.record_unknown("timeout")
    Notification.objects.all().delete()

    mine.settle_as_not_accepted(mine.author)
    theirs.settle_as_not_accepted(cast.admin)

    assert [headline for _who, headline, _text in told()] == ["“A red boat” couldn't be made"]


def test_what_somebody_withdrew_is_told_to_nobody(cast: SimpleNamespace) -> None:
    makers.make_generation(cast.team, cast.member).record_cancelled()
    generation = sent(cast.team)

    generation.record_not_sent("busy", again_in=timedelta(seconds=5))

    assert told() == []


def queries_of(act: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len([query for query in asked if "notification" in query["sql"]])


def test_who_wants_to_know_nothing_costs_the_worker_one_query(cast: SimpleNamespace) -> None:
    failing, done = sent(cast.team), running(cast.team)
    for way in (Channel.BAR, Channel.PUSH):
        stop(failing.author_id, GENERATION_FAILED.code, way)

    refused = queries_of(lambda: failing.record_refused("invalid_request", "No."))
    finished_ = queries_of(lambda: make_done(done))

    assert (refused, finished_) == (1, 1)
