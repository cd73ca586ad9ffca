"""Retiring keys: a secret is destroyed when no work in flight needs it any more."""

import uuid
from collections import Counter
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from hubportal.generations.models import Generation, Image, State
from hubportal.keys.key_changes import finish_retirement
from hubportal.keys.models import Key

# A worker that chose the key just before it retired has recorded `sending` after this at the latest: a writer waits
# twenty seconds for SQLite (settings.DATABASES).
CLAIM_GRACE = timedelta(seconds=30)


def anything_retiring() -> bool:
    """Whether a key is retiring."""
    return Key.objects.retiring().exists()


def retire_keys() -> None:
    """Record what each retiring key still waits for, and destroy the secrets of those that wait for nothing."""
    keys = list(Key.objects.retiring().select_related("team"))
    if not keys:
        return
    unclaimed_since = timezone.now() - CLAIM_GRACE
    moving, unknown = _count_work([key.pk for key in keys])
    for key in keys:
        key.record_pending(moving[key.pk], unknown[key.pk])
        if not (moving[key.pk] or unknown[key.pk]) and key.retiring_since and key.retiring_since < unclaimed_since:
            finish_retirement(key)


def _count_work(keys: list[uuid.UUID]) -> tuple[Counter[uuid.UUID | None], Counter[uuid.UUID | None]]:
    """How many generations of each key move by themselves, and how many wait for a person to settle them.

    A finished one whose pictures are still to be fetched counts: if their addresses die, the record tells new ones.
    """
    of_these = Generation.objects.filter(key__in=keys)
    underway = of_these.filter(state__in=(State.SENDING, State.RUNNING)).values_list("key", "pk")
    to_fetch = Image.objects.filter(generation__key__in=keys, kept_at=None, due_at__isnull=False)
    unfetched = to_fetch.values_list(F("generation__key"), F("generation"))
    unknown = of_these.filter(state=State.UNKNOWN).exclude(hub_id="").values_list("key", flat=True)
    return Counter(key for key, _pk in {*underway, *unfetched}), Counter(unknown)
