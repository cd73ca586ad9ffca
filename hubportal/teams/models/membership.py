"""A person's membership of a team: their role, and an owner's offer to make them the owner."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.teams.models.team import Team
from hubportal.teams.permissions import ROLE_PERMISSIONS, Permission, Role, has_permission

OFFER_LIFETIME = timedelta(days=7)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user: Any) -> "MembershipQuerySet":
        """The person's (or a Parameter's) memberships, the team they were in last first."""
        return (
            self.filter(user=user)
            .select_related("team")
            .order_by(models.F("last_opened_at").desc(nulls_last=True), "team__name", "pk")
        )

    def with_permission(self, permission: Permission) -> "MembershipQuerySet":
        """Those whose role may do that."""
        return self.filter(role__in=ROLE_PERMISSIONS[permission])


class Membership(models.Model):
    """One person in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10)
    created_at = models.DateTimeField(default=timezone.now)
    last_opened_at = models.DateTimeField(null=True, blank=True)
    # Set while an owner's offer to make this person the owner awaits their consent.
    ownership_offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ownership_offered_at = models.DateTimeField(null=True, blank=True)
    # Read by the version before this one alone, which may run beside it; notifications.Preference has it now.
    wants_key_warnings = models.BooleanField(default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)

    def has_permission(self, permission: Permission) -> bool:
        return has_permission(self.role, permission)

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied (403) unless this role may do that."""
        if not self.has_permission(permission):
            raise PermissionDenied

    def lock(self) -> None:
        """Lock the team, so that its roles stay as they are until this transaction ends, and read the row again.

        Raises Membership.DoesNotExist where the person is no longer in the team.
        """
        self.team.lock()
        self.refresh_from_db(fields=["role", "ownership_offered_by", "ownership_offered_at"])

    def mark_opened(self) -> None:
        """Remember this as the team the person was in last."""
        self.last_opened_at = timezone.now()
        # No save(): it fails where somebody is removed in this very moment.
        Membership.objects.filter(pk=self.pk).update(last_opened_at=self.last_opened_at)

    def can_manage(self, other: "Membership") -> bool:
        """Whether this person may change the other's role or remove them: only an owner may do so to an owner."""
        return self.has_permission(Permission.MANAGE_MEMBERS) and (other.role != Role.OWNER or self.role == Role.OWNER)

    @property
    def is_last_owner(self) -> bool:
        """Whether the team would have no owner without this person."""
        owners = Membership.objects.filter(team=self.team_id, role=Role.OWNER)
        return self.role == Role.OWNER and not owners.exclude(pk=self.pk).exists()

    @property
    def offer_ends_at(self) -> datetime | None:
        """Until when (UTC) ownership is offered to this person, should whoever offers it still own the team."""
        ends_at = self.ownership_offered_at + OFFER_LIFETIME if self.ownership_offered_at else None
        return ends_at if ends_at and ends_at > timezone.now() else None

    @property
    def offered_by_owner(self) -> "Membership | None":
        """The owner who offers this person the ownership."""
        if self.offer_ends_at is None:
            return None
        owners = Membership.objects.filter(team=self.team_id, role=Role.OWNER, user=self.ownership_offered_by_id)
        return owners.select_related("user").first()

    def save_offer(self, by: User | None, at: datetime | None) -> None:
        """Note who offers this person the ownership, and since when; None and None end the offer."""
        self.ownership_offered_by, self.ownership_offered_at = by, at
        self.save(update_fields=["ownership_offered_by", "ownership_offered_at"])
