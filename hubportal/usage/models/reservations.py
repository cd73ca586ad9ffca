"""What a team's credits are promised to, before the hub has taken them (invariant 5 of the ledger)."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models.billing import BilledGeneration
from hubportal.usage.models.project import Project


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def reserve(self, generation: BilledGeneration, credits: int) -> None:
        """Set credits aside for a new generation, until the hub accepts it or it is known that it never will."""
        self.create(
            generation_id=generation.id,
            team_id=generation.team_id,
            author_id=generation.author_id,
            project_id=generation.project_id,
            credits=credits,
        )

    def assign_key(self, generation_id: uuid.UUID, key: Key) -> None:
        """The generation is about to be sent with this key."""
        self.filter(generation_id=generation_id).update(key=key)

    def assign_project(self, generation_id: uuid.UUID, project_id: uuid.UUID | None) -> None:
        self.filter(generation_id=generation_id).update(project_id=project_id)

    def release(self, generation_id: uuid.UUID) -> None:
        self.filter(generation_id=generation_id).delete()

    def reserved_credits(self, team: Team) -> int:
        """Credits set aside in this team."""
        return sum(reserved for (reserved,) in _ADD_RESERVED.rows(team=team.pk))

    def unassigned_credits(self, team: Team) -> list[int]:
        """Credits set aside for each order of this team that has no key yet, the oldest first."""
        return [credits for (credits,) in _FIND_UNASSIGNED.rows(team=team.pk)]


class Reservation(models.Model):
    """Credits promised to one generation that the hub has not accepted yet, as far as anybody knows.

    key  the one it was last sent with; None before that
    """

    generation_id = models.UUIDField(primary_key=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="reservations")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.ForeignKey(Key, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    credits = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    objects = ReservationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.credits} reserved for {self.generation_id}"


def reserved_in_team() -> models.QuerySet[Reservation, Any]:
    """Credits set aside in the Parameter `team`: one row with one column, or none where nothing is."""
    of_team = Reservation.objects.filter(team=Parameter("team", Team, "pk")).values("team")
    return of_team.annotate(reserved=models.Sum("credits")).values_list("reserved")


_ADD_RESERVED: CompiledQuery[Reservation] = CompiledQuery(reserved_in_team)

_FIND_UNASSIGNED: CompiledQuery[Reservation] = CompiledQuery(
    lambda: (
        Reservation.objects.filter(team=Parameter("team", Team, "pk"), key=None)
        .order_by("made_at", "pk")
        .values_list("credits")
    )
)
