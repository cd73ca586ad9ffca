"""What one sandbox consists of; handlers find it in the application."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from hubportal.sandbox.accounts import Accounts
from hubportal.sandbox.database import Database
from hubportal.sandbox.generations import Generations
from hubportal.sandbox.painter import Painter
from hubportal.sandbox.records import Key


@dataclass(frozen=True, slots=True)
class Parts:
    """An open sandbox. `counts` is how often, since this start, a key (by id) was used for what."""

    database: Database
    accounts: Accounts
    generations: Generations
    painter: Painter
    uploads: Path
    counts: Counter[tuple[int, str]] = field(default_factory=Counter)

    @classmethod
    def open(cls, data: Path, pace: float) -> "Parts":
        """Everything under the folder `data`, which is made if it isn't there. Raises OSError."""
        for folder in (data, data / "images", data / "uploads"):
            folder.mkdir(parents=True, exist_ok=True)
        database = Database(data / "sandbox.sqlite3")
        generations = Generations(database)
        painter = Painter(generations, data / "images", pace)
        return cls(database, Accounts(database), generations, painter, data / "uploads")

    def count(self, key: Key, what: str) -> None:
        """Remember that a key was used for something."""
        self.counts[key.id, what] += 1


PARTS = web.AppKey("parts", Parts)
