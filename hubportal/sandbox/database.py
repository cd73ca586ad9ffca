"""The sandbox's SQLite file: one connection, shared by the server's loop and its helpers' threads."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = Path(__file__).with_name("schema.sql")


class Database:
    """An open database; every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
        )
        self._connection.executescript(_SCHEMA.read_text(encoding="utf-8"))

    def close(self) -> None:
        """Close it for good."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or nothing."""
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
