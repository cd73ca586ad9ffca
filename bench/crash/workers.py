"""The workers, and what befalls them: kill -9, or SIGTERM and a new one beside it, as at a deployment."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from random import Random

from bench.environment import Place
from bench.process import Process
from bench.site import Cast, submit, worker

POLITE = 0.2  # of all ends
PATIENCE = 15.0  # seconds in which one that was asked to end must be gone
BY_ITSELF = "by itself"


class Crew:
    """So many workers at a time; each that ends is followed by another at once."""

    # Seconds. A worker needs about one before it does anything; ends before and after that are both wanted.
    between = (0.3, 3.5)

    def __init__(self, place: Place, size: int, chance: Random) -> None:
        self._place, self._chance = place, chance
        self._at_work = [worker(place) for _ in range(size)]
        self._leaving: list[tuple[Process, float]] = []
        self.ends: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.what = f"{size} worker(s) at a time"

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as stack:
            for process in (*self._at_work, *(process for process, _ in self._leaving)):
                stack.callback(process.kill)

    def asker(self, cast: Cast) -> Callable[[str, int], object]:
        """How work is asked for: straight from the records."""
        return partial(submit, cast)

    def strike(self) -> None:
        """End one of them, any way, and start another."""
        at = self._chance.randrange(len(self._at_work))
        process = self._at_work[at]
        if not process.is_alive:
            self.ends[BY_ITSELF] += 1
        elif self._chance.random() < POLITE:
            self.ends["SIGTERM"] += 1
            process.terminate()
            self._leaving.append((process, time.monotonic() + PATIENCE))
        else:
            self.ends["kill -9"] += 1
            process.kill()
        self._at_work[at] = worker(self._place)

    @property
    def problems(self) -> list[str]:
        """What workers did of their own accord, and should not have."""
        alone = self.ends[BY_ITSELF] + sum(not process.is_alive for process in self._at_work)
        stay = sum(process.is_alive and time.monotonic() > until for process, until in self._leaving)
        told = {"ended by themselves": alone, f"were still there {PATIENCE:.0f} s after SIGTERM": stay}
        return [f"{count} workers {what}" for what, count in told.items() if count]
