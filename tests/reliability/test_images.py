"""The pictures are made and paid for: what their addresses may answer."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import requests
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image as Pillow

from hubportal.generations.models import Generation, Image, ReferenceFile, State
from hubportal.hub.download import fetch_image
from tests import worker
from tests.hub.conftest import Behaviour, Server, Visit, answering
from tests.imaging.collection import collection
from tests.makers import picture_bytes
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db


def pause(image: Image) -> timedelta:
    assert image.due_at
    return image.due_at - timezone.now()


def picture_of(generation: Generation) -> Image:
    """Its only picture, which nobody holds, and whose address is still there."""
    image = generation.images.get()
    assert image.lease_until is None
    assert image.url.startswith("http")
    return image


@pytest.mark.parametrize("status", [403, 404, 500])
def test_the_address_answers_no(case: Case, status: int) -> None:
    generation = case.make(f"[imagestatus {status} 99]")

    image = picture_of(generation)
    assert (image.kept_at, image.tries) == (None, 1)
    assert timedelta() < pause(image) < timedelta(seconds=10)
    case.told(generation)


def test_the_address_answers_after_a_while(case: Case) -> None:
    generation = case.make("[imagestatus 503 2]")
    image = picture_of(generation)
    asked_to_wait = pause(image)

    for _ in range(2):
        image = case.keep(image)

    assert timedelta(seconds=25) < asked_to_wait < timedelta(seconds=31)
    assert (image.tries, image.problem, image.width) == (2, "", 64)
    case.told(generation)


def test_it_is_tried_for_a_day_and_then_given_up(case: Case) -> None:
    generation = case.make("[goneimage]")
    image = picture_of(generation)
    pauses = []
    while not image.given_up and len(pauses) < 50:
        pauses.append(round(pause(image).total_seconds()))
        case.pass_time(seconds=pauses[-1] + 1)
        assert worker.sweep().images == [image.pk]
        image = case.keep(image)

    assert pauses == sorted(pauses)
    assert 30 < len(pauses) < 40, "given up after a day, neither sooner nor never"
    assert (pauses[0], pauses[-1]) == (5, 3600)
    assert worker.sweep().images == []
    assert picture_of(generation).url
    case.told(generation)


@pytest.mark.parametrize("ids", ["with-ids", "without"])
def test_an_address_that_died_is_asked_for_anew(case: Case, ids: str) -> None:
    first, second = case.pictures_to_keep("[mortalimage 3600]", n=2)
    if ids == "without":
        Image.objects.update(hub_id="")

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        dead = case.keep(second)
        kept = case.keep(second)
        case.keep(case.keep(first))
        served = requests.get(kept.url, timeout=5).content

    assert (dead.kept_at, dead.problem, dead.tries) == (None, "http-403", 1)
    assert (kept.problem, kept.size) == ("", len(served))
    assert kept.url != dead.url
    case.told(kept.generation)


def test_one_that_was_first_tried_late_is_tried_often_enough_all_the_same(case: Case) -> None:
    generation = case.make("[goneimage]")
    case.pass_time(seconds=2 * 86400)

    image = picture_of(generation)
    while not image.given_up and image.tries < 50:
        image = case.keep(image)

    assert image.tries == 10
    case.told(generation)


def test_a_slow_address_is_waited_for(case: Case) -> None:
    generation = case.make("[slowimage 0.4]")

    assert picture_of(generation).kept_at
    case.told(generation)


def test_an_address_that_is_too_slow_is_tried_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fetch_image.__kwdefaults__, "deadline", 0.2)
    generation = case.make("[slowimage 2]")

    assert pause(picture_of(generation)) > timedelta()
    case.told(generation)


def test_an_endless_file(case: Case) -> None:
    generation = case.make("[endless]")

    image = picture_of(generation)
    assert (image.kept_at, image.given_up) == (None, True)
    case.told(generation)


def test_a_transfer_that_breaks_off(case: Case) -> None:
    generation = case.make("[cutimage]")

    assert pause(picture_of(generation)) > timedelta()
    case.told(generation)


@pytest.mark.parametrize("kind", ["halfimage", "badimage", "svgimage"])
def test_what_comes_is_not_a_whole_picture(case: Case, kind: str) -> None:
    generation = case.make(f"[{kind}]")

    image = picture_of(generation)
    assert pause(image) > timedelta()
    assert_kept_as_file(case, image)
    case.told(generation)


def assert_kept_as_file(case: Case, image: Image, suffix: str = "") -> None:
    """It is no picture of the gallery, has no thumbnail, and goes out as a file to be saved."""
    gallery = case.browser.get(f"/t/{case.team.slug}/gallery/").content.decode()
    card = case.browser.get(f"/t/{case.team.slug}/generations/{image.generation_id}/card/").content.decode()
    assert image.is_file
    assert str(image.pk) not in gallery
    assert f'href="/media/{image.pk}/download"' in card
    assert "Made, kept as a file" in card
    assert "<img" not in card
    assert case.browser.get(f"/media/{image.pk}/thumb").status_code == 404
    for kind in ("original", "download"):
        served = case.browser.get(f"/media/{image.pk}/{kind}")
        assert b"".join(served.streaming_content) == image.original.read()
        assert served.headers["Content-Type"] == "application/octet-stream"
        assert served.headers["Content-Disposition"].startswith("attachment;")
        assert served.headers["Content-Disposition"].endswith(f'{suffix}"')
        image.original.seek(0)


def without_palette() -> bytes:
    """A picture in colours from a palette that isn't there: no browser shows a pixel of it."""
    out = BytesIO()
    Pillow.new("P", (8, 8)).save(out, "PNG")
    whole = out.getvalue()
    start = whole.index(b"PLTE") - 4
    return whole[:start] + whole[start + 12 + int.from_bytes(whole[start : start + 4]) :]


def test_a_file_that_breaks_the_reader(case: Case, serve: Callable[..., Server]) -> None:
    hostile = serve(answering(200, without_palette(), Content_Type="image/png"))
    generation = case.make(f"[imageat {hostile.url}/a.png]")

    image = picture_of(generation)
    assert pause(image) > timedelta()
    assert_kept_as_file(case, image)
    case.told(generation)


def test_what_can_not_be_shown_is_kept_also_when_nothing_better_came(case: Case) -> None:
    generation = case.make("[badimage]")
    case.pass_time(hours=25)

    while (image := case.keep(picture_of(generation))).due_at:
        assert image.tries < 50

    assert_kept_as_file(case, image)
    case.told(generation)


def in_turn(*bodies: bytes) -> Behaviour:
    """One body for each download, which is a connection of its own."""
    turns = iter(bodies)

    def behave(visit: Visit) -> None:
        answering(200, next(turns), Content_Type="image/png")(visit)

    return behave


def files_of(image: Image) -> list[str]:
    folder = image.original.name.rpartition("/")[0]
    return sorted(image.original.storage.listdir(folder)[1])


def test_a_whole_picture_takes_the_place_of_the_file(case: Case, serve: Callable[..., Server]) -> None:
    whole = picture_bytes("PNG", (64, 48))
    hub = serve(in_turn(whole[:-30], whole))
    generation = case.make(f"[imageat {hub.url}/a.png]")
    former = picture_of(generation)

    image = case.keep(former)

    assert former.is_file
    assert (image.is_shown, image.due_at, image.problem, image.width) == (True, None, "", 64)
    assert len(files_of(image)) == 3, "the picture and its thumbnails"
    case.told(generation)


def test_an_error_page_does_not_take_the_place_of_the_file(case: Case, serve: Callable[..., Server]) -> None:
    half = picture_bytes("PNG", (64, 48))[:-30]
    hub = serve(in_turn(half, b"<p>Sorry"))
    generation = case.make(f"[imageat {hub.url}/a.png]")

    image = case.keep(picture_of(generation))

    assert image.original.read() == half
    assert pause(image) > timedelta()
    case.told(generation)


@pytest.mark.parametrize(("form", "suffix"), [("GIF", "gif"), ("AVIF", "avif"), ("TIFF", "tif")])
def test_another_kind_of_picture_is_kept_under_its_own_ending(
    case: Case, serve: Callable[..., Server], form: str, suffix: str
) -> None:
    hub = serve(answering(200, picture_bytes(form), Content_Type="image/png"))

    generation = case.make(f"[imageat {hub.url}/a.png]")

    assert_kept_as_file(case, picture_of(generation), f"-1.{suffix}")
    case.told(generation)


def test_a_picture_with_megabytes_of_profile(case: Case, serve: Callable[..., Server]) -> None:
    hub = serve(answering(200, collection()["png profile of megabytes"], Content_Type="image/png"))

    generation = case.make(f"[imageat {hub.url}/a.png]")

    image = picture_of(generation)
    assert (image.is_shown, image.content_type, image.width, image.height) == (True, "image/png", 64, 48)
    case.told(generation)


def test_a_reference_that_breaks_the_reader_is_tried_once(case: Case) -> None:
    stored = ReferenceFile(
        team=case.team, added_by=case.owner, sha256="0" * 64, content_type="image/png", size=1, width=8, height=8
    )
    stored.file.save("x", ContentFile(without_palette()))
    assert worker.sweep().references == [stored.pk]

    worker.make_reference_thumb(stored.pk)

    assert worker.sweep().references == []
    assert not ReferenceFile.objects.get().thumb


def test_nine_hundred_million_pixels(case: Case) -> None:
    generation = case.make("[vastimage]")

    image = picture_of(generation)
    assert (image.due_at, image.width, image.height) == (None, 30_000, 30_000)
    assert_kept_as_file(case, image)
    case.told(generation)


@pytest.mark.parametrize("content_type", ["text/html", "image/jpeg", "nonsense"])
def test_the_type_is_told_by_the_bytes(case: Case, content_type: str) -> None:
    generation = case.make(f"[imagetype {content_type}]")

    image = picture_of(generation)
    served = case.browser.get(f"/media/{image.pk}/original")
    assert (image.content_type, served.headers["Content-Type"]) == ("image/png", "image/png")
    case.told(generation)


def test_one_of_several_pictures_is_missing(case: Case) -> None:
    first, second = case.pictures_to_keep("A boat [imagestatus 404 1]", n=2)
    generation = first.generation

    case.keep(first)
    state = case.read(generation).state
    case.keep(second)
    case.keep(second)

    page = case.browser.get(f"/t/{case.team.slug}/generations/{generation.pk}/").content.decode()
    assert state == State.RUNNING
    assert page.count("The hub made this picture, but it can&#x27;t be fetched yet.") == 1
    case.told(generation)
