"""What every page may know of the team it shows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.teams.models import Membership
from hubportal.teams.permissions import Permission


def team(request: HttpRequest) -> dict[str, Any]:
    """`can.<permission>` for the person in this team, and `teams`: their memberships, the last used first."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    membership = getattr(request, "membership", None)
    return {
        "can": {one.value: membership is not None and membership.has_permission(one) for one in Permission},
        "teams": SimpleLazyObject(lambda: list(Membership.objects.of(user))),
    }
