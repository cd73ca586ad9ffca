"""What the hub says each account has against what the ledger says, as the usage page shows it to admins."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Abs
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.compiled_query import CompiledQuery
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.budget_check import first_of_month
from hubportal.usage.credits import with_credits
from hubportal.usage.models import AccountBalance, EntryKind, LedgerEntry
from hubportal.usage.periods import Period
from hubportal.usage.reconciliation import told_of
from hubportal.usage.wording import credits_in_words

# More movements than this are read in the file.
MAX_MOVEMENTS = 50
# On paper, so that a month with all that moved outside fits on one sheet.
PRINTED_ACCOUNTS, PRINTED_MOVEMENTS = 2, 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """One account: its keys that serve, what the hub told last and when (UTC), and what is missing or over.

    difference  credits that are gone from the hub and not in the ledger; with a minus, more than the ledger knows of
    shared      the keys themselves, where there are several
    same_as     the keys of another account that may be this one, where people are to say so
    """

    account: uuid.UUID
    keys: str
    told: int
    told_at: datetime | None
    difference: int
    shared: Sequence[Key] = ()
    same_as: str = ""
    other: uuid.UUID | None = None

    @property
    def agrees(self) -> bool:
        """Whether there is nothing to explain, nor to answer."""
        return not (self.difference or self.same_as)

    @property
    def sentence(self) -> str:
        """How the two agree."""
        if self.same_as:
            return _(
                "Its balance is the same as that of {other}, and moves with it: they may be keys of one account at the "
                "hub, whose credits would be counted twice."
            ).format(other=self.same_as)
        if not self.difference:
            return _("The ledger agrees with the hub.")
        if self.difference > 0:
            return _(
                "The hub has {credits} less than the ledger says. A picture that is in doubt may have cost them; once "
                "somebody has settled it, what is left over is written down as spent outside."
            ).format(credits=credits_in_words(self.difference))
        return _(
            "The hub has {credits} more than the ledger says. They may belong to a picture that is in doubt; once "
            "somebody has settled it, what is left over is written down as bought."
        ).format(credits=credits_in_words(-self.difference))


def _in_account(column: str) -> Subquery:
    rows = AccountBalance.objects.filter(account=OuterRef("account"), team=OuterRef("team"))
    return Subquery(rows.values(column))


_FIND_KEYS = CompiledQuery(
    lambda: with_credits(Key.objects.order_by("-is_default", "position", "added_at")).annotate(
        account_balance=_in_account("balance"),
        account_told_at=_in_account("told_at"),
        account_difference=_in_account("difference"),
        account_same_as=_in_account("same_as"),
    )
)


def keys_with_accounts(team: Team) -> list[Any]:
    """All keys that the team ever had, in its order, `with_credits` and what their accounts were compared with.

    One query, since the usage page shows all of that.
    """
    return _FIND_KEYS.all(team=team.pk, month=first_of_month(team))


def comparisons_of(keys: Iterable[Any]) -> list[Comparison]:
    """One for each account of these keys (`keys_with_accounts`) that was compared with the ledger, in their order."""
    by_account: dict[uuid.UUID, list[Any]] = {}
    for key in keys:
        if not key.removed_at and key.account_balance is not None:
            by_account.setdefault(key.account, []).append(key)
    return [_compare(found, by_account) for found in by_account.values()]


def _compare(keys: Sequence[Any], by_account: Mapping[uuid.UUID, Sequence[Any]]) -> Comparison:
    told, of_account = told_of(keys), keys[0]
    same = by_account.get(of_account.account_same_as, [])
    return Comparison(
        account=of_account.account,
        keys=_names(keys),
        told=told.credits if told else of_account.account_balance,
        told_at=told.at if told else of_account.account_told_at,
        difference=of_account.account_difference,
        shared=keys if len(keys) > 1 else (),
        same_as=_names(same),
        other=of_account.account_same_as if same else None,
    )


def _names(keys: Sequence[Key]) -> str:
    return ", ".join(str(key) for key in keys)


def drift() -> int:
    """Credits, over all teams, by which hub and ledger differ without an entry that explains it (either way)."""
    found = AccountBalance.objects.aggregate(sum=Sum(Abs(F("difference")), default=0))
    return int(found["sum"])


@dataclass(frozen=True, slots=True)
class Movement:
    """What moved on an account outside this site: the sentence has places for `since` and `until` (UTC)."""

    words: str
    since: datetime
    until: datetime
    credits: int


def movements_of(team: Team, period: Period) -> list[Movement]:
    """What moved outside in these days, the newest first."""
    entries = LedgerEntry.objects.filter(team=team, generation_id=None, day__range=(period.first, period.last))
    return [
        Movement(_words(entry), entry.since or entry.written_at, entry.written_at, entry.credits)
        for entry in entries.select_related("key").order_by("-day", "-pk")[:MAX_MOVEMENTS]
    ]


def on_paper(comparisons: Sequence[Comparison], movements: Sequence[Movement]) -> dict[str, Any]:
    """What the sheet has of both: accounts that agree as a number, and of the others and of movements the first.

    `accounts_left_out` and `movements_left_out` say in words that there are more.
    """
    differing = [one for one in comparisons if not one.agrees]
    return {
        "agreeing": _agreeing_in_words(len(comparisons) - len(differing)),
        "accounts": {one.account for one in differing[:PRINTED_ACCOUNTS]},
        "accounts_left_out": _accounts_left_out(len(differing) - PRINTED_ACCOUNTS),
        "movements": PRINTED_MOVEMENTS,
        "movements_left_out": _movements_left_out(len(movements)),
    }


def _agreeing_in_words(accounts: int) -> str:
    if not accounts:
        return ""
    return ngettext(
        "On {count} account the ledger agrees with the hub.",
        "On {count} accounts the ledger agrees with the hub.",
        accounts,
    ).format(count=accounts)


def _accounts_left_out(accounts: int) -> str:
    if accounts <= 0:
        return ""
    return ngettext("On {count} account more it differs.", "On {count} accounts more it differs.", accounts).format(
        count=accounts
    )


def _movements_left_out(found: int) -> str:
    more = found - PRINTED_MOVEMENTS
    if more <= 0:
        return ""
    if found == MAX_MOVEMENTS:
        return _("{count} movements or more before that are in the CSV.").format(count=more)
    return ngettext(
        "{count} movement before that is in the CSV.", "{count} movements before that are in the CSV.", more
    ).format(count=more)


def _words(entry: LedgerEntry) -> str:
    credits = abs(entry.credits)
    number = credits_in_words(credits)
    if entry.kind == EntryKind.TOPUP:
        sentence = ngettext(
            "{credits} was added to the account of {key}.", "{credits} were added to the account of {key}.", credits
        )
    elif entry.kind == EntryKind.EXPIRY:
        sentence = ngettext(
            "{credits} expired on the account of {key}.", "{credits} expired on the account of {key}.", credits
        )
    elif entry.credits < 0:
        sentence = ngettext(
            "{credits} came back to the account of {key} outside Hubportal.",
            "{credits} came back to the account of {key} outside Hubportal.",
            credits,
        )
    else:
        sentence = ngettext(
            "{credits} was spent with {key} outside Hubportal.",
            "{credits} were spent with {key} outside Hubportal.",
            credits,
        )
    return sentence.format(credits=number, key=entry.key)
