"""Troubles of a submission: one test for each row of the table's part."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.sandbox.caller import Insider
from tests.sandbox.faults.table import CHARGED, fault, only_accepted, refusal


@fault
def _refuse(caller: Insider) -> None:
    assert refusal(caller, "[refuse]") == (400, "invalid_request")


@fault
def _nocredits(caller: Insider) -> None:
    assert refusal(caller, "[nocredits]") == (402, "insufficientCredits")


@fault
def _500(caller: Insider) -> None:
    assert refusal(caller, "[500]") == (500, "generationFailed")


@fault
def _error(caller: Insider) -> None:
    assert refusal(caller, "[error]") == (403, "forbidden")
    assert refusal(caller, "[error 401 keySuspended]") == (401, "keySuspended")
    assert refusal(caller, "[error soon]")[0] == 403


@fault
def _quote(caller: Insider) -> None:
    error = caller.submit("[quote]").json()["error"]

    assert error == {"message": f"Can't be read: Bearer {caller.key}", "code": "invalid_request"}
    assert caller.ledger() == []


@fault
def _html(caller: Insider) -> None:
    answers = [caller.submit(prompt) for prompt in ("[html]", "[html 504]", "[html 99]")]

    assert [answer.status_code for answer in answers] == [502, 504, 502]
    assert answers[1].headers["Content-Type"].startswith("text/html")
    assert "<h1>504 Gateway Timeout</h1>" in answers[1].text
    assert caller.ledger() == []


@fault
def _redirect(caller: Insider) -> None:
    order = {"model": "gpt-image-2", "prompt": "[redirect http://127.0.0.1:9/there]"}

    answer = caller.ask("POST", "/api/v1/images/generations", json=order, allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (307, "http://127.0.0.1:9/there")
    assert caller.ledger() == []


@fault
def _busy(caller: Insider) -> None:
    answer = caller.submit("[busy 7]")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert caller.ledger() == []


@fault
def _busyuntil(caller: Insider) -> None:
    answer = caller.submit("[busyuntil 30]")

    wait = parsedate_to_datetime(answer.headers["Retry-After"]) - datetime.now(UTC)
    assert answer.status_code == 429
    assert timedelta(seconds=25) < wait <= timedelta(seconds=30)
    assert caller.ledger() == []


@fault
def _dropunread(caller: Insider) -> None:
    key = caller.hub.new_key(owner=f"[dropunread] {caller.key[-8:]}")
    other = Insider(caller.url, key, caller.hub)

    with pytest.raises(requests.ConnectionError):
        other.submit()

    assert other.credits() == 1000
    assert other.hub.requests(key)["submissions"] == 1
    assert other.ledger() == []


@fault
def _dropmidway(caller: Insider) -> None:
    large = ("a.png", bytes(8_000_000), "image/png")

    with pytest.raises(requests.ConnectionError):
        caller.submit_form([large], prompt="[dropmidway]")

    assert caller.ledger() == []


@fault
def _dropearly(caller: Insider) -> None:
    with pytest.raises(requests.ConnectionError):
        caller.submit("[dropearly]")

    assert caller.ledger() == []


@fault
def _drop(caller: Insider) -> None:
    with pytest.raises(requests.ConnectionError):
        caller.submit("[drop]", n=2)

    assert only_accepted(caller)["status"] == "succeeded"
    assert caller.ledger() == CHARGED


@fault
def _cut(caller: Insider) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        caller.submit("[cut]", n=2)

    assert only_accepted(caller)["status"] == "succeeded"
    assert caller.ledger() == CHARGED


@fault
def _notjson(caller: Insider) -> None:
    answers = [caller.submit(prompt) for prompt in ("[notjson]", "[notjson 200]", "[notjson 500]")]

    assert [answer.status_code for answer in answers] == [202, 200, 202]
    assert all(answer.text.startswith("<!doctype html>") for answer in answers)
    assert caller.ledger() == [("charge", 8)] * 3


@fault
def _noid(caller: Insider) -> None:
    answer = caller.submit("[noid]", n=2)

    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (202, None, "queued")
    assert only_accepted(caller)["status"] == "succeeded"
    assert caller.ledger() == CHARGED


@fault
def _badid(caller: Insider) -> None:
    answer = caller.submit("[badid ../../credits]", n=2)

    assert (answer.status_code, answer.json()["id"]) == (202, "../../credits")
    assert only_accepted(caller)["status"] == "succeeded"
    assert caller.ledger() == CHARGED


@fault
def _lateanswer(caller: Insider) -> None:
    start = time.monotonic()

    answer = caller.submit("[lateanswer 0.4]", n=2)

    assert time.monotonic() - start >= 0.4
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert caller.outcome(answer.json()["id"])["status"] == "succeeded"


@fault
def _notasync(caller: Insider) -> None:
    answer = caller.submit("[notasync]", n=2)

    assert (answer.status_code, answer.json()["status"], len(answer.json()["images"])) == (200, "succeeded", 2)
    assert caller.ledger() == CHARGED
