"""A team's credits as every page of it may show them: left at the hub, and reserved here."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import Reservation


@dataclass(frozen=True, slots=True)
class Credits:
    """Credits left on the default key as heard at `checked_at`, of which `reserved` are promised already.

    `expires_at`: when the next of them expire. `key`: the name of that key, "" where none works.
    """

    left: int | None
    reserved: int
    checked_at: datetime | None
    expires_at: datetime | None = None
    key: str = ""

    @property
    def free(self) -> int | None:
        return None if self.left is None else self.left - self.reserved

    def with_reserved(self, credits: int) -> "Credits":
        """The same after so many more were promised."""
        return replace(self, reserved=self.reserved + credits)


def credits_of(team: Team) -> Credits:
    key = Key.objects.usable().filter(team=team).first()
    return Credits(
        left=key.balance if key else None,
        reserved=Reservation.objects.reserved_credits(team),
        checked_at=key.balance_at if key else None,
        expires_at=key.next_expiration if key else None,
        key=str(key or ""),
    )


def credits_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `credits` on pages of a team: left, reserved, and when it was heard."""
    team = getattr(request, "team", None)
    return {"credits": SimpleLazyObject(lambda: credits_of(team))} if team else {}
