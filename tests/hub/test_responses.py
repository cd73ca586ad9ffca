"""Every documented error, and everything that only looks like one (hub-api.md, Errors and Open)."""

import contextlib
import gzip
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub.client import MAX_RESPONSE_SIZE, GenerationParameters, HubClient
from hubportal.hub.errors import (
    HubBusy,
    HubError,
    HubGarbled,
    HubInterrupted,
    HubRefused,
    KeyRejected,
    NotFound,
    OutOfCredits,
)
from hubportal.hub.responses import HubResponse, read_payload, retry_after
from tests.hub.conftest import Visit, answering
from tests.hub.examples import ACCEPTED, FINISHED, KEY, envelope

CALLS = {
    "models": HubClient.models,
    "credits": HubClient.credits,
    "generation": lambda client: client.generation("clx_abc123"),
    "submit": lambda client: client.submit(GenerationParameters("gpt-image-2", "a cat")),
}
EVERY_CALL = pytest.mark.parametrize("call", CALLS)

DOCUMENTED = [
    (400, "invalid_request", HubRefused),
    (401, "missingApiKey", KeyRejected),
    (401, "invalidApiKey", KeyRejected),
    (401, "expiredApiKey", KeyRejected),
    (402, "insufficientCredits", OutOfCredits),
    (404, "notFound", NotFound),
    (500, "generationFailed", HubRefused),
]


def failing(call: str, url: str, key: str = KEY, **options) -> HubError:
    client = HubClient(url, key, **({"get_timeout": 5} | options))
    with pytest.raises(HubError) as caught:
        CALLS[call](client)
    return caught.value


@EVERY_CALL
@pytest.mark.parametrize(("status", "code", "kind"), DOCUMENTED)
def test_every_documented_error_is_a_clear_refusal(serve, status, code, kind, call):
    hub = serve(answering(status, envelope(code, "In the hub's words.")))

    error = failing(call, hub.url)

    assert type(error) is kind
    assert (error.code, error.message, error.status) == (code, "In the hub's words.", status)
    assert not error.may_resend_post
    assert not error.outcome_unknown
    assert error.may_retry_get is (status == 500)
    assert len(hub.visits) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "keySuspended", KeyRejected),
        (402, "overdrawn", OutOfCredits),
        (404, "no_such_model", NotFound),
        (403, "invalidApiKey", KeyRejected),
        (422, "promptRefused", HubRefused),
        (503, "maintenance", HubRefused),
        (200, "generationFailed", HubRefused),
    ],
)
def test_an_envelope_with_a_new_code_or_status_is_a_clear_refusal_too(serve, status, code, kind):
    hub = serve(answering(status, envelope(code)))

    error = failing("submit", hub.url)

    assert (type(error), error.code, error.status) == (kind, code, status)


@pytest.mark.parametrize("code", ["502", "FUNCTION_INVOCATION_TIMEOUT", "NOT_FOUND", "", None, 504, {"a": 1}])
@pytest.mark.parametrize("status", [404, 500, 502, 504])
def test_a_platforms_error_in_the_same_envelope_is_not_the_hubs(serve, status, code):
    hub = serve(answering(status, envelope(code, "An error occurred with your deployment")))

    error = failing("submit", hub.url)

    assert type(error) is HubGarbled
    assert (error.outcome_unknown, error.may_resend_post, error.status) == (True, False, status)


NOT_THE_HUBS: dict[str, tuple[int, Any, dict[str, Any]]] = {
    "a proxy's page": (502, b"<html><h1>502 Bad Gateway</h1></html>", {"Content_Type": "text/html"}),
    "a page instead of an answer": (200, b"<html>Welcome</html>", {"Content_Type": "text/html"}),
    "a page saying 404": (404, b"<html>Not found</html>", {"Content_Type": "text/html"}),
    "a page saying 401": (401, b"<html>Sign in</html>", {"Content_Type": "text/html"}),
    "an empty 200": (200, b"", {}),
    "an empty 500": (500, b"", {}),
    "nothing at all": (204, b"", {"Content_Length": None}),
    "null": (200, b"null", {}),
    "a number": (200, b"7", {}),
    "an error without a code": (500, {"error": "Internal Server Error"}, {}),
    "another shape of error": (500, {"message": "Internal Server Error", "code": "generationFailed"}, {}),
    "half of a JSON text": (200, b'{"id": "clx_abc1', {}),
    "JSON in no known encoding": (200, b'{"id": "clx_\xff\xfe"}', {}),
    "JSON nested beyond reason": (200, b"[" * 200_000, {}),
    "a number of too many digits": (200, b'{"id": ' + b"9" * 5000 + b"}", {}),
    "what says it is gzip and is not": (200, json.dumps(FINISHED).encode(), {"Content_Encoding": "gzip"}),
    "an encoding nobody knows": (200, b"\x00\x01", {"Content_Encoding": "gzip, gzip, br, x-own"}),
    "a redirect": (302, b"", {"Location": "/login"}),
    "a redirect that keeps the method": (307, b"", {"Location": "/api/v2/"}),
    "a redirect to nowhere": (308, b"", {"Location": "http://[:99999x/"}),
    "not modified": (304, b"", {"Content_Length": None}),
}


@EVERY_CALL
@pytest.mark.parametrize("what", NOT_THE_HUBS)
def test_what_is_not_the_hubs_answer_is_garbled(serve, what, call):
    status, payload, headers = NOT_THE_HUBS[what]
    hub = serve(answering(status, payload, **headers))

    error = failing(call, hub.url)

    assert type(error) is HubGarbled
    assert (error.code, error.message, error.status) == ("garbled", "", status)
    assert (error.outcome_unknown, error.may_resend_post, error.may_retry_get) == (True, False, True)
    assert len(hub.visits) == 1


@EVERY_CALL
def test_a_redirect_to_another_host_is_not_followed(serve, call):
    elsewhere = serve(answering(200, FINISHED))
    hub = serve(answering(307, b"", Location=elsewhere.url))

    assert type(failing(call, hub.url)) is HubGarbled
    assert elsewhere.connections == 0


@EVERY_CALL
def test_an_endless_answer_is_not_read_to_its_end(serve, call):
    sent = []

    def endless(visit: Visit) -> None:
        visit.read()
        visit.send(200, b"[", Content_Length=None, Connection="close")
        while not visit.closing.is_set():
            visit.sock.sendall(b" " * 65536)
            sent.append(65536)

    error = failing(call, serve(endless).url)

    assert type(error) is HubGarbled
    assert MAX_RESPONSE_SIZE - 65536 <= sum(sent) < 3 * MAX_RESPONSE_SIZE


def test_a_small_answer_that_unfolds_to_a_huge_one_is_not_unfolded(serve):
    hub = serve(answering(200, gzip.compress(b" " * (MAX_RESPONSE_SIZE * 4)), Content_Encoding="gzip"))

    assert type(failing("generation", hub.url)) is HubGarbled


def test_a_compressed_answer_is_read(serve):
    hub = serve(answering(200, gzip.compress(json.dumps(FINISHED).encode()), Content_Encoding="gzip"))

    assert HubClient(hub.url, KEY).generation("clx_abc123").outcome == "succeeded"


def test_an_answer_in_chunks_is_read(serve):
    body = b"".join(b"1\r\n%c\r\n" % byte for byte in json.dumps(ACCEPTED).encode()) + b"0\r\n\r\n"
    hub = serve(answering(202, body, Content_Length=None, Transfer_Encoding="chunked"))

    assert HubClient(hub.url, KEY).submit(GenerationParameters("gpt-image-2", "a cat")).id == "clx_abc123"


@pytest.mark.parametrize("payload", [{}, {"id": None}, {"id": 7}, {"id": "../credits"}, {"id": ".."}, [ACCEPTED]])
def test_an_acceptance_without_a_usable_id_leaves_the_outcome_unknown(serve, payload):
    hub = serve(answering(202, payload))

    error = failing("submit", hub.url)

    assert (type(error), error.status, error.outcome_unknown) == (HubGarbled, 202, True)


def test_a_failed_record_is_a_record_even_if_it_carries_an_error(serve):
    hub = serve(answering(200, {"id": "clx_abc123", "status": "failed"} | envelope("generationFailed", "No luck.")))

    record = HubClient(hub.url, KEY).generation("clx_abc123")

    assert (record.outcome, record.error_code, record.error_message) == ("failed", "generationFailed", "No luck.")


@EVERY_CALL
@pytest.mark.parametrize("payload", [envelope("rateLimited", "Slow down."), b"<html>slow down</html>", b""])
def test_a_429_may_be_sent_again_after_the_wait_it_names(serve, payload, call):
    hub = serve(answering(429, payload, Retry_After="17"))

    error = failing(call, hub.url)

    assert (type(error), error.retry_after, error.status) == (HubBusy, 17.0, 429)
    assert (error.may_resend_post, error.outcome_unknown, error.may_retry_get) == (True, False, True)
    assert error.code == ("rateLimited" if isinstance(payload, dict) else "busy")


@EVERY_CALL
@pytest.mark.parametrize("value", ["1.5", "1,5", "soon", "-1", "1e999"])
@pytest.mark.parametrize("status", [413, 429, 503])
def test_a_retry_after_that_is_no_whole_number_does_not_lose_the_answer(serve, status, value, call):
    """urllib3's Retry raises for one, and the error of the hub is lost with it: nothing here may use it."""
    hub = serve(answering(status, envelope("rateLimited", "Slow down."), Retry_After=value))

    error = failing(call, hub.url)

    assert (error.code, error.message, error.status) == ("rateLimited", "Slow down.", status)
    assert error.retry_after == {"1.5": 1.5, "-1": 0}.get(value)


def test_a_429_may_name_a_date(serve):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    hub = serve(answering(429, b"", Retry_After=later))

    assert 80 < (failing("submit", hub.url).retry_after or 0) <= 90


def test_a_429_without_a_wait_names_none(serve):
    assert failing("submit", serve(answering(429, b"")).url).retry_after is None


def test_a_proxys_503_names_its_wait_but_is_no_429(serve):
    error = failing("submit", serve(answering(503, b"<html>", Retry_After="5")).url)

    assert (type(error), error.retry_after, error.may_resend_post) == (HubGarbled, 5.0, False)


NOW = datetime(2026, 4, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("1.5", 1.5),
        ("-3", 0),
        (" 4 ", 4),
        ("999999999", 86400),
        ("", None),
        (None, None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Thu, 30 Apr 2026 08:02:00 GMT", 120),
        ("Thu, 30 Apr 2026 07:00:00 GMT", 0),
        ("Thu, 30 Apr 2026 08:02:00 -0000", 120),
        ("Thu, 30 Apr 9999 08:02:00 GMT", 86400),
        ("Thu, 32 Apr 2026 08:02:00 GMT", None),
    ],
)
def test_a_wait_is_read_from_seconds_and_from_a_date(header, seconds):
    assert retry_after(header, NOW) == seconds


@given(st.text())
def test_no_wait_is_too_strange_to_be_read(header):
    seconds = retry_after(header, NOW)

    assert seconds is None or 0 <= seconds <= 86400


@given(
    st.integers(100, 599), st.binary() | st.recursive(st.text() | st.none(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_answer_is_too_strange_to_be_judged(status, body):
    answer = HubResponse(status, {}, body)

    with contextlib.suppress(HubError):
        read_payload(answer)
        assert 200 <= status < 300


def test_a_look_whose_answer_is_late_is_not_asked_twice(serve):
    hub = serve(lambda visit: visit.read() and visit.hang())

    error = failing("credits", hub.url, get_timeout=0.2)

    assert (type(error), error.code, error.may_retry_get) == (HubInterrupted, "timeout", True)
    assert hub.connections == 1


def test_a_look_that_breaks_twice_is_given_up(serve):
    hub = serve(Visit.read)

    error = failing("credits", hub.url)

    assert (type(error), error.code) == (HubInterrupted, "interrupted")
    assert hub.connections == 2
