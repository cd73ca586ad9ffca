"""The two thousand: made at once, in the hub's records and in ours, and kept as many by births.

Ages are spread evenly over ten minutes, at which age each ends; one is born for each that ends, so the spread stays as
it is. A few more are born that end before they are a minute old, to measure how soon their end is known.
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

from bench.site import CREDITS, MODEL, Cast, close_connections
from hubportal.generations.intervals import look_interval
from hubportal.generations.models import Generation, State
from hubportal.hub.client import Submission
from hubportal.keys.clients import client_for
from hubportal.sandbox.hub import SandboxState, new_secret
from hubportal.sandbox.orders import Body, read_order

MANY = 2000
LIFE = 600.0  # seconds
SIZE = "256x256"  # small, so that the hub's core is not busy drawing; the worker keeps the pictures as ever
FLEETING_EVERY = 1.0  # seconds between two births of those that live for
FLEETING = (5.0, 55.0)  # seconds
PRICE = 8  # credits
YOUNG = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Seeded:
    hub_id: str
    accepted_at: float


def seed_hub(folder: Path) -> tuple[str, list[Seeded]]:
    """Give a new sandbox its two thousand. Returns the secret of their key, and when each was accepted."""
    parts = SandboxState.open(folder, 1.0)
    secret = new_secret()
    key = parts.accounts.add_key(secret, owner="bench", credits=CREDITS)
    order = read_order(Body({"model": MODEL, "prompt": f"[slow {LIFE:.0f}]", "size": SIZE, "async": True}))
    now, seeded = time.time(), []
    for number in range(MANY):
        accepted_at = now - LIFE * (number + 0.5) / MANY
        if made := parts.generations.accept(key, order, LIFE):
            seeded.append(Seeded(made.id, accepted_at))
    with parts.database.transaction() as db:
        db.executemany(
            "UPDATE generations SET accepted_at = ?, due_at = ? WHERE id = ?",
            [(one.accepted_at, one.accepted_at + LIFE, one.hub_id) for one in seeded],
        )
    parts.database.close()
    return secret, seeded


def seed_site(cast: Cast, seeded: list[Seeded], chance: random.Random) -> None:
    """The same in our records; the next look at each is due as if it had been followed all along."""
    Generation.objects.bulk_create(_running(cast, one, chance.random()) for one in seeded)


def _running(cast: Cast, one: Seeded, share_of_interval: float) -> Generation:
    accepted_at = datetime.fromtimestamp(one.accepted_at, UTC)
    now = datetime.now(UTC)
    return Generation(
        team=cast.team,
        author=cast.owner,
        key=cast.key,
        form_token=uuid.uuid4(),
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
        due_at=now + look_interval(now - accepted_at) * share_of_interval,
    )


@contextmanager
def births(cast: Cast, chance: random.Random) -> Iterator[None]:
    """While the block lasts, one is born for each that ends, and the fleeting ones besides."""
    ended = threading.Event()
    threads = [
        threading.Thread(target=_bear, args=(cast, ended, LIFE / MANY, lambda: LIFE)),
        threading.Thread(target=_bear, args=(cast, ended, FLEETING_EVERY, lambda: chance.uniform(*FLEETING))),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _bear(cast: Cast, ended: threading.Event, every: float, life: Callable[[], float]) -> None:
    client, due = client_for(cast.key), time.monotonic()
    while not ended.wait(max(0.0, due - time.monotonic())):
        due += every
        record = client.submit(Submission(MODEL, f"[slow {life():.1f}]", SIZE))
        _running(cast, Seeded(record.id, time.time()), 1.0).save(force_insert=True)
    close_connections()
