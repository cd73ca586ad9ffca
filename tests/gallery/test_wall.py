"""The wall: whose pictures hang there, in which order, and how they are found again."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.gallery import wall as wall_of
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership
from tests.gallery.kept import keep, many, picture
from tests.makers import join, make_generation

Browsers = Callable[[str], Client]


def open_wall(browser: Client, team: Any, query: str = "", **headers: str) -> Any:
    return browser.get(reverse("gallery:wall", args=[team.slug]) + query, headers=headers or None)


def parsed(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def facts_of(tile: Tag | None) -> BeautifulSoup:
    """What a tile keeps for the lightbox."""
    assert tile is not None
    template = tile.select_one("template")
    assert template is not None
    return BeautifulSoup(template.decode_contents(), "html.parser")


def hanging(response: Any) -> list[str]:
    """The ids of the pictures on the wall, in their order."""
    return [str(image["data-image"]) for image in parsed(response).select(".tile img")]


def found(browser: Client, team: Any, **asked: str) -> set[str]:
    """The prompts that a search leaves on the wall."""
    response = browser.get(reverse("gallery:wall", args=[team.slug]), asked)
    assert response.status_code == 200
    return {str(image["alt"]) for image in parsed(response).select(".tile img")}


# Who sees what ---------------------------------------------------------------------------------------------


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


def test_a_stranger_gets_404_for_the_wall(cast: SimpleNamespace, browser_of: Browsers) -> None:
    assert open_wall(browser_of("stranger"), cast.team).status_code == 404


def test_nobody_is_led_to_sign_in(cast: SimpleNamespace, browser_of: Browsers) -> None:
    response = open_wall(browser_of("nobody"), cast.team)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_sent_to_the_wall(cast: SimpleNamespace, browser_of: Browsers, method: str) -> None:
    address = reverse("gallery:wall", args=[cast.team.slug])

    assert getattr(browser_of("owner"), method)(address).status_code == 405


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


# What a tile is --------------------------------------------------------------------------------------------


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


# Pages -----------------------------------------------------------------------------------------------------


def walk(browser: Client, team: Any, rel: str, query: str = "") -> list[list[str]]:
    """The pages from one address on, following one kind of link to its end."""
    pages = []
    while True:
        response = open_wall(browser, team, query)
        pages.append(hanging(response))
        link = parsed(response).select_one(f'.pager [rel="{rel}"]')
        if link is None:
            return pages
        query = str(link["href"])


def test_pages_of_sixty_show_every_picture_once_although_all_have_one_moment(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    pictures = many(cast.team, cast.member, 130, created_at=timezone.now())
    browser = browser_of("reviewer")

    pages = walk(browser, cast.team, "next")

    assert [len(page) for page in pages] == [60, 60, 10]
    assert [pk for page in pages for pk in page] == [
        str(pk) for pk in sorted((one.pk for one in pictures), reverse=True)
    ]


def test_newer_leads_back_to_the_first_page(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 130, created_at=timezone.now())
    browser = browser_of("member")
    first = open_wall(browser, cast.team)
    older = str(parsed(first).select_one('.pager [rel="next"]')["href"])  # type: ignore[index]

    back = walk(browser, cast.team, "prev", older)

    assert back[-1] == hanging(first)


def test_a_new_picture_does_not_shift_the_next_page(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 61, created_at=timezone.now() - timedelta(hours=1))
    browser = browser_of("member")
    first = open_wall(browser, cast.team)
    older = str(parsed(first).select_one('.pager [rel="next"]')["href"])  # type: ignore[index]

    picture(cast.team, cast.owner)
    second = hanging(open_wall(browser, cast.team, older))

    assert len(second) == 1
    assert second[0] not in hanging(first)


def test_a_page_keeps_the_search_it_belongs_to(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 70)
    picture(cast.team, cast.owner, "A tram")

    pages = walk(browser_of("member"), cast.team, "next", f"?q=boat&person={cast.member.pk}&mine=1")

    assert [len(page) for page in pages] == [60, 10]


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "bi4xLg", "b.1.2", "🦊", "=" * 50])
def test_a_cursor_nobody_wrote_shows_the_first_page(cast: SimpleNamespace, browser_of: Browsers, cursor: str) -> None:
    image = picture(cast.team, cast.member)

    assert hanging(open_wall(browser_of("member"), cast.team, f"?cursor={cursor}")) == [str(image.pk)]


def test_htmx_gets_the_next_tiles_alone_and_a_new_link_to_what_follows(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    many(cast.team, cast.member, 130)
    browser = browser_of("member")
    edge = parsed(open_wall(browser, cast.team)).select_one("#older [hx-get]")
    assert edge is not None
    assert (edge["hx-target"], edge["hx-swap"]) == ("#wall", "beforeend")

    response = open_wall(browser, cast.team, str(edge["hx-get"]), HX_Request="true", HX_Target="wall")

    part = parsed(response)
    assert part.html is None
    assert len(part.select(".tile")) == 60
    assert part.select_one("#older")["hx-swap-oob"] == "true"  # type: ignore[index]
    assert part.select_one("#older")["href"] == part.select_one("#older [hx-get]")["hx-get"] != edge["hx-get"]  # type: ignore[index]
    assert "60 more pictures" in response["HX-Trigger"]


def test_after_the_last_tiles_the_link_goes(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 61)
    browser = browser_of("member")
    link = parsed(open_wall(browser, cast.team)).select_one("#older")
    assert link is not None

    part = parsed(open_wall(browser, cast.team, str(link["href"]), HX_Request="true", HX_Target="wall"))

    assert part.select_one("#older")["hx-swap-oob"] == "delete"  # type: ignore[index]


# Search and filters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "prompts"),
    [
        ("boat", {"A red boat", "50% off, a boat_house", 'He said "boat"'}),
        ("BOAT red", {"A red boat"}),
        ("%", {"50% off, a boat_house"}),
        ("_", {"50% off, a boat_house"}),
        ('"', {'He said "boat"'}),
        ("\\", {"back\\slash"}),
        ("'; DROP TABLE", set()),
        ("قارب", {"قارب أحمر"}),
        ("[é", set()),
        ("\0red\0", {"A red boat"}),
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
    if not folds_every_script():
        pytest.skip("a PostgreSQL with the locale C folds ASCII alone")
    picture(cast.team, cast.member, "Chợ Đà Lạt")

    assert found(browser_of("owner"), cast.team, q=words) == {"Chợ Đà Lạt"}


def folds_every_script() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('Đ') = 'đ'")
        return bool(cursor.fetchone()[0])


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


def test_the_filters_show_what_the_address_says(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.owner, "A <b>boat</b>", model="retired-model")

    query = f"?q=%3Cb%3E&person={cast.owner.pk}&model=retired-model"
    form = parsed(open_wall(browser_of("member"), cast.team, query)).select_one("form.filters")

    assert form is not None
    assert form.select_one("[name=q]")["value"] == "<b>"  # type: ignore[index]
    chosen = {str(select["name"]): select.select_one("[selected]") for select in form.select("select")}
    assert {name: option and option["value"] for name, option in chosen.items()} == {
        "person": str(cast.owner.pk),
        "model": "retired-model",
        "mine": "",
    }


def test_somebody_who_left_can_still_be_asked_for(cast: SimpleNamespace, browser_of: Browsers) -> None:
    leaver = join(cast.team, "lea@example.org", name="Lea")
    picture(cast.team, leaver, "Lea's")
    Membership.objects.filter(user=leaver).delete()

    assert found(browser_of("member"), cast.team, person=str(leaver.pk)) == {"Lea's"}


@pytest.mark.parametrize(
    "query",
    ["person=nobody", "person=999999", "person=" + "9" * 40, "mine=yours", "q=" + "x" * 201, "model=" + "m" * 101],
)
def test_a_filter_that_makes_no_sense_is_told_and_shows_nothing(
    cast: SimpleNamespace, browser_of: Browsers, query: str
) -> None:
    picture(cast.team, cast.member)

    response = open_wall(browser_of("member"), cast.team, f"?{query}")

    assert response.status_code == 422
    assert hanging(response) == []
    field = parsed(response).select_one('form.filters [aria-invalid="true"]')
    assert field is not None
    sentence = parsed(response).find(id=field["aria-describedby"])
    assert sentence is not None
    assert sentence.text.strip()


def test_somebody_elsewhere_is_no_filter_and_not_named(cast: SimpleNamespace, browser_of: Browsers) -> None:
    response = open_wall(browser_of("member"), cast.team, f"?person={cast.stranger.pk}")

    assert response.status_code == 422
    assert b"Stan" not in response.content


def test_htmx_gets_what_was_found_and_the_clean_address(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member, "A boat")

    response = open_wall(
        browser_of("member"), cast.team, "?q=boat&person=&model=&mine=", HX_Request="true", HX_Target="found"
    )

    part = parsed(response)
    assert part.html is None
    assert len(part.select("#found .tile")) == 1
    assert part.select_one("#number")["hx-swap-oob"] == "true"  # type: ignore[index]
    assert response["HX-Replace-Url"] == reverse("gallery:wall", args=[cast.team.slug]) + "?q=boat"


# Words -----------------------------------------------------------------------------------------------------


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
