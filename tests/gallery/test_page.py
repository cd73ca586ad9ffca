"""The wall: whose pictures hang there, what a tile carries, and what is said where nothing hangs."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.gallery import page as wall_of
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership
from tests.gallery.kept import keep, many, picture
from tests.gallery.reading import facts_of, hanging, open_wall, parsed
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

    response = open_wall(browser_of(who), cast.team)

    assert response.status_code == 200
    assert hanging(response) == [str(new.pk), str(middle.pk), str(old.pk)]


def test_a_private_picture_hangs_for_its_author_alone_and_says_so(cast: SimpleNamespace, browser_of: Browsers) -> None:
    private = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)

    mine = open_wall(browser_of("member"), cast.team)

    assert hanging(mine) == [str(private.pk)]
    assert "Private" in parsed(mine).select_one(".tile-mark").text  # type: ignore[union-attr]
    for who in ("owner", "admin", "reviewer"):
        assert hanging(open_wall(browser_of(who), cast.team)) == [], who


def test_pictures_of_another_team_do_not_hang_here(cast: SimpleNamespace, browser_of: Browsers) -> None:
    elsewhere = cast.stranger.memberships.get().team
    Membership.objects.create(team=elsewhere, user=cast.member, role="member")
    picture(elsewhere, cast.stranger)

    assert hanging(open_wall(browser_of("member"), cast.team)) == []


def test_a_picture_not_kept_yet_does_not_hang(cast: SimpleNamespace, browser_of: Browsers) -> None:
    generation = make_generation(cast.team, cast.member)
    Image.objects.create(generation=generation, team=cast.team, position=0, url="https://cdn.example/1")

    assert hanging(open_wall(browser_of("member"), cast.team)) == []


def test_a_tile_has_its_true_shape_before_its_picture_arrives(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member, size=(1500, 1000))

    tile = parsed(open_wall(browser_of("member"), cast.team)).select_one(".tile")

    assert tile is not None
    thumb = tile.select_one("img")
    assert thumb is not None
    assert tile["data-ratio"] == "1.5000"
    assert (thumb["width"], thumb["height"], thumb["loading"]) == ("1500", "1000", "lazy")
    assert thumb["src"] == reverse("media", args=[image.pk, "thumb"])


def test_a_tile_leads_to_its_generation_and_carries_what_the_lightbox_shows(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    image = picture(cast.team, cast.member, "A <red> boat & its crew")

    tile = parsed(open_wall(browser_of("owner"), cast.team)).select_one(".tile")

    facts = facts_of(tile)
    assert tile is not None
    link = tile.select_one("a")
    assert link is not None
    assert link["href"] == reverse("generations:detail", args=[cast.team.slug, image.generation_id])
    assert link["data-original"] == reverse("media", args=[image.pk, "original"])
    assert facts.select_one(".prompt").text == "A <red> boat & its crew"  # type: ignore[union-attr]
    assert "Mina" in facts.text
    assert "64 × 48" in facts.text
    assert link["data-download"] == reverse("media", args=[image.pk, "download"])


def test_a_prompt_of_thousands_of_characters_is_not_carried_whole(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member, "boat " * 5000)

    response = open_wall(browser_of("owner"), cast.team)

    prompt = facts_of(parsed(response).select_one(".tile")).select_one(".prompt")
    assert prompt is not None
    assert prompt.text == ("boat " * 5000)[: wall_of.SHOWN] + "…"
    assert len(response.content) < 30_000


def test_an_empty_wall_leads_members_to_their_first_picture(cast: SimpleNamespace, browser_of: Browsers) -> None:
    create = reverse("generations:create", args=[cast.team.slug])

    for who, led in [("member", True), ("reviewer", False)]:
        empty = parsed(open_wall(browser_of(who), cast.team)).select_one(".empty")
        assert empty is not None
        assert "No pictures yet" in empty.text
        assert bool(empty.select(f'a[href="{create}"]')) is led, who


def test_a_search_without_a_find_says_so_and_leads_back(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member)

    for headers in ({}, {"HX_Request": "true", "HX_Target": "found"}):
        empty = parsed(open_wall(browser_of("member"), cast.team, "?q=submarine", **headers)).select_one(".empty")
        assert empty is not None
        assert "Nothing found" in empty.text
        assert empty.select_one("a")["href"] == reverse("gallery:wall", args=[cast.team.slug])  # type: ignore[index]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 picture"), (60, "60 pictures"), (61, "61 pictures"), (1001, "More than 1,000 pictures")],
)
def test_the_number_of_pictures_is_told_up_to_a_thousand(
    cast: SimpleNamespace, browser_of: Browsers, number: int, words: str
) -> None:
    many(cast.team, cast.member, number)

    number_shown = parsed(open_wall(browser_of("member"), cast.team)).select_one("#number")

    assert number_shown is not None
    assert number_shown.text == words


def test_sixty_pictures_cost_no_more_questions_than_one(
    cast: SimpleNamespace, browser_of: Browsers, django_assert_max_num_queries: Any
) -> None:
    browser = browser_of("member")
    open_wall(browser, cast.team)
    keep(make_generation(cast.team, cast.member))
    with django_assert_max_num_queries(20) as one:
        open_wall(browser, cast.team)

    for author in (cast.owner, cast.admin, cast.member):
        many(cast.team, author, 25)
    with django_assert_max_num_queries(20) as sixty:
        assert len(hanging(open_wall(browser, cast.team))) == 60

    # One more for the number: it is counted where the page does not hold everything.
    assert len(sixty.captured_queries) == len(one.captured_queries) + 1
