"""A team's credits as every page of it may show them: left at the hub, and reserved here."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.keys.models import Key
from hubportal.teams.access import frame_membership
from hubportal.teams.models import Team
from hubportal.usage.budget_check import first_of_month
from hubportal.usage.models import Budget, MonthlyTotal, Reservation, Scope
from hubportal.usage.models.reservations import reserved_in_team
from hubportal.usage.models.totals import SPENT


@dataclass(frozen=True, slots=True)
class Credits:
    """What the keys that new work may be sent with have together, of which `reserved` credits are promised already.

    A key with a hard budget counts for what that lets be spent this month, where its account has more.

    left        None where the hub has told of none of them; a key it has not told of counts for nothing
    largest     the most that one of them has: one order is paid with one key. None where one may have any number
    checked_at  when that one was checked whose check is the longest ago
    expires_at  when the next credits expire
    keys        their names, in the order in which they are used
    first_left  what the first of them has, as far as the hub has told
    at_hub      what they have together at the hub, whatever their budgets
    key_ids     their ids, in the same order
    """

    left: int | None
    reserved: int
    checked_at: datetime | None
    expires_at: datetime | None = None
    largest: int | None = None
    keys: tuple[str, ...] = ()
    first_left: int | None = None
    at_hub: int | None = None
    key_ids: tuple[uuid.UUID, ...] = ()

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


def with_credits(keys: QuerySet[Key]) -> QuerySet[Any]:
    """These keys of the Parameter `team`, with all that `credits_of` asks of them.

    reserved           in the whole team; added up once
    cap                of the key's hard budget, None without one: only with one the database looks for the next two
    spent_of_cap       with the key, in the Parameter `month`
    reserved_of_cap    on the key
    """
    of_team, of_key = {"team": Parameter("team", Team, "pk")}, {"key": OuterRef("pk")}
    caps = Budget.objects.filter(**of_key, scope=Scope.KEY, is_hard=True).values("credits")
    month = MonthlyTotal.objects.filter(**of_team, **of_key, month=Parameter("month", MonthlyTotal))
    reserved = Reservation.objects.filter(**of_team, **of_key)
    found: QuerySet[Any] = keys.filter(**of_team).annotate(
        reserved=Subquery(reserved_in_team()), cap=Subquery(caps, output_field=IntegerField())
    )
    sums: dict[str, Any] = {
        "spent_of_cap": _if_capped(month.values("key").annotate(sum=Sum(SPENT)).values("sum")),
        "reserved_of_cap": _if_capped(reserved.values("key").annotate(sum=Sum("credits")).values("sum")),
    }
    capped: QuerySet[Any] = found.annotate(**sums)
    return capped


def _if_capped(sums: QuerySet[Any, Any]) -> Case:
    added = Coalesce(Subquery(sums, output_field=IntegerField()), 0)
    return Case(When(cap__isnull=False, then=added), default=0, output_field=IntegerField())


_FIND_KEYS = CompiledQuery(lambda: with_credits(Key.objects.usable()))


def credits_of(team: Team, *, keys: Iterable[Any] | None = None) -> Credits:
    """What the team has; `keys` are all of its own, `with_credits`, where the caller has them."""
    if keys is None:
        keys = _FIND_KEYS.all(team=team.pk, month=first_of_month(team))
    keys = [key for key in keys if key.is_usable]
    # Keys of one account have the same credits, once.
    accounts = {key.account or key.pk: key.balance for key in keys if key.balance is not None}
    largest = [_largest(key) for key in keys]
    known = [credits for credits in largest if credits is not None]
    return Credits(
        left=_left(keys, accounts) if accounts else None,
        reserved=(keys[0].reserved or 0) if keys else Reservation.objects.reserved_credits(team),
        checked_at=min((key.balance_at for key in keys if key.balance_at), default=None),
        expires_at=min((key.next_expiration for key in keys if key.next_expiration), default=None),
        largest=max(known) if known and len(known) == len(keys) else None,
        keys=tuple(str(key) for key in keys),
        first_left=keys[0].balance if keys else None,
        at_hub=sum(accounts.values()) if accounts else None,
        key_ids=tuple(key.pk for key in keys),
    )


def _left(keys: list[Any], accounts: dict[uuid.UUID, int]) -> int:
    """What all accounts have together, each no more than its keys may take of it."""
    takes = dict.fromkeys(accounts, 0)
    for key in keys:
        if key.balance is not None:
            takes[key.account or key.pk] += _counted(key)
    return sum(min(balance, takes[account]) for account, balance in accounts.items())


def _counted(key: Any) -> int:
    """What a key has: of its balance no more than its budget had left before what is reserved."""
    balance: int = key.balance
    return balance if key.cap is None else min(balance, max(key.cap - key.spent_of_cap, 0))


def _largest(key: Any) -> int | None:
    """The most that one order with this key may cost; None where nobody knows."""
    room = None if key.cap is None else max(key.cap - key.spent_of_cap - key.reserved_of_cap, 0)
    return min((credits for credits in (key.balance, room) if credits is not None), default=None)


def credits_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `credits` of the team that the page or its bar is about."""

    def find() -> Credits | None:
        frame = frame_membership(request)
        team = getattr(request, "team", None) or (frame and frame.team)
        return credits_of(team) if team else None

    return {"credits": SimpleLazyObject(find)}
