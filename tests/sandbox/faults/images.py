"""Troubles of the images' bytes: one test for each row of the table's part."""

import time

import pytest
import requests
import time_machine

from tests.sandbox.caller import Insider
from tests.sandbox.faults.table import again, fault, finished, image, sides


@fault
def _badimage(caller: Insider) -> None:
    answer = image(caller, "[badimage]")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.content.startswith(b"<!doctype html>")


@fault
def _svgimage(caller: Insider) -> None:
    answer = image(caller, "[svgimage]")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.content.startswith(b"<svg ")


@fault
def _goneimage(caller: Insider) -> None:
    assert image(caller, "[goneimage]").status_code == 404


@fault
def _mortalimage(caller: Insider) -> None:
    record = finished(caller, "[mortalimage 60]")

    with time_machine.travel(time.time() + 61):
        dead, renewed = again(record), again(caller.outcome(record["id"]))

    assert (dead.status_code, renewed.status_code) == (403, 200)
    assert sides(renewed.content) == (64, 64)


@fault
def _imagestatus(caller: Insider) -> None:
    record = finished(caller, "[imagestatus 503 2]")

    answers = [again(record) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "30"
    assert sides(answers[2].content) == (64, 64)
    assert image(caller_of_another(caller), "[imagestatus 403 9]").status_code == 403


@fault
def _slowimage(caller: Insider) -> None:
    start = time.monotonic()

    answer = image(caller, "[slowimage 0.5]")

    assert time.monotonic() - start >= 0.5
    assert sides(answer.content) == (64, 64)


@fault
def _endless(caller: Insider) -> None:
    record = finished(caller, "[endless]")

    size = 0
    with requests.get(record["images"][0]["url"], timeout=5, stream=True) as answer:
        pieces = answer.iter_content(100_000)
        assert next(pieces).startswith(b"\x89PNG")
        while size < 10_000_000:
            size += len(next(pieces))

    assert "Content-Length" not in answer.headers


@fault
def _cutimage(caller: Insider) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        image(caller, "[cutimage]")


@fault
def _halfimage(caller: Insider) -> None:
    answer = image(caller, "[halfimage]")

    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(OSError, match="truncated"):
        sides(answer.content)


@fault
def _vastimage(caller: Insider) -> None:
    answer = image(caller, "[vastimage]")

    assert len(answer.content) < 1_000_000
    assert answer.content[16:24] == (30_000).to_bytes(4) * 2


@fault
def _imagetype(caller: Insider) -> None:
    answer = image(caller, "[imagetype]")

    assert answer.headers["Content-Type"] == "text/html"
    assert sides(answer.content) == (64, 64)


@fault
def _imagevia(caller: Insider) -> None:
    answer = image(caller, "[imagevia http://%5Bfe80::1%5D/a.png]")

    assert (answer.status_code, answer.headers["Location"]) == (302, "http://[fe80::1]/a.png")


def caller_of_another(caller: Insider) -> Insider:
    """Somebody else, whose ledger is empty."""
    return Insider(caller.url, caller.hub.new_key(), caller.hub)
