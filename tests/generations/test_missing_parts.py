"""Small thumbnails and palettes for pictures that were kept before there were any."""

import io
import uuid
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from PIL import Image as Pillow

from hubportal.generations import tasks
from hubportal.generations.models import Image
from hubportal.generations.worker import missing_parts
from hubportal.imaging import colour_names
from tests.gallery.kept import picture
from tests.gallery.reading import found


def old_picture(cast: SimpleNamespace) -> Image:
    """A picture with a large thumbnail alone."""
    image = picture(cast.team, cast.member, size=(1200, 600))
    image.thumb_small.delete(save=True)
    return image


def test_a_picture_of_an_earlier_version_gets_its_small_thumbnail(cast: SimpleNamespace) -> None:
    images = [old_picture(cast) for _ in range(3)]

    assert missing_parts.make_missing_small_thumbs() is None

    for image in images:
        image.refresh_from_db()
        with Pillow.open(io.BytesIO(image.thumb_small.open().read())) as thumb:
            assert (thumb.format, thumb.size) == ("WEBP", (320, 160))


def test_one_that_is_lost_or_damaged_keeps_nobody_else_waiting(cast: SimpleNamespace) -> None:
    lost, damaged, whole = sorted((old_picture(cast) for _ in range(3)), key=lambda image: image.pk)
    lost.thumb.storage.delete(lost.thumb.name)
    with damaged.thumb.storage.open(damaged.thumb.name, "wb") as file:
        file.write(b"RIFF")

    assert missing_parts.make_missing_small_thumbs() is None

    made = {image.pk for image in Image.objects.exclude(thumb_small="")}
    assert made == {whole.pk}


def test_a_round_ends_when_its_time_is_up_and_the_next_goes_on_there(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sorted((old_picture(cast) for _ in range(2)), key=lambda image: image.pk)
    monkeypatch.setattr(missing_parts, "BATCH_SIZE", 1)
    monkeypatch.setattr(missing_parts, "ROUND", -1.0)

    assert missing_parts.make_missing_small_thumbs() == first.pk
    assert list(Image.objects.without_small_thumb()) == [second]
    assert missing_parts.make_missing_small_thumbs(first.pk) == second.pk
    assert missing_parts.make_missing_small_thumbs(second.pk) is None


def test_the_task_takes_the_id_to_go_on_after(cast: SimpleNamespace) -> None:
    old_picture(cast)

    tasks.make_small_thumbs.func(str(uuid.UUID(int=2**128 - 1)))
    assert Image.objects.without_small_thumb().count() == 1

    tasks.make_small_thumbs.func()
    assert not Image.objects.without_small_thumb().exists()


def test_of_two_that_make_it_the_second_leaves_no_file(cast: SimpleNamespace) -> None:
    image = old_picture(cast)
    late = Image.objects.get(pk=image.pk)

    assert image.record_small_thumb(b"first")
    assert not late.record_small_thumb(b"second")

    folder = image.thumb.name.rpartition("/")[0]
    assert len(image.thumb.storage.listdir(folder)[1]) == 3
    assert Image.objects.get().thumb_small.open().read() == b"first"


def test_looking_for_them_reads_an_index_that_is_empty_in_the_end(cast: SimpleNamespace) -> None:
    old_picture(cast)
    missing = Image.objects.without_small_thumb().order_by("pk").filter(pk__gt=uuid.UUID(int=1))[:50]

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "image_without_small_thumb" in missing.explain()


def blue_picture(cast: SimpleNamespace) -> Image:
    """A picture whose colours nobody has read."""
    image = picture(cast.team, cast.member)
    file = io.BytesIO()
    Pillow.new("RGB", (64, 48), "#2850c8").save(file, "WEBP")
    with image.thumb.storage.open(image.thumb.name, "wb") as thumb:
        thumb.write(file.getvalue())
    return image


def test_the_colours_of_an_older_picture_are_read_and_it_is_found_by_them(
    cast: SimpleNamespace, browser_of: Callable[[str], Client]
) -> None:
    image = blue_picture(cast)
    before = found(browser_of("owner"), cast.team, colour="blue")

    tasks.read_palettes.func()

    image.refresh_from_db()
    assert colour_names(image.palette) == {"blue"}
    assert (before, found(browser_of("owner"), cast.team, colour="blue")) == (set(), {"A red boat"})
    assert not Image.objects.without_palette().exists()


def test_of_two_that_read_them_the_second_changes_nothing(cast: SimpleNamespace) -> None:
    image = blue_picture(cast)

    assert image.record_palette("2850c8")
    assert not Image.objects.get().record_palette("ffffff")

    assert Image.objects.get().palette == "2850c8"


def test_looking_for_pictures_without_colours_reads_an_index_that_is_empty_in_the_end(cast: SimpleNamespace) -> None:
    blue_picture(cast)
    missing = Image.objects.without_palette().order_by("pk").filter(pk__gt=uuid.UUID(int=1))[:50]

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "image_without_palette" in missing.explain()
