"""The load: people who go on submitting, whatever happens to the worker."""

import threading
import time
from collections.abc import Callable
from random import Random

from bench.site import close_connections

# Ordinary work, and every way in which a submission, a painting, a look or a picture goes wrong and yet ends. What
# the sandbox does for ever ([busy], [forever], [badimage]) would have to be waited for.
TROUBLES = (
    *[""] * 14,
    *("[lateanswer 1]", "[lateanswer 2]", "[lateanswer 3]", "[notasync]", "[drop]", "[dropearly]", "[cut]"),
    *("[notjson]", "[noid]", "[badid]", "[html 502]", "[refuse]", "[500]"),
    *("[slow 3]", "[strange]", "[backwards]", "[fail]", "[mute]", "[partial]", "[noimages]", "[nousage]"),
    *("[lost 2]", "[looks 502 2]", "[looks 429 2]", "[slowimage 3]", "[imagestatus 503 1]"),
)


class Load:
    """Asks from a thread of its own, so many times a second, for a prompt and a number of pictures.

    `marks` is what it asked for; what it could not ask for ends it, and is raised when it is over.
    """

    def __init__(self, ask: Callable[[str, int], object], rate: float, chance: Random) -> None:
        self.marks: list[str] = []
        self._ask, self._pause, self._chance = ask, 1 / rate, chance
        self._failed: Exception | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="load")

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._failed:
            raise self._failed

    def _go_on(self) -> None:
        try:
            self._ask_on()
        except Exception as error:  # noqa: BLE001 - it is raised where it is heard
            self._failed = error
        finally:
            close_connections()

    def _ask_on(self) -> None:
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due += self._pause
            mark = f"#{len(self.marks):05}"
            self.marks.append(mark)
            self._ask(f"{mark} A lighthouse {self._chance.choice(TROUBLES)}", self._chance.randint(1, 2))
