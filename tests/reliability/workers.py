"""Web and worker as processes on the test's database and files, to be ended in any way."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from bench.process import Process
from hubportal.launcher import startup
from hubportal.launcher.ports import answers
from hubportal.launcher.site_defaults import SiteConfig
from tests.reliability.case import Case

ROOT = Path(__file__).parents[2]
# The site's settings with shorter leases and beats (docs/speed.md, The crash test).
HASTY = "bench.crash.settings"
PATIENCE = 40.0  # seconds


def environment_of(case: Case) -> Mapping[str, str]:
    """The same database, pictures and hub as the test has."""
    data = Path(settings.MEDIA_ROOT).parent
    own = {
        "DJANGO_SETTINGS_MODULE": HASTY,
        "HUBPORTAL_DATA": str(data),
        "DATABASE_URL": _database(),
        "HUB_BASE_URL": case.url,
        "SITE_URL": "http://127.0.0.1",
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "ERROR",
    }
    return os.environ | own


def _database() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["HUBPORTAL_TEST_DATABASE_URL"].replace("/postgres?", f"/{name}?")


@contextmanager
def process(case: Case, *command: str) -> Iterator[Process]:
    """`python COMMAND` until the block ends, if it does not end before."""
    environment = environment_of(case)
    output = Path(environment["HUBPORTAL_DATA"]) / "output"
    begun = Process([sys.executable, *command], env=environment, output=output)
    try:
        yield begun
    finally:
        begun.kill()


def worker(case: Case) -> AbstractContextManager[Process]:
    """A worker, as bin/run starts it."""
    return process(case, str(ROOT / "manage.py"), "dj_queue", "--mode", "async")


@contextmanager
def web(case: Case, port: int) -> Iterator[Process]:
    """The web process, as bin/run starts it, once it answers."""
    _python, *command = startup.web_command(
        SiteConfig(Path(settings.MEDIA_ROOT).parent, "127.0.0.1", port, sandboxed=False)
    )
    with process(case, *command) as begun:
        wait_until(lambda: answers("127.0.0.1", port))
        yield begun


def wait_until(so: Callable[[], object], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < until, f"waited {seconds:.0f} s in vain"
        time.sleep(0.02)
