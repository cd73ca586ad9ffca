"""A team and who is in it."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify

from hubportal.accounts.models import User
from hubportal.teams.roles import Act, Role, may

RESERVED_SLUGS = frozenset({"new", "team"})


class TeamManager(models.Manager["Team"]):
    @transaction.atomic
    def start(self, name: str, owner: User) -> "Team":
        """Make a team with its first owner and a free slug."""
        team = self.create(name=name, slug=self._free_slug(name))
        team.memberships.create(user=owner, role=Role.OWNER)
        return team

    def _free_slug(self, name: str) -> str:
        base = slugify(name)[:40] or "team"
        taken = set(self.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED_SLUGS
        candidates = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
        return next(slug for slug in candidates if slug not in taken)


class Team(models.Model):
    """People who share keys, pictures and credits."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=50, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[TeamManager] = TeamManager()

    def __str__(self) -> str:
        return self.name

    def hold(self) -> None:
        """Make others who change what a team has one of wait for the end of this transaction."""
        Team.objects.select_for_update().get(pk=self.pk)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user: User) -> "MembershipQuerySet":
        """The person's memberships, the team they were in last first."""
        return (
            self.filter(user=user)
            .select_related("team")
            .order_by(models.F("last_opened_at").desc(nulls_last=True), "team__name", "pk")
        )


class Membership(models.Model):
    """One person's place in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10)
    created_at = models.DateTimeField(default=timezone.now)
    last_opened_at = models.DateTimeField(null=True, blank=True)

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

    def may(self, act: Act) -> bool:
        return may(self.role, act)

    def require(self, act: Act) -> None:
        """Raise PermissionDenied (403) unless this role may do that."""
        if not self.may(act):
            raise PermissionDenied

    def opened(self) -> None:
        """Remember this as the team the person was in last."""
        self.last_opened_at = timezone.now()
        self.save(update_fields=["last_opened_at"])
