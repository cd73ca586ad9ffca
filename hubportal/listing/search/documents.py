"""What the index knows of a row, the rows that are indexed, and how they keep the index right as they come and go."""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from hubportal.listing.search.registry import index_of


class SearchDocument(models.Model):
    """The place of a row in the order of its list, and the facts it can be found by. Its terms stand beside it.

    `place` is made of the row's time (place.py). On PostgreSQL the table has a further column `terms`, on SQLite
    an FTS5 table has them (schema.py); neither is Django's. Subclasses add `row`, one-to-one.
    """

    place = models.BigAutoField(primary_key=True)
    tenant = models.BigIntegerField()
    facts = models.TextField()

    class Meta:
        abstract = True


class SearchedQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows that are in the index from when they are saved until they are deleted.

    What changes them otherwise says so: `SearchIndex.update`.
    """

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        with transaction.atomic(using=self.db, savepoint=False):
            created = super().bulk_create(objs, *args, **kwargs)
            index_of(self.model).add(created)
        return created

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db, savepoint=False):
            index_of(self.model).remove(self)
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Searched(models.Model):
    """A row whose list can be searched."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            index_of(type(self)).add([self])
