"""Acts on a tag itself, for the whole team: its name and colour, its end by deletion or in another tag.

Whether the actor's role allows it is `access.team_view`'s to check.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.audit_actions import TagAction
from hubportal.gallery.models import Tag
from hubportal.gallery.models.tag import MAX_NAME_LENGTH
from hubportal.gallery.names import clean_name, name_key
from hubportal.gallery.tags import tasks
from hubportal.gallery.tags.ending import take_off_batch
from hubportal.gallery.tags.tagging import SEPARATORS


class TagExistsError(Exception):
    """The team has another tag of this name."""


class TagGone(Exception):
    """Somebody else just deleted it, or merged it into another."""


class SameTagError(Exception):
    """A tag can't be merged into itself."""


@transaction.atomic
def change_tag(tag: Tag, name: str, colour: str, *, actor: Actor) -> None:
    """Give a tag this name and colour (TagColour), on every picture.

    Raises ValidationError for what can be no name, TagExistsError and TagGone.
    """
    name = clean_name(name, MAX_NAME_LENGTH)
    if SEPARATORS.search(name):
        raise ValidationError(_("A tag's name has no comma: commas part one tag from the next."))
    tag = _lock(tag)
    before, tag.name, tag.key, tag.colour = tag.name, name, name_key(name), colour
    try:
        with transaction.atomic():
            tag.save(update_fields=["name", "key", "colour"])
    except IntegrityError as error:
        raise TagExistsError from error
    if name != before:
        AuditEntry.objects.record(tag.team, TagAction.RENAMED, tag, actor=actor, before=before, after=name)


@transaction.atomic
def delete_tag(tag: Tag, *, actor: Actor) -> None:
    """Take a tag off every picture, and out of the team. Raises TagGone."""
    AuditEntry.objects.record(tag.team, TagAction.DELETED, tag, actor=actor)
    _end(_lock(tag), None)


@transaction.atomic
def merge_tag(tag: Tag, into: Tag, *, actor: Actor) -> None:
    """Let every picture that has this tag have another one in its place. Raises TagGone and SameTagError."""
    if tag.pk == into.pk:
        raise SameTagError
    AuditEntry.objects.record(tag.team, TagAction.MERGED, tag, actor=actor, before=tag.name, after=into.name)
    # In one order: of two who merge them crosswise one is told that it is gone, and neither waits in a circle.
    locked = {one.pk: _lock(one) for one in sorted((tag, into), key=lambda one: one.key)}
    _end(locked[tag.pk], locked[into.pk])


def _lock(tag: Tag) -> Tag:
    live = Tag.objects.live().select_for_update(of=("self",), no_key=True).select_related("team")
    if (found := live.filter(pk=tag.pk).first()) is None:
        raise TagGone
    return found


def _end(tag: Tag, into: Tag | None) -> None:
    tag.ended_at, tag.merged_into = timezone.now(), into
    tag.save(update_fields=["ended_at", "merged_into"])
    # What was on its way into this one goes on with it.
    Tag.objects.ended().filter(merged_into=tag).update(merged_into=into)
    if take_off_batch(tag):
        transaction.on_commit(tasks.finish_tag_endings.enqueue)
