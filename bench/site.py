"""A site in its place: its database, a team with a key to the sandbox, and its processes as `bin/run` starts them."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connections

from bench.environment import ROOT, Place
from bench.process import Process, command_line, descendants, running
from hubportal.accounts.account_creation import take_in
from hubportal.accounts.models import User
from hubportal.generations.models import Generation, Order
from hubportal.generations.tasks import send
from hubportal.hub.records import Balance
from hubportal.keys.models import Key
from hubportal.launcher.ports import answers
from hubportal.sandbox.parts import Parts
from hubportal.sandbox.ready_keys import new_secret
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team

OWNER, PASSWORD = "owner@example.org", "a quiet harbour at dusk"
CREDITS = 10_000_000
MODEL = "gpt-image-2"


class TooLate(Exception):
    """What was waited for did not come."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who spends: a team, its owner, and its key with plenty of credits."""

    team: Team
    owner: User
    key: Key


def found(secret: str) -> Cast:
    """Make the tables, and the cast with this key."""
    call_command("migrate", verbosity=0, interactive=False)
    owner, _ = take_in(OWNER, PASSWORD)
    team = Team.objects.start("Bench", owner)
    balance = Balance(CREDITS, "PRO", None)
    key = Key.objects.create_checked(team, label="Bench", secret=secret, added_by=owner, balance=balance)
    return Cast(team, owner, key)


@contextmanager
def sandbox(place: Place, pace: float) -> Iterator[tuple[RunningSandbox, str]]:
    """A sandbox hub in this process, and a key to it."""
    hub = RunningSandbox.start(place.hub_data, port=place.hub_port, pace=pace)
    try:
        yield hub, hub.hub.new_key(credits=CREDITS)
    finally:
        hub.stop()


@contextmanager
def sandbox_apart(place: Place, pace: float) -> Iterator[str]:
    """A sandbox hub in a process of its own, so that its painting is not in the way of our clock; gives a key to it."""
    secret = new_secret()
    parts = Parts.open(place.hub_data, pace)
    parts.accounts.add_key(secret, owner="bench", credits=CREDITS)
    parts.database.close()
    where = ("--data", str(place.hub_data), "--port", str(place.hub_port), "--pace", str(pace))
    command = [sys.executable, "-m", "hubportal.sandbox", *where]
    with running(Process(command, env=place.environment, output=place.output)):
        wait_for(lambda: answers("127.0.0.1", place.hub_port), "the sandbox")
        yield secret


def submit(cast: Cast, prompt: str, n: int = 1, *, size: str = "256x256") -> Generation:
    """Ask for pictures as the web does: the record first, then a nudge for the worker."""
    order = Order(prompt=prompt, model=MODEL, size=size, n=n, credits=8 * n)
    generation, _ = Generation.objects.submit(cast.team, cast.owner, order)
    send.enqueue()
    return generation


def worker(place: Place, cores: set[int] | None = None) -> Process:
    """One worker process, as bin/run starts it; the caller ends it."""
    command = [sys.executable, str(ROOT / "manage.py"), "dj_queue", "--mode", "async"]
    return Process(command, env=place.environment, output=place.output, cores=cores)


@dataclass(frozen=True, slots=True)
class WholeSite:
    """The process ids of what `bin/run` started."""

    web: list[int]
    worker: list[int]

    @property
    def web_command(self) -> list[str]:
        return command_line(self.web[0])


def launcher(place: Place) -> Process:
    """What `bin/run` becomes; told of a hub, it starts web and worker. The caller ends it."""
    return Process([sys.executable, "-m", "hubportal.launcher", "run"], env=place.environment, output=place.output)


@contextmanager
def whole_site(place: Place) -> Iterator[WholeSite]:
    """All that `bin/run` starts when it is told of a hub: web and worker."""
    with running(launcher(place), grace=20) as begun:
        wait_for(lambda: answers("127.0.0.1", place.port), "the site")
        wait_for(lambda: parts_of(begun.pid, "dj_queue"), "the worker")
        yield WholeSite(web=parts_of(begun.pid, "granian"), worker=parts_of(begun.pid, "dj_queue"))


def parts_of(launcher: int, word: str) -> list[int]:
    """Those below the launcher with this word in their command line, and what they have started."""
    begun = [pid for pid in descendants(launcher) if word in command_line(pid)]
    return begun + [pid for parent in begun for pid in descendants(parent) if pid not in begun]


def wait_for(done: Callable[[], object], what: str, seconds: float = 60.0, every: float = 0.1) -> None:
    """Raises TooLate when it isn't so within so many seconds."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise TooLate(f"Waited {seconds:.0f} s in vain for {what}.")
        time.sleep(every)


def close_connections() -> None:
    """At the end of a thread that asked the database."""
    connections.close_all()
