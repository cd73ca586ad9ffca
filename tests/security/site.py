"""The site under production settings, in the very server that serves it, and requests to it byte by byte."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup

from hubportal.launcher.site_defaults import SiteConfig
from hubportal.launcher.startup import web_command
from tests.commands.launched import dying_with_us, free_port, processes
from tests.migrated import start_migrated

ROOT = Path(__file__).resolve().parents[2]
NAME = "hubportal.example"
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "hubportal.settings",
    "SECRET_KEY": "for-tests-only-" + "x" * 40,
    "KEYRING": "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "SITE_URL": f"https://{NAME}",
    "TRUSTED_PROXIES": "127.0.0.1",
    "HUB_BASE_URL": "http://127.0.0.1:9",
    "EMAIL_URL": "dummymail://",
    "LOG_LEVEL": "WARNING",
}
EMAIL, PASSWORD = "anna@example.org", "a quiet harbour at dusk"


class Answer:
    """What came back, headers in lower case; of one that is set twice both values."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.body = status, body
        self.headers: dict[str, str] = {}
        self.cookies = [value for name, value in headers if name.lower() == "set-cookie"]
        for name, value in headers:
            self.headers[name.lower()] = ", ".join(filter(None, (self.headers.get(name.lower()), value)))

    @property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.body, "html.parser")

    @property
    def words(self) -> str:
        return " ".join(self.page.get_text().split())


class Site:
    def __init__(self, data: Path, **settings: str) -> None:
        passed_on = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self.environment = passed_on | SETTINGS | {"HUBPORTAL_DATA": str(data)} | settings
        self.data, self.port = data, free_port()

    def manage(self, *arguments: str, said: str = "", check: bool = True) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(
            command, input=said, env=self.environment, capture_output=True, text=True, timeout=120, check=check
        )

    def prepare(self) -> None:
        """Make the tables, and a team, studio-north, owned by EMAIL."""
        if "DATABASE_URL" not in self.environment:
            start_migrated(self.data)
        self.manage("migrate", "--verbosity=0")
        self.manage("create_team", "Studio North", "--owner", EMAIL, "--password-stdin", said=f"{PASSWORD}\n")

    @contextmanager
    def running(self) -> Iterator["Site"]:
        """Served as bin/run serves it."""
        command = dying_with_us(*web_command(SiteConfig(self.data, "127.0.0.1", self.port, sandboxed=False)))
        with (self.data / "server.log").open("w") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        self.pid = server.pid
        try:
            self._wait()
            yield self
        finally:
            server.terminate()
            server.wait(20)

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError):
                if self.ask("/healthz").status == 200:
                    return
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    @property
    def log(self) -> str:
        return (self.data / "server.log").read_text()

    @property
    def most_memory(self) -> int:
        """Bytes that the serving process ever had at once."""
        (worker,) = (pid for pid, parent in processes().items() if parent == self.pid)
        status = Path(f"/proc/{worker}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def ask(self, path: str, method: str = "GET", *, body: bytes | None = None, **headers: str) -> Answer:
        """Through a proxy that speaks https, unless a header says something else."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        given = {"Host": NAME, "X-Forwarded-Proto": "https"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        read = Answer(answer.status, answer.getheaders(), answer.read())
        connection.close()
        return read

    def raw(self, said: bytes, wait: float = 10.0) -> Answer:
        """Just these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            connection.sendall(said)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return Answer(answer.status, answer.getheaders(), answer.read())


class Visitor:
    """A browser's cookies, and the form's token that they go with."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self._keep(self.site.ask(path, Cookie=self.cookie, **headers))

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Answer:
        token = self.cookies.get("__Host-csrf") or self._fetch_token()
        body = urlencode({"csrfmiddlewaretoken": token, **(fields or {})}).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}"}
        return self._keep(self.site.ask(path, "POST", body=body, **{"Cookie": self.cookie, **form, **headers}))

    def sign_in(self) -> "Visitor":
        assert self.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}).status == 302
        return self

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _fetch_token(self) -> str:
        self.get("/accounts/login/")
        return self.cookies["__Host-csrf"]

    def _keep(self, answer: Answer) -> Answer:
        for said in answer.cookies:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(said).items()}
        return answer
