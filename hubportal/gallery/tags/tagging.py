"""Tags on pictures: putting them there and taking them off, finding and completing them.

Whether the person's role allows it is `access.team_view`'s to check. Which pictures somebody tags is not in the audit
log; what is done to a tag itself is (tags/changes.py).
"""

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.gallery.models import ImageTag, Tag
from hubportal.gallery.models.tag import MAX_NAME_LENGTH, tag_label
from hubportal.gallery.names import clean_name, name_key
from hubportal.generations.cards import read_uuid
from hubportal.generations.labels import change_labels
from hubportal.generations.models import Image
from hubportal.teams.models import Team

MAX_ON_A_PICTURE = 50
MAX_IN_A_TEAM = 10_000
# At once, as they are typed: longer texts are no list of tags.
MAX_TYPED = 1000
# Between names, in the scripts that people type them in.
SEPARATORS = re.compile(r"[,،、，\r\n]")
SUGGESTED = 20
MAX_MERGING = 100


class TooManyTags(Exception):
    """The picture, or the team, would have more than there may be; `limit` says how many may."""

    def __init__(self, limit: int, *, in_team: bool = False) -> None:
        super().__init__(limit)
        self.limit, self.in_team = limit, in_team


def read_names(text: str) -> list[str]:
    """The names that somebody typed, with commas between them, each once. Raises ValidationError for what is none."""
    if len(text) > MAX_TYPED:
        raise ValidationError(_("Write at most %(number)d characters at once."), params={"number": MAX_TYPED})
    names: dict[str, str] = {}
    for part in filter(str.strip, SEPARATORS.split(text)):
        name = clean_name(part, MAX_NAME_LENGTH)
        names.setdefault(name_key(name), name)
    return list(names.values())


@transaction.atomic
def add_tags(image: Image, names: Iterable[str]) -> list[Tag]:
    """Put tags on a picture; those that the team doesn't have yet are made. Names come from `read_names`.

    Returns the tags, those that the picture had already among them. Raises TooManyTags.
    """
    # One after the other in one order, so that two who make the same ones don't wait for each other.
    keys = {name_key(name): name for name in names}
    tags = [_get_or_make(image.team_id, key, keys[key]) for key in sorted(keys)]
    ImageTag.objects.bulk_create([ImageTag(image=image, tag=tag) for tag in tags], ignore_conflicts=True)
    change_labels([image.pk], add=frozenset(tag_label(tag.pk) for tag in tags))
    if ImageTag.objects.filter(image=image).count() > MAX_ON_A_PICTURE:
        raise TooManyTags(MAX_ON_A_PICTURE)
    return tags


@transaction.atomic
def remove_tag(image: Image, tag: Tag) -> bool:
    """Take a tag off a picture. False when it doesn't have it."""
    # One that is being merged is on some pictures still by its old row.
    ids = [tag.pk, *(pk for into, pk in _merging() if into == tag.pk)]
    deleted, _rows = ImageTag.objects.filter(image=image, tag__in=ids).delete()
    if deleted:
        change_labels([image.pk], remove=frozenset(map(tag_label, ids)))
    return bool(deleted)


def _get_or_make(team_id: int, key: str, name: str) -> Tag:
    """The team's tag, locked: it does not end before this transaction does."""
    live = Tag.objects.live().select_for_update(no_key=True).filter(team=team_id)
    if found := live.filter(key=key).first():
        return found
    if Tag.objects.filter(team=team_id).count() >= MAX_IN_A_TEAM:
        raise TooManyTags(MAX_IN_A_TEAM, in_team=True)
    return live.get_or_create(key=key, team_id=team_id, defaults={"name": name})[0]


def tags_on(image: Image) -> list[Tag]:
    """The tags that a picture has, by name; one that is merged into another is that one already."""
    # By keys, one after the other: joined, PostgreSQL without statistics reads every team's tags.
    found = _by_pk(ImageTag.objects.filter(image=image).values_list("tag", flat=True))
    live = {tag.pk: tag for tag in found if tag.ended_at is None}
    live |= {tag.pk: tag for tag in _by_pk({tag.merged_into_id for tag in found if tag.merged_into_id} - live.keys())}
    return sorted(live.values(), key=lambda tag: tag.key)


def _by_pk(pks: Iterable[uuid.UUID]) -> list[Tag]:
    pks = list(pks)
    return list(Tag.objects.filter(pk__in=pks)) if pks else []


def find_tags(team: Team, asked: Sequence[str]) -> list[Tag | None]:
    """The team's tag of each of these ids or names; None where there is none."""
    ids = {text: pk for text in asked if (pk := read_uuid(text))}
    live = Tag.objects.live().filter(team=team)
    by_id = live.in_bulk(set(ids.values())) if ids else {}
    by_key = {tag.key: tag for tag in live.filter(key__in={name_key(text) for text in asked if "\0" not in text})}
    return [
        by_id.get(ids[text]) if text in ids and ids[text] in by_id else by_key.get(name_key(text)) for text in asked
    ]


def suggest_tags(team: Team, typed: str) -> list[str]:
    """What a text of names with commas may become: its last name completed, those before it as they are."""
    if "\0" in typed:
        return []
    *before, last = SEPARATORS.split(typed[:MAX_TYPED])
    known = {name_key(" ".join(name.split())) for name in before}
    beginning = name_key(" ".join(last.split()))
    found = Tag.objects.live().filter(team=team, key__startswith=beginning).exclude(key__in=known).order_by("key")
    written = "".join(f"{name.strip()}, " for name in before if name.strip())
    return [f"{written}{name}" for name in found.values_list("name", flat=True)[:SUGGESTED]]


_FIND_ANY = CompiledQuery(
    # In the order of its index, or PostgreSQL would look through all teams for the tag of one that has none.
    lambda: Tag.objects.live().filter(team=Parameter("team", Team, "pk")).order_by("key").values_list("pk")[:1]
)


def has_tags(team_id: int) -> bool:
    """Whether the team has any tag."""
    return bool(_FIND_ANY.rows(team=team_id))


def labels_to_find(tags: Iterable[Tag]) -> list[list[str]]:
    """Of each tag the labels by which its pictures are found: while another is merged into it, by that one's too."""
    merging = dict(_merging())
    # The one that was begun first, as each doubles what the index is asked for.
    return [[tag_label(pk) for pk in (tag.pk, merging.get(tag.pk)) if pk] for tag in tags]


def _merging() -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
    """Which tags others are being merged into, the first begun last. Read whole: of all tags those are few."""
    ended = Tag.objects.ended().order_by("-ended_at").values_list("merged_into", "pk")
    return ((into, pk) for into, pk in ended[:MAX_MERGING] if into)
