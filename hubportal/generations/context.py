"""What every page of a team may know of its work."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.generations.cards import count_undecided
from hubportal.teams.permissions import Permission


def undecided(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `undecided`, how many generations wait for this person's decision."""
    membership = getattr(request, "membership", None)
    if membership is None or not membership.has_permission(Permission.SETTLE):
        return {}
    return {"undecided": SimpleLazyObject(lambda: count_undecided(membership))}
