"""A team: people who share keys, pictures and credits."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify

from hubportal.accounts.models import User
from hubportal.teams.permissions import Role

RESERVED_SLUGS = frozenset({"new", "team"})
# Between asking for a team to be deleted and its end.
GRACE = timedelta(days=7)


class TeamManager(models.Manager["Team"]):
    @transaction.atomic
    def start(self, name: str, owner: User) -> "Team":
        """Make a team with its first owner and a free slug."""
        team = self.create(name=name, slug=self._free_slug(name))
        team.memberships.create(user=owner, role=Role.OWNER)
        return team

    def past_grace(self) -> models.QuerySet["Team"]:
        """Teams whose time is up, and that nobody can keep any more; the longest due first."""
        return self.filter(deletion_at__lte=timezone.now()).order_by("deletion_at", "pk")

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
    requires_two_factor = models.BooleanField(default=False)
    # Set while its owner wants it gone: when it will be, unless somebody thinks better of it.
    deletion_at = models.DateTimeField(null=True, blank=True)
    deletion_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[TeamManager] = TeamManager()

    def __str__(self) -> str:
        return self.name

    def lock(self) -> None:
        """Make others who change what a team has one of wait for the end of this transaction."""
        Team.objects.select_for_update().get(pk=self.pk)

    @property
    def is_being_deleted(self) -> bool:
        """Whether it is to be deleted: until then it can be looked at, and nothing new can be asked for."""
        return self.deletion_at is not None

    def rename(self, name: str) -> bool:
        """Change the name; the slug stays, since addresses hold it. False when it is called so already."""
        return self._change(~models.Q(name=name), name=name)

    def require_two_factor(self, required: bool) -> bool:
        """Ask, or no longer ask, all members for a second step. False when it was so already."""
        return self._change(~models.Q(requires_two_factor=required), requires_two_factor=required)

    def ask_for_deletion(self, by: User) -> bool:
        """Set the day of its end. False when it is set already."""
        return self._change(models.Q(deletion_at=None), deletion_at=timezone.now() + GRACE, deletion_asked_by=by)

    def keep_after_all(self) -> bool:
        """Take the day of its end back. False when there is none, or it is over."""
        in_time = models.Q(deletion_at__gt=timezone.now())
        return self._change(in_time, deletion_at=None, deletion_asked_by=None)

    def _change(self, only: models.Q, **changes: Any) -> bool:
        """Change the row if it is as expected; a lost race is False, not an error."""
        if not Team.objects.filter(only, pk=self.pk).update(**changes):
            return False
        self.refresh_from_db(fields=list(changes))
        return True
