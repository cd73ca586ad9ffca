"""A site to measure: its database, a team with a key to the sandbox, and its processes as `bin/run` starts them."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connections

from bench.environment import ROOT, BenchEnvironment
from bench.process import Process, command_line, descendants, running
from hubportal.accounts.account_creation import take_in
from hubportal.accounts.models import User
from hubportal.generations.models import Generation
from hubportal.generations.tasks import send
from hubportal.hub.client import GenerationParameters
from hubportal.hub.records import Balance
from hubportal.keys.models import Key
from hubportal.launcher.ports import answers
from hubportal.sandbox.hub import SandboxState, new_secret
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team

OWNER, PASSWORD = "owner@example.org", "a quiet harbour at dusk"
CREDITS = 10_000_000
MODEL = "gpt-image-2"


class WaitTimeout(Exception):
    """What was waited for did not happen in time."""


@dataclass(frozen=True, slots=True)
class BenchTeam:
    """A team, its owner, and its key with plenty of credits."""

    team: Team
    owner: User
    key: Key


def create_team(secret: str) -> BenchTeam:
    """Create the tables, and a team with this key."""
    call_command("migrate", verbosity=0, interactive=False)
    owner, _ = take_in(OWNER, PASSWORD)
    team = Team.objects.start("Bench", owner)
    balance = Balance(CREDITS, "PRO", None)
    return BenchTeam(team, owner, Key.objects.add(team, label="Bench", secret=secret, added_by=owner, balance=balance))


@contextmanager
def sandbox(env: BenchEnvironment, pace: float) -> Iterator[tuple[RunningSandbox, str]]:
    """A sandbox hub in this process, and a key to it."""
    hub = RunningSandbox.start(env.hub_data, port=env.hub_port, pace=pace)
    try:
        yield hub, hub.hub.new_key(credits=CREDITS)
    finally:
        hub.stop()


@contextmanager
def sandbox_process(env: BenchEnvironment, pace: float) -> Iterator[str]:
    """A sandbox hub in a process of its own, so that its painting is not in the way of our clock; gives a key to it."""
    secret = new_secret()
    state = SandboxState.open(env.hub_data, pace)
    state.accounts.add_key(secret, owner="bench", credits=CREDITS)
    state.database.close()
    where = ("--data", str(env.hub_data), "--port", str(env.hub_port), "--pace", str(pace))
    command = [sys.executable, "-m", "hubportal.sandbox", *where]
    with running(Process(command, env=env.variables, output=env.output)):
        wait_for(lambda: answers("127.0.0.1", env.hub_port), "the sandbox")
        yield secret


def submit(bench_team: BenchTeam, prompt: str, n: int = 1, *, size: str = "256x256") -> Generation:
    """Ask for pictures as the web does: the record first, then a nudge for the worker."""
    parameters = GenerationParameters(MODEL, prompt, size, n=n)
    generation, _ = Generation.objects.create_waiting(
        bench_team.team, bench_team.owner, parameters, visibility="team", price=8 * n
    )
    send.enqueue()
    return generation


def start_worker(env: BenchEnvironment, cores: set[int] | None = None) -> Process:
    """One worker process, as bin/run starts it; the caller ends it."""
    command = [sys.executable, str(ROOT / "manage.py"), "dj_queue", "--mode", "async"]
    return Process(command, env=env.variables, output=env.output, cores=cores)


@dataclass(frozen=True, slots=True)
class WholeSite:
    """The process ids of what `bin/run` started."""

    web: list[int]
    worker: list[int]

    @property
    def web_command(self) -> list[str]:
        return command_line(self.web[0])


def start_launcher(env: BenchEnvironment) -> Process:
    """What `bin/run` becomes; told of a hub, it starts web and worker. The caller ends it."""
    return Process([sys.executable, "-m", "hubportal.launcher", "run"], env=env.variables, output=env.output)


@contextmanager
def whole_site(env: BenchEnvironment) -> Iterator[WholeSite]:
    """All that `bin/run` starts when it is told of a hub: web and worker."""
    with running(start_launcher(env), grace=20) as begun:
        wait_for(lambda: answers("127.0.0.1", env.port), "the site")
        wait_for(lambda: part_processes(begun.pid, "dj_queue"), "the worker")
        yield WholeSite(web=part_processes(begun.pid, "granian"), worker=part_processes(begun.pid, "dj_queue"))


def part_processes(launcher: int, word: str) -> list[int]:
    """Those below the launcher with this word in their command line, and what they have started."""
    begun = [pid for pid in descendants(launcher) if word in command_line(pid)]
    return begun + [pid for parent in begun for pid in descendants(parent) if pid not in begun]


def wait_for(done: Callable[[], object], what: str, seconds: float = 60.0, every: float = 0.1) -> None:
    """Raises WaitTimeout when it isn't so within so many seconds."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise WaitTimeout(f"Waited {seconds:.0f} s in vain for {what}.")
        time.sleep(every)


def close_connections() -> None:
    """At the end of a thread that asked the database."""
    connections.close_all()
