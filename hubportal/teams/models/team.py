"""A team: people who share keys, pictures and credits."""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import slugify

from hubportal.accounts.models import User
from hubportal.teams.permissions import Role

MAX_NAME_LENGTH = 80
MAX_SLUG_TRIES = 3
RESERVED_SLUGS = frozenset({"new", "team"})
# Between asking for a team to be deleted and its end.
DELETION_GRACE = timedelta(days=7)


class TeamQuerySet(models.QuerySet["Team"]):
    @transaction.atomic
    def create_with_owner(self, name: str, owner: User) -> "Team":
        """The rows alone: a team with a free slug and its first owner. People start one by `teams.start_team`."""
        team = self._create_with_free_slug(name)
        team.memberships.create(user=owner, role=Role.OWNER)
        return team

    def past_grace(self) -> "TeamQuerySet":
        """Teams whose time is up, and that nobody can keep any more; the longest due first."""
        return self.filter(deletion_at__lte=timezone.now()).order_by("deletion_at", "pk")

    def _create_with_free_slug(self, name: str) -> "Team":
        """On PostgreSQL another transaction may use the same slug between looking and writing: then look again."""
        for _ in range(MAX_SLUG_TRIES - 1):
            with suppress(IntegrityError), transaction.atomic():
                return self.create(name=name, slug=self._free_slug(name))
        return self.create(name=name, slug=self._free_slug(name))

    def _free_slug(self, name: str) -> str:
        base = slugify(name)[:40] or "team"
        taken = set(self.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED_SLUGS
        candidates = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
        return next(slug for slug in candidates if slug not in taken)


class Team(models.Model):
    """People who share keys, pictures and credits."""

    name = models.CharField(max_length=MAX_NAME_LENGTH, validators=[ProhibitNullCharactersValidator()])
    slug = models.SlugField(max_length=50, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    requires_two_factor = models.BooleanField(default=False)
    # By whose midnight days and months turn; "" is the site's TIME_ZONE.
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    # Whether each order must say what project it is for (usage/projects.py).
    requires_project = models.BooleanField(default=False, db_default=False)
    # Set while its owner wants it gone: when it will be, unless the request is withdrawn.
    deletion_at = models.DateTimeField(null=True, blank=True)
    deletion_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = TeamQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_being_deleted(self) -> bool:
        """Whether it is to be deleted: until then it can be looked at, and nothing new can be asked for."""
        return self.deletion_at is not None

    def lock(self) -> None:
        """Make others who lock it wait for the end of this transaction, and read the row again.

        Raises Team.DoesNotExist where it was deleted meanwhile.
        """
        self.refresh_from_db(from_queryset=Team.objects.select_for_update())
