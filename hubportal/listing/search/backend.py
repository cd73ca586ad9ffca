"""Where terms are kept: what each database's module does, and which of them is at hand."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, cast

from django.db import connection

from hubportal.listing.search import postgresql, sqlite


class Backend(Protocol):
    """Documents of one table, with their terms."""

    def insert(self, table: str, documents: Iterable[tuple[Any, ...]]) -> None:
        """Write documents: place, row, tenant, facts and terms."""

    def delete(self, table: str, documents: Sequence[tuple[int, list[str]]]) -> None:
        """Delete documents, told by place and the terms they have."""

    def clear(self, table: str) -> None:
        """Delete every document and all terms, whatever they are."""

    def find(
        self, table: str, clauses: Sequence[Sequence[str]], tenant: int, low: int, high: int, newest: bool, limit: int
    ) -> list[tuple[int, Any]]:
        """Places and rows of what has all terms of one of the clauses, between two places (included), in order."""
        ...

    def count(self, table: str, clauses: Sequence[Sequence[str]], tenant: int, low: int, high: int, limit: int) -> int:
        """How many there are, counted up to `limit`; below zero: at least as many."""
        ...


def backend() -> Backend:
    return cast("Backend", sqlite if connection.vendor == "sqlite" else postgresql)
