"""Workers that are ended at random: kill -9, or SIGTERM and a new one beside it, as at a deployment."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from random import Random

from bench.environment import BenchEnvironment
from bench.process import Process
from bench.site import BenchTeam, start_worker, submit

SIGTERM_SHARE = 0.2  # of all ends
STOP_TIMEOUT = 15.0  # seconds in which a worker must be gone after SIGTERM
BY_ITSELF = "by itself"


class WorkerPool:
    """`size` workers at a time; each that ends is replaced at once."""

    # Seconds between two ends. A worker needs about one before it does anything; ends before and after are both wanted.
    seconds_between = (0.3, 3.5)

    def __init__(self, env: BenchEnvironment, size: int, chance: Random) -> None:
        self._env, self._chance = env, chance
        self._workers = [start_worker(env) for _ in range(size)]
        self._stopping: list[tuple[Process, float]] = []
        self.ends: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.what = f"{size} worker(s) at a time"

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as stack:
            for process in (*self._workers, *(process for process, _ in self._stopping)):
                stack.callback(process.kill)

    def make_submit(self, bench_team: BenchTeam) -> Callable[[str, int], object]:
        """Submit by writing the record, without the web."""
        return partial(submit, bench_team)

    def interrupt(self) -> None:
        """End one of them and start another."""
        at = self._chance.randrange(len(self._workers))
        process = self._workers[at]
        if not process.is_alive:
            self.ends[BY_ITSELF] += 1
        elif self._chance.random() < SIGTERM_SHARE:
            self.ends["SIGTERM"] += 1
            process.terminate()
            self._stopping.append((process, time.monotonic() + STOP_TIMEOUT))
        else:
            self.ends["kill -9"] += 1
            process.kill()
        self._workers[at] = start_worker(self._env)

    @property
    def problems(self) -> list[str]:
        """Workers that ended by themselves, or did not end when asked."""
        alone = self.ends[BY_ITSELF] + sum(not process.is_alive for process in self._workers)
        stay = sum(process.is_alive and time.monotonic() > until for process, until in self._stopping)
        counts = {"ended by themselves": alone, f"were still there {STOP_TIMEOUT:.0f} s after SIGTERM": stay}
        return [f"{count} workers {what}" for what, count in counts.items() if count]
