"""The work and what it cost: generations, their images and references, and the ledger.

Credits move in the same transaction as the generation they pay for, so a process killed at any moment leaves
balance and ledger in agreement.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from hubportal.sandbox.database import Database
from hubportal.sandbox.records import Generation, Image, Key, LedgerEntry, Order, Reference


class Generations:
    """Generations and the ledger in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, key: Key, order: Order, seconds: float | None) -> Generation | None:
        """Charge for an order and write it down, due in so many seconds (None: never).

        None when the account has too few credits; nothing has happened then.
        """
        new = f"clx_{secrets.token_hex(10)}"
        now = time.time()
        with self._database.changing() as db:
            if not _take(db, key.account_id, order.price):
                return None
            _insert(db, new, key, order, now, None if seconds is None else now + seconds)
            _enter(db, (key.account_id, key.id, new, "charge", order.price, now))
        return self.find(new)

    def finish(self, generation: Generation, image_ids: Sequence[str], failure: str | None) -> None:
        """Write down the outcome and give back what wasn't delivered. A second time changes nothing."""
        now = time.time()
        refund = generation.price // generation.n * max(0, generation.n - len(image_ids))
        with self._database.changing() as db:
            ended = db.execute(
                "UPDATE generations SET state = ?, failure = ? WHERE id = ? AND state = 'running'",
                ("succeeded" if failure is None else "failed", failure, generation.id),
            )
            if not ended.rowcount:
                return
            rows = [(name, generation.id, place, now) for place, name in enumerate(image_ids)]
            db.executemany("INSERT INTO images (id, generation_id, position, created_at) VALUES (?, ?, ?, ?)", rows)
            if refund:
                _take(db, generation.account_id, -refund)
                _enter(db, (generation.account_id, generation.key_id, generation.id, "refund", refund, now))

    def find(self, generation_id: str) -> Generation | None:
        """One generation, whole."""
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
        rows = self._database.all(f"SELECT * FROM generations {where}", *values)  # noqa: S608 - our own words
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


def _take(db: sqlite3.Connection, account_id: int, credits: int) -> bool:
    """Whether the account had as many credits to take."""
    taken = db.execute(
        "UPDATE accounts SET credits = credits - ? WHERE id = ? AND credits >= ?", (credits, account_id, credits)
    )
    return taken.rowcount == 1


def _enter(db: sqlite3.Connection, entry: tuple[int, int, str, str, int, float]) -> None:
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
