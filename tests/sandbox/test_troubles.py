"""Every trouble a prompt can ask for, as a caller meets it."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from hubportal.sandbox.troubles import TROUBLES, Trouble, asked_for
from tests.sandbox.caller import Insider, wait_for

CHARGED, REFUNDED = [("charge", 16)], [("charge", 16), ("refund", 16)]
TESTS: dict[str, Callable[[Insider], None]] = {}


def trouble(test: Callable[[Insider], None]) -> Callable[[Insider], None]:
    TESTS[test.__name__.removeprefix("_")] = test
    return test


def finished(caller: Insider, prompt: str) -> dict[str, Any]:
    return caller.outcome(caller.submit(prompt, n=2).json()["id"])


def only_accepted(caller: Insider) -> dict[str, Any]:
    """The record of a generation whose answer never came, as the hub's inside knows it."""
    [generation] = wait_for(lambda: caller.hub.generations(caller.key), bool)
    return caller.outcome(generation.id)


@trouble
def _fail(caller: Insider) -> None:
    record = finished(caller, "[fail]")

    assert record["status"] == "failed"
    assert record["error"] == {"message": "The provider gave up", "code": "generationFailed"}
    assert caller.ledger() == REFUNDED


@trouble
def _mute(caller: Insider) -> None:
    record = finished(caller, "[mute]")

    assert record["status"] == "failed"
    assert "error" not in record
    assert caller.ledger() == REFUNDED


@trouble
def _partial(caller: Insider) -> None:
    record = finished(caller, "[partial]")

    assert (record["status"], len(record["images"]), record["usage"]) == ("succeeded", 1, {"credits": 8})
    assert caller.ledger() == [("charge", 16), ("refund", 8)]
    assert caller.credits() == record["balance"]["credits"] == 992


@trouble
def _noimages(caller: Insider) -> None:
    record = finished(caller, "[noimages]")

    assert (record["status"], record["images"], record["usage"]) == ("succeeded", [], {"credits": 0})
    assert caller.ledger() == REFUNDED


@trouble
def _slow(caller: Insider) -> None:
    start = time.monotonic()

    record = finished(caller, "[slow 0.5]")

    assert time.monotonic() - start >= 0.5
    assert record["status"] == "succeeded"


@trouble
def _forever(caller: Insider) -> None:
    caller.submit("[forever]", n=2)

    [generation] = caller.hub.generations(caller.key)
    assert (generation.state, generation.due_at) == ("running", None)
    assert caller.look(generation.id).json()["status"] in {"queued", "processing"}
    assert caller.ledger() == CHARGED


@trouble
def _strange(caller: Insider) -> None:
    hub_id = caller.submit("[strange] [slow 0.4]").json()["id"]
    seen: list[str] = []

    while "succeeded" not in seen:
        status = caller.look(hub_id).json()["status"]
        seen += [status] if status not in seen else []

    assert seen == ["queued", "warming_up", "brushing", "drying", "succeeded"]


@trouble
def _refuse(caller: Insider) -> None:
    assert refusal(caller, "[refuse]") == (400, "invalid_request")


@trouble
def _nocredits(caller: Insider) -> None:
    assert refusal(caller, "[nocredits]") == (402, "insufficientCredits")


@trouble
def _500(caller: Insider) -> None:
    assert refusal(caller, "[500]") == (500, "generationFailed")


def refusal(caller: Insider, prompt: str) -> tuple[int, str]:
    answer = caller.submit(prompt)
    assert caller.ledger() == []
    return answer.status_code, answer.json()["error"]["code"]


@trouble
def _html(caller: Insider) -> None:
    answers = [caller.submit(prompt) for prompt in ("[html]", "[html 504]", "[html 99]")]

    assert [answer.status_code for answer in answers] == [502, 504, 502]
    assert answers[1].headers["Content-Type"].startswith("text/html")
    assert "<h1>504 Gateway Timeout</h1>" in answers[1].text
    assert caller.ledger() == []


@trouble
def _busy(caller: Insider) -> None:
    answer = caller.submit("[busy 7]")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert caller.ledger() == []


@trouble
def _dropearly(caller: Insider) -> None:
    with pytest.raises(requests.ConnectionError):
        caller.submit("[dropearly]")

    assert caller.ledger() == []


@trouble
def _drop(caller: Insider) -> None:
    with pytest.raises(requests.ConnectionError):
        caller.submit("[drop]", n=2)

    assert only_accepted(caller)["status"] == "succeeded"
    assert caller.ledger() == CHARGED


@trouble
def _cut(caller: Insider) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        caller.submit("[cut]", n=2)

    assert only_accepted(caller)["status"] == "succeeded"
    assert caller.ledger() == CHARGED


@trouble
def _lateanswer(caller: Insider) -> None:
    start = time.monotonic()

    answer = caller.submit("[lateanswer 0.4]", n=2)

    assert time.monotonic() - start >= 0.4
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert caller.outcome(answer.json()["id"])["status"] == "succeeded"


@trouble
def _lost(caller: Insider) -> None:
    hub_id = caller.submit("[lost 0.4]").json()["id"]

    first = caller.look(hub_id)
    later = caller.outcome(hub_id)

    assert (first.status_code, first.json()["error"]["code"]) == (404, "notFound")
    assert later["status"] == "succeeded"


@trouble
def _badimage(caller: Insider) -> None:
    record = finished(caller, "[badimage]")

    answer = requests.get(record["images"][0]["url"], timeout=5)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.content.startswith(b"<!doctype html>")


@trouble
def _goneimage(caller: Insider) -> None:
    record = finished(caller, "[goneimage]")

    answer = requests.get(record["images"][0]["url"], timeout=5)

    assert answer.status_code == 404


@pytest.mark.parametrize("row", TROUBLES, ids=lambda row: row.word)
def test_trouble_is_as_it_is_written(caller: Insider, row: Trouble) -> None:
    TESTS[row.word](caller)


@pytest.mark.parametrize("prompt", ["[drop]", "[cut]", "[dropearly]"])
def test_the_connection_of_a_waiting_call_breaks_too(caller: Insider, prompt: str) -> None:
    with pytest.raises(requests.RequestException):
        caller.submit(prompt, wait=True)


def test_several_troubles_work_together(caller: Insider) -> None:
    start = time.monotonic()

    record = finished(caller, "A harbour [slow 0.3] at [partial] dawn")

    assert time.monotonic() - start >= 0.3
    assert len(record["images"]) == 1


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a cat [sitting] on [a mat]", []),
        ("[]", []),
        ("[fail", []),
        ("[FAIL]", [("fail", "The provider gave up")]),
        ('[fail "no, thanks"]', [("fail", "no, thanks")]),
        ("[fail because]", [("fail", "because")]),
        ("[slow 3][partial]", [("slow", "3"), ("partial", "")]),
    ],
)
def test_only_known_words_in_brackets_are_troubles(prompt: str, found: list[tuple[str, str]]) -> None:
    assert [(trouble.word, argument.text) for trouble, argument in asked_for(prompt)] == found


@pytest.mark.parametrize(
    ("text", "seconds"), [("3", 3), ("0.5", 0.5), ("-1", 20), ("soon", 20), ("nan", 20), ("1e99", 20)]
)
def test_an_argument_that_makes_no_sense_is_the_examples(text: str, seconds: float) -> None:
    [(_, argument)] = asked_for(f"[slow {text}]")

    assert argument.number == seconds


@pytest.mark.parametrize("filler", ["[", "[a ", "[a" + " " * 300, '[a "', "[slow]"])
def test_a_prompt_full_of_brackets_is_read_quickly(filler: str) -> None:
    prompt = (filler * 32_000)[:32_000]

    start = time.process_time()
    asked_for(prompt)

    assert time.process_time() - start < 0.5
