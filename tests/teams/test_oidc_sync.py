"""Teams and roles from the single sign-on provider's claim, at each sign-in."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.audit.models import AuditEntry
from hubportal.teams.oidc_settings import parse_oidc_teams
from hubportal.teams.permissions import Role
from tests.accounts.provider import Provider, running, settings_for, walk
from tests.makers import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def sign_in(_provider: Provider, settings: Any, cast: SimpleNamespace) -> Any:
    """`sign_in("mina", groups=[…])`: at the provider and here, with these claims."""
    settings.SOCIALACCOUNT_PROVIDERS = settings_for(_provider)
    settings.OIDC_TEAMS_CLAIM = "groups"
    mapping = ("painters=studio-north:member", "leads=studio-north:admin", "eyes=studio-north:reviewer")
    settings.OIDC_TEAMS = parse_oidc_teams("groups", (*mapping, "painters=gone:member"), provider=True)

    def signed_in(name: str, **claims: Any) -> Client:
        _provider.person(name, email=f"{name}@example.org", email_verified=True, **claims)
        browser = Client(REMOTE_ADDR="192.0.2.7")
        walk(browser, name)
        return browser

    return signed_in


def roles(name: str) -> dict[str, str]:
    user = User.objects.get(email=f"{name}@example.org")
    return dict(user.memberships.values_list("team__slug", "role"))


def audit_log() -> list[tuple[str, str, str | None, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(action__startswith="member.").order_by("pk")
    return [(entry.action, entry.about, entry.address, entry.detail) for entry in entries]


def test_the_claim_puts_somebody_new_into_the_team_and_says_so(sign_in: Any) -> None:
    browser = sign_in("nora", groups=["painters", "unheard of"])

    page = browser.get(reverse("generations:create", args=["studio-north"]))
    assert (page.status_code, roles("nora")) == (200, {"studio-north": "member"})
    facts = {"email": "nora@example.org", "role": "member", "source": "single sign-on"}
    assert audit_log() == [("member.added", "nora", "192.0.2.7", facts)]


@pytest.mark.parametrize("said", ["leads", ["eyes", "leads", "painters"]])
def test_the_mightiest_of_several_roles_is_given(sign_in: Any, said: object) -> None:
    sign_in("nora", groups=said)

    assert roles("nora") == {"studio-north": "admin"}


def test_another_value_is_another_role_and_the_same_one_changes_nothing(sign_in: Any) -> None:
    sign_in("nora", groups=["painters"])
    sign_in("nora", groups=["painters"])
    sign_in("nora", groups=["eyes"])

    assert roles("nora") == {"studio-north": "reviewer"}
    assert [action for action, *_ in audit_log()] == ["member.added", "member.role"]
    assert audit_log()[-1][3]["before"] == "member"
    assert audit_log()[-1][3]["after"] == "reviewer"


@pytest.mark.parametrize("claims", [{"groups": []}, {"groups": ["others"]}, {"groups": "others"}, {"groups": [7]}])
def test_a_claim_that_no_longer_says_so_takes_the_place_away(sign_in: Any, claims: dict[str, Any]) -> None:
    before = sign_in("nora", groups=["painters"])

    sign_in("nora", **claims)

    assert roles("nora") == {}
    assert [action for action, *_ in audit_log()] == ["member.added", "member.removed"]
    assert before.get(reverse("generations:create", args=["studio-north"])).status_code == 404


NOT_TOLD = [
    ({}, "missing"),
    ({"groups": None}, "missing"),
    ({"groups": ""}, "missing"),
    ({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x.example"}}}, "too_many"),
    ({"groups": ["leads"], "_claim_names": {"groups": "src1"}}, "too_many"),
    ({"hasgroups": True}, "too_many"),
    ({"hasgroups": "true"}, "too_many"),
    ({"groups": {"painters": False}}, "unreadable"),
    ({"groups": [["painters"]]}, "unreadable"),
    ({"groups": True}, "unreadable"),
]


@pytest.mark.parametrize(("claims", "why"), NOT_TOLD)
def test_not_told_is_not_told_none(
    sign_in: Any, caplog: pytest.LogCaptureFixture, claims: dict[str, Any], why: str
) -> None:
    sign_in("nora", groups=["painters"])

    sign_in("nora", **claims)

    user = User.objects.get(email="nora@example.org")
    assert roles("nora") == {"studio-north": "member"}
    assert [action for action, *_ in audit_log()] == ["member.added"]
    logged = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [(one["why"], one["user"]) for one in logged if one["event"] == "oidc_teams_not_told"] == [(why, user.pk)]


@pytest.mark.parametrize(("claims", "why"), NOT_TOLD)
def test_somebody_new_whose_groups_are_not_told_gets_no_place(sign_in: Any, claims: dict[str, Any], why: str) -> None:
    sign_in("nora", **claims)

    assert roles("nora") == {}


@pytest.mark.parametrize("claims", [{"_claim_names": {"address": "src1"}}, {"hasgroups": False}])
def test_other_claims_that_are_kept_elsewhere_hinder_nothing(sign_in: Any, claims: dict[str, Any]) -> None:
    sign_in("nora", groups=["leads"], **claims)

    assert roles("nora") == {"studio-north": "admin"}


def test_too_many_groups_do_not_hinder_another_claim(sign_in: Any, settings: Any) -> None:
    settings.OIDC_TEAMS_CLAIM = "roles"

    sign_in("nora", roles=["leads"], hasgroups=True, _claim_names={"groups": "src1"})

    assert roles("nora") == {"studio-north": "admin"}


def test_somebody_invited_by_hand_is_governed_too_once_they_sign_in_this_way(sign_in: Any) -> None:
    sign_in("mina", groups=[])

    assert roles("mina") == {}
    assert roles("rob") == {"studio-north": "reviewer"}


def test_an_owner_is_neither_made_nor_moved_nor_removed(sign_in: Any) -> None:
    sign_in("anna", groups=["eyes"])
    sign_in("anna", groups=[])

    assert roles("anna") == {"studio-north": Role.OWNER}
    assert audit_log() == []


def test_teams_that_the_mapping_does_not_name_are_left_alone(sign_in: Any) -> None:
    sign_in("stan", groups=["painters"])
    sign_in("stan", groups=[])

    assert roles("stan") == {"elsewhere": "owner"}


def test_signing_in_with_a_password_changes_nothing(sign_in: Any, client: Client) -> None:
    client.post(reverse("account_login"), {"login": "mina@example.org", "password": PASSWORD})

    assert client.session["_auth_user_id"]
    assert roles("mina") == {"studio-north": "member"}


def test_places_are_given_after_the_second_step_and_not_before(sign_in: Any) -> None:
    nora = make_user("nora@example.org")
    TOTP.activate(nora, generate_totp_secret())
    code = RecoveryCodes.activate(nora).get_unused_codes()[0]

    browser = sign_in("nora", groups=["painters"])
    halfway = roles("nora")
    browser.post(reverse("mfa_authenticate"), {"code": code})

    assert halfway == {}
    assert roles("nora") == {"studio-north": "member"}


def test_a_mapping_is_read_with_equals_signs_in_its_values() -> None:
    (place,) = parse_oidc_teams("groups", [" CN=Painters=studio:member "], provider=True)

    assert (place.value, place.team, place.role) == ("CN=Painters", "studio", Role.MEMBER)


@pytest.mark.parametrize(
    ("claim", "entries", "provider", "said"),
    [
        ("groups", ["a=studio:owner"], True, "can't make somebody owner"),
        ("groups", ["a=studio:boss"], True, "must be value=team:role"),
        ("groups", ["studio:member"], True, "must be value=team:role"),
        ("groups", ["a=:member"], True, "must be value=team:role"),
        ("", ["a=studio:member"], True, "belong together"),
        ("groups", [], True, "belong together"),
        ("groups", ["a=studio:member"], False, "no provider"),
    ],
)
def test_a_mapping_that_cannot_be_meant_stops_the_start(
    claim: str, entries: list[str], provider: bool, said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        parse_oidc_teams(claim, entries, provider=provider)
