"""Where a picture comes from and what came of it: references, remixes, and who may see which of them."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from hubportal.audit.actor import Actor
from hubportal.gallery.lineage import MAX_SHOWN
from hubportal.gallery.picture_bin import bin_image
from hubportal.generations import tasks
from hubportal.generations.models import Generation, Image, Visibility
from hubportal.generations.references import use_picture
from tests.gallery.kept import keep, picture
from tests.gallery.reading import parsed
from tests.makers import make_generation, make_key

ORDER = {"prompt": "A boat", "size": "1024x1024"}

Browsers = Callable[[str], Client]


def page_of(browser: Client, image: Image) -> BeautifulSoup:
    return parsed(browser.get(reverse("gallery:picture", args=[image.team.slug, image.pk])))


def steps(page: BeautifulSoup) -> dict[str, list[str]]:
    """What stands on each step, by its heading: ids of pictures, "reference" for what is no picture of the gallery."""
    found = {}
    for step in page.select(".lineage-steps > li"):
        links = [str(link["href"]) for link in step.select("a")]
        ids = [link.split("/images/")[1].rstrip("/") if "/images/" in link else "reference" for link in links]
        found[str(step.h3 and step.h3.text)] = ids
    return found


def made_with(cast: SimpleNamespace, image: Image, prompt: str = "With a reference", **how: Any) -> Image:
    """A picture of an order that has this one as its reference."""
    upload = use_picture(image, cast.member)
    return keep(make_generation(cast.team, cast.member, prompt, references=[(upload.stored, upload.name)], **how))


def remix(cast: SimpleNamespace, image: Image, **how: Any) -> Image:
    return keep(make_generation(cast.team, cast.member, "A remix", remix_of=image.generation_id, **how))


def test_a_picture_leads_to_what_was_made_with_it_and_back(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.owner)
    result = made_with(cast, image)
    mina = browser_of("member")

    assert steps(page_of(mina, image)) == {"This picture": [], "Used as a reference for": [str(result.pk)]}
    assert steps(page_of(mina, result)) == {"Made from these references": [str(image.pk)], "This picture": []}


def test_a_remix_leads_to_what_it_was_made_from_and_back(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.owner)
    result = remix(cast, image)
    mina = browser_of("member")

    assert steps(page_of(mina, image)) == {"This picture": [], "Remixed into": [str(result.pk)]}
    assert steps(page_of(mina, result)) == {"A remix of": [str(image.pk)], "This picture": []}


def test_the_other_pictures_of_its_order_stand_beside_it(cast: SimpleNamespace, browser_of: Browsers) -> None:
    order = make_generation(cast.team, cast.member, n=3)
    one, two, three = (keep(order, position=at) for at in range(3))

    page = page_of(browser_of("reviewer"), two)

    assert steps(page) == {"This picture, and the others of its order": [str(one.pk), str(three.pk)]}


def test_a_picture_without_a_history_has_no_such_part(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.owner)

    assert page_of(browser_of("member"), image).select(".lineage") == []


def test_private_and_deleted_ones_are_left_out(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.owner)
    private = made_with(cast, image, visibility=Visibility.PRIVATE)
    deleted = remix(cast, image)
    bin_image(deleted, Actor(cast.member))

    assert page_of(browser_of("owner"), image).select(".lineage") == []
    assert steps(page_of(browser_of("member"), image))["Used as a reference for"] == [str(private.pk)]


def test_what_a_private_picture_was_made_into_does_not_tell_of_it(cast: SimpleNamespace, browser_of: Browsers) -> None:
    private = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)
    shared = remix(cast, private)

    assert page_of(browser_of("owner"), shared).select(".lineage") == []
    assert steps(page_of(browser_of("member"), shared))["A remix of"] == [str(private.pk)]


def test_a_reference_from_elsewhere_is_shown_as_it_is(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.owner)
    result = made_with(cast, image)
    Image.objects.filter(pk=image.pk).update(sha256="f" * 64)

    assert steps(page_of(browser_of("member"), result))["Made from these references"] == ["reference"]


def test_the_same_bytes_in_another_team_are_no_lineage(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.owner)
    elsewhere = cast.stranger.memberships.get().team
    same = picture(elsewhere, cast.stranger)
    upload = use_picture(same, cast.stranger)
    keep(make_generation(elsewhere, cast.stranger, references=[(upload.stored, upload.name)]))

    assert same.sha256 == image.sha256
    assert page_of(browser_of("owner"), image).select(".lineage") == []


def test_of_many_the_newest_are_shown_and_the_page_says_that_there_are_more(
    cast: SimpleNamespace, browser_of: Browsers, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    image = picture(cast.team, cast.owner)
    now = timezone.now()
    made = [remix(cast, image) for _ in range(MAX_SHOWN + 1)]
    for age, one in enumerate(made):
        Image.objects.filter(pk=one.pk).update(created_at=now - timedelta(hours=age))
    mina = browser_of("member")
    page_of(mina, image)

    with django_assert_max_num_queries(19):
        page = page_of(mina, image)

    assert steps(page)["Remixed into"] == [str(one.pk) for one in made[:MAX_SHOWN]]
    assert "There are more" in page.text


def test_what_the_form_of_a_remix_sends_is_remembered(cast: SimpleNamespace, browser_of: Browsers) -> None:
    make_key(cast.team)
    image = picture(cast.team, cast.owner)
    mina = browser_of("member")
    form = parsed(mina.get(reverse("generations:create", args=[cast.team.slug]), {"again": str(image.generation_id)}))
    again = str(form.select_one("[name=again]")["value"])  # type: ignore[index]

    mina.post(f"/t/{cast.team.slug}/generations/", {"prompt": "Another boat", "size": "1024x1024", "again": again})

    assert Generation.objects.get(prompt="Another boat").remix_of == image.generation_id


@pytest.mark.parametrize("again", ["", "x", "\0", "0" * 32])
def test_a_remix_of_nothing_is_an_order_like_any_other(cast: SimpleNamespace, browser_of: Browsers, again: str) -> None:
    make_key(cast.team)

    browser_of("member").post(f"/t/{cast.team.slug}/generations/", ORDER | {"again": again})

    assert Generation.objects.get().remix_of is None


def test_a_remix_of_what_one_may_not_see_is_not_remembered(cast: SimpleNamespace, browser_of: Browsers) -> None:
    make_key(cast.team)
    secret = picture(cast.team, cast.owner, visibility=Visibility.PRIVATE)
    order = {"prompt": "Another boat", "size": "1024x1024", "again": str(secret.generation_id)}

    browser_of("member").post(f"/t/{cast.team.slug}/generations/", order)

    assert Generation.objects.get(prompt="Another boat").remix_of is None


def test_a_picture_of_an_earlier_version_gets_the_hash_of_its_file(cast: SimpleNamespace) -> None:
    image, lost = (picture(cast.team, cast.owner) for _ in range(2))
    known = image.sha256
    Image.objects.update(sha256="")
    lost.original.storage.delete(lost.original.name)

    tasks.read_hashes.func()

    assert len(known) == 64
    assert set(Image.objects.values_list("pk", "sha256")) == {(image.pk, known), (lost.pk, "")}
