"""The load: people who go on submitting, whatever happens to the worker."""

import threading
import time
from random import Random

from bench.site import Cast, close_connections, submit

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
    """Submits from a thread of its own, so many times a second; `marks` is what it submitted."""

    def __init__(self, cast: Cast, rate: float, chance: Random) -> None:
        self.marks: list[str] = []
        self._cast, self._pause, self._chance = cast, 1 / rate, chance
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="load")

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _go_on(self) -> None:
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due += self._pause
            mark = f"#{len(self.marks):05}"
            self.marks.append(mark)
            submit(self._cast, f"{mark} A lighthouse {self._chance.choice(TROUBLES)}", n=self._chance.randint(1, 2))
        close_connections()
