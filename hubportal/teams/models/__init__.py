"""Teams, their members, and invitations."""

from hubportal.teams.models.invitation import Invitation
from hubportal.teams.models.membership import Membership
from hubportal.teams.models.team import Team

__all__ = ["Invitation", "Membership", "Team"]
