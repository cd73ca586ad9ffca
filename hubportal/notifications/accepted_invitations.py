"""Telling people that their invitation was taken.

The teams' room knows nothing of this one: an invitation that was taken says itself that its sender is still to be told.
"""

from django.db import transaction
from django.tasks import task
from django.urls import reverse

from hubportal.audit.actor import Actor
from hubportal.notifications.notification_events import INVITATION_TAKEN
from hubportal.notifications.outbox import notify
from hubportal.teams.models import Invitation

BATCH_SIZE = 100


def anybody_to_tell() -> bool:
    return Invitation.objects.untold().exists()


@task(queue_name="default")
def tell_inviters() -> None:
    """Soon after an invitation was taken: write to who sent it."""
    untold = Invitation.objects.untold().select_related("team", "accepted_by")
    for invitation in untold[:BATCH_SIZE]:
        tell_inviter(invitation)


@transaction.atomic
def tell_inviter(invitation: Invitation) -> None:
    """Once, however many workers come to it at once."""
    if not invitation.record_told() or invitation.invited_by_id is None:
        return
    notify(
        INVITATION_TAKEN,
        team=invitation.team,
        to=[invitation.invited_by_id],
        about={"name": str(invitation.accepted_by or invitation.email), "email": invitation.email},
        link=reverse("teams:members", args=[invitation.team.slug]),
        actor=Actor(invitation.accepted_by),
    )
