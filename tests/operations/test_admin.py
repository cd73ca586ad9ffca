"""Django's admin: superusers look, change little, and never see a secret."""

from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from bs4 import BeautifulSoup
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.models import Key
from hubportal.operations.admin_pages import site
from hubportal.teams.audit_actions import MemberAction
from hubportal.teams.models import Invitation, Team
from tests.makers import PASSWORD, make_key, make_user
from tests.test_every_address import Address, addresses, visit

pytestmark = pytest.mark.django_db

ADMIN = [address for address in addresses() if address.name.startswith("admin:")]
SECRET = "gih_live_canary0123456789abcdef"


@pytest.fixture
def world(cast: SimpleNamespace) -> SimpleNamespace:
    """A team with one of everything the admin lists, and Sue, who runs the site."""
    cast.sue = make_user("sue@example.org", name="Sue", is_superuser=True)
    cast.key = make_key(cast.team, SECRET)
    cast.invitation = Invitation.objects.create(team=cast.team, email="nora@example.org", role="member")
    cast.entry = AuditEntry.objects.record(cast.team, KeyAction.ADDED, cast.key, actor=Actor(cast.owner))
    TOTP.activate(cast.member, generate_totp_secret())
    return cast


@pytest.fixture
def sue(world: SimpleNamespace) -> Client:
    return signed_in(world.sue)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def place_of(address: Address) -> str:
    kwargs: dict[str, Any] = {}
    if "<path:object_id>" in address.route:
        label, model = address.name.removeprefix("admin:").split("_")[:2]
        shown = next(one for one in site._registry if one._meta.label_lower == f"{label}.{model}")
        kwargs = {"object_id": shown._default_manager.order_by("pk").first().pk}  # type: ignore[union-attr]
    elif "(?P<app_label>" in address.route:
        kwargs = {"app_label": "teams"}
    return reverse(address.name, kwargs=kwargs)


@pytest.mark.slow
@pytest.mark.parametrize("address", ADMIN, ids=lambda address: address.name)
def test_a_superuser_sees_every_page_of_it(sue: Client, address: Address) -> None:
    place = place_of(address)

    answers = {method: visit(sue, method, place).status_code for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE")}

    assert answers == {"GET": 200, "HEAD": 200, "PUT": 405, "PATCH": 405, "DELETE": 405}


def test_it_has_no_way_to_add_delete_or_sign_in() -> None:
    names = {address.name.removeprefix("admin:") for address in ADMIN}

    models = {"_".join(model._meta.label_lower.split(".")) for model in site._registry}
    kinds = ("changelist", "change", "history")
    assert names == {"index", "jsi18n", "app_list"} | {f"{model}_{kind}" for model in models for kind in kinds}


def test_nobody_signs_in_first_and_at_the_same_sign_in(client: Client, world: SimpleNamespace) -> None:
    TOTP.activate(world.sue, generate_totp_secret())

    led = client.get("/admin/teams/team/")
    entered = client.post(led["Location"], {"login": world.sue.email, "password": PASSWORD})

    assert led["Location"] == "/accounts/login/?next=/admin/teams/team/"
    assert entered["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get("/admin/").status_code == 302


def test_a_superuser_who_was_stopped_is_out_at_once(sue: Client, world: SimpleNamespace) -> None:
    User.objects.filter(pk=world.sue.pk).update(is_active=False)

    assert sue.get("/admin/").status_code == 302


def test_being_staff_is_not_enough(world: SimpleNamespace) -> None:
    User.objects.filter(pk=world.owner.pk).update(is_staff=True)

    assert signed_in(world.owner).get("/admin/").status_code == 404


def test_no_page_shows_a_secret(sue: Client, world: SimpleNamespace) -> None:
    key = Key.objects.get()
    secrets = {
        SECRET,
        key.encrypted_secret,
        key.fingerprint,
        world.member.password,
        world.member.authenticator_set.get().data["secret"],
        *Session.objects.values_list("session_key", flat=True),
        *Session.objects.values_list("session_data", flat=True),
    }

    seen = "".join(sue.get(place_of(address)).content.decode() for address in ADMIN)

    assert "anna@example.org" in seen
    assert key.last_four in seen
    assert [secret for secret in secrets if secret in seen] == []


@pytest.mark.parametrize(
    "place",
    [
        "/admin/accounts/user/?password__startswith=argon2",
        "/admin/keys/key/?encrypted_secret__startswith=v1",
        "/admin/keys/key/?fingerprint__contains=a",
        "/admin/keys/key/?added_by__password__startswith=a",
        "/admin/teams/membership/?user__authenticator__data__contains=a",
    ],
)
def test_a_list_does_not_answer_questions_about_what_it_does_not_show(sue: Client, place: str) -> None:
    assert sue.get(place).status_code == 400


def test_lists_can_be_narrowed_by_what_they_offer(sue: Client) -> None:
    page = BeautifulSoup(sue.get("/admin/accounts/user/").content, "html.parser")
    offered = [str(link["href"]) for link in page.select("#changelist-filter a")]

    assert offered
    assert {sue.get(f"/admin/accounts/user/{link}").status_code for link in offered} == {200}


def test_stopping_somebody_ends_their_sessions_and_is_told_to_their_teams(sue: Client, world: SimpleNamespace) -> None:
    mina = signed_in(world.member)
    place = reverse("admin:accounts_user_change", args=[world.member.pk])

    saved = sue.post(place, {"name": "Mina M", "is_superuser": ""}, REMOTE_ADDR="192.0.2.9")

    world.member.refresh_from_db()
    entry = AuditEntry.objects.exclude(pk=world.entry.pk).get()
    assert (saved.status_code, world.member.name, world.member.is_active) == (302, "Mina M", False)
    assert (entry.team, entry.action, entry.about_id) == (world.team, MemberAction.DISABLED, str(world.member.pk))
    assert (entry.by, entry.address) == (world.sue, "192.0.2.9")
    assert LogEntry.objects.get().user == world.sue
    assert mina.get("/").status_code == 302
    assert mina.get("/")["Location"].startswith("/accounts/login/")


def test_letting_somebody_in_again_is_told_too(sue: Client, world: SimpleNamespace) -> None:
    User.objects.filter(pk=world.member.pk).update(is_active=False)

    sue.post(reverse("admin:accounts_user_change", args=[world.member.pk]), {"name": "Mina", "is_active": "on"})

    assert AuditEntry.objects.latest("pk").action == MemberAction.ENABLED


def test_ones_own_rights_stay_as_they_are(sue: Client, world: SimpleNamespace) -> None:
    sue.post(reverse("admin:accounts_user_change", args=[world.sue.pk]), {"name": "Susan"})

    world.sue.refresh_from_db()
    assert (world.sue.name, world.sue.is_active, world.sue.is_superuser) == ("Susan", True, True)


def test_nothing_else_of_a_person_can_be_written(sue: Client, world: SimpleNamespace) -> None:
    before = world.member.password
    place = reverse("admin:accounts_user_change", args=[world.member.pk])

    sue.post(place, {"name": "Mina", "is_active": "on", "email": "x@example.org", "password": "x", "is_staff": "on"})

    world.member.refresh_from_db()
    assert (world.member.email, world.member.password, world.member.is_staff) == ("mina@example.org", before, False)


@pytest.mark.parametrize("model", ["teams_team", "teams_membership", "keys_key", "audit_auditentry"])
def test_what_is_read_only_refuses_to_be_saved_or_deleted(sue: Client, world: SimpleNamespace, model: str) -> None:
    label = model.replace("_", "/")
    row = next(one for one in site._registry if "_".join(one._meta.label_lower.split(".")) == model)
    before = list(row._default_manager.values())
    pk = before[0]["id"]

    changed = sue.post(f"/admin/{label}/{pk}/change/", {"name": "Other", "label": "Other", "role": "owner"})
    deleted = sue.post(f"/admin/{label}/{pk}/delete/", {"post": "yes"})
    chosen = sue.post(f"/admin/{label}/", {"action": "delete_selected", "_selected_action": pk})

    assert (changed.status_code, deleted.status_code) == (403, 404)
    assert chosen.status_code < 500
    assert list(row._default_manager.values()) == before


def test_the_audit_log_of_a_team_that_is_gone_can_still_be_read(sue: Client, world: SimpleNamespace) -> None:
    Key.objects.all().delete()
    Team.objects.filter(pk=world.team.pk).delete()

    page = sue.get("/admin/audit/auditentry/")
    entry = sue.get(reverse("admin:audit_auditentry_change", args=[world.entry.pk]))

    assert (page.status_code, entry.status_code) == (200, 200)
    assert "Anna" in page.content.decode()


def test_its_pages_keep_to_the_policy(sue: Client) -> None:
    for address in ADMIN:
        response = sue.get(place_of(address))
        page = BeautifulSoup(response.content, "html.parser")
        inline = [tag.name for tag in page.select("style, script:not([src]), [style], [onclick], [onload]")]
        assert [tag for tag in inline if tag != "script" or "json" not in str(tag)] == [], address.name
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"] or address.name == "admin:jsi18n"
