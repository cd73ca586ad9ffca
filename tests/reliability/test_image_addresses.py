"""The hub's record names the addresses of pictures: none of them leads us into our own network."""

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hubportal.generations.models import Generation
from tests import makers
from tests.hub.conftest import Server, answering
from tests.hub.downloading import resolve
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def port() -> Iterator[int]:
    """A port of this machine, at all its addresses, where nobody must call."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as trap:
        yield trap.getsockname()[1]
        trap.settimeout(0)
        with pytest.raises(BlockingIOError):
            trap.accept()


def assert_refused(case: Case, generation: Generation) -> None:
    image = generation.images.get()
    assert image.due_at
    assert timedelta(minutes=59) < image.due_at - timezone.now() < timedelta(minutes=61)
    assert (image.kept_at, image.lease_until) == (None, None)
    case.told(generation)


PRIVATE = {
    "private": "10.0.0.1",
    "another-loopback": "127.0.0.2",
    "link-local": "169.254.169.254",
    "decimal": "2130706433",
    "hexadecimal": "0x7f000001",
    "octal": "0177.0.0.1",
    "short": "127.1",
    "nothing": "0",
    "ipv6": "%5B::1%5D",
    "ipv6-private": "%5Bfd00::1%5D",
    "ipv6-link-local": "%5Bfe80::1%5D",
    "ipv4-in-ipv6": "%5B::ffff:127.0.0.1%5D",
    "ipv4-translated": "%5B64:ff9b::7f00:1%5D",
}


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_not_visited(case: Case, port: int, host: str) -> None:
    generation = case.make(f"[imageat http://{PRIVATE[host]}:{port}/a.png]")

    assert_refused(case, generation)


@pytest.mark.parametrize("host", ["private", "link-local", "decimal", "ipv6"])
def test_a_redirect_to_a_private_address_is_not_followed(case: Case, port: int, host: str) -> None:
    generation = case.make(f"[imagevia http://{PRIVATE[host]}:{port}/a.png]")

    assert_refused(case, generation)


@pytest.mark.parametrize("addresses", [["8.8.8.8", "127.0.0.1"], ["127.0.0.1"], ["::1"]], ids=["both", "ipv4", "ipv6"])
def test_a_name_with_a_private_address_is_not_visited(
    case: Case, port: int, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    resolve(monkeypatch, pictures_test=[addresses])

    generation = case.make(f"[imageat http://pictures.test:{port}/a.png]")

    assert_refused(case, generation)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://pictures.test/a.png", "/images/a b.png", "javascript:1"]
)
def test_an_address_that_is_none_is_no_picture(case: Case, address: str) -> None:
    generation = case.make(f"[imageat {address}]")

    assert not generation.images.exists()
    case.told(generation)


def test_an_address_without_a_host_is_the_hubs_own(case: Case) -> None:
    generation = case.make("[imagepath]")

    assert generation.images.get().url.startswith(f"{case.url}/images/")
    case.told(generation)


def test_a_private_host_that_the_operator_names_is_visited(
    case: Case, settings: Any, serve: Callable[..., Server]
) -> None:
    pictures = serve(answering(200, makers.picture_bytes(), Content_Type="image/png"))
    generation = case.make(f"[imageat http://localhost:{pictures.port}/a.png]")
    before = (generation.images.get().problem, pictures.connections)
    settings.HUB_IMAGE_HOSTS = frozenset({"localhost"})

    case.keep(generation.images.get())

    assert before == ("refused-address", 0)
    case.told(generation)
