"""What people see of a team's generations, and what the worker has before it; the transitions are in generation.py."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from hubportal.generations.states import State, Visibility
from hubportal.keys.models import Key
from hubportal.listing.search.documents import SearchedQuerySet
from hubportal.teams.models import Membership


class GenerationLists[M: models.Model](SearchedQuerySet[M]):
    def visible_to(self, membership: Membership) -> Self:
        """What this person may see in this team: private work is its author's alone."""
        return self.visible_in(membership.team_id, membership.user_id)

    def visible_in(self, team: Any, user: Any) -> Self:
        """The same by the ids of team and person, or by Parameters for them."""
        return self.filter(Q(visibility=Visibility.TEAM) | Q(author=user), team=team)

    def newest(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def for_cards(self) -> Self:
        """With all that a card or a row of the history shows, in a fixed number of queries."""
        related = self.select_related("author", "key", "project", "team")
        return related.prefetch_related("images", "references", "retries")

    def for_history(self) -> Self:
        """With what tells whether a row of the history was rendered before, and what its search asks of it."""
        columns = ("version", "team", "state", "visibility", "model", "created_at", "finished_at", "returned")
        named = ("author__name", "author__email", "key__label", "project__name")
        return self.select_related("author", "key", "project").only(*columns, *named)

    def open(self) -> Self:
        """Those that have not ended; an index holds these alone, so every query of the worker begins here."""
        return self.filter(finished_at=None)

    def due_to_send(self, now: datetime) -> Self:
        return self.open().filter(state=State.WAITING, due_at__lte=now)

    def lost_while_sending(self, now: datetime) -> Self:
        """Those whose worker died, or lost its way, between writing `sending` and writing the answer."""
        return self.open().filter(state=State.SENDING, lease_until__lt=now)

    def in_flight(self) -> Self:
        """Those the hub has to do with now: being sent, or made."""
        return self.open().filter(state__in=(State.SENDING, State.RUNNING), answered_at=None)

    def count_in_flight(self, key: Key) -> int:
        """How many the hub has of this key. Counted among all that are in flight, which are few at any time."""
        return list(self.in_flight().values_list("key", flat=True)).count(key.pk)
