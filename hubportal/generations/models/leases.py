"""Work that one worker at a time takes up: due at a moment, and claimed until its lease runs out."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


def is_free(now: datetime) -> Q:
    """Rows that nobody holds a lease on."""
    return Q(lease_until=None) | Q(lease_until__lt=now)


def new_lease(now: datetime, duration: timedelta) -> dict[str, Any]:
    """The columns of a claim: until when it holds (UTC), and whose it is."""
    return {"lease_until": now + duration, "lease_id": uuid.uuid4()}


class Leased(models.Model):
    """A row with a due time (UTC; None: nothing is to be done) and the lease of whoever claimed it."""

    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_id = models.UUIDField(null=True, blank=True)

    class Meta:
        abstract = True

    def mine(self) -> models.QuerySet[Self]:
        """This row, as long as the lease is the one this instance was claimed with."""
        rows: models.QuerySet[Self] = type(self)._default_manager.filter(pk=self.pk, lease_until__isnull=False)
        return rows.filter(lease_id=self.lease_id) if self.lease_id else rows.none()

    def renew_lease(self, duration: timedelta) -> bool:
        """Extend the lease from now on. False, and nothing changed, when it is somebody else's by now."""
        return bool(self.mine().update(lease_until=timezone.now() + duration))
