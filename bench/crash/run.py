"""`bin/bench --crash`: so many kills at random times, then time to finish, then the comparison."""

import argparse
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from random import Random

from dj_queue.models import FailedExecution

from bench.crash.collect import collect_hub_records, collect_our_records
from bench.crash.compare import compare
from bench.crash.full_site import FullSite
from bench.crash.load import Load
from bench.crash.workers import WorkerPool
from bench.environment import BenchEnvironment
from bench.report import Line, print_line
from bench.site import create_team, sandbox
from hubportal.generations.models import Generation, Image, State
from hubportal.generations.states import MOVING

PACE = 0.5  # seconds a generation takes
# Seconds without any change after which nothing more will change: the longest delay here, after a 503, is 30 seconds.
IDLE_TIMEOUT = 90.0
MAX_PRINTED_PROBLEMS = 20


def run(env: BenchEnvironment, options: argparse.Namespace) -> list[Line]:
    seed = options.seed or secrets.randbelow(10**6)
    chance = Random(seed)  # noqa: S311 - no secret is drawn from it
    with sandbox(env, PACE) as (running, secret):
        bench_team = create_team(secret)
        with _make_target(env, options, chance) as target:
            ask = target.make_submit(bench_team)
            with Load(ask, options.rate, Random(seed)) as load:  # noqa: S311 - the same
                for _ in range(options.crash):
                    time.sleep(chance.uniform(*target.seconds_between))
                    target.interrupt()
            _wait_until_finished()
            problems = [
                *target.problems,
                *compare(load.marks, collect_our_records(), collect_hub_records(running.hub, secret)),
            ]
    _print_report(options, seed, target, problems)
    if problems:
        print_line(f"The end of what the processes printed:\n{env.last_output}")
    about = f"of {len(load.marks)} generations: stuck, lost, sent twice, or another sum than the hub's"
    return [Line("crash.problems", len(problems), 1.0, "", 0.0, about)]


def _make_target(env: BenchEnvironment, options: argparse.Namespace, chance: Random) -> WorkerPool | FullSite:
    return FullSite(env, chance) if options.target == "site" else WorkerPool(env, options.workers, chance)


def _wait_until_finished() -> None:
    """Wait until nothing is left to do, or nothing has changed for so long that it never will."""
    unfinished, since = _unfinished(), time.monotonic()
    while any(unfinished):
        time.sleep(0.5)
        before, unfinished = unfinished, _unfinished()
        since = time.monotonic() if unfinished != before else since
        if time.monotonic() - since > IDLE_TIMEOUT:
            print_line(f"Nothing has changed for {IDLE_TIMEOUT:.0f} s.")
            return


def _unfinished() -> tuple[list[object], ...]:
    """What is still unfinished, and how far each is."""
    moving = Generation.objects.filter(state__in=MOVING).order_by("pk").values_list("pk", "version")
    missing = Image.objects.filter(kept_at=None, due_at__isnull=False).order_by("pk").values_list("pk", "tries")
    return list(moving), list(missing)


def _print_report(options: argparse.Namespace, seed: int, target: WorkerPool | FullSite, problems: list[str]) -> None:
    print_line(f"{options.database}, {target.what}, --seed {seed}")
    print_line(f"ends:    {_count(target.ends)}")
    if target.answers:
        print_line(f"answers: {_count(target.answers)}")
    print_line(f"records: {_count(Generation.objects.values_list('state', flat=True))}")
    print_line(
        f"unknown: {_count(Generation.objects.filter(state=State.UNKNOWN).values_list('error_code', flat=True))}"
    )
    print_line(f"tasks that raised: {_count(_task_errors())}")
    for problem in problems[:MAX_PRINTED_PROBLEMS]:
        print_line(f"  {problem}")


def _count(what: Iterable[str] | Mapping[str, int]) -> str:
    """How many there are of each, the most frequent first."""
    return ", ".join(f"{count} {name}" for name, count in Counter(what).most_common()) or "none"


def _task_errors() -> Iterator[str]:
    """Exceptions that ended a task, without those of the engine for a worker's own end."""
    for error in FailedExecution.objects.values_list("exception_class", flat=True):
        if not error.startswith("dj_queue."):
            yield error
