"""Projects: what a team's credits are spent for, such as a client or a campaign."""

import uuid

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from hubportal.teams.models import Team

MAX_NAME_LENGTH = 80


class ProjectQuerySet(models.QuerySet["Project"]):
    def open(self) -> "ProjectQuerySet":
        """Projects that new orders may be for."""
        return self.filter(archived_at=None)

    def by_name(self) -> "ProjectQuerySet":
        return self.order_by(Lower("name"), "pk")


class Project(models.Model):
    """A client or a campaign. It is never deleted while its team is there: the ledger names it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="projects", db_index=False)
    name = models.CharField(max_length=MAX_NAME_LENGTH, validators=[ProhibitNullCharactersValidator()])
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("team", Lower("name"), name="project_name_once_a_team")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        """Whether new orders are no longer taken for it."""
        return self.archived_at is not None


class DefaultProject(models.Model):
    """The project that a person's next order in a team is for, unless they choose another: the last one they chose."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="default_of")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="default_project_once")]

    def __str__(self) -> str:
        return f"{self.project} for {self.user}"
