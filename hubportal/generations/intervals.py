"""How often to look: often while young, seldom when old."""

from datetime import timedelta

SOONEST = timedelta(seconds=1.5)
LATEST = timedelta(minutes=10)
# However old, while somebody has its card open.
WATCHED = timedelta(seconds=3)
# A tenth of its age: whoever has waited ten minutes can wait another one.
SHARE_OF_AGE = 0.1


def look_interval(age: timedelta) -> timedelta:
    """Time to the next look at a generation accepted `age` ago."""
    return min(max(age * SHARE_OF_AGE, SOONEST), LATEST)


def resend_interval(attempts: int) -> timedelta:
    """Time to the next try of a submission that never reached the hub, after so many tries."""
    return min(timedelta(seconds=2 << min(attempts, 10)), timedelta(minutes=2))
