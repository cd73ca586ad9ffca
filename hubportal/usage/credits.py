"""A team's credits as every page of it may show them: left at the hub, and reserved here."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.keys.models import Key
from hubportal.teams.access import frame_membership
from hubportal.teams.models import Team
from hubportal.usage.models import Reservation


@dataclass(frozen=True, slots=True)
class Credits:
    """What the keys that new work may be sent with have together, of which `reserved` credits are promised already.

    left        None where the hub has told of none of them; a key it has not told of counts for nothing
    largest     the most that one of them has: one order is paid with one key. None where one may have any number
    checked_at  when that one was checked whose check is the longest ago
    expires_at  when the next credits expire
    keys        their names, in the order in which they are used
    first_left  what the first of them has, as far as the hub has told
    """

    left: int | None
    reserved: int
    checked_at: datetime | None
    expires_at: datetime | None = None
    largest: int | None = None
    keys: tuple[str, ...] = ()
    first_left: int | None = None

    @property
    def free(self) -> int | None:
        """What one more order may cost. None: nobody can tell."""
        return None if self.left is None or self.largest is None else min(self.left - self.reserved, self.largest)

    @property
    def is_split(self) -> bool:
        """Whether there is more than one order can cost, since no key alone has it."""
        return self.left is not None and self.free is not None and self.free < self.left - self.reserved

    def with_reserved(self, credits: int) -> "Credits":
        """The same after so many more were promised."""
        return replace(self, reserved=self.reserved + credits)


_FIND_KEYS = CompiledQuery(lambda: Key.objects.usable().filter(team=Parameter("team", Team, "pk")))


def credits_of(team: Team) -> Credits:
    keys = _FIND_KEYS.all(team=team.pk)
    balances = [key.balance for key in keys if key.balance is not None]
    # Keys of one account have the same credits, once.
    accounts = {key.account or key.pk: key.balance for key in keys if key.balance is not None}
    return Credits(
        left=sum(accounts.values()) if accounts else None,
        reserved=Reservation.objects.reserved_credits(team),
        checked_at=min((key.balance_at for key in keys if key.balance_at), default=None),
        expires_at=min((key.next_expiration for key in keys if key.next_expiration), default=None),
        largest=max(balances) if balances and len(balances) == len(keys) else None,
        keys=tuple(str(key) for key in keys),
        first_left=keys[0].balance if keys else None,
    )


def credits_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `credits` of the team that the page or its bar is about."""

    def find() -> Credits | None:
        frame = frame_membership(request)
        team = getattr(request, "team", None) or (frame and frame.team)
        return credits_of(team) if team else None

    return {"credits": SimpleLazyObject(find)}
