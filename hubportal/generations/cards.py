"""What a card shows, and which cards of a page have changed since it drew them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from hubportal.accounts.models import User
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.generations.models import Generation, Image, State
from hubportal.hub.sizes import read_size
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Permission

# A page waits for a few dozen cards at the most; more is somebody playing with the address.
MAX_CARDS = 100
# Cards of the create page.
NEWEST = 12
MAX_UNFINISHED = 24
# New ones that are counted for a page that stays open; more are "20 new".
MAX_NEWS = 20
# Places in a card's slot (interface.md: 1 to 4 pictures are asked for).
MAX_PLACES = 4


_find_newer = CompiledQuery(
    lambda: (
        Generation.objects.visible_in(Parameter("team", Team, "pk"), Parameter("user", User, "pk"))
        .filter(created_at__gt=Parameter("since", Generation, "created_at"))
        .exclude(author=Parameter("user", User, "pk"))
        .newest()
        .select_related("author")
        .only("author")[:MAX_NEWS]
    )
)


@cache
def _by_ids(count: int) -> CompiledQuery[Generation]:
    """So many by their ids, to see whether they changed. By nothing else: a database might prefer a team's index."""
    ids: Any = [Parameter(f"pk{at}", Generation, "pk") for at in range(count)]
    columns = ("version", "team", "author", "visibility")
    return CompiledQuery(lambda: Generation.objects.filter(pk__in=ids).only(*columns))


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture's place: the picture, or the outline (in pixels) of one that is still to come."""

    width: int
    height: int
    image: Image | None = None

    @property
    def kept(self) -> bool:
        return self.image is not None and self.image.is_shown

    @property
    def is_file(self) -> bool:
        return self.image is not None and self.image.is_file


def frames(generation: Generation) -> list[Frame]:
    """A place for each picture that is here or expected."""
    size = read_size(generation.size)
    width, height = (size.width, size.height) if size else (1024, 1024)
    images = generation.present_images
    if not images and generation.is_moving:
        return [Frame(width, height)] * generation.n
    return [Frame(image.width or width, image.height or height, image) for image in images]


def places(generation: Generation) -> int:
    """How many places the slot has: as many as were asked for, from the first moment on, until one is deleted."""
    pictures = max(generation.n, len(generation.images.all())) - len(generation.binned_images)
    return max(min(pictures, MAX_PLACES), 1)


def shape(generation: Generation) -> str:
    """`wide`, `tall` or `square`, as asked for."""
    size = read_size(generation.size)
    if size is None or size.width == size.height:
        return "square"
    return "wide" if size.width > size.height else "tall"


def is_watched(generation: Generation) -> bool:
    """Whether its card may still change by itself: something is under way, or a picture still to be fetched."""
    return generation.is_moving or any(image.due_at is not None for image in generation.images.all())


def cards_of_page(membership: Membership, *, mine: bool = False) -> list[Generation]:
    """What the create page shows: first what is unsettled, then what is under way, then the newest.

    What waits for a person, for the hub or for its bytes never goes out of sight because others made something.
    """
    visible = Generation.objects.visible_to(membership)
    if mine:
        visible = visible.filter(author=membership.user_id)
    unfinished = dict(visible.open().newest().values_list("pk", "state")[:MAX_CARDS])
    to_fetch = Image.objects.to_fetch(membership.team).values_list("generation", flat=True)[:MAX_CARDS]
    first = sorted(unfinished, key=lambda pk: unfinished[pk] != State.UNKNOWN)[:MAX_UNFINISHED]
    on_top = {*first, *to_fetch}
    newest = visible.exclude(pk__in=on_top).newest().values_list("pk", flat=True)[:NEWEST]
    generations = visible.filter(pk__in={*on_top, *newest}).newest().for_cards()
    return sorted(generations, key=lambda one: (one.pk not in on_top, one.state != State.UNKNOWN))


def authors_of_newer(membership: Membership, since: datetime) -> list[User]:
    """Who made what a page that was drawn at `since` doesn't show yet: one entry a generation, the person's own not.

    At most MAX_NEWS.
    """
    newer = _find_newer.all(team=membership.team_id, user=membership.user_id, since=since)
    return [generation.author for generation in newer]


def count_undecided(membership: Membership) -> int:
    """How many generations wait for this person's decision; 100 for more."""
    unknown = Generation.objects.visible_to(membership).open().filter(state=State.UNKNOWN)
    if not membership.has_permission(Permission.RECOVER):
        unknown = unknown.filter(author=membership.user_id)
    return len(unknown.values_list("pk")[:100])


def changed_cards(membership: Membership, shown: Sequence[str]) -> list[Generation]:
    """The generations that differ from what the page shows. Reads alone: a poll writes nothing.

    `shown` holds `<uuid>.<version>` for each card; what can't be read, or may not be seen, is passed over.
    """
    versions = dict(pair for one in shown[:MAX_CARDS] if (pair := read_shown(one)))
    if not versions:
        return []
    found = _by_ids(len(versions)).all(**{f"pk{at}": pk for at, pk in enumerate(versions)})
    changed = [one.pk for one in found if one.is_visible_to(membership) and one.version != versions[one.pk]]
    return list(Generation.objects.filter(pk__in=changed).newest().for_cards()) if changed else []


def read_shown(text: str) -> tuple[uuid.UUID, int] | None:
    pk, _, version = text.partition(".")
    read = read_uuid(pk)
    return (read, int(version)) if read and version.isdecimal() and len(version) < 10 else None


def read_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """A moment as `isoformat` writes it, to the microsecond: what is as old as the newest on a page is on it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
