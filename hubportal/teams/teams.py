"""Acts on a team itself: starting one, its settings, and asking for its deletion.

Whether the actor's role allows it is `access.team_view`'s to check. Each act writes its audit entry.
"""

from functools import partial

from django.db import transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.accounts.time_zones import zone_of
from hubportal.accounts.two_factor import has_two_factor
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.teams import tasks
from hubportal.teams.audit_actions import TeamAction
from hubportal.teams.models import Team
from hubportal.teams.models.team import DELETION_GRACE


class ActorWithoutTwoFactorError(Exception):
    """Whoever requires two-factor of a team has none, and would lock themselves out."""


@transaction.atomic
def start_team(name: str, owner: User, *, actor: Actor) -> Team:
    """Make a team with its first owner. Raises ValidationError for a name that is blank, too long or no text."""
    team = Team.objects.create_with_owner(_clean_name(name), owner)
    detail = {"owner": owner.email} if actor.user != owner else {}
    AuditEntry.objects.record(team, TeamAction.STARTED, team, actor=actor, **detail)
    return team


@transaction.atomic
def rename_team(team: Team, name: str, *, actor: Actor) -> bool:
    """Change the name; the slug stays, since addresses contain it. False when it is called so already.

    Raises ValidationError as start_team does.
    """
    after = _clean_name(name)
    team.lock()
    before = team.name
    if before == after:
        return False
    team.name = after
    team.save(update_fields=["name"])
    AuditEntry.objects.record(team, TeamAction.RENAMED, team, actor=actor, before=before, after=after)
    return True


@transaction.atomic
def change_time_zone(team: Team, time_zone: str, *, actor: Actor) -> bool:
    """Let days and months turn by this zone from now on ("": the site's); what is booked keeps its day.

    False when it is so already. Raises ValueError for what is no zone's name.
    """
    if time_zone and zone_of(time_zone) is None:
        raise ValueError(time_zone)
    team.lock()
    before = team.time_zone
    if before == time_zone:
        return False
    team.time_zone = time_zone
    team.save(update_fields=["time_zone"])
    AuditEntry.objects.record(team, TeamAction.TIME_ZONE, team, actor=actor, before=before, after=time_zone)
    return True


@transaction.atomic
def require_two_factor(team: Team, required: bool, *, actor: Actor) -> bool:
    """Require, or no longer require, two-factor of all members. False when it was so already.

    Raises ActorWithoutTwoFactorError.
    """
    if required and actor.user and not has_two_factor(actor.user):
        raise ActorWithoutTwoFactorError
    team.lock()
    if team.requires_two_factor == required:
        return False
    team.requires_two_factor = required
    team.save(update_fields=["requires_two_factor"])
    AuditEntry.objects.record(team, TeamAction.TWO_FACTOR, team, actor=actor, required=required)
    return True


@transaction.atomic
def request_deletion(team: Team, *, actor: Actor) -> bool:
    """Have the team deleted in seven days, and tell its owners and admins by e-mail. False when it was asked before."""
    team.lock()
    if team.deletion_at:
        return False
    team.deletion_at, team.deletion_asked_by = timezone.now() + DELETION_GRACE, actor.user
    team.save(update_fields=["deletion_at", "deletion_asked_by"])
    until = f"{team.deletion_at:%Y-%m-%d %H:%M} UTC"
    AuditEntry.objects.record(team, TeamAction.DELETION_ASKED, team, actor=actor, until=until)
    transaction.on_commit(partial(tasks.send_deletion_email.enqueue, team.pk))
    return True


@transaction.atomic
def withdraw_deletion(team: Team, *, actor: Actor) -> bool:
    """Keep the team after all. False when nobody asked for its deletion, or its time is over."""
    team.lock()
    if team.deletion_at is None or team.deletion_at <= timezone.now():
        return False
    team.deletion_at = team.deletion_asked_by = None
    team.save(update_fields=["deletion_at", "deletion_asked_by"])
    AuditEntry.objects.record(team, TeamAction.DELETION_WITHDRAWN, team, actor=actor)
    return True


def _clean_name(name: str) -> str:
    cleaned: str = Team._meta.get_field("name").clean(name.strip(), None)
    return cleaned
