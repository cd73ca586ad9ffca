"""Nudges for the worker. Each may run twice or never."""

import uuid

from django.tasks import task
from django.utils import timezone

from hubportal.teams import emails
from hubportal.teams.models import Invitation

MAIL_BATCH_SIZE = 100


@task(queue_name="default")
def send_deletion_email(team_id: int) -> None:
    """Tell those who manage a team that it is going to be deleted."""
    emails.send_deletion_email(team_id)


@task(queue_name="default")
def send_invitation_email(invitation_id: str) -> None:
    """Mail one invitation."""
    emails.send_invitation_email(uuid.UUID(invitation_id))


@task(queue_name="default")
def mail_invitations() -> None:
    """Once a minute: mail what a lost nudge, a dead worker or a mail server out of reach left behind."""
    due = Invitation.objects.due_for_mailing(timezone.now()).values_list("pk", flat=True)
    for pk in due[:MAIL_BATCH_SIZE]:
        send_invitation_email.enqueue(str(pk))
