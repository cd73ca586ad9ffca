"""Where a download may go: no private address, in whatever dress, unless its host is named."""

import io
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub import public_hosts
from hubportal.hub.download import fetch_image
from hubportal.hub.public_hosts import is_public
from tests.hub.conftest import PICTURE, Visit, answering
from tests.hub.downloading import assert_refused, failing, here, resolve

PRIVATE = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "2130706433", "0x7f000001"]
PRIVATE += ["0177.0.0.1", "127.1", "LOCALHOST", "0.0.0.0", "0", "[::]", "①②⑦.⓪.⓪.①", "127。0。0。1"]
ELSEWHERE = [
    "169.254.169.254",
    "10.0.0.1",
    "192.168.0.1",
    "172.16.0.1",
    "100.64.0.1",
    "[fe80::1]",
    "[fd00::1]",
    "224.0.0.1",
]


@pytest.mark.parametrize("host", PRIVATE + ELSEWHERE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_private_address_in_any_dress_is_not_visited(pictures, host, scheme):
    assert_refused(failing(f"{scheme}://{host}:{pictures.port}/a.png"))
    assert pictures.connections == 0


def test_a_name_with_a_private_address_is_not_visited(pictures, monkeypatch):
    resolve(monkeypatch, pictures_test=[["127.0.0.1"]])

    assert_refused(failing(f"http://pictures.test:{pictures.port}/a.png"))
    assert pictures.connections == 0


def test_a_name_with_one_private_address_among_public_ones_is_not_visited(pictures, monkeypatch):
    resolve(monkeypatch, pictures_test=[["8.8.8.8", "127.0.0.1"]])

    assert_refused(failing(f"http://pictures.test:{pictures.port}/a.png"))


def test_a_name_is_resolved_once_and_the_address_that_was_judged_is_visited(pictures, monkeypatch):
    monkeypatch.setattr(public_hosts, "is_public", lambda address: address == "127.0.0.2")
    asked = resolve(monkeypatch, pictures_test=[["127.0.0.2"], ["127.0.0.1"]])

    failure = failing(f"http://pictures.test:{pictures.port}/a.png")

    assert (failure.reason, failure.permanent) == ("unreachable", False)
    assert asked == ["pictures.test"]
    assert pictures.connections == 0


def test_the_next_address_is_tried_when_one_does_not_answer(pictures, monkeypatch):
    resolve(monkeypatch, pictures_test=[["127.0.0.2", "127.0.0.1"]])
    url = f"http://pictures.test:{pictures.port}/a.png"

    assert fetch_image(url, io.BytesIO(), private_hosts=frozenset({"pictures.test"})).size == len(PICTURE)
    assert pictures.visit.headers["Host"] == f"pictures.test:{pictures.port}"


@pytest.mark.parametrize("allowed", ["{host}", "{host}:{port}"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_private_host_that_is_named_is_visited(pictures, host, allowed):
    hosts = frozenset({allowed.format(host=host, port=pictures.port)})

    assert fetch_image(f"http://{host}:{pictures.port}/a", io.BytesIO(), private_hosts=hosts).size == len(PICTURE)


@pytest.mark.parametrize("allowed", ["127.0.0.1:1", "localhost", "127.0.0.2", "", "127.0.0", "http://127.0.0.1"])
def test_naming_one_private_host_or_port_allows_no_other(pictures, allowed):
    assert_refused(failing(f"{pictures.url}/a.png", private_hosts=frozenset({allowed})))


def test_a_named_host_is_allowed_under_that_name_only(pictures):
    assert_refused(failing(f"http://2130706433:{pictures.port}/a.png", private_hosts=here(pictures)))


@pytest.mark.parametrize("allowed", ["::1", "[::1]", "[::1]:{port}"])
def test_a_named_ipv6_host_is_visited(allowed):
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 on loopback")
    with listener:
        port = listener.getsockname()[1]
        hosts = frozenset({allowed.format(port=port)})

        failure = failing(f"http://[::1]:{port}/a", private_hosts=hosts, deadline=0.1)

        assert failure.reason == "timeout"  # it was visited, and says nothing
        listener.accept()[0].close()


@pytest.mark.parametrize(
    "url",
    [
        "http://anna@{at}/a.png",
        "http://anna:secret@{at}/",
        "ftp://{at}/a.png",
        "file:///etc/passwd",
        "//{at}/a.png",
        "{at}/a.png",
        "",
        "http://",
        "http:///a.png",
        "http://{at}\\@evil.example/",
        "data:image/png,x",
        "http://{at}/a.png\r\nX-Other: 1",
        "http://{at}:99999/",
        "http://[::1",
        " ",
        "http://[v1.x]/",
        "gopher://{at}/",
        "http://{at}/" + "a" * 5000,
        "http://evil.example:x@{at}/",
    ],
)
def test_an_address_that_is_not_plainly_of_the_web_is_refused(pictures, url):
    assert_refused(failing(url.format(at=f"127.0.0.1:{pictures.port}"), private_hosts=here(pictures)))
    assert pictures.connections == 0


@given(st.text() | st.text().map("http://{}".format) | st.text().map("https://127.0.0.1:{}".format))
def test_no_address_is_too_strange_to_be_judged(url):
    def no_network(*_args, **_more):
        raise OSError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", no_network)
        assert failing(url).reason in ("refused-address", "unreachable")


def test_the_environments_proxy_is_not_used(pictures, monkeypatch, closed_port):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")

    assert fetch_image(f"{pictures.url}/a", io.BytesIO(), private_hosts=here(pictures)).size == len(PICTURE)


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/b.png", "b.png", "{url}/b.png", "//127.0.0.1:{port}/b.png"])
def test_a_redirect_is_followed_to_the_picture(serve, status, location):
    def behave(visit: Visit) -> None:
        visit.read()
        if visit.path == "/b.png":
            visit.send(200, PICTURE)
        else:
            visit.send(status, b"look there", Location=location.format(url=server.url, port=server.port))

    server = serve(behave)
    into = io.BytesIO()

    fetch_image(f"{server.url}/a.png", into, private_hosts=here(server))

    assert into.getvalue() == PICTURE


@pytest.mark.parametrize("host", PRIVATE)
def test_a_redirect_to_a_private_address_is_not_followed(serve, pictures, host):
    server = serve(answering(302, b"", Location=f"http://{host}:{pictures.port}/a.png".encode().decode("latin-1")))

    assert_refused(failing(f"{server.url}/a.png", private_hosts=here(server)))
    assert pictures.connections == 0


@pytest.mark.parametrize(
    "location", ["http://[", "http://a:b@127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1:99999/"]
)
def test_a_redirect_to_nowhere_good_is_refused(serve, location):
    server = serve(answering(302, b"", Location=location))

    assert_refused(failing(f"{server.url}/a.png", private_hosts=here(server)))


@pytest.mark.parametrize(("hops", "arrives"), [(3, True), (4, False)])
def test_three_redirects_are_followed_and_no_more(serve, hops, arrives):
    def behave(visit: Visit) -> None:
        visit.read()
        at = int(visit.path.strip("/"))
        visit.send(200, PICTURE) if at == hops else visit.send(302, Location=f"/{at + 1}")

    server = serve(behave)

    if arrives:
        assert fetch_image(f"{server.url}/0", io.BytesIO(), private_hosts=here(server)).size == len(PICTURE)
    else:
        failure = failing(f"{server.url}/0", private_hosts=here(server))
        assert (failure.reason, failure.permanent) == ("redirects", False)


# Which IP addresses are public.


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_a_public_address_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "239.1.2.3",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001::1",
        "5f00::1",
        "",
        "localhost",
        "8.8.8",
        "8.8.8.8.8",
        "08.8.8.8",
        "2130706433",
    ],
)
def test_anything_else_is_not(address):
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_no_disguise_makes_a_private_address_public(address):
    for disguise in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(disguise) == is_public(str(address))
    assert not is_public(f"::{address}")
