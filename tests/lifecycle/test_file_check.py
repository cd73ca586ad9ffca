"""Files and the rows that know of them are compared both ways, whatever the storage."""

import io
import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubportal.generations.models import Image, ReferenceFile
from hubportal.lifecycle import file_check
from hubportal.lifecycle.file_check import FileFault, check_files
from tests import makers
from tests.gallery.kept import keep, picture

LONG_AGO = timedelta(days=2)


@pytest.fixture
def stored(cast: SimpleNamespace) -> SimpleNamespace:
    """A picture and a reference image, both with a thumbnail, all in order and two days old."""
    image = picture(cast.team, cast.member)
    reference = ReferenceFile(
        team=cast.team, added_by=cast.member, sha256="ab" * 32, content_type="image/png", size=9, width=4, height=3
    )
    reference.file.save("boat", ContentFile(makers.picture_bytes()))
    reference.record_thumb(b"webp")
    for path in Path(default_storage.path("")).rglob("*"):
        age(path)
    return SimpleNamespace(image=image, reference=reference)


def age(path: Path) -> None:
    then = (timezone.now() - LONG_AGO).timestamp()
    os.utime(path, (then, then))


def stray(name: str, *, old: bool = True) -> None:
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    if old:
        age(path)


def test_a_site_in_order_has_no_fault(stored: SimpleNamespace) -> None:
    assert list(check_files()) == []


def test_a_site_without_any_file_has_no_fault(db: None) -> None:
    assert list(check_files()) == []


def test_each_file_of_a_row_is_missed(stored: SimpleNamespace) -> None:
    names = [stored.image.original.name, stored.image.thumb.name, stored.reference.file.name]
    names.append(stored.reference.thumb.name)
    for name in names:
        default_storage.delete(name)

    assert list(check_files()) == [FileFault(name, has_file=False) for name in names]


@pytest.mark.parametrize(
    "place",
    [
        "pictures/{team}/2026/11/00000000-0000-4000-8000-000000000000/picture.png",
        "pictures/{team}/2026/11/{image}/picture_x7Kd2.png",
        "pictures/{team}/2026/11/no-id/picture.png",
        "pictures/{team}/left.png",
        "pictures/{team}/2026/11/{image}/deeper/picture.png",
        "references/{team}/ab/{sha256}_x7Kd2",
        "references/99/ab/{sha256}",
        "references/team/ab/{sha256}",
        "references/" + "9" * 40 + "/ab/{sha256}",
        "elsewhere/notes.txt",
        "notes.txt",
    ],
)
def test_a_file_that_no_row_knows_of_is_found(cast: SimpleNamespace, stored: SimpleNamespace, place: str) -> None:
    name = place.format(team=cast.team.pk, image=stored.image.pk, sha256="ab" * 32)
    stray(name)

    assert list(check_files()) == [FileFault(name, has_file=True)]


def test_a_file_that_is_being_stored_is_no_fault(stored: SimpleNamespace) -> None:
    stray("pictures/1/2026/11/00000000-0000-4000-8000-000000000000/picture.png", old=False)

    assert list(check_files()) == []


def test_a_row_that_goes_while_it_is_looked_at_is_no_fault(
    stored: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleted_meanwhile(_storage: Any, _name: str) -> bool:
        Image.objects.all().delete()
        ReferenceFile.objects.all().delete()
        return False

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.exists", deleted_meanwhile)

    assert [fault for fault in check_files() if not fault.has_file] == []


def test_a_picture_whose_deletion_was_interrupted_misses_nothing(stored: SimpleNamespace) -> None:
    Image.objects.update(kept_at=None)
    default_storage.delete(stored.image.original.name)

    assert list(check_files()) == []


def test_it_needs_nothing_but_the_storage_api(stored: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = InMemoryStorage()
    image = stored.image
    for file in (image.original, image.thumb, image.thumb_small, stored.reference.file):
        storage.save(file.name, ContentFile(b"x"))
    storage.save("stray.png", ContentFile(b"x"))
    monkeypatch.setattr(file_check, "MIN_AGE", timedelta())

    faults = list(check_files(storage))

    assert faults == [FileFault(stored.reference.thumb.name, has_file=False), FileFault("stray.png", has_file=True)]


def test_more_files_are_read_some_at_a_time(
    cast: SimpleNamespace, stored: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_check, "BATCH_SIZE", 2)
    generation = makers.make_generation(cast.team, cast.member)
    images = [keep(generation, position=position) for position in range(5)]
    default_storage.delete(images[3].thumb.name)
    stray("stray.png")

    with CaptureQueriesContext(connection) as queries:
        faults = list(check_files())

    assert faults == [FileFault(images[3].thumb.name, has_file=False), FileFault("stray.png", has_file=True)]
    assert len(queries) < 30


def test_doctor_names_them_when_it_is_asked_to(stored: SimpleNamespace) -> None:
    default_storage.delete(stored.image.original.name)
    stray("stray.png")
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("doctor", "--files", stdout=out)

    lines = out.getvalue().splitlines()
    assert f"row without a file  {stored.image.original.name}" in lines
    assert "file without a row  stray.png" in lines
    assert lines[-1].startswith("not right  files     without a row: 1, missing: 1.")


def test_doctor_does_not_read_them_by_itself(stored: SimpleNamespace) -> None:
    stray("stray.png")
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("doctor", stdout=out)

    assert "files" not in out.getvalue()
