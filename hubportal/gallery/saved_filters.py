"""Saving what the gallery was asked for under a name, and forgetting it."""

import uuid
from typing import Final

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from hubportal.gallery.filters import GalleryFilterForm
from hubportal.gallery.models import SavedFilter
from hubportal.gallery.models.saved_filter import MAX_NAME_LENGTH
from hubportal.gallery.names import clean_name, name_key
from hubportal.teams.models import Membership

MAX_OF_A_PERSON: Final = 100
# Of an address: eight words, a few names, and what there is to choose from.
MAX_QUERY_LENGTH: Final = 3000


class NothingAsked(Exception):
    """The address narrows the gallery by nothing, or by what makes no sense."""


class TooManyFilters(Exception):
    """The person has as many as there may be (MAX_OF_A_PERSON)."""


@transaction.atomic
def save_filter(membership: Membership, name: str, query: str) -> SavedFilter:
    """Save what an address asks of the gallery; under a name of theirs that there is, in its place.

    Raises ValidationError for what can be no name, NothingAsked and TooManyFilters.
    """
    name = clean_name(name, MAX_NAME_LENGTH)
    form = filters_of(membership, query)
    if not form.is_valid() or not form.chosen:
        raise NothingAsked
    own = SavedFilter.objects.of(membership)
    saved, is_new = SavedFilter.objects.update_or_create(
        person_id=membership.user_id,
        team_id=membership.team_id,
        key=name_key(name),
        defaults={"name": name, "query": form.filters_address(), "saved_at": timezone.now()},
    )
    if is_new and own.count() > MAX_OF_A_PERSON:
        raise TooManyFilters
    return saved


def forget_filter(membership: Membership, pk: uuid.UUID) -> bool:
    """Forget one of this person's. False when there is none (any more)."""
    deleted, _rows = SavedFilter.objects.of(membership).filter(pk=pk).delete()
    return bool(deleted)


def filters_of(membership: Membership, query: str) -> GalleryFilterForm:
    """The gallery's filters as an address says them; one that is too long says nothing."""
    return GalleryFilterForm(
        membership, (), QueryDict(query.removeprefix("?") if len(query) <= MAX_QUERY_LENGTH else "")
    )
