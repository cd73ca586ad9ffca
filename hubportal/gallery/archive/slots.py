"""How many archives are sent at once: each occupies a thread of the server until its reader has it all."""

from collections import Counter
from threading import Lock

from django.conf import settings


class ArchiveSlots:
    """Counts, in this process, the archives of each person that are being sent."""

    def __init__(self) -> None:
        self._active: Counter[int] = Counter()
        self._lock = Lock()

    def take(self, person: int) -> bool:
        """Whether there is room for one more of this person's; then it must be given back."""
        with self._lock:
            has_room: bool = (
                self._active.total() < settings.MAX_ARCHIVES_AT_ONCE
                and self._active[person] < settings.MAX_ARCHIVES_PER_PERSON
            )
            self._active[person] += has_room
            return has_room

    def give_back(self, person: int) -> None:
        with self._lock:
            self._active[person] -= 1
            self._active += Counter()  # drops people at zero


slots = ArchiveSlots()
