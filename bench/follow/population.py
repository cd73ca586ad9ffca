"""Two thousand running generations, stored at once in the hub's records and in ours, and replaced as they end.

Ages are spread evenly over ten minutes, at which age each ends; one is submitted for each that ends, so the spread
stays as it is. A few more are submitted that end within a minute, to measure how soon their end is known.
"""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.site import CREDITS, MODEL, BenchTeam, close_connections
from hubportal.generations.models import Generation, State
from hubportal.generations.timing import poll_interval
from hubportal.hub.client import GenerationParameters
from hubportal.keys.clients import client_for
from hubportal.sandbox.hub import SandboxState, new_secret
from hubportal.sandbox.orders import Body, read_order

COUNT = 2000
DURATION = 600.0  # seconds
SIZE = "256x256"  # small, so that the hub's core is not busy drawing; the worker stores them as always
SHORT_INTERVAL = 1.0  # seconds between two submissions of those that take
SHORT_DURATION = (5.0, 55.0)  # seconds
PRICE = 8  # credits
YOUNG = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class SeededGeneration:
    hub_id: str
    accepted_at: float


def seed_hub(folder: Path) -> tuple[str, list[SeededGeneration]]:
    """Store them in a new sandbox. Returns the secret of their key, and when each was accepted."""
    state = SandboxState.open(folder, 1.0)
    secret = new_secret()
    key = state.accounts.add_key(secret, owner="bench", credits=CREDITS)
    order = read_order(Body({"model": MODEL, "prompt": f"[slow {DURATION:.0f}]", "size": SIZE, "async": True}))
    now, seeded = time.time(), []
    for number in range(COUNT):
        accepted_at = now - DURATION * (number + 0.5) / COUNT
        if made := state.generations.accept(key, order, DURATION):
            seeded.append(SeededGeneration(made.id, accepted_at))
    with state.database.transaction() as db:
        db.executemany(
            "UPDATE generations SET accepted_at = ?, due_at = ? WHERE id = ?",
            [(one.accepted_at, one.accepted_at + DURATION, one.hub_id) for one in seeded],
        )
    state.database.close()
    return secret, seeded


def seed_site(bench_team: BenchTeam, seeded: list[SeededGeneration], chance: random.Random) -> None:
    """Store the same in our records, each due as if it had been polled all the time."""
    Generation.objects.bulk_create(_running(bench_team, one, chance.random()) for one in seeded)


def _running(bench_team: BenchTeam, one: SeededGeneration, fraction_of_interval: float) -> Generation:
    accepted_at = datetime.fromtimestamp(one.accepted_at, UTC)
    now = datetime.now(UTC)
    return Generation(
        team=bench_team.team,
        author=bench_team.owner,
        key=bench_team.key,
        submission_id=uuid.uuid4(),
        prompt="One of two thousand",
        model=MODEL,
        size=SIZE,
        created_at=accepted_at,
        sent_at=accepted_at,
        accepted_at=accepted_at,
        state=State.RUNNING,
        hub_id=one.hub_id,
        hub_status="processing",
        charged=PRICE,
        expected_credits=PRICE,
        due_at=now + poll_interval(now - accepted_at) * fraction_of_interval,
    )


@contextmanager
def add_generations(bench_team: BenchTeam, chance: random.Random) -> Iterator[None]:
    """While the block lasts, submit one for each that ends, and the short ones besides."""
    ended = threading.Event()
    threads = [
        threading.Thread(target=_submit_regularly, args=(bench_team, ended, DURATION / COUNT, lambda: DURATION)),
        threading.Thread(
            target=_submit_regularly, args=(bench_team, ended, SHORT_INTERVAL, lambda: chance.uniform(*SHORT_DURATION))
        ),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _submit_regularly(
    bench_team: BenchTeam, ended: threading.Event, interval: float, duration: Callable[[], float]
) -> None:
    client, due = client_for(bench_team.key), time.monotonic()
    while not ended.wait(max(0.0, due - time.monotonic())):
        due += interval
        record = client.submit(GenerationParameters(MODEL, f"[slow {duration():.1f}]", SIZE))
        _running(bench_team, SeededGeneration(record.id, time.time()), 1.0).save(force_insert=True)
    close_connections()
