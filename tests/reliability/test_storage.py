"""The pictures come, and there is no place for them here: they are not lost, and nobody holds them for ever."""

import os
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from django.core.files import uploadedfile
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError
from django.utils import timezone

from hubportal.generations.models import Image
from tests import worker
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db

LARGE = "1024x1024"


class FullDisk:
    """A disk without room for what is on its way here, until `make_room`.

    Every file that is made for it takes its writes to /dev/full, so it is the kernel that says ENOSPC.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._is_full = True

    def make_room(self) -> None:
        self._is_full = False

    def make_file(self, *arguments: Any, **options: Any) -> Any:
        made = NamedTemporaryFile(*arguments, **options)  # noqa: SIM115 - its user closes it
        if self._is_full:
            full = os.open("/dev/full", os.O_RDWR)
            os.dup2(full, made.fileno())
            os.close(full)
        return made


@pytest.fixture
def full_disk(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    disk = FullDisk(tmp_path / "disk")
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = disk.folder / "media", disk.folder / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    monkeypatch.setattr(uploadedfile.tempfile, "NamedTemporaryFile", disk.make_file)
    return disk


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def assert_tried_on(image: Image) -> None:
    assert (image.kept_at, image.lease_until, image.original.name) == (None, None, "")
    assert image.url
    assert image.due_at
    assert timedelta() < image.due_at - timezone.now() < timedelta(minutes=1)


def test_the_disk_is_full(case: Case, full_disk: FullDisk) -> None:
    generation = case.make(size=LARGE)

    assert_tried_on(generation.images.get())
    assert files_in(full_disk.folder) == []
    case.told(generation)


def test_the_disk_is_full_for_a_day(case: Case, full_disk: FullDisk) -> None:
    generation = case.make(size=LARGE)
    case.pass_time(hours=24)

    while not (image := case.keep(generation.images.get())).given_up:
        assert image.tries < 50

    assert image.url
    case.told(generation)


def test_the_disk_has_room_again(case: Case, full_disk: FullDisk) -> None:
    generation = case.make(size=LARGE)
    full_disk.make_room()

    image = case.keep(generation.images.get())

    assert image.original.size == image.size > 64_000
    assert len(files_in(full_disk.folder)) == 3
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
    monkeypatch.setattr(Image, "record_downloaded", fail_once)
    with pytest.raises(OperationalError):
        worker.download_image(image.pk)
    left = files_in(Path(settings.MEDIA_ROOT))
    case.pass_time(minutes=1)
    assert worker.sweep().images == [image.pk]

    case.keep(image)

    assert left == []
    assert len(files_in(Path(settings.MEDIA_ROOT))) == 3
    case.told(image.generation)


def test_the_storage_can_be_reached_again(case: Case, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    generation = case.make()
    settings.MEDIA_ROOT = tmp_path / "media"

    image = case.keep(generation.images.get())

    assert image.original.storage.exists(image.original.name)
    case.told(generation)
