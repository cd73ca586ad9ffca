"""The sandbox from inside, for tests and the launcher: what the real hub's operators could do and see."""

import secrets
import time
from collections import Counter

from hubportal.sandbox.parts import Parts
from hubportal.sandbox.ready_keys import ReadyKey, new_secret
from hubportal.sandbox.records import Generation, LedgerEntry


class SandboxHub:
    """Safe from any thread. Keys are named by their secrets; an unknown one raises KeyError."""

    def __init__(self, parts: Parts, ready: tuple[ReadyKey, ...]) -> None:
        self._parts = parts
        self.ready_keys = {key.name: key.secret for key in ready}

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
        self._parts.accounts.add_key(
            secret,
            owner=owner or f"owner-{secrets.token_hex(6)}",
            credits=credits,
            account_type=account_type,
            next_expiration=next_expiration,
        )
        return secret

    def revoke(self, key: str) -> None:
        """From now on the key is unknown (401 invalidApiKey)."""
        self._parts.accounts.revoke(self._parts.accounts.key(key), time.time())

    def expire(self, key: str) -> None:
        """From now on the key has expired (401 expiredApiKey)."""
        self._parts.accounts.expire(self._parts.accounts.key(key), time.time())

    def credits(self, key: str) -> int:
        """What is left on the key's account."""
        return self._parts.accounts.of(self._parts.accounts.key(key)).credits

    def set_credits(self, key: str, credits: int) -> None:
        """Change what is left, past the ledger."""
        accounts = self._parts.accounts
        accounts.set_credits(accounts.of(accounts.key(key)), credits)

    def ledger(self, key: str) -> list[LedgerEntry]:
        """Charges and refunds of the key's account, oldest first."""
        return self._parts.generations.ledger(self._parts.accounts.key(key).account_id)

    def generations(self, key: str) -> list[Generation]:
        """The generations of the key's account, oldest first, with their request's fields and references."""
        return self._parts.generations.of_account(self._parts.accounts.key(key).account_id)

    def newest(self, count: int) -> list[Generation]:
        """Everybody's last generations, newest first."""
        return self._parts.generations.newest(count)

    def requests(self, key: str) -> Counter[str]:
        """How often, since this start, the key was used for "submissions", "credits", "looks", and each id asked for.

        The ids are those of generations and of images.
        """
        key_id = self._parts.accounts.key(key).id
        counts = self._parts.counts.copy()
        return Counter({what: count for (owner, what), count in counts.items() if owner == key_id})
