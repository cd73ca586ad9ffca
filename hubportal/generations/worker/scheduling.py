"""Whose turn it is: nobody waits behind another person's hundred, and no key is asked for more than it may."""

import uuid
from collections import Counter
from collections.abc import Iterator

from django.db.models import Min
from django.utils import timezone

from hubportal.generations.models import Generation
from hubportal.keys.models import Key


def turns() -> Iterator[uuid.UUID]:
    """Waiting generations in the order they should go, one for each person who waits.

    Whoever has the fewest at the hub goes first, then whoever has waited longest; within a person the oldest. A
    team whose key has no room now is passed over.
    """
    waiting = Generation.objects.left_waiting(timezone.now())
    authors, keys = _in_flight()
    queues = list(waiting.order_by().values_list("team", "author").annotate(since=Min("created_at")))
    for team, author, _since in sorted(queues, key=lambda queue: (authors[queue[1]], queue[2])):
        first = waiting.filter(team=team, author=author).order_by("created_at", "pk").first()
        if first is not None and _has_room(first, keys):
            yield first.pk


def _in_flight() -> tuple[Counter[int], Counter[uuid.UUID | None]]:
    """How many the hub has of each person, and of each key."""
    pairs = Generation.objects.in_flight().values_list("author", "key")
    authors: Counter[int] = Counter()
    keys: Counter[uuid.UUID | None] = Counter()
    for author, key in pairs:
        authors[author] += 1
        keys[key] += 1
    return authors, keys


def _has_room(generation: Generation, in_flight: Counter[uuid.UUID | None]) -> bool:
    """Whether its key has room; without a usable key it goes on, to be refused in words."""
    keys = Key.objects.candidates(generation.team_id, generation.expected_credits)
    return not keys or keys[0].has_free_slot(in_flight[keys[0].pk])


def anything_waiting() -> bool:
    """Whether somebody waits for room."""
    return Generation.objects.left_waiting(timezone.now()).exists()
