"""The worker notices that the clock was set back, and what waits for a moment of the old one waits no longer.

Clocks are set back by hours when a wrong one is mended, or a machine comes back from a copy. The engine's schedule
tells: its next beat is seconds away, unless it was written down while the clock was ahead. It would be silent until
then, and nobody would look after the generations.
"""

import threading
from datetime import timedelta
from typing import Any

import structlog
from dj_queue.models import RecurringExecution, RecurringTask
from django.db import DatabaseError, connection, transaction
from django.db.models import Min
from django.utils import timezone

from hubportal.generations.worker.sweep import restart_waits

log = structlog.get_logger(__name__)

EVERY = 5.0  # seconds
# The clock beats every ten seconds (settings.TASKS); clocks of several machines may be some seconds apart.
TOO_FAR = timedelta(seconds=30)


def keep_watch(_supervisor: Any) -> None:
    """Look at the clock from a thread, as long as the process lasts."""
    threading.Thread(target=_watch, name="clock", daemon=True).start()


def _watch() -> None:
    pause = threading.Event()
    while not pause.wait(EVERY):
        try:
            set_right()
        except DatabaseError:
            log.warning("clock not looked at", exc_info=True)
        finally:
            connection.close()


def set_right() -> bool:
    """If the clock was set back, let schedule, leases and pauses begin anew. True when it was."""
    now = timezone.now()
    next_beat = RecurringTask.objects.aggregate(next=Min("next_run_at"))["next"]
    if next_beat is None or next_beat <= now + TOO_FAR:
        return False
    log.error("the clock was set back", schedule=next_beat.isoformat(), now=now.isoformat())
    with transaction.atomic():
        # What has these moments behind it already would not be done again.
        RecurringExecution.objects.filter(run_at__gt=now).delete()
        RecurringTask.objects.update(next_run_at=None)
        restart_waits(now)
    return True
