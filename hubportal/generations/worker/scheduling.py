"""Which generation is sent next, and with which key: nobody waits behind another person's hundred, and no key is
asked for more at once than it has room for."""

import uuid
from collections import Counter
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from hubportal.generations.models import Generation
from hubportal.generations.timing import HELD_INTERVAL
from hubportal.keys.models import Key
from hubportal.usage.budget_check import key_budgets_of
from hubportal.usage.budgets import tell_crossings


def claim_next() -> Generation | None:
    """Claim the waiting generation whose turn it is, for being sent with the key it now has. None: nothing can go."""
    return next((claimed for pk in in_turn() if (claimed := claim(pk))), None)


def in_turn() -> Iterator[uuid.UUID]:
    """The first waiting generation of each person, in the order they should go.

    Whoever has the fewest at the hub goes first, then whoever has waited longest; within a person the oldest.
    """
    waiting = Generation.objects.due_to_send(timezone.now())
    in_flight = Counter(Generation.objects.in_flight().values_list("author", flat=True))
    queues = list(waiting.order_by().values_list("team", "author").annotate(since=Min("created_at")))
    for team, author, _since in sorted(queues, key=lambda queue: (in_flight[queue[1]], queue[2])):
        first = waiting.filter(team=team, author=author).order_by("created_at", "pk").values_list("pk", flat=True)
        yield from first[:1]


@transaction.atomic
def claim(pk: uuid.UUID) -> Generation | None:
    """Choose the key and claim the generation, under one lock on the team's keys; None when it can't go now.

    With the keys locked nobody else takes their room between the count and the claim, nor what their budgets have left.
    Without a usable key the generation is refused in words; while no budget of a key has room for it, it waits.
    """
    waiting = Generation.objects.due_to_send(timezone.now()).select_related("team").filter(pk=pk).first()
    if waiting is None:
        return None
    usable = Key.objects.lock_candidates(waiting.team_id, waiting.expected_credits)
    if not usable:
        waiting.record_refused("noKey", "")
        return None
    budgets = key_budgets_of(waiting.team, besides=waiting.pk)
    keys = [key for key in usable if budgets.key_has_room(key.pk, waiting.expected_credits)]
    if not keys:
        waiting.record_held("keyBudget", again_in=HELD_INTERVAL)
        return None
    if not keys[0].has_free_slot(Generation.objects.count_in_flight(keys[0])):
        return None
    claimed = Generation.objects.claim_for_sending(pk, keys[0])
    if claimed and (use := budgets.keys.get(keys[0].pk)):
        tell_crossings([use], waiting.expected_credits or 0)
    return claimed


def anything_waiting() -> bool:
    """Whether somebody waits for room."""
    return Generation.objects.due_to_send(timezone.now()).exists()
