"""Asking for a picture in another format: made by the worker, for who may see it, for a day."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow

from hubportal.audit.actor import Actor
from hubportal.gallery.conversion import run as conversion_run
from hubportal.gallery.conversion import tasks
from hubportal.gallery.conversion.requests import MAX_WAITING
from hubportal.gallery.models import Conversion, ConversionState
from hubportal.gallery.picture_bin import bin_image
from hubportal.generations.models import Generation, Image, Visibility
from hubportal.lifecycle.file_check import check_files
from hubportal.teams.models import Team
from tests.gallery.kept import picture
from tests.gallery.reading import parsed
from tests.gallery.test_archive import read

Browsers = Callable[[str], Client]


def ask(browser: Client, image: Image, form: str = "webp", side: str = "0") -> Any:
    place = reverse("gallery:formats", args=[image.team.slug, image.pk])
    return browser.post(place, {"format": form, "side": side}, follow=True)


def place_of(conversion: Conversion, name: str = "conversion") -> str:
    return reverse(f"gallery:{name}", args=[conversion.team.slug, conversion.pk])


def state_on(page: Any) -> str:
    found = parsed(page).select_one("#conversion")
    assert found is not None
    return str(found["data-state"])


@pytest.mark.parametrize(("form", "suffix"), [("png", "png"), ("jpeg", "jpg"), ("webp", "webp"), ("avif", "avif")])
def test_a_picture_is_made_in_the_worker_and_downloaded(
    cast: SimpleNamespace, browser_of: Browsers, form: str, suffix: str
) -> None:
    image, rob = picture(cast.team, cast.member, size=(600, 400)), browser_of("reviewer")

    asked = ask(rob, image, form, "512")
    conversion = Conversion.objects.get()
    early = rob.get(place_of(conversion, "conversion-file"))
    conversion_run.convert_picture(conversion.pk)
    ready = rob.get(place_of(conversion))
    file = rob.get(place_of(conversion, "conversion-file"))

    assert (state_on(asked), early.status_code, state_on(ready)) == ("pending", 404, "ready")
    assert file["Content-Disposition"] == f'attachment; filename="A-red-boat-1.{suffix}"'
    assert file["Content-Type"] == f"image/{form}"
    with Pillow.open(io.BytesIO(read(file))) as made:
        assert (made.format, made.size) == (form.upper(), (512, 341))


def test_it_says_what_and_who_made_it(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member, "A boat & a tram")
    ask(browser_of("owner"), image)
    conversion = Conversion.objects.get()

    conversion_run.convert_picture(conversion.pk)

    conversion.refresh_from_db()
    with Pillow.open(conversion.file.open()) as made:
        packet = made.info["xmp"].decode()
    for words in ("A boat &amp; a tram", "<rdf:li>Mina</rdf:li>", "gpt-image-2", "trainedAlgorithmicMedia"):
        assert words in packet


def test_the_original_stays_as_it_was(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    before = Path(image.original.path).read_bytes()

    ask(browser_of("member"), image, "png")
    conversion_run.convert_picture(Conversion.objects.get().pk)

    assert Path(image.original.path).read_bytes() == before


def test_asked_for_again_it_is_there_at_once(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    ask(browser_of("member"), image)
    conversion_run.convert_picture(Conversion.objects.get().pk)

    again = ask(browser_of("owner"), image)

    assert again["Content-Disposition"].startswith("attachment")
    assert read(again).startswith(b"RIFF")
    assert Conversion.objects.count() == 1


def test_no_size_larger_than_the_picture_is_offered(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image, mina = picture(cast.team, cast.member, size=(1100, 40)), browser_of("member")

    page = parsed(mina.get(reverse("gallery:formats", args=[cast.team.slug, image.pk])))

    assert [option["value"] for option in page.select("select[name=side] option")] == ["0", "1024", "512"]
    assert ask(mina, image, side="2048").status_code == 422


@pytest.mark.parametrize(("form", "side"), [("", "0"), ("gif", "0"), ("../png", "0"), ("png", "-1"), ("png", "7")])
def test_what_is_not_offered_is_refused(cast: SimpleNamespace, browser_of: Browsers, form: str, side: str) -> None:
    answer = ask(browser_of("member"), picture(cast.team, cast.member), form, side)

    assert (answer.status_code, Conversion.objects.exists()) == (422, False)


def test_looking_whether_it_is_made_writes_nothing(cast: SimpleNamespace, browser_of: Browsers) -> None:
    mina = browser_of("member")
    ask(mina, picture(cast.team, cast.member))

    with CaptureQueriesContext(connection) as queries:
        part = mina.get(place_of(Conversion.objects.get()), headers={"HX-Request": "true"})

    assert parsed(part).h1 is None
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


@pytest.mark.parametrize("why", ["private", "deleted", "another team's"])
def test_who_may_not_see_the_picture_gets_nothing_of_it(cast: SimpleNamespace, browser_of: Browsers, why: str) -> None:
    team, author = (cast.team, cast.member)
    if why == "another team's":
        team, author = Team.objects.get(name="Elsewhere"), cast.stranger
    image = picture(team, author)
    conversion = Conversion.objects.create(team=team, image=image, asked_by=author, format="webp", side=0)
    conversion_run.convert_picture(conversion.pk)
    if why == "private":
        Generation.objects.update(visibility=Visibility.PRIVATE)
    elif why == "deleted":
        bin_image(image, Actor(cast.member))
    slug = cast.team.slug
    places = [reverse(f"gallery:{name}", args=[slug, conversion.pk]) for name in ("conversion", "conversion-file")]

    answers = [browser_of("reviewer").get(place) for place in places]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert browser_of("reviewer").post(reverse("gallery:formats", args=[slug, image.pk])).status_code == 404


def test_a_file_that_is_no_picture_any_more_is_said_to_be(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image, mina = picture(cast.team, cast.member), browser_of("member")
    ask(mina, image)
    Path(image.original.path).write_bytes(b"no picture")

    conversion_run.convert_picture(Conversion.objects.get().pk)

    page = mina.get(place_of(Conversion.objects.get()))
    assert (state_on(page), "It could not be made." in parsed(page).text) == ("failed", True)


def test_a_file_that_cannot_be_read_is_tried_again_and_then_given_up(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    image, mina = picture(cast.team, cast.member), browser_of("member")
    ask(mina, image)
    default_storage.delete(str(image.original))
    states = []

    for _attempt in range(4):
        conversion_run.convert_picture(Conversion.objects.get().pk)
        states.append(Conversion.objects.get().state)

    assert states == ["pending", "pending", "failed", "failed"]


def test_two_workers_do_not_make_it_twice(cast: SimpleNamespace, browser_of: Browsers) -> None:
    ask(browser_of("member"), picture(cast.team, cast.member))
    conversion = Conversion.objects.get()
    assert Conversion.objects.claim(conversion.pk) is not None

    assert conversion_run.convert_picture(conversion.pk) is False


def test_nobody_waits_for_more_than_twenty(cast: SimpleNamespace, browser_of: Browsers) -> None:
    mina = browser_of("member")
    for _number in range(MAX_WAITING):
        ask(mina, picture(cast.team, cast.member))

    answer = ask(mina, picture(cast.team, cast.member))

    assert (answer.status_code, "You wait for twenty others already." in parsed(answer).text) == (422, True)


def test_after_a_day_it_is_gone_and_made_anew(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image, mina = picture(cast.team, cast.member), browser_of("member")
    ask(mina, image)
    conversion = Conversion.objects.get()
    conversion_run.convert_picture(conversion.pk)
    conversion.refresh_from_db()
    Conversion.objects.update(asked_at=timezone.now() - timedelta(days=1, minutes=1))

    gone = mina.get(place_of(conversion)).status_code
    again = ask(mina, image)

    assert (gone, state_on(again), Conversion.objects.count()) == (404, "pending", 1)
    assert Conversion.objects.get().pk != conversion.pk


def test_rows_go_after_a_day_and_files_when_the_next_is_over(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    old = Conversion.objects.create(
        team=cast.team, image=image, asked_by=cast.member, format="png", side=0,
        asked_at=timezone.now() - timedelta(hours=23),
    )  # fmt: skip
    conversion_run.convert_picture(old.pk)
    ask(browser_of("member"), image)
    conversion_run.convert_picture(Conversion.objects.get(format="webp").pk)
    young = Conversion.objects.get(format="webp")
    orphan = default_storage.save("conversions/2026-01-02/x.png", io.BytesIO(b"x"))
    Conversion.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(days=2))

    faults = [fault.name for fault in check_files()]
    tasks.delete_expired_conversions.call()

    assert faults == []
    assert list(Conversion.objects.all()) == [young]
    assert default_storage.exists(str(young.file))
    assert not default_storage.exists(orphan)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [({}, False), ({"state": ConversionState.READY}, True), ({"file": "x"}, True), ({"state": "lost"}, True)],
)
def test_the_database_refuses_one_that_is_ready_without_a_file(
    cast: SimpleNamespace, fields: dict[str, str], refused: bool
) -> None:
    image = picture(cast.team, cast.member)
    row = {"team": cast.team, "image": image, "asked_by": cast.member, "format": "png", "side": 0}
    if not refused:
        assert Conversion.objects.create(**row, **fields).pk
        return

    with pytest.raises(IntegrityError), transaction.atomic():
        Conversion.objects.create(**row, **fields)
