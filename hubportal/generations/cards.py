"""What a card shows, and which cards of a page have changed since it drew them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from hubportal.accounts.models import User
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.generations.models import Generation, GenerationQuerySet, Image, State
from hubportal.generations.models.search import GENERATIONS, author_fact
from hubportal.hub.sizes import read_size
from hubportal.listing.fragments import age_key, find_fragments, fragment_key, reader_key
from hubportal.listing.search.query import Fact, Search
from hubportal.listing.search.rows import FoundRows
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


@dataclass(slots=True)
class Card:
    """A generation's place in a list: with its part of the page as rendered before (`html`), or with all that it shows.

    `row` knows what decides about its place alone. `key` is what that part depends on; "" where a clock runs in it, or
    a form is in it.
    """

    row: Generation
    key: str
    html: str = ""
    generation: Generation | None = None


def cards_of_page(membership: Membership, models_key: str, *, mine: bool = False) -> list[Card]:
    """What the create page shows: first what is unsettled, then what is under way, then the newest.

    What waits for a person, for the hub or for its bytes never goes out of sight because others made something.
    `models_key` is ModelOptions.key, since a card names its model.
    """
    who = {"team": membership.team_id, "user": membership.user_id}
    unfinished = sorted(_rows_open(mine).all(**who), key=_is_undoubted)[:MAX_UNFINISHED]
    to_fetch = {image.generation_id for image in _FIND_TO_FETCH.all(team=membership.team_id)}
    on_top = {*(row.pk for row in unfinished), *to_fetch}
    # In steps, so that there are few queries to compile.
    newest = _newest_rows(membership, NEWEST * (1 + -(-len(on_top) // NEWEST)), mine=mine)
    others = [row for row in newest if row.pk not in on_top][:NEWEST]
    rows = {row.pk: row for row in (*_visible_rows(membership, list(to_fetch), mine=mine), *unfinished, *others)}
    ordered = sorted(rows.values(), key=lambda row: (row.created_at, row.pk), reverse=True)
    ordered.sort(key=lambda row: (row.pk not in on_top, _is_undoubted(row)))
    labels = _labels_of([row.pk for row in ordered])
    keys = ("" if row.pk in to_fetch else _card_key(row, membership, models_key, labels.get(row.pk)) for row in ordered)
    return fill("card", [Card(row, key) for row, key in zip(ordered, keys, strict=True)])


def _is_undoubted(row: Generation) -> bool:
    return row.state != State.UNKNOWN


def _card_key(row: Generation, membership: Membership, models_key: str, labels: str | None) -> str:
    """`labels` of its pictures: what they mean may differ from reader to reader, and most have none."""
    if row.state != State.SUCCEEDED:
        return ""
    labelled = (labels, membership.user_id) if labels else ()
    author = "" if row.author_id == membership.user_id else row.author.display_name
    return fragment_key(
        *(row.pk, row.version, author, membership.role, membership.team.slug),
        *(models_key, age_key(row.created_at), reader_key()),
        *labelled,
    )


def _labels_of(pks: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The labels of these generations' pictures, of those that have any."""
    if not pks:
        return {}
    found = _labels_by_ids(len(pks)).rows(**{f"pk{at}": pk for at, pk in enumerate(pks)})
    labels: dict[uuid.UUID, str] = {}
    for generation, words in found:
        labels[generation] = f"{labels.get(generation, '')} {words}"
    return labels


def fill(name: str, cards: list[Card]) -> list[Card]:
    """The cards, each with its HTML where that is kept under `name`; all the others' generations are read together."""
    kept = find_fragments(name, [card.key for card in cards])
    for card in cards:
        card.html = kept.get(card.key, "")
    missing = [card.row.pk for card in cards if not card.html]
    whole = Generation.objects.filter(pk__in=missing).for_cards().in_bulk() if missing else {}
    for card in cards:
        card.generation = whole.get(card.row.pk)
    # One that was deleted with its team meanwhile is neither.
    return [card for card in cards if card.html or card.generation]


# Compiled queries of the pages and polls that everybody has open ----------------------------------------------------


def _visible() -> GenerationQuerySet:
    return Generation.objects.visible_in(Parameter("team", Team, "pk"), Parameter("user", User, "pk"))


def _of_reader(mine: bool) -> GenerationQuerySet:
    return _visible().filter(author=Parameter("user", User, "pk")) if mine else _visible()


def _as_rows(found: GenerationQuerySet) -> GenerationQuerySet:
    columns = ("version", "team", "state", "visibility", "created_at", "author__name", "author__email")
    return found.newest().select_related("author").only(*columns)


@cache
def _rows_open(mine: bool) -> CompiledQuery[Generation]:
    return CompiledQuery(lambda: _as_rows(_of_reader(mine).open())[:MAX_CARDS])


# By the team alone, in the order of its index: with more to go by PostgreSQL, without statistics, reads the whole team.
@cache
def _rows_newest(limit: int) -> CompiledQuery[Generation]:
    return CompiledQuery(lambda: _as_rows(Generation.objects.filter(team=Parameter("team", Team, "pk")))[:limit])


# By ids and nothing else: for a few of them a database might prefer the index of a team.
@cache
def _rows_by_ids(count: int) -> CompiledQuery[Generation]:
    ids: Any = [Parameter(f"pk{at}", Generation, "pk") for at in range(count)]
    return CompiledQuery(lambda: _as_rows(Generation.objects.filter(pk__in=ids)))


@cache
def _versions_by_ids(count: int) -> CompiledQuery[Generation]:
    ids: Any = [Parameter(f"pk{at}", Generation, "pk") for at in range(count)]
    return CompiledQuery(lambda: Generation.objects.filter(pk__in=ids).values_list("pk", "version"))


@cache
def _labels_by_ids(count: int) -> CompiledQuery[Image]:
    ids: Any = [Parameter(f"pk{at}", Generation, "pk") for at in range(count)]
    labelled = Image.objects.exclude(labels="").order_by("generation", "position")
    return CompiledQuery(lambda: labelled.filter(generation__pk__in=ids).values_list("generation", "labels"))


@cache
def _count_undecided(mine: bool) -> CompiledQuery[Generation]:
    return CompiledQuery(lambda: _of_reader(mine).open().filter(state=State.UNKNOWN).values_list("pk")[:100])


_FIND_TO_FETCH = CompiledQuery(
    lambda: Image.objects.to_fetch(Parameter("team", Team, "pk")).only("generation")[:MAX_CARDS]
)
_FIND_NEWER = CompiledQuery(
    lambda: (
        _visible()
        .filter(created_at__gt=Parameter("since", Generation, "created_at"))
        .exclude(author=Parameter("user", User, "pk"))
        .newest()
        .select_related("author")
        .only("author")[:MAX_NEWS]
    )
)


def _newest_rows(membership: Membership, limit: int, *, mine: bool) -> list[Generation]:
    """The newest that this person sees, or made: `limit` of them or, where others' private ones are among them, less.

    From the search index where those are so many that a page would not be full, and for one person's own.
    """
    if not mine:
        rows = _rows_newest(limit).all(team=membership.team_id)
        seen = [row for row in rows if row.is_visible_to(membership)]
        if len(seen) >= NEWEST or len(rows) < limit:
            return seen
    own = [[Fact(author_fact(membership.user_id))]] if mine else []
    search = Search(GENERATIONS, membership.team_id, membership.user_id, "", own)
    return FoundRows(Generation.objects.for_history(), search).older(None, limit)


def _visible_rows(membership: Membership, pks: list[uuid.UUID], *, mine: bool) -> list[Generation]:
    if not pks:
        return []
    rows = _rows_by_ids(len(pks)).all(**{f"pk{at}": pk for at, pk in enumerate(pks)})
    seen = [row for row in rows if row.is_visible_to(membership)]
    return [row for row in seen if row.author_id == membership.user_id] if mine else seen


def authors_of_newer(membership: Membership, since: datetime) -> list[User]:
    """Who made what a page that was drawn at `since` doesn't show yet: one entry a generation, the person's own not.

    At most MAX_NEWS.
    """
    newer = _FIND_NEWER.all(team=membership.team_id, user=membership.user_id, since=since)
    return [generation.author for generation in newer]


def count_undecided(membership: Membership) -> int:
    """How many generations wait for this person's decision; 100 for more."""
    find = _count_undecided(not membership.has_permission(Permission.RECOVER))
    return len(find.rows(team=membership.team_id, user=membership.user_id))


def changed_cards(membership: Membership, shown: Sequence[str]) -> list[Generation]:
    """The generations that differ from what the page shows. Reads alone: a poll writes nothing.

    `shown` holds `<uuid>.<version>` for each card; what can't be read, or may not be seen, is passed over.
    """
    versions = dict(pair for one in shown[:MAX_CARDS] if (pair := read_shown(one)))
    if not versions:
        return []
    found = _versions_by_ids(len(versions)).rows(**{f"pk{at}": pk for at, pk in enumerate(versions)})
    changed = [pk for pk, version in found if version != versions[pk]]
    if not changed:
        return []
    return list(Generation.objects.visible_to(membership).filter(pk__in=changed).newest().for_cards())


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
