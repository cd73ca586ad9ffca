"""The history: what was asked for, found again by what the address says."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from hubportal.generations.history import PAGE_SIZE
from hubportal.generations.models import Generation, State
from hubportal.generations.models.search import GENERATIONS
from tests import makers
from tests.generations.pages import one, put, read, words

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]


@pytest.fixture
def mina(browser_of: Browsers) -> Client:
    return browser_of("member")


@pytest.fixture
def four(cast: SimpleNamespace) -> dict[str, Generation]:
    """Four by two people, on two models, on four days, in four states."""
    made = {
        "boat": makers.make_generation(cast.team, cast.member, "A red BOAT 100% wool"),
        "fox": makers.make_generation(cast.team, cast.owner, "A fox", model="nanobanana"),
        "map": makers.make_generation(cast.team, cast.owner, "A map"),
        "tea": makers.make_generation(cast.team, cast.member, "Tea"),
    }
    states = {"boat": State.RUNNING, "fox": State.FAILED, "map": State.UNKNOWN, "tea": State.SUCCEEDED}
    for days, (name, generation) in enumerate(made.items()):
        put(generation, states[name], created_at=datetime(2026, 11, 1 + days, 23, 30, tzinfo=UTC))
    return made


def look(client: Client, team, **asked: str) -> HttpResponse:
    return client.get(f"/t/{team.slug}/generations/", asked)


def listed(response: HttpResponse) -> list[str]:
    return [str(row["data-generation"]) for row in read(response).select("tbody tr")]


def found(client: Client, team, four: dict[str, Generation], **asked: str) -> list[str]:
    names = {str(generation.pk): name for name, generation in four.items()}
    return [names[pk] for pk in listed(look(client, team, **asked))]


def test_everything_is_listed_newest_first(mina: Client, cast: SimpleNamespace, four: dict[str, Generation]):
    assert found(mina, cast.team, four) == ["tea", "map", "fox", "boat"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"q": "boat"}, ["boat"]),
        ({"q": "wool 100% boat"}, ["boat"]),
        ({"q": "boat tea"}, []),
        ({"q": "_ boat"}, ["boat"]),
        ({"model": "nanobanana"}, ["fox"]),
        ({"state": "unknown"}, ["map"]),
        ({"from": "2026-11-03"}, ["tea", "map"]),
        ({"to": "2026-11-02"}, ["fox", "boat"]),
        ({"from": "2026-11-02", "to": "2026-11-03", "q": "a"}, ["map", "fox"]),
        ({"model": "never-heard-of"}, []),
    ],
)
def test_a_filter_in_the_address_finds_what_it_says(
    mina: Client, cast: SimpleNamespace, four: dict[str, Generation], asked: dict[str, str], names: list[str]
):
    assert found(mina, cast.team, four, **asked) == names


def test_a_day_is_a_day_where_the_site_is(
    mina: Client, cast: SimpleNamespace, four: dict[str, Generation], settings: SimpleNamespace
):
    settings.TIME_ZONE = "Asia/Tokyo"

    assert found(mina, cast.team, four, **{"from": "2026-11-02", "to": "2026-11-02"}) == ["boat"]


def test_a_person_and_a_key_find_theirs(mina: Client, cast: SimpleNamespace, four: dict[str, Generation]):
    key = makers.make_key(cast.team)
    Generation.objects.filter(pk=four["map"].pk).update(key=key)

    assert found(mina, cast.team, four, person=str(cast.member.pk)) == ["tea", "boat"]
    assert found(mina, cast.team, four, key=str(key.pk)) == ["map"]


def test_the_filters_show_what_they_are_set_to(mina: Client, cast: SimpleNamespace, four: dict[str, Generation]):
    asked = {"q": "fox", "person": str(cast.owner.pk), "model": "gone", "state": "failed", "from": "2026-11-02"}

    page = look(mina, cast.team, **asked)

    assert one(page, "[name=q]")["value"] == "fox"
    assert one(page, "[name=from]")["value"] == "2026-11-02"
    for name in ("person", "model", "state"):
        assert one(page, f"[name={name}] [selected]")["value"] == asked[name]


def test_somebody_who_left_can_still_be_asked_for_and_a_stranger_is_not_named(
    mina: Client, cast: SimpleNamespace, four: dict[str, Generation]
):
    cast.owner.memberships.all().delete()

    left = look(mina, cast.team, person=str(cast.owner.pk))
    stranger = look(mina, cast.team, person=str(cast.stranger.pk))

    assert words(left, "[name=person] [selected]") == "Anna"
    assert stranger.status_code == 422
    assert "Stan" not in one(stranger, "[name=person]").get_text()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"person": "x"}, "There is no such person here."),
        ({"person": "9" * 40}, "There is no such person here."),
        ({"person": "987654"}, "There is no such person here."),
        ({"key": "x"}, "There is no such key here."),
        ({"state": "lost"}, "There is no such state."),
        ({"from": "yesterday"}, "Write the day as 2026-11-21."),
        ({"to": "9999-12-31"}, "Write the day as 2026-11-21."),
        ({"from": "0001-01-01"}, "Write the day as 2026-11-21."),
        ({"q": "a\0b"}, "Null characters are not allowed."),
        ({"q": "a" * 201}, "Search for at most 200 characters."),
        ({"q": '"*"'}, "Search for words: signs alone can't be found."),
    ],
)
def test_a_filter_that_makes_no_sense_is_told_and_left_out(
    mina: Client, cast: SimpleNamespace, four: dict[str, Generation], asked: dict[str, str], sentence: str
):
    page = look(mina, cast.team, **asked, model="nanobanana")

    assert page.status_code == 422
    assert words(page, ".field-error").startswith(sentence)
    assert listed(page) == [str(four["fox"].pk)]


def test_a_long_history_is_walked_by_its_links_with_the_filters_kept(mina: Client, cast: SimpleNamespace):
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for minutes in range(PAGE_SIZE + 5):
        generation = makers.make_generation(cast.team, cast.member, "boat")
        Generation.objects.filter(pk=generation.pk).update(created_at=start + timedelta(minutes=minutes))
        GENERATIONS.update([generation.pk])

    first = look(mina, cast.team, q="boat")
    older = one(first, "a[rel=next]")["href"]
    second = mina.get(f"/t/{cast.team.slug}/generations/{older}")

    assert "q=boat" in str(older)
    assert len(listed(first)) == PAGE_SIZE
    assert len(listed(second)) == 5
    assert not set(listed(first)) & set(listed(second))
    assert not read(second).select("a[rel=next]")
    newer = one(second, "a[rel=prev]")["href"]
    assert listed(mina.get(f"/t/{cast.team.slug}/generations/{newer}")) == listed(first)


def test_a_cursor_of_nonsense_shows_the_first_page(mina: Client, cast: SimpleNamespace, four: dict[str, Generation]):
    assert len(found(mina, cast.team, four, cursor="%%%")) == 4


def test_nothing_found_and_nothing_there_are_told_apart(mina: Client, cast: SimpleNamespace):
    assert words(look(mina, cast.team), ".empty h2") == "Nothing made yet"
    assert words(look(mina, cast.team, q="boat"), ".empty h2") == "Nothing fits"


def test_the_filters_offer_only_this_teams_people_and_keys(mina: Client, cast: SimpleNamespace):
    theirs = cast.stranger.memberships.get().team
    makers.make_key(theirs, label="Secret lab")
    makers.make_key(cast.team, label="Ours")

    page = look(mina, cast.team, person=str(cast.stranger.pk), key=str(uuid.uuid4()))

    people = [option.get_text() for option in one(page, "[name=person]").select("option")]
    assert people == ["Everybody", "Adam", "Anna", "Mina (you)", "Rob"]
    keys = one(page, "[name=key]").get_text()
    assert "Ours" in keys
    assert "Secret lab" not in keys


def test_days_in_the_address_are_those_of_the_teams_time_zone(cast: SimpleNamespace, browser_of: Browsers) -> None:
    cast.team.time_zone = "Asia/Tokyo"
    cast.team.save(update_fields=["time_zone"])
    # 23:30 of 20 November and 0:30 of the 21st, in Tokyo.
    for prompt, moment in (
        ("Before", datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("After", datetime(2026, 11, 20, 15, 30, tzinfo=UTC)),
    ):
        with time_machine.travel(moment, tick=False):
            makers.make_generation(cast.team, cast.member, prompt)

    page = browser_of("member").get(f"/t/{cast.team.slug}/generations/", {"from": "2026-11-21"})

    assert [link.get_text(strip=True) for link in read(page).select(".history-prompt")] == ["After"]
