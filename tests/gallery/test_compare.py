"""Comparing two to four pictures: what is shown of them, what differs, what is offered, and addresses that can't be."""

import uuid
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.gallery.comparison import MAX_WORDS_COMPARED, compared_prompts
from hubportal.gallery.picture_bin import bin_image
from hubportal.gallery.selection.selections import select_all
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership
from tests.gallery.kept import keep, picture
from tests.gallery.reading import parsed
from tests.makers import make_generation

Browsers = Callable[[str], Client]


def compare(browser: Client, team: Any, images: Sequence[Any], **more: str) -> Any:
    asked = [str(getattr(image, "pk", image)) for image in images]
    return browser.get(reverse("gallery:compare", args=[team.slug]), {"image": asked, **more})


def compared(page: BeautifulSoup) -> list[str]:
    return [str(image["data-image"]) for image in page.select(".compare-pictures img")]


def marked(page: BeautifulSoup) -> list[list[str]]:
    return [[mark.text.strip() for mark in cell.select("mark")] for cell in page.select(".compare-prompt")]


def differing(page: BeautifulSoup) -> list[str]:
    return [row.th.text.split(" differs")[0].strip() for row in page.select("tr[data-differs]") if row.th]


def said(response: HttpResponse) -> list[str]:
    return [banner.text.strip() for banner in parsed(response).select(".page .banner")]


def test_two_pictures_stand_beside_each_other_in_the_order_asked_for(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    first = picture(cast.team, cast.member, "A red boat at dusk", size=(64, 48))
    second = picture(cast.team, cast.owner, "A blue boat at dusk", size=(48, 48))

    page = parsed(compare(browser_of("reviewer"), cast.team, [second, first]))

    assert compared(page) == [str(second.pk), str(first.pk)]
    assert marked(page) == [["blue"], ["red"]]
    assert differing(page) == ["Size", "Made by"]


def test_of_three_what_the_first_has_not_is_marked_in_the_others(cast: SimpleNamespace, browser_of: Browsers) -> None:
    prompts = ("A boat", "A red boat", "A boat, at dusk")
    images = [picture(cast.team, cast.member, prompt) for prompt in prompts]

    page = parsed(compare(browser_of("member"), cast.team, images))

    assert marked(page) == [[], ["red"], [", at dusk"]]


def test_what_is_not_here_is_said_and_the_others_are_shown(cast: SimpleNamespace, browser_of: Browsers) -> None:
    here, deleted = (picture(cast.team, cast.member) for _ in range(2))
    private = picture(cast.team, cast.owner, visibility=Visibility.PRIVATE)
    elsewhere = picture(cast.stranger.memberships.get().team, cast.stranger)
    bin_image(deleted, Actor(cast.member))
    asked = [here, deleted, private, elsewhere]

    response = compare(browser_of("member"), cast.team, asked)

    assert response.status_code == 422
    assert compared(parsed(response)) == [str(here.pk)]
    assert said(response) == ["3 of the pictures aren't here: they were deleted, or are not for you to see."]


@pytest.mark.parametrize("wrong", ["x", "", "0", str(uuid.UUID(int=0)), "\0", "ü" * 200])
def test_one_that_never_was_is_said_like_one_that_is_gone(
    cast: SimpleNamespace, browser_of: Browsers, wrong: str
) -> None:
    here = picture(cast.team, cast.member)

    response = compare(browser_of("member"), cast.team, [here, wrong])

    assert response.status_code == 422
    assert said(response) == ["One of the pictures isn't here: it was deleted, or is not for you to see."]


def test_where_none_is_here_there_is_no_page(cast: SimpleNamespace, browser_of: Browsers) -> None:
    elsewhere = picture(cast.stranger.memberships.get().team, cast.stranger)

    assert compare(browser_of("member"), cast.team, [elsewhere]).status_code == 404


def test_of_five_the_first_four_are_shown(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(5)]

    response = compare(browser_of("member"), cast.team, images)

    page = parsed(response)
    assert response.status_code == 422
    assert compared(page) == [str(image.pk) for image in images[:4]]
    assert said(response) == ["At most four pictures can be compared. These are the first four you chose."]
    assert page.select(".compare-offer") == []


def test_the_same_picture_twice_is_one(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)

    response = compare(browser_of("member"), cast.team, [image, image])

    assert response.status_code == 200
    assert compared(parsed(response)) == [str(image.pk)]


def test_its_own_orders_other_pictures_are_offered_first_and_each_leads_on(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    newest = picture(cast.team, cast.owner, "A whale")
    order = make_generation(cast.team, cast.member, "A red boat", n=2)
    one, other = keep(order), keep(order, position=1)
    Image.objects.filter(pk__in=[one.pk, other.pk]).update(created_at="2020-01-01T00:00Z")

    page = parsed(compare(browser_of("member"), cast.team, [one]))

    offered = [str(link["href"]) for link in page.select(".compare-offer a")]
    here = reverse("gallery:compare", args=[cast.team.slug])
    assert offered == [f"{here}?image={one.pk}&image={pk}" for pk in (other.pk, newest.pk)]
    assert [str(image["alt"]) for image in page.select(".compare-offer img")] == ["A red boat", "A whale"]


def test_each_can_be_taken_away(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(3)]

    page = parsed(compare(browser_of("member"), cast.team, images))

    here = reverse("gallery:compare", args=[cast.team.slug])
    links = [str(link["href"]) for link in page.select(".compare-caption .push")]
    assert links[0] == f"{here}?image={images[1].pk}&image={images[2].pk}"


def test_two_can_lie_on_each_other_and_three_can_not(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(3)]
    mina = browser_of("member")

    two = parsed(compare(mina, cast.team, images[:2], view="slider"))
    three = parsed(compare(mina, cast.team, images, view="slider"))

    assert (len(two.select("input[type=range]")), len(three.select("input[type=range]"))) == (1, 0)


def test_nothing_asked_for_offers_the_newest(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)

    page = parsed(compare(browser_of("member"), cast.team, []))

    assert [str(link["href"]).partition("?")[2] for link in page.select(".compare-offer a")] == [f"image={image.pk}"]


def test_the_number_of_questions_does_not_depend_on_how_many_are_compared(
    cast: SimpleNamespace, browser_of: Browsers, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    images = [picture(cast.team, author(cast, at), f"Boat {at}") for at in range(30)]
    mina = browser_of("member")
    compare(mina, cast.team, images[:1])

    for number in (2, 3, 4):
        with django_assert_max_num_queries(14):
            compare(mina, cast.team, images[:number])


def author(cast: SimpleNamespace, at: int) -> User:
    author: User = (cast.member, cast.owner, cast.admin)[at % 3]
    return author


def test_signs_that_are_written_without_blanks_are_compared_one_by_one() -> None:
    first, second = compared_prompts(["夕暮れの赤い船", "夕暮れの青い船"])

    assert [piece.text for piece in first if piece.differs] == ["赤"]
    assert [piece.text for piece in second if piece.differs] == ["青"]


@pytest.mark.parametrize("prompt", ["", " ", "\n\n a  boat \n", "A <b>boat</b> & more", "船 boat 船"])
def test_pieces_are_the_whole_prompt(prompt: str) -> None:
    for against in ("", "A boat", prompt):
        [pieces, _] = compared_prompts([prompt, against])
        assert "".join(piece.text for piece in pieces) == prompt


def test_of_very_long_prompts_it_is_said_only_that_they_differ() -> None:
    long = "boat " * MAX_WORDS_COMPARED

    same, other = compared_prompts([long, long + "whale"])

    assert [(piece.text, piece.differs) for piece in other] == [(long + "whale", True)]
    assert len(same) == 1


def test_what_is_selected_can_be_compared(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(2)]
    place = reverse("gallery:compare", args=[cast.team.slug])

    page = parsed(browser_of("reviewer").post(place, {"image": [image.pk for image in images]}, follow=True))

    assert compared(page) == [str(image.pk) for image in images]


def test_of_all_that_is_selected_the_newest_four_are_compared(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(6)]
    selection = select_all(Membership.objects.get(user=cast.member), "")
    place = reverse("gallery:compare", args=[cast.team.slug])

    response = browser_of("member").post(place, {"selection": selection.pk}, follow=True)

    assert compared(parsed(response)) == [str(image.pk) for image in images[:-5:-1]]
    assert said(response) == ["At most four pictures can be compared. These are the first four you chose."]


def test_another_persons_selection_is_not_there(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member)
    selection = select_all(Membership.objects.get(user=cast.member), "")
    place = reverse("gallery:compare", args=[cast.team.slug])

    assert browser_of("owner").post(place, {"selection": selection.pk}).status_code == 404


def test_nothing_selected_is_nothing_to_compare(cast: SimpleNamespace, browser_of: Browsers) -> None:
    response = browser_of("owner").post(reverse("gallery:compare", args=[cast.team.slug]))

    assert response.status_code == 422
