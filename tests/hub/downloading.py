"""What the download tests share."""

import io
import socket

import pytest

from hubportal.hub.download import fetch_image
from hubportal.hub.public_hosts import RequestFailed
from tests.hub.conftest import Server


def here(server: Server) -> frozenset[str]:
    return frozenset({f"127.0.0.1:{server.port}"})


def failing(url: str, **options) -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        fetch_image(url, io.BytesIO(), **({"connect_timeout": 2, "deadline": 5} | options))
    return caught.value


def assert_refused(failure: RequestFailed) -> None:
    assert (failure.reason, failure.permanent) == ("refused-address", True)


def resolve(monkeypatch, **names: list[list[str]]) -> list[str]:
    """Let `pictures_test=[[...], [...]]` resolve to each list of addresses in turn. Returns the names asked for."""
    real, asked = socket.getaddrinfo, []

    def fake(host, port, *args, **more):
        name = host.replace(".", "_")
        if name not in names:
            return real(host, port, *args, **more)
        asked.append(host)
        answers = names[name]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for address in addresses for entry in real(address, port, *args, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    return asked
