"""Taking in references: byte for byte, once a team, and only for whoever uploaded them."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.generations import references
from hubportal.generations.models import ReferenceFile
from hubportal.generations.timing import UNUSED_REFERENCE_RETENTION
from hubportal.generations.wording.orders import upload_problem
from hubportal.imaging import InvalidImage
from tests import makers
from tests.gallery.kept import picture
from tests.gallery.reading import parsed

pytestmark = pytest.mark.django_db


def arrived(content: bytes, name: str = "boat.png") -> TemporaryUploadedFile:
    """A file as the upload handler leaves it."""
    file = TemporaryUploadedFile(name, "application/octet-stream", len(content), None)
    file.write(content)
    file.seek(0)
    file.sha256 = f"{hash(content) & 0xFFFFFFFF:064x}"
    return file


def test_a_reference_is_kept_byte_for_byte_under_its_own_type(cast: SimpleNamespace):
    content = makers.picture_bytes("JPEG", (80, 60))

    upload = references.store_upload(cast.team, cast.member, arrived(content, "boat.png"))

    stored = upload.stored
    assert stored.file.read() == content
    assert (stored.content_type, stored.size, stored.width, stored.height) == ("image/jpeg", len(content), 80, 60)
    assert (upload.name, stored.added_by) == ("boat.png", cast.member)


def test_the_same_bytes_are_stored_once_in_a_team_and_apart_in_another(cast: SimpleNamespace):
    content = makers.picture_bytes()
    elsewhere = cast.stranger.memberships.get().team

    first = references.store_upload(cast.team, cast.member, arrived(content, "a.png"))
    second = references.store_upload(cast.team, cast.owner, arrived(content, "b.png"))
    third = references.store_upload(elsewhere, cast.stranger, arrived(content))

    assert first.stored == second.stored != third.stored
    assert (first.name, second.name) == ("a.png", "b.png")
    assert ReferenceFile.objects.count() == 2


def test_what_lost_a_race_leaves_no_file_behind(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch):
    content = makers.picture_bytes()
    first = references.store_upload(cast.team, cast.member, arrived(content))
    # The other upload is not there yet when this one looks.
    monkeypatch.setattr(ReferenceFile.objects.filter().__class__, "update", lambda self, **changes: 0)

    second = references.store_upload(cast.team, cast.owner, arrived(content))

    assert second.stored == first.stored
    folder = first.stored.file.name.rpartition("/")[0]
    assert first.stored.file.storage.listdir(folder)[1] == [first.stored.file.name.rpartition("/")[2]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"GIF89a", "unreadable"), (makers.picture_bytes()[:-20], "truncated")],
)
def test_what_is_no_picture_is_refused_with_a_reason_and_not_stored(cast: SimpleNamespace, content: bytes, reason: str):
    with pytest.raises(InvalidImage) as refusal:
        references.store_upload(cast.team, cast.member, arrived(content))

    assert refusal.value.reason == reason
    assert not ReferenceFile.objects.exists()


@pytest.mark.parametrize(
    "reason", ["unreadable", "empty", "animated", "truncated", "too-many-pixels", "too-large", "too-many", "new-one"]
)
def test_every_reason_has_a_sentence_that_names_the_file(reason: str):
    assert upload_problem("{boat} 100%.png", reason).startswith("{boat} 100%.png ")


def test_a_token_brings_back_the_reference_in_its_place(cast: SimpleNamespace):
    contents = (makers.picture_bytes(), makers.picture_bytes(colour="red"))
    upload = [references.store_upload(cast.team, cast.member, arrived(content)) for content in contents]

    again = references.read_tokens([one.token for one in reversed(upload)], cast.team, cast.member)

    assert again == (list(reversed(upload)), [])


def test_a_token_is_no_use_to_somebody_else_or_in_another_team_or_when_forged(cast: SimpleNamespace):
    token = references.store_upload(cast.team, cast.member, arrived(makers.picture_bytes())).token
    elsewhere = cast.stranger.memberships.get().team

    assert references.read_tokens([token], cast.team, cast.owner) == ([], [""])
    assert references.read_tokens([token], elsewhere, cast.member) == ([], ["boat.png"])
    assert references.read_tokens([token[:-1], "", "x" * 9000], cast.team, cast.member) == ([], ["", "", ""])
    assert references.read_tokens([token] * 33, cast.team, cast.member)[1] == [""]


def test_a_reference_in_a_form_is_not_dropped_as_unused(cast: SimpleNamespace):
    upload = references.store_upload(cast.team, cast.member, arrived(makers.picture_bytes()))
    ReferenceFile.objects.update(added_at=timezone.now() - UNUSED_REFERENCE_RETENTION + timedelta(hours=1))

    references.read_tokens([upload.token], cast.team, cast.member)

    assert ReferenceFile.objects.delete_unused(timezone.now()) == 0
    assert ReferenceFile.objects.exists()


def test_a_picture_becomes_a_reference_without_an_upload_once_and_outlives_the_picture(cast: SimpleNamespace):
    image = picture(cast.team, cast.member, size=(80, 60))

    first, second = (references.use_picture(image, cast.owner) for _ in range(2))
    image.delete_stored()

    assert first.stored == second.stored
    assert ReferenceFile.objects.count() == 1
    assert (first.stored.content_type, first.stored.width, first.stored.height) == ("image/png", 80, 60)
    assert first.stored.file.read() == makers.picture_bytes(size=(80, 60))


def test_a_picture_that_was_uploaded_before_is_not_copied(cast: SimpleNamespace):
    image = picture(cast.team, cast.member)
    content = image.original.open().read()
    file = arrived(content)
    file.sha256 = hashlib.sha256(content).hexdigest()
    uploaded = references.store_upload(cast.team, cast.member, file)

    assert references.use_picture(image, cast.owner).stored == uploaded.stored


def test_the_create_page_takes_a_picture_of_the_team_as_a_reference(
    cast: SimpleNamespace, browser_of: Callable[[str], Client]
):
    image = picture(cast.team, cast.member)
    create = reverse("generations:create", args=[cast.team.slug])

    page = browser_of("owner").get(create, {"reference": image.pk})
    tokens = [str(kept["value"]) for kept in parsed(page).select(".ref input[name=kept]")]

    read, lost = references.read_tokens(tokens, cast.team, cast.owner)
    assert [upload.stored.size for upload in read] == [image.size]
    assert lost == []


@pytest.mark.parametrize("case", ["private", "deleted", "elsewhere", "nonsense", "file lost"])
def test_a_picture_that_can_not_be_had_is_said_and_not_left_out_silently(
    cast: SimpleNamespace, browser_of: Callable[[str], Client], case: str
):
    team = cast.stranger.memberships.get().team if case == "elsewhere" else cast.team
    image = picture(team, cast.member, visibility="private" if case == "private" else "team")
    if case == "deleted":
        assert image.record_binned(cast.member)
    if case == "file lost":
        image.original.storage.delete(image.original.name)

    create = reverse("generations:create", args=[cast.team.slug])
    page = browser_of("owner").get(create, {"reference": "x" if case == "nonsense" else image.pk})

    assert page.status_code == 200
    assert parsed(page).select(".ref input[name=kept]") == []
    assert "it is no longer here" in parsed(page).select_one("#messages").text


def test_a_reviewer_stores_nothing_by_an_address(cast: SimpleNamespace, browser_of: Callable[[str], Client]):
    image = picture(cast.team, cast.member)

    browser_of("reviewer").get(reverse("generations:create", args=[cast.team.slug]), {"reference": image.pk})

    assert not ReferenceFile.objects.exists()
