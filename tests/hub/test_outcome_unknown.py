"""Once the connection is made, nobody knows what the hub has heard, unless it says so itself.

Each way to fail is done over plain HTTP and over TLS, where the same event raises other exceptions.
"""

import io
import json
import time

import pytest

from hubportal.hub import transport
from hubportal.hub.client import ReferencePart
from hubportal.hub.errors import HubError, HubGarbled, HubInterrupted, KeyRejected
from tests.hub.conftest import Visit
from tests.hub.examples import ACCEPTED, envelope
from tests.hub.test_never_sent import submit, zeros


def assert_outcome_unknown(error: HubError, kind: type[HubError], code: str = "") -> None:
    assert type(error) is kind
    assert error.code == (code or kind.default_code)
    assert error.outcome_unknown
    assert not error.may_resend_post


@pytest.fixture(params=["plain", "tls"])
def trouble(request, serve, authority):
    """`trouble(behaviour, *references, **client options)`: the error and the server, over plain HTTP and over TLS."""

    def meet(behaviour, *references, **options):
        tls = authority.context_for("127.0.0.1") if request.param == "tls" else None
        server = serve(behaviour, tls)
        error = submit(server.url, *references, ca_bundle=authority.bundle, **options)
        server.finish()
        assert server.connections == 1
        return error, server

    return meet


def test_a_connection_closed_unread_leaves_the_outcome_unknown(trouble):
    error, _ = trouble(lambda visit: None)

    assert_outcome_unknown(error, HubInterrupted)


def test_a_connection_reset_unread_leaves_the_outcome_unknown(trouble):
    error, _ = trouble(Visit.reset_unread)

    assert_outcome_unknown(error, HubInterrupted)


@pytest.mark.parametrize("end", [Visit.reset, lambda visit: None], ids=["reset", "closed"])
def test_a_connection_lost_amid_the_body_leaves_the_outcome_unknown(trouble, end):
    def behave(visit: Visit) -> None:
        visit.read_head()
        visit.sock.recv(1000)
        end(visit)

    error, server = trouble(behave, zeros())

    assert_outcome_unknown(error, HubInterrupted)
    assert server.visit.method == "POST"


@pytest.mark.parametrize("end", [Visit.reset, lambda visit: None], ids=["reset", "closed"])
def test_a_connection_lost_before_the_answer_leaves_the_outcome_unknown(trouble, end):
    def behave(visit: Visit) -> None:
        visit.read()
        end(visit)

    error, server = trouble(behave)

    assert_outcome_unknown(error, HubInterrupted)
    assert json.loads(server.visit.body)["prompt"] == "a cat"


@pytest.mark.parametrize("head", [b"HTT", b"HTTP/1.1 20x ?\r\n\r\n", b"\r\n\r\n", b"202\r\n"])
def test_an_answer_broken_off_in_its_head_leaves_the_outcome_unknown(trouble, head):
    error, _ = trouble(lambda visit: visit.read() and visit.sock.sendall(head))

    assert_outcome_unknown(error, HubInterrupted)


def test_an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown(trouble):
    error, _ = trouble(lambda visit: visit.read() and visit.hang(), submit_timeout=0.2)

    assert_outcome_unknown(error, HubInterrupted, "timeout")


@pytest.mark.parametrize("start", [b"HTTP/1.1 202 OK\r\nX: ", b"HTTP/1.1 202 OK\r\nContent-Length: 999\r\n\r\n"])
def test_an_answer_that_drips_is_over_in_time_too(trouble, start):
    def drip(visit: Visit) -> None:
        visit.read()
        visit.sock.sendall(start)
        while not visit.closing.wait(0.05):
            visit.sock.sendall(b" ")

    error, _ = trouble(drip, submit_timeout=0.25)

    assert_outcome_unknown(error, HubInterrupted, "timeout")


def test_a_hub_that_stops_taking_the_body_leaves_the_outcome_unknown(trouble, monkeypatch):
    monkeypatch.setattr(transport, "SEND_STALL_TIMEOUT", 0.2)

    error, _ = trouble(lambda visit: visit.read_head() and visit.hang(), zeros())

    assert_outcome_unknown(error, HubInterrupted, "timeout")


def test_a_hub_that_takes_the_body_too_slowly_leaves_the_outcome_unknown(trouble, monkeypatch):
    monkeypatch.setattr(transport, "SEND_TIMEOUT", 0.3)

    def sip(visit: Visit) -> None:
        visit.read_head()
        while not visit.closing.wait(0.02):
            visit.sock.recv(20_000)

    began = time.monotonic()
    error, _ = trouble(sip, zeros())

    assert time.monotonic() - began < 4
    assert_outcome_unknown(error, HubInterrupted, "timeout")


def test_a_reference_that_ends_early_leaves_the_outcome_unknown(trouble):
    shrunk = ReferencePart("a.png", "image/png", 100_000, lambda: io.BytesIO(b"too short"))

    error, server = trouble(lambda visit: visit.read() and visit.send(202, b"{}"), shrunk)

    assert_outcome_unknown(error, HubInterrupted)
    assert server.visit.method == "POST"


def test_a_reference_whose_storage_fails_while_it_is_read_leaves_the_outcome_unknown(trouble):
    class Failing(io.BytesIO):
        def read(self, size=-1, /):
            raise ConnectionResetError("the storage's, not the hub's")

    error, _ = trouble(Visit.read, ReferencePart("a.png", "image/png", 5, Failing))

    assert_outcome_unknown(error, HubInterrupted)


@pytest.mark.parametrize("headers", [{"Content_Length": 900}, {"Content_Length": None, "Transfer_Encoding": "chunked"}])
def test_an_accepted_answer_cut_short_leaves_the_outcome_unknown(trouble, headers):
    body = b"14\r\n" + json.dumps(ACCEPTED).encode()[:20]

    error, _ = trouble(lambda visit: visit.read() and visit.send(202, body, **headers))

    assert_outcome_unknown(error, HubGarbled)
    assert error.status == 202


def test_an_accepted_answer_cut_short_in_its_head_leaves_the_outcome_unknown(trouble):
    error, _ = trouble(lambda visit: visit.read() and visit.sock.sendall(b"HTTP/1.1 202 Acc"))

    assert_outcome_unknown(error, HubGarbled)


def test_an_answer_cut_short_without_a_length_leaves_the_outcome_unknown(trouble):
    body = json.dumps(ACCEPTED).encode()[:-20]

    error, _ = trouble(lambda visit: visit.read() and visit.send(202, body, Content_Length=None))

    assert_outcome_unknown(error, HubGarbled)


# The hub answered before it had heard everything: its refusal counts.


def refuse_unread(visit: Visit) -> None:
    visit.read_head()
    visit.send(401, json.dumps(envelope("expiredApiKey")).encode(), Connection="close")


def test_a_refusal_given_before_the_body_was_read_is_heard(trouble):
    def refuse_and_linger(visit: Visit) -> None:
        refuse_unread(visit)
        while visit.sock.recv(65536):  # as servers do, lest a reset overtakes the answer (RFC 9112, 9.6)
            pass

    error, _ = trouble(refuse_and_linger, zeros())

    assert (type(error), error.code) == (KeyRejected, "expiredApiKey")


def test_a_refusal_is_heard_even_from_a_hub_that_hangs_up_on_the_body(serve):
    error = submit(serve(refuse_unread).url, zeros())

    assert (type(error), error.code) == (KeyRejected, "expiredApiKey")


def test_a_refusal_that_a_reset_overtakes_is_no_reason_to_send_again(trouble):
    error, _ = trouble(refuse_unread, zeros())

    assert type(error) in (KeyRejected, HubInterrupted)
    assert not error.may_resend_post
