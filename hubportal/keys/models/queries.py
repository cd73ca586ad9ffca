"""What is asked of many keys at once, and how one begins: added, or put in another's place."""

from typing import TYPE_CHECKING

from django.db import models, transaction

from hubportal.accounts.models import User
from hubportal.encryption import encrypt, fingerprints
from hubportal.hub.records import Balance
from hubportal.teams.models import Team

if TYPE_CHECKING:
    from hubportal.keys.models.key import Key

# A key that was refused, or does not open, is not sent with; the hub's words are in hub-api.md, Errors.
DEAD_CODES = ("invalidApiKey", "expiredApiKey", "missingApiKey", "decryptionFailed")


class KeyQuerySet(models.QuerySet["Key"]):
    def present(self) -> "KeyQuerySet":
        """Keys whose secret is still here, the default first, then in the team's order.

        Retiring ones are among them: work in flight ends with them.
        """
        return self.filter(removed_at=None).order_by("-is_default", "position", "added_at")

    def serving(self) -> "KeyQuerySet":
        """The team's keys as people know them: those that are neither removed nor retiring."""
        return self.present().filter(retiring_since=None)

    def retiring(self) -> "KeyQuerySet":
        """Keys that only wait for their work in flight to end, the oldest first."""
        return self.present().filter(retiring_since__isnull=False).order_by("retiring_since", "pk")

    def usable(self) -> "KeyQuerySet":
        """Keys that new work may be sent with."""
        return self.serving().filter(paused_at=None).exclude(problem__in=DEAD_CODES)

    def in_turn(self, team_id: int, price: int | None) -> list["Key"]:
        """The keys that work of this price (credits) may be sent with, in the order they are to be tried.

        Default and order are the team's; a key known to be short goes behind one that is not. What is known may
        be old, so a short key still serves where there is no other: the hub has the last word.
        """
        keys = list(self.usable().filter(team=team_id))
        return sorted(keys, key=lambda key: key.is_short_of(price))

    def lock_in_turn(self, team_id: int, price: int | None) -> list["Key"]:
        """The same, locked until the transaction ends: whoever counts a key's work in flight counts alone."""
        # In the order of their ids, so that two who lock the same keys never wait for each other.
        locked = self.filter(team=team_id, removed_at=None).select_for_update(no_key=True).order_by("pk")
        usable = [key for key in locked if key.is_usable]
        return sorted(usable, key=lambda key: (key.is_short_of(price), not key.is_default, key.position, key.added_at))

    @transaction.atomic
    def add(self, team: Team, *, label: str, secret: str, added_by: User | None, balance: Balance) -> "Key":
        """Seal a checked secret into a new key; the team's first becomes its default.

        Raises IntegrityError when the team has this secret already.
        """
        team.lock()
        key = self._sealed(team, secret, label=label, added_by=added_by)
        others = self.filter(team=team)
        key.is_default = not others.filter(is_default=True).exists()
        key.position = others.count()
        key.take(balance)
        key.save(force_insert=True)
        return key

    @transaction.atomic
    def replace(self, old: "Key", *, secret: str, added_by: User | None, balance: Balance) -> "Key":
        """Put a checked secret in the place of an old key, which retires; label, place and default pass on.

        Raises Key.DoesNotExist when the old one is not serving any more, IntegrityError when the team has this
        secret already.
        """
        old.team.lock()
        old = self.serving().get(pk=old.pk)
        new = self._sealed(old.team, secret, label=old.label, added_by=added_by)
        new.is_default, new.position = old.is_default, old.position
        new.take(balance)
        old.begin_retiring()
        new.save(force_insert=True)
        return new

    def _sealed(self, team: Team, secret: str, *, label: str, added_by: User | None) -> "Key":
        key = self.model(team=team, label=label, last_four=secret[-4:], added_by=added_by)
        key.sealed = encrypt(secret, key.identity)
        key.fingerprint = fingerprints(secret, team.pk)[0]
        return key

    def with_secret(self, secret: str, team: Team) -> "Key | None":
        """The team's key with this secret, if it has one."""
        return self.present().filter(team=team, fingerprint__in=fingerprints(secret, team.pk)).first()
