"""How bodies are read. tests/security/test_hostile.py tries the same against the real server."""

import io
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from hubportal.accounts.models import User
from hubportal.operations.request_limits import ConcurrencyLimiter, RequestBodyMiddleware
from tests.makers import make_user

FORM = b'--edge\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na boat\r\n--edge--\r\n'


class SlowBody(io.BytesIO):
    """Notes, each time some of it is read, whether this thread holds a database connection."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.held: list[bool] = []

    def read(self, size: int | None = -1) -> bytes:
        self.held.append(connection.connection is not None)
        return super().read(size)


def request_with(body: SlowBody, method: str = "POST", **headers: Any) -> HttpRequest:
    length = len(body.getvalue())
    meta = {"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": "multipart/form-data; boundary=edge"}
    request = RequestFactory().generic(method, "/")
    return type(request)(request.environ | meta | headers)


class AskedUser:
    """`request.user` as AuthenticationMiddleware gives it: whoever asks takes a connection."""

    @property
    def is_authenticated(self) -> bool:
        return User.objects.exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="nobody waits for a connection to SQLite")
@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_a_body_is_read(settings: Any) -> None:
    make_user("anna@example.org")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(FORM) - 1
    body = SlowBody(FORM)
    request = request_with(body)
    request.user = AskedUser()  # type: ignore[assignment]
    told: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        told.append(request.POST["prompt"])
        return HttpResponse()

    response = RequestBodyMiddleware(view)(request)

    assert (response.status_code, told) == (200, ["a boat"])
    assert body.held
    assert not any(body.held)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_no_form_is_read_before_the_view_too(method: str) -> None:
    body = SlowBody(b'{"prompt": "a boat"}')
    request = request_with(body, method, CONTENT_TYPE="application/json")
    request.user = AnonymousUser()
    told: list[bytes] = []

    def view(request: HttpRequest) -> HttpResponse:
        read_before = len(body.held)
        told.append(request.body)
        assert len(body.held) == read_before > 0
        return HttpResponse()

    RequestBodyMiddleware(view)(request)

    assert told == [b'{"prompt": "a boat"}']


def test_one_address_gets_its_share_and_others_the_rest() -> None:
    limiter = ConcurrencyLimiter(total=3, per_address=2)

    with ExitStack() as stack:
        admitted = [stack.enter_context(limiter.slot(address)) for address in ("a", "a", "a", "b", "c")]
    with limiter.slot("c") as afterwards:
        pass

    assert admitted == [True, True, False, True, False]
    assert afterwards
    assert not limiter.active
