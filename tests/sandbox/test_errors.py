"""Every documented error (hub-api.md, Errors), and that none of them costs anything."""

import socket
from typing import Any

import pytest
import requests

from hubportal.sandbox.server import RunningSandbox
from tests.sandbox.caller import Caller, Insider

PATHS = [
    ("GET", "/api/v1/credits"),
    ("POST", "/api/v1/images/generations"),
    ("GET", "/api/v1/generations/clx_1"),
]


def code_of(answer: requests.Response) -> tuple[int, str]:
    body = answer.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["message", "code"]
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_no_authorization_header_is_missing_api_key(own_sandbox: RunningSandbox, method: str, path: str) -> None:
    answer = requests.request(method, own_sandbox.url + path, timeout=5)

    assert code_of(answer) == (401, "missingApiKey")


@pytest.mark.parametrize("header", ["Bearer gih_live_nobody", "Basic abc", "Bearer", "Bearer ünsinn"])
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_key_nobody_made_is_invalid(own_sandbox: RunningSandbox, method: str, path: str, header: str) -> None:
    headers = {"Authorization": header.encode()}

    answer = requests.request(method, own_sandbox.url + path, headers=headers, timeout=5)

    assert code_of(answer) == (401, "invalidApiKey")


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_revoked_key_is_invalid(caller: Insider, method: str, path: str) -> None:
    caller.hub.revoke(caller.key)

    assert code_of(caller.ask(method, path)) == (401, "invalidApiKey")


def test_a_revoked_key_that_expires_stays_revoked(caller: Insider) -> None:
    caller.hub.revoke(caller.key)
    caller.hub.expire(caller.key)

    assert code_of(caller.ask("GET", "/api/v1/credits")) == (401, "invalidApiKey")


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_an_expired_key_is_expired(caller: Insider, method: str, path: str) -> None:
    caller.hub.expire(caller.key)

    assert code_of(caller.ask(method, path)) == (401, "expiredApiKey")


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "dall-e-2"},
        {"model": None},
        {"prompt": None},
        {"prompt": ""},
        {"prompt": " \n"},
        {"prompt": 7},
        {"prompt": "x" * 32_001},
        {"prompt": "nul\0byte"},
        {"prompt": "half a pair \ud83c"},
        {"n": 0},
        {"n": 5},
        {"n": 1.5},
        {"n": "2"},
        {"n": True},
        {"size": "huge"},
        {"size": "0x0"},
        {"size": "63x64"},
        {"size": "4097x4096"},
        {"size": "2000x500"},
        {"size": 1024},
        {"quality": "best"},
        {"quality": "xhigh"},
        {"background": "opaque"},
        {"model": "nanobananapro", "background": "plaid"},
        {"model": "nanobanana", "quality": "low"},
        {"quality": ["high"]},
        {"size": "1024x1024", "quality": "4K"},
        {"size": "1024x1024", "aspect_ratio": "1:1"},
        {"size": "auto", "aspect_ratio": "7:5"},
        {"model": "nanobanana", "size": "2048x2048"},
        {"model": "nanobanana", "size": "auto", "aspect_ratio": "1:1", "quality": "2K"},
        {"async": "yes"},
        {"async": None},
    ],
    ids=str,
)
def test_a_wrong_parameter_is_an_invalid_request(caller: Insider, fields: dict[str, Any]) -> None:
    answer = caller.submit(**({"prompt": "A quiet harbour"} | fields))

    assert code_of(answer) == (400, "invalid_request")
    assert caller.ledger() == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b""),
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b"\xff\xfe"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"n": ' + b"9" * 5000 + b"}"),
        ("application/json", b" " * 1_100_000),
        ("application/x-www-form-urlencoded", b"model=gpt-image-2&prompt=x"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"no parts"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=model\r\n\r\ngpt"),
        ("text/plain", b"hello"),
    ],
)
def test_a_body_that_can_not_be_read_is_an_invalid_request(caller: Insider, content_type: str, body: bytes) -> None:
    answer = caller.ask("POST", "/api/v1/images/generations", data=body, headers={"Content-Type": content_type})

    assert code_of(answer) == (400, "invalid_request")
    assert caller.ledger() == []


def test_too_few_credits_are_refused_before_anything_is_painted(caller: Insider) -> None:
    caller.hub.set_credits(caller.key, 15)

    answer = caller.submit(n=2)

    assert code_of(answer) == (402, "insufficientCredits")
    assert caller.credits() == 15
    assert caller.hub.generations(caller.key) == []


def test_credits_can_be_spent_to_the_last(caller: Insider) -> None:
    caller.hub.set_credits(caller.key, 16)

    answer = caller.submit(n=2)

    assert answer.status_code == 202
    assert caller.credits() == 0


def test_another_users_generation_is_not_found(caller: Insider, own_sandbox: RunningSandbox) -> None:
    hub_id = caller.submit().json()["id"]
    stranger = Caller(own_sandbox.url, own_sandbox.hub.new_key())

    answer = stranger.look(hub_id)

    assert code_of(answer) == (404, "notFound")


def test_another_key_of_the_same_user_sees_the_generation(own_sandbox: RunningSandbox) -> None:
    first, second = (own_sandbox.hub.new_key(owner="Grace") for _ in range(2))
    hub_id = Caller(own_sandbox.url, first).submit().json()["id"]

    answer = Caller(own_sandbox.url, second).look(hub_id)

    assert answer.status_code == 200


def test_a_generation_that_never_was_is_not_found(caller: Insider) -> None:
    assert code_of(caller.look("clx_nothing")) == (404, "notFound")


def test_a_waiting_call_whose_generation_fails_is_answered_500(caller: Insider) -> None:
    answer = caller.submit('[fail "No luck"]', wait=True)

    assert code_of(answer) == (500, "generationFailed")
    assert answer.json()["error"]["message"] == "No luck"
    assert caller.ledger() == [("charge", 8), ("refund", 8)]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/x", 404), ("DELETE", "/api/v1/credits", 405)])
def test_unknown_addresses_and_methods_are_answered_in_the_envelope(
    caller: Insider, method: str, path: str, status: int
) -> None:
    assert code_of(caller.ask(method, path))[0] == status


def test_a_submission_cut_off_on_its_way_is_not_accepted(caller: Insider) -> None:
    host, port = caller.url.removeprefix("http://").split(":")
    head = (
        f"POST /api/v1/images/generations HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {caller.key}\r\n"
        "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b'{"model": "gpt-image-2", "prompt": "x"}')

    assert caller.ledger() == []
    assert caller.submit().status_code == 202
