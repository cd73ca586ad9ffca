"""The keys that are there from the first start, one for each state a key can be in.

Their secrets are kept readable in the data folder, so that the front page and the launcher can hand them out.
"""

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from hubportal.sandbox.accounts import Accounts


@dataclass(frozen=True, slots=True)
class ReadyKey:
    """A key to copy: `name` is main, poor, expired or revoked."""

    name: str
    secret: str


_CREDITS = {"main": 1000, "poor": 5, "expired": 100, "revoked": 100}
_A_DAY = 24 * 3600.0


def new_secret() -> str:
    """A fresh secret in the hub's form."""
    return f"gih_live_{secrets.token_hex(20)}"


def ready_keys(data: Path, accounts: Accounts) -> tuple[ReadyKey, ...]:
    """The ready-made keys of a data folder, made if they aren't there yet."""
    file = data / "ready-keys.json"
    if not file.exists():
        unfinished = file.with_suffix(".part")
        unfinished.write_text(json.dumps({name: new_secret() for name in _CREDITS}, indent=2) + "\n")
        unfinished.rename(file)
    keys = tuple(ReadyKey(name, secret) for name, secret in json.loads(file.read_text()).items())
    for key in keys:
        if accounts.find_key(key.secret) is None:
            _make(accounts, key)
    return keys


def _make(accounts: Accounts, ready: ReadyKey) -> None:
    kind = "FREE" if ready.name == "poor" else "PRO"
    key = accounts.add_key(ready.secret, owner=ready.name, credits=_CREDITS[ready.name], account_type=kind)
    yesterday = time.time() - _A_DAY
    if ready.name == "expired":
        accounts.expire(key, yesterday)
    if ready.name == "revoked":
        accounts.revoke(key, yesterday)
