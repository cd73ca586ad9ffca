"""What every page may know of the team it shows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.teams.models import Membership
from hubportal.teams.roles import Act


def team(request: HttpRequest) -> dict[str, Any]:
    """`may.<act>` for the person in this team, and `teams`: their memberships, the last used first."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    membership = getattr(request, "membership", None)
    return {
        "may": {act.value: membership is not None and membership.may(act) for act in Act},
        "teams": SimpleLazyObject(lambda: list(Membership.objects.of(user))),
    }
