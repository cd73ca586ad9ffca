"""Acts on a collection itself: making it, naming and describing it, its cover, its end.

Whether the actor's role allows it is `access.team_view`'s to check.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.audit_actions import CollectionAction
from hubportal.gallery.collections import tasks
from hubportal.gallery.collections.ending import take_off_batch
from hubportal.gallery.collections.order import lock_collection
from hubportal.gallery.models import Collection, CollectionImage
from hubportal.gallery.models.collection import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH
from hubportal.gallery.names import clean_name, name_key
from hubportal.generations.models import Image
from hubportal.teams.models import Team

MAX_IN_A_TEAM = 1000


class CollectionExistsError(Exception):
    """The team has another collection of this name."""


class TooManyCollections(Exception):
    """The team has as many as there may be (MAX_IN_A_TEAM)."""


@transaction.atomic
def make_collection(team: Team, name: str, description: str = "", *, actor: Actor) -> Collection:
    """Make an empty collection.

    Raises ValidationError for what can be no name or description, CollectionExistsError and TooManyCollections.
    """
    if Collection.objects.live().filter(team=team)[:MAX_IN_A_TEAM].count() == MAX_IN_A_TEAM:
        raise TooManyCollections
    collection = _save(Collection(team=team, made_by=actor.person), name, description)
    AuditEntry.objects.record(team, CollectionAction.CREATED, collection, actor=actor)
    return collection


@transaction.atomic
def change_collection(collection: Collection, name: str, description: str, *, actor: Actor) -> None:
    """Give it this name and description. Raises as `make_collection`, and CollectionGone."""
    collection = lock_collection(collection)
    before = collection.name
    if _save(collection, name, description).name != before:
        detail = {"before": before, "after": collection.name}
        AuditEntry.objects.record(collection.team, CollectionAction.RENAMED, collection, actor=actor, **detail)


@transaction.atomic
def choose_cover(collection: Collection, image: Image) -> bool:
    """Let this picture stand for it. False when it is not (any more) in it. Raises CollectionGone."""
    collection = lock_collection(collection)
    if not CollectionImage.objects.filter(collection=collection, image=image).exists():
        return False
    collection.cover = image
    collection.save(update_fields=["cover"])
    return True


@transaction.atomic
def delete_collection(collection: Collection, *, actor: Actor) -> None:
    """Delete it; its pictures stay in the gallery. Raises CollectionGone."""
    collection = lock_collection(collection)
    collection.ended_at = timezone.now()
    collection.save(update_fields=["ended_at"])
    AuditEntry.objects.record(collection.team, CollectionAction.DELETED, collection, actor=actor)
    if take_off_batch(collection):
        transaction.on_commit(tasks.finish_collection_endings.enqueue)


def _save(collection: Collection, name: str, description: str) -> Collection:
    collection.name = clean_name(name, MAX_NAME_LENGTH)
    collection.key = name_key(collection.name)
    collection.description = description.strip()
    if len(collection.description) > MAX_DESCRIPTION_LENGTH or "\0" in collection.description:
        raise ValidationError(_("Write at most %(number)d characters."), params={"number": MAX_DESCRIPTION_LENGTH})
    try:
        with transaction.atomic():
            collection.save(update_fields=None if collection._state.adding else ["name", "key", "description"])
    except IntegrityError as error:
        raise CollectionExistsError from error
    return collection
