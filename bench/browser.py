"""An HTTP client that does what a browser does: cookies, a form's CSRF token, multipart bodies with files."""

import http.client
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

BLOCK = 256 * 1024  # bytes
TIMEOUT = 300.0  # seconds


class UnexpectedStatus(Exception):
    """The server responded with another status than expected: `status`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Browser:
    """One kept-alive connection to a server of this machine, and its cookies."""

    def __init__(self, port: int, cookies: Mapping[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self._origin = f"http://127.0.0.1:{port}"
        self.cookies = dict(cookies or {})

    def get(self, path: str) -> bytes:
        return self._exchange("GET", path, None, {}, 200)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the page, so that the cookies are the server's own."""
        self.get("/accounts/login/")
        form = {"login": email, "password": password, **self._token}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self._exchange("POST", "/accounts/login/", urlencode(form).encode(), kind, 302)

    def post(self, path: str, fields: Mapping[str, str], expected: int, *, htmx: bool = False) -> float:
        """Send a form. Returns the seconds from the first byte sent to the last byte received."""
        return self.upload(path, fields, [], expected, htmx=htmx)

    def upload(
        self, path: str, fields: Mapping[str, str], files: Iterable[Path], expected: int, *, htmx: bool = False
    ) -> float:
        """Send a form with files in its field `references`, read while they are sent; otherwise like `post`."""
        body = Form({**fields, **self._token}, list(files))
        headers = {"Content-Type": body.content_type, "Content-Length": str(body.length)}
        headers |= {"HX-Request": "true"} if htmx else {}
        began = time.perf_counter()
        self._exchange("POST", path, body if body.files else b"".join(body), headers, expected)
        return time.perf_counter() - began

    @property
    def _token(self) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self.cookies.get("csrf") or self.cookies["csrftoken"]}

    def _exchange(
        self, method: str, path: str, body: "Form | bytes | None", headers: dict[str, str], expected: int
    ) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._connection.request(method, path, body, {"Cookie": cookies, "Origin": self._origin, **headers})
        response = self._connection.getresponse()
        content = response.read()
        for line in response.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if response.status != expected:
            shown = content[:2000].decode(errors="replace")
            raise UnexpectedStatus(response.status, f"{method} {path}: {response.status}, not {expected}\n{shown}")
        return content


class Form:
    """A multipart/form-data body (RFC 7578) that holds one block of a file in memory."""

    def __init__(self, fields: Mapping[str, str], files: list[Path]) -> None:
        self.files = files
        self._boundary = uuid.uuid4().hex
        head = f"--{self._boundary}\r\nContent-Disposition: form-data; name="
        self._fields = "".join(f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()).encode()
        self._heads = [f'{head}"references"; filename="{file.name}"\r\n\r\n'.encode() for file in files]
        self._end = f"--{self._boundary}--\r\n".encode()

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self._boundary}"

    @property
    def length(self) -> int:
        """In bytes."""
        files = sum(len(head) + file.stat().st_size + 2 for head, file in zip(self._heads, self.files, strict=True))
        return len(self._fields) + files + len(self._end)

    def __iter__(self) -> Iterator[bytes]:
        yield self._fields
        for head, path in zip(self._heads, self.files, strict=True):
            yield head
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    yield block
            yield b"\r\n"
        yield self._end
