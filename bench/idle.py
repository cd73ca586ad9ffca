"""What a site costs while nobody uses it, how soon it begins when somebody does, and how soon it is there at all.

All of it is asked from outside: commands, addresses, rows and /proc. So the same can be asked of another checkout
beside this one (`--against PATH`), with the same hub, one after the other.
"""

import argparse
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.browser import Browser
from bench.environment import ROOT, BenchEnvironment
from bench.process import Process, cpu_seconds, proportional_bytes, running
from bench.report import Line, quantile
from bench.site import MODEL, OWNER, PASSWORD, part_processes, sandbox_process, wait_for
from hubportal.launcher.ports import answers

PACE = 1.0  # seconds that the hub takes for a picture
ORDERS = 15
BETWEEN_ORDERS = 1.5  # seconds
STARTS = 5
SETTLE = 15.0  # seconds after a start in which what it still does isn't counted
IDLE = 60.0  # seconds; what recurs every minute is in it once
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout with a site of its own: where its code is, its database, and the variables of its processes."""

    root: Path
    port: int
    database: str
    variables: Mapping[str, str]
    output: Path

    @property
    def python(self) -> str:
        """Its own environment where it has one, otherwise ours."""
        own = self.root / ".venv/bin/python"
        return str(own) if own.exists() else sys.executable

    def manage(self, *arguments: str, typed: str = "") -> None:
        command = [self.python, "-m", "hubportal.launcher", "manage", *arguments]
        subprocess.run(  # noqa: S603 - a command of ours
            command, cwd=self.root, env=self.variables, input=typed, text=True, check=True, capture_output=True
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if self.database.startswith("sqlite"):
            with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"))) as connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def started(self) -> Iterator[Process]:
        """The launcher of its site, which answers."""
        # -P: not the package of where we are.
        command = [self.python, "-P", "-m", "hubportal.launcher", "run"]
        with running(Process(command, env=self.variables, output=self.output), grace=20) as launcher:
            wait_for(lambda: answers("127.0.0.1", self.port), "the site", every=0.005)
            yield launcher

    @contextmanager
    def site(self) -> Iterator[list[int]]:
        """Web and worker as bin/run starts them; gives their process ids."""
        with self.started() as launcher:
            wait_for(lambda: part_processes(launcher.pid, "dj_queue"), "the worker")
            yield [pid for name in ("granian", "dj_queue") for pid in part_processes(launcher.pid, name)]


@dataclass(frozen=True, slots=True)
class Measured:
    """start, to_hub, to_kept: seconds, medians; cpu: seconds in each second, memory: bytes, of web and worker."""

    start: float
    to_hub: float
    to_kept: float
    cpu: float
    memory: int


def run(env: BenchEnvironment, options: argparse.Namespace) -> list[Line]:
    with sandbox_process(env, PACE) as secret:
        ours = _measure(_checkout(env, ROOT), env, secret)
        other = _measure(_checkout(env, options.against.resolve()), env, secret) if options.against else None
    return _lines(ours, other, is_sqlite=env.database.startswith("sqlite"))


def _checkout(env: BenchEnvironment, root: Path) -> Checkout:
    if root == ROOT:
        return Checkout(root, env.port, env.database, env.variables, env.output)
    data, port, database = env.data / "other", env.spare_port, env.second_database()
    data.mkdir()
    own = {
        "HUBPORTAL_DATA": str(data),
        "DATABASE_URL": database,
        "PORT": str(port),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "PYTHONPATH": str(root),
    }
    return Checkout(root, port, database, {**env.variables, **own}, env.output)


def _measure(checkout: Checkout, env: BenchEnvironment, secret: str) -> Measured:
    checkout.manage("migrate", "--verbosity=0")
    checkout.manage("create_team", "Bench", "--owner", OWNER, "--password-stdin", typed=f"{PASSWORD}\n")
    checkout.manage("add_key", "bench", "--label", "Bench", typed=f"{secret}\n")
    with checkout.site():
        _order(checkout)
    to_hub, to_kept = _read_times(checkout, env.hub_data / "sandbox.sqlite3")
    starts = [_start(checkout) for _ in range(STARTS)]
    with checkout.site() as pids:
        time.sleep(SETTLE)
        before = sum(map(cpu_seconds, pids))
        time.sleep(IDLE)
        cpu = (sum(map(cpu_seconds, pids)) - before) / IDLE
        memory = sum(map(proportional_bytes, pids))
    return Measured(quantile(starts, 0.5), quantile(to_hub, 0.5), quantile(to_kept, 0.5), cpu, memory)


def _order(checkout: Checkout) -> None:
    """Order pictures one by one from a site that has nothing else to do."""
    browser = Browser(checkout.port)
    browser.sign_in(OWNER, PASSWORD)
    kept = "SELECT count(*) FROM generations_image WHERE kept_at IS NOT NULL"
    for number in range(ORDERS):
        fields = {"prompt": f"A harbour at dusk, number {number}", "model": MODEL, "size": "1024x1024"}
        fields |= {"quality": "auto", "n": "1", "visibility": "team", "token": str(uuid.uuid4())}
        browser.post("/t/bench/generations/", fields, 200, htmx=True)
        wait_for(lambda done=number + 1: checkout.rows(kept)[0][0] == done, "the picture", every=0.2)  # type: ignore[misc]
        time.sleep(BETWEEN_ORDERS)


def _read_times(checkout: Checkout, hub: Path) -> tuple[list[float], list[float]]:
    """Seconds from when each order was saved to when the hub accepted it, and to when its picture was kept."""
    ordered = checkout.rows(
        "SELECT g.hub_id, g.created_at, i.kept_at FROM generations_generation g"
        " JOIN generations_image i ON i.generation_id = g.id"
    )
    with closing(sqlite3.connect(hub)) as connection:
        accepted = dict(connection.execute("SELECT id, accepted_at FROM generations").fetchall())
    saved = {hub_id: _epoch(created_at) for hub_id, created_at, _kept_at in ordered}
    to_kept = [_epoch(kept_at) - saved[hub_id] for hub_id, _created_at, kept_at in ordered]
    return [accepted[hub_id] - moment for hub_id, moment in saved.items()], to_kept


def _epoch(moment: datetime | str) -> float:
    """Seconds since 1970; SQLite keeps UTC as text."""
    return (datetime.fromisoformat(moment).replace(tzinfo=UTC) if isinstance(moment, str) else moment).timestamp()


def _start(checkout: Checkout) -> float:
    """Seconds from the command to the first answer."""
    began = time.monotonic()
    with checkout.started():
        return time.monotonic() - began


def _lines(ours: Measured, other: Measured | None, *, is_sqlite: bool) -> list[Line]:
    cpu, memory = (other.cpu, other.memory) if other else (1.0, 100 * MB)
    beside = "against the other checkout" if other else "in each second"
    lines = [
        Line("idle.cpu", ours.cpu, cpu, "s", (1 / 8 if is_sqlite else 1 / 20) if other else None, f"CPU, {beside}"),
        Line("idle.memory", ours.memory / MB, memory / MB, "MB", 0.75 if other else None, "PSS of web and worker"),
        Line("idle.order-to-hub", ours.to_hub, 0.05, "s", 1.0, "from the saved order to the hub's record"),
        Line("idle.order-to-kept", ours.to_kept, 1.3, "s", 1.0, "to the stored picture, the hub taking one second"),
        Line("idle.start", ours.start, 1.2, "s", 1.0, "of a site that was started before, to the first answer"),
    ]
    if other:
        lines += [
            Line("idle.order-to-hub*", ours.to_hub, other.to_hub, "s", None, beside),
            Line("idle.order-to-kept*", ours.to_kept, other.to_kept, "s", None, beside),
            Line("idle.start*", ours.start, other.start, "s", None, beside),
        ]
    return lines
