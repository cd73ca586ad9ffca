"""A package index behind a certificate of a company's own: it passes on what this machine's index answers.

As a proxy that signs all connections looks from inside: only who has the company's authority in its list can fetch.
"""

import base64
import datetime
import re
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
LINK = re.compile(r'href="(https?://[^"#]+)/([^/"#]+)')


@contextmanager
def company_index(folder: Path) -> Iterator[tuple[str, Path]]:
    """Its address, for pip and uv, and the certificate of its authority."""
    authority = _make_certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    server = _Server(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://localhost:{server.server_port}/simple", authority
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Whoever does not trust us hangs up, which one of the cases is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        kind, _, rest = self.path.lstrip("/").partition("/")
        if kind == "simple":
            page = _fetch(f"{_upstream()}/{rest}", "text/html")
            page = page and LINK.sub(_through_here, page.decode()).encode()
            self._answer(page, "text/html")
        else:
            place, _, name = rest.partition("/")
            folder = base64.urlsafe_b64decode(unquote(place)).decode()
            self._answer(_fetch(f"{folder}/{name}", "*/*"), "application/octet-stream")

    def _answer(self, body: bytes | None, kind: str) -> None:
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body or b"")

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None: ...


def _through_here(link: re.Match[str]) -> str:
    return f'href="/files/{base64.urlsafe_b64encode(link[1].encode()).decode()}/{link[2]}'


@cache
def _upstream() -> str:
    """The index that pip uses on this machine: the one it was told of, or its own."""
    code = (
        "from pip._internal.commands import create_command as c;"
        "print(c('download').parser.get_default_values().index_url)"
    )
    # uv makes environments without pip; the Python below has one.
    command = [str(Path(sys.base_prefix) / "bin" / "python3"), "-c", code]
    return subprocess.check_output(command, text=True).strip().rstrip("/")


def _fetch(url: str, kind: str) -> bytes | None:
    request = urllib.request.Request(url, headers={"Accept": kind, "User-Agent": "hubportal-fresh"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            body: bytes = answer.read()
    except HTTPError:
        return None
    return body


def _make_certificates(folder: Path) -> Path:
    """authority.crt, and server.pem with the key and the certificate of localhost."""
    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    company, localhost = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in ("A company", "localhost"))
    made = []
    for name, key, is_authority in ((company, keys[0], True), (localhost, keys[1], False)):
        builder = x509.CertificateBuilder().issuer_name(company).subject_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - DAY).not_valid_after(now + 30 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = builder if is_authority else builder.add_extension(names, critical=False)
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "authority.crt").write_bytes(made[0])
    (folder / "server.pem").write_bytes(private + made[1])
    return folder / "authority.crt"
