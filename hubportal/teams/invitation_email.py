"""Mailing an invitation, in the worker. The row is the truth; a task is only a nudge."""

import smtplib
import uuid

import structlog
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from hubportal.teams.invitation_links import link_to
from hubportal.teams.models import Invitation
from hubportal.teams.models.invitation import MailProblem

log = structlog.get_logger(__name__)


def send_invitation_email(pk: uuid.UUID) -> None:
    """Mail one invitation, if its e-mail is due, and write down what came of it."""
    invitation = Invitation.objects.claim_for_mailing(pk)
    if invitation is None:
        return
    try:
        _send(invitation)
    except (smtplib.SMTPException, OSError) as error:
        problem = _problem(error)
        log.warning("invitation not mailed", invitation=str(pk), error=type(error).__name__, problem=problem.value)
        invitation.record_not_mailed(problem)
    else:
        invitation.record_mailed()


def _send(invitation: Invitation) -> None:
    team = " ".join(invitation.team.name.split())
    context = {"invitation": invitation, "team": team, "link": link_to(invitation)}
    text = render_to_string("teams/email/invitation.txt", context)
    send_mail(_("You are invited to {team}").format(team=team), text, None, [invitation.email])


def _problem(error: Exception) -> MailProblem:
    """A refusal for good (RFC 5321, 4.2.1: 5yz) is the address's; anything else may pass."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        if codes and all(500 <= code < 600 for code in codes):
            return MailProblem.ADDRESS
    return MailProblem.SERVER
