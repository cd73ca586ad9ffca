"""A sandbox from inside: what it consists of, its demo keys, and the handle that tests and the launcher use."""

import json
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from hubportal.sandbox.records import Generation, Key, LedgerEntry
from hubportal.sandbox.runner import GenerationRunner
from hubportal.sandbox.storage import AccountStore, Database, GenerationStore

DEMO_CREDITS = {"main": 1000, "poor": 5, "expired": 100, "revoked": 100}


@dataclass(frozen=True, slots=True)
class SandboxState:
    """What one sandbox consists of. `counts` is how often, since this start, a key (by id) was used for what."""

    database: Database
    accounts: AccountStore
    generations: GenerationStore
    runner: GenerationRunner
    uploads: Path
    counts: Counter[tuple[int, str]] = field(default_factory=Counter)

    @classmethod
    def open(cls, data: Path, pace: float) -> "SandboxState":
        """Open everything in the folder `data`, which is made if it isn't there. Raises OSError."""
        for folder in (data, data / "images", data / "uploads"):
            folder.mkdir(parents=True, exist_ok=True)
        database = Database(data / "sandbox.sqlite3")
        generations = GenerationStore(database)
        runner = GenerationRunner(generations, data / "images", pace)
        return cls(database, AccountStore(database), generations, runner, data / "uploads")

    def count(self, key: Key, what: str) -> None:
        """Count one use of a key for `what`."""
        self.counts[key.id, what] += 1


def new_secret() -> str:
    """A fresh secret in the hub's form."""
    return f"gih_live_{secrets.token_hex(20)}"


def load_demo_keys(data: Path, accounts: AccountStore) -> dict[str, str]:
    """The secrets of main, poor, expired and revoked, one key for each state a key can be in; made at the first start.

    They are stored readably in the data folder, so that the web page and the launcher can show them.
    """
    file = data / "demo-keys.json"
    if not file.exists():
        unfinished = file.with_suffix(".part")
        unfinished.write_text(json.dumps({name: new_secret() for name in DEMO_CREDITS}, indent=2) + "\n")
        unfinished.rename(file)
    keys: dict[str, str] = json.loads(file.read_text())
    for name, secret in keys.items():
        if accounts.find_key(secret) is None:
            _add_demo_key(accounts, name, secret)
    return keys


def _add_demo_key(accounts: AccountStore, name: str, secret: str) -> None:
    account_type = "FREE" if name == "poor" else "PRO"
    key = accounts.add_key(secret, owner=name, credits=DEMO_CREDITS[name], account_type=account_type)
    yesterday = time.time() - 24 * 3600
    if name == "expired":
        accounts.expire(key, yesterday)
    if name == "revoked":
        accounts.revoke(key, yesterday)


class SandboxHub:
    """What the real hub's operators could do and see. Thread-safe.

    Keys are given by their secrets; an unknown one raises KeyError. `demo_keys` are secrets by name.
    """

    def __init__(self, state: SandboxState, demo_keys: dict[str, str]) -> None:
        self._state = state
        self.demo_keys = demo_keys

    def new_key(
        self,
        credits: int = 1000,
        account_type: str = "PRO",
        owner: str | None = None,
        next_expiration: str | None = None,
    ) -> str:
        """A fresh secret. With the `owner` of an earlier key it opens the same account, as that account stands.

        `next_expiration` is the text that `/credits` gives, such as "2026-04-30T08:00:00.000Z".
        """
        secret = new_secret()
        self._state.accounts.add_key(
            secret,
            owner=owner or f"owner-{secrets.token_hex(6)}",
            credits=credits,
            account_type=account_type,
            next_expiration=next_expiration,
        )
        return secret

    def revoke(self, key: str) -> None:
        """From now on the key is unknown (401 invalidApiKey)."""
        self._state.accounts.revoke(self._state.accounts.key(key), time.time())

    def expire(self, key: str) -> None:
        """From now on the key has expired (401 expiredApiKey)."""
        self._state.accounts.expire(self._state.accounts.key(key), time.time())

    def credits(self, key: str) -> int:
        """What is left on the key's account."""
        return self._state.accounts.of(self._state.accounts.key(key)).credits

    def set_credits(self, key: str, credits: int) -> None:
        """Change what is left; the ledger gets no entry."""
        accounts = self._state.accounts
        accounts.set_credits(accounts.of(accounts.key(key)), credits)

    def ledger(self, key: str) -> list[LedgerEntry]:
        """Charges and refunds of the key's account, oldest first."""
        return self._state.generations.ledger(self._state.accounts.key(key).account_id)

    def generations(self, key: str) -> list[Generation]:
        """The generations of the key's account, oldest first, with their request's fields and references."""
        return self._state.generations.of_account(self._state.accounts.key(key).account_id)

    def newest(self, count: int) -> list[Generation]:
        """Everybody's last generations, newest first."""
        return self._state.generations.newest(count)

    def requests(self, key: str) -> Counter[str]:
        """How often, since this start, the key was used for "submissions", "credits", "looks", and each id asked for.

        The ids are those of generations and of images.
        """
        key_id = self._state.accounts.key(key).id
        counts = self._state.counts.copy()
        return Counter({what: count for (owner, what), count in counts.items() if owner == key_id})


STATE = web.AppKey("state", SandboxState)
HUB = web.AppKey("hub", SandboxHub)
