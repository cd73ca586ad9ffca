"""A whole site of processes, as `bin/run` starts it, and a browser in front of it."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hubportal.sandbox.hub import SandboxState
from tests.browser import EXPECT_TIMEOUT, launch_options
from tests.commands.launched import dying_with_us, environment, free_port
from tests.makers import picture_bytes
from tests.migrated import start_migrated

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "a quiet harbour at dusk"


@dataclass(frozen=True)
class Site:
    """A running site: its address, the sandbox's, and its command line."""

    url: str
    sandbox_url: str
    environment: dict[str, str]
    desk: subprocess.Popen[str]

    def manage(self, *arguments: str, typed: str = "") -> str:
        """Run a management command as `bin/manage` does; gives what it printed."""
        assert self.desk.stdin
        assert self.desk.stdout
        self.desk.stdin.write(json.dumps([arguments, typed]) + "\n")
        self.desk.stdin.flush()
        status, said = json.loads(self.desk.stdout.readline())
        assert status == 0, said
        return str(said)

    def new_team(self, name: str, owner: str) -> str:
        """A team of its own for one journey; its owner signs in with PASSWORD. Gives the slug."""
        return self.manage("create_team", name, "--owner", owner, "--password-stdin", typed=PASSWORD).split()[-1]

    def finish_painting(self, words: str) -> None:
        """The hub finishes now what it was told to paint [forever] with these words: no test waits for the clock."""
        hub = SandboxState.open(Path(self.environment["HUBPORTAL_DATA"]) / "sandbox", pace=0)
        for generation in hub.generations.running():
            if words in generation.prompt:
                image = f"img_{generation.id}"
                hub.runner.image_path(image).write_bytes(picture_bytes(size=(generation.width, generation.height)))
                hub.generations.finish(generation, [image], None)
        hub.database.close()


expect.set_options(timeout=EXPECT_TIMEOUT)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data, port = tmp_path_factory.mktemp("site"), free_port()
    own = {"HUBPORTAL_DATA": str(data), "PORT": str(port), "DJANGO_SETTINGS_MODULE": "hubportal.settings"}
    start_migrated(data)
    with _launched(own, data / "output") as running:
        _wait_for(f"http://127.0.0.1:{port}/readyz", running, data / "output")
        with _desk(environment(**own)) as desk:
            yield Site(f"http://127.0.0.1:{port}", _sandbox_url(data), environment(**own), desk)


@contextmanager
def _launched(own: dict[str, str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """bin/run's launcher, which ends with this process in any case; its parts have a watchdog that minds it."""
    command = dying_with_us(sys.executable, "-m", "hubportal.launcher", "run")
    with output.open("w") as said:
        running = subprocess.Popen(command, cwd=ROOT, env=environment(**own), stdout=said, stderr=said)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(timeout=20)
        finally:
            running.kill()


@contextmanager
def _desk(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """It ends when nobody can give it orders any more."""
    command = [sys.executable, "-m", "tests.journeys.desk"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as desk:
        yield desk


def _wait_for(url: str, running: subprocess.Popen[bytes], output: Path) -> None:
    until = time.monotonic() + 60
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
    return browser_type_launch_args | launch_options()


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
        page.set_default_timeout(EXPECT_TIMEOUT)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()


def signed_in(page: Page, email: str) -> Page:
    """The create page of somebody who signs in with PASSWORD."""
    page.goto("/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("#prompt-form")).to_be_visible()
    return page
