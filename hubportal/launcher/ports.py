"""Which ports are free, and whether anybody answers there."""

import errno
import socket

from hubportal.launcher.messages import StartupError


def require_free_port(host: str, port: int) -> None:
    """Raises StartupError, in words for the person who chose host and port, when nobody could listen there."""
    try:
        _listen(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            # Python adds in parentheses where it tried.
            reason = (error.strerror or str(error)).partition(" (")[0]
            raise StartupError(
                f"The site can't listen on {host}, port {port} ({reason}): choose others with HOST and PORT."
            ) from None
        other = 8080 if port != 8080 else 8090
        raise StartupError(
            f"Port {port} is already taken: stop what uses it, or choose another: PORT={other} bin/run"
        ) from None


def resolve_host(host: str) -> str:
    """The IP address of a host: granian takes no names."""
    return host if ":" in host else socket.gethostbyname(host)


def free_port(wanted: int) -> int:
    """A port of this machine's loopback: `wanted` if it is free."""
    try:
        return _listen("127.0.0.1", wanted)
    except OSError:
        return _listen("127.0.0.1", 0)


def answers(host: str, port: int) -> bool:
    """Whether somebody there speaks HTTP, whatever they say."""
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


def _listen(host: str, port: int) -> int:
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=kind) as server:
        found: int = server.getsockname()[1]
    return found
