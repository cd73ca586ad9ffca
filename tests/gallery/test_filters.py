"""Finding pictures again: words, filters, and addresses that make no sense."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership
from tests.gallery.kept import picture
from tests.gallery.reading import found, open_gallery, parsed, shown_pictures
from tests.makers import join

Browsers = Callable[[str], Client]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "prompts"),
    [
        ("boat", {"A red boat", "50% off, a boat_house", 'He said "boat"'}),
        ("BOAT red", {"A red boat"}),
        ("50%", {"50% off, a boat_house"}),
        ("_house", {"50% off, a boat_house"}),
        ('"boat"', {"A red boat", "50% off, a boat_house", 'He said "boat"'}),
        ("back\\", {"back\\slash"}),
        ("'; DROP TABLE", set()),
        ("قارب", {"قارب أحمر"}),
        ("[é", set()),
        ("  ", None),
    ],
)
def test_search_finds_prompts_that_hold_every_word(
    cast: SimpleNamespace, browser_of: Browsers, words: str, prompts: set[str] | None
) -> None:
    everything = {
        "A red boat", "50% off, a boat_house", 'He said "boat"', "back\\slash", "Chợ Đà Lạt", "قارب أحمر",
    }  # fmt: skip
    for prompt in everything:
        picture(cast.team, cast.member, prompt)

    assert found(browser_of("owner"), cast.team, q=words) == (everything if prompts is None else prompts)


@pytest.mark.parametrize("words", ["đà lạt", "ĐÀ", "Chợ"])
def test_search_looks_past_capitals_in_every_script(cast: SimpleNamespace, browser_of: Browsers, words: str) -> None:
    picture(cast.team, cast.member, "Chợ Đà Lạt")

    assert found(browser_of("owner"), cast.team, q=words) == {"Chợ Đà Lạt"}


def test_the_address_filters_by_person_model_and_what_is_mine(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member, "Mina's")
    picture(cast.team, cast.member, "Mina's own", visibility=Visibility.PRIVATE)
    picture(cast.team, cast.owner, "Anna's", model="nanobanana")
    browser = browser_of("member")

    assert found(browser, cast.team, person=str(cast.owner.pk)) == {"Anna's"}
    assert found(browser, cast.team, model="nanobanana") == {"Anna's"}
    assert found(browser, cast.team, mine="1") == {"Mina's", "Mina's own"}
    assert found(browser, cast.team, mine="private") == {"Mina's own"}
    assert found(browser, cast.team, model="nanobanana", mine="1") == set()
    assert found(browser_of("owner"), cast.team, mine="private") == set()


def test_the_address_filters_by_days(cast: SimpleNamespace, browser_of: Browsers) -> None:
    for day in (3, 4, 5):
        picture(cast.team, cast.member, f"Day {day}", created_at=datetime(2026, 11, day, 12, tzinfo=UTC))

    found_days = found(browser_of("owner"), cast.team, **{"from": "2026-11-04", "to": "2026-11-04"})

    assert found_days == {"Day 4"}


def test_the_filters_show_what_the_address_says(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.owner, "A <b>boat</b>", model="retired-model")

    query = f"?q=%3Cb%3E&person={cast.owner.pk}&model=retired-model"
    form = parsed(open_gallery(browser_of("member"), cast.team, query)).select_one("form.filters")

    assert form is not None
    assert form.select_one("[name=q]")["value"] == "<b>"  # type: ignore[index]
    chosen = {str(select["name"]): select.select_one("[selected]") for select in form.select("select")}
    assert {name: option and option["value"] for name, option in chosen.items()} == {
        "person": str(cast.owner.pk),
        "model": "retired-model",
        "mine": "",
        "shape": "",
        "size": "",
        "colour": "",
        "favourite": "",
    }


def test_somebody_who_left_can_still_be_asked_for(cast: SimpleNamespace, browser_of: Browsers) -> None:
    leaver = join(cast.team, "lea@example.org", name="Lea")
    picture(cast.team, leaver, "Lea's")
    Membership.objects.filter(user=leaver).delete()

    assert found(browser_of("member"), cast.team, person=str(leaver.pk)) == {"Lea's"}


@pytest.mark.parametrize(
    "query",
    [
        "person=nobody",
        "person=999999",
        "person=" + "9" * 40,
        "mine=yours",
        "q=" + "x" * 201,
        "model=" + "m" * 101,
        "q=%00",
        "q=%25+%22+%2A",
        "from=yesterday",
    ],
)
def test_a_filter_that_makes_no_sense_is_told_and_left_out(
    cast: SimpleNamespace, browser_of: Browsers, query: str
) -> None:
    image = picture(cast.team, cast.member)

    response = open_gallery(browser_of("member"), cast.team, f"?{query}")

    assert response.status_code == 422
    assert shown_pictures(response) == [str(image.pk)]
    field = parsed(response).select_one('form.filters [aria-invalid="true"]')
    assert field is not None
    sentence = parsed(response).find(id=field["aria-describedby"])
    assert sentence is not None
    assert "This filter is left out." in sentence.text


def test_somebody_elsewhere_is_no_filter_and_not_named(cast: SimpleNamespace, browser_of: Browsers) -> None:
    response = open_gallery(browser_of("member"), cast.team, f"?person={cast.stranger.pk}")

    assert response.status_code == 422
    assert b"Stan" not in response.content


def test_htmx_gets_what_was_found_and_the_clean_address(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member, "A boat")

    response = open_gallery(
        browser_of("member"), cast.team, "?q=boat&person=&model=&mine=", HX_Request="true", HX_Target="found"
    )

    part = parsed(response)
    assert part.html is None
    assert len(part.select("#found .gallery-item")) == 1
    assert part.select_one("#number")["hx-swap-oob"] == "true"  # type: ignore[index]
    assert response["HX-Replace-Url"] == reverse("gallery:index", args=[cast.team.slug]) + "?q=boat"


@pytest.fixture
def shapes(cast: SimpleNamespace) -> None:
    """A picture of each shape and size, with a colour of its own; what it looks like is its prompt."""
    sides = {"wide": (3000, 2000), "tall": (1200, 1600), "square": (1024, 1000)}
    for (name, (width, height)), palette in zip(sides.items(), ("2850c8", "c81e1e", "2e8b3c f08c1e"), strict=True):
        image = picture(cast.team, cast.member, f"A {name} one")
        Image.objects.filter(pk=image.pk).update(width=width, height=height)
        image.record_palette(palette)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"shape": "wide"}, {"A wide one"}),
        ({"shape": "tall"}, {"A tall one"}),
        ({"shape": "square"}, {"A square one"}),
        ({"size": "small"}, {"A square one"}),
        ({"size": "medium"}, {"A tall one"}),
        ({"size": "large"}, {"A wide one"}),
        ({"colour": "blue"}, {"A wide one"}),
        ({"colour": "orange"}, {"A square one"}),
        ({"colour": "green", "shape": "square", "q": "one"}, {"A square one"}),
        ({"colour": "green", "shape": "wide"}, set()),
    ],
)
@pytest.mark.usefixtures("shapes")
def test_pictures_are_found_by_how_they_look(
    cast: SimpleNamespace, browser_of: Browsers, asked: dict[str, str], expected: set[str]
) -> None:
    assert found(browser_of("reviewer"), cast.team, **asked) == expected


@pytest.mark.parametrize("query", ["?shape=round", "?size=9", "?colour=%00", "?colour=%23ff0000", "?shape=wide%20"])
def test_looks_that_there_are_none_of_are_told_and_left_out(
    cast: SimpleNamespace, browser_of: Browsers, query: str
) -> None:
    picture(cast.team, cast.member)

    response = open_gallery(browser_of("member"), cast.team, query)

    assert response.status_code == 422
    assert len(shown_pictures(response)) == 1
    assert "This filter is left out." in response.text


def test_a_tile_has_its_pictures_colour_until_it_comes(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    image.record_palette("2850c8 c81e1e")

    [tile] = parsed(open_gallery(browser_of("member"), cast.team)).select(".gallery-item")

    assert tile["data-colour"] == "#2850c8"
