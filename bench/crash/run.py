"""`bin/bench --crash`: so many ends at random moments, then time to settle, then the judgement."""

import argparse
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from random import Random

from dj_queue.models import FailedExecution

from bench.crash.crew import Crew
from bench.crash.evidence import our_side, their_side
from bench.crash.judge import judge
from bench.crash.load import Load
from bench.place import Place
from bench.report import Line, say
from bench.site import TooLate, found, sandbox, wait_for
from hubportal.generations.models import Generation, Image, State
from hubportal.generations.states import MOVING

PACE = 0.5  # seconds a painting takes
# A worker needs about a second before it does anything; ends before and after that are both wanted.
BETWEEN = (0.3, 3.5)  # seconds
SETTLING = 120.0  # seconds
MOST_TOLD = 20


def run(place: Place, options: argparse.Namespace) -> list[Line]:
    seed = options.seed or secrets.randbelow(10**6)
    moments = Random(seed)  # noqa: S311 - no secret is drawn from it
    with sandbox(place, PACE) as (running, secret):
        cast = found(secret)
        with Crew(place, options.workers, moments) as crew:
            with Load(cast, options.rate, Random(seed)) as load:  # noqa: S311 - the same
                for _ in range(options.crash):
                    time.sleep(moments.uniform(*BETWEEN))
                    crew.strike()
            _settle()
            problems = [*crew.problems, *judge(load.marks, our_side(), their_side(running.hub, secret))]
    _tell(options, seed, crew, problems)
    about = f"of {len(load.marks)} generations: stuck, lost, sent twice, or another sum than the hub's"
    return [Line("crash.problems", len(problems), 1.0, "", 0.0, about)]


def _settle() -> None:
    """A crash that leaves something behind for good is the judge's to tell of."""
    try:
        wait_for(_is_settled, "the dust to settle", seconds=SETTLING)
    except TooLate as late:
        say(late)


def _is_settled() -> bool:
    unkept = Image.objects.filter(kept_at=None, due_at__isnull=False)
    return not Generation.objects.filter(state__in=MOVING).exists() and not unkept.exists()


def _tell(options: argparse.Namespace, seed: int, crew: Crew, problems: list[str]) -> None:
    say(f"{options.database}, {options.workers} worker(s) at a time, --seed {seed}")
    say(f"ends:    {_listed(crew.ends)}")
    say(f"records: {_listed(Generation.objects.values_list('state', flat=True))}")
    say(f"unknown: {_listed(Generation.objects.filter(state=State.UNKNOWN).values_list('error_code', flat=True))}")
    say(f"tasks that raised: {_listed(_raised())}")
    for problem in problems[:MOST_TOLD]:
        say(f"  {problem}")


def _listed(what: Iterable[str] | Mapping[str, int]) -> str:
    """How many there are of each, the most first."""
    return ", ".join(f"{count} {name}" for name, count in Counter(what).most_common()) or "none"


def _raised() -> Iterator[str]:
    """Exceptions that ended a task, but for those that stand for a worker's own end."""
    for error in FailedExecution.objects.values_list("exception_class", flat=True):
        if not error.startswith("dj_queue."):
            yield error
