"""Choosing pictures: by ids, or all that the gallery's filters find; and reading what was chosen, page by page."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.http import QueryDict

from hubportal.gallery.filters import GalleryFilterForm
from hubportal.gallery.models import Selection
from hubportal.gallery.queries import stored_pictures, visible_pictures
from hubportal.generations.models import Image
from hubportal.listing.search.rows import Count, FoundRows, Place, Rows, TableRows
from hubportal.teams.models import Membership

READ_BATCH_SIZE = 500
# What an act on a picture asks of it.
RELATED = ("team", "generation__author", "generation__project", "generation__team")


class NothingSelected(Exception):
    """No picture was named."""


class NotFound(Exception):
    """A picture that is not there, or not for this person to see."""


class SelectionVoid(Exception):
    """What it was asked by makes no sense any more: a person or a project in it has gone. It must not mean more."""


def select_pictures(membership: Membership, pks: Iterable[uuid.UUID]) -> Selection:
    """Choose these. Raises NothingSelected, and NotFound where one was never this person's to see.

    What was deleted meanwhile is left out.
    """
    chosen = set(pks)
    if not chosen:
        raise NothingSelected
    _check_visible(membership, chosen)
    return Selection.objects.create(
        team=membership.team, person=membership.user, is_all=False, pictures=sorted(map(str, chosen))
    )


def select_all(membership: Membership, query: str) -> Selection:
    """Choose all that the gallery shows at this address. Raises SelectionVoid where it makes no sense."""
    form = _form(membership, query)
    if not form.is_valid():
        raise SelectionVoid
    return Selection.objects.create(
        team=membership.team, person=membership.user, is_all=True, query=form.filters_address()
    )


def find_selection(membership: Membership, text: str | uuid.UUID) -> Selection | None:
    """This person's selection in this team by its id; None for anybody else's, an expired one, or no id at all."""
    try:
        pk = text if isinstance(text, uuid.UUID) else uuid.UUID(text)
    except ValueError:
        return None
    return Selection.objects.of(membership).filter(pk=pk).first()


def exclude_pictures(selection: Selection, membership: Membership, pks: Iterable[uuid.UUID], *, back: bool) -> None:
    """Take pictures out of all that were found, or put them `back`. Raises NotFound, TooManyExcluded."""
    chosen = set(pks)
    _check_visible(membership, chosen)
    (selection.include if back else selection.exclude)(chosen)


def _check_visible(membership: Membership, pks: set[uuid.UUID]) -> None:
    if visible_pictures(membership).filter(pk__in=pks).count() < len(pks):
        raise NotFound


def _form(membership: Membership, query: str) -> GalleryFilterForm:
    return GalleryFilterForm(membership, (), QueryDict(query.removeprefix("?")))


@dataclass(frozen=True, slots=True)
class Selected:
    """The pictures of a selection that are there now and that the person may see, newest first."""

    rows: Rows[Image]
    excluded: frozenset[str]

    @classmethod
    def of(cls, selection: Selection, membership: Membership) -> "Selected":
        """Raises SelectionVoid."""
        if not selection.is_all:
            chosen = stored_pictures(membership).filter(pk__in=selection.pictures)
            return cls(TableRows(chosen.select_related(*RELATED)), frozenset())
        form = _form(membership, selection.query)
        if not form.is_valid():
            raise SelectionVoid
        found = form.pictures()
        before = min(filter(None, (found.search.before, selection.made_at)))
        rows = FoundRows(Image.objects.select_related(*RELATED), replace(found.search, before=before))
        return cls(rows, frozenset(selection.excluded))

    def after(self, place: Place | None, limit: int) -> list[Image]:
        """The next `limit` that are not taken out; fewer only at the end."""
        found: list[Image] = []
        while len(found) < limit:
            batch = self.rows.older(place, limit)
            found += [image for image in batch if str(image.pk) not in self.excluded]
            if len(batch) < limit:
                break
            place = Place(batch[-1].created_at, batch[-1].pk)
        return found[:limit]

    def __iter__(self) -> Iterator[Image]:
        place: Place | None = None
        while batch := self.after(place, READ_BATCH_SIZE):
            yield from batch
            if len(batch) < READ_BATCH_SIZE:
                return
            place = Place(batch[-1].created_at, batch[-1].pk)

    def count(self, limit: int) -> Count:
        """How many there are, counted up to `limit`."""
        found = self.rows.count(limit + len(self.excluded))
        return Count(max(found.number - len(self.excluded), 0), is_whole=found.is_whole)
