"""A query that was turned into SQL once finds what its queryset finds, each time with other values."""

import uuid
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hubportal.accounts.models import User
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.generations.models import Generation
from hubportal.teams.models import Membership, Team
from tests import makers

pytestmark = pytest.mark.django_db


def _of(instance: object) -> dict[str, object]:
    return {name: value for name, value in vars(instance).items() if name != "_state"}


def test_each_run_has_its_own_values(cast: SimpleNamespace) -> None:
    query = CompiledQuery(lambda: User.objects.filter(email=Parameter("email", User)))

    found = [query.first(email=person.email) for person in (cast.member, cast.owner)]

    assert found == [cast.member, cast.owner]
    assert query.first(email="nobody@example.org") is None


def test_every_column_is_what_the_queryset_reads(cast: SimpleNamespace) -> None:
    made = makers.make_generation(cast.team, cast.member, options={"background": "opaque"})
    query = CompiledQuery(lambda: Generation.objects.filter(pk=Parameter("pk", Generation)))

    found = query.first(pk=made.pk)

    assert found is not None
    assert _of(found) == _of(Generation.objects.get(pk=made.pk))


def test_what_is_selected_along_comes_in_the_same_query(cast: SimpleNamespace) -> None:
    query = CompiledQuery(
        lambda: Membership.objects.select_related("team").filter(
            user=Parameter("user", User, "pk"), team__slug=Parameter("slug", Team)
        )
    )

    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = query.first(user=cast.member.pk, slug=cast.team.slug)
        team = found and found.team

    assert team == cast.team
    assert _of(team) == _of(Team.objects.get(pk=cast.team.pk))
    assert len(queries) == 1


def test_columns_that_were_left_out_are_read_when_asked_for(cast: SimpleNamespace) -> None:
    made = makers.make_generation(cast.team, cast.member, prompt="A harbour")
    query = CompiledQuery(lambda: Generation.objects.filter(pk__in=[Parameter("pk", Generation)]).only("version"))

    found = query.first(pk=made.pk)

    assert found is not None
    assert "prompt" in found.get_deferred_fields()
    assert found.prompt == "A harbour"


def test_a_limit_and_an_order_stay(cast: SimpleNamespace) -> None:
    made = [makers.make_generation(cast.team, cast.member) for _ in range(3)]
    query = CompiledQuery(lambda: Generation.objects.filter(team=Parameter("team", Team, "pk")).newest()[:2])

    assert query.all(team=cast.team.pk) == sorted(made, key=lambda one: (one.created_at, one.pk), reverse=True)[:2]


def test_a_value_that_is_missing_is_an_error() -> None:
    query = CompiledQuery(lambda: Generation.objects.filter(pk=Parameter("pk", Generation)))

    with pytest.raises(KeyError):
        query.first(key=uuid.uuid4())
