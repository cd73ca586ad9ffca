"""Somebody with a key who calls the sandbox over real HTTP."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from hubportal.sandbox.hub import SandboxHub
from hubportal.sandbox.records import LedgerEntry

PATIENCE = 30  # seconds


@dataclass(frozen=True)
class Caller:
    url: str
    key: str

    def ask(self, method: str, path: str, **how: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}"} | how.pop("headers", {})
        return requests.request(method, self.url + path, headers=headers, timeout=PATIENCE, **how)

    def submit(self, prompt: str = "A quiet harbour", *, wait: bool = False, **fields: Any) -> requests.Response:
        body = {"model": "gpt-image-2", "prompt": prompt, "size": "64x64", "async": not wait} | fields
        return self.ask("POST", "/api/v1/images/generations", json=body)

    def submit_form(self, files: list[tuple[str, bytes, str]], **fields: str) -> requests.Response:
        parts = [("reference_image", file) for file in files]
        body = {"model": "gpt-image-2", "prompt": "A quiet harbour", "size": "64x64", "async": "true"} | fields
        return self.ask("POST", "/api/v1/images/generations", data=body, files=parts)

    def look(self, hub_id: str) -> requests.Response:
        return self.ask("GET", f"/api/v1/generations/{hub_id}")

    def outcome(self, hub_id: str) -> dict[str, Any]:
        return wait_for(
            lambda: self.look(hub_id).json(), lambda record: record.get("status") in {"succeeded", "failed"}
        )

    def credits(self) -> int:
        return int(self.ask("GET", "/api/v1/credits").json()["credits"])


@dataclass(frozen=True)
class Insider(Caller):
    """A caller who may look at the sandbox from inside."""

    hub: SandboxHub

    def ledger(self) -> list[tuple[str, int]]:
        return [(entry.kind, entry.credits) for entry in self.hub.ledger(self.key)]


def wait_for[T](read: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """What `read` gives as soon as it is enough."""
    deadline = time.monotonic() + PATIENCE
    while not enough(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.01)
    return found


def net(entries: list[LedgerEntry]) -> int:
    """Credits charged less credits refunded."""
    return sum(entry.credits if entry.kind == "charge" else -entry.credits for entry in entries)
