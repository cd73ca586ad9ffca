"""Selecting in the gallery: by ticks, or all that was found; whose it is, how long it lasts, and what is taken out."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import Tag
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.gallery.models import Selection
from hubportal.gallery.models.selection import MAX_EXCLUDED
from hubportal.gallery.picture_bin import bin_image
from hubportal.gallery.selection import tasks
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership, Team
from tests.gallery.kept import many, picture
from tests.gallery.reading import open_gallery, parsed
from tests.gallery.test_archive import manifest_of, opened
from tests.makers import join

Browsers = Callable[[str], Client]


def address(name: str, team: Team, *args: Any) -> str:
    return reverse(f"gallery:{name}", args=[team.slug, *args])


def select_all(browser: Client, team: Team, query: str = "") -> Selection:
    answer = browser.post(address("select", team), {"query": query})
    assert answer.status_code == 302
    return Selection.objects.latest("made_at")


def take_out(browser: Client, selection: Selection, *images: Image | uuid.UUID | str, **fields: str) -> Any:
    chosen = [str(one.pk) if isinstance(one, Image) else str(one) for one in images]
    return browser.post(address("exclusions", selection.team, selection.pk), {"image": chosen, **fields})


def downloaded(browser: Client, selection: Selection) -> list[str]:
    """The ids of the pictures of the selection's archive."""
    response = browser.post(address("archive", selection.team), {"selection": str(selection.pk)})
    return [row["picture"] for row in manifest_of(opened(response))]


def ticks(response: Any) -> dict[str, bool]:
    """Of each tile whether it has a tick."""
    boxes = parsed(response).select(".gallery-pick input[type=checkbox]")
    return {str(box["value"]): box.has_attr("checked") for box in boxes}


def number(response: Any) -> str:
    found = parsed(response).select_one("#selection-number")
    assert isinstance(found, Tag)
    return found.text


def test_to_select_each_tile_becomes_a_check_box_of_one_form(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(2)]
    mina = browser_of("member")
    link = parsed(open_gallery(mina, cast.team, "?q=red")).select_one('#select-link a[href*="select=1"]')
    assert link is not None

    page = mina.get(str(link["href"]))

    assert link["href"] == f"{address('index', cast.team)}?q=red&select=1"
    assert ticks(page) == {str(one.pk): False for one in images}
    assert {box["form"] for box in parsed(page).select(".gallery-pick input")} == {"selection"}
    acts = [button["value"] for button in parsed(page).select(".selection-acts [name=act]")]
    assert acts == ["favourite", "bin", "visibility"]
    assert parsed(open_gallery(mina, cast.team)).select(".gallery-pick, .selection-bar") == []


def test_more_of_the_page_is_to_be_selected_too(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 61)
    mina = browser_of("member")

    older = parsed(open_gallery(mina, cast.team, "?select=1")).select_one("#older")
    assert older is not None
    page = mina.get(str(older["href"]), headers={"HX-Request": "true", "HX-Target": "pictures"})

    assert len(ticks(page)) == 1


def test_a_reviewer_may_download_and_mark_what_is_selected_and_nothing_else(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    picture(cast.team, cast.member)

    bar = parsed(open_gallery(browser_of("reviewer"), cast.team, "?select=1")).select_one(".selection-acts")

    assert bar is not None
    assert [button.text.strip() for button in bar.select("button")] == [
        "Download (ZIP)",
        "Compare",
        "Favourite",
        "Change",
    ]


def test_all_that_was_found_is_selected_by_what_was_asked(cast: SimpleNamespace, browser_of: Browsers) -> None:
    boats = [picture(cast.team, cast.member, f"Boat {place}") for place in range(3)]
    picture(cast.team, cast.member, "A tram")
    mina = browser_of("member")

    selection = select_all(mina, cast.team, "?q=boat")
    page = open_gallery(mina, cast.team, f"?q=boat&select={selection.pk}")

    assert (selection.query, selection.pictures, selection.excluded) == ("?q=boat", [], [])
    assert number(page) == "3 selected"
    assert ticks(page) == {str(boat.pk): True for boat in boats}
    assert downloaded(mina, selection) == [str(boat.pk) for boat in reversed(boats)]


def test_what_comes_after_is_not_selected(cast: SimpleNamespace, browser_of: Browsers) -> None:
    before = picture(cast.team, cast.member)
    mina = browser_of("member")
    selection = select_all(mina, cast.team)
    after = picture(cast.team, cast.member)

    page = open_gallery(mina, cast.team, f"?select={selection.pk}")

    assert ticks(page) == {str(after.pk): False, str(before.pk): True}
    assert downloaded(mina, selection) == [str(before.pk)]


def test_single_pictures_are_taken_out_and_put_back(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(3)]
    mina = browser_of("member")
    selection = select_all(mina, cast.team)

    take_out(mina, selection, images[0], images[1])
    take_out(mina, selection, images[1], back="1")

    page = open_gallery(mina, cast.team, f"?select={selection.pk}")
    assert number(page) == "2 selected"
    assert [pk for pk, ticked in ticks(page).items() if not ticked] == [str(images[0].pk)]
    assert downloaded(mina, selection) == [str(images[2].pk), str(images[1].pk)]


def test_without_scripts_what_has_no_tick_is_taken_out(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(3)]
    mina = browser_of("member")
    selection = select_all(mina, cast.team)
    form = {"shown": [str(one.pk) for one in images], "image": [str(images[1].pk)]}

    answer = mina.post(address("exclusions", cast.team, selection.pk), form)

    assert answer["Location"] == f"{address('index', cast.team)}?select={selection.pk}"
    assert downloaded(mina, selection) == [str(images[1].pk)]


def test_scripts_are_told_how_many_are_left(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images = [picture(cast.team, cast.member) for _ in range(3)]
    mina = browser_of("member")
    selection = select_all(mina, cast.team)
    place = address("exclusions", cast.team, selection.pk)

    answer = mina.post(place, {"image": str(images[0].pk)}, headers={"HX-Request": "true"})

    assert answer.content.decode().strip() == "2 selected"
    assert "2 selected" in answer["HX-Trigger"]


@pytest.mark.parametrize("what", ["another team's", "private", "made up", "no id"])
def test_nothing_is_taken_out_that_one_may_not_see(cast: SimpleNamespace, browser_of: Browsers, what: str) -> None:
    picture(cast.team, cast.member)
    strange = {
        "another team's": picture(Team.objects.get(name="Elsewhere"), cast.stranger),
        "private": picture(cast.team, cast.owner, visibility=Visibility.PRIVATE),
        "made up": uuid.uuid4(),
        "no id": "\x00' OR 1=1",
    }
    mina = browser_of("member")
    selection = select_all(mina, cast.team)

    answer = take_out(mina, selection, strange[what])

    selection.refresh_from_db()
    assert (answer.status_code, selection.excluded) == (404, [])


def test_only_so_many_are_taken_out(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images, mina = many(cast.team, cast.member, MAX_EXCLUDED + 1), browser_of("member")
    selection = select_all(mina, cast.team)

    answer = take_out(mina, selection, *images)

    assert (answer.status_code, "At most 1,000 pictures" in parsed(answer).text) == (422, True)


@pytest.mark.parametrize("which", ["somebody else's", "another team's", "expired", "made up", "no id"])
def test_a_selection_is_its_makers_alone_for_a_day(cast: SimpleNamespace, browser_of: Browsers, which: str) -> None:
    image = picture(cast.team, cast.member)
    person = cast.owner if which == "somebody else's" else cast.member
    team = Team.objects.get(name="Elsewhere") if which == "another team's" else cast.team
    selection = Selection.objects.create(team=team, person=person, is_all=True)
    if which == "expired":
        Selection.objects.update(made_at=timezone.now() - timedelta(days=1, minutes=1))
    pk = {"made up": str(uuid.uuid4()), "no id": "x' OR 1=1"}.get(which, str(selection.pk))
    mina = browser_of("member")

    answers = [
        open_gallery(mina, cast.team, f"?select={pk}"),
        mina.post(address("archive", cast.team), {"selection": pk}),
        mina.post(address("bulk-changes", cast.team), {"selection": pk, "act": "bin"}),
        *([take_out(mina, selection, image)] if which in {"somebody else's", "another team's", "expired"} else []),
    ]

    assert {answer.status_code for answer in answers} == {404}
    image.refresh_from_db()
    assert image.binned_at is None


def test_what_was_deleted_meanwhile_is_selected_no_longer(cast: SimpleNamespace, browser_of: Browsers) -> None:
    stays, goes = (picture(cast.team, cast.member) for _ in range(2))
    mina = browser_of("member")
    selection = select_all(mina, cast.team)
    bin_image(goes, Actor(cast.owner))

    assert downloaded(mina, selection) == [str(stays.pk)]


def test_a_filter_that_makes_no_sense_any_more_does_not_mean_everything(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    gone = join(cast.team, "gwen@example.org")
    image = picture(cast.team, cast.member)
    mina = browser_of("member")
    selection = select_all(mina, cast.team, f"?person={gone.pk}")
    Membership.objects.filter(user=gone).delete()

    answers = [
        mina.post(address("bulk-changes", cast.team), {"selection": str(selection.pk), "act": "bin"}),
        mina.post(address("archive", cast.team), {"selection": str(selection.pk)}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("no longer known" in parsed(answer).text for answer in answers)
    image.refresh_from_db()
    assert image.binned_at is None


@pytest.mark.parametrize("query", ["?person=99999", "?from=never", "?project=x"])
def test_a_filter_that_makes_no_sense_selects_nothing(cast: SimpleNamespace, browser_of: Browsers, query: str) -> None:
    answer = browser_of("member").post(address("select", cast.team), {"query": query})

    assert answer.status_code == 422
    assert not Selection.objects.exists()


def test_with_other_filters_a_selection_is_given_up(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member, "A boat")
    mina = browser_of("member")
    selection = select_all(mina, cast.team)

    page = open_gallery(mina, cast.team, f"?q=boat&select={selection.pk}")

    assert number(page) == "0 selected"
    assert set(ticks(page).values()) == {False}
    assert parsed(page).select("input[name=selection]") == []


def test_a_hundred_ticks_cost_no_more_queries_than_one(cast: SimpleNamespace, browser_of: Browsers) -> None:
    mina = browser_of("member")
    counts = []
    for number_of_pictures in (1, 50):
        many(cast.team, cast.member, number_of_pictures)
        select = select_all(mina, cast.team).pk
        open_gallery(mina, cast.team, f"?select={select}")
        with CaptureQueriesContext(connection) as queries:
            open_gallery(mina, cast.team, f"?select={select}")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_after_a_day_it_is_forgotten(cast: SimpleNamespace, browser_of: Browsers) -> None:
    mina = browser_of("member")
    old, young = select_all(mina, cast.team), select_all(mina, cast.team)
    Selection.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=1, minutes=1))

    tasks.delete_expired_selections.call()

    assert list(Selection.objects.all()) == [young]


def test_the_database_refuses_a_selection_by_ids_that_has_a_query(cast: SimpleNamespace) -> None:
    def make(*, is_all: bool) -> Selection:
        return Selection.objects.create(team=cast.team, person=cast.member, is_all=is_all, query="?q=boat")

    make(is_all=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        make(is_all=False)
