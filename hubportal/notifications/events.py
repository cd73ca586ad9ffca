"""What there is to tell people of. Each room declares its own in its module `notification_events`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hubportal.teams.permissions import Permission

type Facts = Mapping[str, Any]


class Channel(models.TextChoices):
    """The ways by which a person is told."""

    BAR = "bar", _("In the bar")
    EMAIL = "email", _("Email")
    PUSH = "push", _("Browser")


def offered_channels() -> list[Channel]:
    """Those of this site: browsers are told where it has a key that push services know it by."""
    return [channel for channel in Channel if channel is not Channel.PUSH or settings.VAPID_PRIVATE_KEY]


def _no_text(_facts: Facts) -> str:
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """A kind of thing that people are told of.

    code        what rows know it by: the subject, a dot, what happened; at most 40 characters
    label       what it is, on the page where people choose: "A key stopped working"; "" where there is no choice
    reason      why somebody gets an e-mail about it, a whole sentence
    headline    what happened, from the facts, in a few words without a full stop
    text        more about it from the facts, whole sentences; "" for nothing
    details     all of it from the facts, in lines, for e-mails alone; "" for nothing
    channels    by which ways somebody is told who has not chosen otherwise
    unasked     the permission of those who are told so without having chosen; None for everybody who may know it
    for_team    whether a team may have it posted to a channel of its own
    permission  who is told: members whose role has it, also at the moment of sending
    """

    code: str
    label: object
    reason: object
    headline: Callable[[Facts], str]
    text: Callable[[Facts], str] = _no_text
    details: Callable[[Facts], str] = _no_text
    channels: frozenset[Channel] = frozenset({Channel.BAR})
    unasked: Permission | None = None
    permission: Permission = Permission.LOOK
    for_team: bool = False


EVENTS: dict[str, Event] = {}


def team_events() -> list[Event]:
    """What a team may have posted to a channel of its own."""
    return [event for event in EVENTS.values() if event.for_team]


def declare_event(event: Event) -> Event:
    """Make an event known to the page of choices and to the worker."""
    EVENTS[event.code] = event
    return event
