"""What can be done to many pictures at once. To add an act: one entry in ACTS, and its two sentences.

Each goes through the function that does it to one picture, which asks for the same permission and writes the same
audit entry.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.utils.translation import gettext, gettext_lazy, ngettext

from hubportal.audit.actor import Actor
from hubportal.gallery.collections.order import (
    CollectionGone,
    PrivatePictureError,
    add_to_collection,
    take_from_collection,
)
from hubportal.gallery.favourites import mark_favourite, unmark_favourite
from hubportal.gallery.models import Collection, Tag
from hubportal.gallery.models.tag import tag_label
from hubportal.gallery.picture_bin import NotInBin, bin_image, may_delete, restore_image
from hubportal.gallery.tags.tagging import TooManyTags, add_tags, remove_tag
from hubportal.generations.cards import read_uuid
from hubportal.generations.decisions import ProjectNotOpen, can_move, change_project, change_visibility
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Permission
from hubportal.usage.models import Project
from hubportal.usage.projects import open_projects

# Of tags and collections there may be thousands.
MAX_OFFERED: Final = 500


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
    project = None if value == "none" else _find(Project.objects.all(), replace(context, value=value))
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


def _mark(image: Image, context: Context) -> str | None:
    change = mark_favourite if context.value == "1" else unmark_favourite
    return ("" if context.value == "1" else "1") if change(image, context.membership.user) else None


def _mark_as_before(image: Image, context: Context, before: str) -> None:
    (mark_favourite if before else unmark_favourite)(image, context.membership.user)


def _marked(number: int) -> str:
    text = ngettext(
        "Your mark on %(number)s picture was changed.", "Your marks on %(number)s pictures were changed.", number
    )
    return text % {"number": intcomma(number)}


def _marks(_membership: Membership) -> Choices:
    return [("1", gettext("Your favourites")), ("0", gettext("No favourites of yours"))]


def _tags(membership: Membership) -> Choices:
    live = Tag.objects.live().filter(team=membership.team_id).order_by("key")
    return [(str(tag.pk), tag.name) for tag in live[:MAX_OFFERED]]


def _tag(image: Image, context: Context) -> str | None:
    tag = _find(Tag.objects.live(), context)
    if tag_label(tag.pk) in image.label_set:
        return None
    try:
        add_tags(image, [tag.name])
    except TooManyTags:
        raise ActNotPossible from None
    return ""


def _untag(image: Image, context: Context, _before: str) -> None:
    remove_tag(image, _find(Tag.objects.live(), context))


def _tagged(number: int) -> str:
    text = ngettext("%(number)s picture has the tag now.", "%(number)s pictures have the tag now.", number)
    return text % {"number": intcomma(number)}


def _collections(membership: Membership) -> Choices:
    live = Collection.objects.live().filter(team=membership.team_id).order_by("key")
    return [(str(collection.pk), collection.name) for collection in live[:MAX_OFFERED]]


def _collect(image: Image, context: Context) -> str | None:
    try:
        return "" if add_to_collection(_find(Collection.objects.live(), context), image) else None
    except (CollectionGone, PrivatePictureError):
        raise ActNotPossible from None


def _take_out(image: Image, context: Context, _before: str) -> None:
    try:
        take_from_collection(_find(Collection.objects.live(), context), image)
    except CollectionGone:
        raise ActNotPossible from None


def _collected(number: int) -> str:
    text = ngettext(
        "%(number)s picture is in the collection now.", "%(number)s pictures are in the collection now.", number
    )
    return text % {"number": intcomma(number)}


def _find[M: Model](rows: QuerySet[M], context: Context) -> M:
    """What `value` names in this team. Raises ActNotPossible."""
    pk = read_uuid(context.value)
    found = rows.filter(pk=pk, team=context.membership.team_id).first() if pk else None
    if found is None:
        raise ActNotPossible
    return found


ACTS = {
    act.name: act
    for act in (
        BulkAct(
            "favourite",
            gettext_lazy("Favourite"),
            "heart",
            Permission.LOOK,
            _mark,
            _mark_as_before,
            _marked,
            _marks,
        ),
        BulkAct(
            "tag",
            gettext_lazy("Tag"),
            "tag",
            Permission.SUBMIT,
            _tag,
            _untag,
            _tagged,
            _tags,
        ),
        BulkAct(
            "collection",
            gettext_lazy("Collection"),
            "folder",
            Permission.SUBMIT,
            _collect,
            _take_out,
            _collected,
            _collections,
        ),
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
