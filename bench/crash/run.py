"""`bin/bench --crash`: so many ends at random moments, then time to settle, then the judgement."""

import argparse
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from random import Random

from dj_queue.models import FailedExecution

from bench.crash.compare import judge
from bench.crash.evidence import our_side, their_side
from bench.crash.full_site import House
from bench.crash.load import Load
from bench.crash.workers import Crew
from bench.environment import Place
from bench.report import Line, say
from bench.site import found, sandbox
from hubportal.generations.models import Generation, Image, State
from hubportal.generations.states import MOVING

PACE = 0.5  # seconds a painting takes
# Longer than any pause that is asked for here: the longest, with 503, is half a minute.
STILL = 90.0  # seconds
MAX_TOLD = 20


def run(place: Place, options: argparse.Namespace) -> list[Line]:
    seed = options.seed or secrets.randbelow(10**6)
    moments = Random(seed)  # noqa: S311 - no secret is drawn from it
    with sandbox(place, PACE) as (running, secret):
        cast = found(secret)
        with _struck(place, options, moments) as struck:
            ask = struck.asker(cast)
            with Load(ask, options.rate, Random(seed)) as load:  # noqa: S311 - the same
                for _ in range(options.crash):
                    time.sleep(moments.uniform(*struck.between))
                    struck.strike()
            _settle()
            problems = [*struck.problems, *judge(load.marks, our_side(), their_side(running.hub, secret))]
    _tell(options, seed, struck, problems)
    if problems:
        say(f"What the processes said last:\n{place.last_words}")
    about = f"of {len(load.marks)} generations: stuck, lost, sent twice, or another sum than the hub's"
    return [Line("crash.problems", len(problems), 1.0, "", 0.0, about)]


def _struck(place: Place, options: argparse.Namespace, chance: Random) -> Crew | House:
    return House(place, chance) if options.strike == "site" else Crew(place, options.workers, chance)


def _settle() -> None:
    """Until all is over, or nothing has moved for so long that it stands still for good: the judge's to tell of."""
    standing, since = _standing(), time.monotonic()
    while any(standing):
        time.sleep(0.5)
        before, standing = standing, _standing()
        since = time.monotonic() if standing != before else since
        if time.monotonic() - since > STILL:
            say(f"Nothing has moved for {STILL:.0f} s.")
            return


def _standing() -> tuple[list[object], ...]:
    """What is still to come to its end, and how far each is."""
    moving = Generation.objects.filter(state__in=MOVING).order_by("pk").values_list("pk", "version")
    unkept = Image.objects.filter(kept_at=None, due_at__isnull=False).order_by("pk").values_list("pk", "tries")
    return list(moving), list(unkept)


def _tell(options: argparse.Namespace, seed: int, struck: Crew | House, problems: list[str]) -> None:
    say(f"{options.database}, {struck.what}, --seed {seed}")
    say(f"ends:    {_listed(struck.ends)}")
    if struck.answers:
        say(f"answers: {_listed(struck.answers)}")
    say(f"records: {_listed(Generation.objects.values_list('state', flat=True))}")
    say(f"unknown: {_listed(Generation.objects.filter(state=State.UNKNOWN).values_list('error_code', flat=True))}")
    say(f"tasks that raised: {_listed(_raised())}")
    for problem in problems[:MAX_TOLD]:
        say(f"  {problem}")


def _listed(what: Iterable[str] | Mapping[str, int]) -> str:
    """How many there are of each, the most first."""
    return ", ".join(f"{count} {name}" for name, count in Counter(what).most_common()) or "none"


def _raised() -> Iterator[str]:
    """Exceptions that ended a task, but for those that stand for a worker's own end."""
    for error in FailedExecution.objects.values_list("exception_class", flat=True):
        if not error.startswith("dj_queue."):
            yield error
