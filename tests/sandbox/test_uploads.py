"""Reference images: multipart bodies, their limits, and what the sandbox keeps of them."""

import hashlib
from pathlib import Path

import pytest
import requests

from hubportal.sandbox import orders
from hubportal.sandbox.server import RunningSandbox
from tests.sandbox.caller import Caller, Insider

WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "
JPEG = b"\xff\xd8\xff\xe0 a truncated one"


def test_references_are_remembered_by_hash_and_size_in_their_order(caller: Insider, png: bytes) -> None:
    sent = [("a.png", png, "image/png"), ("ü.jpg", JPEG, "image/jpeg"), ("c.webp", WEBP, "image/webp")]

    answer = caller.submit_form(sent, n="2")

    [generation] = caller.hub.generations(caller.key)
    assert answer.status_code == 202
    assert generation.n == 2
    assert [(r.name, r.content_type, r.size, r.sha256) for r in generation.references] == [
        (name, kind, len(data), hashlib.sha256(data).hexdigest()) for name, data, kind in sent
    ]


def test_a_form_without_files_is_an_order_too(caller: Insider) -> None:
    fields = {name: (None, value) for name, value in {"model": "gpt-image-2", "prompt": "x", "async": "1"}.items()}

    answer = caller.ask("POST", "/api/v1/images/generations", files=fields)

    assert answer.status_code == 202


def test_the_colour_of_references_tints_the_picture(caller: Insider, png: bytes) -> None:
    caller.submit_form([("a.png", png, "image/png")])

    [generation] = caller.hub.generations(caller.key)
    assert generation.tint == (255, 0, 0)


def test_a_form_sent_in_chunks_is_read(caller: Insider, png: bytes) -> None:
    form = requests.Request(
        "POST", caller.url, data={"model": "gpt-image-2", "prompt": "x", "async": "true"},
        files={"reference_image": ("a.png", png)},
    ).prepare()  # fmt: skip
    assert isinstance(form.body, bytes)
    drops = (bytes([byte]) for byte in form.body)

    answer = caller.ask(
        "POST", "/api/v1/images/generations", data=drops, headers={"Content-Type": form.headers["Content-Type"]}
    )

    [generation] = caller.hub.generations(caller.key)
    assert answer.status_code == 202
    assert generation.references[0].sha256 == hashlib.sha256(png).hexdigest()


@pytest.mark.parametrize("data", [b"%PDF-1.7 renamed", b"", b"GIF89a", b"<svg/>"])
def test_what_is_no_image_is_refused_by_its_content(caller: Insider, data: bytes) -> None:
    answer = caller.submit_form([("harmless.png", data, "image/png")])

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert "harmless.png" in answer.json()["error"]["message"]
    assert caller.ledger() == []


@pytest.mark.parametrize(("model", "most"), [("gpt-image-2", 16), ("nanobanana", 3), ("nanobanana2", 14)])
def test_as_many_references_as_the_model_takes_and_not_one_more(caller: Insider, model: str, most: int) -> None:
    file = ("a.jpg", JPEG, "image/jpeg")

    enough = caller.submit_form([file] * most, model=model)
    too_many = caller.submit_form([file] * (most + 1), model=model)

    assert (enough.status_code, too_many.status_code) == (202, 400)
    assert len(caller.ledger()) == 1


def test_a_reference_of_the_largest_size_is_taken_and_a_byte_more_is_refused(
    caller: Insider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert orders.MAX_REFERENCE_SIZE == 50 * 1024 * 1024
    monkeypatch.setattr(orders, "MAX_REFERENCE_SIZE", 1_000_000)
    most = JPEG + b"\0" * (1_000_000 - len(JPEG))

    taken = caller.submit_form([("a.jpg", most, "image/jpeg")])
    refused = caller.submit_form([("b.jpg", most + b"\0", "image/jpeg")])

    assert (taken.status_code, refused.status_code) == (202, 400)
    assert "b.jpg is larger than 50 MB" in refused.json()["error"]["message"]
    assert len(caller.ledger()) == 1


def test_files_under_another_name_are_refused(caller: Insider, png: bytes) -> None:
    fields = {"model": (None, "gpt-image-2"), "prompt": (None, "x"), "image": ("a.png", png, "image/png")}

    answer = caller.ask("POST", "/api/v1/images/generations", files=fields)

    assert answer.status_code == 400


def test_nothing_of_a_reference_stays_on_disk(tmp_path: Path, png: bytes) -> None:
    sandbox = RunningSandbox.start(tmp_path, pace=60)
    Caller(sandbox.url, sandbox.hub.new_key()).submit_form([("a.png", png, "image/png")])
    sandbox.stop()

    assert list((tmp_path / "uploads").iterdir()) == []
    assert not any(png in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
