"""Connections to the hub that tell for certain whether anything of a request was sent.

The exceptions of requests and urllib3 don't: over TLS a handshake that times out is a ReadTimeout, one that is cut
off is a "connection aborted", and an SSLError may come long after the request left. So our connections connect
before the first byte and never again during a request. HubUnreachable is raised by `connect` and by nothing else;
after any other exception something may have been sent.
"""

import functools
import http.client
import io
import os
import socket
import ssl
import time
from typing import Any, ClassVar, Final

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util.ssl_match_hostname import CertificateError

from hubportal.hub.errors import HubUnreachable

# Seconds in which the other side must accept some of what we send, and seconds for sending all of it: 800 MB of
# references over a slow line are legitimate, a worker blocked for ever is not.
SEND_STALL_TIMEOUT: Final = 60.0
SEND_TIMEOUT: Final = 900.0
MAX_IDLE_CONNECTIONS: Final = 32


class DeadlineResponse(http.client.HTTPResponse):
    """A response with one deadline for headers and body: the timeout its socket has when reading begins.

    A socket's own timeout starts anew with every byte, so a slow server could block a worker for days.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_DeadlineReader(sock, self.fp.detach()))


class _DeadlineReader(io.RawIOBase):
    """Reads a socket's stream and raises TimeoutError once the deadline has passed."""

    def __init__(self, sock: socket.socket, stream: Any) -> None:
        self._socket = sock
        self._stream = stream
        self._deadline = time.monotonic() + (sock.gettimeout() or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._socket.settimeout(left)
        read: int | None = self._stream.readinto(buffer)
        return read

    def close(self) -> None:
        self._stream.close()
        super().close()


class HubConnection(HTTPConnection):
    """A connection whose `connect` raises HubUnreachable, and that never connects again during a request."""

    # With auto_open http.client connects again by itself in the middle of a request whose socket is gone.
    auto_open: ClassVar[int] = 0  # type: ignore[misc]
    response_class: ClassVar[type[DeadlineResponse]] = DeadlineResponse  # type: ignore[misc]
    _send_deadline = 0.0

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, ValueError, HTTPError) as error:
            problem = _as_unreachable(error)
        else:
            return
        self.close()
        raise problem

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        self._send_deadline = time.monotonic() + SEND_TIMEOUT
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(max(min(SEND_STALL_TIMEOUT, self._send_deadline - time.monotonic()), 0.001))
        super().send(data)


class HubTLSConnection(HubConnection, HTTPSConnection):
    """The same over TLS: certificate and host name are checked within `connect`."""


def _as_unreachable(error: Exception) -> HubUnreachable:
    code = "unreachable"
    if isinstance(error, TimeoutError | ConnectTimeoutError) and not isinstance(error, NewConnectionError):
        code = "timeout"
    elif isinstance(error, ssl.SSLError | CertificateError | ConnectionError):
        code = "tls"
    return HubUnreachable(code, detail=describe(error))


class _HubPool(HTTPConnectionPool):
    ConnectionCls = HubConnection


class _HubTLSPool(HTTPSConnectionPool):
    ConnectionCls = HubTLSConnection


class HubAdapter(HTTPAdapter):
    """requests' adapter with our connections, used without a Session.

    A Session would follow redirects, keep cookies (from one team's requests to another's), and read proxies and
    passwords from the environment.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HubPool, "https": _HubTLSPool}


@functools.cache
def shared_adapter() -> HubAdapter:
    """The process's pool of kept-alive connections, for GET only; urllib3's pools are thread-safe."""
    return HubAdapter(pool_maxsize=MAX_IDLE_CONNECTIONS)


# A child process that used its parent's sockets could read the parent's answers.
os.register_at_fork(after_in_child=shared_adapter.cache_clear)


def root_cause(error: BaseException) -> BaseException:
    """The exception inside: urllib3 and requests wrap one in the arguments of another."""
    candidates = (getattr(error, "reason", None), *error.args)
    wrapped = next((item for item in candidates if isinstance(item, Exception)), None)
    return root_cause(wrapped) if wrapped else error


def describe(error: BaseException) -> str:
    """The root cause in at most 200 characters, for logs: its class, and the message of an operating system error.

    The messages of other exceptions quote what the other side sent, which may be our own headers.
    """
    cause = root_cause(error)
    message = f": {cause}" if isinstance(cause, OSError | NewConnectionError) else ""
    return f"{type(cause).__name__}{message}"[:200]
