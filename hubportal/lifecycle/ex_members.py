"""Private pictures of people who left a team: nobody sees them, and an admin may have them deleted.

They are their author's alone. Whoever comes back before that has them again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from hubportal.accounts.models import User
from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Image, Reference, Visibility
from hubportal.generations.states import FINAL
from hubportal.teams.audit_actions import MemberAction
from hubportal.teams.models import Membership, Team


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What somebody left in a team: pictures, their `bytes`, reference images. `since`: when they left, if known."""

    person: User
    pictures: int
    bytes: int
    references: int
    since: datetime | None


def left_behind(team: Team) -> list[LeftBehind]:
    """Everybody who left private pictures or references behind, by name. Work in flight is not counted yet."""
    images = Image.objects.filter(_departed(team))
    pictures = _by_author(images, Count("pk"))
    sizes = _by_author(images, Sum("size", default=0))
    references = _by_author(Reference.objects.filter(_departed(team)), Count("pk"))
    since = _left_at(team, pictures.keys() | references.keys())
    left = [
        LeftBehind(person, pictures.get(pk, 0), sizes.get(pk, 0), references.get(pk, 0), since[pk])
        for pk, person in User.objects.in_bulk(since).items()
    ]
    return sorted(left, key=lambda one: (one.person.display_name.casefold(), one.person.pk))


def left_behind_by(team: Team, person: int) -> LeftBehind | None:
    """The same of one person, by their id; None where they left nothing, or are in the team."""
    return next((left for left in left_behind(team) if left.person.pk == person), None)


def _departed(team: Team) -> Q:
    """Pictures and references of private generations that came to an end, by people who are not in the team."""
    return Q(generation__team=team, generation__visibility=Visibility.PRIVATE, generation__state__in=FINAL) & ~Q(
        generation__author__in=Membership.objects.filter(team=team).values("user")
    )


def _by_author(rows: QuerySet[Any], sum_: Any) -> dict[int, int]:
    return dict(rows.order_by().values_list("generation__author").annotate(sum=sum_))


def _left_at(team: Team, people: set[int]) -> dict[int, datetime | None]:
    """When each of these left or was removed, as far as the audit trail still knows."""
    went = Q(action=MemberAction.LEFT, by__in=people) | Q(action=MemberAction.REMOVED, about_id__in=map(str, people))
    since: dict[int, datetime | None] = dict.fromkeys(people)
    for entry in AuditEntry.objects.filter(went, team=team).order_by("at", "pk"):
        person = entry.by_id if entry.action == MemberAction.LEFT else int(entry.about_id)
        since[person or 0] = entry.at
    return since


@transaction.atomic
def delete_left_behind(team: Team, person: int) -> LeftBehind | None:
    """Delete what somebody left behind: files and rows of pictures and references, not the generation's record.

    None, and nothing deleted, where there is nothing or they are in the team again. A file is removed before the row
    that knows of it: what a crash leaves is listed still. Reference files go with the sweep that drops unused ones.
    """
    team.lock()
    found = left_behind_by(team, person)
    if found is None:
        return None
    pictures = Image.objects.filter(_departed(team), generation__author=person)
    for image in pictures.iterator():
        for file in (image.original, image.thumb):
            if file:
                file.delete(save=False)
    pictures.delete()
    Reference.objects.filter(_departed(team), generation__author=person).delete()
    return found
