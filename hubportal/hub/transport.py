"""The wire to the hub, built so that "nothing of this request was sent" is a fact and not a guess.

The exceptions of requests and urllib3 don't tell it: over TLS a handshake that times out is a ReadTimeout,
one that is cut off is a "connection aborted", and an SSLError may come long after the request left. So our
connections connect before the first byte and never again during a request. HubUnreachable is raised by
`connect` and by nothing else; whatever is raised later may have been sent.
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

# Seconds a hub may take nothing of what we send, and seconds the sending may take altogether: 800 MB of
# references through a slow line are legitimate, a worker held for ever is not.
STALLED_AFTER: Final = 60.0
SENT_WITHIN: Final = 900.0


class PunctualResponse(http.client.HTTPResponse):
    """A response that must be here, headers and body, within the timeout its socket has when reading begins.

    A socket's own timeout starts anew with every byte, so a server that drips could hold a worker for days.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_PunctualReader(sock, self.fp.detach()))


class _PunctualReader(io.RawIOBase):
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
    """A connection that separates connecting (HubUnreachable) from sending (anything else)."""

    # http.client would connect again by itself in the middle of a request whose socket is gone.
    auto_open: ClassVar[int] = 0  # type: ignore[misc]
    response_class: ClassVar[type[PunctualResponse]] = PunctualResponse  # type: ignore[misc]
    _sent_by = 0.0

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, ValueError, HTTPError) as error:
            problem = _unreachable(error)
        else:
            return
        self.close()
        raise problem

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        self._sent_by = time.monotonic() + SENT_WITHIN
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(max(min(STALLED_AFTER, self._sent_by - time.monotonic()), 0.001))
        super().send(data)


class HubTLSConnection(HubConnection, HTTPSConnection):
    """The same over TLS: certificate and host name are checked within `connect`."""


def _unreachable(error: Exception) -> HubUnreachable:
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
    """requests' adapter over our connections, used without a Session: nothing then follows redirects, keeps
    cookies (which would carry one team's visit into another's), or reads proxies and passwords from the
    environment.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HubPool, "https": _HubTLSPool}


@functools.cache
def shared_adapter() -> HubAdapter:
    """The process's kept-alive connections, for looking only; urllib3's pools are safe among threads."""
    return HubAdapter(pool_maxsize=32)


# A child process that went on with its parent's sockets could read the parent's answers.
os.register_at_fork(after_in_child=shared_adapter.cache_clear)


def innermost(error: BaseException) -> BaseException:
    """What really happened: urllib3 and requests wrap one exception in the arguments of another."""
    inside = (getattr(error, "reason", None), *error.args)
    wrapped = next((item for item in inside if isinstance(item, Exception)), None)
    return innermost(wrapped) if wrapped else error


def describe(error: BaseException) -> str:
    """The innermost cause in a few words, for logs: by name, and in the system's own words if it is the system's.

    Other exceptions quote what the other side sent, and that may be our own headers.
    """
    cause = innermost(error)
    words = f": {cause}" if isinstance(cause, OSError | NewConnectionError) else ""
    return f"{type(cause).__name__}{words}"[:200]
