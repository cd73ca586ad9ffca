"""What this room itself tells of: what happens in the teams' room, which is below and can't."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.notifications.events import Event, Facts, declare_event
from hubportal.teams.permissions import Permission


def _headline(facts: Facts) -> str:
    return _("{name} took your invitation").format(name=facts["name"])


def _text(facts: Facts) -> str:
    return _("It had gone to {email}.").format(email=facts["email"])


INVITATION_TAKEN = declare_event(
    Event(
        code="invitation.taken",
        label=gettext_lazy("Somebody takes your invitation"),
        reason=gettext_lazy("You get this because you sent the invitation."),
        headline=_headline,
        text=_text,
        permission=Permission.MANAGE_MEMBERS,
    )
)


def _channel_added(facts: Facts) -> str:
    return _("{name} has this channel told of the team").format(name=facts["name"])


# Posted to the channel itself, and told to nobody.
CHANNEL_ADDED = declare_event(
    Event(
        code="channel.added",
        label="",
        reason="",
        headline=_channel_added,
        channels=frozenset(),
        permission=Permission.MANAGE_TEAM,
    )
)
