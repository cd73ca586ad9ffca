"""The pictures come, and there is no place for them here: they are not lost, and nobody holds them for ever."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError
from django.utils import timezone

from hubportal.generations import steps
from hubportal.generations.models import Image
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db

LARGE = "1024x1024"


@pytest.fixture
def small_disk(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB for the pictures and what is on its way to them; `grow` makes it large."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = "size=64k"
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("a disk can be mounted by root only")
    (disk / "uploads").mkdir()
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = disk / "media", disk / "uploads"
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def grow(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def assert_tried_on(image: Image) -> None:
    assert (image.kept_at, image.lease_until, image.original.name) == (None, None, "")
    assert image.url
    assert image.due_at
    assert timedelta() < image.due_at - timezone.now() < timedelta(minutes=1)


def test_the_disk_is_full(case: Case, small_disk: Path) -> None:
    generation = case.make(size=LARGE)

    assert_tried_on(generation.images.get())
    assert files_in(small_disk) == []
    case.told(generation)


def test_the_disk_is_full_for_a_day(case: Case, small_disk: Path) -> None:
    generation = case.make(size=LARGE)
    case.pass_time(hours=24)

    case.keep(generation.images.get())

    assert generation.images.get().url
    case.told(generation)


def test_the_disk_has_room_again(case: Case, small_disk: Path) -> None:
    generation = case.make(size=LARGE)
    grow(small_disk)

    image = case.keep(generation.images.get())

    assert image.original.size == image.size > 64_000
    assert len(files_in(small_disk)) == 2
    case.told(generation)


def test_the_storage_can_not_be_reached(case: Case, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"

    generation = case.make()

    assert_tried_on(generation.images.get())
    case.told(generation)


def test_there_is_no_place_for_what_is_on_its_way(case: Case, settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "gone"

    generation = case.make()

    assert_tried_on(generation.images.get())
    case.told(generation)


class Unreliable(FileSystemStorage):
    """A storage that takes the picture and then has no room for the thumbnail, which it says in words of its own."""

    class Refused(Exception):
        pass

    def _save(self, name: str, content: Any) -> str:
        if name.endswith(".webp"):
            raise self.Refused
        return super()._save(name, content)


def test_the_storage_fails_half_way(case: Case, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image._meta.get_field("original"), "storage", Unreliable())
    monkeypatch.setattr(Image._meta.get_field("thumb"), "storage", Unreliable())

    generation = case.make()

    assert_tried_on(generation.images.get())
    assert files_in(Path(settings.MEDIA_ROOT)) == []
    case.told(generation)


def test_the_database_fails_when_the_picture_is_written_down(
    case: Case, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_once(*_: Any, **__: Any) -> None:
        monkeypatch.undo()
        raise OperationalError("database or disk is full")

    [image] = case.pictures_to_keep()
    monkeypatch.setattr(Image, "save", fail_once)
    with pytest.raises(OperationalError):
        steps.keep(image.pk)
    left = files_in(Path(settings.MEDIA_ROOT))
    case.pass_time(minutes=1)
    assert steps.sweep().to_keep == [image.pk]

    case.keep(image)

    assert left == []
    assert len(files_in(Path(settings.MEDIA_ROOT))) == 2
    case.told(image.generation)


def test_the_storage_can_be_reached_again(case: Case, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    generation = case.make()
    settings.MEDIA_ROOT = tmp_path / "media"

    image = case.keep(generation.images.get())

    assert image.original.storage.exists(image.original.name)
    case.told(generation)
