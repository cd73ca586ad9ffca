"""Who may paint, and with how many credits: accounts and the keys to them."""

import hashlib

from hubportal.sandbox.database import Database
from hubportal.sandbox.records import Account, Key


class Accounts:
    """Keys and accounts in the database. Of a key only its hash is kept, as at the real hub."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_key(
        self, secret: str, *, owner: str, credits: int, account_type: str = "PRO", next_expiration: str | None = None
    ) -> Key:
        """Write down a key, and an account for its owner; an account that is there already stays as it is."""
        with self._database.changing() as db:
            db.execute(
                "INSERT INTO accounts (owner, account_type, credits, next_expiration) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (owner, account_type, credits, next_expiration),
            )
            db.execute(
                "INSERT INTO keys (account_id, digest, last_four) SELECT id, ?, ? FROM accounts WHERE owner = ?",
                (_digest(secret), secret[-4:], owner),
            )
        return self.key(secret)

    def find_key(self, secret: str) -> Key | None:
        """The key with this secret, be it good or not."""
        row = self._database.one(
            "SELECT id, account_id, last_four, expires_at, revoked_at FROM keys WHERE digest = ?", _digest(secret)
        )
        return Key(**row) if row else None

    def key(self, secret: str) -> Key:
        """The same for a secret known to be right. Raises KeyError."""
        key = self.find_key(secret)
        if key is None:
            raise KeyError("no key with this secret")
        return key

    def expire(self, key: Key, at: float) -> None:
        """Let a key expire at a moment in seconds since 1970."""
        with self._database.changing() as db:
            db.execute("UPDATE keys SET expires_at = ? WHERE id = ?", (at, key.id))

    def revoke(self, key: Key, at: float) -> None:
        """Revoke a key from a moment in seconds since 1970."""
        with self._database.changing() as db:
            db.execute("UPDATE keys SET revoked_at = ? WHERE id = ?", (at, key.id))

    def of(self, key: Key) -> Account:
        """The account a key opens, as it stands now."""
        return self.account(key.account_id)

    def account(self, account_id: int) -> Account:
        """An account as it stands now. Raises KeyError."""
        row = self._database.one("SELECT * FROM accounts WHERE id = ?", account_id)
        if row is None:
            raise KeyError(account_id)
        return Account(**row)

    def set_credits(self, account: Account, credits: int) -> None:
        """Change from outside what is left; nothing of it enters the ledger."""
        with self._database.changing() as db:
            db.execute("UPDATE accounts SET credits = ? WHERE id = ?", (credits, account.id))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
