"""Notice, in the worker, that the machine's clock was set back, and reset what was due by the old clock.

Clocks are set back by hours when a wrong one is corrected, or when a machine is restored from an image. The engine's
schedule shows it: its next run is a minute away at most, unless it was written while the clock was ahead. Until that
moment the engine would start nothing, and nobody would look after the generations.
"""

from datetime import timedelta

import structlog
from dj_queue.models import RecurringExecution, RecurringTask
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from hubportal.generations.worker.sweep import restart_waits

log = structlog.get_logger(__name__)

# The most frequent task runs every minute (settings.TASKS); clocks of several machines may differ by some seconds.
MAX_NEXT_RUN_AHEAD = timedelta(seconds=90)


def reset_if_clock_went_back() -> bool:
    """Let schedule, leases and pauses begin anew if the clock was set back. True when it was."""
    now = timezone.now()
    next_run = RecurringTask.objects.aggregate(next=Min("next_run_at"))["next"]
    if next_run is None or next_run <= now + MAX_NEXT_RUN_AHEAD:
        return False
    log.error("the clock was set back", schedule=next_run.isoformat(), now=now.isoformat())
    with transaction.atomic():
        # The engine would not repeat a run that it has recorded for a moment still to come.
        RecurringExecution.objects.filter(run_at__gt=now).delete()
        RecurringTask.objects.update(next_run_at=None)
        restart_waits(now)
    return True
