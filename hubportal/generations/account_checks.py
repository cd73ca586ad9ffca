"""The ledger against what the hub says: of each account while none of its work is on its way, and of generations."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q, Sum

from hubportal.generations.models import Generation, GenerationQuerySet, State
from hubportal.generations.timing import POLL_DEADLINE, QUIET_BEFORE_BALANCE, SEND_DEADLINE
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry
from hubportal.usage.reconciliation import accounts_told_of, reconcile, skip, told_of


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
    if told is None:
        return
    if is_moving(keys, told.at):
        skip(account, told)
        return
    open_work = _open_work(keys)
    reconcile(keys[0].team, account, keys, told, in_doubt=open_work.filter(state=State.UNKNOWN).exists())


def is_moving(keys: Sequence[Key], at: datetime) -> bool:
    """Whether work sent with these keys moved credits shortly before `at`, or has since, or does now.

    Long enough before that clocks which differ a little, and a hub that counts a moment later, make no difference.
    """
    since = at - QUIET_BEFORE_BALANCE
    # An end is at most so long after its beginning; found by the key's index on `sent_at`.
    sent = Generation.objects.filter(key__in=keys, sent_at__gte=since - POLL_DEADLINE - SEND_DEADLINE)
    ended = sent.filter(Q(accepted_at__gte=since) | Q(answered_at__gte=since) | Q(finished_at__gte=since))
    return _open_work(keys).filter(state__in=(State.SENDING, State.RUNNING)).exists() or ended.exists()


def _open_work(keys: Sequence[Key]) -> GenerationQuerySet:
    return Generation.objects.open().filter(team__in={key.team_id for key in keys}, key__in=keys)


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
