"""An index of rows: what each room declares, and how documents are written.

The index proposes and the row disposes: every row found is checked against its own description (rows.py), so a document
that is behind can hide a row for a while but never shows one that the reader may not see.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Q

from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.listing.search.backend import backend
from hubportal.listing.search.place import TIES, first_place, free_places
from hubportal.listing.search.terms import terms_of_text

BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Description:
    """What can be found of a row.

    `tenant` has the list, and all of it may see the row, unless it is `private_to` one person. `facts` are short words
    of ASCII letters and digits (`fact`), in the index; `exact` are those that a row must have to be shown, where the
    index knows it less exactly because it changes too often.
    """

    tenant: int
    facts: frozenset[str]
    private_to: int | None = None
    exact: frozenset[str] = field(default_factory=frozenset)

    @property
    def scope(self) -> str:
        return scope_of(self.tenant, self.private_to)

    @property
    def stored_facts(self) -> str:
        """Facts as one text: from it and the words all terms can be made again."""
        return " ".join((self.scope, *sorted(self.facts)))


def scope_of(tenant: int, private_to: int | None = None) -> str:
    """Where a document can be found: among what a tenant shares, or among what one person has there alone."""
    return f"{tenant}" if private_to is None else f"{tenant}u{private_to}"


def word_term(scope: str, word: str) -> str:
    return f"{scope}.{word}"


def fact_term(scope: str, fact: str = "") -> str:
    """The term of a fact; of none: of all that is in this scope."""
    return f"{scope}_{fact}"


def all_terms(stored_facts: str, words: Iterable[str]) -> list[str]:
    """Every term of a document with these words (`terms_of_text`). Words and facts differ by what follows the scope."""
    scope, *facts = stored_facts.split(" ")
    return [
        *(word_term(scope, word) for word in words),
        *(fact_term(scope, fact) for fact in facts),
        fact_term(scope),
    ]


class SearchIndex[M: models.Model]:
    """Finds the rows of one model. `describe` says what is to be found of a row, None where it is not to be.

    `words` gives a row's text, which never changes; `rows` gives rows with all that both read, fresh from the database;
    `documents` is its SearchDocument; `time` is the field of their order.
    """

    def __init__(
        self,
        model: type[M],
        documents: Any,
        *,
        describe: Callable[[M], Description | None],
        words: Callable[[M], str],
        rows: Callable[[], models.QuerySet[M]],
        time: str = "created_at",
    ) -> None:
        self.model, self.documents, self.time = model, documents, time
        self.describe, self.words, self.rows = describe, words, rows

    @property
    def table(self) -> str:
        return str(self.documents._meta.db_table)

    def add(self, rows: Collection[M]) -> None:
        """Write the documents of rows that were saved just now, inside their transaction."""
        described = [(row, found) for row in rows if (found := self.describe(row))]
        if described:
            places = free_places(((getattr(row, self.time), row.pk) for row, _ in described), self._taken(described))
            self._insert((place, row, found) for place, (row, found) in zip(places, described, strict=True))

    def update(self, pks: Collection[Any]) -> int:
        """Bring the documents of these rows up to date, inside the transaction of what changed them.

        Whoever changes a row that others may change as well holds its lock. Returns how many were not up to date.
        """
        with transaction.atomic(savepoint=False):
            rows = list(self.rows().filter(pk__in=pks))
            documents = {one.row_id: one for one in self._documents_of(pks)}
            behind = [row for row in rows if not self._is_right(row, documents.get(row.pk))]
            self._delete([(documents[row.pk], row) for row in behind if row.pk in documents])
            self.add(behind)
        return len(behind)

    def remove(self, rows: models.QuerySet[M]) -> None:
        """Forget rows that are about to be deleted. PostgreSQL's terms go with the documents."""
        if connection.vendor != "sqlite":
            return
        whole = self.rows().filter(pk__in=list(rows.order_by().values_list("pk", flat=True)))
        for batch in _in_batches(whole.iterator(chunk_size=BATCH_SIZE)):
            documents = {one.row_id: one for one in self._documents_of([row.pk for row in batch])}
            self._delete([(documents[row.pk], row) for row in batch if row.pk in documents])

    def rebuild(self, *, batch_size: int = BATCH_SIZE) -> Iterator[tuple[int, int]]:
        """Bring every document up to date, newest first, a transaction a batch. Yields rows looked at and changed."""
        rows = self.model._default_manager.order_by(f"-{self.time}", "-pk")
        last: tuple[Any, Any] | None = None
        while True:
            # As they are stored: a row that was saved meanwhile is in the index already.
            found = (
                rows
                if last is None
                else rows.filter(Q((f"{self.time}__lte", last[0]))).filter(
                    Q((f"{self.time}__lt", last[0])) | Q(pk__lt=last[1])
                )
            )
            batch = list(found.values_list(self.time, "pk")[:batch_size])
            if not batch:
                return
            yield len(batch), self.update([pk for _, pk in batch])
            last = batch[-1]

    def clear(self) -> None:
        """Forget everything, for `rebuild`: how terms are made has changed, or the index is damaged."""
        with transaction.atomic():
            backend().clear(self.table)

    def _documents_of(self, pks: Collection[Any]) -> Any:
        return self.documents._default_manager.filter(row__in=pks)

    def _is_right(self, row: M, document: Any) -> bool:
        found = self.describe(row)
        if found is None or document is None:
            return found is None and document is None
        is_in_place = document.place // TIES * TIES == first_place(getattr(row, self.time))
        return is_in_place and bool(document.facts == found.stored_facts)

    def _taken(self, described: list[tuple[M, Description]]) -> set[int]:
        """The places that others have at these moments."""
        firsts = [first_place(getattr(row, self.time)) for row, _ in described]
        return {place for (place,) in self._find_near.rows(first=min(firsts), end=max(firsts) + TIES)}

    @cached_property
    def _find_near(self) -> CompiledQuery[Any]:
        first, end = (Parameter(name, self.documents, "place") for name in ("first", "end"))
        return CompiledQuery(
            lambda: self.documents._default_manager.filter(place__gte=first, place__lt=end).values_list("place")
        )

    def _insert(self, described: Iterable[tuple[int, M, Description]]) -> None:
        prepare = self.documents._meta.get_field("row").get_db_prep_value
        backend().insert(
            self.table,
            [
                (
                    *(place, prepare(row.pk, connection), found.tenant, found.stored_facts),
                    self._terms(found.stored_facts, row),
                )
                for place, row, found in described
            ],
        )

    def _delete(self, documents: list[tuple[Any, M]]) -> None:
        # A row that is no longer to be found still has the words that its document was made of.
        if documents:
            backend().delete(self.table, [(one.place, self._terms(one.facts, row)) for one, row in documents])

    def _terms(self, stored_facts: str, row: M) -> list[str]:
        return all_terms(stored_facts, terms_of_text(self.words(row)))


def _in_batches[T](rows: Iterable[T], size: int = BATCH_SIZE) -> Iterator[list[T]]:
    batch: list[T] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
