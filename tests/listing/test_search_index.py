"""What the index says follows every change, and nobody finds what they may not see."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubportal.audit.actor import SITE
from hubportal.audit.models import AUDIT_ENTRIES, AuditEntry, person_fact
from hubportal.generations.models import Generation, Image, State, Visibility
from hubportal.generations.models.search import (
    GENERATIONS,
    IMAGES,
    RETURNED,
    UNFINISHED,
    author_fact,
    key_fact,
    model_fact,
    state_fact,
)
from hubportal.listing.search.place import TIES
from hubportal.listing.search.query import Fact, Search
from hubportal.listing.search.rows import FoundRows, Place
from hubportal.teams.audit_actions import TeamAction
from tests import makers
from tests.gallery.kept import picture
from tests.generations.pages import put
from tests.listing.indexed import contents, found_by

pytestmark = pytest.mark.django_db


def found(cast: SimpleNamespace, *what: Any, reader: str = "member", **how: Any) -> list[Any]:
    return found_by(GENERATIONS, cast.team, getattr(cast, reader).pk, *what, **how)


def test_an_order_is_found_by_its_words_and_facts(cast: SimpleNamespace) -> None:
    order = makers.make_generation(cast.team, cast.owner, "Cà phê at the harbour", model="flux-2")
    makers.make_generation(cast.team, cast.member, "A fox")

    for what in (
        ("ca phe",), ("HARB",), ("", author_fact(cast.owner.pk)), ("", model_fact("flux-2")),
        ("harbour phe", author_fact(cast.owner.pk), model_fact("flux-2"), UNFINISHED),
    ):  # fmt: skip
        assert found(cast, *what) == [order]
    assert found(cast, "fox", author_fact(cast.owner.pk)) == []
    assert found_by(GENERATIONS, makers.make_team("Elsewhere", cast.stranger), cast.owner.pk, "harbour") == []


def test_a_state_and_a_key_are_found_exactly_before_the_end_and_after(cast: SimpleNamespace) -> None:
    key, other = makers.make_key(cast.team), makers.make_key(cast.team, label="Other")
    order = makers.make_generation(cast.team, cast.owner)
    put(order, State.SENDING, key=key)

    def found_with(state: str, asked: Any) -> list[Any]:
        state_group = Fact(UNFINISHED, state_fact(state))
        return found(cast, "", state_group, Fact(UNFINISHED, key_fact(asked.pk)))

    assert found_with(State.SENDING, key) == [order]
    assert found_with(State.SENDING, other) == []
    assert found_with(State.WAITING, key) == []
    order.record_refused("busy", "No")
    assert found_with(State.SENDING, key) == []
    assert found(cast, "", UNFINISHED) == []
    assert found(cast, "", state_fact(State.FAILED), key_fact(key.pk)) == [order]


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (lambda order, cast: order.record_cancelled(), State.CANCELLED),
        (lambda order, cast: order.record_refused("x", "No"), State.FAILED),
        (lambda order, cast: put(order, State.UNKNOWN).settle_as_not_accepted(cast.owner), State.FAILED),
    ],
)
def test_how_it_ends_is_found(cast: SimpleNamespace, end: Any, state: State) -> None:
    order = makers.make_generation(cast.team, cast.owner)

    assert end(order, cast)

    assert found(cast, "", state_fact(state)) == [order]
    assert contents(GENERATIONS).keys() == {GENERATIONS.documents.objects.get().pk}


def test_what_was_given_back_after_the_end_is_found_so(cast: SimpleNamespace) -> None:
    order = makers.make_generation(cast.team, cast.owner)
    put(order, State.UNKNOWN).settle_as_accepted(cast.owner)
    before = found(cast, "", RETURNED)

    order.record_found_elsewhere()

    assert (before, found(cast, "", RETURNED)) == ([], [order])


def test_a_private_order_and_its_picture_are_found_by_their_author_alone(cast: SimpleNamespace) -> None:
    image = picture(cast.team, cast.owner, visibility=Visibility.PRIVATE)
    order = image.generation

    assert found(cast, "boat") == []
    assert found(cast, "boat", reader="owner") == found(cast, reader="owner", own=True) == [order]
    assert order.record_visibility(Visibility.TEAM)
    assert found(cast, "boat") == [order]
    assert found_by(IMAGES, cast.team, cast.member.pk, "boat") == [image]
    assert found(cast, reader="owner", own=True) == []
    assert order.record_visibility(Visibility.PRIVATE)
    assert found(cast, "boat") == found_by(IMAGES, cast.team, cast.member.pk, "boat") == []
    assert found_by(IMAGES, cast.team, cast.owner.pk, own=True) == [image]


def test_a_document_that_is_behind_shows_nobody_what_they_may_not_see(cast: SimpleNamespace) -> None:
    order = makers.make_generation(cast.team, cast.owner)
    Generation.objects.filter(pk=order.pk).update(visibility=Visibility.PRIVATE)

    assert found(cast, "boat") == found(cast, "", author_fact(cast.owner.pk)) == []


def test_a_picture_is_found_while_it_is_shown(cast: SimpleNamespace) -> None:
    image = picture(cast.team, cast.owner)

    def seen() -> list[Any]:
        return found_by(IMAGES, cast.team, cast.member.pk, "boat")

    assert seen() == [image]
    image.record_binned(cast.owner)
    image.generation.record_pictures_changed()
    assert (seen(), contents(IMAGES)) == ([], {})
    image.record_restored()
    image.generation.record_pictures_changed()
    assert seen() == [image]
    Image.objects.filter(pk=image.pk).delete()
    assert contents(IMAGES) == {}


def test_an_entry_of_the_trail_is_found_by_who_and_what(cast: SimpleNamespace) -> None:
    AuditEntry.objects.filter(team=cast.team)
    entry = AuditEntry.objects.record(cast.team, TeamAction.DELETED, "Đà Lạt")

    assert found_by(AUDIT_ENTRIES, cast.team, cast.owner.pk, "da lat", person_fact(SITE.user)) == [entry]
    assert found_by(AUDIT_ENTRIES, cast.team, cast.owner.pk, "da lat", person_fact(cast.owner.pk)) == []


def test_what_is_deleted_leaves_nothing_behind(cast: SimpleNamespace) -> None:
    for _ in range(3):
        makers.make_generation(cast.team, cast.owner)

    Generation.objects.filter(team=cast.team).delete()

    assert contents(GENERATIONS) == {}


def test_a_page_of_one_moment_is_put_in_order_whole(cast: SimpleNamespace) -> None:
    moment = timezone.now()
    fields = {"team": cast.team, "author": cast.owner, "prompt": "boat", "model": "m"}
    same = Generation.objects.bulk_create(Generation(created_at=moment, **fields) for _ in range(150))
    older = Generation.objects.bulk_create([Generation(created_at=moment - timedelta(seconds=1), **fields)])

    assert found(cast, "boat") == sorted(same, key=lambda one: one.pk, reverse=True)[:100]
    assert {place // TIES for place in contents(GENERATIONS)} == {
        GENERATIONS.documents.objects.get(row=one).place // TIES for one in (same[0], older[0])
    }


@pytest.mark.parametrize("year", [100, 1690, 2080, 9000])
def test_a_time_beyond_all_places_is_before_or_after_everything(cast: SimpleNamespace, year: int) -> None:
    order = makers.make_generation(cast.team, cast.owner)
    moment = datetime(year, 1, 1, tzinfo=UTC)
    is_past = year < 2000

    def rows(**days: Any) -> FoundRows[Generation]:
        return FoundRows(GENERATIONS.rows(), Search(GENERATIONS, cast.team.pk, cast.owner.pk, **days))

    assert rows(since=moment).older(None, 10) == ([order] if is_past else [])
    assert rows(before=moment).older(None, 10) == ([] if is_past else [order])
    assert rows(before=moment).count(10).number == (0 if is_past else 1)
    assert rows().older(Place(moment, order.pk), 10) == ([] if is_past else [order])
    assert rows().newer(Place(moment, order.pk), 10) == ([order] if is_past else [])


ACTS = ("order", "cancel", "fail", "keep", "bin", "restore", "share", "hide", "delete")


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3)), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_kept_up_to_date_is_what_is_made_anew(cast: SimpleNamespace, acts: list[tuple[str, int]]) -> None:
    Image.objects.all().delete()
    Generation.objects.all().delete()
    for act, which in acts:
        do(act, which, cast)

    for index in (GENERATIONS, IMAGES):
        before = contents(index)
        # PostgreSQL empties no table while a constraint is still to be checked.
        connection.check_constraints()
        assert sum(changed for _, changed in index.rebuild()) == 0
        index.clear()
        assert contents(index) == {}
        list(index.rebuild(batch_size=2))
        after = contents(index)
        assert {place // TIES: terms for place, terms in before.items()} == {
            place // TIES: terms for place, terms in after.items()
        }


def do(act: str, which: int, cast: SimpleNamespace) -> None:
    """One act on one of the orders there are, or on its picture; nothing where it makes no sense."""
    orders = list(Generation.objects.order_by("created_at"))
    order = orders[which % len(orders)] if orders else None
    image = order and order.images.first()
    if act == "order":
        makers.make_generation(cast.team, cast.owner, f"Cà phê 港 {which}")
    elif act == "keep":
        picture(cast.team, cast.member, f"Boat {which}", visibility=list(Visibility)[which % 2])
    elif order and act in ("share", "hide"):
        order.record_visibility(Visibility.TEAM if act == "share" else Visibility.PRIVATE)
    elif order and act in ("cancel", "fail"):
        _ = order.record_cancelled() if act == "cancel" else order.record_refused("x", "No")
    elif image and act in ("bin", "restore"):
        _ = image.record_binned(cast.owner) if act == "bin" else image.record_restored()
        image.generation.record_pictures_changed()
    elif order and act == "delete":
        Image.objects.filter(generation=order).delete()
        Generation.objects.filter(pk=order.pk).delete()
