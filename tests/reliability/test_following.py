"""The hub has it: what looking at it may meet until its end is known."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hubportal.generations.accounting import MAX_PICTURES
from hubportal.generations.models import Generation, Image, State
from tests import worker
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db


def pause(generation: Generation) -> timedelta:
    assert generation.due_at
    return generation.due_at - timezone.now()


def test_not_found_right_after_acceptance(case: Case) -> None:
    generation = case.send("[lost 1.5]")

    soon = case.look(generation)

    assert (soon.state, soon.error_code) == (State.RUNNING, "")
    case.told(case.work(generation))


def test_not_found_for_good(case: Case) -> None:
    generation = case.send("[lost 604800]")
    case.pass_time(minutes=9)
    still = case.look(generation).state
    case.pass_time(minutes=2)

    generation = case.look(generation)

    assert still == State.RUNNING
    case.told(generation)


@pytest.mark.parametrize("status", ["502", "500", "429"])
def test_looking_fails_for_minutes(case: Case, status: str) -> None:
    generation = case.send(f"[looks {status} 600]")
    case.pass_time(minutes=8)

    generation = case.look(generation)

    # The hub says 600 seconds with its 429; otherwise it is a tenth of the age.
    assert pause(generation) > timedelta(seconds=590 if status == "429" else 4)
    case.told(generation)


def test_a_proxys_404_is_not_the_hubs(case: Case) -> None:
    generation = case.send("[looks 404 3600]")
    case.pass_time(minutes=30)

    generation = case.look(generation)

    case.told(generation)


def test_the_hub_can_not_be_reached_while_it_paints(case: Case, settings: Any, closed_port: int) -> None:
    generation = case.send("A boat")
    settings.HUB_BASE_URL = f"http://127.0.0.1:{closed_port}"

    generation = case.look(generation)

    case.told(generation)


def test_looking_fails_and_then_works_again(case: Case) -> None:
    generation = case.look(case.send("[looks 503 1.5]"))
    in_trouble = generation.error_code

    generation = case.work(generation)

    assert in_trouble == "garbled"
    assert generation.error_code == ""
    case.told(generation)


def test_status_words_that_nobody_knows(case: Case) -> None:
    generation = case.send("[strange]")
    seen = []

    while generation.state == State.RUNNING:
        generation = case.look(generation)
        seen.append(generation.hub_status)

    assert seen[:4] == ["queued", "warming_up", "brushing", "drying"]
    case.told(generation)


def test_a_word_for_failure_that_comes_with_pictures(case: Case) -> None:
    generation = case.make("[status expired]")

    assert generation.images.get().kept_at
    case.told(generation)


def test_a_status_that_goes_backwards(case: Case) -> None:
    generation = case.send("[backwards]")
    seen = [""]

    while generation.state == State.RUNNING:
        generation = case.look(generation)
        seen += [generation.hub_status] if generation.hub_status != seen[-1] else []

    assert seen[1:5] == ["processing", "queued", "processing", "queued"]
    case.told(generation)


def test_a_look_that_is_late_does_not_undo_the_end(case: Case) -> None:
    generation = case.make()
    as_it_was = Generation.objects.get(pk=generation.pk)

    generation.record_polled("queued")
    looked_at = case.hub.requests(case.secret)["looks"]
    case.look(generation)

    assert case.hub.requests(case.secret)["looks"] == looked_at
    assert (as_it_was.hub_status, case.read(generation).hub_status) == ("succeeded", "succeeded")
    case.told(generation)


def test_it_never_finishes(case: Case) -> None:
    generation = case.send("[forever]")
    pauses = [pause(case.look(generation))]
    for hours in (0.5, 1, 10, 12):
        case.pass_time(hours=hours)
        generation = case.look(generation)
        pauses.append(pause(generation))
    before = generation.state
    case.pass_time(hours=0.51)

    generation = case.look(generation)

    assert [round(pause.total_seconds() + 0.4) for pause in pauses] == [1, 120, 120, 120, 120]
    assert before == State.RUNNING
    case.told(generation)


def test_fewer_pictures_than_asked_for(case: Case) -> None:
    generation = case.make("[partial]", n=4)

    assert (generation.images.count(), generation.cost) == (3, 24)
    case.told(generation)


def test_no_pictures_at_all(case: Case) -> None:
    generation = case.make("[noimages]", n=2)

    case.told(generation)


def test_more_pictures_than_asked_for(case: Case) -> None:
    generation = case.make("[extra 2]")

    assert [image.kept_at is not None for image in generation.images.all()] == [True] * 3
    case.told(generation)


def test_a_flood_of_pictures(case: Case) -> None:
    generation = case.make("[extra 20]")

    assert generation.images.count() == Image.objects.exclude(kept_at=None).count() == MAX_PICTURES
    case.told(generation)


@pytest.mark.parametrize("prompt", ["", "[partial]"], ids=["all", "fewer"])
def test_nobody_says_what_it_cost(case: Case, prompt: str) -> None:
    generation = case.make(f"[nousage] {prompt}", n=2)

    case.told(generation)


def test_nobody_says_what_came_back_of_a_failed_one(case: Case) -> None:
    generation = case.make("[nousage] [mute]")

    case.told(generation)


@pytest.mark.parametrize("credits", ["-8", "999999999", "9" * 30, "many", "7.5", "NaN", '{"a": 1}', "null"])
def test_credits_that_can_not_be_meant(case: Case, credits: str) -> None:
    generation = case.make(f"[credits {credits}]", n=2)

    assert (generation.charged, generation.returned) == (16, 0)
    case.told(generation)


FAILURES = {
    "object": "[fail No luck today]",
    "string": "[failtext No luck today]",
    "absent": "[mute]",
    "our-own-word": "[failcode timeout]",
}


@pytest.mark.parametrize("error", FAILURES)
def test_it_fails_after_acceptance(case: Case, error: str) -> None:
    generation = case.make(FAILURES[error])

    assert (generation.charged, generation.returned) == (8, 8)
    case.told(generation)


def test_nothing_is_looked_at_twice_at_the_same_time(case: Case) -> None:
    generation = case.send("[forever]")
    Generation.objects.update(due_at=timezone.now())
    Generation.objects.claim_for_polling(9)

    list(worker.poll_due(timedelta()))

    assert case.hub.requests(case.secret)["looks"] == 0
    case.told(generation)
