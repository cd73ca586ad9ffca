"""The audit log: what was done to a team, written once. The database refuses to change a row (its triggers: 0001)."""

from datetime import timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.audit.actions import AuditAction, action_label, details_in_words
from hubportal.audit.actor import SITE, Actor
from hubportal.listing.search.documents import SearchDocument, Searched, SearchedQuerySet
from hubportal.listing.search.index import Description, SearchIndex
from hubportal.listing.search.registry import register

# Thirteen months are at most 397 days; the database refuses to delete anything sooner.
RETENTION = timedelta(days=400)


class AppendOnlyError(Exception):
    """Somebody tried to change what the audit log says."""


class AuditQuerySet(SearchedQuerySet["AuditEntry"]):
    def record(
        self,
        team: Any,
        action: AuditAction,
        about: object = "",
        *,
        actor: Actor = SITE,
        **detail: str | int | bool,
    ) -> "AuditEntry":
        """Write one entry of this team's, inside the transaction of the act it tells of.

        `about` is the row it was done to, or a word for it; `detail` is small facts, and never a secret.
        """
        by = actor.user
        return self.create(
            team=team,
            action=action,
            by=by,
            by_name=str(by) if by else "",
            by_email=by.email if by else "",
            address=actor.address,
            about_id=str(getattr(about, "pk", ""))[:64],
            about=str(about)[:200],
            detail=detail,
        )

    def delete_expired(self) -> int:
        """Delete what is older than thirteen months. Returns how many entries went."""
        _, gone = self.filter(at__lt=timezone.now() - RETENTION).delete()
        return gone.get(AuditEntry._meta.label, 0)

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class AuditEntry(Searched):
    """Who did what to which, when (UTC), from which address. Names are stored as they were then.

    An entry outlives its team: what was deleted, and by whom, can be told for thirteen months.
    """

    at = models.DateTimeField(default=timezone.now)
    team = models.ForeignKey("teams.Team", on_delete=models.DO_NOTHING, db_constraint=False, related_name="audit")
    action = models.CharField(max_length=40)
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
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name} {self.action} {self.about}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    @property
    def action_label(self) -> str:
        """What was done, in words; the bare code of an action that the program no longer knows."""
        return action_label(self.action)

    @property
    def subject(self) -> str:
        """What kind of thing `about_id` names: the first word of the action, such as `key` or `generation`."""
        return self.action.partition(".")[0]

    @property
    def details(self) -> list[str]:
        """Its details in words."""
        return details_in_words(self.detail)


class AuditDocument(SearchDocument):
    row = models.OneToOneField(AuditEntry, on_delete=models.CASCADE, related_name="+")


def person_fact(user_id: int | None) -> str:
    """Of what a person did; None: what no person did."""
    return "site" if user_id is None else f"a{user_id}"


def action_fact(action: str) -> str:
    return f"d{action.encode().hex()}"


def _describe(entry: AuditEntry) -> Description:
    return Description(entry.team_id, frozenset({person_fact(entry.by_id), action_fact(entry.action)}))


AUDIT_ENTRIES = register(
    SearchIndex(
        AuditEntry,
        AuditDocument,
        describe=_describe,
        words=lambda entry: f"{entry.about} {entry.by_name} {entry.by_email}",
        rows=AuditEntry.objects.all,
        time="at",
    )
)
