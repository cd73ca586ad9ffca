"""Servers that stand in the hub's place and aren't it."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

PROXY_PAGE = b"<html><h1>502 Bad Gateway</h1></html>"


class _ProxyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(502)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PROXY_PAGE)))
        self.end_headers()
        self.wfile.write(PROXY_PAGE)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def hub_answers_html(settings: Any) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _ProxyPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.HUB_BASE_URL = f"http://127.0.0.1:{server.server_port}"
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def hub_is_silent(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It takes the connection and never answers; a person waits a quarter of a second for it."""
    monkeypatch.setattr("hubportal.keys.clients.INTERACTIVE_TIMEOUT", 0.25)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.HUB_BASE_URL = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield


@pytest.fixture
def hub_is_down(settings: Any) -> None:
    settings.HUB_BASE_URL = "http://127.0.0.1:9"


@pytest.fixture
def make_hub(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`make_hub("down" | "silent" | "html")`, to choose among them by parameter."""
    names = {"down": "hub_is_down", "silent": "hub_is_silent", "html": "hub_answers_html"}
    return lambda kind: request.getfixturevalue(names[kind])
