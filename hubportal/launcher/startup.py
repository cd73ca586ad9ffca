"""`bin/run`: one site on one data folder, from the first check to Ctrl-C."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Never

from hubportal.launcher.messages import Refusal, say
from hubportal.launcher.ports import answers, free_port, numeric, refuse_if_taken
from hubportal.launcher.site_defaults import ROOT, Place, address, settle, settle_sandbox
from hubportal.launcher.supervisor import Family

PARTING = 10.0  # seconds that the parts of a launcher that was killed may take to end


def run_site() -> Never:
    """Ends only by Stopped, or by a Refusal that says why."""
    place = settle()
    os.chdir(ROOT)
    # What the parts print is passed on line by line, so it may not wait in their buffers.
    os.environ["PYTHONUNBUFFERED"] = "1"
    with _alone_on(place) as lock:
        refuse_if_taken(place.host, place.port)
        family = Family(lock)
        try:
            for line in _start(family, place):
                say(line)
            family.watch()
        finally:
            family.end()


def _start(family: Family, place: Place) -> list[str]:
    """Start every part, each when what it needs is there; gives what the person should know."""
    if place.sandboxed:
        settle_sandbox(place, free_port(place.port % 65535 + 1))
        family.start("sandbox", *_sandbox(place), aloud=False, serves=True)
    ways_in = family.finish(family.start("preparation", *_preparation(place), aloud=False))
    for part in family.parts:
        part.aloud = True
    web = family.start("web", *_granian(place))
    family.wait_until(lambda: answers(place.reachable, place.port), web)
    family.start("worker", sys.executable, "manage.py", "dj_queue", "--mode", "async")
    return [f"Hubportal is at {os.environ['SITE_URL']}", *ways_in, _about_the_hub(place), "Ctrl-C stops everything."]


def _sandbox(place: Place) -> tuple[str, ...]:
    port = os.environ["HUB_BASE_URL"].rpartition(":")[2]
    return (sys.executable, "-m", "hubportal.sandbox", "--port", port, "--data", str(place.sandbox))


def _preparation(place: Place) -> tuple[str, ...]:
    demo = (str(place.demo_password),) if place.sandboxed else ()
    return (sys.executable, "-m", "hubportal.launcher.prepare", *demo)


def _granian(place: Place) -> tuple[str, ...]:
    where = ("--interface", "wsgi", "--host", numeric(place.host), "--port", str(place.port), "--http", "1", "--no-ws")
    # A thread for each upload or slow reader there is at once: more than there are processors, which granian warns of.
    threads = os.environ.get("GRANIAN_BLOCKING_THREADS") or "32"
    size = ("--workers", "1", "--blocking-threads", threads, "--workers-kill-timeout", "5", "--log-level", "error")
    return (sys.executable, "-m", "granian", *where, *size, "hubportal.wsgi:application")


def _about_the_hub(place: Place) -> str:
    hub = os.environ["HUB_BASE_URL"]
    if place.sandboxed:
        return f"It talks to a sandbox hub at {hub}: pictures and credits are made up. HUB_BASE_URL names the real one."
    return f"It talks to the hub at {hub}: what you make there costs its credits."


@contextmanager
def _alone_on(place: Place) -> Iterator[int]:
    """Hold the data folder for this launcher and, through the descriptor it gives, for its watchdog."""
    with (place.data / "run.lock").open("a+") as lock:
        deadline = time.monotonic() + PARTING
        while not _locked(lock.fileno()):
            lock.seek(0)
            owner, _, at = lock.read().partition(" ")
            if not _ended(owner) or time.monotonic() > deadline:
                raise Refusal(
                    f"Hubportal is already running on {place.data}, at {at}: stop that one first, or name another data"
                    " folder in HUBPORTAL_DATA."
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(f"{os.getpid()} {address(place.reachable, place.port)}")
        lock.flush()
        yield lock.fileno()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ended(owner: str) -> bool:
    """Whether the launcher with this process id is gone, so that only its watchdog still holds the lock."""
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return True
    except (ValueError, PermissionError):
        return False
    return False
