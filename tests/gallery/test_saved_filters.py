"""What somebody looks for again and again: saved by a name, found again, forgotten, and nobody else's."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from hubportal.gallery import saved_filters
from hubportal.gallery.models import SavedFilter
from tests.gallery.kept import picture
from tests.gallery.reading import open_gallery, parsed, shown_pictures

Browsers = Callable[[str], Client]


def place(team: Any) -> str:
    return reverse("gallery:saved-filters", args=[team.slug])


def save(browser: Client, team: Any, name: str = "Wide boats", query: str = "q=boat&shape=wide") -> Any:
    return browser.post(place(team), {"name": name, "query": query})


def test_what_is_asked_for_is_saved_and_leads_back_to_it(cast: SimpleNamespace, browser_of: Browsers) -> None:
    boat = picture(cast.team, cast.member, "A red boat", size=(96, 48))
    picture(cast.team, cast.member, "A tower", size=(96, 48))
    rob = browser_of("reviewer")

    saved = save(rob, cast.team)
    [link] = parsed(rob.get(place(cast.team))).select("ul.stack a")

    assert saved["Location"].endswith("/gallery/?q=boat&shape=wide")
    assert link.text == "Wide boats"
    assert shown_pictures(open_gallery(rob, cast.team, str(link["href"]))) == [str(boat.pk)]


def test_the_page_says_in_words_what_will_be_saved(cast: SimpleNamespace, browser_of: Browsers) -> None:
    page = parsed(browser_of("member").get(place(cast.team), {"q": "boat", "shape": "wide", "colour": "blue"}))

    asked = [item.text.split() for item in page.select(".panel li")]
    assert asked == [["Search", "prompts", "boat"], ["Shape", "Wide"], ["Colour", "Blue"]]


def test_the_gallery_leads_to_saving_what_it_shows(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member)
    mina = browser_of("member")

    narrowed = parsed(open_gallery(mina, cast.team, "?colour=blue&q=boat"))
    plain = parsed(open_gallery(mina, cast.team))

    [link] = narrowed.select(f'a[href^="{place(cast.team)}"]')
    assert (link.text.strip(), link["href"]) == ("Save this", f"{place(cast.team)}?q=boat&colour=blue")
    assert [link.text.strip() for link in plain.select(f'a[href^="{place(cast.team)}"]')] == ["Saved"]


def test_a_name_that_is_taken_stands_for_the_new_one(cast: SimpleNamespace, browser_of: Browsers) -> None:
    mina = browser_of("member")

    save(mina, cast.team, "Boats", "q=boat")
    save(mina, cast.team, "BOATS", "q=boat&mine=1")

    assert list(SavedFilter.objects.values_list("name", "query")) == [("BOATS", "?q=boat&mine=1")]


def test_only_what_makes_sense_is_saved_and_no_place_in_the_list(cast: SimpleNamespace, browser_of: Browsers) -> None:
    save(browser_of("member"), cast.team, query="?q=boat&cursor=xyz&select=1&next=//evil.example")

    assert SavedFilter.objects.get().query == "?q=boat"


@pytest.mark.parametrize("query", ["", "?", "shape=round", "nothing=1", "q=" + "boat+" * 2000, "q=%00"])
def test_what_narrows_by_nothing_can_not_be_saved(cast: SimpleNamespace, browser_of: Browsers, query: str) -> None:
    response = save(browser_of("member"), cast.team, query=query)

    assert response.status_code == 422
    assert "there is nothing to save" in response.text
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x07b", "a\u202eb", "\0"])
def test_a_name_that_can_be_none_is_told_at_its_field(cast: SimpleNamespace, browser_of: Browsers, name: str) -> None:
    response = save(browser_of("member"), cast.team, name)

    page = parsed(response)
    assert response.status_code == 422
    assert len(page.select(".field-error")) == 1
    assert page.select_one("[name=query]")["value"] == "q=boat&shape=wide"  # type: ignore[index]
    assert not SavedFilter.objects.exists()


def test_each_has_their_own(cast: SimpleNamespace, browser_of: Browsers) -> None:
    save(browser_of("owner"), cast.team)

    assert parsed(browser_of("member").get(place(cast.team))).select("ul.stack a") == []


def test_one_is_forgotten_by_whose_it_is(cast: SimpleNamespace, browser_of: Browsers) -> None:
    save(browser_of("owner"), cast.team)
    forgetting = reverse("gallery:forgetting", args=[cast.team.slug, SavedFilter.objects.get().pk])

    by_another = browser_of("member").post(forgetting)
    by_the_owner = browser_of("owner").post(forgetting)
    once_more = browser_of("owner").post(forgetting)

    assert (by_another.status_code, by_the_owner.status_code, once_more.status_code) == (404, 302, 404)
    assert not SavedFilter.objects.exists()


def test_one_more_than_there_may_be_is_not_saved(
    cast: SimpleNamespace, browser_of: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_filters, "MAX_OF_A_PERSON", 1)
    mina = browser_of("member")
    save(mina, cast.team, "First")

    response = save(mina, cast.team, "Second")

    assert response.status_code == 422
    assert [one.name for one in SavedFilter.objects.all()] == ["First"]


@pytest.mark.django_db
def test_the_database_holds_one_of_a_name(cast: SimpleNamespace) -> None:
    same = {"team": cast.team, "person": cast.member, "name": "Boats", "key": "boats", "query": "?q=boat"}
    SavedFilter.objects.create(**same)

    with pytest.raises(IntegrityError), transaction.atomic():
        SavedFilter.objects.create(**same)
    SavedFilter.objects.create(**same | {"person": cast.owner})
