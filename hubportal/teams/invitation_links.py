"""The links of invitations: signed, stored nowhere, in two kinds.

A mailed link has reached the address it was sent to, and so proves it. One that somebody copied from the pending list
proves nothing, and dies with that person's right to look after the team's members.
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
from hubportal.teams.permissions import LOOKS_AFTER_MEMBERS

# Mail programs end a link at a colon now and then.
SIGNER = signing.Signer(salt="hubportal.teams.invitation", sep=".")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link leads to: the invitation, and who copied the link (None: it came by e-mail)."""

    invitation: Invitation
    copied_by: int | None

    @property
    def proves_address(self) -> bool:
        """Whether whoever holds it reads the mail of the address that was invited."""
        return self.copied_by is None

    @property
    def status(self) -> InvitationStatus:
        """The invitation's, and of a copied link that of whoever copied it."""
        standing = self.invitation.status
        if standing is InvitationStatus.OPEN and self.copied_by and not self._copier_still_may():
            return InvitationStatus.UNVOUCHED
        return standing

    def _copier_still_may(self) -> bool:
        return Membership.objects.filter(
            team=self.invitation.team_id, user=self.copied_by, role__in=LOOKS_AFTER_MEMBERS
        ).exists()


def link_to(invitation: Invitation, *, copied_by: User | None = None) -> str:
    """The whole address, beginning with SITE_URL."""
    token = SIGNER.sign_object([invitation.pk.hex, copied_by.pk if copied_by else None])
    return f"{settings.SITE_URL}{reverse('invitation', args=[token])}"


def follow(token: str) -> Link | None:
    """What a token leads to; None for one that isn't ours, or whose team is gone."""
    try:
        content: Any = SIGNER.unsign_object(token)
    except signing.BadSignature:
        return None
    pk, copied_by = content
    known = Invitation.objects.with_vouched().select_related("team", "invited_by", "accepted_by")
    invitation = known.filter(pk=uuid.UUID(pk)).first()
    return Link(invitation, copied_by) if invitation else None
