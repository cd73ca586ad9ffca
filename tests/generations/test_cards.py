"""The status card in every state, and the one question that keeps a page of them fresh."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubportal.generations.models import Generation, State, Visibility
from hubportal.html_time import html_datetime
from tests import makers
from tests.generations.pages import add_image, add_picture, one, put, read, words

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]

# A fixed one: the names of tests must be the same in each of pytest's processes.
UNSEEN = "6d4602dd-2512-448f-8391-9d6f7649d06c"


@pytest.fixture
def mina(browser_of: Browsers) -> Client:
    return browser_of("member")


@pytest.fixture
def make(cast: SimpleNamespace) -> Callable[..., Generation]:
    def made(state: State = State.WAITING, order: dict[str, Any] | None = None, **fields: Any) -> Generation:
        return put(makers.make_generation(cast.team, cast.member, **(order or {})), state, **fields)

    return made


def card_of(client: Client, generation: Generation) -> HttpResponse:
    return client.get(f"/t/{generation.team.slug}/generations/{generation.pk}/card/")


def ask(client: Client, *shown: str, team: str = "studio-north") -> HttpResponse:
    return client.get(f"/t/{team}/cards/", {"card": shown}, headers={"HX-Request": "true"})


def line(response: HttpResponse) -> str:
    return " ".join(read(response).select(".card-line")[0].get_text(" ").split())


# What the create page shows ------------------------------------------------------------------------------------


def test_what_is_unsettled_or_under_way_stays_above_what_is_newer(
    mina: Client, cast: SimpleNamespace, make: Callable[..., Generation]
):
    doubtful, running, fetched = make(State.UNKNOWN), make(State.RUNNING), make(State.SUCCEEDED)
    add_image(fetched, due_at=timezone.now())
    newer = [make(State.FAILED) for _ in range(14)]

    page = mina.get(f"/t/{cast.team.slug}/")

    shown = [card["data-generation"] for card in read(page).select(".card")]
    assert shown[0] == str(doubtful.pk)
    assert set(shown[1:3]) == {str(running.pk), str(fetched.pk)}
    assert shown[3:] == [str(one.pk) for one in reversed(newer[2:])]


@pytest.mark.parametrize(("who", "count"), [("member", 1), ("owner", 2), ("reviewer", None)])
def test_what_waits_for_a_persons_decision_is_counted_in_the_bar(
    browser_of: Browsers, cast: SimpleNamespace, make: Callable[..., Generation], who: str, count: int | None
):
    make(State.UNKNOWN)
    make(State.FAILED)
    put(makers.make_generation(cast.team, cast.owner), State.UNKNOWN)
    put(makers.make_generation(cast.team, cast.owner, visibility="private"), State.UNKNOWN, author=cast.admin)

    counted = read(browser_of(who).get(f"/t/{cast.team.slug}/usage/")).select(".nav .count")

    assert [one.get_text() for one in counted] == ([str(count)] if count else [])


def test_what_is_reserved_leads_to_what_it_is_reserved_for(
    mina: Client, cast: SimpleNamespace, make: Callable[..., Generation]
):
    open_one = make(State.WAITING)
    make(State.FAILED)

    link = one(mina.get(f"/t/{cast.team.slug}/"), "#credits .credits-reserved")
    rows = read(mina.get(str(link["href"]))).select("tbody [data-generation]")

    assert "reserved" in link.get_text()
    assert [row["data-generation"] for row in rows] == [str(open_one.pk)]


@pytest.mark.parametrize(
    ("images", "word", "tone"),
    [
        ([{}], "Done", None),
        ([{"due": True}], "Made, still fetching", "busy"),
        ([{"lost": True}], "Made, but lost", "warn"),
        ([{}, {"lost": True}], "Done, 1 of 2", "warn"),
        ([{}, {"due": True}], "Made, still fetching", "busy"),
    ],
)
def test_a_success_that_is_not_whole_yet_says_so(
    mina: Client, make: Callable[..., Generation], images: list[dict[str, bool]], word: str, tone: str | None
):
    generation = make(State.SUCCEEDED, {"n": len(images)})
    for position, kind in enumerate(images):
        if not kind:
            add_picture(generation, position)
        else:
            add_image(generation, position, due_at=timezone.now() if "due" in kind else None)

    state = one(card_of(mina, generation), ".state")

    assert (state.get_text(), state.get("data-tone")) == (word, tone)


def test_after_two_minutes_of_painting_it_is_said_to_take_long(mina: Client, make: Callable[..., Generation]):
    soon, late = (
        one(card_of(mina, make(State.RUNNING, accepted_at=timezone.now() - timedelta(seconds=age))), ".state")
        for age in (60, 130)
    )

    assert (soon.get_text(), soon["data-late"]) == ("Painting", "Painting, longer than usual")
    assert late.get_text() == "Painting, longer than usual"


def test_what_others_made_since_a_page_was_drawn_is_told_to_it(
    mina: Client, cast: SimpleNamespace, make: Callable[..., Generation]
):
    old = put(makers.make_generation(cast.team, cast.owner), State.FAILED)
    since = str(one(mina.get(f"/t/{cast.team.slug}/"), "#since")["value"])
    nothing = mina.get(f"/t/{cast.team.slug}/cards/", {"since": since})

    for author in (cast.owner, cast.owner):
        makers.make_generation(cast.team, author)
    makers.make_generation(cast.team, cast.owner, visibility="private")
    make(State.WAITING)
    from_one = mina.get(f"/t/{cast.team.slug}/cards/", {"since": since})
    makers.make_generation(cast.team, cast.admin)
    from_more = mina.get(f"/t/{cast.team.slug}/cards/", {"since": since})

    assert (since, nothing.status_code) == (old.created_at.isoformat(), 204)
    assert words(from_one, "#news") == "2 new from Anna"
    assert words(from_more, "#news") == "3 new from Adam and others"
    assert mina.get(f"/t/{cast.team.slug}/cards/", {"since": "yesterday"}).status_code == 204


# One card --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State.values)
def test_a_card_carries_the_promised_words_in_every_state(mina: Client, make: Callable[..., Generation], state: str):
    generation = make(State(state))

    card = one(card_of(mina, generation), "article")

    assert card["id"] == f"generation-{generation.pk}"
    assert (card["data-generation"], card["data-state"]) == (str(generation.pk), state)
    assert card.select(".state")[0]["data-state"] == state
    assert card.select(".slot")


@pytest.mark.parametrize("state", [State.WAITING, State.SENDING, State.RUNNING])
def test_a_moving_card_says_what_it_shows_so_that_the_page_asks_after_it(
    mina: Client, make: Callable[..., Generation], state: State
):
    generation = make(state)

    response = card_of(mina, generation)

    assert one(response, "input[name=card]")["value"] == f"{generation.pk}.{generation.version}"
    assert one(response, "time.clock[data-clock]")["datetime"] == html_datetime(generation.created_at)


@pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN, State.CANCELLED])
def test_a_card_at_rest_is_not_asked_after(mina: Client, make: Callable[..., Generation], state: State):
    response = card_of(mina, make(state))

    assert not read(response).select("input[name=card], [data-clock]")


def test_a_finished_card_is_asked_after_while_a_picture_is_still_to_be_fetched(
    mina: Client, make: Callable[..., Generation]
):
    generation = make(State.SUCCEEDED)
    image = add_image(generation)

    assert one(card_of(mina, generation), "input[name=card]") is not None
    type(image).objects.update(due_at=None)
    assert not read(card_of(mina, generation)).select("input[name=card]")


@pytest.mark.parametrize(
    ("size", "shape", "outline"),
    [
        ("1536x1024", "wide", "0 0 1536 1024"),
        ("1024x1536", "tall", "0 0 1024 1536"),
        ("auto", "square", "0 0 1024 1024"),
    ],
)
def test_the_slot_has_the_shape_and_number_asked_for_from_the_first_moment(
    mina: Client, make: Callable[..., Generation], size: str, shape: str, outline: str
):
    response = card_of(mina, make(order={"size": size, "n": 3}))

    slot = one(response, ".slot")
    assert (slot["data-shape"], slot["data-count"]) == (shape, "3")
    assert [blank["viewbox"] for blank in slot.select("svg.blank")] == [outline] * 3


def test_a_partial_result_keeps_its_places_and_says_how_many_came(mina: Client, make: Callable[..., Generation]):
    generation = make(State.SUCCEEDED, order={"n": 4}, charged=32, returned=8)
    pictures = [add_picture(generation, position) for position in range(3)]

    response = card_of(mina, generation)

    assert one(response, ".slot")["data-count"] == "4"
    assert [str(image["data-image"]) for image in read(response).select("img")] == [str(one.pk) for one in pictures]
    assert line(response) == "Done, 3 of 4 0:00"
    assert words(response, ".card-facts").startswith("24 credits, 8 returned")


def test_a_picture_is_shown_by_its_thumbnail_and_leads_to_the_whole(mina: Client, make: Callable[..., Generation]):
    generation = make(State.SUCCEEDED)
    picture = add_picture(generation)

    response = card_of(mina, generation)

    image = one(response, "img[data-image]")
    assert image["src"] == f"/media/{picture.pk}/thumb"
    assert (image["width"], image["height"], image["alt"]) == ("64", "48", "A red boat")
    assert one(response, "a.frame")["href"] == f"/t/{generation.team.slug}/generations/{generation.pk}/"


def test_the_clock_becomes_the_duration(mina: Client, make: Callable[..., Generation]):
    started = timezone.now() - timedelta(minutes=5)
    generation = make(State.SUCCEEDED, created_at=started, finished_at=started + timedelta(seconds=72))

    response = card_of(mina, generation)

    assert words(response, "time.clock") == "1:12"
    assert one(response, "time.clock")["datetime"] == "PT72S"


def test_a_failure_is_told_where_the_picture_would_have_been_with_its_code_a_click_away(
    mina: Client, make: Callable[..., Generation]
):
    generation = make(
        State.FAILED, error_code="generationFailed", error_message="The provider gave up.", charged=8, returned=8
    )

    response = card_of(mina, generation)

    why = one(response, ".slot .why")
    assert why["data-tone"] == "bad"
    assert "Your 8 credits came back." in why.get_text()
    code = one(response, ".why details code")
    assert code.get_text() == "generationFailed: The provider gave up."
    assert one(response, "[data-copy]")["data-copy"] == code["id"]
    assert line(response) == "Couldn't be made 0:00"
    assert "8 credits returned" in words(response, ".card-facts")


def test_the_card_says_who_asked_and_what_for(cast: SimpleNamespace, browser_of: Browsers):
    order = {"size": "1536x1024", "effort": "high", "n": 2, "visibility": Visibility.PRIVATE}
    generation = makers.make_generation(cast.team, cast.member, **order)

    mine = card_of(browser_of("member"), generation)
    Generation.objects.update(visibility=Visibility.TEAM)
    theirs = card_of(browser_of("owner"), generation)

    facts = [fact.get_text() for fact in read(mine).select(".card-facts > span")]
    assert facts == ["16 credits", "You", "GPT IMAGE 2", "3:2 · 1K", "High"]
    assert words(mine, ".times") == "×2"
    assert words(mine, ".card-line.muted").startswith("Only you see this")
    assert "Mina" in words(theirs, ".card-facts")
    assert "Only you see this" not in words(theirs, ".card-line.muted")


def test_a_model_the_hub_has_dropped_goes_by_its_id(mina: Client, make: Callable[..., Generation]):
    response = card_of(mina, make(order={"model": "gpt-image-1"}))

    assert "gpt-image-1" in words(response, ".card-facts")


# Many cards ------------------------------------------------------------------------------------------------


def test_nothing_changed_answers_204_and_costs_almost_nothing(mina: Client, make: Callable[..., Generation]):
    shown = [f"{one.pk}.{one.version}" for one in (make() for _ in range(12))]
    ask(mina, *shown)

    with CaptureQueriesContext(connection) as queries:
        response = ask(mina, *shown)

    assert response.status_code == 204
    # The session, the person, their membership, the versions.
    assert len(queries) == 4


def test_only_changed_cards_come_back_out_of_band_with_what_is_left(mina: Client, make: Callable[..., Generation]):
    same, other = make(), make()
    shown = [f"{one.pk}.{one.version}" for one in (same, other)]
    put(other, State.RUNNING)

    response = ask(mina, *shown)

    card = one(response, "article")
    assert (card["id"], card["hx-swap-oob"]) == (f"generation-{other.pk}", "true")
    assert one(response, "#credits")["hx-swap-oob"] == "true"
    assert one(response, "#left")["hx-swap-oob"] == "true"


def test_a_reviewers_page_has_no_form_to_tell_what_is_left(browser_of: Browsers, make: Callable[..., Generation]):
    response = ask(browser_of("reviewer"), f"{make().pk}.0")

    assert not read(response).select("#left")


def test_a_card_one_may_not_see_is_not_answered(
    cast: SimpleNamespace, browser_of: Browsers, make: Callable[..., Generation]
):
    private = make(order={"visibility": Visibility.PRIVATE})
    elsewhere = makers.make_generation(cast.stranger.memberships.get().team, cast.stranger)

    assert ask(browser_of("owner"), f"{private.pk}.0", f"{elsewhere.pk}.0").status_code == 204
    assert ask(browser_of("member"), f"{private.pk}.0").status_code == 200


@pytest.mark.parametrize("shown", ["", "nonsense", f"{UNSEEN}", f"{UNSEEN}.x", f"{UNSEEN}.{'9' * 50}", "\0.1", "é.²"])
def test_what_makes_no_sense_is_passed_over(mina: Client, make: Callable[..., Generation], shown: str):
    generation = make()

    assert ask(mina, shown).status_code == 204
    assert one(ask(mina, shown, f"{generation.pk}.0"), "article")["data-generation"] == str(generation.pk)


def test_asking_after_thousands_of_cards_reads_a_hundred(mina: Client, make: Callable[..., Generation]):
    generation = make()
    filling = [f"{uuid.uuid4()}.0" for _ in range(100)]

    assert ask(mina, *filling[:-1], f"{generation.pk}.0").status_code == 200
    assert ask(mina, *filling, f"{generation.pk}.0").status_code == 204
