"""What the client sends and what it makes of good answers, field by field against the examples of hub-api.md."""

import dataclasses
import io
import json
import os
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from typing import Any

import pytest

from hubportal.hub.client import GenerationParameters, HubClient, ReferencePart
from hubportal.hub.download import fetch_image
from hubportal.hub.errors import HubGarbled, KeyRejected, ReferenceUnreadable
from hubportal.hub.records import Balance, GenerationRecord, ImageRecord
from tests.hub.conftest import Visit, answering
from tests.hub.downloading import here
from tests.hub.examples import ACCEPTED, FINISHED, KEY

A_CAT = GenerationParameters(model="gpt-image-2", prompt="a cat", size="1024x1024", effort="high", n=2)


def part(name: str, content: bytes, content_type: str = "image/png") -> ReferencePart:
    return ReferencePart(name, content_type, len(content), lambda: io.BytesIO(content))


def form_parts(visit: Visit) -> list[tuple[dict[str, str], str, Any]]:
    """Each part of a multipart request: the parameters of its disposition, its content type, its bytes."""
    head = f"Content-Type: {visit.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + visit.body)
    assert not message.defects
    return [(_parameters(part), part.get_content_type(), part.get_payload(decode=True)) for part in message.walk()][1:]


def _parameters(part: Message) -> dict[str, str]:
    return dict((part.get_params(header="content-disposition") or [])[1:])


def test_the_asynchronous_answer_is_read_field_by_field(serve):
    hub = serve(answering(202, ACCEPTED))

    record = HubClient(hub.url, KEY).submit(A_CAT)

    assert record == GenerationRecord(
        id="clx_abc123",
        status="queued",
        outcome="running",
        model="gpt-image-2",
        aspect_ratio="1:1",
        tier="1K",
        images=(),
        credits=0,
        credits_requested=8,
        balance=None,
        error_code="",
        error_message="",
        created_at=datetime(2026, 4, 30, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize("how", ["waiting", "polling"])
def test_the_finished_answer_is_read_field_by_field(serve, how):
    hub = serve(answering(200, FINISHED))
    client = HubClient(hub.url, KEY)

    if how == "waiting":
        record = client.submit(GenerationParameters("gpt-image-2", "a cat"), wait=True)
    else:
        record = client.generation("clx_abc123")

    made = datetime(2026, 4, 30, 8, 0, 41, 500000, tzinfo=UTC)
    assert record == GenerationRecord(
        id="clx_abc123",
        status="succeeded",
        outcome="succeeded",
        model="gpt-image-2",
        aspect_ratio="1:1",
        tier="1K",
        images=(ImageRecord("img_1", "https://cdn.example/image.png", made),),
        credits=8,
        credits_requested=None,
        balance=Balance(112, "PRO", None),
        error_code="",
        error_message="",
        created_at=None,
    )


def test_a_submission_without_references_is_the_documented_json(serve):
    hub = serve(answering(202, ACCEPTED))

    HubClient(hub.url + "/", KEY).submit(A_CAT)

    sent = hub.visit
    assert (sent.method, sent.path) == ("POST", "/api/v1/images/generations")
    assert sent.headers["Authorization"] == f"Bearer {KEY}"
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["Connection"] == "close"
    assert json.loads(sent.body) == {
        "model": "gpt-image-2",
        "prompt": "a cat",
        "size": "1024x1024",
        "quality": "high",
        "n": 2,
        "async": True,
    }


def test_further_parameters_go_along_and_never_in_the_place_of_others(serve):
    hub = serve(answering(202, ACCEPTED))
    options = {"background": "transparent", "n": "4", "model": "other"}

    HubClient(hub.url, KEY).submit(dataclasses.replace(A_CAT, options=options))
    sent = json.loads(hub.visit.body)
    assert (sent["background"], sent["n"], sent["model"]) == ("transparent", 2, "gpt-image-2")

    hub = serve(answering(202, ACCEPTED))
    HubClient(hub.url, KEY).submit(dataclasses.replace(A_CAT, options=options), [part("photo.png", b"\x89PNG")])
    texts = [
        (where["name"], payload.decode()) for where, _, payload in form_parts(hub.visit) if "filename" not in where
    ]
    assert ("background", "transparent") in texts
    assert [value for name, value in texts if name in ("n", "model")] in (["2", "gpt-image-2"], ["gpt-image-2", "2"])


def test_a_waiting_submission_does_not_ask_for_async(serve):
    hub = serve(answering(200, FINISHED))

    HubClient(hub.url, KEY).submit(GenerationParameters("gpt-image-2", "a cat"), wait=True)

    assert json.loads(hub.visit.body) == {
        "model": "gpt-image-2",
        "prompt": "a cat",
        "size": "auto",
        "quality": "auto",
        "n": 1,
    }


def test_a_submission_with_references_is_the_documented_form(serve):
    hub = serve(answering(202, ACCEPTED))
    photo, sketch = b"\x89PNG\r\n--not-a-boundary\r\n" + os.urandom(200_000), b"RIFF....WEBP"

    HubClient(hub.url, KEY).submit(A_CAT, [part("photo.png", photo), part("sketch.webp", sketch, "image/webp")])

    assert hub.visit.headers["Authorization"] == f"Bearer {KEY}"
    assert int(hub.visit.headers["Content-Length"]) == len(hub.visit.body)
    assert "Transfer-Encoding" not in hub.visit.headers
    parts = form_parts(hub.visit)
    assert [(name["name"], content.decode()) for name, _, content in parts[:6]] == [
        ("model", "gpt-image-2"),
        ("prompt", "a cat"),
        ("size", "1024x1024"),
        ("quality", "high"),
        ("n", "2"),
        ("async", "true"),
    ]
    assert parts[6:] == [
        ({"name": "reference_image", "filename": "photo.png"}, "image/png", photo),
        ({"name": "reference_image", "filename": "sketch.webp"}, "image/webp", sketch),
    ]


@pytest.mark.parametrize("with_reference", [False, True])
@pytest.mark.parametrize("prompt", ["gatto 🐈 在雨中 قطة", 'quotes " and \\ and\nlines\r\n--', "half a pair \ud83d!"])
def test_any_prompt_arrives_as_it_was_typed(serve, prompt, with_reference):
    hub = serve(answering(202, ACCEPTED))

    HubClient(hub.url, KEY).submit(GenerationParameters("gpt-image-2", prompt), [part("a.png", b"x")] * with_reference)

    if with_reference:
        arrived = next(content.decode() for name, _, content in form_parts(hub.visit) if name["name"] == "prompt")
        assert arrived == prompt.replace("\ud83d", "?")
    else:
        assert json.loads(hub.visit.body)["prompt"] == prompt


def test_a_reference_that_cannot_be_opened_is_told_before_a_connection_is_made(serve, tmp_path):
    hub = serve(answering(202, ACCEPTED))
    gone = ReferencePart("gone.png", "image/png", 5, (tmp_path / "gone.png").open)

    with pytest.raises(ReferenceUnreadable) as caught:
        HubClient(hub.url, KEY).submit(A_CAT, [part("a.png", b"x"), gone])

    assert (caught.value.code, caught.value.outcome_unknown) == ("referenceUnreadable", False)
    assert hub.connections == 0


def test_references_are_open_one_at_a_time_and_all_closed_at_the_end(serve):
    hub = serve(answering(202, ACCEPTED))
    files: list[io.BytesIO] = []

    def opened() -> io.BytesIO:
        assert all(file.closed for file in files)
        files.append(io.BytesIO(b"12345"))
        return files[-1]

    HubClient(hub.url, KEY).submit(A_CAT, [ReferencePart("a.png", "image/png", 5, opened)] * 3)

    assert len(files) == 6  # once to see that they open, once to send
    assert all(file.closed for file in files)


def test_the_model_list_is_asked_for_without_the_key(serve):
    hub = serve(answering(200, {"data": [{"id": "gpt-image-2"}]}))

    listed = HubClient(hub.url, KEY).models()

    assert [model.id for model in listed.models] == ["gpt-image-2"]
    assert (hub.visit.method, hub.visit.path) == ("GET", "/api/v1/models")
    assert "Authorization" not in hub.visit.headers


@pytest.mark.parametrize(("headers", "sandbox"), [({"X_Hub_Sandbox": "1"}, True), ({}, False)])
def test_the_sandbox_makes_itself_known(serve, headers, sandbox):
    hub = serve(answering(200, [], **headers))

    assert HubClient(hub.url).models().sandbox is sandbox


def test_the_balance_is_read(serve):
    hub = serve(answering(200, {"credits": 7, "account_type": "FREE", "next_expiration": "2026-05-01T00:00:00Z"}))

    balance = HubClient(hub.url, KEY).credits()

    assert balance == Balance(7, "FREE", datetime(2026, 5, 1, tzinfo=UTC))
    assert (hub.visit.path, hub.visit.headers["Authorization"]) == ("/api/v1/credits", f"Bearer {KEY}")


def test_without_a_key_no_authorization_is_sent(serve):
    hub = serve(answering(200, {"credits": 7}))

    HubClient(hub.url).credits()

    assert "Authorization" not in hub.visit.headers


@pytest.mark.parametrize("key", ["gih_live_abc\n", "gih live", "gih_ключ", "gih\x00"])
def test_a_key_that_fits_into_no_header_is_rejected_unsent(serve, key):
    hub = serve(answering(200, {"credits": 7}))

    with pytest.raises(KeyRejected) as caught:
        HubClient(hub.url, key).credits()

    assert caught.value.code == "invalidApiKey"
    assert hub.connections == 0


def test_the_record_of_another_generation_is_not_taken_for_ours(serve):
    hub = serve(answering(200, FINISHED))

    with pytest.raises(HubGarbled):
        HubClient(hub.url, KEY).generation("clx_other")


@pytest.mark.parametrize("hub_id", ["", "..", "a/b", "a?b", "a%2Fb", "a b", "é", "x" * 129])
def test_an_id_that_would_lead_elsewhere_is_never_asked_for(serve, hub_id):
    hub = serve(answering(200, FINISHED))

    with pytest.raises(ValueError, match="not a hub id"):
        HubClient(hub.url, KEY).generation(hub_id)

    assert hub.connections == 0


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "ftp://hub.example",
        "hub.example",
        "https://",
        "https://a:b@hub.example",
        "https://hub.example/?a=b",
        "https://hub.example/#a",
        "https://hub.example:99999",
        "https://hub.example:port",
    ],
)
def test_an_address_that_is_not_plain_is_refused(base_url):
    with pytest.raises(ValueError):
        HubClient(base_url, KEY)


def test_a_hub_under_a_path_is_asked_there(serve):
    hub = serve(answering(200, {"credits": 7}))

    HubClient(f"{hub.url}/hub/", KEY).credits()

    assert hub.visit.path == "/hub/api/v1/credits"


@pytest.mark.parametrize(("path", "url"), [("/images/a.png", "{hub}/images/a.png"), ("a.png", "{hub}/hub/a.png")])
@pytest.mark.parametrize("call", ["generation", "submit"])
def test_a_relative_image_address_is_resolved_against_the_hubs_and_fetched_without_the_key(serve, call, path, url):
    hub = serve(answering(200, FINISHED | {"images": [{"id": "img_1", "url": path}]}))
    client = HubClient(f"{hub.url}/hub", KEY)

    record = client.submit(A_CAT) if call == "submit" else client.generation("clx_abc123")
    fetch_image(record.images[0].url, io.BytesIO(), private_hosts=here(hub))

    assert [image.url for image in record.images] == [url.format(hub=hub.url)]
    assert "Authorization" in hub.visits[0].headers
    assert "Authorization" not in hub.visits[-1].headers
