"""Comparing the stored files with the rows that know of them.

Reads both whole, some at a time: neither all names nor all rows are ever in memory, only one folder's. Works through
Django's storage API, so on any storage; there each row costs a request or two.
"""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db.models import QuerySet
from django.utils import timezone

from hubportal.generations.models import Image, ReferenceFile

BATCH_SIZE = 500
# A file is stored before its row knows of it. A younger one may be about to get its row.
MIN_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FileFault:
    """A file, by its name in the storage, and whether that is there without a row or a row's without being there."""

    name: str
    has_file: bool


def check_files(storage: Storage = default_storage) -> Iterator[FileFault]:
    """Every row's file that is missing, then every file that no row knows of.

    What is stored or deleted meanwhile is not a fault.
    """
    # A picture whose deletion was interrupted may have lost its files already.
    yield from _missing(storage, Image.objects.filter(kept_at__isnull=False), "original", "thumb", "thumb_small")
    yield from _missing(storage, ReferenceFile.objects.all(), "file", "thumb")
    for names in batched(_walk(storage, ""), BATCH_SIZE, strict=False):
        known = _known_among(names)
        for name in names:
            if name not in known and _is_old(storage, name) and name not in _known_among((name,)):
                yield FileFault(name, has_file=True)


def _missing(storage: Storage, rows: QuerySet[Any], *fields: str) -> Iterator[FileFault]:
    """Files that these rows name in one of the fields, and that are not there."""
    batch: list[tuple[Any, ...]] = []
    while batch := list(
        (rows.filter(pk__gt=batch[-1][0]) if batch else rows).order_by("pk").values_list("pk", *fields)[:BATCH_SIZE]
    ):
        for pk, *names in batch:
            for field, name in zip(fields, names, strict=True):
                # Asked again: the row may have gone meanwhile, and its file before it.
                if name and not storage.exists(name) and rows.filter(pk=pk, **{field: name}).exists():
                    yield FileFault(name, has_file=False)


def _walk(storage: Storage, folder: str) -> Iterator[str]:
    """The names of all files in a folder and below."""
    with suppress(FileNotFoundError):
        folders, files = storage.listdir(folder)
        before = f"{folder}/" if folder else ""
        yield from (f"{before}{name}" for name in files)
        for name in folders:
            yield from _walk(storage, f"{before}{name}")


def _known_among(names: tuple[str, ...]) -> set[str]:
    """Those that a row knows of. Found by the ids in the names, which have an index; names have none."""
    pictures: set[uuid.UUID] = set()
    references: set[uuid.UUID] = set()
    passing: set[str] = set()
    for name in names:
        match name.split("/"):
            case ["conversions", *_]:
                # They go by themselves within two days, with a row or without.
                passing.add(name)
            case ["pictures", _team, _year, _month, pk, _file]:
                with suppress(ValueError):
                    pictures.add(uuid.UUID(pk))
            case ["references", _team, _beginning, file]:
                with suppress(ValueError):
                    references.add(uuid.UUID(file[:36]))
    rows = Image.objects.filter(pk__in=pictures).values_list("original", "thumb", "thumb_small")
    others = ReferenceFile.objects.filter(pk__in=references).values_list("file", "thumb")
    return passing.union(name for row in (*rows, *others) for name in row)


def _is_old(storage: Storage, name: str) -> bool:
    """Whether the file is there, and has been for MIN_AGE."""
    try:
        return storage.get_modified_time(name) < timezone.now() - MIN_AGE
    except FileNotFoundError:
        return False
