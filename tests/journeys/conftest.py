"""A whole site of processes, as `bin/run` starts it, and a browser in front of it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "a quiet harbour at dusk"
QUIET = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"


def free_ports(count: int) -> int:
    """The first of so many neighbouring ports that are free."""
    while True:
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
        if all(_is_free(port + offset) for offset in range(count)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@dataclass(frozen=True)
class Site:
    """A running site: its address, the sandbox's, and its command line."""

    url: str
    sandbox_url: str
    environment: dict[str, str]

    def manage(self, *arguments: str, typed: str = "") -> str:
        """Run a management command as `bin/manage` does; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "hubportal.launcher", "manage", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def new_team(self, name: str, owner: str) -> str:
        """A team of its own for one journey; its owner signs in with PASSWORD. Gives the slug."""
        return self.manage("create_team", name, "--owner", owner, "--password-stdin", typed=PASSWORD).split()[-1]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data, port = tmp_path_factory.mktemp("site"), free_ports(2)
    unset = (
        "DATABASE_URL",
        "HUB_BASE_URL",
        "HUB_SANDBOX",
        "SITE_URL",
        "SECRET_KEY",
        "KEYRING",
        "EMAIL_URL",
        "ALLOWED_HOSTS",
    )
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"HUBPORTAL_DATA": str(data), "PORT": str(port), "DJANGO_SETTINGS_MODULE": "hubportal.settings"}
    with open(data / "output", "w") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "hubportal.launcher", "run"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", running, data / "output")
        yield Site(f"http://127.0.0.1:{port}", _sandbox_url(data), environment)
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=20)


def _wait_for(url: str, running: subprocess.Popen[bytes], output: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and running.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the site did not start:\n{output.read_text()}")


def _sandbox_url(data: Path) -> str:
    return (data / "sandbox" / "address").read_text().strip()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {
        "executable_path": "/usr/bin/chromium",
        "args": [*QUIET.split(), "--no-first-run"],
    }


@pytest.fixture
def problems() -> list[str]:
    """What the browser complained of: errors of scripts, refused resources."""
    return []


@pytest.fixture
def open_browser(browser: Browser, site: Site, problems: list[str]) -> Iterator[Callable[..., Page]]:
    """`open_browser(java_script_enabled=False, viewport=…)`: a fresh browser at the site's address."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": site.url} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()
