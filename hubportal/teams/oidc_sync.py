"""Teams and roles as the single sign-on provider says them, at each sign-in by it (settings OIDC_TEAMS).

In the teams that the mapping names it has the last word over whoever signs in by it, however they came in: they are
put in, moved to another role, or taken out. Owners are left alone, and so are all other teams.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from allauth.account.signals import user_logged_in
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from hubportal.accounts.models import User
from hubportal.audit.actions import AuditAction
from hubportal.audit.actor import Actor, address_of
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import MemberAction
from hubportal.teams.models import Team
from hubportal.teams.permissions import Role

log = structlog.get_logger(__name__)


def connect() -> None:
    """Listen to allauth; called when the site starts."""
    user_logged_in.connect(signed_in, dispatch_uid="claims")


def signed_in(request: HttpRequest, user: User, sociallogin: SocialLogin | None = None, **_: Any) -> None:
    """allauth says so after the second step, where there is one; without `sociallogin` it was no single sign-on."""
    if sociallogin is not None and settings.OIDC_TEAMS:
        follow(user, values(sociallogin.account.extra_data), address_of(request))


def values(told: Mapping[str, Any]) -> set[str]:
    """What the claim says, in the user info or else in the ID token; a claim that is absent says nothing."""
    for part in ("userinfo", "id_token"):
        said = (told.get(part) or {}).get(settings.OIDC_TEAMS_CLAIM)
        if said is not None:
            return {str(value) for value in (said if isinstance(said, list) else [said])}
    return set()


@transaction.atomic
def follow(user: User, said: set[str], address: str | None) -> None:
    """Give the person the places that `said` values of the claim stand for, and no other in the teams it governs."""
    roles: dict[str, Role | None] = {}
    for place in settings.OIDC_TEAMS:
        held = roles.setdefault(place.team, None)
        if place.value in said:
            roles[place.team] = place.role if held is None else _mightier(held, place.role)
    teams = {team.slug: team for team in Team.objects.filter(slug__in=roles).order_by("pk")}
    for slug in roles.keys() - teams.keys():
        log.warning("oidc_teams_names_no_team", slug=slug)
    for slug, team in teams.items():
        _settle(team, user, roles[slug], address)


def _mightier(one: Role, other: Role) -> Role:
    return min(one, other, key=list(Role).index)


def _settle(team: Team, user: User, role: Role | None, address: str | None) -> None:
    team.lock()
    membership = team.memberships.filter(user=user).first()
    held = membership.role if membership else None
    if held in {role, Role.OWNER}:
        return
    write = partial(_write, team, user, address)
    if membership is None:
        team.memberships.create(user=user, role=str(role))
        write(MemberAction.ADDED, role=str(role))
    elif role is None:
        membership.delete()
        write(MemberAction.REMOVED)
    else:
        membership.role = role
        membership.save(update_fields=["role"])
        write(MemberAction.ROLE, before=str(held), after=str(role))


def _write(team: Team, user: User, address: str | None, action: AuditAction, **facts: str) -> None:
    """By nobody: it is the site that does it, at the provider's word."""
    detail: dict[str, Any] = {"email": user.email, "source": "single sign-on", **facts}
    AuditEntry.objects.record(team, action, user, actor=Actor(address=address), **detail)
