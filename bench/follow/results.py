"""What happened to each generation: from the hub's records, its record of polls, and ours."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from hubportal.generations.models import Generation, State
from hubportal.generations.timing import poll_interval

_HUBS = (
    "SELECT g.id, g.accepted_at, (SELECT min(created_at) FROM images WHERE generation_id = g.id) FROM generations AS g"
)


@dataclass(frozen=True, slots=True)
class Window:
    """The time that counts, in seconds since 1970."""

    begin: float
    end: float

    def holds(self, moment: float) -> bool:
        return self.begin <= moment < self.end


@dataclass(frozen=True, slots=True)
class PolledGeneration:
    """One generation: times in seconds since 1970. `seen` begins with the time from which it was polled."""

    accepted_at: float
    ended_at: float | None
    known_at: float | None
    seen: list[float]

    @property
    def life(self) -> float:
        """Seconds that the hub took for it."""
        return (self.ended_at or float("inf")) - self.accepted_at

    def ran_at(self, moment: float) -> bool:
        return self.accepted_at <= moment < (self.ended_at or moment + 1)

    def ended_in(self, window: Window) -> bool:
        return self.ended_at is not None and window.holds(self.ended_at)

    def news(self, never: float) -> float:
        """Seconds from its end at the hub to `succeeded` in our record."""
        return min(self.known_at - (self.ended_at or 0.0), never) if self.known_at else never

    def waits(self, window: Window) -> Iterator[float]:
        """Each wait for a poll that ended in the window, and one that lasted beyond it, in due intervals."""
        open_end = [] if self.ended_at and self.seen[-1] > self.ended_at else [window.end]
        for last, this in pairwise([*(moment for moment in self.seen if moment < window.end), *open_end]):
            if window.begin <= this <= window.end:
                age = timedelta(seconds=last - self.accepted_at)
                yield (this - last) / poll_interval(age).total_seconds()


def read_results(hub_data: Path, looks: Path, began: float) -> list[PolledGeneration]:
    """All generations, polled since the time `began`."""
    seen, known = _looks(looks), _known()
    with closing(sqlite3.connect(f"file:{hub_data / 'sandbox.sqlite3'}?mode=ro", uri=True)) as hub:
        return [
            PolledGeneration(accepted_at, ended_at, known.get(hub_id), [max(accepted_at, began), *seen[hub_id]])
            for hub_id, accepted_at, ended_at in hub.execute(_HUBS)
        ]


def _looks(file: Path) -> dict[str, list[float]]:
    seen = defaultdict(list)
    for line in file.read_text().splitlines():
        moment, hub_id = line.split()
        seen[hub_id].append(float(moment))
    return seen


def _known() -> dict[str, float]:
    done = Generation.objects.filter(state=State.SUCCEEDED).values_list("hub_id", "finished_at")
    return {hub_id: finished_at.timestamp() for hub_id, finished_at in done if finished_at}
