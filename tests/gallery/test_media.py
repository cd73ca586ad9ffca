"""Stored files: who may have which, and under what headers."""

import io
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from hubportal.generations.models import Generation, Image, ReferenceFile, Visibility
from hubportal.generations.worker.download import make_reference_thumb
from hubportal.teams.models import Membership
from tests import makers
from tests.gallery.kept import keep, picture
from tests.makers import make_generation, make_user, picture_bytes

Browsers = Callable[[str], Client]
HOUR = "private, max-age=3600, immutable"
KINDS = ("original", "thumb", "thumb-small", "download")
THUMBNAILS = {"thumb": "thumb", "thumb-small": "thumb_small"}


def address(pk: Any, kind: str = "original") -> str:
    return reverse("media", kwargs={"pk": pk, "kind": kind})


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def reference_of(cast: SimpleNamespace, **order: Any) -> Any:
    content = picture_bytes("JPEG")
    stored = ReferenceFile(
        team=cast.team,
        added_by=cast.member,
        sha256="ab" * 32,
        content_type="image/jpeg",
        size=len(content),
        width=64,
        height=48,
    )
    stored.file.save("unused", ContentFile(content))
    references = [(stored, "My “harbour”.jpeg")]
    generation = makers.make_generation(cast.team, cast.member, "A boat", references=references, **order)
    return generation.references.get()


@pytest.mark.parametrize("who", ["owner", "admin", "member", "reviewer"])
@pytest.mark.parametrize("kind", KINDS)
def test_everybody_in_the_team_gets_a_shared_picture(
    cast: SimpleNamespace, browser_of: Browsers, who: str, kind: str
) -> None:
    image = picture(cast.team, cast.member)

    response = browser_of(who).get(address(image.pk, kind))

    stored = getattr(image, THUMBNAILS.get(kind, "original"))
    assert response.status_code == 200
    assert body(response) == stored.open().read()


@pytest.mark.parametrize("kind", KINDS)
def test_a_private_picture_is_its_authors_alone(cast: SimpleNamespace, browser_of: Browsers, kind: str) -> None:
    image = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)

    assert browser_of("member").get(address(image.pk, kind)).status_code == 200
    for who in ("owner", "admin", "reviewer", "stranger"):
        assert browser_of(who).get(address(image.pk, kind)).status_code == 404, who


def test_somebody_removed_from_the_team_no_longer_gets_even_their_own_pictures(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    shared = picture(cast.team, cast.member)
    private = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)
    browser = browser_of("member")
    etag = browser.get(address(shared.pk))["ETag"]

    Membership.objects.filter(user=cast.member).delete()

    assert browser.get(address(shared.pk)).status_code == 404
    assert browser.get(address(private.pk)).status_code == 404
    assert browser.get(address(shared.pk), headers={"If-None-Match": etag}).status_code == 404
    assert browser.get(address(shared.pk, "thumb")).status_code == 404
    assert browser.get(address(shared.pk, "thumb-small")).status_code == 404


def test_whoever_signed_out_is_not_told_that_their_copy_is_still_good(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    browser = browser_of("member")
    image = picture(cast.team, cast.member)
    etag = browser.get(address(image.pk))["ETag"]

    browser.logout()

    assert browser.get(address(image.pk), headers={"If-None-Match": etag}).status_code == 302


@pytest.mark.parametrize("kind", ["reference", "raw", "originals", "thumb-2"])
def test_an_unknown_kind_is_404(cast: SimpleNamespace, browser_of: Browsers, kind: str) -> None:
    image = picture(cast.team, cast.member)

    assert browser_of("member").get(address(image.pk, kind)).status_code == 404


def test_an_unknown_picture_is_404(browser_of: Browsers) -> None:
    assert browser_of("member").get(address(uuid.uuid4())).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_not_kept_yet_is_404(cast: SimpleNamespace, browser_of: Browsers, kind: str) -> None:
    generation = make_generation(cast.team, cast.member)
    image = Image.objects.create(generation=generation, team=cast.team, position=0, url="https://cdn.example/1")

    assert browser_of("member").get(address(image.pk, kind)).status_code == 404


def test_a_file_the_storage_has_lost_is_404(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    image.original.storage.delete(str(image.original.name))

    assert browser_of("member").get(address(image.pk)).status_code == 404


@pytest.mark.parametrize(
    ("form", "content_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_a_picture_goes_out_as_what_it_is_and_may_do_nothing(
    cast: SimpleNamespace, browser_of: Browsers, form: str, content_type: str
) -> None:
    image = picture(cast.team, cast.member, form=form)

    response = browser_of("member").get(address(image.pk))

    assert response["Content-Type"] == content_type
    assert response["Content-Length"] == str(image.size)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Cookie" in response["Vary"]


def test_a_record_that_says_it_is_a_page_is_not_served(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    Image.objects.update(content_type="text/html")

    assert browser_of("member").get(address(image.pk)).status_code == 404


def test_a_thumbnail_is_webp_whatever_the_picture_is(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)

    response = browser_of("member").get(address(image.pk, "thumb"))

    assert response["Content-Type"] == "image/webp"
    assert response["Content-Disposition"] == 'inline; filename="A-red-boat-1.webp"'


def test_a_picture_is_named_after_its_prompt_and_place(cast: SimpleNamespace, browser_of: Browsers) -> None:
    generation = make_generation(cast.team, cast.member, "A red boat")
    image = keep(generation, position=2, form="JPEG")
    browser = browser_of("member")

    assert browser.get(address(image.pk))["Content-Disposition"] == 'inline; filename="A-red-boat-3.jpg"'
    assert (
        browser.get(address(image.pk, "download"))["Content-Disposition"] == 'attachment; filename="A-red-boat-3.jpg"'
    )


@pytest.mark.parametrize(
    "prompt", ["قارب أحمر", "🦊🦊", 'say "hi"\\', "one\r\ntwo: x", "x" * 300, "\u202egnp.exe", "Đà Lạt"]
)
def test_no_prompt_breaks_the_headers(cast: SimpleNamespace, browser_of: Browsers, prompt: str) -> None:
    image = picture(cast.team, cast.member, prompt)

    response = browser_of("member").get(address(image.pk, "download"))

    disposition = response["Content-Disposition"]
    assert response.status_code == 200
    assert disposition.isascii()
    assert "\r" not in disposition
    assert "\n" not in disposition
    assert disposition.startswith('attachment; filename="')


@pytest.mark.parametrize("kind", KINDS)
def test_a_browser_that_has_the_picture_is_told_so(cast: SimpleNamespace, browser_of: Browsers, kind: str) -> None:
    browser = browser_of("member")
    image = picture(cast.team, cast.member)
    etag = browser.get(address(image.pk, kind))["ETag"]

    response = browser.get(address(image.pk, kind), headers={"If-None-Match": etag})

    assert response.status_code == 304
    assert response.content == b""
    assert response["ETag"] == etag
    assert response["Cache-Control"] == (HOUR if kind in THUMBNAILS else "private, no-cache")
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("kind", THUMBNAILS)
def test_a_thumbnail_is_kept_for_an_hour_by_the_session_that_fetched_it(
    cast: SimpleNamespace, browser_of: Browsers, kind: str
) -> None:
    response = browser_of("member").get(address(picture(cast.team, cast.member).pk, kind))

    assert response["Cache-Control"] == HOUR
    assert "Cookie" in response["Vary"]
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_two_thumbnails_are_of_two_widths(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member, size=(1200, 900))
    browser = browser_of("member")

    sizes = []
    for kind in THUMBNAILS:
        with Pillow.open(io.BytesIO(body(browser.get(address(image.pk, kind))))) as thumb:
            sizes.append(thumb.size)

    assert sizes == [(640, 480), (320, 240)]


def test_until_there_is_a_small_thumbnail_the_other_stands_in(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    Image.objects.update(thumb_small="")

    response = browser_of("member").get(address(image.pk, "thumb-small"))

    assert body(response) == image.thumb.open().read()
    assert response["ETag"] == browser_of("member").get(address(image.pk, "thumb"))["ETag"]


@pytest.mark.parametrize(
    ("setting", "header", "start"),
    [
        (("X-Accel-Redirect", "/files/"), "X-Accel-Redirect", "/files/pictures/"),
        (("X-Sendfile", ""), "X-Sendfile", "/"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_is_told_which_file_to_send_and_gets_no_bytes(
    cast: SimpleNamespace,
    browser_of: Browsers,
    settings: Any,
    setting: tuple[str, str],
    header: str,
    start: str,
    kind: str,
) -> None:
    settings.MEDIA_SENDFILE, header = setting, setting[0]
    image = picture(cast.team, cast.member)

    response = browser_of("member").get(address(image.pk, kind))

    assert body(response) == b""
    assert response[header].startswith(start)
    assert response[header].endswith(getattr(image, THUMBNAILS.get(kind, "original")).name)
    assert browser_of("stranger").get(address(image.pk, kind)).get(header) is None


def test_other_bytes_have_another_tag(cast: SimpleNamespace, browser_of: Browsers) -> None:
    browser = browser_of("member")
    one, other = picture(cast.team, cast.member), picture(cast.team, cast.member)

    tags = [
        browser.get(address(image.pk, kind))["ETag"] for image in (one, other) for kind in ("original", *THUMBNAILS)
    ]

    assert len(set(tags)) == 6


def test_head_tells_everything_but_the_bytes(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)

    response = browser_of("member").head(address(image.pk))

    assert response.status_code == 200
    assert response["Content-Length"] == str(image.size)
    assert response["ETag"]


def test_a_reference_image_goes_out_under_its_own_name(cast: SimpleNamespace, browser_of: Browsers) -> None:
    reference = reference_of(cast)

    response = browser_of("reviewer").get(address(reference.pk, "reference"))

    assert body(response) == picture_bytes("JPEG")
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == 'inline; filename="My-harbour.jpg"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_reference_has_a_small_picture_once_the_worker_made_one(cast: SimpleNamespace, browser_of: Browsers) -> None:
    reference = reference_of(cast)
    before = browser_of("member").get(address(reference.pk, "reference-thumb"))

    make_reference_thumb(reference.stored_id)

    after = browser_of("member").get(address(reference.pk, "reference-thumb"))
    assert (before["Content-Type"], after["Content-Type"]) == ("image/jpeg", "image/webp")
    assert before["ETag"] != after["ETag"]
    with Pillow.open(io.BytesIO(b"".join(after.streaming_content))) as small:
        assert small.format == "WEBP"


def test_a_reference_is_nothing_to_a_stranger_and_to_somebody_removed(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    reference = reference_of(cast)
    Membership.objects.filter(user=cast.reviewer).delete()

    for who in ("stranger", "reviewer"):
        assert browser_of(who).get(address(reference.pk, "reference")).status_code == 404, who


def test_a_reference_of_private_work_is_its_authors_alone(cast: SimpleNamespace, browser_of: Browsers) -> None:
    reference = reference_of(cast, visibility=Visibility.PRIVATE)

    assert browser_of("member").get(address(reference.pk, "reference")).status_code == 200
    for who in ("owner", "admin", "reviewer", "stranger"):
        assert browser_of(who).get(address(reference.pk, "reference")).status_code == 404, who


def test_a_reference_is_no_picture_and_a_picture_no_reference(cast: SimpleNamespace, browser_of: Browsers) -> None:
    browser = browser_of("member")
    reference, image = reference_of(cast), picture(cast.team, cast.member)

    assert browser.get(address(reference.pk, "original")).status_code == 404
    assert browser.get(address(image.pk, "reference")).status_code == 404


def test_files_are_sent_for_exactly_what_the_cards_show(cast: SimpleNamespace, browser_of: Browsers) -> None:
    both = Membership.objects.create(team=cast.team, user=make_user("both@example.org"), role="member").user
    works = [
        picture(cast.team, author, visibility=visibility)
        for author in (cast.owner, cast.member, both)
        for visibility in Visibility.values
    ]

    for membership in Membership.objects.filter(team=cast.team):
        browser = Client()
        browser.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        visible = set(Generation.objects.visible_to(membership).values_list("pk", flat=True))
        let_out = {one.generation_id for one in works if browser.get(address(one.pk)).status_code == 200}
        assert let_out == visible, membership


def test_a_file_costs_one_question_beside_who_asks(
    cast: SimpleNamespace, browser_of: Browsers, django_assert_num_queries: Any
) -> None:
    browser = browser_of("member")
    image, reference = picture(cast.team, cast.member), reference_of(cast)

    for place, kind in [(image.pk, "thumb-small"), (image.pk, "original"), (reference.pk, "reference")]:
        with django_assert_num_queries(3):
            browser.get(address(place, kind))
