"""The gallery: whose pictures it shows, what it tells of each, and what is said where there is none."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.gallery import page
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership
from tests.gallery.kept import keep, many, picture
from tests.gallery.reading import facts_of, open_gallery, parsed, shown_pictures
from tests.makers import make_generation

Browsers = Callable[[str], Client]


@pytest.mark.parametrize("who", ["owner", "admin", "member", "reviewer"])
def test_everybody_in_the_team_sees_the_shared_pictures_newest_first(
    cast: SimpleNamespace, browser_of: Browsers, who: str
) -> None:
    now = timezone.now()
    old = picture(cast.team, cast.member, created_at=now - timedelta(days=2))
    new = picture(cast.team, cast.owner, created_at=now)
    middle = picture(cast.team, cast.admin, created_at=now - timedelta(days=1))

    response = open_gallery(browser_of(who), cast.team)

    assert response.status_code == 200
    assert shown_pictures(response) == [str(new.pk), str(middle.pk), str(old.pk)]


def test_a_private_picture_is_shown_to_its_author_alone_and_says_so(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    private = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)

    mine = open_gallery(browser_of("member"), cast.team)

    assert shown_pictures(mine) == [str(private.pk)]
    assert "Private" in parsed(mine).select_one(".gallery-item-mark").text  # type: ignore[union-attr]
    for who in ("owner", "admin", "reviewer"):
        assert shown_pictures(open_gallery(browser_of(who), cast.team)) == [], who


def test_pictures_of_another_team_are_not_shown_here(cast: SimpleNamespace, browser_of: Browsers) -> None:
    elsewhere = cast.stranger.memberships.get().team
    Membership.objects.create(team=elsewhere, user=cast.member, role="member")
    picture(elsewhere, cast.stranger)

    assert shown_pictures(open_gallery(browser_of("member"), cast.team)) == []


def test_a_picture_not_stored_yet_is_not_shown(cast: SimpleNamespace, browser_of: Browsers) -> None:
    generation = make_generation(cast.team, cast.member)
    Image.objects.create(generation=generation, team=cast.team, position=0, url="https://cdn.example/1")

    assert shown_pictures(open_gallery(browser_of("member"), cast.team)) == []


def test_an_item_has_its_true_shape_before_its_picture_arrives(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member, size=(1500, 1000))

    item = parsed(open_gallery(browser_of("member"), cast.team)).select_one(".gallery-item")

    assert item is not None
    thumb = item.select_one("img")
    assert thumb is not None
    assert item["data-ratio"] == "1.5000"
    assert (thumb["width"], thumb["height"], thumb["loading"]) == ("1500", "1000", "lazy")
    small, large = (reverse("media", args=[image.pk, kind]) for kind in ("thumb-small", "thumb"))
    assert thumb["src"] == large
    assert thumb["srcset"] == f"{small} 320w, {large} 640w"
    assert thumb["sizes"] == "auto, 330px"


def test_an_item_leads_to_its_picture_and_carries_what_the_lightbox_shows(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    image = picture(cast.team, cast.member, "A <red> boat & its crew")

    item = parsed(open_gallery(browser_of("owner"), cast.team)).select_one(".gallery-item")

    facts = facts_of(item)
    assert item is not None
    link = item.select_one("a")
    assert link is not None
    assert link["href"] == reverse("gallery:picture", args=[cast.team.slug, image.pk])
    made = reverse("generations:detail", args=[cast.team.slug, image.generation_id])
    assert facts.select_one(f'a[href="{made}"]')
    assert link["data-original"] == reverse("media", args=[image.pk, "original"])
    assert facts.select_one(".prompt").text == "A <red> boat & its crew"  # type: ignore[union-attr]
    assert "Mina" in facts.text
    assert "64 × 48" in facts.text
    assert link["data-download"] == reverse("media", args=[image.pk, "download"])


def test_a_prompt_of_thousands_of_characters_is_not_carried_whole(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member, "boat " * 5000)

    response = open_gallery(browser_of("owner"), cast.team)

    prompt = facts_of(parsed(response).select_one(".gallery-item")).select_one(".prompt")
    assert prompt is not None
    assert prompt.text == ("boat " * 5000)[: page.MAX_PROMPT_SHOWN] + "…"
    assert len(response.content) < 30_000


def test_an_empty_gallery_leads_members_to_their_first_picture(cast: SimpleNamespace, browser_of: Browsers) -> None:
    create = reverse("generations:create", args=[cast.team.slug])

    for who, led in [("member", True), ("reviewer", False)]:
        empty = parsed(open_gallery(browser_of(who), cast.team)).select_one(".empty")
        assert empty is not None
        assert "No pictures yet" in empty.text
        assert bool(empty.select(f'a[href="{create}"]')) is led, who


def test_a_search_without_a_find_says_so_and_leads_back(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member)

    for headers in ({}, {"HX_Request": "true", "HX_Target": "found"}):
        empty = parsed(open_gallery(browser_of("member"), cast.team, "?q=submarine", **headers)).select_one(".empty")
        assert empty is not None
        assert "Nothing found" in empty.text
        assert empty.select_one("a")["href"] == reverse("gallery:index", args=[cast.team.slug])  # type: ignore[index]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 picture"), (60, "60 pictures"), (61, "61 pictures"), (1001, "More than 1,000 pictures")],
)
def test_the_number_of_pictures_is_told_up_to_a_thousand(
    cast: SimpleNamespace, browser_of: Browsers, number: int, words: str
) -> None:
    many(cast.team, cast.member, number)

    number_shown = parsed(open_gallery(browser_of("member"), cast.team)).select_one("#number")

    assert number_shown is not None
    assert number_shown.text == words


def test_sixty_pictures_cost_no_more_questions_than_one(
    cast: SimpleNamespace, browser_of: Browsers, django_assert_max_num_queries: Any
) -> None:
    browser = browser_of("member")
    open_gallery(browser, cast.team)
    keep(make_generation(cast.team, cast.member))
    with django_assert_max_num_queries(20) as one:
        open_gallery(browser, cast.team)

    for author in (cast.owner, cast.admin, cast.member):
        many(cast.team, author, 25)
    with django_assert_max_num_queries(20) as sixty:
        assert len(shown_pictures(open_gallery(browser, cast.team))) == 60

    # One more for the number: it is counted where the page does not hold everything.
    assert len(sixty.captured_queries) == len(one.captured_queries) + 1
