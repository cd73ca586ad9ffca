"""The whole site as bin/run starts it, and what befalls it: its parts are killed, its database restarts."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random

from bench.crash.person import Person
from bench.environment import Place
from bench.process import descendants, lives
from bench.site import Cast, close_connections, launcher, parts_of, wait_for
from hubportal.launcher.ports import answers
from tests.postgres import restart

BY_ITSELF = "by itself"
GONE = 10.0  # seconds in which the parts of a launcher that was killed must be gone


class House:
    """One launcher and its parts. They are struck in turn, each round in an order of its own."""

    between = (0.5, 3.5)  # seconds, and however long it takes until all of it is up again

    def __init__(self, place: Place, chance: Random) -> None:
        self._place, self._chance = place, chance
        self._left: list[str] = []
        self._orphans: list[tuple[int, float]] = []
        self.ends: Counter[str] = Counter()
        self.what = "the whole site"
        self._person: Person | None = None
        self._launcher = launcher(place)

    def __enter__(self) -> "House":
        self._wait_until_up()
        return self

    def __exit__(self, *_: object) -> None:
        self._launcher.end(grace=20)

    def asker(self, cast: Cast) -> Callable[[str, int], object]:
        """How work is asked for: through the web, by somebody who does not give up."""
        self._person = Person(self._place.port, cast)
        return self._person

    @property
    def answers(self) -> Counter[str]:
        return self._person.answers if self._person else Counter()

    def strike(self) -> None:
        """Let one of them end; whoever minds it starts it again."""
        if not self._launcher.is_alive:
            self.ends[BY_ITSELF] += 1
            self._launcher = launcher(self._place)
        self._wait_until_up()
        kinds = self._kinds()
        self._left = self._left or self._chance.sample(list(kinds), len(kinds))
        what = self._left.pop()
        kinds[what]()
        self.ends[what] += 1

    def _kinds(self) -> dict[str, Callable[[], None]]:
        kinds: dict[str, Callable[[], None]] = {
            "web killed": lambda: self._kill_part("granian"),
            "worker killed": lambda: self._kill_part("dj_queue"),
            "launcher killed": self._kill_launcher,
        }
        if not self._place.database.startswith("sqlite"):
            kinds["database restarted"] = self._restart_database
        return kinds

    def _wait_until_up(self) -> None:
        """A launcher that can't bring its site up gives up and says why; only one that has is expected to mind it."""
        wait_for(lambda: answers("127.0.0.1", self._place.port), "the site")
        wait_for(lambda: parts_of(self._launcher.pid, "dj_queue"), "the worker")

    def _kill_part(self, word: str) -> None:
        """It may be away already, on account of the last blow."""
        for pid in parts_of(self._launcher.pid, word):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _kill_launcher(self) -> None:
        """Its parts are left to their watchdog, and the next launcher comes at once."""
        until = time.monotonic() + GONE
        self._orphans += [(pid, until) for pid in descendants(self._launcher.pid)]
        self._launcher.kill()
        self._launcher = launcher(self._place)

    def _restart_database(self) -> None:
        close_connections()
        restart(self._place.database)

    @property
    def problems(self) -> list[str]:
        """What the launcher did of its own accord, and what it left behind."""
        alone = self.ends[BY_ITSELF] + (not self._launcher.is_alive)
        stay = sum(lives(pid) and time.monotonic() > until for pid, until in self._orphans)
        told = {"launchers ended by themselves": alone, f"parts outlived their launcher by {GONE:.0f} s": stay}
        heard = self._person.problems if self._person else []
        return [*heard, *(f"{count} {what}" for what, count in told.items() if count)]
