"""What can be done to many pictures at once. To add an act: one entry in ACTS, and its two sentences.

Each goes through the function that does it to one picture, which asks for the same permission and writes the same
audit entry.
"""

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext, gettext_lazy, ngettext

from hubportal.audit.actor import Actor
from hubportal.gallery.picture_bin import NotInBin, bin_image, may_delete, restore_image
from hubportal.generations.decisions import ProjectNotOpen, can_move, change_project, change_visibility
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Permission
from hubportal.usage.models import Project
from hubportal.usage.projects import open_projects


class ActNotPossible(Exception):
    """This picture can't be changed so any more."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who does it, and the act's `value` (a project's id)."""

    membership: Membership
    actor: Actor
    value: str = ""


type Choices = Iterable[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class BulkAct:
    """An act on many pictures.

    apply      does it to one, and gives what it was before, or None where it is so already. Raises PermissionDenied
               and ActNotPossible.
    undo       puts one back to what it was before. Raises the same.
    choices    the values it can be done with, with their names; None: it needs none
    happened   what is said when it is done to so many
    """

    name: str
    label: Any
    icon: str
    permission: Permission
    apply: Callable[[Image, Context], str | None]
    undo: Callable[[Image, Context, str], object]
    happened: Callable[[int], str]
    choices: Callable[[Membership], Choices] | None = None

    def offered(self, membership: Membership) -> list[tuple[str, Any]]:
        return list(self.choices(membership)) if self.choices else []


def _bin(image: Image, context: Context) -> str | None:
    if not may_delete(context.membership, image):
        raise PermissionDenied
    return "" if bin_image(image, context.actor) else None


def _binned(number: int) -> str:
    text = ngettext("%(number)s picture moved to the bin.", "%(number)s pictures moved to the bin.", number)
    return text % {"number": intcomma(number)}


def _restore(image: Image, context: Context, _before: str) -> None:
    if not may_delete(context.membership, image):
        raise PermissionDenied
    try:
        restore_image(image, context.actor)
    except NotInBin:
        raise ActNotPossible from None


def _projects(membership: Membership) -> Choices:
    projects = [(str(project.pk), project.name) for project in open_projects(membership.team, membership.user)]
    return [*projects, ("none", gettext("No project"))] if projects else []


def _move(image: Image, context: Context) -> str | None:
    if not can_move(context.membership, image.generation):
        raise PermissionDenied
    before = str(image.generation.project_id or "none")
    return before if _set_project(image, context, context.value) else None


def _moved(number: int) -> str:
    text = ngettext("%(number)s picture moved to the project.", "%(number)s pictures moved to the project.", number)
    return text % {"number": intcomma(number)}


def _set_project(image: Image, context: Context, value: str) -> bool:
    project: Project | None = None
    if value != "none":
        with suppress(ValueError):
            project = Project.objects.filter(pk=uuid.UUID(value), team=context.membership.team_id).first()
        if project is None:
            raise ActNotPossible
    try:
        return change_project(image.generation, project, context.actor)
    except ProjectNotOpen:
        raise ActNotPossible from None


def _move_back(image: Image, context: Context, before: str) -> None:
    if not can_move(context.membership, image.generation):
        raise PermissionDenied
    _set_project(image, context, before)


def _show_to(image: Image, context: Context) -> str | None:
    before = image.generation.visibility
    return before if change_visibility(image.generation, context.value, context.actor) else None


def _shown(number: int) -> str:
    text = ngettext("Who sees %(number)s picture was changed.", "Who sees %(number)s pictures was changed.", number)
    return text % {"number": intcomma(number)}


def _show_as_before(image: Image, context: Context, before: str) -> None:
    change_visibility(image.generation, before, context.actor)


def _visibilities(_membership: Membership) -> Choices:
    return [(Visibility.TEAM, gettext("The whole team")), (Visibility.PRIVATE, gettext("Only you"))]


ACTS = {
    act.name: act
    for act in (
        BulkAct(
            "bin",
            gettext_lazy("Move to bin"),
            "trash",
            Permission.DELETE,
            _bin,
            _restore,
            _binned,
        ),
        BulkAct(
            "project",
            gettext_lazy("Project"),
            "list",
            Permission.SUBMIT,
            _move,
            _move_back,
            _moved,
            _projects,
        ),
        BulkAct(
            "visibility",
            gettext_lazy("Who sees them"),
            "eye",
            Permission.SUBMIT,
            _show_to,
            _show_as_before,
            _shown,
            _visibilities,
        ),
    )
}


def acts_of(membership: Membership) -> list[BulkAct]:
    """Those that this person's role may do, and that have something to choose where they need it."""
    return [
        act
        for act in ACTS.values()
        if membership.has_permission(act.permission) and (act.choices is None or act.offered(membership))
    ]
