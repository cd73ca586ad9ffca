"""The one way in for an order: what identifies it, what is checked, and that nothing gets around it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hubportal.generations import decisions
from hubportal.generations.models import Generation, ReferenceFile
from hubportal.generations.problems import SubmissionRefused
from hubportal.generations.references import ReferenceUpload
from hubportal.generations.submission import submit_generation
from hubportal.hub.client import GenerationParameters
from hubportal.keys.models import CachedModelList, Key
from hubportal.usage.models import Reservation
from tests import makers

pytestmark = pytest.mark.django_db

BOAT = GenerationParameters("gpt-image-2", "A red boat", "1024x1024")


@pytest.fixture
def key(cast: SimpleNamespace) -> Key:
    return makers.make_key(cast.team)


def price_of_a_picture(credits: int, settings: Any) -> None:
    """The hub's prices as they were read last."""
    CachedModelList.objects.update_or_create(
        pk=1,
        defaults={
            "hub_url": settings.HUB_BASE_URL,
            "models_read": [{"id": "gpt-image-2", "name": "GPT IMAGE 2", "credits": {"1K": credits}, "tiers": ["1K"]}],
            "read_at": timezone.now(),
        },
    )


def codes(refusal: pytest.ExceptionInfo[SubmissionRefused]) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def failed(cast: SimpleNamespace, **asked: Any) -> Generation:
    generation = makers.make_generation(cast.team, cast.member, **asked)
    generation.record_refused("invalid_request", "")
    return generation


def test_the_same_form_sent_again_after_the_prices_changed_pays_once(
    cast: SimpleNamespace, browser_of: Callable[[str], Client], key: Key, settings: Any
):
    form = {"prompt": "A red boat", "size": "1024x1024", "token": str(uuid.uuid4())}
    address = f"/t/{cast.team.slug}/generations/"

    for credits in (8, 10):
        price_of_a_picture(credits, settings)
        browser_of("member").post(address, form)

    assert [one.expected_credits for one in Generation.objects.all()] == [8]
    assert Reservation.objects.reserved_credits(cast.team) == 8


def test_what_got_dearer_since_the_form_was_opened_is_asked_once_more(
    cast: SimpleNamespace, browser_of: Callable[[str], Client], key: Key, settings: Any
):
    form = {"prompt": "A red boat", "size": "1024x1024", "price_shown": "8", "token": str(uuid.uuid4())}
    address = f"/t/{cast.team.slug}/generations/"
    price_of_a_picture(10, settings)

    refused = browser_of("member").post(address, form)

    assert refused.status_code == 422
    assert "this takes 10 credits now, not 8" in refused.content.decode()
    assert not Generation.objects.exists()
    assert browser_of("member").post(address, form | {"price_shown": "10"}).status_code == 302
    assert Reservation.objects.reserved_credits(cast.team) == 10


def test_what_got_cheaper_simply_goes(cast: SimpleNamespace, key: Key):
    assert submit_generation(cast.team, cast.member, BOAT, price_shown=100).generation.expected_credits == 8


@pytest.mark.parametrize("nonsense", ["much", "9" * 5000])
def test_a_price_that_is_none_stops_the_order(
    cast: SimpleNamespace, browser_of: Callable[[str], Client], key: Key, nonsense: str
):
    response = browser_of("member").post(
        f"/t/{cast.team.slug}/generations/", {"prompt": "A red boat", "price_shown": nonsense}
    )

    assert response.status_code == 422
    assert "This form was out of date. Send it once more." in response.content.decode()


def test_the_same_order_again_is_not_refused_for_what_the_first_one_took(cast: SimpleNamespace):
    makers.make_key(cast.team, credits=8)
    token = uuid.uuid4()

    first = submit_generation(cast.team, cast.member, BOAT, token=token)
    second = submit_generation(cast.team, cast.member, BOAT, token=token)

    assert (first.is_new, second.is_new) == (True, False)
    assert first.generation == second.generation


@pytest.mark.parametrize("change", [{"n": 2}, {"prompt": "A blue boat"}, {"effort": "high"}, {"size": "1536x1024"}])
def test_the_same_token_with_another_order_is_another_order(cast: SimpleNamespace, key: Key, change: dict):
    token = uuid.uuid4()
    submit_generation(cast.team, cast.member, BOAT, token=token)

    other = submit_generation(
        cast.team,
        cast.member,
        GenerationParameters(**{"model": BOAT.model, "prompt": "A red boat", **change}),
        token=token,
    )

    assert other.is_new


def test_every_problem_is_told_at_once(cast: SimpleNamespace):
    makers.make_key(cast.team)
    wrong = GenerationParameters("gpt-image-2", "a" * 32_001, "3x5", "enormous", 9)

    with pytest.raises(SubmissionRefused) as refusal:
        submit_generation(cast.team, cast.member, wrong, visibility="everybody")

    assert codes(refusal) == [
        "prompt-too-long",
        "effort-not-offered",
        "count",
        "visibility-unknown",
        "size-not-offered",
    ]
    assert not Generation.objects.exists()


def test_a_reference_that_is_gone_stops_the_order(cast: SimpleNamespace, key: Key):
    stored = ReferenceFile.objects.create(
        team=cast.team, added_by=cast.member, sha256="ab" * 32, content_type="image/png", size=1, width=1, height=1
    )
    gone = ReferenceUpload(stored, "boat.png", cast.member.pk)
    ReferenceFile.objects.all().delete()

    with pytest.raises(SubmissionRefused) as refusal:
        submit_generation(cast.team, cast.member, BOAT, references=[gone])

    assert codes(refusal) == ["reference-gone"]


def test_trying_again_is_refused_without_a_key(cast: SimpleNamespace):
    with pytest.raises(SubmissionRefused) as refusal:
        decisions.retry_generation(failed(cast), cast.member)

    assert codes(refusal) == ["no-key"]


def test_trying_again_is_refused_when_the_credits_are_not_there(cast: SimpleNamespace):
    makers.make_key(cast.team, credits=7)

    with pytest.raises(SubmissionRefused) as refusal:
        decisions.retry_generation(failed(cast), cast.member)

    assert codes(refusal) == ["too-few-credits"]


def test_trying_again_is_refused_when_the_hub_dropped_the_model(cast: SimpleNamespace, key: Key):
    with pytest.raises(SubmissionRefused) as refusal:
        decisions.retry_generation(failed(cast, model="bygone-1"), cast.member)

    assert codes(refusal) == ["model-not-offered"]


def test_trying_again_is_refused_while_the_team_is_being_deleted(cast: SimpleNamespace, key: Key):
    cast.team.deletion_at = timezone.now() + timedelta(days=7)
    cast.team.save()

    with pytest.raises(SubmissionRefused) as refusal:
        decisions.retry_generation(failed(cast), cast.member)

    assert codes(refusal) == ["team-is-being-deleted"]


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_whoever_may_not_send_again_is_told_why_on_the_page(
    cast: SimpleNamespace, browser_of: Callable[[str], Client], state: str
):
    """Both ways to send again: "try again" of what failed, and "it didn't — send again" of a doubt."""
    key = makers.make_key(cast.team, credits=100)
    generation = makers.make_generation(cast.team, cast.member)
    claimed = Generation.objects.claim_for_sending(generation.pk, key)
    assert claimed
    claimed.record_refused("busy", "") if state == "failed" else claimed.record_unknown("interrupted")
    Key.objects.update(balance=3)
    address = f"/t/{cast.team.slug}/generations/{generation.pk}/"
    decision = ("retry/", {}) if state == "failed" else ("settlement/", {"outcome": "not_accepted", "again": "on"})

    page = browser_of("member").post(address + decision[0], decision[1], follow=True)

    assert "3 credits free" in page.content.decode()
    assert Generation.objects.count() == 1


def test_parameters_that_are_not_used_leave_a_form_s_identity_as_it_was():
    # The order's identity is made of this text: a form sent again across an update must still be the same order.
    text = "GenerationParameters(model='gpt-image-2', prompt='A red boat', size='1024x1024', effort='auto', n=1)"
    assert repr(BOAT) == text
