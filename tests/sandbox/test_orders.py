"""Both dialects of the API, and what each costs."""

from typing import Any

import pytest

from tests.sandbox.caller import Insider


@pytest.mark.parametrize(
    ("fields", "ratio", "tier", "pixels", "price"),
    [
        ({"size": "auto"}, "1:1", "1K", (1024, 1024), 8),
        ({"size": "auto", "quality": "low"}, "1:1", "1K", (1024, 1024), 8),
        ({"size": "1024x1024", "quality": "high"}, "1:1", "1K", (1024, 1024), 8),
        ({"size": "1024x1536", "quality": "medium"}, "2:3", "1K", (1024, 1536), 8),
        ({"size": "2048x2048"}, "1:1", "2K", (2048, 2048), 10),
        ({"size": "4096x4096", "n": 2}, "1:1", "4K", (4096, 4096), 24),
        ({"size": "auto", "quality": "2K"}, "1:1", "2K", (2048, 2048), 10),
        ({"size": "auto", "aspect_ratio": "1:1", "quality": "1K"}, "1:1", "1K", (1024, 1024), 8),
        ({"size": "1024x1024", "quality": "1K"}, "1:1", "1K", (1024, 1024), 8),
        ({"model": "nanobanana", "size": "1024x1024"}, "1:1", "1K", (1024, 1024), 4),
        ({"model": "nanobanana2", "size": "auto", "quality": "4K", "n": 4}, "1:1", "4K", None, 40),
        ({"model": "nanobananapro", "size": "1024x1024", "quality": "low"}, "1:1", "1K", (1024, 1024), 6),
        ({"model": "nanobananapro", "size": "2048x2048", "quality": "xhigh", "n": 2}, "1:1", "2K", None, 72),
        ({"model": "nanobananapro", "size": "1024x1024", "quality": "auto"}, "1:1", "1K", (1024, 1024), 30),
        ({"model": "nanobananapro", "size": "auto", "background": "transparent"}, "1:1", "1K", (1024, 1024), 30),
    ],
    ids=str,
)
def test_what_is_find_faults_is_painted_and_charged(
    caller: Insider, fields: dict[str, Any], ratio: str, tier: str, pixels: tuple[int, int] | None, price: int
) -> None:
    record = caller.submit("[forever]", **fields).json()

    [generation] = caller.hub.generations(caller.key)
    assert (record["aspect_ratio"], record["quality"]) == (ratio, tier)
    assert record["usage"]["credits_requested"] == price
    assert pixels is None or (generation.width, generation.height) == pixels
    assert caller.credits() == 1000 - price
    assert caller.ledger() == [("charge", price)]


def test_the_older_dialect_paints_wide_pictures_wide(caller: Insider) -> None:
    caller.submit("[forever]", size="auto", aspect_ratio="16:9", quality="2K")

    [generation] = caller.hub.generations(caller.key)
    assert (generation.aspect_ratio, generation.tier) == ("16:9", "2K")
    assert generation.width / generation.height == pytest.approx(16 / 9, rel=0.01)


def test_the_fields_are_remembered_as_they_came(caller: Insider) -> None:
    sent = {"model": "gpt-image-2", "prompt": "شمس [slow 9] 🌄", "size": "64x64", "user": "Ada", "async": True}

    caller.ask("POST", "/api/v1/images/generations", json=sent)

    [generation] = caller.hub.generations(caller.key)
    assert generation.fields == sent
    assert generation.prompt == "شمس [slow 9] 🌄"


def test_without_async_the_call_waits(caller: Insider) -> None:
    body = {"model": "gpt-image-2", "prompt": "A quiet harbour", "size": "64x64"}

    answer = caller.ask("POST", "/api/v1/images/generations", json=body)

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")


def test_uses_of_a_key_are_counted(caller: Insider) -> None:
    hub_id = caller.submit().json()["id"]
    for _ in range(3):
        caller.look(hub_id)
    caller.credits()

    assert caller.hub.requests(caller.key) == {"submissions": 1, "looks": 3, hub_id: 3, "credits": 1}
