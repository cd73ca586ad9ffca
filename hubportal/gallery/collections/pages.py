"""What the pages of collections show: the team's collections with their covers, and the pictures of one in order.

A page of pictures is read by the collection's own order, and what is true of each is looked at then: a collection keeps
what was deleted, until its file goes, and what its author made private. Nobody else sees either.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.gallery.models import Collection, CollectionImage
from hubportal.gallery.models.collection import collection_label
from hubportal.gallery.names import name_key
from hubportal.gallery.tags.tagging import SUGGESTED
from hubportal.generations.cards import read_uuid
from hubportal.generations.models import Image
from hubportal.generations.models.search import IMAGES
from hubportal.listing.search.query import Fact, Search
from hubportal.listing.search.rows import Count, FoundRows
from hubportal.teams.models import Membership, Team

PAGE_SIZE = 60
# How many more are read than a page has, for those that are not shown.
SPARE = 12
COUNT_TO = 1000


def is_shown_to(image: Image | None, membership: Membership) -> bool:
    """Whether this person sees the picture; it comes with its generation."""
    return image is not None and image.is_shown and image.generation.is_visible_to(membership)


_FIND_ANY = CompiledQuery(
    # In the order of its index, as tags.has_tags.
    lambda: Collection.objects.live().filter(team=Parameter("team", Team, "pk")).order_by("key").values_list("pk")[:1]
)


def has_collections(team_id: int) -> bool:
    """Whether the team has any collection."""
    return bool(_FIND_ANY.rows(team=team_id))


def find_collection(team: Team, asked: str) -> Collection | None:
    """The team's collection of this id or name; None where there is none."""
    live = Collection.objects.live().filter(team=team)
    pk = read_uuid(asked)
    found = live.filter(pk=pk).first() if pk else None
    key = name_key(" ".join(asked.split()))
    return found or (None if "\0" in key else live.filter(key=key).first())


def suggest_collections(team: Team, typed: str) -> list[str]:
    """Names of collections that begin as somebody typed."""
    key = name_key(" ".join(typed.split()))
    if "\0" in key:
        return []
    found = Collection.objects.live().filter(team=team, key__startswith=key).order_by("key")
    return list(found.values_list("name", flat=True)[:SUGGESTED])


def collections_with(image: Image) -> list[Collection]:
    """The collections that a picture is in, by name."""
    # By keys, one after the other, as tags.tags_on.
    pks = list(CollectionImage.objects.filter(image=image).values_list("collection", flat=True))
    found = Collection.objects.filter(pk__in=pks) if pks else []
    return sorted((one for one in found if one.ended_at is None), key=lambda collection: collection.key)


def count_pictures(collection: Collection, membership: Membership) -> Count:
    """How many pictures of it this person sees, counted up to COUNT_TO + 1."""
    facts = [[Fact(collection_label(collection.pk))]]
    search = Search(IMAGES, membership.team_id, membership.user_id, "", facts)
    return FoundRows(Image.objects.for_gallery(), search).count(COUNT_TO + 1)


@dataclass(frozen=True, slots=True)
class Arranged:
    """A picture and those beside it, as ids; None at either end."""

    image: Image
    previous: object | None
    next: object | None


@dataclass
class CollectionPage:
    """Some pictures of a collection, as far as this person sees them, from the position that the address says.

    `after` and `before` are positions: what stands behind the one, or before the other.
    """

    collection: Collection
    membership: Membership
    after: int | None = None
    before: int | None = None
    earlier: str = field(init=False, default="")
    later: str = field(init=False, default="")
    _bounds: tuple[int, int] = field(init=False, default=(0, 0))

    @cached_property
    def items(self) -> list[Image]:
        """The pictures in order. `earlier` and `later`, the addresses of the pages beside it, are known with them."""
        backwards = self.after is None and self.before is not None
        found = self._read(PAGE_SIZE + 1, self.before if backwards else self.after, backwards=backwards)
        more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
        if backwards:
            found.reverse()
        if not found:
            return []
        self._bounds = (found[0][0], found[-1][0])
        self.earlier = f"before={found[0][0]}" if (more if backwards else self.after is not None) else ""
        self.later = f"after={found[-1][0]}" if (True if backwards else more) else ""
        return [image for _position, image in found]

    def arranged(self) -> list[Arranged]:
        """The same with those beside each, also where they are on another page."""
        if not self.items:
            return []
        first, last = self._bounds
        before = self._read(1, first, backwards=True) if self.earlier else []
        behind = self._read(1, last, backwards=False) if self.later else []
        shown: list[object] = [image.pk for image in self.items]
        previous = [before[0][1].pk if before else None, *shown[:-1]]
        following = [*shown[1:], behind[0][1].pk if behind else None]
        return [Arranged(*one) for one in zip(self.items, previous, following, strict=True)]

    def _read(self, wanted: int, start: int | None, *, backwards: bool) -> list[tuple[int, Image]]:
        """The next pictures that are shown, with their positions. Others are passed over, some at a time."""
        found: list[tuple[int, Image]] = []
        while True:
            rows = CollectionImage.objects.filter(collection=self.collection)
            if start is not None:
                rows = rows.filter(position__lt=start) if backwards else rows.filter(position__gt=start)
            ordered = rows.order_by("-position" if backwards else "position")
            batch = list(ordered.values_list("position", "image")[: wanted + SPARE])
            found += self._shown(batch)
            if len(batch) < wanted + SPARE or len(found) >= wanted:
                return found[:wanted]
            start = batch[-1][0]

    def _shown(self, batch: Sequence[tuple[int, object]]) -> list[tuple[int, Image]]:
        # By their keys alone: with the team beside them, SQLite would take the team's index and read all of it.
        related = Image.objects.select_related("generation__author")
        images = related.order_by().in_bulk([pk for _position, pk in batch])
        return [(position, images[pk]) for position, pk in batch if is_shown_to(images.get(pk), self.membership)]
