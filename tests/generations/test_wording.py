"""What became of a generation, in words: every code has a sentence, and every sentence speaks of the credits."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from hubportal.generations.models import Generation, State
from hubportal.generations.wording.orders import credits_words
from hubportal.generations.wording.outcomes import explain, state_on_card, state_words
from tests import makers
from tests.generations.pages import add_image, add_picture, put

pytestmark = pytest.mark.django_db

FAILURES = [
    "noKey",
    "decryptionFailed",
    "invalidApiKey",
    "expiredApiKey",
    "missingApiKey",
    "insufficientCredits",
    "invalid_request",
    "notFound",
    "generationFailed",
    "noImages",
    "unreachable",
    "timeout",
    "tls",
    "referenceUnreadable",
    "a_code_of_tomorrow",
]
DOUBTS = ["timeout", "interrupted", "garbled", "deadline", "notFound", "a_code_of_tomorrow"]


@pytest.fixture
def waiting(cast: SimpleNamespace) -> Generation:
    return makers.make_generation(cast.team, cast.member)


def said(generation: Generation) -> str:
    explanation = explain(generation)
    assert explanation
    return explanation.text


@pytest.mark.parametrize("code", FAILURES)
def test_every_failure_says_what_happened_what_it_cost_and_what_to_do(waiting: Generation, code: str):
    generation = put(waiting, State.FAILED, error_code=code)

    explanation = explain(generation)

    assert explanation
    assert (explanation.tone, explanation.code) == ("bad", code)
    happened, cost, *next_step = explanation.text.split(". ")
    assert cost == "Nothing was charged"
    assert happened
    assert next_step
    assert code not in explanation.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"charged": None}, "Nothing was charged."),
        ({"charged": 8, "returned": 8}, "Your 8 credits came back."),
        ({"charged": 1, "returned": 1}, "Your credit came back."),
        ({"charged": 16, "returned": 4}, "16 credits were charged, 4 of them came back."),
        ({"charged": 16, "returned": 0}, "16 credits were charged, 0 of them came back."),
    ],
)
def test_a_failure_never_hides_what_it_cost(waiting: Generation, fields: dict[str, Any], sentence: str):
    assert sentence in said(put(waiting, State.FAILED, error_code="generationFailed", **fields))


def test_the_hubs_own_sentence_is_quoted_short_and_kept_whole_for_the_details(waiting: Generation):
    message = "The provider rejected the prompt. " + "Long reasons. " * 40
    generation = put(waiting, State.FAILED, error_code="invalid_request", error_message=message)

    explanation = explain(generation)

    assert explanation
    assert "It says: “The provider rejected the prompt. Long" in explanation.text
    assert len(explanation.text) < 250
    assert explanation.hub_says == message


def test_where_our_sentence_says_it_all_the_hubs_is_not_repeated(waiting: Generation):
    generation = put(waiting, State.FAILED, error_code="insufficientCredits", error_message="Not enough credits.")

    assert "Not enough" not in said(generation)


@pytest.mark.parametrize("code", DOUBTS)
@pytest.mark.parametrize("hub_id", ["", "clx_1"])
def test_every_doubt_says_that_it_is_not_sent_again_by_itself(waiting: Generation, code: str, hub_id: str):
    generation = put(waiting, State.UNKNOWN, error_code=code, hub_id=hub_id, charged=8 if hub_id else None)

    explanation = explain(generation)

    assert explanation
    assert (explanation.tone, explanation.code) == ("warn", code)
    assert explanation.text.endswith(" It isn't sent again by itself.")
    assert ("8 credits were charged." in explanation.text) == bool(hub_id)


@pytest.mark.parametrize(
    ("before", "after", "evidence"),
    [
        (128, 120, "went from 128 to 120 and nothing else was paid meanwhile, so it was probably accepted"),
        (128, 128, "is still 128, so it was probably not accepted"),
        (128, 119, "was 128 before and 119 after, so it may have been accepted"),
        (128, None, "So it may have been accepted and charged."),
        (None, 120, "So it may have been accepted and charged."),
    ],
)
def test_a_doubt_shows_what_the_balance_says(waiting: Generation, before: int | None, after: int | None, evidence: str):
    fields = {"balance_before": before, "balance_after": after}

    assert evidence in said(put(waiting, State.UNKNOWN, error_code="interrupted", **fields))


@pytest.mark.parametrize(
    ("code", "happened"),
    [
        ("busy", "The hub is busy."),
        ("unreachable", "The hub can't be reached"),
        ("timeout", "The hub can't be reached"),
    ],
)
def test_waiting_for_the_hub_is_told_without_alarm(waiting: Generation, code: str, happened: str):
    explanation = explain(put(waiting, State.WAITING, error_code=code))

    assert explanation
    assert explanation.tone == "plain"
    assert explanation.text.startswith(happened)
    assert explanation.text.endswith("We try again by ourselves; nothing was charged so far.")


@pytest.mark.parametrize("state", [State.WAITING, State.SENDING, State.RUNNING])
def test_while_all_goes_well_nothing_is_explained(waiting: Generation, state: State):
    assert explain(put(waiting, state)) is None


def test_a_picture_that_is_made_but_not_here_is_explained_until_it_is(waiting: Generation):
    generation = put(waiting, State.SUCCEEDED)
    image = add_image(generation, tries=3, problem="gone", created_at=timezone.now() - timedelta(hours=2))

    trying = explain(generation)
    type(image).objects.update(due_at=None)
    lost = explain(Generation.objects.get())
    add_picture(generation, 1)

    assert trying
    assert lost
    assert (trying.tone, trying.code) == ("warn", "gone")
    assert "can't be fetched yet. We try again by ourselves until" in trying.text
    assert "couldn't be fetched from there for a day" in lost.text
    assert explain(Generation.objects.get()) is None


def test_a_withdrawn_one_cost_nothing(waiting: Generation):
    assert said(put(waiting, State.CANCELLED)) == "Cancelled before it was sent. Nothing was charged."


@pytest.mark.parametrize(
    ("fields", "sentence", "words"),
    [
        (
            {"error_code": "acceptedUnseen", "charged": 8},
            "Settled: it went through, but its pictures can't be found here. 8 credits were charged. "
            "An admin of your team can bring them by the hub's id.",
            "Went through, not here",
        ),
        (
            {"error_code": "notAccepted"},
            "Settled: it didn't go through. Nothing was charged.",
            "Didn't go through",
        ),
        (
            {"error_code": "notAccepted", "charged": 8, "returned": 8},
            "Settled: it didn't go through. Your 8 credits came back.",
            "Didn't go through",
        ),
    ],
)
def test_what_people_settled_is_told_as_settled(waiting: Generation, fields: dict[str, Any], sentence: str, words: str):
    generation = put(waiting, State.FAILED, settled_at=timezone.now(), **fields)

    assert said(generation) == sentence
    assert state_words(generation) == state_on_card(generation) == words


def test_a_code_of_the_hubs_that_reads_like_a_decision_is_none(waiting: Generation):
    assert said(put(waiting, State.FAILED, error_code="notAccepted")).startswith("The hub said no.")


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        (State.WAITING, {}, "Waiting"),
        (State.SENDING, {}, "Sending"),
        (State.RUNNING, {}, "Painting"),
        (State.SUCCEEDED, {"n": 1}, "Done"),
        (State.SUCCEEDED, {"n": 4}, "Done, 1 of 4"),
        (State.FAILED, {}, "Couldn't be made"),
        (State.FAILED, {"charged": 8, "returned": 8}, "Couldn't be made (8 credits returned)"),
        (State.UNKNOWN, {}, "Not sure whether it was accepted"),
        (State.UNKNOWN, {"hub_id": "clx_1"}, "Not sure what became of it"),
        (State.CANCELLED, {}, "Cancelled"),
    ],
)
def test_every_state_has_its_words(waiting: Generation, state: State, fields: dict[str, Any], words: str):
    generation = put(waiting, state, **fields)
    if state == State.SUCCEEDED:
        add_picture(generation)

    assert state_words(generation) == words


def test_credits_are_counted_in_words():
    assert [credits_words(number) for number in (0, 1, 1388)] == ["0 credits", "1 credit", "1,388 credits"]
