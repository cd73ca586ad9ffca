"""The measurement: when the hub was polled, against when that was due."""

import argparse
import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.environment import BenchEnvironment
from bench.follow.population import add_generations, seed_hub, seed_site
from bench.follow.results import PolledGeneration, Window, read_results
from bench.process import Process, core_seconds, cpu_seconds, running
from bench.report import Line, quantile
from bench.site import create_team, start_worker, wait_for
from hubportal.launcher.ports import answers

WARM_UP = 15.0  # seconds in which the worker starts and catches up
WINDOW = 75.0  # seconds that count
NEWS = 15.0  # seconds after that in which news of what ended in the window may come; none counts as this late
YOUNG = 60.0  # seconds
LATE = 2.0  # due intervals
SEED = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """The time that counts, and the shares of the worker's core that it and all others took in it."""

    window: Window
    worker: float
    others: float


def run(env: BenchEnvironment, _: argparse.Namespace) -> list[Line]:
    chance, looks = random.Random(SEED), env.data / "looks"  # noqa: S311 - no secret is drawn from it
    ours, hubs = _two_cores()
    secret, seeded = seed_hub(env.hub_data)
    os.sched_setaffinity(0, hubs)
    with running(_hub(env, looks, hubs)):
        wait_for(lambda: answers("127.0.0.1", env.hub_port), "the sandbox")
        bench_team = create_team(secret)
        began = time.time()
        seed_site(bench_team, seeded, chance)
        with running(start_worker(env, ours)) as process, add_generations(bench_team, chance):
            measured = _wait(process.pid, min(ours))
            time.sleep(NEWS)
        return _lines(read_results(env.hub_data, looks, began), measured)


def _two_cores() -> tuple[set[int], set[int]]:
    """One core for the worker, another, where there is one, for the hub and for us."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[0]}, {cores[-1]}


def _hub(env: BenchEnvironment, looks: Path, cores: set[int]) -> Process:
    command = [sys.executable, "-m", "bench.follow.recording_hub", str(env.hub_data), str(env.hub_port), str(looks)]
    return Process(command, env=env.variables, output=env.output, cores=cores)


def _wait(pid: int, core: int) -> Measured:
    """Wait for the warm-up, then measure for the time that counts."""
    time.sleep(WARM_UP)
    begin, worker_before, core_before = time.time(), cpu_seconds(pid), core_seconds(core)
    time.sleep(WINDOW)
    taken = cpu_seconds(pid) - worker_before
    others = core_seconds(core) - core_before - taken
    return Measured(Window(begin, time.time()), taken / WINDOW, max(others, 0.0) / WINDOW)


def _lines(population: list[PolledGeneration], measured: Measured) -> list[Line]:
    window = measured.window
    waits = [wait for one in population for wait in one.waits(window)]
    news = [one.news(NEWS) for one in population if one.ended_in(window) and one.life < YOUNG]
    running_then = sum(one.ran_at(window.end) for one in population)
    late = sum(wait > LATE for wait in waits)
    return [
        Line("follow.latest-look", max(waits), 1.0, "due", LATE, f"the latest of {len(waits)} looks; {late} over"),
        Line("follow.usual-look", quantile(waits, 0.5), 1.0, "due", None, f"the median; {running_then} running"),
        Line(
            "follow.news", quantile(news, 0.5), 3.0, "s", 1.0, f"the median of {len(news)} that ended before a minute"
        ),
        Line("follow.core", measured.worker, 1.0, "s", None, "CPU of the worker, in each second"),
        Line("follow.others", measured.others, 1.0, "s", None, "what other processes took of its core meanwhile"),
    ]
