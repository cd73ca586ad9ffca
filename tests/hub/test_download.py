"""Fetching pictures from addresses we don't trust."""

import gzip
import io
import socket
import time

import pytest

from hubportal.hub.download import Fetched, fetch_image
from hubportal.hub.public_hosts import RequestFailed
from tests.hub.conftest import PICTURE, Visit, answering
from tests.hub.downloading import failing, here, resolve


def test_a_picture_is_written_with_its_type_and_size(pictures):
    into = io.BytesIO()

    fetched = fetch_image(f"{pictures.url}/a%20b.png?sig=%2Fx%3D#part", into, private_hosts=here(pictures))

    assert fetched == Fetched("image/png", len(PICTURE))
    assert into.getvalue() == PICTURE
    assert (pictures.visit.method, pictures.visit.path) == ("GET", "/a%20b.png?sig=%2Fx%3D")


def test_nothing_is_told_to_a_strange_server_but_what_is_wanted(pictures):
    fetch_image(f"{pictures.url}/a.png", io.BytesIO(), private_hosts=here(pictures))

    assert dict(pictures.visit.headers.items()) == {
        "Host": f"127.0.0.1:{pictures.port}",
        "User-Agent": "Hubportal",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


# What comes.


def test_a_picture_larger_than_allowed_is_given_up_early(serve):
    sent = []

    def endless(visit: Visit) -> None:
        visit.read()
        visit.send(200, Content_Length=None, Connection="close")
        while not visit.closing.is_set():
            visit.sock.sendall(bytes(65536))
            sent.append(65536)

    server, into = serve(endless), io.BytesIO()

    with pytest.raises(RequestFailed) as caught:
        fetch_image(f"{server.url}/a", into, private_hosts=here(server), max_bytes=1_000_000)

    assert (caught.value.reason, caught.value.permanent) == ("too-large", True)
    assert len(into.getvalue()) <= 1_000_000
    assert sum(sent) < 20_000_000


def test_a_picture_of_exactly_the_allowed_size_is_kept(pictures):
    size = len(PICTURE)

    assert fetch_image(pictures.url, io.BytesIO(), private_hosts=here(pictures), max_bytes=size).size == size
    assert failing(pictures.url, private_hosts=here(pictures), max_bytes=size - 1).reason == "too-large"


def test_a_small_download_that_unfolds_to_a_huge_one_is_given_up(serve):
    server = serve(answering(200, gzip.compress(bytes(50_000_000), mtime=0), Content_Encoding="gzip"))

    assert failing(server.url, private_hosts=here(server), max_bytes=1_000_000).reason == "too-large"


def test_a_compressed_picture_is_unfolded(serve):
    server, into = serve(answering(200, gzip.compress(PICTURE, mtime=0), Content_Encoding="gzip")), io.BytesIO()

    assert fetch_image(server.url, into, private_hosts=here(server)).size == len(PICTURE)
    assert into.getvalue() == PICTURE


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (PICTURE[:-1], {"Content_Length": len(PICTURE)}),
        (b"5\r\nhello\r\n", {"Content_Length": None, "Transfer_Encoding": "chunked"}),
        (b"zz\r\nhello\r\n", {"Content_Length": None, "Transfer_Encoding": "chunked"}),
        (gzip.compress(PICTURE, mtime=0)[:-200], {"Content_Encoding": "gzip", "Content_Length": 999_999}),
        (b"not gzip", {"Content_Encoding": "gzip"}),
        (b"", {}),
    ],
)
def test_a_picture_that_does_not_come_whole_is_truncated(serve, body, headers):
    server = serve(lambda visit: visit.read() and visit.send(200, body, **headers))

    failure = failing(server.url, private_hosts=here(server))

    assert (failure.reason, failure.permanent) == ("truncated", False)


def test_a_picture_in_chunks_is_kept(serve):
    server = serve(answering(200, b"5\r\nhello\r\n0\r\n\r\n", Content_Length=None, Transfer_Encoding="chunked"))

    assert fetch_image(server.url, io.BytesIO(), private_hosts=here(server)) == Fetched("application/json", 5)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "gone"),
        (410, "gone"),
        (403, "http-403"),
        (401, "http-401"),
        (500, "http-500"),
        (206, "http-206"),
        (204, "http-204"),
        (429, "busy"),
        (503, "busy"),
        (302, "http-302"),
        (304, "http-304"),
    ],
)
def test_any_other_answer_is_named_and_may_be_tried_again(serve, status, reason):
    server = serve(answering(status, b"" if status in (204, 304) else b"<html>", Retry_After=9))

    failure = failing(server.url, private_hosts=here(server))

    assert (failure.reason, failure.permanent, failure.retry_after) == (reason, False, 9.0)


@pytest.mark.parametrize(("value", "seconds"), [("1.5", 1.5), ("soon", None), ("1e999", None)])
@pytest.mark.parametrize("status", [413, 429, 503])
def test_a_retry_after_that_is_no_whole_number_does_not_lose_the_answer(serve, status, value, seconds):
    server = serve(answering(status, b"", Retry_After=value))

    failure = failing(server.url, private_hosts=here(server))

    assert failure.reason in ("busy", "http-413")
    assert failure.retry_after == seconds


# When it breaks or takes too long.


@pytest.mark.parametrize(
    "end", [Visit.reset_unread, Visit.read, lambda v: v.read() and v.sock.sendall(b"HTTP/1.1 2x\r\n\r\n")]
)
def test_a_connection_that_breaks_off_is_interrupted(serve, end):
    server = serve(end)

    failure = failing(server.url, private_hosts=here(server))

    assert (failure.reason, failure.permanent) == ("interrupted", False)


def test_a_picture_that_breaks_off_amid_its_bytes_is_truncated(serve):
    def behave(visit: Visit) -> None:
        visit.read()
        visit.send(200, PICTURE[:1000], Content_Length=len(PICTURE))
        visit.reset()

    server = serve(behave)

    assert failing(server.url, private_hosts=here(server)).reason == "truncated"


def test_nobody_listening_is_unreachable(closed_port):
    failure = failing(f"http://127.0.0.1:{closed_port}/a", private_hosts=frozenset({"127.0.0.1"}))

    assert (failure.reason, failure.permanent) == ("unreachable", False)


def test_a_name_that_does_not_resolve_is_unreachable(monkeypatch):
    def no_such_name(*_args, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)

    assert failing("https://cdn.example/a.png").reason == "unreachable"


DRIPS = {
    "silent from the start": lambda visit: visit.hang(),
    "drips its head": lambda visit: drip(visit, b"HTTP/1.1 200 OK\r\nX: "),
    "drips its body": lambda visit: drip(visit, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
    "drips a chunk's length": lambda visit: drip(visit, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"),
    "redirects slowly": lambda visit: (visit.read(), visit.closing.wait(0.1), visit.send(302, Location="/")),
}


def drip(visit: Visit, start: bytes) -> None:
    visit.read()
    visit.sock.sendall(start)
    while not visit.closing.wait(0.05):
        visit.sock.sendall(b"x")


@pytest.mark.parametrize("how", DRIPS)
def test_the_deadline_holds_for_everything_together(serve, how):
    server = serve(DRIPS[how])
    began = time.monotonic()

    failure = failing(server.url, private_hosts=here(server), deadline=0.25)

    assert (failure.reason, failure.permanent) == ("timeout", False)
    assert time.monotonic() - began < 2


def test_a_full_disk_is_not_the_servers_fault(pictures):
    class Full(io.BytesIO):
        def write(self, _data, /):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fetch_image(pictures.url, Full(), private_hosts=here(pictures))


# TLS.


def test_a_picture_comes_over_tls_when_the_certificate_is_for_the_name(serve, authority, monkeypatch):
    resolve(monkeypatch, pictures_test=[["127.0.0.1"]])
    server = serve(answering(200, PICTURE), tls=authority.context_for("pictures.test"))
    hosts = frozenset({"pictures.test"})

    url = f"https://pictures.test:{server.port}/a.png"
    fetched = fetch_image(url, io.BytesIO(), private_hosts=hosts, ca_bundle=authority.bundle)

    assert fetched.size == len(PICTURE)
    assert server.visit.headers["Host"] == f"pictures.test:{server.port}"


@pytest.mark.parametrize("certified", ["other.test", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(serve, authority, monkeypatch, certified):
    resolve(monkeypatch, pictures_test=[["127.0.0.1"]])
    server = serve(Visit.read, tls=authority.context_for(certified))
    hosts = frozenset({"pictures.test"})

    url = f"https://pictures.test:{server.port}/a.png"
    failure = failing(url, private_hosts=hosts, ca_bundle=authority.bundle)

    assert (failure.reason, failure.permanent) == ("tls", False)


def test_a_certificate_of_an_unknown_authority_is_refused(serve, authority):
    server = serve(Visit.read, tls=authority.context_for("127.0.0.1"))

    assert failing(server.url, private_hosts=here(server)).reason == "tls"
