"""How the engine that runs tasks is set up (settings.TASKS): dj-queue, on the database of the site.

Nothing here asks often: `wakeup` tells the workers of jobs, and `clock` enqueues what only a busy site needs. The
intervals below count where such news was lost.
"""

from typing import Any

from hubportal.operations.recurring import RECURRING

# Seconds between two searches of a worker for jobs that nobody told it of.
_POLLING_INTERVAL = 30

# No job is claimed before a thread is free for it: the engine fails those that it claimed and did not begin when a stop
# lasts longer than shutdown_timeout (dj-queue 0.14 claims two a thread unless told otherwise).
_POLLING = {"polling_interval": _POLLING_INTERVAL, "prefetch_multiplier": 1}

ENGINE: dict[str, Any] = {
    "BACKEND": "dj_queue.backend.DjQueueBackend",
    "QUEUES": [],
    "OPTIONS": {
        "mode": "async",
        # Sending occupies a thread while a hub is slow; looking and downloading must not wait behind it.
        "workers": [
            {"queues": ["send"], "threads": 6, **_POLLING},
            {"queues": ["poll"], "threads": 2, **_POLLING},
            # What asks the hub about keys, models and doubts: one that hangs holds its thread while it waits.
            {"queues": ["looks"], "threads": 3, **_POLLING},
            {"queues": ["download", "default"], "threads": 2, **_POLLING},
        ],
        # It moves jobs that are to run later, and no task of this site is enqueued for later.
        "dispatchers": [{"polling_interval": _POLLING_INTERVAL, "concurrency_maintenance": False}],
        # Nothing recurs more often than every minute.
        "scheduler": {"polling_interval": 5},
        "recurring": RECURRING,
        # A dead worker is noticed within half a minute, and a live one may miss two beats.
        "process_heartbeat_interval": 10,
        "process_alive_threshold": 30,
        "shutdown_timeout": 30,
        "preserve_finished_jobs": False,
        "clear_failed_jobs_after": 7 * 86400,
        "clear_recurring_executions_after": 86400,
    },
}


def count_worker_threads() -> int:
    """The worker's threads that ask the database.

    One for each job and one that renews its lease; a loop and a heartbeat for each part of the engine (workers,
    dispatchers, scheduler, supervisor); the clock, and the one that is told of jobs.
    """
    workers: list[dict[str, Any]] = ENGINE["OPTIONS"]["workers"]
    jobs: int = sum(worker["threads"] for worker in workers)
    parts = len(workers) + len(ENGINE["OPTIONS"]["dispatchers"]) + 2
    return 2 * jobs + 2 * parts + 2
