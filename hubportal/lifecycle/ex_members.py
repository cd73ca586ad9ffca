"""Private pictures of people who left a team: nobody sees them, and an admin may have them deleted.

They are their author's alone. Whoever comes back before that has them again.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Image, Reference, Visibility
from hubportal.generations.states import FINAL
from hubportal.lifecycle.audit_actions import ExMemberAction
from hubportal.teams.audit_actions import MemberAction
from hubportal.teams.models import Membership, Team

DELETE_BATCH_SIZE = 100


@dataclass(frozen=True, slots=True)
class ExMember:
    """Somebody who left private work in a team: pictures, their `bytes`, reference images.

    `left_at` (UTC): when they left, as far as the audit log still knows.
    """

    person: User
    pictures: int
    bytes: int
    references: int
    left_at: datetime | None


def ex_members_with_private_work(team: Team, only: int | None = None) -> list[ExMember]:
    """Everybody who left private pictures or references behind, by name; `only` one of them, by their id.

    Work in flight is not counted yet.
    """
    private = _private_work_of_ex_members(team, only)
    # Added up here: grouped by author, SQLite would walk every team's generations in the order of their authors.
    pictures: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    # Read at once, not by a cursor: for its first rows PostgreSQL would plan otherwise, and read for minutes.
    pictures_left = Image.objects.not_purged().filter(private, team=team).order_by()
    for author, size in pictures_left.values_list("generation__author", "size"):
        pictures[author] += 1
        sizes[author] += size or 0
    references = Counter(Reference.objects.filter(private).order_by().values_list("generation__author", flat=True))
    left_at = _when_they_left(team, pictures.keys() | references.keys())
    found = [
        ExMember(person, pictures[pk], sizes[pk], references[pk], left_at.get(pk))
        for pk, person in User.objects.in_bulk(pictures.keys() | references.keys()).items()
    ]
    return sorted(found, key=lambda one: (one.person.display_name.casefold(), one.person.pk))


def ex_member_with_private_work(team: Team, person: int) -> ExMember | None:
    """The same of one person; None where they left nothing, or are in the team."""
    return next(iter(ex_members_with_private_work(team, person)), None)


def _private_work_of_ex_members(team: Team, only: int | None) -> Q:
    """Pictures and references of private generations that came to an end, by people who are not in the team."""
    private = Q(generation__team=team, generation__visibility=Visibility.PRIVATE, generation__state__in=FINAL)
    return (private & Q(generation__author=only) if only else private) & ~Q(
        generation__author__in=Membership.objects.filter(team=team).values("user")
    )


def _when_they_left(team: Team, people: Iterable[int]) -> dict[int, datetime]:
    """When each of these left or was removed the last time, as far as the audit log still knows."""
    people = set(people)
    went = Q(action=MemberAction.LEFT, by__in=people) | Q(action=MemberAction.REMOVED, about_id__in=map(str, people))
    left_at = {}
    for entry in AuditEntry.objects.filter(went, team=team).order_by("at", "pk"):
        person = entry.by_id if entry.action == MemberAction.LEFT else int(entry.about_id)
        if person is not None:
            left_at[person] = entry.at
    return left_at


def delete_ex_member_pictures(team: Team, person: int, actor: Actor) -> ExMember | None:
    """Delete the private pictures and references of somebody who left: files and rows, not the generations' records.

    Returns what was deleted; None, and nothing is deleted, where there is nothing or they are in the team again.
    Reference files go with the sweep that drops unused ones.

    The transaction decides, and from then on nobody can open the pictures, also if the person comes back. Their files
    go after it, so that nobody waits for the storage, and before their rows: what a crash leaves is found again by
    `delete_marked_pictures`.
    """
    with transaction.atomic():
        team.lock()
        found = ex_member_with_private_work(team, person)
        if found is None:
            return None
        private = _private_work_of_ex_members(team, person)
        Reference.objects.filter(private).delete()
        present = Image.objects.not_purged().filter(private)
        present.filter(original="").delete()
        # Also what is in the bin, which could be restored otherwise.
        present.update(kept_at=None, due_at=None, lease_until=None, binned_at=None, binned_by=None)
        detail = {"pictures": found.pictures, "bytes": found.bytes}
        AuditEntry.objects.record(team, ExMemberAction.PICTURES_DELETED, found.person, actor=actor, **detail)
    delete_marked_pictures()
    return found


def delete_marked_pictures() -> None:
    """Delete pictures that have a file but are not stored any more (`kept_at`): what a deletion decided upon.

    May run twice at once. Raises what the storage raises; the rest stays marked.
    """
    marked = Image.objects.filter(kept_at=None, purged_at=None, due_at=None, binned_at=None).exclude(original="")
    while batch := list(marked.order_by()[:DELETE_BATCH_SIZE]):
        for image in batch:
            image.delete_stored()
        Image.objects.filter(pk__in=[image.pk for image in batch]).delete()
