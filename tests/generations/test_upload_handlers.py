"""Receiving files: on disk, hashed as they arrive, never more or larger than a reference may be."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from hubportal.generations.upload_handlers import MAX_BYTES, CappedUploadHandler, SkippedUpload
from tests import makers


@pytest.fixture
def folder(tmp_path: Path, settings: SimpleNamespace) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def received(*contents: tuple[str, bytes]) -> HttpRequest:
    """A request whose files have been read; the field `last` follows them in the body."""
    files = [makers.upload(name, content) for name, content in contents]
    request = RequestFactory().post("/", {"references": files, "last": "still read"})
    request.upload_handlers = [CappedUploadHandler(request)]
    request.FILES  # noqa: B018  # the property reads the body
    return request


def files_of(request: HttpRequest) -> list[TemporaryUploadedFile]:
    return request.FILES.getlist("references")


def test_a_file_lies_on_disk_with_the_hash_of_its_bytes(folder: Path):
    content = makers.picture_bytes() * 1000

    file = files_of(received(("boat.png", content)))[0]

    assert Path(file.temporary_file_path()).parent == folder
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.read() == content


def test_a_file_of_exactly_50_mb_is_received_and_one_byte_more_is_not(folder: Path):
    most = bytes(MAX_BYTES)

    request = received(("fits.png", most), ("large.png", most + b"x"), ("small.png", b"x"))

    assert [file.name for file in files_of(request)] == ["fits.png", "small.png"]
    assert request.skipped_uploads == [SkippedUpload("large.png", "too-large")]
    assert request.POST["last"] == "still read"


def test_what_is_read_past_takes_no_room(folder: Path):
    request = received(("large.png", bytes(MAX_BYTES + 1)))

    assert not files_of(request)
    assert list(folder.iterdir()) == []


def test_the_17th_file_is_read_past_and_named(folder: Path):
    request = received(*((f"{number}.png", b"x") for number in range(1, 19)))

    assert len(files_of(request)) == 16
    assert request.skipped_uploads == [SkippedUpload("17.png", "too-many"), SkippedUpload("18.png", "too-many")]
