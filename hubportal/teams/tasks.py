"""Nudges for the worker. Each may run twice or never."""

import uuid

from django.tasks import task

from hubportal.audit.models import AuditEntry
from hubportal.teams import deletion_email, invitation_email


@task(queue_name="default")
def tell_of_deletion(team_id: int) -> None:
    """Tell those who look after a team that it is going to be deleted."""
    deletion_email.tell(team_id)


@task(queue_name="default")
def forget_old_audit() -> None:
    """Let go of what the audit trail no longer keeps."""
    AuditEntry.objects.delete_expired()


@task(queue_name="default")
def mail_invitation(invitation_id: str) -> None:
    """Mail one invitation."""
    invitation_email.mail(uuid.UUID(invitation_id))


@task(queue_name="default")
def mail_invitations() -> None:
    """Once a minute: mail what a lost nudge, a dead worker or a mail server out of reach left behind."""
    for pk in invitation_email.left_to_mail():
        mail_invitation.enqueue(str(pk))
