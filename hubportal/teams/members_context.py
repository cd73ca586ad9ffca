"""What the members page shows: who is in the team, who was asked to come, who came, and what each role may do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hubportal.accounts.models import User
from hubportal.teams.invitation_links import link_to
from hubportal.teams.models import Invitation, Membership, Team
from hubportal.teams.models.invitation import InvitationStatus
from hubportal.teams.permissions import GIVEN_ROLES, ROLE_PERMISSIONS, Permission, Role
from hubportal.teams.wording import Said, how_it_stands

TAKEN_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the team, and what the one who looks at the page may do about them."""

    membership: Membership
    is_you: bool
    roles: list[Role]  # that may be given to them, with the one they have; empty where it can't be changed
    removable: bool
    offered_until: datetime | None
    may_be_offered: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation nobody has taken yet. `link` is for whoever looks at the page; empty where it would not work."""

    invitation: Invitation
    standing: InvitationStatus
    said: Said
    link: str


def roster(you: Membership) -> dict[str, Any]:
    """The context of the members page for one who looks after members."""
    people = list(you.team.memberships.select_related("user").order_by("user__name", "user__email"))
    owners = {person.user_id for person in people if person.role == Role.OWNER}
    return {
        "people": [_person(person, you, owners) for person in people],
        "asked": [_asked(invitation, you.user) for invitation in _waiting(you.team)],
        "taken": _taken(you.team),
        "roles": list(Role),
        "acts": role_table(),
    }


def role_table() -> list[tuple[Permission, list[bool]]]:
    """Each thing there is to do, and whether each role may, in the order of Role."""
    return [(act, [role in ROLE_PERMISSIONS[act] for role in Role]) for act in Permission]


def _person(membership: Membership, you: Membership, owners: set[int]) -> Person:
    is_owner, last_owner = membership.role == Role.OWNER, owners == {membership.user_id}
    manageable = you.can_manage(membership) and not last_owner
    offered_until = membership.offer_ends_at if membership.ownership_offered_by_id in owners else None
    return Person(
        membership,
        is_you=membership == you,
        roles=[*([Role.OWNER] if is_owner else []), *GIVEN_ROLES] if manageable else [],
        removable=manageable and membership != you,
        offered_until=offered_until,
        may_be_offered=you.has_permission(Permission.OWN) and not is_owner and offered_until is None,
    )


def _waiting(team: Team) -> list[Invitation]:
    pending = Invitation.objects.filter(team=team).pending().with_vouched()
    return list(pending.select_related("invited_by").order_by("-expires_at", "email"))


def _asked(invitation: Invitation, you: User) -> Asked:
    standing = invitation.status
    link = link_to(invitation, copied_by=you) if standing is InvitationStatus.OPEN else ""
    return Asked(invitation, standing, how_it_stands(invitation, standing), link)


def _taken(team: Team) -> list[Invitation]:
    taken = Invitation.objects.filter(team=team).exclude(accepted_at=None)
    return list(taken.select_related("accepted_by", "invited_by").order_by("-accepted_at")[:TAKEN_SHOWN])
