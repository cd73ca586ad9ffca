"""Pictures that somebody chose: by their ids, or all that the gallery's filters found, less what was taken out."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from hubportal.gallery.models.states import UNFINISHED
from hubportal.teams.models import Membership, Team

RETENTION: Final = timedelta(days=1)
# Taken out one by one, or a page at a time.
MAX_EXCLUDED: Final = 1000


class TooManyExcluded(Exception):
    """More than MAX_EXCLUDED: other filters would say it better."""


class SelectionQuerySet(models.QuerySet["Selection"]):
    def of(self, membership: Membership) -> "SelectionQuerySet":
        """Those that this person made in this team and that have not expired."""
        since = timezone.now() - RETENTION
        return self.filter(team=membership.team_id, person=membership.user_id, made_at__gt=since)

    def delete_expired(self, now: datetime) -> int:
        """Delete what is older than a day, with what was done to it, unless that is still going on."""
        going_on = models.Q(changes__state__in=UNFINISHED)
        return self.filter(made_at__lte=now - RETENTION).exclude(going_on).delete()[0]


class Selection(models.Model):
    """`query` is the gallery's address for all that was found, where `is_all`; else `pictures` are chosen ids.

    What is made after `made_at` (UTC) is not in it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    is_all = models.BooleanField()
    query = models.TextField(blank=True)
    pictures = models.JSONField(default=list)
    excluded = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = SelectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_all=True) | models.Q(query=""), name="selection_by_ids_has_no_query"
            )
        ]

    def __str__(self) -> str:
        return f"{self.query or 'everything'} less {len(self.excluded)}" if self.is_all else f"{len(self.pictures)}"

    @transaction.atomic
    def exclude(self, pks: Iterable[uuid.UUID]) -> None:
        """Take pictures out. Raises TooManyExcluded."""
        self._write_excluded(self._excluded_now() | set(map(str, pks)))

    @transaction.atomic
    def include(self, pks: Iterable[uuid.UUID]) -> None:
        """Put pictures back that were taken out."""
        self._write_excluded(self._excluded_now() - set(map(str, pks)))

    def _excluded_now(self) -> set[str]:
        return set(Selection.objects.select_for_update().get(pk=self.pk).excluded)

    def _write_excluded(self, excluded: set[str]) -> None:
        if len(excluded) > MAX_EXCLUDED:
            raise TooManyExcluded
        self.excluded = sorted(excluded)
        self.save(update_fields=["excluded"])
