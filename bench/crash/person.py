"""Somebody at a browser who presses the button again when nobody answers: the same form, and so the same order."""

import time
import uuid
from collections import Counter
from http.client import HTTPException

from bench.browser import Answered, Browser
from bench.site import MODEL, OWNER, PASSWORD, Cast

AGAIN = 0.3  # seconds until the button is pressed again
# After this somebody would have turned away. A part that died is started again within seconds.
PATIENCE = 60.0  # seconds


class Person:
    """Asks through the web; `answers` counts what the server said, or that it said nothing."""

    def __init__(self, port: int, cast: Cast) -> None:
        self.answers: Counter[str] = Counter()
        self.longest = 0.0  # seconds from the first try to an order that was taken
        self._port, self._path = port, f"/t/{cast.team.slug}/generations/"
        browser = Browser(port)
        browser.sign_in(OWNER, PASSWORD)
        self._cookies = browser.cookies

    def __call__(self, prompt: str, n: int) -> None:
        fields = {"prompt": prompt, "model": MODEL, "size": "1024x1024", "quality": "auto", "n": str(n)}
        form = {**fields, "visibility": "team", "token": str(uuid.uuid4())}
        began = time.monotonic()
        while not self._taken(form):
            if time.monotonic() - began > 2 * PATIENCE:
                raise TimeoutError(f"nobody took an order for {2 * PATIENCE:.0f} s: {self.answers}")
            time.sleep(AGAIN)
        self.longest = max(self.longest, time.monotonic() - began)

    def _taken(self, form: dict[str, str]) -> bool:
        try:
            Browser(self._port, self._cookies).post(self._path, form, 200, htmx=True)
        except Answered as answered:
            self.answers[str(answered.status)] += 1
            return False
        except (OSError, HTTPException):
            self.answers["no answer"] += 1
            return False
        self.answers["taken"] += 1
        return True

    @property
    def problems(self) -> list[str]:
        """What a person would not have put up with."""
        refused = [f"{count} answers were {status}" for status, count in self.answers.items() if status[0] == "4"]
        if self.longest > PATIENCE:
            refused.append(f"somebody waited {self.longest:.0f} s until the order was taken")
        return refused
