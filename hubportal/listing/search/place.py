"""A row's place in its list as one integer: the microsecond of its time, and a number among those of that microsecond.

So the index walks a list newest first by its own key, and days are a range of it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

# With this many rows in one microsecond, 63 bits last until 2071.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
TIES = 4096
FIRST, LAST = -(2**63), 2**63 - 1


def first_place(time: datetime) -> int:
    """The lowest place of this moment; where it has none, the nearest that there is: an address may say any year."""
    return _nearest((time - _EPOCH) // timedelta(microseconds=1) * TIES)


def last_place(time: datetime) -> int:
    """The highest place of this moment, or the nearest that there is."""
    return _nearest((time - _EPOCH) // timedelta(microseconds=1) * TIES + TIES - 1)


def _nearest(place: int) -> int:
    return min(max(place, FIRST), LAST)


def free_places(times: Iterable[datetime], taken: set[int]) -> list[int]:
    """A place for each of these moments that is not taken. Raises ValueError where a moment has TIES rows."""
    places = []
    for time in times:
        first = first_place(time)
        place = next((place for place in range(first, first + TIES) if place not in taken), None)
        if place is None:
            raise ValueError(f"{TIES} rows have the time {time:%Y-%m-%d %H:%M:%S.%f}")
        taken.add(place)
        places.append(place)
    return places
