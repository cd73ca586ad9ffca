"""What every page of a team may know of its work."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.generations.cards import count_undecided
from hubportal.teams.access import frame_membership
from hubportal.teams.permissions import Permission


def undecided(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `undecided`, how many generations wait for this person's decision."""

    def count() -> int:
        membership = frame_membership(request)
        return count_undecided(membership) if membership and membership.has_permission(Permission.SETTLE) else 0

    return {"undecided": SimpleLazyObject(count)}
