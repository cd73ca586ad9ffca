"""What somebody looks for again and again in the gallery, by a name."""

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.gallery.names import KEY_FACTOR
from hubportal.teams.models import Membership, Team

MAX_NAME_LENGTH: Final = 60


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def of(self, membership: Membership) -> "SavedFilterQuerySet":
        """What this person saved in this team, by name."""
        return self.filter(person=membership.user_id, team=membership.team_id).order_by("key")


class SavedFilter(models.Model):
    """A person's own. `query` is the gallery's address, as its filters write it; `key` is what names differ by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    key = models.CharField(max_length=MAX_NAME_LENGTH * KEY_FACTOR)
    query = models.TextField()
    saved_at = models.DateTimeField(default=timezone.now)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "team", "key"], name="saved_filter_once_a_name")]

    def __str__(self) -> str:
        return self.name
