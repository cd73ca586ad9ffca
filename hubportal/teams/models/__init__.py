"""Teams, who is in them, who was asked to come, and what was done."""

from hubportal.teams.models.invitation import Invitation
from hubportal.teams.models.membership import Membership
from hubportal.teams.models.team import Team

__all__ = ["Invitation", "Membership", "Team"]
