"""The team that is measured: twenty people, three keys and four models."""

from dataclasses import dataclass

from hubportal.accounts.models import User
from hubportal.audit.actor import SITE
from hubportal.hub.records import Balance
from hubportal.keys.models import Key
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from hubportal.teams.teams import start_team

PEOPLE, CREDITS = 20, 10_000_000
# With how many of a hundred generations go to each.
MODELS = {"gpt-image-2": 70, "nanobanana": 20, "seedream-4": 8, "flux-2-pro": 2}
KEY_SHARES = (60, 30, 10)


@dataclass(frozen=True, slots=True)
class ScaleTeam:
    team: Team
    people: list[User]
    keys: list[Key]

    @property
    def reader(self) -> User:
        """Who opens the pages: somebody with an ordinary share of the work."""
        return self.people[4]


def make_scale_team() -> ScaleTeam:
    people = [User.objects.create_user(f"p{number}@example.org", name=f"Person {number}") for number in range(PEOPLE)]
    for person in people:
        person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    team = start_team("Scale", people[0], actor=SITE)
    Membership.objects.bulk_create(Membership(team=team, user=one, role=Role.ADMIN) for one in people[1:])
    keys = [
        Key.objects.create_checked(
            team, label=f"Key {number}", secret=f"gih_live_{number:032x}", added_by=people[0],
            balance=Balance(CREDITS, "PRO", None),
        )
        for number in range(len(KEY_SHARES))
    ]  # fmt: skip
    return ScaleTeam(team, people, keys)
