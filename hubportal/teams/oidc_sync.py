"""Teams and roles as the single sign-on provider's claim gives them, at each sign-in by it (settings OIDC_TEAMS).

In the teams that the setting names the provider has the last word over whoever signs in by it, however they came in:
they are added, get another role, or are removed. Owners are left alone, and so are all other teams. A sign-in that
does not tell the claim changes nothing.
"""

from typing import Any

import structlog
from allauth.account.signals import user_logged_in
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor, address_of
from hubportal.teams.memberships import add_member, change_role, remove_member
from hubportal.teams.models import Team
from hubportal.teams.oidc_claim import NotTold, read_claim
from hubportal.teams.permissions import Role

log = structlog.get_logger(__name__)

# What the audit log says of who decided.
SOURCE = "single sign-on"


def connect_signals() -> None:
    """Listen to allauth; called when the site starts."""
    user_logged_in.connect(sync_at_sign_in, dispatch_uid="oidc-sync")


def sync_at_sign_in(request: HttpRequest, user: User, sociallogin: SocialLogin | None = None, **_: Any) -> None:
    """allauth calls it after the second step, where there is one; without `sociallogin` it was no single sign-on."""
    if sociallogin is None or not settings.OIDC_TEAMS:
        return
    values = read_claim(sociallogin.account.extra_data)
    if isinstance(values, NotTold):
        log.warning("oidc_teams_not_told", why=values, claim=settings.OIDC_TEAMS_CLAIM, user=user.pk)
    else:
        sync_teams(user, values, address=address_of(request))


@transaction.atomic
def sync_teams(user: User, values: set[str], *, address: str | None) -> None:
    """Give the person the roles that these values of the claim stand for, and none else in the teams it governs.

    The actor is the site, at the provider's word; `address` is the IP address the person signs in from.
    """
    roles: dict[str, Role | None] = {}
    for given in settings.OIDC_TEAMS:
        so_far = roles.setdefault(given.team, None)
        if given.value in values:
            roles[given.team] = given.role if so_far is None else min(so_far, given.role, key=list(Role).index)
    teams = {team.slug: team for team in Team.objects.filter(slug__in=roles).order_by("pk")}
    for slug in roles.keys() - teams.keys():
        log.warning("oidc_teams_names_no_team", slug=slug)
    for slug, team in teams.items():
        _sync_team(team, user, roles[slug], Actor(address=address))


def _sync_team(team: Team, user: User, role: Role | None, actor: Actor) -> None:
    team.lock()
    membership = team.memberships.filter(user=user).select_related("team", "user").first()
    if membership is None:
        if role:
            add_member(team, user, role, actor=actor, source=SOURCE)
    elif membership.role == Role.OWNER:
        return
    elif role is None:
        remove_member(membership, actor=actor, source=SOURCE)
    else:
        change_role(membership, role, actor=actor, source=SOURCE)
