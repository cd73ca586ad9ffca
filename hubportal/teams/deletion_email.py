"""Telling those who look after a team that it is going to be deleted."""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from hubportal.teams.models import Team
from hubportal.teams.permissions import ROLE_PERMISSIONS, Permission

log = structlog.get_logger(__name__)


def send_deletion_email(team_id: int) -> None:
    """Write to every owner and admin; to nobody where the team is to stay after all."""
    team = Team.objects.exclude(deletion_at=None).select_related("deletion_asked_by").filter(pk=team_id).first()
    if team is None:
        return
    subject = _("{team} will be deleted").format(team=" ".join(team.name.split()))
    page = settings.SITE_URL + reverse("teams:settings", args=[team.slug])
    text = render_to_string("teams/email/deletion.txt", {"team": team, "page": page})
    for email in _recipients(team):
        try:
            send_mail(subject, text, None, [email])
        except (smtplib.SMTPException, OSError) as error:
            # The others are written to all the same, and every page of the team says it for seven days.
            log.warning("deletion not mailed", team=team.pk, error=type(error).__name__)


def _recipients(team: Team) -> list[str]:
    people = team.memberships.filter(role__in=ROLE_PERMISSIONS[Permission.MANAGE_TEAM], user__is_active=True)
    return list(people.order_by("pk").values_list("user__email", flat=True))
