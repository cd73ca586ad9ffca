"""Acts on projects, and which one an order is for unless somebody chooses.

Whether the actor's role allows it is `access.team_view`'s to check. Each act writes its audit entry.
"""

import unicodedata
import uuid
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.teams.models import Team
from hubportal.usage.audit_actions import UsageAction
from hubportal.usage.models import DefaultProject, Project


class ProjectExistsError(Exception):
    """The team has a project of this name already; it may be archived."""


@transaction.atomic
def create_project(team: Team, name: str, *, actor: Actor) -> Project:
    """Make a project. Raises ValidationError for a name that is blank, too long or no text, and ProjectExistsError."""
    project = _save_name(Project(team=team), name)
    AuditEntry.objects.record(team, UsageAction.PROJECT_CREATED, project, actor=actor)
    return project


@transaction.atomic
def rename_project(project: Project, name: str, *, actor: Actor) -> bool:
    """Change the name, everywhere it is shown. False when it is called so already. Raises as create_project does."""
    project = Project.objects.select_for_update().get(pk=project.pk)
    before = project.name
    if _save_name(project, name).name == before:
        return False
    AuditEntry.objects.record(
        project.team, UsageAction.PROJECT_RENAMED, project, actor=actor, before=before, after=project.name
    )
    return True


def archive_project(project: Project, *, actor: Actor) -> bool:
    """Take no new orders for it; all that was made for it stays. False when it is archived already."""
    return _set_archived(project, archived=True, actor=actor)


def reopen_project(project: Project, *, actor: Actor) -> bool:
    """Take orders for it again. False when it is open already."""
    return _set_archived(project, archived=False, actor=actor)


@transaction.atomic
def require_project(team: Team, required: bool, *, actor: Actor) -> bool:
    """Require, or no longer require, that each order names a project. False when it was so already."""
    team.lock()
    if team.requires_project == required:
        return False
    team.requires_project = required
    team.save(update_fields=["requires_project"])
    AuditEntry.objects.record(team, UsageAction.PROJECT_REQUIRED, team, actor=actor, required=required)
    return True


_FIND_OPEN = CompiledQuery(
    lambda: (
        Project.objects.open()
        .by_name()
        .filter(team=Parameter("team", Team, "pk"))
        .annotate(
            is_default=Exists(DefaultProject.objects.filter(user=Parameter("user", User, "pk"), project=OuterRef("pk")))
        )
    )
)


def open_projects(team: Team, user: User) -> list[Project]:
    """What this person's orders in the team may be for, by name; `last_chosen` knows which their last one was for."""
    return _FIND_OPEN.all(team=team.pk, user=user.pk)


def last_chosen(projects: Iterable[Project]) -> Project | None:
    """Of `open_projects`, the one that the person's last order was for."""
    return next((project for project in projects if getattr(project, "is_default", False)), None)


_FIND_ALL = CompiledQuery(lambda: Project.objects.by_name().filter(team=Parameter("team", Team, "pk")))


def all_projects(team_id: int) -> list[Project]:
    """The team's projects by name, archived ones after the open ones."""
    return sorted(_FIND_ALL.all(team=team_id), key=lambda project: project.is_archived)


def find_project(team: Team, text: str) -> Project | None:
    """The team's project of this id, open or archived; None where there is none."""
    try:
        pk = uuid.UUID(text)
    except ValueError:
        return None
    return Project.objects.filter(team=team, pk=pk).first()


def remember_project(team: Team, user: User, project: Project | None) -> None:
    """Let the person's next order in this team be for the same project, or for none."""
    remembered = DefaultProject.objects.filter(team=team, user=user).first()
    if (remembered and remembered.project_id) == (project and project.pk):
        return
    DefaultProject.objects.update_or_create(team=team, user=user, defaults={"project": project})


def _save_name(project: Project, name: str) -> Project:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    project.name = Project._meta.get_field("name").clean(name, project)
    try:
        with transaction.atomic():
            project.save(update_fields=None if project._state.adding else ["name"])
    except IntegrityError as error:
        raise ProjectExistsError from error
    return project


@transaction.atomic
def _set_archived(project: Project, *, archived: bool, actor: Actor) -> bool:
    changed = Project.objects.filter(pk=project.pk, archived_at__isnull=archived).update(
        archived_at=timezone.now() if archived else None
    )
    if changed:
        action = UsageAction.PROJECT_ARCHIVED if archived else UsageAction.PROJECT_REOPENED
        AuditEntry.objects.record(project.team, action, project, actor=actor)
    return bool(changed)
