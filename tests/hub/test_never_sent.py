"""The question that decides whether money is spent twice: did anything of this POST reach the hub?

`HubUnreachable` must be raised exactly when the connection was not made. Each way to fail is done to a real socket,
and the hub's end tells what arrived.
"""

import http.client
import io
import json
import socket
import threading

import pytest

from hubportal.hub import transport
from hubportal.hub.client import GenerationParameters, HubClient, ReferencePart
from hubportal.hub.errors import HubError, HubUnreachable
from tests.hub.conftest import Visit
from tests.hub.examples import ACCEPTED, KEY

A_CAT = GenerationParameters(model="gpt-image-2", prompt="a cat")
BIG = 20_000_000


def zeros(size: int = BIG) -> ReferencePart:
    return ReferencePart("big.png", "image/png", size, lambda: io.BytesIO(bytes(size)))


def submit(url: str, *references: ReferencePart, **options) -> HubError:
    """The error that a submission ends in."""
    client = HubClient(url, KEY, **({"connect_timeout": 5, "submit_timeout": 5} | options))
    with pytest.raises(HubError) as caught:
        client.submit(A_CAT, references)
    return caught.value


def assert_never_sent(error: HubError, code: str) -> None:
    assert (type(error), error.code) == (HubUnreachable, code)
    assert error.may_resend_post
    assert not error.outcome_unknown


# The connection was not made.


def test_a_refused_connection_was_never_sent(closed_port):
    assert_never_sent(submit(f"http://127.0.0.1:{closed_port}"), "unreachable")


def test_a_refused_connection_was_never_sent_over_tls_either(closed_port):
    assert_never_sent(submit(f"https://127.0.0.1:{closed_port}"), "unreachable")


def test_a_name_that_does_not_resolve_was_never_sent(monkeypatch):
    def no_such_name(*_args: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)

    assert_never_sent(submit("https://hub.invalid"), "unreachable")


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example", "*.example", "é..example"])
def test_a_name_that_is_none_was_never_sent(host):
    assert_never_sent(submit(f"http://{host}"), "unreachable")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_that_is_not_answered_in_time_was_never_sent(scheme):
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())

        error = submit(f"{scheme}://127.0.0.1:{full.getsockname()[1]}", connect_timeout=0.3)

    assert_never_sent(error, "timeout")


@pytest.fixture
def arrived(serve):
    """`arrived(then)`: a plain server that reads a bit, then does `then`; with the bytes that came, as a list."""
    came: list[bytes] = []

    def start(then):
        def behave(visit: Visit) -> None:
            came.append(visit.sock.recv(65536))
            then(visit)

        return serve(behave), came

    return start


def test_a_tls_handshake_that_hangs_was_never_sent(arrived):
    server, came = arrived(Visit.hang)

    error = submit(server.url.replace("http:", "https:"), connect_timeout=0.3)

    assert_never_sent(error, "timeout")
    assert_only_a_hello(came)


@pytest.mark.parametrize("end", [Visit.reset, lambda visit: None], ids=["reset", "closed"])
def test_a_tls_handshake_that_breaks_off_was_never_sent(arrived, end):
    server, came = arrived(end)

    assert_never_sent(submit(server.url.replace("http:", "https:")), "tls")
    assert_only_a_hello(came)


def test_tls_spoken_to_a_server_without_it_was_never_sent(arrived):
    server, came = arrived(lambda visit: visit.send(400, b"plain HTTP only"))

    assert_never_sent(submit(server.url.replace("http:", "https:")), "tls")
    assert_only_a_hello(came)


def assert_only_a_hello(came: list[bytes]) -> None:
    (hello,) = came
    assert hello[0] == 22  # a TLS handshake record (RFC 8446, 5.1)
    assert KEY.encode() not in hello
    assert b"POST" not in hello


@pytest.mark.parametrize("certified", ["other.example", "127.0.0.2"])
def test_a_certificate_for_another_host_means_never_sent(serve, authority, certified):
    hub = serve(Visit.read, tls=authority.context_for(certified))

    assert_never_sent(submit(hub.url, ca_bundle=authority.bundle), "tls")
    assert not any(visit.method for visit in hub.visits)


def test_a_certificate_of_an_unknown_authority_means_never_sent(serve, authority):
    hub = serve(Visit.read, tls=authority.context_for("127.0.0.1"))

    assert_never_sent(submit(hub.url), "tls")
    assert not any(visit.method for visit in hub.visits)


# A connection of ours never connects by itself a second time.


def test_a_connection_that_lost_its_socket_amid_a_request_does_not_open_another(serve):
    hub = serve(Visit.read)
    host, port = hub.url.removeprefix("http://").split(":")
    connection = transport.HubConnection(host, int(port), timeout=5)

    def body():
        yield b"first"
        connection.close()
        yield b"second"

    with pytest.raises(http.client.NotConnected):
        connection.request("POST", "/", body=body(), headers={"Content-Length": "11"})

    hub.finish()
    assert hub.connections == 1


def test_submissions_at_the_same_time_do_not_share_a_connection(serve):
    together = threading.Barrier(4, timeout=10)

    def behave(visit: Visit) -> None:
        visit.read()
        together.wait()
        visit.send(202, json.dumps(ACCEPTED).encode())

    hub = serve(behave)
    client = HubClient(hub.url, KEY)
    threads = [threading.Thread(target=client.submit, args=(A_CAT,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert hub.connections == 4
