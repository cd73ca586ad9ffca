"""Events that the tests declare, as rooms above will: what is told of a budget."""

from django.utils.translation import gettext_lazy as _

from hubportal.notifications.events import Channel, Event, declare_event
from hubportal.teams.permissions import Permission

BUDGET_NEAR = declare_event(
    Event(
        code="test.budget_near",
        label=_("A budget is nearly spent"),
        reason=_("You get this because you look after the team."),
        headline=lambda facts: f"{facts['name']} is at {facts['share']} %",
        text=lambda facts: f"{facts['left']} credits are left.",
        channels=frozenset({Channel.BAR, Channel.EMAIL}),
        permission=Permission.MANAGE_TEAM,
    )
)
BUDGET_ASKED = declare_event(
    Event(
        code="test.budget_answered",
        label=_("Your asking for more was answered"),
        reason=_("You get this because you asked for more."),
        headline=lambda facts: f"{facts['name']} was raised",
        channels=frozenset({Channel.EMAIL}),
    )
)
