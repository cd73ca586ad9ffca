"""Every lease, batch size, interval and deadline of the work on generations, in one place."""

from datetime import timedelta
from typing import Final

# Leases. A claim is renewed every LEASE_RENEWAL_INTERVAL while a step is busy, so a lease outlives three missed
# renewals, and what a dead worker had claimed is found again soon after.
LEASE_RENEWAL_INTERVAL: Final = 10.0  # seconds
SEND_LEASE: Final = timedelta(seconds=40)
POLL_LEASE: Final = timedelta(seconds=40)
DOWNLOAD_LEASE: Final = timedelta(seconds=40)

# Sending. After so long of not getting through, the person is told; nothing has been charged.
SEND_DEADLINE: Final = timedelta(hours=1)
SEND_DEADLINE_WHILE_BUSY: Final = timedelta(hours=24)
# Seconds between the attempts to write an acceptance down: a database that restarts is back within a minute or two.
WRITE_RETRY_INTERVALS: Final = (0.2, 1.0, 5.0, 10.0, 30.0, 60.0)

# Polling. The clock starts a round every ten seconds (operations/recurring.py); one lasts longer, so that no gap opens.
POLL_ROUND: Final = timedelta(seconds=11)
POLL_BATCH_SIZE: Final = 64
POLL_THREADS: Final = 8
# Seconds; the longest pause between two searches for what is due: what was accepted meanwhile is due later than that.
POLL_PAUSE: Final = 0.8
# After this nobody expects an answer any more, and people are asked (hub-api.md gives no limit).
POLL_DEADLINE: Final = timedelta(hours=24)
# A balance is compared with the ledger where nothing moved for so long before the hub was asked for it.
QUIET_BEFORE_BALANCE: Final = timedelta(minutes=1)
# A 404 this soon after acceptance is taken for replication lag (hub-api.md, Open).
REPLICATION_LAG: Final = timedelta(minutes=10)
# A key that can't look now may be able to later, or another may be added, but not within seconds.
POLL_INTERVAL_WITHOUT_KEY: Final = timedelta(minutes=1)
# The first look comes a second after acceptance, and the moment that the hub needs to say so. From then on nobody waits
# more than a fifth of the time that the hub took, until it is a look every 1.5 seconds.
FIRST_POLL_INTERVAL: Final = timedelta(seconds=1.05)
EARLY_POLL_INTERVAL_SHARE_OF_AGE: Final = 0.2
MIN_POLL_INTERVAL: Final = timedelta(seconds=1.5)
# Most pictures are made within minutes; until this age somebody is likely to be watching.
YOUNG: Final = timedelta(minutes=10)
MAX_POLL_INTERVAL_WHILE_YOUNG: Final = timedelta(seconds=5)
MAX_POLL_INTERVAL: Final = timedelta(minutes=2)
POLL_INTERVAL_SHARE_OF_AGE: Final = 0.1

# Downloading. An address is mortal and its picture was paid for: it is tried for a day, at growing intervals, and so
# often at least (over more than an hour), since the worker may have been off for that day.
DOWNLOAD_DEADLINE: Final = timedelta(hours=24)
MIN_DOWNLOAD_ATTEMPTS: Final = 10
MIN_DOWNLOAD_INTERVAL: Final = timedelta(seconds=5)
MAX_DOWNLOAD_INTERVAL: Final = timedelta(hours=1)
# Seconds. An address we don't go to becomes a good one only when the operator names its host (HUB_IMAGE_HOSTS).
REFUSED_ADDRESS_INTERVAL: Final = 3600.0

# Longest pause that a hub may ask for with Retry-After.
MAX_RETRY_AFTER: Final = timedelta(hours=1)

# Sweeping: rows of each kind that one run picks up, and nudges to send: enough to keep every thread busy until the
# next run, and few while a key has no room for hundreds.
SWEEP_BATCH_SIZE: Final = 200
SWEEP_SEND_TASKS: Final = 20
# A form that came back with an error shows its files again; it may stay open over a long weekend.
UNUSED_REFERENCE_RETENTION: Final = timedelta(days=4)
UNUSED_REFERENCES_BATCH_SIZE: Final = 5000  # an hour

# Deleted pictures: until then they can be restored.
BIN_RETENTION: Final = timedelta(days=7)


def poll_interval(age: timedelta) -> timedelta:
    """Time to the next look at a generation accepted `age` ago."""
    if age < FIRST_POLL_INTERVAL:
        return FIRST_POLL_INTERVAL
    if age < MIN_POLL_INTERVAL / EARLY_POLL_INTERVAL_SHARE_OF_AGE:
        return age * EARLY_POLL_INTERVAL_SHARE_OF_AGE
    longest = MAX_POLL_INTERVAL_WHILE_YOUNG if age < YOUNG else MAX_POLL_INTERVAL
    return min(max(age * POLL_INTERVAL_SHARE_OF_AGE, MIN_POLL_INTERVAL), longest)


def resend_interval(attempts: int) -> timedelta:
    """Time to the next attempt at a submission that never reached the hub, after so many attempts."""
    return min(timedelta(seconds=2 << min(attempts, 10)), timedelta(minutes=2))


def retry_after(seconds: float | None) -> timedelta:
    """The pause that a hub asked for, within reason; none where it asked for none."""
    return min(timedelta(seconds=min(seconds or 0.0, 1e6)), MAX_RETRY_AFTER)
