"""What was rendered for one reader is shown to another only where it is the same, and to nobody once it is not true."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from hubportal.generations.models import Generation, State, Visibility
from hubportal.html_time import ago
from hubportal.listing.fragments import age_key
from hubportal.listing.search.registry import index_of
from tests.gallery.kept import picture
from tests.gallery.reading import parsed

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]
PAGES = ("generations:create", "generations:list", "gallery:index")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """And the clock stands, so that no key is another only because a second has gone by."""
    caches["template_fragments"].clear()
    with time_machine.travel(timezone.now(), tick=False):
        yield
    caches["template_fragments"].clear()


@pytest.fixture
def made(cast: SimpleNamespace) -> Generation:
    """One that succeeded, the member's, with its picture."""
    generation = picture(cast.team, cast.member).generation
    now = timezone.now()
    ended = {"state": State.SUCCEEDED, "hub_id": "clx_1", "charged": 8, "answered_at": now, "finished_at": now}
    Generation.objects.filter(pk=generation.pk).update(**ended, due_at=None, version=2)
    index_of(Generation).update([generation.pk])
    return Generation.objects.get(pk=generation.pk)


def _pages(browser: Client, team: object) -> list[str]:
    return [browser.get(reverse(name, args=[team])).content.decode() for name in PAGES]


def test_each_reader_gets_what_their_role_may_do(cast: SimpleNamespace, browser_of: Browsers, made: Generation) -> None:
    again = f"?again={made.pk}"
    for who in ("member", "reviewer", "owner"):
        create, _, gallery = _pages(browser_of(who), cast.team.slug)
        assert (again in create) == (again in gallery) == (who != "reviewer"), who


def test_an_author_is_you_to_nobody_else(cast: SimpleNamespace, browser_of: Browsers, made: Generation) -> None:
    own, others = (
        parsed(browser_of(who).get(reverse("generations:create", args=[cast.team.slug]))).select(".card-facts")[0].text
        for who in ("member", "owner")
    )

    assert "You" in own
    assert "You" not in others
    assert "Mina" in others


def test_a_new_name_is_shown_at_once(cast: SimpleNamespace, browser_of: Browsers, made: Generation) -> None:
    owner = browser_of("owner")
    before = _pages(owner, cast.team.slug)
    cast.member.name = "Minerva"
    cast.member.save()

    assert all("Mina" in page for page in before)
    assert all("Minerva" in page for page in _pages(owner, cast.team.slug))


def test_a_picture_that_was_deleted_is_on_none_of_them(
    cast: SimpleNamespace, browser_of: Browsers, made: Generation, delete: Callable[[Generation], None]
) -> None:
    owner, image = browser_of("owner"), made.images.get()
    shown = f'data-image="{image.pk}"'
    before = _pages(owner, cast.team.slug)
    delete(made)

    assert all(shown in page for page in before)
    assert not any(shown in page for page in _pages(owner, cast.team.slug))


@pytest.fixture
def delete(browser_of: Browsers, cast: SimpleNamespace) -> Callable[[Generation], None]:
    def act(generation: Generation) -> None:
        page = reverse("gallery:deletion", args=[cast.team.slug, generation.images.get().pk])
        assert browser_of("member").post(page).status_code == 302

    return act


def test_what_became_private_is_gone_for_others(cast: SimpleNamespace, browser_of: Browsers, made: Generation) -> None:
    owner, member = browser_of("owner"), browser_of("member")
    before = [*_pages(owner, cast.team.slug), *_pages(member, cast.team.slug)]
    assert made.record_visibility(Visibility.PRIVATE)

    assert all(made.prompt in page for page in before)
    assert not any(made.prompt in page for page in _pages(owner, cast.team.slug))
    create, _, gallery = _pages(member, cast.team.slug)
    assert "Only you see this" in create
    assert "Private" in gallery


def test_nothing_that_is_kept_has_a_secret_of_its_readers(
    cast: SimpleNamespace, browser_of: Browsers, made: Generation
) -> None:
    for who in ("owner", "member", "reviewer"):
        _pages(browser_of(who), cast.team.slug)

    kept = [str(html) for html in _everything_kept()]

    assert any(str(made.images.get().pk) in html for html in kept)
    assert not any("csrfmiddlewaretoken" in html or 'name="token"' in html for html in kept)


def _everything_kept() -> list[object]:
    cache = caches["template_fragments"]
    names = [name.split(":", 2)[2] for name in cache._cache]  # type: ignore[attr-defined]
    return list(cache.get_many(names).values())


@given(
    age=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=800)),
    later=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40)),
)
def test_how_long_ago_it_was_is_never_older_than_its_key(age: timedelta, later: timedelta) -> None:
    now = datetime.fromisoformat("2026-11-21T12:00:00+00:00")
    moment = now - age

    with time_machine.travel(now, tick=False):
        first = (age_key(moment), ago(moment))
    with time_machine.travel(now + later, tick=False):
        second = (age_key(moment), ago(moment))

    assert first[0] != second[0] or first[1] == second[1]
