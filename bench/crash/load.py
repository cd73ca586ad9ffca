"""The load: orders that go on being submitted, whatever happens to the worker or the site."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from random import Random

from bench.browser import Browser, UnexpectedStatus
from bench.site import MODEL, OWNER, PASSWORD, BenchTeam, close_connections

RETRY_INTERVAL = 0.3  # seconds until the form is sent again
# Seconds. A process that died is started again within a few.
MAX_WAIT = 60.0

# Ordinary work, and every fault of a submission, a generation, polling or an image that comes to an end. Those that
# never do ([busy], [forever], [badimage]) are left out.
FAULTS = (
    *[""] * 14,
    *("[lateanswer 1]", "[lateanswer 2]", "[lateanswer 3]", "[notasync]", "[drop]", "[dropearly]", "[cut]"),
    *("[notjson]", "[noid]", "[badid]", "[html 502]", "[refuse]", "[500]"),
    *("[slow 3]", "[strange]", "[backwards]", "[fail]", "[mute]", "[partial]", "[noimages]", "[nousage]"),
    *("[lost 2]", "[looks 502 2]", "[looks 429 2]", "[slowimage 3]", "[imagestatus 503 1]"),
)


class Load:
    """A thread that calls `ask` with a prompt and a number of images, `rate` times a second.

    `marks` are those of everything it asked for. An exception of `ask` ends it and is raised when the block ends.
    """

    def __init__(self, ask: Callable[[str, int], object], rate: float, chance: Random) -> None:
        self.marks: list[str] = []
        self._ask, self._pause, self._chance = ask, 1 / rate, chance
        self._failed: Exception | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load")

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._failed:
            raise self._failed

    def _run(self) -> None:
        try:
            self._submit_all()
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that waits for this one
            self._failed = error
        finally:
            close_connections()

    def _submit_all(self) -> None:
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            due += self._pause
            mark = f"#{len(self.marks):05}"
            self.marks.append(mark)
            self._ask(f"{mark} A lighthouse {self._chance.choice(FAULTS)}", self._chance.randint(1, 2))


class WebUser:
    """Somebody who sends the same form again until the order is accepted. `answers` counts the responses."""

    def __init__(self, port: int, bench_team: BenchTeam) -> None:
        self.answers: Counter[str] = Counter()
        self.longest = 0.0  # seconds from the first try to the accepted order
        self._port, self._path = port, f"/t/{bench_team.team.slug}/generations/"
        browser = Browser(port)
        browser.sign_in(OWNER, PASSWORD)
        self._cookies = browser.cookies

    def __call__(self, prompt: str, n: int) -> None:
        fields = {"prompt": prompt, "model": MODEL, "size": "1024x1024", "quality": "auto", "n": str(n)}
        form = {**fields, "visibility": "team", "token": str(uuid.uuid4())}
        began = time.monotonic()
        while not self._try(form):
            if time.monotonic() - began > 2 * MAX_WAIT:
                raise TimeoutError(f"no order was accepted for {2 * MAX_WAIT:.0f} s: {self.answers}")
            time.sleep(RETRY_INTERVAL)
        self.longest = max(self.longest, time.monotonic() - began)

    def _try(self, form: dict[str, str]) -> bool:
        try:
            Browser(self._port, self._cookies).post(self._path, form, 200, htmx=True)
        except UnexpectedStatus as error:
            self.answers[str(error.status)] += 1
            return False
        except (OSError, HTTPException):
            self.answers["no answer"] += 1
            return False
        self.answers["taken"] += 1
        return True

    @property
    def problems(self) -> list[str]:
        """Forms that were refused, and waits that were too long."""
        refused = [f"{count} answers were {status}" for status, count in self.answers.items() if status[0] == "4"]
        if self.longest > MAX_WAIT:
            refused.append(f"somebody waited {self.longest:.0f} s until the order was accepted")
        return refused
