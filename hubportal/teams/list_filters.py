"""The filters of a team's lists: who can be asked for."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from hubportal.accounts.models import User
from hubportal.listing.filters import ListFilterForm
from hubportal.teams.models import Membership


class TeamFilterForm(ListFilterForm):
    """Offers the team's people, and whoever the address names if they have something in this list.

    So somebody who left can still be asked for, and somebody elsewhere is not named. Subclasses say which `rows`
    these are, and which field of them tells who made one.
    """

    rows: type[Model]
    made_by = "author"
    other_people: tuple[tuple[str, Any], ...] = ()

    def __init__(self, membership: Membership, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.membership = membership
        field: Any = self.fields["person"]
        field.offer(self._people(), membership.user_id, *self.other_people)

    def _people(self) -> QuerySet[User]:
        team = self.membership.team_id
        here = Q(pk__in=Membership.objects.filter(team=team).values("user"))
        if asked := self.person_asked_for():
            made = self.rows._default_manager.filter(team=team, **{self.made_by: OuterRef("pk")})
            here |= Q(Exists(made), pk=asked)
        return User.objects.filter(here).order_by("name", "email")
