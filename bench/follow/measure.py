"""The measurement: what the hub saw, held against what was due."""

import argparse
import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.environment import Place
from bench.follow.evidence import Followed, Window, followed
from bench.follow.population import births, seed_hub, seed_site
from bench.process import Process, core_seconds, cpu_seconds, running
from bench.report import Line, share
from bench.site import found, wait_for, worker
from hubportal.launcher.ports import answers

SETTLING = 15.0  # seconds in which the worker starts and catches up
WINDOW = 75.0  # seconds that count
NEWS = 15.0  # seconds after that in which news of what ended in the window may come; none counts as this late
YOUNG = 60.0  # seconds
LATE = 2.0  # due intervals
SEED = 3


@dataclass(frozen=True, slots=True)
class Passed:
    """The time that counts, and the shares of the worker's core that it and all others took in it."""

    window: Window
    worker: float
    others: float


def run(place: Place, _: argparse.Namespace) -> list[Line]:
    chance, looks = random.Random(SEED), place.data / "looks"  # noqa: S311 - no secret is drawn from it
    ours, hubs = _two_cores()
    secret, seeded = seed_hub(place.hub_data)
    os.sched_setaffinity(0, hubs)
    with running(_hub(place, looks, hubs)):
        wait_for(lambda: answers("127.0.0.1", place.hub_port), "the sandbox")
        cast = found(secret)
        began = time.time()
        seed_site(cast, seeded, chance)
        with running(worker(place, ours)) as process, births(cast, chance):
            passed = _wait(process.pid, min(ours))
            time.sleep(NEWS)
        return _lines(followed(place.hub_data, looks, began), passed)


def _two_cores() -> tuple[set[int], set[int]]:
    """One core for the worker, another, where there is one, for the hub and for us."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[0]}, {cores[-1]}


def _hub(place: Place, looks: Path, cores: set[int]) -> Process:
    command = [sys.executable, "-m", "bench.follow.hub", str(place.hub_data), str(place.hub_port), str(looks)]
    return Process(command, env=place.environment, output=place.output, cores=cores)


def _wait(pid: int, core: int) -> Passed:
    """Let the time pass that counts."""
    time.sleep(SETTLING)
    begin, worker_before, core_before = time.time(), cpu_seconds(pid), core_seconds(core)
    time.sleep(WINDOW)
    taken = cpu_seconds(pid) - worker_before
    others = core_seconds(core) - core_before - taken
    return Passed(Window(begin, time.time()), taken / WINDOW, max(others, 0.0) / WINDOW)


def _lines(population: list[Followed], passed: Passed) -> list[Line]:
    window = passed.window
    waits = [wait for one in population for wait in one.waits(window)]
    news = [one.news(NEWS) for one in population if one.ended_in(window) and one.life < YOUNG]
    running_then = sum(one.ran_at(window.end) for one in population)
    late = sum(wait > LATE for wait in waits)
    return [
        Line("follow.latest-look", max(waits), 1.0, "due", LATE, f"the latest of {len(waits)} looks; {late} over"),
        Line("follow.usual-look", share(waits, 0.5), 1.0, "due", None, f"the median; {running_then} running"),
        Line("follow.news", share(news, 0.5), 3.0, "s", 1.0, f"the median of {len(news)} that ended before a minute"),
        Line("follow.core", passed.worker, 1.0, "s", None, "CPU of the worker, in each second"),
        Line("follow.others", passed.others, 1.0, "s", None, "what other processes took of its core meanwhile"),
    ]
