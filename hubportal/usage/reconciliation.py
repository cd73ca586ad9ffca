"""The ledger against the hub's own balance: what no work of ours explains is written down, with when it happened.

From one look to the next, the balance of an account falls by the sum of its entries; what is over or missing moved at
the hub without passing here. It is booked only while nothing of the account's is on its way: before that nobody can
tell it from a charge or a refund that this site has not heard of yet. generations/account_checks.py says when.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.audit_actions import UsageAction
from hubportal.usage.models import AccountBalance, EntryKind, LedgerEntry


@dataclass(frozen=True, slots=True)
class Told:
    """What the hub said of an account: credits, with which key it was asked, when (UTC), and when some expire."""

    key: Key
    credits: int
    at: datetime
    expires_at: datetime | None


def accounts_told_of() -> QuerySet[Any, Any]:
    """Team and account of all that the hub has told of since they were last compared with the ledger."""
    looked_at = AccountBalance.objects.filter(account=OuterRef("account")).values("looked_at")
    told = Key.objects.filter(told_balance__isnull=False, account__isnull=False).annotate(looked_at=Subquery(looked_at))
    newer = told.filter(Q(looked_at=None) | Q(told_at__gt=F("looked_at")))
    return newer.order_by().values_list("team", "account").distinct()


def told_of(keys: Iterable[Key]) -> Told | None:
    """The hub's last word on the account of these keys."""
    told = [key for key in keys if key.told_at and key.told_balance is not None]
    if not told:
        return None
    key = max(told, key=lambda one: one.told_at)  # type: ignore[arg-type,return-value]
    return Told(key, key.told_balance, key.told_at, key.next_expiration)  # type: ignore[arg-type]


def skip(account: uuid.UUID, told: Told) -> None:
    """Compare nothing this time: the account's work is on its way."""
    AccountBalance.objects.filter(account=account, looked_at__lt=told.at).update(looked_at=told.at)


@transaction.atomic
def reconcile(team: Team, account: uuid.UUID, keys: Sequence[Key], told: Told, *, in_doubt: bool) -> LedgerEntry | None:
    """Compare the hub's word with the ledger. Returns the entry for what moved outside, if anything did.

    keys      all that ever belonged to this account of the team
    in_doubt  whether nobody can tell if the hub charged for some work: then a difference is told, and not booked

    Called for an account of whose work nothing was on its way when the hub was asked. Two workers may come to the
    same: one waits for the other, and finds it done.
    """
    team.lock()
    row = AccountBalance.objects.select_for_update().filter(account=account).first()
    if row is None:
        if not in_doubt:
            _begin(team, account, told)
        return None
    if told.at <= row.looked_at:
        return None
    row.looked_at = told.at
    row.difference = row.balance - _entries_between(keys, row.told_at, told.at) - told.credits
    row.same_as = _moves_alike(row, told) if row.difference and not in_doubt else None
    entry = None
    if not in_doubt and not row.same_as:
        entry = _write(row, told) if row.difference else None
        row.balance, row.told_at, row.expires_at, row.difference = told.credits, told.at, told.expires_at, 0
    row.save()
    return entry


def _begin(team: Team, account: uuid.UUID, told: Told) -> None:
    AccountBalance.objects.create(
        account=account,
        team=team,
        balance=told.credits,
        told_at=told.at,
        expires_at=told.expires_at,
        looked_at=told.at,
    )


def _write(row: AccountBalance, told: Told) -> LedgerEntry:
    """Write down what moved: more than before was bought; what is gone at the hour of an expiry has expired."""
    kind = EntryKind.TOPUP if row.difference < 0 else EntryKind.OUTSIDE
    if row.difference > 0 and row.expires_at and row.told_at < row.expires_at <= told.at:
        kind = EntryKind.EXPIRY
    return LedgerEntry.objects.record_outside(
        row.team, told.key, kind, row.difference, since=row.told_at, until=told.at, balance=told.credits
    )


def _entries_between(keys: Iterable[Key], after: datetime, until: datetime) -> int:
    entries = LedgerEntry.objects.filter(key__in=keys, written_at__gt=after, written_at__lte=until)
    return int(entries.aggregate(credits=Sum("credits", default=0))["credits"])


# Two keys, one account --------------------------------------------------------------------------------------------


def _moves_alike(row: AccountBalance, told: Told) -> uuid.UUID | None:
    """Another account of the team that had the same balance when this one was last right, and has the same now.

    Then what is missing here is what was spent there, or outside of both, and they may be one account.
    """
    others = AccountBalance.objects.filter(team=row.team_id).exclude(
        Q(account=row.account) | Q(account__in=row.apart_from)
    )
    for other in others:
        keys = list(Key.objects.filter(team=row.team_id, account=other.account))
        last = told_of(keys)
        if last is None or last.credits != told.credits:
            continue
        before = last.credits + _entries_between(keys, row.told_at, last.at)
        if row.balance in (before, other.balance):
            return other.account
    return None


@transaction.atomic
def join_accounts(team: Team, account: uuid.UUID, other: uuid.UUID, *, actor: Actor) -> bool:
    """Somebody knows that the keys of both are of one account at the hub: from now on its balance counts once.

    False where there is nothing to join.
    """
    team.lock()
    keys = Key.objects.filter(team=team, account__in=(account, other))
    if keys.values("account").distinct().count() < 2:
        return False
    names = ", ".join(str(key) for key in keys.order_by("added_at"))
    keys.update(account=account, shares_account=True)
    # Compared anew from the hub's next word on: until now each knew a half of what was spent.
    AccountBalance.objects.filter(account__in=(account, other)).delete()
    AuditEntry.objects.record(team, UsageAction.ACCOUNTS_JOINED, actor=actor, keys=names)
    return True


@transaction.atomic
def keep_accounts_apart(team: Team, account: uuid.UUID, other: uuid.UUID, *, actor: Actor) -> bool:
    """Somebody knows that they are two accounts, however alike they move: it isn't asked again.

    False where nobody asks.
    """
    team.lock()
    rows = list(AccountBalance.objects.select_for_update().filter(team=team, account__in=(account, other)))
    asked = [row for row in rows if row.same_as]
    for row in rows:
        row.apart_from = sorted({*row.apart_from, str(other if row.account == account else account)})
        row.same_as = None
        row.save(update_fields=["apart_from", "same_as"])
    if asked:
        AuditEntry.objects.record(team, UsageAction.ACCOUNTS_APART, actor=actor)
    return bool(asked)


@transaction.atomic
def separate_account(key: Key, *, actor: Actor) -> bool:
    """This key belongs to another account at the hub than it was thought to. False where it shares none."""
    key.team.lock()
    key.refresh_from_db()
    others = Key.objects.filter(team=key.team_id, account=key.account).exclude(pk=key.pk)
    if key.account is None or not others.exists():
        return False
    AccountBalance.objects.filter(account=key.account).delete()
    if others.count() == 1:
        others.update(shares_account=False)
    key.account, key.shares_account = uuid.uuid4(), False
    key.save(update_fields=["account", "shares_account"])
    AuditEntry.objects.record(key.team, UsageAction.ACCOUNTS_SEPARATED, key, actor=actor)
    return True
