"""What the tests of the faults share. Each fault's test is a function named `_` and the fault's word."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import requests
from PIL import Image

from tests.sandbox.caller import Insider, wait_for

CHARGED, REFUNDED = [("charge", 16)], [("charge", 16), ("refund", 16)]
TESTS: dict[str, Callable[[Insider], None]] = {}


def fault(test: Callable[[Insider], None]) -> Callable[[Insider], None]:
    TESTS[test.__name__.removeprefix("_")] = test
    return test


def finished(caller: Insider, prompt: str) -> dict[str, Any]:
    return caller.outcome(caller.submit(prompt, n=2).json()["id"])


def only_accepted(caller: Insider) -> dict[str, Any]:
    """The record of a generation whose answer never came, as the hub's inside knows it."""
    [generation] = wait_for(lambda: caller.hub.generations(caller.key), bool)
    return caller.outcome(generation.id)


def refusal(caller: Insider, prompt: str) -> tuple[int, str]:
    answer = caller.submit(prompt)
    assert caller.ledger() == []
    return answer.status_code, answer.json()["error"]["code"]


def image(caller: Insider, prompt: str) -> requests.Response:
    """What the first image's address answers."""
    record = finished(caller, prompt)
    assert caller.ledger() == CHARGED
    return again(record)


def again(record: dict[str, Any]) -> requests.Response:
    return requests.get(record["images"][0]["url"], timeout=5, allow_redirects=False)


def sides(content: bytes) -> tuple[int, int]:
    """Decodes the picture to its end."""
    with Image.open(BytesIO(content)) as picture:
        picture.load()
        return picture.size
