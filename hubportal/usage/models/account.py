"""What an account at the hub had when the ledger was last found to agree with it.

Keys whose `account` is the same belong to one account: its balance is counted once.
"""

import uuid

from django.db import models

from hubportal.teams.models import Team


class AccountBalance(models.Model):
    """From here on the hub's balance and the ledger must move alike (usage/reconciliation.py).

    account    what `Key.account` says
    balance    credits that the hub told of, with every entry of the account until `told_at` accounted for
    told_at    when the hub was asked for it (UTC)
    expires_at when credits were to expire, as the hub said then
    difference credits that the last look could not explain, nor book: some work is in doubt, or two accounts may be
               one; 0 where the two agree
    looked_at  when they were last compared: the hub's word of then is `told_at` of a key
    same_as    another account of the team that moves alike, so that they may be one; None where none does
    apart_from those that people said are others, whatever they look like
    """

    account = models.UUIDField(primary_key=True, default=uuid.uuid4)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    balance = models.IntegerField()
    told_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    difference = models.IntegerField(default=0)
    looked_at = models.DateTimeField()
    same_as = models.UUIDField(null=True)
    apart_from = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.balance} credits at {self.told_at:%Y-%m-%d %H:%M}"
