"""The site's own client and the sandbox against each other, field by field: neither may drift alone."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from hubportal.hub import errors
from hubportal.hub.client import GenerationParameters, HubClient, ReferencePart
from hubportal.hub.download import fetch_image
from hubportal.hub.image_models import DOCUMENTED_MODELS
from hubportal.hub.public_hosts import RequestFailed
from hubportal.hub.records import Balance, GenerationRecord
from hubportal.hub.sizes import SIZES, Size
from hubportal.sandbox.server import RunningSandbox
from tests.sandbox.caller import wait_for


class Pair:
    """A client with a key of its own, and the inside of the sandbox it talks to."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.hub, self.url = sandbox.hub, sandbox.url
        self.key = sandbox.hub.new_key(credits=1000)
        self.client = HubClient(sandbox.url, self.key)

    def submit(
        self, prompt: str = "A harbour", size: str = "64x64", *, wait: bool = False, **fields: Any
    ) -> GenerationRecord:
        return self.client.submit(GenerationParameters("gpt-image-2", prompt, size, **fields), wait=wait)

    def finished(self, prompt: str, **fields: Any) -> GenerationRecord:
        hub_id = self.submit(prompt, **fields).id
        return wait_for(lambda: self.client.generation(hub_id), lambda record: record.outcome != "running")

    def charges(self) -> list[tuple[str, int]]:
        return [(entry.kind, entry.credits) for entry in self.hub.ledger(self.key)]


@pytest.fixture
def pair(own_sandbox: RunningSandbox) -> Pair:
    return Pair(own_sandbox)


def fetch(url: str) -> bytes:
    into = BytesIO()
    fetch_image(url, into, private_hosts=frozenset({urlsplit(url).netloc}))
    return into.getvalue()


def test_the_model_list_is_read_whole(pair: Pair) -> None:
    found = pair.client.models()

    assert found.sandbox is True
    assert [(m.id, m.name, m.provider, m.aspect_ratios, m.tiers, m.reference_limit) for m in found.models] == [
        (m.id, m.name, m.provider, m.aspect_ratios, m.tiers, m.reference_limit) for m in DOCUMENTED_MODELS
    ]
    assert [[model.price(tier) for tier in model.tiers] for model in found.models] == [
        [8, 10, 12],
        [4],
        [6, 8, 10],
        [30, 36, 48],
    ]
    gpt, plain, _, varied = found.models
    assert (gpt.efforts, plain.efforts) == (("auto", "low", "medium", "high"), ())
    assert varied.efforts == ("auto", "low", "medium", "high", "xhigh")
    assert [varied.price("2K", effort) for effort in varied.efforts] == [36, 8, 12, 24, 36]
    assert varied.options == {"background": ("auto", "opaque", "transparent"), "output_format": ("png", "jpeg", "webp")}


@pytest.mark.parametrize(
    ("text", "moment"), [(None, None), ("2030-01-01T08:00:00.000Z", datetime(2030, 1, 1, 8, tzinfo=UTC))]
)
def test_the_balance_is_read_whole(own_sandbox: RunningSandbox, text: str | None, moment: datetime | None) -> None:
    key = own_sandbox.hub.new_key(credits=112, account_type="TEAM", next_expiration=text)

    assert HubClient(own_sandbox.url, key).credits() == Balance(112, "TEAM", moment)


def test_an_accepted_submission_is_read_whole(pair: Pair) -> None:
    before = datetime.now(UTC)

    record = pair.submit("[slow 60]", size="1024x1024", effort="high", n=2)

    [generation] = pair.hub.generations(pair.key)
    assert record.created_at is not None
    assert timedelta(seconds=-1) < record.created_at - before < timedelta(seconds=5)
    assert record == GenerationRecord(
        id=generation.id, status="queued", outcome="running", model="gpt-image-2", aspect_ratio="1:1", tier="1K",
        images=(), credits=0, credits_requested=16, balance=None, error_code="", error_message="",
        created_at=record.created_at,
    )  # fmt: skip
    assert pair.client.generation(record.id) == record


def test_a_finished_generation_is_read_whole_and_its_images_fetched(pair: Pair) -> None:
    record = pair.finished("A harbour", size="1024x1536", n=2)

    first, second = record.images
    assert (record.status, record.outcome, record.aspect_ratio, record.tier) == ("succeeded", "succeeded", "2:3", "1K")
    assert (record.credits, record.balance) == (16, Balance(984, "PRO", None))
    assert first.id != second.id
    assert first.created_at is not None
    assert Image.open(BytesIO(fetch(first.url))).size == (1024, 1536)
    assert fetch(first.url) != fetch(second.url)


def test_a_waiting_submission_gives_the_finished_record(pair: Pair) -> None:
    record = pair.submit(wait=True)

    assert record.outcome == "succeeded"
    assert record == pair.client.generation(record.id)


def test_a_failed_generation_is_read_whole(pair: Pair) -> None:
    record = pair.finished('[fail "No luck"]')

    assert (record.outcome, record.error_code, record.error_message) == ("failed", "generationFailed", "No luck")
    assert (record.credits, record.images, record.balance) == (0, (), Balance(1000, "PRO", None))


def test_what_the_client_asks_is_what_the_sandbox_hears(pair: Pair, png: bytes) -> None:
    jpeg = b"\xff\xd8\xff" + bytes(range(256)) * 1000
    parts = [
        ReferencePart('küste "1".png', "image/png", len(png), lambda: BytesIO(png)),
        ReferencePart("b.jpg", "image/jpeg", len(jpeg), lambda: BytesIO(jpeg)),
    ]

    pair.client.submit(GenerationParameters("nanobanana2", "海 & שלום\r\nnext", "1024x1024", "low", 3), parts)

    [generation] = pair.hub.generations(pair.key)
    assert (generation.model, generation.prompt, generation.n) == ("nanobanana2", "海 & שלום\r\nnext", 3)
    assert generation.fields["quality"] == "low"
    assert [(r.content_type, r.size, r.sha256) for r in generation.references] == [
        ("image/png", len(png), hashlib.sha256(png).hexdigest()),
        ("image/jpeg", len(jpeg), hashlib.sha256(jpeg).hexdigest()),
    ]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.value)
def test_every_size_on_offer_is_painted_and_named_alike_on_both_sides(pair: Pair, size: Size) -> None:
    record = pair.submit("[forever]", size=size.value)

    [generation] = pair.hub.generations(pair.key)
    assert (record.aspect_ratio, record.tier) == (size.ratio, size.tier)
    assert (generation.width, generation.height) == (size.width, size.height)
    assert record.credits_requested == {"1K": 8, "2K": 10, "4K": 12}[size.tier]


@pytest.mark.parametrize(
    ("prompt", "error", "code", "charged"),
    [
        ("[refuse]", errors.HubRefused, "invalid_request", False),
        ("[nocredits]", errors.OutOfCredits, "insufficientCredits", False),
        ("[500]", errors.HubRefused, "generationFailed", False),
        ("[html 502]", errors.HubGarbled, "garbled", False),
        ("[html 504]", errors.HubGarbled, "garbled", False),
        ("[dropearly]", errors.HubInterrupted, "interrupted", False),
        ("[drop]", errors.HubInterrupted, "interrupted", True),
        ("[cut]", errors.HubGarbled, "garbled", True),
    ],
)
def test_each_trouble_of_a_submission_becomes_the_right_error(
    pair: Pair, prompt: str, error: type[errors.HubError], code: str, charged: bool
) -> None:
    with pytest.raises(errors.HubError) as raised:
        pair.submit(prompt)

    assert (type(raised.value), raised.value.code) == (error, code)
    assert wait_for(pair.charges, lambda charges: bool(charges) is charged) == ([("charge", 8)] if charged else [])


def test_a_busy_hub_says_how_long_to_wait(pair: Pair) -> None:
    with pytest.raises(errors.HubBusy) as raised:
        pair.submit("[busy 7]")

    assert raised.value.retry_after == 7
    assert pair.charges() == []


def test_a_failed_waiting_submission_is_a_refusal(pair: Pair) -> None:
    with pytest.raises(errors.HubRefused) as raised:
        pair.submit('[fail "No luck"]', wait=True)

    assert (raised.value.status, raised.value.code, raised.value.message) == (500, "generationFailed", "No luck")


def test_a_lost_generation_is_found_later(pair: Pair) -> None:
    hub_id = pair.submit("[lost 1.5]").id

    with pytest.raises(errors.NotFound):
        pair.client.generation(hub_id)

    assert wait_for(lambda: found(pair, hub_id), bool)


def found(pair: Pair, hub_id: str) -> bool:
    try:
        return pair.client.generation(hub_id).id == hub_id
    except errors.NotFound:
        return False


def test_strange_words_mean_that_it_still_runs(pair: Pair) -> None:
    hub_id = pair.submit("[strange]").id

    record = wait_for(lambda: pair.client.generation(hub_id), lambda record: record.status == "brushing")

    assert record.outcome == "running"


def test_a_mute_failure_is_a_failure(pair: Pair) -> None:
    record = pair.finished("[mute]")

    assert (record.outcome, record.error_code, record.error_message) == ("failed", "", "")


@pytest.mark.parametrize(("end", "code"), [("revoke", "invalidApiKey"), ("expire", "expiredApiKey")])
def test_a_key_that_ends_midway_is_rejected(pair: Pair, end: str, code: str) -> None:
    hub_id = pair.submit("[slow 60]").id
    ended: Callable[[str], None] = getattr(pair.hub, end)
    ended(pair.key)

    for call in (pair.client.credits, lambda: pair.client.generation(hub_id), pair.submit):
        with pytest.raises(errors.KeyRejected) as raised:
            call()
        assert raised.value.code == code


def test_a_missing_key_is_rejected(own_sandbox: RunningSandbox) -> None:
    with pytest.raises(errors.KeyRejected) as raised:
        HubClient(own_sandbox.url).credits()

    assert raised.value.code == "missingApiKey"


def test_an_image_that_is_gone_fails_to_download(pair: Pair) -> None:
    record = pair.finished("[goneimage]")

    with pytest.raises(RequestFailed) as raised:
        fetch(record.images[0].url)

    assert raised.value.reason == "gone"


def test_an_image_that_is_a_page_is_handed_over_for_checking(pair: Pair) -> None:
    record = pair.finished("[badimage]")

    assert fetch(record.images[0].url).startswith(b"<!doctype html>")
