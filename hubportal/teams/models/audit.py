"""The audit trail: what was done to a team, written once. The database refuses to change a row (migration 0003)."""

from datetime import timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.teams.deeds import Deed
from hubportal.teams.facts import in_words
from hubportal.teams.models.team import Team

# Thirteen months are at most 397 days; the database refuses to forget anything sooner.
KEPT_FOR = timedelta(days=400)


class AppendOnlyError(Exception):
    """Somebody tried to change what the trail says."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def write(
        self,
        team: Team,
        deed: Deed,
        about: object = "",
        *,
        by: User | None = None,
        address: str | None = None,
        **detail: str | int | bool,
    ) -> "AuditEntry":
        """Write one entry, inside the transaction of the act it tells of.

        `about` is the row it was done to, or a word for it; `by` None is the site itself or whoever has its command
        line; `address` is the IP address it was asked from; `detail` is small facts, and never a secret.
        """
        return self.create(
            team=team,
            deed=deed,
            by=by,
            by_name=str(by) if by else "",
            by_email=by.email if by else "",
            address=address,
            about_id=str(getattr(about, "pk", ""))[:64],
            about=str(about)[:200],
            detail=detail,
        )

    def forget_old(self) -> int:
        """Let go of what is older than thirteen months. Returns how many entries went."""
        gone, _ = self.filter(at__lt=timezone.now() - KEPT_FOR).delete()
        return gone

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class AuditEntry(models.Model):
    """Who did what to which, when (UTC), from which address. Names are kept as they were then.

    An entry outlives its team: what was deleted, and by whom, can be told for thirteen months.
    """

    at = models.DateTimeField(default=timezone.now)
    team = models.ForeignKey(Team, on_delete=models.DO_NOTHING, db_constraint=False, related_name="audit")
    deed = models.CharField(max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    by_name = models.CharField(max_length=120, blank=True)
    by_email = models.CharField(max_length=254, blank=True)
    address = models.GenericIPAddressField(null=True)
    about_id = models.CharField(max_length=64, blank=True)
    about = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["team", "-at", "-id"], name="audit_newest_first")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name} {self.deed} {self.about}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    @property
    def deed_label(self) -> str:
        """What was done, in words; the bare word for one that the code no longer knows."""
        return str(Deed(self.deed).label) if self.deed in Deed.values else self.deed

    @property
    def facts(self) -> list[str]:
        """Its small facts in words."""
        return in_words(self.detail)

    @property
    def is_of_a_generation(self) -> bool:
        """Whether `about_id` is one's id, so that a page can lead there."""
        return self.deed in (Deed.GENERATION_SETTLED, Deed.GENERATION_RECOVERED)
