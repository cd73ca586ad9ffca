"""The links of invitations: signed, stored nowhere, in two kinds.

A mailed link has reached the address it was sent to, and so proves it. One that somebody copied from the pending list
proves nothing, and ends with that person's right to manage the team's members.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.teams.models import Invitation, Membership
from hubportal.teams.models.invitation import InvitationStatus
from hubportal.teams.permissions import MEMBER_MANAGER_ROLES

# Mail programs end a link at a colon now and then.
SIGNER = signing.Signer(salt="hubportal.teams.invitation", sep=".")


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """What a link leads to: the invitation, and the id of who copied the link (None: it came by e-mail)."""

    invitation: Invitation
    copied_by: int | None

    @property
    def proves_address(self) -> bool:
        """Whether whoever has it reads the mail of the address that was invited."""
        return self.copied_by is None

    @property
    def status(self) -> InvitationStatus:
        """The invitation's; REVOKED also where whoever copied the link no longer manages members."""
        if self.copied_by and self.invitation.status is InvitationStatus.OPEN:
            managers = Membership.objects.filter(team=self.invitation.team_id, role__in=MEMBER_MANAGER_ROLES)
            if not managers.filter(user=self.copied_by).exists():
                return InvitationStatus.REVOKED
        return self.invitation.status


def link_to(invitation: Invitation, *, copied_by: User | None = None) -> str:
    """The whole address, beginning with SITE_URL."""
    token = SIGNER.sign_object([invitation.pk.hex, copied_by.pk if copied_by else None])
    return f"{settings.SITE_URL}{reverse('invitation', args=[token])}"


def resolve_link(token: str) -> InvitationLink | None:
    """What a token leads to; None for one that isn't ours, or whose team is gone."""
    try:
        content: Any = SIGNER.unsign_object(token)
    except signing.BadSignature:
        return None
    pk, copied_by = content
    known = Invitation.objects.with_status().select_related("team", "invited_by", "accepted_by")
    invitation = known.filter(pk=uuid.UUID(pk)).first()
    return InvitationLink(invitation, copied_by) if invitation else None
