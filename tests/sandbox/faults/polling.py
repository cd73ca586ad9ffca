"""Troubles of looking at a generation: one test for each row of the table's part."""

import requests

from tests.sandbox.caller import Insider, wait_for
from tests.sandbox.faults.table import CHARGED, fault, finished


@fault
def _lost(caller: Insider) -> None:
    hub_id = caller.submit("[lost 1.5]").json()["id"]

    first = caller.look(hub_id)
    later = caller.outcome(hub_id)

    assert (first.status_code, first.json()["error"]["code"]) == (404, "notFound")
    assert later["status"] == "succeeded"


@fault
def _looks(caller: Insider) -> None:
    ids = [caller.submit(f"[looks {what}]").json()["id"] for what in ("502 2", "500 2", "429 2")]

    proxy, own, busy = (caller.look(hub_id) for hub_id in ids)
    later = wait_for(lambda: caller.look(ids[0]), lambda answer: answer.status_code == 200)

    assert (proxy.status_code, proxy.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert (own.status_code, own.json()["error"]["code"]) == (500, "generationFailed")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "2")
    assert later.json()["id"] == ids[0]


@fault
def _nousage(caller: Insider) -> None:
    accepted = caller.submit("[nousage]", n=2).json()
    record = caller.outcome(accepted["id"])

    assert {"usage", "balance"}.isdisjoint(accepted)
    assert {"usage", "balance"}.isdisjoint(record)
    assert caller.ledger() == CHARGED


@fault
def _credits(caller: Insider) -> None:
    accepted = caller.submit("[credits]", n=2).json()
    record = caller.outcome(accepted["id"])
    text = finished(caller, "[credits many]")

    assert accepted["usage"] == {"credits": 0, "credits_requested": -8}
    assert record["usage"] == {"credits": -8}
    assert text["usage"] == {"credits": "many"}
    assert caller.ledger() == CHARGED * 2


@fault
def _imageat(caller: Insider) -> None:
    record = finished(caller, "[imageat http://%5B::1%5D:80/a.png]")

    assert [image["url"] for image in record["images"]] == ["http://[::1]:80/a.png"] * 2
    assert caller.ledger() == CHARGED


@fault
def _imagepath(caller: Insider) -> None:
    record = finished(caller, "[imagepath]")

    assert [image["url"] for image in record["images"]] == [f"/images/{image['id']}.png" for image in record["images"]]
    assert requests.get(caller.url + record["images"][0]["url"], timeout=5).headers["Content-Type"] == "image/png"
    assert caller.ledger() == CHARGED


@fault
def _status(caller: Insider) -> None:
    hub_id = caller.submit("[status expired]", n=2).json()["id"]

    record = wait_for(lambda: caller.look(hub_id).json(), lambda record: record["images"])

    assert (record["status"], len(record["images"])) == ("expired", 2)
    assert caller.ledger() == CHARGED
