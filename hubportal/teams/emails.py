"""The e-mails about teams, as the worker sends them: invitations, and that a team is going to be deleted.

The rows are the truth; a task (tasks.py) is only a nudge.
"""

import smtplib
import uuid

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hubportal.teams.invitation_links import link_to
from hubportal.teams.models import Invitation, Team
from hubportal.teams.models.invitation import MailProblem
from hubportal.teams.permissions import Permission

log = structlog.get_logger(__name__)


def anything_to_mail() -> bool:
    """Whether an invitation's e-mail is due."""
    return Invitation.objects.due_for_mailing(timezone.now()).exists()


def send_invitation_email(pk: uuid.UUID) -> None:
    """Mail one invitation, if its e-mail is due, and write down what came of it."""
    invitation = Invitation.objects.claim_for_mailing(pk)
    if invitation is None:
        return
    team = " ".join(invitation.team.name.split())
    context = {"invitation": invitation, "team": team, "link": link_to(invitation)}
    text = render_to_string("teams/email/invitation.txt", context)
    try:
        send_mail(_("You are invited to {team}").format(team=team), text, None, [invitation.email])
    except (smtplib.SMTPException, OSError) as error:
        problem = _problem(error)
        log.warning("invitation not mailed", invitation=str(pk), error=type(error).__name__, problem=problem.value)
        invitation.record_not_mailed(problem)
    else:
        invitation.record_mailed()


def _problem(error: Exception) -> MailProblem:
    """A refusal for good (RFC 5321, 4.2.1: 5yz) is the address's; anything else may pass."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        if codes and all(500 <= code < 600 for code in codes):
            return MailProblem.ADDRESS
    return MailProblem.SERVER


def send_deletion_email(team_id: int) -> None:
    """Write to every owner and admin; to nobody where the team is to stay after all."""
    team = Team.objects.exclude(deletion_at=None).select_related("deletion_asked_by").filter(pk=team_id).first()
    if team is None:
        return
    subject = _("{team} will be deleted").format(team=" ".join(team.name.split()))
    page = settings.SITE_URL + reverse("teams:settings", args=[team.slug])
    text = render_to_string("teams/email/deletion.txt", {"team": team, "page": page})
    managers = team.memberships.with_permission(Permission.MANAGE_TEAM).filter(user__is_active=True)
    for email in managers.order_by("pk").values_list("user__email", flat=True):
        try:
            send_mail(subject, text, None, [email])
        except (smtplib.SMTPException, OSError) as error:
            # The others are written to all the same, and every page of the team says it for seven days.
            log.warning("deletion not mailed", team=team.pk, error=type(error).__name__)
