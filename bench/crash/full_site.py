"""The whole site as bin/run starts it, whose processes are killed and whose database restarts."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random

from bench.crash.load import WebUser
from bench.environment import BenchEnvironment
from bench.process import descendants, is_running
from bench.site import BenchTeam, close_connections, part_processes, start_launcher, wait_for
from hubportal.launcher.ports import answers
from tests.postgres import restart

BY_ITSELF = "by itself"
CHILDREN_TIMEOUT = 10.0  # seconds in which the children of a killed launcher must be gone


class FullSite:
    """One launcher and its processes. They are killed in turn, each round in a random order."""

    seconds_between = (0.5, 3.5)  # and however long it takes until the site is up again

    def __init__(self, env: BenchEnvironment, chance: Random) -> None:
        self._env, self._chance = env, chance
        self._left: list[str] = []
        self._orphans: list[tuple[int, float]] = []
        self.ends: Counter[str] = Counter()
        self.what = "the whole site"
        self._user: WebUser | None = None
        self._launcher = start_launcher(env)

    def __enter__(self) -> "FullSite":
        self._wait_until_up()
        return self

    def __exit__(self, *_: object) -> None:
        self._launcher.end(grace=20)

    def make_submit(self, bench_team: BenchTeam) -> Callable[[str, int], object]:
        """Submit through the web, as somebody who does not give up."""
        self._user = WebUser(self._env.port, bench_team)
        return self._user

    @property
    def answers(self) -> Counter[str]:
        return self._user.answers if self._user else Counter()

    def interrupt(self) -> None:
        """End one of them; its supervisor starts it again."""
        if not self._launcher.is_alive:
            self.ends[BY_ITSELF] += 1
            self._launcher = start_launcher(self._env)
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
        if not self._env.database.startswith("sqlite"):
            kinds["database restarted"] = self._restart_database
        return kinds

    def _wait_until_up(self) -> None:
        """Wait for web and worker: only a launcher that has started its site is expected to restart its processes."""
        wait_for(lambda: answers("127.0.0.1", self._env.port), "the site")
        wait_for(lambda: part_processes(self._launcher.pid, "dj_queue"), "the worker")

    def _kill_part(self, word: str) -> None:
        """Kill all processes of a part; they may be gone already, because of the kill before."""
        for pid in part_processes(self._launcher.pid, word):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _kill_launcher(self) -> None:
        """Kill it, leave its children to their watchdog, and start the next launcher at once."""
        until = time.monotonic() + CHILDREN_TIMEOUT
        self._orphans += [(pid, until) for pid in descendants(self._launcher.pid)]
        self._launcher.kill()
        self._launcher = start_launcher(self._env)

    def _restart_database(self) -> None:
        close_connections()
        restart(self._env.database)

    @property
    def problems(self) -> list[str]:
        """Launchers that ended by themselves, children that outlived theirs, and what the user met."""
        alone = self.ends[BY_ITSELF] + (not self._launcher.is_alive)
        stay = sum(is_running(pid) and time.monotonic() > until for pid, until in self._orphans)
        counts = {
            "launchers ended by themselves": alone,
            f"processes outlived their launcher by {CHILDREN_TIMEOUT:.0f} s": stay,
        }
        met = self._user.problems if self._user else []
        return [*met, *(f"{count} {what}" for what, count in counts.items() if count)]
