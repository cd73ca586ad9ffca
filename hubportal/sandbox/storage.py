"""The sandbox's SQLite file: accounts and their keys, generations, images and references, and the ledger.

Credits move in the same transaction as the generation they pay for, so a process killed at any moment leaves balance
and ledger in agreement.
"""

import hashlib
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hubportal.sandbox.records import Account, Generation, Image, Key, LedgerEntry, Order, Reference

_SCHEMA = Path(__file__).with_name("schema.sql")


class Database:
    """One SQLite connection, shared by all threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
        )
        self._connection.executescript(_SCHEMA.read_text(encoding="utf-8"))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed unless the block raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def one(self, query: str, *values: object) -> dict[str, Any] | None:
        """The first row, by column name."""
        found = self.all(query, *values)
        return found[0] if found else None

    def all(self, query: str, *values: object) -> list[dict[str, Any]]:
        """All rows, by column name."""
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values)]


class AccountStore:
    """Accounts and their keys. Of a key only its hash is stored, as at the real hub."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_key(
        self, secret: str, *, owner: str, credits: int, account_type: str = "PRO", next_expiration: str | None = None
    ) -> Key:
        """Store a key, and an account for its owner unless there is one."""
        with self._database.transaction() as db:
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
        """The key with this secret, also if it is expired or revoked."""
        row = self._database.one(
            "SELECT id, account_id, last_four, expires_at, revoked_at FROM keys WHERE digest = ?", _digest(secret)
        )
        return Key(**row) if row else None

    def key(self, secret: str) -> Key:
        """The key with this secret. Raises KeyError."""
        key = self.find_key(secret)
        if key is None:
            raise KeyError("no key with this secret")
        return key

    def expire(self, key: Key, at: float) -> None:
        """Let a key expire at a time in seconds since 1970."""
        with self._database.transaction() as db:
            db.execute("UPDATE keys SET expires_at = ? WHERE id = ?", (at, key.id))

    def revoke(self, key: Key, at: float) -> None:
        """Revoke a key from a time in seconds since 1970."""
        with self._database.transaction() as db:
            db.execute("UPDATE keys SET revoked_at = ? WHERE id = ?", (at, key.id))

    def of(self, key: Key) -> Account:
        """The account of a key."""
        return self.account(key.account_id)

    def account(self, account_id: int) -> Account:
        """An account. Raises KeyError."""
        row = self._database.one("SELECT * FROM accounts WHERE id = ?", account_id)
        if row is None:
            raise KeyError(account_id)
        return Account(**row)

    def set_credits(self, account: Account, credits: int) -> None:
        """Change what is left; the ledger gets no entry."""
        with self._database.transaction() as db:
            db.execute("UPDATE accounts SET credits = ? WHERE id = ?", (credits, account.id))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


class GenerationStore:
    """GenerationStore and the ledger in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, key: Key, order: Order, seconds: float | None) -> Generation | None:
        """Charge for an order and store it as running, due in so many seconds (None: never).

        Returns None, and stores nothing, when the account has too few credits.
        """
        new = f"clx_{secrets.token_hex(10)}"
        now = time.time()
        with self._database.transaction() as db:
            if not _charge(db, key.account_id, order.price):
                return None
            _insert(db, new, key, order, now, None if seconds is None else now + seconds)
            _add_ledger_entry(db, (key.account_id, key.id, new, "charge", order.price, now))
        return self.find(new)

    def finish(self, generation: Generation, image_ids: Sequence[str], failure: str | None) -> None:
        """Store the outcome and refund what wasn't delivered. A second call changes nothing."""
        now = time.time()
        refund = generation.price // generation.n * max(0, generation.n - len(image_ids))
        with self._database.transaction() as db:
            ended = db.execute(
                "UPDATE generations SET state = ?, failure = ? WHERE id = ? AND state = 'running'",
                ("succeeded" if failure is None else "failed", failure, generation.id),
            )
            if not ended.rowcount:
                return
            rows = [(name, generation.id, place, now) for place, name in enumerate(image_ids)]
            db.executemany("INSERT INTO images (id, generation_id, position, created_at) VALUES (?, ?, ?, ?)", rows)
            if refund:
                _charge(db, generation.account_id, -refund)
                _add_ledger_entry(db, (generation.account_id, generation.key_id, generation.id, "refund", refund, now))

    def find(self, generation_id: str) -> Generation | None:
        """One generation with its images and references."""
        found = self._select("WHERE id = ?", generation_id)
        return found[0] if found else None

    def of_image(self, image_id: str) -> Generation | None:
        """The generation an image belongs to."""
        found = self._select("WHERE id = (SELECT generation_id FROM images WHERE id = ?)", image_id)
        return found[0] if found else None

    def of_account(self, account_id: int) -> list[Generation]:
        """An account's generations, oldest first."""
        return self._select("WHERE account_id = ? ORDER BY accepted_at, rowid", account_id)

    def running(self) -> list[Generation]:
        """Everything without an outcome."""
        return self._select("WHERE state = 'running'")

    def newest(self, count: int) -> list[Generation]:
        """Everybody's last generations, newest first."""
        return self._select("ORDER BY accepted_at DESC, rowid DESC LIMIT ?", count)

    def ledger(self, account_id: int) -> list[LedgerEntry]:
        """An account's charges and refunds, oldest first."""
        rows = self._database.all(
            "SELECT owner, last_four AS key, generation_id AS generation, kind, ledger.credits, at"
            " FROM ledger JOIN accounts ON accounts.id = ledger.account_id JOIN keys ON keys.id = key_id"
            " WHERE ledger.account_id = ? ORDER BY ledger.id",
            account_id,
        )
        return [LedgerEntry(**row) for row in rows]

    def _select(self, where: str, *values: object) -> list[Generation]:
        rows = self._database.all(f"SELECT * FROM generations {where}", *values)  # noqa: S608 - `where` is ours
        return [self._read(row) for row in rows]

    def _read(self, row: dict[str, Any]) -> Generation:
        images = self._database.all(
            "SELECT id, created_at FROM images WHERE generation_id = ? ORDER BY position", row["id"]
        )
        references = self._database.all(
            "SELECT name, content_type, size, sha256 FROM reference_images WHERE generation_id = ? ORDER BY position",
            row["id"],
        )
        row["tint"] = tuple(json.loads(row["tint"])) if row["tint"] else None
        row["fields"] = json.loads(row["fields"])
        return Generation(
            **row,
            images=tuple(Image(**image) for image in images),
            references=tuple(Reference(**reference) for reference in references),
        )


def _charge(db: sqlite3.Connection, account_id: int, credits: int) -> bool:
    """Take credits from an account; negative ones are given back. False, and nothing changes, if it has too few."""
    charged = db.execute(
        "UPDATE accounts SET credits = credits - ? WHERE id = ? AND credits >= ?", (credits, account_id, credits)
    )
    return charged.rowcount == 1


def _add_ledger_entry(db: sqlite3.Connection, entry: tuple[int, int, str, str, int, float]) -> None:
    db.execute(
        "INSERT INTO ledger (account_id, key_id, generation_id, kind, credits, at) VALUES (?, ?, ?, ?, ?, ?)", entry
    )


def _insert(
    db: sqlite3.Connection, new: str, key: Key, order: Order, now: float, due_at: float | None
) -> None:  # fmt: skip
    db.execute(
        "INSERT INTO generations (id, account_id, key_id, model, prompt, aspect_ratio, tier, width, height, n, price,"
        " tint, fields, state, accepted_at, due_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)",
        (
            new, key.account_id, key.id, order.model, order.prompt, order.aspect_ratio, order.tier, order.width,
            order.height, order.n, order.price, json.dumps(order.tint) if order.tint else None,
            json.dumps(dict(order.fields)), now, due_at,
        ),
    )  # fmt: skip
    db.executemany(
        "INSERT INTO reference_images (generation_id, position, name, content_type, size, sha256)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(new, i, r.name, r.content_type, r.size, r.sha256) for i, r in enumerate(order.references)],
    )
