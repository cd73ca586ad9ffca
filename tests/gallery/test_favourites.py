"""Favourites: everybody's own, marked and unmarked wherever a picture is shown, found by the gallery's filter."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hubportal.audit.models import AuditEntry
from hubportal.gallery.models import Favourite
from hubportal.generations.models import Image
from tests.gallery.kept import picture
from tests.gallery.reading import found, open_gallery, parsed

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]


@pytest.fixture
def image(cast: SimpleNamespace) -> Image:
    return picture(cast.team, cast.member)


def place_of(image: Image) -> str:
    return reverse("gallery:favourite", args=[image.team.slug, image.pk])


def marked_by(browser: Client, image: Image) -> Any:
    heart = parsed(open_gallery(browser, image.team)).select_one(f'[data-heart="{image.pk}"]')
    assert heart is not None
    return heart["aria-pressed"] == "true"


@pytest.mark.parametrize("who", ["owner", "member", "reviewer"])
def test_a_mark_is_ones_own_and_found_by_its_filter(
    cast: SimpleNamespace, browser_of: Browsers, image: Image, who: str
) -> None:
    picture(cast.team, cast.member, "A tram")
    browser = browser_of(who)

    response = browser.post(place_of(image))

    assert response.status_code == 302
    assert Favourite.objects.get().user == getattr(cast, who)
    assert marked_by(browser, image)
    assert not marked_by(browser_of("admin"), image)
    assert found(browser, cast.team, favourite="1") == {"A red boat"}
    assert found(browser_of("admin"), cast.team, favourite="1") == set()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("way", ["delete", "remove"])
def test_the_mark_is_taken_away(cast: SimpleNamespace, browser_of: Browsers, image: Image, way: str) -> None:
    browser = browser_of("member")
    browser.post(place_of(image))
    browser_of("owner").post(place_of(image))

    response = browser.delete(place_of(image)) if way == "delete" else browser.post(place_of(image), {"remove": "1"})

    assert response.status_code == (204 if way == "delete" else 302)
    assert not marked_by(browser, image)
    assert found(browser, cast.team, favourite="1") == set()
    assert marked_by(browser_of("owner"), image)


def test_marking_and_unmarking_twice_is_as_good_as_once(browser_of: Browsers, image: Image) -> None:
    browser = browser_of("member")

    assert [browser.post(place_of(image)).status_code for _ in range(2)] == [302, 302]
    assert Favourite.objects.count() == 1
    assert [browser.delete(place_of(image)).status_code for _ in range(2)] == [204, 204]
    image.refresh_from_db()
    assert (Favourite.objects.count(), image.labels) == (0, "")


def test_without_scripts_one_is_led_back_to_the_picture_on_the_page(browser_of: Browsers, image: Image) -> None:
    browser, gallery = browser_of("member"), reverse("gallery:index", args=[image.team.slug])

    back, elsewhere = (
        browser.post(place_of(image), headers={"Referer": page})
        for page in (f"http://testserver{gallery}?q=boat", "https://elsewhere.example/")
    )

    assert back["Location"] == f"http://testserver{gallery}?q=boat#picture-{image.pk}"
    assert elsewhere["Location"] == reverse("gallery:picture", args=[image.team.slug, image.pk])
    form = parsed(browser.get(gallery)).select_one("form#hearts")
    assert form is not None
    assert form.select_one("[name=csrfmiddlewaretoken]")


def test_a_script_is_told_which_heart_to_turn(browser_of: Browsers, image: Image) -> None:
    response = browser_of("member").post(place_of(image), headers={"HX-Request": "true"})

    assert response.status_code == 204
    assert response["HX-Trigger"] == f'{{"favourite": {{"image": "{image.pk}", "marked": true}}}}'


def test_who_does_not_see_a_picture_can_not_mark_it(cast: SimpleNamespace, browser_of: Browsers) -> None:
    private = picture(cast.team, cast.member, visibility="private")

    answers = {who: browser_of(who).post(place_of(private)).status_code for who in ("owner", "stranger", "member")}

    assert answers == {"owner": 404, "stranger": 404, "member": 302}
    assert Favourite.objects.get().user == cast.member
    assert found(browser_of("member"), cast.team, favourite="1", mine="private") == {"A red boat"}


def test_a_deleted_picture_is_a_favourite_again_when_it_is_restored(
    cast: SimpleNamespace, browser_of: Browsers, image: Image
) -> None:
    browser = browser_of("member")
    browser.post(place_of(image))

    browser.post(reverse("gallery:deletion", args=[cast.team.slug, image.pk]))
    assert browser.post(place_of(image)).status_code == 404
    assert found(browser, cast.team, favourite="1") == set()
    browser.post(reverse("gallery:restoration", args=[cast.team.slug, image.pk]))

    assert found(browser, cast.team, favourite="1") == {"A red boat"}


@pytest.mark.parametrize("page", ["gallery:picture", "generations:detail", "generations:create"])
def test_each_page_of_a_picture_has_its_heart(
    cast: SimpleNamespace, browser_of: Browsers, image: Image, page: str
) -> None:
    _succeed(image)
    names = {"gallery:picture": [image.pk], "generations:detail": [image.generation_id], "generations:create": []}
    place = reverse(page, args=[cast.team.slug, *names[page]])

    def hearts(who: str) -> list[Any]:
        return [heart["aria-pressed"] for heart in parsed(browser_of(who).get(place)).select("[data-heart]")]

    before = hearts("owner")
    browser_of("owner").post(place_of(image))

    assert (before, hearts("owner"), hearts("member")) == (["false"], ["true"], ["false"])


def _succeed(image: Image) -> None:
    image.generation.record_cancelled()
    type(image.generation).objects.filter(pk=image.generation_id).update(state="succeeded", hub_id="clx", charged=8)


def test_a_filter_that_is_none_is_told(browser_of: Browsers, cast: SimpleNamespace) -> None:
    response = open_gallery(browser_of("member"), cast.team, "?favourite=2")

    assert response.status_code == 422
    assert "Choose any pictures, or your favourites only." in response.content.decode()
