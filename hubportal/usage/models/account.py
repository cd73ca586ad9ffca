"""What an account at the hub had when the ledger was last found to agree with it.

Keys whose `account` is the same belong to one account: its balance is counted once.
"""

import uuid

from django.db import models

from hubportal.teams.models import Team


class AccountBalance(models.Model):
    """From here on the hub's balance and the ledger must move alike (usage/reconciliation.py).

    account    what `Key.account` says
    balance    credits that the hub told of, with every entry of the account up to `entry_id` accounted for
    told_at    when the hub was asked for it (UTC)
    expires_at when credits were to expire, as the hub said then
    entry_id   the last ledger entry that is part of it; 0 before there was any
    difference credits that the last look could not explain, nor book yet; 0 where the two agree
    looked_at  when they were last compared
    """

    account = models.UUIDField(primary_key=True, default=uuid.uuid4)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    balance = models.IntegerField()
    told_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField(default=0)
    difference = models.IntegerField(default=0)
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.balance} credits at {self.told_at:%Y-%m-%d %H:%M}"
