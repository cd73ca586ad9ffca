"""Ids of another team in queries and forms: nothing is shown, changed, or told apart from a made-up id."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations.models import Generation, State
from hubportal.generations.references import ReferenceUpload
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Role
from tests import worker
from tests.generations.pages import submit
from tests.makers import make_generation, make_key
from tests.security.elsewhere import NOWHERE, PROMPT, Browsers, holds_theirs, rows_of, told
from tests.security.elsewhere import theirs as theirs
from tests.test_every_address import world as world

# In the query --------------------------------------------------------------------------------------------------------


def cursor(moment: datetime, pk: object) -> str:
    """A page's cursor as paging.py writes it."""
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"o.{microseconds}.{pk}".encode()).decode().rstrip("=")


# Page, field, their value and a made-up one.
ASKED: dict[str, tuple[str, str, Callable[[SimpleNamespace], Any], Callable[[SimpleNamespace], Any]]] = {
    "make again": ("generations:create", "again", lambda t: t.generation.pk, lambda t: NOWHERE),
    "cards": ("generations:cards", "card", lambda t: f"{t.generation.pk}.0", lambda t: f"{NOWHERE}.0"),
    "history by person": ("generations:list", "person", lambda t: t.person.pk, lambda t: 987_654),
    "history by who left": ("generations:list", "person", lambda t: t.gone.pk, lambda t: 987_654),
    "history by key": ("generations:list", "key", lambda t: t.key.pk, lambda t: NOWHERE),
    "history from there": (
        "generations:list",
        "cursor",
        lambda t: cursor(t.generation.created_at, t.generation.pk),
        lambda t: cursor(t.generation.created_at, NOWHERE),
    ),
    "gallery by person": ("gallery:index", "person", lambda t: t.person.pk, lambda t: 987_654),
    "gallery by who left": ("gallery:index", "person", lambda t: t.gone.pk, lambda t: 987_654),
    "gallery by collection": ("gallery:index", "collection", lambda t: t.collection.pk, lambda t: NOWHERE),
    "completions of a collection": (
        "gallery:collection-suggestions",
        "collection",
        lambda t: t.collection.name[:9],
        lambda t: "A heron o",
    ),
    "gallery by tag": ("gallery:index", "tag", lambda t: t.tag.pk, lambda t: NOWHERE),
    "completions of a tag": ("gallery:tag-suggestions", "tags", lambda t: t.tag.name[:9], lambda t: "A heron o"),
    "tags that begin like theirs": ("gallery:tags", "q", lambda t: t.tag.name[:9], lambda t: "A heron o"),
    "gallery from there": (
        "gallery:index",
        "cursor",
        lambda t: cursor(t.image.created_at, t.image.pk),
        lambda t: cursor(t.image.created_at, NOWHERE),
    ),
    "audit log by person": ("teams:audit", "person", lambda t: t.person.pk, lambda t: 987_654),
    "audit log by words": ("teams:audit", "q", lambda t: t.key.pk, lambda t: NOWHERE),
    "audit log from there": (
        "teams:audit",
        "cursor",
        lambda t: cursor(t.entry.at, t.entry.pk),
        lambda t: cursor(t.entry.at, 987_654),
    ),
    "audit log as a file": ("teams:audit-csv", "person", lambda t: t.person.pk, lambda t: 987_654),
}


@pytest.mark.parametrize("what", ASKED)
def test_an_id_of_another_team_in_a_query_is_as_good_as_made_up(
    world: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers, what: str
) -> None:
    name, field, real, made_up = ASKED[what]
    place, before, anna = reverse(name, args=[world.team.slug]), rows_of(theirs.team), browser_of("owner")

    # Cards show seconds.
    with time_machine.travel(timezone.now(), tick=False):
        asked = [(value, anna.get(place, {field: value})) for value in (real(theirs), made_up(theirs))]

    answers = [told(response, value) for value, response in asked]
    assert answers[0] == answers[1]
    assert [holds_theirs(response) for _value, response in asked] == [[], []]
    assert rows_of(theirs.team) == before


# In a form -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("also_there", [False, True], ids=["in one team", "in both"])
def test_a_reference_of_another_teams_form_stops_the_order(
    cast: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers, also_there: bool
) -> None:
    if also_there:
        Membership.objects.create(team=theirs.team, user=cast.owner, role=Role.OWNER)
    make_key(cast.team)
    anna, before = browser_of("owner"), rows_of(theirs.team)
    tokens = [
        ReferenceUpload(stored, "boat.png", cast.owner.pk).token
        for stored in (theirs.stored, SimpleNamespace(pk=NOWHERE))
    ]

    forms = [submit(anna, cast.team, kept=token, preview="1") for token in tokens]
    order = submit(anna, cast.team, kept=tokens[0])

    assert [BeautifulSoup(form.content, "html.parser").select("[name=kept]") for form in forms] == [[], []]
    assert told(forms[0]) == told(forms[1])
    assert order.status_code == 422
    assert not Generation.objects.filter(team=cast.team).exists()
    assert rows_of(theirs.team) == before


def test_a_form_token_used_in_another_team_leads_to_nothing_there(
    cast: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers
) -> None:
    there = Membership.objects.create(team=theirs.team, user=cast.owner, role=Role.MEMBER)
    make_key(cast.team)
    anna, token = browser_of("owner"), str(NOWHERE)
    submit(anna, theirs.team, token=token)
    there.delete()
    before = rows_of(theirs.team)

    answer = submit(anna, cast.team, token=token, htmx=True)

    (made,) = Generation.objects.filter(team=cast.team)
    assert f"generation-{made.pk}" in answer.content.decode()
    assert holds_theirs(answer) == []
    assert rows_of(theirs.team) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("decision", ["settlement", "recovery"])
def test_a_hub_id_of_another_team_finds_nothing(
    cast: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers, sandbox: Any, decision: str
) -> None:
    secret = sandbox.hub.new_key(credits=100)
    theirs.key.destroy_secret()
    make_key(theirs.team, secret, credits=100)
    worker.send(make_generation(theirs.team, theirs.person, PROMPT).pk)
    (seen,) = sandbox.hub.generations(secret)
    own = make_key(cast.team, sandbox.hub.new_key(credits=100))
    doubt = make_generation(cast.team, cast.owner)
    Generation.objects.claim_for_sending(doubt.pk, own).record_unknown("interrupted", balance_after=100)
    place = reverse(f"generations:{decision}", args=[cast.team.slug, doubt.pk])
    before, anna = rows_of(theirs.team), browser_of("owner")

    answers = [anna.post(place, {"outcome": "accepted", "hub_id": one}) for one in (seen.id, "clx_made_up")]

    assert Generation.objects.filter(team=theirs.team, hub_id=seen.id).exists()
    assert told(answers[0], seen.id) == told(answers[1], "clx_made_up")
    assert answers[0].status_code == 422
    assert Generation.objects.get(team=cast.team).state == State.UNKNOWN
    assert rows_of(theirs.team) == before


def test_a_key_that_another_team_has_is_added_like_any(
    cast: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers, sandbox: Any
) -> None:
    known, unknown = sandbox.hub.new_key(), sandbox.hub.new_key()
    make_key(theirs.team, known, label="Their own key")
    anna, place, before = browser_of("owner"), reverse("keys:index", args=[cast.team.slug]), rows_of(theirs.team)

    answers = [anna.post(place, {"label": "Ours", "secret": secret}, follow=True) for secret in (known, unknown)]

    assert [re.findall(r"is already|Their own", answer.content.decode()) for answer in answers] == [[], []]
    assert cast.team.keys.count() == 2
    assert rows_of(theirs.team) == before


def test_ownership_offered_in_one_team_is_taken_in_no_other(
    cast: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers
) -> None:
    Membership.objects.create(team=theirs.team, user=cast.admin, role=Role.MEMBER)
    theirs.team.memberships.get(user=cast.admin).save_offer(
        theirs.team.memberships.get(role=Role.OWNER).user, timezone.now()
    )
    adam, before = browser_of("admin"), rows_of(theirs.team)

    answers = [
        adam.get(reverse("teams:ownership", args=[cast.team.slug])),
        adam.post(reverse("teams:ownership", args=[cast.team.slug])),
        adam.post(reverse("teams:decline-ownership", args=[cast.team.slug])),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert rows_of(theirs.team) == before


def test_inviting_somebody_of_another_team_says_nothing_of_them(
    cast: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers
) -> None:
    adam, place = browser_of("admin"), reverse("teams:members", args=[cast.team.slug])

    answers = [
        adam.post(place, {"emails": address, "role": "member"}, follow=True)
        for address in ("bea@example.org", "b@x.example")
    ]

    assert told(answers[0], "bea@example.org") == told(answers[1], "b@x.example")
    assert "Beatrix" not in answers[0].content.decode()


# Of another person ---------------------------------------------------------------------------------------------------


def somebodys_account(person: User) -> Any:
    return SocialAccount.objects.create(user=person, provider="sso", uid="b").pk


OWN: dict[str, tuple[str, dict[str, str], Callable[[User], Any], Any]] = {
    "sign-on": ("socialaccount_connections", {"name": "account"}, somebodys_account, 987_654),
    "address, remove": ("account_email", {"name": "email", "action_remove": ""}, lambda bea: bea.email, "b@x.example"),
    "address, make it mine": (
        "account_email",
        {"name": "email", "action_primary": ""},
        lambda bea: bea.email,
        "b@x.example",
    ),
}


@pytest.mark.parametrize("what", OWN)
def test_what_is_another_persons_is_as_good_as_made_up(
    cast: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers, what: str
) -> None:
    page, fields, real, made_up = OWN[what]
    values = (real(theirs.person), made_up)
    rest = {name: value for name, value in fields.items() if name != "name"}
    before = _of_person(theirs.person)

    answers = [browser_of("owner").post(reverse(page), {fields["name"]: value, **rest}) for value in values]

    assert told(answers[0], values[0]) == told(answers[1], values[1])
    assert _of_person(theirs.person) == before


def _of_person(person: User) -> list[Any]:
    return [
        list(rows.order_by("pk").values())
        for rows in (person.emailaddress_set, person.socialaccount_set, User.objects.filter(pk=person.pk))
    ]
