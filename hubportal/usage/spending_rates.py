"""How fast each key's credits go, from the ledger of the last four weeks; the keys page makes a forecast of it."""

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from hubportal.keys.models import Key
from hubportal.usage.models import LedgerEntry, today

WINDOW = 28  # days
# A key that was added yesterday says little: its credits are spread over a week at least.
SHORTEST = 7  # days


def estimate_paces() -> None:
    """Tell every key that serves how many credits a day it has been spending; 0.0 where it spent none."""
    now = today()
    recent = LedgerEntry.objects.filter(day__gt=now - timedelta(days=WINDOW), day__lte=now, key__isnull=False)
    spent = dict(recent.order_by().values_list("key").annotate(Sum("credits")))
    for key in Key.objects.serving():
        days = min(max((now - timezone.localdate(key.added_at)).days + 1, SHORTEST), WINDOW)
        # What is given back may have been charged before the window began.
        pace = max(spent.get(key.pk, 0), 0) / days
        if pace != key.pace:
            key.record_pace(pace)
