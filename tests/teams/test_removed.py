"""What is left of somebody who was removed: their work goes on, their open pages stop."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from hubportal.generations.models import Generation, State
from tests import makers
from tests.gallery.kept import keep
from tests.generations.test_worker import work_until
from tests.teams.reading import page_of, place

# The followers ask from threads of their own, so the rows must really be committed.
pytestmark = pytest.mark.django_db(transaction=True)

BrowserOf = Callable[[str], Client]


def remove_mina(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    mina = cast.team.memberships.get(user=cast.member)
    assert browser_of("admin").post(place("removal", cast.team, mina.pk)).status_code == 302


def test_every_open_page_of_theirs_answers_404_at_once_and_so_do_pictures(
    browser_of: BrowserOf, cast: SimpleNamespace
) -> None:
    generation = makers.make_generation(cast.team, cast.member)
    image = keep(generation)
    browser, here = browser_of("member"), f"/t/{cast.team.slug}/"
    asked = {"card": str(generation.pk)}
    polls = [f"{here}generations/{generation.pk}/card/", f"{here}generations/{generation.pk}/", here]
    assert {browser.get(address).status_code for address in [*polls, f"/media/{image.pk}/thumb"]} == {200}
    assert browser.get(f"{here}cards/", asked, headers={"HX-Request": "true"}).status_code in {200, 204}

    remove_mina(browser_of, cast)

    assert {browser.get(address).status_code for address in [*polls, f"/media/{image.pk}/original"]} == {404}
    assert browser.get(f"{here}cards/", asked, headers={"HX-Request": "true"}).status_code == 404
    assert browser.post(f"{here}generations/", {"prompt": "A boat"}).status_code == 404
    assert browser.get("/").status_code == 200
    assert not page_of(browser.get("/")).select(f"a[href='{here}']")


def test_what_they_had_asked_for_is_finished_and_stays_under_their_name(
    browser_of: BrowserOf, cast: SimpleNamespace, sandbox: Any
) -> None:
    makers.make_key(cast.team, sandbox.hub.new_key(credits=100), credits=100)
    generation = makers.make_generation(cast.team, cast.member, "A red boat")

    remove_mina(browser_of, cast)
    work_until(generation, State.SUCCEEDED)

    assert Generation.objects.get(pk=generation.pk).author == cast.member
    page = page_of(browser_of("admin").get(f"/t/{cast.team.slug}/generations/{generation.pk}/"))
    assert page.select_one("main img[data-image]")
    assert "Mina" in page.find("main").get_text()
