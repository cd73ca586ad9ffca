"""A row's place in its list as one integer: the microsecond of its time, and a number among those of that microsecond.

So the index walks a list newest first by its own key, and days are a range of it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

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


def free_places(rows: Iterable[tuple[datetime, Any]], taken: set[int]) -> list[int]:
    """A place for each of these moments and primary keys that is not taken. Raises ValueError where there is none.

    The key says where to look first: of two transactions in one microsecond neither sees the other's place.
    """
    places = []
    for time, pk in rows:
        first, start = first_place(time), hash(pk) % TIES
        ties = (first + (start + step) % TIES for step in range(TIES))
        place = next((place for place in ties if place not in taken), None)
        if place is None:
            raise ValueError(f"{TIES} rows have the time {time:%Y-%m-%d %H:%M:%S.%f}")
        taken.add(place)
        places.append(place)
    return places
