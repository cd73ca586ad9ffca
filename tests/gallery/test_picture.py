"""A picture's own page: what it shows and leads to, and who finds it."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.generations.models import Image, Visibility
from tests.gallery.kept import picture
from tests.gallery.reading import open_gallery, parsed, shown_pictures

Browsers = Callable[[str], Client]


def place(image: Image) -> str:
    return reverse("gallery:picture", args=[image.team.slug, image.pk])


def test_it_shows_the_picture_whole_and_leads_on(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member, "A <red> boat " * 100)
    create = reverse("generations:create", args=[cast.team.slug])

    page = parsed(browser_of("owner").get(place(image)))

    links = [str(link["href"]) for link in page.select("#picture a")]
    shown = page.select_one("#picture img")
    assert shown is not None
    assert shown["src"] == reverse("media", args=[image.pk, "original"])
    assert page.select_one(".prompt").text == "A <red> boat " * 100  # type: ignore[union-attr]
    assert f"{create}?again={image.generation_id}" in links
    assert f"{create}?reference={image.pk}" in links
    assert len(page.select("h1")) == 1


def test_it_leads_to_its_neighbours_and_to_its_place_in_the_gallery(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    now = timezone.now()
    new, middle, old = (picture(cast.team, cast.member, created_at=now - timedelta(hours=hours)) for hours in range(3))
    mina = browser_of("member")

    page = parsed(mina.get(place(middle)))

    assert page.select_one("[rel=prev]")["href"] == place(new)  # type: ignore[index]
    assert page.select_one("[rel=next]")["href"] == place(old)  # type: ignore[index]
    back = str(page.select_one("[data-close-picture]")["href"])  # type: ignore[index]
    assert shown_pictures(mina.get(back)) == [str(middle.pk), str(old.pk)]
    assert parsed(mina.get(place(new))).select("[rel=prev]") == []


def test_a_private_one_is_its_authors_alone(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)

    assert browser_of("member").get(place(image)).status_code == 200
    for who in ("owner", "admin", "reviewer", "stranger"):
        assert browser_of(who).get(place(image)).status_code == 404, who


def test_a_reviewer_is_offered_nothing_that_spends_or_deletes(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)

    page = parsed(browser_of("reviewer").get(place(image)))

    assert page.select("#picture form") == []
    assert not [link for link in page.select("#picture a") if "?" in str(link["href"]) and "again" in str(link["href"])]


@pytest.mark.parametrize(
    ("ago", "heading"), [(timedelta(0), "Today"), (timedelta(days=1), "Yesterday"), (timedelta(days=400), "{month}")]
)
def test_pictures_stand_under_their_day_or_month(
    cast: SimpleNamespace, browser_of: Browsers, ago: timedelta, heading: str
) -> None:
    then = timezone.now() - ago
    picture(cast.team, cast.member, created_at=then)
    picture(cast.team, cast.member, created_at=then)

    headings = parsed(open_gallery(browser_of("member"), cast.team)).select(".gallery-heading h2")

    month = timezone.localtime(then).strftime("%B %Y")
    assert [one.text for one in headings] == [heading.format(month=month)]


@pytest.mark.slow
def test_a_page_that_is_added_below_repeats_no_heading(cast: SimpleNamespace, browser_of: Browsers) -> None:
    now = timezone.now()
    for hours in range(61):
        picture(cast.team, cast.member, created_at=now - timedelta(days=400, seconds=hours))
    browser = browser_of("member")
    older = str(parsed(open_gallery(browser, cast.team)).select_one("#older")["href"])  # type: ignore[index]

    added = open_gallery(browser, cast.team, older, HX_Request="true", HX_Target="pictures")

    assert len(shown_pictures(added)) == 1
    assert parsed(added).select(".gallery-heading") == []
    assert len(parsed(open_gallery(browser, cast.team, older)).select(".gallery-heading")) == 1
