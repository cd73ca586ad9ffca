"""A server on loopback that does to a connection whatever a test says, and TLS for it from an authority of ours."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PICTURE = b"\x89PNG" + bytes(200_000)


@dataclass
class Visit:
    """One connection to the server: what has been read from it, and ways to answer, well or badly."""

    sock: socket.socket
    closing: threading.Event
    method: str = ""
    path: str = ""
    headers: Message = field(default_factory=Message)
    body: bytes = b""

    def read_head(self) -> bool:
        """Read a request's head; False when the other side has gone."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (byte := self.sock.recv(1)):
                return False
            head += byte
        first, _, rest = head.partition(b"\r\n")
        self.method, self.path, _ = first.decode().split(" ", 2)
        self.headers = BytesParser().parsebytes(rest)
        return True

    def read(self) -> bool:
        """Read a whole request; False when the other side has gone."""
        if not self.read_head():
            return False
        left = int(self.headers.get("Content-Length", 0))
        pieces = []
        while left and (piece := self.sock.recv(min(left, 65536))):
            pieces.append(piece)
            left -= len(piece)
        self.body = b"".join(pieces)
        return True

    def send(self, status: int, body: bytes = b"", **headers: Any) -> None:
        """Send an answer. `Content_Length=None` leaves a header out."""
        headers = {"Content_Type": "application/json", "Content_Length": len(body)} | headers
        lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items() if value is not None]
        self.sock.sendall(f"HTTP/1.1 {status} Because\r\n{''.join(lines)}\r\n".encode() + body)

    def reset(self) -> None:
        """Break the connection off with a TCP reset instead of an orderly end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def reset_unread(self) -> None:
        """The same as soon as something has come, so that it can't hit the other side while it still connects."""
        socket.socket.recv(self.sock, 1, socket.MSG_PEEK)
        self.reset()

    def hang(self) -> None:
        """Do nothing until the test is over."""
        self.closing.wait(20)


Behaviour = Callable[[Visit], object]


class Server:
    """Lets each connection be served by `behaviour`, in a thread of its own, and remembers the requests."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.behaviour = behaviour
        self.tls = tls
        self.connections = 0
        self.visits: list[Visit] = []
        self.accepted = threading.Event()
        self.closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()
            self.accepted.set()

    def _serve(self, sock: socket.socket) -> None:
        # What goes wrong here is what the test is about: the client's end tells.
        with suppress(OSError, ValueError), sock:
            sock.settimeout(20)
            served = self.tls.wrap_socket(sock, server_side=True) if self.tls else sock
            with served:
                visit = Visit(served, self.closing)
                self.visits.append(visit)
                self.behaviour(visit)

    @property
    def visit(self) -> Visit:
        """The only visit there was."""
        (visit,) = self.visits
        return visit

    def finish(self) -> None:
        """Wait until the connections that were made are served to their end."""
        assert self.accepted.wait(60)
        self.closing.set()
        for thread in self._threads[1:]:
            thread.join(5)

    def close(self) -> None:
        self.closing.set()
        for sock in (self._listener, *(visit.sock for visit in self.visits)):
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)


def answering(status: int, payload: Any = None, **headers: Any) -> Behaviour:
    """Read requests and answer each with this, in JSON unless it is bytes, as long as the other side stays."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()

    def behave(visit: Visit) -> None:
        while visit.read():
            visit.send(status, body, **headers)
            if visit.headers.get("Connection") == "close":
                return

    return behave


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """`serve(behaviour, tls=None)`: a running server that is gone when the test is."""
    with ExitStack() as stack:

        def start(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Server:
            server = Server(behaviour, tls)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def pictures(serve: Callable[..., Server]) -> Server:
    """A server that has the picture PICTURE under every path."""
    return serve(answering(200, PICTURE, Content_Type="Image/PNG; charset=binary"))


@dataclass
class Authority:
    """A certificate authority: `bundle` is its own certificate's file."""

    bundle: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    folder: Path

    def context_for(self, *names: str) -> ssl.SSLContext:
        """A server's TLS for these host names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(names[0], key, self.certificate.subject, self.key, names)
        path = self.folder / f"{names[0]}.pem"
        plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(certificate.public_bytes(Encoding.PEM) + key.private_bytes(*plain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed("Test authority", key, None, key, ())
    bundle = folder / "authority.pem"
    bundle.write_bytes(certificate.public_bytes(Encoding.PEM))
    return Authority(str(bundle), key, certificate, folder)


def _usage(*, signs: bool) -> x509.KeyUsage:
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    never = ("crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(digital_signature=True, key_cert_sign=signs, **dict.fromkeys(others + never, False))


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    hosts: tuple[str, ...],
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    public, issuing = key.public_key(), x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(issuer or subject, subject, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_usage(signs=issuer is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(issuing, critical=False)
    )
    if hosts:
        names = [x509.IPAddress(ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
