"""Troubles of the painting: one test for each row of the table's part."""

import time

from tests.sandbox.caller import Insider
from tests.sandbox.faults.table import CHARGED, REFUNDED, fault, finished


@fault
def _fail(caller: Insider) -> None:
    record = finished(caller, "[fail]")

    assert record["status"] == "failed"
    assert record["error"] == {"message": "The provider gave up", "code": "generationFailed"}
    assert caller.ledger() == REFUNDED


@fault
def _failtext(caller: Insider) -> None:
    record = finished(caller, '[failtext "Out of red"]')

    assert (record["status"], record["error"]) == ("failed", "Out of red")
    assert caller.ledger() == REFUNDED


@fault
def _failcode(caller: Insider) -> None:
    record = finished(caller, "[failcode overloaded]")

    assert (record["status"], record["error"]["code"]) == ("failed", "overloaded")
    assert caller.ledger() == REFUNDED


@fault
def _mute(caller: Insider) -> None:
    record = finished(caller, "[mute]")

    assert record["status"] == "failed"
    assert "error" not in record
    assert caller.ledger() == REFUNDED


@fault
def _partial(caller: Insider) -> None:
    record = finished(caller, "[partial]")

    assert (record["status"], len(record["images"]), record["usage"]) == ("succeeded", 1, {"credits": 8})
    assert caller.ledger() == [("charge", 16), ("refund", 8)]
    assert caller.credits() == record["balance"]["credits"] == 992


@fault
def _noimages(caller: Insider) -> None:
    record = finished(caller, "[noimages]")

    assert (record["status"], record["images"], record["usage"]) == ("succeeded", [], {"credits": 0})
    assert caller.ledger() == REFUNDED


@fault
def _extra(caller: Insider) -> None:
    record = finished(caller, "[extra 3]")

    assert (record["status"], len(record["images"]), record["usage"]) == ("succeeded", 5, {"credits": 16})
    assert caller.ledger() == CHARGED


@fault
def _slow(caller: Insider) -> None:
    start = time.monotonic()

    record = finished(caller, "[slow 0.5]")

    assert time.monotonic() - start >= 0.5
    assert record["status"] == "succeeded"


@fault
def _forever(caller: Insider) -> None:
    caller.submit("[forever]", n=2)

    [generation] = caller.hub.generations(caller.key)
    assert (generation.state, generation.due_at) == ("running", None)
    assert caller.look(generation.id).json()["status"] in {"queued", "processing"}
    assert caller.ledger() == CHARGED


@fault
def _strange(caller: Insider) -> None:
    hub_id = caller.submit("[strange]").json()["id"]
    seen: list[str] = []

    while "succeeded" not in seen:
        status = caller.look(hub_id).json()["status"]
        seen += [status] if status not in seen else []

    assert seen[:4] == ["queued", "warming_up", "brushing", "drying"]


@fault
def _backwards(caller: Insider) -> None:
    hub_id = caller.submit("[backwards]").json()["id"]
    seen = [""]

    while seen[-1] != "succeeded":
        status = caller.look(hub_id).json()["status"]
        seen += [status] if status != seen[-1] else []

    assert seen[1:5] == ["processing", "queued", "processing", "queued"]
