"""The ledger against what the hub says: of each account while none of its work is on its way, and of generations."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q, Sum

from hubportal.generations.models import Generation, State
from hubportal.generations.timing import POLL_DEADLINE, QUIET_BEFORE_BALANCE, SEND_DEADLINE
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry
from hubportal.usage.reconciliation import accounts_told_of, reconcile, told_of

# What the hub may take or give back credits for without our knowing.
_MOVING_CREDITS = (State.SENDING, State.RUNNING, State.UNKNOWN)


def anything_to_compare() -> bool:
    """Whether the hub told a balance that was not compared yet."""
    return accounts_told_of().exists()


def reconcile_accounts() -> None:
    """Compare every account of which the hub has told since with the ledger."""
    for team_id, account in accounts_told_of():
        reconcile_account(team_id, account)


def reconcile_account(team_id: int, account: uuid.UUID) -> None:
    keys = list(Key.objects.filter(team=team_id, account=account).select_related("team"))
    told = told_of(keys)
    if told is not None:
        reconcile(keys[0].team, account, keys, told, is_quiet=is_quiet(keys, told.at))


def is_quiet(keys: Sequence[Key], at: datetime) -> bool:
    """Whether nothing sent with these keys moved credits shortly before `at`, or has since, or still may.

    Long enough before that clocks which differ a little, and a hub that counts a moment later, make no difference.
    """
    since = at - QUIET_BEFORE_BALANCE
    teams = {key.team_id for key in keys}
    moving = Generation.objects.filter(team__in=teams, finished_at=None, key__in=keys, state__in=_MOVING_CREDITS)
    # An end is at most so long after its beginning; found by the key's index on `sent_at`.
    sent = Generation.objects.filter(key__in=keys, sent_at__gte=since - POLL_DEADLINE - SEND_DEADLINE)
    ended = sent.filter(Q(accepted_at__gte=since) | Q(answered_at__gte=since) | Q(finished_at__gte=since))
    return not moving.exists() and not ended.exists()


def teams_whose_costs_differ() -> list[Team]:
    """Teams whose generations cost other credits, as the hub said, than the ledger has for them.

    Teams whose time is up are left out: what is left of them goes bit by bit.
    """
    costs = Generation.objects.filter(charged__isnull=False).order_by().values_list("team")
    cost = dict(costs.annotate(credits=Sum(F("charged") - F("returned"))))
    entries = LedgerEntry.objects.of_generations().order_by().values_list("team")
    booked = dict(entries.annotate(Sum("credits")))
    differing = [team for team in cost.keys() | booked if cost.get(team, 0) != booked.get(team, 0)]
    over = Team.objects.past_grace().order_by().values("pk")
    return list(Team.objects.filter(pk__in=differing).exclude(pk__in=over).order_by("slug"))
